//! Events from and to other systems: post, read.

use std::collections::{HashMap, HashSet};

use ledger::{EntryBytes, Submission};
use model::{
    Activity, Actor, Attr, Body, Entry, EventId, Header, Micros, ObjectRef, ObjectType, OrganCode,
    Pseudonym, Qualifier, RoleId, RuleId, Value,
};
use register::{EventsQuery, Scope};

use crate::{
    Action, Barrier, CaseKey, Error, Gates, LookKind, Office, Permit, Viewer,
    append::{self, Draft},
    entry::{blocking, damaged},
    gate, may,
    node::Inner,
};

/// Lines of one request.
pub const MAX_LINES: usize = 10_000;

/// An event as another system sends it: one line of NDJSON.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventInput {
    /// Idempotency key: sending the same again gives the same entry, sending other content with it is a conflict.
    #[serde(default)]
    pub key: Option<String>,
    /// Id of an activity of the packs, or `x:` and a name.
    pub activity: String,
    /// RFC 3339 with a zone.
    pub occurred: String,
    /// Organ; the viewer's own if left out.
    #[serde(default)]
    pub organ: Option<String>,
    /// Who acted; the viewer if left out.
    #[serde(default)]
    pub actors: Vec<ActorInput>,
    /// What it concerns.
    #[serde(default)]
    pub objects: Vec<ObjectInput>,
    /// Rules claimed as its basis.
    #[serde(default)]
    pub basis: Vec<String>,
    /// The event that it corrects.
    #[serde(default)]
    pub correction_of: Option<String>,
    /// Attributes.
    #[serde(default)]
    pub attrs: std::collections::BTreeMap<String, ValueInput>,
    /// Words.
    #[serde(default)]
    pub words: Option<String>,
    /// Organs to which it is addressed.
    #[serde(default)]
    pub to: Vec<String>,
}

/// Somebody who acted.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActorInput {
    /// Number on the roster.
    pub number: String,
    /// Role.
    pub role: String,
    /// Name, for somebody who is not on the roster.
    #[serde(default)]
    pub name: Option<String>,
}

/// Something that an event concerns.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectInput {
    /// Type: `case`, `person`, `item`, …
    #[serde(rename = "type")]
    pub object_type: String,
    /// Id in the sender's numbering; kept as its name unless `name` is given.
    pub id: String,
    /// Its part in the event.
    #[serde(default)]
    pub qualifier: Option<String>,
    /// What it is called.
    #[serde(default)]
    pub name: Option<String>,
}

/// A plain JSON value as an attribute.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[serde(untagged)]
pub enum ValueInput {
    /// `true`, `false`.
    Bool(bool),
    /// Whole number.
    Int(i64),
    /// Other number.
    Float(f64),
    /// Text.
    Text(String),
}

/// What became of one line.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(untagged)]
pub enum LineResult {
    /// Durable.
    Taken {
        /// Line, from 1.
        line: u64,
        /// Position in the log.
        index: u64,
        /// Id of the event.
        event: EventId,
        /// It had been sent before.
        duplicate: bool,
    },
    /// Refused.
    Refused {
        /// Line, from 1.
        line: u64,
        /// Field at fault; empty where the whole line is.
        field: String,
        /// What was expected.
        expected: String,
        /// The key was used with other content.
        conflict: bool,
        /// The rules that stand against it, each with its article and the way out; none where something else is wrong.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        gates: Vec<Barrier>,
    },
}

/// Which events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventQuery {
    /// Those after this position in the log; `None` from the beginning.
    pub after: Option<u64>,
    /// One activity.
    pub activity: Option<String>,
    /// One organ (of those that the viewer may see).
    pub organ: Option<OrganCode>,
    /// One case or other object.
    pub object: Option<CaseKey>,
    /// Occurred at or after.
    pub from: Option<Micros>,
    /// Occurred before.
    pub to: Option<Micros>,
    /// At most so many, 1–1000; 0 is 100.
    pub limit: u32,
}

/// An event: its header and where it stands. Names are not part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventView {
    /// Position in the log.
    pub index: u64,
    /// The header.
    pub header: Header,
}

/// A piece of the events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventsPage {
    /// In the order of the log.
    pub events: Vec<EventView>,
    /// `after` of the next piece; `None` at the end.
    pub next: Option<u64>,
}

/// How far in the future an act may lie: clocks differ.
const AHEAD: i64 = 5 * 60 * 1_000_000;
/// Objects of one event: their references must fit into an entry.
const MAX_OBJECTS: usize = 500;
/// Types of objects that only the node's own events are about.
const OWN_TYPES: [&str; 7] = [
    "staff", "organ", "entry", "import", "node", "pack", "inquiry",
];

impl Office {
    /// Takes events in, each on its own: a bad line does not keep the others out. What is said to happen now meets the
    /// gates; the past is taken and found by the watch (`docs/adr/0012-gates.md`).
    ///
    /// # Errors
    /// [`Error::TooLarge`] for more than [`MAX_LINES`]; [`Error::Busy`], [`Error::Unknown`] of the log.
    pub async fn post_events(
        &self,
        permit: &Permit<may::PostEvents>,
        lines: &[impl AsRef<[u8]> + Sync],
    ) -> Result<Vec<LineResult>, Error> {
        self.post_events_gated(permit, lines, Gates::Now).await
    }

    /// The same; the caller says when events meet the gates.
    ///
    /// # Errors
    /// As for [`Office::post_events`]; with [`Gates::Refuse`] also [`Error::Busy`] while the rules are behind the log.
    pub async fn post_events_gated(
        &self,
        permit: &Permit<may::PostEvents>,
        lines: &[impl AsRef<[u8]> + Sync],
        gates: Gates,
    ) -> Result<Vec<LineResult>, Error> {
        let read =
            |line: &[u8]| serde_json::from_slice::<EventInput>(line).map_err(|e| wrong_json(&e));
        let inputs = lines.iter().map(|l| read(l.as_ref())).collect();
        self.post(permit, inputs, Some(gates)).await
    }

    /// The same for events that are no longer text and whose history is told at once, such as generated ones: like
    /// imported ones they meet no gates.
    ///
    /// # Errors
    /// As for [`Office::post_events`].
    pub async fn post_inputs(
        &self,
        permit: &Permit<may::PostEvents>,
        inputs: Vec<EventInput>,
    ) -> Result<Vec<LineResult>, Error> {
        self.post(permit, inputs.into_iter().map(Ok).collect(), None)
            .await
    }

    async fn post(
        &self,
        permit: &Permit<may::PostEvents>,
        inputs: Vec<Result<EventInput, Wrong>>,
        gates: Option<Gates>,
    ) -> Result<Vec<LineResult>, Error> {
        if inputs.len() > MAX_LINES {
            return Err(Error::TooLarge {
                max: MAX_LINES as u64,
                unit: "events",
            });
        }
        let viewer = permit.viewer();
        let mut poster = Poster {
            office: self,
            viewer,
            scope: self.inner.scope(viewer, Action::PostEvents),
            latest: Micros::new(self.now().get().saturating_add(AHEAD)).unwrap_or_default(),
            catalogue: self.inner.catalogue(),
            staff: HashMap::new(),
        };
        let mut sending = Sending {
            inner: &self.inner,
            results: vec![None; inputs.len()],
            sent: Vec::new(),
            submissions: Vec::new(),
            objects: HashSet::new(),
            gated: HashMap::new(),
        };
        for (n, input) in inputs.into_iter().enumerate() {
            let made = match input {
                Ok(input) => poster.draft(input).await?,
                Err(wrong) => Err(wrong),
            };
            match made {
                Ok(draft) => sending.take(n, draft, gates).await?,
                Err(wrong) => sending.refuse(n, wrong, Vec::new()),
            }
        }
        sending.flush().await?;
        Ok(sending.results.into_iter().flatten().collect())
    }

    /// Events of the viewer's organs. Records of inquiries are never among them.
    ///
    /// # Errors
    /// Those of the register and the log.
    pub async fn events(
        &self,
        permit: &Permit<may::ReadEvents>,
        query: &EventQuery,
    ) -> Result<EventsPage, Error> {
        if let Some(key) = query.object {
            // Of one case: a look at it. Where there is none for this viewer, there are no events either.
            let viewer = permit.viewer();
            match self.in_scope(viewer, Action::ReadEvents, key).await {
                Ok(row) => self.look(viewer, &row, LookKind::Events, None).await?,
                Err(Error::NotFound) => {}
                Err(e) => return Err(e),
            }
        }
        let limit = match query.limit {
            0 => 100,
            n => n.min(1000),
        };
        let indexes = self
            .inner
            .register
            .events(&EventsQuery {
                after: query.after,
                activity: query.activity.clone(),
                organ: query.organ.clone(),
                object: query.object.map(|k| k.0),
                from: query.from,
                to: query.to,
                scope: self.inner.scope(permit.viewer(), Action::ReadEvents),
                limit,
            })
            .await?;
        let next = (indexes.len() as u64 == u64::from(limit))
            .then(|| indexes.last().copied())
            .flatten();
        let ledger = self.inner.ledger.clone();
        let events = blocking(move || {
            let read = |index| {
                let entry = ledger.entry(index).map_err(damaged)?;
                Ok(EventView {
                    index,
                    header: Entry::parse(&entry).map_err(damaged)?.header,
                })
            };
            indexes.into_iter().map(read).collect::<Result<_, Error>>()
        });
        Ok(EventsPage {
            events: events.await??,
            next,
        })
    }

    /// One event.
    ///
    /// # Errors
    /// [`Error::NotFound`] also for events of other organs and for records of inquiries.
    pub async fn event(
        &self,
        permit: &Permit<may::ReadEvents>,
        event: EventId,
    ) -> Result<EventView, Error> {
        let scope = self.inner.scope(permit.viewer(), Action::ReadEvents);
        let row = self
            .inner
            .register
            .event(event)
            .await?
            .filter(|e| e.act && scope.holds(&e.organ))
            .ok_or(Error::NotFound)?;
        let ledger = self.inner.ledger.clone();
        let entry = blocking(move || ledger.entry(row.index))
            .await?
            .map_err(damaged)?;
        Ok(EventView {
            index: row.index,
            header: Entry::parse(&entry).map_err(damaged)?.header,
        })
    }
}

/// Lines on their way into the log, and what became of those before them.
struct Sending<'o> {
    inner: &'o Inner,
    results: Vec<Option<LineResult>>,
    /// Line, id, and the entry of those with a key.
    sent: Vec<(usize, EventId, Option<EntryBytes>)>,
    submissions: Vec<Submission>,
    /// Objects of what is not in the log yet.
    objects: HashSet<Pseudonym>,
    /// Activities at which some gate looks.
    gated: HashMap<Activity, bool>,
}

impl Sending<'_> {
    fn refuse(&mut self, n: usize, wrong: Wrong, gates: Vec<Barrier>) {
        self.results[n] = Some(LineResult::Refused {
            line: n as u64 + 1,
            field: wrong.field,
            expected: wrong.expected,
            conflict: false,
            gates,
        });
    }

    async fn take(&mut self, n: usize, draft: Draft, gates: Option<Gates>) -> Result<(), Error> {
        let barriers = self.barriers(&draft, gates).await?;
        let id = self.inner.new_id();
        let keyed = draft.key.is_some();
        let (activity, occurred) = (draft.activity.clone(), draft.occurred);
        let objects: Vec<Pseudonym> = draft.objects.iter().map(|o| o.id).collect();
        let submission = draft.into_submission(id);
        if let Some(len) = append::too_long(&submission) {
            let expected = format!("a header of at most 65,535 bytes, this one has {len}");
            self.refuse(n, Wrong::new("objects", expected), Vec::new());
            return Ok(());
        }
        if !barriers.is_empty() {
            // Sent again after it was taken: that is no new act, and the log says which entry it is.
            let known = keyed
                && self
                    .is_known(&activity, occurred, &objects, &submission)
                    .await?;
            if !known {
                let told: Vec<String> = barriers.iter().map(Barrier::told).collect();
                self.refuse(n, Wrong::new("activity", told.join("; ")), barriers);
                return Ok(());
            }
        }
        let entry = keyed.then(|| submission.entry.clone());
        self.sent.push((n, id, entry));
        self.submissions.push(submission);
        self.objects.extend(objects);
        Ok(())
    }

    /// What the gates say to a line, after the lines before it.
    async fn barriers(
        &mut self,
        draft: &Draft,
        gates: Option<Gates>,
    ) -> Result<Vec<Barrier>, Error> {
        let now = self.inner.now().get();
        let meets = match gates {
            None => false,
            Some(Gates::Refuse) => true,
            Some(Gates::Now) => {
                draft.correction_of.is_none() && now - draft.occurred.get() <= gate::NOW
            }
        };
        let gated = meets
            && *(self.gated.entry(draft.activity.clone()))
                .or_insert_with(|| self.inner.is_gated(draft.activity.as_str()));
        if !gated {
            return Ok(Vec::new());
        }
        if draft.touches(&self.objects) {
            self.flush().await?;
        }
        match self.inner.barriers(&[], draft).await {
            Ok(barriers) => Ok(barriers),
            // A fact is not kept waiting for the rules: they will see it.
            Err(_) if gates == Some(Gates::Now) => Ok(Vec::new()),
            Err(behind) => Err(behind.into()),
        }
    }

    /// Whether the log holds this very line already.
    async fn is_known(
        &self,
        activity: &Activity,
        occurred: Micros,
        objects: &[Pseudonym],
        submission: &Submission,
    ) -> Result<bool, Error> {
        let query = EventsQuery {
            after: None,
            activity: Some(activity.to_string()),
            organ: None,
            object: objects.first().copied(),
            from: Some(occurred),
            to: Micros::new(occurred.get() + 1).ok(),
            scope: Scope::All,
            limit: 100,
        };
        let size = self.inner.ledger.size();
        self.inner.position.reach(size).await?;
        let indexes = self.inner.register.events(&query).await?;
        let ledger = self.inner.ledger.clone();
        let entry = submission.entry.clone();
        blocking(move || {
            for index in indexes {
                let known = ledger.entry(index).map_err(damaged)?;
                if same(&Entry::parse(&known).map_err(damaged)?.header, &entry) {
                    return Ok(true);
                }
            }
            Ok(false)
        })
        .await?
    }

    /// Makes durable what was taken so far.
    async fn flush(&mut self) -> Result<(), Error> {
        let sent = std::mem::take(&mut self.sent);
        let submissions = std::mem::take(&mut self.submissions);
        self.objects.clear();
        let mut durable = Vec::with_capacity(sent.len());
        for group in append::groups(submissions) {
            durable.extend(self.inner.ledger.submit(group)?.await?);
        }
        for ((n, id, entry), d) in sent.into_iter().zip(durable) {
            let line = n as u64 + 1;
            let mut event = id;
            let mut conflict = false;
            if d.duplicate() {
                let ledger = self.inner.ledger.clone();
                let index = d.index();
                let known = blocking(move || ledger.entry(index))
                    .await?
                    .map_err(damaged)?;
                let known = Entry::parse(&known).map_err(damaged)?.header;
                event = known.id;
                conflict = entry.is_some_and(|entry| !same(&known, &entry));
            }
            self.results[n] = Some(if conflict {
                let expected =
                    format!("the content that this key had before (entry {})", d.index());
                LineResult::Refused {
                    line,
                    field: "key".into(),
                    expected,
                    conflict: true,
                    gates: Vec::new(),
                }
            } else {
                LineResult::Taken {
                    line,
                    index: d.index(),
                    event,
                    duplicate: d.duplicate(),
                }
            });
        }
        Ok(())
    }
}

/// What is wrong with a line.
struct Wrong {
    field: String,
    expected: String,
}

impl Wrong {
    fn new(field: impl Into<String>, expected: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            expected: expected.into(),
        }
    }
}

/// The field that a message of the JSON reader names, and the message.
fn wrong_json(e: &serde_json::Error) -> Wrong {
    let text = e.to_string();
    let field = text
        .split('`')
        .nth(1)
        .filter(|_| e.is_data())
        .unwrap_or_default();
    Wrong::new(
        field,
        format!("one JSON object with the fields of an event ({text})"),
    )
}

/// What is looked up once for all lines of a request.
struct Poster<'o> {
    office: &'o Office,
    viewer: &'o Viewer,
    scope: Scope,
    latest: Micros,
    /// The packs in force.
    catalogue: std::sync::Arc<law::Catalogue>,
    /// Whether a number is on the roster.
    staff: HashMap<String, bool>,
}

impl Poster<'_> {
    async fn draft(&mut self, input: EventInput) -> Result<Result<Draft, Wrong>, Error> {
        for a in &input.actors {
            if !self.staff.contains_key(&a.number) {
                let person = self.office.inner.staff(&a.number);
                let known = self.office.inner.register.person(person).await?.is_some();
                self.staff.insert(a.number.clone(), known);
            }
        }
        Ok(self.checked(input))
    }

    fn checked(&self, input: EventInput) -> Result<Draft, Wrong> {
        let key = &self.office.inner.key;
        let activity = activity(&self.catalogue, &input.activity)?;
        let occurred: Micros = input
            .occurred
            .parse()
            .map_err(|e| Wrong::new("occurred", format!("{e}")))?;
        if occurred > self.latest {
            return Err(Wrong::new("occurred", "a time that has come"));
        }
        let organ = match &input.organ {
            Some(organ) => {
                OrganCode::new(organ.as_str()).map_err(|e| Wrong::new("organ", e.to_string()))?
            }
            None => self.viewer.organ.clone(),
        };
        if !self.scope.holds(&organ) || self.office.inner.register.tree().get(&organ).is_none() {
            return Err(Wrong::new(
                "organ",
                "an organ for which you may send events",
            ));
        }
        if input.objects.len() > MAX_OBJECTS {
            return Err(Wrong::new("objects", format!("at most {MAX_OBJECTS}")));
        }
        let dedup = match input.key.as_deref() {
            Some(k) if k.is_empty() || k.len() > 200 => {
                return Err(Wrong::new("key", "1 to 200 bytes"));
            }
            Some(k) => Some(key.submission(&["event", &self.viewer.person.to_string(), k])),
            None => None,
        };
        let mut body = match &dedup {
            // The same content under the same key has to give the same bytes.
            Some(k) => {
                let salt = key.submission(&["salt", &hex(k)]);
                Body::new(salt[..16].try_into().expect("16 of 32 bytes"))
            }
            None => append::body(),
        };
        let actor = self.actors(&input.actors, &mut body)?;
        let mut objects = Vec::with_capacity(input.objects.len());
        for o in input.objects {
            objects.push(self.object(o, &mut body)?);
        }
        for (name, value) in input.attrs {
            plain("attrs", &name, 200)?;
            body.attrs.push(Attr::new(name, value.into_value()?));
        }
        if let Some(words) = input.words {
            plain("words", &words, 100_000)?;
            body.words = Some(words).filter(|w| !w.trim().is_empty());
        }
        if occurred.to_string() != input.occurred {
            body.occurred = Some(
                input
                    .occurred
                    .parse()
                    .map_err(|e| Wrong::new("occurred", format!("{e}")))?,
            );
        }
        let ids = |field: &str, e: model::IdError| Wrong::new(field, e.to_string());
        let basis: Result<_, Wrong> = input
            .basis
            .into_iter()
            .map(|b| RuleId::new(b).map_err(|e| ids("basis", e)))
            .collect();
        let to: Result<_, Wrong> = input
            .to
            .into_iter()
            .map(|o| OrganCode::new(o).map_err(|e| ids("to", e)))
            .collect();
        let correction_of = input
            .correction_of
            .map(|c| c.parse().map_err(|e| ids("correction_of", e)))
            .transpose()?;
        Ok(Draft {
            activity,
            occurred,
            organ,
            actor,
            objects,
            basis: basis?,
            correction_of,
            to: to?,
            body: Some(body),
            key: dedup,
        })
    }

    fn actors(&self, inputs: &[ActorInput], body: &mut Body) -> Result<Vec<Actor>, Wrong> {
        if inputs.is_empty() {
            return Ok(vec![append::actor(self.viewer, Action::PostEvents)]);
        }
        let mut out = Vec::with_capacity(inputs.len());
        for a in inputs {
            if self.catalogue.role(&a.role).is_none() {
                return Err(Wrong::new("actors.role", "the id of a role of the packs"));
            }
            let role = RoleId::new(a.role.as_str())
                .map_err(|e| Wrong::new("actors.role", e.to_string()))?;
            let p = self.office.inner.staff(&a.number);
            match &a.name {
                _ if self.staff.get(&a.number).copied().unwrap_or(false) => {}
                Some(name) => {
                    plain("actors.name", name, 64)?;
                    body.names.insert(p, name.clone());
                }
                None => {
                    return Err(Wrong::new(
                        "actors.number",
                        "the number of somebody on the roster, or a name beside it",
                    ));
                }
            }
            out.push(Actor { p, role });
        }
        Ok(out)
    }

    fn object(&self, o: ObjectInput, body: &mut Body) -> Result<ObjectRef, Wrong> {
        let id = |e: model::IdError| Wrong::new("objects.type", e.to_string());
        let object_type = ObjectType::new(o.object_type).map_err(id)?;
        if OWN_TYPES.contains(&object_type.as_str()) {
            return Err(Wrong::new(
                "objects.type",
                "a type that is not the node's own",
            ));
        }
        plain("objects.id", &o.id, 200)?;
        if o.id.is_empty() {
            return Err(Wrong::new("objects.id", "1 to 200 characters"));
        }
        let name = o
            .name
            .filter(|n| !n.is_empty())
            .unwrap_or_else(|| o.id.clone());
        plain("objects.name", &name, 200)?;
        let p = self.office.inner.key.pseudonym(&object_type, "", &o.id);
        body.names.insert(p, name);
        let qualifier = o
            .qualifier
            .map(|q| Qualifier::new(q).map_err(|e| Wrong::new("objects.qualifier", e.to_string())))
            .transpose()?;
        Ok(ObjectRef {
            object_type,
            id: p,
            qualifier,
        })
    }
}

/// An activity of the packs that another system may send, or a foreign one that says so.
fn activity(catalogue: &law::Catalogue, text: &str) -> Result<Activity, Wrong> {
    let activity = Activity::new(text).map_err(|e| Wrong::new("activity", e.to_string()))?;
    if text.starts_with(register::activity::NODE)
        || text.starts_with(register::activity::INTERFERENCE)
    {
        return Err(Wrong::new(
            "activity",
            "an act: the node's own events and records of inquiries cannot be sent in",
        ));
    }
    match activity.foreign_name() {
        Some("") => Err(Wrong::new("activity", "a name after `x:`")),
        Some(_) => Ok(activity),
        None if catalogue.activity(text).is_some() => Ok(activity),
        None => Err(Wrong::new(
            "activity",
            format!(
                "the id of an activity of the packs, or `x:{text}` for one that they do not know"
            ),
        )),
    }
}

/// Bounded text without NUL and other control characters, line ends apart.
fn plain(field: &str, text: &str, max: usize) -> Result<(), Wrong> {
    if text.chars().count() > max {
        return Err(Wrong::new(field, format!("at most {max} characters")));
    }
    if text
        .chars()
        .any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
    {
        return Err(Wrong::new(field, "text without control characters"));
    }
    Ok(())
}

impl ValueInput {
    fn into_value(self) -> Result<Value, Wrong> {
        Ok(match self {
            Self::Bool(b) => Value::Bool(b),
            Self::Int(i) => Value::Int(i),
            Self::Float(f) => Value::Float(f),
            Self::Text(t) => {
                plain("attrs", &t, 100_000)?;
                Value::String(t)
            }
        })
    }
}

/// Whether an entry of the log says the same as one that was sent: everything but id and `recorded`.
pub(crate) fn same(known: &Header, sent: &EntryBytes) -> bool {
    let EntryBytes::Stamped { prefix, suffix } = sent else {
        return false;
    };
    let bytes = [&prefix[..], known.recorded.fixed().as_bytes(), &suffix[..]].concat();
    Entry::parse(&bytes).is_ok_and(|sent| {
        Header {
            id: known.id,
            ..sent.header
        } == *known
    })
}

fn hex(bytes: &[u8]) -> String {
    model::hex(bytes)
}
