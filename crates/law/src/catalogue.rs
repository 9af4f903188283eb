//! The catalogue: all packs in force, checked together, looked up by id.

use std::collections::HashMap;
use std::sync::LazyLock;

use model::Activity;

use crate::check::Checker;
use crate::rule::{AttributeDef, Rule, ViolationDef};
use crate::{
    ActivityDef, Faults, GroupDef, KeyStepDef, MannerDef, ObjectDef, OverlayDef, Pack, RoleDef,
    Separation, SourceDef, TableDef, Text, TileDef,
};

/// A pack as text: the name of its folder and its files (name, content). `pack.toml` must be there; the others of
/// `docs/packs.md` may.
#[derive(Clone, Copy, Debug)]
pub struct PackText<'a> {
    /// Name of the folder.
    pub folder: &'a str,
    /// Files by name.
    pub files: &'a [(&'a str, &'a str)],
}

/// All packs in force.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    pub(crate) packs: Vec<Pack>,
    pub(crate) sources: Vec<SourceDef>,
    pub(crate) objects: Vec<ObjectDef>,
    pub(crate) groups: Vec<GroupDef>,
    pub(crate) roles: Vec<RoleDef>,
    pub(crate) activities: Vec<ActivityDef>,
    pub(crate) tiles: Vec<TileDef>,
    pub(crate) manners: Vec<MannerDef>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) violations: Vec<ViolationDef>,
    pub(crate) attributes: Vec<AttributeDef>,
    pub(crate) tables: Vec<TableDef>,
    pub(crate) overlays: Vec<OverlayDef>,
    pub(crate) exemption: Option<(Activity, String)>,
    pub(crate) steps: Vec<KeyStepDef>,
    pub(crate) separation: Option<Separation>,
    /// Position in `rules` of the newest version.
    pub(crate) rule_at: HashMap<Box<str>, usize>,
    /// Position in `activities`: the one lookup that every event makes.
    pub(crate) activity_at: HashMap<Box<str>, usize>,
}

macro_rules! shipped {
    ($folder:literal: $($file:literal),+) => {
        PackText {
            folder: $folder,
            files: &[$(($file, include_str!(concat!("../../../packs/", $folder, "/", $file)))),+],
        }
    };
}

/// The packs of this repository, as they were when it was built.
const SHIPPED: &[PackText<'static>] = &[
    shipped!("node": "activities.toml", "pack.toml", "roles.toml"),
    shipped!(
        "casework": "activities.toml", "attributes.toml", "pack.toml", "roles.toml", "rules-administrative.toml",
        "rules-common.toml", "rules-criminal.toml", "rules-violations.toml", "steps.toml", "tables.toml"
    ),
    shipped!("interference": "activities.toml", "forms.toml", "pack.toml"),
];

/// The packs that come with the program, as text: for whoever reads them together with packs of his own.
pub fn shipped_packs() -> &'static [PackText<'static>] {
    SHIPPED
}

impl Catalogue {
    /// The packs that come with the program. Read and checked once.
    pub fn shipped() -> &'static Self {
        static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
            Catalogue::parse(SHIPPED).expect("the shipped packs are checked by the tests")
        });
        &CATALOGUE
    }

    /// Reads packs and checks them as a whole. Every fault is reported, not only the first; with any fault there is no
    /// catalogue.
    pub fn parse(packs: &[PackText<'_>]) -> Result<Self, Faults> {
        Self::parse_with(packs, &[])
    }

    /// The same with the overlays of a place: name and text of each file of the folder `overlay/`.
    ///
    /// The traces that a rule carries are those of its pack: they hold for what [`Catalogue::parse`] gives, not for limits
    /// that an overlay changed.
    pub fn parse_with(packs: &[PackText<'_>], overlays: &[(&str, &str)]) -> Result<Self, Faults> {
        let mut checker = Checker::default();
        for pack in packs {
            checker.read(pack);
        }
        checker.finish(overlays)
    }

    /// The activity of that id.
    pub fn activity(&self, id: &str) -> Option<&ActivityDef> {
        self.activity_at.get(id).map(|at| &self.activities[*at])
    }

    /// All activities, pack by pack and in the order of the files, which is by group.
    pub fn activities(&self) -> &[ActivityDef] {
        &self.activities
    }

    /// The role of that id.
    pub fn role(&self, id: &str) -> Option<&RoleDef> {
        self.roles.iter().find(|r| r.id.as_str() == id)
    }

    /// All roles: those of the software (pack `node`) and those of the law (pack `casework`).
    pub fn roles(&self) -> &[RoleDef] {
        &self.roles
    }

    /// The object type of that id.
    pub fn object(&self, id: &str) -> Option<&ObjectDef> {
        self.objects.iter().find(|o| o.id.as_str() == id)
    }

    /// All object types.
    pub fn objects(&self) -> &[ObjectDef] {
        &self.objects
    }

    /// The group of that id.
    pub fn group(&self, id: &str) -> Option<&GroupDef> {
        self.groups.iter().find(|g| g.id == id)
    }

    /// All groups of activities.
    pub fn groups(&self) -> &[GroupDef] {
        &self.groups
    }

    /// The tile of that id.
    pub fn tile(&self, id: &str) -> Option<&TileDef> {
        self.tiles.iter().find(|t| t.id == id)
    }

    /// The tiles of “问了什么”, by digit.
    pub fn tiles(&self) -> &[TileDef] {
        &self.tiles
    }

    /// The manner of that id.
    pub fn manner(&self, id: &str) -> Option<&MannerDef> {
        self.manners.iter().find(|m| m.id == id)
    }

    /// The manners in which somebody may have inquired.
    pub fn manners(&self) -> &[MannerDef] {
        &self.manners
    }

    /// The source of that code.
    pub fn source(&self, code: &str) -> Option<&SourceDef> {
        self.sources.iter().find(|s| s.code == code)
    }

    /// All sources.
    pub fn sources(&self) -> &[SourceDef] {
        &self.sources
    }

    /// The packs, in the order in which they were given.
    pub fn packs(&self) -> &[Pack] {
        &self.packs
    }

    /// All rules in all versions, pack by pack and in the order of the files. Those that an overlay turned off are among
    /// them: see [`Catalogue::off`].
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The newest version of the rule of that id.
    pub fn rule(&self, id: &str) -> Option<&Rule> {
        self.rule_at.get(id).map(|at| &self.rules[*at])
    }

    /// Why the place turned that rule off, where it did. It is not run, and yet shown.
    pub fn off(&self, rule: &str) -> Option<&Text> {
        let mut of_rule = self.overlays.iter().filter(|o| o.rule.as_str() == rule);
        of_rule.find_map(|o| o.off.as_ref())
    }

    /// What the place changed in rules.
    pub fn overlays(&self) -> &[OverlayDef] {
        &self.overlays
    }

    /// All kinds of violation.
    pub fn violations(&self) -> &[ViolationDef] {
        &self.violations
    }

    /// The kind of violation of that id.
    pub fn violation(&self, id: &str) -> Option<&ViolationDef> {
        self.violations.iter().find(|v| v.id == id)
    }

    /// All attributes that guards may use.
    pub fn attributes(&self) -> &[AttributeDef] {
        &self.attributes
    }

    /// The attribute of that id.
    pub fn attribute(&self, id: &str) -> Option<&AttributeDef> {
        self.attributes.iter().find(|a| a.id == id)
    }

    /// The lists that a place fills in.
    pub fn tables(&self) -> &[TableDef] {
        &self.tables
    }

    /// Place of a role in the order of approvers; `None` for a role that has none, or that is unknown.
    pub fn rank(&self, role: &str) -> Option<u8> {
        self.role(role)?.rank
    }

    /// The activity that lifts a rule for the objects that it names, and the attribute that says which rule.
    pub fn exemption(&self) -> Option<(&Activity, &str)> {
        let (activity, attribute) = self.exemption.as_ref()?;
        Some((activity, attribute))
    }
}
