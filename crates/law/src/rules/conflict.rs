//! Rules that nobody can obey together: the smallest group that shows it, named by one fault.
//!
//! Searched, for rules over the same type of object that are in force on a common day, and only where it is certain:
//!
//! - a need, or all that is expected, is forbidden without condition;
//! - what is expected is forbidden once the activation is there (for ever, or longer than its limit);
//! - what needs something is forbidden for ever once that something is there;
//! - a limit that ends before the least distance that a precedence wants between the same two activities;
//! - activities that need each other beforehand, in a circle, so that none can be the first.
//!
//! **Not searched**: what hangs on guards (a guarded rule counts only as far as it is stronger without its guard: a guarded
//! rule forbids nothing here, and obliges nobody), on more than two rules beside the circle, on persons and ranks, on states
//! that other events may have ended, on counts. The product of all automata is not built: a pack without a fault of this
//! kind is not thereby free of contradiction.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use model::Activity;

use super::limit::minutes;
use super::read::Place;
use crate::rule::{Absence, BoundIf, Guard, LimitUnit, Need, Response, Rule, Select, Template};
use crate::{Catalogue, Fault, What};

/// A rule, where it stands, and what it forbids, needs or expects of every activation.
struct Entry<'r> {
    rule: &'r Rule,
    place: &'r Place,
}

/// Looks for contradictions among rules that are each good by themselves.
pub(super) fn search(catalogue: &Catalogue, places: &[Place], faults: &mut Vec<Fault>) {
    let mut by_object: BTreeMap<&str, Vec<Entry<'_>>> = BTreeMap::new();
    for (rule, place) in catalogue.rules.iter().zip(places) {
        // What a place turned off obliges nobody.
        if catalogue.off(rule.id.as_str()).is_some() {
            continue;
        }
        let of_object = by_object.entry(rule.object.as_str()).or_default();
        of_object.push(Entry { rule, place });
    }
    for entries in by_object.values() {
        for (at, a) in entries.iter().enumerate() {
            // Both ways: the pair is named once, at the rule that obliges.
            for (other, b) in entries.iter().enumerate() {
                if at != other
                    && together(a.rule, b.rule)
                    && let Some((key, why)) = pair(a.rule, b.rule)
                {
                    faults.push(contradiction(a.place, key, &[a.rule, b.rule], why));
                }
            }
        }
        circles(entries, faults);
    }
}

fn contradiction(place: &Place, key: &str, rules: &[&Rule], why: String) -> Fault {
    let rules = rules.iter().map(|r| r.id.to_string()).collect();
    place.fault(key, What::Contradiction { rules, why })
}

fn together(a: &Rule, b: &Rule) -> bool {
    let starts = a.from.max(b.from);
    let ends = [a.to, b.to].into_iter().flatten().min();
    ends.is_none_or(|to| starts <= to)
}

fn always(guard: &Guard) -> bool {
    guard.0.is_empty()
}

/// Activities that every event of is among these selections, whatever it holds.
fn all_of(selects: &[Select]) -> BTreeSet<&Activity> {
    let whole = selects.iter().filter(|s| always(&s.when));
    whole.flat_map(|s| &s.any).collect()
}

/// Every activity that some selection names.
fn named(selects: &[Select]) -> BTreeSet<&Activity> {
    selects.iter().flat_map(|s| &s.any).collect()
}

/// What a rule forbids without condition: its activities, and after what.
fn forbids(rule: &Rule) -> Option<(BTreeSet<&Activity>, &Absence)> {
    let plain = always(&rule.activation.when) && rule.excuse.is_empty() && rule.per.is_none();
    match &rule.template {
        Template::Absence(absence) if plain && absence.same.is_empty() => {
            Some((rule.activation.any.iter().collect(), absence))
        }
        _ => None,
    }
}

/// Why nobody can obey `a`, which obliges, and `b`, which forbids or delays.
fn pair(a: &Rule, b: &Rule) -> Option<(&'static str, String)> {
    if !always(&a.activation.when) || !a.excuse.is_empty() || a.per.is_some() {
        return None;
    }
    match (&a.template, forbids(b)) {
        (Template::Response(r), Some((forbidden, absence))) => {
            expected_and_forbidden(a, r, b, &forbidden, absence)
        }
        (Template::Precedence(needs), Some((forbidden, absence))) => (needs.iter())
            .filter(|n| always(&n.if_))
            .find_map(|n| needed_and_forbidden(a, n, b, &forbidden, absence)),
        (Template::Response(r), None) => match &b.template {
            Template::Precedence(needs) if b.per.is_none() => (needs.iter())
                .filter(|n| always(&n.if_) && always(&b.activation.when))
                .find_map(|n| sooner_than_allowed(a, r, b, n)),
            _ => None,
        },
        _ => None,
    }
}

fn list(activities: &BTreeSet<&Activity>) -> String {
    let names: Vec<_> = activities.iter().map(|a| a.as_str()).collect();
    names.join(", ")
}

fn expected_and_forbidden(
    a: &Rule,
    r: &Response,
    b: &Rule,
    forbidden: &BTreeSet<&Activity>,
    absence: &Absence,
) -> Option<(&'static str, String)> {
    let expected = named(&r.expect);
    let lifted = !r.until.is_empty();
    if lifted || r.rearm || !expected.is_subset(forbidden) {
        return None;
    }
    let (a_id, b_id) = (&a.id, &b.id);
    let expected_list = list(&expected);
    if absence.from.is_empty() {
        let why = format!("{a_id} expects {expected_list} and {b_id} forbids it always");
        return Some(("expect", why));
    }
    let begins = all_of(&absence.from);
    let on: BTreeSet<_> = a.activation.any.iter().collect();
    if !on.is_subset(&begins) || !absence.to.is_empty() {
        return None;
    }
    match absence.gap {
        None => {
            let why = format!(
                "{a_id} expects {expected_list} after {}, where {b_id} forbids it",
                list(&on)
            );
            Some(("expect", why))
        }
        Some(gap) => {
            let longest = longest(r)?;
            // A gap of days is over with the last of them, and so is a limit of as many.
            let days = !matches!(gap.unit, LimitUnit::Minute | LimitUnit::Hour);
            let alike = |b: &BoundIf| b.bound.unit == gap.unit && b.bound.amount <= gap.amount;
            let on_its_days = days && !r.bounds.is_empty() && r.bounds.iter().all(alike);
            (on_its_days || longest < minutes(gap).0).then(|| {
                let limit = limits(r);
                let why = format!(
                    "{a_id} expects {expected_list} within {limit}, {b_id} forbids it before {gap}"
                );
                ("bound", why)
            })
        }
    }
}

/// The longest that any limit of the rule can be, where nothing prolongs it.
fn longest(r: &Response) -> Option<u64> {
    if !r.changes.is_empty() || !r.pause.is_empty() || r.roll || r.statutory {
        return None;
    }
    r.bounds.iter().map(|b| minutes(b.bound).1).max()
}

fn limits(r: &Response) -> String {
    let all: Vec<_> = r.bounds.iter().map(|b| b.bound.to_string()).collect();
    all.join(" or ")
}

fn needed_and_forbidden(
    a: &Rule,
    need: &Need,
    b: &Rule,
    forbidden: &BTreeSet<&Activity>,
    absence: &Absence,
) -> Option<(&'static str, String)> {
    let needed = named(&need.any);
    let (a_id, b_id) = (&a.id, &b.id);
    if absence.from.is_empty() && needed.is_subset(forbidden) {
        let why = format!(
            "{a_id} needs {} and {b_id} forbids it always",
            list(&needed)
        );
        return Some(("needs", why));
    }
    let on: BTreeSet<_> = a.activation.any.iter().collect();
    let begins = all_of(&absence.from);
    let for_ever = !absence.from.is_empty() && absence.to.is_empty() && absence.gap.is_none();
    (for_ever && on.is_subset(forbidden) && needed.is_subset(&begins)).then(|| {
        let (on, needed) = (list(&on), list(&needed));
        let why = format!("{a_id} wants {needed} before {on}, {b_id} forbids {on} after it");
        ("needs", why)
    })
}

fn sooner_than_allowed(
    a: &Rule,
    r: &Response,
    b: &Rule,
    need: &Need,
) -> Option<(&'static str, String)> {
    let lead = need.lead?;
    let expected = named(&r.expect);
    let on: BTreeSet<_> = a.activation.any.iter().collect();
    let later: BTreeSet<_> = b.activation.any.iter().collect();
    let same = expected.is_subset(&later) && named(&need.any) == on;
    // The first activation of a trace has none before it that could meet the need in its stead.
    (same && r.until.is_empty() && longest(r)? < minutes(lead).0).then(|| {
        let (a, b, limit) = (&a.id, &b.id, limits(r));
        let why = format!(
            "{a} expects {} within {limit}, {b} not before {lead}",
            list(&expected)
        );
        ("bound", why)
    })
}

/// Activities that can never be done because each waits for another: on every day on which the rules in force change.
fn circles(entries: &[Entry<'_>], faults: &mut Vec<Fault>) {
    let mut told: BTreeSet<Vec<&str>> = BTreeSet::new();
    let days: BTreeSet<Date> = entries.iter().map(|e| e.rule.from).collect();
    for day in days {
        let edges = edges(entries, day);
        let stuck = stuck(&edges);
        let Some(circle) = circle(&edges, &stuck) else {
            continue;
        };
        let mut ids: Vec<&str> = circle.iter().map(|(_, e)| e.rule.id.as_str()).collect();
        let steps: Vec<_> = circle.iter().map(|(a, _)| a.as_str()).collect();
        let why = format!(
            "each waits for the next: {}, {}",
            steps.join(", "),
            steps[0]
        );
        let place = circle[0].1.place;
        let mut rules: Vec<&Rule> = circle.iter().map(|(_, e)| e.rule).collect();
        rules.dedup_by_key(|r| &r.id);
        ids.sort_unstable();
        ids.dedup();
        if told.insert(ids) {
            faults.push(contradiction(place, "needs", &rules, why));
        }
    }
}

/// What an activity always needs: any of these, by that rule.
type Edges<'r> = BTreeMap<&'r Activity, Vec<(BTreeSet<&'r Activity>, &'r Entry<'r>)>>;

fn edges<'r>(entries: &'r [Entry<'r>], day: Date) -> Edges<'r> {
    let mut edges = Edges::new();
    for entry in entries {
        let rule = entry.rule;
        let in_force = rule.from <= day && rule.to.is_none_or(|to| day <= to);
        let plain = always(&rule.activation.when) && rule.excuse.is_empty() && rule.per.is_none();
        let Template::Precedence(needs) = &rule.template else {
            continue;
        };
        for need in needs.iter().filter(|n| in_force && plain && always(&n.if_)) {
            for activity in &rule.activation.any {
                let of_activity = edges.entry(activity).or_default();
                of_activity.push((named(&need.any), entry));
            }
        }
    }
    edges
}

/// Activities of which none can be the first: what is left when everything possible is taken away.
fn stuck<'r>(edges: &Edges<'r>) -> BTreeSet<&'r Activity> {
    let mut stuck: BTreeSet<&Activity> = edges.keys().copied().collect();
    loop {
        let free: Vec<&Activity> = (stuck.iter().copied())
            .filter(|a| edges[*a].iter().all(|(any, _)| !any.is_subset(&stuck)))
            .collect();
        if free.is_empty() {
            return stuck;
        }
        for activity in free {
            stuck.remove(activity);
        }
    }
}

/// The shortest way from a stuck activity back to itself.
fn circle<'r>(
    edges: &Edges<'r>,
    stuck: &BTreeSet<&'r Activity>,
) -> Option<Vec<(&'r Activity, &'r Entry<'r>)>> {
    let mut best: Option<Vec<(&Activity, &Entry<'_>)>> = None;
    for start in stuck {
        // Breadth first: each activity is reached by the fewest rules.
        let mut ways = BTreeMap::from([(*start, Vec::new())]);
        let mut front = vec![*start];
        while let Some(at) = (!front.is_empty()).then(|| front.remove(0)) {
            let blocked = edges[at].iter().filter(|(any, _)| any.is_subset(stuck));
            for (any, entry) in blocked {
                for next in any.iter().copied() {
                    let mut way: Vec<(&Activity, &Entry<'_>)> = ways[at].clone();
                    way.push((at, entry));
                    if next == *start {
                        if best.as_ref().is_none_or(|b| way.len() < b.len()) {
                            best = Some(way);
                        }
                    } else if !ways.contains_key(next) {
                        ways.insert(next, way);
                        front.push(next);
                    }
                }
            }
        }
    }
    best
}
