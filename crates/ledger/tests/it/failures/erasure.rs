//! Erasing a body: gone from every file of the directory, also after a crash at any step of it; the proof stands.

use std::io::ErrorKind;

use ledger::{BodyState, EraseError, Ledger};
use testkit::store::{Fault, Faulty, OpKind, Rng, Rule, SimDisk};

use super::lab::{Book, Lab, settle, wait_published, wait_until};
use crate::support::policy;

fn needle(n: u64) -> Vec<u8> {
    format!("the words of {n}, which").into_bytes()
}

fn is_gone(disk: &SimDisk, n: u64, what: &str) {
    assert_eq!(
        disk.holding(&needle(n)),
        Vec::<String>::new(),
        "{what}: body of {n}"
    );
}

fn proof_stands(ledger: &Ledger, index: u64) {
    wait_published(ledger);
    let (proof, entry) = ledger.receipt(index).unwrap();
    proof.verify(&entry, &policy()).unwrap();
    assert_eq!(ledger.body(index).unwrap(), BodyState::Erased);
}

/// In a file, in memory, and in both kinds of frames; while others write.
#[test]
fn the_bytes_are_gone_while_others_write() {
    for segment_bytes in [16 * 1024, 64 * 1024, 1 << 20] {
        let mut book = Book::default();
        let lab = Lab {
            segment_bytes,
            ..Lab::new()
        };
        let disk = lab.create();
        let (ledger, _) = lab.open(disk.clone()).unwrap();
        let mut rng = Rng::new(segment_bytes);
        let mut next = 0;
        for round in 0..25 {
            let writer = {
                let (ledger, mut book, from) = (ledger.clone(), book.clone(), next);
                std::thread::spawn(move || {
                    for n in 0..4 {
                        book.append(&ledger, from + n * 13..from + (n + 1) * 13, 5)
                            .unwrap();
                    }
                    book
                })
            };
            // An old one, or one that has hardly been acknowledged.
            let wanted = if round % 2 == 0 || next == 0 {
                next + 1
            } else {
                next - 1 - rng.below(next.min(300))
            };
            let n = (wanted.saturating_sub(1)..)
                .find(|n| !n.is_multiple_of(3))
                .unwrap();
            let mut index = book.acknowledged.get(&n).copied();
            wait_until("it is acknowledged", || {
                if index.is_none() {
                    let mut at = (0..ledger.size()).rev().take(60);
                    index = at.find(|i| {
                        let entry = ledger.entry(*i);
                        entry.is_ok_and(|e| super::lab::number_of(&e) == n)
                    });
                }
                index.is_some()
            });
            let index = index.unwrap();
            ledger.erase(index).unwrap();
            is_gone(
                &disk,
                n,
                &format!("round {round}, segments of {segment_bytes}"),
            );
            book = writer.join().unwrap();
            book.erased.insert(n);
            next += 52;
            proof_stands(&ledger, index);
        }
        for n in &book.erased {
            is_gone(&disk, *n, "at the end");
        }
        book.check(&ledger, &disk);
        ledger.close();
        drop(ledger);
        let (ledger, recovered) = lab.open(disk.clone()).unwrap();
        assert_eq!(recovered.finished_erasures, 0);
        for n in &book.erased {
            is_gone(&disk, *n, "after a restart");
        }
        book.check_and_audit(ledger, &disk);
    }
}

/// One erasure that is stopped at an operation; then a start goes on with it, if it had begun.
fn stopped(n: u64, step: u64, fault: Fault, power: bool) -> bool {
    let (lab, mut book) = (Lab::new(), Book::default());
    let disk = lab.create();
    let store = Faulty::new(disk.clone());
    let (ledger, _) = lab.open(store.clone()).unwrap();
    book.append(&ledger, 0..600, 40).unwrap();
    settle(&store);
    let what = format!("body {n}, step {step}, {fault:?}, power {power}");
    store.add(Rule {
        kind: None,
        path: String::new(),
        nth: step,
        lasting: false,
        fault,
    });
    let index = book.acknowledged[&n];
    let erased = ledger.erase(index);
    let struck = store.struck() > 0;
    assert!(erased.is_ok() || struck, "{what}: {erased:?}");
    store.stop();
    drop(ledger);
    book.collect(&disk);
    let disk = if power {
        disk.power_cut(step)
    } else {
        disk.kill()
    };
    let (ledger, recovered) = lab
        .open(disk.clone())
        .unwrap_or_else(|e| panic!("{what}: {e}"));
    match ledger.body(index).unwrap() {
        BodyState::Erased => {}
        BodyState::Present(_) => {
            assert!(erased.is_err(), "{what}: it was said to be erased");
            assert_eq!(recovered.finished_erasures, 0, "{what}");
            ledger.erase(index).unwrap();
        }
        BodyState::None => panic!("{what}: there was a body"),
    }
    is_gone(&disk, n, &what);
    book.erased.insert(n);
    proof_stands(&ledger, index);
    book.check_and_audit(ledger, &disk);
    struck
}

#[test]
fn a_crash_at_any_step_of_an_erasure() {
    // One in a full bundle, one in frames only.
    for n in [100, 598] {
        for (fault, power) in [(Fault::Stop, true), (Fault::StopAfter, false)] {
            let mut step = 0;
            while stopped(n, step, fault.clone(), power) {
                step += 1;
            }
            assert!(step > 10, "{step} steps: that was no erasure");
        }
        for step in 0..8 {
            stopped(n, step, Fault::Tear(step), step % 2 == 0);
        }
    }
}

#[test]
fn on_a_full_disk_it_says_so_and_is_finished_later() {
    let (lab, mut book) = (Lab::new(), Book::default());
    let disk = lab.create();
    let (ledger, _) = lab.open(disk.clone()).unwrap();
    book.append(&ledger, 0..600, 40).unwrap();
    wait_until("tiles", || disk.get("tile/entries/001").is_some());
    ledger.close();
    drop(ledger);
    for life in 0..2 {
        // A fresh start has no spare segment yet, and gets none.
        let store = Faulty::new(disk.clone());
        store.add(Rule {
            kind: Some(OpKind::Create),
            path: "wal/".to_owned(),
            nth: 0,
            lasting: true,
            fault: Fault::Fail(ErrorKind::StorageFull),
        });
        let (ledger, _) = lab.open(store).unwrap();
        for n in [100, 598] {
            match ledger.erase(book.acknowledged[&n]) {
                Ok(()) => assert_eq!(life, 1, "begun in the life before"),
                Err(EraseError::Io { source, .. }) => {
                    assert_eq!((life, source.kind()), (0, ErrorKind::StorageFull));
                }
                Err(other) => panic!("{other}"),
            }
            // It is not shown any more, although segments still hold it.
            let state = ledger.body(book.acknowledged[&n]).unwrap();
            assert_eq!(state, BodyState::Erased);
        }
    }
    let (ledger, _) = lab.open(disk.clone()).unwrap();
    book.erased.extend([100, 598]);
    for n in &book.erased {
        is_gone(&disk, *n, "once there was room");
    }
    book.check_and_audit(ledger, &disk);
}

#[test]
fn a_closed_log_erases_nothing() {
    let (lab, mut book) = (Lab::new(), Book::default());
    let disk = lab.create();
    let (ledger, _) = lab.open(disk.clone()).unwrap();
    book.append(&ledger, 0..300, 40).unwrap();
    ledger.close();
    assert!(matches!(ledger.erase(1), Err(EraseError::Closed)));
    drop(ledger);
    let (ledger, _) = lab.open(disk.clone()).unwrap();
    book.check_and_audit(ledger, &disk);
}
