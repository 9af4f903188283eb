//! Ids and names as typed text: what may stand in a header, checked once when it is made.
//!
//! None of these may carry a name of a person or free words (`docs/adr/0008-entries-and-bodies.md`); people and things
//! are [`crate::Pseudonym`]s.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Micros;

/// Why a text is not the id that it was meant to be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Nothing there.
    #[error("{what} is empty")]
    Empty {
        /// Which kind of id.
        what: &'static str,
    },
    /// Longer than a header may carry.
    #[error("{what} has {got} bytes, at most {max} are allowed")]
    TooLong {
        /// Which kind of id.
        what: &'static str,
        /// Bytes found.
        got: usize,
        /// Bytes allowed.
        max: usize,
    },
    /// A character that this kind of id does not have.
    #[error("{what} holds {found:?}, which is not allowed there")]
    BadCharacter {
        /// Which kind of id.
        what: &'static str,
        /// The character.
        found: char,
    },
    /// Not an id of this kind at all.
    #[error("`{found}` is not {what}")]
    NotOne {
        /// Which kind of id.
        what: &'static str,
        /// What stood there, cut to 64 characters.
        found: String,
    },
}

fn check(
    what: &'static str,
    text: &str,
    max: usize,
    allowed: fn(char) -> bool,
) -> Result<(), IdError> {
    if text.is_empty() {
        return Err(IdError::Empty { what });
    }
    if text.len() > max {
        return Err(IdError::TooLong {
            what,
            got: text.len(),
            max,
        });
    }
    match text.chars().find(|c| !allowed(*c)) {
        Some(found) => Err(IdError::BadCharacter { what, found }),
        None => Ok(()),
    }
}

/// Lower-case hexadecimal. Every event writes a few dozen bytes of it, so not one formatted write per byte.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |n: u8| char::from(DIGITS[usize::from(n)]);
    bytes
        .iter()
        .flat_map(|b| [digit(b >> 4), digit(b & 15)])
        .collect()
}

fn token(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_')
}

fn printable(c: char) -> bool {
    !c.is_control()
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $what:literal, $max:literal, $allowed:path) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Box<str>);

        impl $name {
            /// Checks and keeps `text`.
            pub fn new(text: impl Into<String>) -> Result<Self, IdError> {
                let text = text.into();
                check($what, &text, $max, $allowed)?;
                Ok(Self(text.into_boxed_str()))
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(text: String) -> Result<Self, IdError> {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0.into()
            }
        }

        impl std::str::FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                Self::new(text)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), &self.0)
            }
        }
    };
}

text_id!(
    /// Code of an organ (机关), e.g. `A330100`: letters, digits, `.`, `-`, `_`.
    OrganCode, "an organ code", 32, token
);
text_id!(
    /// Id of a role, e.g. `officer`, `legal-reviewer`.
    RoleId, "a role id", 32, token
);
text_id!(
    /// Id of a rule of a pack, e.g. `CR-030`.
    RuleId, "a rule id", 64, token
);
text_id!(
    /// Type of an object: `case`, `person`, `item`, … of the packs, or what an imported log calls its objects.
    ObjectType, "an object type", 100, printable
);
text_id!(
    /// Role of an object in an event or of one object for another (OCEL 2.0 qualifier), e.g. `suspect`.
    Qualifier, "a qualifier", 200, printable
);
text_id!(
    /// What was done: an id of a pack such as `cr.detain`, the node's own such as `lh.import`, or, for a log that came
    /// from elsewhere, `x:` and the name that the log used.
    Activity, "an activity", 250, printable
);

impl Activity {
    /// Prefix of activities that no pack of this node knows.
    pub const FOREIGN: &'static str = "x:";

    /// The activity of a log that came from elsewhere.
    pub fn foreign(name: &str) -> Result<Self, IdError> {
        if name.is_empty() {
            return Err(IdError::Empty {
                what: "an activity",
            });
        }
        Self::new(format!("{}{name}", Self::FOREIGN))
    }

    /// The name that the other log used, if this is a foreign activity.
    pub fn foreign_name(&self) -> Option<&str> {
        self.as_str().strip_prefix(Self::FOREIGN)
    }
}

/// Id of one event: a UUID of version 7, so that it sorts by the time of its making.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventId(Uuid);

impl EventId {
    /// A version 7 UUID from a time and ten random bytes. Ids that must not tell a time (receipts, reports) are others.
    pub fn v7(now: Micros, random: [u8; 10]) -> Self {
        let millis = (now.get().max(0) / 1000) as u64;
        let mut b = [0u8; 16];
        b[..6].copy_from_slice(&millis.to_be_bytes()[2..]);
        b[6..].copy_from_slice(&random);
        b[6] = (b[6] & 0x0f) | 0x70;
        b[8] = (b[8] & 0x3f) | 0x80;
        Self(Uuid::from_bytes(b))
    }

    /// The sixteen bytes.
    pub fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }

    /// From the sixteen bytes of a stored id.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bytes))
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_hyphenated().fmt(f)
    }
}

impl fmt::Debug for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EventId({self})")
    }
}

impl std::str::FromStr for EventId {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        Uuid::try_parse(text)
            .map(Self)
            .map_err(|_| IdError::NotOne {
                what: "an event id",
                found: text.chars().take(64).collect(),
            })
    }
}

impl Serialize for EventId {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for EventId {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(d)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
