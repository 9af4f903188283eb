//! Tests of `tlog` at its outer boundary.
