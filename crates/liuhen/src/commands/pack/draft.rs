//! `liuhen pack draft`: a first pack from an event log.

use crate::{
    args,
    failure::{Exit, Failure},
    ui::Ui,
};

pub(crate) fn run(_ui: &Ui, _arguments: &args::PackDraft) -> Result<Exit, Failure> {
    Ok(Exit::Good)
}
