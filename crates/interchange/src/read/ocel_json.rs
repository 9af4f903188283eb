//! OCEL 2.0 as JSON, and its forerunner 1.0 (`ocel:events` …).
//!
//! Events and objects come one at a time, whatever the order of the sections ([`super::passes`]). Attribute values keep
//! the type that JSON gives them; text under an attribute declared as `time` becomes a time. Members that the
//! specification does not know are passed over.

use model::{Attr, TimeText, Value};

use super::{
    out::{Bad, Decl, Decls, Out},
    passes::{Passes, Section},
};
use crate::{
    AttrDecl, Cause, Event, EventObject, LogMeta, Object, Place, Relation, TypeDecl, What,
    input::{
        json::{Json, Token},
        scan::Fault,
    },
};

/// What is kept from one pass to the next.
#[derive(Default)]
pub(crate) struct State {
    pub passes: Passes,
    event_types: Decls,
    object_types: Decls,
    objects: u64,
    events: u64,
    /// The blocks of OCEL 1.0 about the log have been read.
    globals: bool,
}

/// One pass over the file.
pub(crate) fn read(json: &mut Json, state: &mut State, out: &mut Out<'_>) -> Result<(), Cause> {
    if json.next()? != Token::Object {
        return Err(malformed(json, "the outermost value of OCEL is an object"));
    }
    let mut reader = Reader { json, state, out };
    while reader.json.next()? == Token::Key {
        let key = reader.json.text().to_owned();
        let section = match key.as_str() {
            "eventTypes" => Section::EventTypes,
            "objectTypes" => Section::ObjectTypes,
            "objects" | "ocel:objects" => Section::Objects,
            "events" | "ocel:events" => Section::Events,
            "ocel:global-log" | "ocel:global-event" | "ocel:global-object"
                if !reader.state.globals =>
            {
                reader.global(key)?;
                continue;
            }
            _ => {
                reader.skip_value()?;
                continue;
            }
        };
        if !reader.state.passes.wants(section) {
            if reader.state.passes.again() {
                reader.out.once_more();
            }
            reader.skip_value()?;
            continue;
        }
        match (section, key.starts_with("ocel:")) {
            (Section::EventTypes | Section::ObjectTypes, _) => reader.types(section)?,
            (Section::Objects, false) => reader.list("objects", What::Object)?,
            (Section::Events, false) => reader.list("events", What::Event)?,
            (Section::Objects, true) => reader.members("ocel:objects", What::Object)?,
            (Section::Events, true) => reader.members("ocel:events", What::Event)?,
        }
    }
    reader.state.globals = true;
    json.next().map(drop)
}

fn malformed(json: &mut Json, detail: &str) -> Cause {
    Cause::Malformed {
        format: "OCEL JSON",
        line: json.line_reached(),
        detail: detail.to_owned(),
    }
}

/// An object or event being read: the members of both.
#[derive(Default)]
struct Building {
    place: Place,
    id: Option<String>,
    kind: Option<String>,
    time: Option<TimeText>,
    /// Name, value, since when.
    attrs: Vec<(Attr, Option<String>)>,
    relations: Vec<Relation>,
    size: usize,
    bad: Bad,
}

struct Reader<'r, 'o, 'a> {
    json: &'r mut Json,
    state: &'r mut State,
    out: &'o mut Out<'a>,
}

impl Reader<'_, '_, '_> {
    fn skip_value(&mut self) -> Result<(), Cause> {
        let first = self.json.next()?;
        self.json.skip(first)
    }

    fn global(&mut self, key: String) -> Result<(), Cause> {
        let mut bad = Bad::default();
        let mut size = 0;
        let first = self.json.next()?;
        let line = self.json.line();
        let value = self.value(first, &key, 0, &mut size, &mut bad)?;
        match bad.take(What::Log, Place { line, number: 0 }, None) {
            Some(reject) => self.out.reject(reject),
            None => self.out.log(LogMeta {
                attrs: vec![Attr::new(key, value)],
                ..LogMeta::default()
            })?,
        }
        Ok(())
    }

    fn types(&mut self, section: Section) -> Result<(), Cause> {
        let mut types = Vec::new();
        let mut bad = Bad::default();
        let line = self.json.line();
        let mut size = 0;
        let first = self.json.next()?;
        let value = self.value(first, "types", 0, &mut size, &mut bad)?;
        if let Some(reject) = bad.take(What::Log, Place { line, number: 0 }, None) {
            self.out.reject(reject);
            return Ok(());
        }
        let Value::List(list) = value else {
            return Err(malformed(self.json, "the types of OCEL are a list"));
        };
        for of in list {
            let Value::Container(of) = of.value else {
                continue;
            };
            let mut decl = TypeDecl {
                name: String::new(),
                attrs: Vec::new(),
            };
            for member in of {
                match (member.key.as_str(), member.value) {
                    ("name", Value::String(name)) => decl.name = name,
                    ("attributes", Value::List(attrs)) => {
                        decl.attrs = attrs.into_iter().filter_map(attr_decl).collect()
                    }
                    _ => {}
                }
            }
            match section {
                Section::EventTypes => self.state.event_types.add(&decl),
                _ => self.state.object_types.add(&decl),
            }
            types.push(decl);
        }
        let meta = match section {
            Section::EventTypes => LogMeta {
                event_types: types,
                ..LogMeta::default()
            },
            _ => LogMeta {
                object_types: types,
                ..LogMeta::default()
            },
        };
        self.out.log(meta)
    }

    /// The elements of `events` or `objects` of OCEL 2.0.
    fn list(&mut self, key: &str, what: What) -> Result<(), Cause> {
        if self.json.next()? != Token::Array {
            return Err(malformed(self.json, &format!("`{key}` is a list")));
        }
        loop {
            let first = self.json.next()?;
            if first == Token::ArrayEnd {
                return Ok(());
            }
            let mut building = self.begin(what);
            self.element(first, what, &mut building)?;
            self.end(what, building)?;
        }
    }

    /// The members of `ocel:events` or `ocel:objects` of OCEL 1.0: the id is the name.
    fn members(&mut self, key: &str, what: What) -> Result<(), Cause> {
        if self.json.next()? != Token::Object {
            return Err(malformed(self.json, &format!("`{key}` is an object")));
        }
        while self.json.next()? == Token::Key {
            let mut building = self.begin(what);
            building.id = Some(self.json.text().to_owned());
            let fault = self.json.take_fault();
            building.bad.fault("id", fault);
            let first = self.json.next()?;
            self.element(first, what, &mut building)?;
            self.end(what, building)?;
        }
        Ok(())
    }

    fn begin(&mut self, what: What) -> Building {
        let number = if what == What::Event {
            &mut self.state.events
        } else {
            &mut self.state.objects
        };
        *number += 1;
        Building {
            place: Place {
                line: self.json.line(),
                number: *number,
            },
            ..Building::default()
        }
    }

    fn element(&mut self, first: Token, what: What, b: &mut Building) -> Result<(), Cause> {
        if first != Token::Object {
            b.bad.set("", "an object in braces", "another value");
            return self.json.skip(first);
        }
        let mut time = None;
        while self.json.next()? == Token::Key {
            let key = self.json.text().to_owned();
            match key.as_str() {
                "id" => b.id = self.string("id", b)?,
                "type" | "ocel:type" | "ocel:activity" => b.kind = self.string(&key, b)?,
                "time" | "ocel:timestamp" if what == What::Event => {
                    time = self.string(&key, b)?.map(|text| (key, text))
                }
                "attributes" => self.attributes(b)?,
                "relationships" => self.relationships(b)?,
                "ocel:vmap" | "ocel:ovmap" => self.value_map(&key, b)?,
                "ocel:omap" => self.object_list(&key, b)?,
                // `ocel:o2o` and others are extensions that no specification describes.
                _ => self.skip_value()?,
            }
        }
        if let Some((key, text)) = time {
            match self.out.time(&text) {
                Ok(time) => b.time = Some(time),
                Err(e) => b.bad.set(&key, e.expected, &text),
            }
        }
        Ok(())
    }

    /// A string, or `bad`.
    fn string(&mut self, field: &str, b: &mut Building) -> Result<Option<String>, Cause> {
        let token = self.json.next()?;
        let fault = self.json.take_fault();
        b.bad.fault(field, fault);
        match token {
            Token::Str => {
                b.size += self.json.text().len();
                Ok(Some(self.json.text().to_owned()))
            }
            // Ids that are numbers are met in practice.
            Token::Number => Ok(Some(self.json.text().to_owned())),
            Token::Null => Ok(None),
            other => {
                b.bad.set(field, "a text", "another value");
                self.json.skip(other)?;
                Ok(None)
            }
        }
    }

    fn attributes(&mut self, b: &mut Building) -> Result<(), Cause> {
        let first = self.json.next()?;
        if first == Token::Null {
            return Ok(());
        }
        if first != Token::Array {
            b.bad.set("attributes", "a list", "another value");
            return self.json.skip(first);
        }
        loop {
            match self.json.next()? {
                Token::ArrayEnd => return Ok(()),
                Token::Object => {}
                other => {
                    b.bad.set(
                        "attributes",
                        "objects with `name` and `value`",
                        "another value",
                    );
                    self.json.skip(other)?;
                    continue;
                }
            }
            let (mut name, mut at, mut value) = (None, None, Value::Null);
            // A value may stand before its name; until the name is known it is called by its place.
            while self.json.next()? == Token::Key {
                let key = self.json.text().to_owned();
                match key.as_str() {
                    "name" => name = self.string("attributes.name", b)?,
                    "time" => at = self.string(name.as_deref().unwrap_or("attributes.time"), b)?,
                    "value" => {
                        let first = self.json.next()?;
                        let field = name.clone().unwrap_or_else(|| "attributes.value".into());
                        value = self.value(first, &field, 0, &mut b.size, &mut b.bad)?;
                    }
                    _ => self.skip_value()?,
                }
            }
            match name {
                Some(name) => self.keep(b, name, value, at),
                None => b
                    .bad
                    .set("attributes", "an attribute with a `name`", "none"),
            }
        }
    }

    /// Keeps an attribute, within the limit.
    fn keep(&mut self, b: &mut Building, name: String, value: Value, at: Option<String>) {
        b.size += name.len() + 32;
        let limit = self.out.options.limits.event;
        if b.size > limit {
            b.bad.set(
                &name,
                format!("at most {limit} bytes in all (the limit)"),
                "more",
            );
        }
        if b.bad.is_set() {
            b.attrs.clear();
        } else {
            b.attrs.push((Attr::new(name, value), at));
        }
    }

    fn relationships(&mut self, b: &mut Building) -> Result<(), Cause> {
        let first = self.json.next()?;
        if first == Token::Null {
            return Ok(());
        }
        if first != Token::Array {
            b.bad.set("relationships", "a list", "another value");
            return self.json.skip(first);
        }
        loop {
            match self.json.next()? {
                Token::ArrayEnd => return Ok(()),
                Token::Object => {}
                other => {
                    b.bad
                        .set("relationships", "objects with `objectId`", "another value");
                    self.json.skip(other)?;
                    continue;
                }
            }
            let (mut object, mut qualifier) = (None, None);
            while self.json.next()? == Token::Key {
                let key = self.json.text().to_owned();
                match key.as_str() {
                    "objectId" => object = self.string("relationships.objectId", b)?,
                    "qualifier" => qualifier = self.string("relationships.qualifier", b)?,
                    _ => self.skip_value()?,
                }
            }
            match object {
                Some(object) => self.relate(b, object, qualifier),
                None => b
                    .bad
                    .set("relationships", "a relation with an `objectId`", "none"),
            }
        }
    }

    fn relate(&mut self, b: &mut Building, object: String, qualifier: Option<String>) {
        b.size += 48;
        let limit = self.out.options.limits.event;
        if b.size > limit {
            b.bad.set(
                "relationships",
                format!("at most {limit} bytes in all (the limit)"),
                "more",
            );
        }
        if b.bad.is_set() {
            b.relations.clear();
        } else {
            b.relations.push(Relation {
                object,
                qualifier: qualifier.filter(|q| !q.is_empty()),
            });
        }
    }

    fn value_map(&mut self, field: &str, b: &mut Building) -> Result<(), Cause> {
        match self.json.next()? {
            Token::Object => {}
            Token::Null => return Ok(()),
            other => {
                b.bad.set(field, "an object in braces", "another value");
                return self.json.skip(other);
            }
        }
        while self.json.next()? == Token::Key {
            let fault = self.json.take_fault();
            b.bad.fault(field, fault);
            let name = self.json.text().to_owned();
            let first = self.json.next()?;
            let value = self.value(first, &name, 0, &mut b.size, &mut b.bad)?;
            self.keep(b, name, value, None);
        }
        Ok(())
    }

    fn object_list(&mut self, field: &str, b: &mut Building) -> Result<(), Cause> {
        match self.json.next()? {
            Token::Array => {}
            Token::Null => return Ok(()),
            other => {
                b.bad.set(field, "a list", "another value");
                return self.json.skip(other);
            }
        }
        loop {
            match self.json.next()? {
                Token::ArrayEnd => return Ok(()),
                Token::Str | Token::Number => {
                    let fault = self.json.take_fault();
                    b.bad.fault(field, fault);
                    let object = self.json.text().to_owned();
                    b.size += object.len();
                    self.relate(b, object, None);
                }
                other => {
                    b.bad.set(field, "ids of objects", "another value");
                    self.json.skip(other)?;
                }
            }
        }
    }

    /// A value of any kind; `bad` if it is larger or deeper than allowed, and then no more of it is held.
    fn value(
        &mut self,
        first: Token,
        field: &str,
        depth: usize,
        size: &mut usize,
        bad: &mut Bad,
    ) -> Result<Value, Cause> {
        let limits = self.out.options.limits;
        let fault = self.json.take_fault();
        bad.fault(field, fault);
        *size += 32;
        if *size > limits.event {
            bad.set(
                field,
                format!("at most {} bytes in all (the limit)", limits.event),
                "more",
            );
        }
        if matches!(first, Token::Object | Token::Array) && depth == limits.depth {
            bad.fault(field, Some(Fault::TooDeep(limits.depth)));
        }
        if bad.is_set() {
            self.json.skip(first)?;
            return Ok(Value::Null);
        }
        Ok(match first {
            Token::Str => {
                *size += self.json.text().len();
                Value::String(self.json.text().to_owned())
            }
            Token::Number => number(self.json.text()),
            Token::Bool(b) => Value::Bool(b),
            Token::Array => {
                let mut list = Vec::new();
                loop {
                    let first = self.json.next()?;
                    if first == Token::ArrayEnd {
                        break Value::List(list);
                    }
                    let value = self.value(first, field, depth + 1, size, bad)?;
                    if !bad.is_set() {
                        list.push(Attr::new("", value));
                    }
                }
            }
            Token::Object => {
                let mut members = Vec::new();
                while self.json.next()? == Token::Key {
                    let fault = self.json.take_fault();
                    bad.fault(field, fault);
                    let key = self.json.text().to_owned();
                    *size += key.len();
                    let first = self.json.next()?;
                    let value = self.value(first, field, depth + 1, size, bad)?;
                    if !bad.is_set() {
                        members.push(Attr::new(key, value));
                    }
                }
                Value::Container(members)
            }
            _ => Value::Null,
        })
    }

    /// The element has ended: deliver or refuse.
    fn end(&mut self, what: What, mut b: Building) -> Result<(), Cause> {
        if b.id.as_ref().is_none_or(|id| id.is_empty()) {
            b.bad.set("id", "an id", "none");
        }
        let field = if what == What::Event {
            "type (the activity)"
        } else {
            "type"
        };
        if b.kind.as_ref().is_none_or(|k| k.is_empty()) {
            b.bad.set(field, "a type", "none");
        }
        if what == What::Event && b.time.is_none() {
            b.bad.set("time", "the time of the event", "none");
        }
        let kind = b.kind.take().unwrap_or_default();
        let mut attrs = Vec::with_capacity(b.attrs.len());
        for (mut attr, at) in std::mem::take(&mut b.attrs) {
            let decl = match what {
                What::Event => self.state.event_types.get(&kind, &attr.key),
                _ => self.state.object_types.get(&kind, &attr.key),
            };
            match (&attr.value, decl) {
                (Value::String(text), Decl::Time) => match self.out.typed(text, decl) {
                    Ok(value) => attr.value = value,
                    Err(e) => b.bad.set(&attr.key, e.expected, text),
                },
                (Value::Int(n), Decl::Float) => attr.value = Value::Float(*n as f64),
                // JSON has no numbers for these; we write them as text.
                (Value::String(text), Decl::Float)
                    if matches!(text.as_str(), "NaN" | "inf" | "-inf") =>
                {
                    attr.value = Value::Float(text.parse().unwrap_or(f64::NAN));
                }
                _ => {}
            }
            if let Some(at) = at {
                match self.out.time(&at) {
                    Ok(at) => attr.at = since(at),
                    Err(e) => b.bad.set(&attr.key, e.expected, &at),
                }
            }
            attrs.push(attr);
        }
        if let Some(reject) = b.bad.take(what, b.place, b.id.as_deref()) {
            self.out.reject(reject);
            return Ok(());
        }
        let id = b.id.unwrap_or_default();
        match (what, b.time) {
            (What::Event, Some(time)) => {
                let object = |r: Relation| EventObject {
                    id: r.object,
                    object_type: None,
                    qualifier: r.qualifier,
                };
                let objects = b.relations.into_iter().map(object).collect();
                self.out.event(Event {
                    id: Some(id),
                    activity: kind,
                    time,
                    objects,
                    attrs,
                    ordinal: None,
                    place: b.place,
                })
            }
            _ => self.out.object_once(Object {
                id,
                object_type: kind,
                attrs,
                relations: b.relations,
                place: b.place,
            }),
        }
    }
}

/// OCEL 2.0 writes 1970-01-01T00:00:00Z for values that hold from the beginning.
pub(crate) fn since(at: TimeText) -> Option<TimeText> {
    (at.instant().get() != 0).then_some(at)
}

fn number(text: &str) -> Value {
    match text.parse() {
        Ok(n) => Value::Int(n),
        Err(_) if text.bytes().all(|b| b.is_ascii_digit() || b == b'-') => {
            Value::String(text.to_owned())
        }
        Err(_) => text
            .parse()
            .map_or_else(|_| Value::String(text.to_owned()), Value::Float),
    }
}

fn attr_decl(of: Attr) -> Option<AttrDecl> {
    let Value::Container(members) = of.value else {
        return None;
    };
    let mut decl = AttrDecl {
        name: String::new(),
        kind: String::new(),
    };
    for member in members {
        match (member.key.as_str(), member.value) {
            ("name", Value::String(name)) => decl.name = name,
            ("type", Value::String(kind)) => decl.kind = kind,
            _ => {}
        }
    }
    Some(decl)
}
