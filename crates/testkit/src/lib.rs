//! What tests, the demo and the benchmarks need and nobody else does.

pub mod casework;
pub mod hammer;
pub mod store;
