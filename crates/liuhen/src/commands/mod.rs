//! One file per command. Each has a `run` that returns an exit code or a failure with a hint.

pub(crate) mod admin;
pub(crate) mod audit;
pub(crate) mod check;
pub(crate) mod demo;
pub(crate) mod export;
pub(crate) mod hammer;
pub(crate) mod import;
pub(crate) mod init;
pub(crate) mod node;
pub(crate) mod openapi;
pub(crate) mod pack;
pub(crate) mod rebuild;
pub(crate) mod receipt;
pub(crate) mod serve;
pub(crate) mod verify;
