//! Edge points of Ed25519: batch and single verification agree, and both follow ZIP-215.
//!
//! The cases are those of C2SP/CCTV `ed25519`, built here anew: points of small order in all their encodings, points
//! with a small-order part, residues that only the cofactored equation forgives.

use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT as B, EIGHT_TORSION};
use curve25519_dalek::edwards::CompressedEdwardsY;
use curve25519_dalek::scalar::Scalar;
use sha2::{Digest, Sha512};
use tlog::note::{Algorithm, SignatureError, SignatureLine, VerifierKey, sign, verify_batch};

use crate::support::{TestRng, key};

const TEXT: &[u8] = b"one text\n";

/// All 14 encodings of the eight points of small order.
fn small_order() -> Vec<[u8; 32]> {
    let mut all: Vec<[u8; 32]> = EIGHT_TORSION
        .iter()
        .map(|point| point.compress().to_bytes())
        .collect();
    let ends = |first: u8, last: u8| {
        let mut bytes = [0xff; 32];
        (bytes[0], bytes[31]) = (first, last);
        bytes
    };
    let mut minus_one = [0; 32];
    (minus_one[0], minus_one[31]) = (1, 0x80);
    // y = p and p+1 instead of 0 and 1, and x = −0.
    all.extend([
        ends(0xed, 0x7f),
        ends(0xed, 0xff),
        ends(0xee, 0x7f),
        ends(0xee, 0xff),
        ends(0xec, 0xff),
        minus_one,
    ]);
    all
}

fn challenge(r: &[u8; 32], a: &[u8; 32], text: &[u8]) -> Scalar {
    let digest = Sha512::new()
        .chain_update(r)
        .chain_update(a)
        .chain_update(text)
        .finalize();
    Scalar::from_bytes_mod_order_wide(&digest.into())
}

/// (key, R ‖ s): every one of them verifies under ZIP-215.
fn edge_cases() -> Vec<([u8; 32], [u8; 64])> {
    let mut cases = Vec::new();
    let join =
        |r: &[u8; 32], s: Scalar| -> [u8; 64] { [*r, s.to_bytes()].concat().try_into().unwrap() };
    let secret = Scalar::from(123_456_789u64);
    let nonce = Scalar::from(987_654_321u64);
    let small = small_order();
    for r in &small {
        for a in &small {
            cases.push((*a, join(r, Scalar::ZERO)));
        }
        let a = (B * secret).compress().to_bytes();
        cases.push((a, join(r, challenge(r, &a, TEXT) * secret)));
        let honest_r = (B * nonce).compress().to_bytes();
        cases.push((*r, join(&honest_r, nonce)));
    }
    for t in EIGHT_TORSION {
        for u in EIGHT_TORSION {
            let a = (B * secret + t).compress().to_bytes();
            let r = (B * nonce + u).compress().to_bytes();
            cases.push((a, join(&r, nonce + challenge(&r, &a, TEXT) * secret)));
        }
    }
    cases
}

fn line(key: &VerifierKey, signature: [u8; 64]) -> SignatureLine {
    SignatureLine::new(key.name(), key.id(), signature.to_vec()).unwrap()
}

fn edge_key(public: [u8; 32]) -> VerifierKey {
    VerifierKey::from_ed25519("edge.example", public, Algorithm::Ed25519).unwrap()
}

#[test]
fn fourteen_encodings_of_small_order_are_points() {
    let all = small_order();
    assert_eq!(all.len(), 14);
    for bytes in &all {
        let point = CompressedEdwardsY(*bytes).decompress().expect("a point");
        assert!(point.is_small_order(), "{bytes:02x?}");
    }
    let distinct: std::collections::BTreeSet<_> = all.iter().collect();
    assert_eq!(distinct.len(), 14);
}

#[test]
fn single_and_batch_accept_every_edge_case() {
    let cases = edge_cases();
    let keys: Vec<_> = cases.iter().map(|(public, _)| edge_key(*public)).collect();
    let lines: Vec<_> = keys
        .iter()
        .zip(&cases)
        .map(|(key, (_, signature))| line(key, *signature))
        .collect();
    for (key, line) in keys.iter().zip(&lines) {
        assert_eq!(key.verify(TEXT, line), Ok(None), "single: {key} {line}");
        assert_eq!(
            verify_batch(&[(key, TEXT, line)], TestRng(5)),
            [Ok(())],
            "batch of one: {key} {line}"
        );
    }
    let items: Vec<_> = keys
        .iter()
        .zip(&lines)
        .map(|(key, line)| (key, TEXT, line))
        .collect();
    assert_eq!(items.len(), 14 * 16 + 64);
    assert!(
        verify_batch(&items, TestRng(6))
            .iter()
            .all(|verdict| verdict.is_ok())
    );
}

/// Each case spoilt in three ways, alone and beside good ones: the verdicts of batch and single are the same.
#[test]
fn single_and_batch_refuse_the_same() {
    let order = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde,
        0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let good = key("good.example", 3, tlog::note::KeyKind::Actor);
    let good_line = sign("one text\n", &good).unwrap();
    let mut refused = 0;
    for (n, (public, signature)) in edge_cases().into_iter().enumerate() {
        let key = edge_key(public);
        // s + group order: the same scalar, not canonical.
        let mut high_s = signature;
        let mut carry = 0;
        for (byte, add) in high_s[32..].iter_mut().zip(order) {
            let sum = u16::from(*byte) + add + carry;
            (*byte, carry) = (sum as u8, sum >> 8);
        }
        let mut other_s = signature;
        other_s[32] ^= 1;
        // y = 2 is on no point of the curve.
        let mut no_point = signature;
        no_point[..32].fill(0);
        no_point[0] = 2;
        for spoilt in [high_s, other_s, no_point] {
            let spoilt = line(&key, spoilt);
            let single = key.verify(TEXT, &spoilt).map(|_| ());
            assert_eq!(single, Err(SignatureError::Wrong), "case {n}");
            let items = [
                (good.verifier(), TEXT, &good_line),
                (&key, TEXT, &spoilt),
                (good.verifier(), TEXT, &good_line),
            ];
            assert_eq!(
                verify_batch(&items, TestRng(n as u64)),
                [Ok(()), single, Ok(())],
                "case {n}"
            );
            refused += 1;
        }
    }
    assert_eq!(refused, 3 * (14 * 16 + 64));
}
