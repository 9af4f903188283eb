//! Row "disk full": intake stops with a clear answer, reading and proving go on, and all continues once there is room.

use ledger::AppendError;
use testkit::store::{Fault, Faulty, OpKind, Rule};

use super::lab::{Book, Lab, entry_of, wait_until};
use crate::support::policy;

/// The disk ends after so many bytes more; then it gets room again.
fn filled_up(room: u64) {
    let (lab, mut book) = (Lab::new(), Book::default());
    let disk = lab.create();
    let (ledger, _) = lab.open(disk.clone()).unwrap();
    book.append(&ledger, 0..600, 20).unwrap();
    wait_until("tiles", || disk.get("tile/entries/001").is_some());
    disk.set_capacity(Some(disk.used() + room));
    let mut next = 600;
    let refused = loop {
        match book.append(&ledger, next..next + 20, 20) {
            Ok(()) => next += 20,
            Err(refused) => break refused,
        }
        assert!(next < 20_000, "the disk was never full");
    };
    let AppendError::Refused { reason } = &refused else {
        panic!("room for {room}: {refused}");
    };
    assert!(
        reason.contains("room") || reason.contains("segment"),
        "{reason}"
    );
    assert_eq!(lab.fatal(), 0);
    // Reading and proving go on.
    assert_eq!(ledger.record(599).unwrap().entry, entry_of(599));
    let (proof, entry) = ledger.receipt(10).unwrap();
    proof.verify(&entry, &policy()).unwrap();
    // It stays so for a while, and every attempt is answered.
    for _ in 0..5 {
        std::thread::sleep(std::time::Duration::from_millis(20));
        book.append(&ledger, next..next + 20, 20).ok();
    }
    disk.set_capacity(None);
    wait_until("intake goes on after space was freed", || {
        book.append(&ledger, next..next + 20, 20).is_ok()
    });
    assert_eq!(ledger.hindrance(), None);
    book.append(&ledger, next..next + 700, 20).unwrap();
    book.check(&ledger, &disk);
    assert_eq!(lab.fatal(), 0);
    ledger.close();
    drop(ledger);
    let (ledger, _) = lab.open(disk.clone()).unwrap();
    book.check_and_audit(ledger, &disk);
}

#[test]
fn intake_stops_and_goes_on() {
    for room in [
        0, 1, 5_000, 20_000, 50_000, 66_000, 90_000, 131_000, 140_000, 200_000,
    ] {
        filled_up(room);
    }
}

/// A full disk at the start: what is there is read and proved.
#[test]
fn a_start_on_a_full_disk() {
    let (lab, mut book) = (Lab::new(), Book::default());
    let disk = lab.create();
    let (ledger, _) = lab.open(disk.clone()).unwrap();
    book.append(&ledger, 0..1000, 20).unwrap();
    super::lab::wait_published(&ledger);
    drop(ledger);
    let disk = disk.kill();
    disk.set_capacity(Some(disk.used()));
    let (ledger, _) = lab.open(disk.clone()).unwrap();
    assert_eq!(ledger.record(999).unwrap().entry, entry_of(999));
    disk.set_capacity(None);
    wait_until("intake goes on", || {
        book.append(&ledger, 1000..1020, 20).is_ok()
    });
    assert_eq!(lab.fatal(), 0);
    book.check_and_audit(ledger, &disk);
}

/// No room for the next spare segment, right after tiles were written: nothing else is waited for, and no key is lost.
#[test]
fn no_room_for_a_spare() {
    for (kind, path) in [
        (OpKind::Create, "wal/"),
        (OpKind::Create, "idx/"),
        (OpKind::Create, "tile/"),
    ] {
        let mut book = Book::default();
        // Large enough that it is the tiler, not the next frame, that misses the room first.
        let lab = Lab {
            segment_bytes: 1 << 20,
            ..Lab::new()
        };
        let disk = lab.create();
        let store = Faulty::new(disk.clone());
        store.add(Rule {
            kind: Some(kind),
            path: path.to_owned(),
            nth: 0,
            lasting: true,
            fault: Fault::Fail(std::io::ErrorKind::StorageFull),
        });
        let (ledger, _) = lab.open(store.clone()).unwrap();
        let mut next = 0;
        while store.struck() == 0 && next < 2000 {
            if book.append(&ledger, next..next + 16, 16).is_ok() {
                next += 16;
            }
            std::thread::sleep(std::time::Duration::from_millis(2));
        }
        super::lab::settle(&store);
        store.clear();
        wait_until(path, || book.append(&ledger, next..next + 16, 16).is_ok());
        assert_eq!(lab.fatal(), 0);
        book.check(&ledger, &disk);
        ledger.close();
        drop(ledger);
        let (ledger, _) = lab.open(disk.clone()).unwrap();
        book.check_and_audit(ledger, &disk);
    }
}

/// Bodies as large as they may be: more than may wait for tiles fits into one bundle, and still nothing stands still.
#[test]
fn a_bundle_of_the_largest_bodies() {
    let lab = Lab {
        segment_bytes: 32 << 20,
        ..Lab::new()
    };
    let disk = lab.create();
    let (ledger, _) = lab.open(disk.clone()).unwrap();
    for n in 0..205_u32 {
        let submission = ledger::Submission {
            key: None,
            entry: ledger::EntryBytes::Fixed(n.to_be_bytes().to_vec()),
            body: Some(vec![n as u8; ledger::MAX_BODY]),
        };
        let pending = ledger.submit(vec![submission]).unwrap();
        let (done, is_done) = std::sync::mpsc::channel();
        std::thread::spawn(move || done.send(pending.wait()).ok());
        let answer = is_done.recv_timeout(std::time::Duration::from_secs(20));
        answer
            .unwrap_or_else(|_| panic!("entry {n} stands still"))
            .unwrap();
    }
    assert_eq!(ledger.size(), 205);
}
