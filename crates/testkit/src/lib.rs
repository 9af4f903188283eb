//! What tests, demo and benchmarks need: generated casework. Not part of what is shipped to users' data.

pub mod casework;
