//! Cases and other objects.

use model::{Activity, Micros, ObjectType, OrganCode, Pseudonym, Qualifier, RoleId};

use super::{Scope, end_of};
use crate::{
    Error, Register,
    write::{decode, stored, time},
};

/// By what a list of objects is sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CaseSort {
    /// Last act.
    #[default]
    Last,
    /// First act.
    First,
    /// Name.
    Number,
    /// Code of the organ.
    Organ,
    /// Number of acts.
    Events,
}

/// Which objects.
#[derive(Clone, Debug)]
pub struct CaseQuery {
    /// Part of the name; empty for all.
    pub q: String,
    /// Type.
    pub object_type: ObjectType,
    /// Of which organs.
    pub scope: Scope,
    /// Last act at or after.
    pub from: Option<Micros>,
    /// Last act before.
    pub to: Option<Micros>,
    /// By what they are sorted.
    pub sort: CaseSort,
    /// Smallest first.
    pub ascending: bool,
    /// At most so many.
    pub limit: u32,
    /// After so many.
    pub offset: u64,
}

/// An object of which there is at least one act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectRow {
    /// Pseudonym.
    pub id: Pseudonym,
    /// Type.
    pub object_type: ObjectType,
    /// Name, newest.
    pub name: Option<String>,
    /// Organ of its first event.
    pub organ: OrganCode,
    /// First act.
    pub first: Micros,
    /// Last act; what the rules found is none.
    pub last: Micros,
    /// What the last act was.
    pub last_activity: Activity,
    /// Acts.
    pub events: u64,
}

/// An object of the events of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ElementRow {
    /// Pseudonym.
    pub id: Pseudonym,
    /// Type.
    pub object_type: ObjectType,
    /// Its part, in one of the events.
    pub qualifier: Option<Qualifier>,
    /// Name, newest.
    pub name: Option<String>,
}

/// Somebody who acted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Officer {
    /// Who.
    pub person: Pseudonym,
    /// In which role.
    pub role: RoleId,
    /// In how many events.
    pub events: u64,
}

/// An act of a timeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimelineRow {
    /// Position in the log.
    pub index: u64,
    /// When it is said to have happened.
    pub occurred: Micros,
}

type ElementTuple = (Vec<u8>, String, Option<String>, Option<String>);
type ObjectTuple = (
    Vec<u8>,
    String,
    Option<String>,
    String,
    i64,
    i64,
    String,
    i64,
);

fn object(
    (id, object_type, name, organ, first, last, activity, events): ObjectTuple,
) -> Result<ObjectRow, sqlx::Error> {
    Ok(ObjectRow {
        id: stored(&id)?,
        object_type: ObjectType::new(object_type).map_err(decode)?,
        name,
        organ: OrganCode::new(organ).map_err(decode)?,
        first: time(first)?,
        last: time(last)?,
        last_activity: Activity::new(activity).map_err(decode)?,
        events: events as u64,
    })
}

macro_rules! object_columns {
    ($rest:literal) => {
        concat!(
            "SELECT o.pseudonym, ty.text, (SELECT n.text FROM name n WHERE n.object = o.id ORDER BY n.idx DESC LIMIT 1),
                 og.text, o.first, o.last, ac.text, o.events
             FROM object o JOIN term ty ON ty.id = o.type JOIN term og ON og.id = o.organ
                 JOIN event e ON e.idx = o.last_idx JOIN term ac ON ac.id = e.activity ",
            $rest
        )
    };
}

macro_rules! listed {
    ($head:literal, $named:literal, $($tail:literal),+) => {
        concat!(
            $head,
            "WHERE o.events > 0 AND o.type = (SELECT id FROM term WHERE kind = 1 AND text = $1)
                 AND ($2 OR o.organ IN (SELECT t.id FROM json_each($3) j JOIN term t ON t.kind = 2 AND t.text = j.value))
                 AND o.last >= $4 AND o.last < $5 ",
            $named,
            $($tail),+
        )
    };
}

/// The rows of a list: its columns, its filter, its order.
macro_rules! rows_in {
    ($named:literal, $order:literal) => {
        listed!(
            "SELECT o.pseudonym, ty.text, (SELECT n.text FROM name n WHERE n.object = o.id ORDER BY n.idx DESC LIMIT 1),
                 og.text, o.first, o.last, ac.text, o.events
             FROM object o JOIN term ty ON ty.id = o.type JOIN term og ON og.id = o.organ
                 JOIN event e ON e.idx = o.last_idx JOIN term ac ON ac.id = e.activity ",
            $named,
            " ORDER BY ",
            $order,
            " LIMIT $8 OFFSET $9"
        )
    };
}

/// One statement for each order: an index answers the first, and no text of a statement is made at run time. The third column
/// is the name; what has none comes last either way.
macro_rules! rows {
    ($query:expr, $named:literal) => {
        match ($query.sort, $query.ascending) {
            (CaseSort::Last, false) => rows_in!($named, "o.last DESC, o.id DESC"),
            (CaseSort::Last, true) => rows_in!($named, "o.last, o.id"),
            (CaseSort::First, false) => rows_in!($named, "o.first DESC, o.id DESC"),
            (CaseSort::First, true) => rows_in!($named, "o.first, o.id"),
            (CaseSort::Number, false) => rows_in!($named, "3 DESC NULLS LAST, o.id DESC"),
            (CaseSort::Number, true) => rows_in!($named, "3 NULLS LAST, o.id"),
            (CaseSort::Organ, false) => rows_in!($named, "4 DESC, o.last DESC, o.id DESC"),
            (CaseSort::Organ, true) => rows_in!($named, "4, o.last DESC, o.id DESC"),
            (CaseSort::Events, false) => rows_in!($named, "o.events DESC, o.id DESC"),
            (CaseSort::Events, true) => rows_in!($named, "o.events, o.id"),
        }
    };
}

macro_rules! count {
    ($named:literal) => {
        listed!("SELECT count(*) FROM object o ", $named, "")
    };
}

/// How a name is compared with what was typed.
#[derive(Clone, Copy)]
enum Match {
    Any,
    Prefix,
    Within,
}

impl Register {
    /// Objects with acts, in the order asked for, and how many there are.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn objects(&self, query: &CaseQuery) -> Result<(Vec<ObjectRow>, u64), Error> {
        if query.q.is_empty() {
            return self.listed(query, Match::Any).await;
        }
        // Numbers are mostly typed from their beginning, and an index answers that; only else every name is looked at.
        let found = self.listed(query, Match::Prefix).await?;
        if found.1 > 0 {
            Ok(found)
        } else {
            self.listed(query, Match::Within).await
        }
    }

    async fn listed(&self, query: &CaseQuery, how: Match) -> Result<(Vec<ObjectRow>, u64), Error> {
        let (rows, count): (&'static str, &'static str) = match how {
            Match::Any => (
                rows!(query, " AND $6 = $6 AND $7 = $7 "),
                count!(" AND $6 = $6 AND $7 = $7 "),
            ),
            Match::Prefix => (
                rows!(
                    query,
                    " AND o.id IN (SELECT n.object FROM name n WHERE n.text >= $6 AND n.text < $7) "
                ),
                count!(
                    " AND o.id IN (SELECT n.object FROM name n WHERE n.text >= $6 AND n.text < $7) "
                ),
            ),
            Match::Within => (
                rows!(
                    query,
                    " AND o.id IN (SELECT n.object FROM name n WHERE instr(n.text, $6) > 0 AND $7 = $7) "
                ),
                count!(
                    " AND o.id IN (SELECT n.object FROM name n WHERE instr(n.text, $6) > 0 AND $7 = $7) "
                ),
            ),
        };
        let (all, codes) = query.scope.args();
        let (total,): (i64,) = sqlx::query_as(count)
            .bind(query.object_type.as_str())
            .bind(all)
            .bind(&codes)
            .bind(query.from.map_or(i64::MIN, Micros::get))
            .bind(query.to.map_or(i64::MAX, Micros::get))
            .bind(&query.q)
            .bind(end_of(&query.q))
            .fetch_one(self.pool())
            .await?;
        let found: Vec<ObjectTuple> = sqlx::query_as(rows)
            .bind(query.object_type.as_str())
            .bind(all)
            .bind(&codes)
            .bind(query.from.map_or(i64::MIN, Micros::get))
            .bind(query.to.map_or(i64::MAX, Micros::get))
            .bind(&query.q)
            .bind(end_of(&query.q))
            .bind(query.limit)
            .bind(query.offset as i64)
            .fetch_all(self.pool())
            .await?;
        let rows = found.into_iter().map(object).collect::<Result<_, _>>()?;
        Ok((rows, total as u64))
    }

    /// One object, if there is an act of it.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn object(&self, id: Pseudonym) -> Result<Option<ObjectRow>, Error> {
        let row: Option<ObjectTuple> =
            sqlx::query_as(object_columns!("WHERE o.pseudonym = $1 AND o.events > 0"))
                .bind(id.to_bytes().to_vec())
                .fetch_optional(self.pool())
                .await?;
        Ok(row.map(object).transpose()?)
    }

    /// Objects of a type whose name is exactly this one.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn objects_named(
        &self,
        object_type: &ObjectType,
        name: &str,
    ) -> Result<Vec<ObjectRow>, Error> {
        let rows: Vec<ObjectTuple> = sqlx::query_as(object_columns!(
            "WHERE o.events > 0 AND o.type = (SELECT id FROM term WHERE kind = 1 AND text = $1)
                 AND o.id IN (SELECT n.object FROM name n WHERE n.text = $2)
             ORDER BY o.last DESC LIMIT 20"
        ))
        .bind(object_type.as_str())
        .bind(name)
        .fetch_all(self.pool())
        .await?;
        Ok(rows.into_iter().map(object).collect::<Result<_, _>>()?)
    }

    /// Objects of a type with which a person had last to do.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn objects_of(
        &self,
        person: Pseudonym,
        object_type: &ObjectType,
        limit: u32,
    ) -> Result<Vec<ObjectRow>, Error> {
        let rows: Vec<ObjectTuple> = sqlx::query_as(object_columns!(
            "JOIN (SELECT eo.object AS id, max(ea.idx) AS newest
                   FROM (SELECT a.idx FROM event_actor a JOIN event e ON e.idx = a.idx AND e.act = 1
                         WHERE a.person = $1 ORDER BY a.idx DESC LIMIT 500) ea
                   JOIN event_object eo ON eo.idx = ea.idx GROUP BY eo.object) r ON r.id = o.id
             WHERE o.events > 0 AND o.type = (SELECT id FROM term WHERE kind = 1 AND text = $2)
             ORDER BY r.newest DESC LIMIT $3"
        ))
        .bind(person.to_bytes().to_vec())
        .bind(object_type.as_str())
        .bind(limit)
        .fetch_all(self.pool())
        .await?;
        Ok(rows.into_iter().map(object).collect::<Result<_, _>>()?)
    }

    /// Types of objects, with the number of objects that have acts in those organs.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn object_types(&self, scope: &Scope) -> Result<Vec<(ObjectType, u64)>, Error> {
        let (all, codes) = scope.args();
        let rows: Vec<(String, i64)> = sqlx::query_as(
            "SELECT t.text, count(*) FROM object o JOIN term t ON t.id = o.type
             WHERE o.events > 0 AND ($1 OR o.organ IN (SELECT t.id FROM json_each($2) j JOIN term t ON t.kind = 2 AND t.text = j.value))
             GROUP BY t.text ORDER BY t.text",
        )
        .bind(all)
        .bind(codes)
        .fetch_all(self.pool())
        .await?;
        Ok(rows
            .into_iter()
            .map(|(t, n)| Ok((ObjectType::new(t).map_err(decode)?, n as u64)))
            .collect::<Result<_, sqlx::Error>>()?)
    }

    /// Acts of an object by the time at which they are said to have happened, and how many there are.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn timeline(
        &self,
        id: Pseudonym,
        limit: u32,
        offset: u64,
    ) -> Result<(Vec<TimelineRow>, u64), Error> {
        let (total,): (i64,) =
            sqlx::query_as("SELECT coalesce((SELECT events FROM object WHERE pseudonym = $1), 0)")
                .bind(id.to_bytes().to_vec())
                .fetch_one(self.pool())
                .await?;
        let rows: Vec<(i64, i64)> = sqlx::query_as(
            "SELECT DISTINCT e.idx, e.occurred FROM object o JOIN event_object eo ON eo.object = o.id JOIN event e ON e.idx = eo.idx
             WHERE o.pseudonym = $1 AND e.act = 1 ORDER BY e.occurred, e.idx LIMIT $2 OFFSET $3",
        )
        .bind(id.to_bytes().to_vec())
        .bind(limit)
        .bind(offset as i64)
        .fetch_all(self.pool())
        .await?;
        let rows = rows
            .into_iter()
            .map(|(idx, occurred)| {
                Ok(TimelineRow {
                    index: idx as u64,
                    occurred: time(occurred)?,
                })
            })
            .collect::<Result<_, sqlx::Error>>()?;
        Ok((rows, total as u64))
    }

    /// Entries about an object in the order of the log, its descriptions too.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn entries_of(&self, id: Pseudonym) -> Result<Vec<u64>, Error> {
        let rows: Vec<(i64,)> = sqlx::query_as(
            "SELECT DISTINCT eo.idx FROM object o JOIN event_object eo ON eo.object = o.id WHERE o.pseudonym = $1 ORDER BY eo.idx",
        )
        .bind(id.to_bytes().to_vec())
        .fetch_all(self.pool())
        .await?;
        Ok(rows.into_iter().map(|(idx,)| idx as u64).collect())
    }

    /// The last entry that describes an object, if there is one.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn description_of(&self, id: Pseudonym) -> Result<Option<u64>, Error> {
        let row: Option<(i64,)> = sqlx::query_as(
            "SELECT eo.idx FROM object o JOIN event_object eo ON eo.object = o.id JOIN event e ON e.idx = eo.idx
             WHERE o.pseudonym = $1 AND e.act = 0 AND e.activity = (SELECT id FROM term WHERE kind = 0 AND text = $2)
             ORDER BY eo.idx DESC LIMIT 1",
        )
        .bind(id.to_bytes().to_vec())
        .bind(crate::activity::OBJECT)
        .fetch_optional(self.pool())
        .await?;
        Ok(row.map(|(idx,)| idx as u64))
    }

    /// Other objects of the acts of an object, by type and name; at most `limit`.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn elements(&self, id: Pseudonym, limit: u32) -> Result<Vec<ElementRow>, Error> {
        let rows: Vec<ElementTuple> = sqlx::query_as(
            "SELECT p.pseudonym, t.text, max(q.text), (SELECT n.text FROM name n WHERE n.object = p.id ORDER BY n.idx DESC LIMIT 1)
             FROM object o JOIN event_object eo ON eo.object = o.id JOIN event e ON e.idx = eo.idx AND e.act = 1
                 JOIN event_object other ON other.idx = eo.idx AND other.object <> o.id
                 JOIN object p ON p.id = other.object JOIN term t ON t.id = p.type
                 LEFT JOIN term q ON q.id = other.qualifier
             WHERE o.pseudonym = $1 GROUP BY p.id ORDER BY t.text, p.id LIMIT $2",
        )
        .bind(id.to_bytes().to_vec())
        .bind(limit)
        .fetch_all(self.pool())
        .await?;
        let element = |(id, object_type, qualifier, name): ElementTuple| {
            Ok(ElementRow {
                id: stored(&id)?,
                object_type: ObjectType::new(object_type).map_err(decode)?,
                qualifier: qualifier.map(Qualifier::new).transpose().map_err(decode)?,
                name,
            })
        };
        Ok(rows
            .into_iter()
            .map(element)
            .collect::<Result<_, sqlx::Error>>()?)
    }

    /// Name and type of an object, whether or not there are acts of it.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn name(&self, id: Pseudonym) -> Result<Option<String>, Error> {
        let row: Option<(String,)> = sqlx::query_as(
            "SELECT n.text FROM object o JOIN name n ON n.object = o.id WHERE o.pseudonym = $1 ORDER BY n.idx DESC LIMIT 1",
        )
        .bind(id.to_bytes().to_vec())
        .fetch_optional(self.pool())
        .await?;
        Ok(row.map(|(name,)| name))
    }

    /// Who acted on an object, most often first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn officers(&self, id: Pseudonym) -> Result<Vec<Officer>, Error> {
        let rows: Vec<(Vec<u8>, String, i64)> = sqlx::query_as(
            "SELECT ea.person, t.text, count(DISTINCT ea.idx) AS n
             FROM object o JOIN event_object eo ON eo.object = o.id JOIN event e ON e.idx = eo.idx AND e.act = 1
                 JOIN event_actor ea ON ea.idx = eo.idx JOIN term t ON t.id = ea.role
             WHERE o.pseudonym = $1 GROUP BY ea.person, t.text ORDER BY n DESC, ea.person LIMIT 50",
        )
        .bind(id.to_bytes().to_vec())
        .fetch_all(self.pool())
        .await?;
        Ok(rows
            .into_iter()
            .map(|(p, role, n)| {
                Ok(Officer {
                    person: stored(&p)?,
                    role: RoleId::new(role).map_err(decode)?,
                    events: n as u64,
                })
            })
            .collect::<Result<_, sqlx::Error>>()?)
    }
}
