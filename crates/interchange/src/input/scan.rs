//! Bytes with a place: what the parsers of XML, JSON and CSV read from.
//!
//! A token is copied out up to a limit and the rest of it is passed over, so that a 100 MB attribute is never 100 MB of
//! memory. Not a parser, and knows no encoding: whether bytes are UTF-8 is asked where they become text.

use std::io::{self, Read};

use memchr::memchr_iter;

const BLOCK: usize = 64 << 10;

pub(crate) struct Scanner {
    inner: Box<dyn Read>,
    buf: Box<[u8]>,
    pos: usize,
    end: usize,
    /// Lines are counted up to here in `buf`, when somebody asks.
    counted: usize,
    line: u64,
}

impl Scanner {
    pub(crate) fn new(inner: Box<dyn Read>) -> Self {
        Self {
            inner,
            buf: vec![0; BLOCK].into(),
            pos: 0,
            end: 0,
            counted: 0,
            line: 1,
        }
    }

    /// Line of the next byte, from 1.
    pub(crate) fn line(&mut self) -> u64 {
        self.line += memchr_iter(b'\n', &self.buf[self.counted..self.pos]).count() as u64;
        self.counted = self.pos;
        self.line
    }

    /// What can be seen without reading on; empty only at the end of the file.
    pub(crate) fn available(&mut self) -> io::Result<&[u8]> {
        if self.pos == self.end {
            self.line();
            (self.pos, self.end, self.counted) = (0, 0, 0);
            loop {
                match self.inner.read(&mut self.buf) {
                    Ok(n) => break self.end = n,
                    Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                    Err(e) => return Err(e),
                }
            }
        }
        Ok(&self.buf[self.pos..self.end])
    }

    pub(crate) fn consume(&mut self, n: usize) {
        self.pos += n;
        debug_assert!(self.pos <= self.end);
    }

    pub(crate) fn peek(&mut self) -> io::Result<Option<u8>> {
        if self.pos < self.end {
            return Ok(Some(self.buf[self.pos]));
        }
        Ok(self.available()?.first().copied())
    }

    pub(crate) fn next(&mut self) -> io::Result<Option<u8>> {
        let byte = self.peek()?;
        if byte.is_some() {
            self.pos += 1;
        }
        Ok(byte)
    }

    /// Copies to `out` what stands before the first byte that `find` finds, and stops at that byte. What would make
    /// `out` longer than `limit` is passed over. Gives that byte (`None` at the end of the file) and whether all was kept.
    pub(crate) fn until(
        &mut self,
        find: impl Fn(&[u8]) -> Option<usize>,
        out: &mut Vec<u8>,
        limit: usize,
    ) -> io::Result<(Option<u8>, bool)> {
        let mut whole = true;
        loop {
            let piece = self.available()?;
            if piece.is_empty() {
                return Ok((None, whole));
            }
            let found = find(piece);
            let n = found.unwrap_or(piece.len());
            let kept = n.min(limit.saturating_sub(out.len()));
            out.extend_from_slice(&piece[..kept]);
            whole &= kept == n;
            let byte = found.map(|at| piece[at]);
            self.consume(n);
            if byte.is_some() {
                return Ok((byte, whole));
            }
        }
    }
}

/// What is wrong with one token; the element that it belongs to is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Longer than so many bytes.
    TooLong(usize),
    /// Nested deeper than so many levels.
    TooDeep(usize),
    /// Not UTF-8; what it looks like.
    NotUtf8(Option<&'static str>),
    /// `&…;` or `\…` that means nothing.
    Escape(String),
    /// U+0000, which no text has.
    Nul,
}

impl Fault {
    pub(crate) fn not_utf8(bytes: &[u8]) -> Self {
        Self::NotUtf8(super::encoding::guess(bytes))
    }

    /// What was expected, and what was found, in words.
    pub(crate) fn words(&self) -> (String, String) {
        match self {
            Self::TooLong(limit) => (format!("at most {limit} bytes (the limit)"), "more".into()),
            Self::TooDeep(limit) => (
                format!("at most {limit} levels of nesting (the limit)"),
                "more".into(),
            ),
            Self::NotUtf8(Some(guess)) => (
                "UTF-8 text".into(),
                format!("bytes that look like {guess}; name the encoding"),
            ),
            Self::NotUtf8(None) => ("UTF-8 text".into(), "other bytes".into()),
            Self::Escape(found) => ("an escape that the format knows".into(), found.clone()),
            Self::Nul => ("text without U+0000".into(), "U+0000".into()),
        }
    }
}
