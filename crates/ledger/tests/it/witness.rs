//! Witnesses that are away, slow, lying or raced; and what a log may claim meanwhile.

use std::{
    io,
    sync::{Arc, Mutex},
};

use ledger::{
    Ledger, SystemClock,
    store::Disk,
    witness::{Peer, PeerError, Witness, Witnessed},
};
use tlog::{
    note::{KeyKind, SigningKey, VerifierKey},
    policy::Policy,
    witness::{Answer, Request},
};

use crate::support::{append, create, key, open, published};

fn witness_key(n: u8) -> SigningKey {
    SigningKey::from_seed(&format!("witness.example/{n}"), [n; 32], KeyKind::Cosigner).unwrap()
}

fn witness(dir: &std::path::Path, n: u8) -> Witness {
    let store = Arc::new(Disk::new(dir));
    Witness::open(
        store,
        witness_key(n),
        Arc::new(SystemClock),
        [key().verifier().clone()],
    )
    .unwrap()
}

type Shaped<'w> = Box<dyn Fn(&Request) -> io::Result<Answer> + 'w>;

/// A witness behind a way that can be shaped.
struct Way<'w> {
    key: VerifierKey,
    answer: Shaped<'w>,
}

impl Peer for Way<'_> {
    fn key(&self) -> &VerifierKey {
        &self.key
    }
    fn add_checkpoint(&self, request: &Request) -> io::Result<Answer> {
        (self.answer)(request)
    }
}

fn honest(n: u8, witness: &Witness) -> Way<'_> {
    let answer = move |request: &Request| witness.add_checkpoint(request.to_string().as_bytes());
    Way {
        key: witness_key(n).verifier().clone(),
        answer: Box::new(answer),
    }
}

fn policy(k: usize) -> Policy {
    let mut text = format!("log {}\n", key().verifier());
    for n in 1..=3 {
        text += &format!("witness w{n} {}\n", witness_key(n).verifier());
    }
    text += &format!("group all-of-us {k} w1 w2 w3\nquorum all-of-us\n");
    Policy::parse(text.as_bytes()).unwrap()
}

fn log(entries: u64) -> (tempfile::TempDir, Ledger) {
    let dir = tempfile::tempdir().unwrap();
    create(dir.path());
    let ledger = open(dir.path());
    append(&ledger, 0..entries);
    published(&ledger);
    (dir, ledger)
}

#[test]
fn two_of_three_make_it_witnessed_and_one_does_not() {
    let (_dir, ledger) = log(300);
    let dirs: Vec<_> = (0..3).map(|_| tempfile::tempdir().unwrap()).collect();
    let witnesses: Vec<Witness> = (1..=3)
        .map(|n| witness(dirs[usize::from(n) - 1].path(), n))
        .collect();
    for round in 0..3 {
        append(&ledger, 300 + round * 500..300 + (round + 1) * 500);
        published(&ledger);
        let newest = ledger.published().unwrap();
        let ask = |n: u8| {
            ledger
                .ask_to_cosign(&honest(n, &witnesses[usize::from(n) - 1]), &newest, 0)
                .unwrap()
        };
        let one = ask(1);
        let said = Witnessed::new(&newest, std::slice::from_ref(&one), &policy(2)).unwrap_err();
        insta::allow_duplicates! { insta::assert_snapshot!(said); }
        let witnessed = Witnessed::new(&newest, &[one, ask(2)], &policy(2)).unwrap();
        assert_eq!(witnessed.size(), newest.size());
        for index in [0, newest.size() - 1] {
            let (mut proof, entry) = ledger.receipt(index).unwrap();
            witnessed.note().clone_into(&mut proof.checkpoint);
            proof.verify(&entry, &policy(2)).unwrap();
        }
    }
}

#[test]
fn a_witness_that_is_away_or_lies_delays_nothing_and_proves_nothing() {
    let (_dir, ledger) = log(300);
    let newest = ledger.published().unwrap();
    let stranger = SigningKey::from_seed("witness.example/1", [99; 32], KeyKind::Cosigner).unwrap();
    let text = |r: &Request| {
        tlog::note::Note::parse(r.checkpoint.as_bytes())
            .unwrap()
            .unverified_text()
            .to_owned()
    };
    let ways: Vec<(&str, Shaped<'_>)> = vec![
        ("away", Box::new(|_| Err(io::ErrorKind::TimedOut.into()))),
        (
            "another key",
            Box::new(|r| {
                Ok(Answer::Cosigned(vec![
                    tlog::cosignature::cosign(&text(r), 1, &stranger).unwrap(),
                ]))
            }),
        ),
        (
            "another text",
            Box::new(|_| {
                let line = tlog::cosignature::cosign(
                    "liuhen.example/A330100\n1\nAAAA\n",
                    1,
                    &witness_key(1),
                )
                .unwrap();
                Ok(Answer::Cosigned(vec![line]))
            }),
        ),
        ("nothing", Box::new(|_| Ok(Answer::Cosigned(vec![])))),
        (
            "409 with the size that we named",
            Box::new(|r| Ok(Answer::Conflict { size: r.old })),
        ),
        (
            "409 with more than we have",
            Box::new(|_| Ok(Answer::Conflict { size: 301 })),
        ),
        (
            "409 without end",
            Box::new(|r| {
                Ok(Answer::Conflict {
                    size: (r.old + 1) % 300,
                })
            }),
        ),
        ("422", Box::new(|_| Ok(Answer::Unproven))),
        ("404", Box::new(|_| Ok(Answer::UnknownOrigin))),
    ];
    let mut said = String::new();
    for (name, answer) in ways {
        let way = Way {
            key: witness_key(1).verifier().clone(),
            answer,
        };
        let error: PeerError = ledger.ask_to_cosign(&way, &newest, 0).unwrap_err();
        said += &format!("{name}: {error}\n");
    }
    insta::assert_snapshot!(said);
    append(&ledger, 300..310);
    assert_eq!(published(&ledger), 310);
}

#[test]
fn a_witness_never_goes_back_whatever_it_is_asked_at_once() {
    let (_dir, ledger) = log(10);
    let dir = tempfile::tempdir().unwrap();
    let witness = witness(dir.path(), 1);
    let mut notes = vec![ledger.published().unwrap()];
    for round in 0..40 {
        append(&ledger, 10 + round * 10..20 + round * 10);
        published(&ledger);
        notes.push(ledger.published().unwrap());
    }
    let largest = Mutex::new(0);
    std::thread::scope(|scope| {
        for t in 0..4 {
            let (notes, ledger, witness, largest) = (&notes, &ledger, &witness, &largest);
            scope.spawn(move || {
                for n in 0..notes.len() {
                    let note = &notes[(n * (t + 1)) % notes.len()];
                    ledger.ask_to_cosign(&honest(1, witness), note, 0).ok();
                    let newest = witness.newest(crate::support::ORIGIN).unwrap();
                    let size: u64 = newest.lines().nth(1).unwrap().parse().unwrap();
                    let mut largest = largest.lock().unwrap();
                    let again: u64 = witness
                        .newest(crate::support::ORIGIN)
                        .unwrap()
                        .lines()
                        .nth(1)
                        .unwrap()
                        .parse()
                        .unwrap();
                    assert!(again >= size && again >= *largest);
                    *largest = again;
                }
            });
        }
    });
    let before = witness.newest(crate::support::ORIGIN);
    drop(witness);
    assert_eq!(
        self::witness(dir.path(), 1).newest(crate::support::ORIGIN),
        before
    );
}

#[test]
fn a_witness_answers_as_the_protocol_says() {
    let (_dir, ledger) = log(100);
    let first = ledger.published().unwrap();
    append(&ledger, 100..400);
    published(&ledger);
    let second = ledger.published().unwrap();
    let proof = ledger.consistency(100, 400).unwrap();
    let (_other_dir, other) = log(400);
    let other_root = {
        // The same origin and size, another history.
        append(&other, 1000..1001);
        published(&other);
        other.published().unwrap()
    };
    let dir = tempfile::tempdir().unwrap();
    let witness = witness(dir.path(), 1);
    let request = |old: u64, proof: &[tlog::Hash], note: &str| {
        Request {
            old,
            proof: proof.to_vec(),
            checkpoint: note.to_owned(),
        }
        .to_string()
    };
    let mut wrong = proof.clone();
    wrong[0][0] ^= 1;
    let mut said = String::new();
    for (name, body) in [
        ("not a request", "hello".to_owned()),
        (
            "another log",
            request(0, &[], &first.note().replace("A330100", "A330200")),
        ),
        (
            "a signature that fails",
            request(0, &[], &first.note().replace("\n100\n", "\n101\n")),
        ),
        ("first", request(0, &[], first.note())),
        ("first again", request(100, &[], first.note())),
        ("old is wrong", request(0, &[], second.note())),
        ("old above the size", request(401, &[], second.note())),
        ("no proof", request(100, &[], second.note())),
        ("wrong proof", request(100, &wrong, second.note())),
        ("second", request(100, &proof, second.note())),
        ("back", request(400, &[], first.note())),
        ("another history", request(400, &[], other_root.note())),
    ] {
        let answer = witness.add_checkpoint(body.as_bytes()).unwrap();
        said += &format!(
            "{name}: {} {}\n",
            answer.status(),
            answer.body().split(' ').next().unwrap_or("").trim()
        );
    }
    insta::assert_snapshot!(said);
}
