//! All tables as text, to compare a rebuilt register with the one before.

use std::fmt::Write as _;

use sqlx::{AssertSqlSafe, Column, Row, TypeInfo, ValueRef};

use crate::{Error, Register};

impl Register {
    /// Every row of every table, in the order of the keys. Grows with the register: for tests and small nodes; use
    /// [`Register::digest`] for large ones.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn dump(&self) -> Result<String, Error> {
        let mut out = String::new();
        self.each_row(|row| {
            out.push_str(row);
            out.push('\n');
        })
        .await?;
        Ok(out)
    }

    /// A hash over every row of every table, with the number of rows.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn digest(&self) -> Result<(u64, u128), Error> {
        // FNV-1a over 128 bits: no adversary here, only two runs of the same program.
        let (mut rows, mut hash) = (0, 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d_u128);
        self.each_row(|row| {
            rows += 1;
            for b in row.bytes().chain([b'\n']) {
                hash =
                    (hash ^ u128::from(b)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b);
            }
        })
        .await?;
        Ok((rows, hash))
    }

    async fn each_row(&self, mut each: impl FnMut(&str)) -> Result<(), Error> {
        let tables: Vec<(String,)> = sqlx::query_as("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name")
            .fetch_all(self.pool())
            .await?;
        for (table,) in tables {
            each(&format!("[{table}]"));
            let key: Vec<(String,)> =
                sqlx::query_as("SELECT name FROM pragma_table_info($1) WHERE pk > 0 ORDER BY pk")
                    .bind(&table)
                    .fetch_all(self.pool())
                    .await?;
            let key: Vec<String> = key.into_iter().map(|(column,)| column).collect();
            // Both names come from our own schema.
            let sql = format!(
                "SELECT * FROM {table} ORDER BY {} LIMIT $1 OFFSET $2",
                key.join(", ")
            );
            const AT_ONCE: i64 = 10_000;
            for piece in 0.. {
                let rows = sqlx::query(AssertSqlSafe(sql.as_str()))
                    .bind(AT_ONCE)
                    .bind(piece * AT_ONCE)
                    .fetch_all(self.pool())
                    .await?;
                for row in &rows {
                    each(&line(row)?);
                }
                if (rows.len() as i64) < AT_ONCE {
                    break;
                }
            }
        }
        Ok(())
    }
}

fn line(row: &sqlx::sqlite::SqliteRow) -> Result<String, sqlx::Error> {
    let mut out = String::new();
    for column in row.columns() {
        let at = column.ordinal();
        let value = row.try_get_raw(at)?;
        if at > 0 {
            out.push('|');
        }
        let kind = value.type_info().name().to_owned();
        match kind.as_str() {
            _ if value.is_null() => out.push('-'),
            "INTEGER" => write!(out, "{}", row.try_get::<i64, _>(at)?).expect("a string takes all"),
            "BLOB" => row
                .try_get::<Vec<u8>, _>(at)?
                .iter()
                .for_each(|b| write!(out, "{b:02x}").expect("a string takes all")),
            _ => write!(out, "{:?}", row.try_get::<String, _>(at)?).expect("a string takes all"),
        }
    }
    Ok(out)
}
