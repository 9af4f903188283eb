//! Traps where precision leaves order or length open: both ends decide, or the answer is *not checkable*. Each began as a
//! case in which a random log was judged otherwise than the rule reads.

use jiff::civil::{Date, date};
use law::rule::*;

use crate::random::{around, on};
use crate::world::{Ev, HOUR, batch, calendar, program};

fn hours(amount: u32) -> Limit {
    Limit {
        amount,
        unit: LimitUnit::Hour,
    }
}

fn days(amount: u32) -> Limit {
    Limit {
        amount,
        unit: LimitUnit::Day,
    }
}

/// After `a`, within the limit, `b`; `d` to `e` does not count.
fn response(bound: Limit) -> Response {
    Response {
        expect: vec![on("b")],
        until: Vec::new(),
        by: Vec::new(),
        bounds: vec![BoundIf {
            when: Guard::default(),
            bound,
        }],
        changes: Vec::new(),
        pause: vec![State {
            from: vec![on("d")],
            to: vec![on("e")],
        }],
        lead: None,
        roll: false,
        statutory: false,
        rearm: false,
        same: Vec::new(),
    }
}

/// The day, this many days after 2 March 2026, a Monday.
fn day(n: i64) -> Date {
    let monday = date(2026, 3, 2);
    monday
        .checked_add(jiff::Span::new().days(n))
        .expect("in range")
}

/// The instant at this hour after the beginning of that Monday.
fn h(n: i64) -> i64 {
    calendar().day_start(day(0)) + n * HOUR
}

fn coarse(pos: u64, n: i64, activity: &str) -> Ev {
    Ev::on(pos, calendar(), day(n), activity)
}

fn at(pos: u64, hour: i64, activity: &str) -> Ev {
    Ev::at(pos, h(hour), activity)
}

/// What is said of the obligation that this event began; `None`: it is kept.
fn said(rule: &Rule, events: &[Ev], root: u64, now: i64) -> Option<(Outcome, Option<i64>)> {
    let (told, _) = batch(&program(std::slice::from_ref(rule)), events, now, 1);
    let one = told.into_iter().find(|(key, _)| key.3 == root);
    one.map(|(_, said)| said)
}

fn outcome(rule: &Rule, events: &[Ev], root: u64, now: i64) -> Option<Outcome> {
    said(rule, events, root, now).map(|s| s.0)
}

fn of(r: Response) -> Rule {
    around("T-0", on("a"), Template::Response(r))
}

#[test]
fn a_pause_that_ends_at_midnight_of_the_activations_day_has_ended() {
    let rule = of(response(days(30)));
    // Whenever on its day `a` was: the pause had ended before it, or ends with it.
    let events = [at(0, 0, "d"), coarse(1, 3, "a"), at(2, 72, "e")];
    let end = calendar().day_end(day(33));
    assert_eq!(
        said(&rule, &events, 1, h(120)),
        Some((Outcome::Pending, Some(end)))
    );
    // A minute before it is no more than that.
    let events = [at(0, 0, "d"), coarse(1, 3, "a"), at(2, 71, "e")];
    assert_eq!(
        said(&rule, &events, 1, h(120)),
        Some((Outcome::Pending, Some(end)))
    );
    // Without it the clock stands still.
    assert_eq!(
        outcome(&rule, &events[..2], 1, h(120)),
        Some(Outcome::Suspended)
    );
}

#[test]
fn a_pause_that_may_have_ended_on_its_day_is_not_certain() {
    let rule = of(response(hours(24)));
    // `e` on day 1 may be before `d` or after it; `a` comes afterwards.
    let before = [at(0, 27, "d"), coarse(1, 1, "e"), at(2, 48, "a")];
    let late = at(3, 500, "b");
    let mut events = before.to_vec();
    events.push(late.clone());
    assert_eq!(
        outcome(&rule, &events, 2, h(600)),
        Some(Outcome::NotCheckable)
    );
    // The same where it begins after the activation.
    let mut events = vec![at(0, 20, "a"), at(1, 27, "d"), coarse(2, 1, "e")];
    events.push(late);
    assert_eq!(
        outcome(&rule, &events, 0, h(600)),
        Some(Outcome::NotCheckable)
    );
    // Of one day, the end comes after the beginning; so it does where both are exact.
    for events in [
        [at(0, 0, "a"), coarse(1, 1, "d"), coarse(2, 1, "e")],
        [at(0, 0, "a"), at(1, 10, "d"), at(2, 10, "e")],
    ] {
        let rule = of(response(days(2)));
        assert_eq!(
            outcome(&rule, &events, 0, h(600)),
            Some(Outcome::Breached),
            "{events:#?}"
        );
    }
}

#[test]
fn a_pause_that_may_have_begun_before_a_coarse_activation_is_not_overlooked() {
    let mut r = response(hours(12));
    r.lead = Some(days(2));
    let rule = of(r);
    // At the end of its day the activation is within the pause; at its beginning it is late from the start.
    let events = [at(0, 72, "d"), coarse(1, 3, "a")];
    assert_eq!(
        outcome(&rule, &events, 1, h(200)),
        Some(Outcome::NotCheckable)
    );
}

#[test]
fn what_excuses_on_the_day_of_the_activation_may_have_come_too_late() {
    let excused = |bound| {
        let mut rule = of(response(bound));
        rule.excuse = vec![on("c")];
        rule
    };
    let events = |n| [coarse(0, 3, "a"), coarse(1, n, "c")];
    // Of half a day: excused or broken, but open no more, whenever it is asked.
    for now in [h(72), h(90), h(200)] {
        let got = outcome(&excused(hours(12)), &events(3), 0, now);
        assert_eq!(got, Some(Outcome::NotCheckable));
        // Of a whole day, it was in time.
        let got = outcome(&excused(days(0)), &events(3), 0, now);
        assert_eq!(got, Some(Outcome::Excused));
    }
    let got = outcome(&excused(days(0)), &events(4), 0, h(200));
    assert_eq!(got, Some(Outcome::Breached));
    // The same of an answer.
    let mut answer = events(3);
    answer[1].activity = "b".to_owned();
    for (bound, expected) in [(hours(12), Some(Outcome::NotCheckable)), (days(0), None)] {
        assert_eq!(outcome(&of(response(bound)), &answer, 0, h(200)), expected);
    }
}

#[test]
fn an_act_recorded_late_is_told_by_the_limit_that_it_kept() {
    let mut r = response(days(0));
    r.pause.clear();
    r.changes = vec![Change {
        on: on("c"),
        from: From::Activation,
        bound: hours(48),
        max: 1,
    }];
    let rule = of(r);
    // Done at once and recorded a day late; what came later moved a limit that was kept already.
    let first = at(1, 9, "b").recorded(h(30));
    let events = [
        at(0, 9, "a"),
        first.clone(),
        at(2, 12, "c"),
        at(3, 20, "b").recorded(h(90)),
    ];
    let own = Some((
        Outcome::SatisfiedRecordedLate,
        Some(calendar().day_end(day(0))),
    ));
    assert_eq!(said(&rule, &events, 0, h(120)), own);
    assert_eq!(said(&rule, &events[..2], 0, h(120)), own);
    // At the instant of the extension either limit will do: the longer.
    let events = [
        at(0, 9, "a"),
        at(1, 12, "c"),
        at(2, 12, "b").recorded(h(90)),
    ];
    assert_eq!(
        said(&rule, &events, 0, h(120)),
        Some((Outcome::SatisfiedRecordedLate, Some(h(57))))
    );
    // What is better still counts: another answer, recorded in time.
    let events = [at(0, 9, "a"), first, at(2, 10, "b")];
    assert_eq!(said(&rule, &events, 0, h(120)), None);
}

/// `a` not sooner than this after `b`.
fn gap(gap: Limit) -> Rule {
    let absence = Absence {
        from: vec![on("b")],
        to: Vec::new(),
        gap: Some(gap),
        same: Vec::new(),
    };
    around("T-0", on("a"), Template::Absence(absence))
}

#[test]
fn a_gap_of_days_is_over_with_its_last_day() {
    let rule = gap(days(3));
    let (broken, open) = (Some(Outcome::Breached), Some(Outcome::NotCheckable));
    let last = calendar().day_end(day(3));
    let exact = |t: i64| Ev::at(1, t, "a");
    for (earlier, later, expected) in [
        // Both exact: 2 March is not counted, 3 to 5 March must pass.
        (at(0, 9, "b"), exact(last), broken),
        (at(0, 9, "b"), exact(last + 1), None),
        (at(0, 0, "b"), exact(h(72)), broken),
        (at(0, 23, "b"), exact(h(96)), None),
        // Only the day is known of one or both: a day is in it or not.
        (at(0, 9, "b"), coarse(1, 3, "a"), broken),
        (at(0, 9, "b"), coarse(1, 4, "a"), None),
        (coarse(0, 0, "b"), exact(last), broken),
        (coarse(0, 0, "b"), exact(last + 1), None),
        (coarse(0, 0, "b"), coarse(1, 3, "a"), broken),
        (coarse(0, 0, "b"), coarse(1, 4, "a"), None),
        (coarse(0, 0, "b"), coarse(1, 1, "a"), broken),
        // Of one day: which came first is not known.
        (coarse(0, 0, "b"), coarse(1, 0, "a"), open),
        (at(0, 9, "b"), coarse(1, 0, "a"), open),
        (coarse(0, 0, "b"), exact(h(9)), open),
        // After it there is nothing to wait for.
        (coarse(0, 1, "b"), coarse(1, 0, "a"), None),
    ] {
        let events = [earlier, later];
        let got = outcome(&rule, &events, 1, h(600));
        assert_eq!(got, expected, "{events:#?}");
    }
}

#[test]
fn a_gap_of_hours_is_measured_from_both_ends_of_a_day() {
    let rule = gap(hours(36));
    let (broken, open) = (Some(Outcome::Breached), Some(Outcome::NotCheckable));
    for (earlier, later, expected) in [
        (at(0, 9, "b"), at(1, 45, "a"), None),
        (at(0, 9, "b"), at(1, 44, "a"), broken),
        // The whole day lies within, or beyond, or neither.
        (at(0, 13, "b"), coarse(1, 1, "a"), broken),
        (at(0, 12, "b"), coarse(1, 2, "a"), None),
        (at(0, 13, "b"), coarse(1, 2, "a"), open),
        (at(0, 9, "b"), coarse(1, 1, "a"), open),
        (coarse(0, 0, "b"), at(1, 35, "a"), broken),
        (coarse(0, 0, "b"), at(1, 36, "a"), open),
        (coarse(0, 0, "b"), at(1, 59, "a"), open),
        (coarse(0, 0, "b"), at(1, 60, "a"), None),
        (coarse(0, 0, "b"), coarse(1, 0, "a"), open),
        (coarse(0, 0, "b"), coarse(1, 1, "a"), open),
        (coarse(0, 0, "b"), coarse(1, 3, "a"), None),
    ] {
        let events = [earlier, later];
        let got = outcome(&rule, &events, 1, h(600));
        assert_eq!(got, expected, "{events:#?}");
    }
}
