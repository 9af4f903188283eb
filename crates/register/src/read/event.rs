//! Events by position and id; imports; erasures.

use model::{EventId, Micros, OrganCode, Pseudonym};

use super::Scope;
use crate::{Error, Register, write::time};

/// Which acts.
#[derive(Clone, Debug)]
pub struct EventsQuery {
    /// After this position; `None` from the beginning.
    pub after: Option<u64>,
    /// One activity.
    pub activity: Option<String>,
    /// One organ.
    pub organ: Option<OrganCode>,
    /// About one object.
    pub object: Option<Pseudonym>,
    /// Occurred at or after.
    pub from: Option<Micros>,
    /// Occurred before.
    pub to: Option<Micros>,
    /// Of which organs.
    pub scope: Scope,
    /// At most so many.
    pub limit: u32,
}

/// An event that the register knows; never one around a record of an inquiry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventRow {
    /// Position in the log.
    pub index: u64,
    /// Its organ.
    pub organ: OrganCode,
    /// An act, and not one of the node's own events.
    pub act: bool,
}

/// An import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportRow {
    /// Position of its entry.
    pub index: u64,
    /// Source.
    pub source: String,
    /// SHA-256 of the file.
    pub sha256: String,
    /// When.
    pub recorded: Micros,
}

impl Register {
    /// Positions of acts, in the order of the log.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn events(&self, query: &EventsQuery) -> Result<Vec<u64>, Error> {
        const ALL: &str = "SELECT e.idx FROM event e
             WHERE e.idx > $1 AND e.act = 1 AND e.occurred >= $2 AND e.occurred < $3
                 AND ($4 IS NULL OR e.activity = (SELECT id FROM term WHERE kind = 0 AND text = $4))
                 AND ($5 IS NULL OR e.organ = (SELECT id FROM term WHERE kind = 2 AND text = $5))
                 AND ($6 OR e.organ IN (SELECT t.id FROM json_each($7) j JOIN term t ON t.kind = 2 AND t.text = j.value))
                 AND $8 IS NULL
             ORDER BY e.idx LIMIT $9";
        const OF_OBJECT: &str = "SELECT DISTINCT e.idx FROM object o JOIN event_object eo ON eo.object = o.id JOIN event e ON e.idx = eo.idx
             WHERE eo.idx > $1 AND e.act = 1 AND e.occurred >= $2 AND e.occurred < $3
                 AND ($4 IS NULL OR e.activity = (SELECT id FROM term WHERE kind = 0 AND text = $4))
                 AND ($5 IS NULL OR e.organ = (SELECT id FROM term WHERE kind = 2 AND text = $5))
                 AND ($6 OR e.organ IN (SELECT t.id FROM json_each($7) j JOIN term t ON t.kind = 2 AND t.text = j.value))
                 AND o.pseudonym = $8
             ORDER BY e.idx LIMIT $9";
        let (all, codes) = query.scope.args();
        let rows: Vec<(i64,)> = sqlx::query_as(if query.object.is_some() {
            OF_OBJECT
        } else {
            ALL
        })
        .bind(query.after.map_or(-1, |a| a as i64))
        .bind(query.from.map_or(i64::MIN, Micros::get))
        .bind(query.to.map_or(i64::MAX, Micros::get))
        .bind(&query.activity)
        .bind(query.organ.as_ref().map(OrganCode::as_str))
        .bind(all)
        .bind(codes)
        .bind(query.object.map(|o| o.to_bytes().to_vec()))
        .bind(query.limit)
        .fetch_all(self.pool())
        .await?;
        Ok(rows.into_iter().map(|(idx,)| idx as u64).collect())
    }

    /// The event with that id.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn event(&self, id: EventId) -> Result<Option<EventRow>, Error> {
        let row: Option<(i64, String, bool)> =
            sqlx::query_as("SELECT e.idx, t.text, e.act FROM event e JOIN term t ON t.id = e.organ WHERE e.id = $1")
                .bind(id.as_bytes().to_vec())
                .fetch_optional(self.pool())
                .await?;
        row.map(|(idx, organ, act)| {
            Ok(EventRow {
                index: idx as u64,
                organ: OrganCode::new(organ).map_err(crate::write::decode)?,
                act,
            })
        })
        .transpose()
    }

    /// Imports, oldest first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn imports(&self) -> Result<Vec<ImportRow>, Error> {
        let rows: Vec<(i64, String, String, i64)> =
            sqlx::query_as("SELECT idx, source, sha256, recorded FROM import ORDER BY idx")
                .fetch_all(self.pool())
                .await?;
        rows.into_iter()
            .map(|(idx, source, sha256, recorded)| {
                Ok(ImportRow {
                    index: idx as u64,
                    source,
                    sha256,
                    recorded: time(recorded)?,
                })
            })
            .collect()
    }

    /// Entries whose bodies the log says are erased.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn erased(&self) -> Result<Vec<u64>, Error> {
        let rows: Vec<(i64,)> = sqlx::query_as("SELECT idx FROM erased ORDER BY idx")
            .fetch_all(self.pool())
            .await?;
        Ok(rows.into_iter().map(|(idx,)| idx as u64).collect())
    }

    /// Whether any body names this attachment.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn file_is_named(&self, sha256: &str) -> Result<bool, Error> {
        let (n,): (i64,) = sqlx::query_as("SELECT count(*) FROM file WHERE sha256 = $1")
            .bind(sha256)
            .fetch_one(self.pool())
            .await?;
        Ok(n > 0)
    }
}
