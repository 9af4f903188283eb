//! What is wrong with a pack: each fault names the file, the line, the item, the key and what was expected.
//!
//! The words for people who write packs; nothing here checks anything.

use std::fmt;

use jiff::civil::Date;
use model::IdError;

/// All faults of the packs that were read, in the order in which they were met.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Faults(pub Vec<Fault>);

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, fault) in self.0.iter().enumerate() {
            if n > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{fault}")?;
        }
        Ok(())
    }
}

/// One fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Pack and file, such as `casework/activities.toml`.
    pub file: String,
    /// Line, counted from 1; 0 where the whole file is meant.
    pub line: usize,
    /// Id of the item; empty where the whole file is meant.
    pub item: String,
    /// Key within the item, such as `trace[1].events[0]`; empty where the whole item is meant, or where `what` names it.
    pub key: String,
    /// What is wrong.
    pub what: What,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.place(), self.what)
    }
}

impl Fault {
    /// Where it is, up to the colon after it: the same in both languages, for editors that follow `file:line`.
    pub(crate) fn place(&self) -> String {
        let mut place = self.file.clone();
        if self.line > 0 {
            place += &format!(":{}", self.line);
        }
        for part in [&self.item, &self.key] {
            if !part.is_empty() {
                place += &format!(": {part}");
            }
        }
        place + ": "
    }
}

impl Faults {
    /// All of them in that language, a line each.
    pub fn said(&self, lang: crate::Lang) -> String {
        let lines: Vec<String> = self.0.iter().map(|fault| fault.said(lang)).collect();
        lines.join("\n")
    }
}

/// Kinds of fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum What {
    /// A file without which a pack is none.
    #[error("the file is missing")]
    MissingFile,
    /// A file that no pack has.
    #[error("a pack has no file of this name")]
    UnknownFile,
    /// Not TOML, or not the tables and fields of this file.
    #[error("{0}")]
    Syntax(String),
    /// The id is not one of its kind.
    #[error(transparent)]
    Id(#[from] IdError),
    /// The pack calls itself something else than its folder.
    #[error("the pack lies in the folder `{folder}`")]
    Folder {
        /// Name of the folder.
        folder: String,
    },
    /// Not three numbers.
    #[error("version `{0}` is not three numbers such as 1.0.0")]
    Version(String),
    /// A text is empty.
    #[error("`{0}` is empty")]
    Empty(&'static str),
    /// The id is used before.
    #[error("this {kind} is already in {first}")]
    Duplicate {
        /// Kind of item.
        kind: &'static str,
        /// File that has it first.
        first: String,
    },
    /// A reference to something that no pack defines.
    #[error("{kind} `{id}` is not in any pack{}", nearest(.near))]
    Unresolved {
        /// Kind of the thing referred to.
        kind: &'static str,
        /// Its id.
        id: String,
        /// The nearest id that there is.
        near: Option<String>,
    },
    /// A key that does not belong there.
    #[error("there is no such key here{}", nearest(.near))]
    UnknownKey {
        /// The nearest key that there is.
        near: Option<String>,
    },
    /// A key that must be there.
    #[error("missing; expected {0}")]
    Missing(&'static str),
    /// Something else than what may stand there.
    #[error("expected {expected}, found {found}")]
    Expected {
        /// What may stand there.
        expected: String,
        /// What stands there.
        found: String,
    },
    /// A guard that cannot be read.
    #[error("column {column} of `{guard}`: {message}")]
    Guard {
        /// The guard.
        guard: String,
        /// Character, counted from 1.
        column: usize,
        /// What is wrong there.
        message: String,
    },
    /// A limit without unit, or none at all.
    #[error("`{0}` is no limit: a number with its unit, 30min, 24h, 3d, 2wd, 2mo or 1y")]
    Limit(String),
    /// A rule that is known to nobody for sure and yet accuses.
    #[error("rests on {marks} alone and may only be blue, not {grade}")]
    Advisory {
        /// The marks of its source.
        marks: String,
        /// Its grade.
        grade: &'static str,
    },
    /// No trace of a kind that each rule must have.
    #[error("no trace that is {0}")]
    NoTrace(&'static str),
    /// Two versions judge one day.
    #[error("version {other} is in force on {day} too")]
    Versions {
        /// The other version.
        other: u32,
        /// A day on which both are.
        day: Date,
    },
    /// Conditions that no event can meet.
    #[error("this can never be: {0}")]
    NeverStarts(String),
    /// A rule that nothing can break.
    #[error("this can never be broken: {0}")]
    NeverBroken(String),
    /// A rule that nothing can keep.
    #[error("this can never be kept: {0}")]
    NeverKept(String),
    /// Rules that nobody can obey together.
    #[error("nobody can obey {}: {why}", .rules.join(" and "))]
    Contradiction {
        /// The rules, as few as show it.
        rules: Vec<String>,
        /// Why.
        why: String,
    },
    /// An overlay does what it may not.
    #[error("an overlay {0}")]
    Overlay(String),
    /// A part of a source that begins neither with a code nor with a mark.
    #[error("source `{0}`: each part begins with a code of pack.toml or with a mark")]
    Source(String),
    /// A mark that does not exist.
    #[error("`{0}` is no mark of confidence: T, S, G or D")]
    Mark(String),
    /// No mark at all.
    #[error("no confidence is given")]
    NoConfidence,
    /// A part of a source that no mark follows.
    #[error("`{0}` has no mark of confidence after it: [T], [S], [G] or [D]")]
    Unmarked(String),
    /// The marks are not those of the source.
    #[error("confidence is {given}, but its source says {found}")]
    Confidence {
        /// Marks of the field `confidence`.
        given: String,
        /// Marks in the field `source`.
        found: String,
    },
    /// A number that cannot be.
    #[error("{field} is {got}, expected {expected}")]
    Number {
        /// Field.
        field: &'static str,
        /// Value.
        got: u64,
        /// What may stand there.
        expected: &'static str,
    },
    /// Not a date.
    #[error("{field} `{got}` is not a date such as 2026-01-01")]
    Date {
        /// Field.
        field: &'static str,
        /// Value.
        got: String,
    },
    /// A remark or a number about people who are not named.
    #[error("{field} is given, but {needs} is not")]
    Without {
        /// Field that is there.
        field: &'static str,
        /// Field that is not.
        needs: &'static str,
    },
}

fn nearest(near: &Option<String>) -> String {
    (near.as_ref()).map_or(String::new(), |near| format!("; the nearest is `{near}`"))
}
