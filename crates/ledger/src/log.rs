//! The handle of a log: opening, taking in, asking, closing.

use std::{
    any::Any,
    io,
    panic::{self, AssertUnwindSafe},
    path::Path,
    sync::{Arc, Mutex, Weak, atomic::Ordering},
    thread::JoinHandle,
    time::Duration,
};

use tlog::{
    Hash, Sha256, TreeHash,
    checkpoint::{self, Origin},
    note::{KeyKind, SigningKey},
    proof::TlogProof,
    tile::TileRef,
};
use tokio::sync::watch;

use crate::{
    BodyState, Clock, EntryBytes, MAX_BODY, MAX_GROUP, MAX_GROUP_BYTES, OpenError, Pending,
    Published, ReadError, ReceiptError, Record, Recovered, Submission, SubmitError, SystemClock,
    actors::Pool,
    dedup::{self, Dedup},
    erase,
    flusher::Flusher,
    frame::{self, Head, Kind},
    publisher,
    recover::{self, Found, Witnesses, io_error},
    sequencer::{Group, Queue, Sequencer},
    shared::{NO_PANIC, Shared},
    side,
    state::{self, State, StateFile},
    store::{Disk, Store},
    tiler,
    wal::{self, Spares},
};

const LOCK: &str = "state/lock";

/// What a log is opened with.
#[derive(Clone)]
pub struct Config {
    /// Name of the log; the key's name equals it.
    pub origin: Origin,
    /// Signs checkpoints.
    pub key: Arc<SigningKey>,
    /// Where `recorded` comes from.
    pub clock: Arc<dyn Clock>,
    /// Time from one published checkpoint to the next, under load. Default 50 ms.
    pub publish_every: Duration,
    /// Bytes of a segment of the write-ahead log, a multiple of 4096. Default 32 MiB: what lies in segments is read at each
    /// start, so a larger one makes that slower; a smaller one is changed more often, and each change costs one more flush.
    pub segment_bytes: u64,
    /// Checkpoints of this log that somebody brings along by hand: name and note.
    pub evidence: Vec<(String, String)>,
    /// Who can be asked whether this is a restored copy.
    pub witnesses: Option<Arc<dyn Witnesses>>,
    /// Two persons decided to go on without the witnesses.
    pub two_persons_decided: bool,
    /// What to do when the disk cannot be believed any more: aborts the process. Only tests put something else here.
    pub on_fatal: Arc<dyn Fn() + Send + Sync>,
}

impl Config {
    /// With the machine's clock, and nobody to ask.
    pub fn new(origin: Origin, key: SigningKey) -> Self {
        Self {
            origin,
            key: Arc::new(key),
            clock: Arc::new(SystemClock),
            publish_every: Duration::from_millis(50),
            segment_bytes: wal::SEGMENT,
            evidence: Vec::new(),
            witnesses: None,
            two_persons_decided: false,
            on_fatal: Arc::new(|| std::process::abort()),
        }
    }
}

impl std::fmt::Debug for Config {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Config")
            .field("origin", &self.origin)
            .finish_non_exhaustive()
    }
}

/// Why a log could not be made.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// There is one.
    #[error("there is a log here already")]
    Exists,
    /// The key belongs to another log, or is not a log's.
    #[error("the key is that of {key}, the log shall be {origin}")]
    Key {
        /// Name in the key.
        key: String,
        /// Origin of the log.
        origin: String,
    },
    /// The file system failed.
    #[error("cannot make the log: {0}")]
    Io(#[from] io::Error),
}

/// An open log. Clones are the same log; it closes with the last of them, or by [`Ledger::close`].
#[derive(Clone)]
pub struct Ledger {
    inner: Arc<Inner>,
}

struct Inner {
    shared: Arc<Shared>,
    pool: Pool,
    threads: Mutex<Vec<JoinHandle<()>>>,
    /// Released last: the fields are dropped in this order.
    _lock: Mutex<Option<Box<dyn Any + Send + Sync>>>,
}

/// A handle that does not keep the log open.
pub struct WeakLedger(Weak<Inner>);

impl Ledger {
    /// Makes an empty log in a directory.
    ///
    /// # Errors
    /// [`CreateError`].
    pub fn create(dir: &Path, config: &Config) -> Result<(), CreateError> {
        std::fs::create_dir_all(dir)?;
        Self::create_on(&Disk::new(dir), config)
    }

    /// As [`Ledger::create`], on another store.
    ///
    /// # Errors
    /// [`CreateError`].
    pub fn create_on(store: &dyn Store, config: &Config) -> Result<(), CreateError> {
        if let Some(key) = foreign_key(config) {
            return Err(CreateError::Key {
                key,
                origin: config.origin.to_string(),
            });
        }
        for dir in [
            "state",
            wal::DIR,
            dedup::DIR,
            "checkpoints",
            "tile",
            "bodies",
        ] {
            store.create_dir(dir)?;
        }
        if store.read_if_there(state::PATH)?.is_some() || recover::has_entries(store)? {
            return Err(CreateError::Exists);
        }
        let root = Sha256::empty();
        let head = Head {
            kind: Kind::Carry,
            epoch: 0,
            sequence: 0,
            first: 0,
            count: 0,
            entries_len: 0,
            sides_len: 0,
            time: config.clock.now(),
            previous: [0; 32],
        };
        let (bytes, _) = frame::write(&head, &[], &[], 0, &root);
        // The segment first: a log without state is no log yet, and may be made again.
        for name in store.list(wal::DIR)? {
            store.remove(&format!("{}/{name}", wal::DIR))?;
        }
        let file = store.create(&wal::path(1))?;
        wal::zero(&*file, 0, wal::segment_len(config.segment_bytes))?;
        file.write_at(&bytes, 0)?;
        file.sync()?;
        store.sync_dir(wal::DIR)?;
        StateFile::create(
            store,
            State {
                epoch: 0,
                signed_size: 0,
                signed_root: root,
            },
        )?;
        store.sync_all()?;
        Ok(())
    }

    /// Opens a log: recovers it, or says why not.
    ///
    /// # Errors
    /// [`OpenError`]; nothing was changed then, but for the epoch.
    pub fn open(dir: &Path, config: Config) -> Result<(Self, Recovered), OpenError> {
        Self::open_on(Arc::new(Disk::new(dir)), config)
    }

    /// As [`Ledger::open`], on another store.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open_on(store: Arc<dyn Store>, config: Config) -> Result<(Self, Recovered), OpenError> {
        if let Some(key) = foreign_key(&config) {
            return Err(OpenError::Key {
                key,
                origin: config.origin.to_string(),
            });
        }
        let lock = store.lock(LOCK).map_err(|e| match e.kind() {
            io::ErrorKind::WouldBlock => OpenError::InUse,
            io::ErrorKind::NotFound => OpenError::NoLog,
            _ => io_error("take the lock of the log")(e),
        })?;
        let mut file = match StateFile::open(&*store) {
            Ok(file) => file.ok_or(OpenError::State)?,
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                let lost = recover::has_entries(&*store)
                    .map_err(io_error("read the segments of the log"))?;
                return Err(if lost {
                    OpenError::State
                } else {
                    OpenError::NoLog
                });
            }
            Err(e) => return Err(io_error("read state/log")(e)),
        };
        let state = file.state;
        file.persist(State {
            epoch: state.epoch + 1,
            ..state
        })
        .map_err(io_error("raise the epoch"))?;
        let erasing = erase::pending(&*store).map_err(io_error("read state/erased"))?;
        let found = recover::recover(&*store, &state, !erasing.is_empty())?;
        for index in &erasing {
            // What an interrupted erasure left half written is made whole before the keys are read from it.
            if *index < found.tail.tiled {
                erase::erase_in_file(&*store, *index).map_err(io_error("finish an erasure"))?;
            }
        }
        let (shared, mut start) = assemble(store, config, file, found)?;
        start.recovered.finished_erasures = erasing.len() as u64;
        check_history(&shared, &state)?;
        if let Some(last) = publisher::last(&shared) {
            shared.work().published = last.size();
            shared.published.send_replace(Some(Arc::new(last)));
        }
        let threads = spawn(&shared, start.sequencer, start.flusher);
        let inner = Inner {
            shared,
            pool: Pool::new(),
            threads: Mutex::new(threads),
            _lock: Mutex::new(Some(lock)),
        };
        let ledger = Self {
            inner: Arc::new(inner),
        };
        ledger.finish_erasures().map_err(|source| OpenError::Io {
            what: "finish an erasure",
            source,
        })?;
        Ok((ledger, start.recovered))
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.inner.shared
    }

    /// Queues a group. All of it goes into one frame: after a crash it is there as a whole or not at all.
    ///
    /// # Errors
    /// [`SubmitError`]; nothing was queued then.
    pub fn submit(&self, group: Vec<Submission>) -> Result<Pending, SubmitError> {
        let shared = self.shared();
        shared.check_alive()?;
        let mut bytes = 0;
        for (at, submission) in group.iter().enumerate() {
            let entry = submission.entry.len();
            if entry > tlog::bundle::MAX_ENTRY {
                return Err(SubmitError::EntryTooLong { at, bytes: entry });
            }
            let body = submission.body.as_ref().map_or(0, Vec::len);
            if body > MAX_BODY {
                return Err(SubmitError::BodyTooLong { at, bytes: body });
            }
            bytes += 2 + entry + body + 37;
        }
        if group.len() > MAX_GROUP || bytes > MAX_GROUP_BYTES && group.len() > 1 {
            return Err(SubmitError::TooMuch {
                entries: group.len(),
                bytes,
            });
        }
        let (answer, pending) = Pending::new();
        let signed = group
            .iter()
            .any(|s| matches!(s.entry, EntryBytes::Signed { .. }));
        let group = Group {
            submissions: group,
            answer,
            bytes,
        };
        let mut queue = shared.queue();
        if signed {
            queue.admit(&group)?;
            drop(queue);
            self.inner.pool.verify(shared, group);
        } else {
            queue.push(group)?;
            drop(queue);
            shared.queue_moved.notify_all();
        }
        Ok(pending)
    }

    /// Entries that are durable.
    pub fn size(&self) -> u64 {
        self.shared().tail().durable
    }

    /// Root of the tree at a size that the log has reached.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn root(&self, size: u64) -> Result<Hash, ReadError> {
        self.shared().root(size)
    }

    /// The durable size as it grows.
    pub fn sizes(&self) -> watch::Receiver<u64> {
        self.shared().sizes.subscribe()
    }

    /// The newest published checkpoint as it changes; `None` before the first entry.
    pub fn publications(&self) -> watch::Receiver<Option<Arc<Published>>> {
        self.shared().published.subscribe()
    }

    /// The newest published checkpoint.
    pub fn published(&self) -> Option<Arc<Published>> {
        self.shared().published.borrow().clone()
    }

    /// Records from an index on, in order: at most so many, and no more than about so many bytes. Empty at the end.
    ///
    /// # Errors
    /// [`ReadError`]; also for a file that contradicts the tree.
    pub fn read(
        &self,
        from: u64,
        max_entries: usize,
        max_bytes: usize,
    ) -> Result<Vec<Record>, ReadError> {
        self.shared().read(from, max_entries, max_bytes)
    }

    /// One record.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn record(&self, index: u64) -> Result<Record, ReadError> {
        self.shared().record(index, true)
    }

    /// The bytes of an entry.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn entry(&self, index: u64) -> Result<Vec<u8>, ReadError> {
        self.shared().entry(index)
    }

    /// The body beside an entry. That it meets the entry's commitment is the caller's to check.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn body(&self, index: u64) -> Result<BodyState, ReadError> {
        Ok(self.record(index)?.body)
    }

    /// Inclusion proof of an entry in the tree of `size` entries.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn inclusion(&self, index: u64, size: u64) -> Result<Vec<Hash>, ReadError> {
        self.shared().inclusion(index, size)
    }

    /// Proof that the tree of `old` entries is the beginning of that of `new`.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn consistency(&self, old: u64, new: u64) -> Result<Vec<Hash>, ReadError> {
        self.shared().consistency(old, new)
    }

    /// The receipt of an entry under the newest published checkpoint, with the entry. It was verified before it is given.
    ///
    /// # Errors
    /// [`ReceiptError`].
    pub fn receipt(&self, index: u64) -> Result<(TlogProof, Vec<u8>), ReceiptError> {
        let published = self.published();
        match published {
            Some(published) if index < published.size => {
                Ok(self.shared().receipt(index, &published)?)
            }
            _ if index >= self.size() => Err(ReadError::NotThere {
                index,
                size: self.size(),
            }
            .into()),
            other => Err(ReceiptError::NotPublished {
                index,
                published: other.map_or(0, |p| p.size),
            }),
        }
    }

    /// A tile or bundle (C2SP tlog-tiles), partial ones cut on the fly; `None` if the published size does not imply it.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn tile(&self, tile: &TileRef) -> Result<Option<Vec<u8>>, ReadError> {
        let published = self.published().map_or(0, |p| p.size);
        self.shared().tile(tile, published)
    }

    /// How far the clock stood behind the last `recorded` when something was last taken in: µs, 0 normally.
    pub fn clock_behind(&self) -> i64 {
        self.shared().behind.load(Ordering::Relaxed)
    }

    /// Why nothing is taken in at the moment, if so: no room, for one.
    pub fn hindrance(&self) -> Option<String> {
        self.shared().work().hindrance.clone()
    }

    /// A handle that does not keep the log open.
    pub fn downgrade(&self) -> WeakLedger {
        WeakLedger(Arc::downgrade(&self.inner))
    }

    /// Ends: what is queued is written, the newest size is published, the lock is released. Later calls of
    /// [`Ledger::submit`] are refused; reading goes on.
    pub fn close(&self) {
        self.inner.close();
    }
}

impl WeakLedger {
    /// The log, if it is still open.
    pub fn upgrade(&self) -> Option<Ledger> {
        self.0.upgrade().map(|inner| Ledger { inner })
    }
}

impl std::fmt::Debug for Ledger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ledger")
            .field("origin", &self.shared().config.origin)
            .finish_non_exhaustive()
    }
}

impl Inner {
    fn close(&self) {
        self.pool.close();
        self.shared.queue().closing = true;
        self.shared.queue_moved.notify_all();
        for thread in std::mem::take(&mut *self.threads.lock().expect(NO_PANIC)) {
            thread.join().ok();
        }
        self._lock.lock().expect(NO_PANIC).take();
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.close();
    }
}

fn foreign_key(config: &Config) -> Option<String> {
    let (name, origin) = (config.key.verifier().name(), config.origin.as_str());
    (name != origin || config.key.kind() != KeyKind::Log).then(|| name.to_owned())
}

struct Start {
    sequencer: SequencerStart,
    flusher: Flusher,
    recovered: Recovered,
}

struct SequencerStart {
    growth: crate::tail::Growth,
    last_time: i64,
    last_had_entries: bool,
}

fn assemble(
    store: Arc<dyn Store>,
    config: Config,
    state: StateFile,
    found: Found,
) -> Result<(Arc<Shared>, Start), OpenError> {
    let dedup = open_dedup(&*store, &found).map_err(io_error("read the index of keys"))?;
    let spares = Spares::new(Arc::clone(&store), found.next_number, config.segment_bytes);
    let recovered = Recovered {
        size: found.tail.durable,
        frames: found.frames,
        cut_torn_frame: found.torn,
        finished_erasures: 0,
    };
    let shared = Arc::new(Shared::new(
        store,
        config,
        state,
        found.tail,
        found.wal,
        spares,
        dedup,
        Queue::default(),
    ));
    let flusher = Flusher {
        shared: Arc::clone(&shared),
        sequence: found.sequence,
        previous: found.previous,
        last_time: found.last_time,
    };
    let sequencer = SequencerStart {
        growth: found.growth,
        last_time: found.last_time,
        last_had_entries: found.last_had_entries,
    };
    Ok((
        shared,
        Start {
            sequencer,
            flusher,
            recovered,
        },
    ))
}

/// The runs that are there, and the keys that are in none: from the files of sides, then from the frames.
fn open_dedup(store: &dyn Store, found: &Found) -> io::Result<Dedup> {
    let tiled = found.tail.tiled;
    let (dedup, reached) = Dedup::open(store, tiled)?;
    for number in reached / 256..tiled / 256 {
        let mut keys = Vec::new();
        if let Some(file) = store.read_if_there(&tiler::sides_path(number))? {
            // A damaged file of sides is the audit's to tell; its keys may be unknown to us until then.
            let keys_of = |file: &[u8]| -> Result<Vec<dedup::Entry>, side::SideError> {
                let records = side::records(file)?;
                let offsets = side::offsets(records, 256)?;
                let entries = offsets[..256].iter().enumerate().filter_map(|(n, at)| {
                    let key = side::take(records, *at).ok()?.0.key?;
                    Some(dedup::Entry {
                        key: *key,
                        index: number * 256 + n as u64,
                    })
                });
                Ok(entries.collect())
            };
            match keys_of(&file) {
                Ok(found) => keys = found,
                Err(error) => {
                    tracing::error!(%error, bundle = number, "keys cannot be read; run `liuhen audit`");
                }
            }
        }
        for entry in &keys {
            // The leaf is asked for only on a repetition within the next few thousand entries: read it then.
            dedup.remember_index(entry.key, entry.index);
        }
        dedup.settle(store, keys, (number + 1) * 256)?;
    }
    for frame in &found.tail.frames {
        for index in frame.first..frame.end() {
            if let Some(key) = frame.side(index).key {
                dedup.remember(*key, index, Sha256::leaf(frame.entry(index)));
            }
        }
    }
    Ok(dedup)
}

/// The signed root, and whether somebody outside knows more.
fn check_history(shared: &Shared, state: &State) -> Result<(), OpenError> {
    let tiles = |source| OpenError::Tiles {
        below: state.signed_size,
        source,
    };
    if state.signed_size > 0 && shared.root(state.signed_size).map_err(tiles)? != state.signed_root
    {
        return Err(OpenError::OtherRoot {
            size: state.signed_size,
        });
    }
    let size = shared.tail().durable;
    let key = shared.config.key.verifier();
    let reply = |who: &str, note: &str| recover::Reply {
        who: who.to_owned(),
        newest: Some(Some(note.to_owned())),
    };
    let carried = shared.config.evidence.iter();
    let mut carried: Vec<recover::Reply> = carried.map(|(who, note)| reply(who, note)).collect();
    // What was published last is a witness too, where the state is older (one of its copies damaged, a part of the directory
    // restored). If it cannot be read the audit says so; it is written again.
    if let Ok(Some(note)) = shared.store.read_if_there(publisher::PATH)
        && checkpoint::open(&note, std::slice::from_ref(key)).is_ok()
    {
        let who = format!("the file `{}`", publisher::PATH);
        carried.push(reply(&who, &String::from_utf8_lossy(&note)));
    }
    let root_at = |size| shared.root(size);
    recover::question(&carried, 0, key, size, root_at, false)?;
    if let Some(witnesses) = &shared.config.witnesses {
        let replies = witnesses.ask();
        let decided = shared.config.two_persons_decided;
        recover::question(&replies, witnesses.quorum(), key, size, root_at, decided)?;
    }
    Ok(())
}

fn spawn(shared: &Arc<Shared>, start: SequencerStart, flusher: Flusher) -> Vec<JoinHandle<()>> {
    let thread = |name: &str, work: Box<dyn FnOnce() + Send>| {
        let shared = Arc::clone(shared);
        std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || {
                // A thread that is missing would leave callers waiting; half a log is none.
                if panic::catch_unwind(AssertUnwindSafe(work)).is_err() {
                    shared.die("a thread of the log panicked", &io::Error::other("panic"));
                }
            })
            .expect("the system gives a thread")
    };
    let sequencer = Sequencer::new(
        Arc::clone(shared),
        start.growth,
        start.last_time,
        start.last_had_entries,
    );
    let (for_tiler, for_publisher) = (Arc::clone(shared), Arc::clone(shared));
    let recovered = shared.tail().durable / 256 * 256;
    vec![
        thread("ledger-sequencer", Box::new(move || sequencer.run())),
        thread("ledger-flusher", Box::new(move || flusher.run())),
        thread(
            "ledger-tiler",
            Box::new(move || tiler::run(&for_tiler, recovered)),
        ),
        thread(
            "ledger-publisher",
            Box::new(move || publisher::run(&for_publisher)),
        ),
    ]
}
