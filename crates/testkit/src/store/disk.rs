//! A disk in memory that remembers what was never synced.

use std::{
    any::Any,
    collections::{BTreeMap, BTreeSet},
    io,
    sync::{Arc, Mutex, MutexGuard},
};

use ledger::store::{Store, StoreFile};

use super::Rng;

const PAGE: usize = 4096;
const SECTOR: usize = 512;
static ZEROS: [u8; PAGE] = [0; PAGE];

/// The disk. Clones are the same one; a handle that was opened before a power cut or a kill fails afterwards, as that of
/// a dead process does.
#[derive(Clone)]
pub struct SimDisk {
    world: Arc<Mutex<World>>,
    /// The process that this handle belongs to.
    process: u64,
}

#[derive(Default)]
struct World {
    files: Vec<Inode>,
    /// What the process sees: files and directories.
    names: BTreeMap<String, usize>,
    dirs: BTreeSet<String>,
    /// What is on the platter.
    disk_names: BTreeMap<String, usize>,
    disk_dirs: BTreeSet<String>,
    /// By directory: changes of names since it was last synced, in order.
    unsynced: BTreeMap<String, Vec<NameOp>>,
    locks: BTreeMap<String, u64>,
    capacity: Option<u64>,
    failing_syncs: bool,
    process: u64,
}

#[derive(Clone)]
enum NameOp {
    Dir(String),
    Link(String, usize),
    Unlink(String),
    Rename(String, String),
}

#[derive(Default)]
struct Inode {
    pages: Vec<Page>,
    len: u64,
    disk_len: u64,
    dirty: BTreeSet<usize>,
}

/// `None` is zeros.
#[derive(Clone, Default)]
struct Page {
    now: Option<Arc<[u8; PAGE]>>,
    disk: Option<Arc<[u8; PAGE]>>,
}

fn bytes_of(page: &Option<Arc<[u8; PAGE]>>) -> &[u8; PAGE] {
    page.as_deref().unwrap_or(&ZEROS)
}

fn page_of(bytes: &[u8]) -> Option<Arc<[u8; PAGE]>> {
    (bytes != ZEROS).then(|| Arc::new(bytes.try_into().expect("a page")))
}

fn parent(path: &str) -> String {
    path.rsplit_once('/').map_or(".", |(dir, _)| dir).to_owned()
}

impl Inode {
    fn write(&mut self, bytes: &[u8], offset: u64) {
        let mut at = usize::try_from(offset).expect("a test's file");
        let mut bytes = bytes;
        while !bytes.is_empty() {
            let (page, from) = (at / PAGE, at % PAGE);
            let n = bytes.len().min(PAGE - from);
            if self.pages.len() <= page {
                self.pages.resize(page + 1, Page::default());
            }
            let slot = &mut self.pages[page];
            let is_on_disk = bytes_of(&slot.disk)[from..from + n] == bytes[..n];
            if !is_on_disk {
                self.dirty.insert(page);
            }
            if bytes_of(&slot.now)[from..from + n] != bytes[..n] {
                let mut new = *bytes_of(&slot.now);
                new[from..from + n].copy_from_slice(&bytes[..n]);
                slot.now = page_of(&new);
                self.dirty.insert(page);
            }
            at += n;
            bytes = &bytes[n..];
        }
        self.len = self.len.max(at as u64);
    }

    fn read(&self, bytes: &mut [u8], offset: u64) -> io::Result<()> {
        if offset + bytes.len() as u64 > self.len {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mut at = usize::try_from(offset).expect("a test's file");
        let mut done = 0;
        while done < bytes.len() {
            let (page, from) = (at / PAGE, at % PAGE);
            let n = (bytes.len() - done).min(PAGE - from);
            let content = self.pages.get(page).map_or(&ZEROS, |p| bytes_of(&p.now));
            bytes[done..done + n].copy_from_slice(&content[from..from + n]);
            at += n;
            done += n;
        }
        Ok(())
    }

    fn whole(&self) -> Vec<u8> {
        let mut bytes = vec![0; usize::try_from(self.len).expect("a test's file")];
        self.read(&mut bytes, 0).expect("inside the file");
        bytes
    }

    fn sync(&mut self) {
        for page in std::mem::take(&mut self.dirty) {
            self.pages[page].disk = self.pages[page].now.clone();
        }
        self.disk_len = self.len;
    }

    /// Keeps or drops each unsynced sector and the unsynced length.
    fn lose(&mut self, keep: &mut impl FnMut() -> bool) {
        let mut changed = false;
        // Clean in the cache and other on the disk: a flush that failed.
        for (n, slot) in self.pages.iter_mut().enumerate() {
            if !self.dirty.contains(&n) {
                slot.now = slot.disk.clone();
            }
        }
        for page in std::mem::take(&mut self.dirty) {
            let slot = &mut self.pages[page];
            let (new, mut mixed) = (*bytes_of(&slot.now), *bytes_of(&slot.disk));
            for at in (0..PAGE).step_by(SECTOR) {
                if keep() {
                    mixed[at..at + SECTOR].copy_from_slice(&new[at..at + SECTOR]);
                    changed = true;
                }
            }
            slot.now = page_of(&mixed);
            slot.disk = slot.now.clone();
        }
        if self.len != self.disk_len && (changed || keep()) {
            self.disk_len = self.len;
        }
        self.len = self.disk_len;
        let len = usize::try_from(self.len).expect("a test's file");
        self.pages.truncate(len.div_ceil(PAGE));
        if let Some(last) = self.pages.last_mut().filter(|_| len % PAGE != 0) {
            let mut bytes = *bytes_of(&last.now);
            bytes[len % PAGE..].fill(0);
            last.now = page_of(&bytes);
            last.disk = last.now.clone();
        }
    }
}

impl World {
    fn apply(names: &mut BTreeMap<String, usize>, dirs: &mut BTreeSet<String>, op: NameOp) {
        match op {
            NameOp::Dir(dir) => {
                dirs.insert(dir);
            }
            NameOp::Link(path, inode) => {
                names.insert(path, inode);
            }
            NameOp::Unlink(path) => {
                names.remove(&path);
            }
            NameOp::Rename(from, to) => {
                if let Some(inode) = names.remove(&from) {
                    names.insert(to, inode);
                }
            }
        }
    }

    fn change(&mut self, dir: String, op: NameOp) {
        Self::apply(&mut self.names, &mut self.dirs, op.clone());
        self.unsynced.entry(dir).or_default().push(op);
    }

    fn make_dirs(&mut self, dir: &str) {
        if dir == "." || self.dirs.contains(dir) {
            return;
        }
        let above = parent(dir);
        self.make_dirs(&above);
        self.change(above, NameOp::Dir(dir.to_owned()));
    }

    fn sync_names(&mut self, dir: &str) {
        for op in self.unsynced.remove(dir).unwrap_or_default() {
            Self::apply(&mut self.disk_names, &mut self.disk_dirs, op);
        }
    }

    fn inode(&self, path: &str) -> io::Result<usize> {
        self.names
            .get(path)
            .copied()
            .ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn used(&self) -> u64 {
        self.names.values().map(|i| self.files[*i].len).sum()
    }

    fn forget_process(&mut self) {
        self.process += 1;
        self.locks.clear();
    }
}

impl Default for SimDisk {
    fn default() -> Self {
        Self::new()
    }
}

impl SimDisk {
    /// An empty disk without an end.
    pub fn new() -> Self {
        Self {
            world: Arc::default(),
            process: 0,
        }
    }

    fn any(&self) -> MutexGuard<'_, World> {
        self.world.lock().expect("no holder of this lock panics")
    }

    fn world(&self) -> io::Result<MutexGuard<'_, World>> {
        let world = self.any();
        if world.process == self.process {
            Ok(world)
        } else {
            Err(io::Error::other("the process of this handle is dead"))
        }
    }

    /// The process is killed: everything that it wrote stays, synced or not; its locks and handles go. Gives a handle for
    /// the next one.
    pub fn kill(&self) -> Self {
        let mut world = self.any();
        world.forget_process();
        Self {
            world: Arc::clone(&self.world),
            process: world.process,
        }
    }

    /// The power goes: of what was not synced each sector, each length and, directory by directory, a first part of the
    /// changed names is kept or lost, as the seed says. Gives a handle for the next process.
    pub fn power_cut(&self, seed: u64) -> Self {
        let mut rng = Rng::new(seed);
        // Some cuts lose all, some keep all, most are in between.
        let share = [0, 1, 8, 15, 16][usize::try_from(rng.below(5)).expect("small")];
        self.cut(share, &mut rng)
    }

    /// The power goes, and nothing that was not synced is left.
    pub fn power_cut_losing_all(&self) -> Self {
        self.cut(0, &mut Rng::new(0))
    }

    fn cut(&self, share: u64, rng: &mut Rng) -> Self {
        let mut world = self.any();
        world.forget_process();
        for (_, ops) in std::mem::take(&mut world.unsynced) {
            let kept = match share {
                0 => 0,
                16 => ops.len() as u64,
                _ => rng.below(ops.len() as u64 + 1),
            };
            for op in ops.into_iter().take(usize::try_from(kept).expect("few")) {
                let world = &mut *world;
                World::apply(&mut world.disk_names, &mut world.disk_dirs, op);
            }
        }
        // A name is lost with any directory above it.
        let dirs = world.disk_dirs.clone();
        let reached = |path: &str| {
            let mut dir = parent(path);
            while dir != "." {
                if !dirs.contains(&dir) {
                    return false;
                }
                dir = parent(&dir);
            }
            true
        };
        world.disk_names.retain(|path, _| reached(path));
        world.disk_dirs.retain(|dir| reached(dir));
        world.names = world.disk_names.clone();
        world.dirs = world.disk_dirs.clone();
        for file in &mut world.files {
            file.lose(&mut || rng.chance(share, 16));
        }
        Self {
            world: Arc::clone(&self.world),
            process: world.process,
        }
    }

    /// A copy of the whole disk as a process sees it, everything synced: a backup.
    pub fn copy(&self) -> Self {
        let world = self.any();
        let mut copy = World::default();
        for (path, inode) in &world.names {
            let mut file = Inode::default();
            file.write(&world.files[*inode].whole(), 0);
            file.sync();
            copy.names.insert(path.clone(), copy.files.len());
            copy.files.push(file);
        }
        copy.dirs.clone_from(&world.dirs);
        copy.disk_names = copy.names.clone();
        copy.disk_dirs = copy.dirs.clone();
        Self {
            world: Arc::new(Mutex::new(copy)),
            process: 0,
        }
    }

    /// From now on files may have so many bytes together; `None`: no end.
    pub fn set_capacity(&self, bytes: Option<u64>) {
        self.any().capacity = bytes;
    }

    /// From now on every flush fails, and what should have been flushed stays in the page cache as clean: it is never
    /// written, unless somebody writes it again. That is what Linux does.
    pub fn set_failing_syncs(&self, failing: bool) {
        self.any().failing_syncs = failing;
    }

    /// Bytes of all files.
    pub fn used(&self) -> u64 {
        self.any().used()
    }

    /// Paths of all files, sorted.
    pub fn paths(&self) -> Vec<String> {
        self.any().names.keys().cloned().collect()
    }

    /// The bytes of a file.
    pub fn get(&self, path: &str) -> Option<Vec<u8>> {
        let world = self.any();
        Some(world.files[*world.names.get(path)?].whole())
    }

    /// Puts a file in place behind everybody's back, synced: damage on purpose.
    pub fn put(&self, path: &str, bytes: &[u8]) {
        let mut world = self.any();
        world.make_dirs(&parent(path));
        let mut file = Inode::default();
        file.write(bytes, 0);
        file.sync();
        let inode = world.files.len();
        world.files.push(file);
        world.names.insert(path.to_owned(), inode);
        world.disk_names.insert(path.to_owned(), inode);
        world.disk_dirs = world.dirs.clone();
    }

    /// Takes a file away behind everybody's back.
    pub fn take_away(&self, path: &str) {
        let mut world = self.any();
        world.names.remove(path);
        world.disk_names.remove(path);
    }

    /// Files that hold these bytes, in the view of the process or on the platter.
    pub fn holding(&self, needle: &[u8]) -> Vec<String> {
        let world = self.any();
        let finder = memchr::memmem::Finder::new(needle);
        let mut found = BTreeSet::new();
        let mut bytes = Vec::new();
        for names in [&world.names, &world.disk_names] {
            for (path, inode) in names {
                let file = &world.files[*inode];
                for view in [|p: &Page| p.now.clone(), |p: &Page| p.disk.clone()] {
                    bytes.clear();
                    // Pages of zeros hold nothing.
                    for page in file.pages.iter().filter_map(view) {
                        bytes.extend_from_slice(&page[..]);
                    }
                    if finder.find(&bytes).is_some() {
                        found.insert(path.clone());
                    }
                }
            }
        }
        found.into_iter().collect()
    }

    fn open_inode(&self, inode: usize) -> Arc<dyn StoreFile> {
        Arc::new(SimFile {
            disk: self.clone(),
            inode,
        })
    }
}

impl Store for SimDisk {
    fn create_dir(&self, dir: &str) -> io::Result<()> {
        self.world()?.make_dirs(dir);
        Ok(())
    }

    fn open(&self, path: &str) -> io::Result<Arc<dyn StoreFile>> {
        let inode = self.world()?.inode(path)?;
        Ok(self.open_inode(inode))
    }

    fn create(&self, path: &str) -> io::Result<Arc<dyn StoreFile>> {
        let mut world = self.world()?;
        if world.names.contains_key(path) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        world.make_dirs(&parent(path));
        let inode = world.files.len();
        world.files.push(Inode::default());
        world.change(parent(path), NameOp::Link(path.to_owned(), inode));
        drop(world);
        Ok(self.open_inode(inode))
    }

    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        let world = self.world()?;
        let inode = world.inode(path)?;
        Ok(world.files[inode].whole())
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let mut world = self.world()?;
        world.inode(from)?;
        let op = NameOp::Rename(from.to_owned(), to.to_owned());
        world.change(parent(to), op);
        Ok(())
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        let mut world = self.world()?;
        world.inode(path)?;
        world.change(parent(path), NameOp::Unlink(path.to_owned()));
        Ok(())
    }

    fn sync_dir(&self, dir: &str) -> io::Result<()> {
        self.world()?.sync_names(dir);
        Ok(())
    }

    fn sync_all(&self) -> io::Result<()> {
        let mut world = self.world()?;
        if world.failing_syncs {
            for file in &mut world.files {
                file.dirty.clear();
            }
            return Err(io::Error::other("the disk did not take it"));
        }
        let dirs: Vec<String> = world.unsynced.keys().cloned().collect();
        for dir in dirs {
            world.sync_names(&dir);
        }
        for file in &mut world.files {
            file.sync();
        }
        Ok(())
    }

    fn list(&self, dir: &str) -> io::Result<Vec<String>> {
        let world = self.world()?;
        let prefix = format!("{dir}/");
        let names = world.names.keys().chain(&world.dirs);
        let mut found: Vec<String> = names
            .filter_map(|path| path.strip_prefix(&prefix))
            .filter(|name| !name.contains('/'))
            .map(str::to_owned)
            .collect();
        found.sort_unstable();
        Ok(found)
    }

    fn lock(&self, path: &str) -> io::Result<Box<dyn Any + Send + Sync>> {
        let mut world = self.world()?;
        if world.locks.contains_key(path) {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        if parent(path) != "." && !world.dirs.contains(&parent(path)) {
            return Err(io::ErrorKind::NotFound.into());
        }
        let process = world.process;
        world.locks.insert(path.to_owned(), process);
        Ok(Box::new(Lock {
            disk: self.clone(),
            path: path.to_owned(),
        }))
    }
}

struct Lock {
    disk: SimDisk,
    path: String,
}

impl Drop for Lock {
    fn drop(&mut self) {
        let mut world = self.disk.any();
        if world.locks.get(&self.path) == Some(&self.disk.process) {
            world.locks.remove(&self.path);
        }
    }
}

struct SimFile {
    disk: SimDisk,
    inode: usize,
}

impl StoreFile for SimFile {
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let mut world = self.disk.world()?;
        let len = world.files[self.inode].len;
        let grown = (offset + bytes.len() as u64).saturating_sub(len);
        if grown > 0 && world.capacity.is_some_and(|end| world.used() + grown > end) {
            // As a real disk does, it takes what still fits.
            let room = world.capacity.unwrap_or(0).saturating_sub(world.used());
            let fits = (len + room).saturating_sub(offset).min(bytes.len() as u64);
            let fits = usize::try_from(fits).expect("not longer than the bytes");
            world.files[self.inode].write(&bytes[..fits], offset);
            return Err(io::ErrorKind::StorageFull.into());
        }
        world.files[self.inode].write(bytes, offset);
        Ok(())
    }

    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<()> {
        self.disk.world()?.files[self.inode].read(bytes, offset)
    }

    fn sync(&self) -> io::Result<()> {
        let mut world = self.disk.world()?;
        if world.failing_syncs {
            world.files[self.inode].dirty.clear();
            return Err(io::Error::other("the disk did not take it"));
        }
        world.files[self.inode].sync();
        Ok(())
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.disk.world()?.files[self.inode].len)
    }
}
