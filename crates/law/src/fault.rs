//! What is wrong with a pack: each fault names the file, the item and what was expected.

use std::fmt;

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
    /// Id of the item; empty where the whole file is meant.
    pub item: String,
    /// What is wrong.
    pub what: What,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.file)?;
        if !self.item.is_empty() {
            write!(f, "{}: ", self.item)?;
        }
        write!(f, "{}", self.what)
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
    #[error("line {line}: {message}")]
    Syntax {
        /// Line, counted from 1.
        line: usize,
        /// What the reader of TOML says.
        message: String,
    },
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
    #[error("{kind} `{id}` is not in any pack")]
    Unresolved {
        /// Kind of the thing referred to.
        kind: &'static str,
        /// Its id.
        id: String,
    },
    /// A part of a source that begins neither with a code nor with a mark.
    #[error("source `{0}`: each part begins with a code of pack.toml or with a mark")]
    Source(String),
    /// A mark that does not exist.
    #[error("`{0}` is no mark of confidence: T, S, G or D")]
    Mark(String),
    /// No mark at all.
    #[error("no confidence is given")]
    NoConfidence,
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
