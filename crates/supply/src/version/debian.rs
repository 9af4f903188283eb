//! Debian versions: epoch, upstream version, revision (Debian policy 5.6.12; dpkg's comparison).
//!
//! Does *not* follow dpkg where it warns and goes on: letters outside the policy are refused.

use super::write::{Writer, is_number, take};

/// `~` sorts before the end of a part, letters behind it, everything else behind letters.
const TILDE: u8 = 0x01;
const END: u8 = 0x02;
const OTHER: u8 = 0x80;

pub(super) fn write(text: &str, out: &mut Writer) -> Option<()> {
    let text = text.as_bytes();
    let (epoch, rest) = match text.iter().position(|b| *b == b':') {
        Some(at) if is_number(&text[..at]) => (&text[..at], &text[at + 1..]),
        Some(_) => return None,
        None => (&b""[..], text),
    };
    let (upstream, revision) = match rest.iter().rposition(|b| *b == b'-') {
        Some(at) => (&rest[..at], &rest[at + 1..]),
        None => (rest, &b""[..]),
    };
    if upstream.is_empty() {
        return None;
    }
    out.number(epoch);
    part(upstream, out)?;
    part(revision, out)
}

/// Words and numbers in turn. An absent number is 0, so `1.` is `1.0`, and no revision is revision 0.
fn part(mut rest: &[u8], out: &mut Writer) -> Option<()> {
    loop {
        for byte in take(&mut rest, |b| !b.is_ascii_digit()) {
            out.code(match byte {
                b'~' => TILDE,
                b'A'..=b'Z' | b'a'..=b'z' => *byte,
                b'.' | b'+' | b'-' | b':' => OTHER | byte,
                _ => return None,
            });
        }
        out.code(END);
        out.number(take(&mut rest, |b| b.is_ascii_digit()));
        if rest.is_empty() {
            out.code(END);
            return Some(());
        }
    }
}
