//! Key steps (重点环节) of case handling as data: which acts are proposed, reviewed and approved before they are done, by
//! whom, and which rules are shown beside them. Read from `steps.toml`.
//!
//! Is *not* the flow itself (crate `office`) and holds no text of law: the steps and their bases are those of
//! `casework.md` section 11, restated.

use std::collections::BTreeSet;

use model::{Activity, RoleId, RuleId};
use serde::Deserialize;
use toml::Spanned;

use crate::rule::{AttributeDef, Guard, Key, Operand, Rule, Template};
use crate::{Catalogue, Confidence, Text, read};

/// A key step: a group of acts that supervision watches, with what must stand before them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyStepDef {
    /// Id: `G5`.
    pub id: String,
    /// Pack that defines it.
    pub pack: String,
    /// Its name.
    pub name: Text,
    /// Why it is watched: what goes wrong here.
    pub why: Text,
    /// What must stand before it.
    pub gate: Text,
    /// Acts that are proposed first.
    pub acts: Vec<StepAct>,
    /// Acts of the step that happen on the spot: nobody can approve them beforehand, the rules look at them when they are
    /// written and afterwards.
    pub spot: Vec<Activity>,
    /// Rules that are its gate, shown first.
    pub rules: Vec<RuleId>,
    /// Where it stands.
    pub source: String,
    /// The marks of that source.
    pub confidence: Vec<Confidence>,
}

/// An act of a key step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepAct {
    /// The act.
    pub activity: Activity,
    /// The review before it, an activity of its own whose actors review; `None` where there is none.
    pub review: Option<Activity>,
    /// Reviewed always, not only where a rule demands it.
    pub always: bool,
    /// Who may approve, any of them, from the lowest; empty where the review is enough.
    pub approvers: Vec<RoleId>,
}

/// The rules that stand for “nobody reviews or approves what he does himself”.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Separation {
    /// Broken by whoever reviews his own step.
    pub review: RuleId,
    /// Broken by whoever approves his own step.
    pub approve: RuleId,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StepsFile {
    pub(crate) separation: Spanned<SeparationRow>,
    #[serde(default)]
    pub(crate) step: Vec<StepRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SeparationRow {
    pub(crate) review: String,
    pub(crate) approve: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StepRow {
    pub(crate) id: Spanned<String>,
    pub(crate) zh: String,
    pub(crate) en: String,
    pub(crate) why: read::Text,
    pub(crate) gate: read::Text,
    #[serde(default)]
    pub(crate) act: Vec<ActRow>,
    #[serde(default)]
    pub(crate) spot: Vec<String>,
    #[serde(default)]
    pub(crate) rules: Vec<String>,
    pub(crate) source: String,
    #[serde(default)]
    pub(crate) confidence: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ActRow {
    pub(crate) activity: String,
    pub(crate) review: Option<String>,
    pub(crate) review_when: Option<When>,
    pub(crate) approve: Option<Vec<String>>,
}

/// When the review is held.
#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum When {
    /// Before every such act.
    Always,
    /// Where a rule demands it.
    Law,
}

impl Catalogue {
    /// The key steps, in the order of the file.
    pub fn key_steps(&self) -> &[KeyStepDef] {
        &self.steps
    }

    /// The key step to which an act belongs that is proposed first, and the act.
    pub fn key_step(&self, activity: &str) -> Option<(&KeyStepDef, &StepAct)> {
        self.steps.iter().find_map(|step| {
            let mut acts = step.acts.iter();
            let act = acts.find(|a| a.activity.as_str() == activity)?;
            Some((step, act))
        })
    }

    /// The rules against reviewing and approving one's own step; `None` without key steps.
    pub fn separation(&self) -> Option<&Separation> {
        self.separation.as_ref()
    }

    /// The newest version of each rule that an activity activates, in the order of the files; those that are switched off
    /// and those that nobody can check are not among them.
    pub fn rules_on<'c>(&'c self, activity: &'c str) -> impl Iterator<Item = &'c Rule> {
        self.rules.iter().filter(move |rule| {
            let newest = self.rule(rule.id.as_str()).map(|r| r.version);
            newest == Some(rule.version)
                && !matches!(rule.template, Template::Manual { .. })
                && self.off(rule.id.as_str()).is_none()
                && rule.activation.any.iter().any(|a| a.as_str() == activity)
        })
    }

    /// The attributes that rules look at when that activity is written, in the order of the files: what a form asks for.
    pub fn looked_at(&self, activity: &str) -> Vec<&AttributeDef> {
        let mut keys = BTreeSet::new();
        for rule in self.rules_on(activity) {
            guard(&rule.activation.when, &mut keys);
            match &rule.template {
                Template::Record { require } => guard(require, &mut keys),
                Template::Authority(ranks) => {
                    ranks.iter().for_each(|r| guard(&r.when, &mut keys));
                }
                Template::Precedence(needs) => {
                    for need in needs {
                        guard(&need.if_, &mut keys);
                        keys.extend(need.same.iter().map(String::as_str));
                    }
                }
                Template::Absence(absence) => {
                    keys.extend(absence.same.iter().map(String::as_str));
                }
                _ => {}
            }
        }
        let attributes = self.attributes.iter();
        attributes
            .filter(|a| keys.contains(a.id.as_str()))
            .collect()
    }
}

fn guard<'g>(guard: &'g Guard, keys: &mut BTreeSet<&'g str>) {
    for atom in guard.0.iter().flat_map(|clause| &clause.0) {
        key(&atom.key, keys);
        if let Operand::Key(other) = &atom.with {
            key(other, keys);
        }
    }
}

fn key<'g>(one: &'g Key, keys: &mut BTreeSet<&'g str>) {
    if let Key::Attr(id) | Key::Trace(id) = one {
        keys.insert(id);
    }
}
