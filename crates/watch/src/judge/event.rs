//! Templates that look at the event itself: who acted, of what rank, what it carries; and at people of other events.

use calendar::Roll;
use law::rule::{At, Limit, Outcome};

use super::{NEVER, Verdict, Why, concerns, has, not_after, selected, span};
use crate::columns::Link;
use crate::guard::{Guard, Missing, Truth};
use crate::program::{Compiled, Distinct, Select, Sign, bit, bound};
use crate::symbols::Symbol;
use crate::trace::{Item, Trace};

/// A recording may be entered for so long after what it covers, before its absence is a breach.
const RECORDING_GRACE: i64 = 24 * 3_600_000_000;

pub(super) fn min_persons(roles: &[u16], min: u32, trace: &Trace<'_>, item: Item) -> Verdict {
    let actors = trace.columns.actors(item.row);
    if actors.is_empty() {
        return Verdict::unknown(Missing::ACTORS);
    }
    let counts = |role: u16| roles.is_empty() || has(roles, role);
    let first = |i: usize| {
        let earlier = &actors[..i];
        !(earlier.iter()).any(|a| a.person() == actors[i].person() && counts(a.role()))
    };
    let n = (0..actors.len())
        .filter(|i| counts(actors[*i].role()) && first(*i))
        .count() as u32;
    if n >= min {
        Verdict::of(Outcome::Satisfied)
    } else {
        Verdict::breached(super::NO_ROW, Why::Number(n))
    }
}

pub(super) fn authority(ranks: &[(Guard, u8)], trace: &Trace<'_>, item: Item) -> Option<Verdict> {
    let mut wanted = None;
    for (guard, rank) in ranks {
        match guard.holds(trace, item.row) {
            Truth::Yes => {
                wanted = Some(*rank);
                break;
            }
            Truth::No => {}
            Truth::Unknown(missing) => return Some(Verdict::unknown(missing)),
        }
    }
    let wanted = wanted?;
    let actors = trace.columns.actors(item.row);
    if actors.is_empty() {
        return Some(Verdict::unknown(Missing::ACTORS));
    }
    let highest = actors.iter().map(|a| trace.program.rank(a.role())).max();
    Some(if highest >= Some(wanted) {
        Verdict::of(Outcome::Satisfied)
    } else {
        Verdict::breached(super::NO_ROW, Why::Plain)
    })
}

pub(super) fn record(require: &Guard, trace: &Trace<'_>, item: Item) -> Verdict {
    match require.holds(trace, item.row) {
        Truth::Yes => Verdict::of(Outcome::Satisfied),
        Truth::No => Verdict::breached(super::NO_ROW, Why::Plain),
        Truth::Unknown(missing) => Verdict::unknown(missing),
    }
}

pub(super) fn back_dated(within: Limit, trace: &Trace<'_>, item: Item) -> Verdict {
    if trace.columns.is_erased(item.row) {
        // What the source said of the time of recording went with the body.
        return Verdict::unknown(Missing::BODY);
    }
    let calendar = &trace.program.calendar;
    let last = |t| calendar.due(t, bound(within), Roll::Never, &[]).exact;
    let recorded = trace.columns.recorded(item.row);
    let (lo, hi) = span(trace, item);
    let verdict = if recorded <= last(lo) {
        Verdict::of(Outcome::Satisfied)
    } else if recorded > last(hi) {
        Verdict::breached(super::NO_ROW, Why::Plain)
    } else {
        Verdict::unknown(Missing::TIME)
    };
    Verdict {
        due: last(hi),
        ..verdict
    }
}

/// Whether somebody who has to keep apart acted in both, or it cannot be told: where not, one says nothing of the other.
pub(crate) fn distinct_met(
    distinct: &Distinct,
    trace: &Trace<'_>,
    activation: Item,
    other: Item,
) -> bool {
    let counts = |roles: &[u16], role| roles.is_empty() || has(roles, role);
    let (own, others) = (
        trace.columns.actors(activation.row),
        trace.columns.actors(other.row),
    );
    let mut both = own.iter().filter(|a| counts(&distinct.roles, a.role()));
    others.is_empty()
        || both.any(|a| {
            let theirs =
                |b: &Link| b.person() == a.person() && counts(&distinct.against_roles, b.role());
            others.iter().any(theirs)
        })
}

pub(super) fn distinct(
    rule: &Compiled,
    distinct: &Distinct,
    trace: &Trace<'_>,
    item: Item,
    per: u32,
) -> Verdict {
    let columns = trace.columns;
    let actors = columns.actors(item.row);
    if actors.is_empty() {
        return Verdict::unknown(Missing::ACTORS);
    }
    let counts = |a: &&Link| distinct.roles.is_empty() || has(&distinct.roles, a.role());
    if !actors.iter().any(|a| counts(&a)) {
        return Verdict::of(Outcome::Satisfied);
    }
    let own = |person: Symbol| (actors.iter().filter(counts)).any(|a| a.person() == person);
    let theirs = |role| distinct.against_roles.is_empty() || has(&distinct.against_roles, role);
    if distinct.against.is_empty() {
        let both = actors.iter().any(|a| theirs(a.role()) && own(a.person()));
        return if both {
            Verdict::breached(item.row, Why::Plain)
        } else {
            Verdict::of(Outcome::Satisfied)
        };
    }
    let mut unknown = None;
    let until = if distinct.before {
        trace.hi(item)
    } else {
        NEVER
    };
    for other in trace.forward(rule, i64::MIN) {
        if other.lo > until {
            break;
        }
        if other.row == item.row || !concerns(rule, trace, other.row, per, false) {
            continue;
        }
        let others = columns.actors(other.row);
        let meet = others.iter().any(|a| theirs(a.role()) && own(a.person()));
        if !meet && !others.is_empty() {
            continue;
        }
        let counts = match selected(&distinct.against, trace, other) {
            Truth::Yes if distinct.before => not_after(span(trace, other), span(trace, item)),
            truth => truth,
        };
        if counts == Truth::No {
            continue;
        }
        if others.is_empty() {
            unknown = Some(Missing::ACTORS);
        }
        if meet {
            match counts {
                Truth::Unknown(missing) => unknown = Some(missing),
                _ => return Verdict::breached(other.row, Why::Plain),
            }
        }
    }
    unknown.map_or(Verdict::of(Outcome::Satisfied), Verdict::unknown)
}

pub(super) fn covered(
    rule: &Compiled,
    by: &[Select],
    trace: &Trace<'_>,
    item: Item,
    per: u32,
    now: i64,
) -> Verdict {
    let columns = trace.columns;
    let Some(ended) = columns.ended(item.row) else {
        return Verdict::unknown(Missing::END);
    };
    let mut unknown = None;
    for other in trace.backward(rule, trace.hi(item)) {
        if other.row == item.row
            || rule.bits(other.activity) & bit::A == 0
            || other.is_over(ended.saturating_sub(1))
            || !concerns(rule, trace, other.row, per, false)
        {
            continue;
        }
        let over = match columns.ended(other.row) {
            Some(end) if end >= ended => not_after(span(trace, other), span(trace, item)),
            Some(_) => Truth::No,
            None => Truth::Unknown(Missing::END),
        };
        match (over, selected(by, trace, other)) {
            (Truth::Yes, Truth::Yes) => {
                return Verdict {
                    witness: other.row,
                    ..Verdict::of(Outcome::Satisfied)
                };
            }
            (Truth::No, _) | (_, Truth::No) => {}
            (Truth::Unknown(missing), _) | (_, Truth::Unknown(missing)) => unknown = Some(missing),
        }
    }
    if let Some(missing) = unknown {
        return Verdict::unknown(missing);
    }
    let due = ended.saturating_add(RECORDING_GRACE);
    if now <= due {
        return Verdict {
            due,
            next: due + 1,
            ..Verdict::of(Outcome::Pending)
        };
    }
    Verdict {
        due,
        ..Verdict::breached(super::NO_ROW, Why::Plain)
    }
}

pub(super) fn score(
    rule: &Compiled,
    signs: &[Sign],
    min: u32,
    trace: &Trace<'_>,
    item: Item,
    per: u32,
) -> Verdict {
    let (mut sure, mut possible) = (0, 0);
    let mut missing = Missing::TIME;
    for sign in signs {
        let truth = match sign.if_.holds(trace, item.row) {
            Truth::No => Truth::No,
            Truth::Yes => shown(rule, sign, trace, item, per),
            unknown => match shown(rule, sign, trace, item, per) {
                Truth::No => Truth::No,
                _ => unknown,
            },
        };
        match truth {
            Truth::Yes => (sure, possible) = (sure + 1, possible + 1),
            Truth::No => {}
            Truth::Unknown(m) => {
                possible += 1;
                missing = m;
            }
        }
    }
    if sure >= min {
        Verdict::breached(super::NO_ROW, Why::Number(sure))
    } else if possible >= min {
        Verdict::unknown(missing)
    } else {
        Verdict::of(Outcome::Satisfied)
    }
}

/// Whether a sign is there, its condition holding.
pub(crate) fn shown(
    rule: &Compiled,
    sign: &Sign,
    trace: &Trace<'_>,
    item: Item,
    per: u32,
) -> Truth {
    if sign.any.is_empty() {
        return Truth::Yes;
    }
    let own = span(trace, item);
    let mut found = Truth::No;
    for other in trace.forward(rule, i64::MIN) {
        if other.row == item.row || !concerns(rule, trace, other.row, per, false) {
            continue;
        }
        let times = span(trace, other);
        let placed = match sign.at {
            At::Any => Truth::Yes,
            At::Before => not_after(times, own),
            At::After => not_after(own, times),
        };
        match (placed, selected(&sign.any, trace, other)) {
            (Truth::Yes, Truth::Yes) => {
                found = Truth::Yes;
                break;
            }
            (Truth::No, _) | (_, Truth::No) => {}
            (unknown @ Truth::Unknown(_), _) | (_, unknown) => found = unknown,
        }
    }
    match (sign.missing, found) {
        (true, Truth::Yes) => Truth::No,
        (true, Truth::No) => Truth::Yes,
        (_, truth) => truth,
    }
}
