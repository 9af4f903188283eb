//! Signatures of actors, verified before anything is queued: in batches, on as many threads as there are cores.
//!
//! The equation is that of `tlog` (ZIP-215), in batch and alone. What fails is refused with its place in the group.

use std::sync::{Arc, Mutex, mpsc};

use tlog::note::{Note, SignatureLine, VerifierKey, verify_batch};

use crate::{
    AppendError, EntryBytes, Submission,
    sequencer::Group,
    shared::{NO_PANIC, Shared},
};

/// Signatures checked in one equation: below 64 the gain fades, above 1024 a single bad one costs too much.
const BATCH: usize = 256;

/// Threads that verify; started with the first signed entry.
pub(crate) struct Pool {
    sender: Mutex<Option<mpsc::Sender<Group>>>,
}

impl Pool {
    pub(crate) fn new() -> Self {
        Self {
            sender: Mutex::new(None),
        }
    }

    pub(crate) fn close(&self) {
        self.sender.lock().expect(NO_PANIC).take();
    }

    /// Takes a group over: it goes to the queue when every signature held, else its caller hears which did not.
    pub(crate) fn verify(&self, shared: &Arc<Shared>, group: Group) {
        let mut sender = self.sender.lock().expect(NO_PANIC);
        let sender = sender.get_or_insert_with(|| {
            let (tx, rx) = mpsc::channel();
            let rx = Arc::new(Mutex::new(rx));
            for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
                let (rx, shared) = (Arc::clone(&rx), Arc::clone(shared));
                std::thread::Builder::new()
                    .name("ledger-verify".to_owned())
                    .spawn(move || work(&rx, &shared))
                    .expect("the system gives a thread");
            }
            tx
        });
        sender.send(group).ok();
    }
}

fn work(groups: &Mutex<mpsc::Receiver<Group>>, shared: &Shared) {
    loop {
        let received = groups.lock().expect(NO_PANIC).recv();
        let Ok(group) = received else { return };
        let verdict = check(&group.submissions);
        let mut queue = shared.queue();
        queue.verified(group, verdict);
        shared.queue_moved.notify_all();
    }
}

/// Each signed entry must be a note with at least one signature by one of its keys, and none that fails.
fn check(submissions: &[Submission]) -> Result<(), AppendError> {
    let fail = |at: usize, reason: String| AppendError::Signature { at, reason };
    let mut notes: Vec<(usize, Note, &Arc<[VerifierKey]>)> = Vec::new();
    for (at, submission) in submissions.iter().enumerate() {
        if let EntryBytes::Signed { note, keys, .. } = &submission.entry {
            notes.push((
                at,
                Note::parse(note).map_err(|e| fail(at, e.to_string()))?,
                keys,
            ));
        }
    }
    for chunk in notes.chunks(BATCH) {
        let mut items: Vec<(&VerifierKey, &[u8], &SignatureLine)> = Vec::with_capacity(chunk.len());
        let mut places = Vec::with_capacity(chunk.len());
        for (at, note, keys) in chunk {
            let before = items.len();
            for line in note.signatures() {
                if let Some(key) = keys
                    .iter()
                    .find(|k| k.id() == line.id() && k.name() == line.name())
                {
                    items.push((key, note.unverified_text().as_bytes(), line));
                    places.push(*at);
                }
            }
            if items.len() == before {
                return Err(fail(*at, "no signature of a known actor key".to_owned()));
            }
        }
        let rng = getrandom::rand_core::UnwrapErr(getrandom::SysRng);
        for (verdict, at) in verify_batch(&items, rng).into_iter().zip(places) {
            verdict.map_err(|e| fail(at, e.to_string()))?;
        }
    }
    Ok(())
}
