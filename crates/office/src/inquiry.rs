//! Records of inquiries (过问记录, the three provisions of 2015): who asked about which case, by whom it is read.
//!
//! The header of a record says only that one was made and in which organ (`docs/adr/0006`); everything else is in a body
//! padded to whole 4 KiB blocks. Visible to its recorder and to the supervisors of his organ and of those above; never to
//! the person named, to those below him, or to whoever runs the node. Opening one is an event.

use std::collections::{BTreeMap, HashSet};

use model::{Attr, Body, EventId, FileRef, Micros, OrganCode, Pseudonym, TimeText};
use register::{PersonQuery, Scope};

use crate::{
    Action, CaseKey, CaseRow, Error, FieldError, Office, Page, PageRequest, Permit, PersonHit,
    ReceiptState, Viewer,
    append::{self, Draft, object_type_of, texts},
    entry::Opened,
    may, permissions,
    text::{note, optional, required},
};

/// Who inquired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// Somebody on the roster.
    Roster(Pseudonym),
    /// Anybody else.
    Free {
        /// Name, or what is known of it.
        name: String,
        /// Unit.
        unit: Option<String>,
        /// Post.
        post: Option<String>,
    },
}

/// Which case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// One that the node knows.
    Key(CaseKey),
    /// A number as typed; the node need not know it.
    Number(String),
}

/// What a recorder says. Facts only; somebody else judges their nature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inquiry {
    /// Who inquired.
    pub who: Who,
    /// What about: id of a tile, see [`law::Catalogue::tiles`].
    pub tile: String,
    /// Which case.
    pub case: Option<Which>,
    /// When; `None` is now.
    pub occurred: Option<Micros>,
    /// How: id of a manner, see [`law::Catalogue::manners`]. `None` is "not stated".
    pub manner: Option<String>,
    /// On whose behalf.
    pub on_behalf: Option<String>,
    /// Where.
    pub place: Option<String>,
    /// In words.
    pub words: Option<String>,
    /// What was answered.
    pub answer: Option<String>,
    /// Attachments, as [`Office::attach`] gave them.
    pub files: Vec<FileRef>,
    /// Made by the page, so that a form sent twice is one record.
    pub submission_key: String,
}

/// A record that is durable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Position in the log.
    pub index: u64,
    /// Id of the event.
    pub event: EventId,
    /// When it was taken in.
    pub recorded: Micros,
    /// It had been sent before, and is the same record.
    pub duplicate: bool,
}

/// A row of "my records".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MyRecordRow {
    /// Id of the event.
    pub event: EventId,
    /// Position in the log.
    pub index: u64,
    /// When it was recorded.
    pub recorded: Micros,
    /// When it is said to have happened.
    pub occurred: Micros,
    /// Who inquired; `None` if erased.
    pub who: Option<WhoView>,
    /// Id of the tile; `None` if erased.
    pub tile: Option<String>,
    /// Number of the case.
    pub case: Option<String>,
    /// How often it was opened.
    pub opened: u64,
    /// How well it is proved.
    pub state: ReceiptState,
    /// The body was erased.
    pub erased: bool,
}

/// Who inquired, as shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhoView {
    /// On the roster.
    pub person: Option<Pseudonym>,
    /// Name.
    pub name: String,
    /// Unit.
    pub unit: Option<String>,
    /// Post.
    pub post: Option<String>,
}

/// The content of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InquiryView {
    /// Id of the event.
    pub event: EventId,
    /// Position in the log.
    pub index: u64,
    /// When it was recorded.
    pub recorded: Micros,
    /// When it is said to have happened.
    pub occurred: Micros,
    /// Organ of the recorder.
    pub organ: OrganCode,
    /// Its name.
    pub organ_name: String,
    /// Who recorded it.
    pub recorder: Pseudonym,
    /// His name.
    pub recorder_name: String,
    /// Who inquired.
    pub who: WhoView,
    /// Id of the tile.
    pub tile: String,
    /// Number of the case.
    pub case: Option<String>,
    /// The case, if the node knows it.
    pub case_key: Option<CaseKey>,
    /// Id of the manner.
    pub manner: Option<String>,
    /// On whose behalf.
    pub on_behalf: Option<String>,
    /// Where.
    pub place: Option<String>,
    /// In words.
    pub words: Option<String>,
    /// What was answered.
    pub answer: Option<String>,
    /// Attachments.
    pub files: Vec<FileRef>,
    /// How well it is proved.
    pub state: ReceiptState,
}

/// A record as its recorder sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MyRecord {
    /// Id of the event.
    pub event: EventId,
    /// Position in the log.
    pub index: u64,
    /// When it was recorded.
    pub recorded: Micros,
    /// Its content; `None` if erased.
    pub content: Option<InquiryView>,
    /// Who opened it, oldest first.
    pub readers: Vec<Reader>,
    /// How well it is proved.
    pub state: ReceiptState,
}

/// Somebody who opened a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reader {
    /// Name.
    pub name: String,
    /// Organ.
    pub organ_name: String,
    /// When.
    pub at: Micros,
}

/// A row of the records that one receives: no names, no words; opening it is an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InquiryRow {
    /// Id of the event.
    pub event: EventId,
    /// Position in the log.
    pub index: u64,
    /// When it was recorded.
    pub recorded: Micros,
    /// Organ of the recorder.
    pub organ: OrganCode,
    /// Its name.
    pub organ_name: String,
    /// Id of the tile.
    pub tile: Option<String>,
    /// When this viewer first opened it.
    pub opened_by_me: Option<Micros>,
    /// How often anybody opened it.
    pub opened: u64,
    /// The body was erased.
    pub erased: bool,
}

/// Who will receive a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receiver {
    /// Organ.
    pub organ_name: String,
    /// Supervisors there.
    pub people: u64,
}

/// Bodies of records come in whole blocks of so many bytes: their size tells nothing of what they say.
const BLOCK: usize = 4096;
/// Attachments of one record.
const MAX_FILES: usize = 20;
/// How far in the future "when" may lie: clocks differ.
const AHEAD: i64 = 5 * 60 * 1_000_000;

impl Office {
    /// People of the roster by name, pinyin initials, number or post; at most 20.
    ///
    /// # Errors
    /// Those of the register.
    pub async fn roster_search(
        &self,
        _permit: &Permit<may::Record>,
        q: &str,
    ) -> Result<Vec<PersonHit>, Error> {
        if q.trim().is_empty() {
            return Ok(Vec::new());
        }
        let query = PersonQuery {
            q: q.to_owned(),
            scope: Scope::All,
            ended: false,
            limit: 20,
            offset: 0,
        };
        let (people, _) = self.inner.register.people(&query).await?;
        Ok(people.into_iter().map(|p| self.hit(p)).collect())
    }

    /// Somebody of the roster, to show a choice again.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn roster_person(
        &self,
        _permit: &Permit<may::Record>,
        person: Pseudonym,
    ) -> Result<PersonHit, Error> {
        let p = self
            .inner
            .register
            .person(person)
            .await?
            .ok_or(Error::NotFound)?;
        Ok(self.hit(p))
    }

    fn hit(&self, p: register::PersonRow) -> PersonHit {
        let organ_name = self.inner.register.tree().name(&p.organ);
        PersonHit {
            person: p.person,
            number: p.number,
            name: p.name,
            organ_name,
            post: p.post,
        }
    }

    /// The cases that the viewer had last to do with; at most five.
    ///
    /// # Errors
    /// Those of the register.
    pub async fn recent_cases(&self, permit: &Permit<may::Record>) -> Result<Vec<CaseRow>, Error> {
        let scope = self.inner.scope(permit.viewer(), Action::ReadCase);
        let rows = self
            .inner
            .register
            .objects_of(permit.viewer().person, &object_type_of("case"), 5)
            .await?;
        Ok(rows
            .into_iter()
            .filter(|r| scope.holds(&r.organ))
            .map(|r| self.case_row(r))
            .collect())
    }

    /// Who will receive what this viewer records, nearest organ first. Whoever the record names, and those below him, are
    /// not among them; that is seen only when it is made.
    ///
    /// # Errors
    /// Those of the register.
    pub async fn receivers(&self, permit: &Permit<may::Record>) -> Result<Vec<Receiver>, Error> {
        let now = self.now();
        let viewer = permit.viewer();
        let register = &self.inner.register;
        let admins: HashSet<Pseudonym> = register
            .grants_in_force(Some("admin"), now)
            .await?
            .into_iter()
            .map(|g| g.person)
            .collect();
        let supervisors = register.grants_in_force(Some("supervisor"), now).await?;
        let tree = register.tree();
        let mut out = Vec::new();
        for organ in tree.line_up(&viewer.organ) {
            let there = supervisors.iter().filter(|g| {
                g.organ == organ && g.person != viewer.person && !admins.contains(&g.person)
            });
            let people = there.map(|g| g.person).collect::<HashSet<_>>().len() as u64;
            if people > 0 {
                out.push(Receiver {
                    organ_name: tree.name(&organ),
                    people,
                });
            }
        }
        Ok(out)
    }

    /// Records an inquiry. Returns when it is durable; the same form sent again gives the same record.
    ///
    /// # Errors
    /// [`Error::Invalid`]; [`Error::Conflict`] if `submission_key` was used for another record; those of the log.
    pub async fn record(
        &self,
        permit: &Permit<may::Record>,
        inquiry: Inquiry,
    ) -> Result<Recorded, Error> {
        let viewer = permit.viewer();
        let inner = &self.inner;
        let body = self.inquiry_body(viewer, &inquiry).await?;
        let key = required("submission_key", &inquiry.submission_key, 100)
            .map_err(|e| Error::Invalid(vec![e]))?;
        let mut draft = Draft::new(
            register::activity::INQUIRY,
            inner.now(),
            viewer.organ.clone(),
        );
        draft.key = Some(
            inner
                .key
                .submission(&["inquiry", &viewer.person.to_string(), &key]),
        );
        let content = content(&body);
        draft.body = Some(body.padded_to(BLOCK));
        let (event, durable) = inner.append(draft).await?;
        let recorded = Micros::new(durable.recorded()).unwrap_or_default();
        if !durable.duplicate() {
            return Ok(Recorded {
                index: durable.index(),
                event,
                recorded,
                duplicate: false,
            });
        }
        let (header, known) = inner.open_body(durable.index()).await?;
        if known.is_some_and(|k| self::content(&k) != content) {
            return Err(Error::Conflict {
                index: durable.index(),
            });
        }
        Ok(Recorded {
            index: durable.index(),
            event: header.id,
            recorded: header.recorded,
            duplicate: true,
        })
    }

    /// The body of a record, or every field that is wrong.
    async fn inquiry_body(&self, viewer: &Viewer, inquiry: &Inquiry) -> Result<Body, Error> {
        let register = &self.inner.register;
        let catalogue = self.inner.catalogue();
        let mut wrong = Vec::new();
        let mut names = BTreeMap::from([(viewer.person, viewer.name.clone())]);

        // Who: also everybody of the same name, so that no spelling lets the person named read it.
        let (mut named, mut person) = (Vec::new(), None);
        let (mut name, mut unit, mut post) = (None, None, None);
        match &inquiry.who {
            Who::Roster(p) => match register.person(*p).await? {
                Some(row) => {
                    person = Some(*p);
                    named.push(*p);
                    names.insert(*p, row.name.clone());
                    name = Some(row.name);
                    unit = Some(register.tree().name(&row.organ));
                    post = Some(row.post).filter(|p| !p.is_empty());
                }
                None => wrong.push(FieldError::new("who", "unknown", "somebody on the roster")),
            },
            Who::Free {
                name: n,
                unit: u,
                post: p,
            } => {
                name = note(required("who", n, 64), &mut wrong);
                unit = note(optional("unit", u.as_deref(), 100, false), &mut wrong).flatten();
                post = note(optional("post", p.as_deref(), 64, false), &mut wrong).flatten();
                if let Some(name) = &name {
                    named.extend(
                        register
                            .people_named(name)
                            .await?
                            .into_iter()
                            .map(|p| p.person),
                    );
                }
            }
        }
        if catalogue.tile(&inquiry.tile).is_none() {
            wrong.push(FieldError::new(
                "tile",
                if inquiry.tile.is_empty() {
                    "required"
                } else {
                    "unknown"
                },
                "one of the tiles",
            ));
        }
        let manner = note(
            optional("manner", inquiry.manner.as_deref(), 64, false),
            &mut wrong,
        )
        .flatten();
        if manner
            .as_deref()
            .is_some_and(|m| catalogue.manner(m).is_none())
        {
            wrong.push(FieldError::new("manner", "unknown", "one of the manners"));
        }
        if inquiry
            .occurred
            .is_some_and(|t| t.get() > self.now().get().saturating_add(AHEAD))
        {
            wrong.push(FieldError::new(
                "occurred",
                "future",
                "a time that has come",
            ));
        }
        let (case, case_key) = self
            .which(viewer, inquiry.case.as_ref(), &mut wrong)
            .await?;
        let on_behalf = note(
            optional("on_behalf", inquiry.on_behalf.as_deref(), 200, false),
            &mut wrong,
        )
        .flatten();
        let place = note(
            optional("place", inquiry.place.as_deref(), 200, false),
            &mut wrong,
        )
        .flatten();
        let words = note(
            optional("words", inquiry.words.as_deref(), 20_000, true),
            &mut wrong,
        )
        .flatten();
        let answer = note(
            optional("answer", inquiry.answer.as_deref(), 5_000, true),
            &mut wrong,
        )
        .flatten();
        if inquiry.files.len() > MAX_FILES {
            wrong.push(FieldError::new(
                "files",
                "too_long",
                format!("at most {MAX_FILES} files"),
            ));
        }
        for file in inquiry.files.iter().take(MAX_FILES) {
            if !self.is_kept(file).await {
                wrong.push(FieldError::new(
                    "files",
                    "unknown",
                    "files that were sent before",
                ));
            }
        }
        if !wrong.is_empty() {
            return Err(Error::Invalid(wrong));
        }
        let mut body = append::body();
        body.names = names;
        body.occurred = match inquiry.occurred {
            Some(t) => Some(
                t.to_string()
                    .parse()
                    .map_err(|e| Error::internal("time", e))?,
            ),
            None => None,
        };
        body.attrs = texts([
            ("recorder", Some(viewer.person.to_string())),
            ("tile", Some(inquiry.tile.clone())),
            ("who", person.map(|p| p.to_string())),
            ("who_name", name),
            ("who_unit", unit),
            ("who_post", post),
            ("case", case),
            ("case_key", case_key.map(|k| k.to_string())),
            ("manner", manner),
            ("on_behalf", on_behalf),
            ("place", place),
            ("answer", answer),
        ]);
        body.attrs.extend(
            named
                .into_iter()
                .map(|p| Attr::text("named", p.to_string())),
        );
        body.words = words;
        body.files = inquiry.files.clone();
        Ok(body)
    }

    /// Number and key of the case that is meant.
    async fn which(
        &self,
        viewer: &Viewer,
        case: Option<&Which>,
        wrong: &mut Vec<FieldError>,
    ) -> Result<(Option<String>, Option<Pseudonym>), Error> {
        let case_type = object_type_of("case");
        match case {
            None => Ok((None, None)),
            Some(Which::Key(key)) => {
                let scope = self.inner.scope(viewer, Action::ReadCase);
                match self
                    .inner
                    .register
                    .object(key.0)
                    .await?
                    .filter(|o| scope.holds(&o.organ))
                {
                    Some(row) => Ok((row.name, Some(row.id))),
                    None => {
                        wrong.push(FieldError::new(
                            "case",
                            "unknown",
                            "a case of your organs, or a number",
                        ));
                        Ok((None, None))
                    }
                }
            }
            Some(Which::Number(number)) => {
                let Some(number) = note(optional("case", Some(number), 64, false), wrong).flatten()
                else {
                    return Ok((None, None));
                };
                let known = self
                    .inner
                    .register
                    .objects_named(&case_type, &number)
                    .await?;
                let key = match &known[..] {
                    [one] => one.id,
                    _ => self.inner.key.pseudonym(&case_type, "", &number),
                };
                Ok((Some(number), Some(key)))
            }
        }
    }

    /// One's own records, newest first.
    ///
    /// # Errors
    /// Those of the register and the log.
    pub async fn my_records(
        &self,
        permit: &Permit<may::ReadOwnRecords>,
        page: PageRequest,
    ) -> Result<Page<MyRecordRow>, Error> {
        let me = permit.viewer().person;
        let (rows, total) = self
            .inner
            .register
            .inquiries_by(me, page.limit(), page.offset())
            .await?;
        let bodies = self
            .inner
            .open_bodies(rows.iter().map(|r| r.index).collect())
            .await?;
        let row = |(r, o): (register::InquiryRow, Opened)| MyRecordRow {
            event: r.event,
            index: r.index,
            recorded: r.recorded,
            occurred: r.occurred.unwrap_or(r.recorded),
            who: o.body.as_ref().map(who),
            tile: r.tile,
            case: o
                .body
                .as_ref()
                .and_then(|b| b.text("case"))
                .map(str::to_owned),
            opened: r.opened,
            state: self.inner.state(r.index),
            erased: r.erased,
        };
        Ok(page.of(rows.into_iter().zip(bodies).map(row).collect(), total))
    }

    /// One of one's own records.
    ///
    /// # Errors
    /// [`Error::NotFound`] for anybody else's.
    pub async fn my_record(
        &self,
        permit: &Permit<may::ReadOwnRecords>,
        event: EventId,
    ) -> Result<MyRecord, Error> {
        let record = self
            .inner
            .register
            .inquiry_by(event, permit.viewer().person)
            .await?
            .ok_or(Error::NotFound)?;
        let mut readers = Vec::new();
        for read in self.inner.register.reads_of(event).await? {
            let person = self.inner.register.person(read.reader).await?;
            let tree = self.inner.register.tree();
            readers.push(Reader {
                name: person
                    .as_ref()
                    .map_or_else(|| read.reader.to_string(), |p| p.name.clone()),
                organ_name: person.map(|p| tree.name(&p.organ)).unwrap_or_default(),
                at: read.at,
            });
        }
        Ok(MyRecord {
            event,
            index: record.index,
            recorded: record.recorded,
            content: self.content_of(&record).await?,
            readers,
            state: self.inner.state(record.index),
        })
    }

    /// The records that the viewer receives, unopened first, then newest.
    ///
    /// # Errors
    /// Those of the register.
    pub async fn inquiries_for_me(
        &self,
        permit: &Permit<may::ReadInquiries>,
        page: PageRequest,
    ) -> Result<Page<InquiryRow>, Error> {
        let viewer = permit.viewer();
        let scope = self.inner.scope(viewer, Action::ReadInquiries);
        let above = self.above(viewer).await?;
        let (rows, total) = self
            .inner
            .register
            .inquiries_for(viewer.person, &scope, &above, page.limit(), page.offset())
            .await?;
        let tree = self.inner.register.tree();
        let row = |r: register::InquiryRow| InquiryRow {
            event: r.event,
            index: r.index,
            recorded: r.recorded,
            organ_name: tree.name(&r.organ),
            organ: r.organ,
            tile: r.tile,
            opened_by_me: r.opened_by_reader,
            opened: r.opened,
            erased: r.erased,
        };
        Ok(page.of(rows.into_iter().map(row).collect(), total))
    }

    /// Opens a record: first the event that it was opened, then its content.
    ///
    /// # Errors
    /// [`Error::NotFound`] for what this viewer does not receive, and for what is erased.
    pub async fn read_inquiry(
        &self,
        permit: &Permit<may::ReadInquiries>,
        event: EventId,
    ) -> Result<InquiryView, Error> {
        let viewer = permit.viewer();
        let record = self
            .received(viewer, event)
            .await?
            .filter(|r| !r.erased)
            .ok_or(Error::NotFound)?;
        let mut body = append::body();
        body.attrs = texts([
            ("reader", Some(viewer.person.to_string())),
            ("record", Some(event.to_string())),
        ]);
        let draft = Draft::new(
            register::activity::INQUIRY_READ,
            self.now(),
            viewer.organ.clone(),
        )
        .body(body.padded_to(BLOCK));
        self.inner.append_and_wait(draft).await?;
        self.content_of(&record).await?.ok_or(Error::NotFound)
    }

    /// The record, if this viewer receives it.
    pub(crate) async fn received(
        &self,
        viewer: &Viewer,
        event: EventId,
    ) -> Result<Option<register::InquiryRow>, Error> {
        if !permissions::may_do(viewer, Action::ReadInquiries) {
            return Ok(None);
        }
        let scope = self.inner.scope(viewer, Action::ReadInquiries);
        let above = self.above(viewer).await?;
        Ok(self
            .inner
            .register
            .inquiry_for(event, viewer.person, &scope, &above)
            .await?)
    }

    /// Heads of the units that the viewer belongs to: records that name them are not for their subordinate.
    async fn above(&self, viewer: &Viewer) -> Result<Vec<Pseudonym>, Error> {
        let heads = self
            .inner
            .register
            .grants_in_force(Some("unit-head"), self.now())
            .await?;
        let tree = self.inner.register.tree();
        let above = heads
            .into_iter()
            .filter(|g| g.person != viewer.person && tree.within(&viewer.organ, &g.organ));
        Ok(above.map(|g| g.person).collect())
    }

    async fn content_of(
        &self,
        record: &register::InquiryRow,
    ) -> Result<Option<InquiryView>, Error> {
        let (header, body) = self.inner.open_body(record.index).await?;
        let Some(body) = body else { return Ok(None) };
        let text = |key: &str| body.text(key).map(str::to_owned);
        let pseudonym = |key: &str| body.text(key).and_then(|t| t.parse::<Pseudonym>().ok());
        let recorder = pseudonym("recorder")
            .ok_or_else(|| Error::Internal(format!("entry {} has no recorder", record.index)))?;
        let case_key = match pseudonym("case_key") {
            Some(key) => self
                .inner
                .register
                .object(key)
                .await?
                .map(|o| CaseKey(o.id)),
            None => None,
        };
        Ok(Some(InquiryView {
            event: record.event,
            index: record.index,
            recorded: record.recorded,
            occurred: body
                .occurred
                .as_ref()
                .map_or(header.recorded, TimeText::instant),
            organ_name: self.inner.register.tree().name(&header.organ),
            organ: header.organ,
            recorder,
            recorder_name: body.names.get(&recorder).cloned().unwrap_or_default(),
            who: who(&body),
            tile: text("tile").unwrap_or_default(),
            case: text("case"),
            case_key,
            manner: text("manner"),
            on_behalf: text("on_behalf"),
            place: text("place"),
            answer: text("answer"),
            words: body.words.clone(),
            files: body.files.clone(),
            state: self.inner.state(record.index),
        }))
    }
}

/// What two submissions of one form must have in common: everything but salt and padding.
fn content(body: &Body) -> (Vec<Attr>, Option<String>, Vec<FileRef>, Option<Micros>) {
    // Who has the same name as the person named may have changed in between; that is not the sender's doing.
    let attrs = body
        .attrs
        .iter()
        .filter(|a| a.key != "named")
        .cloned()
        .collect();
    (
        attrs,
        body.words.clone(),
        body.files.clone(),
        body.occurred.as_ref().map(TimeText::instant),
    )
}

fn who(body: &Body) -> WhoView {
    let text = |key: &str| body.text(key).map(str::to_owned);
    WhoView {
        person: body.text("who").and_then(|t| t.parse().ok()),
        name: text("who_name").unwrap_or_default(),
        unit: text("who_unit"),
        post: text("who_post"),
    }
}
