//! Orders that are lists of numbers: CRAN, Hackage, and product versions without a named order.
//!
//! Reads *no* letters: a word in such a version is refused, since nobody said where it sorts.

use super::write::{Writer, is_number, without_zeros};

/// How a list of numbers is written.
#[derive(Clone, Copy)]
pub(super) struct Manner {
    /// `-` separates as `.` does.
    dash: bool,
    /// Trailing zeros count, so that 1.0 sorts before 1.0.0.
    zeros: bool,
}

pub(super) const CRAN: Manner = Manner {
    dash: true,
    zeros: true,
};
pub(super) const HACKAGE: Manner = Manner {
    dash: false,
    zeros: true,
};
pub(super) const DOTTED: Manner = Manner {
    dash: false,
    zeros: false,
};

pub(super) fn write(text: &str, manner: Manner, out: &mut Writer) -> Option<()> {
    let mut significant = 0;
    for part in text
        .as_bytes()
        .split(|b| *b == b'.' || (manner.dash && *b == b'-'))
    {
        if !is_number(part) {
            return None;
        }
        out.number(part);
        if manner.zeros || !without_zeros(part).is_empty() {
            significant = out.0.len();
        }
    }
    out.0.truncate(significant);
    Some(())
}
