//! What several test modules share: shared data, keys, a tree in memory, a naive tree.

use std::convert::Infallible;
use std::path::PathBuf;

use tlog::note::{KeyKind, SigningKey};
use tlog::tree::{HashReader, root_of_leaves};
use tlog::{Hash, TreeHash};

/// A second hash for the type parameter.
pub(crate) struct Sm3;

impl TreeHash for Sm3 {
    fn empty() -> Hash {
        use sm3::Digest;
        sm3::Sm3::digest([]).into()
    }

    fn leaf(entry: &[u8]) -> Hash {
        use sm3::Digest;
        sm3::Sm3::digest([&[0], entry].concat()).into()
    }

    fn node(left: &Hash, right: &Hash) -> Hash {
        use sm3::Digest;
        sm3::Sm3::digest([&[1][..], left, right].concat()).into()
    }
}

/// A file of the shared test data; `None`, with a printed line, when it is not there.
pub(crate) fn shared(file: &str) -> Option<PathBuf> {
    let base = match std::env::var_os("LIUHEN_SHARED") {
        Some(dir) => PathBuf::from(dir),
        None => PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")),
    };
    let path = base.join("data").join(file);
    if !path.exists() {
        println!("skipped: {} is not there", path.display());
        return None;
    }
    Some(path)
}

/// The key of a seed of equal bytes.
pub(crate) fn key(name: &str, seed: u8, kind: KeyKind) -> SigningKey {
    SigningKey::from_seed(name, [seed; 32], kind).expect("test key")
}

/// Leaf hashes `0..n`, each of the decimal of its index.
pub(crate) fn leaves<H: TreeHash>(n: u64) -> Vec<Hash> {
    (0..n).map(|i| H::leaf(i.to_string().as_bytes())).collect()
}

/// All hash tiles of a tree, by level; answers for every smaller size too, and counts what it is asked.
pub(crate) struct MemTiles {
    pub(crate) levels: Vec<Vec<Hash>>,
    pub(crate) reads: std::cell::RefCell<Vec<(u8, u64, u16)>>,
}

impl MemTiles {
    pub(crate) fn new<H: TreeHash>(leaves: Vec<Hash>) -> Self {
        let mut levels = vec![leaves];
        loop {
            let below = levels.last().expect("one level");
            let up: Vec<Hash> = below.chunks_exact(256).map(root_of_leaves::<H>).collect();
            if up.is_empty() {
                return Self {
                    levels,
                    reads: Vec::new().into(),
                };
            }
            levels.push(up);
        }
    }
}

impl HashReader for MemTiles {
    type Error = Infallible;

    fn tile_hashes(&self, level: u8, index: u64, width: u16) -> Result<Vec<Hash>, Infallible> {
        assert!(
            (1..=256).contains(&width),
            "width {width} asked of tile {level}/{index}"
        );
        self.reads.borrow_mut().push((level, index, width));
        let start = usize::try_from(index * 256).expect("small tree");
        Ok(self.levels[usize::from(level)][start..start + usize::from(width)].to_vec())
    }
}

/// MTH of RFC 6962 §2.1, word for word.
pub(crate) fn naive_root<H: TreeHash>(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => H::empty(),
        [leaf] => *leaf,
        _ => {
            let k = naive_split(leaves.len());
            H::node(
                &naive_root::<H>(&leaves[..k]),
                &naive_root::<H>(&leaves[k..]),
            )
        }
    }
}

/// PATH of RFC 6962 §2.1.1, word for word.
pub(crate) fn naive_path<H: TreeHash>(m: usize, leaves: &[Hash]) -> Vec<Hash> {
    if leaves.len() == 1 {
        return Vec::new();
    }
    let k = naive_split(leaves.len());
    let (left, right) = leaves.split_at(k);
    let (mut path, sibling) = if m < k {
        (naive_path::<H>(m, left), right)
    } else {
        (naive_path::<H>(m - k, right), left)
    };
    path.push(naive_root::<H>(sibling));
    path
}

/// PROOF of RFC 6962 §2.1.2, word for word.
pub(crate) fn naive_consistency<H: TreeHash>(m: usize, leaves: &[Hash]) -> Vec<Hash> {
    naive_subproof::<H>(m, leaves, true)
}

fn naive_subproof<H: TreeHash>(m: usize, leaves: &[Hash], known: bool) -> Vec<Hash> {
    if m == leaves.len() {
        return if known {
            Vec::new()
        } else {
            vec![naive_root::<H>(leaves)]
        };
    }
    let k = naive_split(leaves.len());
    let (left, right) = leaves.split_at(k);
    let (mut proof, sibling) = if m <= k {
        (naive_subproof::<H>(m, left, known), right)
    } else {
        (naive_subproof::<H>(m - k, right, false), left)
    };
    proof.push(naive_root::<H>(sibling));
    proof
}

fn naive_split(n: usize) -> usize {
    let mut k = 1;
    while 2 * k < n {
        k *= 2;
    }
    k
}

/// SplitMix64 as a source for batch verification: tests must repeat.
pub(crate) struct TestRng(pub(crate) u64);

impl rand_core::TryRng for TestRng {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok((self.try_next_u64()? >> 32) as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Ok(z ^ (z >> 31))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        for chunk in out.chunks_mut(8) {
            let word = self.try_next_u64()?.to_le_bytes();
            chunk.copy_from_slice(&word[..chunk.len()]);
        }
        Ok(())
    }
}

impl rand_core::TryCryptoRng for TestRng {}
