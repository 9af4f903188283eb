//! Rules × events → findings and due times, incrementally and in batch, with the reason.
//!
//! Most rules of procedure are about what did *not* happen in time. So the core is neither a row matcher nor SQL: it is one
//! pure function, `judge`: a rule, one event that activates it, the trace of its object, and a moment give an outcome.
//! [`batch`] asks it of every activation; [`Engine`] asks it again of those that a new event or the passing of time may
//! concern. The design is in `docs/adr/0011-one-judge.md`.
//!
//! Pure: knows no file, no clock, no log. Is *not* the place where rules are written (`law`) or days are counted
//! (`calendar`), and decides nothing about a person: a finding is a question with its evidence.

pub mod access;
pub mod batch;
mod columns;
mod engine;
mod finding;
mod guard;
mod judge;
mod program;
mod rehearse;
mod symbols;
mod trace;
mod view;
mod wheel;

pub use columns::{Columns, Event, Row, Unusable, Value};
pub use engine::{Change, Engine};
pub use finding::{Evidence, Finding, Text2, findings};
pub use program::{Program, RuleNo};
pub use rehearse::{Mismatch, rehearse};
pub use view::Stop;
