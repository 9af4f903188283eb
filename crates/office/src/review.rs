//! Key steps (重点环节): proposed by whoever handles the case, reviewed, approved, and only then an act of the case.
//!
//! Which acts, who reviews and who approves is data (`law::KeyStepDef`). What is proposed, what is decided and what was
//! shown to whoever decided are entries of the log; the queues are made from them. A decision is about one version of the
//! paper and about what was on the page: if either has changed since, it is not taken. Is *not* the judge of the step: the
//! gates are the rules, see `gate.rs`.

mod decide;
mod desk;
mod propose;
mod view;

pub use decide::{Decided, Decision};
pub use desk::Stage;
pub(crate) use desk::{Desk, Item, concerns};
pub use propose::{NewProposal, Proposed, Tried};
pub use view::{Opinion, Queue, StepRow, StepRule, StepView};

use model::{
    Activity, Actor, Attr, FileRef, Micros, ObjectRef, ObjectType, OrganCode, Pseudonym, Qualifier,
    RoleId,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::Viewer;
use crate::append::{self, Draft};
use crate::node::Inner;

/// A step is proposed.
pub(crate) const PROPOSE: &str = "lh.propose";
/// Somebody has decided on it.
pub(crate) const DECIDE: &str = "lh.decide";

/// The act that is planned: the paper that is reviewed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Planned {
    activity: Activity,
    organ: OrganCode,
    actors: Vec<Actor>,
    objects: Vec<(ObjectType, Pseudonym, Option<Qualifier>)>,
    names: std::collections::BTreeMap<Pseudonym, String>,
    attrs: Vec<Attr>,
    words: Option<String>,
    files: Vec<FileRef>,
}

impl Planned {
    fn text(&self) -> String {
        serde_json::to_string(self).expect("keys are strings and odd floats are written as text")
    }

    /// SHA-256 of the paper, in hexadecimal: the version that is reviewed.
    fn paper(&self) -> String {
        model::hex(&Sha256::digest(self.text()))
    }

    /// The act, done now, with whoever approved among those who act.
    fn draft(&self, now: Micros, approver: Option<Actor>) -> Draft {
        let mut body = append::body();
        body.attrs.clone_from(&self.attrs);
        body.words.clone_from(&self.words);
        body.files.clone_from(&self.files);
        body.names.clone_from(&self.names);
        self.about(self.activity.clone(), now, body, approver, true)
    }

    /// The review of the act by somebody.
    fn review(
        &self,
        activity: &Activity,
        now: Micros,
        by: Actor,
        passed: bool,
        opinion: &str,
    ) -> Draft {
        let mut body = append::body();
        body.attrs = vec![
            Attr::text("step", self.activity.as_str()),
            Attr::new("passed", model::Value::Bool(passed)),
            Attr::text("opinion", opinion),
            Attr::text("paper", self.paper()),
        ];
        body.names.clone_from(&self.names);
        self.about(activity.clone(), now, body, Some(by), false)
    }

    fn about(
        &self,
        activity: Activity,
        now: Micros,
        body: model::Body,
        by: Option<Actor>,
        handlers: bool,
    ) -> Draft {
        let object =
            |(object_type, id, qualifier): &(ObjectType, Pseudonym, Option<Qualifier>)| ObjectRef {
                object_type: object_type.clone(),
                id: *id,
                qualifier: qualifier.clone(),
            };
        let mut actor = if handlers {
            self.actors.clone()
        } else {
            Vec::new()
        };
        actor.extend(by);
        Draft {
            activity,
            occurred: now,
            organ: self.organ.clone(),
            actor,
            objects: self.objects.iter().map(object).collect(),
            basis: Vec::new(),
            correction_of: None,
            to: Vec::new(),
            body: Some(body),
            key: None,
        }
    }
}

/// What the roles of the software are in the words of the law, for a case of `organ`: `docs/adr/0012-gates.md`.
fn law_roles(inner: &Inner, viewer: &Viewer, organ: &OrganCode) -> Vec<RoleId> {
    let tree = inner.register.tree();
    let line = tree.line_up(organ);
    let mut out: Vec<RoleId> = Vec::new();
    for grant in &viewer.grants {
        let reaches = grant.organ == inner.info.organ || line.contains(&grant.organ);
        if !reaches {
            continue;
        }
        let level = level(&grant.organ);
        // Above the county organ (or what stands for it) to which the acting unit belongs.
        let own = line.iter().position(|o| level_digits(o) <= 6);
        let above = line.iter().position(|o| *o == grant.organ) > own;
        let leads = match (grant.role.as_str(), level) {
            ("officer", _) => vec!["R_OFFICER"],
            ("legal-reviewer", _) => vec!["R_LEGAL"],
            ("unit-head", _) => vec!["R_DEPT_HEAD"],
            ("leader", Level::Unit) | ("chief-leader", Level::Unit) => vec!["R_ORGAN_LEADER"],
            ("leader", Level::County) => vec!["R_COUNTY_LEADER"],
            ("chief-leader", Level::County) => vec!["R_COUNTY_LEADER", "R_COUNTY_CHIEF"],
            ("leader" | "chief-leader", Level::City) => vec!["R_CITY_LEADER"],
            ("leader" | "chief-leader", Level::Province) => vec!["R_PROV_LEADER"],
            _ => vec![],
        };
        let leader = matches!(grant.role.as_str(), "leader" | "chief-leader");
        let upper = (leader && above && level != Level::Unit).then_some("R_UPPER_ORG");
        for role in leads.into_iter().chain(upper) {
            let role = RoleId::new(role).expect("an id of a pack");
            if !out.contains(&role) {
                out.push(role);
            }
        }
    }
    out
}

/// How high an organ stands, by the division code (GB/T 2260) in its own.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    Unit,
    County,
    City,
    Province,
}

fn level_digits(organ: &OrganCode) -> usize {
    organ.as_str().chars().filter(char::is_ascii_digit).count()
}

fn level(organ: &OrganCode) -> Level {
    let digits: String = organ
        .as_str()
        .chars()
        .filter(char::is_ascii_digit)
        .collect();
    match digits.len() {
        0..=6 if digits.ends_with("0000") => Level::Province,
        0..=6 if digits.ends_with("00") => Level::City,
        0..=6 => Level::County,
        _ => Level::Unit,
    }
}

/// The viewer as an actor in a role of the law.
fn acting(viewer: &Viewer, role: &RoleId) -> Actor {
    Actor {
        p: viewer.person,
        role: role.clone(),
    }
}
