//! Which encoding a text file is in: its mark, its declaration, or UTF-8; and a guess to name in an error.
//!
//! A guess is never used to read: GBK read as something else is nonsense in a record that cannot be changed.

use std::io::{self, Read};

use encoding_rs::{
    BIG5, CoderResult, DecoderResult, EUC_KR, Encoding, GB18030, SHIFT_JIS, UTF_8, UTF_16BE,
    UTF_16LE,
};

use crate::Cause;

/// The encoding of a file that begins with `head`, and the length of its byte-order mark.
pub(crate) fn detect(
    head: &[u8],
    chosen: Option<&'static Encoding>,
    whole: bool,
) -> Result<(&'static Encoding, usize), Cause> {
    if let Some((marked, bom)) = Encoding::for_bom(head) {
        return Ok((chosen.filter(|c| *c != UTF_8).unwrap_or(marked), bom));
    }
    if let Some(chosen) = chosen {
        return Ok((chosen, 0));
    }
    match head {
        [b'<', 0, b'?', 0, ..] => return Ok((UTF_16LE, 0)),
        [0, b'<', 0, b'?', ..] => return Ok((UTF_16BE, 0)),
        _ => {}
    }
    if let Some(label) = declared(head) {
        let encoding =
            Encoding::for_label(label.as_bytes()).ok_or(Cause::UnknownEncoding { label })?;
        // The declaration was read as bytes, so whatever it says, it is not UTF-16.
        let encoding = if encoding == UTF_16LE || encoding == UTF_16BE {
            UTF_8
        } else {
            encoding
        };
        if encoding != UTF_8 {
            return Ok((encoding, 0));
        }
    }
    let even = head.iter().step_by(2).filter(|b| **b == 0).count();
    let odd = head.iter().skip(1).step_by(2).filter(|b| **b == 0).count();
    if head.len() >= 8 && (even + odd) * 4 > head.len() && even.abs_diff(odd) * 2 > even + odd {
        return Ok((if odd > even { UTF_16LE } else { UTF_16BE }, 0));
    }
    match std::str::from_utf8(head) {
        Err(e) if e.error_len().is_some() || whole => Err(Cause::Encoding {
            line: 1 + memchr::memchr_iter(b'\n', &head[..e.valid_up_to()]).count() as u64,
            guess: guess(&head[e.valid_up_to()..]),
        }),
        _ => Ok((UTF_8, 0)),
    }
}

/// What an XML declaration says.
fn declared(head: &[u8]) -> Option<String> {
    let head = &head[..head.len().min(256)];
    let end = head.windows(2).position(|w| w == b"?>")?;
    let text = std::str::from_utf8(head.get(..end)?)
        .ok()?
        .strip_prefix("<?xml")?;
    let rest = text
        .split_once("encoding")?
        .1
        .trim_start()
        .strip_prefix('=')?
        .trim_start();
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    Some(rest[1..].split(quote).next()?.to_owned())
}

/// What bytes that are not UTF-8 look like, judged by the characters that they would make. `None` if by nothing.
pub(crate) fn guess(bytes: &[u8]) -> Option<&'static str> {
    let sample = &bytes[..bytes.len().min(8192)];
    let score = |encoding: &'static Encoding| {
        let mut decoder = encoding.new_decoder_without_bom_handling();
        let mut text = String::with_capacity(sample.len() * 3 + 8);
        match decoder
            .decode_to_string_without_replacement(sample, &mut text, false)
            .0
        {
            DecoderResult::Malformed(..) => 0.0,
            _ => {
                let foreign: Vec<char> = text.chars().filter(|c| !c.is_ascii()).collect();
                let common = foreign.iter().filter(|c| matches!(c, '\u{4e00}'..='\u{9fff}' | '\u{3000}'..='\u{30ff}' | '\u{ff00}'..='\u{ffef}' | '\u{ac00}'..='\u{d7a3}')).count();
                common as f64 / foreign.len().max(1) as f64
            }
        }
    };
    // In East Asian text most characters have two bytes above 0xA0; a lone one among Latin letters is an accent.
    let pairs = sample.windows(2).filter(|w| w[0] >= 0xA1);
    let (both, all) = pairs.fold((0, 0), |(both, all), w| {
        (both + usize::from(w[1] >= 0xA1), all + 1)
    });
    let accents = both * 2 < all;
    // GB18030 first: it is what unmarked files are in where this program is used.
    [
        (GB18030, "GBK (GB18030)"),
        (BIG5, "Big5"),
        (SHIFT_JIS, "Shift_JIS"),
        (EUC_KR, "EUC-KR"),
    ]
    .into_iter()
    .find(|(encoding, _)| !accents && score(encoding) > 0.8)
    .map(|(_, name)| name)
    .or_else(|| {
        sample
            .iter()
            .any(|b| *b >= 0xA0)
            .then_some("windows-1252 (Latin-1)")
    })
}

/// Decodes to UTF-8 as it goes. Where the input breaks the encoding it puts the byte 0xFF, which is no
/// UTF-8 either: the parser refuses it in its place.
pub(crate) struct Decode<R> {
    inner: R,
    decoder: encoding_rs::Decoder,
    raw: Vec<u8>,
    raw_pos: usize,
    out: Vec<u8>,
    out_pos: usize,
    eof: bool,
    done: bool,
}

impl<R: Read> Decode<R> {
    pub(crate) fn new(inner: R, encoding: &'static Encoding) -> Self {
        let decoder = encoding.new_decoder_without_bom_handling();
        Self {
            inner,
            decoder,
            raw: Vec::new(),
            raw_pos: 0,
            out: Vec::new(),
            out_pos: 0,
            eof: false,
            done: false,
        }
    }
}

impl<R: Read> Read for Decode<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.out_pos == self.out.len() && !self.done {
            if self.raw_pos == self.raw.len() && !self.eof {
                self.raw.resize(32 << 10, 0);
                let n = self.inner.read(&mut self.raw)?;
                self.raw.truncate(n);
                self.raw_pos = 0;
                self.eof = n == 0;
            }
            self.out.resize(64 << 10, 0);
            let (result, read, written) = self.decoder.decode_to_utf8_without_replacement(
                &self.raw[self.raw_pos..],
                &mut self.out,
                self.eof,
            );
            self.raw_pos += read;
            self.out.truncate(written);
            self.out_pos = 0;
            match result {
                DecoderResult::Malformed(..) => self.out.push(0xFF),
                DecoderResult::InputEmpty => self.done = self.eof,
                DecoderResult::OutputFull => {}
            }
        }
        let n = out.len().min(self.out.len() - self.out_pos);
        out[..n].copy_from_slice(&self.out[self.out_pos..self.out_pos + n]);
        self.out_pos += n;
        Ok(n)
    }
}

/// `head` as text, for sniffing. Cut where a character is incomplete.
pub(crate) fn head_text(head: &[u8], encoding: &'static Encoding) -> String {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut text = String::with_capacity(head.len() * 3 + 16);
    let (result, _, _) = decoder.decode_to_string(head, &mut text, false);
    debug_assert_eq!(result, CoderResult::InputEmpty);
    text
}
