//! The hash of a tree as a type parameter (RFC 6962 §2.1).
//!
//! Is not a general hash interface: a tree needs exactly three functions, and whoever brings another hash (SM3) brings
//! these three.

use sha2::block_api::compress256;

/// 32 bytes: a leaf hash, an inner node or a root.
pub type Hash = [u8; 32];

/// The three hashes of a tree. The one-byte prefixes keep leaves and nodes apart: a node can never be passed off as an
/// entry.
pub trait TreeHash {
    /// Root of the tree without leaves: hash of no bytes.
    fn empty() -> Hash;
    /// Hash of `0x00 ‖ entry`.
    fn leaf(entry: &[u8]) -> Hash;
    /// Hash of `0x01 ‖ left ‖ right`.
    fn node(left: &Hash, right: &Hash) -> Hash;
}

/// SHA-256, the hash of every interoperable tree.
///
/// Lays the blocks out by hand: a node is always two blocks, and an entry needs no copy through a buffer. A third faster
/// than the general interface of `sha2` on messages as short as these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sha256;

/// Bytes of a block (FIPS 180-4 §5.2.1).
const BLOCK: usize = 64;

/// Initial hash value (FIPS 180-4 §5.3.3).
const START: [u32; 8] = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

/// Compresses what does not fill a block, with padding: one bit, zeros, the length of the whole message in bits
/// (FIPS 180-4 §5.1.1).
fn finish(mut state: [u32; 8], rest: &[u8], bytes: usize) -> Hash {
    let mut blocks = [[0; BLOCK]; 2];
    blocks[0][..rest.len()].copy_from_slice(rest);
    blocks[0][rest.len()] = 0x80;
    let used = if rest.len() < BLOCK - 8 { 1 } else { 2 };
    blocks[used - 1][BLOCK - 8..].copy_from_slice(&(8 * bytes as u64).to_be_bytes());
    compress256(&mut state, &blocks[..used]);
    output(state)
}

fn output(state: [u32; 8]) -> Hash {
    let mut hash = [0; 32];
    for (bytes, word) in hash.chunks_exact_mut(4).zip(state) {
        bytes.copy_from_slice(&word.to_be_bytes());
    }
    hash
}

impl TreeHash for Sha256 {
    fn empty() -> Hash {
        finish(START, &[], 0)
    }

    fn leaf(entry: &[u8]) -> Hash {
        let bytes = 1 + entry.len();
        let mut first = [0; BLOCK];
        let Some((head, tail)) = entry.split_at_checked(BLOCK - 1) else {
            first[1..bytes].copy_from_slice(entry);
            return finish(START, &first[..bytes], bytes);
        };
        first[1..].copy_from_slice(head);
        let (blocks, rest) = tail.as_chunks::<BLOCK>();
        let mut state = START;
        compress256(&mut state, &[first]);
        compress256(&mut state, blocks);
        finish(state, rest, bytes)
    }

    fn node(left: &Hash, right: &Hash) -> Hash {
        let mut blocks = [[0; BLOCK]; 2];
        blocks[0][0] = 1;
        blocks[0][1..33].copy_from_slice(left);
        blocks[0][33..].copy_from_slice(&right[..31]);
        blocks[1][0] = right[31];
        blocks[1][1] = 0x80;
        blocks[1][BLOCK - 8..].copy_from_slice(&(8 * 65u64).to_be_bytes());
        let mut state = START;
        compress256(&mut state, &blocks);
        output(state)
    }
}
