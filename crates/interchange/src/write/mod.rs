//! From items to a file.
//!
//! Every writer takes items in any order and holds only what its format must know before the first line can be written
//! (types, columns); the rest waits in unnamed temporary files. Not an export: which items, and who may have them, is
//! decided by the caller.

mod common;
mod csv;
mod ocel_json;
mod ocel_sqlite;
mod ocel_xml;
mod spool;
mod target;
mod xes;

use std::{io::Write, path::Path};

use crate::{Format, Item, WriteError, WriteOptions};
use target::Target;

/// Where a log is written to.
pub enum Output<'a> {
    /// A file. Written beside its name and put in its place by [`Writer::finish`]: there is never half a log.
    Path(&'a Path),
    /// Anything else.
    Stream(Box<dyn Write + 'a>),
}

/// Takes items and writes a log.
pub trait Writer {
    /// Takes one item.
    fn item(&mut self, item: &Item) -> Result<(), WriteError>;

    /// Writes what is left. Without it nothing is written.
    fn finish(self: Box<Self>) -> Result<Written, WriteError>;
}

/// What was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Events written, each as often as it stands in the file.
    pub events: u64,
    /// Objects (in XES: traces) written.
    pub objects: u64,
    /// Events that stand in the file more than once, because they are about several objects of the type by which the log was flattened.
    pub repeated: u64,
    /// Events left out, because they are about no object of that type.
    pub left_out: u64,
    /// What the format cannot say and was therefore lost or written otherwise; sentences for the user.
    pub notes: Vec<String>,
}

impl Written {
    /// Adds a sentence once.
    fn note(&mut self, sentence: &str) {
        if !self.notes.iter().any(|n| n == sentence) {
            self.notes.push(sentence.to_owned());
        }
    }
}

/// A writer of `format`.
///
/// # Errors
/// [`WriteError::ReadOnly`] for the formats of OCEL 1.0; [`WriteError::Io`] if the place cannot be written to.
pub fn writer<'a>(
    format: Format,
    output: Output<'a>,
    options: &WriteOptions,
) -> Result<Box<dyn Writer + 'a>, WriteError> {
    if !format.writable() {
        return Err(WriteError::ReadOnly(format));
    }
    let target = Target::open(output)?;
    Ok(match format {
        Format::Xes => Box::new(xes::Xes::new(target, options)?),
        Format::OcelJson => Box::new(ocel_json::OcelJson::new(target, options)?),
        Format::OcelXml => Box::new(ocel_xml::OcelXml::new(target, options)?),
        Format::OcelSqlite => Box::new(ocel_sqlite::OcelSqlite::new(target)?),
        Format::Csv => Box::new(csv::Csv::new(target, options)?),
        Format::Ocel1Json | Format::Ocel1Xml => return Err(WriteError::ReadOnly(format)),
    })
}
