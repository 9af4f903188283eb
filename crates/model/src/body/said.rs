//! What rules need of a body, borrowed from its bytes: attributes, whether the time was only a day, whether it was imported.
//!
//! Rules read every body once as it comes; building names, nested attributes and texts of its own would be most of that work.
//! Not for anything else: [`super::Body`] is the body.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Error as _, IgnoredAny, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::BodyError;
use crate::{Commitment, Micros};

/// See the module.
#[derive(Debug)]
pub struct Said<'a> {
    /// Length in bytes of the time as its source wrote it, where the body says that.
    pub occurred_len: Option<usize>,
    /// Whether another system is named as the source.
    pub imported: bool,
    /// Key and value of each attribute that has a single value, in order.
    pub attrs: Vec<(Cow<'a, str>, SaidValue<'a>)>,
}

/// A single value of an attribute.
#[derive(Clone, Debug, PartialEq)]
pub enum SaidValue<'a> {
    /// Text, or an id.
    Text(Cow<'a, str>),
    /// Whole number.
    Int(i64),
    /// Floating-point number.
    Float(f64),
    /// Truth value.
    Bool(bool),
    /// An instant.
    Time(Micros),
}

impl<'a> Said<'a> {
    /// Reads a body and checks it against the header's commitment. What is not asked for is only read as JSON.
    pub fn open(bytes: &'a [u8], commitment: &Commitment) -> Result<Self, BodyError> {
        if !commitment.holds(bytes) {
            return Err(BodyError::Mismatch);
        }
        let written: Written<'a> = serde_json::from_slice(bytes)?;
        let single = |attr: WrittenAttr<'a>| {
            let value = match attr.v {
                WrittenValue::Text(t) | WrittenValue::Id(t) => SaidValue::Text(t),
                WrittenValue::Int(n) => SaidValue::Int(n),
                WrittenValue::Float(n) => SaidValue::Float(n.0),
                WrittenValue::Bool(b) => SaidValue::Bool(b),
                WrittenValue::Time(t) => SaidValue::Time(t.instant),
                WrittenValue::List(_) | WrittenValue::Container(_) | WrittenValue::Null => {
                    return None;
                }
            };
            Some((attr.k, value))
        };
        Ok(Self {
            occurred_len: written.occurred.map(|t| t.len),
            imported: written.source.is_some(),
            attrs: written.attrs.into_iter().filter_map(single).collect(),
        })
    }

    /// The first value of that key.
    pub fn value(&self, key: &str) -> Option<&SaidValue<'a>> {
        self.attrs.iter().find(|(k, _)| k == key).map(|(_, v)| v)
    }

    /// The text of the first value of that key.
    pub fn text(&self, key: &str) -> Option<&str> {
        match self.value(key)? {
            SaidValue::Text(text) => Some(text),
            _ => None,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written<'a> {
    #[serde(rename = "salt")]
    _salt: IgnoredAny,
    #[serde(rename = "names", default)]
    _names: IgnoredAny,
    #[serde(default)]
    occurred: Option<Time>,
    #[serde(default, borrow)]
    attrs: Vec<WrittenAttr<'a>>,
    #[serde(rename = "relations", default)]
    _relations: IgnoredAny,
    #[serde(rename = "words", default)]
    _words: IgnoredAny,
    #[serde(rename = "files", default)]
    _files: IgnoredAny,
    #[serde(default)]
    source: Option<IgnoredAny>,
    #[serde(rename = "pad", default)]
    _pad: IgnoredAny,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenAttr<'a> {
    #[serde(borrow)]
    k: Cow<'a, str>,
    #[serde(borrow)]
    v: WrittenValue<'a>,
    #[serde(rename = "at", default)]
    _at: IgnoredAny,
    #[serde(rename = "a", default)]
    _children: IgnoredAny,
}

#[derive(Deserialize)]
enum WrittenValue<'a> {
    #[serde(rename = "s", borrow)]
    Text(Cow<'a, str>),
    #[serde(rename = "i")]
    Int(i64),
    #[serde(rename = "f")]
    Float(Float),
    #[serde(rename = "b")]
    Bool(bool),
    #[serde(rename = "t")]
    Time(Time),
    #[serde(rename = "d", borrow)]
    Id(Cow<'a, str>),
    #[serde(rename = "l")]
    List(IgnoredAny),
    #[serde(rename = "c")]
    Container(IgnoredAny),
    #[serde(rename = "n")]
    Null,
}

/// As [`crate::TimeText`] is written.
struct Time {
    len: usize,
    instant: Micros,
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct Parts;
        impl<'de> Visitor<'de> for Parts {
            type Value = Time;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a time, or a time as written and its instant")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Time, E> {
                let (len, instant) = (text.len(), text.parse().map_err(E::custom)?);
                Ok(Time { len, instant })
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Time, A::Error> {
                let text: Option<Cow<'de, str>> = seq.next_element()?;
                let len = text
                    .ok_or_else(|| A::Error::invalid_length(0, &self))?
                    .len();
                let instant = seq.next_element()?;
                let instant = instant.ok_or_else(|| A::Error::invalid_length(1, &self))?;
                Ok(Time { len, instant })
            }
        }
        d.deserialize_any(Parts)
    }
}

/// As a [`crate::Value::Float`] is written: odd ones as text.
struct Float(f64);

impl<'de> Deserialize<'de> for Float {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct Number;
        impl Visitor<'_> for Number {
            type Value = Float;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number")
            }
            fn visit_f64<E>(self, n: f64) -> Result<Float, E> {
                Ok(Float(n))
            }
            #[allow(clippy::cast_precision_loss, reason = "as JSON has it")]
            fn visit_u64<E>(self, n: u64) -> Result<Float, E> {
                Ok(Float(n as f64))
            }
            #[allow(clippy::cast_precision_loss, reason = "as JSON has it")]
            fn visit_i64<E>(self, n: i64) -> Result<Float, E> {
                Ok(Float(n as f64))
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Float, E> {
                text.parse().map(Float).map_err(E::custom)
            }
        }
        d.deserialize_any(Number)
    }
}
