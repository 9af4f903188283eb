//! The real binary, as a user meets it: help, errors, and the main flows in both languages.

mod help;
mod support;
mod verify;
