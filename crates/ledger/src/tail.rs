//! What is durable but not yet in full tiles on disk: the frames that hold it and the hashes above it.
//!
//! Readers look here first and at the files for all below [`Tail::tiled`]. Not a cache: nothing here is on disk in any other
//! form than the frames.

use std::{collections::VecDeque, sync::Arc};

use tlog::{
    Hash, Sha256,
    tile::WIDTH,
    tree::{self, Edge},
};

use crate::side;

/// A frame in memory, with the places of its entries and sides.
pub(crate) struct FrameData {
    pub(crate) first: u64,
    pub(crate) entries: Vec<u8>,
    pub(crate) sides: Vec<u8>,
    /// Where each entry's length prefix begins, and the end.
    pub(crate) entry_at: Vec<u32>,
    /// Where each side begins, and the end.
    pub(crate) side_at: Vec<u32>,
}

impl FrameData {
    pub(crate) fn count(&self) -> u64 {
        self.entry_at.len() as u64 - 1
    }

    pub(crate) fn end(&self) -> u64 {
        self.first + self.count()
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len() + self.sides.len()
    }

    fn span(&self, from: u64, to: u64) -> (usize, usize) {
        let from = from.max(self.first) - self.first;
        let to = to.min(self.end()) - self.first;
        let fits = "inside a frame";
        (
            usize::try_from(from).expect(fits),
            usize::try_from(to).expect(fits),
        )
    }

    /// The entries with these indexes that are here, in bundle encoding.
    pub(crate) fn entries_of(&self, from: u64, to: u64) -> &[u8] {
        let (from, to) = self.span(from, to);
        &self.entries[self.entry_at[from] as usize..self.entry_at[to] as usize]
    }

    /// The sides with these indexes that are here.
    pub(crate) fn sides_of(&self, from: u64, to: u64) -> &[u8] {
        let (from, to) = self.span(from, to);
        &self.sides[self.side_at[from] as usize..self.side_at[to] as usize]
    }

    /// The bytes of one entry.
    pub(crate) fn entry(&self, index: u64) -> &[u8] {
        &self.entries_of(index, index + 1)[2..]
    }

    pub(crate) fn side(&self, index: u64) -> side::Side<'_> {
        side::take(self.sides_of(index, index + 1), 0)
            .expect("written or checked by us")
            .0
    }
}

/// Hashes of one level that are not in a full tile on disk.
#[derive(Clone, Default)]
pub(crate) struct Row {
    /// Hashes of this level that are in full tiles on disk; a multiple of 256.
    pub(crate) base: u64,
    pub(crate) hashes: Vec<Hash>,
}

/// See the module.
pub(crate) struct Tail {
    pub(crate) frames: VecDeque<Arc<FrameData>>,
    pub(crate) rows: Vec<Row>,
    /// Entries in full bundles on disk, synced; a multiple of 256.
    pub(crate) tiled: u64,
    pub(crate) durable: u64,
    pub(crate) root: Hash,
    /// Bytes of frames held here.
    pub(crate) bytes: usize,
}

impl Tail {
    pub(crate) fn push(
        &mut self,
        frame: Arc<FrameData>,
        leaves: &[Hash],
        above: &[(usize, Hash)],
        root: Hash,
    ) {
        self.durable = frame.end();
        self.root = root;
        self.bytes += frame.len();
        self.frames.push_back(frame);
        self.row(0).hashes.extend_from_slice(leaves);
        for (level, hash) in above {
            self.row(*level).hashes.push(*hash);
        }
    }

    fn row(&mut self, level: usize) -> &mut Row {
        if self.rows.len() <= level {
            self.rows.resize_with(level + 1, Row::default);
        }
        &mut self.rows[level]
    }

    /// The frame that holds an index, if it is here.
    pub(crate) fn frame(&self, index: u64) -> Option<&Arc<FrameData>> {
        let at = self.frames.partition_point(|f| f.end() <= index);
        self.frames.get(at).filter(|f| f.first <= index)
    }

    /// Hashes `from..from + width` of a level, if they are here.
    pub(crate) fn hashes(&self, level: u8, from: u64, width: usize) -> Option<Vec<Hash>> {
        let row = self.rows.get(usize::from(level))?;
        let at = usize::try_from(from.checked_sub(row.base)?).ok()?;
        row.hashes
            .get(at..at.checked_add(width)?)
            .map(<[Hash]>::to_vec)
    }

    /// The full tiles that are here but not on disk, all levels, below the given size.
    pub(crate) fn full_tiles(
        &self,
        level: usize,
        size: u64,
    ) -> impl Iterator<Item = (u64, &[Hash])> {
        let row = &self.rows[level];
        let available = (size >> (8 * level as u32)).saturating_sub(row.base);
        let full = usize::try_from(available / WIDTH).unwrap_or(0);
        let first = row.base / WIDTH;
        row.hashes
            .chunks_exact(WIDTH as usize)
            .take(full)
            .enumerate()
            .map(move |(n, tile)| (first + n as u64, tile))
    }

    /// Forgets what is now in full tiles on disk.
    pub(crate) fn forget(&mut self, tiled: u64) {
        self.tiled = tiled;
        while self.frames.front().is_some_and(|f| f.end() <= tiled) {
            let frame = self.frames.pop_front().expect("there is a front");
            self.bytes -= frame.len();
        }
        for (level, row) in self.rows.iter_mut().enumerate() {
            let base = (tiled >> (8 * level as u32)) / WIDTH * WIDTH;
            row.hashes
                .drain(..usize::try_from(base - row.base).expect("those hashes are in memory"));
            row.base = base;
        }
    }
}

/// The growing end of the tree, owned by the sequencer: right edge, and the hashes of each level since its last full tile.
#[derive(Clone)]
pub(crate) struct Growth {
    pub(crate) edge: Edge<Sha256>,
    pub(crate) open: Vec<Vec<Hash>>,
}

impl Growth {
    /// Appends a leaf; roots of tiles that it completes go to `above` with the level where they stand.
    pub(crate) fn push(&mut self, leaf: Hash, above: &mut Vec<(usize, Hash)>) {
        self.edge.push_leaf(leaf);
        let (mut level, mut hash) = (0, leaf);
        loop {
            if self.open.len() == level {
                self.open.push(Vec::with_capacity(WIDTH as usize));
            }
            let row = &mut self.open[level];
            row.push(hash);
            if row.len() < WIDTH as usize {
                return;
            }
            hash = tree::root_of_leaves::<Sha256>(row);
            row.clear();
            level += 1;
            above.push((level, hash));
        }
    }
}
