//! RPM: epoch, version, release, each compared as `rpmvercmp` does.
//!
//! Does *not* treat an absent release as equal to every release, as a dependency would: in an order it sorts first.

use super::write::{Writer, take};

/// `~` sorts before the end, `^` behind it, letters behind that, numbers last.
const TILDE: u8 = 0x01;
const END: u8 = 0x02;
const CARET: u8 = 0x03;
const LETTERS: u8 = 0x04;

const NO_RELEASE: u8 = 0x00;
const RELEASE: u8 = 0x01;

pub(super) fn write(text: &str, out: &mut Writer) -> Option<()> {
    let mut rest = text.as_bytes();
    // Only digits make an epoch; with anything else before it a colon is a separator like others.
    let mut behind = rest;
    let digits = take(&mut behind, |b| b.is_ascii_digit());
    match behind {
        [b':', tail @ ..] => {
            out.number(digits);
            rest = tail;
        }
        _ => out.number(b""),
    }
    match rest.iter().rposition(|b| *b == b'-') {
        Some(at) => {
            part(&rest[..at], out);
            out.code(RELEASE);
            part(&rest[at + 1..], out);
        }
        None => {
            part(rest, out);
            out.code(NO_RELEASE);
        }
    }
    Some(())
}

fn part(mut rest: &[u8], out: &mut Writer) {
    loop {
        // Everything else separates, letters beyond ASCII too.
        take(&mut rest, |b| {
            !b.is_ascii_alphanumeric() && b != b'~' && b != b'^'
        });
        match rest.first() {
            None => break,
            Some(b'~') => {
                out.code(TILDE);
                rest = &rest[1..];
            }
            Some(b'^') => {
                out.code(CARET);
                rest = &rest[1..];
            }
            Some(b'0'..=b'9') => out.number(take(&mut rest, |b| b.is_ascii_digit())),
            Some(_) => {
                out.code(LETTERS);
                out.text(take(&mut rest, |b| b.is_ascii_alphabetic()));
            }
        }
    }
    out.code(END);
}
