//! The tree against RFC 6962 word for word: every small size, the borders of tiles, proofs that must fail.

use proptest::prelude::*;
use tlog::tree::*;
use tlog::{Hash, Sha256, TreeHash};

use crate::support::{MemTiles, Sm3, leaves, naive_consistency, naive_path, naive_root};

/// Sizes where tiles of one more level begin, fill and end.
fn border_sizes() -> Vec<u64> {
    let mut sizes: Vec<u64> = [256u64, 512, 65_280, 65_536, 65_792, 69_888]
        .iter()
        .flat_map(|b| b - 1..=b + 1)
        .collect();
    sizes.extend([1000, 69_999, 70_000]);
    sizes
}

fn check_size<H: TreeHash>(tiles: &MemTiles, size: u64, indexes: &[u64], olds: &[u64]) {
    let leaves = &tiles.levels[0][..size as usize];
    let root = naive_root::<H>(leaves);
    assert_eq!(
        root_from_tiles::<H, _>(tiles, size).unwrap(),
        root,
        "root of {size}"
    );
    assert_eq!(
        root_of_leaves::<H>(leaves),
        root,
        "root of the leaves of {size}"
    );
    for &index in indexes.iter().filter(|i| **i < size) {
        tiles.reads.borrow_mut().clear();
        let proof = inclusion_proof::<H, _>(tiles, index, size).unwrap();
        let mut reads = tiles.reads.borrow().clone();
        assert_eq!(
            proof,
            naive_path::<H>(index as usize, leaves),
            "inclusion of {index} in {size}"
        );
        verify_inclusion::<H>(index, size, &leaves[index as usize], &proof, &root).unwrap();
        // Each tile once, and only as wide as this tree has it.
        reads.sort_unstable();
        let asked = reads.len();
        reads.dedup();
        assert_eq!(
            reads.len(),
            asked,
            "a tile was read twice for {index} in {size}"
        );
        for (level, tile, width) in reads {
            let tile = tlog::tile::TileRef {
                level: Some(level),
                index: tile,
                width,
            };
            assert!(
                tlog::tile::is_implied_by(&tile, size),
                "{tile} is not implied by {size}"
            );
        }
    }
    for &old in olds.iter().filter(|o| **o <= size && **o > 0) {
        let proof = consistency_proof::<H, _>(tiles, old, size).unwrap();
        assert_eq!(
            proof,
            naive_consistency::<H>(old as usize, leaves),
            "consistency of {old} to {size}"
        );
        let old_root = naive_root::<H>(&leaves[..old as usize]);
        verify_consistency::<H>(old, size, &proof, &old_root, &root).unwrap();
    }
}

#[test]
fn every_size_below_300_agrees_with_the_rfc() {
    let tiles = MemTiles::new::<Sha256>(leaves::<Sha256>(300));
    for size in 0..=300u64 {
        let some: Vec<u64> = (0..=size)
            .step_by(if size <= 70 { 1 } else { 23 })
            .chain([size.saturating_sub(1)])
            .collect();
        check_size::<Sha256>(&tiles, size, &some, &some);
    }
}

#[test]
fn border_sizes_agree_with_the_rfc() {
    let tiles = MemTiles::new::<Sha256>(leaves::<Sha256>(70_000));
    for size in border_sizes() {
        check_size::<Sha256>(&tiles, size, &[0, 65_535, size - 1], &[256, size - 1]);
        // Word for word takes a hash per leaf; a proof that leads to the right root is as good, and quick.
        let root = |size| root_from_tiles::<Sha256, _>(&tiles, size).unwrap();
        for at in (0..size).step_by(1031).chain(
            [254, 255, 256, size - 2]
                .into_iter()
                .filter(|at| *at < size),
        ) {
            let leaf = &tiles.levels[0][at as usize];
            let proof = inclusion_proof::<Sha256, _>(&tiles, at, size).unwrap();
            verify_inclusion::<Sha256>(at, size, leaf, &proof, &root(size)).unwrap();
        }
        for old in (1..=size)
            .step_by(2053)
            .chain([255, 256, size - 1].into_iter().filter(|old| *old <= size))
        {
            let proof = consistency_proof::<Sha256, _>(&tiles, old, size).unwrap();
            verify_consistency::<Sha256>(old, size, &proof, &root(old), &root(size)).unwrap();
        }
    }
}

#[test]
fn the_edge_has_every_root_up_to_70_000() {
    let leaves = leaves::<Sha256>(70_000);
    let tiles = MemTiles::new::<Sha256>(leaves.clone());
    let mut edge = Edge::<Sha256>::new();
    let borders = border_sizes();
    for (n, leaf) in leaves.iter().enumerate() {
        let size = n as u64;
        if size.is_multiple_of(997) || borders.contains(&size) || size < 600 {
            assert_eq!(
                edge.root(),
                root_from_tiles::<Sha256, _>(&tiles, size).unwrap(),
                "size {size}"
            );
            assert_eq!(
                edge_from_tiles::<Sha256, _>(&tiles, size).unwrap(),
                edge,
                "size {size}"
            );
            assert_eq!(Edge::from_parts(size, edge.nodes().to_vec()).unwrap(), edge);
        }
        edge.push_leaf(*leaf);
    }
    assert_eq!(
        (edge.size(), edge.root()),
        (70_000, naive_root::<Sha256>(&leaves))
    );
}

#[test]
fn known_roots_of_rfc_6962() {
    // The reference tree of certificate-transparency's tests: eight entries, and the empty tree.
    let hex = |h: Hash| h.iter().map(|b| format!("{b:02x}")).collect::<String>();
    assert_eq!(
        hex(Sha256::empty()),
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    );
    let entries: [&[u8]; 8] = [
        b"",
        b"\x00",
        b"\x10",
        b"\x20\x21",
        b"\x30\x31",
        b"\x40\x41\x42\x43",
        b"\x50\x51\x52\x53\x54\x55\x56\x57",
        b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
    ];
    let mut edge = Edge::<Sha256>::new();
    entries
        .iter()
        .for_each(|entry| edge.push_leaf(Sha256::leaf(entry)));
    assert_eq!(
        hex(edge.root()),
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
    );
}

#[test]
fn an_edge_needs_one_node_per_one_bit() {
    let error = Edge::<Sha256>::from_parts(6, vec![[0; 32]]).unwrap_err();
    assert_eq!(
        error,
        EdgeError {
            size: 6,
            want: 2,
            got: 1
        }
    );
    assert!(Edge::<Sha256>::from_parts(u64::MAX, vec![[0; 32]; 64]).is_ok());
}

#[test]
fn leaf_and_node_hashes_are_kept_apart() {
    let (left, right) = ([1; 32], [2; 32]);
    assert_ne!(
        Sha256::leaf(&[left, right].concat()),
        Sha256::node(&left, &right)
    );
    assert_ne!(Sha256::node(&left, &right), Sha256::node(&right, &left));
}

#[test]
fn another_hash_gives_another_tree_of_the_same_shape() {
    let tiles = MemTiles::new::<Sm3>(leaves::<Sm3>(300));
    for size in [1, 2, 5, 255, 256, 257, 300] {
        check_size::<Sm3>(
            &tiles,
            size,
            &[0, 4, 254, 255, 256, 299],
            &[1, 4, 255, 256, 257],
        );
    }
    let sha = MemTiles::new::<Sha256>(leaves::<Sha256>(300));
    let proof = inclusion_proof::<Sha256, _>(&sha, 7, 300).unwrap();
    let root = root_from_tiles::<Sha256, _>(&sha, 300).unwrap();
    assert_eq!(
        verify_inclusion::<Sm3>(7, 300, &sha.levels[0][7], &proof, &root),
        Err(ProofError::Root)
    );
}

#[test]
fn what_is_out_of_range_is_refused() {
    let tiles = MemTiles::new::<Sha256>(leaves::<Sha256>(10));
    let range = |start, end, size| BuildError::Range { start, end, size };
    assert_eq!(
        inclusion_proof::<Sha256, _>(&tiles, 10, 10),
        Err(range(10, 11, 10))
    );
    assert_eq!(
        inclusion_proof::<Sha256, _>(&tiles, u64::MAX, 10),
        Err(range(u64::MAX, u64::MAX, 10))
    );
    assert_eq!(
        consistency_proof::<Sha256, _>(&tiles, 10, 9),
        Err(range(0, 10, 9))
    );
    assert_eq!(
        subtree_proof::<Sha256, _>(&tiles, 1, 3, 10),
        Err(range(1, 3, 10))
    );
    assert_eq!(consistency_proof::<Sha256, _>(&tiles, 0, 9), Ok(vec![]));
    let any = [0; 32];
    let index = |index, size| Err(ProofError::Index { index, size });
    assert_eq!(
        verify_inclusion::<Sha256>(u64::MAX, u64::MAX, &any, &[], &any),
        index(u64::MAX, u64::MAX)
    );
    assert_eq!(
        verify_inclusion::<Sha256>(0, 0, &any, &[], &any),
        index(0, 0)
    );
    assert_eq!(
        verify_consistency::<Sha256>(0, 9, &[], &any, &any),
        Err(ProofError::FromEmpty)
    );
    assert_eq!(
        verify_consistency::<Sha256>(9, 8, &[], &any, &any),
        Err(ProofError::Range {
            start: 0,
            end: 9,
            size: 8
        })
    );
    // The deepest proofs that exist: 64 steps.
    assert_eq!(
        verify_inclusion::<Sha256>(0, u64::MAX, &any, &[], &any),
        Err(ProofError::Length { want: 64, got: 0 })
    );
    assert_eq!(
        verify_consistency::<Sha256>(u64::MAX - 1, u64::MAX, &[any; 3], &any, &any),
        Err(ProofError::Length { want: 64, got: 3 })
    );
}

/// A store that has all nodes above the leaves' tiles at hand.
struct Warm<'a> {
    tiles: &'a MemTiles,
    upper: Vec<Vec<TileNodes>>,
}

impl HashReader for Warm<'_> {
    type Error = std::convert::Infallible;

    fn tile_hashes(&self, level: u8, index: u64, width: u16) -> Result<Vec<Hash>, Self::Error> {
        self.tiles.tile_hashes(level, index, width)
    }

    fn node_at_hand(&self, height: u32, index: u64) -> Option<Hash> {
        let place = Place::of(height, index);
        self.upper
            .get(usize::from(place.level).checked_sub(1)?)?
            .get(place.tile as usize)?
            .get(&place)
    }
}

#[test]
fn nodes_at_hand_give_the_same_proofs_and_spare_the_tiles() {
    let tiles = MemTiles::new::<Sha256>(leaves::<Sha256>(70_000));
    let nodes = |level: &Vec<Hash>| {
        level
            .chunks(256)
            .map(|t| TileNodes::new::<Sha256>(t.to_vec()))
            .collect()
    };
    let warm = Warm {
        tiles: &tiles,
        upper: tiles.levels[1..].iter().map(nodes).collect(),
    };
    for size in [300, 65_536, 65_537, 69_999, 70_000] {
        for index in (0..size).step_by(4099) {
            let cold = inclusion_proof::<Sha256, _>(&tiles, index, size).unwrap();
            tiles.reads.borrow_mut().clear();
            assert_eq!(
                inclusion_proof::<Sha256, _>(&&warm, index, size).unwrap(),
                cold
            );
            let reads = tiles.reads.borrow().clone();
            assert!(
                reads.iter().all(|(level, _, _)| *level == 0),
                "{index} in {size} read {reads:?}"
            );
            let cold = consistency_proof::<Sha256, _>(&tiles, index + 1, size).unwrap();
            assert_eq!(
                consistency_proof::<Sha256, _>(&warm, index + 1, size).unwrap(),
                cold
            );
        }
    }
    let tile = TileNodes::new::<Sha256>(tiles.levels[0][..256].to_vec());
    assert_eq!(tile.hashes(), &tiles.levels[0][..256]);
    assert_eq!(
        tile.get(&Place {
            level: 0,
            tile: 0,
            inside: 7,
            at: 2
        }),
        None
    );
}

/// A reader that gives one hash too few.
struct Short;

impl HashReader for Short {
    type Error = std::io::Error;

    fn tile_hashes(&self, level: u8, _: u64, width: u16) -> Result<Vec<Hash>, Self::Error> {
        match level {
            0 => Ok(vec![[0; 32]; usize::from(width) - 1]),
            _ => Err(std::io::Error::other("tile is away")),
        }
    }
}

#[test]
fn a_failing_store_is_reported_as_such() {
    let text = |result: Result<Vec<Hash>, BuildError<_>>| result.unwrap_err().to_string();
    insta::assert_snapshot!(text(inclusion_proof::<Sha256, _>(&Short, 3, 5)), @"tile 0 of level 0 has 4 hashes instead of 5");
    insta::assert_snapshot!(text(consistency_proof::<Sha256, _>(&Short, 512, 1024)), @"tile is away");
}

fn flip(hash: &mut Hash, bit: usize) {
    hash[bit / 8 % 32] ^= 1 << (bit % 8);
}

/// The blocks of SHA-256 are laid out by hand: every length around the borders of blocks against the plain interface.
#[test]
fn leaf_and_node_hashes_are_those_of_plain_sha_256() {
    use sha2::Digest;
    let plain = |bytes: &[u8]| -> Hash { sha2::Sha256::digest(bytes).into() };
    let bytes: Vec<u8> = (0..70_000u32).map(|n| (n * 31 % 251) as u8).collect();
    for len in (0..400).chain([65_534, 65_535, 65_536, 70_000]) {
        let entry = &bytes[..len];
        assert_eq!(
            Sha256::leaf(entry),
            plain(&[&[0], entry].concat()),
            "entry of {len} bytes"
        );
    }
    let (left, right) = (plain(b"left"), plain(b"right"));
    assert_eq!(
        Sha256::node(&left, &right),
        plain(&[&[1][..], &left, &right].concat())
    );
    assert_eq!(Sha256::empty(), plain(b""));
}

proptest! {
    #[test]
    fn inclusion_proofs_hold_and_no_changed_one_does(
        size in 1u64..2000, at in any::<u64>(), bit in 0usize..256, which in any::<usize>()
    ) {
        let index = at % size;
        let tiles = MemTiles::new::<Sha256>(leaves::<Sha256>(size));
        let leaf = tiles.levels[0][index as usize];
        let root = root_from_tiles::<Sha256, _>(&tiles, size).unwrap();
        let proof = inclusion_proof::<Sha256, _>(&tiles, index, size).unwrap();
        let verify = |index, size, leaf: &Hash, proof: &[Hash], root: &Hash| verify_inclusion::<Sha256>(index, size, leaf, proof, root);
        prop_assert_eq!(verify(index, size, &leaf, &proof, &root), Ok(()));
        let mut other = leaf;
        flip(&mut other, bit);
        prop_assert!(verify(index, size, &other, &proof, &root).is_err());
        let mut other = root;
        flip(&mut other, bit);
        prop_assert!(verify(index, size, &leaf, &proof, &other).is_err());
        if !proof.is_empty() {
            let mut other = proof.clone();
            flip(&mut other[which % proof.len()], bit);
            prop_assert!(verify(index, size, &leaf, &other, &root).is_err());
            prop_assert!(verify(index, size, &leaf, &proof[1..], &root).is_err());
            prop_assert!(verify(index, size, &leaf, &proof[..proof.len() - 1], &root).is_err());
            prop_assert!(verify((index + 1) % size, size, &leaf, &proof, &root).is_err());
        }
        let longer = [&proof[..], &[root]].concat();
        prop_assert!(verify(index, size, &leaf, &longer, &root).is_err());
    }

    #[test]
    fn consistency_proofs_hold_and_no_changed_one_does(
        size in 1u64..2000, at in any::<u64>(), bit in 0usize..256, which in any::<usize>()
    ) {
        let old = 1 + at % size;
        let tiles = MemTiles::new::<Sha256>(leaves::<Sha256>(size));
        let root = root_from_tiles::<Sha256, _>(&tiles, size).unwrap();
        let old_root = root_from_tiles::<Sha256, _>(&tiles, old).unwrap();
        let proof = consistency_proof::<Sha256, _>(&tiles, old, size).unwrap();
        prop_assert_eq!(verify_consistency::<Sha256>(old, size, &proof, &old_root, &root), Ok(()));
        let mut other = root;
        flip(&mut other, bit);
        prop_assert!(verify_consistency::<Sha256>(old, size, &proof, &old_root, &other).is_err());
        let mut other = old_root;
        flip(&mut other, bit);
        prop_assert!(verify_consistency::<Sha256>(old, size, &proof, &other, &root).is_err());
        if !proof.is_empty() {
            let mut other = proof.clone();
            flip(&mut other[which % proof.len()], bit);
            prop_assert!(verify_consistency::<Sha256>(old, size, &other, &old_root, &root).is_err());
            prop_assert!(verify_consistency::<Sha256>(old, size, &proof[1..], &old_root, &root).is_err());
        }
        let longer = [&proof[..], &[root]].concat();
        prop_assert!(verify_consistency::<Sha256>(old, size, &longer, &old_root, &root).is_err());
    }

    #[test]
    fn subtree_proofs_hold(size in 1u64..1500, at in any::<u64>(), shift in 0u32..11, len in any::<u64>(), bit in 0usize..256) {
        let width = 1u64 << shift;
        let start = at % size / width * width;
        let end = (start + 1 + len % width).min(size);
        let leaves = leaves::<Sha256>(size);
        let tiles = MemTiles::new::<Sha256>(leaves.clone());
        let root = naive_root::<Sha256>(&leaves);
        let part = naive_root::<Sha256>(&leaves[start as usize..end as usize]);
        let proof = subtree_proof::<Sha256, _>(&tiles, start, end, size).unwrap();
        prop_assert_eq!(verify_subtree::<Sha256>(start, end, size, &proof, &part, &root), Ok(()));
        let mut other = part;
        flip(&mut other, bit);
        prop_assert!(verify_subtree::<Sha256>(start, end, size, &proof, &other, &root).is_err());
        let mut other = root;
        flip(&mut other, bit);
        prop_assert!(verify_subtree::<Sha256>(start, end, size, &proof, &part, &other).is_err());
        for index in [start, (start + end) / 2, end - 1] {
            let inside = &leaves[start as usize..end as usize];
            let path = naive_path::<Sha256>((index - start) as usize, inside);
            let leaf = &leaves[index as usize];
            prop_assert_eq!(verify_inclusion_in_subtree::<Sha256>(index, start, end, leaf, &path, &part), Ok(()));
        }
    }
}
