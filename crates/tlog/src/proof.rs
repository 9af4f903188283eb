//! The offline receipt `.tlog-proof` (C2SP tlog-proof, untagged, text of July 2026).
//!
//! Is not proof of anything until [`TlogProof::verify`] has held with the entry and a policy at hand; `extra` is never
//! authenticated, not even then.

use std::fmt;

use crate::checkpoint::{self, Checkpoint, OpenError, SignedCheckpoint};
use crate::note::{MAX_NOTE, Note, NoteError, Signer};
use crate::policy::{Policy, Unsatisfied};
use crate::tree::{self, ProofError};
use crate::{Hash, Sha256, TreeHash, text};

/// First line.
const HEADER: &str = "c2sp.org/tlog-proof@v1";

/// Longest receipt that is read, bytes.
pub const MAX_PROOF: usize = 2 * MAX_NOTE;

/// Most hashes of an inclusion proof: the height of a tree of 2^63 leaves.
pub const MAX_HASHES: usize = 63;

/// A receipt that has been read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlogProof {
    /// Whatever the writer added. **Not authenticated.**
    pub extra: Option<Vec<u8>>,
    /// Index of the entry.
    pub index: u64,
    /// Inclusion proof, leaf's sibling first.
    pub hashes: Vec<Hash>,
    /// The checkpoint with all its signatures, verbatim.
    pub checkpoint: String,
}

/// Why bytes are no receipt.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// Longer than [`MAX_PROOF`].
    #[error("receipt has {len} bytes, at most {MAX_PROOF} are read")]
    TooLong {
        /// Length, bytes.
        len: usize,
    },
    /// Not UTF-8.
    #[error("receipt is not UTF-8 from byte {at} on")]
    NotUtf8 {
        /// First bad byte.
        at: usize,
    },
    /// The first line is another one.
    #[error("receipt does not begin with the line {HEADER}")]
    Header,
    /// The extra line is not base64.
    #[error("the extra line is not \"extra <base64>\"")]
    Extra,
    /// No index line, or no decimal in it.
    #[error("the index line is missing or not \"index <decimal>\"")]
    Index,
    /// A proof line is wrong, the empty line is missing, or there are more than [`MAX_HASHES`] hashes.
    #[error(
        "proof line {line} is not the base64 of 32 bytes, or lines do not end in an empty one after at most 63"
    )]
    Hash {
        /// Line, counted from 1 after the index line.
        line: usize,
    },
    /// What follows the empty line is no note.
    #[error("checkpoint of the receipt: {0}")]
    Checkpoint(#[from] NoteError),
}

/// Why a receipt does not prove.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// The checkpoint is not one that a known log signed, or a known signature fails.
    #[error(transparent)]
    Checkpoint(#[from] OpenError),
    /// The policy is not satisfied.
    #[error(transparent)]
    Policy(#[from] Unsatisfied),
    /// The entry is not where the receipt says.
    #[error("the entry is not at index {index} of {origin}: {reason}")]
    Inclusion {
        /// Index in the receipt.
        index: u64,
        /// Origin of the checkpoint.
        origin: String,
        /// What is wrong.
        reason: ProofError,
    },
}

/// An entry that a log holds, as shown by a receipt. Only [`TlogProof::verify`] makes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proven {
    index: u64,
    leaf: Hash,
    signed: SignedCheckpoint,
}

impl Proven {
    /// Index of the entry in the log.
    pub fn index(&self) -> u64 {
        self.index
    }

    /// Leaf hash of the entry.
    pub fn leaf(&self) -> &Hash {
        &self.leaf
    }

    /// The tree that holds it.
    pub fn checkpoint(&self) -> &Checkpoint {
        self.signed.checkpoint()
    }

    /// Known keys that signed and cosigned.
    pub fn by(&self) -> &[Signer] {
        self.signed.by()
    }
}

impl TlogProof {
    /// Reads a receipt. Strict: what is read is written back as the same bytes.
    ///
    /// # Errors
    /// [`ParseError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, ParseError> {
        if bytes.len() > MAX_PROOF {
            return Err(ParseError::TooLong { len: bytes.len() });
        }
        let proof = std::str::from_utf8(bytes).map_err(|e| ParseError::NotUtf8 {
            at: e.valid_up_to(),
        })?;
        let (header, rest) = text::line(proof).ok_or(ParseError::Header)?;
        if header != HEADER {
            return Err(ParseError::Header);
        }
        let (extra, rest) = match rest.strip_prefix("extra ") {
            None => (None, rest),
            Some(rest) => {
                let (extra, rest) = text::line(rest).ok_or(ParseError::Extra)?;
                (Some(text::base64(extra).ok_or(ParseError::Extra)?), rest)
            }
        };
        let (index, rest) = text::line(rest).ok_or(ParseError::Index)?;
        let index = index
            .strip_prefix("index ")
            .and_then(text::decimal)
            .ok_or(ParseError::Index)?;
        let (hashes, checkpoint) = text::hash_lines(rest, MAX_HASHES)
            .map_err(|read| ParseError::Hash { line: read + 1 })?;
        Note::parse(checkpoint.as_bytes())?;
        Ok(Self {
            extra,
            index,
            hashes,
            checkpoint: checkpoint.to_owned(),
        })
    }

    /// Verifies with the entry itself, in this order: leaf hash from the entry; origin known and signed by its key;
    /// cosignatures satisfy the policy; inclusion proof meets the root.
    ///
    /// # Errors
    /// [`VerifyError`].
    pub fn verify(&self, entry: &[u8], policy: &Policy) -> Result<Proven, VerifyError> {
        self.verify_in::<Sha256>(entry, policy)
    }

    /// [`TlogProof::verify`] for a tree of another hash.
    ///
    /// # Errors
    /// [`VerifyError`].
    pub fn verify_in<H: TreeHash>(
        &self,
        entry: &[u8],
        policy: &Policy,
    ) -> Result<Proven, VerifyError> {
        let leaf = H::leaf(entry);
        let signed = checkpoint::open(self.checkpoint.as_bytes(), &policy.keys())?;
        policy.check(&signed)?;
        let Checkpoint { origin, size, root } = signed.checkpoint();
        tree::verify_inclusion::<H>(self.index, *size, &leaf, &self.hashes, root).map_err(
            |reason| VerifyError::Inclusion {
                index: self.index,
                origin: origin.to_string(),
                reason,
            },
        )?;
        Ok(Proven {
            index: self.index,
            leaf,
            signed,
        })
    }
}

impl fmt::Display for TlogProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADER}")?;
        if let Some(extra) = &self.extra {
            writeln!(f, "extra {}", text::to_base64(extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        self.hashes
            .iter()
            .try_for_each(|hash| writeln!(f, "{}", text::to_base64(hash)))?;
        write!(f, "\n{}", self.checkpoint)
    }
}
