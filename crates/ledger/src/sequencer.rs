//! One thread, one owner of the right edge: gives indexes, recognises repetitions, hashes leaves and roots.
//!
//! While a flush is in flight it builds the next batch from what has arrived; the moment the flusher is free, the batch
//! goes. There is no timer. A batch that was refused (no room) takes its indexes back.

use std::{
    collections::VecDeque,
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use tlog::{Hash, TreeHash};
use tokio::sync::oneshot;

use crate::{
    AppendError, Durable, EntryBytes, MAX_GROUP, MAX_GROUP_BYTES, ReadError, Submission,
    SubmitError, clock,
    shared::Shared,
    side,
    submit::Answer,
    tail::{FrameData, Growth},
};

/// Entries that may wait: 16 frames. At the slowest disk that we measured this is a few seconds.
const QUEUE_ENTRIES: usize = 16 * MAX_GROUP;
/// Bytes that may wait.
const QUEUE_BYTES: usize = 16 * MAX_GROUP_BYTES;
/// How long nothing must arrive before an empty frame is written behind the last one.
const PAUSE: Duration = Duration::from_millis(200);
/// How old the `recorded` of a signed entry may be when it arrives, and how far ahead of the clock.
const SIGNING_WINDOW_S: i64 = 300;

/// A group on its way.
pub(crate) struct Group {
    pub(crate) submissions: Vec<Submission>,
    pub(crate) answer: oneshot::Sender<Answer>,
    pub(crate) bytes: usize,
}

/// Between callers, sequencer and flusher.
#[derive(Default)]
pub(crate) struct Queue {
    groups: VecDeque<Group>,
    entries: usize,
    bytes: usize,
    /// The batch that the flusher shall take next.
    pub(crate) slot: Option<Batch>,
    pub(crate) flushing: bool,
    /// A batch that could not be written, and why.
    pub(crate) refused: Option<(Box<Batch>, String)>,
    pub(crate) closing: bool,
    /// The sequencer has ended; the flusher may.
    pub(crate) ended: bool,
    /// An erasure wants a frame although nothing arrived.
    pub(crate) frame_wanted: bool,
    /// Groups that are being verified before they come here.
    pub(crate) verifying: usize,
}

impl Queue {
    /// Counts a group in, or refuses it.
    fn count_in(&mut self, group: &Group) -> Result<(), SubmitError> {
        if self.closing {
            return Err(SubmitError::Closed);
        }
        if self.entries > 0 && (self.entries >= QUEUE_ENTRIES || self.bytes >= QUEUE_BYTES) {
            return Err(SubmitError::Busy {
                waiting: self.entries,
            });
        }
        self.entries += group.submissions.len();
        self.bytes += group.bytes;
        Ok(())
    }

    fn count_out(&mut self, group: &Group) {
        self.entries -= group.submissions.len();
        self.bytes -= group.bytes;
    }

    pub(crate) fn push(&mut self, group: Group) -> Result<(), SubmitError> {
        self.count_in(&group)?;
        self.groups.push_back(group);
        Ok(())
    }

    /// Room for a group that is verified first.
    pub(crate) fn admit(&mut self, group: &Group) -> Result<(), SubmitError> {
        self.count_in(group)?;
        self.verifying += 1;
        Ok(())
    }

    /// The group that was admitted, or what was wrong with it.
    pub(crate) fn verified(&mut self, group: Group, verdict: Result<(), AppendError>) {
        if self.ended {
            // The process is about to end: nobody knows the groups any more, dropping this one tells its caller.
            return;
        }
        self.verifying = self.verifying.saturating_sub(1);
        match verdict {
            Ok(()) => self.groups.push_back(group),
            Err(error) => {
                self.count_out(&group);
                group.answer.send(Err(error)).ok();
            }
        }
    }

    pub(crate) fn drop_all(&mut self) {
        *self = Self {
            closing: true,
            ended: true,
            ..Self::default()
        };
    }
}

/// What one frame will hold, and who waits for it.
pub(crate) struct Batch {
    pub(crate) first: u64,
    pub(crate) time: i64,
    entries: Vec<u8>,
    sides: Vec<u8>,
    entry_at: Vec<u32>,
    side_at: Vec<u32>,
    pub(crate) leaves: Vec<Hash>,
    pub(crate) above: Vec<(usize, Hash)>,
    keys: Vec<[u8; 32]>,
    pub(crate) answers: Vec<(oneshot::Sender<Answer>, Vec<Durable>)>,
    pub(crate) root: Hash,
    before: Growth,
    /// Write a frame even if there is nothing in it.
    pub(crate) empty_frame: bool,
}

impl Batch {
    fn new(growth: &Growth, time: i64) -> Self {
        Self {
            first: growth.edge.size(),
            time,
            entries: Vec::new(),
            sides: Vec::new(),
            entry_at: vec![0],
            side_at: vec![0],
            leaves: Vec::new(),
            above: Vec::new(),
            keys: Vec::new(),
            answers: Vec::new(),
            root: [0; 32],
            before: growth.clone(),
            empty_frame: false,
        }
    }

    pub(crate) fn count(&self) -> usize {
        self.leaves.len()
    }

    fn bytes(&self) -> usize {
        self.entries.len() + self.sides.len()
    }

    pub(crate) fn is_written(&self) -> bool {
        self.count() > 0 || self.empty_frame
    }

    /// The frame as readers will see it.
    pub(crate) fn frame_data(&mut self) -> FrameData {
        FrameData {
            first: self.first,
            entries: std::mem::take(&mut self.entries),
            sides: std::mem::take(&mut self.sides),
            entry_at: std::mem::take(&mut self.entry_at),
            side_at: std::mem::take(&mut self.side_at),
        }
    }

    fn refuse(self, error: &AppendError) {
        for (answer, _) in self.answers {
            answer.send(Err(error.clone())).ok();
        }
    }
}

enum Next {
    Group(Group),
    Refused(Box<Batch>, String),
    Pause,
    End,
}

pub(crate) struct Sequencer {
    shared: Arc<Shared>,
    growth: Growth,
    last_time: i64,
    batch: Option<Batch>,
    /// Whether the last frame held entries: then a pause is marked by an empty one.
    last_had_entries: bool,
}

impl Sequencer {
    pub(crate) fn new(
        shared: Arc<Shared>,
        growth: Growth,
        last_time: i64,
        last_had_entries: bool,
    ) -> Self {
        Self {
            shared,
            growth,
            last_time,
            batch: None,
            last_had_entries,
        }
    }

    pub(crate) fn run(mut self) {
        loop {
            match self.next() {
                Next::Group(group) => self.add(group),
                Next::Refused(batch, reason) => self.take_back(batch, reason),
                Next::Pause => {
                    let time = self.time();
                    let batch = self
                        .batch
                        .get_or_insert_with(|| Batch::new(&self.growth, time));
                    batch.empty_frame = true;
                }
                Next::End => return,
            }
        }
    }

    /// Hands the batch over when the flusher is free, and waits for something to do.
    fn next(&mut self) -> Next {
        let shared = Arc::clone(&self.shared);
        let mut queue = shared.queue();
        let since = Instant::now();
        loop {
            if shared.is_dead() {
                queue.drop_all();
                return Next::End;
            }
            if let Some((batch, reason)) = queue.refused.take() {
                return Next::Refused(batch, reason);
            }
            let fits = queue.groups.front().is_some_and(|group| match &self.batch {
                None => true,
                Some(batch) => {
                    batch.count() + group.submissions.len() <= MAX_GROUP
                        && batch.bytes() + group.bytes <= MAX_GROUP_BYTES
                }
            });
            if fits {
                let group = queue.groups.pop_front().expect("there is a front");
                queue.count_out(&group);
                return Next::Group(group);
            }
            let free = !queue.flushing && queue.slot.is_none();
            if std::mem::take(&mut queue.frame_wanted) {
                return Next::Pause;
            }
            if free && let Some(mut batch) = self.batch.take() {
                if batch.is_written() {
                    self.last_had_entries = batch.count() > 0;
                }
                batch.root = self.growth.edge.root();
                queue.slot = Some(batch);
                shared.queue_moved.notify_all();
                continue;
            }
            if queue.closing && free && queue.groups.is_empty() && queue.verifying == 0 {
                queue.ended = true;
                shared.queue_moved.notify_all();
                return Next::End;
            }
            if free && self.last_had_entries && self.batch.is_none() {
                let waited = since.elapsed();
                if waited >= PAUSE {
                    return Next::Pause;
                }
                queue = shared
                    .queue_moved
                    .wait_timeout(queue, PAUSE - waited)
                    .expect("no holder panics")
                    .0;
            } else {
                queue = shared.queue_moved.wait(queue).expect("no holder panics");
            }
        }
    }

    /// max(clock, last): a clock that goes back does not turn the order of the log around.
    fn time(&mut self) -> i64 {
        let now = self.shared.config.clock.now();
        self.shared
            .behind
            .store(self.last_time.saturating_sub(now).max(0), Ordering::Relaxed);
        self.last_time = self.last_time.max(now);
        self.last_time
    }

    fn add(&mut self, group: Group) {
        let time = match &self.batch {
            Some(batch) => batch.time,
            None => self.time(),
        };
        if let Some(error) = stale(&group.submissions, time) {
            group.answer.send(Err(error)).ok();
            return;
        }
        let known = match self.shared.repetitions(&group.submissions) {
            Ok(known) => known,
            Err(error) => {
                group.answer.send(Err(error)).ok();
                return;
            }
        };
        let batch = self
            .batch
            .get_or_insert_with(|| Batch::new(&self.growth, time));
        let stamp = clock::stamp(time);
        let mut acknowledged = Vec::with_capacity(group.submissions.len());
        let mut bytes = Vec::new();
        let first = self.growth.edge.size();
        for (submission, known) in group.submissions.into_iter().zip(known) {
            // Within the group a key may come twice.
            let seen = known.or_else(|| {
                let (index, leaf) = self.shared.dedup.recent(submission.key.as_ref()?)?;
                (index >= first).then_some((index, leaf?))
            });
            if let Some((index, leaf)) = seen {
                acknowledged.push(Durable {
                    index,
                    recorded: time,
                    leaf,
                    duplicate: true,
                });
                continue;
            }
            let mut recorded = time;
            let entry: &[u8] = match &submission.entry {
                EntryBytes::Fixed(entry) => entry,
                EntryBytes::Signed {
                    note,
                    recorded: fixed,
                    ..
                } => {
                    recorded = *fixed;
                    note
                }
                EntryBytes::Stamped { prefix, suffix } => {
                    bytes.clear();
                    bytes.extend_from_slice(prefix);
                    bytes.extend_from_slice(&stamp);
                    bytes.extend_from_slice(suffix);
                    &bytes
                }
            };
            let index = self.growth.edge.size();
            tlog::bundle::push(&mut batch.entries, entry)
                .expect("lengths were checked when it was submitted");
            side::push(
                &mut batch.sides,
                submission.key.as_ref(),
                submission.body.as_deref(),
            );
            let in_frame = "a frame is far below 4 GiB";
            batch
                .entry_at
                .push(u32::try_from(batch.entries.len()).expect(in_frame));
            batch
                .side_at
                .push(u32::try_from(batch.sides.len()).expect(in_frame));
            let leaf = tlog::Sha256::leaf(entry);
            batch.leaves.push(leaf);
            self.growth.push(leaf, &mut batch.above);
            if let Some(key) = submission.key {
                self.shared.dedup.remember(key, index, leaf);
                batch.keys.push(key);
            }
            acknowledged.push(Durable {
                index,
                recorded,
                leaf,
                duplicate: false,
            });
        }
        batch.answers.push((group.answer, acknowledged));
    }

    /// Nothing of a refused batch was written, nor of the one that was being built on it.
    fn take_back(&mut self, batch: Box<Batch>, reason: String) {
        let error = AppendError::Refused { reason };
        self.growth = batch.before.clone();
        for refused in [Some(*batch), self.batch.take()].into_iter().flatten() {
            self.shared.dedup.forget(&refused.keys);
            refused.refuse(&error);
        }
    }
}

fn stale(submissions: &[Submission], now: i64) -> Option<AppendError> {
    submissions
        .iter()
        .enumerate()
        .find_map(|(at, s)| match &s.entry {
            EntryBytes::Signed { recorded, .. } => {
                let age = now.saturating_sub(*recorded) / 1_000_000;
                (age.abs() > SIGNING_WINDOW_S).then_some(AppendError::Stale {
                    at,
                    age,
                    window: SIGNING_WINDOW_S,
                })
            }
            _ => None,
        })
}

impl Shared {
    /// Where a key was taken in before, with the leaf there. What the index on disk says is compared with the record
    /// itself: a wrong index must not give a receipt for something that was never logged.
    fn find_key(&self, key: &[u8; 32]) -> Result<Option<(u64, Hash)>, ReadError> {
        let index = match self.dedup.recent(key) {
            Some((index, Some(leaf))) => return Ok(Some((index, leaf))),
            Some((index, None)) => Some(index),
            None => self.dedup.find(key, |index| {
                Ok::<_, ReadError>(self.key_at(index)?.as_ref() == Some(key))
            })?,
        };
        index
            .map(|index| Ok((index, tlog::Sha256::leaf(&self.entry(index)?))))
            .transpose()
    }

    /// The repetitions in a group, as far as they are known before it. Where a record cannot be read, a repetition must not
    /// be taken for new: its group is refused, others are not hindered.
    fn repetitions(&self, group: &[Submission]) -> Result<Vec<Option<(u64, Hash)>>, AppendError> {
        let known = group.iter().map(|submission| match &submission.key {
            Some(key) => self.find_key(key),
            None => Ok(None),
        });
        known.collect::<Result<_, _>>().map_err(|error| {
            tracing::error!(%error, "whether something is a repetition cannot be read");
            AppendError::Refused {
                reason: format!("whether it was taken in before cannot be read ({error})"),
            }
        })
    }
}
