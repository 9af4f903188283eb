//! JSON as a stream of tokens (RFC 8259), for files of which no part but one token may be held.
//!
//! Not a library's, because those hold a whole string before they hand it over; see docs/adr/0004. Its results are
//! compared with theirs in the tests.

use memchr::memchr2;

use super::scan::{Fault, Scanner};
use crate::{Cause, Limits};

/// Brackets that may be open at once, whatever is read.
const DEPTH: usize = 1000;

/// Bytes of a number.
const NUMBER: usize = 1024;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Token {
    /// `{`
    Object,
    /// `}`
    ObjectEnd,
    /// `[`
    Array,
    /// `]`
    ArrayEnd,
    /// A member's name; it is in [`Json::text`].
    Key,
    /// A string; it is in [`Json::text`].
    Str,
    /// A number; as written in [`Json::text`].
    Number,
    /// `true` or `false`.
    Bool(bool),
    /// `null`.
    Null,
    /// The end of the file.
    Eof,
}

pub(crate) struct Json {
    scan: Scanner,
    raw: Vec<u8>,
    text: String,
    /// Open brackets: `{` or `[`.
    open: Vec<u8>,
    /// What the grammar wants next.
    want: Want,
    fault: Option<Fault>,
    limit: usize,
    line: u64,
    /// Names of the members on the way here, for the words of an error: only the outermost.
    section: String,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Want {
    Value,
    ValueOrEnd,
    Key,
    KeyOrEnd,
    CommaOrEnd,
    Nothing,
}

impl Json {
    pub(crate) fn new(scan: Scanner, limits: &Limits) -> Self {
        Self {
            scan,
            raw: Vec::new(),
            text: String::new(),
            open: Vec::new(),
            want: Want::Value,
            fault: None,
            limit: limits.attribute,
            line: 1,
            section: String::new(),
        }
    }

    /// Line on which the token began.
    pub(crate) fn line(&self) -> u64 {
        self.line
    }

    /// Line reached, for errors of the file itself.
    pub(crate) fn line_reached(&mut self) -> u64 {
        self.scan.line()
    }

    /// The text of a key, string or number.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// What is wrong with the token.
    pub(crate) fn take_fault(&mut self) -> Option<Fault> {
        self.fault.take()
    }

    fn malformed(&mut self, detail: impl Into<String>) -> Cause {
        Cause::Malformed {
            format: "JSON",
            line: self.scan.line(),
            detail: detail.into(),
        }
    }

    fn truncated(&mut self) -> Cause {
        let inside = match self.section.as_str() {
            "" => "the outermost object".into(),
            section => format!("`{section}`"),
        };
        Cause::Truncated {
            line: self.scan.line(),
            inside,
        }
    }

    fn blanks(&mut self) -> Result<Option<u8>, Cause> {
        loop {
            let piece = self.scan.available()?;
            match piece
                .iter()
                .position(|c| !matches!(c, b' ' | b'\n' | b'\t' | b'\r'))
            {
                Some(n) => {
                    let byte = piece[n];
                    self.scan.consume(n);
                    return Ok(Some(byte));
                }
                None if piece.is_empty() => return Ok(None),
                None => {
                    let n = piece.len();
                    self.scan.consume(n);
                }
            }
        }
    }

    pub(crate) fn next(&mut self) -> Result<Token, Cause> {
        self.fault = None;
        let mut byte = self.blanks()?;
        if self.want == Want::CommaOrEnd && byte == Some(b',') {
            self.scan.next()?;
            self.want = if self.open.last() == Some(&b'{') {
                Want::Key
            } else {
                Want::Value
            };
            byte = self.blanks()?;
        }
        self.line = self.scan.line();
        let Some(byte) = byte else {
            return if self.want == Want::Nothing {
                Ok(Token::Eof)
            } else {
                Err(self.truncated())
            };
        };
        match (self.want, byte) {
            (Want::Nothing, _) => {
                Err(self.malformed("something after the end of the outermost value"))
            }
            (Want::KeyOrEnd | Want::CommaOrEnd, b'}') if self.open.last() == Some(&b'{') => {
                self.close(Token::ObjectEnd)
            }
            (Want::ValueOrEnd | Want::CommaOrEnd, b']') if self.open.last() == Some(&b'[') => {
                self.close(Token::ArrayEnd)
            }
            (Want::CommaOrEnd, _) => Err(self.unexpected(byte, "`,` or the end of the list")),
            (Want::Key | Want::KeyOrEnd, b'"') => {
                self.string()?;
                if self.open.len() == 1 {
                    self.section = crate::item::cut(&self.text);
                }
                match self.blanks()? {
                    Some(b':') => self.scan.next()?,
                    Some(byte) => return Err(self.unexpected(byte, "`:`")),
                    None => return Err(self.truncated()),
                };
                self.want = Want::Value;
                Ok(Token::Key)
            }
            (Want::Key | Want::KeyOrEnd, _) => {
                Err(self.unexpected(byte, "a member's name in quotes"))
            }
            (Want::Value | Want::ValueOrEnd, _) => self.value(byte),
        }
    }

    fn unexpected(&mut self, byte: u8, wanted: &str) -> Cause {
        let found = if byte.is_ascii_graphic() {
            format!("`{}`", byte as char)
        } else {
            format!("byte {byte:#04x}")
        };
        self.malformed(format!("expected {wanted}, found {found}"))
    }

    fn close(&mut self, token: Token) -> Result<Token, Cause> {
        self.scan.next()?;
        self.open.pop();
        self.after_value();
        Ok(token)
    }

    fn after_value(&mut self) {
        self.want = if self.open.is_empty() {
            Want::Nothing
        } else {
            Want::CommaOrEnd
        };
    }

    fn value(&mut self, byte: u8) -> Result<Token, Cause> {
        match byte {
            b'{' | b'[' => {
                self.scan.next()?;
                if self.open.len() == DEPTH {
                    return Err(
                        self.malformed(format!("brackets nested deeper than {DEPTH} (the limit)"))
                    );
                }
                self.open.push(byte);
                self.want = if byte == b'{' {
                    Want::KeyOrEnd
                } else {
                    Want::ValueOrEnd
                };
                Ok(if byte == b'{' {
                    Token::Object
                } else {
                    Token::Array
                })
            }
            b'"' => {
                self.string()?;
                self.after_value();
                Ok(Token::Str)
            }
            b'-' | b'0'..=b'9' | b't' | b'f' | b'n' => {
                self.raw.clear();
                let ends = |b: &[u8]| {
                    b.iter().position(|c| !matches!(c, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'+' | b'-' | b'.'))
                };
                let (_, whole) = self.scan.until(ends, &mut self.raw, NUMBER)?;
                let token = match self.raw.as_slice() {
                    b"true" => Token::Bool(true),
                    b"false" => Token::Bool(false),
                    b"null" => Token::Null,
                    raw if whole && is_number(raw) => {
                        self.text.clear();
                        self.text
                            .push_str(std::str::from_utf8(&self.raw).expect("digits and signs"));
                        Token::Number
                    }
                    _ if self.scan.peek()?.is_none() => return Err(self.truncated()),
                    raw => {
                        let found = crate::item::cut(&String::from_utf8_lossy(raw));
                        return Err(self.malformed(format!("`{found}` is no value")));
                    }
                };
                self.after_value();
                Ok(token)
            }
            _ => Err(self.unexpected(byte, "a value")),
        }
    }

    /// At the opening quote. Leaves the text, or a fault and what could be read.
    fn string(&mut self) -> Result<(), Cause> {
        self.scan.next()?;
        self.raw.clear();
        self.text.clear();
        loop {
            let (end, whole) =
                self.scan
                    .until(|b| memchr2(b'"', b'\\', b), &mut self.raw, self.limit)?;
            if !whole {
                self.fault.get_or_insert(Fault::TooLong(self.limit));
            }
            let Some(end) = end else {
                return Err(self.truncated());
            };
            self.scan.next()?;
            if end == b'"' {
                break;
            }
            let Some(escape) = self.scan.next()? else {
                return Err(self.truncated());
            };
            let c = match escape {
                b'"' | b'\\' | b'/' => escape as char,
                b'b' => '\u{8}',
                b'f' => '\u{c}',
                b'n' => '\n',
                b'r' => '\r',
                b't' => '\t',
                b'u' => match self.hex()? {
                    0 => {
                        self.fault.get_or_insert(Fault::Nul);
                        '\u{FFFD}'
                    }
                    high @ 0xD800..=0xDBFF => {
                        let follows =
                            (self.scan.next()?, self.scan.next()?) == (Some(b'\\'), Some(b'u'));
                        let low = if follows { self.hex()? } else { 0 };
                        match char::decode_utf16([high, low]).next() {
                            Some(Ok(c)) => c,
                            _ => return Err(self.malformed("half of a surrogate pair")),
                        }
                    }
                    unit => match char::from_u32(u32::from(unit)) {
                        Some(c) => c,
                        None => return Err(self.malformed("half of a surrogate pair")),
                    },
                },
                byte => return Err(self.unexpected(byte, "an escape")),
            };
            if self.raw.len() + c.len_utf8() <= self.limit {
                self.raw
                    .extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            } else {
                self.fault.get_or_insert(Fault::TooLong(self.limit));
            }
        }
        match std::str::from_utf8(&self.raw) {
            Ok(text) => self.text.push_str(text),
            Err(_) => {
                self.fault.get_or_insert_with(|| Fault::not_utf8(&self.raw));
                self.text.push_str(&String::from_utf8_lossy(&self.raw));
            }
        }
        if self.raw.contains(&0) {
            self.fault.get_or_insert(Fault::Nul);
        }
        Ok(())
    }

    fn hex(&mut self) -> Result<u16, Cause> {
        let mut unit = 0;
        for _ in 0..4 {
            match self.scan.next()?.map(|b| (b, (b as char).to_digit(16))) {
                Some((_, Some(digit))) => unit = unit << 4 | digit as u16,
                Some((byte, None)) => return Err(self.unexpected(byte, "a hexadecimal digit")),
                None => return Err(self.truncated()),
            }
        }
        Ok(unit)
    }

    /// Passes over the value whose first token was `first`.
    pub(crate) fn skip(&mut self, first: Token) -> Result<(), Cause> {
        if !matches!(first, Token::Object | Token::Array) {
            return Ok(());
        }
        let outside = self.open.len() - 1;
        while self.open.len() > outside {
            self.next()?;
        }
        Ok(())
    }
}

fn is_number(raw: &[u8]) -> bool {
    let digits = |b: &[u8]| b.iter().take_while(|c| c.is_ascii_digit()).count();
    let mut rest = raw.strip_prefix(b"-").unwrap_or(raw);
    let n = digits(rest);
    if n == 0 || (n > 1 && rest[0] == b'0') {
        return false;
    }
    rest = &rest[n..];
    if let Some(fraction) = rest.strip_prefix(b".") {
        let n = digits(fraction);
        if n == 0 {
            return false;
        }
        rest = &fraction[n..];
    }
    if let [b'e' | b'E', exponent @ ..] = rest {
        let exponent = exponent
            .strip_prefix(b"+")
            .or(exponent.strip_prefix(b"-"))
            .unwrap_or(exponent);
        return digits(exponent) == exponent.len() && !exponent.is_empty();
    }
    rest.is_empty()
}
