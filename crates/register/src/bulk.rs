//! Many rows in one statement: a statement costs tens of microseconds, a row in it two.

use std::{
    collections::HashMap,
    sync::{LazyLock, Mutex},
};

use sqlx::{Sqlite, SqliteConnection, query::Query, sqlite::SqliteArguments};

/// Rows of a full statement. Eight columns of it stay far below SQLite's 32,766 variables.
const ROWS: usize = 256;

/// Text of an insert of `rows` rows. Each is made once; there are two for each table.
fn text(head: &'static str, columns: usize, rows: usize, tail: &'static str) -> &'static str {
    type Key = (&'static str, usize);
    static MADE: LazyLock<Mutex<HashMap<Key, &'static str>>> = LazyLock::new(Mutex::default);
    let mut made = MADE
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    made.entry((head, rows)).or_insert_with(|| {
        let mut sql = format!("{head} VALUES ");
        for row in 0..rows {
            sql.push_str(if row == 0 { "(" } else { ", (" });
            for column in 0..columns {
                // Without numbers: SQLite finds a named variable by going through all of them, for each of them.
                sql.push_str(if column == 0 { "?" } else { ", ?" });
            }
            sql.push(')');
        }
        sql.push(' ');
        sql.push_str(tail);
        sql.leak()
    })
}

/// A query with the arguments bound so far.
pub(crate) type Bound<'q> = Query<'q, Sqlite, SqliteArguments>;

/// Inserts rows, [`ROWS`] at a time; `bind` binds the `columns` values of one.
pub(crate) async fn insert<T>(
    conn: &mut SqliteConnection,
    head: &'static str,
    columns: usize,
    tail: &'static str,
    rows: &[T],
    bind: impl for<'q> Fn(Bound<'q>, &T) -> Bound<'q>,
) -> Result<(), sqlx::Error> {
    let full = rows.chunks_exact(ROWS);
    let rest = full.remainder();
    for chunk in full {
        let query = sqlx::query(text(head, columns, ROWS, tail));
        chunk.iter().fold(query, &bind).execute(&mut *conn).await?;
    }
    for row in rest {
        bind(sqlx::query(text(head, columns, 1, tail)), row)
            .execute(&mut *conn)
            .await?;
    }
    Ok(())
}
