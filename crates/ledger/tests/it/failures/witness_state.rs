//! Row "witness away, slow, lying", the part of the disk: what a witness cosigned outlives a power cut, and where it could
//! not be persisted nothing was cosigned. (The rest of the row stands in `witness.rs`.)

use std::sync::Arc;

use ledger::{SystemClock, witness::Witness};
use testkit::store::{Fault, Faulty, SimDisk};
use tlog::{
    checkpoint,
    note::{KeyKind, SigningKey},
    witness::{Answer, Request},
};

use super::lab::{Book, Lab, wait_published};
use crate::support::{ORIGIN, key};

fn witness(store: impl ledger::store::Store + 'static) -> std::io::Result<Witness> {
    let own = SigningKey::from_seed("witness.example/1", [1; 32], KeyKind::Cosigner).unwrap();
    Witness::open(
        Arc::new(store),
        own,
        Arc::new(SystemClock),
        [key().verifier().clone()],
    )
}

#[test]
fn what_was_cosigned_outlives_a_power_cut_at_any_step() {
    let lab = Lab::new();
    let disk = lab.create();
    let (ledger, _) = lab.open(disk).unwrap();
    let mut requests = Vec::new();
    let mut old = 0;
    for size in [10, 20, 35] {
        Book::default().append(&ledger, old..size, 50).unwrap();
        wait_published(&ledger);
        let note = ledger.published().unwrap().note().to_owned();
        let proof = if old == 0 {
            Vec::new()
        } else {
            ledger.consistency(old, size).unwrap()
        };
        requests.push((
            size,
            Request {
                old,
                proof,
                checkpoint: note,
            },
        ));
        old = size;
    }
    for fault in [Fault::Stop, Fault::StopAfter] {
        for step in 0.. {
            let disk = SimDisk::new();
            let store = Faulty::with(disk.clone(), None, "", step, fault.clone());
            let mut cosigned = 0;
            if let Ok(witness) = witness(store.clone()) {
                for (size, request) in &requests {
                    match witness.add_checkpoint(request.to_string().as_bytes()) {
                        Ok(Answer::Cosigned(_)) => cosigned = *size,
                        Ok(_) | Err(_) => break,
                    }
                }
            }
            let disk = disk.power_cut_losing_all();
            let witness = witness(disk).unwrap();
            let known = witness.newest(ORIGIN).map_or(0, |note| {
                let opened = checkpoint::open(note.as_bytes(), &[key().verifier().clone()]);
                opened.unwrap().checkpoint().size
            });
            assert!(
                known >= cosigned,
                "step {step}: {cosigned} was cosigned, {known} is known"
            );
            if store.struck() == 0 {
                assert_eq!(cosigned, 35);
                break;
            }
        }
    }
}
