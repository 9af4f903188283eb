//! What a caller may choose when reading: format, zone, encoding, mapping, limits. Not where things go: that is the
//! [`crate::Sink`].

use std::{fmt, str::FromStr};

use crate::{Mapping, ReadError, Source, Zone};

/// A format of event logs. `.jsonocel`, `.xmlocel` and `.sqlite` say nothing about the version of OCEL: content does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// XES (IEEE 1849) and its forerunner 1.0.
    Xes,
    /// OCEL 1.0 as JSON. Read only.
    Ocel1Json,
    /// OCEL 1.0 as XML. Read only.
    Ocel1Xml,
    /// OCEL 2.0 as JSON.
    OcelJson,
    /// OCEL 2.0 as XML.
    OcelXml,
    /// OCEL 2.0 as SQLite.
    OcelSqlite,
    /// Comma-separated values with a [`Mapping`].
    Csv,
}

impl Format {
    /// Every format, in the order of the documentation.
    pub const ALL: [Self; 7] = [
        Self::Xes,
        Self::OcelJson,
        Self::OcelXml,
        Self::OcelSqlite,
        Self::Csv,
        Self::Ocel1Json,
        Self::Ocel1Xml,
    ];

    /// Short name, as on a command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Xes => "xes",
            Self::Ocel1Json => "ocel1-json",
            Self::Ocel1Xml => "ocel1-xml",
            Self::OcelJson => "ocel-json",
            Self::OcelXml => "ocel-xml",
            Self::OcelSqlite => "ocel-sqlite",
            Self::Csv => "csv",
        }
    }

    /// The format of what `source` holds, judged by its first 64 KiB after unpacking.
    pub fn detect(source: Source<'_>) -> Result<Self, ReadError> {
        crate::read::detect(source)
    }

    /// True if logs can be written in it, and not only read.
    pub const fn writable(self) -> bool {
        matches!(
            self,
            Self::Xes | Self::OcelJson | Self::OcelXml | Self::OcelSqlite | Self::Csv
        )
    }

    pub(crate) fn family(self) -> crate::input::Family {
        use crate::input::Family;
        match self {
            Self::Xes | Self::Ocel1Xml | Self::OcelXml => Family::Xml,
            Self::Ocel1Json | Self::OcelJson => Family::Json,
            Self::OcelSqlite => Family::Sqlite,
            Self::Csv => Family::Csv,
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Xes => "XES",
            Self::Ocel1Json => "OCEL 1.0 JSON",
            Self::Ocel1Xml => "OCEL 1.0 XML",
            Self::OcelJson => "OCEL 2.0 JSON",
            Self::OcelXml => "OCEL 2.0 XML",
            Self::OcelSqlite => "OCEL 2.0 SQLite",
            Self::Csv => "CSV",
        })
    }
}

/// Not the name of a format.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a format; known: xes, ocel-json, ocel-xml, ocel-sqlite, csv, ocel1-json, ocel1-xml"
)]
pub struct FormatError(String);

impl FromStr for Format {
    type Err = FormatError;

    fn from_str(s: &str) -> Result<Self, FormatError> {
        Self::ALL
            .into_iter()
            .find(|f| f.name() == s)
            .ok_or_else(|| FormatError(s.to_owned()))
    }
}

/// Choices of the caller; the default reads every log that says enough about itself.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Format; `None` = by content. Content that is of another format ends the reading.
    pub format: Option<Format>,
    /// Mapping of a CSV; `None` = guessed from header and first rows.
    pub mapping: Option<Mapping>,
    /// Zone in which times without one were written; `None` = they are refused, because nobody knows what they mean.
    pub zone: Option<Zone>,
    /// Encoding of a text file by its label (`gb18030`, `utf-16le` …); `None` = as marked or declared, else UTF-8.
    pub encoding: Option<String>,
    /// Key of the attribute that names the activity of a XES event; `None` = `concept:name`.
    pub activity: Option<String>,
    /// Bounds on what one file may ask for.
    pub limits: Limits,
}

/// Bounds that keep memory and time finite, whatever the file says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one attribute's key or value. Longer ones are refused, never held.
    pub attribute: usize,
    /// Bytes of one event or object with all its attributes; the log's description may have eight times as many.
    pub event: usize,
    /// Levels of nested attributes.
    pub depth: usize,
    /// Bytes that a .gz may unpack to before its ratio matters.
    pub gzip_free: u64,
    /// Highest ratio of unpacked to packed bytes beyond that. Real logs stand at 20 to 60.
    pub gzip_ratio: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            attribute: 1 << 20,
            event: 4 << 20,
            depth: 64,
            gzip_free: 64 << 20,
            gzip_ratio: 200,
        }
    }
}

/// Choices for writing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WriteOptions {
    /// XES and CSV: the object type whose objects become cases. An event about several of them is written once for each,
    /// with the case behind its id (`e1/order7`); an event about none is left out, and both are counted in
    /// [`crate::Written`]. `None` = [`crate::CASE`] in XES; in CSV the cases, if all objects are cases, and one column
    /// per object type otherwise.
    pub flatten: Option<String>,
    /// Pack the file with gzip. Not for SQLite.
    pub gzip: bool,
}
