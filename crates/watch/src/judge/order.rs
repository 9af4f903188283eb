//! Templates that look back along the trace: what must have come before, what must not have, how often.

use law::rule::{Limit, Outcome};

use super::{Verdict, Why, before, concerns, not_after, same, selected, span};
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
    // What took back whatever came before it.
    let mut floor: Option<Item> = None;
    for earlier in trace.backward(rule, own.1) {
        if earlier.row == item.row || !concerns(rule, trace, earlier.row, per, false) {
            continue;
        }
        let bits = rule.bits(earlier.activity);
        let in_time = not_after(span(trace, earlier), own);
        if in_time == Truth::No {
            continue;
        }
        if bits & bit::A != 0 {
            let truths = [
                in_time,
                selected(&need.any, trace, earlier),
                same(&need.same, trace, earlier.row, item.row),
                lead(need, trace, earlier, item),
                within(need, trace, earlier, item),
                floor.map_or(Truth::Yes, |f| {
                    not_after(span(trace, f), span(trace, earlier))
                }),
            ];
            match all(truths) {
                Truth::Yes => return Truth::Yes,
                Truth::No => {}
                truth => unknown = truth,
            }
        }
        if floor.is_none() && bits & (bit::B | bit::C) != 0 {
            let takes = match selected(&need.revoked_by, trace, earlier) {
                Truth::No => selected(&need.since, trace, earlier),
                truth => truth,
            };
            match takes {
                Truth::Yes => floor = Some(earlier),
                Truth::No => {}
                truth => unknown = truth,
            }
        }
    }
    unknown
}

fn lead(need: &Need, trace: &Trace<'_>, earlier: Item, item: Item) -> Truth {
    let Some(limit) = need.lead else {
        return Truth::Yes;
    };
    let last = |t| trace.program.calendar.before(t, bound(limit));
    let (lo, hi) = span(trace, item);
    not_after(span(trace, earlier), (last(lo), last(hi)))
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
    not_after(span(trace, item), (last(lo), last(hi)))
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
    let mut maybe_ended = None;
    for earlier in trace.backward(rule, own.1) {
        if earlier.row == item.row || !concerns(rule, trace, earlier.row, per, false) {
            continue;
        }
        let times = span(trace, earlier);
        let bits = rule.bits(earlier.activity);
        // What ends the state at the same time ends it: the lenient order.
        if bits & bit::B != 0 && not_after(times, own) != Truth::No {
            match all([selected(&absence.to, trace, earlier), not_after(times, own)]) {
                Truth::Yes => break,
                Truth::No => {}
                Truth::Unknown(missing) => maybe_ended = Some(missing),
            }
        }
        if bits & bit::A == 0 {
            continue;
        }
        let soon = match absence.gap {
            None => Truth::Yes,
            Some(limit) => {
                let calendar = &trace.program.calendar;
                let last = |t| {
                    calendar
                        .due(t, bound(limit), calendar::Roll::Never, &[])
                        .exact
                };
                // A gap that is exactly kept is kept.
                before(own, (last(times.0), last(times.1)))
            }
        };
        let truths = [
            before(times, own),
            selected(&absence.from, trace, earlier),
            same(&absence.same, trace, earlier.row, item.row),
            soon,
        ];
        match (all(truths), maybe_ended) {
            (Truth::Yes, None) => return Verdict::breached(earlier.row, Why::Plain),
            (Truth::Yes, Some(missing)) | (Truth::Unknown(missing), _) => {
                unknown.get_or_insert(missing);
            }
            (Truth::No, _) => {}
        }
    }
    unknown.map_or(Verdict::of(Outcome::Satisfied), Verdict::unknown)
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
    let key = item.key(trace.columns);
    let (mut sure, mut possible) = (0_u32, 0_u32);
    let mut first = item.row;
    for earlier in trace.activations_backward(rule, item.lo) {
        if earlier.key(trace.columns) > key || !concerns(rule, trace, earlier.row, per, true) {
            continue;
        }
        if let Some(limit) = window {
            let last = calendar.due(earlier.lo, bound(limit), calendar::Roll::Never, &[]);
            if last.exact < item.lo {
                break;
            }
        }
        if earlier.lo < rule.from {
            continue;
        }
        match rule.activation.guard.holds(trace, earlier.row) {
            Truth::Yes => {
                (sure, possible) = (sure + 1, possible + 1);
                first = earlier.row;
            }
            Truth::No => {}
            Truth::Unknown(_) => possible += 1,
        }
        if sure > max {
            return Verdict::breached(first, Why::Number(sure));
        }
    }
    if possible > max {
        return Verdict::unknown(Missing::TIME);
    }
    Verdict::of(Outcome::Satisfied)
}

pub(super) fn exclusive(
    rule: &Compiled,
    states: &[State],
    trace: &Trace<'_>,
    item: Item,
) -> Verdict {
    let own = span(trace, item);
    let begins = |s: &State| selected(&s.from, trace, item) == Truth::Yes;
    let mut unknown = None;
    for state in states.iter().filter(|s| !begins(s)) {
        if selected(&state.to, trace, item) == Truth::Yes {
            continue;
        }
        for earlier in trace.backward(rule, own.1) {
            if earlier.row == item.row {
                continue;
            }
            let times = span(trace, earlier);
            if all([selected(&state.to, trace, earlier), not_after(times, own)]) == Truth::Yes {
                break;
            }
            match all([selected(&state.from, trace, earlier), before(times, own)]) {
                Truth::Yes => return Verdict::breached(earlier.row, Why::Plain),
                Truth::No => {}
                Truth::Unknown(missing) => {
                    unknown.get_or_insert(missing);
                }
            }
        }
    }
    unknown.map_or(Verdict::of(Outcome::Satisfied), Verdict::unknown)
}

pub(super) fn overlap(rule: &Compiled, to: &[Select], trace: &Trace<'_>, item: Item) -> Verdict {
    let key = item.key(trace.columns);
    let mut unknown = None;
    for earlier in trace.activations_backward(rule, item.lo) {
        if earlier.key(trace.columns) >= key {
            continue;
        }
        if item.lo - earlier.lo > LONGEST_STRETCH {
            break;
        }
        match rule.activation.guard.holds(trace, earlier.row) {
            Truth::Yes => {}
            Truth::No => continue,
            Truth::Unknown(missing) => {
                unknown.get_or_insert(missing);
                continue;
            }
        }
        let ended = trace.columns.ended(earlier.row).or_else(|| {
            let mut after = trace.forward(rule, earlier.lo);
            after
                .find(|e| selected(to, trace, *e) == Truth::Yes)
                .map(|e| e.lo)
        });
        match ended {
            Some(ended) if ended > trace.hi(item) => {
                return Verdict::breached(earlier.row, Why::Plain);
            }
            Some(ended) if ended > item.lo => {
                unknown.get_or_insert(Missing::TIME);
            }
            Some(_) => {}
            None if to.is_empty() => {
                unknown.get_or_insert(Missing::END);
            }
            None => return Verdict::breached(earlier.row, Why::Plain),
        }
    }
    unknown.map_or(Verdict::of(Outcome::Satisfied), Verdict::unknown)
}
