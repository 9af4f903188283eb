//! Checkpoints: origin, size and root of a log as a signed note (C2SP tlog-checkpoint v1.0.0).
//!
//! Is not the memory of a log: that no two signed checkpoints contradict each other is kept by `ledger`. Extension lines
//! are never written, and are refused when read: no monitor can audit them.

use std::fmt;
use std::str::FromStr;

use crate::note::{
    self, Algorithm, KeyKind, Note, NoteError, SignError, Signer, SigningKey, VerifierKey,
    VerifyError,
};
use crate::{Hash, text};

/// Longest origin, bytes: other signature types have one byte for its length.
pub const MAX_ORIGIN: usize = 255;

/// Name of a log: its URL prefix without scheme and trailing slash, e.g. `liuhen.example/A330100`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin(String);

/// A text that is no origin.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "an origin has 1 to {MAX_ORIGIN} bytes without spaces, control characters and '+'; {0:?} does not fit"
)]
pub struct OriginError(pub String);

impl Origin {
    /// Checks a text.
    ///
    /// # Errors
    /// [`OriginError`].
    pub fn new(origin: &str) -> Result<Self, OriginError> {
        if origin.len() > MAX_ORIGIN || !note::is_key_name(origin) {
            return Err(OriginError(origin.to_owned()));
        }
        Ok(Self(origin.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Origin {
    type Err = OriginError;

    fn from_str(origin: &str) -> Result<Self, OriginError> {
        Self::new(origin)
    }
}

/// Head of a log's tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log.
    pub origin: Origin,
    /// Leaves.
    pub size: u64,
    /// Root hash.
    pub root: Hash,
}

/// Why a text is no checkpoint.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// Fewer than three lines, or the last does not end in LF.
    #[error("a checkpoint has three lines: origin, size, root")]
    Lines,
    /// The first line is no origin.
    #[error(transparent)]
    Origin(#[from] OriginError),
    /// The second line is no decimal of 64 bits.
    #[error("size {0:?} is not a decimal of 64 bits without leading zeros")]
    Size(String),
    /// The third line is not the base64 of 32 bytes.
    #[error("root {0:?} is not the base64 of 32 bytes")]
    Root(String),
    /// There are further lines. No monitor can audit them, so they are refused.
    #[error("checkpoint has extension lines ({lines}), which are not accepted")]
    Extension {
        /// How many.
        lines: usize,
    },
}

impl Checkpoint {
    /// The text of the note, three lines.
    pub fn text(&self) -> String {
        format!(
            "{}\n{}\n{}\n",
            self.origin,
            self.size,
            text::to_base64(&self.root)
        )
    }

    /// Reads the text of a note; accepts exactly what [`Checkpoint::text`] writes.
    ///
    /// # Errors
    /// [`CheckpointError`].
    pub fn parse(checkpoint: &str) -> Result<Self, CheckpointError> {
        let mut rest = checkpoint;
        let mut next = || {
            let (line, after) = text::line(rest).ok_or(CheckpointError::Lines)?;
            rest = after;
            Ok::<_, CheckpointError>(line)
        };
        let (origin, size, root) = (next()?, next()?, next()?);
        let checkpoint = Self {
            origin: Origin::new(origin)?,
            size: text::decimal(size).ok_or_else(|| CheckpointError::Size(size.to_owned()))?,
            root: text::hash(root).ok_or_else(|| CheckpointError::Root(root.to_owned()))?,
        };
        match rest {
            "" => Ok(checkpoint),
            more => Err(CheckpointError::Extension {
                lines: more.lines().count(),
            }),
        }
    }
}

/// Signs a checkpoint: the whole note.
///
/// # Errors
/// [`SignError::Kind`] for a key that is no log's; [`SignError::Origin`] for the key of another log.
pub fn sign(checkpoint: &Checkpoint, key: &SigningKey) -> Result<String, SignError> {
    if key.kind() != KeyKind::Log {
        return Err(SignError::Kind {
            is: key.kind(),
            needs: KeyKind::Log,
        });
    }
    let (name, origin) = (key.verifier().name(), checkpoint.origin.as_str());
    if name != origin {
        return Err(SignError::Origin {
            name: name.to_owned(),
            origin: origin.to_owned(),
        });
    }
    let text = checkpoint.text();
    let line = note::sign(&text, key)?;
    Ok(Note::new(text, vec![line])?.to_string())
}

/// A checkpoint that its log has signed. Only [`open`] makes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedCheckpoint {
    checkpoint: Checkpoint,
    note: Note,
    by: Vec<Signer>,
}

impl SignedCheckpoint {
    /// What was signed.
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// The note, with all its lines, also those of unknown keys.
    pub fn note(&self) -> &Note {
        &self.note
    }

    /// Known keys that signed or cosigned; the log's own is among them.
    pub fn by(&self) -> &[Signer] {
        &self.by
    }
}

/// Why a checkpoint is not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Not a note.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// No known key signed, or a known key's signature fails.
    #[error(transparent)]
    Signature(#[from] VerifyError),
    /// Signed, but no checkpoint.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// Known keys signed, but not a log's key of this origin.
    #[error("checkpoint of {origin} is not signed by a known key of that log")]
    NotByLog {
        /// Origin in the text.
        origin: Origin,
    },
}

/// Reads and verifies a checkpoint. Among `keys` the log's key is the one of type 0x01 that bears the origin as its name;
/// keys of witnesses (0x04) may be given too, and their cosignatures are then verified as well.
///
/// # Errors
/// [`OpenError`].
pub fn open(note: &[u8], keys: &[VerifierKey]) -> Result<SignedCheckpoint, OpenError> {
    let note = Note::parse(note)?;
    let verified = note.verify(keys)?;
    let checkpoint = Checkpoint::parse(verified.text())?;
    let by = verified.by().to_vec();
    let by_log = |signer: &Signer| {
        signer.key().algorithm() == Algorithm::Ed25519
            && signer.key().name() == checkpoint.origin.as_str()
    };
    if !by.iter().any(by_log) {
        return Err(OpenError::NotByLog {
            origin: checkpoint.origin,
        });
    }
    Ok(SignedCheckpoint {
        checkpoint,
        note,
        by,
    })
}
