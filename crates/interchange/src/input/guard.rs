//! The reader under every text parser: valid UTF-8 only, lines counted, no token longer than allowed.
//!
//! Parsers hold a whole token (a quoted value, a text, a number) before they hand it over, so a 100 MB attribute would
//! be 100 MB of memory. Here the middle of such a token is dropped before the parser sees it, and a [`Fault`] says so;
//! the same with bytes that are not UTF-8 (replaced) and JSON nested too deep (replaced by `null`). A fault is raised in
//! the moment the parser asks for what follows, so it belongs to the token being parsed.
//!
//! Not a parser: it knows just enough of XML and JSON to see where tokens end.

use std::{
    cell::{Cell, RefCell},
    io::{self, BufRead, Read},
    rc::Rc,
};

use memchr::{memchr, memchr_iter, memchr2, memchr3};

/// What had to be taken out of the stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// A token longer than `limit` bytes.
    TooLong { line: u64, limit: usize },
    /// Bytes that are not UTF-8, and what they look like.
    NotUtf8 {
        line: u64,
        bytes: Vec<u8>,
        guess: Option<&'static str>,
    },
    /// JSON nested deeper than `limit`.
    TooDeep { line: u64, limit: usize },
}

/// What guard and reader both see: the parser between them owns the guard.
#[derive(Default)]
pub(crate) struct Shared {
    /// Line of the next byte that the parser will take, from 1.
    pub line: Cell<u64>,
    /// First fault since it was last asked for.
    fault: RefCell<Option<Fault>>,
    /// A DOCTYPE was met at this line; the stream ends there.
    pub doctype: Cell<Option<u64>>,
    /// What the file system or the unpacker said; parsers wrap it beyond recognition.
    pub io: RefCell<Option<io::Error>>,
}

impl Shared {
    pub(crate) fn take_fault(&self) -> Option<Fault> {
        self.fault.borrow_mut().take()
    }

    fn raise(&self, fault: Fault) {
        self.fault.borrow_mut().get_or_insert(fault);
    }
}

/// Which syntax the tokens follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Syntax {
    Xml,
    Json,
    /// No tokens: the parser bounds itself.
    Plain,
}

/// Where in a token the scan stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    // XML
    Text,
    Open,
    Bang,
    Tag,
    Quote(u8),
    /// Comment, CDATA or instruction: ends at `>` after these two (one for `?`) bytes.
    Until(&'static [u8]),
    // JSON
    Out,
    Scalar,
    Str,
    /// After a backslash: 0, or hexadecimal digits still to come and their value.
    Escape(u8, u16),
    // CSV
    Free,
}

pub(crate) struct Guard<R> {
    inner: R,
    shared: Rc<Shared>,
    buf: Vec<u8>,
    /// Next byte to give out.
    pos: usize,
    /// End of what may be given out.
    visible: usize,
    /// End of what is known to be UTF-8.
    valid: usize,
    filled: usize,
    /// Given out before `buf[pos..]`.
    inject: &'static [u8],
    next_fault: Option<Fault>,
    syntax: Syntax,
    state: State,
    /// Bytes of the token so far.
    len: usize,
    /// Bytes of the tag so far, over all its values. XML only.
    tag_len: usize,
    /// The token is over the limit: drop until it ends.
    dropping: bool,
    /// The tag is over the limit: drop until it ends.
    dropping_tag: bool,
    /// Last two bytes scanned, for `-->`, `]]>`, `/>`.
    last: [u8; 2],
    /// JSON: a first half of a surrogate pair was read, the second must follow.
    half_pair: bool,
    /// JSON: brackets open.
    depth: usize,
    /// JSON: dropping until so few brackets are open.
    drop_to: Option<usize>,
    limit: usize,
    tag_limit: usize,
    depth_limit: usize,
    eof: bool,
}

const BLOCK: usize = 64 << 10;
const SCALAR_LIMIT: usize = 4096;

impl<R: Read> Guard<R> {
    pub(crate) fn new(
        inner: R,
        syntax: Syntax,
        limits: &crate::Limits,
        shared: Rc<Shared>,
    ) -> Self {
        shared.line.set(1);
        let state = match syntax {
            Syntax::Xml => State::Text,
            Syntax::Json => State::Out,
            Syntax::Plain => State::Free,
        };
        Self {
            inner,
            shared,
            buf: vec![0; BLOCK],
            pos: 0,
            visible: 0,
            valid: 0,
            filled: 0,
            inject: b"",
            next_fault: None,
            syntax,
            state,
            len: 0,
            tag_len: 0,
            dropping: false,
            dropping_tag: false,
            last: [0; 2],
            half_pair: false,
            depth: 0,
            drop_to: None,
            limit: limits.attribute,
            tag_limit: limits.event,
            // Root, list of elements and element lie around what the limit speaks of, the attributes.
            depth_limit: limits.depth + 4,
            eof: false,
        }
    }

    fn line(&self) -> u64 {
        self.shared.line.get()
    }

    /// Makes more bytes visible, or finds the end of the stream.
    fn advance(&mut self) -> io::Result<()> {
        if let Some(fault) = self.next_fault.take() {
            self.shared.raise(fault);
        }
        while self.inject.is_empty() && self.pos == self.visible && !self.eof {
            if self.pos < self.valid {
                self.scan();
            } else if self.filled - self.valid >= 4
                || (self.filled > self.valid && self.broken().is_some())
            {
                let n = self.broken().unwrap_or(1);
                self.replace(n);
            } else {
                self.refill()?;
            }
        }
        Ok(())
    }

    /// Length of the sequence at `valid` that is no UTF-8; `None` if it may just be cut by the block.
    fn broken(&self) -> Option<usize> {
        std::str::from_utf8(&self.buf[self.valid..self.filled])
            .err()
            .filter(|e| e.valid_up_to() == 0)?
            .error_len()
    }

    /// Puts U+FFFD for `n` bytes at `valid`.
    fn replace(&mut self, n: usize) {
        let bytes = self.buf[self.valid..self.valid + n].to_vec();
        let guess =
            super::encoding::guess(&self.buf[self.valid..self.filled.min(self.valid + 256)]);
        self.next_fault = None;
        self.shared.raise(Fault::NotUtf8 {
            line: self.line(),
            bytes,
            guess,
        });
        self.valid += n;
        self.pos = self.valid;
        self.visible = self.valid;
        if !self.dropping && !self.dropping_tag && self.drop_to.is_none() {
            self.inject = "\u{FFFD}".as_bytes();
            self.len += 3;
        }
        self.check();
    }

    /// Extends `valid` as far as the buffer goes.
    fn check(&mut self) {
        match std::str::from_utf8(&self.buf[self.valid..self.filled]) {
            Ok(_) => self.valid = self.filled,
            Err(e) => self.valid += e.valid_up_to(),
        }
    }

    fn refill(&mut self) -> io::Result<()> {
        self.buf.copy_within(self.valid..self.filled, 0);
        self.filled -= self.valid;
        (self.pos, self.visible, self.valid) = (0, 0, 0);
        let n = loop {
            match self.inner.read(&mut self.buf[self.filled..]) {
                Ok(n) => break n,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => {
                    let kind = e.kind();
                    self.shared.io.borrow_mut().get_or_insert(e);
                    self.eof = true;
                    return Err(kind.into());
                }
            }
        };
        self.filled += n;
        if n == 0 {
            if self.filled > 0 {
                let rest = self.filled;
                self.replace(rest);
            } else {
                self.eof = true;
            }
        } else {
            self.check();
        }
        Ok(())
    }

    /// Looks at `buf[pos..valid]` and makes visible what the parser may have; drops what it may not.
    fn scan(&mut self) {
        let (from, to) = (self.pos, self.valid);
        match self.syntax {
            Syntax::Plain => self.visible = to,
            Syntax::Xml => self.scan_xml(from, to),
            Syntax::Json if self.drop_to.is_some() => self.drop_deep(from, to),
            Syntax::Json => self.scan_json(from, to),
        }
    }

    /// The first byte at or after `at` that begins a character.
    fn boundary(&self, mut at: usize, to: usize) -> usize {
        while at < to && self.buf[at] & 0xC0 == 0x80 {
            at += 1;
        }
        at
    }

    fn skip_to(&mut self, at: usize) {
        let newlines = memchr_iter(b'\n', &self.buf[self.pos..at]).count() as u64;
        self.shared.line.set(self.line() + newlines);
        self.pos = at;
        self.visible = at;
    }

    /// Ends the visible part at `at`: what follows in this token is dropped.
    fn cut(&mut self, at: usize) {
        self.visible = at;
        self.next_fault = Some(Fault::TooLong {
            line: self.line(),
            limit: self.limit,
        });
        if at == self.pos {
            let fault = self.next_fault.take().expect("just set");
            self.shared.raise(fault);
        }
    }

    fn scan_xml(&mut self, from: usize, to: usize) {
        if self.dropping || self.dropping_tag {
            return self.drop_xml(from, to);
        }
        let mut i = from;
        while i < to {
            let rest = &self.buf[i..to];
            let (end, next) = match self.state {
                State::Text => (memchr(b'<', rest), State::Open),
                State::Quote(q) => (memchr(q, rest), State::Tag),
                State::Tag => match memchr3(b'"', b'\'', b'>', rest) {
                    Some(k) if rest[k] == b'>' => (Some(k), State::Text),
                    Some(k) => (Some(k), State::Quote(rest[k])),
                    None => (None, State::Text),
                },
                State::Open => {
                    self.tag_len = 0;
                    self.len = 0;
                    match rest[0] {
                        b'!' => self.state = State::Bang,
                        b'?' => self.state = State::Until(b"?"),
                        b'>' => self.state = State::Text,
                        _ => self.state = State::Tag,
                    }
                    self.last = [0; 2];
                    i += 1;
                    continue;
                }
                State::Bang => {
                    match rest[0] {
                        b'-' => self.state = State::Until(b"--"),
                        b'[' => self.state = State::Until(b"]]"),
                        _ => {
                            let lines = memchr_iter(b'\n', &self.buf[from..i]).count() as u64;
                            self.shared.doctype.set(Some(self.line() + lines));
                            self.visible = from;
                            self.eof = true;
                            return;
                        }
                    }
                    i += 1;
                    continue;
                }
                State::Until(before) => {
                    let end = memchr(b'>', rest);
                    let n = end.unwrap_or(rest.len());
                    let last = self.last_two(&self.buf[i..i + n]);
                    let done = end.is_some() && last.ends_with(before);
                    self.last = if end.is_some() { [last[1], b'>'] } else { last };
                    if self.len + n > self.limit {
                        let at = self.boundary(i + self.limit.saturating_sub(self.len), i + n);
                        self.dropping = true;
                        // The two bytes before `>` are put back when the end is found.
                        self.last = [0; 2];
                        self.visible = at;
                        if !matches!(before, b"--") {
                            self.cut(at);
                        }
                        return;
                    }
                    self.len += n + usize::from(end.is_some());
                    i += n + usize::from(end.is_some());
                    if done {
                        self.state = State::Text;
                        self.len = 0;
                    }
                    continue;
                }
                _ => unreachable!("states of JSON and CSV are not met in XML"),
            };
            let n = end.unwrap_or(rest.len());
            if self.len + n > self.limit {
                let at = self.boundary(i + self.limit.saturating_sub(self.len), i + n);
                self.dropping = true;
                return self.cut(at);
            }
            if self.state != State::Text {
                self.tag_len += n + 1;
                if self.tag_len > self.tag_limit {
                    let at = i;
                    self.dropping_tag = true;
                    return self.cut(at);
                }
            }
            self.len += n;
            i += n;
            if end.is_some() {
                self.state = next;
                self.len = 0;
                i += 1;
            }
        }
        self.visible = to;
    }

    fn last_two(&self, piece: &[u8]) -> [u8; 2] {
        match piece {
            [] => self.last,
            [a] => [self.last[1], *a],
            [.., a, b] => [*a, *b],
        }
    }

    /// Drops the rest of an over-long token; resumes at the byte that ends it.
    fn drop_xml(&mut self, from: usize, to: usize) {
        let mut i = from;
        while i < to {
            let rest = &self.buf[i..to];
            let end = match self.state {
                State::Text => memchr(b'<', rest),
                State::Quote(q) => memchr(q, rest),
                State::Until(_) => memchr(b'>', rest),
                _ => memchr3(b'"', b'\'', b'>', rest),
            };
            let n = end.unwrap_or(rest.len());
            self.last = self.last_two(&self.buf[i..i + n]);
            i += n;
            if end.is_none() {
                break;
            }
            match self.state {
                State::Until(before) if !self.last.ends_with(before) => {
                    self.last = [self.last[1], b'>'];
                    i += 1;
                    continue;
                }
                State::Until(before) => self.inject = before,
                State::Quote(_) if self.dropping_tag => {
                    self.state = State::Tag;
                    i += 1;
                    continue;
                }
                State::Tag if self.dropping_tag => {
                    if self.buf[i] != b'>' {
                        self.state = State::Quote(self.buf[i]);
                        i += 1;
                        continue;
                    }
                    if self.last[1] == b'/' {
                        self.inject = b"/";
                    }
                }
                State::Tag if self.buf[i] == b'>' && self.last[1] == b'/' => self.inject = b"/",
                _ => {}
            }
            self.dropping = false;
            self.dropping_tag = false;
            self.len = 0;
            return self.skip_to(i);
        }
        self.skip_to(to);
    }

    fn scan_json(&mut self, from: usize, to: usize) {
        let mut i = from;
        if self.dropping {
            while i < to && !self.json_ends(i) {
                i += 1;
            }
            self.dropping = i == to;
            if !self.dropping {
                self.len = 0;
            }
            return self.skip_to(i);
        }
        while i < to {
            let byte = self.buf[i];
            match self.state {
                State::Str => {
                    if self.len >= self.limit
                        && !self.half_pair
                        && byte & 0xC0 != 0x80
                        && byte != b'"'
                    {
                        self.dropping = true;
                        return self.cut(i);
                    }
                    self.half_pair = self.half_pair && byte == b'\\';
                    match byte {
                        b'"' => self.state = State::Out,
                        b'\\' => self.state = State::Escape(0, 0),
                        _ => {
                            // The common case in one stride, up to the limit.
                            let most = to.min(i + 1 + self.limit.saturating_sub(self.len));
                            let n = memchr2(b'"', b'\\', &self.buf[i..most])
                                .unwrap_or(most - i)
                                .max(1);
                            self.len += n;
                            i += n;
                            continue;
                        }
                    }
                    self.len += 1;
                }
                State::Escape(left, value) => {
                    self.len += 1;
                    let digit = (byte as char).to_digit(16).unwrap_or(0) as u16;
                    match (left, byte) {
                        (0, b'u') => self.state = State::Escape(4, 0),
                        (0, _) => {
                            self.state = State::Str;
                            self.half_pair = false;
                        }
                        (1, _) => {
                            self.half_pair = (0xD800..0xDC00).contains(&(value << 4 | digit));
                            self.state = State::Str;
                        }
                        _ => self.state = State::Escape(left - 1, value << 4 | digit),
                    }
                }
                State::Scalar if !ends_scalar(byte) => {
                    self.len += 1;
                    if self.len > SCALAR_LIMIT {
                        self.dropping = true;
                        return self.cut(i);
                    }
                }
                _ => {
                    self.state = State::Out;
                    match byte {
                        b'"' => {
                            self.state = State::Str;
                            self.len = 0;
                        }
                        b'{' | b'[' if self.depth >= self.depth_limit => {
                            self.visible = i;
                            self.drop_to = Some(self.depth);
                            let fault = Fault::TooDeep {
                                line: self.line(),
                                limit: self.depth_limit - 4,
                            };
                            if i == self.pos {
                                self.shared.raise(fault);
                            } else {
                                self.next_fault = Some(fault);
                            }
                            return;
                        }
                        b'{' | b'[' => self.depth += 1,
                        b'}' | b']' => self.depth = self.depth.saturating_sub(1),
                        b' ' | b'\t' | b'\r' | b'\n' | b',' | b':' => {}
                        _ => {
                            self.state = State::Scalar;
                            self.len = 1;
                        }
                    }
                }
            }
            i += 1;
        }
        self.visible = to;
    }

    /// Does the byte at `i` end the token being scanned? Moves through escapes.
    fn json_ends(&mut self, i: usize) -> bool {
        let byte = self.buf[i];
        match self.state {
            State::Str if byte == b'\\' => self.state = State::Escape(0, 0),
            State::Str => return byte == b'"',
            State::Escape(..) => self.state = State::Str,
            _ => return ends_scalar(byte),
        }
        false
    }

    /// Drops a JSON value that lies too deep and puts `null` for it.
    fn drop_deep(&mut self, from: usize, to: usize) {
        let floor = self.drop_to.expect("only called while set");
        for i in from..to {
            match (self.state, self.buf[i]) {
                (State::Str, b'\\') => self.state = State::Escape(0, 0),
                (State::Str, b'"') => self.state = State::Out,
                (State::Escape(..), _) => self.state = State::Str,
                (State::Str, _) => {}
                (_, b'"') => self.state = State::Str,
                (_, b'{' | b'[') => self.depth += 1,
                (_, b'}' | b']') => {
                    self.depth -= 1;
                    if self.depth == floor {
                        self.state = State::Out;
                        self.drop_to = None;
                        self.inject = b"null";
                        return self.skip_to(i + 1);
                    }
                }
                _ => {}
            }
        }
        self.skip_to(to);
    }
}

fn ends_scalar(byte: u8) -> bool {
    matches!(
        byte,
        b',' | b':' | b'}' | b']' | b'{' | b'[' | b'"' | b' ' | b'\n' | b'\r' | b'\t'
    )
}

impl<R: Read> BufRead for Guard<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.inject.is_empty() && self.pos == self.visible {
            self.advance()?;
        }
        Ok(if self.inject.is_empty() {
            &self.buf[self.pos..self.visible]
        } else {
            self.inject
        })
    }

    fn consume(&mut self, n: usize) {
        let taken = if self.inject.is_empty() {
            &self.buf[self.pos..self.pos + n]
        } else {
            &self.inject[..n]
        };
        let newlines = match taken {
            [byte] => u64::from(*byte == b'\n'),
            _ => memchr_iter(b'\n', taken).count() as u64,
        };
        if newlines > 0 {
            self.shared.line.set(self.shared.line.get() + newlines);
        }
        if self.inject.is_empty() {
            self.pos += n
        } else {
            self.inject = &self.inject[n..]
        }
    }
}

impl<R: Read> Read for Guard<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let n = {
            let available = self.fill_buf()?;
            let n = available.len().min(out.len());
            out[..n].copy_from_slice(&available[..n]);
            n
        };
        self.consume(n);
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Hands out a few bytes at a time, so that every state is cut by a block's end.
    struct Drip<'a>(&'a [u8], usize);

    impl Read for Drip<'_> {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            let n = self.0.len().min(self.1).min(out.len());
            out[..n].copy_from_slice(&self.0[..n]);
            self.0 = &self.0[n..];
            Ok(n)
        }
    }

    fn through(
        input: &[u8],
        drip: usize,
        syntax: Syntax,
        limit: usize,
    ) -> (String, Option<Fault>, u64) {
        let shared = Rc::new(Shared::default());
        let limits = crate::Limits {
            attribute: limit,
            event: limit * 4,
            depth: 4,
            ..Default::default()
        };
        let mut out = Vec::new();
        Guard::new(Drip(input, drip), syntax, &limits, shared.clone())
            .read_to_end(&mut out)
            .unwrap();
        (
            String::from_utf8(out).expect("the guard gives out UTF-8 only"),
            shared.take_fault(),
            shared.line.get(),
        )
    }

    #[test]
    fn cuts_and_goes_on() {
        let long = "x".repeat(100);
        for drip in [1, 2, 3, 7, 1000] {
            let cut = |syntax, input: &str| through(input.as_bytes(), drip, syntax, 10);
            for (syntax, input, expected) in [
                (
                    Syntax::Xml,
                    format!("<a k='{long}' l=\"1\"/>\n<b/>"),
                    "<a k='xxxxxxxxxx' l=\"1\"/>\n<b/>",
                ),
                (
                    Syntax::Xml,
                    format!("<a>{long}\n{long}</a>"),
                    "<a>xxxxxxxxxx</a>",
                ),
                (
                    Syntax::Xml,
                    format!("<!--{long}--><a/>"),
                    "<!--xxxxxxxxx--><a/>",
                ),
                (
                    Syntax::Xml,
                    format!("<a><![CDATA[{long}>]]></a>"),
                    "<a><![CDATA[xxxx]]></a>",
                ),
                (Syntax::Xml, "<a k='é'>é</a>".into(), "<a k='é'>é</a>"),
                (
                    Syntax::Json,
                    format!("[\"{long}\", 1]"),
                    "[\"xxxxxxxxxx\", 1]",
                ),
                (
                    Syntax::Json,
                    "[[[[[[[[[[[1,\"]\"]]]],2]]]]]]], 3".into(),
                    "[[[[[[[[null]]]]]]]], 3",
                ),
                (
                    Syntax::Json,
                    format!("[\"{}\"]", "\\ud83d\\ude00".repeat(9)),
                    "[\"\\ud83d\\ude00\"]",
                ),
            ] {
                let (out, fault, _) = cut(syntax, &input);
                assert_eq!(out, expected, "{input} in pieces of {drip}");
                if input != expected && !input.starts_with("<!--") {
                    assert!(fault.is_some(), "{input}");
                }
            }
        }
        let (out, fault, line) = through(b"a\nb\xd6\xd0\xce\xc4c\n", 3, Syntax::Plain, 10);
        assert!(
            out.starts_with("a\nb\u{FFFD}") && out.ends_with("c\n"),
            "{out}"
        );
        assert!(
            matches!(fault, Some(Fault::NotUtf8 { line: 2, .. })),
            "{fault:?}"
        );
        assert_eq!(line, 3);
        let (out, _, _) = through(b"<a/>\n<!DOCTYPE a [", 2, Syntax::Xml, 10);
        assert!(out.len() < 7, "{out}");
    }

    proptest! {
        #[test]
        fn leaves_what_is_small_alone(text in "[ -~é中\n]{0,60}", drip in 1_usize..9) {
            for syntax in [Syntax::Plain, Syntax::Json] {
                let quoted = serde_json::to_string(&[&text]).unwrap();
                let (out, fault, line) = through(quoted.as_bytes(), drip, syntax, 1000);
                prop_assert_eq!(&out, &quoted);
                prop_assert!(fault.is_none());
                prop_assert_eq!(line, 1 + quoted.matches('\n').count() as u64);
            }
        }

        #[test]
        fn any_bytes_give_text(bytes in prop::collection::vec(any::<u8>(), 0..200), drip in 1_usize..9) {
            for syntax in [Syntax::Plain, Syntax::Json, Syntax::Xml] {
                through(&bytes, drip, syntax, 20);
            }
        }
    }
}
