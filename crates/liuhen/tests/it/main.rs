//! The real binary, as a user meets it: help, errors, and the main flows in both languages.

mod help;
mod killed;
mod logs;
mod node;
mod scrub;
mod serve;
mod support;
mod verify;
