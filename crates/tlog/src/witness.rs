//! Request and answer of a witness's `add-checkpoint` (C2SP tlog-witness v1.0.0): reading and writing only.
//!
//! Is not a witness: comparing, persisting and deciding are elsewhere.

use std::fmt;

use crate::note::{MAX_NOTE, MAX_SIGNATURES, Note, NoteError, SignatureLine};
use crate::{Hash, text};

/// Content type of a 409 answer.
pub const SIZE_TYPE: &str = "text/x.tlog.size";

/// Most hashes of a consistency proof.
pub const MAX_HASHES: usize = 63;

/// Longest request that is read, bytes: a note, 63 hash lines and the first line.
pub const MAX_REQUEST: usize = MAX_NOTE + 63 * 45 + 32;

/// Body of `POST …/add-checkpoint`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Size that the witness is believed to have cosigned last; 0 if never.
    pub old: u64,
    /// Consistency proof from `old` to the checkpoint's size.
    pub proof: Vec<Hash>,
    /// The checkpoint with its signatures, verbatim.
    pub checkpoint: String,
}

/// Why bytes are no request or no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WitnessError {
    /// Longer than [`MAX_REQUEST`].
    #[error("message has {len} bytes, at most {MAX_REQUEST} are read")]
    TooLong {
        /// Length, bytes.
        len: usize,
    },
    /// Not UTF-8.
    #[error("message is not UTF-8 from byte {at} on")]
    NotUtf8 {
        /// First bad byte.
        at: usize,
    },
    /// The first line is not `old <decimal>`.
    #[error("the first line is not \"old <decimal>\"")]
    Old,
    /// A proof line is wrong, the empty line is missing, or there are more than [`MAX_HASHES`] hashes.
    #[error(
        "proof line {line} is not the base64 of 32 bytes, or lines do not end in an empty one after at most 63"
    )]
    Hash {
        /// Line, counted from 1 after the first.
        line: usize,
    },
    /// What follows the empty line is no note, or the lines of an answer are no signature lines.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// A 409 without `text/x.tlog.size` and a decimal line.
    #[error("answer 409 does not name a size as text/x.tlog.size")]
    Size,
    /// A status that the protocol does not know.
    #[error("status {0} is no answer of a witness")]
    Status(u16),
}

impl Request {
    /// Reads a body. Strict: what is read is written back as the same bytes.
    ///
    /// # Errors
    /// [`WitnessError`]; the answer is then 400.
    pub fn parse(body: &[u8]) -> Result<Self, WitnessError> {
        let body = utf8(body)?;
        let (old, rest) = text::line(body).ok_or(WitnessError::Old)?;
        let old = old
            .strip_prefix("old ")
            .and_then(text::decimal)
            .ok_or(WitnessError::Old)?;
        let (proof, checkpoint) = text::hash_lines(rest, MAX_HASHES)
            .map_err(|read| WitnessError::Hash { line: read + 1 })?;
        Note::parse(checkpoint.as_bytes())?;
        Ok(Self {
            old,
            proof,
            checkpoint: checkpoint.to_owned(),
        })
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "old {}", self.old)?;
        self.proof
            .iter()
            .try_for_each(|hash| writeln!(f, "{}", text::to_base64(hash)))?;
        write!(f, "\n{}", self.checkpoint)
    }
}

/// Answer of a witness.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// 200: cosignature lines.
    Cosigned(Vec<SignatureLine>),
    /// 400: malformed, or `old` above the checkpoint's size.
    Malformed,
    /// 403: not signed by a key trusted for that origin.
    Untrusted,
    /// 404: origin not known.
    UnknownOrigin,
    /// 409: `old` is not the size cosigned last.
    Conflict {
        /// The size cosigned last, 0 if never.
        size: u64,
    },
    /// 422: the proof does not verify, or the same size has another root.
    Unproven,
}

impl Answer {
    /// HTTP status.
    pub fn status(&self) -> u16 {
        match self {
            Self::Cosigned(_) => 200,
            Self::Malformed => 400,
            Self::Untrusted => 403,
            Self::UnknownOrigin => 404,
            Self::Conflict { .. } => 409,
            Self::Unproven => 422,
        }
    }

    /// Content type, where the protocol prescribes one.
    pub fn content_type(&self) -> Option<&'static str> {
        matches!(self, Self::Conflict { .. }).then_some(SIZE_TYPE)
    }

    /// HTTP body.
    pub fn body(&self) -> String {
        match self {
            Self::Cosigned(lines) => lines.iter().map(|line| format!("{line}\n")).collect(),
            Self::Conflict { size } => format!("{size}\n"),
            Self::Malformed | Self::Untrusted | Self::UnknownOrigin | Self::Unproven => {
                String::new()
            }
        }
    }

    /// Reads an answer. Bodies are read where the protocol gives them a meaning (200 and 409) and nowhere else.
    ///
    /// # Errors
    /// [`WitnessError`].
    pub fn parse(
        status: u16,
        content_type: Option<&str>,
        body: &[u8],
    ) -> Result<Self, WitnessError> {
        Ok(match status {
            200 => {
                let lines = utf8(body)?
                    .strip_suffix('\n')
                    .ok_or(NoteError::NoSignatures)?;
                let mut signatures = Vec::new();
                for (n, line) in lines.split('\n').enumerate() {
                    if n == MAX_SIGNATURES {
                        return Err(NoteError::TooManySignatures.into());
                    }
                    signatures.push(
                        line.parse()
                            .map_err(|_| NoteError::SignatureLine { line: n + 1 })?,
                    );
                }
                Self::Cosigned(signatures)
            }
            400 => Self::Malformed,
            403 => Self::Untrusted,
            404 => Self::UnknownOrigin,
            409 if content_type == Some(SIZE_TYPE) => {
                let size = utf8(body)?.strip_suffix('\n').and_then(text::decimal);
                Self::Conflict {
                    size: size.ok_or(WitnessError::Size)?,
                }
            }
            409 => return Err(WitnessError::Size),
            422 => Self::Unproven,
            other => return Err(WitnessError::Status(other)),
        })
    }

    /// Whether this answer to a request with this `old` means that the witness has **another root** at that size: a 409
    /// that names the very size we sent. It is a fork alarm, never a reason to try again.
    pub fn is_fork_alarm(&self, old: u64) -> bool {
        *self == Self::Conflict { size: old }
    }
}

fn utf8(bytes: &[u8]) -> Result<&str, WitnessError> {
    if bytes.len() > MAX_REQUEST {
        return Err(WitnessError::TooLong { len: bytes.len() });
    }
    std::str::from_utf8(bytes).map_err(|e| WitnessError::NotUtf8 {
        at: e.valid_up_to(),
    })
}
