//! Who may do what: roles × actions as data, and permits that only this module makes.
//!
//! A use case asks for `&Permit<may::X>`; [`crate::Office::permit`] makes one after looking at [`allowed`]. What a permit
//! does *not* say is on which organs: [`Permit::viewer`] carries the grants, and each use case keeps to their organs.
//!
//! Refusal beats permission: whoever runs the node never reads records of inquiries, whatever other role he has.

use std::{marker::PhantomData, sync::Arc};

use model::RoleId;

use crate::Viewer;

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// Everything that needs a permission.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Action {
            $($(#[$doc])* $name,)*
        }

        impl Action {
            /// All of them, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Its name.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)* }
            }
        }

        /// A type for each [`Action`], so that a permit for one is not a permit for another.
        pub mod may {
            $($(#[$doc])*
            #[derive(Clone, Copy, Debug)]
            pub struct $name;
            impl super::Permission for $name {
                const ACTION: super::Action = super::Action::$name;
            })*
        }
    };
}

actions! {
    /// See what needs one's attention.
    SeeToday,
    /// Record that somebody inquired about a case.
    Record,
    /// See one's own records and who opened them.
    ReadOwnRecords,
    /// Read the records that one receives.
    ReadInquiries,
    /// Search cases of one's organs.
    SearchCases,
    /// See a case: its events, without names.
    ReadCase,
    /// Read names and words of a case; leaves a trace.
    ReadNames,
    /// Register who has to do with a case: assignments, joint tasks, inquiries, links.
    AssignCases,
    /// See looks that are asked about.
    SeeLooks,
    /// Answer what was found about a look of somebody else.
    AnswerLooks,
    /// See proposed key steps: one's own, and those on which one may decide.
    SeeReviews,
    /// Propose a key step of one's case.
    ProposeStep,
    /// Review and approve key steps that others propose.
    ReviewSteps,
    /// Look up entries of the log and get receipts.
    UseLedger,
    /// Copy the log's entry bundles.
    ReadBundles,
    /// See organs, people and roles.
    SeeRoster,
    /// Add, change and end organs.
    EditOrgans,
    /// Add, change and end people.
    EditPeople,
    /// Give and end roles.
    EditRoles,
    /// Make accounts, reset passwords, unlock, make tokens.
    ManageAccounts,
    /// Send events in from another system.
    PostEvents,
    /// Read events of one's organs.
    ReadEvents,
    /// See the rules in force and what they found.
    SeeRules,
    /// See how units stand.
    SeeUnits,
    /// Put a pack into force.
    AdoptPacks,
    /// Import an event log.
    Import,
    /// Export events.
    Export,
    /// Erase the body of an event.
    Erase,
    /// Rebuild the register, audit the log.
    RunNode,
}

/// Implemented by the types in [`may`].
pub trait Permission: Copy + Send + Sync + 'static {
    /// Which action.
    const ACTION: Action;
}

/// That a viewer may do `A`. Only [`crate::Office::permit`] makes one.
#[derive(Clone, Debug)]
pub struct Permit<A> {
    viewer: Arc<Viewer>,
    action: PhantomData<A>,
}

impl<A: Permission> Permit<A> {
    /// Who.
    pub fn viewer(&self) -> &Viewer {
        &self.viewer
    }

    pub(crate) fn check(viewer: &Arc<Viewer>) -> Result<Self, Refused> {
        if permitted(viewer, A::ACTION) {
            Ok(Self {
                viewer: Arc::clone(viewer),
                action: PhantomData,
            })
        } else {
            Err(Refused { action: A::ACTION })
        }
    }
}

/// None of the viewer's roles allows it, or one forbids it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("your roles do not allow this ({})", .action.name())]
pub struct Refused {
    /// What was asked for.
    pub action: Action,
}

use Action as A;

/// Everybody with a role.
const EVERYBODY: &[Action] = &[A::SeeToday, A::UseLedger, A::SeeRules];
/// Whoever handles or reviews cases: those whom the three provisions oblige to record.
const CASES: &[Action] = &[
    A::Record,
    A::ReadOwnRecords,
    A::SearchCases,
    A::ReadCase,
    A::ReadNames,
    A::SeeRoster,
    A::PostEvents,
    A::ReadEvents,
];

/// Leaders of an organ: they approve, and are obliged to record like everybody in a case.
const LEADS: &[Action] = &[
    A::Record,
    A::ReadOwnRecords,
    A::SearchCases,
    A::ReadCase,
    A::ReadNames,
    A::SeeRoster,
    A::ReadEvents,
    A::SeeUnits,
    A::SeeReviews,
    A::ReviewSteps,
    A::AssignCases,
];

/// The table: what each role of the software allows, beyond [`EVERYBODY`].
const TABLE: &[(&str, &[&[Action]])] = &[
    ("officer", &[CASES, &[A::SeeReviews, A::ProposeStep]]),
    (
        "legal-reviewer",
        &[
            CASES,
            &[A::SeeUnits, A::AdoptPacks, A::SeeReviews, A::ReviewSteps],
        ],
    ),
    (
        "unit-head",
        &[
            CASES,
            &[A::SeeUnits, A::SeeReviews, A::ReviewSteps, A::AssignCases],
        ],
    ),
    ("leader", &[LEADS]),
    ("chief-leader", &[LEADS]),
    (
        "supervisor",
        &[&[
            A::ReadOwnRecords,
            A::ReadInquiries,
            A::SearchCases,
            A::ReadCase,
            A::ReadNames,
            A::SeeRoster,
            A::SeeUnits,
            A::ReadEvents,
            A::AssignCases,
            A::SeeLooks,
            A::AnswerLooks,
        ]],
    ),
    ("protector", &[&[A::ReadOwnRecords, A::SeeRoster]]),
    (
        "inspector",
        &[&[
            A::ReadOwnRecords,
            A::SearchCases,
            A::ReadCase,
            A::ReadNames,
            A::SeeRoster,
            A::ReadEvents,
            A::SeeUnits,
            A::SeeLooks,
            A::AnswerLooks,
            A::ReadBundles,
            A::Export,
        ]],
    ),
    ("operator", &[]),
    ("protector-dept", &[&[A::ReadOwnRecords]]),
    (
        "cyber-police",
        &[&[
            A::ReadOwnRecords,
            A::SearchCases,
            A::ReadCase,
            A::ReadNames,
            A::SeeRoster,
            A::PostEvents,
            A::ReadEvents,
        ]],
    ),
    ("witness", &[&[A::ReadBundles]]),
    (
        "admin",
        &[&[
            A::SeeRoster,
            A::EditOrgans,
            A::EditPeople,
            A::EditRoles,
            A::ManageAccounts,
            A::AdoptPacks,
            A::Import,
            A::Export,
            A::Erase,
            A::RunNode,
        ]],
    ),
];

/// What a role forbids, whatever the other roles of the same person allow.
const FORBIDDEN: &[(&str, Action)] = &[("admin", A::ReadInquiries)];

/// Whether a role allows an action.
pub fn allowed(role: &str, action: Action) -> bool {
    TABLE.iter().any(|(r, sets)| {
        *r == role && (EVERYBODY.contains(&action) || sets.iter().any(|s| s.contains(&action)))
    })
}

/// Whether a role forbids an action.
pub fn forbidden(role: &str, action: Action) -> bool {
    FORBIDDEN.iter().any(|(r, a)| *r == role && *a == action)
}

/// Roles of the software that the table knows.
pub fn roles() -> impl Iterator<Item = &'static str> {
    TABLE.iter().map(|(role, _)| *role)
}

fn permitted(viewer: &Viewer, action: Action) -> bool {
    let mut roles = viewer.grants.iter().map(|g| g.role.as_str());
    roles.clone().any(|r| allowed(r, action)) && !roles.any(|r| forbidden(r, action))
}

/// Whether the viewer may; for menus. Doing it still takes a permit.
pub fn may_do(viewer: &Viewer, action: Action) -> bool {
    permitted(viewer, action)
}

/// Organs on which the viewer's roles allow the action.
pub(crate) fn organs_for(
    viewer: &Viewer,
    action: Action,
) -> impl Iterator<Item = &model::OrganCode> {
    viewer
        .grants
        .iter()
        .filter(move |g| allowed(g.role.as_str(), action))
        .map(|g| &g.organ)
}

/// The roles of a viewer, each once.
pub(crate) fn distinct(grants: &[crate::Grant]) -> Vec<RoleId> {
    let mut out: Vec<RoleId> = Vec::new();
    for g in grants {
        if !out.contains(&g.role) {
            out.push(g.role.clone());
        }
    }
    out
}
