//! CSV: one row for each event, or for each event of each case.
//!
//! Two shapes, both known to [`crate::mapping::guess`] and to PM4Py. *Flat*: `case:concept:name`, the case's attributes as
//! `case:…`, `concept:name`, `time:timestamp`. *Object-centric*: `ocel:eid`, `ocel:activity`, `ocel:timestamp`, and a
//! column `ocel:type:…` with a list of ids for every type. A CSV has no types of values; the second shape also has no
//! attributes of objects, no relations and no qualifiers.

use std::{
    collections::{HashMap, HashSet},
    io::{BufRead, Write},
};

use model::Attr;
use rusqlite::{Connection, OptionalExtension, params};

use super::{Writer, Written, common, ocel_json::event_id, spool::Spool, target::Target};
use crate::{
    CASE, Event, Item, Object, WriteError, WriteOptions,
    read::{NAME, TIME},
};

/// Columns that are held; further attributes are left out.
const COLUMNS: usize = 10_000;

pub(crate) struct Csv<'a> {
    target: Target<'a>,
    gzip: bool,
    flatten: Option<String>,
    /// Every event as JSON, a line each.
    events: Spool,
    number: u64,
    /// Attributes of objects that may be cases.
    cases: Connection,
    _folder: tempfile::TempDir,
    columns: Columns,
    case_columns: Columns,
    types: Columns,
    /// Every event is about exactly one case or none.
    flat: bool,
    lost: bool,
    any_id: bool,
    written: Written,
}

/// Names in the order in which they were met.
#[derive(Default)]
struct Columns {
    list: Vec<String>,
    known: HashSet<String>,
}

impl Columns {
    fn meet(&mut self, name: &str, written: &mut Written) {
        if self.known.contains(name) {
            return;
        }
        if self.list.len() == COLUMNS {
            written
                .note("a CSV has at most 10000 columns of a kind here: further ones are left out");
            return;
        }
        self.known.insert(name.to_owned());
        self.list.push(name.to_owned());
    }
}

impl<'a> Csv<'a> {
    pub(crate) fn new(target: Target<'a>, options: &WriteOptions) -> Result<Self, WriteError> {
        let folder = tempfile::tempdir()?;
        let cases = Connection::open(folder.path().join("cases"))?;
        cases.execute_batch(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE; PRAGMA cache_size = -8000;
             CREATE TABLE cases (id TEXT PRIMARY KEY, attrs TEXT NOT NULL) WITHOUT ROWID; BEGIN",
        )?;
        Ok(Self {
            target,
            gzip: options.gzip,
            flatten: options.flatten.clone(),
            events: Spool::new()?,
            number: 0,
            cases,
            _folder: folder,
            columns: Columns::default(),
            case_columns: Columns::default(),
            types: Columns::default(),
            flat: true,
            lost: false,
            any_id: false,
            written: Written::default(),
        })
    }

    fn case(&self) -> &str {
        self.flatten.as_deref().unwrap_or(CASE)
    }

    fn object(&mut self, object: &Object) -> Result<(), WriteError> {
        self.types.meet(&object.object_type, &mut self.written);
        self.written.objects += 1;
        self.lost |= !object.relations.is_empty();
        if object.object_type != self.case() {
            self.flat = false;
            self.lost |= !object.attrs.is_empty();
            return Ok(());
        }
        for (key, ..) in common::flat(&object.attrs) {
            self.case_columns.meet(&key, &mut self.written);
        }
        let before = attrs_of(&self.cases, &object.id)?;
        let all: Vec<&Attr> = before.iter().chain(&object.attrs).collect();
        let json = serde_json::to_string(&all).map_err(std::io::Error::from)?;
        self.cases
            .prepare_cached("INSERT OR REPLACE INTO cases VALUES (?1, ?2)")?
            .execute(params![object.id, json])?;
        Ok(())
    }

    fn event(&mut self, event: &Event) -> Result<(), WriteError> {
        self.number += 1;
        self.any_id |= event.id.is_some();
        for (key, ..) in common::flat(&event.attrs) {
            self.columns.meet(&key, &mut self.written);
        }
        let mut cases = 0;
        for object in &event.objects {
            self.lost |= object.qualifier.is_some();
            let object_type = object.object_type.as_deref().unwrap_or(UNKNOWN);
            self.types.meet(object_type, &mut self.written);
            if object_type == self.case() {
                cases += 1;
            } else {
                self.flat = false;
            }
        }
        self.flat &= cases <= 1;
        serde_json::to_writer(&mut self.events, event).map_err(std::io::Error::from)?;
        Ok(self.events.write_all(b"\n")?)
    }
}

/// The type of objects that nobody described.
const UNKNOWN: &str = "object";

fn attrs_of(cases: &Connection, id: &str) -> Result<Vec<Attr>, WriteError> {
    let mut select = cases.prepare_cached("SELECT attrs FROM cases WHERE id = ?1")?;
    let json: Option<String> = select.query_row([id], |row| row.get(0)).optional()?;
    Ok(match json {
        Some(json) => serde_json::from_str(&json).map_err(std::io::Error::from)?,
        None => Vec::new(),
    })
}

/// One row, quoted where needed.
fn row<'c>(cells: impl Iterator<Item = &'c str>, out: &mut dyn Write) -> Result<(), WriteError> {
    for (at, cell) in cells.enumerate() {
        if at > 0 {
            out.write_all(b",")?;
        }
        if cell.contains([',', '"', '\n', '\r']) {
            write!(out, "\"{}\"", cell.replace('"', "\"\""))?;
        } else {
            out.write_all(cell.as_bytes())?;
        }
    }
    Ok(out.write_all(b"\r\n")?)
}

/// Values of attributes in the order of columns; of several values the last, which is the latest.
fn cells(attrs: &[Attr], columns: &Columns) -> Vec<String> {
    let mut by_key: HashMap<String, String> = HashMap::new();
    for (key, value, _) in common::flat(attrs) {
        if let Some(text) = common::text(value) {
            by_key.insert(key.into_owned(), text.into_owned());
        }
    }
    columns
        .list
        .iter()
        .map(|name| by_key.remove(name).unwrap_or_default())
        .collect()
}

impl Writer for Csv<'_> {
    fn item(&mut self, item: &Item) -> Result<(), WriteError> {
        match item {
            Item::Log(meta) => {
                if !(meta.attrs.is_empty()
                    && meta.globals.is_empty()
                    && meta.classifiers.is_empty()
                    && meta.extensions.is_empty())
                {
                    self.written.note("a CSV has no attributes of the log, globals, classifiers and extensions: left out");
                }
                Ok(())
            }
            Item::Object(object) => {
                common::note_nested(&object.attrs, &mut self.written);
                self.object(object)
            }
            Item::Event(event) => {
                common::note_nested(&event.attrs, &mut self.written);
                self.event(event)
            }
        }
    }

    fn finish(self: Box<Self>) -> Result<Written, WriteError> {
        let flat = self.flatten.is_some() || self.flat;
        let case = self.case().to_owned();
        let Self {
            target,
            gzip,
            flatten,
            events,
            cases,
            columns,
            case_columns,
            types,
            lost,
            any_id,
            mut written,
            ..
        } = *self;
        if lost {
            written.note("a CSV has no attributes of objects (but those of cases), no relations and no qualifiers: left out");
        }
        if flatten.is_some() && !types.known.contains(&case) {
            return Err(WriteError::NoCases { types: types.list });
        }
        // Columns that the shape itself has must not come twice.
        let own: &[&str] = if flat {
            &["case:concept:name", NAME, TIME, "ocel:eid"]
        } else {
            &["ocel:eid", "ocel:activity", "ocel:timestamp"]
        };
        let renamed = |name: &String| {
            if own.contains(&name.as_str()) {
                format!("{name}_2")
            } else {
                name.clone()
            }
        };
        target.deliver(gzip, |out| {
            let mut header: Vec<String> = Vec::new();
            if flat {
                header.push("case:concept:name".into());
                header.extend(
                    case_columns
                        .list
                        .iter()
                        .map(|c| renamed(&format!("case:{c}"))),
                );
                if any_id {
                    header.push("ocel:eid".into());
                }
                header.extend([NAME.into(), TIME.into()]);
            } else {
                header.extend([
                    "ocel:eid".into(),
                    "ocel:activity".into(),
                    "ocel:timestamp".into(),
                ]);
                header.extend(types.list.iter().map(|t| format!("ocel:type:{t}")));
            }
            header.extend(columns.list.iter().map(renamed));
            row(header.iter().map(String::as_str), out)?;
            let mut reader = events.into_reader()?;
            let mut line = String::new();
            let mut number = 0;
            let mut last: Option<(String, Vec<String>)> = None;
            loop {
                line.clear();
                if reader.read_line(&mut line)? == 0 {
                    return Ok(());
                }
                number += 1;
                let event: Event = serde_json::from_str(&line).map_err(std::io::Error::from)?;
                let id = event_id(&event, number);
                let time = common::time(&event.time);
                let attrs = cells(&event.attrs, &columns);
                if !flat {
                    let mut lists = Vec::with_capacity(types.list.len());
                    for of in &types.list {
                        let ids: Vec<&str> = event
                            .objects
                            .iter()
                            .filter(|o| o.object_type.as_deref().unwrap_or(UNKNOWN) == of)
                            .map(|o| o.id.as_str())
                            .collect();
                        lists.push(if ids.is_empty() {
                            String::new()
                        } else {
                            serde_json::to_string(&ids).map_err(std::io::Error::from)?
                        });
                    }
                    let head = [id.as_str(), &event.activity, &time];
                    row(
                        head.into_iter()
                            .chain(lists.iter().chain(&attrs).map(String::as_str)),
                        out,
                    )?;
                    written.events += 1;
                    continue;
                }
                let mut about: Vec<&str> = Vec::new();
                for object in event
                    .objects
                    .iter()
                    .filter(|o| o.object_type.as_deref() == Some(case.as_str()))
                {
                    if !about.contains(&object.id.as_str()) {
                        about.push(&object.id);
                    }
                }
                if about.is_empty() {
                    if flatten.is_some() {
                        written.left_out += 1;
                        written.note("events about no object of the chosen type are left out");
                        continue;
                    }
                    about.push("");
                }
                let several = about.len() > 1;
                written.repeated += u64::from(several);
                for case in about {
                    if last.as_ref().is_none_or(|(of, _)| of != case) {
                        last = Some((
                            case.to_owned(),
                            cells(&attrs_of(&cases, case)?, &case_columns),
                        ));
                    }
                    let case_cells = last.iter().flat_map(|(_, cells)| cells);
                    // Each of several copies is an event of its own, and needs an id of its own.
                    let copy = (several && any_id).then(|| format!("{id}/{case}"));
                    let id = any_id.then(|| copy.as_deref().unwrap_or(&id));
                    let middle = id.into_iter().chain([event.activity.as_str(), &time]);
                    row(
                        [case]
                            .into_iter()
                            .chain(case_cells.map(String::as_str))
                            .chain(middle)
                            .chain(attrs.iter().map(String::as_str)),
                        out,
                    )?;
                    written.events += 1;
                }
            }
        })?;
        Ok(written)
    }
}
