//! Versions of apk: `digit{.digit}{letter}{_suffix{number}}{~hash}{-r number}`.
//!
//! Follows apk-tools 3 where it and the older 2 disagree. Where a text stops being a version it sorts just below the same
//! text that ends there, as apk 3 does, and does *not* matter from there on.

use super::write::{Writer, take};

// What can come next, in order: a pre-release suffix, nonsense, the end, and the rest.
const ALPHA: u8 = 0x01;
const BETA: u8 = 0x02;
const PRE: u8 = 0x03;
const RC: u8 = 0x04;
const INVALID: u8 = 0x05;
const END: u8 = 0x06;
const REVISION: u8 = 0x07;
const HASH: u8 = 0x08;
const SUFFIX_NUMBER: u8 = 0x09;
const CVS: u8 = 0x0a;
const SVN: u8 = 0x0b;
const GIT: u8 = 0x0c;
const HG: u8 = 0x0d;
const PATCH: u8 = 0x0e;
const LETTER: u8 = 0x0f;
/// A later part with a leading zero compares as text, and so before all that have none.
const ZERO_LED: u8 = 0x10;
const FIRST_MISSING: u8 = 0x01;

pub(super) fn write(text: &str, out: &mut Writer) -> Option<()> {
    let mut rest = text.as_bytes();
    match rest.first()? {
        b'0'..=b'9' => out.number(take(&mut rest, |b| b.is_ascii_digit())),
        // `apk version -t` takes these too.
        b'.' | b'a'..=b'z' => out.code(FIRST_MISSING),
        _ => return None,
    }
    let end = parts(&mut rest, out).unwrap_or(INVALID);
    out.code(end);
    Some(())
}

/// Writes what it can read; `None` where the text stops being a version.
fn parts(rest: &mut &[u8], out: &mut Writer) -> Option<u8> {
    loop {
        match *rest {
            [b'.', b'0'..=b'9', ..] => {
                *rest = &rest[1..];
                let digits = take(rest, |b| b.is_ascii_digit());
                if digits[0] == b'0' {
                    out.code(ZERO_LED);
                    out.text(digits);
                } else {
                    out.number(digits);
                }
            }
            [letter @ b'a'..=b'z', tail @ ..] => {
                out.code(LETTER);
                out.code(*letter);
                *rest = tail;
                // 6.6.2p1: one letter and a number behind it.
                if rest.first().is_some_and(u8::is_ascii_digit) {
                    out.number(take(rest, |b| b.is_ascii_digit()));
                }
                break;
            }
            _ => break,
        }
    }
    while let [b'_', tail @ ..] = *rest {
        let mut behind = tail;
        let code = match take(&mut behind, |b| b.is_ascii_lowercase()) {
            b"alpha" => ALPHA,
            b"beta" => BETA,
            b"pre" => PRE,
            b"rc" => RC,
            b"cvs" => CVS,
            b"svn" => SVN,
            b"git" => GIT,
            b"hg" => HG,
            b"p" => PATCH,
            _ => return None,
        };
        out.code(code);
        *rest = behind;
        if rest.first().is_some_and(u8::is_ascii_digit) {
            out.code(SUFFIX_NUMBER);
            out.number(take(rest, |b| b.is_ascii_digit()));
        }
    }
    if let [b'~', tail @ ..] = *rest {
        *rest = tail;
        let hash = take(rest, |b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if hash.is_empty() {
            return None;
        }
        out.code(HASH);
        out.text(hash);
    }
    if let [b'-', b'r', tail @ ..] = *rest {
        // `-r` alone is `-r0`; a word that begins with r is no revision.
        if !matches!(tail, [] | [b'0'..=b'9' | b'-', ..]) {
            return None;
        }
        *rest = tail;
        out.code(REVISION);
        out.number(take(rest, |b| b.is_ascii_digit()));
    }
    rest.is_empty().then_some(END)
}
