//! Reading: entries, bodies, tiles and proofs, from memory and from files as one.
//!
//! What a file says is served only if it agrees with the tree: an entry must hash to its leaf in the tile, a proof must
//! reach the signed root. So a flipped bit shows as an error, never as an answer.

use std::{
    collections::HashMap,
    io,
    sync::{Arc, Mutex},
};

use tlog::{
    Hash, Sha256, TreeHash,
    proof::TlogProof,
    tile::{TileRef, WIDTH, is_implied_by},
    tree::{self, BuildError, HashReader, Place, TileNodes},
};

use crate::{
    BodyState, Published,
    shared::{NO_PANIC, Shared},
    side,
    store::Store,
    tiler,
};

/// An entry with what stands beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Position in the log.
    pub index: u64,
    /// The bytes that are hashed into the tree.
    pub entry: Vec<u8>,
    /// The body beside it.
    pub body: BodyState,
}

/// Why something could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The log does not reach so far.
    #[error("the log has {size} entries, there is none at {index}")]
    NotThere {
        /// Asked for.
        index: u64,
        /// Entries there are.
        size: u64,
    },
    /// A file contradicts the tree, or is cut short. It is repaired from a mirror, not here.
    #[error("{path} is damaged: {what}; run `liuhen audit`")]
    Damaged {
        /// The file, relative to the log.
        path: String,
        /// In which way.
        what: String,
    },
    /// The file system failed.
    #[error("cannot read {path}: {source}")]
    Io {
        /// The file, relative to the log.
        path: String,
        /// What the system said.
        source: io::Error,
    },
}

impl From<io::Error> for ReadError {
    /// Of the index of keys, the only file that is read in pieces.
    fn from(source: io::Error) -> Self {
        Self::Io {
            path: crate::dedup::DIR.to_owned(),
            source,
        }
    }
}

/// Why there is no receipt.
#[derive(Debug, thiserror::Error)]
pub enum ReceiptError {
    /// No signed checkpoint covers the entry yet; it will within moments.
    #[error(
        "entry {index} is durable, but no signed checkpoint covers it yet (the newest covers {published})"
    )]
    NotPublished {
        /// The entry.
        index: u64,
        /// Entries covered.
        published: u64,
    },
    /// The log could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

fn damaged(path: String, what: impl ToString) -> ReadError {
    ReadError::Damaged {
        path,
        what: what.to_string(),
    }
}

fn read_file(store: &dyn Store, path: &str) -> Result<Vec<u8>, ReadError> {
    store.read(path).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => damaged(path.to_owned(), "the file is missing"),
        _ => ReadError::Io {
            path: path.to_owned(),
            source,
        },
    })
}

/// The hashes of a full tile on disk.
pub(crate) fn read_tile(store: &dyn Store, level: u8, number: u64) -> Result<Vec<Hash>, ReadError> {
    let path = tiler::tile_path(level, number);
    let bytes = read_file(store, &path)?;
    let (hashes, rest) = bytes.as_chunks::<32>();
    if hashes.len() != WIDTH as usize || !rest.is_empty() {
        return Err(damaged(
            path,
            format!("a tile has 8192 bytes, not {}", bytes.len()),
        ));
    }
    Ok(hashes.to_vec())
}

/// The root of a full tile.
fn root_of(nodes: &TileNodes) -> Option<Hash> {
    let half = |at| {
        nodes.get(&Place {
            level: 0,
            tile: 0,
            inside: 7,
            at,
        })
    };
    Some(Sha256::node(&half(0)?, &half(1)?))
}

/// By level and number.
type Folded = HashMap<(u8, u64), Arc<TileNodes>>;

/// Folded tiles that proofs keep asking for: full ones of the upper levels, and the open ones of the published size.
#[derive(Default)]
pub(crate) struct Nodes {
    full: Mutex<Folded>,
    /// Those of one size.
    open: Mutex<(u64, Folded)>,
}

/// 1,024 folded tiles are 16 MiB: the upper levels of 67 million entries, or the hot leaves of fewer.
const KEPT_TILES: usize = 1024;

/// Reads hashes for a tree of one size.
struct Reader<'s> {
    shared: &'s Shared,
    size: u64,
}

impl Reader<'_> {
    fn nodes(&self, level: u8, number: u64) -> Result<Arc<TileNodes>, ReadError> {
        let there = tlog::tile::nodes_at(level, self.size).saturating_sub(number * WIDTH);
        if there >= WIDTH {
            return self.shared.full_nodes(level, number, true);
        }
        let mut open = self.shared.nodes.open.lock().expect(NO_PANIC);
        if open.0 != self.size {
            *open = (self.size, HashMap::new());
        }
        if let Some(nodes) = open.1.get(&(level, number)) {
            return Ok(Arc::clone(nodes));
        }
        drop(open);
        let width = u16::try_from(there).expect("below 256");
        let nodes = Arc::new(TileNodes::new::<Sha256>(
            self.shared.hashes(level, number, width)?,
        ));
        let mut open = self.shared.nodes.open.lock().expect(NO_PANIC);
        if open.0 == self.size {
            open.1.insert((level, number), Arc::clone(&nodes));
        }
        Ok(nodes)
    }
}

impl HashReader for Reader<'_> {
    type Error = ReadError;

    fn tile_hashes(&self, level: u8, index: u64, width: u16) -> Result<Vec<Hash>, ReadError> {
        self.shared.hashes(level, index, width)
    }

    fn node_at_hand(&self, height: u32, index: u64) -> Option<Hash> {
        let place = Place::of(height, index);
        self.nodes(place.level, place.tile).ok()?.get(&place)
    }
}

impl Shared {
    /// The first `width` hashes of a tile, wherever they are.
    fn hashes(&self, level: u8, number: u64, width: u16) -> Result<Vec<Hash>, ReadError> {
        if let Some(hashes) = self
            .tail()
            .hashes(level, number * WIDTH, usize::from(width))
        {
            return Ok(hashes);
        }
        let nodes = self.full_nodes(level, number, level > 0)?;
        Ok(nodes.hashes()[..usize::from(width)].to_vec())
    }

    /// A full tile. One from a file must hash to its place in the tile above, and so on up to the hashes in memory, which a
    /// start has checked against the frames: what is cached or served is what was signed.
    fn full_nodes(&self, level: u8, number: u64, keep: bool) -> Result<Arc<TileNodes>, ReadError> {
        let kept = self.nodes.full.lock().expect(NO_PANIC);
        if let Some(nodes) = kept.get(&(level, number)) {
            return Ok(Arc::clone(nodes));
        }
        drop(kept);
        let in_memory = self.tail().hashes(level, number * WIDTH, WIDTH as usize);
        let is_file = in_memory.is_none();
        let hashes = in_memory.map_or_else(|| read_tile(&*self.store, level, number), Ok)?;
        let nodes = Arc::new(TileNodes::new::<Sha256>(hashes));
        if is_file && root_of(&nodes) != Some(self.hash_at(level + 1, number)?) {
            return Err(damaged(
                tiler::tile_path(level, number),
                "it does not hash to its place in the tile above, or that one is damaged",
            ));
        }
        if keep {
            let mut full = self.nodes.full.lock().expect(NO_PANIC);
            if full.len() >= KEPT_TILES {
                // Leaves are many and cold; what is above them is few and hot.
                full.retain(|(level, _), _| *level > 0);
                if full.len() >= KEPT_TILES {
                    full.clear();
                }
            }
            full.insert((level, number), Arc::clone(&nodes));
        }
        Ok(nodes)
    }

    fn hash_at(&self, level: u8, index: u64) -> Result<Hash, ReadError> {
        if let Some(hashes) = self.tail().hashes(level, index, 1) {
            return Ok(hashes[0]);
        }
        let nodes = self.full_nodes(level, index / WIDTH, true)?;
        Ok(nodes.hashes()[usize::try_from(index % WIDTH).expect("below 256")])
    }

    fn not_there(&self, index: u64) -> ReadError {
        ReadError::NotThere {
            index,
            size: self.tail().durable,
        }
    }

    pub(crate) fn entry(&self, index: u64) -> Result<Vec<u8>, ReadError> {
        Ok(self.record(index, false)?.entry)
    }

    pub(crate) fn record(&self, index: u64, with_body: bool) -> Result<Record, ReadError> {
        {
            let tail = self.tail();
            if index >= tail.durable {
                drop(tail);
                return Err(self.not_there(index));
            }
            if let Some(frame) = tail.frame(index) {
                let body = if with_body {
                    frame.side(index).state()
                } else {
                    BodyState::None
                };
                return Ok(Record {
                    index,
                    entry: frame.entry(index).to_vec(),
                    body,
                });
            }
        }
        let mut records = self.read_bundle(index / WIDTH, index % WIDTH, 1, with_body)?;
        records.pop().ok_or_else(|| self.not_there(index))
    }

    pub(crate) fn key_at(&self, index: u64) -> Result<Option<[u8; 32]>, ReadError> {
        if let Some(frame) = self.tail().frame(index) {
            return Ok(frame.side(index).key.copied());
        }
        let path = tiler::sides_path(index / WIDTH);
        let Some(file) = self.sides(&path)? else {
            return Ok(None);
        };
        let records = side::records(&file).map_err(|e| damaged(path.clone(), e))?;
        let at = usize::try_from(index % WIDTH).expect("below 256");
        let offsets =
            side::offsets(records, WIDTH as usize).map_err(|e| damaged(path.clone(), e))?;
        Ok(side::take(records, offsets[at])
            .map_err(|e| damaged(path, e))?
            .0
            .key
            .copied())
    }

    fn sides(&self, path: &str) -> Result<Option<Vec<u8>>, ReadError> {
        self.store
            .read_if_there(path)
            .map_err(|source| ReadError::Io {
                path: path.to_owned(),
                source,
            })
    }

    /// Up to `count` records of a full bundle on disk, each entry checked against its leaf.
    fn read_bundle(
        &self,
        number: u64,
        from: u64,
        count: usize,
        with_body: bool,
    ) -> Result<Vec<Record>, ReadError> {
        let path = tiler::bundle_path(number);
        let bundle = read_file(&*self.store, &path)?;
        // Who asks for one entry soon asks for its neighbours; who reads on has them all now.
        let leaves = self.full_nodes(0, number, count == 1)?;
        let leaves = leaves.hashes();
        let sides_path = tiler::sides_path(number);
        let file = if with_body {
            self.sides(&sides_path)?
        } else {
            None
        };
        let sides = match &file {
            Some(file) => {
                let records = side::records(file).map_err(|e| damaged(sides_path.clone(), e))?;
                let offsets = side::offsets(records, WIDTH as usize)
                    .map_err(|e| damaged(sides_path.clone(), e))?;
                Some((records, offsets))
            }
            None => None,
        };
        let from = usize::try_from(from).expect("below 256");
        let mut records = Vec::with_capacity(count.min(WIDTH as usize));
        for (at, entry) in tlog::bundle::iter(&bundle)
            .enumerate()
            .skip(from)
            .take(count)
        {
            let entry = entry.map_err(|e| damaged(path.clone(), e))?;
            if leaves.get(at) != Some(&Sha256::leaf(entry)) {
                return Err(damaged(
                    path,
                    format!("entry {at} does not hash to its leaf in the tile"),
                ));
            }
            let body = match &sides {
                Some((records, offsets)) => side::take(records, offsets[at])
                    .map_err(|e| damaged(sides_path.clone(), e))?
                    .0
                    .state(),
                None => BodyState::None,
            };
            records.push(Record {
                index: number * WIDTH + at as u64,
                entry: entry.to_vec(),
                body,
            });
        }
        if records.len() < count.min(WIDTH as usize - from) {
            return Err(damaged(path, "it is cut short"));
        }
        Ok(records)
    }

    /// Records from an index on, at most so many, and no more than about so many bytes.
    pub(crate) fn read(
        &self,
        from: u64,
        max_entries: usize,
        max_bytes: usize,
    ) -> Result<Vec<Record>, ReadError> {
        let (mut records, mut bytes, mut index) = (Vec::new(), 0, from);
        let size = |r: &Record| {
            r.entry.len()
                + if let BodyState::Present(body) = &r.body {
                    body.len()
                } else {
                    0
                }
        };
        while records.len() < max_entries && bytes < max_bytes {
            let here = {
                let tail = self.tail();
                if index >= tail.durable {
                    break;
                }
                tail.frame(index).map(Arc::clone)
            };
            let left = max_entries - records.len();
            match here {
                Some(frame) => {
                    let end = frame.end().min(index + left as u64);
                    while index < end && bytes < max_bytes {
                        let entry = frame.entry(index).to_vec();
                        let record = Record {
                            index,
                            entry,
                            body: frame.side(index).state(),
                        };
                        bytes += size(&record);
                        records.push(record);
                        index += 1;
                    }
                }
                None => {
                    let more = self.read_bundle(index / WIDTH, index % WIDTH, left, true)?;
                    bytes += more.iter().map(size).sum::<usize>();
                    index += more.len() as u64;
                    records.extend(more);
                }
            }
        }
        Ok(records)
    }

    pub(crate) fn inclusion(&self, index: u64, size: u64) -> Result<Vec<Hash>, ReadError> {
        let reader = self.reader(size)?;
        tree::inclusion_proof::<Sha256, _>(&reader, index, size)
            .map_err(|e| self.build_error(e, index))
    }

    pub(crate) fn consistency(&self, old: u64, new: u64) -> Result<Vec<Hash>, ReadError> {
        let reader = self.reader(new)?;
        tree::consistency_proof::<Sha256, _>(&reader, old, new)
            .map_err(|e| self.build_error(e, old))
    }

    fn reader(&self, size: u64) -> Result<Reader<'_>, ReadError> {
        if size > self.tail().durable {
            return Err(self.not_there(size - 1));
        }
        Ok(Reader { shared: self, size })
    }

    fn build_error(&self, error: BuildError<ReadError>, index: u64) -> ReadError {
        match error {
            BuildError::Reader(error) => error,
            BuildError::Range { .. } => self.not_there(index),
            BuildError::Width { level, index, .. } => damaged(
                tiler::tile_path(level, index),
                "it has another width than the tree says",
            ),
        }
    }

    /// Root of the tree at a size that the log has reached.
    pub(crate) fn root(&self, size: u64) -> Result<Hash, ReadError> {
        let reader = self.reader(size)?;
        tree::root_from_tiles::<Sha256, _>(&reader, size).map_err(|e| self.build_error(e, size))
    }

    pub(crate) fn receipt(
        &self,
        index: u64,
        published: &Published,
    ) -> Result<(TlogProof, Vec<u8>), ReadError> {
        let entry = self.entry(index)?;
        let hashes = self.inclusion(index, published.size)?;
        let leaf = Sha256::leaf(&entry);
        if let Err(e) =
            tree::verify_inclusion::<Sha256>(index, published.size, &leaf, &hashes, &published.root)
        {
            let path = tiler::tile_path(0, index / WIDTH);
            return Err(damaged(
                path,
                format!("the proof of entry {index} does not reach the signed root ({e})"),
            ));
        }
        Ok((
            TlogProof {
                extra: None,
                index,
                hashes,
                checkpoint: published.note.clone(),
            },
            entry,
        ))
    }

    /// A tile or bundle as others ask for it; `None` if the published size does not imply it.
    pub(crate) fn tile(
        &self,
        tile: &TileRef,
        published: u64,
    ) -> Result<Option<Vec<u8>>, ReadError> {
        if !is_implied_by(tile, published) && !tlog::tile::is_covered_by(tile, published) {
            return Ok(None);
        }
        if let Some(level) = tile.level {
            return Ok(Some(self.hashes(level, tile.index, tile.width)?.concat()));
        }
        let mut bundle = Vec::new();
        for record in self.read(tile.index * WIDTH, usize::from(tile.width), usize::MAX)? {
            tlog::bundle::push(&mut bundle, &record.entry).expect("it came from a bundle");
        }
        Ok(Some(bundle))
    }
}
