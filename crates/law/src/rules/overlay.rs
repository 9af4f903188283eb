//! What a place changes: limits, warnings, grades, first days, and the lists that only it can fill. By `docs/packs.md`.
//!
//! An overlay cannot remove a rule. It can turn one off, and then the rule stays listed with the reason. It cannot make an
//! accusation out of a rule that rests on general knowledge or on our own design. Nothing that it cannot do is ignored: it
//! is a fault.

use std::collections::BTreeMap;

use model::RuleId;

use super::read::{self, Place};
use super::row::{Ctx, Row, Val};
use super::{Kind, Names, Parsed, check, diff, nearest, template};
use crate::rule::{Citation, Rule, Template};
use crate::{Catalogue, Confidence, Fault, FieldChange, Text, What};

/// What a place changed in one version of a rule, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OverlayDef {
    /// File that says so.
    pub file: String,
    /// Rule.
    pub rule: RuleId,
    /// Version that is changed.
    pub version: u32,
    /// Why.
    pub reason: Text,
    /// Where that stands.
    pub source: Vec<Citation>,
    /// Fields of the pack, and what they are here.
    pub changes: Vec<FieldChange>,
    /// Why the rule is not run, where it is turned off.
    pub off: Option<Text>,
}

/// Keys that change something.
const CHANGES: [&str; 10] = [
    "bound",
    "max",
    "min",
    "within",
    "window",
    "warn",
    "recording_grace",
    "grade",
    "from",
    "off",
];

/// Fills tables: before rules are read, since their guards hold the values.
pub(super) fn tables(
    overlays: &[Parsed<'_>],
    catalogue: &mut Catalogue,
    names: &mut Names,
    faults: &mut Vec<Fault>,
) {
    let mut known: BTreeMap<String, String> = BTreeMap::new();
    let keys = ["overlay", "table"];
    read::each(
        overlays,
        Kind::Overlay,
        &keys,
        names,
        faults,
        |ctx, file| {
            for row in ctx.rows(&file.table, "table") {
                let Some(v) = read::id(ctx, &row, "id") else {
                    continue;
                };
                ctx.keys(&row, &["id", "values"]);
                let id = ctx.item.clone();
                let values = read::values(ctx, &row);
                let tables = catalogue.tables.iter_mut();
                let near = nearest(&id, ctx.names.tables.keys().map(String::as_str));
                if let Some(first) = known.insert(id.clone(), file.file.to_owned()) {
                    let kind = "table";
                    ctx.fault(&v.span, "", What::Duplicate { kind, first });
                }
                match tables.into_iter().find(|t| t.id == id) {
                    Some(table) => table.values = values,
                    None => {
                        let kind = "table";
                        ctx.fault(&v.span, "", What::Unresolved { kind, id, near });
                    }
                }
            }
        },
    );
    for table in &catalogue.tables {
        names.tables.insert(table.id.clone(), table.values.clone());
    }
}

/// Changes rules. The places are those of `catalogue.rules`.
pub(super) fn apply(
    overlays: &[Parsed<'_>],
    catalogue: &mut Catalogue,
    names: &Names,
    places: &mut [Place],
    faults: &mut Vec<Fault>,
) {
    read::each(overlays, Kind::Overlay, &[], names, faults, |ctx, file| {
        for row in ctx.rows(&file.table, "overlay") {
            let Some(v) = read::id(ctx, &row, "rule") else {
                continue;
            };
            let mut known = vec!["rule", "version", "reason", "source"];
            known.extend(CHANGES);
            let before = ctx.faults.len();
            ctx.keys(&row, &known);
            overlay(ctx, &row, &v, (file.file, before), catalogue, places);
        }
    });
}

fn overlay(
    ctx: &mut Ctx<'_>,
    row: &Row<'_>,
    id: &Val<'_>,
    (file, before): (&str, usize),
    catalogue: &mut Catalogue,
    places: &mut [Place],
) -> Option<()> {
    let version = row
        .get("version")
        .and_then(|v| ctx.number(&v, 1..1_000_000));
    let reason = match (row.get("reason"), row.get("off")) {
        (None, Some(off)) => ctx.both(&off),
        (Some(reason), _) => ctx.both(&reason),
        (None, None) => {
            ctx.missing(row, "reason", "{ zh, en }: why the place changes the rule");
            None
        }
    };
    let off = row.get("off").and_then(|v| ctx.both(&v));
    let source = ctx
        .must(row, "source", "where the change stands, with a mark")
        .map(|v| read::citations(ctx, &v));
    let name = ctx.item.clone();
    let versions = catalogue.rules.iter().enumerate();
    let found = versions
        .filter(|(_, r)| r.id.as_str() == name && version.is_none_or(|v| r.version == v))
        .max_by_key(|(_, r)| r.version);
    let Some((at, rule)) = found else {
        // A rule that has faults of its own is not unknown.
        if ctx.faults.iter().any(|f| f.item == name && f.file != file) {
            return None;
        }
        let ids = catalogue.rules.iter().map(|r| r.id.as_str());
        let near = nearest(&name, ids).filter(|near| *near != name);
        let kind = if near.is_none() && version.is_some() {
            "this version of rule"
        } else {
            "rule"
        };
        let what = What::Unresolved {
            kind,
            id: name,
            near,
        };
        ctx.fault(&id.span, "rule", what);
        return None;
    };
    let mut changed = rule.clone();
    for key in CHANGES {
        if let Some(v) = row.get(key) {
            change(
                ctx,
                key,
                &v,
                &mut changed,
                source.as_deref().unwrap_or_default(),
            );
        }
    }
    let changes = diff::differences(Some(rule), Some(&changed));
    let twice = |o: &&OverlayDef| o.rule == changed.id && o.version == changed.version;
    if let Some(first) = catalogue.overlays.iter().find(twice) {
        let (kind, first) = ("rule", first.file.clone());
        ctx.fault(&id.span, "rule", What::Duplicate { kind, first });
    } else if changes.is_empty() && off.is_none() && ctx.faults.len() == before {
        let what = "that changes nothing".to_owned();
        ctx.fault(&id.span, "rule", What::Overlay(what));
    }
    if ctx.faults.len() > before {
        return None;
    }
    for key in CHANGES {
        if let Some(v) = row.get(key) {
            places[at].overlaid(key, file, ctx.lines.at(v.span.start));
        }
    }
    catalogue.overlays.push(OverlayDef {
        file: file.to_owned(),
        rule: changed.id.clone(),
        version: changed.version,
        reason: reason?,
        source: source?,
        changes,
        off,
    });
    catalogue.rules[at] = changed;
    Some(())
}

/// One key. A key that the template does not have is a fault, lest somebody believes that it counts.
fn change(ctx: &mut Ctx<'_>, key: &str, v: &Val<'_>, rule: &mut Rule, source: &[Citation]) {
    let from = (rule.from, rule.to);
    match (key, &mut rule.template) {
        ("bound", Template::Response(r)) => r.bounds = template::bounds(ctx, v),
        ("max", Template::Count { max, .. }) => *max = ctx.number(v, 1..1_000_000).unwrap_or(1),
        ("min", Template::MinPersons { min, .. } | Template::Score { min, .. }) => {
            *min = ctx.number(v, 1..1_000_000).unwrap_or(1);
        }
        ("within", Template::BackDated { within }) => {
            *within = ctx.limit(v).unwrap_or(*within);
        }
        ("window", Template::Count { window, .. }) => *window = ctx.limit(v),
        ("warn", _) => rule.warn = ctx.warns(v),
        ("recording_grace", template) => rule.recording = read::recording(ctx, v, template),
        ("grade", _) => {
            let Some(grade) = read::grade(ctx, v) else {
                return;
            };
            let weak = |c: &Citation| matches!(c.confidence, Confidence::G | Confidence::D);
            if grade > rule.grade && (check::weak(rule) || source.iter().all(weak)) {
                let (was, marks) = (rule.grade.name(), "on [G] or [D] alone");
                let what = format!(
                    "may not raise a rule from {was} to {} {marks}",
                    grade.name()
                );
                ctx.fault(&v.span, &v.path, What::Overlay(what));
            }
            rule.grade = grade;
        }
        ("from", _) => {
            let Some(day) = ctx.date(v) else {
                return;
            };
            if day < from.0 || from.1.is_some_and(|to| day > to) {
                let to = from
                    .1
                    .map_or(String::new(), |to| format!(" and not after {to}"));
                let what = format!("may begin a rule not before {}{to}", from.0);
                ctx.fault(&v.span, &v.path, What::Overlay(what));
            }
            rule.from = day;
        }
        ("off", _) => {}
        (_, template) => {
            let what = format!("cannot change `{key}`: a {} has none", template.name());
            ctx.fault(&v.span, &v.path, What::Overlay(what));
        }
    }
}
