//! Signed notes: a text, an empty line, signature lines (C2SP signed-note v1.0.0).
//!
//! Is not a place where text is trusted: [`Note`] has been read and nothing more. What somebody signed is in
//! [`Verified`], and the only way to it is [`Note::verify`] with the keys that one knows.

mod key;
mod verify;

use std::fmt;
use std::str::FromStr;

pub use key::{Algorithm, KeyError, KeyId, KeyKind, SigningKey, VerifierKey, is_key_name};
pub use verify::{SignatureError, Signer, Verified, VerifyError, verify_batch};

use crate::text;

/// Most signature lines that are read.
pub const MAX_SIGNATURES: usize = 64;

/// Longest note that is read, bytes.
pub const MAX_NOTE: usize = 256 * 1024;

/// What begins a signature line: U+2014 and a space.
const DASH: &str = "— ";

/// One signature line: `— <key name> <base64(key ID ‖ signature)>`. Its [`fmt::Display`] is the line without LF.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SignatureLine {
    name: String,
    id: KeyId,
    signature: Vec<u8>,
}

impl SignatureLine {
    /// A line from its parts.
    ///
    /// # Errors
    /// [`NoteError::SignatureLine`] (line 1) when the name is no key name or the signature is empty.
    pub fn new(name: &str, id: KeyId, signature: Vec<u8>) -> Result<Self, NoteError> {
        if !is_key_name(name) || signature.is_empty() {
            return Err(NoteError::SignatureLine { line: 1 });
        }
        Ok(Self {
            name: name.to_owned(),
            id,
            signature,
        })
    }

    /// Name of the key that the line claims.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// ID of the key that the line claims.
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// Bytes after the key ID.
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }

    fn read(line: &str) -> Option<Self> {
        let (name, signature) = line.strip_prefix(DASH)?.split_once(' ')?;
        let bytes = text::base64(signature)?;
        let (id, signature) = bytes.split_first_chunk::<4>()?;
        Self::new(name, KeyId(*id), signature.to_vec()).ok()
    }
}

impl fmt::Display for SignatureLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [&self.id.0[..], &self.signature].concat();
        write!(f, "{DASH}{} {}", self.name, text::to_base64(&bytes))
    }
}

impl FromStr for SignatureLine {
    type Err = NoteError;

    /// Reads one line without its LF.
    fn from_str(line: &str) -> Result<Self, NoteError> {
        Self::read(line).ok_or(NoteError::SignatureLine { line: 1 })
    }
}

/// A note that has been read. Its text is unverified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<SignatureLine>,
}

/// Why bytes are no note.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// Longer than [`MAX_NOTE`].
    #[error("note has {len} bytes, at most {MAX_NOTE} are read")]
    TooLong {
        /// Length, bytes.
        len: usize,
    },
    /// Not UTF-8.
    #[error("note is not UTF-8 from byte {at} on")]
    NotUtf8 {
        /// First bad byte.
        at: usize,
    },
    /// A control character below U+0020 other than LF.
    #[error("note holds the control character U+{code:04X} at byte {at}")]
    Control {
        /// The character.
        code: u32,
        /// Where, bytes from the start.
        at: usize,
    },
    /// The text does not end in LF.
    #[error("text of a note must end in a line feed")]
    TextEnd,
    /// No empty line before the signatures.
    #[error("note has no empty line before its signatures")]
    NoSeparator,
    /// No signature line, or the last one does not end in LF.
    #[error("note has no signature line, or the last one does not end in a line feed")]
    NoSignatures,
    /// More than [`MAX_SIGNATURES`] lines.
    #[error("note has more than {MAX_SIGNATURES} signature lines")]
    TooManySignatures,
    /// A line after the empty line is no signature line.
    #[error("line {line} of the signatures is not \"— name base64\"")]
    SignatureLine {
        /// Line, counted from 1 after the empty line.
        line: usize,
    },
}

impl Note {
    /// A note from a text and signature lines.
    ///
    /// # Errors
    /// [`NoteError`] when [`Note::parse`] would not read the result back.
    pub fn new(text: impl Into<String>, signatures: Vec<SignatureLine>) -> Result<Self, NoteError> {
        let note = Self {
            text: text.into(),
            signatures,
        };
        check_text(&note.text)?;
        match note.signatures.len() {
            0 => return Err(NoteError::NoSignatures),
            1..=MAX_SIGNATURES => {}
            _ => return Err(NoteError::TooManySignatures),
        }
        match note.to_string().len() {
            0..=MAX_NOTE => Ok(note),
            len => Err(NoteError::TooLong { len }),
        }
    }

    /// Reads a note. Strict: what is read is written back as the same bytes.
    ///
    /// # Errors
    /// [`NoteError`] says what is wrong and where.
    pub fn parse(bytes: &[u8]) -> Result<Self, NoteError> {
        if bytes.len() > MAX_NOTE {
            return Err(NoteError::TooLong { len: bytes.len() });
        }
        let note = std::str::from_utf8(bytes).map_err(|e| NoteError::NotUtf8 {
            at: e.valid_up_to(),
        })?;
        check_controls(note)?;
        // The text may hold empty lines: the last one of the note is the separator.
        let end = note.rfind("\n\n").ok_or(NoteError::NoSeparator)? + 1;
        let (text, lines) = (&note[..end], &note[end + 1..]);
        let lines = lines.strip_suffix('\n').ok_or(NoteError::NoSignatures)?;
        let mut signatures = Vec::new();
        for (n, line) in lines.split('\n').enumerate() {
            if n == MAX_SIGNATURES {
                return Err(NoteError::TooManySignatures);
            }
            signatures
                .push(SignatureLine::read(line).ok_or(NoteError::SignatureLine { line: n + 1 })?);
        }
        Ok(Self {
            text: text.to_owned(),
            signatures,
        })
    }

    /// The text, with its last LF. Nobody known has signed it yet: good for looking up which keys to verify with.
    pub fn unverified_text(&self) -> &str {
        &self.text
    }

    /// The signature lines in their order.
    pub fn signatures(&self) -> &[SignatureLine] {
        &self.signatures
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures
            .iter()
            .try_for_each(|line| writeln!(f, "{line}"))
    }
}

/// Signs a text with a log's or an actor's key.
///
/// # Errors
/// [`SignError::Text`] when the text could not stand in a note; [`SignError::Kind`] for a cosigner's key, which signs
/// checkpoints with a time and nothing else ([`crate::cosignature::cosign`]).
pub fn sign(text: &str, key: &SigningKey) -> Result<SignatureLine, SignError> {
    check_text(text)?;
    match key.kind() {
        KeyKind::Log | KeyKind::Actor => Ok(key.line(key.sign_bytes(text.as_bytes()).to_vec())),
        KeyKind::Cosigner => Err(SignError::Kind {
            is: KeyKind::Cosigner,
            needs: KeyKind::Actor,
        }),
    }
}

/// Why something was not signed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// The text cannot stand in a note.
    #[error(transparent)]
    Text(#[from] NoteError),
    /// Log, actor and cosigner keys are disjoint: this key is for something else.
    #[error("this key is for the purpose {is}, one for {needs} is needed")]
    Kind {
        /// What the key is for.
        is: KeyKind,
        /// What would be needed.
        needs: KeyKind,
    },
    /// A log's key signs checkpoints of the origin whose name it bears.
    #[error("key {name} cannot sign for origin {origin}")]
    Origin {
        /// Name of the key.
        name: String,
        /// Origin of the checkpoint.
        origin: String,
    },
    /// A cosignature needs a time in 1..=2^63−1 seconds.
    #[error("cosignature time {time} s is not in 1..=2^63-1")]
    Time {
        /// POSIX seconds.
        time: u64,
    },
}

fn check_text(text: &str) -> Result<(), NoteError> {
    check_controls(text)?;
    if text.ends_with('\n') {
        Ok(())
    } else {
        Err(NoteError::TextEnd)
    }
}

fn check_controls(text: &str) -> Result<(), NoteError> {
    match text.bytes().position(|b| b < 0x20 && b != b'\n') {
        Some(at) => Err(NoteError::Control {
            code: u32::from(text.as_bytes()[at]),
            at,
        }),
        None => Ok(()),
    }
}
