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
