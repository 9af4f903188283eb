//! What is kept outside the books: things and stays that belong to no case, numbers that are missing.
//!
//! Lists with what was looked at, each row with the acts that show it. **Is not** a finding: rules find (crate `watch`); this
//! is what a rule over one trace cannot see, and no row is about an officer.

use model::{Activity, Micros, OrganCode, Pseudonym};

use super::Scope;
use crate::{
    Error, Register,
    write::{decode, stored, time},
};

/// An act, as far as a list of off-book things tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Position in the log.
    pub index: u64,
    /// What was done.
    pub activity: Activity,
    /// When it is said to have happened.
    pub occurred: Micros,
    /// In whose name.
    pub organ: OrganCode,
}

/// A thing with acts that name no case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LooseItem {
    /// The thing.
    pub item: Pseudonym,
    /// The first act that names no case.
    pub first: Seen,
    /// How many such acts there are.
    pub acts: u64,
    /// A case that other acts of the thing name; `None` where none ever does.
    pub case: Option<Pseudonym>,
}

/// Somebody entered a handling area, and the entry names neither case nor alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LooseStay {
    /// Who.
    pub person: Option<Pseudonym>,
    /// The entry.
    pub entered: Seen,
    /// The next act in which he leaves.
    pub left: Option<Seen>,
}

/// A register of running numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    /// Of papers; else of alerts.
    pub papers: bool,
    /// The text of its numbers, with `#` for the number.
    pub name: String,
    /// Year of the acts.
    pub year: i64,
    /// Lowest number seen.
    pub low: u32,
    /// Highest number seen.
    pub high: u32,
    /// How many different numbers were seen.
    pub seen: u64,
    /// In whose names.
    pub organs: Vec<OrganCode>,
}

/// Numbers that are missing between two that are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NumberGap {
    /// First number that is missing.
    pub from: u32,
    /// Last number that is missing.
    pub to: u32,
    /// The act with the number before.
    pub before: u64,
    /// The act with the number after.
    pub after: u64,
}

/// Rows of one list, at most.
const ROWS: i64 = 500;
/// Activities by which a thing enters the store: without a case even a known thing is off the book (V-18.4).
const STORE: &str = "('prop.handover', 'prop.register')";
const ENTER: &str = "plc.enter";
const LEAVE: &str = "plc.exit";

type SeenTuple = (i64, String, i64, String);
type ItemTuple = (Vec<u8>, i64, i64, Option<Vec<u8>>);

fn seen((index, activity, occurred, organ): SeenTuple) -> Result<Seen, sqlx::Error> {
    Ok(Seen {
        index: index as u64,
        activity: Activity::new(activity).map_err(decode)?,
        occurred: time(occurred)?,
        organ: OrganCode::new(organ).map_err(decode)?,
    })
}

/// Whether an organ's term is one of the scope's: `$1` all, `$2` a list of codes.
macro_rules! within {
    ($column:literal) => {
        concat!(
            "($1 OR ",
            $column,
            " IN (SELECT t.id FROM json_each($2) j JOIN term t ON t.kind = 2 AND t.text = j.value))"
        )
    };
}

impl Register {
    /// Things with acts that name no case: those that no act ties to one, and those that entered the store without one;
    /// first acts first, at most 500. Also how many there are, and how many things were looked at.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn loose_items(&self, scope: &Scope) -> Result<(Vec<LooseItem>, u64, u64), Error> {
        let (all, codes) = scope.args();
        let (looked,): (i64,) = sqlx::query_as(concat!(
            "SELECT count(*) FROM object o
             WHERE o.events > 0 AND o.type = (SELECT id FROM term WHERE kind = 1 AND text = 'item') AND ",
            within!("o.organ")
        ))
        .bind(all)
        .bind(&codes)
        .fetch_one(self.pool())
        .await?;
        // Few acts name no case: begin with them, and ask of each of their things whether some other act does.
        let rows: Vec<ItemTuple> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
            "SELECT pseudonym, first, acts, tied FROM (
                 SELECT o.pseudonym AS pseudonym, min(l.idx) AS first, count(DISTINCT l.idx) AS acts,
                     max(ac.text IN {STORE}) AS store,
                     (SELECT co.pseudonym FROM event_object x JOIN event_object xc ON xc.idx = x.idx
                          JOIN object co ON co.id = xc.object AND co.type = (SELECT id FROM term WHERE kind = 1 AND text = 'case')
                      WHERE x.object = o.id ORDER BY x.idx LIMIT 1) AS tied
                 FROM loose l JOIN event e ON e.idx = l.idx JOIN term ac ON ac.id = e.activity
                     JOIN event_object eo ON eo.idx = l.idx
                     JOIN object o ON o.id = eo.object AND o.type = (SELECT id FROM term WHERE kind = 1 AND text = 'item')
                 WHERE {} GROUP BY o.id)
             WHERE tied IS NULL OR store ORDER BY first",
            within!("e.organ")
        )))
        .bind(all)
        .bind(&codes)
        .fetch_all(self.pool())
        .await?;
        let total = rows.len() as u64;
        let mut items = Vec::new();
        for (item, first, acts, tied) in rows.into_iter().take(ROWS as usize) {
            items.push(LooseItem {
                item: stored(&item)?,
                first: self.seen_at(first).await?,
                acts: acts as u64,
                case: tied.map(|c| stored(&c)).transpose()?,
            });
        }
        Ok((items, total, looked as u64))
    }

    /// Entries into a handling area that name neither case nor alert, oldest first, at most 500. Also how many there are,
    /// and how many entries were looked at.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn loose_stays(&self, scope: &Scope) -> Result<(Vec<LooseStay>, u64, u64), Error> {
        let (all, codes) = scope.args();
        let (looked,): (i64,) = sqlx::query_as(concat!(
            "SELECT count(*) FROM event e
             WHERE e.act = 1 AND e.activity = (SELECT id FROM term WHERE kind = 0 AND text = $3) AND ",
            within!("e.organ")
        ))
        .bind(all)
        .bind(&codes)
        .bind(ENTER)
        .fetch_one(self.pool())
        .await?;
        let entries: Vec<(i64, Option<i64>, Option<Vec<u8>>)> = sqlx::query_as(concat!(
            "SELECT l.idx, p.id, p.pseudonym FROM loose l JOIN event e ON e.idx = l.idx
                 LEFT JOIN (SELECT eo.idx AS idx, o.id AS id, o.pseudonym AS pseudonym FROM event_object eo
                     JOIN object o ON o.id = eo.object AND o.type = (SELECT id FROM term WHERE kind = 1 AND text = 'person')) p
                     ON p.idx = l.idx
             WHERE l.alert = 0 AND e.activity = (SELECT id FROM term WHERE kind = 0 AND text = $3) AND ",
            within!("e.organ"),
            " ORDER BY e.occurred, l.idx"
        ))
        .bind(all)
        .bind(&codes)
        .bind(ENTER)
        .fetch_all(self.pool())
        .await?;
        let total = entries.len() as u64;
        let mut stays = Vec::new();
        for (index, id, person) in entries.into_iter().take(ROWS as usize) {
            let entered = self.seen_at(index).await?;
            let left: Option<(i64,)> = match id {
                Some(id) => sqlx::query_as(
                    "SELECT e.idx FROM event_object eo JOIN event e ON e.idx = eo.idx AND e.act = 1
                         WHERE eo.object = $1 AND e.occurred >= $2
                             AND e.activity = (SELECT id FROM term WHERE kind = 0 AND text = $3)
                         ORDER BY e.occurred, e.idx LIMIT 1",
                )
                .bind(id)
                .bind(entered.occurred.get())
                .bind(LEAVE)
                .fetch_optional(self.pool())
                .await?,
                None => None,
            };
            let left = match left {
                Some((index,)) => Some(self.seen_at(index).await?),
                None => None,
            };
            stays.push(LooseStay {
                person: person.map(|p| stored(&p)).transpose()?,
                entered,
                left,
            });
        }
        Ok((stays, total, looked as u64))
    }

    /// Registers of running numbers, by name and year. Of all organs: a number that another organ used is not missing.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn series(&self) -> Result<Vec<Series>, Error> {
        type Tuple = (i64, String, i64, i64, i64, i64, String);
        let rows: Vec<Tuple> = sqlx::query_as(
            "SELECT n.kind, n.series, n.year, min(n.serial), max(n.serial), count(DISTINCT n.serial),
                 json_group_array(DISTINCT og.text)
             FROM number n JOIN event e ON e.idx = n.idx JOIN term og ON og.id = e.organ
             GROUP BY n.kind, n.series, n.year ORDER BY n.kind, n.series, n.year",
        )
        .fetch_all(self.pool())
        .await?;
        let row = |(kind, name, year, low, high, seen, organs): Tuple| {
            // Codes are letters, digits, `.`, `-` and `_`: the list needs no parser of its own.
            let codes = organs.trim_matches(['[', ']']).split(',');
            let codes = codes.map(|c| c.trim_matches('"')).filter(|c| !c.is_empty());
            let mut organs = codes
                .map(|c| OrganCode::new(c).map_err(decode))
                .collect::<Result<Vec<_>, _>>()?;
            organs.sort_unstable();
            Ok(Series {
                papers: kind == 0,
                name,
                year,
                low: low as u32,
                high: high as u32,
                seen: seen as u64,
                organs,
            })
        };
        Ok(rows
            .into_iter()
            .map(row)
            .collect::<Result<_, sqlx::Error>>()?)
    }

    /// What is missing in a register between its lowest and its highest number, at most 500 gaps.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn number_gaps(&self, series: &Series) -> Result<Vec<NumberGap>, Error> {
        let rows: Vec<(i64, i64, i64, i64)> = sqlx::query_as(
            "SELECT low + 1, serial - 1, before, idx FROM (
                 SELECT serial, idx, lag(serial) OVER w AS low, lag(idx) OVER w AS before FROM (
                     SELECT serial, min(idx) AS idx FROM number WHERE kind = $1 AND series = $2 AND year = $3 GROUP BY serial)
                 WINDOW w AS (ORDER BY serial))
             WHERE serial > low + 1 ORDER BY serial LIMIT $4",
        )
        .bind(i64::from(!series.papers))
        .bind(&series.name)
        .bind(series.year)
        .bind(ROWS)
        .fetch_all(self.pool())
        .await?;
        let gap = |(from, to, before, after): (i64, i64, i64, i64)| NumberGap {
            from: from as u32,
            to: to as u32,
            before: before as u64,
            after: after as u64,
        };
        Ok(rows.into_iter().map(gap).collect())
    }

    /// Acts about the things and files of a case that name no case themselves, with the organ in whose name, oldest first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn loose_acts_of(
        &self,
        case: Pseudonym,
        limit: u32,
    ) -> Result<Vec<(u64, OrganCode)>, Error> {
        let rows: Vec<(i64, String)> = sqlx::query_as(
            "SELECT DISTINCT l.idx, og.text FROM object c JOIN event_object ec ON ec.object = c.id
                 JOIN event e ON e.idx = ec.idx AND e.act = 1
                 JOIN event_object eo ON eo.idx = e.idx
                 JOIN object o ON o.id = eo.object
                     AND o.type IN (SELECT id FROM term WHERE kind = 1 AND text IN ('item', 'file'))
                 JOIN event_object el ON el.object = o.id JOIN loose l ON l.idx = el.idx
                 JOIN event le ON le.idx = l.idx JOIN term og ON og.id = le.organ
             WHERE c.pseudonym = $1 ORDER BY l.idx LIMIT $2",
        )
        .bind(case.to_bytes().to_vec())
        .bind(limit)
        .fetch_all(self.pool())
        .await?;
        Ok(rows
            .into_iter()
            .map(|(idx, organ)| Ok((idx as u64, OrganCode::new(organ).map_err(decode)?)))
            .collect::<Result<_, sqlx::Error>>()?)
    }

    /// One act, for a list.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn seen(&self, index: u64) -> Result<Seen, Error> {
        Ok(self.seen_at(index as i64).await?)
    }

    async fn seen_at(&self, index: i64) -> Result<Seen, sqlx::Error> {
        let row: SeenTuple = sqlx::query_as(
            "SELECT e.idx, ac.text, e.occurred, og.text FROM event e JOIN term ac ON ac.id = e.activity
                 JOIN term og ON og.id = e.organ WHERE e.idx = $1",
        )
        .bind(index)
        .fetch_one(self.pool())
        .await?;
        seen(row)
    }
}
