//! Every parser of untrusted bytes: no panic, and what is read is written back as the same bytes.

use proptest::prelude::*;
use tlog::checkpoint::{self, Checkpoint, Origin};
use tlog::note::{KeyKind, Note, SignatureLine, VerifierKey};
use tlog::policy::Policy;
use tlog::proof::TlogProof;
use tlog::tile::TileRef;
use tlog::witness::{Answer, Request};

use crate::support::key;

/// All parsers over one input.
fn read_all(bytes: &[u8]) {
    if let Ok(note) = Note::parse(bytes) {
        assert_eq!(note.to_string().as_bytes(), bytes);
        let again = Note::new(note.unverified_text(), note.signatures().to_vec());
        assert_eq!(again, Ok(note));
    }
    if let Ok(proof) = TlogProof::parse(bytes) {
        assert_eq!(proof.to_string().as_bytes(), bytes);
    }
    if let Ok(request) = Request::parse(bytes) {
        assert_eq!(request.to_string().as_bytes(), bytes);
    }
    for status in [200, 409] {
        if let Ok(answer) = Answer::parse(status, Some(tlog::witness::SIZE_TYPE), bytes) {
            assert_eq!(answer.body().as_bytes(), bytes);
        }
    }
    let _: Result<Policy, _> = Policy::parse(bytes);
    if let Ok(text) = std::str::from_utf8(bytes) {
        if let Ok(checkpoint) = Checkpoint::parse(text) {
            assert_eq!(checkpoint.text(), text);
        }
        if let Ok(tile) = TileRef::parse(text) {
            assert_eq!(tile.path(), text);
        }
        if let Ok(key) = text.parse::<VerifierKey>() {
            assert_eq!(key.to_string(), text);
        }
        if let Ok(line) = text.parse::<SignatureLine>() {
            assert_eq!(line.to_string(), text);
        }
    }
}

/// One good input of each format.
fn good() -> Vec<Vec<u8>> {
    let log = key("log.example/1", 1, KeyKind::Log);
    let head = Checkpoint {
        origin: Origin::new("log.example/1").unwrap(),
        size: 77,
        root: [9; 32],
    };
    let checkpoint = checkpoint::sign(&head, &log).unwrap();
    let hashes = vec![[3; 32]; 4];
    let proof = TlogProof {
        extra: Some(vec![1, 2]),
        index: 7,
        hashes: hashes.clone(),
        checkpoint: checkpoint.clone(),
    };
    let request = Request {
        old: 5,
        proof: hashes,
        checkpoint: checkpoint.clone(),
    };
    let policy = format!(
        "log {}\nwitness w {}\ngroup g 1 w\nquorum g\n",
        log.verifier(),
        key("w.example", 2, KeyKind::Cosigner).verifier()
    );
    vec![
        checkpoint.clone().into_bytes(),
        proof.to_string().into_bytes(),
        request.to_string().into_bytes(),
        policy.into_bytes(),
        head.text().into_bytes(),
        log.verifier().to_string().into_bytes(),
        checkpoint.lines().last().unwrap().as_bytes().to_vec(),
        b"tile/0/x001/x234/067.p/8".to_vec(),
        b"77\n".to_vec(),
    ]
}

#[test]
fn good_inputs_are_read() {
    let good = good();
    good.iter().for_each(|bytes| read_all(bytes));
    assert!(Note::parse(&good[0]).is_ok());
    assert!(TlogProof::parse(&good[1]).is_ok());
    assert!(Request::parse(&good[2]).is_ok());
    assert!(Policy::parse(&good[3]).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        read_all(&bytes);
    }

    #[test]
    fn any_text(text in "[— \n0-9A-Za-z+/=.é\\p{Cc}]{0,300}") {
        read_all(text.as_bytes());
    }

    /// Good inputs with pieces cut out, doubled, swapped and overwritten: what a fuzzer would find first.
    #[test]
    fn changed_inputs(
        which in 0usize..9,
        edits in prop::collection::vec((0u8..4, any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<u8>()), 1..5)
    ) {
        let mut bytes = good().swap_remove(which);
        for (edit, from, to, byte) in edits {
            if bytes.is_empty() {
                break;
            }
            let (a, b) = (from.index(bytes.len()), to.index(bytes.len()));
            let (a, b) = (a.min(b), a.max(b));
            match edit {
                0 => drop(bytes.drain(a..b)),
                1 => {
                    let piece = bytes[a..b].to_vec();
                    bytes.splice(a..a, piece);
                }
                2 => bytes.swap(a, b),
                _ => bytes[a] = byte,
            }
        }
        read_all(&bytes);
    }
}
