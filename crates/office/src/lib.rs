//! Every use case of the node: may I, what follows, which events. One file per noun.
//!
//! A use case takes a [`Permit`] for the [`Action`] that it is, builds a header and a body, hands them to the ledger, and
//! reads what pages need from the register. So a call without permission does not compile, and nothing is stored that is
//! not first an entry of the log.
//!
//! **Is not:** HTTP, HTML or SQL text; not the law (crate `law`) and not the judge of anybody. Secrets (passwords,
//! sessions, tokens) are in crate `accounts`, outside the log: they are not history.
//!
//! Reading order: [`Office::init`] and [`Office::open`]; [`permissions`]; [`Office::record`]; `append.rs` (how an event
//! comes to be); `follower.rs` (how the register learns of it).

mod account;
mod append;
mod attachment;
mod case;
mod clocks;
mod elements;
mod entry;
mod erase;
mod error;
mod event;
mod export;
mod finding;
mod follower;
mod gate;
mod hook;
mod import;
mod init;
mod inquiry;
mod look;
mod node;
mod off_book;
mod organ;
mod pack;
mod page;
pub mod permissions;
mod person;
mod pinyin;
mod review;
mod role;
mod settings;
mod snapshot;
mod table;
mod text;
mod today;
mod watcher;

pub use account::{
    AccountRow, NewAccount, NewToken, PasswordError, Session, SignInError, TokenRow, Viewer,
};
pub use attachment::{Attachment, MAX_FILE};
pub use case::{
    ActorView, CaseFilter, CaseKey, CaseRow, CaseView, EventBody, NamedObject, ObjectGroup,
    ObjectView, TimelineEvent,
};
pub use clocks::{
    Adoption, AlertView, CaseStanding, ClockList, ClockQuery, ClockRow, ClockSort, DueGroup,
    Standing,
};
pub use elements::{
    Custody, ElementAct, Elements, FileElement, Gap, GapKind, ItemElement, Link as CustodyLink,
    Loan, Measure, OtherElement, PersonElement, PlaceElement, Stay, Version,
};
pub use entry::{BodyKept, EntryView, Lookup, Receipt, ReceiptState, TileError};
pub use erase::Erased;
pub use error::{Error, FieldError};
pub use event::{
    ActorInput, EventInput, EventQuery, EventView, EventsPage, LineResult, MAX_LINES, ObjectInput,
    ValueInput,
};
pub use export::{Export, Exported, Selection};
pub use finding::{Clock as OpenClock, ClockFilter, Listener, RuleRow, Told, UnitFigures};
pub use gate::{Barrier, Both, Gates};
pub use hook::{
    Courier, GIVE_UP, HookAddress, HookAnswer, HookMessage, HookRow, HookRules, HookWants,
    MadeHook, NewHook, Outgoing,
};
pub use import::{Import, ImportError, ImportRow, ImportSummary, Progress};
pub use inquiry::{
    Inquiry, InquiryRow, InquiryView, MyRecord, MyRecordRow, Reader, Receiver, Recorded, Which,
    Who, WhoView,
};
pub use ledger::{Clock, SystemClock};
pub use look::{
    Answer, Asked, LookDetail, LookKind, LookLeg, LookQueue, LookView, NewAnswer, NewReason,
    NewRelation, ReasonForm, RelationView, Signal, UnitBudget, Verdict, Wanted,
};
pub use node::{InitError, InitSpec, NodeInfo, Office, OpenError};
pub use off_book::{
    Looked, OffBook, OffBookAct, OffBookFinding, OffBookItem, OffBookMark, OffBookRegister,
    OffBookStay,
};
pub use organ::{NewOrgan, OrganRow};
pub use pack::{PackDifference, PackError, PackFiles, mismatch_said};
pub use page::{Page, PageRequest};
pub use permissions::{Action, Permission, Permit, Refused, may};
pub use person::{NewPerson, PersonFilter, PersonHit, PersonRow};
pub use review::{
    Decided, Decision, NewProposal, Opinion, Proposed, Queue, Stage, StepRow, StepRule, StepView,
    Tried,
};
pub use role::{Grant, GrantRow, NewGrant};
pub use table::{TableReject, TableSummary};
pub use today::{Link, Today, TodayItem, TodayKind};

#[doc(no_inline)]
pub use ::watch::access::Class as LookClass;
#[doc(no_inline)]
pub use ::watch::{Evidence, Finding, Text2};
#[doc(no_inline)]
pub use interchange::Format;
#[doc(no_inline)]
pub use model::{
    Activity, Attr, EventId, FileRef, Header, Micros, ObjectType, OrganCode, Pseudonym, Qualifier,
    RoleId, Value,
};
#[doc(no_inline)]
pub use register::{CaseSort, NumberGap};
