//! OCEL 2.0 as XML, and its forerunner 1.0, which writes everything in attributes of XES.
//!
//! Values are text in 2.0; the declared type says what they are ([`Out::typed`]). Sections may stand in any order
//! ([`super::passes`]).

use model::{Attr, TimeText, Value};

use super::{
    ocel_json::since,
    out::{Bad, Decl, Decls, Out},
    passes::{Passes, Section},
    xes::{self, skip},
    xes_attr::AttrBuilder,
};
use crate::{
    AttrDecl, Cause, Event, EventObject, Global, LogMeta, Object, Place, Reject, Relation,
    TypeDecl, What,
    input::xml::{Token, Xml},
};

/// What is kept from one pass to the next.
#[derive(Default)]
pub(crate) struct State {
    pub passes: Passes,
    event_types: Decls,
    object_types: Decls,
    objects: u64,
    events: u64,
    /// The root and, in OCEL 1.0, the globals have been read.
    root: bool,
}

/// One pass over the file.
pub(crate) fn read(xml: &mut Xml, state: &mut State, out: &mut Out<'_>) -> Result<(), Cause> {
    let first_pass = !std::mem::replace(&mut state.root, true);
    let token = xml.next()?;
    if first_pass {
        out.log(LogMeta {
            root: xml.attrs(),
            ..LogMeta::default()
        })?;
    }
    let mut reader = Reader { xml, state, out };
    if token == Token::Start {
        loop {
            let (token, empty) = match reader.xml.next()? {
                Token::End | Token::Eof => break,
                Token::Text => continue,
                token => (token, token == Token::Empty),
            };
            let section = match reader.xml.name() {
                b"event-types" => Section::EventTypes,
                b"object-types" => Section::ObjectTypes,
                b"objects" => Section::Objects,
                b"events" => Section::Events,
                b"global" if first_pass => {
                    reader.global(token)?;
                    continue;
                }
                _ => {
                    skip(reader.xml, empty)?;
                    continue;
                }
            };
            if !reader.state.passes.wants(section) {
                if reader.state.passes.again() {
                    reader.out.once_more();
                }
                skip(reader.xml, empty)?;
            } else if !empty {
                match section {
                    Section::EventTypes | Section::ObjectTypes => reader.types(section)?,
                    Section::Objects => reader.section(What::Object)?,
                    Section::Events => reader.section(What::Event)?,
                }
            }
        }
    }
    xml.next().map(drop)
}

struct Reader<'r, 'o, 'a> {
    xml: &'r mut Xml,
    state: &'r mut State,
    out: &'o mut Out<'a>,
}

/// An object or event being read.
#[derive(Default)]
struct Building {
    place: Place,
    id: Option<String>,
    kind: Option<String>,
    time: Option<TimeText>,
    attrs: Vec<Attr>,
    relations: Vec<Relation>,
    size: usize,
    bad: Bad,
}

impl Building {
    fn keep(&mut self, attr: Attr, size: usize, limit: usize) {
        self.size += size + attr.key.len() + 32;
        if self.size > limit {
            self.bad.set(
                &attr.key,
                format!("at most {limit} bytes in all (the limit)"),
                "more",
            );
        }
        if self.bad.is_set() {
            self.attrs.clear();
        } else {
            self.attrs.push(attr);
        }
    }

    fn relate(&mut self, object: String, qualifier: Option<String>, limit: usize) {
        self.size += object.len() + qualifier.as_ref().map_or(0, String::len) + 48;
        if self.size > limit {
            self.bad.set(
                "relationship",
                format!("at most {limit} bytes in all (the limit)"),
                "more",
            );
        }
        if self.bad.is_set() {
            self.relations.clear();
        } else {
            self.relations.push(Relation {
                object,
                qualifier: qualifier.filter(|q| !q.is_empty()),
            });
        }
    }
}

impl Reader<'_, '_, '_> {
    /// A value of the tag; `None` if it is not there.
    fn attr(&mut self, name: &str) -> Option<String> {
        self.xml.attr(name.as_bytes()).map(|s| s.into_owned())
    }

    /// A `global` of OCEL 1.0.
    fn global(&mut self, token: Token) -> Result<(), Cause> {
        let mut global = Global {
            scope: self.attr("scope"),
            attrs: Vec::new(),
        };
        if token == Token::Start {
            loop {
                let token = self.xml.next()?;
                if !matches!(token, Token::Start | Token::Empty) {
                    break;
                }
                let mut bad = Bad::default();
                let place = Place {
                    line: self.xml.line(),
                    number: 0,
                };
                let most = self.out.options.limits.event * 8;
                let built = AttrBuilder::read(self.xml, token, self.out, &mut bad, most)?;
                match bad.take(What::Log, place, None) {
                    Some(reject) => self.out.reject(reject),
                    None => global.attrs.extend(built.map(|(attr, _)| attr)),
                }
            }
        }
        self.out.log(LogMeta {
            globals: vec![global],
            ..LogMeta::default()
        })
    }

    fn types(&mut self, section: Section) -> Result<(), Cause> {
        let mut types: Vec<TypeDecl> = Vec::new();
        let outside = self.xml.depth() - 1;
        let mut size = 0;
        while self.xml.depth() > outside {
            let token = self.xml.next()?;
            if !matches!(token, Token::Start | Token::Empty) {
                continue;
            }
            let name = self.attr("name");
            match (self.xml.name(), name) {
                (b"event-type" | b"object-type", Some(name)) => types.push(TypeDecl {
                    name,
                    attrs: Vec::new(),
                }),
                (b"attribute", Some(name)) => {
                    let kind = self.attr("type").unwrap_or_default();
                    if let Some(of) = types.last_mut() {
                        of.attrs.push(AttrDecl { name, kind });
                    }
                }
                _ => {}
            }
            size += 64;
            let limit = self.out.options.limits.event * 8;
            let fault = self.xml.take_fault().map(|f| f.words());
            let fault = fault.or_else(|| {
                (size > limit).then(|| (format!("at most {limit} bytes of types"), "more".into()))
            });
            if let Some((expected, found)) = fault {
                let place = Place {
                    line: self.xml.line(),
                    number: 0,
                };
                self.out
                    .reject(Reject::new(What::Log, place, "name", expected, &found));
                while self.xml.depth() > outside {
                    self.xml.next()?;
                }
                break;
            }
        }
        let known = if section == Section::EventTypes {
            &mut self.state.event_types
        } else {
            &mut self.state.object_types
        };
        types.iter().for_each(|of| known.add(of));
        self.out.log(match section {
            Section::EventTypes => LogMeta {
                event_types: types,
                ..LogMeta::default()
            },
            _ => LogMeta {
                object_types: types,
                ..LogMeta::default()
            },
        })
    }

    /// The elements of `objects` or `events`.
    fn section(&mut self, what: What) -> Result<(), Cause> {
        let wanted: &[u8] = if what == What::Event {
            b"event"
        } else {
            b"object"
        };
        loop {
            let token = self.xml.next()?;
            match token {
                Token::Start | Token::Empty if self.xml.name() == wanted => {}
                Token::Start | Token::Empty => {
                    let found = format!("<{}>", String::from_utf8_lossy(self.xml.name()));
                    let place = Place {
                        line: self.xml.line(),
                        number: 0,
                    };
                    let expected = format!("<{}>", String::from_utf8_lossy(wanted));
                    self.out
                        .reject(Reject::new(what, place, "", expected, &found));
                    skip(self.xml, token == Token::Empty)?;
                    continue;
                }
                Token::Text => continue,
                Token::End | Token::Eof => return Ok(()),
            }
            let number = if what == What::Event {
                &mut self.state.events
            } else {
                &mut self.state.objects
            };
            *number += 1;
            let place = Place {
                line: self.xml.line(),
                number: *number,
            };
            let mut b = Building {
                place,
                ..Building::default()
            };
            b.bad.fault("id, type or time", self.xml.take_fault());
            b.id = self.attr("id");
            b.kind = self.attr("type");
            if let (What::Event, Some(text)) = (what, self.attr("time")) {
                match self.out.time(&text) {
                    Ok(time) => b.time = Some(time),
                    Err(e) => b.bad.set("time", e.expected, &text),
                }
            }
            b.bad.fault("id, type or time", self.xml.take_fault());
            if token == Token::Start {
                if self.state.passes.untyped {
                    self.old_element(&mut b)?;
                } else {
                    self.element(what, &mut b)?;
                }
            }
            self.end(what, b)?;
        }
    }

    /// What stands within an event or object of OCEL 2.0.
    fn element(&mut self, what: What, b: &mut Building) -> Result<(), Cause> {
        let limit = self.out.options.limits.event;
        let outside = self.xml.depth() - 1;
        while self.xml.depth() > outside {
            let token = self.xml.next()?;
            if !matches!(token, Token::Start | Token::Empty) {
                continue;
            }
            let empty = token == Token::Empty;
            match self.xml.name() {
                b"attributes" | b"objects" => {}
                b"attribute" => {
                    let name = self.attr("name");
                    let at = self.attr("time");
                    b.bad.fault(
                        name.as_deref().unwrap_or("attribute"),
                        self.xml.take_fault(),
                    );
                    let Some(name) = name else {
                        b.bad.set("attribute", "an attribute with a name", "none");
                        skip(self.xml, empty)?;
                        continue;
                    };
                    let text = if empty {
                        String::new()
                    } else {
                        self.text_content(&name, &mut b.bad)?
                    };
                    let kind = b.kind.as_deref().unwrap_or_default();
                    let decl = match what {
                        What::Event => self.state.event_types.get(kind, &name),
                        _ => self.state.object_types.get(kind, &name),
                    };
                    let decl = if text.is_empty() { Decl::Text } else { decl };
                    let value = match self.out.typed(&text, decl) {
                        Ok(value) => value,
                        Err(e) => {
                            b.bad.set(&name, e.expected, &text);
                            Value::Null
                        }
                    };
                    let mut attr = Attr::new(name, value);
                    if let Some(at) = at {
                        match self.out.time(&at) {
                            Ok(at) => attr.at = since(at),
                            Err(e) => b.bad.set(&attr.key, e.expected, &at),
                        }
                    }
                    b.keep(attr, text.len(), limit);
                }
                _ => {
                    match self.attr("object-id") {
                        Some(object) => {
                            let qualifier = self.attr("qualifier");
                            b.relate(object, qualifier, limit);
                        }
                        None => {
                            let found = format!("<{}>", String::from_utf8_lossy(self.xml.name()));
                            b.bad.set(
                                &found,
                                "<attributes> or <objects> with relationships",
                                &found,
                            );
                        }
                    }
                    b.bad.fault("relationship", self.xml.take_fault());
                    skip(self.xml, empty)?;
                }
            }
        }
        Ok(())
    }

    /// The text up to the end of the element; blanks count.
    fn text_content(&mut self, name: &str, bad: &mut Bad) -> Result<String, Cause> {
        self.xml.give_blanks(true);
        let text = self.text_pieces(name, bad);
        self.xml.give_blanks(false);
        text
    }

    fn text_pieces(&mut self, name: &str, bad: &mut Bad) -> Result<String, Cause> {
        let limit = self.out.options.limits.attribute;
        let mut text = String::new();
        loop {
            match self.xml.next()? {
                Token::Text => {
                    let piece = self.xml.text();
                    if text.len() + piece.len() > limit {
                        bad.set(name, format!("at most {limit} bytes (the limit)"), "more");
                    } else {
                        text.push_str(&piece);
                    }
                    bad.fault(name, self.xml.take_fault());
                }
                token @ (Token::Start | Token::Empty) => {
                    bad.set(name, "text only", "an element");
                    skip(self.xml, token == Token::Empty)?;
                }
                Token::End | Token::Eof => return Ok(text),
            }
        }
    }

    /// What stands within an event or object of OCEL 1.0.
    fn old_element(&mut self, b: &mut Building) -> Result<(), Cause> {
        let limit = self.out.options.limits.event;
        loop {
            let token = self.xml.next()?;
            match token {
                Token::Start | Token::Empty => {}
                Token::Text => continue,
                Token::End | Token::Eof => return Ok(()),
            }
            let Some((attr, size)) =
                AttrBuilder::read(self.xml, token, self.out, &mut b.bad, limit)?
            else {
                continue;
            };
            match (attr.key.as_str(), attr.value) {
                ("id", value) => b.id = xes::scalar(&value),
                ("activity" | "type", value) => b.kind = xes::scalar(&value),
                ("timestamp", Value::Time(time)) => b.time = Some(time),
                ("omap", Value::List(list)) => {
                    for object in list {
                        match xes::scalar(&object.value) {
                            Some(id) => b.relate(id, None, limit),
                            None => b.bad.set("omap", "ids of objects", "another value"),
                        }
                    }
                }
                ("vmap" | "ovmap", Value::List(list) | Value::Container(list)) => {
                    b.size += size;
                    list.into_iter().for_each(|attr| b.keep(attr, 0, limit));
                }
                (key, value) => {
                    let attr = Attr::new(key, value);
                    b.keep(attr, size, limit);
                }
            }
        }
    }

    fn end(&mut self, what: What, mut b: Building) -> Result<(), Cause> {
        if b.id.as_ref().is_none_or(String::is_empty) {
            b.bad.set("id", "an id", "none");
        }
        if b.kind.as_ref().is_none_or(String::is_empty) {
            b.bad.set("type", "a type", "none");
        }
        if what == What::Event && b.time.is_none() {
            b.bad.set("time", "the time of the event", "none");
        }
        if let Some(reject) = b.bad.take(what, b.place, b.id.as_deref()) {
            self.out.reject(reject);
            return Ok(());
        }
        let (id, kind) = (b.id.unwrap_or_default(), b.kind.unwrap_or_default());
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
                    attrs: b.attrs,
                    ordinal: None,
                    place: b.place,
                })
            }
            _ => {
                let object = Object {
                    id,
                    object_type: kind,
                    attrs: b.attrs,
                    relations: b.relations,
                    place: b.place,
                };
                self.out.object_once(object)
            }
        }
    }
}
