//! Tests of `tlog` at its outer boundary.

mod bundle;
mod checkpoint;
mod differential;
mod ed25519;
mod note;
mod parsers;
mod policy;
mod proof;
mod support;
mod tile;
mod tree;
mod vectors;
mod witness;
