//! What the generator gives: cases with their acts, what was planted in them, inquiries. Not events yet: turning an act
//! into a header and a body (pseudonyms, salt, ids) is for the node that takes it in.

use model::{Activity, Attr, Micros, ObjectType, OrganCode, Qualifier, RoleId};

use super::plants::Plant;

/// One thing that was done in a case.
#[derive(Clone, Debug, PartialEq)]
pub struct Act {
    /// When it is claimed to have happened.
    pub occurred: Micros,
    /// When it was entered in the case system. Never before `occurred`; minutes later as a rule.
    pub recorded: Micros,
    /// When it ended, where it lasts: a questioning, a recording.
    pub ended: Option<Micros>,
    /// What was done; an activity of the pack `casework`.
    pub activity: Activity,
    /// Organ in whose name.
    pub organ: OrganCode,
    /// Who did and who approved it. Empty where only a party acted.
    pub actors: Vec<Actor>,
    /// Number of the case.
    pub case_no: String,
    /// What it concerns; the case itself comes first.
    pub objects: Vec<Thing>,
    /// Attributes.
    pub attrs: Vec<Attr>,
    /// Free words.
    pub words: Option<String>,
}

/// Somebody who acts or approves, in a role of the pack `casework` (`R_OFFICER`, …).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// Number of a [`super::Person`] or an [`super::Outsider`].
    pub no: String,
    /// In which role.
    pub role: RoleId,
}

/// An object of an act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thing {
    /// Its type: `case`, `alert`, `person`, `item`, `place` or `file`.
    pub object_type: ObjectType,
    /// Its id, unique within its type.
    pub id: String,
    /// Its part in the act, where that is not plain from its type: `suspect`, `victim`, …
    pub qualifier: Option<Qualifier>,
    /// What people call it.
    pub name: String,
}

/// The procedure that a case began under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Procedure {
    /// 刑事案件.
    Criminal,
    /// 行政（治安）案件.
    Administrative,
}

/// A case from its alert to its archive, or as far as it has got.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// Number, such as `A3301-2026-000123`.
    pub no: String,
    /// Title, such as `柳桥派出所“03·14”盗窃案`.
    pub title: String,
    /// Procedure under which it began.
    pub procedure: Procedure,
    /// Kind of case (案由).
    pub nature: &'static str,
    /// Unit that handles it.
    pub organ: OrganCode,
    /// Number of the lead officer (主办民警).
    pub lead: String,
    /// Number of the second officer.
    pub second: String,
    /// Acts by the time at which they occurred.
    pub acts: Vec<Act>,
    /// Violations put into it on purpose; empty for almost all.
    pub planted: Vec<Planted>,
    /// Whether its last act closes it (archived).
    pub closed: bool,
}

/// A violation put into a case on purpose.
#[derive(Clone, Copy, Debug)]
pub struct Planted {
    /// What was done to the case: a line of [`super::PLANTS`].
    pub plant: &'static Plant,
    /// Position of the act that shows it in [`Case::acts`].
    pub act: usize,
}

impl PartialEq for Planted {
    fn eq(&self, other: &Self) -> bool {
        (self.plant.id, self.act) == (other.plant.id, other.act)
    }
}

/// Somebody asked about a case, and it was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inquiry {
    /// When it is said to have happened.
    pub occurred: Micros,
    /// When it was recorded.
    pub recorded: Micros,
    /// Organ of the recorder.
    pub organ: OrganCode,
    /// Number of the person who records.
    pub recorder: String,
    /// Who asked.
    pub asker: Asker,
    /// Tile of the pack `interference`: what was asked.
    pub tile: String,
    /// About which case; `None` where no case exists yet.
    pub case_no: Option<String>,
    /// Manner of the pack `interference`; `None` where it was not stated.
    pub manner: Option<String>,
    /// Words of the recorder; most leave none.
    pub words: Option<String>,
}

/// Who asked about a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asker {
    /// Somebody of the roster, by number.
    Staff(String),
    /// Somebody from outside, in the recorder's words.
    Outside(String),
}
