//! Segments of the write-ahead log: files `wal/<n>.seg`, filled with frames one after the other.
//!
//! Each segment begins with a carry frame, so those before it can go once the full tiles reach its first index. The next
//! segment is made ready (its bytes written once, its name synced) before it is needed: a flush into it then changes no
//! metadata. An old segment becomes the next one under a new name; its old frames are told apart by their sequence.

use std::{
    collections::VecDeque,
    io,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicU64, Ordering},
    },
};

use crate::{
    frame::{BLOCK, Frame, FrameError, HEAD, Head},
    store::{Store, StoreFile},
};

pub(crate) const DIR: &str = "wal";
/// Bytes of a segment, unless it is configured otherwise or one frame needs more.
pub(crate) const SEGMENT: u64 = 32 * 1024 * 1024;

/// What a disk writes as a whole or not at all.
pub(crate) const SECTOR: usize = 512;

/// The configured length, as whole blocks.
pub(crate) fn segment_len(configured: u64) -> u64 {
    configured.max(1).next_multiple_of(BLOCK as u64)
}

pub(crate) fn path(number: u64) -> String {
    format!("{DIR}/{number:016}.seg")
}

/// Numbers of the segments that are there, rising.
pub(crate) fn numbers(store: &dyn Store) -> io::Result<Vec<u64>> {
    let names = store.list(DIR)?;
    Ok(names
        .iter()
        .filter_map(|n| n.strip_suffix(".seg")?.parse().ok())
        .collect())
}

/// A segment that holds frames.
pub(crate) struct Segment {
    pub(crate) number: u64,
    /// First index of its carry frame: what lies before is in the segments before.
    pub(crate) first: u64,
    pub(crate) file: Arc<dyn StoreFile>,
    pub(crate) len: u64,
}

/// A segment that is ready to be written.
pub(crate) struct Spare {
    number: u64,
    file: Arc<dyn StoreFile>,
    len: u64,
}

/// The segments, the one being written last. Owned by the flusher; the tiler asks it to let segments go.
pub(crate) struct Wal {
    pub(crate) segments: VecDeque<Segment>,
    /// Where the next frame goes in the last segment.
    pub(crate) at: u64,
}

/// The segment that comes next; made by the tiler, off the path of a flush.
pub(crate) struct Spares {
    pub(crate) store: Arc<dyn Store>,
    ready: Mutex<Option<Spare>>,
    next_number: AtomicU64,
    /// Bytes of a segment.
    len: u64,
}

impl Wal {
    /// Whether a frame of that many bytes needs a new segment.
    pub(crate) fn is_full_for(&self, len: u64) -> bool {
        self.segments.back().is_none_or(|s| self.at + len > s.len)
    }

    /// The spare becomes the segment that is written. Its first frame must be a carry from `first` on.
    pub(crate) fn turn(&mut self, spare: Spare, first: u64) {
        let Spare { number, file, len } = spare;
        self.segments.push_back(Segment {
            number,
            first,
            file,
            len,
        });
        self.at = 0;
    }

    /// Writes a frame behind the last one and flushes. After an error nobody knows what the disk holds.
    pub(crate) fn write(&mut self, frame: &[u8]) -> io::Result<()> {
        let segment = self.segments.back().expect("a log has a segment");
        segment.file.write_at(frame, self.at)?;
        segment.file.sync()?;
        self.at += frame.len() as u64;
        Ok(())
    }

    /// Takes out the segments whose entries are all in full tiles.
    pub(crate) fn retire(&mut self, tiled: u64) -> Vec<Segment> {
        let mut retired = Vec::new();
        while self.segments.len() > 1 && self.segments[1].first <= tiled {
            retired.extend(self.segments.pop_front());
        }
        retired
    }
}

impl Spares {
    pub(crate) fn new(store: Arc<dyn Store>, next_number: u64, segment_bytes: u64) -> Self {
        Self {
            store,
            ready: Mutex::new(None),
            next_number: AtomicU64::new(next_number),
            len: segment_len(segment_bytes),
        }
    }

    fn slot(&self) -> MutexGuard<'_, Option<Spare>> {
        self.ready.lock().expect("no holder of this lock panics")
    }

    /// A segment with room for a carry frame and `needed` bytes behind it: the one that is ready, or a new one. An error is
    /// harmless: nothing was changed that matters.
    pub(crate) fn take(&self, carry: u64, needed: u64) -> io::Result<Spare> {
        let mut len = carry + needed;
        if carry > self.len / 2 {
            // Large bodies: without room behind it, the next frames would each write the whole carry again.
            len += self.len;
        }
        let ready = self.slot().take_if(|s| s.len >= len);
        ready.map_or_else(|| self.make(len), Ok)
    }

    /// Makes one ready.
    pub(crate) fn prepare(&self) -> io::Result<()> {
        if self.slot().is_none() {
            let spare = self.make(self.len)?;
            let surplus = self.slot().replace(spare);
            self.drop_it(surplus)?;
        }
        Ok(())
    }

    fn make(&self, len: u64) -> io::Result<Spare> {
        let number = self.next_number.fetch_add(1, Ordering::Relaxed);
        let len = segment_len(len.max(self.len));
        match fill(&*self.store, number, len) {
            Ok(file) => Ok(Spare { number, file, len }),
            Err(e) => {
                // Half a spare is of no use, and it takes room on a disk that may be full.
                self.store.remove(&path(number)).ok();
                Err(e)
            }
        }
    }

    /// An old segment becomes the spare under a new name, or goes if there is one. It was overwritten before.
    pub(crate) fn recycle(&self, old: Segment) -> io::Result<()> {
        if self.slot().is_some() || old.len != self.len {
            return self.store.remove(&path(old.number));
        }
        let number = self.next_number.fetch_add(1, Ordering::Relaxed);
        self.store.rename(&path(old.number), &path(number))?;
        self.store.sync_dir(DIR)?;
        let surplus = self.slot().replace(Spare {
            number,
            file: old.file,
            len: old.len,
        });
        self.drop_it(surplus)
    }

    fn drop_it(&self, spare: Option<Spare>) -> io::Result<()> {
        spare.map_or(Ok(()), |s| self.store.remove(&path(s.number)))
    }

    /// Every number given so far is at most this.
    pub(crate) fn last_number(&self) -> u64 {
        self.next_number.load(Ordering::Relaxed) - 1
    }

    /// Overwrites what the spare still holds of the time before, for an erasure.
    pub(crate) fn blank(&self) -> io::Result<()> {
        let slot = self.slot();
        if let Some(spare) = &*slot {
            zero(&*spare.file, 0, spare.len)?;
            spare.file.sync()?;
        }
        Ok(())
    }
}

impl Segment {
    /// Overwrites the first sector by itself, so that recovery never takes the segment for a part of the log: a sector is old
    /// or new, and zeros tell a spare from a segment whose head was damaged. Then all of it where `blank` says so (an
    /// erasure).
    pub(crate) fn overwrite(&self, blank: bool) -> io::Result<()> {
        zero(&*self.file, 0, SECTOR as u64)?;
        self.file.sync()?;
        if blank {
            zero(&*self.file, SECTOR as u64, self.len)?;
            self.file.sync()?;
        }
        Ok(())
    }
}

fn fill(store: &dyn Store, number: u64, len: u64) -> io::Result<Arc<dyn StoreFile>> {
    let file = store.create(&path(number))?;
    zero(&*file, 0, len)?;
    file.sync()?;
    store.sync_dir(DIR)?;
    Ok(file)
}

/// Writes zeros from one offset to another.
pub(crate) fn zero(file: &dyn StoreFile, from: u64, to: u64) -> io::Result<()> {
    let zeros = vec![0; 1 << 20];
    let mut at = from;
    while at < to {
        let n = (to - at).min(zeros.len() as u64);
        file.write_at(&zeros[..usize::try_from(n).expect("at most a MiB")], at)?;
        at += n;
    }
    Ok(())
}

/// What a segment whose first frame is not whole begins with.
pub(crate) enum FirstSector {
    /// Zeros: a spare, or one whose first frame never began to arrive.
    Blank,
    /// A head: of a frame that was never finished, or was damaged.
    Head(Head),
    /// Neither: damaged.
    Other,
}

pub(crate) fn first_sector(file: &dyn StoreFile, len: u64) -> io::Result<FirstSector> {
    let mut first = vec![0; usize::try_from(len).map_or(SECTOR, |len| len.min(SECTOR))];
    file.read_at(&mut first, 0)?;
    if first.iter().all(|b| *b == 0) {
        return Ok(FirstSector::Blank);
    }
    Ok(Head::parse(&first).map_or(FirstSector::Other, FirstSector::Head))
}

/// Reads the frame at an offset into `buffer`.
pub(crate) fn read_frame<'b>(
    file: &dyn StoreFile,
    len: u64,
    at: u64,
    buffer: &'b mut Vec<u8>,
) -> io::Result<Result<Frame<'b>, FrameError>> {
    if at + HEAD as u64 > len {
        return Ok(Err(FrameError::NoFrame));
    }
    buffer.clear();
    buffer.resize(HEAD, 0);
    file.read_at(buffer, at)?;
    let head = match Head::parse(buffer) {
        Ok(head) => head,
        Err(e) => return Ok(Err(e)),
    };
    let want = head.frame_len();
    if want > len - at {
        return Ok(Err(FrameError::Short {
            want,
            have: len - at,
        }));
    }
    buffer.resize(usize::try_from(want).expect("not longer than the file"), 0);
    file.read_at(&mut buffer[HEAD..], at + HEAD as u64)?;
    Ok(Frame::parse(buffer))
}

/// Looks from an offset on for a whole frame with that sequence or a later one, at every place where one could begin.
pub(crate) fn later_frame(
    file: &dyn StoreFile,
    len: u64,
    from: u64,
    sequence: u64,
) -> io::Result<Option<Head>> {
    let mut buffer = Vec::new();
    let mut at = from;
    while at + BLOCK as u64 <= len {
        let mut head = [0; HEAD];
        file.read_at(&mut head, at)?;
        if let Ok(head) = Head::parse(&head)
            && head.sequence >= sequence
            && let Ok(frame) = read_frame(file, len, at, &mut buffer)?
        {
            return Ok(Some(frame.head));
        }
        at += BLOCK as u64;
    }
    Ok(None)
}
