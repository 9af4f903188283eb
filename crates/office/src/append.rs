//! How an event comes to be: a draft becomes header and body, the log makes it durable.
//!
//! `recorded` is the sequencer's (`docs/adr/0001`): a draft has none.

use std::sync::atomic::Ordering;

use ledger::{
    AppendError, Durable, EntryBytes, MAX_GROUP, MAX_GROUP_BYTES, Submission, SubmitError,
};
use model::{
    Activity, Actor, Attr, Body, Commitment, Entry, EventId, Header, Micros, ObjectRef, ObjectType,
    OrganCode, RuleId,
};

use crate::{Action, Error, Viewer, node::Inner, permissions};

/// How far the clock may lie behind the log before that is worth an entry, µs: more than any NTP step in daily work.
const CLOCK_BEHIND: i64 = 5_000_000;

/// Bytes of an entry that C2SP's bundles can hold.
const MAX_ENTRY: usize = 65_535;

/// An event before it has an id and a place.
pub(crate) struct Draft {
    pub(crate) activity: Activity,
    pub(crate) occurred: Micros,
    pub(crate) organ: OrganCode,
    pub(crate) actor: Vec<Actor>,
    pub(crate) objects: Vec<ObjectRef>,
    pub(crate) basis: Vec<RuleId>,
    pub(crate) correction_of: Option<EventId>,
    pub(crate) to: Vec<OrganCode>,
    pub(crate) body: Option<Body>,
    pub(crate) key: Option<[u8; 32]>,
}

impl Draft {
    pub(crate) fn new(activity: &'static str, occurred: Micros, organ: OrganCode) -> Self {
        Self {
            activity: Activity::new(activity).expect("an id of a pack"),
            occurred,
            organ,
            actor: Vec::new(),
            objects: Vec::new(),
            basis: Vec::new(),
            correction_of: None,
            to: Vec::new(),
            body: None,
            key: None,
        }
    }

    pub(crate) fn by(mut self, viewer: &Viewer, action: Action) -> Self {
        self.actor = vec![actor(viewer, action)];
        self
    }

    pub(crate) fn about(mut self, object_type: &'static str, id: model::Pseudonym) -> Self {
        self.objects.push(ObjectRef {
            object_type: object_type_of(object_type),
            id,
            qualifier: None,
        });
        self
    }

    pub(crate) fn body(mut self, body: Body) -> Self {
        self.body = Some(body);
        self
    }

    /// The entry around the place of `recorded`, and the body's bytes.
    pub(crate) fn into_submission(self, id: EventId) -> Submission {
        let body = self.body.map(|b| b.bytes());
        let header = Header {
            id,
            activity: self.activity,
            occurred: self.occurred,
            recorded: self.occurred,
            organ: self.organ,
            actor: self.actor,
            objects: self.objects,
            basis: self.basis,
            correction_of: self.correction_of,
            body: body.as_deref().map(Commitment::to),
            to: self.to,
        };
        let (prefix, suffix) = Entry::unsigned_around_recorded(&header);
        Submission {
            key: self.key,
            entry: EntryBytes::Stamped { prefix, suffix },
            body,
        }
    }
}

/// The viewer as an actor, in the role that lets him do it.
pub(crate) fn actor(viewer: &Viewer, action: Action) -> Actor {
    let role = viewer
        .grants
        .iter()
        .map(|g| &g.role)
        .find(|r| permissions::allowed(r.as_str(), action))
        .or(viewer.grants.first().map(|g| &g.role));
    Actor {
        p: viewer.person,
        role: role.cloned().expect("a permit needs a role"),
    }
}

pub(crate) fn object_type_of(name: &'static str) -> ObjectType {
    ObjectType::new(name).expect("a type of a pack")
}

/// Attributes of a body, those that are there.
pub(crate) fn texts<const N: usize>(pairs: [(&str, Option<String>); N]) -> Vec<Attr> {
    pairs
        .into_iter()
        .filter_map(|(k, v)| v.map(|v| Attr::text(k, v)))
        .collect()
}

/// Random bytes.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("a system without randomness cannot run a node");
    bytes
}

/// A body with a random salt.
pub(crate) fn body() -> Body {
    Body::new(random())
}

/// Bytes that a submission takes of a group.
pub(crate) fn weight(s: &Submission) -> usize {
    s.entry.len() + s.body.as_ref().map_or(0, Vec::len) + 64
}

/// Cuts submissions into groups that the log takes.
pub(crate) fn groups(submissions: Vec<Submission>) -> Vec<Vec<Submission>> {
    let mut out = Vec::new();
    let mut group = Vec::new();
    let mut bytes = 0;
    for s in submissions {
        let w = weight(&s);
        if !group.is_empty() && (group.len() == MAX_GROUP || bytes + w > MAX_GROUP_BYTES) {
            out.push(std::mem::take(&mut group));
            bytes = 0;
        }
        bytes += w;
        group.push(s);
    }
    if !group.is_empty() {
        out.push(group);
    }
    out
}

/// Whether the log can hold it; else how many bytes it has.
pub(crate) fn too_long(s: &Submission) -> Option<usize> {
    let len = s.entry.len();
    (len > MAX_ENTRY).then_some(len)
}

impl From<SubmitError> for Error {
    fn from(e: SubmitError) -> Self {
        match e {
            SubmitError::Busy { .. } | SubmitError::Closed => Self::Busy {
                reason: e.to_string(),
            },
            SubmitError::TooMuch { .. } => Self::TooLarge {
                max: MAX_GROUP_BYTES as u64,
                unit: "bytes",
            },
            SubmitError::EntryTooLong { .. } => Self::TooLarge {
                max: MAX_ENTRY as u64,
                unit: "bytes of a header",
            },
            _ => Self::internal("log", e),
        }
    }
}

impl From<AppendError> for Error {
    fn from(e: AppendError) -> Self {
        match e {
            AppendError::Refused { reason } => Self::Busy { reason },
            AppendError::Unknown => Self::Unknown,
            e => Self::internal("log", e),
        }
    }
}

impl Inner {
    pub(crate) fn new_id(&self) -> EventId {
        EventId::v7(self.now(), random())
    }

    /// Makes one event durable.
    pub(crate) async fn append(&self, draft: Draft) -> Result<(EventId, Durable), Error> {
        let mut done = self.append_all(vec![draft]).await?;
        done.pop()
            .ok_or_else(|| Error::Internal("the log acknowledged nothing".into()))
    }

    /// Makes events durable, in groups that each are durable as a whole.
    pub(crate) async fn append_all(
        &self,
        drafts: Vec<Draft>,
    ) -> Result<Vec<(EventId, Durable)>, Error> {
        let mut ids = Vec::with_capacity(drafts.len());
        let mut submissions = Vec::with_capacity(drafts.len());
        for draft in drafts {
            let id = self.new_id();
            ids.push(id);
            submissions.push(draft.into_submission(id));
        }
        let mut durable = Vec::with_capacity(ids.len());
        for group in groups(submissions) {
            durable.extend(self.ledger.submit(group)?.await?);
        }
        self.watch_clock();
        Ok(ids.into_iter().zip(durable).collect())
    }

    /// Leaves an entry when the clock has gone back: once, until it is right again.
    fn watch_clock(&self) {
        let behind = self.ledger.clock_behind();
        if behind <= CLOCK_BEHIND {
            self.alarmed.store(false, Ordering::Relaxed);
        } else if !self.alarmed.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                seconds = behind / 1_000_000,
                "the clock lies behind the log"
            );
            let mut b = body();
            b.attrs = texts([
                ("kind", Some("clock-back".into())),
                ("seconds", Some((behind / 1_000_000).to_string())),
            ]);
            let draft = Draft::new("lh.alarm", self.now(), self.info.organ.clone()).body(b);
            let submission = draft.into_submission(self.new_id());
            // Nobody waits for it; if the queue is full, the next append tries again.
            if self.ledger.submit(vec![submission]).is_err() {
                self.alarmed.store(false, Ordering::Relaxed);
            }
        }
    }
}
