//! Records of inquiries: who may find one, who opened it.

use model::{EventId, Micros, OrganCode, Pseudonym};

use super::Scope;
use crate::{
    Error, Register,
    write::{decode, stored, time},
};

/// A record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InquiryRow {
    /// Position in the log.
    pub index: u64,
    /// Id of the event.
    pub event: EventId,
    /// Organ of the recorder.
    pub organ: OrganCode,
    /// When it was recorded.
    pub recorded: Micros,
    /// Who recorded it; `None` where an erasure took that too.
    pub recorder: Option<Pseudonym>,
    /// When it is said to have happened; `None` if erased.
    pub occurred: Option<Micros>,
    /// Id of the tile; `None` if erased.
    pub tile: Option<String>,
    /// The body is erased.
    pub erased: bool,
    /// How often it was opened.
    pub opened: u64,
    /// When the asking reader first opened it.
    pub opened_by_reader: Option<Micros>,
}

/// That a record was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadRow {
    /// The record.
    pub record: EventId,
    /// Who opened it.
    pub reader: Pseudonym,
    /// When.
    pub at: Micros,
}

type Tuple = (
    i64,
    Vec<u8>,
    String,
    i64,
    Option<Vec<u8>>,
    Option<i64>,
    Option<String>,
    bool,
    i64,
    Option<i64>,
);

fn row(
    (idx, event, organ, recorded, recorder, occurred, tile, erased, opened, mine): Tuple,
) -> Result<InquiryRow, sqlx::Error> {
    Ok(InquiryRow {
        index: idx as u64,
        event: id(&event)?,
        organ: OrganCode::new(organ).map_err(decode)?,
        recorded: time(recorded)?,
        recorder: recorder.as_deref().map(stored).transpose()?,
        occurred: occurred.map(time).transpose()?,
        tile,
        erased,
        opened: opened as u64,
        opened_by_reader: mine.map(time).transpose()?,
    })
}

pub(crate) fn id(bytes: &[u8]) -> Result<EventId, sqlx::Error> {
    let bytes: [u8; 16] = bytes
        .try_into()
        .map_err(|e: std::array::TryFromSliceError| decode(e))?;
    Ok(EventId::from_bytes(bytes))
}

macro_rules! inquiries {
    ($rest:literal) => {
        concat!(
            "SELECT i.idx, i.event, i.organ, i.recorded, i.recorder, i.occurred, i.tile, i.erased,
                 (SELECT count(*) FROM inquiry_read r WHERE r.record = i.event),
                 (SELECT min(r.at) FROM inquiry_read r WHERE r.record = i.event AND r.reader = $1) AS mine
             FROM inquiry i ",
            $rest
        )
    };
}

/// What a reader may receive: of his organs, not his own, not one that names him or somebody above him.
macro_rules! received {
    ($rest:literal) => {
        concat!(
            "WHERE ($2 OR i.organ IN (SELECT value FROM json_each($3))) AND (i.recorder IS NULL OR i.recorder <> $1)
                 AND NOT EXISTS (SELECT 1 FROM inquiry_named n WHERE n.idx = i.idx
                     AND (n.person = $1 OR hex(n.person) IN (SELECT value FROM json_each($4)))) ",
            $rest
        )
    };
}

fn hex_list(people: &[Pseudonym]) -> String {
    let hex = |p: &Pseudonym| {
        p.to_bytes()
            .iter()
            .map(|b| format!("{b:02X}"))
            .collect::<String>()
    };
    let all: Vec<String> = people.iter().map(|p| format!("\"{}\"", hex(p))).collect();
    format!("[{}]", all.join(","))
}

impl Register {
    /// Records of one recorder, newest first, and how many there are.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn inquiries_by(
        &self,
        recorder: Pseudonym,
        limit: u32,
        offset: u64,
    ) -> Result<(Vec<InquiryRow>, u64), Error> {
        let me = recorder.to_bytes().to_vec();
        let (total,): (i64,) = sqlx::query_as("SELECT count(*) FROM inquiry WHERE recorder = $1")
            .bind(me.clone())
            .fetch_one(self.pool())
            .await?;
        let rows: Vec<Tuple> = sqlx::query_as(inquiries!(
            "WHERE i.recorder = $1 ORDER BY i.idx DESC LIMIT $2 OFFSET $3"
        ))
        .bind(me)
        .bind(limit)
        .bind(offset as i64)
        .fetch_all(self.pool())
        .await?;
        Ok((
            rows.into_iter().map(row).collect::<Result<_, _>>()?,
            total as u64,
        ))
    }

    /// The records that `reader` receives, unopened first, then newest, and how many there are. `above` are the people
    /// whose subordinate he is: a record that names one of them is not for him.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn inquiries_for(
        &self,
        reader: Pseudonym,
        scope: &Scope,
        above: &[Pseudonym],
        limit: u32,
        offset: u64,
    ) -> Result<(Vec<InquiryRow>, u64), Error> {
        let (all, codes) = scope.args();
        let me = reader.to_bytes().to_vec();
        let above = hex_list(above);
        let (total,): (i64,) =
            sqlx::query_as(concat!("SELECT count(*) FROM inquiry i ", received!("")))
                .bind(me.clone())
                .bind(all)
                .bind(&codes)
                .bind(&above)
                .fetch_one(self.pool())
                .await?;
        let rows: Vec<Tuple> = sqlx::query_as(concat!(
            inquiries!(""),
            received!("ORDER BY mine IS NOT NULL, i.idx DESC LIMIT $5 OFFSET $6")
        ))
        .bind(me)
        .bind(all)
        .bind(codes)
        .bind(above)
        .bind(limit)
        .bind(offset as i64)
        .fetch_all(self.pool())
        .await?;
        Ok((
            rows.into_iter().map(row).collect::<Result<_, _>>()?,
            total as u64,
        ))
    }

    /// One record, if `reader` receives it.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn inquiry_for(
        &self,
        event: EventId,
        reader: Pseudonym,
        scope: &Scope,
        above: &[Pseudonym],
    ) -> Result<Option<InquiryRow>, Error> {
        let (all, codes) = scope.args();
        let found: Option<Tuple> =
            sqlx::query_as(concat!(inquiries!(""), received!("AND i.event = $5")))
                .bind(reader.to_bytes().to_vec())
                .bind(all)
                .bind(codes)
                .bind(hex_list(above))
                .bind(event.as_bytes().to_vec())
                .fetch_optional(self.pool())
                .await?;
        Ok(found.map(row).transpose()?)
    }

    /// One record, if `recorder` made it.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn inquiry_by(
        &self,
        event: EventId,
        recorder: Pseudonym,
    ) -> Result<Option<InquiryRow>, Error> {
        let found: Option<Tuple> =
            sqlx::query_as(inquiries!("WHERE i.recorder = $1 AND i.event = $2"))
                .bind(recorder.to_bytes().to_vec())
                .bind(event.as_bytes().to_vec())
                .fetch_optional(self.pool())
                .await?;
        Ok(found.map(row).transpose()?)
    }

    /// Id of the record at this position, if there is one.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn inquiry_at(&self, index: u64) -> Result<Option<EventId>, Error> {
        let found: Option<(Vec<u8>,)> = sqlx::query_as("SELECT event FROM inquiry WHERE idx = $1")
            .bind(index as i64)
            .fetch_optional(self.pool())
            .await?;
        Ok(found.map(|(event,)| id(&event)).transpose()?)
    }

    /// Position and recorder of a record, whoever asks: for erasing.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn inquiry_position(
        &self,
        event: EventId,
    ) -> Result<Option<(u64, Option<Pseudonym>)>, Error> {
        let found: Option<(i64, Option<Vec<u8>>)> =
            sqlx::query_as("SELECT idx, recorder FROM inquiry WHERE event = $1")
                .bind(event.as_bytes().to_vec())
                .fetch_optional(self.pool())
                .await?;
        Ok(found
            .map(|(idx, p)| {
                Ok::<_, sqlx::Error>((idx as u64, p.as_deref().map(stored).transpose()?))
            })
            .transpose()?)
    }

    /// Who opened a record, oldest first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn reads_of(&self, record: EventId) -> Result<Vec<ReadRow>, Error> {
        let rows: Vec<(Vec<u8>, Vec<u8>, i64)> = sqlx::query_as(
            "SELECT record, reader, at FROM inquiry_read WHERE record = $1 ORDER BY idx",
        )
        .bind(record.as_bytes().to_vec())
        .fetch_all(self.pool())
        .await?;
        reads(rows)
    }

    /// Openings of a recorder's records since a time, newest first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn reads_for(
        &self,
        recorder: Pseudonym,
        since: Micros,
    ) -> Result<Vec<ReadRow>, Error> {
        let rows: Vec<(Vec<u8>, Vec<u8>, i64)> = sqlx::query_as(
            "SELECT r.record, r.reader, r.at FROM inquiry i JOIN inquiry_read r ON r.record = i.event
             WHERE i.recorder = $1 AND r.at >= $2 ORDER BY r.idx DESC LIMIT 100",
        )
        .bind(recorder.to_bytes().to_vec())
        .bind(since.get())
        .fetch_all(self.pool())
        .await?;
        reads(rows)
    }
}

fn reads(rows: Vec<(Vec<u8>, Vec<u8>, i64)>) -> Result<Vec<ReadRow>, Error> {
    let read = |(record, reader, at): (Vec<u8>, Vec<u8>, i64)| {
        Ok(ReadRow {
            record: id(&record)?,
            reader: stored(&reader)?,
            at: time(at)?,
        })
    };
    Ok(rows
        .into_iter()
        .map(read)
        .collect::<Result<_, sqlx::Error>>()?)
}
