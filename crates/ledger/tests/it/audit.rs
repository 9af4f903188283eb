//! The audit finds every bit that is not what it was, and nothing where nothing is.

use std::{fs, path::Path};

use ledger::audit::{EntryRules, Options, Report, audit};
use sha2::{Digest, Sha256};

use crate::support::{append, create, key, open, published, submission};

/// Entries of these tests commit to nothing by themselves: their body follows from their number.
struct ByNumber;

impl EntryRules for ByNumber {
    fn commitment(&self, entry: &[u8]) -> Result<Option<([u8; 32], u64)>, String> {
        let text = std::str::from_utf8(entry).map_err(|e| e.to_string())?;
        let rest = text.strip_prefix("{\"n\":").ok_or("not an entry")?;
        let n: u64 = rest
            .split(',')
            .next()
            .unwrap()
            .parse()
            .map_err(|_| "no number")?;
        let body = submission(n).body.unwrap();
        Ok(Some((Sha256::digest(&body).into(), body.len() as u64)))
    }
}

pub(crate) fn full(dir: &Path) -> Report {
    let options = Options {
        rules: Some(&ByNumber),
        threads: 2,
        progress: None,
    };
    audit(dir, key().verifier(), options).unwrap()
}

fn filled(entries: u64) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    create(dir.path());
    let ledger = open(dir.path());
    append(&ledger, 0..entries / 2);
    published(&ledger);
    append(&ledger, entries / 2..entries);
    published(&ledger);
    ledger.close();
    dir
}

#[test]
fn a_good_log_has_nothing_wrong() {
    for entries in [2, 256, 1000, 70_000] {
        let dir = filled(entries);
        let report = full(dir.path());
        assert_eq!(report.problems, []);
        assert_eq!(
            (report.size, report.published, report.bodies),
            (entries, entries, entries)
        );
        assert!(report.checkpoints >= 2);
    }
}

#[test]
fn a_live_log_can_be_audited() {
    let dir = filled(1000);
    let ledger = open(dir.path());
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            append(&ledger, 1000..120_000);
        });
        while !writer.is_finished() {
            assert_eq!(full(dir.path()).problems, []);
        }
    });
    published(&ledger);
    assert_eq!(full(dir.path()).published, 120_000);
}

fn files(dir: &Path, out: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, out)
        } else {
            out.push(path)
        }
    }
}

#[test]
fn a_flipped_bit_anywhere_in_tiles_bundles_bodies_or_checkpoints_is_found() {
    let dir = filled(70_000);
    let mut all = Vec::new();
    for part in ["tile", "bodies", "checkpoints"] {
        files(&dir.path().join(part), &mut all);
    }
    all.push(dir.path().join("checkpoint"));
    all.sort();
    assert!(all.len() > 800);
    for (n, path) in all.iter().enumerate().step_by(41) {
        let good = fs::read(path).unwrap();
        let mut bad = good.clone();
        let at = (n * 7919) % bad.len();
        bad[at] ^= 1 << (n % 8);
        fs::write(path, &bad).unwrap();
        assert!(!full(dir.path()).holds(), "byte {at} of {}", path.display());
        fs::write(path, &bad[..bad.len() / 2]).unwrap();
        assert!(!full(dir.path()).holds(), "half of {}", path.display());
        fs::write(path, &good).unwrap();
    }
    assert!(full(dir.path()).holds());
}
