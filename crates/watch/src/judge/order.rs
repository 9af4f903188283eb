//! Templates that look back along the trace: what must have come before, what must not have, how often.

use law::rule::{Limit, Outcome};

use smallvec::SmallVec;

use super::{Verdict, Why, before, by_limit, concerns, not_after, same, selected, span};
use crate::columns::Row;
use crate::guard::{Missing, Truth};
use crate::program::{Absence, Compiled, Need, Select, State, bit, bound};
use crate::trace::{Item, Trace};

/// Two stretches further apart than this are not compared for overlapping: nobody is questioned for 31 days.
const LONGEST_STRETCH: i64 = 31 * 24 * 3_600_000_000;

pub(super) fn precedence(
    rule: &Compiled,
    needs: &[Need],
    trace: &Trace<'_>,
    item: Item,
    per: u32,
) -> Verdict {
    let mut unknown = None;
    for (no, need) in needs.iter().enumerate() {
        let applies = need.if_.holds(trace, item.row);
        if applies == Truth::No {
            continue;
        }
        match (met(rule, need, trace, item, per), applies) {
            (Truth::Yes, _) => {}
            (Truth::No, Truth::Yes) => {
                return Verdict::breached(super::NO_ROW, Why::Need(no as u16));
            }
            (Truth::Unknown(missing), _) | (_, Truth::Unknown(missing)) => {
                unknown.get_or_insert(missing);
            }
            (Truth::No, Truth::No) => {}
        }
    }
    unknown.map_or(Verdict::of(Outcome::Satisfied), Verdict::unknown)
}

fn met(rule: &Compiled, need: &Need, trace: &Trace<'_>, item: Item, per: u32) -> Truth {
    let own = span(trace, item);
    let mut unknown = Truth::No;
    // What took back, or put out of date, whatever came before it.
    let takes = |e: Item| {
        let truth = match selected(&need.revoked_by, trace, e) {
            Truth::No => selected(&need.since, trace, e),
            truth => truth,
        };
        all([truth, before(span(trace, e), own)])
    };
    let mut taken = Later::default();
    for earlier in trace.backward(rule, own.1) {
        if earlier.row == item.row || !concerns(rule, trace, earlier.row, per, false) {
            continue;
        }
        let times = span(trace, earlier);
        let in_time = not_after(times, own);
        if in_time == Truth::No {
            continue;
        }
        let bits = rule.bits(earlier.activity);
        if bits & (bit::B | bit::C) != 0 {
            taken.see(takes(earlier), times);
        }
        if taken.over(trace, earlier.lo) {
            break;
        }
        if bits & bit::A != 0 {
            let truths = [
                in_time,
                selected(&need.any, trace, earlier),
                same(&need.same, trace, earlier.row, item.row),
                lead(need, trace, earlier, item),
                within(need, trace, earlier, item),
            ];
            let truth = match all(truths) {
                Truth::No => Truth::No,
                truth => {
                    let after = |v| before(times, v);
                    let back = taken.any(rule, trace, (item, earlier, per), takes, after);
                    all([truth, not(back)])
                }
            };
            match truth {
                Truth::Yes => return Truth::Yes,
                Truth::No => {}
                truth => unknown = truth,
            }
        }
    }
    unknown
}

/// What ends, or takes back, things that came before it; found on a walk back along the trace.
#[derive(Default)]
struct Later(SmallVec<[(Truth, (i64, i64)); 4]>);

impl Later {
    fn see(&mut self, truth: Truth, times: (i64, i64)) {
        if truth != Truth::No {
            self.0.push((truth, times));
        }
    }

    /// Whether nothing that begins at this instant or before it can matter any more.
    fn over(&self, trace: &Trace<'_>, lo: i64) -> bool {
        let sure = |(truth, times): &(Truth, (i64, i64))| {
            *truth == Truth::Yes && times.0 > trace.until(lo)
        };
        self.0.iter().any(sure)
    }

    /// Whether one of them comes after `earlier`: of those seen, and of those that share its time and lie further back.
    fn any(
        &self,
        rule: &Compiled,
        trace: &Trace<'_>,
        (item, earlier, per): (Item, Item, u32),
        is: impl Fn(Item) -> Truth,
        after: impl Fn((i64, i64)) -> Truth,
    ) -> Truth {
        let mut found = Truth::No;
        for (truth, times) in &self.0 {
            found = or(found, all([*truth, after(*times)]));
        }
        let since = trace.since(earlier.lo);
        for other in trace.backward(rule, earlier.lo) {
            if other.lo < since || found == Truth::Yes {
                break;
            }
            let counts = other.row != item.row && concerns(rule, trace, other.row, per, false);
            if counts {
                found = or(found, all([is(other), after(span(trace, other))]));
            }
        }
        found
    }
}

fn or(a: Truth, b: Truth) -> Truth {
    match (a, b) {
        (Truth::Yes, _) | (_, Truth::Yes) => Truth::Yes,
        (Truth::No, truth) => truth,
        (unknown, _) => unknown,
    }
}

fn not(truth: Truth) -> Truth {
    match truth {
        Truth::Yes => Truth::No,
        Truth::No => Truth::Yes,
        unknown => unknown,
    }
}

fn lead(need: &Need, trace: &Trace<'_>, earlier: Item, item: Item) -> Truth {
    let Some(limit) = need.lead else {
        return Truth::Yes;
    };
    let last = |t| trace.program.calendar.before(t, bound(limit));
    let (lo, hi) = span(trace, item);
    by_limit(span(trace, earlier), (last(lo), last(hi)))
}

fn within(need: &Need, trace: &Trace<'_>, earlier: Item, item: Item) -> Truth {
    let Some(limit) = need.within else {
        return Truth::Yes;
    };
    let calendar = &trace.program.calendar;
    let last = |t| {
        calendar
            .due(t, bound(limit), calendar::Roll::Never, &[])
            .exact
    };
    let (lo, hi) = span(trace, earlier);
    by_limit(span(trace, item), (last(lo), last(hi)))
}

fn all<const N: usize>(truths: [Truth; N]) -> Truth {
    let mut all = Truth::Yes;
    for truth in truths {
        match truth {
            Truth::Yes => {}
            Truth::No => return Truth::No,
            unknown => all = unknown,
        }
    }
    all
}

pub(super) fn absence(
    rule: &Compiled,
    absence: &Absence,
    trace: &Trace<'_>,
    item: Item,
    per: u32,
) -> Verdict {
    if absence.from.is_empty() {
        return Verdict::breached(super::NO_ROW, Why::Plain);
    }
    let own = span(trace, item);
    let mut unknown = None;
    // What ends the state at the same time ends it: the lenient order.
    let ends = |e: Item| {
        all([
            selected(&absence.to, trace, e),
            not_after(span(trace, e), own),
        ])
    };
    let mut ended = Later::default();
    for earlier in trace.backward(rule, own.1) {
        if earlier.row == item.row || !concerns(rule, trace, earlier.row, per, false) {
            continue;
        }
        let times = span(trace, earlier);
        let bits = rule.bits(earlier.activity);
        if bits & bit::B != 0 {
            ended.see(ends(earlier), times);
        }
        if ended.over(trace, earlier.lo) {
            break;
        }
        if bits & bit::A == 0 {
            continue;
        }
        let soon = match absence.gap {
            None => Truth::Yes,
            Some(limit) => not(by_limit(
                (
                    gap_over(trace, times.0, limit),
                    gap_over(trace, times.1, limit),
                ),
                own,
            )),
        };
        // Two of one day are one instant to an order, but how long was between them is not known.
        let first = match before(times, own) {
            Truth::No if absence.gap.is_some() && times == own && own.0 < own.1 => {
                Truth::Unknown(Missing::TIME)
            }
            first => first,
        };
        let truths = [
            first,
            selected(&absence.from, trace, earlier),
            same(&absence.same, trace, earlier.row, item.row),
            soon,
        ];
        let truth = match all(truths) {
            Truth::No => Truth::No,
            truth => {
                let after = |u| not_after(times, u);
                let end = ended.any(rule, trace, (item, earlier, per), ends, after);
                all([truth, not(end)])
            }
        };
        match truth {
            Truth::Yes => return Verdict::breached(earlier.row, Why::Plain),
            Truth::No => {}
            Truth::Unknown(missing) => {
                unknown.get_or_insert(missing);
            }
        }
    }
    unknown.map_or(Verdict::of(Outcome::Satisfied), Verdict::unknown)
}

/// First instant at which so much time has passed: a gap of hours that is exactly kept is kept; one of days is over with its
/// last day, so that a day is never in it and out of it.
fn gap_over(trace: &Trace<'_>, from: i64, gap: Limit) -> i64 {
    use law::rule::LimitUnit;
    let roll = calendar::Roll::Never;
    let last = trace.program.calendar.due(from, bound(gap), roll, &[]);
    match gap.unit {
        LimitUnit::Minute | LimitUnit::Hour => last.exact,
        _ => last.exact.saturating_add(1),
    }
}

pub(super) fn count(
    rule: &Compiled,
    max: u32,
    window: Option<Limit>,
    trace: &Trace<'_>,
    item: Item,
    per: u32,
) -> Verdict {
    let calendar = &trace.program.calendar;
    let own = span(trace, item);
    let (mut sure, mut possible) = (0_u32, 0_u32);
    let mut first = item.row;
    let mut unknown = Missing::TIME;
    for earlier in trace.activations_backward(rule, own.1) {
        let placed = earlier_or_same(trace, earlier, item);
        if placed == Truth::No || !concerns(rule, trace, earlier.row, per, true) {
            continue;
        }
        let times = span(trace, earlier);
        let in_window = window.map_or(Truth::Yes, |limit| {
            let last = |t| {
                calendar
                    .due(t, bound(limit), calendar::Roll::Never, &[])
                    .exact
            };
            by_limit(own, (last(times.0), last(times.1)))
        });
        if in_window == Truth::No && !trace.coarse {
            break;
        }
        if earlier.lo < rule.from {
            continue;
        }
        let guard = rule.activation.guard.holds(trace, earlier.row);
        match all([placed, in_window, guard]) {
            Truth::Yes => {
                (sure, possible) = (sure + 1, possible + 1);
                first = earlier.row;
            }
            Truth::No => {}
            Truth::Unknown(missing) => {
                possible += 1;
                unknown = missing;
            }
        }
        if sure > max {
            return Verdict::breached(first, Why::Number(sure));
        }
    }
    if possible > max {
        return Verdict::unknown(unknown);
    }
    Verdict::of(Outcome::Satisfied)
}

/// Whether one activation comes before another, or is it. Of those at one instant the one that was recorded first: which of
/// several is one too many has to be said somehow.
fn earlier_or_same(trace: &Trace<'_>, earlier: Item, item: Item) -> Truth {
    let (a, b) = (span(trace, earlier), span(trace, item));
    let first = !item.precedes(&earlier, trace.columns);
    match not_after(a, b) {
        Truth::Yes if a == b && !first => Truth::No,
        Truth::Yes if a.1 == b.0 && !first => Truth::Unknown(Missing::TIME),
        truth => truth,
    }
}

pub(super) fn exclusive(
    rule: &Compiled,
    states: &[State],
    trace: &Trace<'_>,
    item: Item,
    per: u32,
) -> Verdict {
    let own = span(trace, item);
    let begun: SmallVec<[Truth; 4]> = states
        .iter()
        .map(|s| selected(&s.from, trace, item))
        .collect();
    let mut unknown = None;
    for (no, state) in states.iter().enumerate() {
        // It begins another one, and not this.
        let others = begun.iter().enumerate().filter(|(n, _)| *n != no);
        let other = others.fold(Truth::No, |found, (_, b)| or(found, *b));
        let applies = all([other, not(begun[no]), not(selected(&state.to, trace, item))]);
        if applies == Truth::No {
            continue;
        }
        match all([applies, lasts(rule, state, trace, (item, own), per).0]) {
            Truth::Yes => {
                let (_, row) = lasts(rule, state, trace, (item, own), per);
                return Verdict::breached(row, Why::Plain);
            }
            Truth::No => {}
            Truth::Unknown(missing) => {
                unknown.get_or_insert(missing);
            }
        }
    }
    unknown.map_or(Verdict::of(Outcome::Satisfied), Verdict::unknown)
}

/// Whether a state lasts when an event comes, and what began it.
fn lasts(
    rule: &Compiled,
    state: &State,
    trace: &Trace<'_>,
    (item, own): (Item, (i64, i64)),
    per: u32,
) -> (Truth, Row) {
    let ends = |e: Item| {
        all([
            selected(&state.to, trace, e),
            not_after(span(trace, e), own),
        ])
    };
    let mut ended = Later::default();
    let mut found = (Truth::No, super::NO_ROW);
    for earlier in trace.backward(rule, own.1) {
        if earlier.row == item.row || !concerns(rule, trace, earlier.row, per, false) {
            continue;
        }
        let times = span(trace, earlier);
        ended.see(ends(earlier), times);
        if ended.over(trace, earlier.lo) {
            break;
        }
        let begins = all([selected(&state.from, trace, earlier), before(times, own)]);
        if begins == Truth::No {
            continue;
        }
        let after = |u| not_after(times, u);
        let end = ended.any(rule, trace, (item, earlier, per), ends, after);
        match all([begins, not(end)]) {
            Truth::Yes => return (Truth::Yes, earlier.row),
            Truth::No => {}
            truth => found = (truth, earlier.row),
        }
    }
    found
}

pub(super) fn overlap(
    rule: &Compiled,
    to: &[Select],
    trace: &Trace<'_>,
    item: Item,
    per: u32,
) -> Verdict {
    let own = span(trace, item);
    if apart(rule, trace, item, own) {
        return Verdict::of(Outcome::Satisfied);
    }
    let mut unknown = None;
    for earlier in trace.activations_backward(rule, own.1) {
        // The ordinary cases, without a look at its row.
        if item.lo.saturating_sub(earlier.lo) > LONGEST_STRETCH {
            break;
        }
        if earlier.is_over(own.0)
            || earlier.row == item.row
            || !concerns(rule, trace, earlier.row, per, true)
        {
            continue;
        }
        let truths = [
            earlier_or_same(trace, earlier, item),
            rule.activation.guard.holds(trace, earlier.row),
        ];
        let truth = match all(truths) {
            Truth::No => Truth::No,
            truth => all([truth, lasts_beyond(rule, to, trace, earlier, own, per)]),
        };
        match truth {
            Truth::Yes => return Verdict::breached(earlier.row, Why::Plain),
            Truth::No => {}
            Truth::Unknown(missing) => {
                unknown.get_or_insert(missing);
            }
        }
    }
    unknown.map_or(Verdict::of(Outcome::Satisfied), Verdict::unknown)
}

/// Whether nothing lately began that may overlap: the ordinary case, told without a look at any row.
fn apart(rule: &Compiled, trace: &Trace<'_>, item: Item, own: (i64, i64)) -> bool {
    const MOST: usize = 64;
    let mut seen = 0;
    for earlier in trace.newest(own.1, MOST) {
        seen += 1;
        if item.lo.saturating_sub(earlier.lo) > LONGEST_STRETCH {
            return true;
        }
        if !earlier.is_over(own.0)
            && earlier.row != item.row
            && rule.bits(earlier.activity) & bit::ACTIVATION != 0
        {
            return false;
        }
    }
    seen < MOST
}

/// Whether a stretch that an event begins still lasts at a time.
fn lasts_beyond(
    rule: &Compiled,
    to: &[Select],
    trace: &Trace<'_>,
    event: Item,
    at: (i64, i64),
    per: u32,
) -> Truth {
    if let Some(ended) = trace.columns.ended(event.row) {
        return if ended > at.1 {
            Truth::Yes
        } else if ended <= at.0 {
            Truth::No
        } else {
            Truth::Unknown(Missing::TIME)
        };
    }
    if trace.columns.is_erased(event.row) {
        return Truth::Unknown(Missing::BODY);
    }
    if to.is_empty() {
        return Truth::Unknown(Missing::END);
    }
    let times = span(trace, event);
    let mut ended = Truth::No;
    for end in trace.forward(rule, trace.since(event.lo)) {
        if end.lo > at.1 || ended == Truth::Yes {
            break;
        }
        if end.row == event.row || !concerns(rule, trace, end.row, per, false) {
            continue;
        }
        let until = span(trace, end);
        let truths = [
            selected(to, trace, end),
            not_after(times, until),
            not_after(until, at),
        ];
        ended = or(ended, all(truths));
    }
    not(ended)
}
