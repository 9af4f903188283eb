//! Row "directory not synced": the power goes at random moments of a busy run and takes unsynced names and sectors along;
//! files are written again from the frames.

use testkit::store::{Fault, Faulty, OpKind};

use super::lab::{Book, Lab, wait_until};

#[test]
fn the_power_goes_again_and_again() {
    for seed in 0..40 {
        let (lab, mut book) = (Lab::new(), Book::default());
        let mut disk = lab.create();
        let mut next = 0;
        for round in 0..6 {
            let seed = seed * 100 + round;
            let store = Faulty::with(disk.clone(), None, "", 5 + seed * 7 % 90, Fault::StopAfter);
            if let Ok((ledger, _)) = lab.open(store) {
                while book.append(&ledger, next..next + 40, 8).is_ok() {
                    next += 40;
                }
            }
            book.collect(&disk);
            disk = disk.power_cut(seed);
            book.collect(&disk);
        }
        let (ledger, _) = lab
            .open(disk.clone())
            .unwrap_or_else(|e| panic!("seed {seed}: {e}"));
        book.check_and_audit(ledger, &disk);
    }
}

/// Names in a directory that is itself new: the archive of checkpoints begins one at size 1000, bundles at the 1000th.
#[test]
fn a_checkpoint_in_a_new_directory_survives() {
    let (lab, mut book) = (Lab::new(), Book::default());
    let disk = lab.create();
    let (ledger, _) = lab.open(disk.clone()).unwrap();
    book.append(&ledger, 0..1020, 510).unwrap();
    wait_until("tiles", || disk.get("tile/entries/002").is_some());
    std::thread::sleep(std::time::Duration::from_millis(50));
    book.append(&ledger, 1020..1023, 510).unwrap();
    super::lab::wait_published(&ledger);
    let path = "checkpoints/x001/023";
    assert!(disk.get(path).is_some());
    let disk = disk.power_cut_losing_all();
    assert!(
        disk.get(path).is_some(),
        "a published checkpoint is evidence: its name must not be lost"
    );
    drop(ledger);
    let (ledger, _) = lab.open(disk.clone()).unwrap();
    book.check_and_audit(ledger, &disk);
}

/// A stop right before the name of a new segment is synced.
#[test]
fn a_new_segment_without_its_name() {
    // The first is that of the start.
    for nth in 1..4 {
        let (lab, mut book) = (Lab::new(), Book::default());
        let disk = lab.create();
        let store = Faulty::with(disk.clone(), Some(OpKind::SyncDir), "wal", nth, Fault::Stop);
        let (ledger, _) = lab.open(store).unwrap();
        let mut next = 0;
        while book.append(&ledger, next..next + 20, 20).is_ok() {
            next += 20;
            assert!(next < 20_000);
        }
        drop(ledger);
        let disk = disk.power_cut_losing_all();
        let (ledger, _) = lab.open(disk.clone()).unwrap();
        book.check_and_audit(ledger, &disk);
    }
}
