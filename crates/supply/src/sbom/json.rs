//! JSON piece by piece over one slice (RFC 8259): names and values come as they stand, what nobody asks for is passed over.
//!
//! A tree of a whole document costs six times the time and ten times the memory. Does *not* recurse: how deep a document is nested is
//! counted and bounded. More tolerant than the standard in one thing: control characters may stand in strings.

use std::borrow::Cow;

use memchr::memchr2;

use super::fault::Fault;

/// Deeper than this nothing is read. Real bills nest below forty.
const DEEPEST: usize = 512;

/// One value, or the start of one.
#[derive(Debug)]
pub(super) enum Value<'a> {
    Object,
    Array,
    Text(Cow<'a, str>),
    Number(&'a str),
    Bool,
    Null,
}

impl Value<'_> {
    /// What it is, in a word.
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Value::Object => "object",
            Value::Array => "array",
            Value::Text(_) => "text",
            Value::Number(_) => "number",
            Value::Bool => "boolean",
            Value::Null => "null",
        }
    }
}

/// A place in a JSON text, moving forward only.
pub(super) struct Json<'a> {
    text: &'a str,
    at: usize,
    /// What is open: objects are true.
    open: Vec<bool>,
    /// A bracket was just opened: no comma is due.
    fresh: bool,
}

impl<'a> Json<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        Self {
            text,
            at: 0,
            open: Vec::new(),
            fresh: false,
        }
    }

    /// Offset of the next byte that counts.
    pub(super) fn place(&mut self) -> usize {
        self.blank();
        self.at
    }

    pub(super) fn depth(&self) -> usize {
        self.open.len()
    }

    fn fault(&self, expected: &'static str) -> Fault {
        Fault::syntax(self.text.as_bytes(), self.at, "JSON", expected)
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn blank(&mut self) {
        while let Some(b' ' | b'\n' | b'\t' | b'\r') = self.byte() {
            self.at += 1;
        }
    }

    /// Reads a value; of an object or array only its start, which must then be read to its end.
    pub(super) fn value(&mut self) -> Result<Value<'a>, Fault> {
        self.blank();
        self.fresh = false;
        match self.byte() {
            Some(b'{') => self.enter(true).map(|()| Value::Object),
            Some(b'[') => self.enter(false).map(|()| Value::Array),
            Some(b'"') => self.string().map(Value::Text),
            Some(b'-' | b'0'..=b'9') => self.number().map(Value::Number),
            Some(b't') => self.word("true").map(|()| Value::Bool),
            Some(b'f') => self.word("false").map(|()| Value::Bool),
            Some(b'n') => self.word("null").map(|()| Value::Null),
            _ => Err(self.fault("a value")),
        }
    }

    fn enter(&mut self, object: bool) -> Result<(), Fault> {
        if self.open.len() >= DEEPEST {
            return Err(Fault::too_deep(self.text.as_bytes(), self.at, DEEPEST));
        }
        self.at += 1;
        self.open.push(object);
        self.fresh = true;
        Ok(())
    }

    /// True where the open bracket is closed here; otherwise a comma was read where one is due.
    fn closes(&mut self, bracket: u8, expected: &'static str) -> Result<bool, Fault> {
        self.blank();
        let fresh = std::mem::take(&mut self.fresh);
        match self.byte() {
            Some(b) if b == bracket => {
                self.at += 1;
                self.open.pop();
                Ok(true)
            }
            Some(b',') if !fresh => {
                self.at += 1;
                self.blank();
                Ok(false)
            }
            Some(_) if fresh => Ok(false),
            _ => Err(self.fault(expected)),
        }
    }

    /// The next name of the open object; `None` closes it.
    pub(super) fn key(&mut self) -> Result<Option<Cow<'a, str>>, Fault> {
        if self.closes(b'}', "`,` or `}`")? {
            return Ok(None);
        }
        if self.byte() != Some(b'"') {
            return Err(self.fault("a name in quotes"));
        }
        let key = self.string()?;
        self.colon()?;
        Ok(Some(key))
    }

    fn colon(&mut self) -> Result<(), Fault> {
        self.blank();
        if self.byte() != Some(b':') {
            return Err(self.fault("`:`"));
        }
        self.at += 1;
        Ok(())
    }

    /// True where the open array has another element.
    pub(super) fn item(&mut self) -> Result<bool, Fault> {
        Ok(!self.closes(b']', "`,` or `]`")?)
    }

    /// Passes over one value.
    pub(super) fn skip(&mut self) -> Result<(), Fault> {
        let base = self.open.len();
        self.pass()?;
        self.leave(base)
    }

    /// Passes over what remains open above a depth.
    pub(super) fn leave(&mut self, base: usize) -> Result<(), Fault> {
        while self.open.len() > base {
            if self.open.last() == Some(&true) {
                if self.closes(b'}', "`,` or `}`")? {
                    continue;
                }
                if self.byte() != Some(b'"') {
                    return Err(self.fault("a name in quotes"));
                }
                self.raw_string()?;
                self.colon()?;
                self.pass()?;
            } else if !self.closes(b']', "`,` or `]`")? {
                self.pass()?;
            }
        }
        Ok(())
    }

    fn pass(&mut self) -> Result<(), Fault> {
        self.blank();
        if self.byte() == Some(b'"') {
            self.fresh = false;
            self.raw_string().map(|_| ())
        } else {
            self.value().map(|_| ())
        }
    }

    /// After the last value only blanks may follow.
    pub(super) fn end(&mut self) -> Result<(), Fault> {
        self.blank();
        if self.at < self.text.len() {
            return Err(self.fault("the end of the document"));
        }
        Ok(())
    }

    fn word(&mut self, word: &'static str) -> Result<(), Fault> {
        if self.text.as_bytes()[self.at..].starts_with(word.as_bytes()) {
            self.at += word.len();
            return Ok(());
        }
        Err(self.fault("a value"))
    }

    fn digits(&mut self) -> Result<(), Fault> {
        let from = self.at;
        while let Some(b'0'..=b'9') = self.byte() {
            self.at += 1;
        }
        if self.at == from {
            return Err(self.fault("a digit"));
        }
        Ok(())
    }

    fn number(&mut self) -> Result<&'a str, Fault> {
        let from = self.at;
        if self.byte() == Some(b'-') {
            self.at += 1;
        }
        if self.byte() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.byte() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.byte() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.byte() {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(&self.text[from..self.at])
    }

    /// Passes a string; returns its inside as it stands, and whether there are escapes in it.
    fn raw_string(&mut self) -> Result<(&'a str, bool), Fault> {
        let bytes = self.text.as_bytes();
        let from = self.at + 1;
        let mut at = from;
        let mut escaped = false;
        loop {
            let Some(n) = memchr2(b'"', b'\\', &bytes[at..]) else {
                return Err(self.fault("the end of a string"));
            };
            at += n;
            if bytes[at] == b'"' {
                break;
            }
            escaped = true;
            let known = bytes
                .get(at + 1)
                .is_some_and(|b| br#""\/bfnrtu"#.contains(b));
            let hex = bytes.get(at + 1) != Some(&b'u')
                || bytes
                    .get(at + 2..at + 6)
                    .is_some_and(|h| h.iter().all(u8::is_ascii_hexdigit));
            if !known || !hex {
                self.at = at;
                return Err(self.fault("an escape that JSON knows"));
            }
            at += 2;
        }
        self.at = at + 1;
        Ok((&self.text[from..at], escaped))
    }

    fn string(&mut self) -> Result<Cow<'a, str>, Fault> {
        let (raw, escaped) = self.raw_string()?;
        Ok(if escaped {
            Cow::Owned(unescape(raw))
        } else {
            Cow::Borrowed(raw)
        })
    }
}

/// Half a pair of surrogates becomes U+FFFD. The escapes were looked at before.
fn unescape(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(n) = memchr::memchr(b'\\', rest.as_bytes()) {
        out.push_str(&rest[..n]);
        let escape = rest.as_bytes().get(n + 1).copied().unwrap_or(b'\\');
        rest = rest.get(n + 2..).unwrap_or("");
        match escape {
            b'b' => out.push('\u{8}'),
            b'f' => out.push('\u{c}'),
            b'n' => out.push('\n'),
            b'r' => out.push('\r'),
            b't' => out.push('\t'),
            b'u' => {
                let first = unit(rest);
                rest = rest.get(4..).unwrap_or("");
                let second = rest
                    .strip_prefix("\\u")
                    .map(unit)
                    .filter(|s| (0xd800..0xdc00).contains(&first) && (0xdc00..0xe000).contains(s));
                if let Some(second) = second {
                    rest = rest.get(6..).unwrap_or("");
                    let point = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                    out.push(char::from_u32(point).unwrap_or(char::REPLACEMENT_CHARACTER));
                } else {
                    out.push(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER));
                }
            }
            other => out.push(char::from(other)),
        }
    }
    out.push_str(rest);
    out
}

fn unit(text: &str) -> u32 {
    text.get(..4)
        .and_then(|h| u32::from_str_radix(h, 16).ok())
        .unwrap_or(0xfffd)
}

/// The JSON pointers (RFC 6901) of the values at some offsets, given in rising order. What cannot be reached gives an empty pointer.
pub(super) fn pointers(text: &str, offsets: &[usize]) -> Vec<String> {
    let mut out = Vec::with_capacity(offsets.len());
    let _ = walk(text, offsets, &mut out);
    out.resize(offsets.len(), String::new());
    out
}

fn walk(text: &str, offsets: &[usize], out: &mut Vec<String>) -> Result<(), Fault> {
    let mut json = Json::new(text);
    // One step for each open bracket: the name or the number of what is being read.
    let mut path: Vec<(Cow<'_, str>, u64)> = Vec::new();
    let start = json.place();
    while out.len() < offsets.len() && offsets[out.len()] <= start {
        out.push(String::new());
    }
    json.value()?;
    while json.depth() > 0 {
        path.resize_with(json.depth(), Default::default);
        let object = json.open.last() == Some(&true);
        let fresh = json.fresh;
        let more = if object {
            match json.key()? {
                Some(key) => {
                    if let Some(step) = path.last_mut() {
                        step.0 = key;
                    }
                    true
                }
                None => false,
            }
        } else {
            let more = json.item()?;
            if let Some(step) = path.last_mut() {
                step.1 = if fresh { 0 } else { step.1 + 1 };
            }
            more
        };
        if !more {
            continue;
        }
        let at = json.place();
        while out.len() < offsets.len() && offsets[out.len()] <= at {
            out.push(print(&path, &json.open));
        }
        if out.len() == offsets.len() {
            return Ok(());
        }
        json.pass()?;
    }
    Ok(())
}

fn print(path: &[(Cow<'_, str>, u64)], open: &[bool]) -> String {
    let mut out = String::new();
    for ((name, number), object) in path.iter().zip(open) {
        out.push('/');
        if *object {
            out.push_str(&super::fault::short(
                &name.replace('~', "~0").replace('/', "~1"),
            ));
        } else {
            out.push_str(&number.to_string());
        }
    }
    out
}

#[cfg(test)]
mod tests {
    //! The reader against another.

    use proptest::prelude::*;

    use super::*;

    fn reads(text: &str) -> bool {
        let mut json = Json::new(text);
        json.skip().and_then(|()| json.end()).is_ok()
    }

    #[test]
    fn a_string_is_what_serde_json_says() {
        for raw in [
            r#""a\u00e9\ud83d\ude00\n\"\\\/b""#,
            r#""\u4e2d\u6587""#,
            "\"\"",
        ] {
            let mut json = Json::new(raw);
            let Ok(Value::Text(mine)) = json.value() else {
                panic!("{raw} is a string");
            };
            assert_eq!(mine, serde_json::from_str::<String>(raw).unwrap());
        }
    }

    #[test]
    fn a_pointer_names_the_value() {
        let text = r#"{"a":[1,{"b/c":[]},{"d":"x"}],"e":5}"#;
        let at: Vec<usize> = ["1,", "[]", "\"x\"", "5}"]
            .iter()
            .map(|t| text.find(t).unwrap())
            .collect();
        let pointers = pointers(text, &at);
        assert_eq!(pointers, ["/a/0", "/a/1/b~1c", "/a/2/d", "/e"]);
        let tree: serde_json::Value = serde_json::from_str(text).unwrap();
        assert_eq!(tree.pointer(&pointers[2]).unwrap(), "x");
    }

    const SOUND: &str =
        r#"{"a":[1,-0.5e1,"x\n\u00e9",{}],"b":[true,null,[]],"c":{"d":0,"e":false}}"#;
    const SIGNS: &[u8] = br#"[]{},:"1-0.e\ a"#;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]

        /// Sound text with one or two signs too many or too few.
        #[test]
        fn accepts_what_serde_json_accepts(edits in prop::collection::vec((any::<prop::sample::Index>(), 0..30_usize), 1..3)) {
            let mut bytes = SOUND.as_bytes().to_vec();
            for (at, sign) in edits {
                let at = at.index(bytes.len());
                match SIGNS.get(sign) {
                    Some(sign) => bytes.insert(at, *sign),
                    None => { bytes.remove(at); }
                }
            }
            let text = String::from_utf8(bytes).unwrap();
            let theirs = serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok();
            prop_assert_eq!(reads(&text), theirs, "{}", text);
        }
    }
}
