//! One thread that turns frames into full tiles, bundles and files of sides, off the path of an acknowledgement.
//!
//! A round writes what is complete, syncs it with one call, reads it back and hashes it; only then may frames and segments
//! go. No partial tiles are written: readers cut them from memory. No room is not fatal: intake stops until it passes.

use std::{collections::VecDeque, io, sync::Arc, time::Duration};

use tlog::tile::{TileRef, WIDTH};

use crate::{
    dedup,
    shared::{NO_PANIC, Shared, is_no_room},
    side,
    tail::FrameData,
};

/// Bundles of one round: enough to spread the price of a sync, few enough that memory is soon free again.
const ROUND: u64 = 512;
/// How long to wait for room.
const RETRY: Duration = Duration::from_millis(300);

pub(crate) fn bundle_path(number: u64) -> String {
    TileRef {
        level: None,
        index: number,
        width: 256,
    }
    .path()
}

pub(crate) fn tile_path(level: u8, number: u64) -> String {
    TileRef {
        level: Some(level),
        index: number,
        width: 256,
    }
    .path()
}

pub(crate) fn sides_path(number: u64) -> String {
    bundle_path(number).replacen("tile/entries/", "bodies/", 1)
}

/// What one round writes.
pub(crate) struct Round {
    pub(crate) tiled: u64,
    pub(crate) files: Vec<(String, Vec<u8>)>,
    pub(crate) keys: Vec<dedup::Entry>,
}

pub(crate) fn run(shared: &Arc<Shared>, recovered: u64) {
    // After an error some files of the round may be there in part.
    let mut rewrite = false;
    loop {
        let closing = {
            let mut work = shared.work();
            loop {
                if shared.is_dead() {
                    return;
                }
                if work.durable / WIDTH > work.tiled / WIDTH {
                    break false;
                }
                if work.closing {
                    break true;
                }
                work = shared.work_moved.wait(work).expect(NO_PANIC);
            }
        };
        if closing {
            let tiled = shared.tail().tiled;
            if let Err(error) = shared.retire(tiled) {
                tracing::warn!(%error, "old segments stay until the next start");
            }
            shared.dedup.save_recent(&*shared.store);
            return;
        }
        // A crash may have left files in part above what was synced: the frames are the truth for them.
        let unsynced = shared.work().tiled < recovered;
        match round(shared, rewrite || unsynced) {
            Ok(()) => {
                rewrite = false;
                shared.work().hindrance = None;
            }
            Err(error) if is_no_room(&error) => {
                tracing::warn!(%error, "no room for tiles; intake stops until there is");
                rewrite = true;
                let mut work = shared.work();
                work.hindrance = Some(format!("no room on the disk of the log ({error})"));
                shared.work_moved.notify_all();
                if work.closing {
                    return;
                }
                drop(shared.work_moved.wait_timeout(work, RETRY).expect(NO_PANIC));
            }
            Err(error) => {
                shared.die("tiles could not be written", &error);
                return;
            }
        }
    }
}

fn round(shared: &Shared, rewrite: bool) -> io::Result<()> {
    // An erasure must not fall between reading a body from a frame and writing it to a file.
    let bodies = shared.bodies.lock().expect(NO_PANIC);
    let round = shared.tail().round(ROUND);
    for (path, bytes) in &round.files {
        write_once(shared, path, bytes, rewrite)?;
    }
    shared.store.sync_all()?;
    for (path, bytes) in &round.files {
        // What was read back is what is compared: a disk that flips a bit now must not cost the frame.
        if shared.store.read(path)? != *bytes {
            return Err(io::Error::other(format!(
                "{path} reads back other than it was written"
            )));
        }
    }
    shared.retire(round.tiled)?;
    // What may find no room comes before the round counts as done: then it is the round that is tried again, and neither a
    // key nor the spare is forgotten.
    shared.spares.prepare()?;
    let (store, tiled) = (&*shared.store, round.tiled);
    shared.dedup.settle(store, round.keys, tiled)?;
    let bytes = {
        let mut tail = shared.tail_mut();
        tail.forget(tiled);
        tail.bytes
    };
    drop(bodies);
    let mut work = shared.work();
    (work.tiled, work.tail_bytes) = (tiled, bytes);
    shared.work_moved.notify_all();
    Ok(())
}

impl Shared {
    /// Lets segments go whose entries are all in full tiles.
    pub(crate) fn retire(&self, tiled: u64) -> io::Result<()> {
        let _one_at_a_time = self.recycling.lock().expect(NO_PANIC);
        let blank = self.work().blank;
        let retired = {
            let mut wal = self.wal();
            // The flush of the newest segment may have failed: then the ones before it are all there is.
            if self.is_dead() {
                return Ok(());
            }
            wal.retire(tiled)
        };
        let mut retired = VecDeque::from(retired);
        while let Some(segment) = retired.pop_front() {
            let gone = match segment.overwrite(blank) {
                Ok(()) => self.spares.recycle(segment),
                Err(e) => {
                    retired.push_front(segment);
                    Err(e)
                }
            };
            if let Err(e) = gone {
                // They go oldest first or not at all: a start that finds an old one before a gap must take the gap for damage.
                let mut wal = self.wal();
                retired
                    .into_iter()
                    .rev()
                    .for_each(|segment| wal.segments.push_front(segment));
                return Err(e);
            }
        }
        Ok(())
    }
}

/// Creates a file, or finds the same bytes there.
fn write_once(shared: &Shared, path: &str, bytes: &[u8], rewrite: bool) -> io::Result<()> {
    match shared.store.create(path) {
        Ok(file) => file.write_at(bytes, 0),
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {
            let same = shared.store.read(path)? == bytes;
            if !rewrite {
                return if same {
                    Ok(())
                } else {
                    Err(io::Error::other(format!(
                        "{path} is already there with other bytes"
                    )))
                };
            }
            if same {
                // It may be in the page cache alone, and clean there, if the flush of the process before failed.
                return shared.store.open(path)?.write_at(bytes, 0);
            }
            tracing::warn!(
                path,
                "written again from the frames: what was there is not what they say"
            );
            shared.store.remove(path)?;
            shared.store.create(path)?.write_at(bytes, 0)
        }
        Err(e) => Err(e),
    }
}

impl crate::tail::Tail {
    /// The files of the next round, from what is in memory.
    pub(crate) fn round(&self, bundles: u64) -> Round {
        let tiled = (self.durable / WIDTH * WIDTH).min(self.tiled + bundles * WIDTH);
        let mut round = Round {
            tiled,
            files: Vec::new(),
            keys: Vec::new(),
        };
        for number in self.tiled / WIDTH..tiled / WIDTH {
            let (from, to) = (number * WIDTH, (number + 1) * WIDTH);
            let (mut entries, mut sides) = (Vec::new(), Vec::new());
            let mut index = from;
            while index < to {
                let frame = self
                    .frame(index)
                    .expect("what is durable and not tiled is in memory");
                entries.extend_from_slice(frame.entries_of(index, to));
                sides.extend_from_slice(frame.sides_of(index, to));
                collect_keys(frame, index, to, &mut round.keys);
                index = frame.end().min(to);
            }
            round.files.push((bundle_path(number), entries));
            if !side::is_blank(&sides) {
                round.files.push((sides_path(number), side::file(&sides)));
            }
        }
        for level in 0..self.rows.len() {
            for (number, hashes) in self.full_tiles(level, tiled) {
                let level = u8::try_from(level).expect("a tree has eight levels of tiles");
                round
                    .files
                    .push((tile_path(level, number), hashes.concat()));
            }
        }
        round
    }
}

fn collect_keys(frame: &FrameData, from: u64, to: u64, keys: &mut Vec<dedup::Entry>) {
    for index in from..to.min(frame.end()) {
        if let Some(key) = frame.side(index).key {
            keys.push(dedup::Entry { key: *key, index });
        }
    }
}
