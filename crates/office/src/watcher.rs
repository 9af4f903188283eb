//! From the log to the rules: one task that hands every event to `watch` and, whether anything happens or not, the time.
//!
//! What it holds is derived, like the register: at a start it is made again from the log. What it finds broken while the
//! node runs becomes an event of the node itself (`sup.alert`), so that a finding cannot be lost or hidden. Events of sealed
//! records and of the node's own keeping never get here.
//!
//! **Told once** (`settle`): the alerts of a finding say in turn that it is broken and that it is no longer. While the log is
//! read again nothing is recorded, since the alert about an old event stands further on; at its end what stands is compared
//! with what the alerts said last, and only the difference is recorded. From then on each turn is, in the order in which it
//! was found: one queue, filled under the lock, one task that empties it.
//!
//! A source system may say when it recorded an event itself (attribute `source_recorded`); rules on late recording (K10) then
//! look at that, since the node's own time would only show when the systems were joined.

mod settle;
mod taken;

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use law::Catalogue;
use law::rule::{Grade, Outcome, Template};
use ledger::{BodyState, Ledger};
use model::{Attr, Body, Entry, EventId, Header, Micros, OrganCode, RuleId, Said, Value};
use settle::Alert;
pub(crate) use settle::{FindingId, is_own_alert};
pub(crate) use taken::Taken;
use tokio::sync::{broadcast, mpsc, watch};

use crate::append::Draft;
use crate::finding::Told;
use crate::node::Inner;
use crate::pack::PackFiles;
use crate::review::{self, Desk};
use crate::snapshot::{self, Unused};

/// Events handed over at once.
const BATCH: usize = 4_096;
const BATCH_BYTES: usize = 8 * 1024 * 1024;
/// The heartbeat: two make the tick of a minute at most two minutes late.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// Findings that become durable together.
const TOGETHER: usize = 256;
/// Batches whose findings may be on their way into the log while the next ones are judged.
const RECORDING: u64 = 8;
/// A log that is busy is asked again after so long, and so many times.
const AGAIN: Duration = Duration::from_millis(20);
const TRIES: u32 = 500;
/// Events that are no older than this were recorded just now.
const LATELY: i64 = 60_000_000;
/// What a finding is in the log.
pub(crate) const ALERT: &str = "sup.alert";
/// Proposed packs that are kept until somebody adopts one.
const PROPOSED: usize = 8;
/// What the last events caused: so many are kept for who posted them.
const CAUSED: usize = 20_000;
/// Findings that a slow listener may lag behind.
const LAG: usize = 1_024;

/// The rules over this node's log.
pub(crate) struct Watcher {
    state: Mutex<State>,
    next: watch::Sender<u64>,
    /// Entries below this one were judged, what was found in them recorded or not; the end of all when nothing is any more.
    judged: watch::Sender<u64>,
    told: broadcast::Sender<Arc<Told>>,
    /// What was found, on its way into the log; filled under the lock of the state.
    found: mpsc::UnboundedSender<Found>,
    /// The other end, until the task that empties it begins.
    to_record: Mutex<Option<mpsc::UnboundedReceiver<Found>>>,
    /// How much was ever put into the queue; counted under the lock of the state.
    queued: AtomicU64,
    /// How much of it is in the log.
    recorded: watch::Sender<u64>,
    /// There is something to do before the next heartbeat.
    wake: tokio::sync::Notify,
    /// Packs whose difference was shown, by their hash, the newest last.
    proposed: Mutex<VecDeque<(String, PackFiles)>>,
    /// Held while somebody decides on a proposed step: one decision after the other.
    pub(crate) deciding: tokio::sync::Mutex<()>,
}

/// What is behind the lock.
pub(crate) struct State {
    pub(crate) catalogue: Arc<Catalogue>,
    pub(crate) engine: ::watch::Engine,
    /// Steps that were proposed, and what became of them.
    pub(crate) desk: Desk,
    /// Entries below this one were handed over.
    pub(crate) next: u64,
    /// Entries below this one were there before these rules began: what they cause is no news to a listener.
    history: u64,
    /// What came with an import, a bit an entry: history is told, and not recorded as if the node had watched it.
    pub(crate) imported: Vec<u64>,
    /// Findings of which an alert said last that they are broken, with the entry that said so.
    pub(crate) red: HashMap<FindingId, u64>,
    /// What stands was compared with what the alerts say: from now on each turn is recorded.
    pub(crate) settled: bool,
    /// Entries about proposed steps.
    pub(crate) on_desk: Vec<u64>,
    /// Entries below this one are in the snapshot.
    pub(crate) saved: u64,
    /// Everything here can be made again from the log as it is now: no body was erased since it was read, and everything
    /// found is recorded. Only then it may be written down.
    pub(crate) faithful: bool,
    /// What the last events caused, by their index: for who posted them and asks at once.
    caused: VecDeque<(u64, Arc<Told>)>,
}

impl State {
    fn new(catalogue: Arc<Catalogue>, history: u64) -> Self {
        let program = ::watch::Program::new(&catalogue, calendar::Calendar::china());
        Self {
            catalogue,
            engine: ::watch::Engine::new(Arc::new(program)),
            desk: Desk::default(),
            next: 0,
            history,
            imported: Vec::new(),
            red: HashMap::new(),
            settled: false,
            on_desk: Vec::new(),
            saved: 0,
            faithful: true,
            caused: VecDeque::new(),
        }
    }

    /// What an event caused, as far back as that is kept.
    pub(crate) fn caused(&self, index: u64) -> impl Iterator<Item = &Arc<Told>> {
        let from = self.caused.partition_point(|(i, _)| *i < index);
        let same = self
            .caused
            .range(from..)
            .take_while(move |(i, _)| *i == index);
        same.map(|(_, told)| told)
    }

    fn is_imported(&self, index: u64) -> bool {
        let word = self.imported.get((index / 64) as usize);
        word.is_some_and(|w| w >> (index % 64) & 1 == 1)
    }

    fn mark_imported(&mut self, index: u64) {
        let at = (index / 64) as usize;
        if self.imported.len() <= at {
            self.imported.resize(at + 1, 0);
        }
        self.imported[at] |= 1 << (index % 64);
    }
}

impl Watcher {
    /// `history` is how many entries the log has.
    pub(crate) fn new(catalogue: Arc<Catalogue>, history: u64) -> Self {
        let (found, to_record) = mpsc::unbounded_channel();
        Self {
            state: Mutex::new(State::new(catalogue, history)),
            next: watch::channel(0).0,
            judged: watch::channel(0).0,
            told: broadcast::channel(LAG).0,
            found,
            to_record: Mutex::new(Some(to_record)),
            queued: AtomicU64::new(0),
            recorded: watch::channel(0).0,
            wake: tokio::sync::Notify::new(),
            proposed: Mutex::default(),
            deciding: tokio::sync::Mutex::default(),
        }
    }

    /// The state; never held over an await.
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a pack whose difference was shown.
    pub(crate) fn propose(&self, hash: String, files: PackFiles) {
        let mut proposed = self.proposed.lock().unwrap_or_else(PoisonError::into_inner);
        proposed.retain(|(h, _)| *h != hash);
        proposed.push_back((hash, files));
        while proposed.len() > PROPOSED {
            proposed.pop_front();
        }
    }

    /// The pack of that hash, if its difference was shown lately.
    pub(crate) fn proposed(&self, hash: &str) -> Option<PackFiles> {
        let proposed = self.proposed.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all = proposed.iter();
        all.find(|(h, _)| h == hash).map(|(_, files)| files.clone())
    }

    /// What is found from now on.
    pub(crate) fn listen(&self) -> broadcast::Receiver<Arc<Told>> {
        self.told.subscribe()
    }

    /// Waits until entries below `size` were handed over.
    pub(crate) async fn reach(&self, size: u64) {
        let mut next = self.next.subscribe();
        // It only ends with the node, and then nobody waits.
        let _ended = next.wait_for(|n| *n >= size).await;
    }

    /// How far judging is: for who lets it go first.
    pub(crate) fn judged(&self) -> watch::Receiver<u64> {
        self.judged.subscribe()
    }

    /// Begins anew with other rules, from the first entry.
    pub(crate) fn adopt(&self, catalogue: Arc<Catalogue>, history: u64) {
        let mut state = self.lock();
        *state = State::new(catalogue, history);
        self.next.send_replace(0);
        self.judged.send_replace(0);
        self.wake.notify_one();
    }

    /// Puts what was found into the queue; the number of that. For whoever holds the lock of the state.
    fn enqueue(&self, found: Found) -> u64 {
        // Nobody empties it any more when the node ends; the next start finds the same.
        let _ends = self.found.send(found);
        self.queued.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Waits until so much of the queue is in the log.
    async fn recorded(&self, upto: u64) {
        let mut recorded = self.recorded.subscribe();
        // It only ends with the node, and then nobody waits.
        let _ended = recorded.wait_for(|n| *n >= upto).await;
    }

    /// Waits until all that was found before is in the log.
    async fn drained(&self) {
        let queued = {
            let _state = self.lock();
            self.queued.load(Ordering::Relaxed)
        };
        self.recorded(queued).await;
    }

    /// Whether nothing that was found is on its way into the log. For whoever holds the lock of the state.
    fn is_drained(&self) -> bool {
        *self.recorded.borrow() >= self.queued.load(Ordering::Relaxed)
    }

    /// Runs until `stop` says so.
    pub(crate) async fn run(inner: Arc<Inner>, mut stop: watch::Receiver<bool>) {
        let mut sizes = inner.ledger.sizes();
        let to_record = inner.watcher.to_record.lock();
        let to_record = to_record.unwrap_or_else(PoisonError::into_inner).take();
        let recorder = to_record.map(|queue| tokio::spawn(record_all(Arc::clone(&inner), queue)));
        resume(&inner).await;
        loop {
            let done = match settle::settle(&inner, &stop).await {
                Ok(()) => catch_up(&inner, &stop, None).await,
                failed => failed,
            };
            if let Err(e) = done {
                tracing::error!("the watch has stopped: {e}");
                break;
            }
            tick(&inner).await;
            save(&inner, false).await;
            let ends = tokio::select! {
                changed = sizes.changed() => changed.is_err(),
                () = inner.watcher.wake.notified() => false,
                () = tokio::time::sleep(HEARTBEAT) => false,
                stopped = stop.wait_for(|s| *s) => {
                    drop(stopped);
                    true
                }
            };
            if ends {
                save(&inner, true).await;
                break;
            }
        }
        inner.watcher.judged.send_replace(u64::MAX);
        inner.watcher.drained().await;
        if let Some(recorder) = recorder {
            recorder.abort();
        }
        // Whoever still asks for a heartbeat does not wait for ever.
        inner.watcher.recorded.send_replace(u64::MAX);
    }
}

/// Begins where the snapshot ends, if there is one that can be used.
async fn resume(inner: &Arc<Inner>) {
    let loaded = {
        let inner = Arc::clone(inner);
        tokio::task::spawn_blocking(move || {
            // Pages wait for the lock: it is not held while this takes its seconds.
            let (catalogue, history) = {
                let state = inner.watcher.lock();
                (Arc::clone(&state.catalogue), state.history)
            };
            let mut made = State::new(catalogue, history);
            snapshot::load(&inner.dir, &inner.ledger, &mut made)?;
            let mut state = inner.watcher.lock();
            if state.next == 0 && Arc::ptr_eq(&state.catalogue, &made.catalogue) {
                *state = made;
            }
            Ok::<_, Unused>(state.next)
        })
        .await
    };
    match loaded {
        Ok(Ok(next)) => {
            inner.watcher.judged.send_replace(next);
            tracing::info!(entries = next, "the watch goes on from its snapshot");
        }
        Ok(Err(Unused::None)) => {}
        Ok(Err(why)) => tracing::warn!("the snapshot of the watch is not used: {why}"),
        Err(e) => tracing::error!("loading the snapshot of the watch failed: {e}"),
    }
}

/// Writes a snapshot when there is much that the last one does not hold.
async fn save(inner: &Arc<Inner>, ends: bool) {
    inner.watcher.drained().await;
    if !snapshot::is_due(&inner.watcher.lock(), ends) {
        return;
    }
    let inner = Arc::clone(inner);
    let saved = tokio::task::spawn_blocking(move || {
        let size = inner.watcher.lock().next;
        let root = inner.ledger.root(size).map_err(|e| e.to_string())?;
        let bytes = {
            let mut state = inner.watcher.lock();
            // What a heartbeat found meanwhile is on its way into the log: another time.
            if state.next != size || !state.faithful || !inner.watcher.is_drained() {
                return Ok(());
            }
            let Some(bytes) = snapshot::bytes(&state, &root) else {
                state.faithful = false;
                return Ok(());
            };
            state.saved = size;
            bytes
        };
        snapshot::write(&inner.dir, &bytes).map_err(|e| e.to_string())
    });
    match saved.await {
        Ok(Ok(())) => {}
        Ok(Err(e)) => tracing::error!("the snapshot of the watch was not written: {e}"),
        Err(e) => tracing::error!("writing the snapshot of the watch failed: {e}"),
    }
}

/// Hands over everything that is durable now.
///
/// Where events come without an end, the time is given between them: clocks must not wait for a pause. It is the time of the
/// newest event that was handed over, since of what was recorded later nothing is known yet.
///
/// Three things go on at once: the next batch is read, one is judged, and what was found before becomes durable. The last ends
/// before this does. While the log is read again it goes to the entry `until`, and nothing is recorded; else it ends where other
/// rules were adopted.
async fn catch_up(
    inner: &Arc<Inner>,
    stop: &watch::Receiver<bool>,
    until: Option<u64>,
) -> Result<(), String> {
    let done = judge_all(inner, stop, until).await;
    inner.watcher.drained().await;
    done
}

/// What was found, on its way into the log.
struct Found {
    told: Vec<Arc<Told>>,
    /// When it is recorded, so are all findings of entries below this one.
    end: u64,
    program: Arc<::watch::Program>,
}

/// Records what was found, one after the other, and says how far that is.
async fn record_all(inner: Arc<Inner>, mut queue: mpsc::UnboundedReceiver<Found>) {
    while let Some(found) = queue.recv().await {
        record(&inner, &found.told).await;
        {
            // Other rules may have been adopted meanwhile: they are not so far.
            let state = inner.watcher.lock();
            if Arc::ptr_eq(state.engine.program(), &found.program) {
                inner.watcher.next.send_replace(found.end);
            }
        }
        inner.watcher.recorded.send_modify(|n| *n += 1);
    }
}

async fn judge_all(
    inner: &Arc<Inner>,
    stop: &watch::Receiver<bool>,
    until: Option<u64>,
) -> Result<(), String> {
    let mut ticked = tokio::time::Instant::now();
    let mut ahead: Option<Reading> = None;
    loop {
        let (from, settled, program) = {
            let state = inner.watcher.lock();
            (
                state.next,
                state.settled,
                Arc::clone(state.engine.program()),
            )
        };
        let upto = until.unwrap_or_else(|| inner.ledger.size());
        if from >= upto || *stop.borrow() || until.is_none() && !settled {
            return Ok(());
        }
        let fits = |r: &Reading| r.from == from && Arc::ptr_eq(&r.program, &program);
        let reading = ahead.take().filter(fits);
        let reading = reading.unwrap_or_else(|| Reading::begin(inner, from, &program));
        let batch = reading.batch.await.map_err(|e| e.to_string())??;
        let Some(last) = batch.last() else {
            return Ok(());
        };
        let (end, newest) = (last.index + 1, last.header.recorded.get());
        if end < inner.ledger.size() {
            ahead = Some(Reading::begin(inner, end, &program));
        }
        let corrected = match corrected(inner, &batch).await {
            // The register stops when the node does.
            Err(_) if *stop.borrow() => return Ok(()),
            corrected => corrected?,
        };
        let queued = {
            let inner = Arc::clone(inner);
            tokio::task::spawn_blocking(move || {
                hand_over(&inner, from, &program, &batch, &corrected)
            })
            .await
            .map_err(|e| e.to_string())?
        };
        let Some(queued) = queued else { continue };
        inner.watcher.judged.send_replace(end);
        // What waits to be recorded takes memory: it is not let grow without an end.
        let waits = queued.saturating_sub(RECORDING);
        inner.watcher.recorded(waits).await;
        if inner.now().get() - newest < LATELY && ticked.elapsed() > HEARTBEAT {
            tick_at(inner, newest).await;
            ticked = tokio::time::Instant::now();
        }
    }
}

/// A batch that is being read on another thread.
struct Reading {
    from: u64,
    program: Arc<::watch::Program>,
    batch: tokio::task::JoinHandle<Result<Vec<Read>, String>>,
}

impl Reading {
    fn begin(inner: &Inner, from: u64, program: &Arc<::watch::Program>) -> Self {
        let (ledger, own) = (inner.ledger.clone(), Arc::clone(program));
        Self {
            from,
            program: Arc::clone(program),
            batch: tokio::task::spawn_blocking(move || read(&ledger, from, Some(&own))),
        }
    }
}

/// Events that entries of this batch correct, with their places.
async fn corrected(inner: &Inner, batch: &[Read]) -> Result<Vec<(EventId, Option<u64>)>, String> {
    let mut corrected = Vec::new();
    for entry in batch {
        let Some(id) = entry.header.correction_of else {
            continue;
        };
        let find = async || inner.register.event(id).await.map_err(|e| e.to_string());
        let mut row = find().await?;
        if row.is_none() && inner.applied() < entry.index {
            // The register goes behind the rules.
            let there = inner.position.reach(entry.index).await;
            there.map_err(|e| e.to_string())?;
            row = find().await?;
        }
        corrected.push((id, row.map(|r| r.index)));
    }
    Ok(corrected)
}

/// Gives the time to the rules.
pub(crate) async fn tick(inner: &Arc<Inner>) {
    tick_at(inner, inner.now().get()).await;
}

async fn tick_at(inner: &Arc<Inner>, now: i64) {
    let ticked = {
        let inner = Arc::clone(inner);
        tokio::task::spawn_blocking(move || {
            let mut changes = Vec::new();
            let mut state = inner.watcher.lock();
            state.engine.tick(now, &mut changes);
            let live = state.next >= state.history;
            let told = tell(&inner, &mut state, &changes, live);
            queue(&inner, &state, told);
        })
        .await
    };
    if let Err(e) = ticked {
        tracing::error!("the heartbeat of the watch failed: {e}");
    }
    // Also what another heartbeat found that runs already.
    inner.watcher.drained().await;
}

struct Read {
    index: u64,
    header: Header,
    /// What the rules hear of it, if they may and want to.
    taken: Option<Taken>,
    /// It came with an import.
    imported: bool,
    /// What it says of a finding, if it is an alert of this node.
    alert: Option<Alert>,
    /// Its body, where more of it is wanted than the rules hear.
    body: Option<Body>,
}

impl Read {
    /// Index of the entry whose body this one says is erased.
    fn erases(&self) -> Option<u64> {
        if self.header.activity.as_str() != register::activity::ERASE {
            return None;
        }
        let index = self.body.as_ref()?.text("index")?.parse().ok()?;
        (index < self.index).then_some(index)
    }
}

/// The next batch, as far as these rules know its events; without rules, all that rules may see.
fn read(
    ledger: &Ledger,
    from: u64,
    program: Option<&::watch::Program>,
) -> Result<Vec<Read>, String> {
    let records = ledger
        .read(from, BATCH, BATCH_BYTES)
        .map_err(|e| e.to_string())?;
    parsed(records, program)
}

fn parsed(
    records: Vec<ledger::Record>,
    program: Option<&::watch::Program>,
) -> Result<Vec<Read>, String> {
    let mut batch = Vec::with_capacity(records.len());
    for record in records {
        let at = |e: &dyn std::fmt::Display| format!("entry {}: {e}", record.index);
        let header = Entry::parse(&record.entry).map_err(|e| at(&e))?.header;
        let mut read = Read {
            index: record.index,
            header,
            taken: None,
            imported: false,
            alert: None,
            body: None,
        };
        let header = &read.header;
        let activity = header.activity.as_str();
        // Events of an imported log that no pack knows stay in the log and the register; here they would only take memory.
        let wanted = concerns_rules(header)
            && (header.correction_of.is_some() || program.is_none_or(|p| p.knows(activity)));
        if let (BodyState::Present(bytes), Some(commitment)) = (&record.body, &header.body) {
            if review::concerns(header) || activity == register::activity::ERASE {
                read.body = Some(Body::open(bytes, commitment).map_err(|e| at(&e))?);
            }
            if wanted {
                let said = Said::open(bytes, commitment).map_err(|e| at(&e))?;
                read.imported = said.imported;
                if is_own_alert(header, said.imported) {
                    read.alert = Alert::said(header, &said);
                }
                read.taken = Some(Taken::said(header, Some(&said)));
            }
        } else if wanted {
            read.taken = Some(match record.body {
                BodyState::Erased => Taken::erased(header),
                _ => Taken::said(header, None),
            });
        }
        batch.push(read);
    }
    Ok(batch)
}

/// Puts an entry about a proposed step on a desk.
pub(crate) fn on_desk(ledger: &Ledger, index: u64, desk: &mut Desk) -> Result<(), String> {
    let records = ledger.read(index, 1, usize::MAX);
    let batch = parsed(records.map_err(|e| e.to_string())?, None)?;
    for entry in &batch {
        if let Some(body) = &entry.body {
            desk.take(entry.index, &entry.header, body);
        }
    }
    Ok(())
}

/// Hands every event below `size` that rules may see to `take`, in the order of the log.
pub(crate) fn replay(
    ledger: &Ledger,
    size: u64,
    mut take: impl FnMut(&::watch::Event<'_>),
) -> Result<(), String> {
    let mut positions: HashMap<EventId, u64> = HashMap::new();
    let mut next = 0;
    while next < size {
        let batch = read(ledger, next, None)?;
        let Some(last) = batch.last() else { break };
        next = last.index + 1;
        for entry in batch.iter().filter(|e| e.index < size) {
            let Some(taken) = &entry.taken else { continue };
            positions.insert(entry.header.id, entry.index);
            let root = entry.header.correction_of;
            let root = root.and_then(|id| positions.get(&id).copied());
            taken.event(entry.index, root, &mut take);
        }
    }
    Ok(())
}

/// Whether rules may see an event at all.
fn concerns_rules(header: &Header) -> bool {
    let activity = header.activity.as_str();
    !activity.starts_with("lh.") && !activity.starts_with("itf.")
}

/// Puts what is to be recorded into the queue; its number there. `None` if other rules were adopted meanwhile: then it begins
/// anew.
fn hand_over(
    inner: &Inner,
    from: u64,
    program: &Arc<::watch::Program>,
    batch: &[Read],
    corrected: &[(EventId, Option<u64>)],
) -> Option<u64> {
    let mut state = inner.watcher.lock();
    if state.next != from || !Arc::ptr_eq(state.engine.program(), program) {
        return None;
    }
    let mut told = Vec::new();
    let mut changes = Vec::new();
    for entry in batch {
        state.next = entry.index + 1;
        let live = entry.index >= state.history;
        if review::concerns(&entry.header)
            && let Some(body) = &entry.body
        {
            state.desk.take(entry.index, &entry.header, body);
            state.on_desk.push(entry.index);
        }
        if let Some(gone) = entry.erases() {
            changes.clear();
            state.engine.erase(gone, &mut changes);
            state.faithful = false;
            if let Err(e) = snapshot::remove(&inner.dir) {
                tracing::error!("the snapshot of the watch was not removed: {e}");
            }
            // Listeners are told; the log says already why.
            let settled = std::mem::replace(&mut state.settled, false);
            tell(inner, &mut state, &changes, live);
            state.settled = settled;
        }
        let Some(taken) = &entry.taken else { continue };
        if entry.imported {
            state.mark_imported(entry.index);
        }
        if let Some(alert) = &entry.alert {
            state.read_alert(entry.index, alert);
        }
        let root = entry.header.correction_of.and_then(|id| {
            let found = corrected.iter().find(|(c, _)| *c == id);
            found.and_then(|(_, index)| *index)
        });
        changes.clear();
        taken.event(entry.index, root, |event| {
            state.engine.apply(event, &mut changes);
        });
        let caused = tell(inner, &mut state, &changes, live);
        for one in &caused {
            state.caused.push_back((entry.index, Arc::clone(one)));
        }
        while state.caused.len() > CAUSED {
            state.caused.pop_front();
        }
        told.extend(caused);
    }
    Some(queue(inner, &state, told))
}

/// Puts what is to be recorded into the queue; its number there.
fn queue(inner: &Inner, state: &State, mut told: Vec<Arc<Told>>) -> u64 {
    told.retain(|t| t.record);
    // While the log is read again what it shows is not recorded yet, so nobody may think that the rules were so far.
    let end = if state.settled { state.next } else { 0 };
    if told.is_empty() && end <= *inner.watcher.next.borrow() {
        return inner.watcher.queued.load(Ordering::Relaxed);
    }
    inner.watcher.enqueue(Found {
        told,
        end,
        program: Arc::clone(state.engine.program()),
    })
}

/// What of the changes is to be told; listeners are told at once, if it is news.
fn tell(
    inner: &Inner,
    state: &mut State,
    changes: &[::watch::Change],
    live: bool,
) -> Vec<Arc<Told>> {
    let mut out = Vec::new();
    for change in changes.iter().filter(|c| is_told(c)) {
        let mut told = told(state, change);
        told.record = state.settled && is_recorded(state, change) && state.turns(&mut told);
        let told = Arc::new(told);
        if live {
            announce(inner, &told);
        }
        out.push(told);
    }
    out
}

fn told(state: &State, change: &::watch::Change) -> Told {
    Told {
        case: state.engine.named(change, "case").map(ToOwned::to_owned),
        organ: state.engine.organ(change).to_owned(),
        previous: change.previous.map(Outcome::name),
        clock: is_clock(state, change),
        record: false,
        said_by: None,
        finding: state.engine.finding(change),
    }
}

fn announce(inner: &Inner, told: &Arc<Told>) {
    if !waits(told) {
        // Nobody listening is no fault.
        let _listeners = inner.watcher.told.send(Arc::clone(told));
    }
}

/// Broken, about to be, or no longer so; and clocks whose due time moved.
fn is_told(change: &::watch::Change) -> bool {
    let open = |o: Outcome| matches!(o, Outcome::Pending | Outcome::AtRisk | Outcome::Suspended);
    // A change between two open states is one of the due time.
    if open(change.outcome()) && change.previous.is_some_and(open) {
        return true;
    }
    let matters = |o: Outcome| {
        matches!(
            o,
            Outcome::Breached | Outcome::AtRisk | Outcome::SatisfiedRecordedLate | Outcome::Excused
        )
    };
    matters(change.outcome()) || change.previous.is_some_and(matters)
}

/// Whether the rule has a limit that runs out.
fn is_clock(state: &State, change: &::watch::Change) -> bool {
    match &state.engine.program().rule(change.rule).template {
        Template::Response(response) => !response.bounds.is_empty(),
        Template::Covered { .. } => true,
        _ => false,
    }
}

/// What came before may still be recorded, or was: nothing is told of that unless it turns red.
fn waits(told: &Told) -> bool {
    let settled = told.finding.outcome != Outcome::Breached.name();
    let waited = told.previous == Some(Outcome::AtRisk.name());
    settled && (told.finding.recordable.is_some() || !told.clock && waited)
}

/// Breaches of the law and their being taken back; not what is only advice, and not an alert about alerts.
fn is_recorded(state: &State, change: &::watch::Change) -> bool {
    let rule = state.engine.program().rule(change.rule);
    let about_alerts = (rule.activation.any.iter()).any(|a| a.as_str().starts_with("sup."));
    let imported = state.is_imported(state.engine.activation(change));
    // What is found because a body is gone is known from the entry that erased it; found again at a start it is not new.
    let erased = state.engine.is_erased(change);
    rule.grade != Grade::Blue && !about_alerts && !imported && !erased
}

/// Puts what was found into the log, as events of the node itself.
///
/// Many go together: one at a time, each would wait for a flush of its own and hold back the events behind it. A log that is
/// busy refuses a group as a whole, and it is offered again. What it will not take at all is compared with it again later.
async fn record(inner: &Arc<Inner>, told: &[Arc<Told>]) {
    for group in told.chunks(TOGETHER) {
        let mut tries = 0;
        let drafts = || group.iter().map(|told| alert(inner, told)).collect();
        while let Err(e) = inner.append_all(drafts()).await {
            tries += 1;
            if !matches!(e, crate::Error::Busy { .. }) || tries == TRIES {
                let rule = group[0].finding.rule.as_str();
                tracing::error!(%rule, findings = group.len(), "findings were not recorded: {e}");
                inner.watcher.lock().not_recorded(group);
                break;
            }
            tokio::time::sleep(AGAIN).await;
        }
    }
}

fn alert(inner: &Inner, told: &Told) -> Draft {
    let finding = &told.finding;
    let organ = OrganCode::new(told.organ.clone()).unwrap_or_else(|_| inner.info.organ.clone());
    let mut draft = Draft::new(ALERT, inner.now(), organ);
    for (object_type, id) in told
        .case
        .iter()
        .map(|id| ("case", id))
        .chain([(finding.object.0.as_str(), &finding.object.1)])
    {
        let (Ok(object_type), Ok(id)) = (model::ObjectType::new(object_type), id.parse()) else {
            continue;
        };
        let object = model::ObjectRef {
            object_type,
            id,
            qualifier: None,
        };
        if !draft.objects.contains(&object) {
            draft.objects.push(object);
        }
    }
    draft.basis = RuleId::new(finding.rule.clone()).into_iter().collect();
    let mut body = crate::append::body();
    body.attrs = vec![
        Attr::text("rule", finding.rule.clone()),
        Attr::text("finding", finding.id.clone()),
        Attr::text("outcome", finding.outcome),
        Attr::text("grade", finding.grade),
        Attr::new("activation", whole(finding.activation.position)),
    ];
    if let Some(witness) = &finding.witness {
        let position = whole(witness.position);
        body.attrs.push(Attr::new("witness", position));
    }
    let due = finding.due.and_then(|t| Micros::new(t).ok());
    body.attrs
        .extend(due.map(|due| Attr::text("due", due.to_string())));
    body.attrs
        .push(Attr::text("sentence_en", finding.sentence.en.clone()));
    body.words = Some(finding.sentence.zh.clone());
    draft.body(body)
}

fn whole(position: u64) -> Value {
    Value::Int(i64::try_from(position).unwrap_or(i64::MAX))
}
