//! What differs between the rules of two catalogues: for whoever adopts the newer one. Says nothing of what follows for
//! findings: that is told by running both.

use std::collections::BTreeMap;

use model::RuleId;

use super::print;
use crate::Catalogue;
use crate::rule::Rule;

/// A rule that is not what it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleChange {
    /// Rule.
    pub id: RuleId,
    /// Its version: the new one, or the last where it was removed.
    pub version: u32,
    /// What happened.
    pub kind: ChangeKind,
}

/// What happened to a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// It was not there: all its fields.
    Added(Vec<FieldChange>),
    /// It is not there any more: all its fields.
    Removed(Vec<FieldChange>),
    /// These fields differ.
    Changed(Vec<FieldChange>),
    /// A place turned it off, or on again. The fields are those of the reason.
    Switched(Vec<FieldChange>),
}

/// One field in the notation of packs; empty where it held or holds nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldChange {
    /// Its key in the pack.
    pub field: &'static str,
    /// What it was.
    pub old: String,
    /// What it is.
    pub new: String,
}

impl Catalogue {
    /// What differs in rules from `old` to `new`, by id and version. Versions that both have are compared; of the others, the
    /// last old one with the first new one of the same id: a rule that was replaced by its next version is *changed*.
    pub fn diff(old: &Self, new: &Self) -> Vec<RuleChange> {
        let mut rules: BTreeMap<&RuleId, [Vec<&Rule>; 2]> = BTreeMap::new();
        for (side, catalogue) in [old, new].into_iter().enumerate() {
            for rule in &catalogue.rules {
                rules.entry(&rule.id).or_default()[side].push(rule);
            }
        }
        let mut changes = Vec::new();
        for (id, [mut was, mut is]) in rules {
            was.sort_by_key(|r| r.version);
            is.sort_by_key(|r| r.version);
            let mut pairs: Vec<(Option<&Rule>, Option<&Rule>)> = Vec::new();
            was.retain(
                |old| match is.iter().position(|new| new.version == old.version) {
                    None => true,
                    Some(at) => {
                        pairs.push((Some(old), Some(is.remove(at))));
                        false
                    }
                },
            );
            if let (Some(old), false) = (was.last().copied(), is.is_empty()) {
                was.pop();
                pairs.push((Some(old), Some(is.remove(0))));
            }
            pairs.extend(was.into_iter().map(|old| (Some(old), None)));
            pairs.extend(is.into_iter().map(|new| (None, Some(new))));
            let mut of_rule: Vec<RuleChange> = pairs
                .into_iter()
                .filter_map(|(a, b)| change(a, b))
                .collect();
            of_rule.sort_by_key(|c| c.version);
            changes.append(&mut of_rule);
            changes.extend(switched(id, old, new));
        }
        changes
    }
}

fn change(old: Option<&Rule>, new: Option<&Rule>) -> Option<RuleChange> {
    let rule = new.or(old)?;
    let fields = differences(old, new);
    let kind = match (old, new) {
        _ if fields.is_empty() => return None,
        (None, _) => ChangeKind::Added(fields),
        (_, None) => ChangeKind::Removed(fields),
        _ => ChangeKind::Changed(fields),
    };
    Some(RuleChange {
        id: rule.id.clone(),
        version: rule.version,
        kind,
    })
}

/// Fields that differ between two rules, or between a rule and none.
pub(super) fn differences(old: Option<&Rule>, new: Option<&Rule>) -> Vec<FieldChange> {
    let [old, new] = [old, new].map(|rule| rule.map_or(Vec::new(), print::fields));
    let of = |fields: &[(&'static str, String)], key: &str| {
        let field = fields.iter().find(|(k, _)| *k == key);
        field.map_or(String::new(), |(_, value)| value.clone())
    };
    // In the order of the new one; what it has no more comes last.
    let mut keys: Vec<&'static str> = new.iter().chain(&old).map(|(key, _)| *key).collect();
    let mut seen = std::collections::BTreeSet::new();
    keys.retain(|key| seen.insert(*key));
    let pairs = keys.into_iter().map(|field| FieldChange {
        field,
        old: of(&old, field),
        new: of(&new, field),
    });
    pairs.filter(|change| change.old != change.new).collect()
}

fn switched(id: &RuleId, old: &Catalogue, new: &Catalogue) -> Option<RuleChange> {
    let reason = |c: &Catalogue| {
        let off = c.off(id.as_str());
        off.map_or(String::new(), |t| format!("{} / {}", t.zh, t.en))
    };
    let (was, is) = (reason(old), reason(new));
    let version = new.rule(id.as_str()).or(old.rule(id.as_str()))?.version;
    (was != is).then(|| RuleChange {
        id: id.clone(),
        version,
        kind: ChangeKind::Switched(vec![FieldChange {
            field: "off",
            old: was,
            new: is,
        }]),
    })
}
