//! Verification of notes: which lines count, and one equation for Ed25519 (ZIP-215), single and in batches.
//!
//! Is not a policy: that enough of the right keys signed is for [`crate::checkpoint`] and [`crate::policy`] to say.

use ed25519_zebra::{Signature, batch};
use rand_core::CryptoRng;

use super::{Algorithm, KeyId, Note, SignatureLine, VerifierKey};
use crate::cosignature;

/// Why one signature does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// The line bears another name or ID.
    #[error("the signature line is of another key")]
    OtherKey,
    /// Wrong number of bytes after the key ID.
    #[error("signature has {got} bytes, its type has {want}")]
    Length {
        /// Bytes that the type has.
        want: usize,
        /// Bytes in the line.
        got: usize,
    },
    /// The time of a cosignature is 0 or above 2^63−1.
    #[error("cosignature time {0} s is not in 1..=2^63-1")]
    Time(u64),
    /// The equation does not hold.
    #[error("signature does not verify")]
    Wrong,
}

/// Why a note is rejected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// A known key's signature does not hold: the whole note is rejected.
    #[error("signature line {line} of known key {name}+{id}: {reason}")]
    Signature {
        /// Line, counted from 1.
        line: usize,
        /// Name of the key.
        name: String,
        /// ID of the key.
        id: KeyId,
        /// What is wrong.
        reason: SignatureError,
    },
    /// No line is of a known key.
    #[error("no signature of a known key")]
    Unsigned,
    /// Two different known keys have the same name and ID.
    #[error("two known keys share the name and ID {name}+{id}")]
    Ambiguous {
        /// Name of both.
        name: String,
        /// ID of both.
        id: KeyId,
    },
}

/// A known key whose signature held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signer {
    key: VerifierKey,
    time: Option<u64>,
}

impl Signer {
    /// The key.
    pub fn key(&self) -> &VerifierKey {
        &self.key
    }

    /// POSIX seconds of a cosignature; `None` for a plain signature. The latest, if the key signed more than once.
    pub fn time(&self) -> Option<u64> {
        self.time
    }
}

/// A note of which at least one known key has signed the text, and in which no known key's signature fails.
#[derive(Clone, Debug)]
pub struct Verified<'a> {
    note: &'a Note,
    by: Vec<Signer>,
    rest: Vec<&'a SignatureLine>,
}

impl<'a> Verified<'a> {
    /// The text, with its last LF.
    pub fn text(&self) -> &'a str {
        self.note.unverified_text()
    }

    /// The keys that signed, each once, in the order of their first lines.
    pub fn by(&self) -> &[Signer] {
        &self.by
    }

    /// Lines of keys that are not known. They say nothing.
    pub fn rest(&self) -> &[&'a SignatureLine] {
        &self.rest
    }
}

impl Note {
    /// Verifies with the keys that one knows. A line counts only if name **and** ID are those of a known key; lines that
    /// match one half or none are ignored.
    ///
    /// # Errors
    /// [`VerifyError`]: a known key's signature fails, or no known key signed.
    pub fn verify(&self, keys: &[VerifierKey]) -> Result<Verified<'_>, VerifyError> {
        let (mut by, mut rest) = (Vec::<Signer>::new(), Vec::new());
        for (n, line) in self.signatures().iter().enumerate() {
            let mut matching = keys.iter().filter(|key| is_of(line, key));
            let Some(key) = matching.next() else {
                rest.push(line);
                continue;
            };
            let (name, id) = (key.name().to_owned(), key.id());
            if matching.any(|other| other != key) {
                return Err(VerifyError::Ambiguous { name, id });
            }
            let time = key
                .verify(self.unverified_text().as_bytes(), line)
                .map_err(|reason| VerifyError::Signature {
                    line: n + 1,
                    name,
                    id,
                    reason,
                })?;
            match by.iter_mut().find(|signer| signer.key == *key) {
                Some(signer) => signer.time = signer.time.max(time),
                None => by.push(Signer {
                    key: key.clone(),
                    time,
                }),
            }
        }
        if by.is_empty() {
            return Err(VerifyError::Unsigned);
        }
        Ok(Verified {
            note: self,
            by,
            rest,
        })
    }
}

impl VerifierKey {
    /// Verifies one line over a text; for a cosigner's key gives the time, POSIX seconds.
    ///
    /// # Errors
    /// [`SignatureError`].
    pub fn verify(&self, text: &[u8], line: &SignatureLine) -> Result<Option<u64>, SignatureError> {
        let parts = Parts::of(self, line)?;
        self.key
            .verify(&parts.signature, &parts.message(text))
            .map_err(|_| SignatureError::Wrong)?;
        Ok(parts.time)
    }
}

/// Verifies many lines at once, each `(key, text, line)`: several times faster than one by one when all hold. If the batch
/// fails, each item is checked alone. Batch and single use the same equation and agree on every input.
pub fn verify_batch(
    items: &[(&VerifierKey, &[u8], &SignatureLine)],
    rng: impl CryptoRng,
) -> Vec<Result<(), SignatureError>> {
    let queued: Vec<Result<batch::Item, SignatureError>> = items
        .iter()
        .map(|(key, text, line)| {
            let parts = Parts::of(key, line)?;
            Ok(batch::Item::from((
                key.bytes(),
                parts.signature,
                &parts.message(text),
            )))
        })
        .collect();
    let mut batch = batch::Verifier::new();
    for item in queued.iter().flatten() {
        batch.queue(item.clone());
    }
    let all_hold = batch.verify(rng).is_ok();
    queued
        .into_iter()
        .map(|item| match item? {
            _ if all_hold => Ok(()),
            item => item.verify_single().map_err(|_| SignatureError::Wrong),
        })
        .collect()
}

fn is_of(line: &SignatureLine, key: &VerifierKey) -> bool {
    line.id() == key.id() && line.name() == key.name()
}

/// What follows the key ID in a line.
struct Parts {
    time: Option<u64>,
    signature: Signature,
}

impl Parts {
    fn of(key: &VerifierKey, line: &SignatureLine) -> Result<Self, SignatureError> {
        if !is_of(line, key) {
            return Err(SignatureError::OtherKey);
        }
        let bytes = line.signature();
        match key.algorithm() {
            Algorithm::Ed25519 => {
                let signature =
                    <&[u8; 64]>::try_from(bytes).map_err(|_| SignatureError::Length {
                        want: 64,
                        got: bytes.len(),
                    })?;
                Ok(Self {
                    time: None,
                    signature: Signature::from_bytes(signature),
                })
            }
            Algorithm::Cosignature => {
                let bytes = <&[u8; 72]>::try_from(bytes).map_err(|_| SignatureError::Length {
                    want: 72,
                    got: bytes.len(),
                })?;
                let (time, signature) = bytes.split_first_chunk::<8>().expect("72 bytes hold 8");
                let time = u64::from_be_bytes(*time);
                if !cosignature::is_time(time) {
                    return Err(SignatureError::Time(time));
                }
                let signature = <&[u8; 64]>::try_from(signature).expect("72 less 8 bytes");
                Ok(Self {
                    time: Some(time),
                    signature: Signature::from_bytes(signature),
                })
            }
        }
    }

    fn message<'t>(&self, text: &'t [u8]) -> std::borrow::Cow<'t, [u8]> {
        match self.time {
            None => text.into(),
            Some(time) => cosignature::message(time, text).into(),
        }
    }
}
