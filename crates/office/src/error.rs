//! Why a use case did not happen: what the caller can mend, what he may not, and what is our own fault.
//!
//! No message here holds a name or words of a record: errors end up in logs.

use crate::permissions::Refused;

/// Why a use case did not happen.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The viewer may not.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// Not there, or not to be known by this viewer: both answers are one.
    #[error("not found")]
    NotFound,
    /// Input that has to be corrected, field by field.
    #[error("{} field(s) of the input have to be corrected", .0.len())]
    Invalid(Vec<FieldError>),
    /// A rule stands against it: which, where it stands, and the way out.
    #[error("{} rule(s) stand against it: {}", .0.len(), rules(.0))]
    Gated(Vec<crate::Barrier>),
    /// Nothing on record explains that the viewer opens this case: first he says why.
    #[error("a reason is wanted before the case opens ({})", .0.template)]
    ReasonWanted(Box<crate::Wanted>),
    /// The same key was used before, for something else.
    #[error("this key was used before with other content (entry {index})")]
    Conflict {
        /// Entry that has the key.
        index: u64,
    },
    /// More than is taken at once.
    #[error("too much: at most {max} {unit}")]
    TooLarge {
        /// The limit.
        max: u64,
        /// Of what.
        unit: &'static str,
    },
    /// The log's queue is full, or its disk is: try again later. Nothing was taken in.
    #[error("not now: {reason}")]
    Busy {
        /// In words.
        reason: String,
    },
    /// Whether it was taken in is not known; sending it again with the same key is safe.
    #[error("unknown whether it was taken in: send the same again")]
    Unknown,
    /// Our own fault. The text is for the log of the server, never for a page.
    #[error("internal: {0}")]
    Internal(String),
}

/// One field that has to be corrected.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct FieldError {
    /// Name of the field, as in the input's struct.
    pub field: &'static str,
    /// What is wrong, as a key of the texts of a page: `required`, `too_long`, `unknown`, `future`, `taken`, `malformed`,
    /// `cycle`, `ended`, `not_yours`, `not_empty`, `last`, `changed`, `not_allowed`.
    pub problem: &'static str,
    /// What was expected, in English.
    pub expected: String,
}

fn rules(barriers: &[crate::Barrier]) -> String {
    let rules: Vec<&str> = barriers.iter().map(|b| b.rule.as_str()).collect();
    rules.join(", ")
}

impl FieldError {
    pub(crate) fn new(
        field: &'static str,
        problem: &'static str,
        expected: impl Into<String>,
    ) -> Self {
        Self {
            field,
            problem,
            expected: expected.into(),
        }
    }
}

impl Error {
    pub(crate) fn field(
        field: &'static str,
        problem: &'static str,
        expected: impl Into<String>,
    ) -> Self {
        Self::Invalid(vec![FieldError::new(field, problem, expected)])
    }

    pub(crate) fn internal(what: &str, e: impl std::fmt::Display) -> Self {
        Self::Internal(format!("{what}: {e}"))
    }
}
