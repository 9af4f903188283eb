//! OCEL 2.0 as JSON: types, objects and events, one element a line.

use std::{
    borrow::Cow,
    io::{self, Write},
};

use serde::Serialize;

use super::{
    Writer, Written,
    common::{self, Types},
    spool::{Sorter, Spool},
    target::Target,
};
use crate::{Item, LogMeta, Object, TypeDecl, WriteError, WriteOptions};

pub(crate) struct OcelJson<'a> {
    target: Target<'a>,
    gzip: bool,
    event_types: Types,
    object_types: Types,
    /// Objects may come in parts, which must be put together.
    objects: Sorter,
    events: Spool,
    written: Written,
}

#[derive(Serialize)]
struct Type<'a> {
    name: &'a str,
    attributes: Vec<TypeAttr<'a>>,
}

#[derive(Serialize)]
struct TypeAttr<'a> {
    name: &'a str,
    r#type: &'a str,
}

#[derive(Serialize)]
struct Element<'a> {
    id: &'a str,
    r#type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<&'a str>,
    attributes: Vec<ElementAttr<'a>>,
    relationships: Vec<Relationship<'a>>,
}

#[derive(Serialize)]
struct ElementAttr<'a> {
    name: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<Cow<'a, str>>,
    value: serde_json::Value,
}

#[derive(Serialize)]
struct Relationship<'a> {
    #[serde(rename = "objectId")]
    object_id: &'a str,
    qualifier: &'a str,
}

impl<'a> OcelJson<'a> {
    pub(crate) fn new(target: Target<'a>, options: &WriteOptions) -> Result<Self, WriteError> {
        Ok(Self {
            target,
            gzip: options.gzip,
            event_types: Types::default(),
            object_types: Types::default(),
            objects: Sorter::new()?,
            events: Spool::new()?,
            written: Written::default(),
        })
    }
}

/// Notes what of a log's description OCEL 2.0 has no place for.
pub(crate) fn note_meta(meta: &LogMeta, written: &mut Written) {
    if !(meta.attrs.is_empty()
        && meta.globals.is_empty()
        && meta.classifiers.is_empty()
        && meta.extensions.is_empty())
    {
        written.note(
            "OCEL 2.0 has no attributes of the log, globals, classifiers and extensions: left out",
        );
    }
}

/// The id of an event; a number of its own where the source gives none.
pub(crate) fn event_id(event: &crate::Event, number: u64) -> String {
    event
        .id
        .clone()
        .unwrap_or_else(|| format!("event-{number}"))
}

/// An object put together from its parts.
pub(crate) fn add(whole: &mut Object, part: Object) {
    whole.attrs.extend(part.attrs);
    whole.relations.extend(part.relations);
}

/// Keeps an object until all of its parts have come.
pub(crate) fn keep(
    objects: &mut Sorter,
    object: &Object,
    written: &mut Written,
) -> Result<(), WriteError> {
    let (number, new) = objects.number(&object.id)?;
    written.objects += u64::from(new);
    objects.push(
        number,
        &serde_json::to_vec(object).map_err(std::io::Error::from)?,
    )
}

/// Every object, whole.
pub(crate) fn each(
    objects: &Sorter,
    mut each: impl FnMut(&Object) -> Result<(), WriteError>,
) -> Result<(), WriteError> {
    let mut open: Option<(i64, Object)> = None;
    objects.each(|number, piece| {
        let part: Object = serde_json::from_slice(piece).map_err(std::io::Error::from)?;
        match &mut open {
            Some((at, whole)) if *at == number => add(whole, part),
            _ => {
                if let Some((_, whole)) = open.replace((number, part)) {
                    each(&whole)?;
                }
            }
        }
        Ok(())
    })?;
    match open {
        Some((_, whole)) => each(&whole),
        None => Ok(()),
    }
}

fn line(out: &mut impl Write, first: bool, element: &impl Serialize) -> std::io::Result<()> {
    out.write_all(if first { b"\n" } else { b",\n" })?;
    serde_json::to_writer(out, element).map_err(Into::into)
}

fn relationship<'r>(object: &'r str, qualifier: Option<&'r String>) -> Relationship<'r> {
    Relationship {
        object_id: object,
        qualifier: qualifier.map_or("", |q| q),
    }
}

impl Writer for OcelJson<'_> {
    fn item(&mut self, item: &Item) -> Result<(), WriteError> {
        match item {
            Item::Log(meta) => {
                self.event_types.declare(&meta.event_types);
                self.object_types.declare(&meta.object_types);
                note_meta(meta, &mut self.written);
            }
            Item::Object(object) => {
                common::note_nested(&object.attrs, &mut self.written);
                self.object_types
                    .see(&object.object_type, &common::flat(&object.attrs));
                keep(&mut self.objects, object, &mut self.written)?;
            }
            Item::Event(event) => {
                common::note_nested(&event.attrs, &mut self.written);
                let attrs = common::flat(&event.attrs);
                self.event_types.see(&event.activity, &attrs);
                let time = common::time(&event.time);
                let id = event_id(event, self.written.events + 1);
                let element = Element {
                    id: &id,
                    r#type: &event.activity,
                    time: Some(&time),
                    attributes: attrs
                        .into_iter()
                        .map(|(name, value, _)| ElementAttr {
                            name,
                            time: None,
                            value: common::json(value),
                        })
                        .collect(),
                    relationships: event
                        .objects
                        .iter()
                        .map(|o| relationship(&o.id, o.qualifier.as_ref()))
                        .collect(),
                };
                line(&mut self.events, self.written.events == 0, &element)?;
                self.written.events += 1;
            }
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Written, WriteError> {
        let Self {
            target,
            gzip,
            event_types,
            object_types,
            objects,
            events,
            written,
        } = *self;
        target.deliver(gzip, |mut out| {
            out.write_all(b"{\"objectTypes\":")?;
            serde_json::to_writer(&mut out, &types(&object_types.list)).map_err(io::Error::from)?;
            out.write_all(b",\n\"eventTypes\":")?;
            serde_json::to_writer(&mut out, &types(&event_types.list)).map_err(io::Error::from)?;
            out.write_all(b",\n\"objects\":[")?;
            let mut first = true;
            each(&objects, |object| {
                let since = |since: Option<_>| {
                    Some(since.map_or(Cow::Borrowed(common::BEGINNING), common::time))
                };
                let element = Element {
                    id: &object.id,
                    r#type: &object.object_type,
                    time: None,
                    attributes: common::flat(&object.attrs)
                        .into_iter()
                        .map(|(name, value, at)| ElementAttr {
                            name,
                            time: since(at),
                            value: common::json(value),
                        })
                        .collect(),
                    relationships: object
                        .relations
                        .iter()
                        .map(|r| relationship(&r.object, r.qualifier.as_ref()))
                        .collect(),
                };
                line(&mut out, std::mem::take(&mut first), &element)?;
                Ok(())
            })?;
            out.write_all(b"],\n\"events\":[")?;
            events.copy_to(&mut out)?;
            Ok(out.write_all(b"]}\n")?)
        })?;
        Ok(written)
    }
}

fn types(list: &[TypeDecl]) -> Vec<Type<'_>> {
    list.iter()
        .map(|t| Type {
            name: &t.name,
            attributes: t
                .attrs
                .iter()
                .map(|a| TypeAttr {
                    name: &a.name,
                    r#type: &a.kind,
                })
                .collect(),
        })
        .collect()
}
