//! What all readers share: counting, progress, times, values by declared type.

use std::{cell::Cell, collections::HashMap, rc::Rc};

use model::{TimeText, Value};

use super::index::Index;
use crate::{
    AttrDecl, Cause, Event, Item, LogMeta, Object, Options, Place, Reject, Sink, Summary, TypeDecl,
    What, Zone, input::scan::Fault, item::cut, times,
};

/// Bytes between two calls of [`Sink::progress`].
const STEP: u64 = 1 << 20;

/// Where readers put what they find.
pub(crate) struct Out<'a> {
    pub options: &'a Options,
    pub summary: Summary,
    sink: &'a mut dyn Sink,
    /// Bytes of the file read in this pass.
    read: Rc<Cell<u64>>,
    total: u64,
    /// Bytes read in earlier passes.
    before: u64,
    /// A further pass will follow.
    again: bool,
    reported: u64,
    event_ids: Index,
    /// Ids of the objects of OCEL with the place of their type in `types`.
    object_ids: Index,
    types: Vec<String>,
}

/// Why a text is no value.
pub(crate) struct NotA {
    pub expected: &'static str,
}

impl<'a> Out<'a> {
    pub(crate) fn new(options: &'a Options, sink: &'a mut dyn Sink) -> Self {
        Self {
            options,
            summary: Summary::default(),
            sink,
            read: Rc::default(),
            total: 0,
            before: 0,
            again: false,
            reported: 0,
            event_ids: Index::default(),
            object_ids: Index::default(),
            types: Vec::new(),
        }
    }

    /// A pass over the file begins.
    pub(crate) fn pass(&mut self, read: Rc<Cell<u64>>, total: u64) {
        self.before += self.read.get();
        self.read = read;
        self.total = total;
        self.again = false;
    }

    /// The file must be read once more.
    pub(crate) fn once_more(&mut self) {
        self.again = true;
    }

    /// The reading ends.
    pub(crate) fn end(&mut self) {
        self.summary.bytes = self.before + self.read.get();
        let bytes = self.summary.bytes;
        self.sink.progress(bytes, bytes);
    }

    fn progress(&mut self) {
        let read = self.before + self.read.get();
        if read - self.reported >= STEP {
            self.reported = read;
            let total = self.before + self.total * (1 + u64::from(self.again));
            self.sink.progress(read, total.max(read));
        }
    }

    fn item(&mut self, item: Item) -> Result<(), Cause> {
        self.progress();
        self.sink.item(item).map_err(|_| Cause::Stopped)
    }

    pub(crate) fn log(&mut self, log: LogMeta) -> Result<(), Cause> {
        if log.is_empty() {
            Ok(())
        } else {
            self.item(Item::Log(log))
        }
    }

    pub(crate) fn object(&mut self, object: Object) -> Result<(), Cause> {
        self.summary.objects += 1;
        self.item(Item::Object(object))
    }

    /// An object of OCEL: its id must be its own, and its type is remembered for the events that refer to it.
    pub(crate) fn object_once(&mut self, object: Object) -> Result<(), Cause> {
        let type_number = match self.types.iter().position(|t| *t == object.object_type) {
            Some(at) => at,
            None => {
                self.types.push(object.object_type.clone());
                self.types.len() - 1
            }
        };
        if self
            .object_ids
            .insert(&object.id, type_number as u32)?
            .is_some()
        {
            let reject = Reject::new(
                What::Object,
                object.place,
                "id",
                "an id of its own",
                &object.id,
            );
            self.reject(reject.with_id(Some(&object.id)));
            return Ok(());
        }
        self.object(object)
    }

    /// An event; its id must be its own if it has one. Types of objects are filled in where they are known.
    pub(crate) fn event(&mut self, mut event: Event) -> Result<(), Cause> {
        if let Some(id) = &event.id
            && let Some(first) = self.event_ids.insert(id, event.place.number as u32)?
        {
            let expected = format!("an id of its own; event number {first} has it already");
            self.reject(
                Reject::new(What::Event, event.place, "id", expected, id).with_id(Some(id)),
            );
            return Ok(());
        }
        for object in event.objects.iter_mut().filter(|o| o.object_type.is_none()) {
            object.object_type = self
                .object_ids
                .get(&object.id)?
                .and_then(|n| self.types.get(n as usize))
                .cloned();
        }
        self.summary.events += 1;
        self.item(Item::Event(event))
    }

    pub(crate) fn reject(&mut self, reject: Reject) {
        self.progress();
        self.summary.rejects += 1;
        self.sink.reject(reject);
    }

    pub(crate) fn guessed(&mut self, mapping: &crate::Mapping) {
        self.sink.guessed(mapping);
    }

    /// Reads a time as ISO 8601 or by `pattern`.
    pub(crate) fn time_by(&mut self, text: &str, pattern: Option<&str>) -> Result<TimeText, NotA> {
        let read = match pattern {
            None => times::iso(text),
            Some(pattern) => times::pattern(text, pattern),
        };
        let read = read.ok_or(NotA {
            expected: "a date and time such as 2026-11-23T14:05:00+08:00",
        })?;
        let utc = Zone::utc();
        let zone = match (&self.options.zone, read.offset) {
            (_, Some(_)) => &utc,
            (Some(zone), None) => {
                self.summary.times_without_zone += 1;
                zone
            }
            (None, None) => {
                self.summary.times_without_zone += 1;
                return Err(NotA {
                    expected: "a time with its zone, such as +08:00 (name the zone to read it)",
                });
            }
        };
        let instant = read.instant(zone).ok_or(NotA {
            expected: "a time within the years 0000 to 9999",
        })?;
        Ok(TimeText::new(text, instant))
    }

    pub(crate) fn time(&mut self, text: &str) -> Result<TimeText, NotA> {
        self.time_by(text, None)
    }

    /// A value of an OCEL attribute from its text. What is not of the declared type stays text; but a time without a
    /// zone is refused, because as text it would be lost to every clock.
    pub(crate) fn typed(&mut self, text: &str, kind: Decl) -> Result<Value, NotA> {
        let kept = || Value::String(text.to_owned());
        Ok(match kind {
            Decl::Text => kept(),
            Decl::Int => text.trim().parse().map_or_else(|_| kept(), Value::Int),
            Decl::Float => float(text).map_or_else(kept, Value::Float),
            Decl::Bool => boolean(text).map_or_else(kept, Value::Bool),
            Decl::Time if times::iso(text).is_none() => kept(),
            Decl::Time => Value::Time(self.time(text)?),
        })
    }
}

/// A declared type of OCEL, as far as it changes how a value is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Decl {
    #[default]
    Text,
    Int,
    Float,
    Bool,
    Time,
}

impl Decl {
    pub(crate) fn of(kind: &str) -> Self {
        match kind.to_ascii_lowercase().as_str() {
            "integer" | "int" | "long" => Self::Int,
            "float" | "double" | "real" | "number" => Self::Float,
            "boolean" | "bool" => Self::Bool,
            "time" | "date" | "datetime" | "timestamp" => Self::Time,
            _ => Self::Text,
        }
    }
}

/// Declared types by type and attribute.
#[derive(Default)]
pub(crate) struct Decls(HashMap<String, HashMap<String, Decl>>);

impl Decls {
    pub(crate) fn add(&mut self, of: &TypeDecl) {
        let attrs = self.0.entry(of.name.clone()).or_default();
        attrs.extend(
            of.attrs
                .iter()
                .map(|AttrDecl { name, kind }| (name.clone(), Decl::of(kind))),
        );
    }

    pub(crate) fn get(&self, of: &str, attr: &str) -> Decl {
        self.0
            .get(of)
            .and_then(|attrs| attrs.get(attr))
            .copied()
            .unwrap_or_default()
    }
}

/// A floating-point number as XML Schema and Rust write it.
pub(crate) fn float(text: &str) -> Option<f64> {
    match text.trim() {
        "INF" => Some(f64::INFINITY),
        "-INF" => Some(f64::NEG_INFINITY),
        text => text.parse().ok(),
    }
}

pub(crate) fn boolean(text: &str) -> Option<bool> {
    match text.trim() {
        "true" | "True" | "TRUE" | "1" => Some(true),
        "false" | "False" | "FALSE" | "0" => Some(false),
        _ => None,
    }
}

/// The first thing that is wrong with an element; with it the element is refused when it ends.
#[derive(Default)]
pub(crate) struct Bad(Option<(String, String, String)>);

impl Bad {
    pub(crate) fn set(&mut self, field: &str, expected: impl Into<String>, found: &str) {
        if self.0.is_none() {
            self.0 = Some((cut(field), expected.into(), cut(found)));
        }
    }

    pub(crate) fn fault(&mut self, field: &str, fault: Option<Fault>) {
        if let Some(fault) = fault {
            let (expected, found) = fault.words();
            self.set(field, expected, &found);
        }
    }

    /// The reject, if anything was wrong.
    pub(crate) fn take(&mut self, what: What, place: Place, id: Option<&str>) -> Option<Reject> {
        let (field, expected, found) = self.0.take()?;
        Some(Reject {
            what,
            place,
            id: id.filter(|id| !id.is_empty()).map(cut),
            field,
            expected,
            found,
        })
    }

    pub(crate) fn is_set(&self) -> bool {
        self.0.is_some()
    }
}
