//! Something must follow, in time: the template whose breach is that nothing happened.
//!
//! The limit is an object with versions: extensions, restarts and pauses change it as they come. Reckoned by [`calendar`]
//! from local dates; where the activation's time is coarse it is reckoned from both ends.

use calendar::{Roll, Span};
use law::rule::{From, Limit, Outcome, Warn};
use smallvec::SmallVec;

use super::{
    NEVER, NO_ROW, Verdict, Why, before, concerns, excuses, not_after, same, selected, settled_why,
    span,
};
use crate::guard::{Missing, Truth};
use crate::program::{Compiled, Response, bit, bound};
use crate::trace::{Item, Trace};

/// A limit as it stands: reckoned from the first and from the last possible instant of the activation.
pub(crate) struct Clock {
    /// Where the count begins.
    pub(crate) start: (i64, i64),
    pub(crate) bound: Limit,
    /// Further limits that begin where the one before ends.
    pub(crate) added: SmallVec<[Limit; 2]>,
    pub(crate) pauses: SmallVec<[Span; 2]>,
    pub(crate) paused_since: Option<i64>,
    pub(crate) due: (i64, i64),
    pub(crate) provisional: bool,
    /// How often each change of the rule was applied.
    changes: SmallVec<[u32; 4]>,
}

impl Clock {
    fn reckon(&mut self, response: &Response, trace: &Trace<'_>) {
        let low = self.end(response, trace, self.start.0);
        let high = if self.start.0 == self.start.1 {
            low
        } else {
            self.end(response, trace, self.start.1)
        };
        self.provisional = low.1 || high.1;
        self.due = (low.0, high.0);
    }

    fn end(&self, response: &Response, trace: &Trace<'_>, start: i64) -> (i64, bool) {
        let calendar = &trace.program.calendar;
        let roll = if response.roll {
            Roll::Holiday
        } else {
            Roll::Never
        };
        let mut limits = std::iter::once(self.bound).chain(self.added.iter().copied());
        let mut at = start;
        let mut provisional = false;
        let last = self.added.len();
        for n in 0..=last {
            let Some(limit) = limits.next() else { break };
            // Only the end of the whole rolls over a holiday: TV7 counts each extension from the plain end before it.
            let roll = if n == last { roll } else { Roll::Never };
            let due = calendar.due(at, bound(limit), roll, &self.pauses);
            at = if response.statutory {
                due.statutory
            } else {
                due.exact
            };
            provisional |= due.provisional;
        }
        if let Some(lead) = response.lead {
            at = calendar.before(at, bound(lead));
        }
        (at, provisional)
    }
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
    let mut clock = match begin(response, trace, item) {
        Ok(clock) => clock?,
        Err(missing) => return Some(Verdict::unknown(missing)),
    };
    let mut unknown: Option<Missing> = None;
    // Came in time, as far as can be told; recorded too late. Something better may follow.
    let mut weak: Option<Verdict> = None;
    for event in trace.forward(rule, trace.since(own.0)) {
        if event.row == item.row {
            continue;
        }
        let times = span(trace, event);
        let after = not_after(own, times);
        if after == Truth::No || !concerns(rule, trace, event.row, per, false) {
            continue;
        }
        if let Some(clock) = &clock
            && clock.paused_since.is_none()
            && times.0 > clock.due.1
        {
            // Nothing that comes now can change that it was late.
            break;
        }
        let bits = rule.bits(event.activity);
        if bits & bit::E != 0
            && let Some(clock) = &mut clock
        {
            pause(response, clock, trace, event);
        }
        if bits & bit::D != 0
            && let Some(clock) = &mut clock
            && let Some(missing) = change(response, clock, trace, event)
        {
            unknown.get_or_insert(missing);
        }
        if bits & bit::A != 0 {
            match with(after, || {
                with(selected(&response.expect, trace, event), || {
                    same(&response.same, trace, item.row, event.row)
                })
            }) {
                Truth::Yes => {
                    let verdict = match in_time(clock.as_ref(), times) {
                        Truth::Yes => Some(kept_by(clock.as_ref(), trace, event)),
                        Truth::No => None,
                        Truth::Unknown(missing) => Some(Verdict {
                            due: clock.as_ref().map_or(NEVER, |c| c.due.1),
                            witness: event.row,
                            ..Verdict::unknown(missing)
                        }),
                    };
                    match verdict {
                        Some(kept) if kept.outcome == Outcome::Satisfied => return Some(kept),
                        Some(other) if weak.is_none_or(|w| other.outcome < w.outcome) => {
                            weak = Some(other);
                        }
                        _ => {}
                    }
                }
                Truth::No => {}
                Truth::Unknown(missing) => {
                    unknown.get_or_insert(missing);
                }
            }
        }
        if weak.is_some() {
            continue;
        }
        if bits & bit::EXCUSE != 0 && excuses(rule, trace, event) == Truth::Yes {
            return Some(Verdict {
                witness: event.row,
                ..Verdict::of(Outcome::Excused)
            });
        }
        if bits & bit::B != 0 {
            match with(after, || selected(&response.until, trace, event)) {
                Truth::Yes => {
                    return Some(Verdict {
                        witness: event.row,
                        ..Verdict::of(Outcome::Satisfied)
                    });
                }
                Truth::No => {}
                Truth::Unknown(missing) => {
                    unknown.get_or_insert(missing);
                }
            }
        }
        if bits & bit::C != 0 {
            match with(before_or_same(own, times), || {
                selected(&response.by, trace, event)
            }) {
                Truth::Yes => {
                    if let Some(kept) = kept_at_once(rule, response, trace, item, event, per) {
                        return Some(kept);
                    }
                    return Some(match unknown {
                        Some(missing) => Verdict::unknown(missing),
                        None => Verdict {
                            due: times.0,
                            ..Verdict::breached(event.row, Why::Overtaken)
                        },
                    });
                }
                Truth::No => {}
                Truth::Unknown(missing) => {
                    unknown.get_or_insert(missing);
                }
            }
        }
    }
    if weak.is_some() {
        return weak;
    }
    let verdict = open(rule, response, clock.as_ref(), now);
    Some(match unknown {
        Some(missing) if verdict.outcome == Outcome::Breached => Verdict {
            due: verdict.due,
            ..Verdict::unknown(missing)
        },
        _ => verdict,
    })
}

/// The limit at the activation; `Ok(None)` of the outer option where the rule does not apply.
#[allow(
    clippy::type_complexity,
    reason = "applies at all, and if so with which limit"
)]
fn begin(
    response: &Response,
    trace: &Trace<'_>,
    item: Item,
) -> Result<Option<Option<Clock>>, Missing> {
    if response.bounds.is_empty() {
        return Ok(Some(None));
    }
    for bound in &response.bounds {
        match bound.guard.holds(trace, item.row) {
            Truth::Yes => {
                let mut clock = Clock {
                    start: span(trace, item),
                    bound: bound.bound,
                    added: SmallVec::new(),
                    pauses: SmallVec::new(),
                    paused_since: None,
                    due: (NEVER, NEVER),
                    provisional: false,
                    changes: SmallVec::from_elem(0, response.changes.len()),
                };
                clock.reckon(response, trace);
                return Ok(Some(Some(clock)));
            }
            Truth::No => {}
            Truth::Unknown(missing) => return Err(missing),
        }
    }
    Ok((!response.by.is_empty()).then_some(None))
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

fn before_or_same(a: (i64, i64), b: (i64, i64)) -> Truth {
    match before(a, b) {
        Truth::Yes => Truth::Yes,
        _ => not_after(a, b),
    }
}

fn in_time(clock: Option<&Clock>, times: (i64, i64)) -> Truth {
    let Some(clock) = clock else {
        return Truth::Yes;
    };
    if clock.paused_since.is_some() || times.1 <= clock.due.0 {
        Truth::Yes
    } else if times.0 > clock.due.1 {
        Truth::No
    } else {
        Truth::Unknown(Missing::TIME)
    }
}

fn kept_by(clock: Option<&Clock>, trace: &Trace<'_>, event: Item) -> Verdict {
    let due = clock.map_or(NEVER, |c| c.due.1);
    let late = due != NEVER
        && clock.is_some_and(|c| c.paused_since.is_none())
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

/// What is expected may share its time with what it must precede.
fn kept_at_once(
    rule: &Compiled,
    response: &Response,
    trace: &Trace<'_>,
    item: Item,
    by: Item,
    per: u32,
) -> Option<Verdict> {
    let times = span(trace, by);
    let mut events = trace.forward(rule, by.lo);
    let kept = events.by_ref().take_while(|e| e.lo == by.lo).find(|e| {
        e.row != item.row
            && span(trace, *e) == times
            && concerns(rule, trace, e.row, per, false)
            && selected(&response.expect, trace, *e) == Truth::Yes
            && same(&response.same, trace, item.row, e.row) == Truth::Yes
    })?;
    Some(Verdict {
        witness: kept.row,
        ..Verdict::of(Outcome::Satisfied)
    })
}

fn pause(response: &Response, clock: &mut Clock, trace: &Trace<'_>, event: Item) {
    for pause in &response.pause {
        match clock.paused_since {
            None if selected(&pause.from, trace, event) == Truth::Yes => {
                if event.lo <= clock.due.0 {
                    clock.paused_since = Some(event.lo);
                }
                return;
            }
            Some(from) if selected(&pause.to, trace, event) == Truth::Yes => {
                clock.paused_since = None;
                let to = trace.hi(event);
                clock.pauses.push(Span { from, to });
                clock.reckon(response, trace);
                return;
            }
            _ => {}
        }
    }
}

/// Applies an event that changes the limit; what is missing, if that cannot be told.
fn change(
    response: &Response,
    clock: &mut Clock,
    trace: &Trace<'_>,
    event: Item,
) -> Option<Missing> {
    let times = span(trace, event);
    for (no, change) in response.changes.iter().enumerate() {
        if !change.on.any.contains(&event.activity) {
            continue;
        }
        match change.on.guard.holds(trace, event.row) {
            Truth::Yes => {}
            Truth::No => continue,
            Truth::Unknown(missing) => return Some(missing),
        }
        if clock.changes[no] >= change.max {
            continue;
        }
        if clock.paused_since.is_none() && times.1 > clock.due.0 {
            return (times.0 <= clock.due.1).then_some(Missing::TIME);
        }
        clock.changes[no] += 1;
        match change.from {
            From::Activation => {
                clock.bound = change.bound;
                clock.added.clear();
            }
            From::Event => {
                clock.start = times;
                clock.bound = change.bound;
                clock.added.clear();
                clock.pauses.clear();
            }
            From::Due => clock.added.push(change.bound),
        }
        clock.reckon(response, trace);
        return None;
    }
    None
}

/// The outcome of what is still open at `now`.
fn open(rule: &Compiled, response: &Response, clock: Option<&Clock>, now: i64) -> Verdict {
    let Some(clock) = clock else {
        return Verdict::of(Outcome::Pending);
    };
    let why = settled_why(clock.provisional);
    if clock.paused_since.is_some() {
        return Verdict {
            why,
            ..Verdict::of(Outcome::Suspended)
        };
    }
    let due = clock.due.1;
    if now > due {
        return Verdict {
            due,
            ..Verdict::breached(NO_ROW, why)
        };
    }
    let warn = warning(rule, response, clock);
    let (outcome, next) = if now < warn {
        (Outcome::Pending, warn)
    } else {
        (Outcome::AtRisk, due.saturating_add(1))
    };
    Verdict {
        due,
        next,
        why,
        ..Verdict::of(outcome)
    }
}

/// First instant of the warning.
fn warning(rule: &Compiled, _response: &Response, clock: &Clock) -> i64 {
    let due = clock.due.0;
    let limit = clock.added.last().copied().unwrap_or(clock.bound);
    match rule.warning(limit) {
        Warn::Percent(percent) => {
            let whole = i128::from(due) - i128::from(clock.start.0);
            let part = whole * i128::from(percent) / 100;
            clock.start.0.saturating_add(part as i64)
        }
        Warn::Before(lead) => rule_before(lead, due).max(clock.start.0),
    }
}

/// That long before a due time, as plain time: a warning is no limit of law.
fn rule_before(lead: Limit, due: i64) -> i64 {
    use law::rule::LimitUnit;
    let minutes = match lead.unit {
        LimitUnit::Minute => 1,
        LimitUnit::Hour => 60,
        LimitUnit::Day | LimitUnit::WorkingDay => 1_440,
        LimitUnit::Month => 43_200,
        LimitUnit::Year => 525_600,
    };
    due.saturating_sub(i64::from(lead.amount) * minutes * 60_000_000)
}

/// The limit of an activation as it stands after all events of the trace, for explaining it.
pub(crate) fn clock(
    rule: &Compiled,
    response: &Response,
    trace: &Trace<'_>,
    item: Item,
    per: u32,
) -> Option<Clock> {
    let mut clock = begin(response, trace, item).ok()???;
    let own = span(trace, item);
    for event in trace.forward(rule, trace.since(own.0)) {
        let times = span(trace, event);
        if event.row == item.row
            || not_after(own, times) == Truth::No
            || !concerns(rule, trace, event.row, per, false)
        {
            continue;
        }
        if clock.paused_since.is_none() && times.0 > clock.due.1 {
            break;
        }
        pause(response, &mut clock, trace, event);
        change(response, &mut clock, trace, event);
    }
    Some(clock)
}
