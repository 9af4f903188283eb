//! The crate from outside.

mod advisory;
mod names;
mod oracles;
mod orders;
mod ranges;
mod rules;
mod sbom_bad;
mod sbom_diff;
mod sbom_files;
mod support;
