//! The two kinds of time: an instant in microseconds, and a time as its source wrote it.
//!
//! `occurred` is claimed, `recorded` is the node's (rule K10 of the casework law: back-dating shows only in the
//! difference). Not a clock and not a calendar: statutory periods are `calendar`'s.

use std::{fmt, str::FromStr};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A point in time: microseconds since 1970-01-01T00:00:00Z. Range: years −9999 to 9999 (that of [`jiff::Timestamp`]).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Micros(i64);

/// What is wrong with a written time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    /// Not an RFC 3339 date and time.
    #[error("`{0}` is not a date and time such as 2026-11-23T14:05:00+08:00")]
    Malformed(String),
    /// A date and time without `Z` or an offset: the instant is unknown until somebody names the zone.
    #[error("`{0}` has no time zone; name the zone it was written in, for example +08:00")]
    NoZone(String),
    /// Outside the years that can be written with four digits.
    #[error("{0} µs lies outside the years 0000 to 9999")]
    OutOfRange(i64),
}

impl Micros {
    /// Bytes of [`Micros::fixed`].
    pub const FIXED_LEN: usize = 27;

    /// From microseconds since the epoch; refuses what RFC 3339 cannot write (years outside 0000–9999).
    pub fn new(micros: i64) -> Result<Self, TimeError> {
        const YEAR_0000: i64 = -62_167_219_200_000_000;
        const YEAR_9999_END: i64 = 253_402_207_200_000_000;
        if (YEAR_0000..=YEAR_9999_END).contains(&micros) {
            Ok(Self(micros))
        } else {
            Err(TimeError::OutOfRange(micros))
        }
    }

    /// Microseconds since the epoch.
    pub const fn get(self) -> i64 {
        self.0
    }

    /// Always 27 bytes, `2026-11-23T06:07:12.345678Z`: the width that lets a sequencer stamp `recorded` into an entry.
    pub fn fixed(self) -> String {
        format!("{:.6}", self.timestamp())
    }

    /// Whole seconds since the epoch, rounded down.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// As a [`jiff::Timestamp`].
    pub fn timestamp(self) -> Timestamp {
        Timestamp::from_microsecond(self.0).expect("checked in Micros::new")
    }
}

impl From<Timestamp> for Micros {
    fn from(t: Timestamp) -> Self {
        Self(t.as_microsecond())
    }
}

/// `2026-11-23T06:05:00Z`, with a fraction only where there is one.
impl fmt::Display for Micros {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.timestamp())
    }
}

/// Reads an RFC 3339 time with `Z` or an offset; digits below a microsecond are cut.
impl FromStr for Micros {
    type Err = TimeError;

    fn from_str(s: &str) -> Result<Self, TimeError> {
        if let Ok(t) = s.parse::<Timestamp>() {
            return Self::new(t.as_microsecond());
        }
        match s.parse::<jiff::civil::DateTime>() {
            Ok(_) => Err(TimeError::NoZone(s.to_owned())),
            Err(_) => Err(TimeError::Malformed(s.chars().take(64).collect())),
        }
    }
}

impl Serialize for Micros {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Micros {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(d)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// A time exactly as its source wrote it, with the instant that it means: the offset of an imported log is part of its
/// content and must survive import and export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeText {
    text: String,
    instant: Micros,
}

impl TimeText {
    /// Keeps `text`; `instant` is what it means. Use [`FromStr`] where the text is RFC 3339, this where a reader has
    /// already worked the instant out (another notation, a zone named by the user).
    pub fn new(text: impl Into<String>, instant: Micros) -> Self {
        Self {
            text: text.into(),
            instant,
        }
    }

    /// The source's own words.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The instant.
    pub const fn instant(&self) -> Micros {
        self.instant
    }
}

impl FromStr for TimeText {
    type Err = TimeError;

    fn from_str(s: &str) -> Result<Self, TimeError> {
        Ok(Self {
            text: s.to_owned(),
            instant: s.parse()?,
        })
    }
}

/// As `"text"` where the text itself tells the instant, else as `["text", "2026-…Z"]`.
impl Serialize for TimeText {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        if self.text.parse::<Micros>() == Ok(self.instant) {
            s.serialize_str(&self.text)
        } else {
            (&self.text, self.instant).serialize(s)
        }
    }
}

impl<'de> Deserialize<'de> for TimeText {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Plain(String),
            Both(String, Micros),
        }
        match Written::deserialize(d)? {
            Written::Plain(text) => text.parse().map_err(serde::de::Error::custom),
            Written::Both(text, instant) => Ok(Self { text, instant }),
        }
    }
}
