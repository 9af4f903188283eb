//! One rule, one activation, one moment: what is the outcome?
//!
//! [`judge`] is a pure function of the trace and `now`. Both evaluations call it and nothing else decides: batch for every
//! activation, incremental for those that a new event or a passing moment may change. A time is an interval: where both
//! ends of it give the same outcome that is the outcome, else the activation is not checkable. Events of the same instant
//! count as being in whatever order the rule wants; a sort never decides.

mod event;
mod order;
pub(crate) mod response;
mod stand;

pub(crate) use event::distinct_met;

use law::rule::Outcome;

use crate::columns::Row;
use crate::guard::{Missing, Truth};
use crate::program::{Compiled, Ready, Select, Which, bit};
use crate::trace::{Item, Trace};

/// No time.
pub(crate) const NEVER: i64 = i64::MAX;
/// No row.
pub(crate) const NO_ROW: Row = Row::MAX;
/// No object.
pub(crate) const NO_OBJECT: u32 = u32::MAX;

/// What a rule says of an activation at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) outcome: Outcome,
    /// Last instant that is in time; [`NEVER`] where there is no limit.
    pub(crate) due: i64,
    /// When the outcome changes though nothing happens; [`NEVER`] if it does not.
    pub(crate) next: i64,
    /// The event that decided, where one did.
    pub(crate) witness: Row,
    pub(crate) why: Why,
}

/// Why it is so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// The template says it all.
    Plain,
    /// What it had to precede came first.
    Overtaken,
    /// This need, counted from 0, is not met.
    Need(u16),
    /// So many, where the rule counts.
    Number(u32),
    /// Something cannot be told.
    Missing(Missing),
    /// The calendar has no holidays for a year that matters.
    Provisional,
    /// Broken by what is on record; what clears it may still be recorded until [`Verdict::next`].
    Unrecorded,
}

impl Verdict {
    fn of(outcome: Outcome) -> Self {
        Self {
            outcome,
            due: NEVER,
            next: NEVER,
            witness: NO_ROW,
            why: Why::Plain,
        }
    }

    /// What is no activation any more.
    pub(crate) fn withdrawn() -> Self {
        Self::of(Outcome::Withdrawn)
    }

    fn breached(witness: Row, why: Why) -> Self {
        Self {
            witness,
            why,
            ..Self::of(Outcome::Breached)
        }
    }

    fn unknown(missing: Missing) -> Self {
        Self {
            why: Why::Missing(missing),
            ..Self::of(Outcome::NotCheckable)
        }
    }
}

/// What is to be said of an open limit beside its time.
fn settled_why(provisional: bool) -> Why {
    if provisional {
        Why::Provisional
    } else {
        Why::Plain
    }
}

/// The outcome of an activation; `None` where the rule does not apply to it.
#[inline]
pub(crate) fn judge(
    rule: &Compiled,
    trace: &Trace<'_>,
    item: Item,
    per: u32,
    now: i64,
) -> Option<Verdict> {
    let verdict = strict(rule, trace, item, per, now)?;
    if verdict.outcome != Outcome::Breached {
        return Some(verdict);
    }
    Some(match recordable(rule, trace, item, verdict) {
        Some(until) if now <= until => Verdict {
            outcome: Outcome::AtRisk,
            next: until.saturating_add(1),
            why: Why::Unrecorded,
            ..verdict
        },
        _ => verdict,
    })
}

/// Until when proof that a breach is none can be recorded, where the rule waits for that: from the due time or from when what
/// shows the breach was first recorded. A correction does not begin it anew.
fn recordable(rule: &Compiled, trace: &Trace<'_>, item: Item, verdict: Verdict) -> Option<i64> {
    let columns = trace.columns;
    let recorded = columns.recorded(columns.root_of(item.row));
    let (from, grace) = match (&rule.template, verdict.why) {
        (_, Why::Overtaken) => (recorded.max(columns.hi(verdict.witness)), rule.grace.0?),
        (Ready::Response(_), _) => (recorded.max(verdict.due), rule.grace.1?),
        _ => (recorded, rule.grace.0?),
    };
    Some(from.saturating_add(grace))
}

/// The same without waiting for records: what a gate asks, and what the examples of a pack say.
pub(crate) fn strict(
    rule: &Compiled,
    trace: &Trace<'_>,
    item: Item,
    per: u32,
    now: i64,
) -> Option<Verdict> {
    if item.lo < rule.from || item.lo > rule.to {
        return None;
    }
    match rule.activation.guard.holds(trace, item.row) {
        Truth::No => return None,
        Truth::Unknown(missing) => return Some(Verdict::unknown(missing)),
        Truth::Yes => {}
    }
    let verdict = match &rule.template {
        Ready::Response(r) => return response::judge(rule, r, trace, item, per, now),
        Ready::Precedence(needs) => order::precedence(rule, needs, trace, item, per),
        Ready::Absence(a) => order::absence(rule, a, trace, item, per),
        Ready::Count { max, window } => order::count(rule, *max, *window, trace, item, per),
        Ready::Exclusive(states) => order::exclusive(rule, states, trace, item, per),
        Ready::Overlap(to) => order::overlap(rule, to, trace, item, per),
        Ready::MinPersons { roles, min } => event::min_persons(roles, *min, trace, item),
        Ready::Distinct(d) => event::distinct(rule, d, trace, item, per),
        Ready::Authority(ranks) => event::authority(ranks, trace, item)?,
        Ready::Record(require) => event::record(require, trace, item),
        Ready::Covered(by) => event::covered(rule, by, trace, item, per, now),
        Ready::BackDated(within) => event::back_dated(*within, trace, item),
        Ready::Score { signs, min } => event::score(rule, signs, *min, trace, item, per),
    };
    if !matches!(verdict.outcome, Outcome::Breached | Outcome::NotCheckable) {
        return Some(verdict);
    }
    Some(match excused(rule, trace, item, per) {
        (Truth::No, _) => verdict,
        (Truth::Yes, row) => Verdict {
            witness: row,
            ..Verdict::of(Outcome::Excused)
        },
        (Truth::Unknown(missing), _) => Verdict::unknown(missing),
    })
}

/// The event that excuses an activation of a rule without a clock: at the same time or before.
fn excused(rule: &Compiled, trace: &Trace<'_>, item: Item, per: u32) -> (Truth, Row) {
    let mut found = (Truth::No, NO_ROW);
    if rule.excuse.is_empty() && rule.exempt.is_none() {
        return found;
    }
    let own = span(trace, item);
    for earlier in trace.backward_among(rule, Which::Excusing, own.1) {
        if earlier.row == item.row || !concerns(rule, trace, earlier.row, per, false) {
            continue;
        }
        let truth = match not_after(span(trace, earlier), own) {
            Truth::No => continue,
            Truth::Yes => excuses(rule, trace, earlier),
            unknown => match excuses(rule, trace, earlier) {
                Truth::No => Truth::No,
                _ => unknown,
            },
        };
        match truth {
            Truth::Yes => return (truth, earlier.row),
            Truth::No => {}
            unknown => found = (unknown, earlier.row),
        }
    }
    found
}

/// Whether an event excuses what this rule wants.
pub(crate) fn excuses(rule: &Compiled, trace: &Trace<'_>, item: Item) -> Truth {
    if rule.bits(item.activity) & bit::EXCUSE == 0 {
        return Truth::No;
    }
    if let Some((activity, attribute, id)) = rule.exempt
        && activity == item.activity
    {
        if trace.columns.is_erased(item.row) {
            return Truth::Unknown(Missing::BODY);
        }
        if trace.columns.attr(item.row, attribute) == Some(crate::columns::Datum::Text(id)) {
            return Truth::Yes;
        }
    }
    selected(&rule.excuse, trace, item)
}

/// What an event may be to a rule beside an activation, its conditions looked at: the bits of its activity, without those
/// whose conditions certainly do not hold. Where none is left the event changes nothing of the rule's other activations.
pub(crate) fn live(rule: &Compiled, trace: &Trace<'_>, item: Item) -> u8 {
    let bits = rule.bits(item.activity) & !bit::ACTIVATION;
    let is = |selects: &[Select]| selected(selects, trace, item) != Truth::No;
    let mut live = 0;
    if bits & bit::EXCUSE != 0 && excuses(rule, trace, item) != Truth::No {
        live |= bit::EXCUSE;
    }
    let mut may = |bit: u8, ask: &dyn Fn() -> bool| {
        if bits & bit != 0 && ask() {
            live |= bit;
        }
    };
    match &rule.template {
        Ready::Response(r) => {
            may(bit::A, &|| is(&r.expect));
            may(bit::B, &|| is(&r.until));
            may(bit::C, &|| is(&r.by));
            may(bit::D, &|| response::changes(r, trace, item));
            may(bit::E, &|| r.pause.iter().any(|p| is(&p.from) || is(&p.to)));
        }
        Ready::Precedence(needs) => {
            may(bit::A, &|| needs.iter().any(|n| is(&n.any)));
            may(bit::B, &|| needs.iter().any(|n| is(&n.revoked_by)));
            may(bit::C, &|| needs.iter().any(|n| is(&n.since)));
        }
        Ready::Absence(a) => {
            may(bit::A, &|| is(&a.from));
            may(bit::B, &|| is(&a.to));
        }
        Ready::Exclusive(states) => {
            may(bit::A, &|| states.iter().any(|s| is(&s.from)));
            may(bit::B, &|| states.iter().any(|s| is(&s.to)));
        }
        Ready::Distinct(d) => may(bit::A, &|| is(&d.against)),
        Ready::Covered(by) | Ready::Overlap(by) => may(bit::A, &|| is(by)),
        Ready::Score { signs, .. } => may(bit::A, &|| signs.iter().any(|s| is(&s.any))),
        Ready::Count { .. }
        | Ready::MinPersons { .. }
        | Ready::Authority(_)
        | Ready::Record(_)
        | Ready::BackDated(_) => {}
    }
    live
}

/// Whether a number is one of a few: `contains` is made for many, and is a call.
#[inline]
pub(crate) fn has(few: &[u16], one: u16) -> bool {
    few.iter().copied().any(|n| n == one)
}

/// Whether an event is one of these.
#[inline]
pub(crate) fn selected(selects: &[Select], trace: &Trace<'_>, item: Item) -> Truth {
    let mut none = Truth::No;
    for select in selects.iter().filter(|s| has(&s.any, item.activity)) {
        match select.guard.holds(trace, item.row) {
            Truth::Yes => return Truth::Yes,
            Truth::No => {}
            unknown => none = unknown,
        }
    }
    none
}

/// Whether two events are equal in these attributes.
pub(crate) fn same(keys: &[u16], trace: &Trace<'_>, a: Row, b: Row) -> Truth {
    for key in keys {
        match (trace.columns.attr(a, *key), trace.columns.attr(b, *key)) {
            (Some(a), Some(b)) if a == b => {}
            (Some(_), Some(_)) => return Truth::No,
            _ => return Truth::Unknown(Missing(*key)),
        }
    }
    Truth::Yes
}

/// Whether an event concerns the object of the obligation. One that names none of its type concerns all.
pub(crate) fn concerns(
    rule: &Compiled,
    trace: &Trace<'_>,
    row: Row,
    per: u32,
    strict: bool,
) -> bool {
    let Some(type_) = rule.per.filter(|_| per != NO_OBJECT) else {
        return true;
    };
    let columns = trace.columns;
    if columns.names(row, per) {
        return true;
    }
    let mut named = columns.named(row).iter();
    !strict && !named.any(|n| n.type_() == type_)
}

/// Whether `a` is at the same time as `b` or before it: certainly, certainly not, or it cannot be told.
pub(crate) fn not_after(a: (i64, i64), b: (i64, i64)) -> Truth {
    if a.1 <= b.0 || a == b {
        Truth::Yes
    } else if a.0 > b.1 {
        Truth::No
    } else {
        Truth::Unknown(Missing::TIME)
    }
}

/// Whether `a` is before `b`, not merely at the same time.
pub(crate) fn before(a: (i64, i64), b: (i64, i64)) -> Truth {
    if a.1 < b.0 {
        Truth::Yes
    } else if a.0 >= b.1 || a == b {
        Truth::No
    } else {
        Truth::Unknown(Missing::TIME)
    }
}

/// First and last possible instant of an event.
pub(crate) fn span(trace: &Trace<'_>, item: Item) -> (i64, i64) {
    (item.lo, trace.hi(item))
}

/// Whether `a` keeps a limit that was reckoned from both ends of a coarse time. Equal stretches are no tie here: a day and the
/// day on which a limit ends are not one instant.
pub(crate) fn by_limit(a: (i64, i64), limit: (i64, i64)) -> Truth {
    if a.1 <= limit.0 {
        Truth::Yes
    } else if a.0 > limit.1 {
        Truth::No
    } else {
        Truth::Unknown(Missing::TIME)
    }
}
