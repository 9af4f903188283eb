//! Event logs in and out: XES, OCEL 1.0 and 2.0, CSV, as streams of neutral items.
//!
//! [`read`] takes a file apart and hands [`Item`]s to a [`Sink`], one at a time: memory does not grow with the file.
//! [`writer`] takes items and writes a file. What is bad in one element is a [`Reject`] and reading goes on; what is bad
//! in the file as a whole is a [`ReadError`], and what came before stays delivered.
//!
//! Specifications: IEEE 1849-2016 (XES), OCEL 2.0 (<https://www.ocel-standard.org>), RFC 4180 (CSV).
//!
//! Not an import: knows no ledger, no clock, no network and no randomness; decides nothing about what an event means.
//! Files are the only thing that it touches: the ones that it is told to read and write, and unnamed temporary ones.
//!
//! Reading order: [`Item`], [`read`], [`Mapping`], [`writer`].

mod error;
mod input;
mod item;
pub mod mapping;
mod options;
mod read;
pub mod synthetic;
mod times;
mod write;

pub use error::{Cause, ReadError, WriteError};
pub use item::{
    AttrDecl, CASE, Classifier, Collected, Event, EventObject, Extension, Global, Item, LogMeta,
    Object, Place, Reject, Relation, Sink, Stop, TypeDecl, What,
};
pub use mapping::Mapping;
pub use options::{Format, FormatError, Limits, Options, WriteOptions};
pub use read::{Source, Summary, read};
pub use times::{Zone, ZoneError};
pub use write::{Output, Writer, Written, writer};
