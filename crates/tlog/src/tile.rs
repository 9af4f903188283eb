//! Which tiles a tree of a given size has, and their paths (C2SP tlog-tiles v0.1.0).
//!
//! Is not the content of tiles: hashing is in [`crate::tree`], bundles are in [`crate::bundle`]. Tile `n` of level `l`
//! holds at place `i` the root of the complete subtree over the leaves `(n·256+i)·256^l .. (n·256+i+1)·256^l`.

use std::fmt;
use std::str::FromStr;

use crate::text;

/// Hashes in a full tile, entries in a full bundle.
pub const WIDTH: u64 = 256;

/// Highest level that a path can name.
pub const MAX_LEVEL: u8 = 63;

/// The name of a tile or of an entry bundle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TileRef {
    /// Level of a hash tile, 0–63; `None` for an entry bundle (which lies beside level 0).
    pub level: Option<u8>,
    /// Number of the tile within its level.
    pub index: u64,
    /// Hashes or entries in it, 1–256; 256 is a full tile.
    pub width: u16,
}

/// A path that names no tile.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// Not of the form `tile/<L>/<N>[.p/<W>]` or `tile/entries/<N>[.p/<W>]`.
    #[error(
        "not a tile path: expected tile/<level>/<index>[.p/<width>] or tile/entries/<index>[.p/<width>]"
    )]
    Form,
    /// Level is not a decimal 0–63.
    #[error("tile level {0:?} is not a decimal from 0 to 63")]
    Level(String),
    /// Index is not in groups of three digits, or is not its shortest form, or exceeds 64 bits.
    #[error("tile index {0:?} is not written as x001/x234/067")]
    Index(String),
    /// Width is not a decimal 1–255.
    #[error("width {0:?} of a partial tile is not a decimal from 1 to 255")]
    Width(String),
}

impl TileRef {
    /// The tile's path below the prefix of its log, e.g. `tile/0/x001/x234/067` or `tile/entries/000.p/5`.
    pub fn path(&self) -> String {
        self.to_string()
    }

    /// Reads a path; accepts exactly what [`TileRef::path`] writes.
    ///
    /// # Errors
    /// [`PathError`] names the part that is wrong.
    pub fn parse(path: &str) -> Result<Self, PathError> {
        let rest = path.strip_prefix("tile/").ok_or(PathError::Form)?;
        let (level, rest) = rest.split_once('/').ok_or(PathError::Form)?;
        let level = match level {
            "entries" => None,
            _ => match text::decimal(level).and_then(|l| u8::try_from(l).ok()) {
                Some(l) if l <= MAX_LEVEL => Some(l),
                _ => return Err(PathError::Level(level.to_owned())),
            },
        };
        let (index, width) = match rest.split_once(".p/") {
            Some((index, width)) => (index, Some(width)),
            None => (rest, None),
        };
        let width = match width {
            None => WIDTH as u16,
            Some(w) => match text::decimal(w).and_then(|w| u16::try_from(w).ok()) {
                Some(n @ 1..=255) => n,
                _ => return Err(PathError::Width(w.to_owned())),
            },
        };
        let index = parse_index(index).ok_or_else(|| PathError::Index(index.to_owned()))?;
        Ok(Self {
            level,
            index,
            width,
        })
    }

    /// `true` when the tile is full.
    pub fn is_full(&self) -> bool {
        u64::from(self.width) == WIDTH
    }

    /// Level in the tree whose nodes the tile counts: 0 for an entry bundle.
    pub fn tree_level(&self) -> u8 {
        self.level.unwrap_or(0)
    }
}

impl fmt::Display for TileRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.level {
            Some(level) => write!(f, "tile/{level}/")?,
            None => f.write_str("tile/entries/")?,
        }
        // 64 bits are at most seven groups of three digits; the loop finds the first one that is not zero.
        let mut unit = 1000u64.pow(6);
        while unit > 1 {
            if self.index >= unit {
                write!(f, "x{:03}/", self.index / unit % 1000)?;
            }
            unit /= 1000;
        }
        write!(f, "{:03}", self.index % 1000)?;
        if !self.is_full() {
            write!(f, ".p/{}", self.width)?;
        }
        Ok(())
    }
}

impl FromStr for TileRef {
    type Err = PathError;

    fn from_str(path: &str) -> Result<Self, PathError> {
        Self::parse(path)
    }
}

fn parse_index(text: &str) -> Option<u64> {
    let mut index = 0u64;
    let mut groups = text.split('/').peekable();
    let mut first = true;
    while let Some(group) = groups.next() {
        let last = groups.peek().is_none();
        let digits = if last {
            group
        } else {
            group.strip_prefix('x')?
        };
        if digits.len() != 3
            || !digits.bytes().all(|b| b.is_ascii_digit())
            || (first && !last && digits == "000")
        {
            return None;
        }
        index = index.checked_mul(1000)?.checked_add(digits.parse().ok()?)?;
        first = false;
    }
    Some(index)
}

/// Complete nodes of a tree at `level`: ⌊size / 256^level⌋.
pub fn nodes_at(level: u8, size: u64) -> u64 {
    size.checked_shr(8 * u32::from(level)).unwrap_or(0)
}

/// Width of the partial tile of `level` in a tree of `size` leaves, 0–255; 0 means that there is none.
pub fn partial_width(level: u8, size: u64) -> u16 {
    (nodes_at(level, size) % WIDTH) as u16
}

/// Every tile of a tree of `size` leaves: entry bundles first, then hash tiles by level; full ones before the partial.
pub fn tiles_of(size: u64) -> impl Iterator<Item = TileRef> {
    let levels = (0..=MAX_LEVEL)
        .take_while(move |&level| nodes_at(level, size) > 0)
        .map(Some);
    std::iter::once(None).chain(levels).flat_map(move |level| {
        let nodes = nodes_at(level.unwrap_or(0), size);
        let full = (0..nodes / WIDTH).map(move |index| TileRef {
            level,
            index,
            width: WIDTH as u16,
        });
        let width = (nodes % WIDTH) as u16;
        let partial = (width > 0).then_some(TileRef {
            level,
            index: nodes / WIDTH,
            width,
        });
        full.chain(partial)
    })
}

/// Whether [`tiles_of`] names this very tile: clients ask only for tiles that a verified checkpoint implies.
pub fn is_implied_by(tile: &TileRef, size: u64) -> bool {
    let nodes = nodes_at(tile.tree_level(), size);
    if tile.is_full() {
        tile.index < nodes / WIDTH
    } else {
        tile.index == nodes / WIDTH && u64::from(tile.width) == nodes % WIDTH && tile.width > 0
    }
}

/// Whether a tree of `size` leaves holds all nodes of the tile, so that a server can cut it: true for every partial tile
/// of every smaller size too.
pub fn is_covered_by(tile: &TileRef, size: u64) -> bool {
    let nodes = nodes_at(tile.tree_level(), size);
    let end = tile
        .index
        .checked_mul(WIDTH)
        .and_then(|start| start.checked_add(u64::from(tile.width)));
    (1..=WIDTH).contains(&u64::from(tile.width)) && end.is_some_and(|end| end <= nodes)
}
