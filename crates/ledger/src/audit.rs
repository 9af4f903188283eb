//! The whole log, read again from the disk and believed in nothing: structure, signatures, bodies.
//!
//! Every bundle is hashed against its tile and every tile against the one above, up to the roots of every checkpoint that
//! was ever published; frames not yet in tiles are read as a start would read them. Needs the directory and the public key,
//! no secret and no lock: a live log may be audited. Changes nothing and repairs nothing.

use std::{
    collections::HashMap,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use sha2::{Digest, Sha256 as Digest256};
use tlog::{
    Hash, Sha256, TreeHash, checkpoint,
    note::{Note, SignatureLine, VerifierKey, verify_batch},
    tile::{TileRef, WIDTH},
    tree::{self, HashReader, Place, TileNodes},
};

use crate::{
    OpenError, publisher,
    read::{ReadError, read_tile},
    recover::{self, Scan},
    shared::NO_PANIC,
    side,
    state::StateFile,
    store::{Disk, Store},
    tiler,
};

/// What the owner of the entries knows about them, so that the audit can check bodies and signatures.
pub trait EntryRules: Sync {
    /// SHA-256 and length of the body that an entry commits to; `None` if it commits to none.
    ///
    /// # Errors
    /// In words, if the bytes are not an entry at all.
    fn commitment(&self, entry: &[u8]) -> Result<Option<(Hash, u64)>, String>;

    /// Keys of the actors who may have signed entries.
    fn actors(&self) -> Arc<[VerifierKey]> {
        Arc::new([])
    }
}

/// How much to check.
#[derive(Clone, Copy)]
pub struct Options<'o> {
    /// `None` checks the structure alone.
    pub rules: Option<&'o dyn EntryRules>,
    /// Threads; 0 for one per core.
    pub threads: usize,
    /// Told how many entries of how many are done.
    pub progress: Option<&'o (dyn Fn(u64, u64) + Sync)>,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Entries that are durable.
    pub size: u64,
    /// Root at that size.
    pub root: Hash,
    /// Entries under the newest checkpoint.
    pub published: u64,
    /// Checkpoints whose signature and root were checked.
    pub checkpoints: u64,
    /// Full tiles and bundles that were hashed.
    pub tiles: u64,
    /// Bodies that meet their commitment.
    pub bodies: u64,
    /// Bodies that were erased; their proofs stand.
    pub erased: u64,
    /// Signatures of actors that hold.
    pub actor_signatures: u64,
    /// What is wrong: the first thousand.
    pub problems: Vec<Problem>,
    /// How many things are wrong.
    pub problem_count: u64,
}

impl Report {
    /// Whether nothing is wrong.
    pub fn holds(&self) -> bool {
        self.problem_count == 0
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// First entry concerned, if it concerns entries.
    pub index: Option<u64>,
    /// File, relative to the log.
    pub path: String,
    /// In words.
    pub what: String,
}

const KEPT_PROBLEMS: usize = 1000;
/// Times that a log which is written meanwhile is read again.
const TRIES: usize = 5;

/// Audits the log in a directory.
///
/// # Errors
/// [`OpenError`] if the frames cannot be read as a start would read them: that is a verdict too.
pub fn audit(dir: &Path, key: &VerifierKey, options: Options<'_>) -> Result<Report, OpenError> {
    audit_on(&Disk::new(dir), key, options)
}

/// As [`audit`], on another store.
///
/// # Errors
/// [`OpenError`].
pub fn audit_on(
    store: &dyn Store,
    key: &VerifierKey,
    options: Options<'_>,
) -> Result<Report, OpenError> {
    // What was signed is read before the frames: a log that is written meanwhile has then at least that.
    let signed = Signed::read(store)?;
    let mut tries = 1;
    let scan = loop {
        match recover::scan(store) {
            Err(_) if tries < TRIES => tries += 1,
            other => break other?,
        }
    };
    let audit = Audit {
        store,
        options,
        scan,
        report: Mutex::default(),
        done: AtomicU64::new(0),
    };
    audit.run(&signed, key)
}

/// What the log has ever signed, as far as it says.
struct Signed {
    state: Option<(u64, Hash)>,
    notes: Vec<(String, Vec<u8>)>,
}

impl Signed {
    fn read(store: &dyn Store) -> Result<Self, OpenError> {
        let failed = |what| recover::io_error(what);
        let state = match StateFile::open(store) {
            Ok(file) => {
                Some(file.ok_or(OpenError::State)?.state).map(|s| (s.signed_size, s.signed_root))
            }
            // A copy for others has no state.
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => None,
            Err(e) => return Err(failed("read state/log")(e)),
        };
        let mut notes = Vec::new();
        if let Some(note) = store
            .read_if_there(publisher::PATH)
            .map_err(failed("read the checkpoint"))?
        {
            notes.push((publisher::PATH.to_owned(), note));
        }
        let mut dirs = vec!["checkpoints".to_owned()];
        while let Some(dir) = dirs.pop() {
            for name in store.list(&dir).map_err(failed("list the checkpoints"))? {
                let path = format!("{dir}/{name}");
                if name.starts_with('x') {
                    dirs.push(path);
                } else if !name.ends_with(".new") {
                    let note = store.read(&path).map_err(failed("read a checkpoint"))?;
                    notes.push((path, note));
                }
            }
        }
        Ok(Self { state, notes })
    }
}

struct Audit<'a> {
    store: &'a dyn Store,
    options: Options<'a>,
    scan: Scan,
    report: Mutex<Report>,
    done: AtomicU64,
}

/// A number of things counted by one worker.
#[derive(Default)]
struct Counts {
    bodies: u64,
    erased: u64,
    actor_signatures: u64,
}

impl Audit<'_> {
    fn problem(&self, index: Option<u64>, path: impl Into<String>, what: impl ToString) {
        let mut report = self.report.lock().expect(NO_PANIC);
        report.problem_count += 1;
        if report.problems.len() < KEPT_PROBLEMS {
            report.problems.push(Problem {
                index,
                path: path.into(),
                what: what.to_string(),
            });
        }
    }

    fn run(self, signed: &Signed, key: &VerifierKey) -> Result<Report, OpenError> {
        let (size, root, tiled) = {
            let tail = self.scan.tail();
            (tail.durable, tail.root, tail.tiled)
        };
        let roots = self.bundles(tiled / WIDTH, size);
        self.check_tail(size);
        let levels = self.upper_tiles(roots);
        let reader = Levels {
            audit: &self,
            levels: &levels,
            folded: Mutex::default(),
        };
        if tree::root_from_tiles::<Sha256, _>(&reader, size).ok() != Some(root) {
            self.problem(
                None,
                "wal",
                format!("the frames end in another root than the {size} entries hash to"),
            );
        }
        self.signed(signed, key, &reader, size);
        let mut report = self.report.into_inner().expect(NO_PANIC);
        (report.size, report.root) = (size, root);
        report.tiles += tiled / WIDTH;
        report.problems.sort();
        Ok(report)
    }

    /// Hashes every full bundle on disk, and gives the roots of the level-0 tiles.
    fn bundles(&self, count: u64, size: u64) -> Vec<Hash> {
        /// Bundles that a worker takes at once.
        const TAKE: u64 = 16;
        let threads = match self.options.threads {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            n => n,
        };
        let next = AtomicU64::new(0);
        let work = || {
            let (mut roots, mut counts) = (Vec::new(), Counts::default());
            loop {
                let from = next.fetch_add(TAKE, Ordering::Relaxed);
                if from >= count {
                    return (roots, counts);
                }
                for number in from..count.min(from + TAKE) {
                    roots.push((number, self.bundle(number, &mut counts)));
                }
                let done = self.done.fetch_add(TAKE * WIDTH, Ordering::Relaxed) + TAKE * WIDTH;
                if let Some(progress) = self.options.progress {
                    progress(done.min(size), size);
                }
            }
        };
        let mut roots = vec![[0; 32]; usize::try_from(count).expect("tiles fit in memory")];
        std::thread::scope(|scope| {
            let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
            for worker in workers {
                let (found, counts) = worker.join().expect("a worker of the audit does not panic");
                for (number, root) in found {
                    roots[usize::try_from(number).expect("counted above")] = root;
                }
                self.count(&counts);
            }
        });
        roots
    }

    fn count(&self, counts: &Counts) {
        let mut report = self.report.lock().expect(NO_PANIC);
        report.bodies += counts.bodies;
        report.erased += counts.erased;
        report.actor_signatures += counts.actor_signatures;
    }

    /// One bundle with its tile and its sides. The root is that of what the *bundle* hashes to.
    fn bundle(&self, number: u64, counts: &mut Counts) -> Hash {
        let first = number * WIDTH;
        let path = tiler::bundle_path(number);
        let bundle = match self.store.read(&path) {
            Ok(bundle) => bundle,
            Err(e) => {
                self.problem(Some(first), path, e);
                return [0; 32];
            }
        };
        let mut entries: Vec<&[u8]> = Vec::with_capacity(WIDTH as usize);
        for entry in tlog::bundle::iter(&bundle) {
            match entry {
                Ok(entry) => entries.push(entry),
                Err(e) => self.problem(Some(first), path.clone(), e),
            }
        }
        let mut leaves: Vec<Hash> = entries.iter().map(|entry| Sha256::leaf(entry)).collect();
        if leaves.len() != WIDTH as usize {
            self.problem(
                Some(first),
                path,
                format!("it has {} entries instead of 256", leaves.len()),
            );
            leaves.resize(WIDTH as usize, [0; 32]);
        }
        match read_tile(self.store, 0, number) {
            Ok(tile) => {
                if let Some(at) = tile.iter().zip(&leaves).position(|(a, b)| a != b) {
                    let what = "the entry does not hash to its leaf in the tile";
                    self.problem(Some(first + at as u64), tiler::tile_path(0, number), what);
                }
            }
            Err(e) => self.problem(Some(first), tiler::tile_path(0, number), e),
        }
        if let Some(rules) = self.options.rules {
            self.check_sides(number, &entries, rules, counts);
            self.check_actors(first, &entries, rules, counts);
        }
        tree::root_of_leaves::<Sha256>(&leaves)
    }

    fn check_sides(
        &self,
        number: u64,
        entries: &[&[u8]],
        rules: &dyn EntryRules,
        counts: &mut Counts,
    ) {
        let (first, path) = (number * WIDTH, tiler::sides_path(number));
        let file = match self.store.read_if_there(&path) {
            Ok(file) => file,
            Err(e) => return self.problem(Some(first), path, e),
        };
        let blank = vec![0; WIDTH as usize];
        let read = |file: &[u8]| -> Result<Vec<usize>, side::SideError> {
            side::offsets(side::records(file)?, WIDTH as usize)
        };
        let (records, offsets) = match &file {
            None => (&blank[..], (0..=WIDTH as usize).collect()),
            Some(file) => match read(file) {
                Ok(offsets) => (side::records(file).expect("read above"), offsets),
                Err(e) => return self.problem(Some(first), path, e),
            },
        };
        for ((entry, at), index) in entries.iter().zip(&offsets).zip(first..) {
            let side = side::take(records, *at)
                .expect("offsets were read from it")
                .0;
            self.check_body(index, entry, &side, rules, &path, counts);
        }
    }

    fn check_body(
        &self,
        index: u64,
        entry: &[u8],
        side: &side::Side<'_>,
        rules: &dyn EntryRules,
        path: &str,
        counts: &mut Counts,
    ) {
        match (rules.commitment(entry), side.body) {
            (Err(what), _) => self.problem(Some(index), path, what),
            (Ok(None), None) => {}
            (Ok(None), Some(_)) => self.problem(
                Some(index),
                path,
                "there is a body, but the entry commits to none",
            ),
            (Ok(Some(_)), Some((_, true))) => counts.erased += 1,
            (Ok(Some(_)), None) => self.problem(
                Some(index),
                path,
                "the entry commits to a body, but there is none",
            ),
            (Ok(Some((hash, size))), Some((body, false))) => {
                if body.len() as u64 == size && Hash::from(Digest256::digest(body)) == hash {
                    counts.bodies += 1;
                } else {
                    self.problem(
                        Some(index),
                        path,
                        "the body is not the one that the entry commits to",
                    );
                }
            }
        }
    }

    fn check_actors(
        &self,
        first: u64,
        entries: &[&[u8]],
        rules: &dyn EntryRules,
        counts: &mut Counts,
    ) {
        let keys = rules.actors();
        let notes: Vec<(u64, Note)> = entries
            .iter()
            .zip(first..)
            .filter(|(entry, _)| !entry.ends_with(b"\n\n"))
            .filter_map(|(entry, index)| Some((index, Note::parse(entry).ok()?)))
            .collect();
        let mut items: Vec<(&VerifierKey, &[u8], &SignatureLine)> = Vec::new();
        let mut indexes = Vec::new();
        for (index, note) in &notes {
            for line in note.signatures() {
                match keys
                    .iter()
                    .find(|k| k.id() == line.id() && k.name() == line.name())
                {
                    Some(key) => {
                        items.push((key, note.unverified_text().as_bytes(), line));
                        indexes.push(*index);
                    }
                    None => self.problem(
                        Some(*index),
                        "",
                        format!("signed by {}, whose key is not known", line.name()),
                    ),
                }
            }
        }
        if items.is_empty() {
            return;
        }
        let rng = getrandom::rand_core::UnwrapErr(getrandom::SysRng);
        for (verdict, index) in verify_batch(&items, rng).into_iter().zip(indexes) {
            match verdict {
                Ok(()) => counts.actor_signatures += 1,
                Err(e) => self.problem(Some(index), "", e),
            }
        }
    }

    /// Bodies and signatures of what is still in frames; that their entries hash to their roots was checked by the scan.
    fn check_tail(&self, size: u64) {
        let Some(rules) = self.options.rules else {
            return;
        };
        let mut counts = Counts::default();
        let tail = self.scan.tail();
        for frame in &tail.frames {
            for index in frame.first.max(tail.tiled)..frame.end() {
                let entry = frame.entry(index);
                self.check_body(index, entry, &frame.side(index), rules, "wal", &mut counts);
                self.check_actors(index, &[entry], rules, &mut counts);
            }
        }
        self.count(&counts);
        if let Some(progress) = self.options.progress {
            progress(size, size);
        }
    }

    /// Compares every full tile above level 0 with what its children hash to, and gives all levels from 1 on.
    fn upper_tiles(&self, roots: Vec<Hash>) -> Vec<Vec<Hash>> {
        let mut levels = vec![roots];
        for level in 1..8 {
            let below = &levels[usize::from(level) - 1];
            let mut roots = Vec::with_capacity(below.len() / WIDTH as usize);
            for (number, hashes) in (0..).zip(below.chunks_exact(WIDTH as usize)) {
                match read_tile(self.store, level, number) {
                    Ok(tile) if tile == hashes => {}
                    Ok(_) => self.problem(
                        None,
                        tiler::tile_path(level, number),
                        "it does not hold what is below it",
                    ),
                    Err(e) => self.problem(None, tiler::tile_path(level, number), e),
                }
                self.report.lock().expect(NO_PANIC).tiles += 1;
                roots.push(tree::root_of_leaves::<Sha256>(hashes));
            }
            if roots.is_empty() {
                break;
            }
            levels.push(roots);
        }
        levels
    }

    /// Every checkpoint: signed by the log, and the root that the entries have at its size.
    fn signed(&self, signed: &Signed, key: &VerifierKey, reader: &Levels<'_>, size: u64) {
        let mut found: Vec<(u64, Hash, String)> = Vec::new();
        for (path, note) in &signed.notes {
            match checkpoint::open(note, std::slice::from_ref(key)) {
                Err(e) => self.problem(None, path.clone(), e),
                Ok(opened) => {
                    let checkpoint = opened.checkpoint();
                    if path == publisher::PATH {
                        self.report.lock().expect(NO_PANIC).published = checkpoint.size;
                    } else if *path != publisher::archive_path(checkpoint.size) {
                        self.problem(
                            None,
                            path.clone(),
                            format!("it is of size {}", checkpoint.size),
                        );
                    }
                    found.push((checkpoint.size, checkpoint.root, path.clone()));
                }
            }
        }
        self.report.lock().expect(NO_PANIC).checkpoints = found.len() as u64;
        found.extend(
            signed
                .state
                .map(|(size, root)| (size, root, crate::state::PATH.to_owned())),
        );
        found.sort_unstable();
        for (at, root, path) in found {
            if at > size {
                self.problem(
                    None,
                    path,
                    format!("size {at} was signed, but only {size} entries are here"),
                );
                continue;
            }
            match tree::root_from_tiles::<Sha256, _>(reader, at) {
                Ok(is) if is == root => {}
                Ok(_) => self.problem(
                    None,
                    path,
                    format!("the first {at} entries have another root than was signed"),
                ),
                Err(e) => self.problem(None, path, e),
            }
        }
    }
}

/// The hashes that the audit has made itself; those of level 0 from tiles that it has compared.
struct Levels<'a> {
    audit: &'a Audit<'a>,
    /// From level 1 on.
    levels: &'a [Vec<Hash>],
    folded: Mutex<HashMap<(u8, u64), Arc<TileNodes>>>,
}

impl HashReader for Levels<'_> {
    type Error = ReadError;

    fn tile_hashes(&self, level: u8, index: u64, width: u16) -> Result<Vec<Hash>, ReadError> {
        let (from, width) = (index * WIDTH, usize::from(width));
        let tail = self.audit.scan.tail();
        if level == 0 {
            if let Some(hashes) = tail.hashes(0, from, width) {
                return Ok(hashes);
            }
            let mut hashes = read_tile(self.audit.store, 0, index)?;
            hashes.truncate(width);
            return Ok(hashes);
        }
        // What is tiled was hashed above; what follows stands in the rows of the tail.
        let made = self
            .levels
            .get(usize::from(level) - 1)
            .map_or(&[][..], |row| &row[..]);
        (from..from + width as u64)
            .map(|at| {
                let here = usize::try_from(at)
                    .ok()
                    .and_then(|at| made.get(at).copied());
                here.or_else(|| tail.hashes(level, at, 1).map(|h| h[0]))
                    .ok_or_else(|| ReadError::Damaged {
                        path: TileRef {
                            level: Some(level),
                            index,
                            width: 256,
                        }
                        .path(),
                        what: "it does not reach so far".to_owned(),
                    })
            })
            .collect()
    }

    fn node_at_hand(&self, height: u32, index: u64) -> Option<Hash> {
        let place = Place::of(height, index);
        let made = tlog::tile::nodes_at(place.level, self.audit.scan.tail().tiled);
        if place.tile.checked_add(1)? * WIDTH > made {
            return None;
        }
        let at = (place.level, place.tile);
        if let Some(nodes) = self.folded.lock().expect(NO_PANIC).get(&at) {
            return nodes.get(&place);
        }
        let nodes = Arc::new(TileNodes::new::<Sha256>(
            self.tile_hashes(place.level, place.tile, 256).ok()?,
        ));
        let node = nodes.get(&place);
        let mut folded = self.folded.lock().expect(NO_PANIC);
        // Checkpoints come in order of size: what was folded long ago is not asked for again.
        if folded.len() > 1024 {
            folded.retain(|(level, _), _| *level > 0);
        }
        folded.insert(at, nodes);
        node
    }
}
