//! Tests of interchange.
