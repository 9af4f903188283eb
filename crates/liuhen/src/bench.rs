//! `liuhen bench`: measures what docs/benchmarks.md promises.

use crate::{
    args,
    failure::{Exit, Failure},
    ui::Ui,
};

/// Runs the named measurements and prints a table, or JSON.
pub(crate) fn run(ui: &Ui, arguments: &args::Bench) -> Result<Exit, Failure> {
    let _ = (ui, arguments);
    Err(Failure::usage("no such measurement"))
}
