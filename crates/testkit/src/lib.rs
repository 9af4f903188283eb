//! What tests, the demo and the benchmarks need and nobody else does.

pub mod casework;
pub mod clock;
#[cfg(feature = "node")]
pub mod fill;
pub mod hammer;
#[cfg(feature = "node")]
pub mod node;
pub mod parsers;
pub mod store;

#[cfg(feature = "node")]
pub use fill::{Filled, fill};
