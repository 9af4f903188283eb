//! Ids seen so far, each with a number: in memory while they are few, in an unnamed temporary file when they are many.
//!
//! Not an index of a ledger; forgotten when the reading ends.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, params};

use crate::Cause;

/// Ids held in memory: about 20 MB with their table.
const IN_MEMORY: usize = 200_000;

#[derive(Default)]
pub(crate) struct Index {
    few: HashMap<Box<str>, u32>,
    many: Option<(Connection, tempfile::TempDir)>,
    most: Option<usize>,
}

impl Index {
    /// The number kept under `id`.
    pub(crate) fn get(&self, id: &str) -> Result<Option<u32>, Cause> {
        if let Some(number) = self.few.get(id) {
            return Ok(Some(*number));
        }
        let Some((db, _)) = &self.many else {
            return Ok(None);
        };
        let mut found = db
            .prepare_cached("SELECT number FROM ids WHERE id = ?1")
            .map_err(failed)?;
        found
            .query_row([id], |row| row.get(0))
            .optional()
            .map_err(failed)
    }

    /// Keeps `number` under `id` unless there is one already, and gives that one.
    pub(crate) fn insert(&mut self, id: &str, number: u32) -> Result<Option<u32>, Cause> {
        if let Some(before) = self.get(id)? {
            return Ok(Some(before));
        }
        self.put(id, number)?;
        Ok(None)
    }

    /// Keeps `number` under `id`, whatever was there.
    pub(crate) fn put(&mut self, id: &str, number: u32) -> Result<(), Cause> {
        if self.few.len() < self.most.unwrap_or(IN_MEMORY) || self.few.contains_key(id) {
            self.few.insert(id.into(), number);
            return Ok(());
        }
        if self.many.is_none() {
            let folder = tempfile::tempdir()?;
            let db = Connection::open(folder.path().join("ids")).map_err(failed)?;
            db.execute_batch(
                "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE; PRAGMA cache_size = -8000;
                 CREATE TABLE ids (id TEXT PRIMARY KEY, number INTEGER NOT NULL) STRICT, WITHOUT ROWID; BEGIN",
            )
            .map_err(failed)?;
            self.many = Some((db, folder));
        }
        let (db, _) = self.many.as_ref().expect("just made");
        let mut insert = db
            .prepare_cached("INSERT OR REPLACE INTO ids VALUES (?1, ?2)")
            .map_err(failed)?;
        insert.execute(params![id, number]).map_err(failed)?;
        Ok(())
    }
}

fn failed(e: rusqlite::Error) -> Cause {
    std::io::Error::other(format!("temporary index: {e}")).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_ids_are_found_again() {
        let mut index = Index {
            most: Some(10),
            ..Index::default()
        };
        for n in 0..100 {
            assert_eq!(index.insert(&format!("id{n}"), n).unwrap(), None);
        }
        for n in 0..100 {
            assert_eq!(
                index.insert(&format!("id{n}"), 7).unwrap(),
                Some(n),
                "id{n}"
            );
        }
        index.put("id3", 1000).unwrap();
        index.put("id99", 1001).unwrap();
        assert_eq!(
            (index.get("id3").unwrap(), index.get("id99").unwrap()),
            (Some(1000), Some(1001))
        );
        assert_eq!(index.get("id100").unwrap(), None);
    }
}
