//! Tests of `interchange` at its public surface.

mod logs;
mod support;
