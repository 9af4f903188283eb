//! Receipts: made, read, verified offline; everything that may be wrong with one.

use tlog::checkpoint::{self, Checkpoint, Origin};
use tlog::note::{KeyKind, Note, SigningKey, sign};
use tlog::policy::Policy;
use tlog::proof::{TlogProof, VerifyError};
use tlog::tree::{ProofError, inclusion_proof, root_from_tiles};
use tlog::{Sha256, TreeHash, cosignature};

use crate::support::{MemTiles, Sm3, key, leaves};

const ORIGIN: &str = "liuhen.example/A330100";

fn log() -> SigningKey {
    key(ORIGIN, 1, KeyKind::Log)
}

fn witness(n: u8) -> SigningKey {
    key(&format!("w{n}.example"), 100 + n, KeyKind::Cosigner)
}

/// A receipt for entry 7 (the text "7") in a tree of 300, cosigned by these witnesses.
fn receipt<H: TreeHash>(witnesses: &[u8]) -> TlogProof {
    let tiles = MemTiles::new::<H>(leaves::<H>(300));
    let root = root_from_tiles::<H, _>(&tiles, 300).unwrap();
    let head = Checkpoint {
        origin: Origin::new(ORIGIN).unwrap(),
        size: 300,
        root,
    };
    let text = head.text();
    let mut lines = vec![sign(&text, &log()).unwrap()];
    lines.extend(
        witnesses
            .iter()
            .map(|n| cosignature::cosign(&text, 1_700_000_000, &witness(*n)).unwrap()),
    );
    TlogProof {
        extra: None,
        index: 7,
        hashes: inclusion_proof::<H, _>(&tiles, 7, 300).unwrap(),
        checkpoint: Note::new(text, lines).unwrap().to_string(),
    }
}

fn two_of_three() -> Policy {
    let mut file = format!("log {}\n", log().verifier());
    for n in 1..=3 {
        file += &format!("witness w{n} {}\n", witness(n).verifier());
    }
    Policy::parse((file + "group g 2 w1 w2 w3\nquorum g\n").as_bytes()).unwrap()
}

fn log_alone() -> Policy {
    Policy::of_log(log().verifier().clone()).unwrap()
}

#[test]
fn a_receipt_proves_its_entry() {
    let receipt = receipt::<Sha256>(&[1, 3]);
    insta::assert_snapshot!(receipt);
    let read = TlogProof::parse(receipt.to_string().as_bytes()).unwrap();
    assert_eq!(read, receipt);
    let proven = read.verify(b"7", &two_of_three()).unwrap();
    assert_eq!(
        (proven.index(), proven.leaf(), proven.checkpoint().size),
        (7, &Sha256::leaf(b"7"), 300)
    );
    assert_eq!(proven.by().len(), 3);
    assert!(
        read.verify(b"7", &log_alone()).is_ok(),
        "cosignatures of unknown keys are ignored"
    );
}

#[test]
fn a_receipt_of_a_tree_of_one_leaf_has_no_hashes() {
    let head = Checkpoint {
        origin: Origin::new(ORIGIN).unwrap(),
        size: 1,
        root: Sha256::leaf(b"only"),
    };
    let checkpoint = checkpoint::sign(&head, &log()).unwrap();
    let receipt = TlogProof {
        extra: Some(vec![]),
        index: 0,
        hashes: vec![],
        checkpoint,
    };
    let read = TlogProof::parse(receipt.to_string().as_bytes()).unwrap();
    assert_eq!(read, receipt);
    assert!(read.verify(b"only", &log_alone()).is_ok());
}

#[test]
fn a_receipt_in_a_tree_of_another_hash_holds_there_only() {
    let receipt = receipt::<Sm3>(&[]);
    assert!(receipt.verify_in::<Sm3>(b"7", &log_alone()).is_ok());
    assert!(receipt.verify(b"7", &log_alone()).is_err());
}

/// In the order of the checks: signature, policy, inclusion.
#[test]
fn what_is_wrong_is_said() {
    let good = receipt::<Sha256>(&[1, 3]);
    let verdict = |receipt: &TlogProof, entry: &[u8], policy: &Policy| {
        receipt
            .verify(entry, policy)
            .map(|_| ())
            .unwrap_err()
            .to_string()
    };
    let said = [
        ("another entry", verdict(&good, b"8", &two_of_three())),
        (
            "another index",
            verdict(
                &TlogProof {
                    index: 8,
                    ..good.clone()
                },
                b"7",
                &two_of_three(),
            ),
        ),
        (
            "an index beyond the tree",
            verdict(
                &TlogProof {
                    index: 300,
                    ..good.clone()
                },
                b"7",
                &two_of_three(),
            ),
        ),
        (
            "no hashes",
            verdict(
                &TlogProof {
                    hashes: vec![],
                    ..good.clone()
                },
                b"7",
                &two_of_three(),
            ),
        ),
        (
            "too few witnesses",
            verdict(&receipt::<Sha256>(&[1]), b"7", &two_of_three()),
        ),
        (
            "one witness twice",
            verdict(&receipt::<Sha256>(&[1, 1]), b"7", &two_of_three()),
        ),
        (
            "unknown witnesses",
            verdict(&receipt::<Sha256>(&[8, 9]), b"7", &two_of_three()),
        ),
        ("another log's key", {
            let other = key(ORIGIN, 2, KeyKind::Log).verifier().clone();
            verdict(&good, b"7", &Policy::of_log(other).unwrap())
        }),
        ("a changed size", {
            let checkpoint = good.checkpoint.replace("\n300\n", "\n301\n");
            verdict(
                &TlogProof {
                    checkpoint,
                    ..good.clone()
                },
                b"7",
                &two_of_three(),
            )
        }),
        (
            "a policy without logs",
            verdict(&good, b"7", &Policy::parse(b"quorum none\n").unwrap()),
        ),
    ];
    let said: Vec<String> = said
        .iter()
        .map(|(what, said)| format!("{what}: {said}"))
        .collect();
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn swapped_hashes_do_not_meet_the_root() {
    let mut receipt = receipt::<Sha256>(&[]);
    receipt.hashes.swap(0, 1);
    let error = receipt.verify(b"7", &log_alone()).unwrap_err();
    assert!(matches!(
        error,
        VerifyError::Inclusion {
            index: 7,
            reason: ProofError::Root,
            ..
        }
    ));
}

#[test]
fn malformed_receipts_are_named() {
    let good = TlogProof {
        extra: Some(b"x".to_vec()),
        ..receipt::<Sha256>(&[])
    }
    .to_string();
    let first_hash = good.lines().nth(3).unwrap();
    let cases = [
        ("empty", String::new()),
        ("other version", good.replace("@v1", "@v2")),
        ("carriage returns", good.replace('\n', "\r\n")),
        (
            "extra is not base64",
            good.replace("extra eA==", "extra eA="),
        ),
        (
            "extra twice",
            good.replace("extra eA==\n", "extra eA==\nextra eA==\n"),
        ),
        ("no index", good.replace("index 7\n", "")),
        ("leading zero", good.replace("index 7\n", "index 07\n")),
        ("short hash", good.replace(first_hash, &first_hash[4..])),
        ("no empty line", good.replacen("\n\n", "\n", 1)),
        (
            "64 hashes",
            good.replace(first_hash, vec![first_hash; 56].join("\n").as_str()),
        ),
        ("checkpoint cut off", good[..good.len() - 1].to_owned()),
        (
            "too long",
            good.clone() + &"x".repeat(tlog::proof::MAX_PROOF),
        ),
    ];
    let verdicts: Vec<String> = cases
        .iter()
        .map(|(what, text)| match TlogProof::parse(text.as_bytes()) {
            Ok(read) => panic!("{what} was read: {read}"),
            Err(error) => format!("{what}: {error}"),
        })
        .collect();
    insta::assert_snapshot!(verdicts.join("\n"));
}
