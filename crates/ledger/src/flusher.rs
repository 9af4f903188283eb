//! One thread that writes frames: one write and one flush each, then everybody in it has his acknowledgement.
//!
//! An error before the frame (no room for a segment, tiles too far behind) refuses the batch. An error of the write or of
//! the flush ends the process.

use std::sync::Arc;

use tlog::{Hash, tile::WIDTH};

use crate::{
    frame::{self, Head, Kind},
    sequencer::Batch,
    shared::{NO_PANIC, Shared, TAIL_LIMIT},
    tail::FrameData,
};

/// Bytes in a segment that make it worth to begin a new one at the end.
const WORTH_LEAVING: u64 = 256 * 1024;

pub(crate) struct Flusher {
    pub(crate) shared: Arc<Shared>,
    pub(crate) sequence: u64,
    pub(crate) previous: Hash,
    /// Time of the last frame, µs.
    pub(crate) last_time: i64,
}

enum Failure {
    /// Nothing was written.
    Refused(String),
    /// The process has been told to end.
    Dead,
}

impl Flusher {
    pub(crate) fn run(mut self) {
        while let Some(mut batch) = self.take() {
            let written = if batch.is_written() {
                self.write(&mut batch)
            } else {
                Ok(())
            };
            match written {
                Ok(()) => {
                    let answers = std::mem::take(&mut batch.answers);
                    self.free(None);
                    for (answer, durable) in answers {
                        answer.send(Ok(durable)).ok();
                    }
                }
                Err(Failure::Refused(reason)) => {
                    tracing::warn!(reason, "a batch was refused");
                    self.free(Some((Box::new(batch), reason)));
                }
                Err(Failure::Dead) => return,
            }
        }
        self.leave();
        let mut work = self.shared.work();
        work.closing = true;
        self.shared.work_moved.notify_all();
    }

    /// At an orderly end a new segment with little in it: the next start has little to read.
    fn leave(&mut self) {
        let shared = Arc::clone(&self.shared);
        let mut wal = shared.wal();
        if wal.at < WORTH_LEAVING {
            return;
        }
        let (carry, time) = (self.carry(), shared.config.clock.now());
        if let Err(Failure::Refused(reason)) =
            self.turn(&mut wal, &carry, 0, time.max(self.last_time))
        {
            tracing::info!(
                reason,
                "no new segment at the end; the next start reads more"
            );
        }
    }

    fn take(&self) -> Option<Batch> {
        let mut queue = self.shared.queue();
        loop {
            if let Some(batch) = queue.slot.take() {
                queue.flushing = true;
                return Some(batch);
            }
            if queue.ended {
                return None;
            }
            queue = self.shared.queue_moved.wait(queue).expect(NO_PANIC);
        }
    }

    fn free(&self, refused: Option<(Box<Batch>, String)>) {
        let mut queue = self.shared.queue();
        queue.flushing = false;
        // After the end nobody looks there any more: dropping the batch tells its callers.
        if refused.is_some() && !queue.ended {
            // What stands in the slot, if anything, was built on the refused batch; there is nothing there, because a
            // batch is only handed over while nothing is flushing.
            queue.refused = refused;
        }
        self.shared.queue_moved.notify_all();
    }

    fn write(&mut self, batch: &mut Batch) -> Result<(), Failure> {
        self.wait_for_tiler()?;
        let (first, time, root) = (batch.first, batch.time, batch.root);
        let mut head = self.head(Kind::Batch, first, batch.count(), time);
        let data = Arc::new(batch.frame_data());
        head.entries_len = data.entries.len() as u64;
        head.sides_len = data.sides.len() as u64;
        let shared = Arc::clone(&self.shared);
        let mut wal = shared.wal();
        let needed = head.frame_len();
        if wal.is_full_for(needed) || self.must_turn(&wal) {
            let carry = self.carry();
            match self.turn(&mut wal, &carry, needed, time) {
                Ok(()) => {
                    head.sequence = self.sequence;
                    head.previous = self.previous;
                }
                Err(failure) => return Err(failure),
            }
        }
        let (bytes, link) = frame::write(&head, &data.entries, &data.sides, data.end(), &root);
        self.put(&mut wal, &bytes, link)?;
        self.last_time = time;
        drop(wal);
        let size = data.end();
        let bytes = {
            let mut tail = shared.tail_mut();
            tail.push(data, &batch.leaves, &batch.above, root);
            tail.bytes
        };
        shared.sizes.send_replace(size);
        let mut work = shared.work();
        (work.durable, work.tail_bytes) = (size, bytes);
        shared.work_moved.notify_all();
        Ok(())
    }

    fn wait_for_tiler(&self) -> Result<(), Failure> {
        let mut work = self.shared.work();
        loop {
            if let Some(reason) = &work.hindrance {
                return Err(Failure::Refused(reason.clone()));
            }
            // Where no bundle is full the tiler has nothing to do, and waiting for it would be for ever.
            if work.tail_bytes < TAIL_LIMIT || work.durable / WIDTH == work.tiled / WIDTH {
                return Ok(());
            }
            if self.shared.is_dead() {
                return Err(Failure::Dead);
            }
            work = self.shared.work_moved.wait(work).expect(NO_PANIC);
        }
    }

    /// An erasure asks for a new segment, so that the ones with the body can go.
    fn must_turn(&self, wal: &crate::wal::Wal) -> bool {
        wal.segments
            .back()
            .is_some_and(|s| s.number <= self.shared.work().leave_segments)
    }

    /// Writes the carry frame of a new segment, in a flush of its own: two frames under one flush could be torn in the
    /// wrong order, and recovery would take the second for proof that the first was damaged later.
    fn turn(
        &mut self,
        wal: &mut crate::wal::Wal,
        carry: &(FrameData, Hash),
        needed: u64,
        time: i64,
    ) -> Result<(), Failure> {
        let (data, root) = carry;
        let count = usize::try_from(data.count()).expect("below 256");
        let mut head = self.head(Kind::Carry, data.first, count, time);
        head.entries_len = data.entries.len() as u64;
        head.sides_len = data.sides.len() as u64;
        let (bytes, link) = frame::write(&head, &data.entries, &data.sides, data.end(), root);
        let spare = match self.shared.spares.take(bytes.len() as u64, needed) {
            Ok(spare) => spare,
            Err(e) => {
                let reason = format!("no new segment of the log can be made ({e})");
                self.shared.work().no_segment = Some(reason.clone());
                return Err(Failure::Refused(reason));
            }
        };
        wal.turn(spare, data.first);
        self.put(wal, &bytes, link)
    }

    fn put(&mut self, wal: &mut crate::wal::Wal, bytes: &[u8], link: Hash) -> Result<(), Failure> {
        if let Err(error) = wal.write(bytes) {
            self.shared
                .die("a frame could not be written or flushed", &error);
            return Err(Failure::Dead);
        }
        self.sequence += 1;
        self.previous = link;
        Ok(())
    }

    fn head(&self, kind: Kind, first: u64, count: usize, time: i64) -> Head {
        Head {
            kind,
            epoch: self.shared.epoch,
            sequence: self.sequence,
            first,
            count: u32::try_from(count).expect("frames are limited to MAX_GROUP entries"),
            entries_len: 0,
            sides_len: 0,
            time,
            previous: self.previous,
        }
    }

    /// The entries since the last full bundle, once more, with the root after them.
    fn carry(&self) -> (FrameData, Hash) {
        let tail = self.shared.tail();
        (tail.carry(), tail.root)
    }
}

impl crate::tail::Tail {
    pub(crate) fn carry(&self) -> FrameData {
        let first = self.durable / WIDTH * WIDTH;
        let (mut entries, mut sides) = (Vec::new(), Vec::new());
        let (mut entry_at, mut side_at) = (vec![0], vec![0]);
        let mut index = first;
        while let Some(frame) = self.frame(index) {
            while index < frame.end() {
                entries.extend_from_slice(frame.entries_of(index, index + 1));
                sides.extend_from_slice(frame.sides_of(index, index + 1));
                let in_frame = "255 entries are far below 4 GiB";
                entry_at.push(u32::try_from(entries.len()).expect(in_frame));
                side_at.push(u32::try_from(sides.len()).expect(in_frame));
                index += 1;
            }
        }
        FrameData {
            first,
            entries,
            sides,
            entry_at,
            side_at,
        }
    }
}
