//! What the threads of a log share, and how it dies.

use std::{
    io,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
};

use tokio::sync::watch;

use crate::{
    Config, Published, SubmitError,
    dedup::Dedup,
    read::Nodes,
    sequencer::Queue,
    state::StateFile,
    store::Store,
    tail::Tail,
    wal::{Spares, Wal},
};

/// Bytes of frames that may wait for their tiles before intake waits too.
pub(crate) const TAIL_LIMIT: usize = 192 * 1024 * 1024;

pub(crate) struct Shared {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) config: Config,
    pub(crate) epoch: u64,
    pub(crate) tail: RwLock<Tail>,
    pub(crate) wal: Mutex<Wal>,
    pub(crate) spares: Spares,
    pub(crate) queue: Mutex<Queue>,
    /// Wakes sequencer and flusher.
    pub(crate) queue_moved: Condvar,
    pub(crate) work: Mutex<Work>,
    /// Wakes tiler and publisher, and the flusher when it waits for the tiler.
    pub(crate) work_moved: Condvar,
    pub(crate) state: Mutex<StateFile>,
    pub(crate) dedup: Dedup,
    pub(crate) nodes: Nodes,
    /// Held during an erasure.
    pub(crate) erasing: Mutex<()>,
    /// Held while segments are let go, so that an erasure can wait for one that is on its way.
    pub(crate) recycling: Mutex<()>,
    /// Held by an erasure and by whoever moves bodies from frames to files.
    pub(crate) bodies: Mutex<()>,
    pub(crate) sizes: watch::Sender<u64>,
    pub(crate) published: watch::Sender<Option<Arc<Published>>>,
    pub(crate) behind: AtomicI64,
    dead: AtomicBool,
}

/// What tiler and publisher wait for.
#[derive(Default)]
pub(crate) struct Work {
    pub(crate) durable: u64,
    pub(crate) tiled: u64,
    pub(crate) published: u64,
    pub(crate) tail_bytes: usize,
    pub(crate) closing: bool,
    /// Why tiles cannot be written now (no space); intake is refused meanwhile.
    pub(crate) hindrance: Option<String>,
    /// An erasure wants every segment up to this number left behind.
    pub(crate) leave_segments: u64,
    /// An erasure is under way: what goes is overwritten.
    pub(crate) blank: bool,
    /// Why the last frame that needed a new segment did not get one.
    pub(crate) no_segment: Option<String>,
}

impl Shared {
    #[allow(clippy::too_many_arguments)]
    pub(crate) fn new(
        store: Arc<dyn Store>,
        config: Config,
        state: StateFile,
        tail: Tail,
        wal: Wal,
        spares: Spares,
        dedup: Dedup,
        queue: Queue,
    ) -> Self {
        let work = Work {
            durable: tail.durable,
            tiled: tail.tiled,
            tail_bytes: tail.bytes,
            ..Work::default()
        };
        Self {
            store,
            config,
            epoch: state.state.epoch,
            sizes: watch::Sender::new(tail.durable),
            tail: RwLock::new(tail),
            wal: Mutex::new(wal),
            spares,
            queue: Mutex::new(queue),
            queue_moved: Condvar::new(),
            work: Mutex::new(work),
            work_moved: Condvar::new(),
            state: Mutex::new(state),
            dedup,
            nodes: Nodes::default(),
            erasing: Mutex::new(()),
            recycling: Mutex::new(()),
            bodies: Mutex::new(()),
            published: watch::Sender::new(None),
            behind: AtomicI64::new(0),
            dead: AtomicBool::new(false),
        }
    }

    pub(crate) fn tail(&self) -> RwLockReadGuard<'_, Tail> {
        self.tail.read().expect(NO_PANIC)
    }

    pub(crate) fn tail_mut(&self) -> RwLockWriteGuard<'_, Tail> {
        self.tail.write().expect(NO_PANIC)
    }

    pub(crate) fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().expect(NO_PANIC)
    }

    pub(crate) fn work(&self) -> MutexGuard<'_, Work> {
        self.work.lock().expect(NO_PANIC)
    }

    pub(crate) fn wal(&self) -> MutexGuard<'_, Wal> {
        self.wal.lock().expect(NO_PANIC)
    }

    pub(crate) fn is_dead(&self) -> bool {
        self.dead.load(Ordering::Acquire)
    }

    /// Nothing can be believed any more that memory says about the disk: the process ends, and recovery decides what is
    /// there. Never tried again, because the page cache may claim what the disk does not have.
    pub(crate) fn die(&self, what: &str, error: &io::Error) {
        self.dead.store(true, Ordering::Release);
        tracing::error!(%error, "the log stops at once: {what}; start again, and recovery finds out what the disk holds");
        (self.config.on_fatal)();
        // Only tests come back here: their callers must not wait for an answer that nobody gives.
        self.queue().drop_all();
        self.queue_moved.notify_all();
        self.work().closing = true;
        self.work_moved.notify_all();
    }

    pub(crate) fn check_alive(&self) -> Result<(), SubmitError> {
        if self.is_dead() {
            Err(SubmitError::Closed)
        } else {
            Ok(())
        }
    }
}

pub(crate) const NO_PANIC: &str = "no holder of this lock panics";

/// Whether an error means that there is no room, which passes; any other means that the disk cannot be believed.
pub(crate) fn is_no_room(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
    )
}
