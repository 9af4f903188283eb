//! The present state of a node in SQL, made from the entries of its log and from nothing else.
//!
//! [`Writer::apply`] takes entries in the order of the log; [`Register`] answers what pages ask. Delete the file, replay
//! the log, and every answer is the same, byte for byte: [`Register::dump`] is how tests compare.
//!
//! **Is not** the place where anything is decided: no permissions, no clock, no law. It keeps no words of records of
//! inquiries, only who may and may not read them; and of the bodies of other events only the names that search needs, and running numbers.
//!
//! SQLite today; [`Db`] is where PostgreSQL joins, with the same statements (`$1`) and tables of its own.

mod bulk;
mod db;
mod dump;
mod number;
mod read;
mod tree;
mod write;

pub use db::{Db, Error, Register};
pub use number::{Numbered, numbered};
pub use read::Scope;
pub use read::case::{CaseQuery, CaseSort, ElementRow, ObjectRow, Officer, TimelineRow};
pub use read::event::{EventRow, EventsQuery, ImportRow};
pub use read::inquiry::{InquiryRow, ReadRow};
pub use read::look::{AnswerRow, LookRow, RelationRow, StepRow};
pub use read::off_book::{LooseItem, LooseStay, NumberGap, Seen, Series};
pub use read::roster::{GrantRow, PersonQuery, PersonRow};
pub use tree::{Organ, Tree};
pub use write::{Applied, Writer, wants_body};

/// The activities of the node's own events and of records of inquiries that the register understands.
pub mod activity {
    /// An organ is entered or changed: body `code`, `name`, `parent`.
    pub const ORGAN: &str = "lh.organ";
    /// An organ is ended: body `code`, `at`.
    pub const ORGAN_END: &str = "lh.organ.end";
    /// A person is entered or changed: object `staff`; body `number`, `name`, `initials`, `organ`, `post`.
    pub const PERSON: &str = "lh.person";
    /// A person has left: object `staff`; body `at`.
    pub const PERSON_END: &str = "lh.person.end";
    /// A role is given: object `staff`; body `role`, `organ`, `from`, `to`.
    pub const ROLE: &str = "lh.role";
    /// A role is ended: body `grant` (event id), `at`.
    pub const ROLE_END: &str = "lh.role.end";
    /// A file is imported: body `source`, `sha256`.
    pub const IMPORT: &str = "lh.import";
    /// An object is described: its object; body `names`.
    pub const OBJECT: &str = "lh.object";
    /// A case was looked at: object is the case; body `kind`, `class`, `template`, `path`, `because`, `event`.
    pub const READ: &str = "lh.read";
    /// Somebody gave a reason to open a case that nothing on record explains to him: object is the case; body `reason`,
    /// `class`, `paper`, `template`.
    pub const BREAK_GLASS: &str = "lh.break_glass";
    /// A relation is registered: objects the case and the person (`staff`) or the other case; body `kind`, `from`, `to`,
    /// `document`, `other`.
    pub const ASSIGN: &str = "lh.assign";
    /// A relation is ended: body `relation` (event id), `at`.
    pub const ASSIGN_END: &str = "lh.assign.end";
    /// A look was reviewed: body `look` (index), `verdict`.
    pub const LOOK_ANSWER: &str = "lh.look.answer";
    /// A list was given out as a file: body `list`, `asked`, `rows`.
    pub const LIST: &str = "lh.list";
    /// A body is erased: body `index`, and `recorder` where it was a record of an inquiry.
    pub const ERASE: &str = "lh.erase";
    /// An inquiry is recorded: body `recorder`, `named` (each), `tile`; `occurred`.
    pub const INQUIRY: &str = "itf.record";
    /// A record is opened: body `reader`, `record` (event id).
    pub const INQUIRY_READ: &str = "itf.read";
    /// What all events around records of inquiries begin with.
    pub const INTERFERENCE: &str = "itf.";
    /// What the node's own events begin with.
    pub const NODE: &str = "lh.";
    /// What the rules found.
    pub const ALERT: &str = "sup.alert";
}
