//! OCEL 2.0 as SQLite: `event`, `object`, one table per type, `event_object`, `object_object`.
//!
//! The file is data from outside: it is opened read-only, tables only (no views, no virtual tables), with bounded values
//! and no extension or trigger of it ever run. Rows come sorted by SQLite, which sorts in temporary files, and are merged
//! here; so memory does not grow with the file.

use std::{fs, io::Read, path::Path};

use model::{Attr, Value};
use rusqlite::{
    Connection, OpenFlags, Row, Rows, Statement, config::DbConfig,
    fallible_streaming_iterator::FallibleStreamingIterator as _, limits::Limit, types::ValueRef,
};

use super::{
    ocel_json::since,
    out::{Bad, Decl, Out},
};
use crate::{
    AttrDecl, Cause, Event, EventObject, LogMeta, Object, Place, Relation, TypeDecl, What,
    item::cut,
};

/// A day in µs: no clock is further from UTC.
const DAY: i64 = 86_400_000_000;

/// Types of events or objects that one file may have; each holds a cursor.
const TYPES: usize = 2000;

pub(crate) fn read(path: &Path, out: &mut Out<'_>) -> Result<(), Cause> {
    let db = open(path, out)?;
    let tables = Tables::of(&db, out)?;
    let meta = LogMeta {
        event_types: tables.decls(&tables.events),
        object_types: tables.decls(&tables.objects),
        ..LogMeta::default()
    };
    out.log(meta)?;
    objects(&db, &tables.objects, out)?;
    events(&db, &tables.events, out)
}

/// True if the file has the tables of OCEL 2.0.
pub(crate) fn check(db: &Connection) -> Result<(), Cause> {
    for table in [
        "event",
        "object",
        "event_object",
        "event_map_type",
        "object_map_type",
    ] {
        if !has_table(db, table)? {
            return Err(Cause::Schema(format!("table `{table}`")));
        }
    }
    Ok(())
}

/// SQLite reads a file that was cut off as if the missing pages held nothing.
fn whole(path: &Path) -> Result<(), Cause> {
    let mut header = [0; 100];
    let mut file = fs::File::open(path)?;
    let size = file.metadata()?.len();
    if file.read_exact(&mut header).is_err() {
        return Err(Cause::Sqlite(format!(
            "the file is cut off: it has {size} bytes"
        )));
    }
    let number = |at: usize| {
        u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]])
    };
    // 1 stands for 65536.
    let page = match u16::from_be_bytes([header[16], header[17]]) {
        1 => 65_536,
        n => u64::from(n),
    };
    // The count of pages holds only if it was written with the last change.
    let wanted = page * u64::from(number(28));
    if number(24) == number(92) && size < wanted {
        return Err(Cause::Sqlite(format!(
            "the file is cut off: it has {size} of {wanted} bytes"
        )));
    }
    Ok(())
}

fn open(path: &Path, out: &mut Out<'_>) -> Result<Connection, Cause> {
    whole(path)?;
    // A file that was closed cleanly can be read without locks, even where nothing may be written beside it.
    let sidecar = |end: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(end);
        fs::metadata(name).is_ok_and(|m| m.len() > 0)
    };
    let mut uri = "file:".to_owned();
    for byte in fs::canonicalize(path)?.as_os_str().as_encoded_bytes() {
        match byte {
            b'/' | b'.' | b'-' | b'_' => uri.push(*byte as char),
            b if b.is_ascii_alphanumeric() => uri.push(*b as char),
            b => uri.push_str(&format!("%{b:02x}")),
        }
    }
    uri.push_str(if sidecar("-wal") || sidecar("-journal") {
        "?mode=ro"
    } else {
        "?mode=ro&immutable=1"
    });
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_URI
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(uri, flags)?;
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false)?;
    db.execute_batch("PRAGMA temp_store = FILE; PRAGMA cache_size = -8000; PRAGMA mmap_size = 0")?;
    // Not below what a row of many values may need; values are looked at one by one below.
    let most = out
        .options
        .limits
        .event
        .saturating_mul(4)
        .clamp(1 << 20, 1 << 29);
    db.set_limit(Limit::SQLITE_LIMIT_LENGTH, most as i32)?;
    check(&db)?;
    // A damaged index would hide rows without a word.
    let state: String = db.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if state != "ok" {
        return Err(Cause::Sqlite(format!(
            "the file is damaged: {}",
            cut(&state)
        )));
    }
    Ok(db)
}

fn has_table(db: &Connection, name: &str) -> Result<bool, Cause> {
    let found = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND lower(name) = lower(?1) AND sql NOT LIKE 'CREATE VIRTUAL%'";
    Ok(db.query_row(found, [name], |row| row.get::<_, i64>(0))? > 0)
}

/// A type with its table.
struct Typed {
    name: String,
    table: String,
    /// Columns that are attributes, with the place in the table.
    columns: Vec<(usize, AttrDecl)>,
    time: usize,
    id: usize,
    changed: Option<usize>,
}

struct Tables {
    events: Vec<Typed>,
    objects: Vec<Typed>,
}

impl Tables {
    fn of(db: &Connection, out: &Out<'_>) -> Result<Self, Cause> {
        Ok(Self {
            events: typed(db, "event", out)?,
            objects: typed(db, "object", out)?,
        })
    }

    fn decls(&self, of: &[Typed]) -> Vec<TypeDecl> {
        let decl = |t: &Typed| TypeDecl {
            name: t.name.clone(),
            attrs: t.columns.iter().map(|(_, d)| d.clone()).collect(),
        };
        of.iter().map(decl).collect()
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn typed(db: &Connection, kind: &str, out: &Out<'_>) -> Result<Vec<Typed>, Cause> {
    let mut maps = db.prepare(&format!(
        "SELECT ocel_type, ocel_type_map FROM {kind}_map_type ORDER BY rowid"
    ))?;
    let mut rows = maps.query([])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        let (name, map): (String, String) = (row.get(0)?, row.get(1)?);
        if all.len() == TYPES || name.len() > out.options.limits.attribute {
            return Err(Cause::Schema(format!(
                "{kind} types within the limits ({TYPES} types)"
            )));
        }
        let table = format!("{kind}_{map}");
        if !has_table(db, &table)? {
            return Err(Cause::Schema(format!(
                "table `{}` for the type `{}`",
                cut(&table),
                cut(&name)
            )));
        }
        let mut of = Typed {
            name,
            table,
            columns: Vec::new(),
            time: usize::MAX,
            id: usize::MAX,
            changed: None,
        };
        let mut info = db.prepare("SELECT name, type FROM pragma_table_info(?1) ORDER BY cid")?;
        let mut columns = info.query([&of.table])?;
        let mut at = 0;
        while let Some(column) = columns.next()? {
            let (name, kind): (String, String) = (column.get(0)?, column.get(1)?);
            match name.as_str() {
                "ocel_id" => of.id = at,
                "ocel_time" => of.time = at,
                "ocel_changed_field" => of.changed = Some(at),
                _ => of.columns.push((
                    at,
                    AttrDecl {
                        name,
                        kind: kind_name(&kind),
                    },
                )),
            }
            at += 1;
        }
        for (column, at) in [("ocel_id", of.id), ("ocel_time", of.time)] {
            if at == usize::MAX && (kind == "event" || column == "ocel_id") {
                return Err(Cause::Schema(format!(
                    "column `{column}` in table `{}`",
                    cut(&of.table)
                )));
            }
        }
        all.push(of);
    }
    Ok(all)
}

/// The words of OCEL for a column's declared type; others as written.
fn kind_name(declared: &str) -> String {
    match declared.to_ascii_uppercase().as_str() {
        "TEXT" => "string".into(),
        "TIMESTAMP" | "DATETIME" => "time".into(),
        "INTEGER" => "integer".into(),
        "REAL" => "float".into(),
        "BOOLEAN" => "boolean".into(),
        _ => declared.to_owned(),
    }
}

/// The next row of each cursor, by the place of its event or object in the file.
struct Merge<'s> {
    rows: Rows<'s>,
    /// Place of the row that the cursor stands on.
    at: Option<i64>,
}

impl<'s> Merge<'s> {
    fn new(statement: &'s mut Statement<'_>) -> Result<Self, Cause> {
        let mut merge = Self {
            rows: statement.query([])?,
            at: None,
        };
        merge.step()?;
        Ok(merge)
    }

    fn step(&mut self) -> Result<(), Cause> {
        self.at = match self.rows.next()? {
            Some(row) => Some(row.get(0)?),
            None => None,
        };
        Ok(())
    }

    /// Runs `each` for the rows that stand at `place`; passes over those of earlier places.
    fn take(
        &mut self,
        place: i64,
        mut each: impl FnMut(&Row<'_>) -> Result<(), Cause>,
    ) -> Result<bool, Cause> {
        let mut any = false;
        while let Some(at) = self.at
            && at <= place
        {
            if let (true, Some(row)) = (at == place, self.rows.get()) {
                any = true;
                each(row)?;
            }
            self.step()?;
        }
        Ok(any)
    }
}

/// Everything about one object or event.
struct Building {
    place: Place,
    id: String,
    kind: String,
    size: usize,
    bad: Bad,
}

impl Building {
    /// A text, bounded.
    fn text(&mut self, field: &str, value: ValueRef<'_>, out: &Out<'_>) -> Option<String> {
        let limits = out.options.limits;
        let bytes = match value {
            ValueRef::Text(bytes) => bytes,
            ValueRef::Null => return None,
            ValueRef::Integer(n) => return Some(n.to_string()),
            ValueRef::Real(n) => return Some(n.to_string()),
            ValueRef::Blob(_) => {
                self.bad.set(field, "a text", "a blob");
                return None;
            }
        };
        self.size += bytes.len();
        if bytes.len() > limits.attribute {
            self.bad.set(
                field,
                format!("at most {} bytes (the limit)", limits.attribute),
                "more",
            );
            return None;
        }
        if self.size > limits.event {
            self.bad.set(
                field,
                format!("at most {} bytes in all (the limit)", limits.event),
                "more",
            );
            return None;
        }
        match std::str::from_utf8(bytes) {
            Ok(text) if text.contains('\0') => self.bad.set(field, "text without U+0000", "U+0000"),
            Ok(text) => return Some(text.to_owned()),
            Err(_) => self.bad.set(field, "UTF-8 text", "other bytes"),
        }
        None
    }

    fn value(&mut self, decl: &AttrDecl, value: ValueRef<'_>, out: &mut Out<'_>) -> Option<Value> {
        let kind = Decl::of(&decl.kind);
        Some(match value {
            ValueRef::Null => return None,
            ValueRef::Integer(n @ 0..=1) if kind == Decl::Bool => Value::Bool(n == 1),
            ValueRef::Integer(n) => Value::Int(n),
            ValueRef::Real(n) => Value::Float(n),
            other => {
                let text = self.text(&decl.name, other, out)?;
                if kind == Decl::Time {
                    match out.typed(&text, kind) {
                        Ok(value) => value,
                        Err(e) => {
                            self.bad.set(&decl.name, e.expected, &text);
                            return None;
                        }
                    }
                } else {
                    Value::String(text)
                }
            }
        })
    }

    fn attrs(
        &mut self,
        row: &Row<'_>,
        of: &Typed,
        only: Option<&str>,
        out: &mut Out<'_>,
    ) -> Result<Vec<Attr>, Cause> {
        let mut attrs = Vec::new();
        for (at, decl) in of
            .columns
            .iter()
            .filter(|(_, d)| only.is_none_or(|o| o == d.name))
        {
            match (self.value(decl, row.get_ref(at + 1)?, out), only) {
                (Some(value), _) => attrs.push(Attr::new(&*decl.name, value)),
                // A change to nothing is a change.
                (None, Some(_)) => attrs.push(Attr::new(&*decl.name, Value::Null)),
                (None, None) => {}
            }
        }
        Ok(attrs)
    }
}

/// The cursors that a pass over `event` or `object` merges.
fn statements<'c>(
    db: &'c Connection,
    kind: &str,
    types: &[Typed],
) -> Result<Vec<Statement<'c>>, Cause> {
    let mut all = Vec::with_capacity(types.len());
    for of in types {
        // The name of the type is a value, but the statement lives as long as the pass and is run once: written in.
        let literal = format!("'{}'", of.name.replace('\'', "''"));
        all.push(db.prepare(&format!(
            "SELECT e.rowid, t.* FROM {kind} e JOIN {table} t ON t.ocel_id = e.ocel_id WHERE e.ocel_type = {literal} ORDER BY e.rowid, t.rowid",
            table = quoted(&of.table),
        ))?);
    }
    Ok(all)
}

fn begin(row: &Row<'_>, number: u64, out: &Out<'_>) -> Result<(i64, Building), Cause> {
    let mut b = Building {
        place: Place { line: 0, number },
        id: String::new(),
        kind: String::new(),
        size: 0,
        bad: Bad::default(),
    };
    b.id = b.text("ocel_id", row.get_ref(1)?, out).unwrap_or_default();
    b.kind = b
        .text("ocel_type", row.get_ref(2)?, out)
        .unwrap_or_default();
    if b.id.is_empty() {
        b.bad.set("ocel_id", "an id", "none");
    }
    Ok((row.get(0)?, b))
}

fn objects(db: &Connection, types: &[Typed], out: &mut Out<'_>) -> Result<(), Cause> {
    let mut typed = statements(db, "object", types)?;
    let mut cursors = typed
        .iter_mut()
        .map(Merge::new)
        .collect::<Result<Vec<_>, _>>()?;
    let mut related = match has_table(db, "object_object")? {
        true => Some(db.prepare(
            "SELECT o.rowid, r.ocel_target_id, r.ocel_qualifier FROM object o JOIN object_object r ON r.ocel_source_id = o.ocel_id
             ORDER BY o.rowid, r.rowid",
        )?),
        false => None,
    };
    let mut related = related.as_mut().map(Merge::new).transpose()?;
    let mut all = db.prepare("SELECT rowid, ocel_id, ocel_type FROM object ORDER BY rowid")?;
    let mut rows = all.query([])?;
    let mut number = 0;
    while let Some(row) = rows.next()? {
        number += 1;
        let (place, mut b) = begin(row, number, out)?;
        let mut attrs = Vec::new();
        match types.iter().position(|t| t.name == b.kind) {
            None => b
                .bad
                .set("ocel_type", "a type of object_map_type", &b.kind.clone()),
            Some(at) => {
                let of = &types[at];
                cursors[at].take(place, |row| {
                    let changed = match of.changed {
                        Some(column) => b.text("ocel_changed_field", row.get_ref(column + 1)?, out),
                        None => None,
                    };
                    let since = match of.time {
                        usize::MAX => None,
                        column => time(&mut b, row.get_ref(column + 1)?, out).and_then(since),
                    };
                    // The first values stand at the beginning of 1970, in practice on whatever clock the writer had.
                    let since =
                        since.filter(|at| changed.is_some() || at.instant().get().abs() > DAY);
                    for mut attr in b.attrs(row, of, changed.as_deref(), out)? {
                        attr.at = since.clone();
                        attrs.push(attr);
                    }
                    Ok(())
                })?;
            }
        }
        let mut relations = Vec::new();
        if let Some(related) = &mut related {
            related.take(place, |row| {
                let object = b.text("ocel_target_id", row.get_ref(1)?, out);
                let qualifier = b
                    .text("ocel_qualifier", row.get_ref(2)?, out)
                    .filter(|q| !q.is_empty());
                relations.extend(object.map(|object| Relation { object, qualifier }));
                Ok(())
            })?;
        }
        match b.bad.take(What::Object, b.place, Some(&b.id)) {
            Some(reject) => out.reject(reject),
            None => out.object_once(Object {
                id: b.id,
                object_type: b.kind,
                attrs,
                relations,
                place: b.place,
            })?,
        }
    }
    Ok(())
}

fn time(b: &mut Building, value: ValueRef<'_>, out: &mut Out<'_>) -> Option<model::TimeText> {
    let text = b.text("ocel_time", value, out)?;
    match out.time(&text) {
        Ok(time) => Some(time),
        Err(e) => {
            b.bad.set("ocel_time", e.expected, &text);
            None
        }
    }
}

fn events(db: &Connection, types: &[Typed], out: &mut Out<'_>) -> Result<(), Cause> {
    let mut typed = statements(db, "event", types)?;
    let mut cursors = typed
        .iter_mut()
        .map(Merge::new)
        .collect::<Result<Vec<_>, _>>()?;
    let mut related = db.prepare(
        "SELECT e.rowid, r.ocel_object_id, r.ocel_qualifier FROM event e JOIN event_object r ON r.ocel_event_id = e.ocel_id
         ORDER BY e.rowid, r.rowid",
    )?;
    let mut related = Merge::new(&mut related)?;
    let mut all = db.prepare("SELECT rowid, ocel_id, ocel_type FROM event ORDER BY rowid")?;
    let mut rows = all.query([])?;
    let mut number = 0;
    while let Some(row) = rows.next()? {
        number += 1;
        let (place, mut b) = begin(row, number, out)?;
        let mut attrs = Vec::new();
        let mut when = None;
        match types.iter().position(|t| t.name == b.kind) {
            None => b
                .bad
                .set("ocel_type", "a type of event_map_type", &b.kind.clone()),
            Some(at) => {
                let of = &types[at];
                cursors[at].take(place, |row| {
                    if when.is_none() {
                        when = time(&mut b, row.get_ref(of.time + 1)?, out);
                        attrs = b.attrs(row, of, None, out)?;
                    }
                    Ok(())
                })?;
            }
        }
        let mut objects = Vec::new();
        related.take(place, |row| {
            let id = b.text("ocel_object_id", row.get_ref(1)?, out);
            let qualifier = b
                .text("ocel_qualifier", row.get_ref(2)?, out)
                .filter(|q| !q.is_empty());
            objects.extend(id.map(|id| EventObject {
                id,
                object_type: None,
                qualifier,
            }));
            Ok(())
        })?;
        if when.is_none() {
            b.bad.set(
                "ocel_time",
                "the time of the event, in the table of its type",
                "none",
            );
        }
        let Building {
            place,
            id,
            kind,
            mut bad,
            ..
        } = b;
        match (bad.take(What::Event, place, Some(&id)), when) {
            (None, Some(time)) => {
                out.event(Event {
                    id: Some(id),
                    activity: kind,
                    time,
                    objects,
                    attrs,
                    ordinal: None,
                    place,
                })?;
            }
            (reject, _) => reject.into_iter().for_each(|r| out.reject(r)),
        }
    }
    Ok(())
}
