//! Packs: what the law and the node call things, and what the law expects. Activities, roles, object types, the choices
//! of forms, rules with their attributes and tables, their sources.
//!
//! A pack is a folder of TOML under `packs/`. It is read as text, checked **as a whole** together with the others (every
//! reference resolves, every item has a source and a confidence, no id twice) and hashed, so that its adoption can stand
//! in the ledger. Facts are restated with a mark of how well they are known ([`Confidence`]); nothing here is text of law.
//!
//! This crate does *not* evaluate anything: it knows that a detention needs two officers, not whether one was lawful.
//! It does no I/O and knows no clock: [`Catalogue::shipped`] is compiled in, [`Catalogue::parse`] takes strings.

mod catalogue;
mod check;
mod defs;
mod explanations;
mod fault;
mod fault_zh;
mod read;
pub mod rule;
mod rules;
mod steps;
mod toml_zh;
mod words;

pub use catalogue::{Catalogue, PackText, shipped_packs};
pub use defs::{
    ActivityDef, Confidence, Confirm, GroupDef, MannerDef, Note, ObjectDef, Pack, RoleDef,
    SourceDef, Text, TileDef,
};
pub use explanations::{Explanations, Leg, Reason, Relation, Signals, Template};
pub use fault::{Fault, Faults, What};
pub use rules::{ChangeKind, FieldChange, OverlayDef, RuleChange, TableDef};
pub use steps::{KeyStepDef, Separation, StepAct};
pub use words::Lang;
