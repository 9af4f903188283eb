//! Roles (角色): who holds which, on which organ, from when to when.

use std::collections::HashSet;

use model::{EventId, Micros, OrganCode, Pseudonym, RoleId};

use crate::{
    Action, Error, FieldError, Office, Page, PageRequest, Permit, TableSummary, Viewer,
    append::{Draft, body, texts},
    may,
    node::Inner,
    organ::code,
    permissions, table,
    text::{note, required},
};

/// A role in force, on an organ and those below.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Role.
    pub role: RoleId,
    /// Organ.
    pub organ: OrganCode,
}

/// A role that was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantRow {
    /// Id of the event that gave it.
    pub grant: EventId,
    /// To whom.
    pub person: Pseudonym,
    /// His name.
    pub name: String,
    /// His number.
    pub number: String,
    /// Role.
    pub role: RoleId,
    /// On which organ.
    pub organ: OrganCode,
    /// Its name.
    pub organ_name: String,
    /// From when.
    pub from: Micros,
    /// To when, as given.
    pub to: Option<Micros>,
    /// When it was ended before that.
    pub ended: Option<Micros>,
    /// In force now.
    pub in_force: bool,
}

/// A role to be given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewGrant {
    /// Number of the person.
    pub number: String,
    /// Id of the role.
    pub role: String,
    /// Code of the organ; `None` = the person's own.
    pub organ: Option<String>,
    /// From when; `None` = now.
    pub from: Option<Micros>,
    /// To when; `None` = until ended.
    pub to: Option<Micros>,
}

impl Office {
    /// Grants, those in force first.
    ///
    /// # Errors
    /// Those of the register.
    pub async fn grants(
        &self,
        _permit: &Permit<may::SeeRoster>,
        q: &str,
        page: PageRequest,
    ) -> Result<Page<GrantRow>, Error> {
        let (rows, total) = self
            .inner
            .register
            .grants(q, self.now(), page.limit(), page.offset())
            .await?;
        Ok(page.of(
            rows.iter().map(|(g, p)| row(&self.inner, g, p)).collect(),
            total,
        ))
    }

    /// Gives a role. Returns the index of the entry.
    ///
    /// # Errors
    /// [`Error::Invalid`], or those of the log.
    pub async fn add_grant(
        &self,
        permit: &Permit<may::EditRoles>,
        grant: NewGrant,
    ) -> Result<u64, Error> {
        let checked = self.check_grant(&grant).await?.map_err(Error::Invalid)?;
        if self.held(&checked).await? {
            return Err(Error::field(
                "role",
                "taken",
                "a role that the person does not have there already",
            ));
        }
        let draft = checked.draft(&self.inner, permit.viewer());
        self.inner.append_and_wait(draft).await
    }

    /// Ends a role now.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Invalid`] for the last administrator; those of the log.
    pub async fn end_grant(
        &self,
        permit: &Permit<may::EditRoles>,
        grant: EventId,
    ) -> Result<u64, Error> {
        let now = self.now();
        let known = self
            .inner
            .register
            .grant(grant)
            .await?
            .ok_or(Error::NotFound)?;
        if known.ended.is_some() || known.until.is_some_and(|t| t <= now) {
            return Err(Error::field("grant", "ended", "a role that has not ended"));
        }
        let admins = self
            .inner
            .register
            .grants_in_force(Some("admin"), now)
            .await?;
        if known.role.as_str() == "admin" && admins.iter().all(|g| g.event == grant) {
            return Err(Error::field(
                "grant",
                "last",
                "another administrator first: this is the last one",
            ));
        }
        let mut b = body();
        b.attrs = texts([("grant", Some(grant.to_string()))]);
        let draft = Draft::new("lh.role.end", now, self.inner.info.organ.clone())
            .by(permit.viewer(), Action::EditRoles)
            .about("staff", known.person)
            .body(b);
        self.inner.append_and_wait(draft).await
    }

    /// Imports roles: columns `number,role` and optionally `organ,from,to`.
    ///
    /// # Errors
    /// [`Error::Invalid`] if it is no such table, or those of the log.
    pub async fn import_roles(
        &self,
        permit: &Permit<may::EditRoles>,
        csv: &[u8],
    ) -> Result<TableSummary, Error> {
        let mut summary = TableSummary::default();
        let rows = table::read(
            csv,
            &["number", "role"],
            &["organ", "from", "to"],
            &mut summary,
        )?;
        let mut drafts = Vec::new();
        let mut seen = HashSet::new();
        for row in rows {
            let mut wrong = Vec::new();
            let from = note(time("from", &row.get("from")), &mut wrong);
            let to = note(time("to", &row.get("to")), &mut wrong);
            let organ = Some(row.get("organ")).filter(|o| !o.is_empty());
            let new = NewGrant {
                number: row.get("number"),
                role: row.get("role"),
                organ,
                from: from.flatten(),
                to: to.flatten(),
            };
            match self.check_grant(&new).await? {
                Ok(checked) if wrong.is_empty() => {
                    if self.held(&checked).await?
                        || !seen.insert((
                            checked.person,
                            checked.role.clone(),
                            checked.organ.clone(),
                        ))
                    {
                        summary.unchanged += 1;
                    } else {
                        drafts.push(checked.draft(&self.inner, permit.viewer()));
                    }
                }
                Ok(_) => wrong.iter().for_each(|e| summary.reject(&row, e)),
                Err(more) => wrong
                    .iter()
                    .chain(&more)
                    .for_each(|e| summary.reject(&row, e)),
            }
        }
        self.write_table(drafts, summary).await
    }

    async fn held(&self, new: &Checked) -> Result<bool, Error> {
        let held = self.inner.register.grants_of(new.person).await?;
        Ok(held
            .iter()
            .any(|g| g.role == new.role && g.organ == new.organ && g.in_force(new.from)))
    }

    async fn check_grant(&self, new: &NewGrant) -> Result<Result<Checked, Vec<FieldError>>, Error> {
        let mut wrong = Vec::new();
        let number = note(required("number", &new.number, 32), &mut wrong);
        let known = match &number {
            Some(number) => self.inner.register.person(self.inner.staff(number)).await?,
            None => None,
        };
        let known = known.filter(|p| p.ended.is_none());
        if known.is_none() && number.is_some() {
            wrong.push(FieldError::new(
                "number",
                "unknown",
                "the number of somebody on the roster",
            ));
        }
        // Only roles of the software: those of the law say who may act in a case, not who may use which page.
        let role = note(required("role", &new.role, 32), &mut wrong);
        if role
            .as_ref()
            .is_some_and(|r| !permissions::roles().any(|known| known == r))
        {
            let all: Vec<&str> = permissions::roles().collect();
            wrong.push(FieldError::new(
                "role",
                "unknown",
                format!("one of {}", all.join(", ")),
            ));
        }
        let tree = self.inner.register.tree();
        let organ = match (&new.organ, &known) {
            (Some(typed), _) => note(code("organ", typed), &mut wrong),
            (None, known) => known.as_ref().map(|p| p.organ.clone()),
        };
        if organ
            .as_ref()
            .is_some_and(|o| tree.get(o).is_none_or(|o| o.ended.is_some()))
        {
            wrong.push(FieldError::new("organ", "unknown", "the code of an organ"));
        }
        let from = new.from.unwrap_or_else(|| self.now());
        if new.to.is_some_and(|to| to <= from) {
            wrong.push(FieldError::new(
                "to",
                "malformed",
                "a time after the beginning",
            ));
        }
        Ok(match (known, role, organ) {
            (Some(p), Some(role), Some(organ)) if wrong.is_empty() => {
                let role = RoleId::new(role).expect("one of the table");
                Ok(Checked {
                    person: p.person,
                    role,
                    organ,
                    from,
                    to: new.to,
                })
            }
            _ => Err(wrong),
        })
    }
}

/// A grant that is in order.
struct Checked {
    person: Pseudonym,
    role: RoleId,
    organ: OrganCode,
    from: Micros,
    to: Option<Micros>,
}

impl Checked {
    fn draft(&self, inner: &Inner, viewer: &Viewer) -> Draft {
        draft(
            inner,
            viewer,
            self.person,
            self.role.as_str(),
            &self.organ,
            self.from,
            self.to,
        )
    }
}

/// The event that gives a role.
pub(crate) fn draft(
    inner: &Inner,
    viewer: &Viewer,
    person: Pseudonym,
    role: &str,
    organ: &OrganCode,
    from: Micros,
    to: Option<Micros>,
) -> Draft {
    let mut b = body();
    b.attrs = texts([
        ("role", Some(role.to_owned())),
        ("organ", Some(organ.to_string())),
        ("from", Some(from.to_string())),
        ("to", to.map(|t| t.to_string())),
    ]);
    Draft::new("lh.role", inner.now(), inner.info.organ.clone())
        .by(viewer, Action::EditRoles)
        .about("staff", person)
        .body(b)
}

pub(crate) fn row(inner: &Inner, g: &register::GrantRow, p: &register::PersonRow) -> GrantRow {
    GrantRow {
        grant: g.event,
        person: g.person,
        name: p.name.clone(),
        number: p.number.clone(),
        role: g.role.clone(),
        organ_name: inner.register.tree().name(&g.organ),
        organ: g.organ.clone(),
        from: g.since,
        to: g.until,
        ended: g.ended,
        in_force: p.ended.is_none() && g.in_force(inner.now()),
    }
}

/// A time of a table: RFC 3339, or a day, which begins at midnight in China.
fn time(field: &'static str, text: &str) -> Result<Option<Micros>, FieldError> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let day = text.len() == 10;
    let written = if day {
        format!("{text}T00:00:00+08:00")
    } else {
        text.to_owned()
    };
    written.parse().map(Some).map_err(|_| {
        FieldError::new(
            field,
            "malformed",
            "2026-11-23 or 2026-11-23T14:05:00+08:00",
        )
    })
}
