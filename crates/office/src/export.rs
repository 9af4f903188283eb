//! Export: events and objects of the log as an event log that other tools read. Records of inquiries are never part of it.

use std::path::PathBuf;

use interchange::Format;

use crate::{CaseKey, Error, ImportRow, Office, Permit, may};

/// What to export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// Everything but the node's own events.
    All,
    /// Everything of one import, by the index of its `lh.import` entry, and of later imports of the same source.
    Import(u64),
    /// Everything of one source.
    Source(String),
    /// One case.
    Case(CaseKey),
    /// One case by number.
    CaseNumber(String),
}

/// An export.
#[derive(Clone, Debug)]
pub struct Export {
    /// Format.
    pub format: Format,
    /// What.
    pub selection: Selection,
    /// Where to. An existing file is not overwritten.
    pub out: PathBuf,
    /// Type of object whose instances become the cases of a flat format (XES, CSV); `None` is `case`.
    pub case_type: Option<String>,
}

/// What was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exported {
    /// Events.
    pub events: u64,
    /// Objects.
    pub objects: u64,
    /// Events whose body is erased, written without attributes.
    pub erased: u64,
    /// What the format cannot say, in words.
    pub notes: Vec<String>,
}

#[allow(unused_variables)]
impl Office {
    /// Imports so far, oldest first.
    pub async fn imports(&self, permit: &Permit<may::Export>) -> Result<Vec<ImportRow>, Error> {
        unimplemented!()
    }

    /// Writes an export. `progress` gets entries read and entries to read.
    pub async fn export(
        &self,
        permit: &Permit<may::Export>,
        export: Export,
        progress: impl FnMut(u64, u64) + Send + 'static,
    ) -> Result<Exported, Error> {
        unimplemented!()
    }
}
