//! A walk over TOML that reports every fault with its line and key, and goes on.
//!
//! Not serde: that stops at the first fault of a file and does not know where a value stood. Not the meaning of keys: that
//! is `read`.

use std::ops::Range;

use jiff::civil::Date;
use toml::de::{DeTable, DeValue};

use super::{Names, limit, nearest};
use crate::read::Lines;
use crate::rule::{Limit, Warn};
use crate::{Fault, Text, What};

/// What reading one item needs: where it is, what exists, and where faults go.
pub(super) struct Ctx<'c> {
    pub(super) file: &'c str,
    pub(super) lines: &'c Lines,
    pub(super) names: &'c Names,
    pub(super) faults: &'c mut Vec<Fault>,
    /// Id of the item that is being read.
    pub(super) item: String,
}

/// A table.
pub(super) struct Row<'a> {
    table: &'a DeTable<'a>,
    pub(super) span: Range<usize>,
    /// Key of this table within the item; empty for the item itself.
    path: String,
}

/// A value with its key.
pub(super) struct Val<'a> {
    pub(super) value: &'a DeValue<'a>,
    pub(super) span: Range<usize>,
    pub(super) path: String,
}

impl<'a> Row<'a> {
    pub(super) fn get(&self, key: &str) -> Option<Val<'a>> {
        let value = self.table.get(key)?;
        Some(Val {
            value: value.get_ref(),
            span: value.span(),
            path: self.path(key),
        })
    }

    pub(super) fn path(&self, key: &str) -> String {
        match self.path.is_empty() {
            true => key.to_owned(),
            false => format!("{}.{key}", self.path),
        }
    }

    /// Keys that are not among these: key and place.
    pub(super) fn others(&self, known: &[&str]) -> Vec<Val<'a>> {
        (self.table.iter())
            .filter(|(key, _)| !known.contains(&key.get_ref().as_ref()))
            .map(|(key, value)| Val {
                value: value.get_ref(),
                span: key.span(),
                path: key.get_ref().to_string(),
            })
            .collect()
    }
}

impl Ctx<'_> {
    pub(super) fn fault(&mut self, span: &Range<usize>, key: &str, what: What) {
        self.faults.push(Fault {
            file: self.file.to_owned(),
            line: self.lines.at(span.start),
            item: self.item.clone(),
            key: key.to_owned(),
            what,
        });
    }

    pub(super) fn expected(&mut self, v: &Val<'_>, expected: impl Into<String>) {
        let what = What::Expected {
            expected: expected.into(),
            found: found(v.value),
        };
        self.fault(&v.span, &v.path, what);
    }

    pub(super) fn missing(&mut self, row: &Row<'_>, key: &str, expected: &'static str) {
        self.fault(&row.span, &row.path(key), What::Missing(expected));
    }

    /// A value that must be there.
    pub(super) fn must<'a>(
        &mut self,
        row: &Row<'a>,
        key: &str,
        expected: &'static str,
    ) -> Option<Val<'a>> {
        let value = row.get(key);
        if value.is_none() {
            self.missing(row, key, expected);
        }
        value
    }

    /// A table as a row, with the keys that it may have.
    pub(super) fn row<'a>(&mut self, v: &Val<'a>, keys: &[&str]) -> Option<Row<'a>> {
        let Some(table) = v.value.as_table() else {
            self.expected(v, format!("a table with {}", keys.join(", ")));
            return None;
        };
        let row = Row {
            table,
            span: v.span.clone(),
            path: v.path.clone(),
        };
        self.keys(&row, keys);
        Some(row)
    }

    /// The rows of `[[name]]`; their own keys begin anew.
    pub(super) fn rows<'a>(&mut self, file: &'a DeTable<'a>, name: &str) -> Vec<Row<'a>> {
        let Some(value) = file.get(name) else {
            return Vec::new();
        };
        let list: Option<Vec<Row<'a>>> = value.get_ref().as_array().and_then(|list| {
            list.iter()
                .map(|v| {
                    Some(Row {
                        table: v.get_ref().as_table()?,
                        span: v.span(),
                        path: String::new(),
                    })
                })
                .collect()
        });
        list.unwrap_or_else(|| {
            let what = What::Expected {
                expected: format!("rows, each under [[{name}]]"),
                found: found(value.get_ref()),
            };
            self.fault(&value.span(), name, what);
            Vec::new()
        })
    }

    pub(super) fn keys(&mut self, row: &Row<'_>, known: &[&str]) {
        for other in row.others(known) {
            let near = nearest(&other.path, known.iter().copied());
            let key = row.path(&other.path);
            self.fault(&other.span, &key, What::UnknownKey { near });
        }
    }

    pub(super) fn text<'a>(&mut self, v: &Val<'a>) -> Option<&'a str> {
        let text = v.value.as_str();
        match text {
            Some(text) if !text.trim().is_empty() => return Some(text),
            Some(_) => self.expected(v, "a text"),
            None => self.expected(v, "a text in quotes"),
        }
        None
    }

    /// A list; anything else is a fault.
    pub(super) fn list<'a>(&mut self, v: &Val<'a>, of: &str) -> Vec<Val<'a>> {
        let Some(list) = v.value.as_array() else {
            self.expected(v, format!("a list of {of}"));
            return Vec::new();
        };
        (list.iter().enumerate())
            .map(|(n, item)| Val {
                value: item.get_ref(),
                span: item.span(),
                path: format!("{}[{n}]", v.path),
            })
            .collect()
    }

    pub(super) fn texts<'a>(&mut self, v: &Val<'a>, of: &str) -> Vec<(&'a str, Val<'a>)> {
        let list = self.list(v, of);
        list.into_iter()
            .filter_map(|item| Some((self.text(&item)?, item)))
            .collect()
    }

    pub(super) fn flag(&mut self, row: &Row<'_>, key: &str) -> bool {
        let Some(v) = row.get(key) else {
            return false;
        };
        let flag = v.value.as_bool();
        if flag.is_none() {
            self.expected(&v, "true or false");
        }
        flag.unwrap_or_default()
    }

    /// A whole number in a range.
    pub(super) fn number(&mut self, v: &Val<'_>, range: Range<u32>) -> Option<u32> {
        let number = whole(v.value).filter(|n| range.contains(n));
        if number.is_none() {
            let expected = format!("a number from {} to {}", range.start, range.end - 1);
            self.expected(v, expected);
        }
        number
    }

    pub(super) fn date(&mut self, v: &Val<'_>) -> Option<Date> {
        let at = v.value.as_datetime();
        let date = at
            .filter(|d| d.time.is_none() && d.offset.is_none())
            .and_then(|d| d.date)
            .and_then(|d| Date::new(d.year as i16, d.month as i8, d.day as i8).ok());
        if date.is_none() {
            self.expected(v, "a day without quotes, such as 2026-01-01");
        }
        date
    }

    pub(super) fn limit(&mut self, v: &Val<'_>) -> Option<Limit> {
        let found = found(v.value);
        let text = v.value.as_str().unwrap_or(&found);
        let limit = v.value.as_str().and_then(limit::limit);
        if limit.is_none() {
            let what = What::Limit(text.to_owned());
            self.fault(&v.span, &v.path, what);
        }
        limit
    }

    pub(super) fn warns(&mut self, v: &Val<'_>) -> Vec<Warn> {
        let mut warns = Vec::new();
        for (text, v) in self.texts(v, "warnings such as \"90%\" or \"7d\"") {
            match limit::warn(text) {
                Some(warn) => warns.push(warn),
                None => self.expected(&v, "a share such as 90% or a time before such as 7d"),
            }
        }
        warns
    }

    /// A text in both languages.
    pub(super) fn both(&mut self, v: &Val<'_>) -> Option<Text> {
        let row = self.row(v, &["zh", "en"])?;
        self.both_of(&row)
    }

    /// The keys `zh` and `en` of a row.
    pub(super) fn both_of(&mut self, row: &Row<'_>) -> Option<Text> {
        let [zh, en] = [("zh", "a Chinese text"), ("en", "an English text")].map(|(key, what)| {
            let v = self.must(row, key, what)?;
            self.text(&v).map(str::to_owned)
        });
        Some(Text { zh: zh?, en: en? })
    }

    /// A name that must be known.
    pub(super) fn known(
        &mut self,
        v: &Val<'_>,
        kind: &'static str,
        id: &str,
        known: bool,
        all: &mut dyn Iterator<Item = &str>,
    ) -> bool {
        if !known {
            let near = nearest(id, all);
            let id = id.to_owned();
            self.fault(&v.span, &v.path, What::Unresolved { kind, id, near });
        }
        known
    }
}

fn whole(value: &DeValue<'_>) -> Option<u32> {
    let number = value.as_integer()?;
    u32::from_str_radix(number.as_str(), number.radix()).ok()
}

/// A value for a message: itself where it is short, its kind where not.
pub(super) fn found(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(s) if s.chars().count() <= 60 => format!("`{s}`"),
        DeValue::Integer(n) => n.to_string(),
        DeValue::Float(n) => n.to_string(),
        DeValue::Boolean(b) => b.to_string(),
        DeValue::Datetime(d) => d.to_string(),
        DeValue::Array(list) if list.is_empty() => "an empty list".to_owned(),
        other => match other.type_str() {
            "string" => "a long text".to_owned(),
            "array" => "a list".to_owned(),
            kind => format!("a {kind}"),
        },
    }
}
