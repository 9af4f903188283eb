//! Rows "store fails, nothing persisted" and "store fails **but persisted**".

use std::io::ErrorKind;

use ledger::AppendError;
use testkit::store::{Fault, Faulty, OpKind};

use super::lab::{Book, Lab};

/// At the frame: the callers hear that nobody knows, the process ends, and a restart finds the log as before.
#[test]
fn nothing_persisted_at_the_frame() {
    for kind in [OpKind::WriteAt, OpKind::Sync] {
        let mut book = Book::default();
        let lab = Lab {
            segment_bytes: 1 << 20,
            ..Lab::new()
        };
        let disk = lab.create();
        let store = Faulty::new(disk.clone());
        let (ledger, _) = lab.open(store.clone()).unwrap();
        book.append(&ledger, 0..300, 10).unwrap();
        super::lab::settle(&store);
        store.add(testkit::store::Rule {
            kind: Some(kind),
            path: "wal/".to_owned(),
            nth: 0,
            lasting: false,
            fault: Fault::Fail(ErrorKind::Other),
        });
        assert_eq!(
            book.append(&ledger, 300..310, 10),
            Err(AppendError::Unknown)
        );
        super::lab::wait_until("the fatal error is told", || lab.fatal() == 1);
        // Nothing is taken in any more; what is there is still read.
        assert!(ledger.submit(vec![super::lab::submission(999)]).is_err());
        assert_eq!(ledger.record(0).unwrap().entry, super::lab::entry_of(0));
        drop(ledger);
        // The power goes as well: what was written without a flush is lost, or not.
        let disk = disk.power_cut_losing_all();
        let (ledger, _) = lab.open(disk.clone()).unwrap();
        if kind == OpKind::WriteAt {
            assert_eq!(ledger.size(), 300, "the indexes are used again");
        }
        book.append(&ledger, 300..320, 10).unwrap();
        book.check_and_audit(ledger, &disk);
    }
}

/// Before the frame (no room for the next segment): the batch is refused, its indexes are used again.
#[test]
fn nothing_persisted_before_the_frame() {
    let (lab, mut book) = (Lab::new(), Book::default());
    let disk = lab.create();
    let store = Faulty::new(disk.clone());
    let (ledger, _) = lab.open(store.clone()).unwrap();
    book.append(&ledger, 0..100, 10).unwrap();
    store.add(testkit::store::Rule {
        kind: Some(OpKind::Create),
        path: "wal/".to_owned(),
        nth: 0,
        lasting: true,
        fault: Fault::Fail(ErrorKind::StorageFull),
    });
    let mut next = 100;
    let refused = loop {
        match book.append(&ledger, next..next + 10, 10) {
            Ok(()) => next += 10,
            Err(error) => break error,
        }
        assert!(next < 10_000, "no segment was ever full");
    };
    assert!(matches!(refused, AppendError::Refused { .. }), "{refused}");
    let size = ledger.size();
    assert_eq!(size, next);
    store.clear();
    super::lab::wait_until("intake goes on", || {
        book.append(&ledger, next..next + 10, 10).is_ok()
    });
    assert_eq!(book.acknowledged[&next], size, "indexes are used again");
    assert_eq!(lab.fatal(), 0);
    book.check_and_audit(ledger, &disk);
}

/// The frame arrives although the store says that it did not: unknown until the restart, there as a whole then, and the
/// repetition finds it by its key.
#[test]
fn failed_but_persisted() {
    for (kind, seed) in [(OpKind::WriteAt, 4), (OpKind::Sync, 0), (OpKind::Sync, 3)] {
        let mut book = Book::default();
        // Large enough that the frame which is struck is not the first of a segment.
        let lab = Lab {
            segment_bytes: 1 << 20,
            ..Lab::new()
        };
        let disk = lab.create();
        let store = Faulty::new(disk.clone());
        let (ledger, _) = lab.open(store.clone()).unwrap();
        book.append(&ledger, 0..300, 10).unwrap();
        super::lab::settle(&store);
        store.add(testkit::store::Rule {
            kind: Some(kind),
            path: "wal/".to_owned(),
            nth: 0,
            lasting: false,
            fault: Fault::FailAfter(ErrorKind::Other),
        });
        assert_eq!(
            book.append(&ledger, 300..350, 50),
            Err(AppendError::Unknown)
        );
        drop(ledger);
        assert_eq!(lab.fatal(), 1);
        let disk = if kind == OpKind::Sync {
            disk.power_cut(seed)
        } else {
            disk.kill()
        };
        let (ledger, _) = lab.open(disk.clone()).unwrap();
        assert_eq!(ledger.size(), 350, "the batch is there as a whole");
        let group = (300..350).map(super::lab::submission).collect();
        let again = ledger.submit(group).unwrap().wait().unwrap();
        assert!(again.iter().all(|d| d.duplicate()));
        book.note_down(&(300..350).collect::<Vec<_>>(), &again);
        book.check_and_audit(ledger, &disk);
    }
}
