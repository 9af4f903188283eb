//! `liuhen hammer`: appends to a log of its own and says what was acknowledged, until it is killed.
//!
//! Not for users: the failure tests of the ledger kill this very binary with it. Its log has nothing to do with a node.

use crate::{
    args,
    failure::{Exit, Failure},
};

/// Hammers the log in `arguments.dir`.
pub(crate) fn run(arguments: &args::Hammer) -> Result<Exit, Failure> {
    let mut out = std::io::stdout().lock();
    testkit::hammer::run(&arguments.dir, arguments.limit, &mut out)
        .map(|()| Exit::Good)
        .map_err(|e| Failure::broken(e.to_string()))
}
