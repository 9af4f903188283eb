//! Disks that fail: a simulated one that knows what was never synced, and a wrapper that makes chosen operations go wrong.
//!
//! [`SimDisk`] keeps two views of every file and every name: what a running process sees, and what is on the platter.
//! [`Faulty`] stands before any store and fails, tears, flips or stops at the n-th operation of a kind. Together they act
//! out the failure table of the ledger. Not a model of one file system: a power cut may keep or lose each unsynced sector
//! and each directory's unsynced names, which is more than any real one does.

mod disk;
mod faulty;
mod rng;

pub use disk::SimDisk;
pub use faulty::{Fault, Faulty, Op, OpKind, Rule};
pub use rng::Rng;
