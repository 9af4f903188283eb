//! What must wait until a file's head can be written: in unnamed temporary files, in the order of arrival or sorted.

use std::{
    fs::File,
    io::{self, BufWriter, Seek, SeekFrom, Write},
};

use rusqlite::{Connection, params};

use crate::WriteError;

/// Text in the order of arrival.
pub(crate) struct Spool(BufWriter<File>);

impl Spool {
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self(BufWriter::with_capacity(
            256 << 10,
            tempfile::tempfile()?,
        )))
    }

    pub(crate) fn copy_to(self, out: &mut dyn Write) -> io::Result<()> {
        let mut file = self.0.into_inner().map_err(|e| e.into_error())?;
        file.seek(SeekFrom::Start(0))?;
        io::copy(&mut file, out).map(drop)
    }

    /// From the beginning.
    pub(crate) fn into_reader(self) -> io::Result<io::BufReader<File>> {
        let mut file = self.0.into_inner().map_err(|e| e.into_error())?;
        file.seek(SeekFrom::Start(0))?;
        Ok(io::BufReader::with_capacity(256 << 10, file))
    }
}

impl Write for Spool {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Pieces with a number each, given back by number, those of the same number in the order of arrival. And ids with the
/// last number given to each. SQLite sorts in temporary files.
pub(crate) struct Sorter {
    db: Connection,
    _folder: tempfile::TempDir,
    next: i64,
    last: Option<(String, i64)>,
}

impl Sorter {
    pub(crate) fn new() -> Result<Self, WriteError> {
        let folder = tempfile::tempdir()?;
        let db = Connection::open(folder.path().join("pieces"))?;
        db.execute_batch(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE; PRAGMA cache_size = -8000;
             PRAGMA temp_store = FILE;
             CREATE TABLE pieces (number INTEGER NOT NULL, piece BLOB NOT NULL);
             CREATE TABLE ids (id TEXT PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID; BEGIN",
        )?;
        Ok(Self {
            db,
            _folder: folder,
            next: 0,
            last: None,
        })
    }

    pub(crate) fn push(&mut self, number: i64, piece: &[u8]) -> Result<(), WriteError> {
        self.db
            .prepare_cached("INSERT INTO pieces VALUES (?1, ?2)")?
            .execute(params![number, piece])?;
        Ok(())
    }

    /// The number of `id`; the next one, and true, if it has none yet.
    pub(crate) fn number(&mut self, id: &str) -> Result<(i64, bool), WriteError> {
        if let Some((last, number)) = &self.last
            && last == id
        {
            return Ok((*number, false));
        }
        let found: Option<i64> = {
            let mut select = self
                .db
                .prepare_cached("SELECT number FROM ids WHERE id = ?1")?;
            let mut rows = select.query([id])?;
            rows.next()?.map(|row| row.get(0)).transpose()?
        };
        if let Some(number) = found {
            self.last = Some((id.to_owned(), number));
            return Ok((number, false));
        }
        Ok((self.renumber(id)?, true))
    }

    /// Gives `id` the next number, whatever it had.
    pub(crate) fn renumber(&mut self, id: &str) -> Result<i64, WriteError> {
        let number = self.next;
        self.next += 1;
        self.db
            .prepare_cached("INSERT OR REPLACE INTO ids VALUES (?1, ?2)")?
            .execute(params![id, number])?;
        self.last = Some((id.to_owned(), number));
        Ok(number)
    }

    /// Every piece, sorted.
    pub(crate) fn each(
        &self,
        mut each: impl FnMut(i64, &[u8]) -> Result<(), WriteError>,
    ) -> Result<(), WriteError> {
        let mut select = self
            .db
            .prepare("SELECT number, piece FROM pieces ORDER BY number, rowid")?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            each(
                row.get(0)?,
                row.get_ref(1)?
                    .as_blob()
                    .map_err(|e| WriteError::Sqlite(e.to_string()))?,
            )?;
        }
        Ok(())
    }
}
