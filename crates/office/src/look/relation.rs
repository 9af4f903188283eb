//! Relations that are registered: an assignment, a joint task, an inquiry on record, a link between two cases.
//!
//! Whoever registers answers for it by name, and never registers himself: nobody explains his own look.

use std::collections::HashMap;

use law::{Explanations, Relation};
use model::{EventId, Micros, ObjectRef, Pseudonym};
use register::{ObjectRow, RelationRow, activity};

use super::{facts::LINKED, guard};
use crate::{
    Action, Both, CaseKey, Error, FieldError, Office, Permit, Viewer,
    append::{self, Draft, object_type_of},
    may,
    text::{note, optional},
};

/// Characters of a document's number, and of a reason.
const TEXT: usize = 200;
/// Longest validity, in days.
const LONGEST: i64 = 366;
const DAY: i64 = 86_400_000_000;

/// A relation to be registered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewRelation {
    /// `assigned`, `joint-task`, `inquiry` or `linked-case`.
    pub kind: String,
    /// Number of the person; for a link, number of the other case.
    pub number: String,
    /// From when; `None` = now.
    pub from: Option<Micros>,
    /// Until when; `None` = until ended, which a joint task and an inquiry may not be.
    pub to: Option<Micros>,
    /// Number of the paper.
    pub document: Option<String>,
    /// Why, where there is no paper.
    pub reason: Option<String>,
}

/// A relation of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelationView {
    /// Its id.
    pub event: EventId,
    /// Its entry.
    pub index: u64,
    /// Kind.
    pub kind: String,
    /// Whom it names.
    pub person: Option<String>,
    /// The other case, if the viewer may see that there is one.
    pub other: Option<(CaseKey, Option<String>)>,
    /// From when.
    pub from: Micros,
    /// Until when.
    pub to: Option<Micros>,
    /// It holds now.
    pub in_force: bool,
    /// Who registered it.
    pub by: Option<String>,
    /// Number of the paper.
    pub document: Option<String>,
    /// Why.
    pub reason: Option<String>,
}

impl Office {
    /// Kinds of relations that may be registered: those that some explanation asks for.
    pub fn relation_kinds() -> Vec<&'static str> {
        let legs = || (Explanations::shipped().templates.iter()).flat_map(|t| &t.legs);
        let mut kinds: Vec<&str> = Vec::new();
        for kind in legs().flat_map(|l| &l.kinds) {
            if !kinds.contains(&kind.as_str()) {
                kinds.push(kind);
            }
        }
        if legs().any(|l| l.relation == Relation::Linked) {
            kinds.push(LINKED);
        }
        kinds
    }

    /// Registers a relation. Returns the index of the entry.
    ///
    /// # Errors
    /// [`Error::NotFound`] also for cases of other organs; [`Error::Invalid`]; those of the log.
    pub async fn relate(
        &self,
        permit: &Permit<may::AssignCases>,
        key: CaseKey,
        new: &NewRelation,
    ) -> Result<u64, Error> {
        let viewer = permit.viewer();
        let row = self.in_scope(viewer, Action::AssignCases, key).await?;
        let now = self.now();
        let mut wrong = Vec::new();
        let kind = Self::relation_kinds().into_iter().find(|k| *k == new.kind);
        if kind.is_none() {
            wrong.push(FieldError::new("kind", "unknown", "one of the list"));
        }
        let document = optional("document", new.document.as_deref(), TEXT, false);
        let document = note(document, &mut wrong).flatten();
        let reason = note(
            optional("why", new.reason.as_deref(), TEXT, true),
            &mut wrong,
        )
        .flatten();
        if document.is_none() && reason.is_none() && wrong.is_empty() {
            let what = "the number of a paper, or why";
            wrong.push(FieldError::new("document", "required", what));
        }
        let from = new.from.unwrap_or(now);
        check_times(kind, from, new.to, &mut wrong);
        let whom = match kind {
            Some(LINKED) => self.other_case(viewer, &row, &new.number).await?,
            _ => self.whom(viewer, &new.number).await?,
        };
        let whom = note(whom, &mut wrong);
        let (Some(kind), Some(whom), true) = (kind, whom, wrong.is_empty()) else {
            return Err(Error::Invalid(wrong));
        };
        let mut body = append::body();
        body.attrs = append::texts([
            ("kind", Some(kind.to_owned())),
            ("from", Some(from.to_string())),
            ("to", new.to.map(|t| t.to_string())),
            ("document", document),
            ("other", (kind == LINKED).then(|| whom.id.to_string())),
        ]);
        body.words = reason;
        let mut draft = Draft::new(activity::ASSIGN, now, viewer.organ.clone())
            .by(viewer, Action::AssignCases)
            .body(body);
        draft.objects = vec![guard::object(&row), whom];
        self.inner.append_and_wait(draft).await
    }

    /// Ends a relation now.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Invalid`] if it has ended; those of the log.
    pub async fn end_relation(
        &self,
        permit: &Permit<may::AssignCases>,
        key: CaseKey,
        relation: EventId,
    ) -> Result<u64, Error> {
        let viewer = permit.viewer();
        let row = self.in_scope(viewer, Action::AssignCases, key).await?;
        let now = self.now();
        let known = self.inner.register.relation(relation).await?;
        let of_case = |r: &RelationRow| r.case == key.0 || r.other == Some(key.0);
        let known = known.filter(of_case).ok_or(Error::NotFound)?;
        if known.over().is_some_and(|t| t <= now) {
            let what = "a relation that has not ended";
            return Err(Error::field("relation", "ended", what));
        }
        let mut body = append::body();
        body.attrs = append::texts([("relation", Some(relation.to_string()))]);
        let mut draft = Draft::new(activity::ASSIGN_END, now, viewer.organ.clone())
            .by(viewer, Action::AssignCases)
            .body(body);
        draft.objects.push(guard::object(&row));
        self.inner.append_and_wait(draft).await
    }

    /// Relations of a case, the newest first.
    ///
    /// # Errors
    /// [`Error::NotFound`] also for cases of other organs; [`Error::ReasonWanted`].
    pub async fn case_relations(
        &self,
        permit: &Permit<may::ReadCase>,
        key: CaseKey,
    ) -> Result<Vec<RelationView>, Error> {
        let viewer = permit.viewer();
        self.visible(viewer, Action::ReadCase, key).await?;
        let now = self.now();
        let rows = self.inner.register.relations(key.0).await?;
        let indexes = rows.iter().map(|r| r.index).collect();
        let opened = self.inner.open_bodies(indexes).await?;
        let mut names: HashMap<Pseudonym, Option<String>> = HashMap::new();
        let mut views = Vec::with_capacity(rows.len());
        for (row, opened) in rows.into_iter().zip(opened).rev() {
            let body = opened.body;
            let other = match row.other {
                Some(other) if row.case == key.0 => Some(other),
                Some(_) => Some(row.case),
                None => None,
            };
            let other = match other {
                Some(id) => match self.in_scope(viewer, Action::ReadCase, CaseKey(id)).await {
                    Ok(seen) => Some((CaseKey(id), seen.name)),
                    Err(Error::NotFound) => None,
                    Err(e) => return Err(e),
                },
                None => None,
            };
            views.push(RelationView {
                event: row.event,
                index: row.index,
                person: self.name_of(row.person, &mut names).await?,
                other,
                from: row.since,
                to: row.over(),
                in_force: row.since <= now && row.over().is_none_or(|t| now < t),
                by: self.name_of(row.by, &mut names).await?,
                document: body
                    .as_ref()
                    .and_then(|b| b.text("document"))
                    .map(str::to_owned),
                reason: body.and_then(|b| b.words),
                kind: row.kind,
            });
        }
        Ok(views)
    }

    async fn name_of(
        &self,
        person: Option<Pseudonym>,
        names: &mut HashMap<Pseudonym, Option<String>>,
    ) -> Result<Option<String>, Error> {
        let Some(person) = person else {
            return Ok(None);
        };
        if let Some(known) = names.get(&person) {
            return Ok(known.clone());
        }
        let name = self.inner.register.person(person).await?.map(|p| p.name);
        names.insert(person, name.clone());
        Ok(name)
    }

    /// Somebody of the roster, and not the viewer himself.
    async fn whom(
        &self,
        viewer: &Viewer,
        number: &str,
    ) -> Result<Result<ObjectRef, FieldError>, Error> {
        let number = number.trim();
        if number.is_empty() {
            return Ok(Err(FieldError::new("number", "required", "a number")));
        }
        let id = self.inner.staff(number);
        if id == viewer.person {
            let what = "somebody else: nobody explains his own look";
            return Ok(Err(FieldError::new("number", "not_yours", what)));
        }
        let person = self.inner.register.person(id).await?;
        Ok(match person.filter(|p| p.ended.is_none()) {
            Some(_) => Ok(ObjectRef {
                object_type: object_type_of("staff"),
                id,
                qualifier: None,
            }),
            None => Err(FieldError::new(
                "number",
                "unknown",
                "the number of somebody on the roster",
            )),
        })
    }

    /// Another case of the viewer's organs.
    async fn other_case(
        &self,
        viewer: &Viewer,
        row: &ObjectRow,
        number: &str,
    ) -> Result<Result<ObjectRef, FieldError>, Error> {
        let scope = self.inner.scope(viewer, Action::AssignCases);
        let named = self
            .inner
            .register
            .objects_named(&row.object_type, number.trim());
        let mut others = named.await?;
        others.retain(|o| o.id != row.id && scope.holds(&o.organ));
        Ok(match others.first() {
            Some(other) => Ok(guard::object(other)),
            None => Err(FieldError::new(
                "number",
                "unknown",
                "the number of another case of your organs",
            )),
        })
    }
}

fn check_times(kind: Option<&str>, from: Micros, to: Option<Micros>, wrong: &mut Vec<FieldError>) {
    match to {
        Some(to) if to <= from => {
            wrong.push(FieldError::new(
                "to",
                "malformed",
                "a time after the beginning",
            ));
        }
        Some(to) if to.get() - from.get() > LONGEST * DAY => {
            let what = format!("at most {LONGEST} days after the beginning");
            wrong.push(FieldError::new("to", "too_long", what));
        }
        None if matches!(kind, Some("joint-task" | "inquiry")) => {
            wrong.push(FieldError::new(
                "to",
                "required",
                "the end: such a relation is bounded",
            ));
        }
        _ => {}
    }
}

/// A kind of relation in words.
impl RelationView {
    /// The kind in words: what the explanation that asks for it is called.
    pub fn kind_words(kind: &str) -> Both {
        let templates = Explanations::shipped().templates.iter();
        let mut templates = templates.filter(|t| {
            let asks = |l: &law::Leg| {
                l.kinds.iter().any(|k| k == kind)
                    || kind == LINKED && l.relation == Relation::Linked
            };
            t.legs.iter().any(asks)
        });
        match templates.next() {
            Some(template) => Both::from(&template.text),
            None => Both::new(kind, kind),
        }
    }
}
