//! The life of entries: in, proved, read, in again, over restarts.

use ledger::{BodyState, EntryBytes, Ledger, Submission, SubmitError};
use tlog::{Sha256, TreeHash, checkpoint, tree};

use crate::support::{append, body_of, create, key, open, policy, published, submission};

#[test]
fn what_goes_in_comes_back_with_its_proof_over_restarts() {
    let dir = tempfile::tempdir().unwrap();
    create(dir.path());
    let mut total = 0;
    let mut checkpoints = Vec::new();
    for round in [1, 254, 1, 1, 700, 0, 3000, 66_000] {
        let ledger = open(dir.path());
        assert_eq!(ledger.size(), total);
        let durable = append(&ledger, total..total + round);
        let indexes: Vec<u64> = durable.iter().map(|d| d.index()).collect();
        assert_eq!(indexes, (total..total + round).collect::<Vec<_>>());
        total += round;
        published(&ledger);
        let newest = ledger.published().unwrap();
        for (size, root) in &checkpoints {
            let proof = ledger.consistency(*size, newest.size()).unwrap();
            tree::verify_consistency::<Sha256>(*size, newest.size(), &proof, root, newest.root())
                .unwrap();
        }
        checkpoints.push((newest.size(), *newest.root()));
        for index in (0..total)
            .step_by(usize::try_from(total / 50 + 1).unwrap())
            .chain([total - 1])
        {
            let (proof, entry) = ledger.receipt(index).unwrap();
            assert!(entry.starts_with(format!("{{\"n\":{index},").as_bytes()));
            proof.verify(&entry, &policy()).unwrap();
            assert_eq!(
                ledger.body(index).unwrap(),
                BodyState::Present(body_of(index))
            );
        }
        ledger.close();
    }
    let ledger = open(dir.path());
    let again = append(&ledger, 0..total);
    assert!(
        again
            .iter()
            .enumerate()
            .all(|(n, d)| d.duplicate() && d.index() == n as u64)
    );
    for durable in again.iter().step_by(977) {
        let entry = ledger.entry(durable.index()).unwrap();
        assert_eq!(durable.leaf(), &Sha256::leaf(&entry));
    }
    assert_eq!(ledger.size(), total);
}

#[test]
fn reading_in_order_gives_everything_once() {
    let dir = tempfile::tempdir().unwrap();
    create(dir.path());
    let ledger = open(dir.path());
    append(&ledger, 0..5000);
    for (max_entries, max_bytes) in [
        (1, 1 << 20),
        (100, 1 << 20),
        (10_000, 1 << 14),
        (10_000, usize::MAX),
    ] {
        let mut next = 0;
        loop {
            let records = ledger.read(next, max_entries, max_bytes).unwrap();
            if records.is_empty() {
                break;
            }
            for record in records {
                assert_eq!(record.index, next);
                assert_eq!(record.body, BodyState::Present(body_of(next)));
                next += 1;
            }
        }
        assert_eq!(next, 5000);
    }
}

#[test]
fn a_second_writer_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    create(dir.path());
    let first = open(dir.path());
    let second = Ledger::open(dir.path(), crate::support::config());
    insta::assert_snapshot!(second.unwrap_err(), @"the log is in use by another process; two writers would fork it");
    first.close();
    open(dir.path());
}

#[test]
fn what_is_too_large_is_refused_with_its_size() {
    let dir = tempfile::tempdir().unwrap();
    create(dir.path());
    let ledger = open(dir.path());
    let fixed = |len: usize, body: usize| Submission {
        key: None,
        entry: EntryBytes::Fixed(vec![b'x'; len]),
        body: Some(vec![0; body]),
    };
    let mut said = String::new();
    for group in [
        vec![fixed(65_536, 0)],
        vec![fixed(1, 0), fixed(1, ledger::MAX_BODY + 1)],
        vec![fixed(1, 0); ledger::MAX_GROUP + 1],
        vec![fixed(1, ledger::MAX_BODY); 5],
    ] {
        said += &format!("{}\n", ledger.submit(group).unwrap_err());
    }
    insta::assert_snapshot!(said, @r"
    entry 0 of the group has 65536 bytes; an entry may have 65,535
    the body of entry 1 of the group has 1048577 bytes; a body may have 1048576
    a group may have 4096 entries and 4194304 bytes, this one has 4097 and 163880
    a group may have 4096 entries and 4194304 bytes, this one has 5 and 5243080
    ");
    ledger
        .submit(vec![fixed(65_535, ledger::MAX_BODY)])
        .unwrap()
        .wait()
        .unwrap();
    ledger.close();
    assert!(matches!(
        ledger.submit(vec![submission(0)]),
        Err(SubmitError::Closed)
    ));
}

#[test]
fn the_checkpoint_file_is_a_signed_checkpoint() {
    let dir = tempfile::tempdir().unwrap();
    create(dir.path());
    let ledger = open(dir.path());
    append(&ledger, 0..3);
    published(&ledger);
    let note = std::fs::read(dir.path().join("checkpoint")).unwrap();
    let opened = checkpoint::open(&note, &[key().verifier().clone()]).unwrap();
    assert_eq!(opened.checkpoint().size, 3);
    assert_eq!(
        std::fs::read(dir.path().join("checkpoints/003")).unwrap(),
        note
    );
}
