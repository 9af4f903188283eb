//! What a start does: reads the frames, checks everything against everything, and refuses rather than forks.
//!
//! Frames are read in order; each must continue the one before, and hashing its entries must give its root. A bad frame is
//! *torn*, and cut, only if it is the last, nothing valid lies behind it, and the log still reaches what was last signed.
//! Anything else is said in one sentence and nothing is changed. Repair is never done here.

use std::{collections::VecDeque, io, sync::Arc};

use tlog::{
    Hash, Sha256, TreeHash, checkpoint,
    note::VerifierKey,
    tile::{WIDTH, nodes_at},
    tree::{self, HashReader},
};

use crate::{
    frame::{Frame, FrameError, Kind},
    publisher,
    read::{ReadError, read_tile},
    side,
    state::State,
    store::Store,
    tail::{FrameData, Growth, Row, Tail},
    wal::{self, Segment, Wal},
};

/// What a start found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recovered {
    /// Entries.
    pub size: u64,
    /// Frames read.
    pub frames: u64,
    /// Whether a torn frame was cut. Nothing that was acknowledged is in it.
    pub cut_torn_frame: bool,
    /// Erasures that a crash had interrupted and that were finished now.
    pub finished_erasures: u64,
}

/// Why a log does not start.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// There is no log.
    #[error("there is no log here; `liuhen init` makes one")]
    NoLog,
    /// Another process writes it.
    #[error("the log is in use by another process; two writers would fork it")]
    InUse,
    /// The key belongs to another log.
    #[error("the key is that of {key}, the log is {origin}")]
    Key {
        /// Name in the key.
        key: String,
        /// Origin of the log.
        origin: String,
    },
    /// Both copies of the state are damaged, or the file is missing.
    #[error(
        "both copies of state/log are damaged or missing; what was last signed is not known, so nothing may be signed: restore it from a mirror"
    )]
    State,
    /// A frame is damaged that is not the last one.
    #[error(
        "{segment}: the frame at byte {offset} is damaged ({what}), entries from {index} on are in it or behind it; restore the segment from a copy, nothing was changed"
    )]
    Damaged {
        /// File of the segment.
        segment: String,
        /// Where the frame begins.
        offset: u64,
        /// First entry that cannot be read.
        index: u64,
        /// What is wrong.
        what: String,
    },
    /// The first frame of a segment is damaged.
    #[error(
        "{segment}: its first frame is damaged, so nobody knows which entries are in it; restore the segment from a copy, nothing was changed"
    )]
    DamagedSegment {
        /// File of the segment.
        segment: String,
    },
    /// A frame is whole but does not fit.
    #[error("{segment}: the frame at byte {offset} does not continue the log ({what})")]
    Broken {
        /// File of the segment.
        segment: String,
        /// Where the frame begins.
        offset: u64,
        /// What is wrong.
        what: String,
    },
    /// There are no frames at all.
    #[error("wal/ holds no segment of the log; restore it from a copy")]
    NoFrames,
    /// Tiles that the frames rely on are missing or damaged.
    #[error("the tiles below entry {below} cannot be used: {source}")]
    Tiles {
        /// The frames begin here.
        below: u64,
        /// What is wrong.
        source: ReadError,
    },
    /// The log is shorter than what was signed.
    #[error(
        "size {signed} was signed, but only {size} entries are here: the end of the log is lost; restore it from a mirror, nothing may be signed on top"
    )]
    Lost {
        /// Last signed size.
        signed: u64,
        /// Entries found.
        size: u64,
    },
    /// The log contradicts what was signed.
    #[error(
        "the tree of {size} entries has another root than the one that was signed: this is not the same log"
    )]
    OtherRoot {
        /// Signed size.
        size: u64,
    },
    /// Somebody knows more of this log than it does itself.
    #[error(
        "{who} holds a checkpoint of {known} entries signed by this log, here are {size}: this is a restored copy; restore the rest from a mirror"
    )]
    RestoredCopy {
        /// Who knows it.
        who: String,
        /// Size that was signed.
        known: u64,
        /// Entries here.
        size: u64,
    },
    /// Too few witnesses answered to be sure that this is not a restored copy.
    #[error(
        "{answered} of {of} witnesses answered, {needed} must: without them nobody knows that this is not a restored copy; two persons may decide to go on"
    )]
    WitnessesSilent {
        /// Answers.
        answered: usize,
        /// Witnesses.
        of: usize,
        /// Answers needed.
        needed: usize,
    },
    /// A checkpoint given as evidence is not one of this log.
    #[error("a checkpoint of {who} is not signed by this log ({reason})")]
    Evidence {
        /// Who gave it.
        who: String,
        /// What is wrong.
        reason: String,
    },
    /// The file system failed.
    #[error("cannot {what}: {source}")]
    Io {
        /// What was tried.
        what: &'static str,
        /// What the system said.
        source: io::Error,
    },
}

pub(crate) fn io_error(what: &'static str) -> impl FnOnce(io::Error) -> OpenError {
    move |source| OpenError::Io { what, source }
}

/// Everything that the threads begin with.
pub(crate) struct Found {
    pub(crate) tail: Tail,
    pub(crate) growth: Growth,
    pub(crate) wal: Wal,
    pub(crate) next_number: u64,
    pub(crate) sequence: u64,
    pub(crate) previous: Hash,
    pub(crate) last_time: i64,
    pub(crate) last_had_entries: bool,
    pub(crate) frames: u64,
    pub(crate) torn: bool,
}

/// Where reading stands.
pub(crate) struct Reading {
    tail: Tail,
    growth: Growth,
    sequence: u64,
    previous: Hash,
    last_time: i64,
    last_had_entries: bool,
    frames: u64,
}

/// What the frames say, with nothing changed.
pub(crate) struct Scan {
    reading: Reading,
    /// Segments of the log, in order.
    segments: VecDeque<Segment>,
    /// Files that hold nothing of it.
    others: Vec<Segment>,
    /// Where the last frame begins in the last segment.
    last: u64,
    /// Where the next frame goes in it.
    at: u64,
    torn: bool,
    next_number: u64,
}

impl Scan {
    /// What is durable and not in tiles.
    pub(crate) fn tail(&self) -> &Tail {
        &self.reading.tail
    }
}

/// Reads the frames and checks them against each other and against the tiles below them.
pub(crate) fn scan(store: &dyn Store) -> Result<Scan, OpenError> {
    let read = || io_error("read the segments of the log");
    let numbers = wal::numbers(store).map_err(read())?;
    let next_number = numbers.last().map_or(1, |n| n + 1);
    let (mut segments, mut others) = (Vec::new(), Vec::new());
    let mut buffer = Vec::new();
    for number in numbers {
        let file = store.open(&wal::path(number)).map_err(read())?;
        let len = file.size().map_err(read())?;
        match wal::read_frame(&*file, len, 0, &mut buffer).map_err(read())? {
            Ok(frame) if frame.head.kind == Kind::Carry => {
                let first = frame.head.first;
                segments.push((
                    frame.head.sequence,
                    Segment {
                        number,
                        first,
                        file,
                        len,
                    },
                ));
            }
            _ => others.push(Segment {
                number,
                first: 0,
                file,
                len,
            }),
        }
    }
    segments.sort_by_key(|(sequence, _)| *sequence);
    let last = segments.len().checked_sub(1).ok_or(OpenError::NoFrames)?;
    // A carry frame that was never finished is newer than all others; everything else that is not zeros was in use once.
    let newest = segments[last].0;
    let damaged_segment = |other: &Segment| OpenError::DamagedSegment {
        segment: wal::path(other.number),
    };
    let mut unfinished = Vec::new();
    for other in &others {
        match wal::first_sector(&*other.file, other.len).map_err(read())? {
            wal::FirstSector::Blank => {}
            wal::FirstSector::Head(head) if head.sequence > newest => {
                unfinished.push((head.sequence, other));
            }
            _ => return Err(damaged_segment(other)),
        }
    }
    let mut reading: Option<Reading> = None;
    let (mut last_at, mut at, mut torn) = (0, 0, false);
    for (n, (_, segment)) in segments.iter().enumerate() {
        (last_at, at) = read_segment(store, segment, &mut reading, &mut buffer)?;
        let done = reading
            .as_ref()
            .expect("a segment begins with a carry frame");
        // Is there something where the next frame would be, and is anything whole behind it?
        let (file, len) = (&*segment.file, segment.len);
        let bad = wal::read_frame(file, len, at, &mut buffer)
            .map_err(read())?
            .err();
        let behind = wal::later_frame(file, len, at, done.sequence).map_err(read())?;
        let next_fits = n == last || segments[n + 1].0 == done.sequence;
        if behind.is_some() || !next_fits {
            return Err(OpenError::Damaged {
                segment: wal::path(segment.number),
                offset: at,
                index: done.tail.durable,
                what: bad.map_or_else(|| "something else lies here".to_owned(), |e| e.to_string()),
            });
        }
        torn = !matches!(bad, None | Some(FrameError::NoFrame));
    }
    let reading = reading.expect("there is a segment");
    for (sequence, other) in unfinished {
        if sequence != reading.sequence {
            return Err(damaged_segment(other));
        }
    }
    for other in &others {
        let whole = wal::later_frame(&*other.file, other.len, 0, reading.sequence);
        if let Some(head) = whole.map_err(read())? {
            return Err(OpenError::Damaged {
                segment: wal::path(other.number),
                offset: 0,
                index: head.first,
                what: "its first frame cannot be read, later ones can".to_owned(),
            });
        }
    }
    let segments = segments.into_iter().map(|(_, segment)| segment).collect();
    Ok(Scan {
        reading,
        segments,
        others,
        last: last_at,
        at,
        torn,
        next_number,
    })
}

/// Whether entries were ever taken in here, even if the state of the log is lost: then no new log may be made on top.
pub(crate) fn has_entries(store: &dyn Store) -> io::Result<bool> {
    if store.read_if_there(publisher::PATH)?.is_some() {
        return Ok(true);
    }
    let mut buffer = Vec::new();
    for number in wal::numbers(store)? {
        let file = store.open(&wal::path(number))?;
        let len = file.size()?;
        if let Ok(frame) = wal::read_frame(&*file, len, 0, &mut buffer)? {
            let (size, end) = (frame.size, frame.head.frame_len());
            if size > 0 || wal::later_frame(&*file, len, end, 1)?.is_some() {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// Scans, and then makes the directory fit to go on: a torn frame is cut, spares go. Where an erasure was interrupted they
/// are overwritten first.
pub(crate) fn recover(store: &dyn Store, state: &State, blank: bool) -> Result<Found, OpenError> {
    let Scan {
        reading,
        segments,
        others,
        last,
        at,
        torn,
        next_number,
    } = scan(store)?;
    let (signed, size) = (state.signed_size, reading.tail.durable);
    if signed > size {
        return Err(OpenError::Lost { signed, size });
    }
    for other in others {
        // A spare, or a segment whose first frame never became whole: nothing of the log is in it.
        if blank {
            wal::zero(&*other.file, 0, other.len)
                .and_then(|()| other.file.sync())
                .map_err(io_error("overwrite a spare segment"))?;
        }
        store
            .remove(&wal::path(other.number))
            .map_err(io_error("remove a spare segment"))?;
    }
    let segment = segments.back().expect("a log has a segment");
    if torn {
        wal::zero(&*segment.file, at, segment.len).map_err(io_error("cut a torn frame"))?;
    }
    make_durable(store, segment, last, at).map_err(io_error("make the last frame durable"))?;
    Ok(Found {
        tail: reading.tail,
        growth: reading.growth,
        wal: Wal { segments, at },
        next_number,
        sequence: reading.sequence,
        previous: reading.previous,
        last_time: reading.last_time,
        last_had_entries: reading.last_had_entries,
        frames: reading.frames,
        torn,
    })
}

/// What was read may be in the page cache alone: the process before was killed ahead of its flush, or its flush failed, and
/// then the cache holds as clean what the disk does not have. Only the last frame can be so: it is written again.
fn make_durable(store: &dyn Store, segment: &Segment, from: u64, to: u64) -> io::Result<()> {
    let mut frame = vec![0; usize::try_from(to - from).expect("a frame fits in memory")];
    segment.file.read_at(&mut frame, from)?;
    segment.file.write_at(&frame, from)?;
    segment.file.sync()?;
    for dir in [wal::DIR, "state", "."] {
        store.sync_dir(dir)?;
    }
    Ok(())
}

/// Reads the frames of a segment that continue the log, and says where the last begins and ends.
fn read_segment(
    store: &dyn Store,
    segment: &Segment,
    reading: &mut Option<Reading>,
    buffer: &mut Vec<u8>,
) -> Result<(u64, u64), OpenError> {
    let (mut last, mut at) = (0, 0);
    loop {
        let frame = wal::read_frame(&*segment.file, segment.len, at, buffer)
            .map_err(io_error("read a frame"))?;
        let Ok(frame) = frame else {
            return Ok((last, at));
        };
        let broken = |what: &str| OpenError::Broken {
            segment: wal::path(segment.number),
            offset: at,
            what: what.to_owned(),
        };
        match reading {
            None => {
                *reading = Some(
                    begin(store, &frame)
                        .map_err(|e| e.unwrap_or_else(|| broken("its root is wrong")))?,
                )
            }
            Some(reading) => {
                if frame.head.sequence < reading.sequence {
                    // Left over from the time before this segment was used again.
                    return Ok((last, at));
                }
                if frame.head.sequence != reading.sequence
                    || frame.head.previous != reading.previous
                {
                    return Err(broken(
                        "its sequence or its link to the frame before is wrong",
                    ));
                }
                reading.take(&frame).map_err(broken)?;
            }
        }
        last = at;
        at += frame.head.frame_len();
    }
}

/// The first frame of the oldest segment: on top of the tiles below it.
fn begin(store: &dyn Store, frame: &Frame<'_>) -> Result<Reading, Option<OpenError>> {
    let below = frame.head.first;
    if frame.head.kind != Kind::Carry || !below.is_multiple_of(WIDTH) {
        return Err(None);
    }
    let tiles = |source| Some(OpenError::Tiles { below, source });
    let (mut rows, mut open) = (Vec::new(), Vec::new());
    for level in 0..8 {
        let there = nodes_at(level, below);
        if there == 0 && level > 0 {
            break;
        }
        let base = there / WIDTH * WIDTH;
        let mut hashes = Vec::new();
        for number in base..there {
            let tile = read_tile(store, level - 1, number).map_err(tiles)?;
            hashes.push(tree::root_of_leaves::<Sha256>(&tile));
        }
        open.push(hashes.clone());
        rows.push(Row { base, hashes });
    }
    let edge =
        tree::edge_from_tiles::<Sha256, _>(&Below { store, rows: &rows }, below).map_err(|e| {
            let source = match e {
                tree::BuildError::Reader(source) => source,
                other => ReadError::Damaged {
                    path: "tile/".to_owned(),
                    what: other.to_string(),
                },
            };
            tiles(source)
        })?;
    let root = edge.root();
    let tail = Tail {
        frames: VecDeque::new(),
        rows,
        tiled: below,
        durable: below,
        root,
        bytes: 0,
    };
    let mut reading = Reading {
        tail,
        growth: Growth { edge, open },
        sequence: frame.head.sequence,
        previous: frame.head.previous,
        last_time: frame.head.time,
        last_had_entries: false,
        frames: 0,
    };
    reading.append(frame).map_err(|what| {
        // Its check sum holds: where it stands on tiles, it is they that are wrong.
        (below > 0).then(|| OpenError::Tiles {
            below,
            source: ReadError::Damaged {
                path: "tile/".to_owned(),
                what: format!("the first frame above says: {what}"),
            },
        })
    })?;
    reading.step(frame);
    Ok(reading)
}

/// Full tiles on disk, and above them the open ones, which no file holds.
struct Below<'b> {
    store: &'b dyn Store,
    rows: &'b [Row],
}

impl HashReader for Below<'_> {
    type Error = ReadError;

    fn tile_hashes(&self, level: u8, index: u64, width: u16) -> Result<Vec<Hash>, ReadError> {
        let mut hashes = match self.rows.get(usize::from(level)) {
            Some(row) if row.base == index * WIDTH => row.hashes.clone(),
            _ => read_tile(self.store, level, index)?,
        };
        hashes.truncate(usize::from(width));
        Ok(hashes)
    }
}

impl Reading {
    fn take(&mut self, frame: &Frame<'_>) -> Result<(), &'static str> {
        match frame.head.kind {
            Kind::Batch => self.append(frame)?,
            Kind::Carry => {
                let carry = self.tail.carry();
                if carry.first != frame.head.first
                    || carry.entries != frame.entries
                    || self.tail.root != frame.root
                {
                    return Err("it repeats other entries than those before it");
                }
            }
        }
        self.step(frame);
        Ok(())
    }

    fn step(&mut self, frame: &Frame<'_>) {
        self.sequence = frame.head.sequence + 1;
        self.previous = frame.link;
        self.last_time = self.last_time.max(frame.head.time);
        self.last_had_entries = frame.head.kind == Kind::Batch && frame.head.count > 0;
        self.frames += 1;
    }

    fn append(&mut self, frame: &Frame<'_>) -> Result<(), &'static str> {
        if frame.head.first != self.tail.durable {
            return Err("it begins at another index than the log ends");
        }
        let (mut leaves, mut above) = (Vec::new(), Vec::new());
        let mut entry_at = vec![0];
        let mut end = 0;
        for entry in tlog::bundle::iter(frame.entries) {
            let entry = entry.map_err(|_| "its entries cannot be told apart")?;
            let leaf = Sha256::leaf(entry);
            leaves.push(leaf);
            self.growth.push(leaf, &mut above);
            end += 2 + entry.len();
            entry_at.push(u32::try_from(end).map_err(|_| "it is too long")?);
        }
        let count = frame.head.count as usize;
        let sides = side::offsets(frame.sides, count)
            .map_err(|_| "its keys and bodies cannot be told apart")?;
        if leaves.len() != count || sides.last() != Some(&frame.sides.len()) {
            return Err("it holds another number of entries than it says");
        }
        if self.growth.edge.root() != frame.root || self.growth.edge.size() != frame.size {
            return Err("its entries do not hash to its root");
        }
        if count == 0 {
            return Ok(());
        }
        let side_at = sides
            .into_iter()
            .map(|at| u32::try_from(at).map_err(|_| "it is too long"))
            .collect::<Result<_, _>>()?;
        let data = FrameData {
            first: frame.head.first,
            entries: frame.entries.to_vec(),
            sides: frame.sides.to_vec(),
            entry_at,
            side_at,
        };
        self.tail.push(Arc::new(data), &leaves, &above, frame.root);
        Ok(())
    }
}

/// What somebody outside knows of this log.
pub trait Witnesses: Send + Sync {
    /// Asks each witness for the newest checkpoint that it cosigned; submits nothing new. One element per witness.
    fn ask(&self) -> Vec<Reply>;
    /// How many cosignatures the policy wants.
    fn quorum(&self) -> usize;
}

/// What a witness said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// Name of the witness.
    pub who: String,
    /// `None` if it did not answer; `Some(None)` if it never cosigned this log; else the newest checkpoint it knows, with
    /// our signature on it.
    pub newest: Option<Option<String>>,
}

/// Whether somebody knows more than we do, or whether too few were asked to know that.
pub(crate) fn question(
    replies: &[Reply],
    quorum: usize,
    key: &VerifierKey,
    size: u64,
    root_at: impl Fn(u64) -> Result<Hash, ReadError>,
    two_persons_decided: bool,
) -> Result<(), OpenError> {
    let mut answered = 0;
    for Reply { who, newest } in replies {
        let Some(newest) = newest else { continue };
        answered += 1;
        let Some(note) = newest else { continue };
        let opened = checkpoint::open(note.as_bytes(), std::slice::from_ref(key));
        let known = opened.map_err(|e| OpenError::Evidence {
            who: who.clone(),
            reason: e.to_string(),
        })?;
        let known = known.checkpoint();
        if known.size > size {
            return Err(OpenError::RestoredCopy {
                who: who.clone(),
                known: known.size,
                size,
            });
        }
        let root = root_at(known.size).map_err(|source| OpenError::Tiles {
            below: known.size,
            source,
        })?;
        if root != known.root {
            return Err(OpenError::OtherRoot { size: known.size });
        }
    }
    // More than n − k must have answered: then no quorum can have seen more without one of them knowing.
    let needed = replies.len() + 1 - quorum.min(replies.len() + 1);
    if quorum > 0 && answered < needed && !two_persons_decided {
        return Err(OpenError::WitnessesSilent {
            answered,
            of: replies.len(),
            needed,
        });
    }
    Ok(())
}
