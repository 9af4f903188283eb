//! What the law expects, from TOML to the typed form of [`crate::rule`]: attributes, tables, rules, violations, overlays.
//!
//! A pack is taken whole or not at all (`docs/packs.md`): whatever is unknown, missing or contradictory is a fault with file,
//! line and key, and with any fault there is no catalogue. Nothing here evaluates a rule, so the traces that a rule carries
//! are read and typed here and run elsewhere.

mod check;
mod conflict;
mod diff;
mod guard;
mod limit;
mod overlay;
mod print;
mod read;
mod row;
mod solve;
mod template;
mod typed;

use std::collections::{BTreeMap, BTreeSet};

use toml::de::DeTable;

use crate::read::Lines;
use crate::rule::{AttributeKind, Recording};
use crate::{Catalogue, Fault, Text};

pub use diff::{ChangeKind, FieldChange, RuleChange};
pub(crate) use guard::day;
pub(crate) use limit::grace;
pub use overlay::OverlayDef;

/// Most faults of syntax of one file: after that many it is no TOML at all.
const MOST_SYNTAX: usize = 20;

/// A list of values that a place fills in; one that nobody filled makes the rules that use it *not checkable*.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableDef {
    /// Id, as guards write it after `@`.
    pub id: String,
    /// Pack that defines it.
    pub pack: String,
    /// Its name.
    pub name: Text,
    /// Its values: those of the pack, or those of the overlay that fills it.
    pub values: Vec<String>,
}

/// A file that is read after everything else.
pub(crate) struct Later<'a> {
    pub(crate) pack: String,
    pub(crate) file: String,
    pub(crate) text: &'a str,
    pub(crate) kind: Kind,
}

/// What such a file holds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Attributes,
    Tables,
    Rules,
    /// What a place changes; lies beside the packs.
    Overlay,
}

impl Kind {
    /// By the name of the file.
    pub(crate) fn of(name: &str) -> Option<Self> {
        match name {
            "attributes.toml" => Some(Self::Attributes),
            "tables.toml" => Some(Self::Tables),
            "rules.toml" => Some(Self::Rules),
            _ if name.starts_with("rules-") && name.ends_with(".toml") => Some(Self::Rules),
            _ => None,
        }
    }
}

/// What guards and rules may name.
#[derive(Default)]
struct Names {
    activities: BTreeSet<String>,
    roles: BTreeSet<String>,
    ranked: BTreeSet<String>,
    objects: BTreeSet<String>,
    sources: BTreeSet<String>,
    attributes: BTreeMap<String, AttributeKind>,
    tables: BTreeMap<String, Vec<String>>,
    violations: BTreeSet<String>,
    /// By pack: how long its rules wait for records.
    recording: BTreeMap<String, Recording>,
}

impl Names {
    fn of(catalogue: &Catalogue) -> Self {
        let c = catalogue;
        let ranked = c.roles.iter().filter(|r| r.rank.is_some());
        Self {
            activities: c.activities.iter().map(|a| a.id.to_string()).collect(),
            roles: c.roles.iter().map(|r| r.id.to_string()).collect(),
            ranked: ranked.map(|r| r.id.to_string()).collect(),
            objects: c.objects.iter().map(|o| o.id.to_string()).collect(),
            sources: c.sources.iter().map(|s| s.code.clone()).collect(),
            recording: (c.packs.iter().map(|p| (p.id.clone(), p.recording))).collect(),
            ..Self::default()
        }
    }
}

/// A parsed file and where its lines begin.
struct Parsed<'a> {
    pack: &'a str,
    file: &'a str,
    kind: Kind,
    lines: Lines,
    table: DeTable<'a>,
}

/// Reads what was put off, in the order in which one needs the other, and checks it as a whole.
pub(crate) fn read(
    catalogue: &mut Catalogue,
    later: &[Later<'_>],
    overlays: &[(&str, &str)],
    all: &mut Vec<Fault>,
) {
    let mut faults = Vec::new();
    read_all(catalogue, later, overlays, &mut faults);
    // As one works through a file, not as the checks come.
    faults.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
    all.append(&mut faults);
}

fn read_all(
    catalogue: &mut Catalogue,
    later: &[Later<'_>],
    overlays: &[(&str, &str)],
    faults: &mut Vec<Fault>,
) {
    let before = faults.len();
    let mut names = Names::of(catalogue);
    let files: Vec<Parsed<'_>> = (later.iter())
        .filter_map(|l| {
            let (lines, table) = parse(&l.file, l.text, faults)?;
            Some(Parsed {
                pack: &l.pack,
                file: &l.file,
                kind: l.kind,
                lines,
                table,
            })
        })
        .collect();
    let overlays: Vec<Parsed<'_>> = (overlays.iter())
        .filter_map(|(file, text)| {
            let (lines, table) = parse(file, text, faults)?;
            Some(Parsed {
                pack: "overlay",
                file,
                kind: Kind::Overlay,
                lines,
                table,
            })
        })
        .collect();
    let whole = faults.len() == before;
    read::attributes(&files, catalogue, &mut names, faults);
    read::tables(&files, catalogue, &mut names, faults);
    overlay::tables(&overlays, catalogue, &mut names, faults);
    // What an unreadable file would have named is not unknown: that would only hide the fault itself.
    if !whole {
        return;
    }
    read::violations(&files, catalogue, &mut names, faults);
    let mut places = read::rules(&files, catalogue, &names, faults);
    overlay::apply(&overlays, catalogue, &names, &mut places, faults);
    check::rules(catalogue, &places, faults);
    if faults.len() == before {
        conflict::search(catalogue, &places, faults);
    }
    let rules = catalogue.rules.iter().enumerate();
    for (at, rule) in rules {
        let newest = catalogue
            .rule_at
            .entry(rule.id.as_str().into())
            .or_insert(at);
        if catalogue.rules[*newest].version < rule.version {
            *newest = at;
        }
    }
}

fn parse<'a>(file: &str, text: &'a str, faults: &mut Vec<Fault>) -> Option<(Lines, DeTable<'a>)> {
    let lines = Lines::new(text);
    let (table, errors) = DeTable::parse_recoverable(text);
    if errors.is_empty() {
        return Some((lines, table.into_inner()));
    }
    for e in errors.into_iter().take(MOST_SYNTAX) {
        let (line, what) = crate::read::syntax(&e, text, &lines);
        faults.push(Fault {
            file: file.to_owned(),
            line,
            item: String::new(),
            key: String::new(),
            what,
        });
    }
    None
}

/// The name most like this one, where one is like it at all.
pub(crate) fn nearest<'n>(id: &str, names: impl Iterator<Item = &'n str>) -> Option<String> {
    let most = 1 + id.chars().count() / 3;
    names
        .map(|name| (distance(id, name), name))
        .filter(|(d, _)| *d <= most)
        .min()
        .map(|(_, name)| name.to_owned())
}

/// How many characters must be put in, taken out or changed (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(100).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().take(100).enumerate() {
        let mut corner = i;
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let change = corner + usize::from(x != *y);
            corner = row[j + 1];
            row[j + 1] = change.min(corner + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}
