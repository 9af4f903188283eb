//! Row "bit flip": in a tile, bundle, body, segment, state or index of keys. Never served as good, found by the audit.

use ledger::{BodyState, Ledger};
use testkit::store::{Rng, SimDisk};
use tlog::{
    Hash, Sha256, TreeHash,
    tile::{TileRef, tiles_of},
    tree,
};

use super::lab::{Book, Lab, audit, body_of, entry_of, wait_published, wait_until};
use crate::support::policy;

const ENTRIES: u64 = 1500;

/// Everything that can be asked, each answer compared with the truth: an error, or the truth.
struct Truth {
    leaves: Vec<Hash>,
    wrong: u64,
    refused: u64,
}

impl Truth {
    fn new() -> Self {
        Self {
            leaves: (0..ENTRIES).map(|n| Sha256::leaf(&entry_of(n))).collect(),
            wrong: 0,
            refused: 0,
        }
    }

    fn root(&self, size: u64) -> Hash {
        tree::root_of_leaves::<Sha256>(&self.leaves[..usize::try_from(size).unwrap()])
    }

    fn count<T, E>(&mut self, answer: Result<T, E>, good: impl FnOnce(&Self, T) -> bool) {
        match answer {
            Err(_) => self.refused += 1,
            Ok(answer) => self.wrong += u64::from(!good(self, answer)),
        }
    }

    fn ask(&mut self, ledger: &Ledger, index: u64) {
        self.count(ledger.entry(index), |_, entry| entry == entry_of(index));
        self.count(ledger.body(index), |_, body| {
            body == body_of(index).map_or(BodyState::None, BodyState::Present)
        });
        self.count(ledger.read(index, 3, 1 << 20), |_, records| {
            (index..).zip(records).all(|(n, record)| {
                record.entry == entry_of(n)
                    && record.body == body_of(n).map_or(BodyState::None, BodyState::Present)
            })
        });
        self.count(ledger.receipt(index), |_, (proof, entry)| {
            entry == entry_of(index) && proof.verify(&entry, &policy()).is_ok()
        });
        let old = index + 1;
        self.count(ledger.root(old), |truth, root| root == truth.root(old));
        for size in [old, ENTRIES] {
            self.count(ledger.inclusion(index, size), |truth, proof| {
                let leaf = truth.leaves[usize::try_from(index).unwrap()];
                tree::verify_inclusion::<Sha256>(index, size, &leaf, &proof, &truth.root(size))
                    .is_ok()
            });
        }
        self.count(ledger.consistency(old, ENTRIES), |truth, proof| {
            let (a, b) = (truth.root(old), truth.root(ENTRIES));
            tree::verify_consistency::<Sha256>(old, ENTRIES, &proof, &a, &b).is_ok()
        });
    }

    fn tiles(&mut self, ledger: &Ledger, good: &[(TileRef, Vec<u8>)]) {
        for (tile, bytes) in good {
            self.count(ledger.tile(tile), |_, answer| {
                answer.as_ref() == Some(bytes)
            });
        }
    }
}

#[test]
fn a_flip_is_never_served_as_good_and_the_audit_finds_it() {
    let lab = Lab {
        segment_bytes: 256 * 1024,
        ..Lab::new()
    };
    let disk = lab.create();
    let (ledger, _) = lab.open(disk.clone()).unwrap();
    let mut book = Book::default();
    for from in (0..ENTRIES).step_by(100) {
        book.append(&ledger, from..from + 100, 20).unwrap();
    }
    wait_published(&ledger);
    let refs = tiles_of(ENTRIES).chain((0..ENTRIES.div_ceil(256)).map(|index| TileRef {
        level: None,
        index,
        width: u16::try_from((ENTRIES - index * 256).min(256)).unwrap(),
    }));
    let good: Vec<(TileRef, Vec<u8>)> = refs
        .map(|tile| {
            let bytes = ledger.tile(&tile).unwrap().unwrap();
            (tile, bytes)
        })
        .collect();
    let mut truth = Truth::new();
    for index in (0..ENTRIES).step_by(61) {
        truth.ask(&ledger, index);
    }
    truth.tiles(&ledger, &good);
    assert_eq!((truth.wrong, truth.refused), (0, 0), "all is well");
    ledger.close();
    drop(ledger);

    let mut rng = Rng::new(5);
    let files = disk.paths();
    let watched = |path: &&String| path.starts_with("tile/") || path.starts_with("bodies/");
    let mut seen = 0;
    for path in files.iter().filter(watched) {
        for _ in 0..4 {
            let copy = disk.copy();
            let (ledger, _) = lab.open(copy.clone()).unwrap();
            wait_published(&ledger);
            let mut bytes = copy.get(path).unwrap();
            let bit = rng.below(bytes.len() as u64 * 8);
            bytes[usize::try_from(bit / 8).unwrap()] ^= 1 << (bit % 8);
            copy.put(path, &bytes);
            let mut truth = Truth::new();
            for index in (0..ENTRIES).step_by(67) {
                truth.ask(&ledger, index);
            }
            truth.tiles(&ledger, &good);
            assert_eq!(truth.wrong, 0, "bit {bit} of {path} was served as good");
            ledger.close();
            drop(ledger);
            let report = match audit(&copy) {
                Ok(report) => report,
                Err(refused) => {
                    // A tile that the frames stand on.
                    assert!(refused.to_string().contains("tiles below"), "{refused}");
                    seen += 1;
                    continue;
                }
            };
            if report.holds() {
                // Only what the frames still hold: a start goes through them again, and mends it.
                let (ledger, _) = lab.open(copy.clone()).unwrap();
                wait_until("it is mended", || copy.get(path) == disk.get(path));
                ledger.close();
                continue;
            }
            // An entry and its leaf contradict each other: it cannot be said which of the two files it is.
            let number = path.rsplit('/').next().unwrap();
            let named = report.problems.iter().any(|p| p.path.ends_with(number));
            assert!(named, "{path}: {:?}", report.problems);
            seen += 1;
        }
    }
    assert!(seen > 30, "{seen} flips");
}

/// In a segment: refused, or without any effect (padding, what lies behind the end, what is in tiles already).
#[test]
fn a_flip_in_a_segment_or_in_the_state() {
    let lab = Lab::new();
    let disk = lab.create();
    let (ledger, _) = lab.open(disk.clone()).unwrap();
    let mut book = Book::default();
    for from in (0..400).step_by(40) {
        book.append(&ledger, from..from + 40, 20).unwrap();
    }
    wait_published(&ledger);
    drop(ledger);
    book.collect(&disk);
    let mut rng = Rng::new(6);
    let files: Vec<String> = disk.paths();
    let mut refused = 0;
    for path in files
        .iter()
        .filter(|p| p.starts_with("wal/") || *p == "state/log")
    {
        for _ in 0..30 {
            let copy = disk.copy();
            let mut bytes = copy.get(path).unwrap();
            let bit = rng.below(bytes.len() as u64 * 8);
            bytes[usize::try_from(bit / 8).unwrap()] ^= 1 << (bit % 8);
            copy.put(path, &bytes);
            match lab.open(copy.clone()) {
                Ok((ledger, _)) => book.clone().check_and_audit(ledger, &copy),
                Err(_) => {
                    refused += 1;
                    assert_eq!(copy.get(path), Some(bytes), "{path}: nothing was changed");
                    assert!(audit(&copy).is_err() || !audit(&copy).unwrap().holds());
                }
            }
        }
    }
    assert!(refused > 8, "{refused} flips were noticed");
}

/// In the index of keys: it is made again, and no repetition is taken for new.
#[test]
fn a_flip_in_the_index_of_keys() {
    let lab = Lab::new();
    let disk = lab.create();
    let (ledger, _) = lab.open(disk.clone()).unwrap();
    let mut book = Book::default();
    book.append(&ledger, 0..600, 40).unwrap();
    ledger.close();
    drop(ledger);
    let runs: Vec<String> = disk
        .paths()
        .into_iter()
        .filter(|p| p.starts_with("idx/"))
        .collect();
    assert!(!runs.is_empty());
    let mut rng = Rng::new(7);
    for path in &runs {
        for _ in 0..20 {
            let copy = disk.copy();
            let mut bytes = copy.get(path).unwrap();
            let bit = rng.below(bytes.len() as u64 * 8);
            bytes[usize::try_from(bit / 8).unwrap()] ^= 1 << (bit % 8);
            copy.put(path, &bytes);
            let (ledger, _) = lab.open(copy.clone()).unwrap();
            book.clone().check_and_audit(ledger, &copy);
        }
    }
}

/// A record that cannot be read is no reason to take its repetition in a second time: the group is refused.
#[test]
fn a_repetition_of_a_damaged_record_is_refused() {
    for dir in ["bodies/", "tile/entries/", "tile/0/"] {
        let lab = Lab::new();
        let disk = lab.create();
        let (ledger, _) = lab.open(disk.clone()).unwrap();
        let mut book = Book::default();
        book.append(&ledger, 0..600, 40).unwrap();
        ledger.close();
        drop(ledger);
        let (ledger, _) = lab.open(disk.clone()).unwrap();
        let damage = |disk: &SimDisk| {
            let path = format!("{dir}000");
            let mut bytes = disk.get(&path).unwrap();
            for at in (40..bytes.len()).step_by(97) {
                bytes[at] ^= 1;
            }
            disk.put(&path, &bytes);
        };
        damage(&disk);
        let group = (40..50).map(super::lab::submission).collect();
        match ledger.submit(group).unwrap().wait() {
            Err(ledger::AppendError::Refused { .. }) => {}
            Ok(durable) => assert!(durable.iter().all(|d| d.duplicate()), "{dir}"),
            Err(other) => panic!("{dir}: {other}"),
        }
        assert_eq!(ledger.size(), 600, "{dir}: taken in twice");
        // Others are not hindered.
        book.append(&ledger, 600..610, 5).unwrap();
    }
}
