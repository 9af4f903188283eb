//! The hash of a tree as a type parameter (RFC 6962 §2.1).
//!
//! Is not a general hash interface: a tree needs exactly three functions, and whoever brings another hash (SM3) brings
//! these three.

use sha2::Digest;

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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sha256;

impl TreeHash for Sha256 {
    fn empty() -> Hash {
        sha2::Sha256::digest([]).into()
    }

    fn leaf(entry: &[u8]) -> Hash {
        sha2::Sha256::new()
            .chain_update([0])
            .chain_update(entry)
            .finalize()
            .into()
    }

    fn node(left: &Hash, right: &Hash) -> Hash {
        let mut bytes = [1; 65];
        bytes[1..33].copy_from_slice(left);
        bytes[33..].copy_from_slice(right);
        sha2::Sha256::digest(bytes).into()
    }
}
