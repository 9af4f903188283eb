//! The crates `tlog_tiles` and `signed_note` as oracles: same roots, same proofs, same notes, same verdicts.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use signed_note::{Signer as _, StandardSigner, StandardVerifier, VerifierList};
use tlog::checkpoint::{Checkpoint, Origin};
use tlog::note::{KeyKind, Note, SigningKey, VerifierKey, sign};
use tlog::tile::TileRef;
use tlog::tree::{HashReader as _, consistency_proof, inclusion_proof, root_from_tiles};
use tlog::{Hash, Sha256};
use tlog_tiles::{TileHashReader, TileReader};

use crate::support::{MemTiles, key, leaves};

/// Our tiles behind their reader, which authenticates each tile against the root.
struct Theirs<'a>(&'a MemTiles);

impl TileReader for Theirs<'_> {
    fn height(&self) -> u8 {
        8
    }

    fn read_tiles(&self, tiles: &[tlog_tiles::Tile]) -> Result<Vec<Vec<u8>>, tlog_tiles::Error> {
        let read = |tile: &tlog_tiles::Tile| {
            let hashes = self
                .0
                .tile_hashes(tile.level(), tile.level_index(), tile.width() as u16);
            hashes.expect("tiles in memory").concat()
        };
        Ok(tiles.iter().map(read).collect())
    }

    fn save_tiles(&self, _: &[tlog_tiles::Tile], _: &[Vec<u8>]) {}
}

fn plain(theirs: Vec<tlog_tiles::Hash>) -> Vec<Hash> {
    theirs.into_iter().map(|hash| hash.0).collect()
}

fn compare(tiles: &MemTiles, size: u64, index: u64, old: u64) {
    let root = root_from_tiles::<Sha256, _>(tiles, size).unwrap();
    let store = Theirs(tiles);
    let reader = TileHashReader::new(size, tlog_tiles::Hash(root), &store);
    assert_eq!(tlog_tiles::tree_hash(size, &reader).unwrap().0, root);
    let ours = inclusion_proof::<Sha256, _>(tiles, index, size).unwrap();
    let theirs = tlog_tiles::prove_record(size, index, &reader).unwrap();
    let leaf = tiles.levels[0][index as usize];
    let root = tlog_tiles::Hash(root);
    tlog_tiles::check_record(&theirs, size, root, index, tlog_tiles::Hash(leaf)).unwrap();
    assert_eq!(ours, plain(theirs), "inclusion of {index} in {size}");
    let ours = consistency_proof::<Sha256, _>(tiles, old, size).unwrap();
    let theirs = tlog_tiles::prove_tree(size, old, &reader).unwrap();
    assert_eq!(ours, plain(theirs), "consistency of {old} to {size}");
}

#[test]
fn proofs_are_those_of_tlog_tiles_around_the_borders() {
    let tiles = MemTiles::new::<Sha256>(leaves::<Sha256>(70_000));
    for size in [
        1, 2, 255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537, 65_792, 69_999, 70_000,
    ] {
        for part in [0, 1, 2, 3] {
            let index = (size - 1) * part / 3;
            compare(&tiles, size, index, index + 1);
        }
    }
}

fn their_signer(key: &SigningKey) -> StandardSigner {
    let secret = [&[1][..], &key.to_seed()].concat();
    let verifier = key.verifier();
    StandardSigner::new(&format!(
        "PRIVATE+KEY+{}+{}+{}",
        verifier.name(),
        verifier.id(),
        STANDARD.encode(secret)
    ))
    .unwrap()
}

fn their_verifiers(keys: &[&SigningKey]) -> VerifierList {
    let boxed = |key: &&SigningKey| -> Box<dyn signed_note::Verifier> {
        Box::new(StandardVerifier::new(&key.verifier().to_string()).expect("they read our key"))
    };
    VerifierList::new(keys.iter().map(boxed).collect())
}

#[test]
fn paths_differ_from_tlog_tiles_only_by_height_and_word() {
    for (level, index, width) in [
        (Some(0), 1_234_067, 256),
        (Some(3), 5, 17),
        (None, 999, 255),
        (Some(1), u64::MAX, 1),
    ] {
        let theirs = tlog_tiles::Tile::new(
            8,
            level.unwrap_or(0),
            index,
            u32::from(width),
            level.is_none(),
        )
        .path();
        let ours = TileRef {
            level,
            index,
            width,
        }
        .path();
        assert_eq!(
            theirs
                .replace("tile/8/data/", "tile/entries/")
                .replace("tile/8/", "tile/"),
            ours
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn proofs_are_those_of_tlog_tiles(size in 1u64..3000, a in any::<u64>(), b in any::<u64>()) {
        let tiles = MemTiles::new::<Sha256>(leaves::<Sha256>(size));
        compare(&tiles, size, a % size, 1 + b % size);
    }

    #[test]
    fn tiles_of_a_size_are_those_of_tlog_tiles(size in 0u64..200_000) {
        let mut theirs: Vec<_> =
            tlog_tiles::Tile::new_tiles(8, 0, size).iter().map(|t| (t.level(), t.level_index(), t.width())).collect();
        let mut ours: Vec<_> = tlog::tile::tiles_of(size)
            .filter_map(|t| t.level.map(|level| (level, t.index, u32::from(t.width))))
            .collect();
        theirs.sort_unstable();
        ours.sort_unstable();
        prop_assert_eq!(ours, theirs);
    }

    #[test]
    fn checkpoints_are_those_of_tlog_tiles(size in any::<u64>(), root in any::<Hash>(), name in "[a-z./0-9]{1,40}") {
        let ours = Checkpoint { origin: Origin::new(&name).unwrap(), size, root };
        let theirs = tlog_tiles::Checkpoint::from_bytes(ours.text().as_bytes()).unwrap();
        prop_assert_eq!((theirs.origin(), theirs.size(), theirs.hash().0), (name.as_str(), size, root));
        prop_assert_eq!(theirs.to_bytes(), ours.text().into_bytes());
    }

    #[test]
    fn notes_are_signed_and_read_alike(text in "([a-zé中\\- ]{0,20}\n){1,6}", seeds in prop::collection::btree_set(any::<u8>(), 1..5), known in any::<u8>()) {
        let keys: Vec<SigningKey> = seeds.iter().map(|s| key(&format!("k{s}.example"), *s, KeyKind::Actor)).collect();
        let ours = Note::new(text.clone(), keys.iter().map(|k| sign(&text, k).unwrap()).collect()).unwrap();
        let mut theirs = signed_note::Note::new(text.as_bytes(), &[]).unwrap();
        for key in &keys {
            let signer = their_signer(key);
            prop_assert_eq!(signer.key_id().to_be_bytes(), key.verifier().id().0);
            theirs.add_sigs(&[&signer]).unwrap();
        }
        prop_assert_eq!(ours.to_string().into_bytes(), theirs.to_bytes(), "RFC 8032 signatures are deterministic");
        let subset: Vec<&SigningKey> = keys.iter().enumerate().filter(|(n, _)| known >> n & 1 == 1).map(|(_, k)| k).collect();
        let public: Vec<VerifierKey> = subset.iter().map(|k| k.verifier().clone()).collect();
        let read = Note::parse(&theirs.to_bytes()).unwrap();
        let verdict = read.verify(&public).map(|v| (v.by().len(), v.rest().len()));
        let their_verdict = theirs.verify(&their_verifiers(&subset)).map(|(by, rest)| (by.len(), rest.len()));
        prop_assert_eq!(verdict.ok(), their_verdict.ok());
    }

    /// One change to a good note: whoever reads it, both say the same.
    #[test]
    fn changed_notes_get_the_same_verdict(at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<bool>()) {
        let (a, b) = (key("a.example", 1, KeyKind::Actor), key("b.example", 2, KeyKind::Actor));
        let text = "one\n\ntwo\n";
        let mut bytes = Note::new(text, vec![sign(text, &a).unwrap(), sign(text, &b).unwrap()]).unwrap().to_string().into_bytes();
        let at = at.index(bytes.len());
        if cut {
            bytes.remove(at);
        } else {
            bytes[at] = byte;
        }
        let ours = Note::parse(&bytes).ok();
        let theirs = signed_note::Note::from_bytes(&bytes).ok();
        prop_assert_eq!(ours.is_some(), theirs.is_some());
        if let (Some(ours), Some(theirs)) = (ours, theirs) {
            let public = [a.verifier().clone(), b.verifier().clone()];
            let verdict = ours.verify(&public).map(|v| (v.by().len(), v.rest().len()));
            let their_verdict = theirs.verify(&their_verifiers(&[&a, &b])).map(|(by, rest)| (by.len(), rest.len()));
            prop_assert_eq!(verdict.ok(), their_verdict.ok());
        }
    }
}
