//! Maven: the order of the POM reference ("version order specification"), as `ComparableVersion` has it.
//!
//! Tokens are cut at `.`, `-` and where digits and letters meet, which counts as `-`. What means nothing (0, `ga`, `final`,
//! `release`, an empty word) is dropped at the end and before each `-` and each word. Then one comparison from left to
//! right is right, and no padding is needed: a 0 that stays is followed by a number that is not.
//! Does *not* read ranges.

use smallvec::SmallVec;

use super::write::{Writer, is_number, take, without_zeros};

const ALPHA: u8 = 0x01;
const BETA: u8 = 0x02;
const MILESTONE: u8 = 0x03;
const RC: u8 = 0x04;
const SNAPSHOT: u8 = 0x05;
const END: u8 = 0x06;
/// A word that means nothing, kept because `.number` follows.
const NOTHING: u8 = 0x07;
const SP: u8 = 0x08;
const OTHER: u8 = 0x09;
/// A number behind `-` sorts before every number behind `.`.
const DASHED: u8 = 0x0a;

#[derive(Clone, Copy)]
enum Token<'a> {
    Dotted(&'a [u8]),
    Dashed(&'a [u8]),
    Word(u8, &'a [u8]),
}

impl Token<'_> {
    fn means_nothing(self) -> bool {
        match self {
            Self::Dotted(digits) | Self::Dashed(digits) => without_zeros(digits).is_empty(),
            Self::Word(code, _) => code == NOTHING,
        }
    }
}

pub(super) fn write(text: &str, out: &mut Writer) -> Option<()> {
    let mut rest = text.as_bytes();
    let mut tokens: SmallVec<[Token<'_>; 8]> = SmallVec::new();
    let mut dashed = false;
    loop {
        let run = if rest.first().is_some_and(u8::is_ascii_digit) {
            take(&mut rest, |b| b.is_ascii_digit())
        } else {
            take(&mut rest, |b| !b.is_ascii_digit() && b != b'.' && b != b'-')
        };
        let digit_follows = rest.first().is_some_and(u8::is_ascii_digit);
        let token = match (run.is_empty() || is_number(run), dashed) {
            (true, true) => Token::Dashed(run),
            (true, false) => Token::Dotted(run),
            (false, _) => Token::Word(qualifier(run, digit_follows), run),
        };
        if !matches!(token, Token::Dotted(_)) {
            drop_nothing(&mut tokens);
        }
        tokens.push(token);
        match rest {
            [] => break,
            [b'.', tail @ ..] => {
                dashed = false;
                rest = tail;
            }
            [b'-', tail @ ..] => {
                dashed = true;
                rest = tail;
            }
            // Digits and letters meet.
            _ => dashed = true,
        }
        // What the end leaves behind a separator is 0, and dropped.
        if rest.is_empty() {
            break;
        }
    }
    drop_nothing(&mut tokens);
    for token in tokens {
        match token {
            Token::Dotted(digits) => out.number(digits),
            Token::Dashed(digits) => {
                out.code(DASHED);
                out.number(digits);
            }
            Token::Word(OTHER, word) => {
                out.code(OTHER);
                out.lower(word);
            }
            Token::Word(code, _) => out.code(code),
        }
    }
    out.code(END);
    Some(())
}

fn drop_nothing(tokens: &mut SmallVec<[Token<'_>; 8]>) {
    while tokens.last().is_some_and(|t| t.means_nothing()) {
        tokens.pop();
    }
}

fn qualifier(word: &[u8], digit_follows: bool) -> u8 {
    let is = |name: &str| word.eq_ignore_ascii_case(name.as_bytes());
    if is("alpha") || (digit_follows && is("a")) {
        ALPHA
    } else if is("beta") || (digit_follows && is("b")) {
        BETA
    } else if is("milestone") || (digit_follows && is("m")) {
        MILESTONE
    } else if is("rc") || is("cr") {
        RC
    } else if is("snapshot") {
        SNAPSHOT
    } else if is("ga") || is("final") || is("release") {
        NOTHING
    } else if is("sp") {
        SP
    } else {
        OTHER
    }
}
