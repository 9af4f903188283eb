//! The real binary, as a user meets it: help, errors, and the main flows in both languages.

mod check;
mod example;
mod help;
mod killed;
mod logs;
mod node;
mod pack;
mod scrub;
mod serve;
mod support;
mod verify;
