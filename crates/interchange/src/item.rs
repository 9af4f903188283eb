//! What a reader delivers and a writer takes: a log's description, objects, events, and what had to be refused.
//!
//! The words are those of OCEL 2.0; XES fits in (a trace is an object of type [`CASE`]). Not entries of a ledger and not
//! rows of a register: nothing here is signed, numbered or checked against a law.

use std::fmt;

use model::{Attr, TimeText};
use serde::{Deserialize, Serialize};

/// Object type under which the traces of XES and the cases of a flat CSV stand.
pub const CASE: &str = "case";

/// One thing out of a log, in the order of the file.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// What the log says about itself. May come several times; later ones add to earlier ones ([`LogMeta::merge`]).
    Log(LogMeta),
    /// An object. May come again under the same id: attributes and relations then add up. Stands before the events
    /// that refer to it, whatever the order of the file.
    Object(Object),
    /// An event.
    Event(Event),
}

/// What a log says about itself: enough to write its head again.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogMeta {
    /// Attributes of the root element as written (`xes.version`, `xes.features`, `xmlns` …). XML only.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub root: Vec<(String, String)>,
    /// Extensions declared. XES only.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub extensions: Vec<Extension>,
    /// Attributes that every trace or event is said to have. XES and OCEL 1 XML.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub globals: Vec<Global>,
    /// Classifiers. XES only.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub classifiers: Vec<Classifier>,
    /// Attributes of the log; the global blocks of OCEL 1 JSON stand here as containers under their own names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attrs: Vec<Attr>,
    /// Event types with their attributes. OCEL 2.0.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub event_types: Vec<TypeDecl>,
    /// Object types with their attributes. OCEL 2.0.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub object_types: Vec<TypeDecl>,
}

/// A XES extension.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extension {
    /// Name, for example `Concept`.
    pub name: String,
    /// Prefix of its keys, for example `concept`.
    pub prefix: String,
    /// Where it is defined; never fetched.
    pub uri: String,
}

/// A `global` element.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Global {
    /// `trace` or `event` in XES; `event`, `object` or `log` in OCEL 1.
    pub scope: Option<String>,
    /// The attributes with their default values.
    pub attrs: Vec<Attr>,
}

/// A XES classifier: which attributes tell one kind of event from another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Classifier {
    /// Name.
    pub name: String,
    /// `event` or `trace`; absent in XES 1.0.
    pub scope: Option<String>,
    /// Keys as written, separated by blanks.
    pub keys: String,
}

/// A type of events or objects as OCEL 2.0 declares it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TypeDecl {
    /// Name of the type.
    pub name: String,
    /// Its attributes.
    pub attrs: Vec<AttrDecl>,
}

/// An attribute of a declared type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttrDecl {
    /// Name.
    pub name: String,
    /// `string`, `time`, `integer`, `float` or `boolean`, as written.
    pub kind: String,
}

/// A thing that events are about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Object {
    /// The file's own id; unique among all objects of a file, whatever their type.
    pub id: String,
    /// Type.
    pub object_type: String,
    /// Attributes. `at` says since when a value holds; `None` = from the beginning (OCEL 2.0 writes 1970-01-01T00:00:00Z).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attrs: Vec<Attr>,
    /// Other objects that this one is related to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub relations: Vec<Relation>,
    /// Where it stands in the file.
    #[serde(skip)]
    pub place: Place,
}

/// A relation from an object to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relation {
    /// Id of the other object.
    pub object: String,
    /// What it is to this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub qualifier: Option<String>,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// The file's own id (`identity:id` in XES); `None` where the file gives none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What was done.
    pub activity: String,
    /// When.
    pub time: TimeText,
    /// Objects that it is about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub objects: Vec<EventObject>,
    /// Everything else, in the order of the file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attrs: Vec<Attr>,
    /// Which of its trace, from 1. XES only, where the order of a trace says more than its times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ordinal: Option<u64>,
    /// Where it stands in the file.
    #[serde(skip)]
    pub place: Place,
}

/// An object that an event is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventObject {
    /// Id of the object.
    pub id: String,
    /// Its type; `None` where the file never declares the object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object_type: Option<String>,
    /// What the object is to the event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub qualifier: Option<String>,
}

/// Where something stands in a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Line, from 1; 0 where the format has no lines (SQLite).
    pub line: u64,
    /// Which of its kind in the file, from 1: event, object or row; 0 for what is not counted.
    pub number: u64,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.line, self.number) {
            (0, n) => write!(f, "number {n}"),
            (l, 0) => write!(f, "line {l}"),
            (l, n) => write!(f, "line {l} (number {n})"),
        }
    }
}

/// What could not be taken in, and why. Holds no more of the file than [`Reject::FOUND_MAX`] characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reject {
    /// What the refused thing is.
    pub what: What,
    /// Where.
    pub place: Place,
    /// The file's own id, where it could be read; cut to [`Reject::FOUND_MAX`] characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Key, column or member at fault; empty where the whole is. Cut to [`Reject::FOUND_MAX`] characters.
    pub field: String,
    /// What was expected, in words.
    pub expected: String,
    /// What stood there, cut to [`Reject::FOUND_MAX`] characters.
    pub found: String,
}

/// What was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum What {
    /// A part of the log's description; the rest of the log is not touched.
    Log,
    /// An object with its attributes.
    Object,
    /// An event with its attributes.
    Event,
    /// A XES trace's attribute; its events are not touched.
    Trace,
    /// A row of a CSV.
    Row,
}

impl What {
    /// In lower case, as in a sentence.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Log => "log",
            Self::Object => "object",
            Self::Event => "event",
            Self::Trace => "trace",
            Self::Row => "row",
        }
    }
}

impl Reject {
    /// Characters of the file that a reject may hold in one field.
    pub const FOUND_MAX: usize = 64;

    pub(crate) fn new(
        what: What,
        place: Place,
        field: &str,
        expected: impl Into<String>,
        found: &str,
    ) -> Self {
        Self {
            what,
            place,
            id: None,
            field: cut(field),
            expected: expected.into(),
            found: cut(found),
        }
    }

    pub(crate) fn with_id(mut self, id: Option<&str>) -> Self {
        self.id = id.map(cut);
        self
    }
}

/// `text` up to [`Reject::FOUND_MAX`] characters, with an ellipsis where it was longer; control characters shown as `·`,
/// because these words end on terminals and in line-based files.
pub(crate) fn cut(text: &str) -> String {
    let shown = |c: char| if c.is_control() { '·' } else { c };
    let mut chars = text.chars();
    let mut out: String = chars.by_ref().take(Reject::FOUND_MAX).map(shown).collect();
    if chars.next().is_some() {
        out.pop();
        out.push('…');
    }
    out
}

impl fmt::Display for Reject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what.name())?;
        if let Some(id) = &self.id {
            write!(f, " {id}")?;
        }
        if !self.field.is_empty() {
            write!(f, ", {}", self.field)?;
        }
        write!(f, ": expected {}", self.expected)?;
        if self.found.is_empty() {
            Ok(())
        } else {
            write!(f, ", found `{}`", self.found)
        }
    }
}

/// The receiver wants no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stop;

/// Takes what a reader finds, one thing at a time.
pub trait Sink {
    /// An item, in the order of the file. `Err(Stop)` ends the reading.
    fn item(&mut self, item: Item) -> Result<(), Stop>;

    /// Something that could not be taken in; reading goes on.
    fn reject(&mut self, reject: Reject);

    /// Bytes of the file (packed, if it is a .gz) read so far, and how many there are to read. Called about once a
    /// megabyte. The total grows once where a file must be read a second time (OCEL JSON with events before objects).
    fn progress(&mut self, _read: u64, _total: u64) {}

    /// No mapping was given for a CSV; this one was guessed and will be used. Called before the first item.
    fn guessed(&mut self, _mapping: &crate::Mapping) {}
}

impl LogMeta {
    /// Adds what a later part of the file said.
    pub fn merge(&mut self, more: Self) {
        self.root.extend(more.root);
        self.extensions.extend(more.extensions);
        self.globals.extend(more.globals);
        self.classifiers.extend(more.classifiers);
        self.attrs.extend(more.attrs);
        self.event_types.extend(more.event_types);
        self.object_types.extend(more.object_types);
    }

    /// True if nothing is said.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A whole log in memory: for tests, previews and small files.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Collected {
    /// The log's description.
    pub log: LogMeta,
    /// Objects in the order of the file.
    pub objects: Vec<Object>,
    /// Events in the order of the file.
    pub events: Vec<Event>,
    /// What was refused.
    pub rejects: Vec<Reject>,
}

impl Collected {
    /// The same without places, so that two files can be compared by content.
    #[must_use]
    pub fn without_places(mut self) -> Self {
        self.objects
            .iter_mut()
            .for_each(|o| o.place = Place::default());
        self.events
            .iter_mut()
            .for_each(|e| e.place = Place::default());
        self
    }
}

impl Sink for Collected {
    fn item(&mut self, item: Item) -> Result<(), Stop> {
        match item {
            Item::Log(more) => self.log.merge(more),
            Item::Object(o) => self.objects.push(o),
            Item::Event(e) => self.events.push(e),
        }
        Ok(())
    }

    fn reject(&mut self, reject: Reject) {
        self.rejects.push(reject);
    }
}
