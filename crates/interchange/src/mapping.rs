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

/// Names of columns, without case, blanks, `_`, `-` and `:`, the surest first.
const ACTIVITY: &[&str] = &[
    "conceptname",
    "ocelactivity",
    "activity",
    "activityname",
    "activityid",
    "eventname",
    "task",
    "taskname",
    "step",
    "action",
    "operation",
    "event",
    "活动",
    "活动名称",
    "环节",
    "环节名称",
    "步骤",
    "操作",
    "动作",
    "办理事项",
    "事项",
];
const TIME: &[&str] = &[
    "timetimestamp",
    "oceltimestamp",
    "timestamp",
    "time",
    "datetime",
    "completetimestamp",
    "completetime",
    "endtime",
    "eventtime",
    "occurredat",
    "createdat",
    "starttimestamp",
    "starttime",
    "date",
    "时间",
    "发生时间",
    "办理时间",
    "操作时间",
    "完成时间",
    "日期",
];
const CASE_ID: &[&str] = &[
    "caseconceptname",
    "caseid",
    "case",
    "casenumber",
    "caseno",
    "traceid",
    "trace",
    "processinstance",
    "案件编号",
    "案号",
    "案件",
    "案件号",
    "流程编号",
    "流水号",
    "工单编号",
    "单号",
    "编号",
];
const EVENT_ID: &[&str] = &[
    "oceleid",
    "ocelid",
    "eventid",
    "eventidentifier",
    "identityid",
    "事件编号",
    "事件标识",
];

/// Patterns tried where times are not ISO 8601. None of them can be read as another.
const PATTERNS: &[&str] = &[
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y",
    "%Y年%m月%d日 %H:%M:%S",
    "%Y年%m月%d日 %H:%M",
    "%Y年%m月%d日%H时%M分",
    "%Y年%m月%d日",
];

/// A mapping that fits a header and the first rows. Recognises the column names of PM4Py, OCEL's CSV, common English
/// ones and Chinese ones; a column of times is known by its content as well. Types are not guessed: `007` stays a text.
///
/// # Errors
/// [`MappingError::NoGuess`] if no column can be the activity or the time.
pub fn guess(header: &[String], rows: &[Vec<String>]) -> Result<Mapping, MappingError> {
    let plain = |name: &str| -> String {
        name.to_lowercase()
            .chars()
            .filter(|c| !c.is_whitespace() && !matches!(c, '_' | '-' | ':' | '.'))
            .collect()
    };
    let names: Vec<String> = header.iter().map(|h| plain(h)).collect();
    let named = |list: &[&str]| {
        list.iter()
            .find_map(|wanted| names.iter().position(|n| n == wanted))
    };
    let no = |what| MappingError::NoGuess {
        what,
        columns: header
            .iter()
            .take(40)
            .map(|h| crate::item::cut(h))
            .collect::<Vec<_>>()
            .join(", "),
    };
    let cells = |at: usize| {
        rows.iter()
            .filter_map(move |row| row.get(at))
            .map(|c| c.trim())
            .filter(|c| !c.is_empty())
    };
    // `Some(None)`: ISO 8601; `Some(Some(pattern))`: that; `None`: no times.
    let format = |at: usize| {
        let all = |read: &dyn Fn(&str) -> bool| cells(at).next().is_some() && cells(at).all(read);
        if all(&|c| crate::times::iso(c).is_some()) {
            return Some(None);
        }
        if let Some(pattern) = PATTERNS
            .iter()
            .find(|p| all(&|c| crate::times::pattern(c, p).is_some()))
        {
            return Some(Some((*pattern).to_owned()));
        }
        let digits = |n: usize| all(&|c| c.len() == n && c.bytes().all(|b| b.is_ascii_digit()));
        // Seconds since 1970 have had ten digits since 2001, milliseconds thirteen.
        [(10, "epoch-s"), (13, "epoch-ms")]
            .into_iter()
            .find(|(n, _)| digits(*n))
            .map(|(_, name)| Some(name.to_owned()))
    };
    let by_name: Vec<usize> = TIME
        .iter()
        .filter_map(|wanted| names.iter().position(|n| n == wanted))
        .collect();
    let readable = by_name.iter().copied().find(|at| format(*at).is_some());
    let by_content = || {
        (0..header.len())
            .find(|at| format(*at).is_some_and(|f| f.is_none_or(|f| !f.starts_with("epoch"))))
    };
    let time = readable
        .or_else(by_content)
        .or(by_name.first().copied())
        .ok_or_else(|| no("time"))?;
    let activity = named(ACTIVITY)
        .filter(|at| *at != time)
        .ok_or_else(|| no("activity"))?;
    let event = EventColumns {
        activity: header[activity].clone(),
        time: header[time].clone(),
        time_format: format(time).flatten(),
        id: named(EVENT_ID)
            .filter(|at| *at != time && *at != activity)
            .map(|at| header[at].clone()),
    };
    let mut objects = Vec::new();
    if let Some(case) = named(CASE_ID).filter(|at| *at != time && *at != activity) {
        let described = |h: &&String| h.starts_with("case:") && **h != header[case];
        let attribute = |h: &String| AttributeColumn {
            column: h.clone(),
            name: h.strip_prefix("case:").map(str::to_owned),
            kind: Kind::String,
        };
        objects.push(ObjectColumn {
            column: header[case].clone(),
            object_type: crate::CASE.into(),
            qualifier: None,
            many: one(),
            attributes: header.iter().filter(described).map(attribute).collect(),
        });
    }
    for (at, name) in header.iter().enumerate() {
        let Some(object_type) = name.strip_prefix("ocel:type:").filter(|t| !t.is_empty()) else {
            continue;
        };
        let many = if cells(at).any(|c| c.starts_with('[')) || rows.is_empty() {
            "json".into()
        } else {
            one()
        };
        objects.push(ObjectColumn {
            column: name.clone(),
            object_type: object_type.into(),
            qualifier: None,
            many,
            attributes: Vec::new(),
        });
    }
    Ok(Mapping {
        delimiter: None,
        rest: Rest::Keep,
        event,
        objects,
        attributes: Vec::new(),
    })
}
