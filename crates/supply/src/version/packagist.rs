//! Packagist: PHP's `version_compare`, with what Composer takes off first (`v`, build metadata, `-stable`, case).
//!
//! Does *not* pad with zeros: for PHP 1.0 sorts before 1.0.0. Unknown words are one value, below `dev`.

use super::write::{Writer, take};

const UNKNOWN: u8 = 0x01;
const DEV: u8 = 0x02;
const ALPHA: u8 = 0x03;
const BETA: u8 = 0x04;
const RC: u8 = 0x05;
const END: u8 = 0x06;
/// Patch levels sort behind every number.
const PATCH: u8 = 0xf0;

pub(super) fn write(text: &str, out: &mut Writer) -> Option<()> {
    let mut rest = text.as_bytes();
    if let [b'v' | b'V', tail @ ..] = rest {
        rest = tail;
    }
    if let Some(at) = rest.iter().position(|b| *b == b'+') {
        rest = &rest[..at];
    }
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        take(&mut rest, |b| matches!(b, b'.' | b'-' | b'_'));
        let digits = take(&mut rest, |b| b.is_ascii_digit());
        if !digits.is_empty() {
            out.number(digits);
            continue;
        }
        let word = take(&mut rest, |b| {
            !b.is_ascii_digit() && !matches!(b, b'.' | b'-' | b'_')
        });
        match form(word) {
            Some(code) => out.code(code),
            // The place-holder `#` equals the end.
            None => continue,
        }
    }
    out.code(END);
    Some(())
}

/// PHP knows forms by how a word begins; longer names first.
fn form(word: &[u8]) -> Option<u8> {
    let begins = |form: &[u8]| {
        word.get(..form.len())
            .is_some_and(|w| w.eq_ignore_ascii_case(form))
    };
    match word {
        [] => None,
        _ if word.eq_ignore_ascii_case(b"stable") => None,
        _ if begins(b"dev") => Some(DEV),
        _ if begins(b"a") => Some(ALPHA),
        _ if begins(b"b") => Some(BETA),
        _ if begins(b"rc") => Some(RC),
        _ if begins(b"#") => None,
        _ if begins(b"p") => Some(PATCH),
        _ => Some(UNKNOWN),
    }
}
