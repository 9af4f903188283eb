//! Python: PEP 440, and below it the order of `LegacyVersion` for what PEP 440 refuses.
//!
//! Does *not* read specifiers; `version::expression` does.

use super::write::{Writer, is_number, take};

const LEGACY: u8 = 0x01;
const PEP_440: u8 = 0x02;
/// End of the release's numbers, and of other lists.
const END: u8 = 0x00;

/// Only a development release: before every pre-release.
const DEV_ONLY: u8 = 0x01;
const ALPHA: u8 = 0x02;
const BETA: u8 = 0x03;
const RC: u8 = 0x04;
const NO_PRE: u8 = 0x05;

const NO_POST: u8 = 0x01;
const POST: u8 = 0x02;

const DEV: u8 = 0x01;
const NO_DEV: u8 = 0x02;

const NO_LOCAL: u8 = 0x01;
const LOCAL: u8 = 0x02;
const WORD: u8 = 0x01;

/// A version of PEP 440 in its parts; digits as written.
#[derive(Clone, Default)]
pub(super) struct Version<'a> {
    pub(super) epoch: &'a [u8],
    pub(super) release: smallvec::SmallVec<[&'a [u8]; 6]>,
    pub(super) pre: Option<(u8, &'a [u8])>,
    pub(super) post: Option<&'a [u8]>,
    pub(super) dev: Option<&'a [u8]>,
    pub(super) local: Option<&'a [u8]>,
}

pub(super) fn write(text: &str, out: &mut Writer) -> Option<()> {
    match parse(text) {
        Some(version) => version.write(out),
        None => legacy(text, out),
    }
    Some(())
}

impl Version<'_> {
    pub(super) fn write(&self, out: &mut Writer) {
        self.write_release(out);
        match self.pre {
            Some((code, number)) => {
                out.code(code);
                out.number(number);
            }
            None if self.post.is_none() && self.dev.is_some() => out.code(DEV_ONLY),
            None => out.code(NO_PRE),
        }
        match self.post {
            Some(number) => {
                out.code(POST);
                out.number(number);
            }
            None => out.code(NO_POST),
        }
        match self.dev {
            Some(number) => {
                out.code(DEV);
                out.number(number);
            }
            None => out.code(NO_DEV),
        }
        let Some(local) = self.local else {
            out.code(NO_LOCAL);
            return;
        };
        out.code(LOCAL);
        for part in local.split(|b| is_separator(*b)) {
            if is_number(part) {
                out.number(part);
            } else {
                out.code(WORD);
                out.lower(part);
            }
        }
        out.code(END);
    }

    /// Up to the end of the release's numbers: what `== 1.4.*` looks at.
    fn write_release(&self, out: &mut Writer) {
        out.code(PEP_440);
        out.number(self.epoch);
        let mut significant = out.0.len();
        for part in &self.release {
            out.number(part);
            if part.iter().any(|d| *d != b'0') {
                significant = out.0.len();
            }
        }
        out.0.truncate(significant);
        out.code(END);
    }

    /// Bytes above every key that differs from this version in its local part only.
    pub(super) fn above_locals(&self) -> Vec<u8> {
        let mut plain = Writer::default();
        Self {
            local: None,
            ..self.clone()
        }
        .write(&mut plain);
        plain.0.pop();
        plain.code(LOCAL + 1);
        plain.0.to_vec()
    }

    /// Bytes above every post-release of this version, which is a release itself.
    pub(super) fn above_posts(&self) -> Vec<u8> {
        let mut out = Writer::default();
        self.write_release(&mut out);
        out.code(NO_PRE);
        out.code(POST + 1);
        out.0.to_vec()
    }
}

fn is_separator(byte: u8) -> bool {
    matches!(byte, b'.' | b'-' | b'_')
}

/// Takes a separator off, where there is one.
fn without_separator(rest: &[u8]) -> &[u8] {
    match rest {
        [first, tail @ ..] if is_separator(*first) => tail,
        _ => rest,
    }
}

/// Takes one of the words off, longest first; `None` where none stands there.
fn word<'a, T: Copy>(rest: &'a [u8], words: &[(&str, T)]) -> Option<(T, &'a [u8])> {
    words.iter().find_map(|(name, value)| {
        let (head, tail) = rest.split_at_checked(name.len())?;
        head.eq_ignore_ascii_case(name.as_bytes())
            .then_some((*value, tail))
    })
}

const PRE_WORDS: &[(&str, u8)] = &[
    ("alpha", ALPHA),
    ("beta", BETA),
    ("preview", RC),
    ("pre", RC),
    ("rc", RC),
    ("a", ALPHA),
    ("b", BETA),
    ("c", RC),
];
const POST_WORDS: &[(&str, ())] = &[("post", ()), ("rev", ()), ("r", ())];

/// PEP 440, appendix B, in all its spellings.
pub(super) fn parse(text: &str) -> Option<Version<'_>> {
    let mut rest = text.as_bytes();
    let mut version = Version::default();
    if let [b'v' | b'V', tail @ ..] = rest {
        rest = tail;
    }
    let mut behind = rest;
    let digits = take(&mut behind, |b| b.is_ascii_digit());
    if let [b'!', tail @ ..] = behind {
        if digits.is_empty() {
            return None;
        }
        version.epoch = digits;
        rest = tail;
    }
    loop {
        let digits = take(&mut rest, |b| b.is_ascii_digit());
        if digits.is_empty() {
            return None;
        }
        version.release.push(digits);
        match rest {
            [b'.', tail @ ..] if tail.first().is_some_and(u8::is_ascii_digit) => rest = tail,
            _ => break,
        }
    }
    if let Some((code, tail)) = word(without_separator(rest), PRE_WORDS) {
        rest = number_behind(tail, |number| version.pre = Some((code, number)));
    }
    if let [b'-', tail @ ..] = rest
        && tail.first().is_some_and(u8::is_ascii_digit)
    {
        rest = tail;
        version.post = Some(take(&mut rest, |b| b.is_ascii_digit()));
    } else if let Some(((), tail)) = word(without_separator(rest), POST_WORDS) {
        rest = number_behind(tail, |number| version.post = Some(number));
    }
    if let Some(((), tail)) = word(without_separator(rest), &[("dev", ())]) {
        rest = number_behind(tail, |number| version.dev = Some(number));
    }
    if let [b'+', tail @ ..] = rest {
        let whole = tail
            .split(|b| is_separator(*b))
            .all(|part| !part.is_empty() && part.iter().all(u8::is_ascii_alphanumeric));
        if !whole {
            return None;
        }
        version.local = Some(tail);
        rest = b"";
    }
    rest.is_empty().then_some(version)
}

/// A number behind a word, with or without a separator; none is 0, and the separator goes even then.
fn number_behind<'a>(rest: &'a [u8], found: impl FnOnce(&'a [u8])) -> &'a [u8] {
    let mut rest = without_separator(rest);
    found(take(&mut rest, |b| b.is_ascii_digit()));
    rest
}

/// What the older `packaging` did: words and numbers as texts, numbers padded to eight digits.
fn legacy(text: &str, out: &mut Writer) {
    const FINAL: &[u8] = b"*final";
    const FINAL_DASH: &[u8] = b"*final-";
    const ZERO: &[u8] = b"00000000";
    let lower = text.to_lowercase();
    let mut rest = lower.as_bytes();
    let mut parts: Vec<Vec<u8>> = Vec::new();
    let mut push = |part: Vec<u8>| {
        if part[0] == b'*' {
            if part.as_slice() < FINAL {
                while parts.last().is_some_and(|p| p == FINAL_DASH) {
                    parts.pop();
                }
            }
            while parts.last().is_some_and(|p| p == ZERO) {
                parts.pop();
            }
        }
        parts.push(part);
    };
    while let Some(first) = rest.first() {
        let part: &[u8] = match first {
            b'.' => {
                rest = &rest[1..];
                continue;
            }
            b'-' => {
                rest = &rest[1..];
                b"final-"
            }
            b'0'..=b'9' => {
                let digits = take(&mut rest, |b| b.is_ascii_digit());
                let mut padded = vec![b'0'; 8_usize.saturating_sub(digits.len())];
                padded.extend_from_slice(digits);
                push(padded);
                continue;
            }
            b'a'..=b'z' => match take(&mut rest, |b| b.is_ascii_lowercase()) {
                b"pre" | b"preview" | b"rc" => b"c",
                b"dev" => b"@",
                other => other,
            },
            _ => take(
                &mut rest,
                |b| !matches!(b, b'.' | b'-' | b'0'..=b'9' | b'a'..=b'z'),
            ),
        };
        push([b"*", part].concat());
    }
    push(FINAL.to_vec());
    out.code(LEGACY);
    for part in parts {
        out.text(&part);
    }
    out.code(END);
}
