//! Guards as they are written: a small parser, and the same guard printed again.
//!
//! ```text
//! clause  = atom *( "|" atom )
//! atom    = ( "has" / "lacks" ) key
//!         / key ["?"] ( "=" / "!=" / "<" / "<=" / ">" / ">=" ) word
//!         / key ["?"] ["not"] "in" ( "[" word *( "," word ) "]" / "@" word )
//! word    = "'" … "'"              ; a quote within is written twice
//!         / 1*( anything but blanks and | , [ ] ' = ! < > ? @ )
//! ```
//!
//! Only the form: whether a key exists and what it may be compared with is `typed`. Nothing of a guard ever becomes code of
//! another language.

use std::fmt;

use jiff::ToSpan as _;
use jiff::civil::{Date, date};

use crate::rule::{Atom, Clause, Guard, Key, Literal, Op, Operand};

/// Longest clause, in bytes, and most atoms in one: far above what a person can read.
const LONGEST: usize = 4096;
const MOST: usize = 64;

/// A comparison before its words are known.
#[derive(Debug)]
pub(super) struct Raw {
    pub(super) key: Word,
    pub(super) optional: bool,
    pub(super) op: Op,
    pub(super) with: RawOperand,
}

#[derive(Debug)]
pub(super) enum RawOperand {
    None,
    One(Word),
    Many(Vec<Word>),
    Table(Word),
}

/// A word and the column, counted from 1, at which it stands.
#[derive(Debug)]
pub(super) struct Word {
    pub(super) text: String,
    pub(super) quoted: bool,
    pub(super) column: usize,
}

/// What is wrong, and the column.
pub(super) type Wrong = (usize, String);

/// Reads one clause.
pub(super) fn clause(text: &str) -> Result<Vec<Raw>, Wrong> {
    if text.len() > LONGEST {
        return Err((1, format!("longer than {LONGEST} bytes")));
    }
    let mut reader = Reader {
        rest: text,
        column: 1,
    };
    let mut atoms = Vec::new();
    loop {
        atoms.push(reader.atom()?);
        reader.blanks();
        if atoms.len() > MOST {
            return Err((reader.column, format!("more than {MOST} comparisons")));
        }
        match reader.peek() {
            None => return Ok(atoms),
            Some('|') => reader.skip(1),
            Some(_) => return Err(reader.wrong("`|` and another comparison, or the end")),
        }
    }
}

struct Reader<'t> {
    rest: &'t str,
    column: usize,
}

/// Longest first, so that `<=` is not read as `<`.
const SIGNS: [(&str, Op); 6] = [
    ("!=", Op::Ne),
    ("<=", Op::Le),
    (">=", Op::Ge),
    ("=", Op::Eq),
    ("<", Op::Lt),
    (">", Op::Gt),
];

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn skip(&mut self, chars: usize) {
        for c in self.rest.chars().take(chars).collect::<Vec<_>>() {
            self.rest = &self.rest[c.len_utf8()..];
            self.column += 1;
        }
    }

    fn blanks(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.skip(1);
        }
    }

    fn wrong(&self, expected: &str) -> Wrong {
        let found = match self.peek() {
            None => "the end".to_owned(),
            Some(c) => format!("`{c}`"),
        };
        (self.column, format!("expected {expected}, found {found}"))
    }

    fn word(&mut self, expected: &str) -> Result<Word, Wrong> {
        self.blanks();
        let column = self.column;
        let mut text = String::new();
        if self.peek() == Some('\'') {
            self.skip(1);
            loop {
                match self.peek() {
                    None => return Err((column, "the quote is not closed".to_owned())),
                    Some('\'') if self.rest.starts_with("''") => {
                        text.push('\'');
                        self.skip(2);
                    }
                    Some('\'') => break,
                    Some(c) => {
                        text.push(c);
                        self.skip(1);
                    }
                }
            }
            self.skip(1);
            return Ok(Word {
                text,
                quoted: true,
                column,
            });
        }
        while let Some(c) = self.peek().filter(|c| plain(*c)) {
            text.push(c);
            self.skip(1);
        }
        match text.is_empty() {
            true => Err(self.wrong(expected)),
            false => Ok(Word {
                text,
                quoted: false,
                column,
            }),
        }
    }

    fn atom(&mut self) -> Result<Raw, Wrong> {
        let key = self.word("an attribute")?;
        if !key.quoted && (key.text == "has" || key.text == "lacks") {
            let op = if key.text == "has" {
                Op::Has
            } else {
                Op::Lacks
            };
            return Ok(Raw {
                key: self.word("an attribute")?,
                optional: false,
                op,
                with: RawOperand::None,
            });
        }
        let optional = self.peek() == Some('?');
        if optional {
            self.skip(1);
        }
        self.blanks();
        if let Some((sign, op)) = SIGNS.iter().find(|(s, _)| self.rest.starts_with(s)) {
            self.skip(sign.len());
            return Ok(Raw {
                key,
                optional,
                op: *op,
                with: RawOperand::One(self.word("a value")?),
            });
        }
        let expected = "one of = != < <= > >= in, not in";
        if !self.peek().is_some_and(plain) {
            return Err(self.wrong(expected));
        }
        let word = self.word(expected)?;
        let op = match word.text.as_str() {
            "in" => Op::In,
            "not" => {
                let next = self.word("`in`")?;
                if next.text != "in" {
                    let message = format!("expected `in`, found `{}`", next.text);
                    return Err((next.column, message));
                }
                Op::NotIn
            }
            other => {
                let message = format!("expected {expected}, found `{other}`");
                return Err((word.column, message));
            }
        };
        let with = self.set()?;
        Ok(Raw {
            key,
            optional,
            op,
            with,
        })
    }

    fn set(&mut self) -> Result<RawOperand, Wrong> {
        self.blanks();
        match self.peek() {
            Some('@') => {
                self.skip(1);
                Ok(RawOperand::Table(self.word("the name of a table")?))
            }
            Some('[') => {
                self.skip(1);
                let mut words = vec![self.word("a value")?];
                loop {
                    self.blanks();
                    match self.peek() {
                        Some(',') => self.skip(1),
                        Some(']') => break,
                        _ => return Err(self.wrong("`,` or `]`")),
                    }
                    words.push(self.word("a value")?);
                }
                self.skip(1);
                Ok(RawOperand::Many(words))
            }
            _ => Err(self.wrong("a list in [ ] or @ and the name of a table")),
        }
    }
}

/// A character that a word without quotes may have.
pub(super) fn plain(c: char) -> bool {
    !c.is_whitespace() && !c.is_control() && !"|,[]'=!<>?@".contains(c)
}

const EPOCH: Date = date(1970, 1, 1);

/// A date as days since 1970-01-01.
pub(super) fn days(day: Date) -> f64 {
    (day - EPOCH).get_days().into()
}

/// The date of so many days since 1970-01-01.
pub(crate) fn day(days: f64) -> Option<Date> {
    EPOCH.checked_add((days as i64).days()).ok()
}

// ──────── printing ────────

/// A text as it must be written so that it is read as the same text: in quotes where it could be something else.
fn quoted(f: &mut fmt::Formatter<'_>, text: &str, always: bool) -> fmt::Result {
    if always || text.is_empty() || !text.chars().all(plain) {
        write!(f, "'{}'", text.replace('\'', "''"))
    } else {
        f.write_str(text)
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Attr(id) => quoted(f, id, false),
            Self::Trace(id) => quoted(f, &format!("trace.{id}"), false),
            Self::Persons(None) => f.write_str("persons"),
            Self::Persons(Some(role)) => write!(f, "persons:{role}"),
            Self::Objects(kind, part) => {
                let part = part.as_ref().map_or(String::new(), |p| format!(".{p}"));
                quoted(f, &format!("objects:{kind}{part}"), false)
            }
            Self::Part => f.write_str("part"),
            Self::Role => f.write_str("role"),
            Self::Organ => f.write_str("organ"),
            Self::Hour => f.write_str("hour"),
            Self::Date => f.write_str("date"),
        }
    }
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(b) => b.fmt(f),
            Self::Number(n) => n.fmt(f),
            // Could be the name of an attribute: only in quotes is it surely a text.
            Self::Text(text) => quoted(f, text, true),
        }
    }
}

impl Op {
    /// As it is written in packs.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Eq => "=",
            Self::Ne => "!=",
            Self::Lt => "<",
            Self::Le => "<=",
            Self::Gt => ">",
            Self::Ge => ">=",
            Self::In => "in",
            Self::NotIn => "not in",
            Self::Has => "has",
            Self::Lacks => "lacks",
        }
    }
}

impl fmt::Display for Atom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let literal = |f: &mut fmt::Formatter<'_>, l: &Literal| match (l, &self.key) {
            (Literal::Number(n), Key::Date) => match day(*n) {
                Some(day) => day.fmt(f),
                None => n.fmt(f),
            },
            _ => l.fmt(f),
        };
        if matches!(self.op, Op::Has | Op::Lacks) {
            return write!(f, "{} {}", self.op.sign(), self.key);
        }
        let mark = if self.optional { "?" } else { "" };
        write!(f, "{}{mark} {} ", self.key, self.op.sign())?;
        match &self.with {
            Operand::None => Ok(()),
            Operand::One(l) => literal(f, l),
            Operand::Key(key) => key.fmt(f),
            Operand::Many(list) => {
                f.write_str("[")?;
                for (n, l) in list.iter().enumerate() {
                    if n > 0 {
                        f.write_str(", ")?;
                    }
                    literal(f, l)?;
                }
                f.write_str("]")
            }
        }
    }
}

impl fmt::Display for Clause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, atom) in self.0.iter().enumerate() {
            if n > 0 {
                f.write_str(" | ")?;
            }
            atom.fmt(f)?;
        }
        Ok(())
    }
}

impl fmt::Display for Guard {
    /// Its clauses, between which stands ` & `; nothing where it always holds.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, clause) in self.0.iter().enumerate() {
            if n > 0 {
                f.write_str(" & ")?;
            }
            clause.fmt(f)?;
        }
        Ok(())
    }
}
