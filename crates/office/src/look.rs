//! Who looked, and why that was right: the guard before a case, relations that are registered, and looks that are asked about.
//!
//! Every read of a case is an event (`lh.read`) that says what explains it. Where nothing does, the viewer says why before
//! anything is shown (`lh.break_glass`), and each such reason is reviewed. Unexplained is a question and no verdict about a
//! person; nothing is kept about anybody but the looks themselves. `docs/adr/0013-looks.md`.

mod facts;
mod guard;
mod queue;
mod reason;
mod relation;
mod shown;

pub use queue::{Answer, Asked, LookDetail, LookQueue, NewAnswer, Signal, UnitBudget, Verdict};
pub use reason::{NewReason, ReasonForm};
pub use relation::{NewRelation, RelationView};
pub use shown::{LookLeg, LookView};

pub(crate) use guard::Basis;

use crate::{Both, CaseKey};

/// That nothing explains a look, and what comes nearest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The case.
    pub case: CaseKey,
    /// Id of the nearest template.
    pub template: String,
    /// What it is and what it lacks.
    pub missing: Both,
}

/// Kinds of reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LookKind {
    /// The case was opened, without names. One entry stands for all reading of this kind in a window.
    Case,
    /// Names of its objects were read.
    Names,
    /// The body of one event was read.
    Body,
    /// A proposed step was opened.
    Step,
    /// Its events were read through the API. One entry stands for a window.
    Events,
    /// It was exported.
    Export,
    /// A look at it was reviewed, with the words that were given as its reason.
    Review,
}

impl LookKind {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Case,
        Self::Names,
        Self::Body,
        Self::Step,
        Self::Events,
        Self::Export,
        Self::Review,
    ];

    /// Its name in events.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Case => "case",
            Self::Names => "names",
            Self::Body => "body",
            Self::Step => "step",
            Self::Events => "events",
            Self::Export => "export",
            Self::Review => "review",
        }
    }

    /// The kind of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.name() == name)
    }

    /// Whether one entry stands for all reading of this kind in a window. What shows names or words is an event each time.
    const fn once(self) -> bool {
        matches!(self, Self::Case | Self::Events)
    }
}
