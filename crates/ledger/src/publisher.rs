//! One thread that signs the newest flushed size and puts it in place: `durable` becomes `published`.
//!
//! The size is remembered as signed *before* the signature leaves the process; so a log that loses its end afterwards knows
//! what it must not contradict. Every published checkpoint is kept under `checkpoints/<N>`: it is evidence.

use std::{
    io,
    sync::Arc,
    time::{Duration, Instant},
};

use tlog::{
    Hash,
    checkpoint::{self, Checkpoint},
    tile::TileRef,
};

use crate::{
    shared::{NO_PANIC, Shared, is_no_room},
    state::State,
    store::Store,
};

/// The place of the newest one.
pub(crate) const PATH: &str = "checkpoint";
/// How long to wait for room.
const RETRY: Duration = Duration::from_millis(300);

/// Acknowledgement: a signed checkpoint covers everything below its size. The node convicts itself if it denies its order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    pub(crate) size: u64,
    pub(crate) root: Hash,
    pub(crate) note: String,
}

impl Published {
    /// Entries below this index are covered.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Root of the tree of that size.
    pub fn root(&self) -> &Hash {
        &self.root
    }

    /// The signed checkpoint (C2SP tlog-checkpoint v1.0.0).
    pub fn note(&self) -> &str {
        &self.note
    }
}

/// `checkpoints/x001/x234/067` for size 1,234,067.
pub(crate) fn archive_path(size: u64) -> String {
    let path = TileRef {
        level: None,
        index: size,
        width: 256,
    }
    .path();
    path.replacen("tile/entries/", "checkpoints/", 1)
}

pub(crate) fn run(shared: &Arc<Shared>) {
    let mut last: Option<Instant> = None;
    loop {
        {
            let mut work = shared.work();
            while work.durable <= work.published {
                if work.closing || shared.is_dead() {
                    return;
                }
                work = shared.work_moved.wait(work).expect(NO_PANIC);
            }
            // Under load one signature serves many; after a pause the first entry does not wait.
            while let Some(wait) =
                last.and_then(|t| shared.config.publish_every.checked_sub(t.elapsed()))
            {
                if work.closing {
                    break;
                }
                work = shared
                    .work_moved
                    .wait_timeout(work, wait)
                    .expect(NO_PANIC)
                    .0;
                if shared.is_dead() {
                    return;
                }
            }
        }
        if shared.is_dead() {
            return;
        }
        match publish(shared) {
            Ok(()) => last = Some(Instant::now()),
            Err(error) if is_no_room(&error) => {
                tracing::warn!(%error, "no room for a checkpoint");
                let work = shared.work();
                if work.closing {
                    return;
                }
                drop(shared.work_moved.wait_timeout(work, RETRY).expect(NO_PANIC));
            }
            Err(error) => {
                shared.die("a checkpoint could not be published", &error);
                return;
            }
        }
    }
}

/// The checkpoint that was in place when the log was closed, if it is ours and says what the entries say: so a log that is
/// opened has its receipts at once. Anything else is replaced by a new one within moments.
pub(crate) fn last(shared: &Shared) -> Option<Published> {
    let note = shared.store.read_if_there(PATH).ok()??;
    let opened = checkpoint::open(&note, &[shared.config.key.verifier().clone()]).ok()?;
    let Checkpoint { size, root, .. } = *opened.checkpoint();
    (shared.root(size).ok()? == root).then_some(())?;
    Some(Published {
        size,
        root,
        note: String::from_utf8(note).ok()?,
    })
}

/// Signs what is durable now and puts it in place.
pub(crate) fn publish(shared: &Shared) -> io::Result<()> {
    let (size, root) = {
        let tail = shared.tail();
        (tail.durable, tail.root)
    };
    {
        let mut state = shared.state.lock().expect(NO_PANIC);
        let persisted = state.persist(State {
            epoch: shared.epoch,
            signed_size: size,
            signed_root: root,
        });
        // Even "no room" is not believed here: the slots are there already, so it is a flush that failed.
        persisted.map_err(|e| {
            io::Error::other(format!("the signed size could not be persisted: {e}"))
        })?;
    }
    let note = sign(shared, size, root);
    archive(&*shared.store, size, &note)?;
    shared.store.replace(PATH, note.as_bytes())?;
    shared
        .published
        .send_replace(Some(Arc::new(Published { size, root, note })));
    shared.work().published = size;
    Ok(())
}

fn sign(shared: &Shared, size: u64, root: Hash) -> String {
    let checkpoint = Checkpoint {
        origin: shared.config.origin.clone(),
        size,
        root,
    };
    checkpoint::sign(&checkpoint, &shared.config.key)
        .expect("the key was checked when the log was opened")
}

fn archive(store: &dyn Store, size: u64, note: &str) -> io::Result<()> {
    let path = archive_path(size);
    if store.read_if_there(&path)?.as_deref() != Some(note.as_bytes()) {
        store.replace(&path, note.as_bytes())?;
    }
    // The directory may be new: its own name, and those above it, have to survive as well.
    let mut dir = path.as_str();
    while let Some((above, _)) = dir.rsplit_once('/') {
        dir = above;
        store.sync_dir(dir)?;
    }
    Ok(())
}
