//! Telling each finding once: what the alerts of the log said last, against what stands now.
//!
//! The alerts of a finding take turns: broken, no longer broken, broken again. While a log is read again they stand behind the
//! events that caused them, some are missing because the node was killed before they were durable, and time went on meanwhile
//! without anybody looking. So nothing is recorded then; at the end what stands is compared with what was said, and the
//! difference is recorded. Whatever became of a finding in between, once, is what it is now.
//!
//! Only alerts of this node count. Other systems may send alerts of their own; none of those keeps a finding silent.

use std::sync::Arc;

use law::rule::Outcome;
use ledger::Ledger;
use model::{Header, Said, SaidValue};
use tokio::sync::watch;

use super::{ALERT, State, announce, catch_up, is_recorded, parsed, queue, tell, told};
use crate::finding::Told;
use crate::node::Inner;

/// A finding's id, as bytes.
pub(crate) type FindingId = [u8; 16];

/// The alert is on its way into the log, or was not read yet.
pub(super) const ON_ITS_WAY: u64 = u64::MAX;

/// What an alert of this node says.
pub(super) struct Alert {
    id: FindingId,
    breached: bool,
    rule: String,
    activation: u64,
    /// Type and pseudonym of what the finding is about: the last that the entry names.
    object: Option<(String, String)>,
}

impl Alert {
    pub(super) fn said(header: &Header, said: &Said<'_>) -> Option<Self> {
        let activation = match said.value("activation")? {
            SaidValue::Int(n) => u64::try_from(*n).ok()?,
            _ => return None,
        };
        let object = header.objects.last();
        Some(Self {
            id: id_of(said.text("finding")?)?,
            breached: said.text("outcome")? == Outcome::Breached.name(),
            rule: said.text("rule")?.to_owned(),
            activation,
            object: object.map(|o| (o.object_type.to_string(), o.id.to_string())),
        })
    }
}

/// Whether this node itself says it. Whoever else sends or imports an alert is named as who acted, or as its source.
pub(crate) fn is_own_alert(header: &Header, imported: bool) -> bool {
    header.activity.as_str() == ALERT && header.actor.is_empty() && !imported
}

fn id_of(hex: &str) -> Option<FindingId> {
    let mut id = FindingId::default();
    if hex.len() != 2 * id.len() || !hex.is_ascii() {
        return None;
    }
    for (n, byte) in id.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&hex[2 * n..2 * n + 2], 16).ok()?;
    }
    Some(id)
}

impl State {
    /// Notes what an alert says that is read at `index`.
    pub(super) fn read_alert(&mut self, index: u64, alert: &Alert) {
        if self.settled {
            // What it says was noted when it was found, and more may have been since.
            if let Some(at) = self.red.get_mut(&alert.id)
                && alert.breached
            {
                *at = index;
            }
        } else if alert.breached {
            self.red.insert(alert.id, index);
        } else {
            self.red.remove(&alert.id);
        }
    }

    /// Whether the alerts of a finding say something else than it does; from now on they say the same.
    pub(super) fn turns(&mut self, told: &mut Told) -> bool {
        let Some(id) = id_of(&told.finding.id) else {
            return false;
        };
        if told.finding.outcome == Outcome::Breached.name() {
            return match self.red.entry(id) {
                std::collections::hash_map::Entry::Occupied(_) => false,
                std::collections::hash_map::Entry::Vacant(place) => {
                    place.insert(ON_ITS_WAY);
                    true
                }
            };
        }
        told.said_by = self.red.remove(&id);
        told.said_by.is_some()
    }

    /// These were not recorded: it is to be compared again.
    pub(super) fn not_recorded(&mut self, group: &[Arc<Told>]) {
        self.settled = false;
        for told in group.iter().rev() {
            let Some(id) = id_of(&told.finding.id) else {
                continue;
            };
            match told.said_by {
                Some(index) => self.red.insert(id, index),
                None => self.red.remove(&id),
            };
        }
    }
}

/// Reads the log as far as it goes, gives the time, and records what the alerts of the log do not say yet. Does nothing where
/// that was done.
pub(super) async fn settle(inner: &Arc<Inner>, stop: &watch::Receiver<bool>) -> Result<(), String> {
    if inner.watcher.lock().settled {
        return Ok(());
    }
    // What was found before, by other rules too, is in the log when it is asked what its alerts say.
    inner.watcher.drained().await;
    let upto = inner.ledger.size();
    catch_up(inner, stop, Some(upto)).await?;
    let own = Arc::clone(inner);
    let compared = tokio::task::spawn_blocking(move || compare(&own, upto));
    compared.await.map_err(|e| e.to_string())??;
    inner.watcher.drained().await;
    Ok(())
}

fn compare(inner: &Inner, upto: u64) -> Result<(), String> {
    let (program, cleared) = {
        let mut state = inner.watcher.lock();
        // The node ends, or other rules were adopted: they begin anew.
        if state.next < upto || state.settled {
            return Ok(());
        }
        let mut changes = Vec::new();
        state.engine.tick(inner.now().get(), &mut changes);
        tell(inner, &mut state, &changes, true);
        let red: std::collections::HashSet<FindingId> = broken(&state).map(|(id, _)| id).collect();
        let cleared: Vec<(FindingId, u64)> = (state.red.iter())
            .filter(|(id, _)| !red.contains(*id))
            .map(|(id, index)| (*id, *index))
            .collect();
        (Arc::clone(state.engine.program()), cleared)
    };
    // Pages wait for the lock: it is not held while the log is read.
    let mut said = Vec::with_capacity(cleared.len());
    for (id, index) in cleared {
        said.extend(said_at(&inner.ledger, index)?.filter(|alert| alert.id == id));
    }
    let mut state = inner.watcher.lock();
    if state.next < upto || !Arc::ptr_eq(state.engine.program(), &program) {
        return Ok(());
    }
    let mut turned = Vec::new();
    for (id, change) in broken(&state) {
        if !state.red.contains_key(&id) {
            turned.push(change);
        }
    }
    for alert in said {
        let Some((type_, object)) = &alert.object else {
            continue;
        };
        for mut change in state
            .engine
            .told_before(&alert.rule, (type_, object), alert.activation)
        {
            change.previous = Some(Outcome::Breached);
            if change.outcome() != Outcome::Breached
                && is_recorded(&state, &change)
                && id_of(&state.engine.finding_id(&change)) == Some(alert.id)
            {
                turned.push(change);
            }
        }
    }
    // One order for one log.
    turned.sort_by_cached_key(|change| {
        let id = state.engine.finding_id(change);
        (state.engine.activation(change), id)
    });
    state.settled = true;
    let mut out = Vec::with_capacity(turned.len());
    for change in turned {
        let mut told = told(&state, &change);
        // What is gone with a body is said by the entry that erased it.
        if told.finding.missing.as_deref() == Some("body") {
            continue;
        }
        told.record = state.turns(&mut told);
        let told = Arc::new(told);
        announce(inner, &told);
        out.push(told);
    }
    queue(inner, &state, out);
    Ok(())
}

/// Everything that is broken and worth an alert.
fn broken(state: &State) -> impl Iterator<Item = (FindingId, ::watch::Change)> + '_ {
    let standing = state.engine.standing();
    standing
        .filter(|c| c.outcome() == Outcome::Breached && is_recorded(state, c))
        .filter_map(|c| Some((id_of(&state.engine.finding_id(&c))?, c)))
}

/// What the alert at an index says.
fn said_at(ledger: &Ledger, index: u64) -> Result<Option<Alert>, String> {
    if index == ON_ITS_WAY {
        return Ok(None);
    }
    let records = ledger.read(index, 1, usize::MAX);
    let read = parsed(records.map_err(|e| e.to_string())?, None)?;
    Ok(read.into_iter().find_map(|entry| entry.alert))
}
