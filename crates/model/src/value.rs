//! Attributes of events and objects: the union of what XES (IEEE 1849) and OCEL 2.0 can say.
//!
//! Not for rules to compare on: rules read headers; attributes are part of a body.

use serde::{Deserialize, Serialize};

use crate::TimeText;

/// A value with its type, so that `1`, `1.0` and `"1"` stay what they were through import and export.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Value {
    /// Text.
    #[serde(rename = "s")]
    String(String),
    /// Whole number.
    #[serde(rename = "i")]
    Int(i64),
    /// Floating-point number; NaN and infinities are kept (JSON cannot write them, so they stand as text).
    #[serde(rename = "f", with = "float")]
    Float(f64),
    /// Truth value.
    #[serde(rename = "b")]
    Bool(bool),
    /// Date and time as written.
    #[serde(rename = "t")]
    Time(TimeText),
    /// XES `id`: a UUID by the standard, any text in practice.
    #[serde(rename = "d")]
    Id(String),
    /// XES `list`: ordered, keys may repeat.
    #[serde(rename = "l")]
    List(Vec<Attr>),
    /// XES `container`: unordered by the standard; the order of the file is kept.
    #[serde(rename = "c")]
    Container(Vec<Attr>),
    /// Present without a value.
    #[serde(rename = "n")]
    Null,
}

/// One attribute: key, value, since when (objects of OCEL 2.0 only), nested attributes (XES only).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attr {
    /// Name of the attribute.
    #[serde(rename = "k")]
    pub key: String,
    /// Its value.
    #[serde(rename = "v")]
    pub value: Value,
    /// From when the value holds; `None` for an event's attribute.
    #[serde(rename = "at", default, skip_serializing_if = "Option::is_none")]
    pub at: Option<TimeText>,
    /// Attributes of this attribute.
    #[serde(rename = "a", default, skip_serializing_if = "Vec::is_empty")]
    pub children: Vec<Attr>,
}

impl Attr {
    /// An attribute without time and children.
    pub fn new(key: impl Into<String>, value: Value) -> Self {
        Self {
            key: key.into(),
            value,
            at: None,
            children: Vec::new(),
        }
    }

    /// A text attribute.
    pub fn text(key: impl Into<String>, value: impl Into<String>) -> Self {
        Self::new(key, Value::String(value.into()))
    }
}

impl Value {
    /// The text of a [`Value::String`] or [`Value::Id`].
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(s) | Self::Id(s) => Some(s),
            _ => None,
        }
    }
}

mod float {
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(v: &f64, s: S) -> Result<S::Ok, S::Error> {
        if v.is_finite() {
            s.serialize_f64(*v)
        } else {
            s.serialize_str(&v.to_string())
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<f64, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Number(f64),
            Text(String),
        }
        match Written::deserialize(d)? {
            Written::Number(v) => Ok(v),
            Written::Text(t) => t.parse().map_err(serde::de::Error::custom),
        }
    }
}
