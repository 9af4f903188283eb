//! Looks, the relations that explain them, and the steps of a case as far as they say who has to do with it.

use model::{EventId, Micros, OrganCode, Pseudonym, RoleId};

use super::Scope;
use crate::{
    Error, Register,
    write::{decode, stored, time},
};

/// What was done in a case, as far as it says who has to do with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepRow {
    /// Position in the log.
    pub index: u64,
    /// What was done.
    pub activity: String,
    /// When it is said to have happened.
    pub occurred: Micros,
    /// When it was recorded.
    pub recorded: Micros,
    /// Organ.
    pub organ: String,
    /// Who acted, in which role.
    pub actors: Vec<(Pseudonym, String)>,
}

/// A look at a case, or the reason that was given for one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookRow {
    /// The entry that says so.
    pub index: u64,
    /// The case; `None` for an export of more than one.
    pub case: Option<Pseudonym>,
    /// Who.
    pub person: Pseudonym,
    /// In which role.
    pub role: RoleId,
    /// His organ then.
    pub organ: OrganCode,
    /// When.
    pub at: Micros,
    /// What kind of reading; `reason` for a reason that was given.
    pub kind: String,
    /// What explained it; `None` if it was made before looks were judged.
    pub class: Option<String>,
    /// The template of its explanation, or the nearest one.
    pub template: Option<String>,
    /// Relation and entry of each leg: `holds:12 handles:40`.
    pub path: Option<String>,
    /// Entry of the reason under which it was made.
    pub because: Option<u64>,
    /// Id of the reason.
    pub reason: Option<String>,
}

/// What was found when a look was reviewed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerRow {
    /// The look, by its entry.
    pub look: u64,
    /// The entry that says so.
    pub index: u64,
    /// Who reviewed it.
    pub person: Pseudonym,
    /// In which role.
    pub role: RoleId,
    /// When.
    pub at: Micros,
    /// What was found.
    pub verdict: String,
}

/// A relation that was registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelationRow {
    /// Its entry.
    pub index: u64,
    /// Its id.
    pub event: EventId,
    /// The case.
    pub case: Pseudonym,
    /// The other case, for a link.
    pub other: Option<Pseudonym>,
    /// The person, for others.
    pub person: Option<Pseudonym>,
    /// Kind.
    pub kind: String,
    /// From when.
    pub since: Micros,
    /// Until when, as registered.
    pub until: Option<Micros>,
    /// When it was ended before that.
    pub ended: Option<Micros>,
    /// When it was recorded.
    pub recorded: Micros,
    /// In whose name.
    pub organ: OrganCode,
    /// Who registered it.
    pub by: Option<Pseudonym>,
}

impl RelationRow {
    /// The end that counts.
    pub fn over(&self) -> Option<Micros> {
        match (self.until, self.ended) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }
}

type StepTuple = (
    i64,
    String,
    i64,
    i64,
    String,
    Option<Vec<u8>>,
    Option<String>,
);
type LookTuple = (
    i64,
    Option<Vec<u8>>,
    Vec<u8>,
    String,
    String,
    i64,
    String,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<i64>,
    Option<String>,
);
type RelationTuple = (
    i64,
    Vec<u8>,
    Vec<u8>,
    Option<Vec<u8>>,
    Option<Vec<u8>>,
    String,
    i64,
    Option<i64>,
    Option<i64>,
    i64,
    String,
    Option<Vec<u8>>,
);

macro_rules! looks {
    ($rest:literal) => {
        concat!(
            "SELECT l.idx, l.case_id, l.person, l.role, l.organ, l.at, l.kind, l.class, l.template, l.path, l.because, l.reason FROM look l ",
            $rest
        )
    };
}

macro_rules! relations {
    ($rest:literal) => {
        concat!(
            "SELECT r.idx, r.event, r.case_id, r.other, r.person, r.kind, r.since, r.until, r.ended, r.recorded, r.organ, r.said_by FROM relation_held r ",
            $rest
        )
    };
}

/// Acts of an object, and the node's own events that are steps of its handling.
macro_rules! steps {
    ($rest:literal) => {
        concat!(
            "SELECT e.idx, ac.text, e.occurred, e.recorded, og.text, ea.person, ro.text
             FROM (SELECT DISTINCT eo.idx FROM object o JOIN event_object eo ON eo.object = o.id WHERE o.pseudonym = $1) x
                 JOIN event e ON e.idx = x.idx JOIN term ac ON ac.id = e.activity JOIN term og ON og.id = e.organ
                 LEFT JOIN event_actor ea ON ea.idx = e.idx LEFT JOIN term ro ON ro.id = ea.role
             WHERE (e.act = 1 OR ac.text IN (SELECT value FROM json_each($2))) ",
            $rest,
            " ORDER BY e.idx"
        )
    };
}

fn look(
    (idx, case, person, role, organ, at, kind, class, template, path, because, reason): LookTuple,
) -> Result<LookRow, sqlx::Error> {
    Ok(LookRow {
        index: idx as u64,
        case: case.as_deref().map(stored).transpose()?,
        person: stored(&person)?,
        role: RoleId::new(role).map_err(decode)?,
        organ: OrganCode::new(organ).map_err(decode)?,
        at: time(at)?,
        kind,
        class,
        template,
        path,
        because: because.map(|i| i as u64),
        reason,
    })
}

fn relation(
    (idx, event, case, other, person, kind, since, until, ended, recorded, organ, by): RelationTuple,
) -> Result<RelationRow, sqlx::Error> {
    let event: [u8; 16] = event
        .try_into()
        .map_err(|_| sqlx::Error::Decode("an event id of another length".into()))?;
    Ok(RelationRow {
        index: idx as u64,
        event: EventId::from_bytes(event),
        case: stored(&case)?,
        other: other.as_deref().map(stored).transpose()?,
        person: person.as_deref().map(stored).transpose()?,
        kind,
        since: time(since)?,
        until: until.map(time).transpose()?,
        ended: ended.map(time).transpose()?,
        recorded: time(recorded)?,
        organ: OrganCode::new(organ).map_err(decode)?,
        by: by.as_deref().map(stored).transpose()?,
    })
}

fn all<T, R>(rows: Vec<T>, of: impl Fn(T) -> Result<R, sqlx::Error>) -> Result<Vec<R>, Error> {
    Ok(rows.into_iter().map(of).collect::<Result<_, _>>()?)
}

impl Register {
    /// Acts of an object in the order of the log, and those events of the node itself whose activities are `own`.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn steps(&self, id: Pseudonym, own: &[&str]) -> Result<Vec<StepRow>, Error> {
        let rows: Vec<StepTuple> = sqlx::query_as(steps!(""))
            .bind(id.to_bytes().to_vec())
            .bind(list(own))
            .fetch_all(self.pool())
            .await?;
        grouped(rows)
    }

    /// As [`Register::steps`], but only what one person did, and what was one of the activities `also`.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn steps_by(
        &self,
        id: Pseudonym,
        own: &[&str],
        person: Pseudonym,
        also: &[&str],
    ) -> Result<Vec<StepRow>, Error> {
        let rows: Vec<StepTuple> = sqlx::query_as(steps!(
            "AND (ac.text IN (SELECT value FROM json_each($4))
                 OR EXISTS (SELECT 1 FROM event_actor m WHERE m.person = $3 AND m.idx = e.idx))"
        ))
        .bind(id.to_bytes().to_vec())
        .bind(list(own))
        .bind(person.to_bytes().to_vec())
        .bind(list(also))
        .fetch_all(self.pool())
        .await?;
        grouped(rows)
    }

    /// Looks at a case, newest first; reasons are not among them.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn looks(&self, case: Pseudonym, limit: u32) -> Result<Vec<LookRow>, Error> {
        let rows: Vec<LookTuple> = sqlx::query_as(looks!(
            "WHERE l.case_id = $1 AND l.kind <> 'reason' ORDER BY l.idx DESC LIMIT $2"
        ))
        .bind(case.to_bytes().to_vec())
        .bind(limit)
        .fetch_all(self.pool())
        .await?;
        all(rows, look)
    }

    /// Looks of one person at one case after a time, newest first; reasons too.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn looks_of(
        &self,
        case: Pseudonym,
        person: Pseudonym,
        after: Micros,
    ) -> Result<Vec<LookRow>, Error> {
        let rows: Vec<LookTuple> = sqlx::query_as(looks!(
            "WHERE l.case_id = $1 AND l.person = $2 AND l.at > $3 ORDER BY l.idx DESC LIMIT 200"
        ))
        .bind(case.to_bytes().to_vec())
        .bind(person.to_bytes().to_vec())
        .bind(after.get())
        .fetch_all(self.pool())
        .await?;
        all(rows, look)
    }

    /// One look or reason, by its entry.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn look(&self, index: u64) -> Result<Option<LookRow>, Error> {
        let row: Option<LookTuple> = sqlx::query_as(looks!("WHERE l.idx = $1"))
            .bind(i64::try_from(index).unwrap_or(i64::MAX))
            .fetch_optional(self.pool())
            .await?;
        Ok(row.map(look).transpose()?)
    }

    /// What has to be asked about: reasons that were given and looks that nothing explained, newest first. `open`: those
    /// without an answer only. `scope` is that of the case; of an export of more than one, that of whoever made it.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn asked(
        &self,
        scope: &Scope,
        after: Micros,
        open: bool,
        limit: u32,
    ) -> Result<Vec<LookRow>, Error> {
        let (every, codes) = scope.args();
        let rows: Vec<LookTuple> = sqlx::query_as(looks!(
            "LEFT JOIN object o ON o.pseudonym = l.case_id LEFT JOIN term t ON t.id = o.organ
             WHERE (l.kind = 'reason' OR l.class = 'unexplained') AND l.at > $1
                 AND ($2 OR coalesce(t.text, l.organ) IN (SELECT value FROM json_each($3)))
                 AND EXISTS (SELECT 1 FROM look_answer n WHERE n.look = l.idx) <> $4
             ORDER BY l.idx DESC LIMIT $5"
        ))
        .bind(after.get())
        .bind(every)
        .bind(codes)
        .bind(open)
        .bind(limit)
        .fetch_all(self.pool())
        .await?;
        all(rows, look)
    }

    /// How many looks of each organ's people were reviewed after a time.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn answered_by_organ(&self, after: Micros) -> Result<Vec<(String, u64)>, Error> {
        let rows: Vec<(String, i64)> = sqlx::query_as(
            "SELECT l.organ, count(DISTINCT l.idx) FROM look_answer n JOIN look l ON l.idx = n.look WHERE n.at > $1 GROUP BY l.organ",
        )
        .bind(after.get())
        .fetch_all(self.pool())
        .await?;
        Ok(rows.into_iter().map(|(o, n)| (o, n as u64)).collect())
    }

    /// What was found when a look was reviewed, oldest first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn answers(&self, index: u64) -> Result<Vec<AnswerRow>, Error> {
        let rows: Vec<(i64, i64, Vec<u8>, String, i64, String)> = sqlx::query_as(
            "SELECT look, idx, person, role, at, verdict FROM look_answer WHERE look = $1 ORDER BY idx",
        )
        .bind(i64::try_from(index).unwrap_or(i64::MAX))
        .fetch_all(self.pool())
        .await?;
        all(rows, |(look, idx, person, role, at, verdict)| {
            Ok(AnswerRow {
                look: look as u64,
                index: idx as u64,
                person: stored(&person)?,
                role: RoleId::new(role).map_err(decode)?,
                at: time(at)?,
                verdict,
            })
        })
    }

    /// Relations of a case, links in either direction too, in the order of the log.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn relations(&self, case: Pseudonym) -> Result<Vec<RelationRow>, Error> {
        let rows: Vec<RelationTuple> = sqlx::query_as(relations!(
            "WHERE r.case_id = $1 OR r.other = $1 ORDER BY r.idx"
        ))
        .bind(case.to_bytes().to_vec())
        .fetch_all(self.pool())
        .await?;
        all(rows, relation)
    }

    /// One relation.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn relation(&self, event: EventId) -> Result<Option<RelationRow>, Error> {
        let row: Option<RelationTuple> = sqlx::query_as(relations!("WHERE r.event = $1"))
            .bind(event.as_bytes().to_vec())
            .fetch_optional(self.pool())
            .await?;
        Ok(row.map(relation).transpose()?)
    }
}

/// Activities as a JSON list; ids of activities need no escaping.
fn list(activities: &[&str]) -> String {
    let quoted: Vec<String> = activities.iter().map(|c| format!("\"{c}\"")).collect();
    format!("[{}]", quoted.join(","))
}

/// Rows of one step follow each other: one for each of its actors.
fn grouped(rows: Vec<StepTuple>) -> Result<Vec<StepRow>, Error> {
    let mut steps: Vec<StepRow> = Vec::new();
    for (idx, activity, occurred, recorded, organ, person, role) in rows {
        let index = idx as u64;
        if steps.last().is_none_or(|s| s.index != index) {
            steps.push(StepRow {
                index,
                activity,
                occurred: time(occurred)?,
                recorded: time(recorded)?,
                organ,
                actors: Vec::new(),
            });
        }
        if let (Some(step), Some(person), Some(role)) = (steps.last_mut(), person, role) {
            step.actors.push((stored(&person)?, role));
        }
    }
    Ok(steps)
}
