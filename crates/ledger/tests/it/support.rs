//! A log in a temporary directory, and entries for it.

use std::{path::Path, time::Duration};

use ledger::{Config, Durable, EntryBytes, Ledger, Submission, SubmitError};
use tlog::{
    checkpoint::Origin,
    note::{KeyKind, SigningKey},
    policy::Policy,
};

pub(crate) const ORIGIN: &str = "liuhen.example/A330100";

pub(crate) fn key() -> SigningKey {
    SigningKey::from_seed(ORIGIN, [7; 32], KeyKind::Log).unwrap()
}

pub(crate) fn config() -> Config {
    Config::new(Origin::new(ORIGIN).unwrap(), key())
}

pub(crate) fn policy() -> Policy {
    Policy::of_log(key().verifier().clone()).unwrap()
}

pub(crate) fn create(dir: &Path) {
    Ledger::create(dir, &config()).unwrap();
}

pub(crate) fn open(dir: &Path) -> Ledger {
    Ledger::open(dir, config()).unwrap().0
}

/// Entry number `n`, with a key and a body.
pub(crate) fn submission(n: u64) -> Submission {
    Submission {
        key: Some(key_of(n)),
        entry: EntryBytes::Stamped {
            prefix: format!("{{\"n\":{n},\"recorded\":\"").into_bytes(),
            suffix: b"\"}\n\n".to_vec(),
        },
        body: Some(body_of(n)),
    }
}

pub(crate) fn key_of(n: u64) -> [u8; 32] {
    use tlog::TreeHash;
    tlog::Sha256::leaf(&n.to_be_bytes())
}

pub(crate) fn body_of(n: u64) -> Vec<u8> {
    format!("body of {n}, which is nobody's business").into_bytes()
}

pub(crate) fn append(ledger: &Ledger, numbers: std::ops::Range<u64>) -> Vec<Durable> {
    let numbers: Vec<u64> = numbers.collect();
    let mut pending = Vec::new();
    for chunk in numbers.chunks(100) {
        pending.push(loop {
            match ledger.submit(chunk.iter().map(|n| submission(*n)).collect()) {
                Err(SubmitError::Busy { .. }) => std::thread::sleep(Duration::from_millis(1)),
                other => break other.unwrap(),
            }
        });
    }
    pending
        .into_iter()
        .flat_map(|p| p.wait().unwrap())
        .collect()
}

/// Waits until the checkpoint covers everything that is durable.
pub(crate) fn published(ledger: &Ledger) -> u64 {
    let size = ledger.size();
    for _ in 0..2000 {
        if ledger.published().is_some_and(|p| p.size() >= size) {
            return size;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    panic!("size {size} was not published in ten seconds");
}
