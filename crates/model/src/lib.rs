//! Events, objects, actors and ids of Liuhen, and the exact bytes in which they stand in a log.
//!
//! The words are those of OCEL 2.0 (event, object, qualifier, attribute); the shape of an entry is that of a C2SP
//! signed note (`docs/adr/0008-entries-and-bodies.md`). This crate is *not* a store, *not* a rule engine and knows no
//! clock: times and randomness are arguments.
//!
//! Reading order: [`Header`] (what every reader of a log sees), [`Body`] (what only some may see), [`Entry`] (the bytes
//! that a log commits to), [`Pseudonym`] (how a header names people and things without naming them).

mod body;
mod entry;
mod header;
mod ids;
mod pseudonym;
mod time;
mod value;

pub use body::{Body, BodyError, FileRef, Relation, Said, SaidValue, Source};
pub use entry::{Entry, EntryError};
pub use header::{Actor, Commitment, Header, HeaderError, ObjectRef};
pub use ids::{Activity, EventId, IdError, ObjectType, OrganCode, Qualifier, RoleId, RuleId, hex};
pub use pseudonym::{Pseudonym, PseudonymKey};
pub use time::{Micros, TimeError, TimeText};
pub use value::{Attr, Value};
