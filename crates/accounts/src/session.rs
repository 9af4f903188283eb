//! Sessions: sign in, be recognised, sign out.

use model::{Micros, Pseudonym};

use crate::{
    Accounts, Who, lockout,
    store::{Secret, person, secret},
};

/// A session ends after half an hour without a request, µs.
pub const IDLE: i64 = 30 * 60 * 1_000_000;
/// And after twelve hours in any case, µs.
pub const ABSOLUTE: i64 = 12 * 60 * 60 * 1_000_000;
/// How exactly the last request is remembered, µs: a write a minute, not one a request.
const SEEN_STEP: i64 = 60 * 1_000_000;

/// A session that has begun.
#[derive(Clone)]
pub struct SignedIn {
    /// What the browser keeps; not stored here.
    pub token: String,
    /// Whose.
    pub who: Who,
}

impl std::fmt::Debug for SignedIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignedIn")
            .field("who", &self.who)
            .finish_non_exhaustive()
    }
}

/// Why somebody is not signed in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// Account or password.
    #[error("account or password is wrong")]
    Wrong,
    /// Too many failures.
    #[error("locked until {until}")]
    Locked {
        /// When it may be tried again.
        until: Micros,
    },
    /// Too many at once.
    #[error("too many sign-ins at once")]
    Busy,
    /// The database.
    #[error(transparent)]
    Store(#[from] sqlx::Error),
}

impl Accounts {
    /// Signs in. An account that does not exist answers like one with another password, after the same time.
    ///
    /// # Errors
    /// [`SignInError`].
    pub async fn sign_in(
        &self,
        account: &str,
        password: &str,
        now: Micros,
    ) -> Result<SignedIn, SignInError> {
        let who = self.check(account, password, now).await?;
        let Secret { text, hash } = secret();
        sqlx::query("INSERT INTO session (token, account, began, seen) VALUES ($1, $2, $3, $3)")
            .bind(hash)
            .bind(&who.account)
            .bind(now.get())
            .execute(&self.db)
            .await?;
        sqlx::query("DELETE FROM session WHERE seen < $1 OR began < $2")
            .bind(now.get() - IDLE)
            .bind(now.get() - ABSOLUTE)
            .execute(&self.db)
            .await?;
        lockout::sweep(&self.db, now).await?;
        Ok(SignedIn { token: text, who })
    }

    /// Checks a password with lock-out.
    pub(crate) async fn check(
        &self,
        account: &str,
        password: &str,
        now: Micros,
    ) -> Result<Who, SignInError> {
        if let Some(until) = lockout::locked(&self.db, account, now).await? {
            return Err(SignInError::Locked { until });
        }
        let locked = lockout::count(&self.db, account, now).await?;
        let row: Option<(String, Vec<u8>, Vec<u8>, bool)> =
            sqlx::query_as("SELECT name, person, hash, must_change FROM account WHERE name = $1")
                .bind(account)
                .fetch_optional(&self.db)
                .await?;
        let good = self
            .hasher
            .check(password, row.as_ref().map(|r| &r.2[..]))
            .await
            .map_err(|_| SignInError::Busy)?;
        match (row, locked) {
            (Some((account, p, _, must_change)), _) if good => {
                lockout::forget(&self.db, &account).await?;
                Ok(Who {
                    person: person(&p)?,
                    account,
                    must_change,
                })
            }
            (_, Some(until)) => Err(SignInError::Locked { until }),
            _ => Err(SignInError::Wrong),
        }
    }

    /// Whose session this is, if it is still one.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn session(&self, token: &str, now: Micros) -> Result<Option<Who>, sqlx::Error> {
        let Some(hash) = Secret::hash_of(token) else {
            return Ok(None);
        };
        let row: Option<(String, Vec<u8>, bool, i64)> = sqlx::query_as(
            "SELECT a.name, a.person, a.must_change, s.seen FROM session s JOIN account a ON a.name = s.account
             WHERE s.token = $1 AND s.seen > $2 AND s.began > $3",
        )
        .bind(&hash)
        .bind(now.get() - IDLE)
        .bind(now.get() - ABSOLUTE)
        .fetch_optional(&self.db)
        .await?;
        let Some((account, p, must_change, seen)) = row else {
            return Ok(None);
        };
        if now.get() - seen > SEEN_STEP {
            sqlx::query("UPDATE session SET seen = $2 WHERE token = $1")
                .bind(hash)
                .bind(now.get())
                .execute(&self.db)
                .await?;
        }
        Ok(Some(Who {
            person: person(&p)?,
            account,
            must_change,
        }))
    }

    /// Ends a session.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn sign_out(&self, token: &str) -> Result<(), sqlx::Error> {
        if let Some(hash) = Secret::hash_of(token) {
            sqlx::query("DELETE FROM session WHERE token = $1")
                .bind(hash)
                .execute(&self.db)
                .await?;
        }
        Ok(())
    }

    /// Ends all sessions and tokens of a person.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn end_all(&self, person: Pseudonym) -> Result<(), sqlx::Error> {
        for sql in [
            "DELETE FROM session WHERE account IN (SELECT name FROM account WHERE person = $1)",
            "DELETE FROM token WHERE account IN (SELECT name FROM account WHERE person = $1)",
        ] {
            sqlx::query(sql)
                .bind(&person.to_bytes()[..])
                .execute(&self.db)
                .await?;
        }
        Ok(())
    }
}
