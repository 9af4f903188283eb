//! Timestamped Ed25519 cosignatures, type 0x04 (C2SP tlog-cosignature v1.0.1).
//!
//! Is not a witness: it does not know what it cosigned before. A cosignature says "at that time this was the largest
//! consistent tree that I had seen of this origin", and it does not bind the cosigner's name: one key per cosigner.

use crate::note::Algorithm;
use crate::note::{
    KeyKind, Note, NoteError, SignError, SignatureError, SignatureLine, SigningKey, VerifierKey,
};

/// What is signed: `cosignature/v1`, the time, the whole checkpoint text.
pub(crate) fn message(time: u64, text: &[u8]) -> Vec<u8> {
    let mut message = format!("cosignature/v1\ntime {time}\n").into_bytes();
    message.extend_from_slice(text);
    message
}

/// Whether a cosignature may bear this time: 1..=2^63−1 POSIX seconds.
pub(crate) fn is_time(time: u64) -> bool {
    time != 0 && i64::try_from(time).is_ok()
}

/// Cosigns a checkpoint text (with its last LF) at `time`, POSIX seconds.
///
/// # Errors
/// [`SignError::Time`] for 0 or more than 2^63−1; [`SignError::Kind`] for a key that is no cosigner's;
/// [`SignError::Text`] when the text could not stand in a note.
pub fn cosign(text: &str, time: u64, key: &SigningKey) -> Result<SignatureLine, SignError> {
    if key.kind() != KeyKind::Cosigner {
        return Err(SignError::Kind {
            is: key.kind(),
            needs: KeyKind::Cosigner,
        });
    }
    if !is_time(time) {
        return Err(SignError::Time { time });
    }
    let mut bytes = time.to_be_bytes().to_vec();
    bytes.extend_from_slice(&key.sign_bytes(&message(time, text.as_bytes())));
    let line = key.line(bytes);
    // Signing what no note can carry would give a signature that nobody can ever present.
    Note::new(text, vec![line.clone()]).map_err(|error: NoteError| SignError::Text(error))?;
    Ok(line)
}

/// Verifies a cosignature over a checkpoint text and gives its time, POSIX seconds.
///
/// # Errors
/// [`SignatureError`]; [`SignatureError::OtherKey`] also for a key that is no cosigner's.
pub fn verify(text: &str, line: &SignatureLine, key: &VerifierKey) -> Result<u64, SignatureError> {
    if key.algorithm() != Algorithm::Cosignature {
        return Err(SignatureError::OtherKey);
    }
    key.verify(text.as_bytes(), line)?
        .ok_or(SignatureError::OtherKey)
}
