//! XML as event logs use it: elements, attributes, text, the five named entities and character references.
//!
//! XML 1.0 without document types: a DOCTYPE ends the reading, so there are no entities to expand, no files to fetch and
//! nothing grows. Well-formedness is checked as far as a log can be misread by it: tags match, one root, quotes close, no
//! `<` in a value. Names are told apart by what follows a namespace prefix.
//!
//! Our own and not a library's, because the libraries hold a whole tag or text before they hand it over; see
//! docs/adr/0004. Its results are compared with theirs in the tests.

use std::borrow::Cow;

use memchr::{memchr, memchr2, memchr3};

use super::scan::{Fault, Scanner};
use crate::{Cause, Limits};

/// Elements that may be open at once; the names of open ones are held to compare them with the end tags.
const DEPTH: usize = 1000;

/// Bytes of a tag beside its values.
const TAG: usize = 64 << 10;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    /// `<a …>`; name and attributes are the lexer's.
    Start,
    /// `<a …/>`. No [`Token::End`] follows.
    Empty,
    /// `</a>`; the name is the lexer's.
    End,
    /// Text or CDATA that is not only blanks; the text is the lexer's. Long texts with CDATA come in pieces.
    Text,
    /// The end of the file, outside of the root.
    Eof,
}

pub(crate) struct Xml {
    scan: Scanner,
    /// The tag between `<` and `>`, or the text.
    token: Vec<u8>,
    name: (usize, usize),
    /// Key and value as places in `token`.
    attrs: Vec<[usize; 4]>,
    /// Names of the elements that are open, one after another, and where each begins.
    open: Vec<u8>,
    starts: Vec<usize>,
    seen_root: bool,
    limit: usize,
    fault: Option<Fault>,
    line: u64,
    /// Texts of blanks are texts as well.
    blanks: bool,
}

impl Xml {
    pub(crate) fn new(scan: Scanner, limits: &Limits) -> Self {
        Self {
            scan,
            token: Vec::with_capacity(512),
            name: (0, 0),
            attrs: Vec::with_capacity(8),
            open: Vec::new(),
            starts: Vec::new(),
            seen_root: false,
            limit: limits.attribute,
            fault: None,
            line: 1,
            blanks: false,
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

    /// Are texts of blanks given out? Off at first, because indentation says nothing.
    pub(crate) fn give_blanks(&mut self, on: bool) {
        self.blanks = on;
    }

    /// Elements open, the one that just began included, the one that just ended not.
    pub(crate) fn depth(&self) -> usize {
        self.starts.len()
    }

    /// Name of the element, without prefix.
    pub(crate) fn name(&self) -> &[u8] {
        let name = &self.token[self.name.0..self.name.1];
        memchr(b':', name).map_or(name, |at| &name[at + 1..])
    }

    /// Name of the element that is open around the present place, without prefix.
    pub(crate) fn parent(&self) -> &[u8] {
        let name = self.starts.last().map_or(&b""[..], |at| &self.open[*at..]);
        memchr(b':', name).map_or(name, |at| &name[at + 1..])
    }

    /// What is wrong with the token.
    pub(crate) fn take_fault(&mut self) -> Option<Fault> {
        self.fault.take()
    }

    /// All attributes of the tag, keys as written.
    pub(crate) fn attrs(&mut self) -> Vec<(String, String)> {
        let attrs = std::mem::take(&mut self.attrs);
        let text = |this: &mut Self, from, to| this.text_of(from, to).into_owned();
        let all = attrs
            .iter()
            .map(|[a, b, c, d]| (text(self, *a, *b), text(self, *c, *d)))
            .collect();
        self.attrs = attrs;
        all
    }

    /// An attribute of the tag, by its name without prefix. Sets the fault where it cannot be text.
    pub(crate) fn attr(&mut self, name: &[u8]) -> Option<Cow<'_, str>> {
        let [_, _, from, to] = *self.attrs.iter().find(|[a, b, ..]| {
            let key = &self.token[*a..*b];
            key == name
                || key
                    .strip_suffix(name)
                    .is_some_and(|prefix| prefix.ends_with(b":"))
        })?;
        Some(self.text_of(from, to))
    }

    /// The text of [`Token::Text`].
    pub(crate) fn text(&mut self) -> Cow<'_, str> {
        let n = self.token.len();
        self.text_of(0, n)
    }

    fn text_of(&mut self, from: usize, to: usize) -> Cow<'_, str> {
        let bytes = &self.token[from..to];
        if bytes.len() > self.limit {
            self.fault.get_or_insert(Fault::TooLong(self.limit));
            return Cow::Borrowed("");
        }
        if memchr(0, bytes).is_some() {
            self.fault.get_or_insert(Fault::Nul);
        }
        let Ok(text) = std::str::from_utf8(bytes) else {
            self.fault.get_or_insert_with(|| Fault::not_utf8(bytes));
            return String::from_utf8_lossy(bytes);
        };
        if memchr(b'&', bytes).is_none() && memchr3(b'\n', b'\t', b'\r', bytes).is_none() {
            return Cow::Borrowed(text);
        }
        match unescape(text, !self.attrs.is_empty()) {
            Ok(text) => Cow::Owned(text),
            Err(fault) => {
                self.fault.get_or_insert(fault);
                Cow::Borrowed(text)
            }
        }
    }

    fn malformed(&mut self, detail: impl Into<String>) -> Cause {
        Cause::Malformed {
            format: "XML",
            line: self.scan.line(),
            detail: detail.into(),
        }
    }

    fn truncated(&mut self) -> Cause {
        let inside = match self.parent() {
            b"" => "the head of the file".into(),
            name => format!("<{}>", String::from_utf8_lossy(name)),
        };
        Cause::Truncated {
            line: self.scan.line(),
            inside,
        }
    }

    pub(crate) fn next(&mut self) -> Result<Token, Cause> {
        self.fault = None;
        loop {
            self.token.clear();
            self.attrs.clear();
            if let Some(done) = self.text_token()? {
                return Ok(done);
            }
            self.line = self.scan.line();
            self.scan.next()?;
            let token = match self.scan.peek()? {
                None => return Err(self.truncated()),
                Some(b'?') => {
                    self.past(b"?", 0)?;
                    continue;
                }
                Some(b'!') => match self.declaration()? {
                    true => Token::Text,
                    false => continue,
                },
                Some(b'/') => self.end_tag()?,
                Some(_) => self.start_tag()?,
            };
            return Ok(token);
        }
    }

    /// Text up to the next `<`. `None` if only blanks stood there, and `<` is next.
    fn text_token(&mut self) -> Result<Option<Token>, Cause> {
        self.line = 0;
        // Indentation, by far the most usual.
        let blank = |b: &[u8]| {
            b.iter()
                .position(|c| !matches!(c, b' ' | b'\n' | b'\t' | b'\r'))
        };
        // Kept, because blanks before words belong to the text.
        let (byte, whole) = self.scan.until(blank, &mut self.token, self.limit)?;
        match byte {
            None if !self.starts.is_empty() => return Err(self.truncated()),
            None if !self.seen_root => {
                return Err(Cause::Truncated {
                    line: self.scan.line(),
                    inside: "the head of the file".into(),
                });
            }
            None => return Ok(Some(Token::Eof)),
            Some(b'<') if self.blanks && !self.token.is_empty() && !self.starts.is_empty() => {
                self.line = self.scan.line();
                return Ok(Some(Token::Text));
            }
            Some(b'<') => {
                self.token.clear();
                return Ok(None);
            }
            Some(_) => {}
        }
        self.line = self.scan.line();
        if self.starts.is_empty() {
            return Err(self.malformed("text outside of the root element"));
        }
        let (byte, rest) = self
            .scan
            .until(|b| memchr(b'<', b), &mut self.token, self.limit + 1)?;
        if !whole || !rest || self.token.len() > self.limit {
            self.fault = Some(Fault::TooLong(self.limit));
            self.token.truncate(64);
        }
        match byte {
            None => Err(self.truncated()),
            Some(_) => Ok(Some(Token::Text)),
        }
    }

    /// After `<`, at `!`. True if it was text (CDATA).
    fn declaration(&mut self) -> Result<bool, Cause> {
        self.scan.next()?;
        match self.scan.peek()? {
            Some(b'-') => {
                self.scan.next()?;
                if self.scan.next()? != Some(b'-') {
                    return Err(self.malformed("`<!-` begins nothing"));
                }
                self.past(b"--", 0)?;
                Ok(false)
            }
            Some(b'[') => {
                for expected in b"[CDATA[" {
                    if self.scan.next()? != Some(*expected) {
                        return Err(self.malformed("`<![` is no CDATA"));
                    }
                }
                self.cdata()?;
                Ok(true)
            }
            _ => Err(Cause::Doctype {
                line: self.scan.line(),
            }),
        }
    }

    /// The text up to `]]>`, made to look like escaped text.
    fn cdata(&mut self) -> Result<(), Cause> {
        let (raw, whole) = self.past(b"]]", self.limit)?;
        if !whole {
            self.fault = Some(Fault::TooLong(self.limit));
            return Ok(());
        }
        for byte in raw {
            match byte {
                b'&' => self.token.extend_from_slice(b"&amp;"),
                _ => self.token.push(byte),
            }
        }
        Ok(())
    }

    /// Goes past the first `>` that follows `before`. Gives what stood before both, and whether that was within `limit`.
    fn past(&mut self, before: &[u8], limit: usize) -> Result<(Vec<u8>, bool), Cause> {
        let mut raw = Vec::new();
        let mut len = 0;
        let mut last = [0; 2];
        loop {
            let piece = self.scan.available()?;
            if piece.is_empty() {
                return Err(self.truncated());
            }
            let found = memchr(b'>', piece);
            let n = found.unwrap_or(piece.len());
            let kept = n.min((limit + before.len()).saturating_sub(raw.len()));
            raw.extend_from_slice(&piece[..kept]);
            last = match &piece[..n] {
                [] => last,
                [a] => [last[1], *a],
                [.., a, b] => [*a, *b],
            };
            len += n;
            self.scan.consume(n);
            if found.is_none() {
                continue;
            }
            self.scan.next()?;
            if last.ends_with(before) {
                raw.truncate(len - before.len());
                return Ok((raw, len - before.len() <= limit));
            }
            last = [last[1], b'>'];
            len += 1;
            if raw.len() < limit + before.len() {
                raw.push(b'>');
            }
        }
    }

    /// After `<`, at `/`.
    fn end_tag(&mut self) -> Result<Token, Cause> {
        self.scan.next()?;
        let (byte, whole) = self.scan.until(|b| memchr(b'>', b), &mut self.token, TAG)?;
        if byte.is_none() {
            return Err(self.truncated());
        }
        self.scan.next()?;
        let n = self.token.trim_ascii_end().len();
        self.name = (0, n);
        let open = self.starts.pop().map(|at| self.open.split_off(at));
        if !whole || open.as_deref() != Some(&self.token[..n]) {
            let found = crate::item::cut(&String::from_utf8_lossy(&self.token[..n]));
            let detail = match open {
                Some(name) => format!("</{found}> closes <{}>", String::from_utf8_lossy(&name)),
                None => format!("</{found}> closes nothing"),
            };
            return Err(self.malformed(detail));
        }
        Ok(Token::End)
    }

    /// After `<`, at a name.
    fn start_tag(&mut self) -> Result<Token, Cause> {
        if self.starts.is_empty() && self.seen_root {
            return Err(self.malformed("a second root element"));
        }
        // One value may be as long as the limit, and one byte more, to be known as too long.
        let limit = self.limit + 1 + TAG;
        let mut empty;
        loop {
            let before = self.token.len();
            let (byte, whole) =
                self.scan
                    .until(|b| memchr3(b'"', b'\'', b'>', b), &mut self.token, limit)?;
            if !whole {
                return Err(self.malformed(format!("a tag longer than {limit} bytes (the limit)")));
            }
            if memchr(b'<', &self.token[before..]).is_some() {
                return Err(self.malformed("`<` within a tag: a `>` is missing before it"));
            }
            let Some(byte) = byte else {
                return Err(self.truncated());
            };
            self.scan.next()?;
            empty = self.token.last() == Some(&b'/');
            if byte == b'>' {
                break;
            }
            let key_end = self.token.trim_ascii_end().len();
            if self.token[..key_end].last() != Some(&b'=') {
                return Err(self.malformed("a quote that follows no `=`"));
            }
            let key_end = self.token[..key_end - 1].trim_ascii_end().len();
            let key = self.token[..key_end]
                .iter()
                .rposition(|c| c.is_ascii_whitespace())
                .map_or(0, |at| at + 1);
            let from = self.token.len();
            let most = from + self.limit + 1;
            let (end, whole) =
                self.scan
                    .until(|b| memchr2(byte, b'<', b), &mut self.token, most.min(limit))?;
            match end {
                None => return Err(self.truncated()),
                Some(b'<') => {
                    return Err(self.malformed("`<` within a value: a quote is missing before it"));
                }
                Some(_) => self.scan.next()?,
            };
            if key < before || key == 0 || key == key_end {
                return Err(self.malformed("a value without a name"));
            }
            let to = self.token.len();
            if !whole || to - from > self.limit {
                self.fault.get_or_insert(Fault::TooLong(self.limit));
                // What follows needs the room.
                self.token.truncate(from);
                self.attrs.push([key, key_end, from, from]);
            } else {
                self.attrs.push([key, key_end, from, to]);
            }
            // So that the next key is not glued to the value.
            self.token.push(b' ');
        }
        let n = self
            .token
            .iter()
            .position(|c| c.is_ascii_whitespace())
            .unwrap_or(self.token.len());
        let n = if self.attrs.is_empty() && empty && n == self.token.len() {
            n - 1
        } else {
            n
        };
        self.name = (0, n);
        let valid = |c: &u8| {
            c.is_ascii_alphanumeric() || matches!(c, b'_' | b'-' | b'.' | b':') || *c >= 0x80
        };
        if n == 0 || !self.token[..n].iter().all(valid) {
            return Err(self.malformed("a tag without a name"));
        }
        self.seen_root = true;
        if empty {
            return Ok(Token::Empty);
        }
        if self.starts.len() == DEPTH {
            return Err(self.malformed(format!("elements nested deeper than {DEPTH} (the limit)")));
        }
        self.starts.push(self.open.len());
        self.open.extend_from_slice(&self.token[..n]);
        Ok(Token::Start)
    }
}

/// Replaces references. In attributes literal line ends and tabs are blanks (XML 1.0, 3.3.3); in texts CRLF is LF (2.11).
fn unescape(text: &str, attribute: bool) -> Result<String, Fault> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = memchr2(b'&', b'\r', rest.as_bytes()) {
        plain(&mut out, &rest[..at], attribute);
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix('\r') {
            rest = after.strip_prefix('\n').unwrap_or(after);
            out.push(if attribute { ' ' } else { '\n' });
            continue;
        }
        let end = rest.as_bytes().iter().take(16).position(|b| *b == b';');
        let Some(end) = end else {
            return Err(Fault::Escape(rest.chars().take(16).collect()));
        };
        let name = &rest[1..end];
        let c = match name {
            "lt" => Some('<'),
            "gt" => Some('>'),
            "amp" => Some('&'),
            "quot" => Some('"'),
            "apos" => Some('\''),
            _ => match name.strip_prefix('#') {
                Some(n) => match n.strip_prefix('x') {
                    Some(hex) => u32::from_str_radix(hex, 16).ok(),
                    None => n.parse().ok(),
                }
                .and_then(char::from_u32),
                None => None,
            },
        };
        match c {
            Some('\0') => return Err(Fault::Nul),
            Some(c) => out.push(c),
            None => return Err(Fault::Escape(rest[..=end].to_owned())),
        }
        rest = &rest[end + 1..];
    }
    plain(&mut out, rest, attribute);
    Ok(out)
}

fn plain(out: &mut String, text: &str, attribute: bool) {
    if attribute {
        out.extend(
            text.chars()
                .map(|c| if matches!(c, '\n' | '\t') { ' ' } else { c }),
        );
    } else {
        out.push_str(text);
    }
}
