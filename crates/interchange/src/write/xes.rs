//! XES (IEEE 1849-2016): traces with their events, whatever the order in which events come.
//!
//! Objects of the type by which the log is flattened become traces, in the order in which they come; the same object
//! twice becomes two traces, as it was in a XES with two traces of one name. Other objects, relations and qualifiers have
//! no place in XES.

use model::{Attr, Value};

use super::{Writer, Written, common, ocel_xml::attr, spool::Sorter, target::Target};
use crate::{
    CASE, Event, EventObject, Item, LogMeta, Object, WriteError, WriteOptions,
    read::{ID, NAME, TIME},
};

/// Where events that belong to no trace stand: behind all traces.
const OUTSIDE: i64 = i64::MAX;

pub(crate) struct Xes<'a> {
    target: Target<'a>,
    gzip: bool,
    /// The type that becomes a trace, and whether the caller chose it.
    case: String,
    chosen: bool,
    meta: LogMeta,
    pieces: Sorter,
    /// Types met, for the words of an error.
    types: Vec<String>,
    piece: Vec<u8>,
    /// An event behind its id.
    rest: Vec<u8>,
    written: Written,
}

/// Types that an error names.
const TYPES: usize = 50;

impl<'a> Xes<'a> {
    pub(crate) fn new(target: Target<'a>, options: &WriteOptions) -> Result<Self, WriteError> {
        Ok(Self {
            target,
            gzip: options.gzip,
            case: options.flatten.clone().unwrap_or_else(|| CASE.into()),
            chosen: options.flatten.is_some(),
            meta: LogMeta::default(),
            pieces: Sorter::new()?,
            types: Vec::new(),
            piece: Vec::new(),
            rest: Vec::new(),
            written: Written::default(),
        })
    }

    fn meet(&mut self, object_type: &str) {
        if self.types.len() < TYPES && !self.types.iter().any(|t| t == object_type) {
            self.types.push(object_type.to_owned());
        }
    }

    fn object(&mut self, object: &Object) -> Result<(), WriteError> {
        self.meet(&object.object_type);
        if object.object_type != self.case {
            self.written
                .note("XES has no objects beside the traces: the others are left out");
            return Ok(());
        }
        if !object.relations.is_empty() {
            self.written
                .note("XES has no relations between objects: left out");
        }
        self.piece.clear();
        if !has(&object.attrs, NAME, &object.id) {
            element(&Attr::text(NAME, &object.id), 2, &mut self.piece);
        }
        if object.attrs.iter().any(|a| a.at.is_some()) {
            self.written.note("a trace has one value for each attribute: of values that changed over time the last is kept");
            let later = |n: usize, key: &str| object.attrs[n + 1..].iter().any(|a| a.key == key);
            let last = object
                .attrs
                .iter()
                .enumerate()
                .filter(|(n, a)| !later(*n, &a.key));
            last.for_each(|(_, a)| element(a, 2, &mut self.piece));
        } else {
            object
                .attrs
                .iter()
                .for_each(|a| element(a, 2, &mut self.piece));
        }
        let number = self.pieces.renumber(&object.id)?;
        self.written.objects += 1;
        self.pieces.push(number, &self.piece)
    }

    fn event(&mut self, event: &Event) -> Result<(), WriteError> {
        let mut cases: Vec<&str> = Vec::new();
        for EventObject {
            id,
            object_type,
            qualifier,
        } in &event.objects
        {
            if let Some(object_type) = object_type {
                self.meet(object_type);
            }
            if object_type.as_deref() != Some(self.case.as_str()) {
                self.written
                    .note("XES has no objects beside the traces: the others are left out");
            } else if !cases.contains(&id.as_str()) {
                cases.push(id);
                if qualifier.is_some() {
                    self.written.note("XES has no qualifiers: left out");
                }
            }
        }
        let outside = event.objects.is_empty() && !self.chosen;
        if cases.is_empty() && !outside {
            self.written.left_out += 1;
            return Ok(());
        }
        let depth = if outside { 2 } else { 3 };
        let id = event.id.as_ref().filter(|id| !has(&event.attrs, ID, id));
        self.rest.clear();
        if !has(&event.attrs, NAME, &event.activity) {
            element(&Attr::text(NAME, &event.activity), depth, &mut self.rest);
        }
        if !has(&event.attrs, TIME, event.time.text()) {
            element(
                &Attr::new(TIME, Value::Time(event.time.clone())),
                depth,
                &mut self.rest,
            );
        }
        event
            .attrs
            .iter()
            .for_each(|a| element(a, depth, &mut self.rest));
        indent(depth - 1, &mut self.rest);
        self.rest.extend_from_slice(b"</event>\n");
        if outside {
            self.begin(depth, id.cloned());
            self.piece.extend_from_slice(&self.rest);
            self.written.events += 1;
            return self.pieces.push(OUTSIDE, &self.piece);
        }
        self.written.repeated += u64::from(cases.len() > 1);
        for case in &cases {
            let (number, new) = self.pieces.number(case)?;
            if new {
                // An object that was never described.
                let mut name = Vec::new();
                element(&Attr::text(NAME, *case), 2, &mut name);
                self.pieces.push(number, &name)?;
                self.written.objects += 1;
            }
            // Each of several copies is an event of its own, and needs an id of its own.
            let id = id.map(|id| {
                if cases.len() > 1 {
                    format!("{id}/{case}")
                } else {
                    id.clone()
                }
            });
            self.begin(depth, id);
            self.piece.extend_from_slice(&self.rest);
            self.written.events += 1;
            self.pieces.push(number, &self.piece)?;
        }
        Ok(())
    }

    /// The beginning of an event.
    fn begin(&mut self, depth: usize, id: Option<String>) {
        self.piece.clear();
        indent(depth - 1, &mut self.piece);
        self.piece.extend_from_slice(b"<event>\n");
        if let Some(id) = id {
            element(&Attr::new(ID, Value::Id(id)), depth, &mut self.piece);
        }
    }
}

/// Do the attributes hold this one themselves, because it says more than a plain value? (See the reader.)
fn has(attrs: &[Attr], key: &str, value: &str) -> bool {
    attrs.iter().find(|a| a.key == key).is_some_and(|a| {
        let plain = a.children.is_empty()
            && match key {
                NAME => matches!(a.value, Value::String(_)),
                TIME => matches!(a.value, Value::Time(_)),
                _ => matches!(a.value, Value::Id(_)),
            };
        let same = match &a.value {
            Value::Time(t) => t.text() == value,
            other => common::text(other).is_some_and(|t| t == value),
        };
        !plain && same
    })
}

fn indent(depth: usize, out: &mut Vec<u8>) {
    out.resize(out.len() + depth, b'\t');
}

/// An attribute with everything in it.
fn element(of: &Attr, depth: usize, out: &mut Vec<u8>) {
    let name = match of.value {
        Value::String(_) | Value::Null => "string",
        Value::Int(_) => "int",
        Value::Float(_) => "float",
        Value::Bool(_) => "boolean",
        Value::Time(_) => "date",
        Value::Id(_) => "id",
        Value::List(_) => "list",
        Value::Container(_) => "container",
    };
    indent(depth, out);
    out.push(b'<');
    out.extend_from_slice(name.as_bytes());
    attr("key", &of.key, out);
    match &of.value {
        Value::List(_) | Value::Container(_) => {}
        Value::Float(n) if !n.is_finite() => {
            attr(
                "value",
                if n.is_nan() {
                    "NaN"
                } else if *n > 0.0 {
                    "INF"
                } else {
                    "-INF"
                },
                out,
            );
        }
        value => {
            if let Some(text) = common::text(value) {
                attr("value", &text, out);
            }
        }
    }
    let inner: &[Attr] = match &of.value {
        Value::List(list) | Value::Container(list) => list,
        _ => &[],
    };
    let is_list = matches!(of.value, Value::List(_));
    if !is_list && inner.is_empty() && of.children.is_empty() {
        out.extend_from_slice(b"/>\n");
        return;
    }
    out.extend_from_slice(b">\n");
    of.children.iter().for_each(|a| element(a, depth + 1, out));
    if is_list {
        indent(depth + 1, out);
        out.extend_from_slice(b"<values>\n");
        inner.iter().for_each(|a| element(a, depth + 2, out));
        indent(depth + 1, out);
        out.extend_from_slice(b"</values>\n");
    } else {
        inner.iter().for_each(|a| element(a, depth + 1, out));
    }
    indent(depth, out);
    out.extend_from_slice(b"</");
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b">\n");
}

fn head(meta: &LogMeta) -> Vec<u8> {
    let mut out = b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<log".to_vec();
    if meta.root.is_empty() {
        attr("xes.version", "1849-2016", &mut out);
        attr("xes.features", "nested-attributes", &mut out);
        attr("xmlns", "http://www.xes-standard.org/", &mut out);
    }
    meta.root
        .iter()
        .for_each(|(key, value)| attr(key, value, &mut out));
    out.extend_from_slice(b">\n");
    for extension in &meta.extensions {
        out.extend_from_slice(b"\t<extension");
        attr("name", &extension.name, &mut out);
        attr("prefix", &extension.prefix, &mut out);
        attr("uri", &extension.uri, &mut out);
        out.extend_from_slice(b"/>\n");
    }
    for global in &meta.globals {
        out.extend_from_slice(b"\t<global");
        if let Some(scope) = &global.scope {
            attr("scope", scope, &mut out);
        }
        out.extend_from_slice(b">\n");
        global.attrs.iter().for_each(|a| element(a, 2, &mut out));
        out.extend_from_slice(b"\t</global>\n");
    }
    for classifier in &meta.classifiers {
        out.extend_from_slice(b"\t<classifier");
        attr("name", &classifier.name, &mut out);
        if let Some(scope) = &classifier.scope {
            attr("scope", scope, &mut out);
        }
        attr("keys", &classifier.keys, &mut out);
        out.extend_from_slice(b"/>\n");
    }
    meta.attrs.iter().for_each(|a| element(a, 1, &mut out));
    out
}

impl Writer for Xes<'_> {
    fn item(&mut self, item: &Item) -> Result<(), WriteError> {
        match item {
            Item::Log(meta) => {
                self.meta.merge(meta.clone());
                Ok(())
            }
            Item::Object(object) => self.object(object),
            Item::Event(event) => self.event(event),
        }
    }

    fn finish(self: Box<Self>) -> Result<Written, WriteError> {
        let Self {
            target,
            gzip,
            meta,
            pieces,
            types,
            mut written,
            ..
        } = *self;
        if written.objects == 0 && written.events == 0 && written.left_out > 0 {
            return Err(WriteError::NoCases { types });
        }
        if written.left_out > 0 {
            written.note("events about no object of the chosen type are left out");
        }
        target.deliver(gzip, |out| {
            out.write_all(&head(&meta))?;
            let mut open = None;
            pieces.each(|number, piece| {
                if open != Some(number) {
                    if open.is_some() {
                        out.write_all(b"\t</trace>\n")?;
                    }
                    open = None;
                    if number != OUTSIDE {
                        out.write_all(b"\t<trace>\n")?;
                        open = Some(number);
                    }
                }
                Ok(out.write_all(piece)?)
            })?;
            if open.is_some() {
                out.write_all(b"\t</trace>\n")?;
            }
            Ok(out.write_all(b"</log>\n")?)
        })?;
        Ok(written)
    }
}
