//! Small readers that several formats share: decimals, base64, lines (C2SP: decimals without leading zeros, RFC 4648 §4
//! base64 with padding, every line ends in LF).
//!
//! Is not a parser library: each returns `None` and the format says what was wrong.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::Hash;

/// A decimal of ASCII digits without sign and without leading zeros.
pub(crate) fn decimal(text: &str) -> Option<u64> {
    let canonical = text == "0" || !text.starts_with('0');
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if canonical && digits {
        text.parse().ok()
    } else {
        None
    }
}

/// Standard base64, padded, without stray bits: one text for one value.
pub(crate) fn base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// The writing side of [`base64`].
pub(crate) fn to_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Base64 of exactly 32 bytes.
pub(crate) fn hash(text: &str) -> Option<Hash> {
    base64(text)?.try_into().ok()
}

/// Cuts the first line off: (line without LF, rest). `None` when no LF is left.
pub(crate) fn line(text: &str) -> Option<(&str, &str)> {
    text.split_once('\n')
}

/// Hash lines up to the empty line, at most `cap` of them: (hashes, what follows the empty line).
/// On failure the number of hash lines read so far.
pub(crate) fn hash_lines(mut text: &str, cap: usize) -> Result<(Vec<Hash>, &str), usize> {
    let mut hashes = Vec::new();
    loop {
        let (head, rest) = line(text).ok_or(hashes.len())?;
        text = rest;
        if head.is_empty() {
            return Ok((hashes, text));
        }
        if hashes.len() == cap {
            return Err(cap);
        }
        hashes.push(hash(head).ok_or(hashes.len())?);
    }
}
