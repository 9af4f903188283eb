//! People and roles.

use model::{EventId, Micros, OrganCode, Pseudonym, RoleId};

use super::{Scope, end_of, inquiry::id};
use crate::{
    Error, Register,
    write::{decode, stored, time},
};

/// Somebody on the roster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonRow {
    /// Pseudonym.
    pub person: Pseudonym,
    /// Number.
    pub number: String,
    /// Name.
    pub name: String,
    /// Pinyin initials.
    pub initials: String,
    /// Organ.
    pub organ: OrganCode,
    /// Post.
    pub post: String,
    /// When he left.
    pub ended: Option<Micros>,
    /// The entry that last said something of him.
    pub index: u64,
}

/// Which people.
#[derive(Clone, Debug)]
pub struct PersonQuery {
    /// Name, initials, number or post; empty for all.
    pub q: String,
    /// Of which organs.
    pub scope: Scope,
    /// Also those who left.
    pub ended: bool,
    /// At most so many.
    pub limit: u32,
    /// After so many.
    pub offset: u64,
}

/// A role that was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantRow {
    /// Id of the event that gave it.
    pub event: EventId,
    /// To whom.
    pub person: Pseudonym,
    /// Role.
    pub role: RoleId,
    /// On which organ.
    pub organ: OrganCode,
    /// From when.
    pub since: Micros,
    /// Until when, as given.
    pub until: Option<Micros>,
    /// When it was ended.
    pub ended: Option<Micros>,
    /// Its entry.
    pub index: u64,
}

impl GrantRow {
    /// Whether it is in force at a time.
    pub fn in_force(&self, at: Micros) -> bool {
        self.since <= at && self.until.is_none_or(|t| at < t) && self.ended.is_none_or(|t| at < t)
    }
}

type PersonTuple = (
    Vec<u8>,
    String,
    String,
    String,
    String,
    String,
    Option<i64>,
    i64,
);
type GrantTuple = (
    Vec<u8>,
    Vec<u8>,
    String,
    String,
    i64,
    Option<i64>,
    Option<i64>,
    i64,
);

fn person(
    (p, number, name, initials, organ, post, ended, idx): PersonTuple,
) -> Result<PersonRow, sqlx::Error> {
    Ok(PersonRow {
        person: stored(&p)?,
        number,
        name,
        initials,
        organ: OrganCode::new(organ).map_err(decode)?,
        post,
        ended: ended.map(time).transpose()?,
        index: idx as u64,
    })
}

fn grant(
    (event, p, role, organ, since, until, ended, idx): GrantTuple,
) -> Result<GrantRow, sqlx::Error> {
    Ok(GrantRow {
        event: id(&event)?,
        person: stored(&p)?,
        role: RoleId::new(role).map_err(decode)?,
        organ: OrganCode::new(organ).map_err(decode)?,
        since: time(since)?,
        until: until.map(time).transpose()?,
        ended: ended.map(time).transpose()?,
        index: idx as u64,
    })
}

macro_rules! people {
    ($rest:literal) => {
        concat!(
            "SELECT pseudonym, number, name, initials, organ, post, ended, idx FROM person ",
            $rest
        )
    };
}

macro_rules! filtered {
    ($head:expr, $tail:literal) => {
        concat!(
            $head,
            "WHERE ($1 = '' OR instr(name, $1) > 0 OR (initials >= lower($1) AND initials < $2) OR (number >= $1 AND number < $3)
                 OR instr(post, $1) > 0)
                 AND ($4 OR organ IN (SELECT value FROM json_each($5))) AND ($6 OR ended IS NULL) ",
            $tail
        )
    };
}

macro_rules! grants {
    ($rest:literal) => {
        concat!("SELECT g.event, g.person, g.role, g.organ, g.since, g.until, g.ended, g.idx FROM role_held g ", $rest)
    };
}

impl Register {
    /// People, best matches first, then by organ and number; and how many there are.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn people(&self, query: &PersonQuery) -> Result<(Vec<PersonRow>, u64), Error> {
        let (all, codes) = query.scope.args();
        let q = query.q.trim();
        let (total,): (i64,) = sqlx::query_as(filtered!("SELECT count(*) FROM person ", ""))
            .bind(q)
            .bind(end_of(&q.to_lowercase()))
            .bind(end_of(q))
            .bind(all)
            .bind(&codes)
            .bind(query.ended)
            .fetch_one(self.pool())
            .await?;
        let rows: Vec<PersonTuple> = sqlx::query_as(filtered!(
            "SELECT pseudonym, number, name, initials, organ, post, ended, idx FROM person ",
            "ORDER BY number <> $1, initials <> lower($1), name <> $1, organ, number LIMIT $7 OFFSET $8"
        ))
        .bind(q)
        .bind(end_of(&q.to_lowercase()))
        .bind(end_of(q))
        .bind(all)
        .bind(codes)
        .bind(query.ended)
        .bind(query.limit)
        .bind(query.offset as i64)
        .fetch_all(self.pool())
        .await?;
        Ok((
            rows.into_iter().map(person).collect::<Result<_, _>>()?,
            total as u64,
        ))
    }

    /// One person.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn person(&self, p: Pseudonym) -> Result<Option<PersonRow>, Error> {
        let row: Option<PersonTuple> = sqlx::query_as(people!("WHERE pseudonym = $1"))
            .bind(p.to_bytes().to_vec())
            .fetch_optional(self.pool())
            .await?;
        Ok(row.map(person).transpose()?)
    }

    /// People who have exactly this name.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn people_named(&self, name: &str) -> Result<Vec<PersonRow>, Error> {
        let rows: Vec<PersonTuple> = sqlx::query_as(people!("WHERE name = $1 ORDER BY number"))
            .bind(name)
            .fetch_all(self.pool())
            .await?;
        Ok(rows.into_iter().map(person).collect::<Result<_, _>>()?)
    }

    /// How many people each organ has now.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn people_by_organ(
        &self,
    ) -> Result<std::collections::HashMap<OrganCode, u64>, Error> {
        let rows: Vec<(String, i64)> =
            sqlx::query_as("SELECT organ, count(*) FROM person WHERE ended IS NULL GROUP BY organ")
                .fetch_all(self.pool())
                .await?;
        Ok(rows
            .into_iter()
            .map(|(c, n)| Ok((OrganCode::new(c).map_err(decode)?, n as u64)))
            .collect::<Result<_, sqlx::Error>>()?)
    }

    /// All grants of a person, newest first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn grants_of(&self, p: Pseudonym) -> Result<Vec<GrantRow>, Error> {
        let rows: Vec<GrantTuple> =
            sqlx::query_as(grants!("WHERE g.person = $1 ORDER BY g.idx DESC"))
                .bind(p.to_bytes().to_vec())
                .fetch_all(self.pool())
                .await?;
        Ok(rows.into_iter().map(grant).collect::<Result<_, _>>()?)
    }

    /// Grants in force at a time to people who have not left; of one role, or of all.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn grants_in_force(
        &self,
        role: Option<&str>,
        at: Micros,
    ) -> Result<Vec<GrantRow>, Error> {
        let rows: Vec<GrantTuple> = sqlx::query_as(grants!(
            "JOIN person p ON p.pseudonym = g.person AND (p.ended IS NULL OR p.ended > $2)
             WHERE ($1 IS NULL OR g.role = $1) AND g.since <= $2 AND (g.until IS NULL OR g.until > $2) AND (g.ended IS NULL OR g.ended > $2)
             ORDER BY g.idx"
        ))
        .bind(role)
        .bind(at.get())
        .fetch_all(self.pool())
        .await?;
        Ok(rows.into_iter().map(grant).collect::<Result<_, _>>()?)
    }

    /// Grants, those in force first, then newest; `q` as in [`Register::people`], or a role. And how many there are.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn grants(
        &self,
        q: &str,
        at: Micros,
        limit: u32,
        offset: u64,
    ) -> Result<(Vec<(GrantRow, PersonRow)>, u64), Error> {
        const TOTAL: &str = "SELECT count(*) FROM role_held g JOIN person p ON p.pseudonym = g.person
             WHERE $1 = '' OR instr(p.name, $1) > 0 OR p.number = $1 OR g.role = $1 OR p.initials = lower($1) OR g.organ = $1";
        let q = q.trim();
        let (total,): (i64,) = sqlx::query_as(TOTAL).bind(q).fetch_one(self.pool()).await?;
        let rows: Vec<GrantTuple> = sqlx::query_as(grants!(
            "JOIN person p ON p.pseudonym = g.person
             WHERE $1 = '' OR instr(p.name, $1) > 0 OR p.number = $1 OR g.role = $1 OR p.initials = lower($1) OR g.organ = $1
             ORDER BY (p.ended IS NOT NULL OR g.since > $2 OR coalesce(g.until <= $2, 0) OR coalesce(g.ended <= $2, 0)), g.idx DESC
             LIMIT $3 OFFSET $4"
        ))
        .bind(q)
        .bind(at.get())
        .bind(limit)
        .bind(offset as i64)
        .fetch_all(self.pool())
        .await?;
        let mut out = Vec::with_capacity(rows.len());
        for row in rows {
            let grant = grant(row)?;
            let person = self
                .person(grant.person)
                .await?
                .ok_or(sqlx::Error::RowNotFound)?;
            out.push((grant, person));
        }
        Ok((out, total as u64))
    }

    /// One grant.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn grant(&self, event: EventId) -> Result<Option<GrantRow>, Error> {
        let row: Option<GrantTuple> = sqlx::query_as(grants!("WHERE g.event = $1"))
            .bind(event.as_bytes().to_vec())
            .fetch_optional(self.pool())
            .await?;
        Ok(row.map(grant).transpose()?)
    }
}
