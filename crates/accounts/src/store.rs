//! The database of accounts: a SQLite file of its own, readable by its owner only.

use std::{path::Path, str::FromStr, time::Duration};

use model::{Micros, Pseudonym};
use sha2::{Digest, Sha256};
use sqlx::{
    SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use crate::{SignInError, Weak, check_strength, lockout, password::Hasher};

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS account (
    name TEXT NOT NULL PRIMARY KEY,
    person BLOB NOT NULL UNIQUE,
    hash BLOB NOT NULL,
    must_change INTEGER NOT NULL,
    created INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS session (
    token BLOB NOT NULL PRIMARY KEY,
    account TEXT NOT NULL REFERENCES account (name) ON DELETE CASCADE,
    began INTEGER NOT NULL,
    seen INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS token (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    hash BLOB NOT NULL UNIQUE,
    account TEXT NOT NULL REFERENCES account (name) ON DELETE CASCADE,
    label TEXT NOT NULL,
    created INTEGER NOT NULL,
    expires INTEGER
) STRICT;
CREATE TABLE IF NOT EXISTS failure (
    who BLOB NOT NULL PRIMARY KEY,
    tries INTEGER NOT NULL,
    until INTEGER NOT NULL,
    last INTEGER NOT NULL
) STRICT;
";

/// The accounts of a node. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Accounts {
    pub(crate) db: SqlitePool,
    pub(crate) hasher: std::sync::Arc<Hasher>,
}

/// Whom a session or a token speaks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Who {
    /// Account.
    pub account: String,
    /// Person.
    pub person: Pseudonym,
    /// The password was set by somebody else.
    pub must_change: bool,
}

/// An account, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Name.
    pub name: String,
    /// Person.
    pub person: Pseudonym,
    /// The password was set by somebody else.
    pub must_change: bool,
    /// When it was made.
    pub created: Micros,
    /// Locked until.
    pub locked: Option<Micros>,
}

/// Why an account was not made or changed.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// The name or the person has one.
    #[error("the account exists, or the person has one")]
    Taken,
    /// No such account.
    #[error("no such account")]
    Unknown,
    /// Not a name of an account.
    #[error("an account is 2 to 64 characters: letters, digits, `.`, `-`, `_`, `@`")]
    Name,
    /// The password.
    #[error(transparent)]
    Weak(#[from] Weak),
    /// The old password is wrong, locked, or too many at once.
    #[error(transparent)]
    SignIn(#[from] SignInError),
    /// The database.
    #[error(transparent)]
    Store(#[from] sqlx::Error),
}

impl Accounts {
    /// Opens the file, or makes it with mode 0600. The log and index files that SQLite puts beside it get the same mode.
    ///
    /// # Errors
    /// Those of the file and of the database.
    pub async fn open(path: &Path) -> Result<Self, sqlx::Error> {
        private_file(path)?;
        let url = SqliteConnectOptions::from_str("sqlite:")?
            .filename(path)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(10))
            .foreign_keys(true)
            .pragma("cache_size", "-1024");
        let db = SqlitePoolOptions::new()
            .max_connections(4)
            .connect_with(url)
            .await?;
        sqlx::raw_sql(SCHEMA).execute(&db).await?;
        sqlx::raw_sql(crate::hook::SCHEMA).execute(&db).await?;
        Ok(Self {
            db,
            hasher: std::sync::Arc::new(Hasher::new()),
        })
    }

    /// Closes the file.
    pub async fn close(&self) {
        self.db.close().await;
    }

    /// Makes an account.
    ///
    /// # Errors
    /// [`AccountError`].
    pub async fn add(
        &self,
        name: &str,
        person: Pseudonym,
        password: &str,
        must_change: bool,
        now: Micros,
    ) -> Result<(), AccountError> {
        let good = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '@');
        if !(2..=64).contains(&name.chars().count()) || !name.chars().all(good) {
            return Err(AccountError::Name);
        }
        check_strength(name, password)?;
        let hash = self
            .hasher
            .make(password)
            .await
            .map_err(|_| SignInError::Busy)?;
        let done = sqlx::query(
            "INSERT INTO account (name, person, hash, must_change, created) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
        )
        .bind(name)
        .bind(&person.to_bytes()[..])
        .bind(hash)
        .bind(must_change)
        .bind(now.get())
        .execute(&self.db)
        .await?;
        if done.rows_affected() == 0 {
            Err(AccountError::Taken)
        } else {
            Ok(())
        }
    }

    /// Gives an account another password, ends its sessions and its lock.
    ///
    /// # Errors
    /// [`AccountError`].
    pub async fn reset(&self, name: &str, password: &str) -> Result<(), AccountError> {
        check_strength(name, password)?;
        self.set(name, password, true, None).await?;
        Ok(lockout::forget(&self.db, name).await?)
    }

    /// Changes one's own password; other sessions than `keep` end.
    ///
    /// # Errors
    /// [`AccountError`]; a wrong old password counts like a failure to sign in.
    pub async fn change(
        &self,
        name: &str,
        old: &str,
        new: &str,
        keep: &str,
        now: Micros,
    ) -> Result<(), AccountError> {
        self.check(name, old, now).await?;
        check_strength(name, new)?;
        self.set(name, new, false, Secret::hash_of(keep)).await
    }

    async fn set(
        &self,
        name: &str,
        password: &str,
        must_change: bool,
        keep: Option<Vec<u8>>,
    ) -> Result<(), AccountError> {
        let hash = self
            .hasher
            .make(password)
            .await
            .map_err(|_| SignInError::Busy)?;
        let done = sqlx::query("UPDATE account SET hash = $2, must_change = $3 WHERE name = $1")
            .bind(name)
            .bind(hash)
            .bind(must_change)
            .execute(&self.db)
            .await?;
        if done.rows_affected() == 0 {
            return Err(AccountError::Unknown);
        }
        sqlx::query("DELETE FROM session WHERE account = $1 AND token <> $2")
            .bind(name)
            .bind(keep.unwrap_or_default())
            .execute(&self.db)
            .await?;
        Ok(())
    }

    /// Lifts a lock.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn unlock(&self, name: &str) -> Result<(), sqlx::Error> {
        lockout::forget(&self.db, name).await
    }

    /// One account.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn account(&self, name: &str, now: Micros) -> Result<Option<Account>, sqlx::Error> {
        Ok(self
            .accounts(now)
            .await?
            .into_iter()
            .find(|a| a.name == name))
    }

    /// All accounts, by name.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn accounts(&self, now: Micros) -> Result<Vec<Account>, sqlx::Error> {
        let rows: Vec<(String, Vec<u8>, bool, i64)> =
            sqlx::query_as("SELECT name, person, must_change, created FROM account ORDER BY name")
                .fetch_all(&self.db)
                .await?;
        let mut out = Vec::with_capacity(rows.len());
        for (name, p, must_change, created) in rows {
            let locked = lockout::locked(&self.db, &name, now).await?;
            out.push(Account {
                person: person(&p)?,
                must_change,
                created: micros(created)?,
                locked,
                name,
            });
        }
        Ok(out)
    }

    /// Name of the account of each of these people.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn names(&self) -> Result<std::collections::HashMap<Pseudonym, String>, sqlx::Error> {
        let rows: Vec<(String, Vec<u8>)> = sqlx::query_as("SELECT name, person FROM account")
            .fetch_all(&self.db)
            .await?;
        rows.into_iter()
            .map(|(name, p)| Ok((person(&p)?, name)))
            .collect()
    }
}

/// A secret and what is stored of it.
pub(crate) struct Secret {
    pub(crate) text: String,
    pub(crate) hash: Vec<u8>,
}

impl Secret {
    /// What is stored of a text, if it can be a secret at all.
    pub(crate) fn hash_of(text: &str) -> Option<Vec<u8>> {
        (text.len() == 64).then(|| Sha256::digest(text.as_bytes()).to_vec())
    }
}

/// 256 random bits.
pub(crate) fn secret() -> Secret {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).expect("a system without randomness cannot run a node");
    let text = model::hex(&bytes);
    let hash = Secret::hash_of(&text).expect("64 characters");
    Secret { text, hash }
}

pub(crate) fn person(bytes: &[u8]) -> Result<Pseudonym, sqlx::Error> {
    Pseudonym::from_bytes(bytes).map_err(|e| sqlx::Error::Decode(Box::new(e)))
}

pub(crate) fn micros(t: i64) -> Result<Micros, sqlx::Error> {
    Micros::new(t).map_err(|e| sqlx::Error::Decode(Box::new(e)))
}

fn private_file(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
    let file = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(path)?;
    let mode = file.metadata()?.permissions().mode();
    if mode & 0o077 != 0 {
        file.set_permissions(std::fs::Permissions::from_mode(0o600))?;
    }
    Ok(())
}
