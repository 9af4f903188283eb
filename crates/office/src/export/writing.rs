//! From entries back to items of an event log, in the order of the log.
//!
//! What was imported comes out under the ids of its source; what was sent in or generated comes out under pseudonyms,
//! with names as attributes, because names need not be unique. Only of a case its number is the id.

use std::collections::{HashMap, HashSet};

use interchange::{
    Event, EventObject, Item, LogMeta, Object, Output, Relation, WriteError, WriteOptions, Writer,
};
use ledger::{BodyState, Record};
use model::{Attr, Body, Entry, Header, Micros, Pseudonym, TimeText, Value};
use register::activity;

use super::{Export, Exported, Plan};
use crate::{
    Error,
    entry::damaged,
    import::{LATER_LOG, LOG, LOG_PIECE, LOG_PIECES, LOG_PLACE, UNDECLARED},
    node::Inner,
};

/// Entries and bytes read at once.
const BATCH: usize = 4_096;
const BATCH_BYTES: usize = 8 * 1024 * 1024;
/// Names of objects that are remembered.
const REMEMBERED: usize = 200_000;

pub(super) fn run(
    inner: &Inner,
    handle: &tokio::runtime::Handle,
    export: &Export,
    plan: Plan,
    mut progress: impl FnMut(u64, u64),
) -> Result<Exported, Error> {
    let options = WriteOptions {
        flatten: export.case_type.clone(),
        ..WriteOptions::default()
    };
    let writer = interchange::writer(export.format, Output::Path(&export.out), &options)
        .map_err(unwritten)?;
    let mut writing = Writing {
        inner,
        handle,
        writer,
        several: plan.source.is_none() && plan.case.is_none(),
        source: plan.source,
        ids: HashMap::new(),
        declared: HashSet::new(),
        pieces: String::new(),
        done: Exported::default(),
    };
    match plan.only {
        Some(entries) => {
            let total = entries.len() as u64;
            for (n, index) in entries.into_iter().enumerate() {
                let record = inner.ledger.record(index).map_err(damaged)?;
                writing.record(record)?;
                progress(n as u64 + 1, total);
            }
        }
        None => {
            let size = inner.ledger.size();
            let mut next = plan.from;
            while next < size {
                let records = inner
                    .ledger
                    .read(next, BATCH, BATCH_BYTES)
                    .map_err(damaged)?;
                if records.is_empty() {
                    break;
                }
                next += records.len() as u64;
                for record in records {
                    writing.record(record)?;
                }
                progress(next - plan.from, size - plan.from);
            }
        }
    }
    let written = writing.writer.finish().map_err(unwritten)?;
    let mut done = writing.done;
    done.events = written.events;
    done.objects = written.objects;
    done.left_out = written.left_out;
    done.notes = written.notes;
    if written.repeated > 0 {
        done.notes.push(format!(
            "{} events are about several cases and stand there once for each",
            written.repeated
        ));
    }
    Ok(done)
}

fn unwritten(e: WriteError) -> Error {
    Error::field("out", "unwritable", e.to_string())
}

struct Writing<'w> {
    inner: &'w Inner,
    handle: &'w tokio::runtime::Handle,
    writer: Box<dyn Writer + 'w>,
    /// The one source; else everything.
    source: Option<String>,
    /// Several sources may be written, and may use the same ids.
    several: bool,
    /// Ids under which objects are written.
    ids: HashMap<Pseudonym, String>,
    /// Objects that were written.
    declared: HashSet<Pseudonym>,
    /// What has come of a description that lies in several bodies.
    pieces: String,
    done: Exported,
}

impl Writing<'_> {
    fn record(&mut self, record: Record) -> Result<(), Error> {
        let header = Entry::parse(&record.entry).map_err(damaged)?.header;
        let activity = header.activity.as_str();
        // Records of inquiries leave the node by no export, whoever asks.
        if activity.starts_with(activity::INTERFERENCE) {
            return Ok(());
        }
        let own = activity.starts_with(activity::NODE);
        if own && activity != activity::IMPORT && activity != activity::OBJECT {
            return Ok(());
        }
        let erased = record.body == BodyState::Erased;
        let body = match (record.body, &header.body) {
            (BodyState::Present(bytes), Some(commitment)) => {
                Some(Body::open(&bytes, commitment).map_err(damaged)?)
            }
            _ => None,
        };
        match (activity, body) {
            (activity::IMPORT, Some(body)) => self.import(&body),
            (activity::OBJECT, Some(body)) => self.object(&header, body),
            (activity::IMPORT | activity::OBJECT, None) => Ok(()),
            (_, body) => self.event(header, body, erased),
        }
    }

    fn wants(&self, source: Option<&str>) -> bool {
        self.source.is_none() || self.source.as_deref() == source
    }

    fn import(&mut self, body: &Body) -> Result<(), Error> {
        if self.wants(body.text("source")) && !self.several {
            self.log(body.text(LOG))?;
        }
        Ok(())
    }

    fn log(&mut self, text: Option<&str>) -> Result<(), Error> {
        let Some(text) = text else { return Ok(()) };
        let log: LogMeta = serde_json::from_str(text).map_err(damaged)?;
        if log.is_empty() {
            Ok(())
        } else {
            self.writer.item(&Item::Log(log)).map_err(unwritten)
        }
    }

    /// Pieces come in their order; with the last one the description is whole.
    fn piece(&mut self, piece: &str, body: &Body) -> Result<(), Error> {
        let number = |key: &str| match body.attr(key).map(|a| &a.value) {
            Some(Value::Int(n)) => *n,
            _ => -1,
        };
        if number(LOG_PLACE) == 0 {
            self.pieces.clear();
        }
        self.pieces.push_str(piece);
        if number(LOG_PLACE) + 1 < number(LOG_PIECES) {
            return Ok(());
        }
        let whole = std::mem::take(&mut self.pieces);
        self.log(Some(&whole))
    }

    fn object(&mut self, header: &Header, body: Body) -> Result<(), Error> {
        let Some(source) = &body.source else {
            return Ok(());
        };
        if !self.wants(Some(&source.name)) {
            return Ok(());
        }
        if let Some(piece) = body.text(LOG_PIECE) {
            return if self.several {
                Ok(())
            } else {
                self.piece(piece, &body)
            };
        }
        if let Some(later) = body.text(LATER_LOG) {
            return if self.several {
                Ok(())
            } else {
                self.log(Some(later))
            };
        }
        let Some(reference) = header.objects.first() else {
            return Ok(());
        };
        let source = source.clone();
        let id = self.own_id(&source.name, &source.id);
        self.remember(reference.id, id.clone());
        self.declared.insert(reference.id);
        let mut relations = Vec::with_capacity(body.relations.len());
        for r in &body.relations {
            let object = match body.names.get(&r.target) {
                Some(id) => self.own_id(&source.name, id),
                None => r.target.to_string(),
            };
            relations.push(Relation {
                object,
                qualifier: r.qualifier.as_ref().map(ToString::to_string),
            });
        }
        let object_type = reference.object_type.to_string();
        let object = Object {
            id,
            object_type,
            attrs: body.attrs,
            relations,
            place: Default::default(),
        };
        self.writer.item(&Item::Object(object)).map_err(unwritten)
    }

    fn event(&mut self, header: Header, body: Option<Body>, erased: bool) -> Result<(), Error> {
        let source = body.as_ref().and_then(|b| b.source.clone());
        if erased {
            // Whose it was stood in its body; the objects tell.
            if self.source.is_some()
                && !header.objects.iter().any(|o| self.declared.contains(&o.id))
            {
                return Ok(());
            }
            self.done.erased += 1;
        } else if !self.wants(source.as_ref().map(|s| s.name.as_str())) {
            return Ok(());
        }
        let mut objects = Vec::with_capacity(header.objects.len());
        for o in &header.objects {
            let undeclared = o.object_type.as_str() == UNDECLARED;
            let told = body
                .as_ref()
                .filter(|_| source.is_some())
                .and_then(|b| b.names.get(&o.id));
            let id = match (told, &source) {
                (Some(id), Some(source)) => self.own_id(&source.name, id),
                _ => self.id(o.id, o.object_type.as_str())?,
            };
            if !undeclared && self.declared.insert(o.id) {
                self.describe(o.id, o.object_type.as_str(), &id)?;
            }
            objects.push(EventObject {
                id,
                object_type: (!undeclared).then(|| o.object_type.to_string()),
                qualifier: o.qualifier.as_ref().map(ToString::to_string),
            });
        }
        let activity = header
            .activity
            .foreign_name()
            .unwrap_or(header.activity.as_str())
            .to_owned();
        let (attrs, time) = match body {
            Some(mut b) => {
                let time = b.occurred.take();
                if source.is_none()
                    && let Some(words) = b.words.take()
                {
                    b.attrs.push(Attr::text("words", words));
                }
                (b.attrs, time)
            }
            None => (Vec::new(), None),
        };
        let event = Event {
            id: match source {
                Some(s) => Some(self.own_id(&s.name, &s.id)).filter(|_| !s.id.is_empty()),
                None => Some(header.id.to_string()),
            },
            activity,
            time: time.map_or_else(|| plain_time(header.occurred), Ok)?,
            objects,
            attrs,
            ordinal: None,
            place: Default::default(),
        };
        self.writer.item(&Item::Event(event)).map_err(unwritten)
    }

    /// An object that was not written yet: as its source described it, else under its name, if the register has one.
    fn describe(&mut self, id: Pseudonym, object_type: &str, written: &str) -> Result<(), Error> {
        if let Some(index) = self
            .handle
            .block_on(self.inner.register.description_of(id))?
        {
            let (header, body) = self.handle.block_on(self.inner.open_body(index))?;
            if let Some(body) = body {
                return self.object(&header, body);
            }
        }
        let mut attrs = Vec::new();
        if let Some(name) = self.name(id)?.filter(|n| n != written) {
            attrs.push(Attr::text("name", name));
        }
        let object = Object {
            id: written.to_owned(),
            object_type: object_type.to_owned(),
            attrs,
            relations: Vec::new(),
            place: Default::default(),
        };
        self.writer.item(&Item::Object(object)).map_err(unwritten)
    }

    /// An id of a source: as it is, or with the source before it where several are written together.
    fn own_id(&self, source: &str, id: &str) -> String {
        if self.several {
            format!("{source}/{id}")
        } else {
            id.to_owned()
        }
    }

    fn remember(&mut self, object: Pseudonym, id: String) {
        if self.ids.len() >= REMEMBERED {
            self.ids.clear();
        }
        self.ids.insert(object, id);
    }

    /// The id under which an object is written.
    fn id(&mut self, object: Pseudonym, object_type: &str) -> Result<String, Error> {
        if let Some(id) = self.ids.get(&object) {
            return Ok(id.clone());
        }
        let described = self
            .handle
            .block_on(self.inner.register.description_of(object))?;
        let id = match described {
            Some(index) => {
                let (_, body) = self.handle.block_on(self.inner.open_body(index))?;
                body.and_then(|b| b.source)
                    .map(|s| self.own_id(&s.name, &s.id))
            }
            None if object_type == interchange::CASE => self.name(object)?,
            None => None,
        };
        let id = id.unwrap_or_else(|| object.to_string());
        self.remember(object, id.clone());
        Ok(id)
    }

    fn name(&self, object: Pseudonym) -> Result<Option<String>, Error> {
        Ok(self.handle.block_on(self.inner.register.name(object))?)
    }
}

fn plain_time(t: Micros) -> Result<TimeText, Error> {
    t.to_string()
        .parse()
        .map_err(|e| Error::internal("time", e))
}
