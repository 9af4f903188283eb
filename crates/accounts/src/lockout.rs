//! Lock-out by account: five failures lock for fifteen minutes, each further one for twice as long, a day at most.
//!
//! Names that no account has are counted like all others, so that a lock does not tell which accounts there are.

use model::Micros;
use sha2::{Digest, Sha256};
use sqlx::SqlitePool;

const FREE: i64 = 5;
const FIRST: i64 = 15 * 60 * 1_000_000;
const LONGEST: i64 = 24 * 60 * 60 * 1_000_000;
/// Failures are forgotten a day after the last one.
const FORGET: i64 = 24 * 60 * 60 * 1_000_000;
/// Rows kept at most: a flood of made-up names must not fill the disk.
const ROWS: i64 = 100_000;

fn who(account: &str) -> Vec<u8> {
    Sha256::digest(account.to_lowercase().as_bytes()).to_vec()
}

/// Until when a name is locked.
pub(crate) async fn locked(
    db: &SqlitePool,
    account: &str,
    now: Micros,
) -> Result<Option<Micros>, sqlx::Error> {
    let until: Option<(i64,)> =
        sqlx::query_as("SELECT until FROM failure WHERE who = $1 AND until > $2")
            .bind(who(account))
            .bind(now.get())
            .fetch_optional(db)
            .await?;
    Ok(until.and_then(|(t,)| Micros::new(t).ok()))
}

/// Counts a try as a failure before it is made: tries side by side cannot get more than the free ones.
/// Answers until when the name is locked if that was one too many.
pub(crate) async fn count(
    db: &SqlitePool,
    account: &str,
    now: Micros,
) -> Result<Option<Micros>, sqlx::Error> {
    let (tries,): (i64,) = sqlx::query_as(
        "INSERT INTO failure (who, tries, until, last) VALUES ($1, 1, 0, $2)
         ON CONFLICT (who) DO UPDATE SET tries = CASE WHEN last < $3 THEN 1 ELSE tries + 1 END, last = $2
         RETURNING tries",
    )
    .bind(who(account))
    .bind(now.get())
    .bind(now.get().saturating_sub(FORGET))
    .fetch_one(db)
    .await?;
    if tries < FREE {
        return Ok(None);
    }
    let doubled = u32::try_from(tries - FREE).unwrap_or(30).min(30);
    let until = now
        .get()
        .saturating_add((FIRST << doubled.min(7)).min(LONGEST));
    sqlx::query("UPDATE failure SET until = $2 WHERE who = $1")
        .bind(who(account))
        .bind(until)
        .execute(db)
        .await?;
    Ok(Micros::new(until).ok())
}

/// Forgets the failures of a name.
pub(crate) async fn forget(db: &SqlitePool, account: &str) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM failure WHERE who = $1")
        .bind(who(account))
        .execute(db)
        .await?;
    Ok(())
}

/// Drops what is forgotten anyway, and the oldest beyond the bound.
pub(crate) async fn sweep(db: &SqlitePool, now: Micros) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM failure WHERE last < $1 AND until < $2")
        .bind(now.get().saturating_sub(FORGET))
        .bind(now.get())
        .execute(db)
        .await?;
    sqlx::query("DELETE FROM failure WHERE who IN (SELECT who FROM failure ORDER BY last DESC LIMIT -1 OFFSET $1)")
        .bind(ROWS)
        .execute(db)
        .await?;
    Ok(())
}
