//! What all writers share: times that say their zone, declared types, values as text.

use std::{borrow::Cow, collections::HashMap};

use model::{Attr, Micros, TimeText, Value};
use serde_json::{Map, Number};

use crate::{AttrDecl, TypeDecl, times};

/// A time as other programs read it: RFC 3339 with its offset. Kept as written where it was written so; where the zone
/// was named by the user, the offset that follows from it is added.
pub(crate) fn time(of: &TimeText) -> Cow<'_, str> {
    let text = of.text();
    let Some(read) = times::iso(text) else {
        return Cow::Owned(of.instant().to_string());
    };
    if is_rfc3339(text.as_bytes()) {
        return Cow::Borrowed(text);
    }
    // Whole seconds: finer digits of the text may be cut in both.
    let offset = (read.civil - of.instant().get()).div_euclid(1_000_000);
    let Ok(civil) = Micros::new(read.civil) else {
        return Cow::Owned(of.instant().to_string());
    };
    let civil = civil.to_string();
    let (sign, offset) = if offset < 0 {
        ('-', -offset)
    } else {
        ('+', offset)
    };
    if offset % 60 != 0 || offset >= 24 * 3600 {
        return Cow::Owned(of.instant().to_string());
    }
    Cow::Owned(format!(
        "{}{sign}{:02}:{:02}",
        civil.trim_end_matches('Z'),
        offset / 3600,
        offset % 3600 / 60
    ))
}

fn is_rfc3339(b: &[u8]) -> bool {
    if b.len() < 20 || b[10] != b'T' || b[4] != b'-' || b[16] != b':' {
        return false;
    }
    let rest = &b[19..];
    let fraction = match rest {
        [b'.', digits @ ..] => 1 + digits.iter().take_while(|c| c.is_ascii_digit()).count(),
        _ => 0,
    };
    match &rest[fraction..] {
        b"Z" => true,
        [b'+' | b'-', offset @ ..] => offset.len() == 5 && offset[2] == b':',
        _ => false,
    }
}

/// Since when the values of an object hold if nothing says so.
pub(crate) const BEGINNING: &str = "1970-01-01T00:00:00Z";

/// Attributes without nesting: children follow their parent as `parent/child`.
pub(crate) fn flat<'a>(attrs: &'a [Attr]) -> Vec<(Cow<'a, str>, &'a Value, Option<&'a TimeText>)> {
    fn add<'a>(
        attrs: &'a [Attr],
        within: Option<&str>,
        since: Option<&'a TimeText>,
        out: &mut Vec<(Cow<'a, str>, &'a Value, Option<&'a TimeText>)>,
    ) {
        for attr in attrs {
            let key = match within {
                None => Cow::Borrowed(attr.key.as_str()),
                Some(within) => Cow::Owned(format!("{within}/{}", attr.key)),
            };
            let since = attr.at.as_ref().or(since);
            if attr.children.is_empty() {
                out.push((key, &attr.value, since));
            } else {
                let parent = key.clone().into_owned();
                out.push((key, &attr.value, since));
                add(&attr.children, Some(&parent), since, out);
            }
        }
    }
    let mut out = Vec::with_capacity(attrs.len());
    add(attrs, None, None, &mut out);
    out
}

/// Says so where [`flat`] had something to do.
pub(crate) fn note_nested(attrs: &[Attr], written: &mut super::Written) {
    if attrs.iter().any(|a| !a.children.is_empty()) {
        written.note("attributes within attributes are only known to XES: written beside their parent, as `parent/child`");
    }
}

/// A value as JSON. Lists and containers become arrays and objects; numbers that JSON cannot write become text.
pub(crate) fn json(value: &Value) -> serde_json::Value {
    match value {
        Value::String(s) | Value::Id(s) => serde_json::Value::String(s.clone()),
        Value::Int(n) => (*n).into(),
        Value::Float(n) => {
            Number::from_f64(*n).map_or_else(|| n.to_string().into(), serde_json::Value::Number)
        }
        Value::Bool(b) => (*b).into(),
        Value::Time(t) => time(t).into_owned().into(),
        Value::List(list) => list.iter().map(|a| json(&a.value)).collect(),
        Value::Container(list) => list
            .iter()
            .map(|a| (a.key.clone(), json(&a.value)))
            .collect::<Map<_, _>>()
            .into(),
        Value::Null => serde_json::Value::Null,
    }
}

/// A value as text; `None` where there is none.
pub(crate) fn text(value: &Value) -> Option<Cow<'_, str>> {
    Some(match value {
        Value::String(s) | Value::Id(s) => Cow::Borrowed(s),
        Value::Int(n) => Cow::Owned(n.to_string()),
        Value::Float(n) => Cow::Owned(float(*n)),
        Value::Bool(b) => Cow::Borrowed(if *b { "true" } else { "false" }),
        Value::Time(t) => time(t),
        Value::List(_) | Value::Container(_) => Cow::Owned(json(value).to_string()),
        Value::Null => return None,
    })
}

/// With a point or an exponent, so that it stays a floating-point number.
pub(crate) fn float(n: f64) -> String {
    if n.is_finite() {
        format!("{n:?}")
    } else {
        n.to_string()
    }
}

/// The word of OCEL for a value's type; `None` for what has none.
pub(crate) fn kind(value: &Value) -> Option<&'static str> {
    Some(match value {
        Value::Int(_) => "integer",
        Value::Float(_) => "float",
        Value::Bool(_) => "boolean",
        Value::Time(_) => "time",
        Value::String(_) | Value::Id(_) | Value::List(_) | Value::Container(_) => "string",
        Value::Null => return None,
    })
}

/// Types as declared by the source, and what was met beyond that.
#[derive(Default)]
pub(crate) struct Types {
    pub list: Vec<TypeDecl>,
    places: HashMap<String, Place>,
}

/// Where a type stands in the list, and where its attributes stand in it with whether the source declared them.
struct Place {
    at: usize,
    attrs: HashMap<String, (usize, bool)>,
}

impl Types {
    pub(crate) fn declare(&mut self, decls: &[TypeDecl]) {
        for decl in decls {
            self.meet(&decl.name);
            for attr in &decl.attrs {
                self.note(&decl.name, &attr.name, &attr.kind, true);
            }
        }
    }

    pub(crate) fn meet(&mut self, name: &str) {
        if !self.places.contains_key(name) {
            let place = Place {
                at: self.list.len(),
                attrs: HashMap::new(),
            };
            self.places.insert(name.to_owned(), place);
            self.list.push(TypeDecl {
                name: name.to_owned(),
                attrs: Vec::new(),
            });
        }
    }

    /// An object or event of a type, with its attributes.
    pub(crate) fn see(&mut self, name: &str, attrs: &[(Cow<'_, str>, &Value, Option<&TimeText>)]) {
        self.meet(name);
        for (key, value, _) in attrs {
            if let Some(kind) = kind(value) {
                self.note(name, key, kind, false);
            }
        }
    }

    fn note(&mut self, name: &str, attr: &str, kind: &str, declared: bool) {
        let Some(Place { at, attrs }) = self.places.get_mut(name) else {
            return;
        };
        let decl = &mut self.list[*at];
        match attrs.get(attr) {
            None => {
                attrs.insert(attr.to_owned(), (decl.attrs.len(), declared));
                decl.attrs.push(AttrDecl {
                    name: attr.to_owned(),
                    kind: kind.to_owned(),
                });
            }
            Some((_, true)) => {}
            Some((place, false)) => {
                let before = &mut decl.attrs[*place].kind;
                if before != kind {
                    let number = |k: &str| matches!(k, "integer" | "float");
                    *before = if number(before) && number(kind) {
                        "float"
                    } else {
                        "string"
                    }
                    .to_owned();
                }
            }
        }
    }
}

/// Escapes text for XML. In attributes line ends are written as references, or readers would make blanks of them.
/// Characters that XML 1.0 has no way to write become U+FFFD.
pub(crate) fn xml(text: &str, attribute: bool, out: &mut Vec<u8>) {
    let bytes = text.as_bytes();
    let mut from = 0;
    for (at, byte) in bytes.iter().enumerate() {
        let by: &[u8] = match byte {
            b'&' => b"&amp;",
            b'<' => b"&lt;",
            b'>' => b"&gt;",
            b'"' if attribute => b"&quot;",
            b'\n' if attribute => b"&#10;",
            b'\t' if attribute => b"&#9;",
            b'\r' => b"&#13;",
            0..=8 | 0x0B | 0x0C | 0x0E..=0x1F => "\u{FFFD}".as_bytes(),
            // U+FFFE and U+FFFF.
            0xEF if matches!(bytes.get(at + 1..at + 3), Some([0xBF, 0xBE | 0xBF])) => {
                "\u{FFFD}".as_bytes()
            }
            0xBF if at >= 1
                && bytes[at - 1] == 0xEF
                && matches!(bytes.get(at + 1), Some(0xBE | 0xBF)) =>
            {
                b""
            }
            0xBE | 0xBF if at >= 2 && bytes[at - 2..at] == [0xEF, 0xBF] => b"",
            _ => continue,
        };
        out.extend_from_slice(&bytes[from..at]);
        out.extend_from_slice(by);
        from = at + 1;
    }
    out.extend_from_slice(&bytes[from..]);
}
