//! OCEL 2.0 as XML.

use std::io::Write;

use super::{
    Writer, Written,
    common::{self, Types, xml},
    ocel_json::{each, event_id, keep, note_meta},
    spool::{Sorter, Spool},
    target::Target,
};
use crate::{Item, TypeDecl, WriteError, WriteOptions};

pub(crate) struct OcelXml<'a> {
    target: Target<'a>,
    gzip: bool,
    event_types: Types,
    object_types: Types,
    objects: Sorter,
    events: Spool,
    line: Vec<u8>,
    /// Attributes of the root, as a log of the same format had them.
    root: Vec<(String, String)>,
    written: Written,
}

impl<'a> OcelXml<'a> {
    pub(crate) fn new(target: Target<'a>, options: &WriteOptions) -> Result<Self, WriteError> {
        Ok(Self {
            target,
            gzip: options.gzip,
            event_types: Types::default(),
            object_types: Types::default(),
            objects: Sorter::new()?,
            events: Spool::new()?,
            line: Vec::new(),
            root: Vec::new(),
            written: Written::default(),
        })
    }
}

/// ` name="value"`
pub(crate) fn attr(name: &str, value: &str, out: &mut Vec<u8>) {
    out.push(b' ');
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"=\"");
    xml(value, true, out);
    out.push(b'"');
}

/// The attributes of an element; those without a value cannot be told in XML.
fn attributes(of: &[model::Attr], since: bool, out: &mut Vec<u8>, written: &mut Written) {
    out.extend_from_slice(b"<attributes>");
    for (key, value, at) in common::flat(of) {
        let Some(text) = common::text(value) else {
            written.note("attributes without a value cannot be told in XML: left out");
            continue;
        };
        out.extend_from_slice(b"<attribute");
        attr("name", &key, out);
        if since {
            match at {
                Some(at) => attr("time", &common::time(at), out),
                None => attr("time", common::BEGINNING, out),
            }
        }
        out.push(b'>');
        xml(&text, false, out);
        out.extend_from_slice(b"</attribute>");
    }
    out.extend_from_slice(b"</attributes>");
}

fn relationship(object: &str, qualifier: Option<&String>, out: &mut Vec<u8>) {
    out.extend_from_slice(b"<relationship");
    attr("object-id", object, out);
    attr("qualifier", qualifier.map_or("", |q| q), out);
    out.extend_from_slice(b"/>");
}

impl Writer for OcelXml<'_> {
    fn item(&mut self, item: &Item) -> Result<(), WriteError> {
        match item {
            Item::Log(meta) => {
                self.event_types.declare(&meta.event_types);
                self.object_types.declare(&meta.object_types);
                note_meta(meta, &mut self.written);
                // Those of XES say that the file is XES.
                if meta
                    .root
                    .iter()
                    .all(|(key, value)| !key.contains("xes") && !value.contains("xes-standard"))
                {
                    self.root.extend(meta.root.iter().cloned());
                }
            }
            Item::Object(object) => {
                common::note_nested(&object.attrs, &mut self.written);
                self.object_types
                    .see(&object.object_type, &common::flat(&object.attrs));
                keep(&mut self.objects, object, &mut self.written)?;
            }
            Item::Event(event) => {
                common::note_nested(&event.attrs, &mut self.written);
                self.event_types
                    .see(&event.activity, &common::flat(&event.attrs));
                let out = &mut self.line;
                out.clear();
                out.extend_from_slice(b"    <event");
                attr("id", &event_id(event, self.written.events + 1), out);
                attr("type", &event.activity, out);
                attr("time", &common::time(&event.time), out);
                out.push(b'>');
                attributes(&event.attrs, false, out, &mut self.written);
                out.extend_from_slice(b"<objects>");
                event
                    .objects
                    .iter()
                    .for_each(|o| relationship(&o.id, o.qualifier.as_ref(), out));
                out.extend_from_slice(b"</objects></event>\n");
                self.events.write_all(out)?;
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
            mut line,
            root,
            mut written,
        } = *self;
        target.deliver(gzip, |out| {
            line.clear();
            line.extend_from_slice(b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<log");
            root.iter()
                .for_each(|(key, value)| attr(key, value, &mut line));
            line.extend_from_slice(b">\n");
            types("object-type", &object_types.list, &mut line);
            types("event-type", &event_types.list, &mut line);
            line.extend_from_slice(b"  <objects>\n");
            out.write_all(&line)?;
            each(&objects, |object| {
                line.clear();
                line.extend_from_slice(b"    <object");
                attr("id", &object.id, &mut line);
                attr("type", &object.object_type, &mut line);
                line.push(b'>');
                attributes(&object.attrs, true, &mut line, &mut written);
                if !object.relations.is_empty() {
                    line.extend_from_slice(b"<objects>");
                    object
                        .relations
                        .iter()
                        .for_each(|r| relationship(&r.object, r.qualifier.as_ref(), &mut line));
                    line.extend_from_slice(b"</objects>");
                }
                line.extend_from_slice(b"</object>\n");
                Ok(out.write_all(&line)?)
            })?;
            out.write_all(b"  </objects>\n  <events>\n")?;
            events.copy_to(out)?;
            Ok(out.write_all(b"  </events>\n</log>\n")?)
        })?;
        Ok(written)
    }
}

fn types(element: &str, list: &[TypeDecl], out: &mut Vec<u8>) {
    out.extend_from_slice(format!("  <{element}s>\n").as_bytes());
    for of in list {
        out.extend_from_slice(format!("    <{element}").as_bytes());
        attr("name", &of.name, out);
        out.extend_from_slice(b"><attributes>");
        for decl in &of.attrs {
            out.extend_from_slice(b"<attribute");
            attr("name", &decl.name, out);
            attr("type", &decl.kind, out);
            out.extend_from_slice(b"/>");
        }
        out.extend_from_slice(format!("</attributes></{element}>\n").as_bytes());
    }
    out.extend_from_slice(format!("  </{element}s>\n").as_bytes());
}
