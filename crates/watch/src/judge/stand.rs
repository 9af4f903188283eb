//! What a limit comes to: until when, and what an obligation is that is still open at a moment.
//!
//! From a start, a bound and what was added to it; the events that change it are [`super::response`]'s. Warnings begin where
//! the rule says, or by section 5 of the rules. Days are counted by [`calendar`], not here.

use calendar::{Roll, Span};
use law::rule::{Limit, Outcome, Warn};

use super::{NEVER, NO_ROW, Verdict, settled_why};
use crate::guard::Missing;
use crate::program::{Compiled, Response, bound};
use crate::trace::Trace;

/// What an open limit comes to: all that its outcome at a moment depends on.
pub(super) struct Stand {
    /// First possible instant of the start.
    pub(super) start: i64,
    pub(super) due: (i64, i64),
    /// The earliest due time where it cannot be told whether something changed the limit.
    pub(super) doubt: i64,
    /// Whether the clock stands still.
    pub(super) still: bool,
    pub(super) provisional: bool,
    /// The last of its limits.
    pub(super) limit: Limit,
}

impl Stand {
    /// Of a limit from an exact time that nothing changes.
    pub(super) fn at(response: &Response, trace: &Trace<'_>, start: i64, limit: Limit) -> Self {
        let (due, provisional) = reckon(response, trace, start, limit, &[], &[]);
        Self {
            start,
            due: (due, due),
            doubt: NEVER,
            still: false,
            provisional,
            limit,
        }
    }
}

/// The end of a limit and of those that begin where it ends; whether holidays are missing for it.
pub(super) fn reckon(
    response: &Response,
    trace: &Trace<'_>,
    start: i64,
    first: Limit,
    added: &[Limit],
    pauses: &[Span],
) -> (i64, bool) {
    let calendar = &trace.program.calendar;
    let roll = if response.roll {
        Roll::Holiday
    } else {
        Roll::Never
    };
    let mut at = start;
    let mut provisional = false;
    for (n, limit) in std::iter::once(&first).chain(added).enumerate() {
        // Only the end of the whole rolls over a holiday: TV7 counts each extension from the plain end before it.
        let roll = if n == added.len() { roll } else { Roll::Never };
        let due = calendar.due(at, bound(*limit), roll, pauses);
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

/// The outcome of what is still open at `now`.
pub(super) fn open(
    rule: &Compiled,
    stand: Option<&Stand>,
    unknown: Option<Missing>,
    now: i64,
) -> Verdict {
    let Some(clock) = stand else {
        return Verdict::of(Outcome::Pending);
    };
    let why = settled_why(clock.provisional);
    let (still, due) = (clock.still, clock.due.1);
    let due = if still { NEVER } else { due };
    if now > due {
        return Verdict {
            due,
            ..Verdict::breached(NO_ROW, why)
        };
    }
    // It is due already if what is unknown did not move the limit.
    if let Some(missing) = unknown
        && now > clock.doubt
    {
        return Verdict {
            due,
            ..Verdict::unknown(missing)
        };
    }
    let end = due.min(clock.doubt).saturating_add(1);
    if still {
        return Verdict {
            next: end,
            why,
            ..Verdict::of(Outcome::Suspended)
        };
    }
    let warn = warning(rule, clock);
    let (outcome, next) = if now < warn {
        (Outcome::Pending, warn.min(end))
    } else {
        (Outcome::AtRisk, end)
    };
    Verdict {
        due,
        next,
        why,
        ..Verdict::of(outcome)
    }
}

/// First instant of the warning.
fn warning(rule: &Compiled, clock: &Stand) -> i64 {
    let due = clock.due.0.min(clock.doubt);
    let moment = |warn: Warn| match warn {
        Warn::Percent(percent) => {
            let whole = i128::from(due) - i128::from(clock.start);
            let part = whole * i128::from(percent) / 100;
            clock.start.saturating_add(part as i64)
        }
        Warn::Before(lead) => rule_before(lead, due).max(clock.start),
    };
    // Shares and stretches can only be compared once both are moments.
    let earliest = rule.warn.iter().map(|w| moment(*w)).min();
    earliest.unwrap_or_else(|| moment(rule.warning(clock.limit)))
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
