//! The file system as the log needs it, so that tests can put one in its place that fails, tears and forgets.
//!
//! Paths are relative to the directory of the log, parts separated by `/`. Not a general abstraction over storage: object
//! stores promise other things (no rename, conditional puts) and get their own write path.

use std::{
    any::Any,
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    sync::Arc,
};

/// A directory tree on a disk.
pub trait Store: Send + Sync {
    /// Creates a directory and those above it.
    fn create_dir(&self, dir: &str) -> io::Result<()>;
    /// Opens a file to read and write in place; to read only, where more is not allowed.
    fn open(&self, path: &str) -> io::Result<Arc<dyn StoreFile>>;
    /// Creates a file that must not exist.
    fn create(&self, path: &str) -> io::Result<Arc<dyn StoreFile>>;
    /// The whole file.
    fn read(&self, path: &str) -> io::Result<Vec<u8>>;
    /// Renames, replacing what stood there.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;
    /// Removes a file.
    fn remove(&self, path: &str) -> io::Result<()>;
    /// Makes the names in a directory durable.
    fn sync_dir(&self, dir: &str) -> io::Result<()>;
    /// Makes everything written so far durable, names included.
    fn sync_all(&self) -> io::Result<()>;
    /// Names in a directory, sorted; empty if there is no such directory.
    fn list(&self, dir: &str) -> io::Result<Vec<String>>;
    /// Takes the lock of the tree until the guard is dropped; `WouldBlock` if another holds it.
    fn lock(&self, path: &str) -> io::Result<Box<dyn Any + Send + Sync>>;
}

/// An open file.
pub trait StoreFile: Send + Sync {
    /// Writes all of `bytes` at `offset`.
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()>;
    /// Reads exactly `bytes.len()` bytes at `offset`.
    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<()>;
    /// Makes the content durable (`fdatasync`).
    fn sync(&self) -> io::Result<()>;
    /// Bytes of the file.
    fn size(&self) -> io::Result<u64>;
}

impl dyn Store + '_ {
    /// Puts a small file in place so that a reader sees the old or the new one whole, and a crash keeps one of them.
    pub(crate) fn replace(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        let (dir, _) = path.rsplit_once('/').unwrap_or((".", path));
        let temp = format!("{path}.new");
        match self.remove(&temp) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
            _ => {}
        }
        let file = self.create(&temp)?;
        file.write_at(bytes, 0)?;
        file.sync()?;
        self.rename(&temp, path)?;
        self.sync_dir(dir)
    }

    /// The whole file, or `None` if there is none.
    pub(crate) fn read_if_there(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        match self.read(path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(e),
        }
    }
}

/// A directory of the local file system.
#[derive(Clone, Debug)]
pub struct Disk {
    root: PathBuf,
}

impl Disk {
    /// The directory; it need not exist yet.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    fn at(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }
}

impl Store for Disk {
    fn create_dir(&self, dir: &str) -> io::Result<()> {
        fs::create_dir_all(self.at(dir))
    }

    fn open(&self, path: &str) -> io::Result<Arc<dyn StoreFile>> {
        let path = self.at(path);
        let file = match OpenOptions::new().read(true).write(true).open(&path) {
            // An auditor may read and not write.
            Err(e) if e.kind() == io::ErrorKind::PermissionDenied => File::open(&path)?,
            other => other?,
        };
        Ok(Arc::new(DiskFile(file)))
    }

    fn create(&self, path: &str) -> io::Result<Arc<dyn StoreFile>> {
        let open = || {
            OpenOptions::new()
                .read(true)
                .write(true)
                .create_new(true)
                .open(self.at(path))
        };
        let file = match open() {
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                if let Some(dir) = Path::new(path).parent() {
                    fs::create_dir_all(self.root.join(dir))?;
                }
                open()?
            }
            other => other?,
        };
        Ok(Arc::new(DiskFile(file)))
    }

    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        fs::read(self.at(path))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        fs::rename(self.at(from), self.at(to))
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        fs::remove_file(self.at(path))
    }

    fn sync_dir(&self, dir: &str) -> io::Result<()> {
        File::open(self.at(dir))?.sync_all()
    }

    fn sync_all(&self) -> io::Result<()> {
        // One call for a whole round of tiles: syncing them one by one costs a journal commit each.
        rustix::fs::syncfs(File::open(&self.root)?).map_err(io::Error::from)
    }

    fn list(&self, dir: &str) -> io::Result<Vec<String>> {
        let entries = match fs::read_dir(self.at(dir)) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            other => other?,
        };
        let mut names = Vec::new();
        for entry in entries {
            if let Ok(name) = entry?.file_name().into_string() {
                names.push(name);
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    fn lock(&self, path: &str) -> io::Result<Box<dyn Any + Send + Sync>> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(self.at(path))?;
        match file.try_lock() {
            Ok(()) => Ok(Box::new(file)),
            Err(fs::TryLockError::WouldBlock) => Err(io::ErrorKind::WouldBlock.into()),
            Err(fs::TryLockError::Error(e)) => Err(e),
        }
    }
}

struct DiskFile(File);

impl StoreFile for DiskFile {
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.0.write_all_at(bytes, offset)
    }

    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<()> {
        self.0.read_exact_at(bytes, offset)
    }

    fn sync(&self) -> io::Result<()> {
        self.0.sync_data()
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.0.metadata()?.len())
    }
}
