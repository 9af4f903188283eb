//! Webhooks: whom to tell, the secret that signs, and what is still to be told.
//!
//! **Is not** history: that a hook was made or ended is an entry of the ledger, written by `office`; its secret and the state of
//! each delivery lie here, like tokens. Unlike a token the secret is needed to sign (HMAC), so it is kept itself and not as
//! a hash: the file is its owner's only, as it is for password hashes (`docs/adr/0015`). This module sends nothing.

use model::Micros;

use crate::{AccountError, Accounts, store::micros};

pub(crate) const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS hook (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account TEXT NOT NULL REFERENCES account (name) ON DELETE CASCADE,
    label TEXT NOT NULL,
    url TEXT NOT NULL,
    secret BLOB NOT NULL,
    what TEXT NOT NULL,
    cursor INTEGER NOT NULL,
    created INTEGER NOT NULL,
    ended INTEGER
) STRICT;
CREATE TABLE IF NOT EXISTS delivery (
    id TEXT NOT NULL PRIMARY KEY,
    hook INTEGER NOT NULL REFERENCES hook (id) ON DELETE CASCADE,
    payload TEXT NOT NULL,
    created INTEGER NOT NULL,
    began INTEGER NOT NULL,
    tries INTEGER NOT NULL,
    next INTEGER NOT NULL,
    state INTEGER NOT NULL,
    answer TEXT,
    tried INTEGER
) STRICT;
CREATE INDEX IF NOT EXISTS delivery_due ON delivery (hook, state, next);
";

/// Delivered ones are forgotten after so long, µs: 90 days. Until then the same thing is not told a second time.
const KEPT: i64 = 90 * 24 * 3600 * 1_000_000;

/// A hook, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hook {
    /// Number.
    pub id: i64,
    /// Account for which it listens: it is told what that account may see.
    pub account: String,
    /// What it was called.
    pub label: String,
    /// Where to.
    pub url: String,
    /// What it wants to be told, as its maker wrote it.
    pub what: String,
    /// Entries of the ledger below this one were looked at.
    pub cursor: u64,
    /// When it was made.
    pub created: Micros,
    /// When it ended.
    pub ended: Option<Micros>,
}

/// What became of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryState {
    /// Still to be sent.
    Waiting,
    /// The other side took it.
    Delivered,
    /// Given up: a dead letter.
    Dead,
}

impl DeliveryState {
    const fn number(self) -> i64 {
        match self {
            Self::Waiting => 0,
            Self::Delivered => 1,
            Self::Dead => 2,
        }
    }
}

/// Something to be told to one hook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Id of the message: the same in every try.
    pub id: String,
    /// The hook.
    pub hook: i64,
    /// The message, JSON. Empty once it was delivered.
    pub payload: String,
    /// When it was queued.
    pub created: Micros,
    /// Since when it is tried: later than `created` if it was sent again by hand.
    pub began: Micros,
    /// Tries so far.
    pub tries: u32,
    /// When it is tried next.
    pub next: Micros,
    /// What became of it.
    pub state: DeliveryState,
    /// What the last try met, in a word: `500`, `timeout`.
    pub answer: Option<String>,
    /// When it was tried last.
    pub tried: Option<Micros>,
}

/// How many deliveries of a hook stand how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HookCounts {
    /// Still to be sent.
    pub waiting: u64,
    /// Taken by the other side.
    pub delivered: u64,
    /// Dead letters.
    pub dead: u64,
}

type HookColumns = (i64, String, String, String, String, i64, i64, Option<i64>);
type Columns = (
    String,
    i64,
    String,
    i64,
    i64,
    i64,
    i64,
    i64,
    Option<String>,
    Option<i64>,
);

const DELIVERY: &str =
    "SELECT id, hook, payload, created, began, tries, next, state, answer, tried FROM delivery";

impl Accounts {
    /// Makes a hook of an account, which looks at the ledger from entry `cursor` on.
    ///
    /// # Errors
    /// [`AccountError::Unknown`], or those of the database.
    pub async fn new_hook(&self, hook: &Hook, secret: &[u8; 32]) -> Result<i64, AccountError> {
        self.account(&hook.account, hook.created)
            .await?
            .ok_or(AccountError::Unknown)?;
        let done = sqlx::query(
            "INSERT INTO hook (account, label, url, secret, what, cursor, created) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(&hook.account)
        .bind(&hook.label)
        .bind(&hook.url)
        .bind(&secret[..])
        .bind(&hook.what)
        .bind(number(hook.cursor))
        .bind(hook.created.get())
        .execute(&self.db)
        .await?;
        Ok(done.last_insert_rowid())
    }

    /// All hooks, those that ended too.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn hooks(&self) -> Result<Vec<Hook>, sqlx::Error> {
        let rows: Vec<HookColumns> = sqlx::query_as(
            "SELECT id, account, label, url, what, cursor, created, ended FROM hook ORDER BY id",
        )
        .fetch_all(&self.db)
        .await?;
        let hook = |(id, account, label, url, what, cursor, created, ended): HookColumns| {
            Ok(Hook {
                id,
                account,
                label,
                url,
                what,
                cursor: u64::try_from(cursor).unwrap_or(0),
                created: micros(created)?,
                ended: ended.map(micros).transpose()?,
            })
        };
        rows.into_iter().map(hook).collect()
    }

    /// What signs the messages of a hook that has not ended.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn hook_secret(&self, id: i64) -> Result<Option<Vec<u8>>, sqlx::Error> {
        sqlx::query_scalar("SELECT secret FROM hook WHERE id = $1 AND ended IS NULL")
            .bind(id)
            .fetch_optional(&self.db)
            .await
    }

    /// Ends a hook: its secret is forgotten, and what it was still to be told becomes a dead letter.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn end_hook(&self, id: i64, now: Micros) -> Result<bool, sqlx::Error> {
        let mut tx = self.db.begin().await?;
        let done =
            sqlx::query("UPDATE hook SET ended = $2, secret = x'' WHERE id = $1 AND ended IS NULL")
                .bind(id)
                .bind(now.get())
                .execute(&mut *tx)
                .await?;
        sqlx::query(
            "UPDATE delivery SET state = 2, answer = 'ended' WHERE hook = $1 AND state = 0",
        )
        .bind(id)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(done.rows_affected() > 0)
    }

    /// Queues messages for a hook and, where given, moves its cursor: both or neither. A message whose id is known already
    /// is left out. Answers how many are new.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn enqueue(
        &self,
        hook: i64,
        messages: &[(String, String)],
        cursor: Option<u64>,
        now: Micros,
    ) -> Result<u64, sqlx::Error> {
        let mut tx = self.db.begin().await?;
        let mut new = 0;
        for (id, payload) in messages {
            let done = sqlx::query(
                "INSERT INTO delivery (id, hook, payload, created, began, tries, next, state)
                 VALUES ($1, $2, $3, $4, $4, 0, $4, 0) ON CONFLICT DO NOTHING",
            )
            .bind(id)
            .bind(hook)
            .bind(payload)
            .bind(now.get())
            .execute(&mut *tx)
            .await?;
            new += done.rows_affected();
        }
        if let Some(cursor) = cursor {
            sqlx::query("UPDATE hook SET cursor = $2 WHERE id = $1 AND cursor < $2")
                .bind(hook)
                .bind(number(cursor))
                .execute(&mut *tx)
                .await?;
        }
        tx.commit().await?;
        Ok(new)
    }

    /// What is to be sent to a hook now, longest due first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn due(
        &self,
        hook: i64,
        now: Micros,
        limit: u32,
    ) -> Result<Vec<Delivery>, sqlx::Error> {
        let sql = format!(
            "{DELIVERY} WHERE hook = $1 AND state = 0 AND next <= $2 ORDER BY next, id LIMIT $3"
        );
        let rows: Vec<Columns> = sqlx::query_as(sqlx::AssertSqlSafe(sql))
            .bind(hook)
            .bind(now.get())
            .bind(limit)
            .fetch_all(&self.db)
            .await?;
        rows.into_iter().map(delivery).collect()
    }

    /// Deliveries in a state, newest first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn deliveries(
        &self,
        state: DeliveryState,
        limit: u32,
    ) -> Result<Vec<Delivery>, sqlx::Error> {
        let sql = format!("{DELIVERY} WHERE state = $1 ORDER BY created DESC, id LIMIT $2");
        let rows: Vec<Columns> = sqlx::query_as(sqlx::AssertSqlSafe(sql))
            .bind(state.number())
            .bind(limit)
            .fetch_all(&self.db)
            .await?;
        rows.into_iter().map(delivery).collect()
    }

    /// How many deliveries of a hook stand how.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn hook_counts(&self, hook: i64) -> Result<HookCounts, sqlx::Error> {
        let rows: Vec<(i64, i64)> =
            sqlx::query_as("SELECT state, count(*) FROM delivery WHERE hook = $1 GROUP BY state")
                .bind(hook)
                .fetch_all(&self.db)
                .await?;
        let mut counts = HookCounts::default();
        for (state, n) in rows {
            let n = u64::try_from(n).unwrap_or(0);
            match state {
                0 => counts.waiting = n,
                1 => counts.delivered = n,
                _ => counts.dead = n,
            }
        }
        Ok(counts)
    }

    /// The other side took it: only its id is kept, so that it is not told twice.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn delivered(&self, id: &str, answer: &str, now: Micros) -> Result<(), sqlx::Error> {
        sqlx::query(
            "UPDATE delivery SET state = 1, payload = '', tries = tries + 1, answer = $2, tried = $3 WHERE id = $1 AND state = 0",
        )
        .bind(id)
        .bind(answer)
        .bind(now.get())
        .execute(&self.db)
        .await?;
        Ok(())
    }

    /// Forgets what was delivered more than 90 days ago.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn forget_delivered(&self, now: Micros) -> Result<(), sqlx::Error> {
        sqlx::query("DELETE FROM delivery WHERE state = 1 AND tried < $1")
            .bind(now.get() - KEPT)
            .execute(&self.db)
            .await?;
        Ok(())
    }

    /// A try failed: again at `next`, or never again.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn not_delivered(
        &self,
        id: &str,
        answer: &str,
        next: Option<Micros>,
        now: Micros,
    ) -> Result<(), sqlx::Error> {
        let state = match next {
            Some(_) => DeliveryState::Waiting,
            None => DeliveryState::Dead,
        };
        sqlx::query(
            "UPDATE delivery SET state = $2, tries = tries + 1, answer = $3, tried = $4, next = $5 WHERE id = $1 AND state = 0",
        )
        .bind(id)
        .bind(state.number())
        .bind(answer)
        .bind(now.get())
        .bind(next.unwrap_or(now).get())
        .execute(&self.db)
        .await?;
        Ok(())
    }

    /// Sends a dead letter of a hook that has not ended once more, from the beginning and under its own id.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn send_again(&self, id: &str, now: Micros) -> Result<bool, sqlx::Error> {
        let done = sqlx::query(
            "UPDATE delivery SET state = 0, tries = 0, began = $2, next = $2
             WHERE id = $1 AND state = 2 AND hook IN (SELECT id FROM hook WHERE ended IS NULL)",
        )
        .bind(id)
        .bind(now.get())
        .execute(&self.db)
        .await?;
        Ok(done.rows_affected() > 0)
    }
}

fn number(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

fn delivery(row: Columns) -> Result<Delivery, sqlx::Error> {
    let (id, hook, payload, created, began, tries, next, state, answer, tried) = row;
    Ok(Delivery {
        id,
        hook,
        payload,
        created: micros(created)?,
        began: micros(began)?,
        tries: u32::try_from(tries).unwrap_or(u32::MAX),
        next: micros(next)?,
        state: match state {
            0 => DeliveryState::Waiting,
            1 => DeliveryState::Delivered,
            _ => DeliveryState::Dead,
        },
        answer,
        tried: tried.map(micros).transpose()?,
    })
}
