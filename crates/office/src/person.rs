//! People on the roster (工作人员).

use std::collections::{HashMap, HashSet};

use model::{Micros, OrganCode, Pseudonym};
use register::{PersonQuery, Scope};

use crate::{
    Action, Error, FieldError, Grant, GrantRow, Office, Page, PageRequest, Permit, TableSummary,
    Viewer,
    append::{Draft, body, texts},
    may,
    node::Inner,
    organ::code,
    pinyin, table,
    text::{note, optional, required},
};

/// Somebody found on the roster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonHit {
    /// Pseudonym.
    pub person: Pseudonym,
    /// Number.
    pub number: String,
    /// Name.
    pub name: String,
    /// Organ.
    pub organ_name: String,
    /// Post.
    pub post: String,
}

/// Somebody on the roster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonRow {
    /// Pseudonym.
    pub person: Pseudonym,
    /// Number.
    pub number: String,
    /// Name.
    pub name: String,
    /// Organ.
    pub organ: OrganCode,
    /// Its name.
    pub organ_name: String,
    /// Post.
    pub post: String,
    /// Pinyin initials.
    pub initials: String,
    /// When he left.
    pub ended: Option<Micros>,
    /// Roles in force.
    pub roles: Vec<Grant>,
    /// Account.
    pub account: Option<String>,
}

/// Somebody to be added or changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewPerson {
    /// Number: what tells people apart.
    pub number: String,
    /// Name.
    pub name: String,
    /// Code of the organ.
    pub organ: String,
    /// Post.
    pub post: String,
    /// Pinyin initials; `None` = worked out from the name.
    pub initials: Option<String>,
}

/// Which people.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PersonFilter {
    /// Name, initials, number or post; empty for all.
    pub q: String,
    /// Organ, and those below.
    pub organ: Option<OrganCode>,
    /// Also those who left.
    pub ended: bool,
}

/// Somebody whose fields are in order by themselves.
struct Checked {
    number: String,
    name: String,
    organ: OrganCode,
    post: String,
    initials: String,
}

impl Office {
    /// People, by organ and number.
    ///
    /// # Errors
    /// Those of the register.
    pub async fn people(
        &self,
        _permit: &Permit<may::SeeRoster>,
        filter: &PersonFilter,
        page: PageRequest,
    ) -> Result<Page<PersonRow>, Error> {
        let scope = match &filter.organ {
            Some(organ) => Scope::Only(self.inner.register.tree().subtree([organ])),
            None => Scope::All,
        };
        let query = PersonQuery {
            q: filter.q.clone(),
            scope,
            ended: filter.ended,
            limit: page.limit(),
            offset: page.offset(),
        };
        let (people, total) = self.inner.register.people(&query).await?;
        let accounts = self
            .inner
            .accounts
            .names()
            .await
            .map_err(|e| Error::internal("accounts", e))?;
        let mut rows = Vec::with_capacity(people.len());
        for p in people {
            let grants = self.inner.register.grants_of(p.person).await?;
            rows.push(self.row(p, &grants, &accounts));
        }
        Ok(page.of(rows, total))
    }

    fn row(
        &self,
        p: register::PersonRow,
        grants: &[register::GrantRow],
        accounts: &HashMap<Pseudonym, String>,
    ) -> PersonRow {
        let now = self.now();
        let held = grants
            .iter()
            .filter(|g| g.in_force(now) && p.ended.is_none());
        PersonRow {
            person: p.person,
            number: p.number,
            name: p.name,
            organ_name: self.inner.register.tree().name(&p.organ),
            organ: p.organ,
            post: p.post,
            initials: p.initials,
            ended: p.ended,
            roles: held
                .map(|g| Grant {
                    role: g.role.clone(),
                    organ: g.organ.clone(),
                })
                .collect(),
            account: accounts.get(&p.person).cloned(),
        }
    }

    /// One person with all grants, ended ones too.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn person(
        &self,
        _permit: &Permit<may::SeeRoster>,
        person: Pseudonym,
    ) -> Result<(PersonRow, Vec<GrantRow>), Error> {
        let p = self
            .inner
            .register
            .person(person)
            .await?
            .ok_or(Error::NotFound)?;
        let grants = self.inner.register.grants_of(person).await?;
        let accounts = self
            .inner
            .accounts
            .names()
            .await
            .map_err(|e| Error::internal("accounts", e))?;
        let all = grants
            .iter()
            .map(|g| crate::role::row(&self.inner, g, &p))
            .collect();
        Ok((self.row(p, &grants, &accounts), all))
    }

    /// Pseudonym of the person with that number, whether or not there is one.
    pub fn person_key(&self, number: &str) -> Pseudonym {
        self.inner.staff(number)
    }

    /// Adds somebody. Returns the index of the entry.
    ///
    /// # Errors
    /// [`Error::Invalid`], or those of the log.
    pub async fn add_person(
        &self,
        permit: &Permit<may::EditPeople>,
        person: NewPerson,
    ) -> Result<u64, Error> {
        let checked = self.check(&person).map_err(Error::Invalid)?;
        let known = self
            .inner
            .register
            .person(self.inner.staff(&checked.number))
            .await?;
        if known.is_some_and(|p| p.ended.is_none()) {
            return Err(Error::field("number", "taken", "a number that nobody has"));
        }
        self.write(permit.viewer(), checked).await
    }

    /// Changes name, organ or post of the person with that number.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Invalid`], or those of the log.
    pub async fn change_person(
        &self,
        permit: &Permit<may::EditPeople>,
        person: NewPerson,
    ) -> Result<u64, Error> {
        let checked = self.check(&person).map_err(Error::Invalid)?;
        let known = self
            .inner
            .register
            .person(self.inner.staff(&checked.number))
            .await?;
        known.filter(|p| p.ended.is_none()).ok_or(Error::NotFound)?;
        self.write(permit.viewer(), checked).await
    }

    /// Somebody has left: his roles and sessions end.
    ///
    /// # Errors
    /// [`Error::NotFound`], or those of the log.
    pub async fn end_person(
        &self,
        permit: &Permit<may::EditPeople>,
        person: Pseudonym,
    ) -> Result<u64, Error> {
        let known = self.inner.register.person(person).await?;
        known.filter(|p| p.ended.is_none()).ok_or(Error::NotFound)?;
        if person == permit.viewer().person {
            return Err(Error::field(
                "person",
                "not_yours",
                "somebody else: nobody ends himself",
            ));
        }
        let draft = Draft::new("lh.person.end", self.now(), self.inner.info.organ.clone())
            .by(permit.viewer(), Action::EditPeople)
            .about("staff", person);
        let index = self.inner.append_and_wait(draft).await?;
        self.inner
            .accounts
            .end_all(person)
            .await
            .map_err(|e| Error::internal("accounts", e))?;
        Ok(index)
    }

    /// Imports people: columns `number,name,organ,post` and optionally `initials`.
    ///
    /// # Errors
    /// [`Error::Invalid`] if it is no such table, or those of the log.
    pub async fn import_people(
        &self,
        permit: &Permit<may::EditPeople>,
        csv: &[u8],
    ) -> Result<TableSummary, Error> {
        let mut summary = TableSummary::default();
        let rows = table::read(
            csv,
            &["number", "name", "organ", "post"],
            &["initials"],
            &mut summary,
        )?;
        let mut seen = HashSet::new();
        let mut drafts = Vec::new();
        for row in rows {
            let initials = Some(row.get("initials")).filter(|i| !i.is_empty());
            let new = NewPerson {
                number: row.get("number"),
                name: row.get("name"),
                organ: row.get("organ"),
                post: row.get("post"),
                initials,
            };
            let checked = match self.check(&new) {
                Ok(checked) => checked,
                Err(wrong) => {
                    wrong.iter().for_each(|e| summary.reject(&row, e));
                    continue;
                }
            };
            if !seen.insert(checked.number.clone()) {
                summary.reject(
                    &row,
                    &FieldError::new("number", "taken", "a number that stands in the file once"),
                );
                continue;
            }
            let person = self.inner.staff(&checked.number);
            let known = self
                .inner
                .register
                .person(person)
                .await?
                .filter(|p| p.ended.is_none());
            if known.is_some_and(|p| {
                p.name == checked.name
                    && p.organ == checked.organ
                    && p.post == checked.post
                    && p.initials == checked.initials
            }) {
                summary.unchanged += 1;
            } else {
                drafts.push(checked.draft(&self.inner, permit.viewer()));
            }
        }
        self.write_table(drafts, summary).await
    }

    fn check(&self, p: &NewPerson) -> Result<Checked, Vec<FieldError>> {
        let mut wrong = Vec::new();
        let number = note(required("number", &p.number, 32), &mut wrong);
        let name = note(required("name", &p.name, 64), &mut wrong);
        let post = note(optional("post", Some(&p.post), 64, false), &mut wrong);
        let initials = note(
            optional("initials", p.initials.as_deref(), 32, false),
            &mut wrong,
        );
        let tree = self.inner.register.tree();
        let organ = code("organ", &p.organ).and_then(|code| match tree.get(&code) {
            Some(organ) if organ.ended.is_none() => Ok(code),
            Some(_) => Err(FieldError::new(
                "organ",
                "ended",
                "an organ that has not ended",
            )),
            None => Err(FieldError::new("organ", "unknown", "the code of an organ")),
        });
        let organ = note(organ, &mut wrong);
        match (number, name, organ, post, initials) {
            (Some(number), Some(name), Some(organ), Some(post), Some(initials)) => {
                let initials = initials
                    .unwrap_or_else(|| pinyin::initials(&name))
                    .to_lowercase();
                Ok(Checked {
                    number,
                    name,
                    organ,
                    post: post.unwrap_or_default(),
                    initials,
                })
            }
            _ => Err(wrong),
        }
    }

    async fn write(&self, viewer: &Viewer, checked: Checked) -> Result<u64, Error> {
        let draft = checked.draft(&self.inner, viewer);
        self.inner.append_and_wait(draft).await
    }
}

impl Checked {
    fn draft(&self, inner: &Inner, viewer: &Viewer) -> Draft {
        let person = inner.staff(&self.number);
        draft(
            inner,
            viewer,
            person,
            &self.number,
            &self.name,
            &self.initials,
            &self.organ,
            &self.post,
        )
    }
}

/// The event that enters or changes somebody.
#[allow(
    clippy::too_many_arguments,
    reason = "the columns of a person, in their order"
)]
pub(crate) fn draft(
    inner: &Inner,
    viewer: &Viewer,
    person: Pseudonym,
    number: &str,
    name: &str,
    initials: &str,
    organ: &OrganCode,
    post: &str,
) -> Draft {
    let mut b = body();
    b.attrs = texts([
        ("number", Some(number.to_owned())),
        ("name", Some(name.to_owned())),
        ("initials", Some(initials.to_owned())),
        ("organ", Some(organ.to_string())),
        ("post", Some(post.to_owned())),
    ]);
    Draft::new("lh.person", inner.now(), inner.info.organ.clone())
        .by(viewer, Action::EditPeople)
        .about("staff", person)
        .body(b)
}
