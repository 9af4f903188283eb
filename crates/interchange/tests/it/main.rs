//! Tests of `interchange` at its public surface.

mod logs;
mod round_trip;
mod support;
