//! One file per command. Each has a `run` that returns an exit code or a failure with a hint.

pub(crate) mod verify;
