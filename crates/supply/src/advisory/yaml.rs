//! OSV records in YAML, as PyPA publishes them: turned into JSON and read as such.
//!
//! In an OSV record every value that is kept is a text, so every scalar becomes one and `1.10` stays `1.10`. Takes *no* anchors and
//! aliases, with which a short document could become an endless one, and only one document a file.

use std::fmt::Write;

use saphyr_parser::{Event, Parser, ScalarStyle};

use super::fault::{Faults, ReadError, cut};
use super::record::Advisory;

/// Nesting that is read; OSV needs eight levels.
const DEEPEST: usize = 64;

pub(super) fn read(bytes: &[u8], faults: &mut Faults) -> Result<Advisory, ReadError> {
    let text = std::str::from_utf8(bytes).map_err(|e| ReadError::NotText(e.valid_up_to()))?;
    super::osv::read(to_json(text)?.as_bytes(), bytes, faults)
}

/// What is open: a list, or a mapping that waits for a key or a value; and whether something stands in it.
#[derive(Clone, Copy)]
struct Open {
    mapping: bool,
    filled: bool,
    key_next: bool,
}

struct Writer {
    json: String,
    open: Vec<Open>,
}

impl Writer {
    /// What must stand before the next value.
    fn separate(&mut self) -> bool {
        let Some(open) = self.open.last_mut() else {
            return false;
        };
        let is_key = open.mapping && open.key_next;
        if open.filled && (!open.mapping || is_key) {
            self.json.push(',');
        }
        open.filled = true;
        if open.mapping {
            open.key_next = !open.key_next;
        }
        is_key
    }

    fn text(&mut self, text: &str, null: bool) {
        let is_key = self.separate();
        if null && !is_key {
            self.json.push_str("null");
            return;
        }
        self.json.push('"');
        for c in text.chars() {
            match c {
                '"' => self.json.push_str("\\\""),
                '\\' => self.json.push_str("\\\\"),
                '\n' => self.json.push_str("\\n"),
                c if c < ' ' => {
                    // Writing to a String cannot fail.
                    let _ = write!(self.json, "\\u{:04x}", u32::from(c));
                }
                c => self.json.push(c),
            }
        }
        self.json.push('"');
        if is_key {
            self.json.push(':');
        }
    }

    fn start(&mut self, mapping: bool) -> Result<(), &'static str> {
        if self.separate() {
            return Err("a key that is not a text");
        }
        if self.open.len() == DEEPEST {
            return Err("nested too deeply");
        }
        self.json.push(if mapping { '{' } else { '[' });
        self.open.push(Open {
            mapping,
            filled: false,
            key_next: true,
        });
        Ok(())
    }
}

fn to_json(text: &str) -> Result<String, ReadError> {
    let mut out = Writer {
        json: String::with_capacity(text.len() + text.len() / 4),
        open: Vec::new(),
    };
    let mut documents = 0_usize;
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|e| {
            let at = e.marker();
            syntax(at.line(), at.col() + 1, e.info())
        })?;
        let done = match event {
            Event::Scalar(text, style, 0, _) => {
                let null = style == ScalarStyle::Plain
                    && matches!(&*text, "" | "~" | "null" | "Null" | "NULL");
                out.text(&text, null);
                Ok(())
            }
            Event::SequenceStart(0, _) => out.start(false),
            Event::MappingStart(0, _) => out.start(true),
            Event::SequenceEnd | Event::MappingEnd => {
                let mapping = out.open.pop().is_some_and(|o| o.mapping);
                out.json.push(if mapping { '}' } else { ']' });
                Ok(())
            }
            Event::DocumentStart(_) => {
                documents += 1;
                if documents > 1 {
                    Err("a second document")
                } else {
                    Ok(())
                }
            }
            Event::Alias(_)
            | Event::Scalar(..)
            | Event::SequenceStart(..)
            | Event::MappingStart(..) => Err("anchors and aliases are not read"),
            _ => Ok(()),
        };
        done.map_err(|reason| syntax(span.start.line(), span.start.col() + 1, reason))?;
    }
    if documents == 0 {
        return Err(syntax(1, 1, "an empty file"));
    }
    Ok(out.json)
}

fn syntax(line: usize, column: usize, reason: &str) -> ReadError {
    ReadError::Syntax {
        line,
        column,
        reason: cut(reason),
    }
}
