//! Cases and other objects: search, timeline, elements (人案物场卷), names. Every read goes through `look/guard.rs`.

use std::{collections::HashMap, fmt, str::FromStr};

use model::{
    Activity, Attr, EventId, FileRef, IdError, Micros, ObjectType, OrganCode, Pseudonym, Qualifier,
    RoleId, RuleId,
};
use register::{CaseQuery, CaseSort, Scope, activity};

use crate::{
    Action, BodyKept, Error, LookKind, Office, Page, PageRequest, Permit, Viewer,
    append::{self, Draft, object_type_of},
    entry::Opened,
    may,
};

/// Which case (or other object): its pseudonym, also what stands in addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CaseKey(pub Pseudonym);

impl fmt::Display for CaseKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for CaseKey {
    type Err = IdError;
    fn from_str(s: &str) -> Result<Self, IdError> {
        s.parse().map(Self)
    }
}

/// Which cases.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CaseFilter {
    /// Part of the number; empty for all.
    pub q: String,
    /// Type of object; `None` is `case`.
    pub object_type: Option<ObjectType>,
    /// Organ, and those below.
    pub organ: Option<OrganCode>,
    /// Last act at or after.
    pub from: Option<Micros>,
    /// Last act before.
    pub to: Option<Micros>,
    /// By what they are sorted.
    pub sort: CaseSort,
    /// Smallest first.
    pub ascending: bool,
}

/// A row of the list of cases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseRow {
    /// Key.
    pub key: CaseKey,
    /// Number, or the id that the source gave; `None` if erased or never told.
    pub number: Option<String>,
    /// Type of object.
    pub object_type: ObjectType,
    /// Organ of its first event.
    pub organ: OrganCode,
    /// Its name.
    pub organ_name: String,
    /// First act.
    pub first: Micros,
    /// Last act.
    pub last: Micros,
    /// What was done last.
    pub last_activity: Activity,
    /// Events.
    pub events: u64,
}

/// A case.
#[derive(Clone, Debug, PartialEq)]
pub struct CaseView {
    /// Its head.
    pub head: CaseRow,
    /// Other objects of its events, by type; each type at most 60, with the number of all.
    pub elements: Vec<ObjectGroup>,
    /// Officers who acted, most often first.
    pub officers: Vec<ActorView>,
}

/// Objects of one type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectGroup {
    /// Type.
    pub object_type: ObjectType,
    /// How many there are.
    pub total: u64,
    /// The first 60.
    pub objects: Vec<ObjectView>,
}

/// An object, under its pseudonym.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectView {
    /// Pseudonym.
    pub id: Pseudonym,
    /// Type.
    pub object_type: ObjectType,
    /// Its part.
    pub qualifier: Option<Qualifier>,
}

/// An object with its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedObject {
    /// The object.
    pub object: ObjectView,
    /// Its name; `None` if erased or never told.
    pub name: Option<String>,
}

/// Somebody who acted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActorView {
    /// Pseudonym.
    pub person: Pseudonym,
    /// In which role.
    pub role: RoleId,
    /// Name, if on the roster.
    pub name: Option<String>,
}

/// An event of a case.
#[derive(Clone, Debug, PartialEq)]
pub struct TimelineEvent {
    /// Position in the log.
    pub index: u64,
    /// Id.
    pub event: EventId,
    /// What was done.
    pub activity: Activity,
    /// When it is said to have happened.
    pub occurred: Micros,
    /// When it was recorded.
    pub recorded: Micros,
    /// Organ.
    pub organ: OrganCode,
    /// Who acted.
    pub actors: Vec<ActorView>,
    /// What else it concerns.
    pub objects: Vec<ObjectView>,
    /// Rules claimed as its basis.
    pub basis: Vec<RuleId>,
    /// The event that it corrects.
    pub correction_of: Option<EventId>,
    /// Whether it has a body.
    pub body: BodyKept,
}

/// What the body of an event says.
#[derive(Clone, Debug, PartialEq)]
pub struct EventBody {
    /// Attributes.
    pub attrs: Vec<Attr>,
    /// Words.
    pub words: Option<String>,
    /// Attachments.
    pub files: Vec<FileRef>,
    /// Time as the source wrote it.
    pub occurred: Option<String>,
    /// Names of its objects.
    pub names: Vec<NamedObject>,
}

/// Objects of one type that a case shows at once.
const SHOWN: usize = 60;
/// Objects of a case that are looked at.
const ELEMENTS: u32 = 5_000;

impl Office {
    /// Cases of the viewer's organs, last act first.
    ///
    /// # Errors
    /// Those of the register.
    pub async fn cases(
        &self,
        permit: &Permit<may::SearchCases>,
        filter: &CaseFilter,
        page: PageRequest,
    ) -> Result<Page<CaseRow>, Error> {
        let query = self.case_query(permit.viewer(), filter, page.limit(), page.offset());
        let (rows, total) = self.inner.register.objects(&query).await?;
        Ok(page.of(rows.into_iter().map(|r| self.case_row(r)).collect(), total))
    }

    /// The same list to be given out as a file, at most so many. Leaves an entry first, with what was asked (as the page
    /// says it) and how many rows.
    ///
    /// # Errors
    /// Those of the register and of the log.
    pub async fn cases_given_out(
        &self,
        permit: &Permit<may::SearchCases>,
        filter: &CaseFilter,
        asked: &str,
        limit: u32,
    ) -> Result<Vec<CaseRow>, Error> {
        let viewer = permit.viewer();
        let query = self.case_query(viewer, filter, limit, 0);
        let (rows, _) = self.inner.register.objects(&query).await?;
        self.leave_list(viewer, Action::SearchCases, "cases", asked, rows.len())
            .await?;
        Ok(rows.into_iter().map(|r| self.case_row(r)).collect())
    }

    /// Makes durable that a list leaves the node as a file.
    pub(crate) async fn leave_list(
        &self,
        viewer: &Viewer,
        action: Action,
        list: &str,
        asked: &str,
        rows: usize,
    ) -> Result<(), Error> {
        let mut body = append::body();
        body.attrs = append::texts([
            ("list", Some(list.to_owned())),
            (
                "asked",
                (!asked.is_empty()).then(|| asked.chars().take(500).collect()),
            ),
            ("rows", Some(rows.to_string())),
        ]);
        let draft = Draft::new(activity::LIST, self.now(), viewer.organ.clone())
            .by(viewer, action)
            .body(body);
        self.inner.append_and_wait(draft).await?;
        Ok(())
    }

    fn case_query(
        &self,
        viewer: &Viewer,
        filter: &CaseFilter,
        limit: u32,
        offset: u64,
    ) -> CaseQuery {
        let mut scope = self.inner.scope(viewer, Action::SearchCases);
        if let Some(organ) = &filter.organ {
            let mut chosen = self.inner.register.tree().subtree([organ]);
            chosen.retain(|o| scope.holds(o));
            scope = Scope::Only(chosen);
        }
        CaseQuery {
            q: filter.q.trim().to_owned(),
            object_type: filter
                .object_type
                .clone()
                .unwrap_or_else(|| object_type_of("case")),
            scope,
            from: filter.from,
            to: filter.to,
            sort: filter.sort,
            ascending: filter.ascending,
            limit,
            offset,
        }
    }

    /// Types of objects that there are, with their numbers, for the filter.
    ///
    /// # Errors
    /// Those of the register.
    pub async fn object_types(
        &self,
        permit: &Permit<may::SearchCases>,
    ) -> Result<Vec<(ObjectType, u64)>, Error> {
        let scope = self.inner.scope(permit.viewer(), Action::SearchCases);
        Ok(self.inner.register.object_types(&scope).await?)
    }

    /// A case, without names.
    ///
    /// # Errors
    /// [`Error::NotFound`] also for cases of other organs.
    pub async fn case(
        &self,
        permit: &Permit<may::ReadCase>,
        key: CaseKey,
    ) -> Result<CaseView, Error> {
        let head = self.visible(permit.viewer(), Action::ReadCase, key).await?;
        let mut elements: Vec<ObjectGroup> = Vec::new();
        for element in self.inner.register.elements(key.0, ELEMENTS).await? {
            let at = elements
                .iter()
                .position(|g| g.object_type == element.object_type)
                .unwrap_or_else(|| {
                    elements.push(ObjectGroup {
                        object_type: element.object_type.clone(),
                        total: 0,
                        objects: Vec::new(),
                    });
                    elements.len() - 1
                });
            elements[at].total += 1;
            if elements[at].objects.len() < SHOWN {
                elements[at].objects.push(view(&element));
            }
        }
        let mut names = HashMap::new();
        let mut officers = Vec::new();
        for o in self.inner.register.officers(key.0).await? {
            officers.push(self.actor(o.person, o.role, &mut names).await?);
        }
        Ok(CaseView {
            head,
            elements,
            officers,
        })
    }

    /// The events of a case by the time at which they are said to have happened.
    ///
    /// # Errors
    /// [`Error::NotFound`] also for cases of other organs.
    pub async fn timeline(
        &self,
        permit: &Permit<may::ReadCase>,
        key: CaseKey,
        page: PageRequest,
    ) -> Result<Page<TimelineEvent>, Error> {
        self.visible(permit.viewer(), Action::ReadCase, key).await?;
        let (rows, total) = self
            .inner
            .register
            .timeline(key.0, page.limit(), page.offset())
            .await?;
        let opened = self
            .inner
            .open_bodies(rows.iter().map(|r| r.index).collect())
            .await?;
        let mut names = HashMap::new();
        let mut events = Vec::with_capacity(opened.len());
        for Opened {
            index,
            header,
            kept,
            ..
        } in opened
        {
            let mut actors = Vec::with_capacity(header.actor.len());
            for a in header.actor {
                actors.push(self.actor(a.p, a.role, &mut names).await?);
            }
            let others = header.objects.into_iter().filter(|o| o.id != key.0);
            events.push(TimelineEvent {
                index,
                event: header.id,
                activity: header.activity,
                occurred: header.occurred,
                recorded: header.recorded,
                organ: header.organ,
                actors,
                objects: others
                    .map(|o| ObjectView {
                        id: o.id,
                        object_type: o.object_type,
                        qualifier: o.qualifier,
                    })
                    .collect(),
                basis: header.basis,
                correction_of: header.correction_of,
                body: kept,
            });
        }
        Ok(page.of(events, total))
    }

    /// The names of the objects of a case. Leaves an entry that they were read.
    ///
    /// # Errors
    /// [`Error::NotFound`] also for cases of other organs; those of the log.
    pub async fn names(
        &self,
        permit: &Permit<may::ReadNames>,
        key: CaseKey,
    ) -> Result<Vec<NamedObject>, Error> {
        let viewer = permit.viewer();
        let row = self.in_scope(viewer, Action::ReadNames, key).await?;
        self.look(viewer, &row, LookKind::Names, None).await?;
        let elements = self.inner.register.elements(key.0, ELEMENTS).await?;
        Ok(elements
            .into_iter()
            .map(|e| NamedObject {
                object: view(&e),
                name: e.name,
            })
            .collect())
    }

    /// The body of one event of a case. Leaves an entry that it was read.
    ///
    /// # Errors
    /// [`Error::NotFound`] also for cases of other organs and events of other cases, and for an erased body.
    pub async fn event_body(
        &self,
        permit: &Permit<may::ReadNames>,
        key: CaseKey,
        event: EventId,
    ) -> Result<EventBody, Error> {
        let viewer = permit.viewer();
        let case = self.in_scope(viewer, Action::ReadNames, key).await?;
        let row = (self.inner.register.event(event).await?).filter(|e| e.act);
        // Whether there is such an event is learnt by nobody to whom the case does not open.
        let only = row.as_ref().map(|r| r.index);
        let basis = self.explained(viewer, &case, only).await?;
        let row = row.ok_or(Error::NotFound)?;
        let (header, body) = self.inner.open_body(row.index).await?;
        let body = body
            .filter(|_| header.objects.iter().any(|o| o.id == key.0))
            .ok_or(Error::NotFound)?;
        self.leave_look(viewer, &case, LookKind::Body, Some(event), &basis)
            .await?;
        let mut names = Vec::with_capacity(header.objects.len());
        for o in &header.objects {
            let name = match body.names.get(&o.id) {
                Some(name) => Some(name.clone()),
                None => self.inner.register.name(o.id).await?,
            };
            let object = ObjectView {
                id: o.id,
                object_type: o.object_type.clone(),
                qualifier: o.qualifier.clone(),
            };
            names.push(NamedObject { object, name });
        }
        Ok(EventBody {
            attrs: body.attrs,
            words: body.words,
            files: body.files,
            occurred: body.occurred.map(|t| t.text().to_owned()),
            names,
        })
    }

    /// What a search shows of a case: its number and what was recorded last. No look.
    ///
    /// # Errors
    /// [`Error::NotFound`] also for cases of other organs.
    pub async fn case_head(
        &self,
        permit: &Permit<may::SearchCases>,
        key: CaseKey,
    ) -> Result<CaseRow, Error> {
        let row = self.in_scope(permit.viewer(), Action::SearchCases, key);
        Ok(self.case_row(row.await?))
    }

    /// The head of a case that opens to the viewer: it is of his organs, and something explains that he looks. Leaves the
    /// entry of the look, once in each window.
    pub(crate) async fn visible(
        &self,
        viewer: &Viewer,
        action: Action,
        key: CaseKey,
    ) -> Result<CaseRow, Error> {
        let row = self.in_scope(viewer, action, key).await?;
        self.look(viewer, &row, LookKind::Case, None).await?;
        Ok(self.case_row(row))
    }

    /// A case of the viewer's organs: that there is one, and nothing of it. Whoever shows anything asks [`Office::look`].
    pub(crate) async fn in_scope(
        &self,
        viewer: &Viewer,
        action: Action,
        key: CaseKey,
    ) -> Result<register::ObjectRow, Error> {
        let scope = self.inner.scope(viewer, action);
        let row = self.inner.register.object(key.0).await?;
        row.filter(|o| scope.holds(&o.organ)).ok_or(Error::NotFound)
    }

    /// An actor with the name that he has on the roster.
    pub(crate) async fn actor(
        &self,
        person: Pseudonym,
        role: RoleId,
        names: &mut HashMap<Pseudonym, Option<String>>,
    ) -> Result<ActorView, Error> {
        let name = match names.get(&person) {
            Some(name) => name.clone(),
            None => {
                let name = self.inner.register.person(person).await?.map(|p| p.name);
                names.insert(person, name.clone());
                name
            }
        };
        Ok(ActorView { person, role, name })
    }

    pub(crate) fn case_row(&self, r: register::ObjectRow) -> CaseRow {
        CaseRow {
            key: CaseKey(r.id),
            number: r.name,
            object_type: r.object_type,
            organ_name: self.inner.register.tree().name(&r.organ),
            organ: r.organ,
            first: r.first,
            last: r.last,
            last_activity: r.last_activity,
            events: r.events,
        }
    }
}

fn view(e: &register::ElementRow) -> ObjectView {
    ObjectView {
        id: e.id,
        object_type: e.object_type.clone(),
        qualifier: e.qualifier.clone(),
    }
}
