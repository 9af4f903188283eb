//! An entry of a log: header line, empty line, signature lines of those who sign.
//!
//! The shape is that of a C2SP signed note (v1.0.0). An entry **without** signature lines is not a note in C2SP's sense
//! and its signature is never "good": [`Entry::signatures`] is then empty, and there is no way to ask it for more.

use tlog::note::SignatureLine;

use crate::{Header, HeaderError};

/// A parsed entry. Signatures are carried, not verified: that takes the keys of the actors.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What the line says.
    pub header: Header,
    /// The signed text: the header line with its line end.
    pub text: String,
    /// Signature lines in their order; empty for an ordinary act, which the checkpoint covers.
    pub signatures: Vec<SignatureLine>,
}

/// Why bytes are not an entry.
#[derive(Debug, thiserror::Error)]
pub enum EntryError {
    /// Not UTF-8.
    #[error("entry is not UTF-8")]
    NotUtf8,
    /// No empty line after the header line.
    #[error("entry has no empty line after its header")]
    NoSeparator,
    /// The header line is wrong.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// A signature line is wrong.
    #[error("line {line} of the entry is not a signature line")]
    Signature {
        /// Line, counted from 1.
        line: usize,
    },
}

impl Entry {
    /// The bytes of an unsigned entry.
    pub fn unsigned(header: &Header) -> Vec<u8> {
        let mut bytes = header.line().into_bytes();
        bytes.extend_from_slice(b"\n\n");
        bytes
    }

    /// The bytes of an unsigned entry around the place of `recorded` (see [`Header::line_around_recorded`]).
    pub fn unsigned_around_recorded(header: &Header) -> (Vec<u8>, Vec<u8>) {
        let (head, mut tail) = header.line_around_recorded();
        tail.push_str("\n\n");
        (head.into_bytes(), tail.into_bytes())
    }

    /// The bytes of an entry that actors have signed. `recorded` must be fixed before they sign.
    pub fn signed(header: &Header, signatures: &[SignatureLine]) -> Vec<u8> {
        let mut text = header.line();
        text.push_str("\n\n");
        for signature in signatures {
            text.push_str(&signature.to_string());
            text.push('\n');
        }
        text.into_bytes()
    }

    /// Reads the bytes of an entry.
    pub fn parse(bytes: &[u8]) -> Result<Self, EntryError> {
        let text = std::str::from_utf8(bytes).map_err(|_| EntryError::NotUtf8)?;
        let (line, rest) = text.split_once("\n\n").ok_or(EntryError::NoSeparator)?;
        let header = Header::parse(line.as_bytes())?;
        let mut signatures = Vec::new();
        if !rest.is_empty() {
            let lines = rest
                .strip_suffix('\n')
                .ok_or(EntryError::Signature { line: 3 })?;
            for (n, line) in lines.split('\n').enumerate() {
                signatures.push(
                    line.parse()
                        .map_err(|_| EntryError::Signature { line: n + 3 })?,
                );
            }
        }
        Ok(Self {
            header,
            text: format!("{line}\n"),
            signatures,
        })
    }
}
