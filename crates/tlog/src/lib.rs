//! Transparency-log mathematics and the text formats of C2SP: Merkle tree, tiles, notes, checkpoints, proofs, policies.
//!
//! **Is not:** a log. Nothing here reads or writes a file, asks a clock or draws a random number; times and random
//! sources are arguments. Entries are bytes: the crate knows nothing of events.
//!
//! Specifications: RFC 6962 §2.1 (tree); of C2SP signed-note v1.0.0, tlog-checkpoint v1.0.0, tlog-cosignature v1.0.1
//! (Ed25519 only), tlog-witness v1.0.0, tlog-tiles v0.1.0, and the untagged texts of July 2026 of tlog-proof and
//! tlog-policy. Each module names the one that it follows.

pub mod bundle;
pub mod checkpoint;
pub mod cosignature;
mod hash;
pub mod note;
pub mod policy;
pub mod proof;
mod text;
pub mod tile;
pub mod tree;
pub mod witness;

pub use hash::{Hash, Sha256, TreeHash};
