//! An append-only log on local disk: durable in one flush, provable by anybody, recovered or refused, never forked.
//!
//! Life of an entry: [`Ledger::submit`] queues a group; the *sequencer* gives indexes, hashes the leaves and the new root
//! while the flush before is in flight; the *flusher* writes one frame and flushes once ([`Durable`]); the *tiler* writes
//! full tiles, bundles and sidecars from the frames; the *publisher* signs the newest flushed size ([`Published`]).
//!
//! **Is not:** a database, and knows nothing of events: entries and bodies are bytes. Object storage is not done here.
//!
//! Specification: C2SP tlog-tiles v0.1.0 and tlog-checkpoint v1.0.0 for what others read; `wal/`, `state/`, `bodies/` and
//! `idx/` are our own and described in their modules.

mod actors;
pub mod audit;
pub mod clock;
mod dedup;
mod erase;
mod flusher;
pub mod frame;
mod log;
mod publisher;
mod read;
mod recover;
mod sequencer;
mod shared;
mod side;
mod speed;
mod state;
pub mod store;
mod submit;
mod tail;
mod tiler;
mod wal;
pub mod witness;

pub use clock::{Clock, SystemClock};
pub use erase::EraseError;
pub use log::{Config, CreateError, Ledger, WeakLedger};
pub use publisher::Published;
pub use read::{ReadError, ReceiptError, Record};
pub use recover::{OpenError, Recovered, Reply, Witnesses};
pub use side::BodyState;
pub use speed::{SLOW_MB_S, hash_speed};
pub use submit::{
    AppendError, Durable, EntryBytes, MAX_BODY, MAX_GROUP, MAX_GROUP_BYTES, Pending, Submission,
    SubmitError,
};
