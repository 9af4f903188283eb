//! The crate from outside.

mod sbom_bad;
mod sbom_diff;
mod sbom_files;
mod support;
