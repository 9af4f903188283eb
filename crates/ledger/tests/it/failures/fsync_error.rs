//! Row "fsync error": at the n-th flush of each kind the process ends and nothing is tried again; the restart checks what
//! the disk really has.

use std::io::ErrorKind;

use testkit::store::{Fault, Faulty, OpKind};

use super::lab::{Book, Lab, wait_until};

fn failing(kind: OpKind, path: &str, nth: u64, persisted: bool) -> bool {
    let (lab, mut book) = (Lab::new(), Book::default());
    let disk = lab.create();
    let error = ErrorKind::Other;
    let fault = if persisted {
        Fault::FailAfter(error)
    } else {
        Fault::Fail(error)
    };
    let store = Faulty::with(disk.clone(), Some(kind), path, nth, fault);
    let what = format!("{kind:?} {nth} of {path}, persisted {persisted}");
    if let Ok((ledger, _)) = lab.open(store.clone()) {
        let mut next = 0;
        while store.struck() == 0 && next < 900 {
            book.append(&ledger, next..next + 30, 30).ok();
            next += 30;
        }
        if store.struck() == 0 {
            ledger.close();
        } else {
            wait_until(&format!("{what}: it must be fatal, or refuse"), || {
                lab.fatal() > 0 || ledger.hindrance().is_some() || next < 900
            });
            if lab.fatal() > 0 {
                // Dead is dead: nothing that comes later may touch the disk.
                assert!(
                    ledger.submit(vec![super::lab::submission(5000)]).is_err(),
                    "{what}"
                );
                let size = ledger.size();
                std::thread::sleep(std::time::Duration::from_millis(5));
                assert_eq!(ledger.size(), size, "{what}");
            }
        }
        drop(ledger);
    }
    let struck = store.struck() > 0;
    assert!(lab.fatal() <= 1 || kind != OpKind::Sync, "{what}");
    let disk = disk.power_cut(nth);
    book.collect(&disk);
    let (ledger, _) = lab
        .open(disk.clone())
        .unwrap_or_else(|e| panic!("{what}: {e}"));
    book.check_and_audit(ledger, &disk);
    struck
}

/// The n-th flush of each kind of file and directory, for rising n.
#[test]
fn the_nth_flush_of_each_kind() {
    let kinds = [
        (OpKind::Sync, "wal/", 12),
        (OpKind::Sync, "state/log", 12),
        (OpKind::Sync, "checkpoint", 8),
        (OpKind::Sync, "idx/", 2),
        (OpKind::SyncAll, "", 3),
        (OpKind::SyncDir, "wal", 4),
        (OpKind::SyncDir, "checkpoints", 4),
        (OpKind::SyncDir, ".", 4),
        (OpKind::SyncDir, "idx", 2),
    ];
    for (kind, path, at_most) in kinds {
        let mut struck = 0;
        for nth in 0..at_most {
            for persisted in [false, true] {
                struck += u64::from(failing(kind, path, nth, persisted));
            }
        }
        assert!(struck > 0, "no {kind:?} of {path:?} was ever made to fail");
    }
}

/// After a flush that failed the page cache holds as clean what the disk does not have. The next life reads it there, goes on
/// upon it, and then the power goes: nothing that it acknowledged may have stood on that.
#[test]
fn what_the_cache_claims_after_a_failed_flush() {
    for entries in [10, 300, 700] {
        for more in [0, 10, 400] {
            let (lab, mut book) = (Lab::new(), Book::default());
            let disk = lab.create();
            let (ledger, _) = lab.open(disk.clone()).unwrap();
            book.append(&ledger, 0..30, 10).unwrap();
            disk.set_failing_syncs(true);
            for from in (30..30 + entries).step_by(50) {
                book.append(&ledger, from..from + 50, 50).ok();
            }
            disk.set_failing_syncs(false);
            drop(ledger);
            let disk = disk.kill();
            let (ledger, _) = lab.open(disk.clone()).unwrap();
            // The repetition is acknowledged from what was read.
            book.append(&ledger, 0..30 + entries + more, 70).unwrap();
            super::lab::wait_published(&ledger);
            drop(ledger);
            book.collect(&disk);
            let disk = disk.power_cut_losing_all();
            let (ledger, _) = lab.open(disk.clone()).unwrap();
            book.check_and_audit(ledger, &disk);
        }
    }
}

/// The same where it is the flush of the tiles that fails.
#[test]
fn tiles_that_are_in_the_cache_alone() {
    let (lab, mut book) = (Lab::new(), Book::default());
    let disk = lab.create();
    let store = Faulty::with(
        disk.clone(),
        Some(OpKind::SyncAll),
        "",
        0,
        Fault::Fail(ErrorKind::Other),
    );
    let (ledger, _) = lab.open(store.clone()).unwrap();
    for from in (0..300).step_by(10) {
        book.append(&ledger, from..from + 10, 10).ok();
    }
    wait_until("the tiles failed", || lab.fatal() > 0);
    drop(ledger);
    disk.set_failing_syncs(true);
    testkit_sync(&disk);
    disk.set_failing_syncs(false);
    let disk = disk.kill();
    let (ledger, _) = lab.open(disk.clone()).unwrap();
    let size = ledger.size();
    for from in (1000..2000).step_by(50) {
        book.append(&ledger, from..from + 50, 50).unwrap();
    }
    assert!(ledger.size() > size + 900);
    drop(ledger);
    let disk = disk.power_cut_losing_all();
    let (ledger, _) = lab.open(disk.clone()).unwrap();
    book.check_and_audit(ledger, &disk);
}

fn testkit_sync(disk: &testkit::store::SimDisk) {
    use ledger::store::Store;
    assert!(disk.sync_all().is_err());
}
