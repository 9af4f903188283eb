//! What goes in and what comes back: submissions, acknowledgements, and why one was refused.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use tlog::{Hash, note::VerifierKey};
use tokio::sync::oneshot;

/// One entry to be appended, with what belongs beside it.
#[derive(Clone, Debug)]
pub struct Submission {
    /// Full 256-bit key by which a repetition is recognised; `None` where the caller never repeats.
    pub key: Option<[u8; 32]>,
    /// The entry.
    pub entry: EntryBytes,
    /// The body that the entry commits to; kept beside the log, not hashed into the tree.
    pub body: Option<Vec<u8>>,
}

/// The bytes of an entry, of at most 65,535 (C2SP tlog-tiles).
#[derive(Clone, Debug)]
pub enum EntryBytes {
    /// Complete.
    Fixed(Vec<u8>),
    /// The sequencer puts the 27 bytes of `recorded` between the two.
    Stamped {
        /// Before `recorded`.
        prefix: Vec<u8>,
        /// After it.
        suffix: Vec<u8>,
    },
    /// Complete and signed by actors: a C2SP note that must verify under these keys before it is taken in.
    Signed {
        /// The note.
        note: Vec<u8>,
        /// `recorded` inside it, µs: fixed before the actor signed, refused when older than the signing window.
        recorded: i64,
        /// The actor keys that may have signed; at least one must, and none may be wrong.
        keys: std::sync::Arc<[VerifierKey]>,
    },
}

impl EntryBytes {
    /// Bytes that the entry will have.
    pub fn len(&self) -> usize {
        match self {
            Self::Fixed(bytes) | Self::Signed { note: bytes, .. } => bytes.len(),
            Self::Stamped { prefix, suffix } => {
                prefix.len() + crate::clock::STAMP_LEN + suffix.len()
            }
        }
    }

    /// Whether there is nothing at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Acknowledgement: the entry survives a crash and a power cut of this node. Only the ledger makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Durable {
    pub(crate) index: u64,
    pub(crate) recorded: i64,
    pub(crate) leaf: Hash,
    pub(crate) duplicate: bool,
}

impl Durable {
    /// Position in the log.
    pub fn index(&self) -> u64 {
        self.index
    }

    /// When the sequencer took the entry, or its repetition, in: µs since the epoch.
    pub fn recorded(&self) -> i64 {
        self.recorded
    }

    /// RFC 6962 leaf hash.
    pub fn leaf(&self) -> &Hash {
        &self.leaf
    }

    /// Whether the key was known: `index` is then that of the first submission, and nothing was appended.
    pub fn duplicate(&self) -> bool {
        self.duplicate
    }
}

/// Why nothing was queued.
#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    /// The queue is full: come back in a moment.
    #[error("the queue of the log is full ({waiting} entries wait); try again in a moment")]
    Busy {
        /// Entries that wait.
        waiting: usize,
    },
    /// More than one frame can carry.
    #[error(
        "a group may have {MAX_GROUP} entries and {MAX_GROUP_BYTES} bytes, this one has {entries} and {bytes}"
    )]
    TooMuch {
        /// Entries in the group.
        entries: usize,
        /// Bytes of entries and bodies.
        bytes: usize,
    },
    /// An entry that no bundle can hold. Larger things are named by their hash.
    #[error("entry {at} of the group has {bytes} bytes; an entry may have 65,535")]
    EntryTooLong {
        /// Position in the group, from 0.
        at: usize,
        /// Its bytes.
        bytes: usize,
    },
    /// A body that is too long to be one. Files are named by hash.
    #[error("the body of entry {at} of the group has {bytes} bytes; a body may have {MAX_BODY}")]
    BodyTooLong {
        /// Position in the group, from 0.
        at: usize,
        /// Its bytes.
        bytes: usize,
    },
    /// The log takes nothing more in.
    #[error("the log is closed")]
    Closed,
}

/// Why a queued group was not acknowledged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AppendError {
    /// Nothing was written; the reason may pass (no space left, for one). Reading and proving go on.
    #[error("nothing was taken in: {reason}; try again when that is mended")]
    Refused {
        /// What the store said.
        reason: String,
    },
    /// A signature does not hold.
    #[error("entry {at} of the group is not signed by its actor: {reason}")]
    Signature {
        /// Position in the group, from 0.
        at: usize,
        /// What is wrong.
        reason: String,
    },
    /// Signed too long ago for its `recorded` to be believed.
    #[error(
        "entry {at} of the group was signed {age} s ago; sign again, at most {window} s may pass"
    )]
    Stale {
        /// Position in the group, from 0.
        at: usize,
        /// Seconds since.
        age: i64,
        /// Seconds allowed.
        window: i64,
    },
    /// The write may or may not have reached the disk. After a restart, send the same again: its key tells.
    #[error("unknown whether it was taken in: send the same again after the restart")]
    Unknown,
}

/// Entries of one group.
pub const MAX_GROUP: usize = 4096;
/// Bytes of entries, bodies and keys of one group: 4 MiB, the cap of a frame. A single entry with a larger body goes alone.
pub const MAX_GROUP_BYTES: usize = 4 * 1024 * 1024;
/// Bytes of one body: 1 MiB. Files are not bodies: they are named by hash. 255 of them must fit into a carry frame.
pub const MAX_BODY: usize = 1024 * 1024;

pub(crate) type Answer = Result<Vec<Durable>, AppendError>;

/// A queued group. Dropping it does not take the group back.
#[must_use = "a group is durable only when this says so"]
#[derive(Debug)]
pub struct Pending(oneshot::Receiver<Answer>);

impl Pending {
    pub(crate) fn new() -> (oneshot::Sender<Answer>, Self) {
        let (tx, rx) = oneshot::channel();
        (tx, Self(rx))
    }

    /// Waits, blocking the thread. Inside an async runtime, `.await` it instead.
    ///
    /// # Errors
    /// As [`AppendError`] says.
    pub fn wait(self) -> Result<Vec<Durable>, AppendError> {
        self.0.blocking_recv().unwrap_or(Err(AppendError::Unknown))
    }
}

impl Future for Pending {
    type Output = Result<Vec<Durable>, AppendError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0)
            .poll(cx)
            .map(|r| r.unwrap_or(Err(AppendError::Unknown)))
    }
}
