//! Erasing a body because the law demands it (个人信息保护法 Art. 47): the entry, its index and its proof stay.
//!
//! What shall go is written down first, so that a crash in between finishes it at the next start. Then the bytes are
//! overwritten where they lie: in the file of sides, or by leaving the segments behind that carried them and blanking
//! those. What a disk keeps of overwritten blocks is beyond a program; copies elsewhere are the mirror's duty.

use std::{io, sync::Arc, time::Duration};

use tlog::tile::WIDTH;

use crate::{
    BodyState, Ledger, ReadError,
    shared::{NO_PANIC, Shared, is_no_room},
    side,
    store::Store,
    tail::FrameData,
    tiler,
};

/// Decimal indexes, one a line, of erasures that are under way.
const PENDING: &str = "state/erased";

/// Why a body was not erased.
#[derive(Debug, thiserror::Error)]
pub enum EraseError {
    /// The entry cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// It never had one.
    #[error("entry {0} has no body")]
    NoBody(u64),
    /// The log is closed: another process may have it by now.
    #[error("the log is closed")]
    Closed,
    /// The file system failed; the erasure is finished at the next start.
    #[error(
        "the body of entry {index} is not gone everywhere yet: {source}; the next start goes on with it"
    )]
    Io {
        /// The entry.
        index: u64,
        /// What the system said.
        source: io::Error,
    },
}

impl Ledger {
    /// Erases the body of an entry, for good. Doing it again changes nothing.
    ///
    /// # Errors
    /// [`EraseError`].
    pub fn erase(&self, index: u64) -> Result<(), EraseError> {
        let shared = self.shared();
        match self.body(index)? {
            BodyState::None => return Err(EraseError::NoBody(index)),
            BodyState::Erased => return Ok(()),
            BodyState::Present(_) => {}
        }
        let failed = |source| EraseError::Io { index, source };
        let _one_at_a_time = shared.erasing.lock().expect(NO_PANIC);
        if shared.is_dead() || shared.queue().closing {
            return Err(EraseError::Closed);
        }
        // With those that found no room before.
        let mut pending = pending(&*shared.store).map_err(failed)?;
        pending.push(index);
        shared.write_pending(&pending).map_err(failed)?;
        shared.erase_bytes(&pending).map_err(failed)?;
        shared.write_pending(&[]).map_err(failed)
    }

    /// Goes on with what a crash interrupted.
    pub(crate) fn finish_erasures(&self) -> io::Result<()> {
        let shared = self.shared();
        let pending = pending(&*shared.store)?;
        if pending.is_empty() {
            return Ok(());
        }
        match shared.erase_bytes(&pending) {
            Err(error) if is_no_room(&error) => {
                tracing::warn!(%error, "an erasure waits for room; the next one or the next start goes on with it");
                Ok(())
            }
            Err(error) => Err(error),
            Ok(()) => shared.write_pending(&[]),
        }
    }
}

/// Indexes of erasures that are under way.
pub(crate) fn pending(store: &dyn Store) -> io::Result<Vec<u64>> {
    let bytes = store.read_if_there(PENDING)?.unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let indexes = text.lines().map(str::parse).collect::<Result<_, _>>();
    // Never guessed: an erasure that is forgotten is against the law.
    indexes.map_err(|_| io::Error::other(format!("{PENDING} is damaged")))
}

impl Shared {
    fn write_pending(&self, indexes: &[u64]) -> io::Result<()> {
        let text: String = indexes.iter().map(|i| format!("{i}\n")).collect();
        self.store.replace(PENDING, text.as_bytes())
    }

    fn erase_bytes(&self, indexes: &[u64]) -> io::Result<()> {
        for index in indexes.iter().copied() {
            // Between the tiler's rounds: afterwards the body is in memory, or in a file, and not on its way. A frame stays in
            // memory until its last entry is in a file, so it may be in both.
            let _no_round = self.bodies.lock().expect(NO_PANIC);
            self.tail_mut().erase(index);
            if index < self.tail().tiled {
                erase_in_file(&*self.store, index)?;
            }
        }
        self.leave_segments_behind()
    }

    /// A new segment begins, the ones before it go as soon as tiles cover them, and are overwritten.
    fn leave_segments_behind(&self) -> io::Result<()> {
        {
            // While nobody writes a carry frame or lets a segment go: a carry made before the body went out of memory may still hold it, and has to
            // lie in a segment that is left.
            let _nobody_recycles = self.recycling.lock().expect(NO_PANIC);
            let _nobody_carries = self.wal();
            let mut work = self.work();
            work.leave_segments = self.spares.last_number();
            work.blank = true;
            work.no_segment = None;
        }
        let result = self.wait_until_left();
        self.work().blank = false;
        result?;
        self.spares.blank()
    }

    fn wait_until_left(&self) -> io::Result<()> {
        let wanted = self.work().leave_segments;
        loop {
            self.queue().frame_wanted = true;
            self.queue_moved.notify_all();
            let tiled = self.tail().tiled;
            self.retire(tiled)?;
            // A spare made long ago may be used after a longer one with a higher number.
            if self.wal().segments.iter().all(|s| s.number > wanted) {
                return Ok(());
            }
            if self.is_dead() || self.queue().closing {
                return Err(io::Error::other("the log is closing"));
            }
            let work = self.work();
            if let Some(reason) = work.hindrance.as_ref().or(work.no_segment.as_ref()) {
                return Err(io::Error::new(io::ErrorKind::StorageFull, reason.clone()));
            }
            drop(
                self.work_moved
                    .wait_timeout(work, Duration::from_millis(10))
                    .expect(NO_PANIC),
            );
        }
    }
}

/// Overwrites a body in its file of sides. Nothing happens where it was overwritten before.
pub(crate) fn erase_in_file(store: &dyn Store, index: u64) -> io::Result<()> {
    let path = tiler::sides_path(index / WIDTH);
    let damaged = |e: side::SideError| io::Error::other(format!("{path}: {e}"));
    let mut bytes = store.read(&path)?;
    let head = bytes.len() - side::records_unchecked(&bytes).map_err(damaged)?.len();
    let offsets = side::offsets(&bytes[head..], WIDTH as usize).map_err(damaged)?;
    let at = offsets[usize::try_from(index % WIDTH).expect("below 256")];
    side::erase(&mut bytes[head..], at).map_err(damaged)?;
    let bytes = side::file(&bytes[head..]);
    // In place, not by a new file: the old blocks are what has to go. Every length stays.
    let file = store.open(&path)?;
    file.write_at(&bytes, 0)?;
    file.sync()
}

impl crate::tail::Tail {
    /// Replaces the frame in memory by one without the body.
    fn erase(&mut self, index: u64) {
        let at = self.frames.partition_point(|f| f.end() <= index);
        let Some(frame) = self.frames.get_mut(at).filter(|f| f.first <= index) else {
            return;
        };
        let place = usize::try_from(index - frame.first).expect("inside a frame");
        let mut sides = frame.sides.clone();
        if side::erase(&mut sides, frame.side_at[place] as usize).is_ok() {
            *frame = Arc::new(FrameData {
                first: frame.first,
                entries: frame.entries.clone(),
                sides,
                entry_at: frame.entry_at.clone(),
                side_at: frame.side_at.clone(),
            });
        }
    }
}
