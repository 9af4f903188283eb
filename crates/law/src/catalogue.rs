//! The catalogue: all packs in force, checked together, looked up by id.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::check::Checker;
use crate::{
    ActivityDef, Faults, GroupDef, MannerDef, ObjectDef, Pack, RoleDef, SourceDef, TileDef,
};

/// A pack as text: the name of its folder and its files (name, content). `pack.toml` must be there; `activities.toml`,
/// `roles.toml` and `forms.toml` may.
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
    shipped!("casework": "activities.toml", "pack.toml", "roles.toml"),
    shipped!("interference": "activities.toml", "forms.toml", "pack.toml"),
];

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
        let mut checker = Checker::default();
        for pack in packs {
            checker.read(pack);
        }
        checker.finish()
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
}
