//! Use cases through the office, on a real node with a fake clock.

mod inquiry;
mod permission;
mod roster;
mod sign_in;
