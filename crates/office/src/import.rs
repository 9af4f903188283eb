//! Import of event logs: parse → events → log → register, each on its own thread, with bounded memory.

//!
//! ```text
//! parse ──chunks──▶ events: header, body, keys ──groups──▶ log (a few in flight) ──▶ follower ──▶ register
//! ```
//! One `lh.import` entry a file, one `lh.object` entry an object, one entry an event. How a thing is recognised when it
//! comes again is in `import/draft.rs`; the way back is `export.rs`.

mod draft;
mod intake;

pub(crate) use draft::{LATER_LOG, LOG, LOG_PIECE, LOG_PIECES, LOG_PLACE, UNDECLARED};

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use interchange::{Format, Mapping, Reject, Zone};
use model::Micros;

use crate::{Action, Error, Office, Permit, append, may};

/// An import.
#[derive(Clone, Debug)]
pub struct Import {
    /// The file.
    pub file: PathBuf,
    /// Mapping of a CSV; `None` = guessed.
    pub mapping: Option<Mapping>,
    /// Name of the source; `None` = that of an earlier import of the same file, else the file's name without `.gz`.
    pub source: Option<String>,
    /// Zone of times that have none.
    pub zone: Option<Zone>,
    /// Format; `None` = by content.
    pub format: Option<Format>,
    /// Encoding of a text file by its label, such as `gb18030`; `None` = as marked or declared, else UTF-8.
    pub encoding: Option<String>,
    /// Where rejects go, one JSON a line; `None` = only counted.
    pub rejects: Option<PathBuf>,
}

/// What is seen while an import runs. Called from its threads.
pub trait Progress: Send {
    /// Bytes of the file read, and all; events taken in durably so far.
    fn step(&mut self, _read: u64, _total: u64, _events: u64) {}
    /// A mapping was guessed.
    fn guessed(&mut self, _mapping: &Mapping) {}
    /// Something was rejected.
    fn reject(&mut self, _reject: &Reject) {}
}

impl Progress for () {}

/// What an import did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ImportSummary {
    /// Index of the `lh.import` entry.
    pub index: u64,
    /// Name of the source.
    pub source: String,
    /// Format found.
    pub format: Option<Format>,
    /// Events taken in.
    pub events: u64,
    /// Objects taken in.
    pub objects: u64,
    /// Events and objects that were there already.
    pub duplicates: u64,
    /// Rejected, by what was expected; at most 1,000 kinds.
    pub rejects: BTreeMap<String, u64>,
    /// Rejected in all.
    pub rejected: u64,
    /// Activities that no pack knows, with their numbers of events; at most 1,000 of them.
    pub unknown_activities: BTreeMap<String, u64>,
    /// Things to know, in words (times without a zone read as UTC, …).
    pub warnings: Vec<String>,
    /// First and last time of an event.
    pub period: Option<(Micros, Micros)>,
    /// Why the reading ended early; what came before is kept.
    pub ended_early: Option<String>,
    /// Seconds it took.
    pub seconds: f64,
}

/// An import on record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportRow {
    /// Index of the `lh.import` entry.
    pub index: u64,
    /// Source.
    pub source: String,
    /// SHA-256 of the file.
    pub sha256: String,
    /// When.
    pub recorded: Micros,
}

/// Why nothing or not everything was imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file cannot be opened.
    #[error("cannot open {path}: {source}")]
    Open {
        /// File.
        path: PathBuf,
        /// The system's words.
        source: std::io::Error,
    },
    /// The rejects cannot be written.
    #[error("cannot write the rejects to {path}: {source}")]
    Rejects {
        /// File.
        path: PathBuf,
        /// The system's words.
        source: std::io::Error,
    },
    /// The log or the register.
    #[error(transparent)]
    Office(#[from] Error),
}

impl Office {
    /// Imports a file. What is bad is rejected by line and field, what was taken in stays, and importing again adds nothing.
    ///
    /// # Errors
    /// [`ImportError`]; a file that is cut off or malformed is no error: see [`ImportSummary::ended_early`].
    pub async fn import(
        &self,
        permit: &Permit<may::Import>,
        import: Import,
        progress: impl Progress + 'static,
    ) -> Result<ImportSummary, ImportError> {
        let begun = std::time::Instant::now();
        let known = self.inner.register.imports().await.map_err(Error::from)?;
        let actor = append::actor(permit.viewer(), Action::Import);
        let inner = Arc::clone(&self.inner);
        let run = move || intake::run(&inner, actor, import, known, progress);
        let mut summary = tokio::task::spawn_blocking(run)
            .await
            .map_err(|e| Error::internal("import", e))??;
        self.caught_up_all().await?;
        summary.seconds = begun.elapsed().as_secs_f64();
        Ok(summary)
    }
}
