//! SemVer 2.0.0 and what reads almost like it: npm, Cargo, Go, Hex, Pub, NuGet.
//!
//! Does *not* hold the texts to the letter of semver.org: real advisories write `1.2`, `v1.2.3` and five parts.

use super::write::{Writer, is_number, take};

/// How a member of the family differs.
#[derive(Clone, Copy)]
pub(super) struct Manner {
    /// How many numbers count.
    parts: usize,
    /// Numbers beyond them are build metadata; otherwise they are an error.
    more_is_build: bool,
    /// Letters right behind the numbers begin a pre-release.
    loose: bool,
    /// Pre-release identifiers ignore case.
    fold: bool,
    /// Build metadata takes part in the order.
    build: bool,
    /// `go1.21rc2`.
    go: bool,
}

pub(super) const PLAIN: Manner = Manner {
    parts: 3,
    more_is_build: true,
    loose: false,
    fold: false,
    build: false,
    go: false,
};
pub(super) const NPM: Manner = Manner {
    loose: true,
    ..PLAIN
};
pub(super) const GO: Manner = Manner { go: true, ..PLAIN };
pub(super) const PUB: Manner = Manner {
    build: true,
    ..PLAIN
};
pub(super) const NUGET: Manner = Manner {
    parts: 4,
    more_is_build: false,
    fold: true,
    ..PLAIN
};

/// Behind the numbers: a pre-release sorts before the release.
const PRE: u8 = 0x01;
const RELEASE: u8 = 0x02;
/// End of a list of identifiers: fewer sort before more.
const END: u8 = 0x00;
/// An identifier of letters sorts behind every number.
const LETTERS: u8 = 0xf0;

pub(super) fn write(text: &str, manner: Manner, out: &mut Writer) -> Option<()> {
    let mut rest = text.as_bytes();
    let mut go = false;
    if manner.go && rest.starts_with(b"go") {
        rest = &rest[2..];
        go = true;
    } else if let [b'v' | b'V', tail @ ..] = rest {
        rest = tail;
    }
    let mut parts = 0;
    loop {
        let digits = take(&mut rest, |b| b.is_ascii_digit());
        if digits.is_empty() {
            return None;
        }
        // A fourth number of zero is no number: NuGet's 1.0.0.0 is its 1.0.0.
        if parts < 3 || (parts < manner.parts && digits.iter().any(|d| *d != b'0')) {
            out.number(digits);
        } else if parts >= manner.parts && !manner.more_is_build {
            return None;
        }
        parts += 1;
        match rest {
            [b'.', tail @ ..] => rest = tail,
            _ => break,
        }
    }
    for _ in parts..3 {
        out.number(b"");
    }
    let (pre, build) = match rest.iter().position(|b| *b == b'+') {
        Some(at) => (&rest[..at], Some(&rest[at + 1..])),
        None => (rest, None),
    };
    match pre {
        [] => out.code(RELEASE),
        [b'-', ids @ ..] => {
            out.code(PRE);
            identifiers(ids, manner.fold, out)?;
        }
        // go1.21rc2: the word, then its number.
        [b'a'..=b'z', ..] if go => {
            let mut ids = pre;
            let word = take(&mut ids, |b| b.is_ascii_lowercase());
            if !is_number(ids) {
                return None;
            }
            out.code(PRE);
            out.code(LETTERS);
            out.text(word);
            out.number(ids);
            out.code(END);
        }
        [b'a'..=b'z' | b'A'..=b'Z', ..] if manner.loose => {
            out.code(PRE);
            identifiers(pre, manner.fold, out)?;
        }
        _ => return None,
    }
    match build {
        Some(ids) if manner.build => identifiers(ids, false, out),
        Some(ids) => allowed(ids).then_some(()),
        None => Some(()),
    }
}

fn allowed(ids: &[u8]) -> bool {
    ids.iter()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'+' | b'_' | b'~'))
}

fn identifiers(ids: &[u8], fold: bool, out: &mut Writer) -> Option<()> {
    for id in ids.split(|b| *b == b'.') {
        if is_number(id) {
            out.number(id);
        } else if !id.is_empty() && id.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'-') {
            out.code(LETTERS);
            if fold {
                out.lower(id);
            } else {
                out.text(id);
            }
        } else {
            return None;
        }
    }
    out.code(END);
    Some(())
}
