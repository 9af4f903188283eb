//! From entries to rows, in one transaction a batch.
//!
//! What a batch is must not matter: the same entries in other batches give the same rows. So ids are given in the order
//! of the log, sums and bounds are such that batches add up, and nothing from a body gives ids.

mod look;

use std::{
    collections::HashMap,
    sync::{Arc, RwLock},
};

use model::{Body, EventId, Header, Micros, OrganCode, Pseudonym};
use sqlx::{Connection, SqliteConnection};

use crate::{Error, Organ, Tree, activity as a, bulk, number::numbered};

/// An entry to be applied.
#[derive(Clone, Debug)]
pub struct Applied {
    /// Position in the log.
    pub index: u64,
    /// Its header.
    pub header: Header,
    /// Its body, checked against the commitment; `None` if there is none, if it is erased, or if it is not wanted.
    pub body: Option<Body>,
}

/// Whether the register wants the body of this event. Most imported events have bodies that it needs nothing of, and
/// reading them would be half of the work: of a foreign activity only names matter, and [`Body::bytes`] puts them right
/// behind the salt.
pub fn wants_body(header: &Header, body: &[u8]) -> bool {
    const SALT: usize = r#"{"salt":"00000000000000000000000000000000""#.len();
    const NAMES: &[u8] = br#","names":{"#;
    header.activity.foreign_name().is_none()
        || body.get(SALT..).is_some_and(|rest| rest.starts_with(NAMES))
}

/// Pseudonyms looked up in one statement.
const LOOKED_UP: usize = 64;
/// Objects whose ids are remembered; 17 + 8 bytes each, some 10 MB.
const REMEMBERED: usize = 200_000;

/// The one connection that writes.
#[derive(Debug)]
pub struct Writer {
    conn: SqliteConnection,
    tree: Arc<RwLock<Arc<Tree>>>,
    next: u64,
    terms: HashMap<(u8, Box<str>), i64>,
    objects: HashMap<Pseudonym, i64>,
    last_object: i64,
}

#[derive(Clone, Copy)]
enum Term {
    Activity = 0,
    ObjectType = 1,
    Organ = 2,
    Role = 3,
    Qualifier = 4,
}

/// When the last act of an object was of which there is only what the rules found: before every act, and still a time.
const NEVER: i64 = 0;

/// Columns of `event`: idx, id, activity, occurred, recorded, organ, act.
type EventTuple = (i64, [u8; 16], i64, i64, i64, i64, bool);
/// Columns of `organ`: code, name, parent, ended, idx.
type OrganTuple = (String, String, Option<String>, Option<i64>, i64);

/// Rows of a batch before they are written.
#[derive(Default)]
struct Rows {
    terms: Vec<(i64, u8, Box<str>)>,
    events: Vec<EventTuple>,
    objects: Vec<Object>,
    object_at: HashMap<i64, usize>,
    event_objects: Vec<(i64, i64, i64)>,
    event_actors: Vec<([u8; 17], i64, i64)>,
    names: Vec<(i64, i64, String)>,
    files: Vec<(i64, String)>,
    loose: Vec<(i64, bool)>,
    numbers: Vec<(Kind, String, i64, u32, i64)>,
    /// Entries that correct others, with the id of what they correct.
    corrections: Vec<(i64, [u8; 16])>,
}

/// Whose running number.
#[derive(Clone, Copy)]
enum Kind {
    Paper = 0,
    Alert = 1,
}

struct Object {
    id: i64,
    pseudonym: Pseudonym,
    object_type: i64,
    organ: i64,
    events: i64,
    first: i64,
    last: i64,
    last_idx: i64,
}

impl Writer {
    pub(crate) async fn new(
        mut conn: SqliteConnection,
        tree: Arc<RwLock<Arc<Tree>>>,
    ) -> Result<Self, Error> {
        let (next,): (i64,) = sqlx::query_as("SELECT value FROM meta WHERE key = 'next'")
            .fetch_one(&mut conn)
            .await?;
        let (last_object,): (i64,) = sqlx::query_as("SELECT coalesce(max(id), 0) FROM object")
            .fetch_one(&mut conn)
            .await?;
        let terms: Vec<(i64, i64, String)> = sqlx::query_as("SELECT id, kind, text FROM term")
            .fetch_all(&mut conn)
            .await?;
        let terms = terms
            .into_iter()
            .map(|(id, kind, text)| ((kind as u8, text.into_boxed_str()), id))
            .collect();
        let mut writer = Self {
            conn,
            tree,
            next: next as u64,
            terms,
            objects: HashMap::new(),
            last_object,
        };
        writer.read_tree().await?;
        Ok(writer)
    }

    /// Index of the entry that is to be applied next: how far the register is.
    pub fn next(&self) -> u64 {
        self.next
    }

    /// Applies entries, in their order, all or none.
    ///
    /// # Errors
    /// [`Error::Order`] if they do not begin at [`Writer::next`] or have gaps; those of the database.
    pub async fn apply(&mut self, batch: &[Applied]) -> Result<(), Error> {
        for (n, entry) in batch.iter().enumerate() {
            let expected = self.next + n as u64;
            if entry.index != expected {
                return Err(Error::Order {
                    got: entry.index,
                    expected,
                });
            }
        }
        if batch.is_empty() {
            return Ok(());
        }
        let done = self.apply_in_transaction(batch).await;
        if done.is_err() {
            // Ids given in a batch that was rolled back must not be used.
            self.forget().await?;
        }
        done
    }

    async fn forget(&mut self) -> Result<(), Error> {
        self.objects.clear();
        (self.last_object,) = sqlx::query_as("SELECT coalesce(max(id), 0) FROM object")
            .fetch_one(&mut self.conn)
            .await?;
        let terms: Vec<(i64, i64, String)> = sqlx::query_as("SELECT id, kind, text FROM term")
            .fetch_all(&mut self.conn)
            .await?;
        self.terms = terms
            .into_iter()
            .map(|(id, kind, text)| ((kind as u8, text.into_boxed_str()), id))
            .collect();
        Ok(())
    }

    async fn apply_in_transaction(&mut self, batch: &[Applied]) -> Result<(), Error> {
        self.look_up_objects(batch).await?;
        let mut rows = Rows::default();
        let mut own: Vec<&Applied> = Vec::new();
        for entry in batch {
            let activity = entry.header.activity.as_str();
            if activity.starts_with(a::NODE) || activity.starts_with(a::INTERFERENCE) {
                own.push(entry);
            }
            if !activity.starts_with(a::INTERFERENCE) {
                self.rows_of(entry, &mut rows);
            }
        }
        let next = self.next + batch.len() as u64;
        let mut tx = self.conn.begin_with("BEGIN IMMEDIATE").await?;
        rows.write(&mut tx).await?;
        let mut organs = false;
        for entry in own {
            organs |= own_event(&mut tx, entry).await?;
        }
        sqlx::query("UPDATE meta SET value = $1 WHERE key = 'next'")
            .bind(next as i64)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        self.next = next;
        if self.objects.len() > REMEMBERED {
            self.objects.clear();
        }
        if organs {
            self.read_tree().await?;
        }
        Ok(())
    }

    /// Finds the ids of objects that are in the register but not remembered.
    async fn look_up_objects(&mut self, batch: &[Applied]) -> Result<(), Error> {
        let mut unknown: Vec<Pseudonym> = batch
            .iter()
            .filter(|e| !e.header.activity.as_str().starts_with(a::INTERFERENCE))
            .flat_map(|e| e.header.objects.iter().map(|o| o.id))
            .filter(|p| !self.objects.contains_key(p))
            .collect();
        unknown.sort_unstable();
        unknown.dedup();
        for chunk in unknown.chunks(LOOKED_UP) {
            let mut query = sqlx::query_as::<_, (i64, Vec<u8>)>(look_up_text());
            for n in 0..LOOKED_UP {
                // A statement of one length: the last chunk repeats its first.
                query = query.bind(chunk.get(n).unwrap_or(&chunk[0]).to_bytes().to_vec());
            }
            for (id, pseudonym) in query.fetch_all(&mut self.conn).await? {
                self.objects.insert(stored(&pseudonym)?, id);
            }
        }
        Ok(())
    }

    fn rows_of(&mut self, entry: &Applied, rows: &mut Rows) {
        let Applied {
            index,
            header,
            body,
        } = entry;
        let idx = *index as i64;
        let occurred = header.occurred.get();
        let act = !header.activity.as_str().starts_with(a::NODE);
        // What the rules found is on the timeline, but it is not the last that somebody did.
        let told = header.activity.as_str() == a::ALERT;
        let activity = self.term(Term::Activity, header.activity.as_str(), rows);
        let organ = self.term(Term::Organ, header.organ.as_str(), rows);
        rows.events.push((
            idx,
            *header.id.as_bytes(),
            activity,
            occurred,
            header.recorded.get(),
            organ,
            act,
        ));
        for actor in &header.actor {
            let role = self.term(Term::Role, actor.role.as_str(), rows);
            rows.event_actors.push((actor.p.to_bytes(), idx, role));
        }
        let mut seen: Vec<i64> = Vec::with_capacity(header.objects.len());
        for object in &header.objects {
            let object_type = self.term(Term::ObjectType, object.object_type.as_str(), rows);
            let qualifier = object
                .qualifier
                .as_ref()
                .map_or(0, |q| self.term(Term::Qualifier, q.as_str(), rows));
            let id = *self.objects.entry(object.id).or_insert_with(|| {
                self.last_object += 1;
                self.last_object
            });
            rows.event_objects.push((id, idx, qualifier));
            if seen.contains(&id) {
                continue;
            }
            seen.push(id);
            rows.count(Object {
                id,
                pseudonym: object.id,
                object_type,
                organ,
                events: i64::from(act),
                first: if act { occurred } else { i64::MAX },
                last: match (act, told) {
                    (true, false) => occurred,
                    (true, true) => NEVER,
                    (false, _) => i64::MIN,
                },
                last_idx: idx,
            });
            if let Some(name) = body.as_ref().and_then(|b| b.names.get(&object.id))
                && object.object_type.as_str() != "staff"
            {
                rows.names.push((id, idx, name.clone()));
            }
        }
        if act {
            rows.off_book(entry);
        }
        rows.files.extend(
            body.iter()
                .flat_map(|b| &b.files)
                .map(|f| (idx, f.sha256.clone())),
        );
    }

    fn term(&mut self, kind: Term, text: &str, rows: &mut Rows) -> i64 {
        let kind = kind as u8;
        // A lookup by borrowed text would need another map for each kind; terms are short.
        let key = (kind, Box::from(text));
        if let Some(id) = self.terms.get(&key) {
            return *id;
        }
        let id = self.terms.len() as i64 + 1;
        rows.terms.push((id, kind, key.1.clone()));
        self.terms.insert(key, id);
        id
    }

    async fn read_tree(&mut self) -> Result<(), Error> {
        let rows: Vec<OrganTuple> =
            sqlx::query_as("SELECT code, name, parent, ended, idx FROM organ")
                .fetch_all(&mut self.conn)
                .await?;
        let mut organs = Vec::with_capacity(rows.len());
        for (code, name, parent, ended, idx) in rows {
            organs.push(Organ {
                code: OrganCode::new(code).map_err(decode)?,
                name,
                parent: parent.map(OrganCode::new).transpose().map_err(decode)?,
                ended: ended.map(time).transpose()?,
                index: idx as u64,
            });
        }
        *self
            .tree
            .write()
            .unwrap_or_else(std::sync::PoisonError::into_inner) = Arc::new(Tree::new(organs));
        Ok(())
    }

    /// Gives memory back after a long run of batches.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn rest(&mut self) -> Result<(), Error> {
        self.objects = HashMap::new();
        sqlx::raw_sql("PRAGMA shrink_memory; PRAGMA wal_checkpoint(PASSIVE); PRAGMA optimize;")
            .execute(&mut self.conn)
            .await?;
        Ok(())
    }

    /// Closes the connection.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn close(self) -> Result<(), Error> {
        Ok(self.conn.close().await?)
    }
}

impl Rows {
    fn count(&mut self, object: Object) {
        if let Some(at) = self.object_at.get(&object.id) {
            let known = &mut self.objects[*at];
            known.events += object.events;
            known.first = known.first.min(object.first);
            if object.last >= known.last {
                known.last = object.last;
                known.last_idx = object.last_idx;
            }
        } else {
            self.object_at.insert(object.id, self.objects.len());
            self.objects.push(object);
        }
    }

    /// What of an act matters for what is kept outside the books.
    fn off_book(&mut self, entry: &Applied) {
        let (idx, header) = (entry.index as i64, &entry.header);
        let names = |kind: &str| header.objects_of(kind).next().is_some();
        // Logs of others know no cases of ours: each of their events would be listed.
        if header.activity.foreign_name().is_none() && !names("case") {
            self.loose.push((idx, names("alert")));
        }
        if let Some(corrected) = &header.correction_of {
            self.corrections.push((idx, *corrected.as_bytes()));
        }
        let Some(body) = &entry.body else { return };
        let year = china_year(header.occurred);
        let mut number = |kind, text: &str| {
            if let Some(n) = numbered(text) {
                let row = (kind, n.series, year, n.serial, idx);
                self.numbers.push(row);
            }
        };
        if let Some(paper) = body.text("document_no") {
            number(Kind::Paper, paper);
        }
        if matches!(header.activity.as_str(), "int.alert" | "int.register") {
            for alert in header.objects_of("alert") {
                if let Some(name) = body.names.get(&alert.id) {
                    number(Kind::Alert, name);
                }
            }
        }
    }

    async fn write(&self, conn: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        bulk::insert(
            conn,
            "INSERT INTO term (id, kind, text)",
            3,
            "",
            &self.terms,
            |q, r| q.bind(r.0).bind(r.1).bind(r.2.clone()),
        )
        .await?;
        bulk::insert(
            conn,
            "INSERT INTO event (idx, id, activity, occurred, recorded, organ, act)",
            7,
            "",
            &self.events,
            |q, r| {
                q.bind(r.0)
                    .bind(r.1.to_vec())
                    .bind(r.2)
                    .bind(r.3)
                    .bind(r.4)
                    .bind(r.5)
                    .bind(r.6)
            },
        )
        .await?;
        bulk::insert(
            conn,
            "INSERT INTO object (id, pseudonym, type, organ, events, first, last, last_idx)",
            8,
            "ON CONFLICT (id) DO UPDATE SET events = events + excluded.events, first = min(first, excluded.first),
             last_idx = CASE WHEN excluded.last >= last THEN excluded.last_idx ELSE last_idx END,
             last = max(last, excluded.last)",
            &self.objects,
            |q, o| {
                q.bind(o.id)
                    .bind(o.pseudonym.to_bytes().to_vec())
                    .bind(o.object_type)
                    .bind(o.organ)
                    .bind(o.events)
                    .bind(o.first)
                    .bind(o.last)
                    .bind(o.last_idx)
            },
        )
        .await?;
        let same = "ON CONFLICT DO NOTHING";
        bulk::insert(
            conn,
            "INSERT INTO event_object (object, idx, qualifier)",
            3,
            same,
            &self.event_objects,
            |q, r| q.bind(r.0).bind(r.1).bind(r.2),
        )
        .await?;
        bulk::insert(
            conn,
            "INSERT INTO event_actor (person, idx, role)",
            3,
            same,
            &self.event_actors,
            |q, r| q.bind(r.0.to_vec()).bind(r.1).bind(r.2),
        )
        .await?;
        bulk::insert(
            conn,
            "INSERT INTO name (object, idx, text)",
            3,
            "",
            &self.names,
            |q, r| q.bind(r.0).bind(r.1).bind(r.2.clone()),
        )
        .await?;
        bulk::insert(
            conn,
            "INSERT INTO file (idx, sha256)",
            2,
            same,
            &self.files,
            |q, r| q.bind(r.0).bind(r.1.clone()),
        )
        .await?;
        bulk::insert(
            conn,
            "INSERT INTO loose (idx, alert)",
            2,
            "",
            &self.loose,
            |q, r| q.bind(r.0).bind(r.1),
        )
        .await?;
        bulk::insert(
            conn,
            "INSERT INTO number (kind, series, year, serial, idx)",
            5,
            same,
            &self.numbers,
            |q, r| {
                q.bind(r.0 as i64)
                    .bind(r.1.clone())
                    .bind(r.2)
                    .bind(r.3)
                    .bind(r.4)
            },
        )
        .await?;
        // What is corrected lies before its correction, in this batch or an earlier one.
        for (idx, corrected) in &self.corrections {
            for sql in [
                "DELETE FROM loose WHERE idx = (SELECT idx FROM event WHERE id = $1) AND idx < $2",
                "DELETE FROM number WHERE idx = (SELECT idx FROM event WHERE id = $1) AND idx < $2",
            ] {
                sqlx::query(sql)
                    .bind(corrected.to_vec())
                    .bind(idx)
                    .execute(&mut *conn)
                    .await?;
            }
        }
        Ok(())
    }
}

/// The year in China, where there is one zone: what a register of a year counts.
fn china_year(at: Micros) -> i64 {
    const EIGHT_HOURS: i64 = 8 * 3_600_000_000;
    let local = Micros::new(at.get().saturating_add(EIGHT_HOURS)).unwrap_or(at);
    // Written as 2026-11-23T…; years before 1000 and after 9999 are in no register.
    let text = local.to_string();
    text.get(..4).and_then(|y| y.parse().ok()).unwrap_or(0)
}

fn look_up_text() -> &'static str {
    static TEXT: std::sync::LazyLock<&'static str> = std::sync::LazyLock::new(|| {
        let marks = ["?"; LOOKED_UP].join(", ");
        format!("SELECT id, pseudonym FROM object WHERE pseudonym IN ({marks})").leak()
    });
    &TEXT
}

/// The rows of the node's own events and of records of inquiries. True if the organs changed.
async fn own_event(conn: &mut SqliteConnection, entry: &Applied) -> Result<bool, Error> {
    let Applied {
        index,
        header,
        body,
    } = entry;
    let idx = *index as i64;
    let staff = header
        .objects_of("staff")
        .next()
        .map(|o| o.id.to_bytes().to_vec());
    let text = |key: &str| body.as_ref().and_then(|b| b.text(key));
    let at = || {
        text("at")
            .and_then(|t| t.parse::<Micros>().ok())
            .unwrap_or(header.occurred)
            .get()
    };
    match header.activity.as_str() {
        a::INQUIRY => inquiry(conn, entry).await?,
        a::INQUIRY_READ => {
            if let (Some(record), Some(reader)) =
                (event_id(text("record")), pseudonym(text("reader")))
            {
                sqlx::query("INSERT INTO inquiry_read (record, idx, reader, at, event) VALUES ($1, $2, $3, $4, $5)")
                    .bind(record)
                    .bind(idx)
                    .bind(reader)
                    .bind(header.recorded.get())
                    .bind(header.id.as_bytes().to_vec())
                    .execute(conn)
                    .await?;
            }
        }
        a::ORGAN => {
            if let (Some(code), Some(name)) = (text("code"), text("name")) {
                sqlx::query(
                    "INSERT INTO organ_version (code, idx, name, parent) VALUES ($1, $2, $3, $4)",
                )
                .bind(code.to_owned())
                .bind(idx)
                .bind(name.to_owned())
                .bind(text("parent").map(str::to_owned))
                .execute(conn)
                .await?;
                return Ok(true);
            }
        }
        a::ORGAN_END => {
            if let Some(code) = text("code") {
                sqlx::query("INSERT INTO organ_end (code, idx, at) VALUES ($1, $2, $3)")
                    .bind(code.to_owned())
                    .bind(idx)
                    .bind(at())
                    .execute(conn)
                    .await?;
                return Ok(true);
            }
        }
        a::PERSON => {
            if let (Some(staff), Some(number), Some(name), Some(organ)) =
                (staff, text("number"), text("name"), text("organ"))
            {
                sqlx::query(
                    "INSERT INTO person_version (pseudonym, idx, number, name, initials, organ, post)
                     VALUES ($1, $2, $3, $4, $5, $6, $7)",
                )
                .bind(staff)
                .bind(idx)
                .bind(number.to_owned())
                .bind(name.to_owned())
                .bind(text("initials").unwrap_or_default().to_owned())
                .bind(organ.to_owned())
                .bind(text("post").unwrap_or_default().to_owned())
                .execute(conn)
                .await?;
            }
        }
        a::PERSON_END => {
            if let Some(staff) = staff {
                sqlx::query("INSERT INTO person_end (pseudonym, idx, at) VALUES ($1, $2, $3)")
                    .bind(staff)
                    .bind(idx)
                    .bind(at())
                    .execute(conn)
                    .await?;
            }
        }
        a::ROLE => {
            if let (Some(staff), Some(role), Some(organ)) = (staff, text("role"), text("organ")) {
                let since = text("from")
                    .and_then(|t| t.parse::<Micros>().ok())
                    .unwrap_or(header.occurred);
                let until = text("to")
                    .and_then(|t| t.parse::<Micros>().ok())
                    .map(Micros::get);
                sqlx::query(
                    "INSERT INTO role_grant (idx, event, person, role, organ, since, until) VALUES ($1, $2, $3, $4, $5, $6, $7)",
                )
                .bind(idx)
                .bind(header.id.as_bytes().to_vec())
                .bind(staff)
                .bind(role.to_owned())
                .bind(organ.to_owned())
                .bind(since.get())
                .bind(until)
                .execute(conn)
                .await?;
            }
        }
        a::ROLE_END => {
            if let Some(grant) = event_id(text("grant")) {
                sqlx::query("INSERT INTO role_end (event, idx, at) VALUES ($1, $2, $3)")
                    .bind(grant)
                    .bind(idx)
                    .bind(at())
                    .execute(conn)
                    .await?;
            }
        }
        a::READ | a::BREAK_GLASS => look::looked(conn, entry).await?,
        a::LOOK_ANSWER => look::answered(conn, entry).await?,
        a::ASSIGN => look::related(conn, entry).await?,
        a::ASSIGN_END => {
            if let Some(relation) = event_id(text("relation")) {
                sqlx::query("INSERT INTO relation_end (event, idx, at) VALUES ($1, $2, $3)")
                    .bind(relation)
                    .bind(idx)
                    .bind(at())
                    .execute(conn)
                    .await?;
            }
        }
        a::IMPORT => {
            if let (Some(source), Some(sha256)) = (text("source"), text("sha256")) {
                sqlx::query(
                    "INSERT INTO import (idx, source, sha256, recorded) VALUES ($1, $2, $3, $4)",
                )
                .bind(idx)
                .bind(source.to_owned())
                .bind(sha256.to_owned())
                .bind(header.recorded.get())
                .execute(conn)
                .await?;
            }
        }
        a::ERASE => {
            if let Some(gone) = text("index").and_then(|t| t.parse::<i64>().ok()) {
                erase(conn, idx, gone, pseudonym(text("recorder"))).await?;
            }
        }
        _ => {}
    }
    Ok(false)
}

async fn inquiry(conn: &mut SqliteConnection, entry: &Applied) -> Result<(), Error> {
    let Applied {
        index,
        header,
        body,
    } = entry;
    let idx = *index as i64;
    let text = |key: &str| body.as_ref().and_then(|b| b.text(key));
    sqlx::query(
        "INSERT INTO inquiry (idx, event, organ, recorded, recorder, occurred, tile, erased) VALUES ($1, $2, $3, $4, $5, $6, $7, 0)",
    )
    .bind(idx)
    .bind(header.id.as_bytes().to_vec())
    .bind(header.organ.as_str().to_owned())
    .bind(header.recorded.get())
    .bind(pseudonym(text("recorder")))
    .bind(body.as_ref().map(|b| b.occurred.as_ref().map_or(header.occurred, model::TimeText::instant).get()))
    .bind(text("tile").map(str::to_owned))
    .execute(&mut *conn)
    .await?;
    let Some(body) = body else { return Ok(()) };
    let named = body
        .attrs
        .iter()
        .filter(|attr| attr.key == "named")
        .filter_map(|attr| pseudonym(attr.value.as_str()));
    for person in named {
        sqlx::query(
            "INSERT INTO inquiry_named (idx, person) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        )
        .bind(idx)
        .bind(person)
        .execute(&mut *conn)
        .await?;
    }
    for file in &body.files {
        sqlx::query("INSERT INTO file (idx, sha256) VALUES ($1, $2) ON CONFLICT DO NOTHING")
            .bind(idx)
            .bind(file.sha256.clone())
            .execute(&mut *conn)
            .await?;
    }
    Ok(())
}

/// Removes what a replay without the body of `gone` would not have made.
async fn erase(
    conn: &mut SqliteConnection,
    idx: i64,
    gone: i64,
    recorder: Option<Vec<u8>>,
) -> Result<(), Error> {
    sqlx::query("INSERT INTO erased (idx, said_by) VALUES ($1, $2) ON CONFLICT DO NOTHING")
        .bind(gone)
        .bind(idx)
        .execute(&mut *conn)
        .await?;
    for sql in [
        "DELETE FROM name WHERE idx = $1 AND object IN (SELECT object FROM event_object WHERE idx = $1)",
        "DELETE FROM file WHERE idx = $1",
        "DELETE FROM number WHERE idx = $1",
        "DELETE FROM person_version WHERE idx = $1",
        "DELETE FROM inquiry_named WHERE idx = $1",
    ] {
        sqlx::query(sql).bind(gone).execute(&mut *conn).await?;
    }
    sqlx::query(
        "UPDATE inquiry SET recorder = $2, occurred = NULL, tile = NULL, erased = 1 WHERE idx = $1",
    )
    .bind(gone)
    .bind(recorder)
    .execute(&mut *conn)
    .await?;
    // That somebody gave a reason stays, and is still asked about; of what it said nothing does.
    sqlx::query("UPDATE look SET class = NULL, template = NULL, reason = NULL WHERE idx = $1")
        .bind(gone)
        .execute(conn)
        .await?;
    Ok(())
}

fn event_id(text: Option<&str>) -> Option<Vec<u8>> {
    text?
        .parse::<EventId>()
        .ok()
        .map(|id| id.as_bytes().to_vec())
}

fn pseudonym(text: Option<&str>) -> Option<Vec<u8>> {
    text?
        .parse::<Pseudonym>()
        .ok()
        .map(|p| p.to_bytes().to_vec())
}

pub(crate) fn decode(e: impl std::error::Error + Send + Sync + 'static) -> sqlx::Error {
    sqlx::Error::Decode(Box::new(e))
}

pub(crate) fn stored(bytes: &[u8]) -> Result<Pseudonym, sqlx::Error> {
    Pseudonym::from_bytes(bytes).map_err(decode)
}

pub(crate) fn time(micros: i64) -> Result<Micros, sqlx::Error> {
    Micros::new(micros).map_err(decode)
}
