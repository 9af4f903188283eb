//! The crate from outside: packs in, catalogues or faults out.

mod explanations;
mod faults;
mod guards;
mod mutated;
mod overlays;
mod rules;
mod shipped;
mod small;
mod steps;
