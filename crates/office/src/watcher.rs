//! From the log to the rules: one task that hands every event to `watch` and, whether anything happens or not, the time.
//!
//! What it holds is derived, like the register: at a start it is made again from the log. What it finds broken while the
//! node runs becomes an event of the node itself (`sup.alert`), so that a finding cannot be lost or hidden. Events of sealed
//! records and of the node's own keeping never get here.
//!
//! A source system may say when it recorded an event itself (attribute `source_recorded`); rules on late recording (K10) then
//! look at that, since the node's own time would only show when the systems were joined.

mod taken;

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use law::Catalogue;
use law::rule::{Grade, Outcome, Template};
use ledger::{BodyState, Ledger};
use model::{
    Attr, Body, Entry, EventId, Header, Micros, OrganCode, RuleId, Said, SaidValue, Value,
};
use sha2::{Digest, Sha256};
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
/// Batches whose findings are on their way into the log while the next ones are judged.
const RECORDING: usize = 8;
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
    /// Held while the time is handed over and what comes of it is recorded: whoever asks for a heartbeat waits for one that
    /// runs already.
    ticking: tokio::sync::Mutex<()>,
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
    /// Turns of findings that the log already holds.
    pub(crate) recorded: HashSet<[u8; 32]>,
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
            recorded: HashSet::new(),
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
        Self {
            state: Mutex::new(State::new(catalogue, history)),
            next: watch::channel(0).0,
            judged: watch::channel(0).0,
            told: broadcast::channel(LAG).0,
            ticking: tokio::sync::Mutex::default(),
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

    /// Runs until `stop` says so.
    pub(crate) async fn run(inner: Arc<Inner>, mut stop: watch::Receiver<bool>) {
        let mut sizes = inner.ledger.sizes();
        resume(&inner).await;
        loop {
            if let Err(e) = catch_up(&inner, &stop).await {
                tracing::error!("the watch has stopped: {e}");
                inner.watcher.judged.send_replace(u64::MAX);
                return;
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
                inner.watcher.judged.send_replace(u64::MAX);
                save(&inner, true).await;
                return;
            }
        }
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
            inner.watcher.next.send_replace(next);
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
    // Nothing that was found is on its way into the log meanwhile.
    let _ticking = inner.watcher.ticking.lock().await;
    if !snapshot::is_due(&inner.watcher.lock(), ends) {
        return;
    }
    let inner = Arc::clone(inner);
    let saved = tokio::task::spawn_blocking(move || {
        let size = inner.watcher.lock().next;
        let root = inner.ledger.root(size).map_err(|e| e.to_string())?;
        let bytes = {
            let mut state = inner.watcher.lock();
            if state.next != size || !state.faithful {
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
/// before this does: nothing is on its way into the log when a snapshot is taken.
async fn catch_up(inner: &Arc<Inner>, stop: &watch::Receiver<bool>) -> Result<(), String> {
    let (found, waiting) = mpsc::channel(RECORDING);
    let recorder = tokio::spawn(record_all(Arc::clone(inner), waiting));
    let done = judge_all(inner, stop, found).await;
    recorder.await.map_err(|e| e.to_string())?;
    done
}

/// What was found in a batch, where it ends, and by which rules.
struct Judged {
    told: Vec<Arc<Told>>,
    end: u64,
    program: Arc<::watch::Program>,
}

/// Records what was found, batch after batch, and says how far that is.
async fn record_all(inner: Arc<Inner>, mut waiting: mpsc::Receiver<Judged>) {
    while let Some(judged) = waiting.recv().await {
        record(&inner, judged.told).await;
        // Other rules may have been adopted meanwhile: they are not so far.
        let state = inner.watcher.lock();
        if Arc::ptr_eq(state.engine.program(), &judged.program) {
            inner.watcher.next.send_replace(judged.end);
        }
    }
}

async fn judge_all(
    inner: &Arc<Inner>,
    stop: &watch::Receiver<bool>,
    found: mpsc::Sender<Judged>,
) -> Result<(), String> {
    let mut ticked = tokio::time::Instant::now();
    let mut ahead: Option<Reading> = None;
    loop {
        let (from, program) = {
            let state = inner.watcher.lock();
            (state.next, Arc::clone(state.engine.program()))
        };
        if from >= inner.ledger.size() || *stop.borrow() {
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
        let told = {
            let (inner, program) = (Arc::clone(inner), Arc::clone(&program));
            tokio::task::spawn_blocking(move || {
                hand_over(&inner, from, &program, &batch, &corrected)
            })
            .await
            .map_err(|e| e.to_string())?
        };
        let Some(told) = told else { continue };
        inner.watcher.judged.send_replace(end);
        // The receiver only ends with this sender.
        let _sent = found.send(Judged { told, end, program }).await;
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
    let _ticking = inner.watcher.ticking.lock().await;
    let ticked = {
        let inner = Arc::clone(inner);
        tokio::task::spawn_blocking(move || {
            let mut changes = Vec::new();
            let mut state = inner.watcher.lock();
            state.engine.tick(now, &mut changes);
            let live = state.next >= state.history;
            let mut told = tell(&inner, &mut state, &changes, live);
            told.retain(|t| t.record);
            told
        })
        .await
    };
    match ticked {
        Ok(told) => record(inner, told).await,
        Err(e) => tracing::error!("the heartbeat of the watch failed: {e}"),
    }
}

struct Read {
    index: u64,
    header: Header,
    /// What the rules hear of it, if they may and want to.
    taken: Option<Taken>,
    /// It came with an import.
    imported: bool,
    /// The turn of a finding that it records.
    alert: Option<[u8; 32]>,
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
                if activity == ALERT {
                    read.alert = key_of_alert(&said);
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

/// What is to be recorded; `None` if other rules were adopted meanwhile: then it begins anew.
fn hand_over(
    inner: &Inner,
    from: u64,
    program: &Arc<::watch::Program>,
    batch: &[Read],
    corrected: &[(EventId, Option<u64>)],
) -> Option<Vec<Arc<Told>>> {
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
            let _told = tell(inner, &mut state, &changes, live);
        }
        let Some(taken) = &entry.taken else { continue };
        if entry.imported {
            state.mark_imported(entry.index);
        }
        state.recorded.extend(entry.alert);
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
        told.extend(caused.into_iter().filter(|t| t.record));
    }
    Some(told)
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
        let finding = state.engine.finding(change);
        let told = Told {
            case: state.engine.named(change, "case").map(ToOwned::to_owned),
            organ: state.engine.organ(change).to_owned(),
            previous: change.previous.map(Outcome::name),
            clock: is_clock(state, change),
            record: is_recorded(state, change) && state.recorded.insert(key(&finding)),
            finding,
        };
        let told = Arc::new(told);
        if live && !waits(&told) {
            // Nobody listening is no fault.
            let _listeners = inner.watcher.told.send(Arc::clone(&told));
        }
        out.push(told);
    }
    out
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
    let breach = |o: Outcome| o == Outcome::Breached;
    let turned = breach(change.outcome()) != change.previous.is_some_and(breach);
    let imported = state.is_imported(state.engine.activation(change));
    // What is found because a body is gone is known from the entry that erased it; found again at a start it is not new.
    let erased = state.engine.is_erased(change);
    rule.grade != Grade::Blue && turned && !about_alerts && !imported && !erased
}

/// Puts what was found into the log, as events of the node itself. The same finding twice is one entry.
///
/// Many go together: one at a time, each would wait for a flush of its own and hold back the events behind it. A log that is
/// busy refuses a group as a whole, and it is offered again.
async fn record(inner: &Arc<Inner>, told: Vec<Arc<Told>>) {
    for group in told.chunks(TOGETHER) {
        let mut tries = 0;
        let drafts = || group.iter().map(|told| alert(inner, told)).collect();
        while let Err(e) = inner.append_all(drafts()).await {
            tries += 1;
            if !matches!(e, crate::Error::Busy { .. }) || tries == TRIES {
                let rule = group[0].finding.rule.as_str();
                tracing::error!(%rule, findings = group.len(), "findings were not recorded: {e}");
                inner.watcher.lock().faithful = false;
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

/// One turn of a finding: recorded once, however often the node finds it again.
fn key(finding: &::watch::Finding) -> [u8; 32] {
    let witness = finding.witness.as_ref().map(|w| w.position);
    turn(
        &finding.id,
        finding.outcome,
        finding.activation.position,
        witness,
    )
}

/// The same, as an alert in the log says it.
fn key_of_alert(said: &Said<'_>) -> Option<[u8; 32]> {
    let number = |key: &str| match said.value(key)? {
        SaidValue::Int(n) => u64::try_from(*n).ok(),
        _ => None,
    };
    Some(turn(
        said.text("finding")?,
        said.text("outcome")?,
        number("activation")?,
        number("witness"),
    ))
}

fn turn(id: &str, outcome: &str, activation: u64, witness: Option<u64>) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in [id, outcome] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.update(activation.to_be_bytes());
    hash.update(witness.map_or(0, |w| w + 1).to_be_bytes());
    hash.finalize().into()
}
