//! What is wrong with an advisory, and where: one broken part is a [`Fault`], a file of which nothing can be kept a [`ReadError`].
//!
//! Texts of the publisher that stand in a fault are cut to a length that fits a log line.

use std::fmt;

/// Faults kept of one file; more are counted.
const MOST: usize = 1000;

/// Characters of foreign text kept in a message.
const CUT: usize = 80;

/// The first characters of a foreign text, without control characters.
pub(super) fn cut(text: &str) -> Box<str> {
    let mut out: String = text
        .chars()
        .take(CUT)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    if out.len() < text.len() {
        out.push('…');
    }
    out.into()
}

/// Nothing of a file can be kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// Longer than [`super::MAX_BYTES`].
    #[error("{0} bytes, more than the {max} that are read", max = super::MAX_BYTES)]
    TooLong(usize),
    /// Bytes that are no UTF-8 text.
    #[error("byte {0}: not UTF-8 text")]
    NotText(usize),
    /// Not well-formed.
    #[error("line {line}, column {column}: {reason}")]
    Syntax {
        /// From 1.
        line: usize,
        /// From 1, in bytes.
        column: usize,
        /// What the reader expected.
        reason: Box<str>,
    },
    /// A directory, feed or index of advisories and none itself.
    #[error("{0}: an index of advisories, not an advisory")]
    Index(&'static str),
    /// A bill of materials that says nothing about vulnerabilities.
    #[error("a bill of materials without `vulnerabilities`")]
    NoStatements,
    /// A version of a format that is not read.
    #[error("{format} {version} is not read")]
    Version {
        /// The format's name.
        format: &'static str,
        /// As given.
        version: Box<str>,
    },
    /// What a record cannot be without.
    #[error("{place}: {reason}")]
    Broken {
        /// JSON path, XML element or line.
        place: Box<str>,
        /// What is wrong there.
        reason: Box<str>,
    },
    /// No known format.
    #[error("no known format of advisories; starts with: {0}")]
    Unknown(Box<str>),
}

/// One part that could not be kept or believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {what}")]
pub struct Fault {
    /// Path in the document (`affected[2].ranges[0]`), or line.
    pub place: Box<str>,
    /// What is wrong there, and what was done.
    pub what: What,
}

/// What is wrong with a part.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum What {
    /// A part of another shape than the format's was left out, the rest kept.
    #[error("left out: {0}")]
    LeftOut(Box<str>),
    /// A time that is none, or has no zone; the text is kept.
    #[error("not a time: {0}")]
    Time(Box<str>),
    /// A CVSS vector that does not parse; the text is kept, the severity unknown.
    #[error("no score: {0}")]
    Vector(Box<str>),
    /// An alias that has not the shape of an identifier does not join.
    #[error("not an identifier: {0}")]
    Name(Box<str>),
    /// Two parts that cannot both be right.
    #[error(transparent)]
    Contradiction(#[from] Contradiction),
    /// A product id that the document does not define; the statement about it is left out.
    #[error("product {0} is not defined in the document")]
    UndefinedProduct(Box<str>),
    /// Bounds that cannot be turned into ranges; what they concern is not assessed.
    #[error("range not understood: {0}")]
    Range(Box<str>),
}

/// Parts of one record that cannot both be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Contradiction {
    /// CSAF 2.0, 6.1.6: the product's status is then unknown.
    #[error("product {product} is both {one} and {other}; its status is unknown")]
    Status {
        /// Product id.
        product: Box<str>,
        /// The status read first.
        one: super::Status,
        /// The status read last.
        other: super::Status,
    },
    /// CSAF 2.0, 6.1.2: one id for two products; the first is kept.
    #[error("product {0} is defined twice; the first definition is kept")]
    ProductTwice(Box<str>),
    /// A product that is made of itself.
    #[error("product {0} is made of itself")]
    Circle(Box<str>),
    /// The score given is not the vector's (CSAF 2.0, 6.1.9): the higher one counts. In tenths.
    #[error("score {}.{} is given, the vector's is {}.{}", given / 10, given % 10, computed / 10, computed % 10)]
    Score {
        /// As stated.
        given: u8,
        /// From the base metrics.
        computed: u8,
    },
    /// OSV: one event has one field, one range not both `fixed` and `last_affected`.
    #[error("{0}")]
    Events(&'static str),
    /// Withdrawn before it was published.
    #[error("withdrawn before it was published")]
    WithdrawnEarly,
    /// Two dates or values for one CVE; the earlier date, or the higher value, is kept.
    #[error("{0} stands twice with different values")]
    Twice(Box<str>),
}

/// The faults of one file, at most a thousand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults {
    list: Vec<Fault>,
    more: usize,
}

impl Faults {
    /// The faults, in the order they were met.
    pub fn list(&self) -> &[Fault] {
        &self.list
    }

    /// How many there are, those not listed included.
    pub fn count(&self) -> usize {
        self.list.len() + self.more
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.count() == 0
    }

    /// Whether something at or below a place is at fault. Places are exact up to the length of a message.
    pub(super) fn any_below(&self, place: &str) -> bool {
        let below = |f: &Fault| {
            let rest = f.place.strip_prefix(place);
            rest.is_some_and(|r| r.is_empty() || r.starts_with(['.', '[']))
        };
        self.more > 0 || self.list.iter().any(below)
    }

    pub(super) fn push(&mut self, place: impl fmt::Display, what: impl Into<What>) {
        if self.list.len() < MOST {
            let place = cut(&place.to_string());
            self.list.push(Fault {
                place,
                what: what.into(),
            });
        } else {
            self.more += 1;
        }
    }
}
