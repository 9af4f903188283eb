//! Why a reading ended early. What is wrong with one element only is a [`crate::Reject`], not an error.

use std::{io, path::PathBuf};

use crate::{Format, Summary};

/// A reading that ended before the end of the file. Everything delivered before stays delivered.
#[derive(Debug, thiserror::Error)]
#[error("{cause}")]
pub struct ReadError {
    /// What happened.
    #[source]
    pub cause: Cause,
    /// What had been read until then.
    pub summary: Box<Summary>,
}

/// What ends a reading.
#[derive(Debug, thiserror::Error)]
pub enum Cause {
    /// The file cannot be opened.
    #[error("cannot open {path}: {source}")]
    Open {
        /// Path as given.
        path: PathBuf,
        /// The system's words.
        source: io::Error,
    },
    /// The file cannot be read further.
    #[error("cannot read on at line {line}: {source}")]
    Io {
        /// Line reached; 0 where the format has no lines.
        line: u64,
        /// The system's words.
        source: io::Error,
    },
    /// Nothing that we know.
    #[error("not an event log that Liuhen reads: {found}")]
    Unrecognised {
        /// What the file seems to be, and what to do.
        found: String,
    },
    /// The content is of another format than the caller said.
    #[error("the file was said to be {said}, but its content is not")]
    WrongFormat {
        /// The caller's choice.
        said: Format,
    },
    /// Bytes that are no text in the encoding assumed.
    #[error("line {line} is not UTF-8 text{}; name the encoding with --encoding", hint(*.guess))]
    Encoding {
        /// Line of the first such bytes.
        line: u64,
        /// What it looks like.
        guess: Option<&'static str>,
    },
    /// The file declares an encoding that nobody knows.
    #[error(
        "the file declares the encoding `{label}`, which is unknown; name the right one with --encoding"
    )]
    UnknownEncoding {
        /// As declared.
        label: String,
    },
    /// A document type declaration: entities could be defined there, to read other files or to grow without bound.
    #[error(
        "line {line} has a DOCTYPE; event logs need none, and entities are never expanded: remove it and import again"
    )]
    Doctype {
        /// Its line.
        line: u64,
    },
    /// The text breaks the rules of its format.
    #[error("line {line} is not well-formed {format}: {detail}")]
    Malformed {
        /// XML, JSON …
        format: &'static str,
        /// Line reached.
        line: u64,
        /// The parser's words.
        detail: String,
    },
    /// The file ends too early.
    #[error("the file ends at line {line}, inside {inside}: it is cut off")]
    Truncated {
        /// Last line.
        line: u64,
        /// What was open.
        inside: String,
    },
    /// The .gz ends too early or its checksum is wrong.
    #[error(
        "the .gz is damaged or cut off after {unpacked} unpacked bytes (line {line}): {detail}"
    )]
    Gzip {
        /// Bytes that could be unpacked.
        unpacked: u64,
        /// Line reached.
        line: u64,
        /// The unpacker's words.
        detail: String,
    },
    /// The .gz unpacks to far more than any log would.
    #[error(
        "the .gz unpacks to more than {ratio} times its size ({unpacked} bytes so far): refused as a bomb; raise the limit if it is a real log"
    )]
    Bomb {
        /// Bytes unpacked when it was stopped.
        unpacked: u64,
        /// The limit that it broke.
        ratio: u64,
    },
    /// SQLite cannot read its file.
    #[error("SQLite: {0}")]
    Sqlite(String),
    /// A table or column that OCEL needs is missing.
    #[error("the SQLite file has no {0}; OCEL 2.0 needs it")]
    Schema(String),
    /// No mapping was given and none could be guessed, or the given one names columns that are not there.
    #[error("{0}")]
    Mapping(String),
    /// The receiver wanted no more.
    #[error("stopped")]
    Stopped,
}

/// Without a line; [`crate::read`] adds it, and knows whether the file was packed.
impl From<io::Error> for Cause {
    fn from(source: io::Error) -> Self {
        match crate::input::Bomb::of(&source) {
            Some(bomb) => Self::Bomb {
                unpacked: bomb.unpacked,
                ratio: bomb.ratio,
            },
            None => Self::Io { line: 0, source },
        }
    }
}

impl From<rusqlite::Error> for Cause {
    fn from(e: rusqlite::Error) -> Self {
        Self::Sqlite(e.to_string())
    }
}

fn hint(guess: Option<&'static str>) -> String {
    guess
        .map(|g| format!(" (it looks like {g})"))
        .unwrap_or_default()
}

impl From<rusqlite::Error> for WriteError {
    fn from(e: rusqlite::Error) -> Self {
        Self::Sqlite(e.to_string())
    }
}

/// Why a log could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The format is only read.
    #[error("{0} can be read, but not written; write OCEL 2.0")]
    ReadOnly(Format),
    /// The file system said no.
    #[error("cannot write: {0}")]
    Io(#[from] io::Error),
    /// SQLite said no.
    #[error("cannot write SQLite: {0}")]
    Sqlite(String),
    /// A flat format was asked for, and nothing says what its cases are.
    #[error(
        "this log has no cases; choose the object type whose objects become cases{}",
        listed(types)
    )]
    NoCases {
        /// Object types that the log has.
        types: Vec<String>,
    },
}

fn listed(types: &[String]) -> String {
    if types.is_empty() {
        String::new()
    } else {
        format!(": one of {}", types.join(", "))
    }
}
