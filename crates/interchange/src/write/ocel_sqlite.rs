//! OCEL 2.0 as SQLite: a table for every type, with a column for every attribute met.
//!
//! A column takes the type of its first value. SQLite may then turn a text that is a number into that number; other
//! formats tell values of several types in one attribute apart, this one cannot.

use std::{
    collections::{HashMap, HashSet},
    fs, io,
};

use model::{Attr, Value};
use rusqlite::{Connection, params, params_from_iter, types::ToSqlOutput};
use tempfile::NamedTempFile;

use super::{
    Writer, Written, common,
    ocel_json::{event_id, note_meta},
    target::{self, Target},
};
use crate::{Event, Item, Object, TypeDecl, WriteError};

/// SQLite's own limit is 2000; some are taken by the format.
const COLUMNS: usize = 1900;

pub(crate) struct OcelSqlite<'a> {
    target: Target<'a>,
    /// Where SQLite works: the target's own file, or a temporary one.
    own: Option<NamedTempFile>,
    db: Connection,
    events: HashMap<String, Table>,
    objects: HashMap<String, Table>,
    /// Names of tables in lower case, as SQLite tells them apart.
    names: HashSet<String>,
    written: Written,
}

struct Table {
    name: String,
    /// Attribute → column.
    columns: HashMap<String, String>,
    /// Columns in lower case.
    taken: HashSet<String>,
}

const SCHEMA: &str = "
CREATE TABLE event_map_type (ocel_type TEXT PRIMARY KEY, ocel_type_map TEXT);
CREATE TABLE object_map_type (ocel_type TEXT PRIMARY KEY, ocel_type_map TEXT);
CREATE TABLE event (ocel_id TEXT PRIMARY KEY, ocel_type TEXT, FOREIGN KEY(ocel_type) REFERENCES event_map_type(ocel_type));
CREATE TABLE object (ocel_id TEXT PRIMARY KEY, ocel_type TEXT, FOREIGN KEY(ocel_type) REFERENCES object_map_type(ocel_type));
CREATE TABLE event_object (ocel_event_id TEXT, ocel_object_id TEXT, ocel_qualifier TEXT,
  PRIMARY KEY(ocel_event_id, ocel_object_id, ocel_qualifier),
  FOREIGN KEY(ocel_event_id) REFERENCES event(ocel_id), FOREIGN KEY(ocel_object_id) REFERENCES object(ocel_id));
CREATE TABLE object_object (ocel_source_id TEXT, ocel_target_id TEXT, ocel_qualifier TEXT,
  PRIMARY KEY(ocel_source_id, ocel_target_id, ocel_qualifier),
  FOREIGN KEY(ocel_source_id) REFERENCES object(ocel_id), FOREIGN KEY(ocel_target_id) REFERENCES object(ocel_id));
";

impl<'a> OcelSqlite<'a> {
    pub(crate) fn new(target: Target<'a>) -> Result<Self, WriteError> {
        let (path, own) = match &target {
            Target::File(file, _) => (file.path().to_owned(), None),
            Target::Stream(_) => {
                let file = NamedTempFile::new()?;
                (file.path().to_owned(), Some(file))
            }
        };
        let db = Connection::open(path)?;
        // Half a file is thrown away as a whole, so it needs no journal.
        db.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF; PRAGMA cache_size = -16000;")?;
        db.execute_batch(SCHEMA)?;
        db.execute_batch("BEGIN")?;
        Ok(Self {
            target,
            own,
            db,
            events: HashMap::new(),
            objects: HashMap::new(),
            names: HashSet::new(),
            written: Written::default(),
        })
    }

    fn declare(&mut self, event: bool, decl: &TypeDecl) -> Result<(), WriteError> {
        self.table(event, &decl.name)?;
        for attr in &decl.attrs {
            self.column(event, &decl.name, &attr.name, column_type(&attr.kind))?;
        }
        Ok(())
    }

    /// Makes the table of a type.
    fn table(&mut self, event: bool, of: &str) -> Result<(), WriteError> {
        let (tables, kind) = if event {
            (&mut self.events, "event")
        } else {
            (&mut self.objects, "object")
        };
        if tables.contains_key(of) {
            return Ok(());
        }
        let mut map: String = of.chars().filter(|c| c.is_alphanumeric()).collect();
        let plain = map.clone();
        let mut n = 1;
        // `event_object`, `event_map_type` and the like are taken.
        let taken = |name: &str| {
            [
                "event_object",
                "object_object",
                "event_map_type",
                "object_map_type",
            ]
            .contains(&name)
        };
        while map.is_empty()
            || taken(&format!("{kind}_{}", map.to_lowercase()))
            || !self.names.insert(format!("{kind}_{}", map.to_lowercase()))
        {
            n += 1;
            map = format!("{plain}{n}");
        }
        let name = format!("{kind}_{map}");
        let rest = if event {
            "PRIMARY KEY(ocel_id), FOREIGN KEY(ocel_id) REFERENCES event(ocel_id)"
        } else {
            "FOREIGN KEY(ocel_id) REFERENCES object(ocel_id)"
        };
        let changed = if event {
            ""
        } else {
            "ocel_changed_field TEXT, "
        };
        self.db.execute_batch(&format!(
            "CREATE TABLE {} (ocel_id TEXT, ocel_time TIMESTAMP, {changed}{rest})",
            quoted(&name)
        ))?;
        if !event {
            let index = quoted(&format!("index_{name}"));
            self.db.execute_batch(&format!(
                "CREATE INDEX {index} ON {}(ocel_id)",
                quoted(&name)
            ))?;
        }
        self.db.execute(
            &format!("INSERT INTO {kind}_map_type VALUES (?1, ?2)"),
            params![of, map],
        )?;
        let taken = ["ocel_id", "ocel_time", "ocel_changed_field"]
            .map(String::from)
            .into();
        tables.insert(
            of.to_owned(),
            Table {
                name,
                columns: HashMap::new(),
                taken,
            },
        );
        Ok(())
    }

    /// The column of an attribute; made if there is none yet. `None` where the table is full.
    fn column(
        &mut self,
        event: bool,
        of: &str,
        attr: &str,
        declared: String,
    ) -> Result<Option<String>, WriteError> {
        let tables = if event {
            &mut self.events
        } else {
            &mut self.objects
        };
        let Some(table) = tables.get_mut(of) else {
            return Ok(None);
        };
        if let Some(column) = table.columns.get(attr) {
            return Ok(Some(column.clone()));
        }
        if table.columns.len() == COLUMNS {
            self.written.note(
                "a table of SQLite has at most 2000 columns: further attributes are left out",
            );
            return Ok(None);
        }
        let plain: String = attr
            .chars()
            .map(|c| if c == '\0' { '\u{FFFD}' } else { c })
            .collect();
        let mut column = plain.clone();
        let mut n = 1;
        while column.is_empty() || !table.taken.insert(column.to_lowercase()) {
            n += 1;
            column = format!("{plain}_{n}");
            self.written.note("SQLite does not tell upper and lower case of columns apart: some attributes have a number behind their name");
        }
        self.db.execute_batch(&format!(
            "ALTER TABLE {} ADD COLUMN {} {declared}",
            quoted(&table.name),
            quoted(&column)
        ))?;
        table.columns.insert(attr.to_owned(), column.clone());
        Ok(Some(column))
    }

    /// One row of a type's table.
    fn row(
        &mut self,
        event: bool,
        of: &str,
        id: &str,
        time: &str,
        changed: Option<&str>,
        attrs: &[(String, &Value)],
    ) -> Result<(), WriteError> {
        let mut names = String::from("ocel_id, ocel_time");
        let mut values: Vec<ToSqlOutput<'_>> = vec![id.into(), time.into()];
        if let Some(changed) = changed {
            names.push_str(", ocel_changed_field");
            values.push(changed.to_owned().into());
        }
        for (column, value) in attrs {
            names.push_str(", ");
            names.push_str(&quoted(column));
            values.push(match value {
                Value::Int(n) => (*n).into(),
                Value::Float(n) => (*n).into(),
                Value::Bool(b) => i64::from(*b).into(),
                value => common::text(value)
                    .map(|t| t.into_owned())
                    .map_or(rusqlite::types::Null.into(), Into::into),
            });
        }
        let marks = (1..=values.len())
            .map(|n| format!("?{n}"))
            .collect::<Vec<_>>()
            .join(",");
        let tables = if event { &self.events } else { &self.objects };
        let Some(table) = tables.get(of) else {
            return Ok(());
        };
        let sql = format!(
            "INSERT INTO {} ({names}) VALUES ({marks})",
            quoted(&table.name)
        );
        self.db
            .prepare_cached(&sql)?
            .execute(params_from_iter(values))?;
        Ok(())
    }

    fn columns<'v>(
        &mut self,
        event: bool,
        of: &str,
        attrs: &'v [Attr],
    ) -> Result<Vec<Placed<'v>>, WriteError> {
        let mut placed = Vec::with_capacity(attrs.len());
        for (key, value, at) in common::flat(attrs) {
            let declared = common::kind(value).map_or_else(String::new, column_type);
            if let Some(column) = self.column(event, of, &key, declared)? {
                placed.push(Placed {
                    column,
                    value,
                    at: at.map(|at| common::time(at).into_owned()),
                });
            }
        }
        Ok(placed)
    }

    fn event(&mut self, event: &Event) -> Result<(), WriteError> {
        self.table(true, &event.activity)?;
        let id = event_id(event, self.written.events + 1);
        self.written.events += 1;
        let new = self
            .db
            .prepare_cached("INSERT OR IGNORE INTO event VALUES (?1, ?2)")?
            .execute(params![id, event.activity])?;
        if new == 0 {
            self.written
                .note("an event with an id that another has already was left out");
            self.written.events -= 1;
            return Ok(());
        }
        let placed = self.columns(true, &event.activity, &event.attrs)?;
        let mut attrs: Vec<(String, &Value)> = Vec::with_capacity(placed.len());
        for Placed { column, value, .. } in placed {
            if attrs.iter().any(|(c, _)| *c == column) {
                self.written.note("SQLite holds one value for an attribute of an event: of several the first is kept");
            } else {
                attrs.push((column, value));
            }
        }
        self.row(
            true,
            &event.activity,
            &id,
            &common::time(&event.time),
            None,
            &attrs,
        )?;
        let mut relate = self
            .db
            .prepare_cached("INSERT OR IGNORE INTO event_object VALUES (?1, ?2, ?3)")?;
        for object in &event.objects {
            relate.execute(params![
                id,
                object.id,
                object.qualifier.as_deref().unwrap_or("")
            ])?;
        }
        Ok(())
    }

    /// First row: the values from one time on, one for each attribute. Every further value is a change with a row of its own.
    fn object(&mut self, object: &Object) -> Result<(), WriteError> {
        self.table(false, &object.object_type)?;
        let new = self
            .db
            .prepare_cached("INSERT OR IGNORE INTO object VALUES (?1, ?2)")?
            .execute(params![object.id, object.object_type])?;
        self.written.objects += new as u64;
        let placed = self.columns(false, &object.object_type, &object.attrs)?;
        let since = placed.first().and_then(|p| p.at.clone());
        let mut first: Vec<(String, &Value)> = Vec::new();
        let mut rest = Vec::new();
        for Placed { column, value, at } in placed {
            let initial = new > 0
                && rest.is_empty()
                && at == since
                && !matches!(value, Value::Null)
                && !first.iter().any(|(c, _)| *c == column);
            if initial {
                first.push((column, value));
            } else {
                rest.push((column, value, at));
            }
        }
        if new > 0 {
            let time = if first.is_empty() { None } else { since };
            self.row(
                false,
                &object.object_type,
                &object.id,
                time.as_deref().unwrap_or(common::BEGINNING),
                None,
                &first,
            )?;
        }
        for (column, value, at) in rest {
            let changed = column.clone();
            let time = at.as_deref().unwrap_or(common::BEGINNING);
            self.row(
                false,
                &object.object_type,
                &object.id,
                time,
                Some(&changed),
                &[(column, value)],
            )?;
        }
        let mut relate = self
            .db
            .prepare_cached("INSERT OR IGNORE INTO object_object VALUES (?1, ?2, ?3)")?;
        for relation in &object.relations {
            relate.execute(params![
                object.id,
                relation.object,
                relation.qualifier.as_deref().unwrap_or("")
            ])?;
        }
        Ok(())
    }
}

struct Placed<'v> {
    column: String,
    value: &'v Value,
    at: Option<String>,
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The type of a column for a type of OCEL; others as the source declared them, if that is harmless.
fn column_type(kind: &str) -> String {
    match kind.to_ascii_lowercase().as_str() {
        "string" => "TEXT".into(),
        "integer" => "INTEGER".into(),
        "float" => "REAL".into(),
        "boolean" => "BOOLEAN".into(),
        "time" => "TIMESTAMP".into(),
        _ if kind
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, ' ' | '_'))
            && !kind.to_ascii_uppercase().contains("KEY") =>
        {
            quoted_type(kind)
        }
        _ => "TEXT".into(),
    }
}

fn quoted_type(kind: &str) -> String {
    if kind.trim().is_empty() {
        String::new()
    } else {
        quoted(kind)
    }
}

impl Writer for OcelSqlite<'_> {
    fn item(&mut self, item: &Item) -> Result<(), WriteError> {
        match item {
            Item::Log(meta) => {
                note_meta(meta, &mut self.written);
                meta.event_types
                    .iter()
                    .try_for_each(|decl| self.declare(true, decl))?;
                meta.object_types
                    .iter()
                    .try_for_each(|decl| self.declare(false, decl))
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
        let Self {
            target,
            own,
            db,
            written,
            ..
        } = *self;
        db.execute_batch("COMMIT")?;
        db.close().map_err(|(_, e)| e)?;
        match (target, own) {
            (Target::File(file, path), _) => target::place(file, &path)?,
            (Target::Stream(mut stream), Some(own)) => {
                io::copy(&mut fs::File::open(own.path())?, &mut stream)?;
                stream.flush()?;
            }
            (Target::Stream(_), None) => {}
        }
        Ok(written)
    }
}
