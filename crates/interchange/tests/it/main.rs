//! Tests of `interchange` at its public surface.

mod bad_input;
mod formats;
mod logs;
mod pm4py;
mod properties;
mod round_trip;
mod support;
