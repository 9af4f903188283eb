//! A log on a simulated disk, and a book of everything that it ever promised.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use ledger::{
    AppendError, BodyState, Clock, Config, Durable, EntryBytes, Ledger, OpenError, Recovered,
    Submission, SubmitError,
    audit::{EntryRules, Options, Report, audit_on},
    store::Store,
};
use testkit::store::{Faulty, SimDisk};
use tlog::{
    Hash, Sha256, TreeHash, checkpoint,
    tile::{TileRef, WIDTH},
    tree,
};

use crate::support::{key, key_of, policy};

/// A clock that tests turn.
#[derive(Clone)]
pub(super) struct TestClock(pub(super) Arc<AtomicI64>);

impl Clock for TestClock {
    fn now(&self) -> i64 {
        self.0.fetch_add(1, Ordering::Relaxed)
    }
}

/// Options for logs in these tests: small segments, so that many are turned; a fatal error is counted instead of obeyed.
#[derive(Clone)]
pub(super) struct Lab {
    pub(super) clock: TestClock,
    pub(super) fatal: Arc<AtomicU64>,
    pub(super) segment_bytes: u64,
}

impl Lab {
    pub(super) fn new() -> Self {
        Self {
            clock: TestClock(Arc::new(AtomicI64::new(1_795_500_432_000_000))),
            fatal: Arc::default(),
            segment_bytes: 64 * 1024,
        }
    }

    pub(super) fn config(&self) -> Config {
        let fatal = Arc::clone(&self.fatal);
        Config {
            clock: Arc::new(self.clock.clone()),
            publish_every: Duration::from_millis(1),
            segment_bytes: self.segment_bytes,
            on_fatal: Arc::new(move || {
                fatal.fetch_add(1, Ordering::Relaxed);
            }),
            ..crate::support::config()
        }
    }

    pub(super) fn fatal(&self) -> u64 {
        self.fatal.load(Ordering::Relaxed)
    }

    pub(super) fn create(&self) -> SimDisk {
        let disk = SimDisk::new();
        Ledger::create_on(&disk, &self.config()).unwrap();
        disk
    }

    pub(super) fn open(
        &self,
        store: impl Store + 'static,
    ) -> Result<(Ledger, Recovered), OpenError> {
        Ledger::open_on(Arc::new(store), self.config())
    }
}

/// Entry number `n`: lengths differ, two of three have a body, and it says which body it commits to.
pub(super) fn submission(n: u64) -> Submission {
    Submission {
        key: Some(key_of(n)),
        entry: EntryBytes::Fixed(entry_of(n)),
        body: body_of(n),
    }
}

pub(super) fn body_of(n: u64) -> Option<Vec<u8>> {
    let text = format!("the words of {n}, which are nobody's business; ");
    (!n.is_multiple_of(3)).then(|| text.repeat(1 + (n % 7) as usize).into_bytes())
}

pub(super) fn entry_of(n: u64) -> Vec<u8> {
    let fill = "x".repeat((n * 37 % 211) as usize);
    let commitment = body_of(n).map_or(String::new(), |body| {
        let hash: String = <Sha256 as TreeHash>::leaf(&body)
            .iter()
            .map(|b| format!("{b:02x}"))
            .collect();
        format!(",\"body\":\"{hash}\"")
    });
    format!("{{\"n\":{n},\"fill\":\"{fill}\"{commitment}}}\n\n").into_bytes()
}

pub(super) fn number_of(entry: &[u8]) -> u64 {
    try_number_of(entry).unwrap()
}

fn try_number_of(entry: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(entry).ok()?;
    let rest = text.strip_prefix("{\"n\":")?;
    rest.split(',').next()?.parse().ok()
}

struct Rules;

impl EntryRules for Rules {
    fn commitment(&self, entry: &[u8]) -> Result<Option<(Hash, u64)>, String> {
        use sha2::{Digest, Sha256};
        let n = try_number_of(entry).ok_or("not an entry")?;
        Ok(body_of(n).map(|body| (Sha256::digest(&body).into(), body.len() as u64)))
    }
}

pub(super) fn audit(store: &dyn Store) -> Result<Report, OpenError> {
    let options = Options {
        rules: Some(&Rules),
        threads: 1,
        progress: None,
    };
    audit_on(store, key().verifier(), options)
}

/// What was promised: entries by number, and every checkpoint that was ever seen signed.
#[derive(Clone, Default)]
pub(super) struct Book {
    pub(super) acknowledged: BTreeMap<u64, u64>,
    pub(super) erased: std::collections::BTreeSet<u64>,
    pub(super) signed: BTreeMap<u64, Hash>,
}

impl Book {
    /// Submits numbers in groups, waits for all, and writes down what was acknowledged.
    pub(super) fn append(
        &mut self,
        ledger: &Ledger,
        numbers: std::ops::Range<u64>,
        group: usize,
    ) -> Result<(), AppendError> {
        let numbers: Vec<u64> = numbers.collect();
        let mut waiting = Vec::new();
        let mut first_error = None;
        for chunk in numbers.chunks(group) {
            match ledger.submit(chunk.iter().map(|n| submission(*n)).collect()) {
                Ok(pending) => waiting.push((chunk, pending)),
                Err(SubmitError::Closed) => {
                    first_error.get_or_insert(AppendError::Unknown);
                    break;
                }
                Err(other) => panic!("{other}"),
            }
        }
        for (chunk, pending) in waiting {
            match pending.wait() {
                Ok(durable) => self.note_down(chunk, &durable),
                Err(error) => {
                    first_error.get_or_insert(error);
                }
            }
        }
        first_error.map_or(Ok(()), Err)
    }

    pub(super) fn note_down(&mut self, numbers: &[u64], durable: &[Durable]) {
        assert_eq!(numbers.len(), durable.len());
        for (n, durable) in numbers.iter().zip(durable) {
            assert_eq!(durable.leaf(), &Sha256::leaf(&entry_of(*n)), "leaf of {n}");
            let before = self.acknowledged.insert(*n, durable.index());
            assert!(
                before.is_none_or(|b| b == durable.index()),
                "{n} was acknowledged at {before:?} and at {}",
                durable.index()
            );
        }
    }

    /// Reads every note that lies on the disk; two of one size must have one root.
    pub(super) fn collect(&mut self, disk: &SimDisk) {
        for path in disk.paths() {
            let note = path == "checkpoint" || path.starts_with("checkpoints/");
            if !note || path.ends_with(".new") {
                continue;
            }
            self.signed_note(&disk.get(&path).unwrap(), &path);
        }
    }

    pub(super) fn signed_note(&mut self, note: &[u8], whence: &str) {
        let opened = checkpoint::open(note, &[key().verifier().clone()])
            .unwrap_or_else(|e| panic!("{whence}: {e}"));
        let (size, root) = (opened.checkpoint().size, opened.checkpoint().root);
        let before = self.signed.insert(size, root);
        assert!(
            before.is_none_or(|b| b == root),
            "two roots were signed for size {size} ({whence})"
        );
    }

    /// Everything that was promised holds in this log.
    pub(super) fn check(&mut self, ledger: &Ledger, disk: &SimDisk) {
        wait_published(ledger);
        self.collect(disk);
        let size = ledger.size();
        let mut leaves = Vec::new();
        let mut at = 0;
        let mut numbers = BTreeMap::new();
        while at < size {
            let records = ledger.read(at, 1000, 1 << 20).unwrap();
            assert!(!records.is_empty());
            for record in records {
                assert_eq!(record.index, at);
                leaves.push(Sha256::leaf(&record.entry));
                let n = number_of(&record.entry);
                assert_eq!(record.entry, entry_of(n));
                let body = match body_of(n) {
                    None => BodyState::None,
                    Some(_) if self.erased.contains(&n) => BodyState::Erased,
                    Some(body) => BodyState::Present(body),
                };
                assert_eq!(record.body, body, "body of {n}");
                let twice = numbers.insert(n, at);
                assert_eq!(twice, None, "{n} stands twice in the log");
                at += 1;
            }
        }
        for (n, index) in &self.acknowledged {
            assert_eq!(numbers.get(n), Some(index), "where {n} was acknowledged");
        }
        // Root by definition, over all leaves: nothing of the log's own arithmetic is believed here.
        assert_eq!(
            ledger.root(size).unwrap(),
            tree::root_of_leaves::<Sha256>(&leaves)
        );
        for (signed, root) in &self.signed {
            assert!(*signed <= size, "size {signed} was signed, {size} are here");
            let here = &leaves[..usize::try_from(*signed).unwrap()];
            assert_eq!(
                &tree::root_of_leaves::<Sha256>(here),
                root,
                "the root that was signed for size {signed}"
            );
        }
        for index in (0..size).step_by(usize::try_from(size / 8 + 1).unwrap()) {
            let (proof, entry) = ledger.receipt(index).unwrap();
            proof.verify(&entry, &policy()).unwrap();
        }
        // Every repetition is recognised.
        let known: Vec<u64> = self.acknowledged.keys().copied().collect();
        for chunk in known.chunks(256) {
            let group = chunk.iter().map(|n| submission(*n)).collect();
            let again = ledger.submit(group).unwrap().wait().unwrap();
            assert!(again.iter().all(|d| d.duplicate()));
            self.note_down(chunk, &again);
        }
        assert_eq!(ledger.size(), size, "a repetition was appended");
    }

    /// As [`Book::check`], then closes, and has the disk audited.
    pub(super) fn check_and_audit(&mut self, ledger: Ledger, disk: &SimDisk) {
        self.check(&ledger, disk);
        ledger.close();
        drop(ledger);
        self.collect(disk);
        let report = audit(disk).unwrap();
        assert_eq!(report.problems, []);
        check_tiles(disk);
    }
}

pub(super) fn wait_published(ledger: &Ledger) {
    let (size, since) = (ledger.size(), Instant::now());
    while size > 0 && ledger.published().is_none_or(|p| p.size() < size) {
        assert!(since.elapsed() < Duration::from_secs(20), "not published");
        std::thread::sleep(Duration::from_millis(1));
    }
}

pub(super) fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let since = Instant::now();
    while !holds() {
        assert!(since.elapsed() < Duration::from_secs(20), "{what}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Waits until the threads of the log have nothing to do for a moment.
pub(super) fn settle(store: &Faulty) {
    let mut seen = usize::MAX;
    loop {
        let now = store.changes().len();
        if now == seen {
            return;
        }
        seen = now;
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The tiles on the disk are those of the entries in the bundles on the disk, as the definition says, and no others.
pub(super) fn check_tiles(disk: &SimDisk) {
    let mut level: Vec<Hash> = Vec::new();
    for number in 0.. {
        let path = TileRef {
            level: None,
            index: number,
            width: 256,
        }
        .path();
        let Some(bundle) = disk.get(&path) else { break };
        let entries: Vec<_> = tlog::bundle::iter(&bundle).map(Result::unwrap).collect();
        assert_eq!(entries.len(), 256, "{path}");
        level.extend(entries.into_iter().map(Sha256::leaf));
    }
    let mut expected = 0;
    for height in 0.. {
        let mut above = Vec::new();
        for (number, tile) in level.chunks_exact(WIDTH as usize).enumerate() {
            let path = TileRef {
                level: Some(height),
                index: number as u64,
                width: 256,
            }
            .path();
            assert_eq!(disk.get(&path), Some(tile.concat()), "{path}");
            above.push(tree::root_of_leaves::<Sha256>(tile));
            expected += 1;
        }
        if above.is_empty() {
            break;
        }
        level = above;
    }
    let hash_tiles = disk
        .paths()
        .iter()
        .filter(|p| p.starts_with("tile/") && !p.starts_with("tile/entries/"))
        .count();
    assert_eq!(hash_tiles, expected, "tiles that no bundle explains");
}
