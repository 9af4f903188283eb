//! The state of the log is lost or damaged: no start, and no new log on top of the old one.

use ledger::{CreateError, Ledger, OpenError};

use super::lab::{Book, Lab};

#[test]
fn without_its_state_a_log_neither_starts_nor_is_made_again() {
    for damage in ["missing", "zeros", "short"] {
        for checkpoint in [true, false] {
            let (lab, mut book) = (Lab::new(), Book::default());
            let disk = lab.create();
            let (ledger, _) = lab.open(disk.clone()).unwrap();
            book.append(&ledger, 0..50, 40).unwrap();
            ledger.close();
            drop(ledger);
            let state = disk.get("state/log").unwrap();
            match damage {
                "missing" => disk.take_away("state/log"),
                "zeros" => disk.put("state/log", &vec![0; state.len()]),
                _ => disk.put("state/log", &state[..20]),
            }
            if !checkpoint {
                disk.take_away("checkpoint");
            }
            let refused = lab.open(disk.clone()).map(|_| ()).unwrap_err();
            assert!(matches!(refused, OpenError::State), "{damage}: {refused}");
            let refused = Ledger::create_on(&disk, &lab.config()).unwrap_err();
            assert!(
                matches!(refused, CreateError::Exists),
                "{damage}: {refused}"
            );
            disk.put("state/log", &state);
            let (ledger, _) = lab.open(disk.clone()).unwrap();
            book.check_and_audit(ledger, &disk);
        }
    }
}

/// One copy is torn: the other serves. The checkpoint that lies beside it still says what was signed.
#[test]
fn one_copy_is_enough() {
    let (lab, mut book) = (Lab::new(), Book::default());
    let disk = lab.create();
    let (ledger, _) = lab.open(disk.clone()).unwrap();
    book.append(&ledger, 0..50, 40).unwrap();
    ledger.close();
    drop(ledger);
    for slot in [0, 4096] {
        for at in (slot..slot + 68).step_by(3) {
            let copy = disk.copy();
            let mut state = copy.get("state/log").unwrap();
            state[at] ^= 1;
            copy.put("state/log", &state);
            let (ledger, _) = lab.open(copy.clone()).unwrap();
            book.clone().check_and_audit(ledger, &copy);
        }
    }
}

/// The end of the log is gone, and the state says less than was signed: its own checkpoint convicts it.
#[test]
fn a_log_shorter_than_its_own_checkpoint_does_not_start() {
    let (lab, mut book) = (Lab::new(), Book::default());
    let disk = lab.create();
    let (ledger, _) = lab.open(disk.clone()).unwrap();
    book.append(&ledger, 0..50, 40).unwrap();
    ledger.close();
    drop(ledger);
    let backup = disk.copy();
    let (ledger, _) = lab.open(disk.clone()).unwrap();
    book.append(&ledger, 50..90, 40).unwrap();
    super::lab::wait_published(&ledger);
    ledger.close();
    drop(ledger);
    // Restored in part: frames and state of the backup beside the newest checkpoint.
    backup.put("checkpoint", &disk.get("checkpoint").unwrap());
    let refused = lab.open(backup).map(|_| ()).unwrap_err();
    assert!(
        matches!(
            refused,
            OpenError::RestoredCopy {
                known: 90,
                size: 50,
                ..
            }
        ),
        "{refused}"
    );
}
