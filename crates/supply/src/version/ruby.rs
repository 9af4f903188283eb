//! RubyGems: `Gem::Version`.
//!
//! A missing segment is 0, words sort before numbers. So a run of zeros weighs by what follows it: before a word it makes a
//! version larger, before a number smaller, and at the end nothing. Reads *no* platform: `-java` is a pre-release here.

use super::write::{Writer, is_number, take, without_zeros};

/// Zeros and then a word, the end, zeros and then a number, a number.
const WORD: u8 = 0x01;
const END: u8 = 0x02;
const ZEROS: u8 = 0x03;

pub(super) fn write(text: &str, out: &mut Writer) -> Option<()> {
    let text = text.as_bytes();
    if !text[0].is_ascii_digit() {
        return None;
    }
    let mut zeros = 0_u16;
    let mut word_seen = false;
    let mut dash_seen = false;
    let mut rest = text;
    loop {
        let run = take(&mut rest, |b| b.is_ascii_alphanumeric());
        if run.is_empty() && !dash_seen {
            return None;
        }
        let mut run = run;
        while !run.is_empty() {
            let digits = take(&mut run, |b| b.is_ascii_digit());
            if is_number(digits) {
                number(digits, &mut zeros, out);
                continue;
            }
            let letters = take(&mut run, |b| b.is_ascii_alphabetic());
            word(letters, &mut zeros, &mut word_seen, out);
        }
        match rest {
            [] => break,
            [b'.', tail @ ..] if !tail.is_empty() => rest = tail,
            // Every dash reads `.pre.`.
            [b'-', tail @ ..] if !tail.is_empty() => {
                dash_seen = true;
                word(b"pre", &mut zeros, &mut word_seen, out);
                rest = tail;
            }
            _ => return None,
        }
    }
    out.code(END);
    Some(())
}

fn number(digits: &[u8], zeros: &mut u16, out: &mut Writer) {
    if without_zeros(digits).is_empty() {
        // Texts end at `MAX_TEXT`: no overflow.
        *zeros = zeros.saturating_add(1);
        return;
    }
    if *zeros > 0 {
        out.code(ZEROS);
        out.0.extend_from_slice(&(u16::MAX - *zeros).to_be_bytes());
        *zeros = 0;
    }
    out.number(digits);
}

fn word(letters: &[u8], zeros: &mut u16, word_seen: &mut bool, out: &mut Writer) {
    // Zeros before the first word are dropped: 1.0.a is 1.a.
    if !*word_seen {
        *zeros = 0;
        *word_seen = true;
    }
    out.code(WORD);
    out.0.extend_from_slice(&zeros.to_be_bytes());
    *zeros = 0;
    out.text(letters);
}
