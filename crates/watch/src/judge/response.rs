//! Something must follow, in time: the template whose breach is that nothing happened.
//!
//! The limit is an object with versions: extensions, restarts and pauses change it as they come. Reckoned by [`calendar`]
//! from local dates; where the activation's time is coarse it is reckoned from both ends.

use calendar::Span;
use law::rule::{From, Limit, Outcome};
use smallvec::SmallVec;

use super::{
    NEVER, Verdict, Why, before, concerns, excuses, not_after, same, selected, span,
    stand::{Stand, open, reckon},
};
use crate::columns::Row;
use crate::guard::{Missing, Truth};
use crate::program::{Compiled, Response, Select, Which, bit};
use crate::trace::{Item, Trace};

/// A limit as it stands: reckoned from the first and from the last possible instant of the activation.
#[derive(Clone)]
pub(crate) struct Clock {
    /// Where the count begins.
    pub(crate) start: (i64, i64),
    pub(crate) bound: Limit,
    /// Further limits that begin where the one before ends.
    pub(crate) added: SmallVec<[Limit; 2]>,
    /// Stretches that do not count, at their longest.
    pub(crate) pauses: SmallVec<[Span; 2]>,
    /// The same at their shortest, where times are coarse.
    pauses_least: SmallVec<[Span; 2]>,
    /// Since when each pause of the rule lasts.
    paused: SmallVec<[Option<(i64, i64)>; 2]>,
    /// The last that may have ended each pause of the rule, where times are coarse.
    ended: SmallVec<[(i64, i64); 2]>,
    pub(crate) due: (i64, i64),
    /// The earliest due time where it cannot be told whether something changed the limit.
    doubt: i64,
    pub(crate) provisional: bool,
    /// How often each change of the rule was applied.
    changes: SmallVec<[u32; 4]>,
}

impl Clock {
    fn reckon(&mut self, response: &Response, trace: &Trace<'_>) {
        let low = self.end(response, trace, self.start.0, &self.pauses_least);
        let high = if self.start.0 == self.start.1 && self.pauses == self.pauses_least {
            low
        } else {
            self.end(response, trace, self.start.1, &self.pauses)
        };
        self.provisional = low.1 || high.1;
        self.due = (low.0, high.0);
    }

    fn end(
        &self,
        response: &Response,
        trace: &Trace<'_>,
        start: i64,
        pauses: &[Span],
    ) -> (i64, bool) {
        reckon(response, trace, start, self.bound, &self.added, pauses)
    }

    fn stand(&self) -> Stand {
        Stand {
            start: self.start.0,
            due: self.due,
            doubt: self.doubt,
            still: self.stands_still(),
            provisional: self.provisional,
            limit: self.added.last().copied().unwrap_or(self.bound),
        }
    }

    fn stands_still(&self) -> bool {
        self.paused.iter().any(Option::is_some)
    }

    /// Whether the limit has certainly passed before an instant.
    fn passed(&self, at: i64) -> bool {
        !self.stands_still() && at > self.due.1
    }

    /// Takes in what happens to the limit at one instant; what is missing, where that cannot be told.
    ///
    /// The order in which events of one instant are filed decides nothing: what begins a pause comes first, then changes in
    /// the order in which the rule names them, then what ends a pause.
    fn take(
        &mut self,
        response: &Response,
        trace: &Trace<'_>,
        own: (i64, i64),
        instant: &[(Item, u8)],
    ) -> Option<Missing> {
        let mut missing = None;
        if trace.coarse {
            // Those that begin together and last differently are not of one instant: the shorter first.
            let mut lasts: SmallVec<[i64; 4]> = instant.iter().map(|e| trace.hi(e.0)).collect();
            lasts.sort_unstable();
            lasts.dedup();
            if lasts.len() > 1 {
                for hi in lasts {
                    let part: Instant = (instant.iter().copied())
                        .filter(|e| trace.hi(e.0) == hi)
                        .collect();
                    missing = missing.or(self.take(response, trace, own, &part));
                }
                return missing;
            }
        }
        let pausing = || instant.iter().filter(|b| b.1 & bit::E != 0);
        let at = match pausing().next() {
            Some((event, _)) => span(trace, *event),
            None => own,
        };
        let any = |selects: &[Select]| {
            let none = Truth::No;
            pausing().fold(none, |any, (e, _)| {
                either(any, || selected(selects, trace, *e))
            })
        };
        for no in 0..response.pause.len() {
            if self.paused[no].is_some() {
                continue;
            }
            // What was taken in already may come after it, and end it.
            let in_time = if not_after(at, self.ended[no]) != Truth::No {
                Truth::Unknown(Missing::TIME)
            } else if self.stands_still() || at.1 <= self.due.0.min(self.doubt) {
                Truth::Yes
            } else {
                Truth::Unknown(Missing::TIME)
            };
            // Before the activation or after it: what began before it lasts when it comes.
            let truth = with(any(&response.pause[no].from), || in_time);
            missing = missing.or(self.maybe(truth, |c| c.paused[no] = Some(at)));
        }
        let limit = (self.earliest(), self.stands_still(), self.due.1);
        let mut made: SmallVec<[Row; 4]> = SmallVec::new();
        for no in 0..response.changes.len() {
            for (event, _) in instant.iter().filter(|b| b.1 & bit::D != 0) {
                // The first change that an event makes is the one.
                if !made.contains(&event.row) {
                    let (truth, unsure) = self.change(response, trace, own, *event, no, limit);
                    missing = missing.or(unsure);
                    if truth == Truth::Yes {
                        made.push(event.row);
                    }
                }
            }
        }
        for no in 0..response.pause.len() {
            if self.paused[no].is_none() && !trace.coarse {
                continue;
            }
            let ends = any(&response.pause[no].to);
            if ends != Truth::No && at.1 > self.ended[no].1 {
                self.ended[no] = at;
            }
            let Some(from) = self.paused[no] else {
                continue;
            };
            // Before the activation or after it: it has ended, and only what lies behind the activation counts.
            let truth = with(not_after(from, at), || ends);
            missing = missing.or(self.maybe(truth, |c| {
                c.paused[no] = None;
                c.pauses.push(Span {
                    from: from.0,
                    to: at.1,
                });
                c.pauses_least.push(Span {
                    from: from.1,
                    to: at.0,
                });
                c.reckon(response, trace);
            }));
        }
        missing
    }

    /// Applies an event that may make this change of the rule, in time by the limit before this instant: its earliest end,
    /// whether it stands still, its latest end. Whether it does, and what is missing if that cannot be told.
    fn change(
        &mut self,
        response: &Response,
        trace: &Trace<'_>,
        own: (i64, i64),
        event: Item,
        no: usize,
        (earliest, still, latest): (i64, bool, i64),
    ) -> (Truth, Option<Missing>) {
        let change = &response.changes[no];
        if self.changes[no] >= change.max || !change.on.any.contains(&event.activity) {
            return (Truth::No, None);
        }
        let times = span(trace, event);
        let in_time = if times.1 <= earliest {
            Truth::Yes
        } else if !still && times.0 > latest {
            Truth::No
        } else {
            Truth::Unknown(Missing::TIME)
        };
        let truth = with(not_after(own, times), || {
            with(change.on.guard.holds(trace, event.row), || in_time)
        });
        let former = (self.stands_still(), self.due.1);
        let missing = self.maybe(truth, |c| {
            c.changes[no] += 1;
            match change.from {
                From::Activation => {
                    c.bound = change.bound;
                    c.added.clear();
                }
                From::Event => {
                    c.start = times;
                    c.bound = change.bound;
                    c.added.clear();
                }
                From::Due => c.added.push(change.bound),
            }
            c.reckon(response, trace);
        });
        // What came on the same day may have come before the limit became shorter.
        let shorter = times.0 < times.1 && !former.0 && self.due.1 < former.1;
        (truth, missing.or(shorter.then_some(Missing::TIME)))
    }

    /// Does something to the limit that is so, or may be so: then the later limit stands, and the earlier one is kept in mind.
    fn maybe(&mut self, truth: Truth, then: impl FnOnce(&mut Self)) -> Option<Missing> {
        match truth {
            Truth::No => None,
            Truth::Yes => {
                then(self);
                None
            }
            Truth::Unknown(missing) => {
                let mut other = self.clone();
                then(&mut other);
                let longer =
                    other.stands_still() || !self.stands_still() && other.due.1 > self.due.1;
                let doubt = self.earliest().min(other.earliest());
                if longer {
                    *self = other;
                }
                self.doubt = doubt;
                Some(missing)
            }
        }
    }

    /// Before which it is certainly not due.
    fn earliest(&self) -> i64 {
        if self.stands_still() {
            self.doubt
        } else {
            self.due.0.min(self.doubt)
        }
    }
}

/// Events of one instant, and what their activities are to the rule.
type Instant = SmallVec<[(Item, u8); 4]>;

/// What concerns an obligation, instant by instant, from the activation on.
fn instants<'a>(
    rule: &'a Compiled,
    trace: &'a Trace<'_>,
    item: Item,
    per: u32,
) -> impl Iterator<Item = Instant> + 'a {
    let own = span(trace, item);
    let concerned = move |e: &Item| {
        e.row != item.row
            && not_after(own, span(trace, *e)) != Truth::No
            && concerns(rule, trace, e.row, per, false)
    };
    let walk = trace.forward(rule, trace.since(own.0));
    let mut walk = walk.filter(concerned).peekable();
    std::iter::from_fn(move || {
        let first = walk.next()?;
        let mut instant = Instant::new();
        instant.push((first, rule.bits(first.activity)));
        while let Some(e) = walk.next_if(|e| e.lo == first.lo) {
            instant.push((e, rule.bits(e.activity)));
        }
        Some(instant)
    })
}

pub(super) fn judge(
    rule: &Compiled,
    response: &Response,
    trace: &Trace<'_>,
    item: Item,
    per: u32,
    now: i64,
) -> Option<Verdict> {
    let own = span(trace, item);
    if !trace.coarse && response.pause.is_empty() {
        let limit = match limit(response, trace, item) {
            Ok(limit) => limit?,
            Err(missing) => return Some(Verdict::unknown(missing)),
        };
        let stand = limit.map(|bound| Stand::at(response, trace, item.lo, bound));
        if let Some(verdict) = plain(rule, response, trace, item, per, now, stand.as_ref()) {
            return Some(verdict);
        }
    }
    let (mut clock, mut unknown) = match begin(rule, response, trace, item, per) {
        Ok(begun) => begun?,
        Err(missing) => return Some(Verdict::unknown(missing)),
    };
    // Came in time, as far as can be told; recorded too late. Something better may follow.
    let mut weak: Option<Verdict> = None;
    // It may have been overtaken, or something may come that was first: until its last possible instant.
    let mut overtaken: Option<(Truth, (i64, i64), Verdict)> = None;
    // Whether something answered or lifted it cannot be told.
    let mut settled: Option<Missing> = None;
    for instant in instants(rule, trace, item, per) {
        let at = instant[0].0.lo;
        // Nothing that comes now can change that it was late; what may lie before the activation can have begun a pause.
        if at >= own.1 && clock.as_ref().is_some_and(|c| c.passed(at)) {
            break;
        }
        if let Some((Truth::Yes, times, _)) = overtaken
            && at > times.1
        {
            break;
        }
        // What comes at the instant of a change is in time by the limit before it or after it.
        let moves = instant.iter().any(|e| e.1 & (bit::D | bit::E) != 0);
        let earlier = moves.then(|| clock.clone()).flatten();
        if moves
            && let Some(clock) = &mut clock
            && let Some(missing) = clock.take(response, trace, own, &instant)
        {
            unknown.get_or_insert(missing);
        }
        let limits = [earlier.as_ref().or(clock.as_ref()), clock.as_ref()];
        let moved: Option<(i64, i64)> = {
            let mut moving = instant
                .iter()
                .filter(|e| e.1 & (bit::D | bit::E) != 0)
                .map(|e| span(trace, e.0));
            let first = moving.next();
            first.filter(|f| moving.all(|m| m == *f))
        };
        let mut here: Option<Verdict> = None;
        // Of two equally good ones, that of which more is known.
        let worth = |v: Verdict| (rank(v), trace.columns.hi(v.witness));
        let take = |best: &mut Option<Verdict>, new: Verdict| {
            if best.is_none_or(|b| worth(new) < worth(b)) {
                *best = Some(new);
            }
        };
        for (event, bits) in &instant {
            let (event, times) = (*event, span(trace, *event));
            let after = not_after(own, times);
            if bits & bit::A != 0 {
                let truth = with(after, || {
                    with(again(rule, response, trace, item, event), || {
                        with(selected(&response.expect, trace, event), || {
                            same(&response.same, trace, item.row, event.row)
                        })
                    })
                });
                match truth {
                    Truth::Yes => {
                        for (no, clock) in limits.into_iter().enumerate() {
                            // Of a day on which the limit changed, only the same day is the same instant.
                            let former = no == 0 && moves && moved != Some(times);
                            match in_time(clock, times) {
                                Truth::Yes if former => {
                                    unknown.get_or_insert(Missing::TIME);
                                }
                                Truth::Yes => take(&mut here, kept_by(clock, trace, event)),
                                Truth::No => {}
                                Truth::Unknown(missing) => take(
                                    &mut here,
                                    Verdict {
                                        due: clock.map_or(NEVER, |c| c.due.1),
                                        witness: event.row,
                                        ..Verdict::unknown(missing)
                                    },
                                ),
                            }
                        }
                    }
                    Truth::No => {}
                    Truth::Unknown(missing) => {
                        unknown.get_or_insert(missing);
                        settled.get_or_insert(missing);
                    }
                }
            }
            if weak.is_some() || bits & (bit::B | bit::EXCUSE) == 0 {
                continue;
            }
            let open = either(in_time(limits[0], times), || in_time(limits[1], times));
            for (truth, outcome) in [
                (selected(&response.until, trace, event), Outcome::Satisfied),
                (excuses(rule, trace, event), Outcome::Excused),
            ] {
                match with(after, || with(open, || truth)) {
                    Truth::Yes => take(
                        &mut here,
                        Verdict {
                            witness: event.row,
                            ..Verdict::of(outcome)
                        },
                    ),
                    Truth::No => {}
                    // It came, in time or too late: open it is no more.
                    Truth::Unknown(missing) if (after, truth) == (Truth::Yes, Truth::Yes) => take(
                        &mut here,
                        Verdict {
                            due: limits[1].map_or(NEVER, |c| c.due.1),
                            witness: event.row,
                            ..Verdict::unknown(missing)
                        },
                    ),
                    Truth::Unknown(missing) => {
                        unknown.get_or_insert(missing);
                        settled.get_or_insert(missing);
                    }
                }
            }
        }
        if let Some(found) = here {
            // Whether it came before what it had to precede.
            let times = match trace.columns.hi(found.witness) {
                hi if hi > at => (at, hi),
                _ => (at, at),
            };
            let first = match &overtaken {
                Some((_, by, _)) => before(*by, times),
                None => Truth::No,
            };
            let first = match first {
                Truth::No if weak.is_none() => overtaking(rule, response, trace, own, times, per),
                truth => truth,
            };
            let doubted = match (first, overtaken) {
                (Truth::No, _) => None,
                (_, Some((Truth::Unknown(missing), ..))) | (Truth::Unknown(missing), _) => {
                    Some(missing)
                }
                (Truth::Yes, _) => Some(Missing::TIME),
            };
            match doubted {
                Some(missing) => return Some(Verdict::unknown(missing)),
                None if matches!(found.outcome, Outcome::Satisfied | Outcome::Excused) => {
                    return Some(found);
                }
                // The first that came tells the limit: what moved it later moved what was done already.
                None if weak.is_none_or(|w| rank(found).0 < rank(w).0) => weak = Some(found),
                None => {}
            }
        }
        if weak.is_some() || overtaken.is_some_and(|o| o.0 == Truth::Yes) {
            continue;
        }
        for (event, _) in instant.iter().filter(|b| b.1 & bit::C != 0) {
            let times = span(trace, *event);
            let truth = with(before(own, times), || selected(&response.by, trace, *event));
            // The one that is more certain, then the one of which more is known.
            let sure = |(truth, times): (Truth, (i64, i64))| (truth != Truth::Yes, times.1);
            let better = overtaken.is_none_or(|o| sure((truth, times)) < sure((o.0, o.1)));
            if truth != Truth::No && better {
                let verdict = Verdict {
                    due: times.0,
                    ..Verdict::breached(event.row, Why::Overtaken)
                };
                overtaken = Some((truth, times, verdict));
            }
        }
    }
    if weak.is_some() {
        return weak;
    }
    let verdict = match overtaken {
        Some((Truth::Yes, _, verdict)) => verdict,
        _ => {
            let stand = clock.as_ref().map(Clock::stand);
            open(rule, stand.as_ref(), unknown, now)
        }
    };
    // Without a time that runs there is nothing to warn of until then.
    if let Some(missing) = settled
        && (verdict.outcome == Outcome::Suspended
            || verdict.outcome == Outcome::Pending && verdict.due == NEVER)
    {
        return Some(Verdict::unknown(missing));
    }
    Some(match unknown {
        Some(missing) if verdict.outcome == Outcome::Breached => Verdict {
            due: if verdict.why == Why::Overtaken {
                NEVER
            } else {
                verdict.due
            },
            ..Verdict::unknown(missing)
        },
        _ => verdict,
    })
}

/// What is best for whoever had to act, of what comes at one instant.
fn rank(verdict: Verdict) -> (u8, i64) {
    let outcome = match verdict.outcome {
        Outcome::Satisfied => 0,
        Outcome::Excused => 1,
        Outcome::SatisfiedRecordedLate => 2,
        _ => 3,
    };
    (outcome, verdict.due.saturating_neg())
}

/// Whether an expected event may be the answer. One that begins anew answers what came before it, not what came with it.
fn again(
    rule: &Compiled,
    response: &Response,
    trace: &Trace<'_>,
    item: Item,
    event: Item,
) -> Truth {
    if !response.rearm || rule.bits(event.activity) & bit::ACTIVATION == 0 {
        return Truth::Yes;
    }
    match rule.activation.guard.holds(trace, event.row) {
        Truth::No => Truth::Yes,
        truth => either(
            before(span(trace, item), span(trace, event)),
            || match truth {
                Truth::Unknown(missing) => Truth::Unknown(missing),
                _ => Truth::No,
            },
        ),
    }
}

/// The ordinary case, at a tenth of the cost: times are exact, and up to the due time there is nothing in the trace that
/// counts but what is expected. `None`: look closer.
fn plain(
    rule: &Compiled,
    response: &Response,
    trace: &Trace<'_>,
    item: Item,
    per: u32,
    now: i64,
    stand: Option<&Stand>,
) -> Option<Verdict> {
    let due = stand.map_or(NEVER, |s| s.due.1);
    for event in trace.forward(rule, item.lo) {
        if event.lo > due {
            break;
        }
        if event.row == item.row || !concerns(rule, trace, event.row, per, false) {
            continue;
        }
        let bits = rule.bits(event.activity);
        if event.lo == item.lo || counts(rule, response, trace, event, bits) {
            return None;
        }
        if bits & bit::A == 0 {
            continue;
        }
        let answers = with(selected(&response.expect, trace, event), || {
            same(&response.same, trace, item.row, event.row)
        });
        match answers {
            Truth::No => {}
            Truth::Yes if due == NEVER || trace.columns.recorded(event.row) <= due => {
                return Some(Verdict {
                    due,
                    witness: event.row,
                    ..Verdict::of(Outcome::Satisfied)
                });
            }
            _ => return None,
        }
    }
    Some(open(rule, stand, None, now))
}

/// Whether an event may be more to an obligation than its answer.
fn counts(rule: &Compiled, response: &Response, trace: &Trace<'_>, event: Item, bits: u8) -> bool {
    let may = |wanted: u8, ask: &dyn Fn() -> Truth| bits & wanted != 0 && ask() != Truth::No;
    may(bit::EXCUSE, &|| excuses(rule, trace, event))
        || may(bit::B, &|| selected(&response.until, trace, event))
        || may(bit::C, &|| selected(&response.by, trace, event))
        || bits & bit::D != 0 && changes(response, trace, event)
        || bits & bit::E != 0
}

/// Whether an event may change the limit.
pub(super) fn changes(response: &Response, trace: &Trace<'_>, event: Item) -> bool {
    let mut named = (response.changes.iter()).filter(|c| c.on.any.contains(&event.activity));
    named.any(|c| c.on.guard.holds(trace, event.row) != Truth::No)
}

/// Whether something that it had to precede came within a coarse time of an answer.
fn overtaking(
    rule: &Compiled,
    response: &Response,
    trace: &Trace<'_>,
    own: (i64, i64),
    times: (i64, i64),
    per: u32,
) -> Truth {
    if times.0 == times.1 || response.by.is_empty() {
        return Truth::No;
    }
    let walk = trace.forward(rule, times.0).take_while(|e| e.lo <= times.1);
    let mut truths = walk
        .filter(|e| concerns(rule, trace, e.row, per, false))
        .map(|e| {
            let by = span(trace, e);
            with(before(own, by), || {
                with(before(by, times), || selected(&response.by, trace, e))
            })
        });
    truths.find(|t| *t != Truth::No).unwrap_or(Truth::No)
}

/// An obligation as it begins: its limit if it has one, and what cannot be told of it.
type Begun = (Option<Clock>, Option<Missing>);

/// How long there is from the activation, if there is a limit; `None` where the rule does not apply.
fn limit(
    response: &Response,
    trace: &Trace<'_>,
    item: Item,
) -> Result<Option<Option<Limit>>, Missing> {
    for bound in &response.bounds {
        match bound.guard.holds(trace, item.row) {
            Truth::Yes => return Ok(Some(Some(bound.bound))),
            Truth::No => {}
            Truth::Unknown(missing) => return Err(missing),
        }
    }
    Ok((response.bounds.is_empty() || !response.by.is_empty()).then_some(None))
}

/// The obligation at the activation; `None` where the rule does not apply.
fn begin(
    rule: &Compiled,
    response: &Response,
    trace: &Trace<'_>,
    item: Item,
    per: u32,
) -> Result<Option<Begun>, Missing> {
    let Some(limit) = limit(response, trace, item)? else {
        return Ok(None);
    };
    let Some(bound) = limit else {
        return Ok(Some((None, None)));
    };
    let mut clock = Clock {
        start: span(trace, item),
        bound,
        added: SmallVec::new(),
        pauses: SmallVec::new(),
        pauses_least: SmallVec::new(),
        paused: SmallVec::from_elem(None, response.pause.len()),
        ended: SmallVec::from_elem((i64::MIN, i64::MIN), response.pause.len()),
        due: (NEVER, NEVER),
        doubt: NEVER,
        provisional: false,
        changes: SmallVec::from_elem(0, response.changes.len()),
    };
    clock.reckon(response, trace);
    let missing = lasting(rule, response, trace, &mut clock, per);
    Ok(Some((Some(clock), missing)))
}

/// Pauses that last when the activation comes.
fn lasting(
    rule: &Compiled,
    response: &Response,
    trace: &Trace<'_>,
    clock: &mut Clock,
    per: u32,
) -> Option<Missing> {
    let mut missing = None;
    let start = clock.start.0;
    for (no, pause) in response.pause.iter().enumerate() {
        let mut begins: SmallVec<[((i64, i64), Truth); 2]> = SmallVec::new();
        let mut ends: SmallVec<[((i64, i64), Truth); 2]> = SmallVec::new();
        // What is certainly before something certain of either kind decides nothing.
        let mut enough = i64::MIN;
        for earlier in trace.backward_among(rule, Which::Pausing, start) {
            let at = span(trace, earlier);
            if at.0 < enough {
                break;
            }
            if at.1 >= start || !concerns(rule, trace, earlier.row, per, false) {
                continue;
            }
            for (selects, found) in [(&pause.to, &mut ends), (&pause.from, &mut begins)] {
                let truth = selected(selects, trace, earlier);
                if truth == Truth::Yes {
                    enough = enough.max(trace.since(at.0));
                }
                if truth != Truth::No {
                    found.push((at, truth));
                }
            }
        }
        let mut lasts: Option<((i64, i64), Truth)> = None;
        for (from, begun) in begins {
            // One that begins and ends at the same instant has ended.
            let ended = ends.iter().fold(Truth::No, |ended, (at, truth)| {
                either(ended, || with(not_after(from, *at), || *truth))
            });
            let truth = match ended {
                Truth::Yes => continue,
                Truth::No => begun,
                unknown => unknown,
            };
            lasts = Some(match lasts {
                None => (from, truth),
                Some((other, before)) => (from.max(other), either(before, || truth)),
            });
        }
        if let Some((from, truth)) = lasts {
            missing = missing.or(clock.maybe(truth, |c| c.paused[no] = Some(from)));
        }
    }
    missing
}

/// The second only where the first does not already say no; unknown if either is.
fn with(first: Truth, second: impl FnOnce() -> Truth) -> Truth {
    match first {
        Truth::No => Truth::No,
        Truth::Yes => second(),
        unknown => match second() {
            Truth::No => Truth::No,
            _ => unknown,
        },
    }
}

/// Yes if either is; unknown if either may be.
fn either(first: Truth, second: impl FnOnce() -> Truth) -> Truth {
    match first {
        Truth::Yes => Truth::Yes,
        Truth::No => second(),
        unknown => match second() {
            Truth::Yes => Truth::Yes,
            _ => unknown,
        },
    }
}

fn in_time(clock: Option<&Clock>, times: (i64, i64)) -> Truth {
    let Some(clock) = clock else {
        return Truth::Yes;
    };
    if times.1 <= clock.earliest() {
        Truth::Yes
    } else if clock.passed(times.0) {
        Truth::No
    } else {
        Truth::Unknown(Missing::TIME)
    }
}

fn kept_by(clock: Option<&Clock>, trace: &Trace<'_>, event: Item) -> Verdict {
    let due = clock.map_or(NEVER, |c| c.due.1);
    // It was recorded in time only if it is so that the clock stands still.
    if clock.is_some_and(|c| c.stands_still() && trace.columns.recorded(event.row) > c.doubt) {
        return Verdict {
            due,
            witness: event.row,
            ..Verdict::unknown(Missing::TIME)
        };
    }
    let late = due != NEVER
        && clock.is_some_and(|c| !c.stands_still())
        && trace.columns.recorded(event.row) > due;
    Verdict {
        due,
        witness: event.row,
        ..Verdict::of(if late {
            Outcome::SatisfiedRecordedLate
        } else {
            Outcome::Satisfied
        })
    }
}

/// The limit of an activation as it stands after all events of the trace, for explaining it.
pub(crate) fn clock(
    rule: &Compiled,
    response: &Response,
    trace: &Trace<'_>,
    item: Item,
    per: u32,
) -> Option<Clock> {
    let (clock, _) = begin(rule, response, trace, item, per).ok()??;
    let mut clock = clock?;
    let own = span(trace, item);
    for instant in instants(rule, trace, item, per) {
        let at = instant[0].0.lo;
        if at >= own.1 && clock.passed(at) {
            break;
        }
        clock.take(response, trace, own, &instant);
    }
    Some(clock)
}
