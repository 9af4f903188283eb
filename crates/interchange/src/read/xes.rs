//! XES (IEEE 1849-2016, and 1.0 and 2.0 before it).
//!
//! A trace becomes an object of type [`CASE`]: its `concept:name` is the id, its other attributes the object's. Its
//! events refer to it and keep their place in it as [`Event::ordinal`]. `concept:name`, `time:timestamp` and
//! `identity:id` of an event become activity, time and id; where they hold more than a plain value (nested attributes,
//! another type) they also stay among the attributes. Extensions are named and never fetched.
//!
//! Not here: lifecycle, organisation, cost and other extensions. They are attributes like any other.

use std::mem;

use model::{Attr, TimeText, Value};

use super::{
    out::{Bad, Out, boolean, float},
    xes_attr::{AttrBuilder, attr_kind},
};
use crate::{
    CASE, Cause, Classifier, Event, EventObject, Extension, Global, LogMeta, Object, Place, Reject,
    What,
    input::xml::{Token, Xml},
};

pub(crate) const NAME: &str = "concept:name";
pub(crate) const TIME: &str = "time:timestamp";
pub(crate) const ID: &str = "identity:id";

/// Which element is being filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Level {
    Log,
    Global,
    Trace,
    Event,
}

struct Reader<'o, 'a> {
    out: &'o mut Out<'a>,
    /// Attribute that names an event's activity.
    name_key: String,
    meta: LogMeta,
    meta_size: usize,
    global: Option<Global>,
    trace: Trace,
    traces: u64,
    event: Building,
    events: u64,
    in_trace: bool,
}

#[derive(Default)]
struct Trace {
    place: Place,
    id: Option<String>,
    attrs: Vec<Attr>,
    size: usize,
    /// The object was delivered.
    delivered: bool,
    ordinal: u64,
}

#[derive(Default)]
struct Building {
    place: Place,
    activity: Option<String>,
    time: Option<TimeText>,
    id: Option<String>,
    attrs: Vec<Attr>,
    size: usize,
    bad: Bad,
}

/// Reads everything from the root on.
pub(crate) fn read(xml: &mut Xml, out: &mut Out<'_>) -> Result<(), Cause> {
    let name_key = out.options.activity.clone().unwrap_or_else(|| NAME.into());
    let mut reader = Reader {
        out,
        name_key,
        meta: LogMeta::default(),
        meta_size: 0,
        global: None,
        trace: Trace::default(),
        traces: 0,
        event: Building::default(),
        events: 0,
        in_trace: false,
    };
    let done = reader.log(xml);
    // What was begun before the file broke off is delivered as well.
    if !matches!(done, Err(Cause::Stopped)) {
        if reader.in_trace {
            reader.end_trace()?;
        }
        let meta = mem::take(&mut reader.meta);
        reader.out.log(meta)?;
    }
    done
}

impl Reader<'_, '_> {
    fn log(&mut self, xml: &mut Xml) -> Result<(), Cause> {
        match xml.next()? {
            Token::Start => {
                self.meta.root = xml.attrs();
                self.fill(xml, Level::Log)?;
            }
            Token::Empty => self.meta.root = xml.attrs(),
            _ => {}
        }
        xml.next().map(drop)
    }

    /// Reads the children of an element up to its end.
    fn fill(&mut self, xml: &mut Xml, level: Level) -> Result<(), Cause> {
        loop {
            let token = xml.next()?;
            let empty = match token {
                Token::Start => false,
                Token::Empty => true,
                Token::End | Token::Eof => return Ok(()),
                Token::Text => {
                    self.complain(xml, level, "", "elements only", "text");
                    continue;
                }
            };
            if attr_kind(xml.name()).is_some() {
                self.attr(xml, token, level)?;
                continue;
            }
            match (level, xml.name()) {
                (Level::Log, b"trace") => {
                    let meta = mem::take(&mut self.meta);
                    self.out.log(meta)?;
                    self.traces += 1;
                    self.trace = Trace {
                        place: Place {
                            line: xml.line(),
                            number: self.traces,
                        },
                        ..Trace::default()
                    };
                    self.in_trace = true;
                    if !empty {
                        self.fill(xml, Level::Trace)?;
                    }
                    self.end_trace()?;
                    self.in_trace = false;
                }
                (Level::Log | Level::Trace, b"event") => {
                    if level == Level::Trace {
                        self.deliver_trace()?;
                    } else {
                        let meta = mem::take(&mut self.meta);
                        self.out.log(meta)?;
                    }
                    self.events += 1;
                    let attrs = mem::take(&mut self.event.attrs);
                    self.event = Building {
                        place: Place {
                            line: xml.line(),
                            number: self.events,
                        },
                        attrs,
                        ..Building::default()
                    };
                    self.event.attrs.clear();
                    if !empty {
                        self.fill(xml, Level::Event)?;
                    }
                    self.end_event(level == Level::Trace)?;
                }
                (Level::Log, b"extension") => {
                    let extension = Extension {
                        name: text(xml, b"name"),
                        prefix: text(xml, b"prefix"),
                        uri: text(xml, b"uri"),
                    };
                    if self.sound(xml, "extension") {
                        self.meta.extensions.push(extension);
                    }
                    skip(xml, empty)?;
                }
                (Level::Log, b"classifier") => {
                    let scope = xml.attr(b"scope").map(|s| s.into_owned());
                    let classifier = Classifier {
                        name: text(xml, b"name"),
                        scope,
                        keys: text(xml, b"keys"),
                    };
                    if self.sound(xml, "classifier") {
                        self.meta.classifiers.push(classifier);
                    }
                    skip(xml, empty)?;
                }
                (Level::Log, b"global") => {
                    let scope = xml.attr(b"scope").map(|s| s.into_owned());
                    self.global = Some(Global {
                        scope,
                        attrs: Vec::new(),
                    });
                    if !empty {
                        self.fill(xml, Level::Global)?;
                    }
                    self.meta.globals.extend(self.global.take());
                }
                (_, name) => {
                    let found = format!("<{}>", String::from_utf8_lossy(name));
                    self.complain(xml, level, &found, "an element of XES", &found);
                    skip(xml, empty)?;
                }
            }
        }
    }

    /// True if the tag could be read; otherwise it was refused.
    fn sound(&mut self, xml: &mut Xml, field: &str) -> bool {
        match xml.take_fault() {
            None => true,
            Some(fault) => {
                let (expected, found) = fault.words();
                self.complain(xml, Level::Log, field, &expected, &found);
                false
            }
        }
    }

    /// Something is wrong within an element: an event is refused as a whole when it ends, of all others only this part.
    fn complain(&mut self, xml: &Xml, level: Level, field: &str, expected: &str, found: &str) {
        if level == Level::Event {
            self.event.bad.set(field, expected, found);
            return;
        }
        let (what, number) = match level {
            Level::Trace => (What::Trace, self.traces),
            _ => (What::Log, 0),
        };
        let id = if level == Level::Trace {
            self.trace.id.as_deref()
        } else {
            None
        };
        let reject = Reject::new(
            what,
            Place {
                line: xml.line(),
                number,
            },
            field,
            expected,
            found,
        )
        .with_id(id);
        self.out.reject(reject);
    }

    fn attr(&mut self, xml: &mut Xml, token: Token, level: Level) -> Result<(), Cause> {
        let limit = match level {
            Level::Event | Level::Trace => self.out.options.limits.event,
            Level::Log | Level::Global => self.out.options.limits.event * 8,
        };
        let mut bad = Bad::default();
        let built = AttrBuilder::read(xml, token, self.out, &mut bad, limit)?;
        let (attr, size) = match (
            built,
            bad.take(
                What::Log,
                Place {
                    line: xml.line(),
                    number: 0,
                },
                None,
            ),
        ) {
            (Some((attr, size)), None) => (attr, size),
            (_, reject) => {
                let Some(reject) = reject else { return Ok(()) };
                self.complain(xml, level, &reject.field, &reject.expected, &reject.found);
                return Ok(());
            }
        };
        let held = match level {
            Level::Event => &mut self.event.size,
            Level::Trace => &mut self.trace.size,
            Level::Log | Level::Global => &mut self.meta_size,
        };
        *held += size;
        if *held > limit {
            self.complain(
                xml,
                level,
                &attr.key,
                &format!("at most {limit} bytes in all (the limit)"),
                "more",
            );
            return Ok(());
        }
        match level {
            Level::Log => self.meta.attrs.push(attr),
            Level::Global => {
                if let Some(global) = &mut self.global {
                    global.attrs.push(attr);
                }
            }
            Level::Trace => self.trace_attr(attr),
            Level::Event => self.event_attr(attr),
        }
        Ok(())
    }

    fn trace_attr(&mut self, attr: Attr) {
        if attr.key == NAME && self.trace.id.is_none() && !self.trace.delivered {
            match plain(attr) {
                Ok(name) if !name.is_empty() => self.trace.id = Some(name),
                Ok(name) => self.trace.attrs.push(Attr::text(NAME, name)),
                Err(attr) => {
                    self.trace.id = scalar(&attr.value).filter(|id| !id.is_empty());
                    self.trace.attrs.push(attr);
                }
            }
        } else {
            self.trace.attrs.push(attr);
        }
    }

    fn event_attr(&mut self, attr: Attr) {
        let event = &mut self.event;
        if attr.key == self.name_key && event.activity.is_none() {
            if self.name_key == NAME {
                match plain(attr) {
                    Ok(name) => event.activity = Some(name),
                    Err(attr) => {
                        event.activity = scalar(&attr.value);
                        event.attrs.push(attr);
                    }
                }
            } else {
                event.activity = scalar(&attr.value);
                event.attrs.push(attr);
            }
        } else if attr.key == TIME && event.time.is_none() {
            match attr {
                Attr {
                    value: Value::Time(time),
                    children,
                    ..
                } if children.is_empty() => event.time = Some(time),
                attr => {
                    if let Value::Time(time) = &attr.value {
                        event.time = Some(time.clone());
                    }
                    event.attrs.push(attr);
                }
            }
        } else if attr.key == ID && event.id.is_none() {
            match attr {
                Attr {
                    value: Value::Id(id),
                    children,
                    ..
                } if children.is_empty() && !id.is_empty() => event.id = Some(id),
                attr => {
                    event.id = scalar(&attr.value).filter(|id| !id.is_empty());
                    event.attrs.push(attr);
                }
            }
        } else {
            event.attrs.push(attr);
        }
    }

    /// The trace as an object, once its first event or its end has come.
    fn deliver_trace(&mut self) -> Result<(), Cause> {
        if self.trace.delivered {
            return Ok(());
        }
        self.trace.delivered = true;
        let trace = &mut self.trace;
        if trace.id.is_none() {
            let identity = trace
                .attrs
                .iter()
                .find(|a| a.key == ID)
                .and_then(|a| scalar(&a.value));
            trace.id = Some(
                identity
                    .filter(|id| !id.is_empty())
                    .unwrap_or_else(|| format!("trace-{}", trace.place.number)),
            );
        }
        let object = Object {
            id: trace.id.clone().expect("just set"),
            object_type: CASE.into(),
            attrs: mem::take(&mut trace.attrs),
            relations: Vec::new(),
            place: trace.place,
        };
        self.out.object(object)
    }

    fn end_trace(&mut self) -> Result<(), Cause> {
        if !self.trace.attrs.is_empty() {
            // Attributes that stand behind the events are the object's as well.
            self.trace.delivered = false;
        }
        self.deliver_trace()
    }

    fn end_event(&mut self, in_trace: bool) -> Result<(), Cause> {
        let event = &mut self.event;
        if in_trace {
            self.trace.ordinal += 1;
        }
        if event.activity.as_ref().is_none_or(|a| a.is_empty()) {
            event.bad.set(
                &self.name_key,
                "the name of the activity",
                if event.activity.is_some() {
                    "an empty one"
                } else {
                    "none"
                },
            );
        }
        if event.time.is_none() {
            event.bad.set(TIME, "the time of the event", "none");
        }
        if let Some(reject) = event
            .bad
            .take(What::Event, event.place, event.id.as_deref())
        {
            self.out.reject(reject);
            return Ok(());
        }
        let (Some(activity), Some(time)) = (event.activity.take(), event.time.take()) else {
            return Ok(());
        };
        let objects = match (in_trace, &self.trace.id) {
            (true, Some(id)) => vec![EventObject {
                id: id.clone(),
                object_type: Some(CASE.into()),
                qualifier: None,
            }],
            _ => Vec::new(),
        };
        let event = Event {
            id: event.id.take(),
            activity,
            time,
            objects,
            attrs: event.attrs.drain(..).collect(),
            ordinal: in_trace.then_some(self.trace.ordinal),
            place: event.place,
        };
        self.out.event(event)
    }
}

/// Passes over the rest of an element.
pub(crate) fn skip(xml: &mut Xml, empty: bool) -> Result<(), Cause> {
    if empty {
        return Ok(());
    }
    let outside = xml.depth() - 1;
    while xml.depth() > outside {
        xml.next()?;
    }
    xml.take_fault();
    Ok(())
}

pub(crate) fn text(xml: &mut Xml, name: &[u8]) -> String {
    xml.attr(name).map(|s| s.into_owned()).unwrap_or_default()
}

/// The text of an attribute that is nothing but a text.
fn plain(attr: Attr) -> Result<String, Attr> {
    match attr {
        Attr {
            value: Value::String(text),
            children,
            ..
        } if children.is_empty() => Ok(text),
        attr => Err(attr),
    }
}

/// A value as text, if it is a single one.
pub(crate) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(s) | Value::Id(s) => Some(s.clone()),
        Value::Int(n) => Some(n.to_string()),
        Value::Float(n) => Some(n.to_string()),
        Value::Bool(b) => Some(b.to_string()),
        Value::Time(t) => Some(t.text().to_owned()),
        Value::List(_) | Value::Container(_) | Value::Null => None,
    }
}

/// A value of XES from its text.
pub(crate) fn value(kind: &[u8], text: &str, out: &mut Out<'_>) -> Result<Value, &'static str> {
    Ok(match kind {
        b"date" => Value::Time(out.time(text).map_err(|e| e.expected)?),
        b"int" => Value::Int(
            text.trim()
                .parse()
                .map_err(|_| "a whole number of 64 bits")?,
        ),
        b"float" => Value::Float(float(text).ok_or("a number")?),
        b"boolean" => Value::Bool(boolean(text).ok_or("true or false")?),
        b"id" => Value::Id(text.to_owned()),
        _ => Value::String(text.to_owned()),
    })
}
