//! What pages ask, by noun.

pub(crate) mod case;
pub(crate) mod event;
pub(crate) mod inquiry;
pub(crate) mod look;
pub(crate) mod off_book;
pub(crate) mod roster;

use std::collections::HashSet;

use model::OrganCode;

/// Of which organs a reader may see something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Of all.
    All,
    /// Of these.
    Only(HashSet<OrganCode>),
}

impl Scope {
    /// As two arguments of a statement: whether all, and a JSON list of codes.
    pub(crate) fn args(&self) -> (bool, String) {
        match self {
            Self::All => (true, "[]".to_owned()),
            // Codes are letters, digits, `.`, `-` and `_`: nothing to escape.
            Self::Only(codes) => {
                let quoted: Vec<String> = codes.iter().map(|c| format!("\"{c}\"")).collect();
                (false, format!("[{}]", quoted.join(",")))
            }
        }
    }

    /// Whether an organ is in it.
    pub fn holds(&self, organ: &OrganCode) -> bool {
        match self {
            Self::All => true,
            Self::Only(codes) => codes.contains(organ),
        }
    }
}

/// The first text after all that begin with `prefix`.
pub(crate) fn end_of(prefix: &str) -> String {
    format!("{prefix}\u{10ffff}")
}
