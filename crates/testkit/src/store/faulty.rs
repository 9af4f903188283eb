//! A store that does what another does, until it shall not.

use std::{
    any::Any,
    io,
    sync::{Arc, Condvar, Mutex, MutexGuard},
};

use ledger::store::{Store, StoreFile};

use super::Rng;

/// What is done to a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum OpKind {
    CreateDir,
    Open,
    Create,
    Read,
    Rename,
    Remove,
    SyncDir,
    SyncAll,
    List,
    Lock,
    WriteAt,
    ReadAt,
    Sync,
    Size,
}

impl OpKind {
    /// Whether it changes anything, or makes a change durable.
    pub fn changes(self) -> bool {
        !matches!(
            self,
            Self::Open | Self::Read | Self::List | Self::Lock | Self::ReadAt | Self::Size
        )
    }
}

/// One operation that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Op {
    /// What.
    pub kind: OpKind,
    /// On which file or directory; of a rename the new name.
    pub path: String,
}

/// What goes wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// An error; nothing happens.
    Fail(io::ErrorKind),
    /// An error, but it happens.
    FailAfter(io::ErrorKind),
    /// The process dies in the middle of a write: only some 512-byte sectors arrive, as the seed says.
    Tear(u64),
    /// Waits until [`Faulty::release`], then goes on as if nothing had been.
    Hold,
    /// The process dies before it: this and everything later fails, nothing happens any more.
    Stop,
    /// The process dies after it.
    StopAfter,
    /// A read succeeds with one bit other than it is: bit n modulo the length.
    Flip(u64),
}

/// Which operation goes wrong, and how.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Only this kind; `None`: any that changes something.
    pub kind: Option<OpKind>,
    /// Only where the path contains this.
    pub path: String,
    /// The n-th that fits, from 0.
    pub nth: u64,
    /// Also every later one that fits.
    pub lasting: bool,
    /// What happens.
    pub fault: Fault,
}

#[derive(Default)]
struct Plan {
    rules: Vec<(Rule, u64)>,
    seen: Vec<Op>,
    stopped: bool,
    struck: u64,
    released: bool,
}

/// Clones are the same store.
#[derive(Clone)]
pub struct Faulty {
    inner: Arc<dyn Store>,
    plan: Arc<Mutex<Plan>>,
    released: Arc<Condvar>,
}

impl Faulty {
    /// Without faults yet.
    pub fn new(inner: impl Store + 'static) -> Self {
        Self {
            inner: Arc::new(inner),
            plan: Arc::default(),
            released: Arc::default(),
        }
    }

    /// With one fault, once.
    pub fn with(
        inner: impl Store + 'static,
        kind: Option<OpKind>,
        path: &str,
        nth: u64,
        fault: Fault,
    ) -> Self {
        let store = Self::new(inner);
        store.add(Rule {
            kind,
            path: path.to_owned(),
            nth,
            lasting: false,
            fault,
        });
        store
    }

    /// One more fault.
    pub fn add(&self, rule: Rule) {
        self.plan().rules.push((rule, 0));
    }

    /// No faults from here on; a stopped process stays stopped.
    pub fn clear(&self) {
        self.plan().rules.clear();
    }

    /// The process is dead: nothing happens any more.
    pub fn stop(&self) {
        self.plan().stopped = true;
    }

    /// Lets go what was held, now and later.
    pub fn release(&self) {
        self.plan().released = true;
        self.released.notify_all();
    }

    /// How many operations a fault has struck; those of a dead process do not count.
    pub fn struck(&self) -> u64 {
        self.plan().struck
    }

    /// Every operation so far that changes something, in order.
    pub fn changes(&self) -> Vec<Op> {
        let plan = self.plan();
        plan.seen
            .iter()
            .filter(|op| op.kind.changes())
            .cloned()
            .collect()
    }

    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.plan.lock().expect("no holder of this lock panics")
    }

    fn fault(&self, kind: OpKind, path: &str) -> Option<Fault> {
        let mut plan = self.plan();
        if plan.stopped {
            return Some(Fault::Stop);
        }
        plan.seen.push(Op {
            kind,
            path: path.to_owned(),
        });
        let mut struck = None;
        for (rule, count) in &mut plan.rules {
            let fits = rule.kind.map_or(kind.changes(), |k| k == kind) && path.contains(&rule.path);
            if fits {
                if *count == rule.nth || rule.lasting && *count > rule.nth {
                    struck = Some(rule.fault.clone());
                }
                *count += 1;
            }
        }
        if let Some(fault) = &struck {
            plan.struck += 1;
            plan.stopped |= matches!(fault, Fault::Stop | Fault::StopAfter | Fault::Tear(_));
        }
        if struck == Some(Fault::Hold) {
            while !plan.released {
                plan = self
                    .released
                    .wait(plan)
                    .expect("no holder of this lock panics");
            }
            return plan.stopped.then_some(Fault::Stop);
        }
        struck
    }

    fn act<T>(
        &self,
        kind: OpKind,
        path: &str,
        act: impl FnOnce() -> io::Result<T>,
    ) -> io::Result<T> {
        match self.fault(kind, path) {
            None | Some(Fault::Flip(_)) => act(),
            Some(Fault::Fail(kind)) => Err(kind.into()),
            Some(Fault::FailAfter(kind)) => {
                act()?;
                Err(kind.into())
            }
            Some(Fault::StopAfter) => {
                act()?;
                Err(dead())
            }
            Some(Fault::Tear(_) | Fault::Stop | Fault::Hold) => Err(dead()),
        }
    }

    fn wrap(&self, path: &str, file: Arc<dyn StoreFile>) -> Arc<dyn StoreFile> {
        Arc::new(FaultyFile {
            store: self.clone(),
            path: path.to_owned(),
            file,
        })
    }
}

fn dead() -> io::Error {
    io::Error::other("the disk is gone")
}

fn flip(bytes: &mut [u8], bit: u64) {
    let bits = bytes.len() as u64 * 8;
    if bits > 0 {
        let bit = bit % bits;
        bytes[usize::try_from(bit / 8).expect("inside")] ^= 1 << (bit % 8);
    }
}

impl Store for Faulty {
    fn create_dir(&self, dir: &str) -> io::Result<()> {
        self.act(OpKind::CreateDir, dir, || self.inner.create_dir(dir))
    }

    fn open(&self, path: &str) -> io::Result<Arc<dyn StoreFile>> {
        let file = self.act(OpKind::Open, path, || self.inner.open(path))?;
        Ok(self.wrap(path, file))
    }

    fn create(&self, path: &str) -> io::Result<Arc<dyn StoreFile>> {
        let file = self.act(OpKind::Create, path, || self.inner.create(path))?;
        Ok(self.wrap(path, file))
    }

    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        match self.fault(OpKind::Read, path) {
            None => self.inner.read(path),
            Some(Fault::Flip(bit)) => {
                let mut bytes = self.inner.read(path)?;
                flip(&mut bytes, bit);
                Ok(bytes)
            }
            Some(Fault::Fail(kind) | Fault::FailAfter(kind)) => Err(kind.into()),
            Some(_) => Err(dead()),
        }
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.act(OpKind::Rename, to, || self.inner.rename(from, to))
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        self.act(OpKind::Remove, path, || self.inner.remove(path))
    }

    fn sync_dir(&self, dir: &str) -> io::Result<()> {
        self.act(OpKind::SyncDir, dir, || self.inner.sync_dir(dir))
    }

    fn sync_all(&self) -> io::Result<()> {
        self.act(OpKind::SyncAll, ".", || self.inner.sync_all())
    }

    fn list(&self, dir: &str) -> io::Result<Vec<String>> {
        self.act(OpKind::List, dir, || self.inner.list(dir))
    }

    fn lock(&self, path: &str) -> io::Result<Box<dyn Any + Send + Sync>> {
        self.act(OpKind::Lock, path, || self.inner.lock(path))
    }
}

struct FaultyFile {
    store: Faulty,
    path: String,
    file: Arc<dyn StoreFile>,
}

impl StoreFile for FaultyFile {
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        match self.store.fault(OpKind::WriteAt, &self.path) {
            None | Some(Fault::Flip(_)) => self.file.write_at(bytes, offset),
            Some(Fault::Fail(kind)) => Err(kind.into()),
            Some(Fault::FailAfter(kind)) => {
                self.file.write_at(bytes, offset)?;
                Err(kind.into())
            }
            Some(Fault::StopAfter) => {
                self.file.write_at(bytes, offset)?;
                Err(dead())
            }
            Some(Fault::Tear(seed)) => {
                let mut rng = Rng::new(seed);
                for (n, sector) in bytes.chunks(512).enumerate() {
                    if rng.chance(1, 2) {
                        self.file.write_at(sector, offset + n as u64 * 512)?;
                    }
                }
                Err(dead())
            }
            Some(Fault::Stop | Fault::Hold) => Err(dead()),
        }
    }

    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<()> {
        match self.store.fault(OpKind::ReadAt, &self.path) {
            None => self.file.read_at(bytes, offset),
            Some(Fault::Flip(bit)) => {
                self.file.read_at(bytes, offset)?;
                flip(bytes, bit);
                Ok(())
            }
            Some(Fault::Fail(kind) | Fault::FailAfter(kind)) => Err(kind.into()),
            Some(_) => Err(dead()),
        }
    }

    fn sync(&self) -> io::Result<()> {
        self.store
            .act(OpKind::Sync, &self.path, || self.file.sync())
    }

    fn size(&self) -> io::Result<u64> {
        self.store
            .act(OpKind::Size, &self.path, || self.file.size())
    }
}
