//! Which index a key was taken in at: recent keys in memory, older ones in sorted runs under `idx/dedup/`.
//!
//! Keys are full 256-bit hashes and evenly spread, so a place in a run can be guessed and a filter needs no hashing of its
//! own. Derived: runs can be deleted, and are made again from the files of sides; what they answer is compared with the
//! record before anybody relies on it.
//!
//! A run `<from>-<to>.run` holds the keys of these indexes: `LHDEDUP2 ‖ count u64`, then `key ‖ index u64` in order of key,
//! then the CRC32C of all before. One that does not hold is made again.

use std::{
    collections::HashMap,
    io,
    sync::{Arc, Mutex, RwLock},
};

use tlog::Hash;

use crate::{
    shared::NO_PANIC,
    store::{Store, StoreFile},
};

pub(crate) const DIR: &str = "idx/dedup";
const MAGIC: &[u8; 8] = b"LHDEDUP2";
const HEAD: u64 = 16;
const RECORD: usize = 40;
const CHECK: u64 = 4;
/// Records read at once: 2.5 KiB, less than the price of a second read.
const BLOCK: u64 = 64;
/// Keys that make a run: with more in memory the map grows, with fewer there are many runs to ask.
const RUN_KEYS: usize = 1 << 16;
/// Adjacent runs of a class are joined when there are so many.
const FAN: usize = 4;

/// A key and where it was taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Entry {
    pub(crate) key: [u8; 32],
    pub(crate) index: u64,
}

/// Where a key was taken in, with the leaf there if it is at hand.
pub(crate) type Seen = (u64, Option<Hash>);

#[derive(Default)]
pub(crate) struct Dedup {
    /// With the leaf, but for keys that a start has read from files.
    recent: Mutex<HashMap<[u8; 32], Seen>>,
    runs: RwLock<Vec<Arc<Run>>>,
    /// Keys of full bundles that are not in a run yet, and the index up to which they reach.
    fresh: Mutex<(Vec<Entry>, u64)>,
}

struct Run {
    from: u64,
    to: u64,
    count: u64,
    file: Arc<dyn StoreFile>,
    filter: Filter,
}

impl Dedup {
    /// Where a key was taken in lately.
    pub(crate) fn recent(&self, key: &[u8; 32]) -> Option<Seen> {
        self.recent.lock().expect(NO_PANIC).get(key).copied()
    }

    /// Where a key was taken in before; `holds` says whether the record there really has it.
    ///
    /// # Errors
    /// If the index or a record cannot be read: then nobody knows whether it is a repetition.
    pub(crate) fn find<E: From<io::Error>>(
        &self,
        key: &[u8; 32],
        holds: impl Fn(u64) -> Result<bool, E>,
    ) -> Result<Option<u64>, E> {
        let runs = self.runs.read().expect(NO_PANIC);
        for run in runs.iter().rev().filter(|run| run.filter.may_hold(key)) {
            if let Some(index) = run.find(key)?
                && holds(index)?
            {
                return Ok(Some(index));
            }
        }
        Ok(None)
    }

    pub(crate) fn remember(&self, key: [u8; 32], index: u64, leaf: Hash) {
        self.recent
            .lock()
            .expect(NO_PANIC)
            .insert(key, (index, Some(leaf)));
    }

    /// A key of a full bundle, whose leaf is in a tile.
    pub(crate) fn remember_index(&self, key: [u8; 32], index: u64) {
        self.recent
            .lock()
            .expect(NO_PANIC)
            .insert(key, (index, None));
    }

    /// The keys of a batch that was refused.
    pub(crate) fn forget(&self, keys: &[[u8; 32]]) {
        let mut recent = self.recent.lock().expect(NO_PANIC);
        for key in keys {
            recent.remove(key);
        }
    }

    /// Takes in the keys of bundles that have become full, and writes a run when there are enough.
    pub(crate) fn settle(&self, store: &dyn Store, keys: Vec<Entry>, tiled: u64) -> io::Result<()> {
        let ready = {
            let mut fresh = self.fresh.lock().expect(NO_PANIC);
            let known = fresh.1;
            // A round that found no room is done again.
            fresh
                .0
                .extend(keys.into_iter().filter(|e| e.index >= known));
            fresh.1 = fresh.1.max(tiled);
            fresh.0.len() >= RUN_KEYS
        };
        if ready { self.write_run(store) } else { Ok(()) }
    }

    /// Writes what is in memory, so that the next start need not read it from the files of sides.
    pub(crate) fn save_recent(&self, store: &dyn Store) {
        if let Err(error) = self.write_run(store) {
            tracing::warn!(%error, "the index of keys was not saved; the next start makes it again");
        }
    }

    fn to(&self) -> u64 {
        self.runs
            .read()
            .expect(NO_PANIC)
            .last()
            .map_or(0, |run| run.to)
    }

    fn write_run(&self, store: &dyn Store) -> io::Result<()> {
        let from = self.to();
        let mut fresh = self.fresh.lock().expect(NO_PANIC);
        let (keys, to) = &mut *fresh;
        let to = *to;
        if keys.is_empty() || to <= from {
            return Ok(());
        }
        keys.sort_unstable();
        let count = keys.len() as u64;
        let run = Run::write(store, from, to, count, keys.iter().map(|e| Ok(*e)))?;
        // Only now: what found no room must not be missing in the run that does.
        keys.clear();
        drop(fresh);
        self.runs.write().expect(NO_PANIC).push(Arc::new(run));
        self.merge(store)?;
        let mut recent = self.recent.lock().expect(NO_PANIC);
        recent.retain(|_, (index, _)| *index >= to);
        recent.shrink_to(2 * RUN_KEYS);
        Ok(())
    }

    /// Joins runs so that a search asks few: classes grow by [`FAN`], so each key is written a logarithmic number of times.
    fn merge(&self, store: &dyn Store) -> io::Result<()> {
        loop {
            let runs = self.runs.read().expect(NO_PANIC).clone();
            let class = |run: &Run| (run.count / RUN_KEYS as u64).max(1).ilog(FAN as u64);
            let Some(last) = runs.last() else {
                return Ok(());
            };
            let same = runs
                .iter()
                .rev()
                .take_while(|run| class(run) <= class(last))
                .count();
            if same < FAN {
                return Ok(());
            }
            let old = &runs[runs.len() - same..];
            let count = old.iter().map(|run| run.count).sum();
            let joined = Run::write(store, old[0].from, last.to, count, Merge::new(old))?;
            let mut now = self.runs.write().expect(NO_PANIC);
            now.truncate(runs.len() - same);
            now.push(Arc::new(joined));
            drop(now);
            for run in old {
                store.remove(&path(run.from, run.to))?;
            }
        }
    }

    /// Opens the runs that fit together; removes what does not (left behind by a crash, or damaged).
    pub(crate) fn open(store: &dyn Store, tiled: u64) -> io::Result<(Self, u64)> {
        let mut found: Vec<(u64, u64)> = Vec::new();
        for name in store.list(DIR)? {
            match parse_name(&name) {
                Some((from, to)) if to <= tiled => found.push((from, to)),
                _ => store.remove(&format!("{DIR}/{name}"))?,
            }
        }
        // Of two that begin alike the longer one is the result of joining.
        found.sort_unstable_by_key(|(from, to)| (*from, u64::MAX - to));
        let (mut runs, mut reached) = (Vec::new(), 0);
        for (from, to) in found {
            let fits = from == reached && to > from;
            match fits
                .then(|| Run::open(store, from, to))
                .transpose()?
                .flatten()
            {
                Some(run) => {
                    reached = to;
                    runs.push(Arc::new(run));
                }
                None => store.remove(&path(from, to))?,
            }
        }
        Ok((
            Self {
                runs: RwLock::new(runs),
                fresh: Mutex::new((Vec::new(), reached)),
                ..Self::default()
            },
            reached,
        ))
    }
}

fn path(from: u64, to: u64) -> String {
    format!("{DIR}/{from:016}-{to:016}.run")
}

fn parse_name(name: &str) -> Option<(u64, u64)> {
    let (from, to) = name.strip_suffix(".run")?.split_once('-')?;
    Some((from.parse().ok()?, to.parse().ok()?))
}

impl Run {
    fn write(
        store: &dyn Store,
        from: u64,
        to: u64,
        count: u64,
        entries: impl Iterator<Item = io::Result<Entry>>,
    ) -> io::Result<Self> {
        let temp = format!("{DIR}/new");
        match store.remove(&temp) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
            _ => {}
        }
        let file = store.create(&temp)?;
        let mut filter = Filter::for_keys(count);
        let mut buffer = Vec::with_capacity(1 << 20);
        buffer.extend_from_slice(MAGIC);
        buffer.extend_from_slice(&count.to_be_bytes());
        let (mut at, mut crc) = (0, 0);
        for entry in entries {
            let entry = entry?;
            filter.add(&entry.key);
            buffer.extend_from_slice(&entry.key);
            buffer.extend_from_slice(&entry.index.to_be_bytes());
            if buffer.len() >= 1 << 20 {
                crc = crc32c::crc32c_append(crc, &buffer);
                file.write_at(&buffer, at)?;
                at += buffer.len() as u64;
                buffer.clear();
            }
        }
        crc = crc32c::crc32c_append(crc, &buffer);
        buffer.extend_from_slice(&crc.to_be_bytes());
        file.write_at(&buffer, at)?;
        file.sync()?;
        store.rename(&temp, &path(from, to))?;
        store.sync_dir(DIR)?;
        Ok(Self {
            from,
            to,
            count,
            file,
            filter,
        })
    }

    fn open(store: &dyn Store, from: u64, to: u64) -> io::Result<Option<Self>> {
        let file = store.open(&path(from, to))?;
        let mut head = [0; HEAD as usize];
        if file.read_at(&mut head, 0).is_err() || &head[..8] != MAGIC {
            return Ok(None);
        }
        let count = u64::from_be_bytes(head[8..].try_into().expect("8 bytes"));
        let records = count.saturating_mul(RECORD as u64);
        if file.size()? != records.saturating_add(HEAD + CHECK) {
            return Ok(None);
        }
        let mut check = [0; CHECK as usize];
        file.read_at(&mut check, HEAD + records)?;
        let mut run = Self {
            from,
            to,
            count,
            file,
            filter: Filter::for_keys(count),
        };
        let mut filter = std::mem::replace(&mut run.filter, Filter::for_keys(0));
        let mut cursor = Cursor::new(&run);
        let mut crc = crc32c::crc32c(&head);
        while let Some(entry) = cursor.next()? {
            filter.add(&entry.key);
            crc = crc32c::crc32c_append(crc, &entry.key);
            crc = crc32c::crc32c_append(crc, &entry.index.to_be_bytes());
        }
        run.filter = filter;
        Ok((crc.to_be_bytes() == check).then_some(run))
    }

    fn records(&self, from: u64, count: u64) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; usize::try_from(count).expect("a block") * RECORD];
        self.file.read_at(&mut bytes, HEAD + from * RECORD as u64)?;
        Ok(bytes)
    }

    /// Guesses the place from the first bytes of the key; every other guess halves what is left, so that keys that are
    /// not evenly spread cost only time, and little of it.
    fn find(&self, key: &[u8; 32]) -> io::Result<Option<u64>> {
        let prefix = u128::from(u64::from_be_bytes(key[..8].try_into().expect("8 bytes")));
        let (mut low, mut high) = (0, self.count);
        let mut guess = ((prefix * u128::from(self.count)) >> 64) as u64;
        while low < high {
            let from = guess.saturating_sub(BLOCK / 2).clamp(low, high - 1);
            let count = BLOCK.min(high - from);
            let bytes = self.records(from, count)?;
            let (records, _) = bytes.as_chunks::<RECORD>();
            let (first, last) = (&records[0], &records[records.len() - 1]);
            if key[..] < first[..32] {
                high = from;
            } else if key[..] > last[..32] {
                low = from + count;
            } else {
                let at = records.partition_point(|r| r[..32] < key[..]);
                let record = &records[at];
                let index = u64::from_be_bytes(record[32..].try_into().expect("8 bytes"));
                return Ok((record[..32] == key[..]).then_some(index));
            }
            guess = low + (high.max(low) - low) / 2;
        }
        Ok(None)
    }
}

/// Reads a run from its beginning.
struct Cursor<'r> {
    run: &'r Run,
    next: u64,
    buffer: Vec<u8>,
    at: usize,
}

impl<'r> Cursor<'r> {
    fn new(run: &'r Run) -> Self {
        Self {
            run,
            next: 0,
            buffer: Vec::new(),
            at: 0,
        }
    }

    fn next(&mut self) -> io::Result<Option<Entry>> {
        if self.at == self.buffer.len() {
            let count = (self.run.count - self.next).min(4096);
            if count == 0 {
                return Ok(None);
            }
            self.buffer = self.run.records(self.next, count)?;
            self.next += count;
            self.at = 0;
        }
        let record = &self.buffer[self.at..self.at + RECORD];
        self.at += RECORD;
        let key = record[..32].try_into().expect("32 bytes");
        Ok(Some(Entry {
            key,
            index: u64::from_be_bytes(record[32..].try_into().expect("8 bytes")),
        }))
    }
}

/// Several runs in one order.
struct Merge<'r> {
    cursors: Vec<Cursor<'r>>,
    heads: Vec<Option<Entry>>,
    started: bool,
}

impl<'r> Merge<'r> {
    fn new(runs: &'r [Arc<Run>]) -> Self {
        let cursors: Vec<_> = runs.iter().map(|run| Cursor::new(run)).collect();
        Self {
            heads: vec![None; cursors.len()],
            cursors,
            started: false,
        }
    }

    fn step(&mut self) -> io::Result<Option<Entry>> {
        if !self.started {
            for (head, cursor) in self.heads.iter_mut().zip(&mut self.cursors) {
                *head = cursor.next()?;
            }
            self.started = true;
        }
        let least = self
            .heads
            .iter()
            .enumerate()
            .filter_map(|(n, head)| Some((head.as_ref()?, n)))
            .min();
        let Some((_, n)) = least else { return Ok(None) };
        let next = self.cursors[n].next()?;
        Ok(std::mem::replace(&mut self.heads[n], next))
    }
}

impl Iterator for Merge<'_> {
    type Item = io::Result<Entry>;

    fn next(&mut self) -> Option<Self::Item> {
        self.step().transpose()
    }
}

/// A Bloom filter of 12 bits a key, four probes taken from the key itself: about one false alarm in 200.
struct Filter {
    words: Vec<u64>,
}

impl Filter {
    fn for_keys(keys: u64) -> Self {
        let words = usize::try_from(keys * 12 / 64 + 1).expect("filters fit in memory");
        Self {
            words: vec![0; words],
        }
    }

    fn bits(&self, key: &[u8; 32]) -> [(usize, u64); 4] {
        let bits = self.words.len() as u128 * 64;
        // The first eight bytes place the key in its run; the other twenty-four are free for this.
        [8, 14, 20, 24].map(|at| {
            let part = u64::from_be_bytes(key[at..at + 8].try_into().expect("8 bytes"));
            let bit = (u128::from(part) * bits) >> 64;
            ((bit / 64) as usize, 1 << (bit % 64))
        })
    }

    fn add(&mut self, key: &[u8; 32]) {
        for (word, bit) in self.bits(key) {
            self.words[word] |= bit;
        }
    }

    fn may_hold(&self, key: &[u8; 32]) -> bool {
        self.bits(key)
            .iter()
            .all(|(word, bit)| self.words[*word] & bit != 0)
    }
}
