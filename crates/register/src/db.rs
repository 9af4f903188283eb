//! Connections: one that writes, a few that read.

use std::{
    path::Path,
    sync::{Arc, RwLock},
    time::Duration,
};

use sqlx::{
    Connection, SqliteConnection, SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use crate::{Tree, Writer};

/// Layout of the tables; another number means: rebuild.
const VERSION: i64 = 3;

/// Readers at once. More do not help on the few cores that a node has, and each holds a cache.
const READERS: u32 = 4;

/// Where the register is kept.
#[derive(Clone, Debug)]
pub enum Db {
    /// A SQLite file.
    Sqlite(SqlitePool),
}

/// Why the register does not answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database.
    #[error("register: {0}")]
    Sql(#[from] sqlx::Error),
    /// Tables of another version of this program.
    #[error("the register has layout {found}, this program needs {VERSION}: rebuild it")]
    Layout {
        /// Found.
        found: i64,
    },
    /// Entries were given out of their order.
    #[error("entry {got} was given, {expected} is next")]
    Order {
        /// Given.
        got: u64,
        /// Next.
        expected: u64,
    },
    /// An entry says something that the office never writes.
    #[error("entry {index}: {reason}")]
    Entry {
        /// Which.
        index: u64,
        /// What is wrong.
        reason: String,
    },
}

/// The register, for reading. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Register {
    pub(crate) db: Db,
    pub(crate) tree: Arc<RwLock<Arc<Tree>>>,
}

impl Register {
    /// Opens the file or makes it, and gives the one writer.
    ///
    /// # Errors
    /// [`Error::Layout`] for tables of another version, or those of the database.
    pub async fn open(path: &Path) -> Result<(Self, Writer), Error> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // A power cut may lose the last transactions, never the file; what is lost is applied again.
            .synchronous(SqliteSynchronous::Normal)
            .busy_timeout(Duration::from_secs(10))
            .pragma("temp_store", "memory");
        let mut conn = SqliteConnection::connect_with(
            &options
                .clone()
                .pragma("cache_size", "-24576")
                .pragma("wal_autocheckpoint", "4000"),
        )
        .await?;
        let (tables,): (i64,) =
            sqlx::query_as("SELECT count(*) FROM sqlite_schema WHERE name = 'meta'")
                .fetch_one(&mut conn)
                .await?;
        if tables == 0 {
            let mut tx = conn.begin().await?;
            sqlx::raw_sql(include_str!("sqlite/schema.sql"))
                .execute(&mut *tx)
                .await?;
            sqlx::query("INSERT INTO meta (key, value) VALUES ('layout', $1), ('next', 0)")
                .bind(VERSION)
                .execute(&mut *tx)
                .await?;
            tx.commit().await?;
        }
        let (found,): (i64,) = sqlx::query_as("SELECT value FROM meta WHERE key = 'layout'")
            .fetch_one(&mut conn)
            .await?;
        if found != VERSION {
            return Err(Error::Layout { found });
        }
        let pool = SqlitePoolOptions::new()
            .max_connections(READERS)
            .min_connections(0)
            .idle_timeout(Duration::from_secs(60))
            .connect_with(
                options
                    .pragma("cache_size", "-4096")
                    .pragma("query_only", "true"),
            )
            .await?;
        let register = Self {
            db: Db::Sqlite(pool),
            tree: Arc::default(),
        };
        let writer = Writer::new(conn, Arc::clone(&register.tree)).await?;
        Ok((register, writer))
    }

    /// Closes the readers.
    pub async fn close(&self) {
        let Db::Sqlite(pool) = &self.db;
        pool.close().await;
    }

    pub(crate) fn pool(&self) -> &SqlitePool {
        let Db::Sqlite(pool) = &self.db;
        pool
    }

    /// The tree of organs as of the last entry applied.
    pub fn tree(&self) -> Arc<Tree> {
        Arc::clone(
            &self
                .tree
                .read()
                .unwrap_or_else(std::sync::PoisonError::into_inner),
        )
    }
}
