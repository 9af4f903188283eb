//! From items of a log to entries: what an event of another system becomes, and how it is recognised again.
//!
//! **Recognised again.** An event with an id of its own: by source and id. One without: by source, its case, a hash of
//! all that it says, and how many times that was said before in the same place of the file. So the same file again adds
//! nothing, a longer version of it adds what is new, and an id that says something else than before is refused by name.
//! The salt of a body follows from that key, so that the same event gives the same bytes; the key is a keyed hash, so
//! nobody without the node's secret can test a guess.

use std::collections::HashMap;

use interchange::{Event, EventObject, Object, Place, Reject, What};
use ledger::{EntryBytes, MAX_BODY, Submission};
use model::{
    Activity, Actor, Attr, Body, Commitment, Entry, EventId, Header, Micros, ObjectRef, ObjectType,
    OrganCode, PseudonymKey, Qualifier, Relation, Source, Value,
};
use sha2::{Digest, Sha256};

use crate::append;

/// Attribute of an `lh.import` body: the log's description as JSON.
pub(crate) const LOG: &str = "log";
/// The same in an `lh.object` body about the import: what the file said of itself after its first object.
pub(crate) const LATER_LOG: &str = "later_log";
/// In an `lh.object` body about the import, where a description is too long for one body: a piece of the JSON text.
pub(crate) const LOG_PIECE: &str = "log_piece";
/// Place of the piece, from 0, and how many there are.
pub(crate) const LOG_PLACE: &str = "log_place";
/// See [`LOG_PLACE`].
pub(crate) const LOG_PIECES: &str = "log_pieces";
/// Type of an object that a log refers to and never declares.
pub(crate) const UNDECLARED: &str = "?";

/// How far in the future an imported event may lie, µs: a day covers every confusion of zones.
const AHEAD: i64 = 24 * 60 * 60 * 1_000_000;
/// Objects whose references are remembered.
const REMEMBERED: usize = 100_000;
/// Activities that a summary counts.
const COUNTED: usize = 1_000;
/// Bytes of an entry, and of the part of it that is not objects.
const MAX_ENTRY: usize = 65_535;
/// Bytes of a description in one body. Written as JSON text inside JSON, it can become twice as long.
pub(crate) const LOG_TEXT: usize = MAX_BODY / 4;

/// A text in pieces of at most so many bytes.
fn pieces(mut text: &str, most: usize) -> Vec<&str> {
    let mut pieces = Vec::new();
    while !text.is_empty() {
        let (piece, rest) = text.split_at(text.floor_char_boundary(most));
        pieces.push(piece);
        text = rest;
    }
    pieces
}

/// Makes submissions of one source.
pub(crate) struct Maker<'k> {
    key: &'k PseudonymKey,
    /// The packs in force.
    catalogue: std::sync::Arc<law::Catalogue>,
    organ: OrganCode,
    source: String,
    now: Micros,
    random: Vec<u8>,
    /// References by type and id.
    refs: HashMap<(String, String), ObjectRef>,
    /// Types of declared objects by id, for relations.
    types: HashMap<String, String>,
    activities: HashMap<String, (Activity, bool)>,
    /// How often an object was described so far, by a hash of what was said of it.
    described: HashMap<u64, u32>,
    /// Which trace of this case it is, by a hash of its id.
    traces: HashMap<u64, u32>,
    /// The trace whose events come now, and what was said in it.
    trace: (u64, u32),
    said_in_trace: HashMap<u64, u32>,
    /// What was said outside traces.
    said: HashMap<u64, u32>,
    /// Activities that no pack knows.
    pub(crate) unknown: std::collections::BTreeMap<String, u64>,
}

/// A submission, and what to say if it is there already with other content.
pub(crate) struct Made {
    pub(crate) submission: Submission,
    pub(crate) what: What,
    pub(crate) place: Place,
    /// The id by which it is recognised; `None` where content itself is the key and cannot differ.
    pub(crate) id: Option<String>,
    pub(crate) time: Option<Micros>,
}

impl<'k> Maker<'k> {
    pub(crate) fn new(
        key: &'k PseudonymKey,
        catalogue: std::sync::Arc<law::Catalogue>,
        organ: OrganCode,
        source: String,
        now: Micros,
    ) -> Self {
        Self {
            key,
            catalogue,
            organ,
            source,
            now,
            random: Vec::new(),
            refs: HashMap::new(),
            types: HashMap::new(),
            activities: HashMap::new(),
            described: HashMap::new(),
            traces: HashMap::new(),
            trace: (0, 0),
            said_in_trace: HashMap::new(),
            said: HashMap::new(),
            unknown: std::collections::BTreeMap::new(),
        }
    }

    /// The entry of the import itself; `log` is the description of the file if it fits into one body.
    pub(crate) fn import(
        &mut self,
        actor: Actor,
        attrs: Vec<Attr>,
        sha256: &str,
        log: Option<String>,
    ) -> Submission {
        let key = self.key.submission(&[
            "import",
            &self.source,
            sha256,
            log.as_deref().unwrap_or_default(),
        ]);
        let mut body = Body::new(salt(&key));
        body.attrs = attrs;
        body.attrs.extend(log.map(|log| Attr::text(LOG, log)));
        let object = self.import_object(sha256);
        self.submission(
            activity(register::activity::IMPORT),
            self.now,
            vec![actor],
            vec![object],
            body.bytes(),
            key,
        )
    }

    /// What the file said of itself after its first object, or pieces of what fits into no one body.
    pub(crate) fn more_log(&mut self, sha256: &str, text: &str) -> Vec<Submission> {
        let pieces = pieces(text, LOG_TEXT);
        let many = pieces.len() > 1;
        let of = i64::try_from(pieces.len()).expect("pieces are few");
        let describe = |(piece, place): (&str, i64)| {
            let attrs = if many {
                let count = |key: &str, n| Attr::new(key, Value::Int(n));
                vec![
                    Attr::text(LOG_PIECE, piece),
                    count(LOG_PLACE, place),
                    count(LOG_PIECES, of),
                ]
            } else {
                vec![Attr::text(LATER_LOG, piece)]
            };
            let key = self.key.submission(&[
                "later-log",
                &self.source,
                sha256,
                &place.to_string(),
                piece,
            ]);
            let mut body = Body::new(salt(&key));
            body.source = Some(Source {
                name: self.source.clone(),
                id: String::new(),
            });
            body.attrs = attrs;
            let object = self.import_object(sha256);
            self.submission(
                activity(register::activity::OBJECT),
                self.now,
                Vec::new(),
                vec![object],
                body.bytes(),
                key,
            )
        };
        pieces.into_iter().zip(0..).map(describe).collect()
    }

    fn import_object(&self, sha256: &str) -> ObjectRef {
        let id = self.key.pseudonym(&own("import"), "", sha256);
        ObjectRef {
            object_type: own("import"),
            id,
            qualifier: None,
        }
    }

    /// The entry that describes an object.
    pub(crate) fn object(&mut self, object: Object) -> Result<Made, Box<Reject>> {
        let Object {
            id,
            object_type,
            attrs,
            relations,
            place,
        } = object;
        let wrong = |field: &str, expected: String, found: &str| {
            reject(What::Object, place, Some(&id), field, expected, found)
        };
        let reference = self
            .reference(&object_type, &id, None)
            .map_err(|e| wrong("type", e.to_string(), &object_type))?;
        if object_type != interchange::CASE {
            if self.types.len() >= REMEMBERED {
                self.types.clear();
            }
            self.types.insert(id.clone(), object_type.clone());
        }
        let mut body = Body::new([0; 16]);
        body.names.insert(reference.id, id.clone());
        body.source = Some(Source {
            name: self.source.clone(),
            id: id.clone(),
        });
        body.attrs = attrs;
        for r in relations {
            // A relation names no type: that of the target is known if the file has declared it before.
            let target_type = self.types.get(&r.object).cloned();
            let target = self.reference(
                target_type.as_deref().unwrap_or(UNDECLARED),
                &r.object,
                None,
            );
            let target = target.map_err(|e| wrong("relations", e.to_string(), &r.object))?;
            let qualifier = r
                .qualifier
                .map(Qualifier::new)
                .transpose()
                .map_err(|e| wrong("qualifier", e.to_string(), ""))?;
            body.names.insert(target.id, r.object);
            body.relations.push(Relation {
                object_type: target_type.is_some().then_some(target.object_type),
                target: target.id,
                qualifier,
            });
        }
        let mut bytes = body.bytes();
        if bytes.len() > MAX_BODY {
            return Err(wrong("", format!("at most {MAX_BODY} bytes"), ""));
        }
        let hash = content_hash(&bytes, &[&object_type]);
        let time_of_file = count(&mut self.described, short(&hash));
        let trace = short(&Sha256::digest(id.as_bytes()).into());
        self.trace = (trace, count(&mut self.traces, trace));
        self.said_in_trace.clear();
        let key = self.key.submission(&[
            "object",
            &self.source,
            &id,
            &hex(&hash),
            &time_of_file.to_string(),
        ]);
        salt_bytes(&mut bytes, &key);
        let submission = self.submission(
            activity(register::activity::OBJECT),
            self.now,
            Vec::new(),
            vec![reference],
            bytes,
            key,
        );
        Ok(Made {
            submission,
            what: What::Object,
            place,
            id: None,
            time: None,
        })
    }

    /// The entry of an event.
    pub(crate) fn event(&mut self, event: Event) -> Result<Made, Box<Reject>> {
        let Event {
            id,
            activity: name,
            time,
            objects,
            attrs,
            ordinal,
            place,
        } = event;
        let wrong = |field: &str, expected: String, found: &str| {
            reject(What::Event, place, id.as_deref(), field, expected, found)
        };
        let (activity, unknown) = self
            .activity(&name)
            .map_err(|e| wrong("activity", e, &name))?;
        let occurred = time.instant();
        if occurred.get() > self.now.get().saturating_add(AHEAD) {
            return Err(wrong(
                "time",
                format!("a time that has come (it is {})", self.now),
                time.text(),
            ));
        }
        let mut body = Body::new([0; 16]);
        let mut refs: Vec<ObjectRef> = Vec::with_capacity(objects.len());
        let mut said_of = String::new();
        for EventObject {
            id: object,
            object_type,
            qualifier,
        } in objects
        {
            let type_name = object_type.as_deref().unwrap_or(UNDECLARED);
            let found = qualifier.clone().unwrap_or_default();
            let reference = self.reference(type_name, &object, qualifier);
            let reference = reference.map_err(|e| {
                wrong(
                    "objects",
                    e.to_string(),
                    if found.is_empty() { type_name } else { &found },
                )
            })?;
            if object_type.is_none() {
                body.names.insert(reference.id, object.clone());
            }
            said_of.push_str(&format!("{type_name}\u{0}{object}\u{0}{found}\u{0}"));
            refs.push(reference);
        }
        body.source = Some(Source {
            name: self.source.clone(),
            id: id.clone().unwrap_or_default(),
        });
        body.attrs = attrs;
        let instant = occurred.to_string();
        if time.text() != instant {
            body.occurred = Some(time);
        }
        let mut bytes = body.bytes();
        if bytes.len() > MAX_BODY {
            return Err(wrong("", format!("at most {MAX_BODY} bytes"), ""));
        }
        let key = match id.as_deref().filter(|id| !id.is_empty()) {
            Some(id) => self.key.submission(&["event-id", &self.source, id]),
            None => {
                let hash = content_hash(&bytes, &[&name, &instant, &said_of]);
                let (at, n) = match ordinal {
                    Some(_) => (
                        format!("{:?}", self.trace),
                        count(&mut self.said_in_trace, short(&hash)),
                    ),
                    None => (String::new(), count(&mut self.said, short(&hash))),
                };
                self.key
                    .submission(&["event", &self.source, &at, &hex(&hash), &n.to_string()])
            }
        };
        salt_bytes(&mut bytes, &key);
        let submission = self.submission(activity, occurred, Vec::new(), refs, bytes, key);
        if submission.entry.len() > MAX_ENTRY {
            return Err(wrong(
                "objects",
                "fewer objects: a header has at most 65,535 bytes".into(),
                "",
            ));
        }
        if unknown && (self.unknown.len() < COUNTED || self.unknown.contains_key(&name)) {
            *self.unknown.entry(name).or_default() += 1;
        }
        let id = id.filter(|id| !id.is_empty());
        Ok(Made {
            submission,
            what: What::Event,
            place,
            id,
            time: Some(occurred),
        })
    }

    /// The activity of the packs of that name, or a foreign one; and whether it is foreign.
    fn activity(&mut self, name: &str) -> Result<(Activity, bool), String> {
        if let Some(known) = self.activities.get(name) {
            return Ok(known.clone());
        }
        // What only the node itself says is foreign out of any other mouth.
        let own = name.starts_with(register::activity::NODE)
            || name.starts_with(register::activity::INTERFERENCE);
        let known = self.catalogue.activity(name).filter(|_| !own);
        let made = match known {
            Some(def) => (def.id.clone(), false),
            None => (Activity::foreign(name).map_err(|e| e.to_string())?, true),
        };
        if self.activities.len() < REMEMBERED {
            self.activities.insert(name.to_owned(), made.clone());
        }
        Ok(made)
    }

    fn reference(
        &mut self,
        object_type: &str,
        id: &str,
        qualifier: Option<String>,
    ) -> Result<ObjectRef, model::IdError> {
        let qualifier = qualifier.map(Qualifier::new).transpose()?;
        let at = (object_type.to_owned(), id.to_owned());
        if let Some(known) = self.refs.get(&at) {
            return Ok(ObjectRef {
                qualifier,
                ..known.clone()
            });
        }
        let object_type = ObjectType::new(object_type)?;
        let made = ObjectRef {
            id: self.key.pseudonym(&object_type, &self.source, id),
            object_type,
            qualifier: None,
        };
        if self.refs.len() >= REMEMBERED {
            self.refs.clear();
        }
        self.refs.insert(at, made.clone());
        Ok(ObjectRef { qualifier, ..made })
    }

    fn submission(
        &mut self,
        activity: Activity,
        occurred: Micros,
        actor: Vec<Actor>,
        objects: Vec<ObjectRef>,
        body: Vec<u8>,
        key: [u8; 32],
    ) -> Submission {
        let header = Header {
            id: self.next_id(),
            activity,
            occurred,
            recorded: occurred,
            organ: self.organ.clone(),
            actor,
            objects,
            basis: Vec::new(),
            correction_of: None,
            body: Some(Commitment::to(&body)),
            to: Vec::new(),
        };
        let (prefix, suffix) = Entry::unsigned_around_recorded(&header);
        Submission {
            key: Some(key),
            entry: EntryBytes::Stamped { prefix, suffix },
            body: Some(body),
        }
    }

    /// Ids want ten random bytes each; the system is asked for a few thousand at once.
    fn next_id(&mut self) -> EventId {
        if self.random.len() < 10 {
            self.random = vec![0; 40_960];
            getrandom::fill(&mut self.random)
                .expect("a system without randomness cannot run a node");
        }
        let rest = self.random.len() - 10;
        let bytes = self.random.split_off(rest);
        EventId::v7(self.now, bytes.try_into().expect("ten bytes"))
    }
}

fn activity(name: &'static str) -> Activity {
    Activity::new(name).expect("an id of a pack")
}

fn own(name: &'static str) -> ObjectType {
    append::object_type_of(name)
}

/// How many times this was counted before.
fn count(counts: &mut HashMap<u64, u32>, what: u64) -> u32 {
    let n = counts.entry(what).or_default();
    *n += 1;
    *n - 1
}

/// Bytes of a body before the digits of its salt: `{"salt":"`.
const SALT_AT: usize = 9;
const SALT_LEN: usize = 32;

/// A hash of what a body with a salt of zeros says, and of what stands in the header.
fn content_hash(body: &[u8], header: &[&str]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in header {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hash.update(body);
    hash.finalize().into()
}

/// The salt that belongs to a key.
fn salt(key: &[u8; 32]) -> [u8; 16] {
    let mut hash = Sha256::new();
    hash.update(b"salt");
    hash.update(key);
    let hash: [u8; 32] = hash.finalize().into();
    hash[..16].try_into().expect("16 of 32 bytes")
}

/// Puts the salt that belongs to the key in the place of the zeros: the body need not be written twice.
fn salt_bytes(body: &mut [u8], key: &[u8; 32]) {
    let place = &mut body[SALT_AT..SALT_AT + SALT_LEN];
    assert_eq!(place, [b'0'; SALT_LEN], "a body begins with its salt");
    place.copy_from_slice(hex(&salt(key)).as_bytes());
}

fn short(hash: &[u8; 32]) -> u64 {
    u64::from_be_bytes(hash[..8].try_into().expect("8 of 32 bytes"))
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut out = String::with_capacity(bytes.len() * 2);
    for b in bytes {
        out.push(char::from(DIGITS[usize::from(b >> 4)]));
        out.push(char::from(DIGITS[usize::from(b & 15)]));
    }
    out
}

/// A reject with what stood there cut to what may be shown.
pub(crate) fn reject(
    what: What,
    place: Place,
    id: Option<&str>,
    field: &str,
    expected: String,
    found: &str,
) -> Box<Reject> {
    let cut = |t: &str| {
        t.chars()
            .map(|c| if c.is_control() { '·' } else { c })
            .take(Reject::FOUND_MAX)
            .collect::<String>()
    };
    Box::new(Reject {
        what,
        place,
        id: id.map(cut),
        field: cut(field),
        expected,
        found: cut(found),
    })
}
