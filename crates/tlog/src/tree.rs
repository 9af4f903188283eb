//! The Merkle tree of RFC 6962 §2.1: right edge, proofs from tiles, verification.
//!
//! Is not a store: tiles come from a [`HashReader`], and the reader's hashes are believed. Whoever needs to know that
//! they are right compares the root ([`root_from_tiles`]) with a signed checkpoint.
//!
//! One walk serves all proofs. A subtree `[start, end)` is *valid* when `start` is a multiple of the smallest power of
//! two that is not below its length (C2SP tlog-cosignature v1.1.0-rc.1, subtrees). An inclusion proof is the proof of the
//! subtree `[i, i+1)`, a consistency proof that of `[0, old)`.

use std::fmt;
use std::marker::PhantomData;

use crate::tile::{WIDTH, nodes_at};
use crate::{Hash, Sha256, TreeHash};

/// The right edge of a tree (compact range from 0): the roots of its complete subtrees, largest first.
///
/// All that a log needs to go on growing: 32 bytes per one-bit of the size.
pub struct Edge<H: TreeHash = Sha256> {
    size: u64,
    nodes: Vec<Hash>,
    hash: PhantomData<fn() -> H>,
}

/// The number of nodes does not belong to the size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the right edge of a tree of {size} leaves has {want} nodes, not {got}")]
pub struct EdgeError {
    /// Leaves.
    pub size: u64,
    /// Nodes of such an edge.
    pub want: usize,
    /// Nodes given.
    pub got: usize,
}

impl<H: TreeHash> Edge<H> {
    /// The edge of the empty tree.
    pub fn new() -> Self {
        Self {
            size: 0,
            nodes: Vec::new(),
            hash: PhantomData,
        }
    }

    /// An edge from its parts, as kept on disk. The hashes are believed; compare [`Edge::root`] with what is known.
    ///
    /// # Errors
    /// [`EdgeError`] when there is not exactly one node per one-bit of `size`.
    pub fn from_parts(size: u64, nodes: Vec<Hash>) -> Result<Self, EdgeError> {
        let want = size.count_ones() as usize;
        if nodes.len() != want {
            return Err(EdgeError {
                size,
                want,
                got: nodes.len(),
            });
        }
        Ok(Self {
            size,
            nodes,
            hash: PhantomData,
        })
    }

    /// Appends a leaf hash: one node hash per leaf on average.
    pub fn push_leaf(&mut self, leaf: Hash) {
        let mut hash = leaf;
        let mut carry = self.size;
        while carry & 1 == 1 {
            let left = self.nodes.pop().expect("one node per one-bit of the size");
            hash = H::node(&left, &hash);
            carry >>= 1;
        }
        self.nodes.push(hash);
        self.size = self
            .size
            .checked_add(1)
            .expect("nobody appends 2^64 leaves");
    }

    /// Leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Root hash of the tree.
    pub fn root(&self) -> Hash {
        let Some((last, rest)) = self.nodes.split_last() else {
            return H::empty();
        };
        rest.iter()
            .rfold(*last, |right, left| H::node(left, &right))
    }

    /// Roots of the complete subtrees, largest first.
    pub fn nodes(&self) -> &[Hash] {
        &self.nodes
    }
}

impl<H: TreeHash> Default for Edge<H> {
    fn default() -> Self {
        Self::new()
    }
}

impl<H: TreeHash> Clone for Edge<H> {
    fn clone(&self) -> Self {
        Self {
            size: self.size,
            nodes: self.nodes.clone(),
            hash: PhantomData,
        }
    }
}

impl<H: TreeHash> PartialEq for Edge<H> {
    fn eq(&self, other: &Self) -> bool {
        self.size == other.size && self.nodes == other.nodes
    }
}

impl<H: TreeHash> Eq for Edge<H> {}

impl<H: TreeHash> fmt::Debug for Edge<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Edge")
            .field("size", &self.size)
            .field("nodes", &self.nodes.len())
            .finish()
    }
}

/// Root of the tree over these leaf hashes; of a full tile, the hash one level up.
pub fn root_of_leaves<H: TreeHash>(leaves: &[Hash]) -> Hash {
    if leaves.is_empty() {
        return H::empty();
    }
    // Row by row: an odd node at the end moves up as it is, which is the same tree as splitting at powers of two.
    let mut row = leaves.to_vec();
    while row.len() > 1 {
        let pairs = row.len() / 2;
        for i in 0..pairs {
            row[i] = H::node(&row[2 * i], &row[2 * i + 1]);
        }
        if row.len() % 2 == 1 {
            row[pairs] = row[2 * pairs];
        }
        row.truncate(row.len().div_ceil(2));
    }
    row[0]
}

/// Where hash tiles come from.
pub trait HashReader {
    /// Why a tile could not be read.
    type Error;

    /// The first `width` hashes (1–256, 256 = full) of tile `index` at `level`. Asked at most once per tile and proof,
    /// and only for nodes that a tree of the asked size has.
    ///
    /// # Errors
    /// Whatever the store says; it is passed on as [`BuildError::Reader`].
    fn tile_hashes(&self, level: u8, index: u64, width: u16) -> Result<Vec<Hash>, Self::Error>;

    /// The root of complete subtree number `index` of height `height`, if the store has it at hand. A proof is about 250
    /// node hashes per tile that it must fold; a store that keeps [`TileNodes`] of hot tiles saves them.
    fn node_at_hand(&self, height: u32, index: u64) -> Option<Hash> {
        let _ = (height, index);
        None
    }
}

/// Where the root of a complete subtree stands: in which tile, and where inside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Level of the tile.
    pub level: u8,
    /// Number of the tile within its level.
    pub tile: u64,
    /// Height above the hashes of the tile, 0–7.
    pub inside: u32,
    /// Number of the node among those of the tile at that height.
    pub at: usize,
}

impl Place {
    /// The place of the root of subtree number `index` of height `height`.
    pub fn of(height: u32, index: u64) -> Self {
        let (level, inside) = ((height / 8) as u8, height % 8);
        let per_tile = WIDTH >> inside;
        Self {
            level,
            tile: index / per_tile,
            inside,
            at: (index % per_tile) as usize,
        }
    }
}

/// The hashes of a tile and all complete nodes above them inside it: 16 KiB for a full one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TileNodes {
    rows: Vec<Vec<Hash>>,
}

impl TileNodes {
    /// Hashes what lies inside a tile, once.
    pub fn new<H: TreeHash>(hashes: Vec<Hash>) -> Self {
        let mut rows = vec![hashes];
        while let Some(below) = rows.last().filter(|row| row.len() > 1 && rows.len() < 8) {
            let row = below
                .chunks_exact(2)
                .map(|pair| H::node(&pair[0], &pair[1]))
                .collect();
            rows.push(row);
        }
        Self { rows }
    }

    /// The node at a place of this tile; `None` if the tile does not reach so far.
    pub fn get(&self, place: &Place) -> Option<Hash> {
        self.rows.get(place.inside as usize)?.get(place.at).copied()
    }

    /// The hashes of the tile itself.
    pub fn hashes(&self) -> &[Hash] {
        &self.rows[0]
    }
}

impl<R: HashReader + ?Sized> HashReader for &R {
    type Error = R::Error;

    fn tile_hashes(&self, level: u8, index: u64, width: u16) -> Result<Vec<Hash>, Self::Error> {
        (**self).tile_hashes(level, index, width)
    }

    fn node_at_hand(&self, height: u32, index: u64) -> Option<Hash> {
        (**self).node_at_hand(height, index)
    }
}

/// Why a proof or root could not be built.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BuildError<E> {
    /// The store failed.
    #[error(transparent)]
    Reader(E),
    /// The store gave a tile of another width.
    #[error("tile {index} of level {level} has {got} hashes instead of {want}")]
    Width {
        /// Level of the tile.
        level: u8,
        /// Number of the tile within its level.
        index: u64,
        /// Hashes asked for.
        want: u16,
        /// Hashes given.
        got: usize,
    },
    /// The leaf, size or subtree asked about is not in the tree.
    #[error("leaves {start}..{end} are no subtree of a tree of {size} leaves")]
    Range {
        /// First leaf.
        start: u64,
        /// Leaf after the last.
        end: u64,
        /// Leaves of the tree.
        size: u64,
    },
}

/// Reads each tile once per proof and folds what lies inside it.
struct Tiles<'r, H, R> {
    reader: &'r R,
    size: u64,
    read: Vec<(u8, u64, Vec<Hash>)>,
    hash: PhantomData<fn() -> H>,
}

impl<'r, H: TreeHash, R: HashReader> Tiles<'r, H, R> {
    fn new(reader: &'r R, size: u64) -> Self {
        Self {
            reader,
            size,
            read: Vec::new(),
            hash: PhantomData,
        }
    }

    /// Root of the complete subtree of height `height` number `index` at that height.
    fn node(&mut self, height: u32, index: u64) -> Result<Hash, BuildError<R::Error>> {
        if let Some(node) = self.reader.node_at_hand(height, index) {
            return Ok(node);
        }
        let Place {
            level,
            tile,
            inside,
            at,
        } = Place::of(height, index);
        let hashes = self.tile(level, tile)?;
        Ok(fold::<H>(&hashes[at << inside..(at + 1) << inside]))
    }

    fn tile(&mut self, level: u8, index: u64) -> Result<&[Hash], BuildError<R::Error>> {
        let at = match self
            .read
            .iter()
            .position(|(l, i, _)| (*l, *i) == (level, index))
        {
            Some(at) => at,
            None => {
                let want = (nodes_at(level, self.size) - index * WIDTH).min(WIDTH) as u16;
                let hashes = self
                    .reader
                    .tile_hashes(level, index, want)
                    .map_err(BuildError::Reader)?;
                if hashes.len() != usize::from(want) {
                    return Err(BuildError::Width {
                        level,
                        index,
                        want,
                        got: hashes.len(),
                    });
                }
                self.read.push((level, index, hashes));
                self.read.len() - 1
            }
        };
        Ok(&self.read[at].2)
    }

    /// Root over the leaves `lo..hi`; `lo` must be a multiple of a power of two not below `hi − lo`.
    fn range(&mut self, lo: u64, hi: u64) -> Result<Hash, BuildError<R::Error>> {
        let len = hi - lo;
        if len.is_power_of_two() {
            let height = len.trailing_zeros();
            return self.node(height, lo >> height);
        }
        let mid = lo + split(len);
        let left = self.range(lo, mid)?;
        let right = self.range(mid, hi)?;
        Ok(H::node(&left, &right))
    }
}

/// Root over 2^k hashes, k ≤ 7, without touching the heap.
fn fold<H: TreeHash>(hashes: &[Hash]) -> Hash {
    let mut row = [[0; 32]; (WIDTH / 4) as usize];
    let mut len = hashes.len() / 2;
    if len == 0 {
        return hashes[0];
    }
    for (out, pair) in row.iter_mut().zip(hashes.chunks_exact(2)) {
        *out = H::node(&pair[0], &pair[1]);
    }
    while len > 1 {
        len /= 2;
        for i in 0..len {
            row[i] = H::node(&row[2 * i], &row[2 * i + 1]);
        }
    }
    row[0]
}

/// Largest power of two below `len`; `len` ≥ 2.
fn split(len: u64) -> u64 {
    1 << (len - 1).ilog2()
}

/// Whether `[start, end)` is a subtree that a larger tree contains as such; the empty one counts.
fn is_subtree(start: u64, end: u64) -> bool {
    start <= end && (start == 0 || end - start <= 1 << start.trailing_zeros())
}

/// One step of the walk from the root towards a subtree `[start, end)`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    /// The subtree lies in the left half; the sibling is the right half.
    Left,
    /// The subtree lies in the right half; the sibling is the left half.
    Right,
    /// The subtree holds the whole left half and part of the right one; the sibling is the left half.
    Both,
}

/// The walk from `[0, size)` down to the last range that is wholly inside `[start, end)`, calling `visit` with each step
/// and the range of its sibling. Returns the range where the walk ends.
fn walk<E>(
    start: u64,
    end: u64,
    size: u64,
    mut visit: impl FnMut(Step, u64, u64) -> Result<(), E>,
) -> Result<(u64, u64), E> {
    let (mut lo, mut hi, mut start) = (0, size, start);
    while (lo, hi) != (start, end) {
        let mid = lo + split(hi - lo);
        if end <= mid {
            visit(Step::Left, mid, hi)?;
            hi = mid;
        } else if mid <= start {
            visit(Step::Right, lo, mid)?;
            lo = mid;
        } else {
            visit(Step::Both, lo, mid)?;
            lo = mid;
            start = mid;
        }
    }
    Ok((lo, hi))
}

/// Proof that the subtree `[start, end)` belongs to the tree of `size` leaves; deepest hash first.
///
/// # Errors
/// [`BuildError::Range`] for a range that is no subtree; [`BuildError::Reader`] and [`BuildError::Width`] from the store.
pub fn subtree_proof<H: TreeHash, R: HashReader>(
    reader: &R,
    start: u64,
    end: u64,
    size: u64,
) -> Result<Vec<Hash>, BuildError<R::Error>> {
    if end > size || !is_subtree(start, end) {
        return Err(BuildError::Range { start, end, size });
    }
    if start == end {
        return Ok(Vec::new());
    }
    let mut tiles = Tiles::<H, R>::new(reader, size);
    let mut proof = Vec::with_capacity(40);
    let mut whole = true;
    let (lo, hi) = walk(start, end, size, |step, lo, hi| {
        whole &= step != Step::Both;
        proof.push(tiles.range(lo, hi)?);
        Ok(())
    })?;
    if !whole {
        // The verifier knows the root of the subtree, but not of this last part of it.
        proof.push(tiles.range(lo, hi)?);
    }
    proof.reverse();
    Ok(proof)
}

/// Proof that leaf `index` is in the tree of `size` leaves; the leaf's sibling first (RFC 6962 §2.1.1).
///
/// # Errors
/// As [`subtree_proof`]; [`BuildError::Range`] when `index` ≥ `size`.
pub fn inclusion_proof<H: TreeHash, R: HashReader>(
    reader: &R,
    index: u64,
    size: u64,
) -> Result<Vec<Hash>, BuildError<R::Error>> {
    if index >= size {
        return Err(BuildError::Range {
            start: index,
            end: index.saturating_add(1),
            size,
        });
    }
    subtree_proof::<H, R>(reader, index, index + 1, size)
}

/// Proof that the tree of `old` leaves is the beginning of the tree of `new` leaves (RFC 6962 §2.1.2). Empty for `old` = 0
/// and for `old` = `new`.
///
/// # Errors
/// As [`subtree_proof`]; [`BuildError::Range`] when `old` > `new`.
pub fn consistency_proof<H: TreeHash, R: HashReader>(
    reader: &R,
    old: u64,
    new: u64,
) -> Result<Vec<Hash>, BuildError<R::Error>> {
    subtree_proof::<H, R>(reader, 0, old, new)
}

/// Root of the tree of `size` leaves.
///
/// # Errors
/// [`BuildError::Reader`] and [`BuildError::Width`] from the store.
pub fn root_from_tiles<H: TreeHash, R: HashReader>(
    reader: &R,
    size: u64,
) -> Result<Hash, BuildError<R::Error>> {
    if size == 0 {
        return Ok(H::empty());
    }
    Tiles::<H, R>::new(reader, size).range(0, size)
}

/// The right edge of the tree of `size` leaves, to go on from stored tiles.
///
/// # Errors
/// [`BuildError::Reader`] and [`BuildError::Width`] from the store.
pub fn edge_from_tiles<H: TreeHash, R: HashReader>(
    reader: &R,
    size: u64,
) -> Result<Edge<H>, BuildError<R::Error>> {
    let mut tiles = Tiles::<H, R>::new(reader, size);
    let mut nodes = Vec::with_capacity(size.count_ones() as usize);
    for height in (0..u64::BITS)
        .rev()
        .filter(|height| size >> height & 1 == 1)
    {
        nodes.push(tiles.node(height, (size >> height) - 1)?);
    }
    Ok(Edge {
        size,
        nodes,
        hash: PhantomData,
    })
}

/// Why a proof does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The leaf is not in a tree of this size.
    #[error("leaf {index} is not in a tree of {size} leaves")]
    Index {
        /// Leaf asked about.
        index: u64,
        /// Leaves of the tree.
        size: u64,
    },
    /// The range is no subtree of a tree of this size.
    #[error("leaves {start}..{end} are no subtree of a tree of {size} leaves")]
    Range {
        /// First leaf.
        start: u64,
        /// Leaf after the last.
        end: u64,
        /// Leaves of the tree.
        size: u64,
    },
    /// Every tree begins with the empty tree: such a proof shows nothing and is refused.
    #[error("a consistency proof from size 0 shows nothing")]
    FromEmpty,
    /// The proof is too short or too long for these sizes.
    #[error("proof has {got} hashes, these sizes need {want}")]
    Length {
        /// Hashes needed.
        want: usize,
        /// Hashes given.
        got: usize,
    },
    /// The proof does not lead to the root of the tree.
    #[error("proof does not lead to the root of the tree")]
    Root,
    /// The proof does not lead to the root of the older tree or subtree.
    #[error("proof does not lead to the older root")]
    OldRoot,
}

/// Checks that the subtree `[start, end)` with root `subtree` belongs to the tree of `size` leaves with root `root`. The
/// empty subtree belongs to every tree, with an empty proof.
///
/// # Errors
/// [`ProofError`]; nothing is learnt from a failed proof.
pub fn verify_subtree<H: TreeHash>(
    start: u64,
    end: u64,
    size: u64,
    proof: &[Hash],
    subtree: &Hash,
    root: &Hash,
) -> Result<(), ProofError> {
    if end > size || !is_subtree(start, end) {
        return Err(ProofError::Range { start, end, size });
    }
    if start == end {
        return match proof {
            [] if *subtree == H::empty() => Ok(()),
            [] => Err(ProofError::OldRoot),
            _ => Err(ProofError::Length {
                want: 0,
                got: proof.len(),
            }),
        };
    }
    let mut steps = [Step::Left; u64::BITS as usize];
    let mut depth = 0;
    let mut whole = true;
    let walked: Result<_, std::convert::Infallible> = walk(start, end, size, |step, _, _| {
        steps[depth] = step;
        depth += 1;
        whole &= step != Step::Both;
        Ok(())
    });
    let Ok(_) = walked;
    let want = depth + usize::from(!whole);
    if proof.len() != want {
        return Err(ProofError::Length {
            want,
            got: proof.len(),
        });
    }
    let (seed, siblings) = if whole {
        (*subtree, proof)
    } else {
        (proof[0], &proof[1..])
    };
    let (mut part, mut tree) = (seed, seed);
    for (step, sibling) in steps[..depth].iter().rev().zip(siblings) {
        match step {
            Step::Left => tree = H::node(&tree, sibling),
            Step::Right => tree = H::node(sibling, &tree),
            Step::Both => {
                tree = H::node(sibling, &tree);
                part = H::node(sibling, &part);
            }
        }
    }
    if part != *subtree {
        return Err(ProofError::OldRoot);
    }
    if tree != *root {
        return Err(ProofError::Root);
    }
    Ok(())
}

/// Checks an inclusion proof: leaf hash `leaf` stands at `index` in the tree of `size` leaves with root `root`.
///
/// # Errors
/// [`ProofError`].
pub fn verify_inclusion<H: TreeHash>(
    index: u64,
    size: u64,
    leaf: &Hash,
    proof: &[Hash],
    root: &Hash,
) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError::Index { index, size });
    }
    verify_subtree::<H>(index, index + 1, size, proof, leaf, root)
}

/// Checks that leaf hash `leaf` stands at `index` (counted in the whole tree) in the subtree `[start, end)` with root
/// `subtree`.
///
/// # Errors
/// [`ProofError`].
pub fn verify_inclusion_in_subtree<H: TreeHash>(
    index: u64,
    start: u64,
    end: u64,
    leaf: &Hash,
    proof: &[Hash],
    subtree: &Hash,
) -> Result<(), ProofError> {
    if !is_subtree(start, end) {
        return Err(ProofError::Range {
            start,
            end,
            size: end,
        });
    }
    if !(start..end).contains(&index) {
        return Err(ProofError::Index { index, size: end });
    }
    verify_inclusion::<H>(index - start, end - start, leaf, proof, subtree)
}

/// Checks a consistency proof: the tree of `old` leaves with root `old_root` is the beginning of the tree of `new` leaves
/// with root `new_root`.
///
/// # Errors
/// [`ProofError`]; [`ProofError::FromEmpty`] for `old` = 0: where that is legal (a witness that has seen nothing), the
/// caller says so before asking.
pub fn verify_consistency<H: TreeHash>(
    old: u64,
    new: u64,
    proof: &[Hash],
    old_root: &Hash,
    new_root: &Hash,
) -> Result<(), ProofError> {
    if old == 0 {
        return Err(ProofError::FromEmpty);
    }
    verify_subtree::<H>(0, old, new, proof, old_root, new_root)
}
