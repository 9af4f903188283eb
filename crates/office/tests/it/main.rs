//! Use cases through the office, on a real node with a fake clock.

mod case;
mod elements;
mod erase;
mod event;
mod gate;
mod import;
mod inquiry;
mod looks;
mod permission;
mod review;
mod roster;
mod sign_in;
mod steps;
mod told;
mod watching;
