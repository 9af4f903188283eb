//! Traps that tools of this field fell into, each by name: a wrong answer there is a false breach, or a breach not told.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use calendar::{Calendar, Holidays};
use jiff::civil::{Date, DateTime};
use law::rule::*;
use watch::batch::{Keep, check};
use watch::{Columns, Engine, Event, Program};

use crate::random::{around, on};
use crate::world::{Ev, HOUR, MINUTE, Val, batch, catalogue, columns, program, standing};

fn limit(text: &str) -> Limit {
    let at = text.find(|c: char| !c.is_ascii_digit()).expect("a unit");
    let unit = match &text[at..] {
        "min" => LimitUnit::Minute,
        "h" => LimitUnit::Hour,
        "d" => LimitUnit::Day,
        "wd" => LimitUnit::WorkingDay,
        "mo" => LimitUnit::Month,
        _ => LimitUnit::Year,
    };
    Limit {
        amount: text[..at].parse().expect("a number"),
        unit,
    }
}

fn response(bound: &str) -> Response {
    Response {
        expect: vec![on("b")],
        until: Vec::new(),
        by: Vec::new(),
        bounds: vec![BoundIf {
            when: Guard::default(),
            bound: limit(bound),
        }],
        changes: Vec::new(),
        pause: Vec::new(),
        lead: None,
        roll: false,
        statutory: false,
        rearm: false,
        same: Vec::new(),
    }
}

/// After `a`, within the limit, `b`.
fn within(bound: &str) -> Rule {
    around("T-0", on("a"), Template::Response(response(bound)))
}

/// `a` and `b` not by the same person.
fn four_eyes() -> Rule {
    let distinct = Distinct {
        roles: Vec::new(),
        against: vec![on("b")],
        against_roles: Vec::new(),
        before: false,
    };
    around("T-0", on("a"), Template::Distinct(distinct))
}

fn outcomes(rules: &[Rule], events: &[Ev], now: i64) -> Vec<Outcome> {
    let (told, _) = batch(&program(rules), events, now, 1);
    told.into_values().map(|said| said.0).collect()
}

const DAY: i64 = 24 * HOUR;
/// 2 March 2026, 09:00 in China.
const MONDAY: i64 = 1_772_413_200_000_000;

#[test]
fn day_limits_are_local_dates_and_not_multiples_of_24_hours() {
    let zone = |posix: &str| jiff::tz::TimeZone::posix(posix).expect("a zone");
    let (china, berlin, york, kathmandu) = (
        Calendar::china(),
        Calendar::new(zone("CET-1CEST,M3.5.0,M10.5.0/3"), Holidays::shipped()),
        Calendar::new(zone("EST5EDT,M3.2.0,M11.1.0"), Holidays::shipped()),
        Calendar::new(zone("<+0545>-5:45"), Holidays::shipped()),
    );
    for (calendar, start, bound, last) in [
        // From shortly before and after local midnight: the start's day is not counted.
        (&china, "2026-03-02T23:59", "1d", "2026-03-03"),
        (&china, "2026-03-03T00:00", "1d", "2026-03-04"),
        (&kathmandu, "2026-03-02T23:59", "1d", "2026-03-03"),
        (&kathmandu, "2026-03-03T00:00", "1d", "2026-03-04"),
        // China's summer time of 1991: clocks forward on 14 April, back on 15 September.
        (&china, "1991-04-13T00:30", "1d", "1991-04-14"),
        (&china, "1991-09-14T23:30", "1d", "1991-09-15"),
        (&china, "1991-09-13T23:30", "3d", "1991-09-16"),
        (&berlin, "2026-03-28T23:30", "1d", "2026-03-29"),
        (&berlin, "2026-10-24T00:30", "2d", "2026-10-26"),
        (&york, "2026-03-07T12:00", "2d", "2026-03-09"),
        (&york, "2026-10-31T12:00", "1d", "2026-11-01"),
        // Months end on the same day number, or on the last day.
        (&china, "2026-01-31T10:00", "1mo", "2026-02-28"),
        (&china, "2024-01-31T10:00", "1mo", "2024-02-29"),
    ] {
        let rule = {
            let mut rule = within(bound);
            rule.from = jiff::civil::date(1980, 1, 1);
            rule
        };
        let program = Program::of(catalogue(), &[&rule], calendar.clone());
        let start: DateTime = start.parse().expect("a local time");
        let start = {
            // The hour as the local clock shows it: none of these lies in a change of clocks.
            let mut t = calendar.day_start(start.date());
            let of_day = i64::from(start.hour()) * HOUR + i64::from(start.minute()) * MINUTE;
            t += of_day;
            t
        };
        let last: Date = last.parse().expect("a date");
        let end = calendar.day_end(last);
        for (at, expected) in [(end, vec![]), (end + 1, vec![Outcome::Breached])] {
            let events = [Ev::at(0, start, "a"), Ev::at(1, at, "b")];
            let report = check(
                &program,
                &columns(&program, &events),
                end + DAY,
                Keep::Open,
                1,
            );
            let got: Vec<Outcome> = report.found.iter().map(|f| f.outcome()).collect();
            assert_eq!(got, expected, "{start} {bound} {last}");
        }
        // The same where only the days are known.
        let day = calendar.date(start);
        let after = last.tomorrow().expect("in range");
        for (at, expected) in [(last, vec![]), (after, vec![Outcome::Breached])] {
            let events = [Ev::on(0, calendar, day, "a"), Ev::on(1, calendar, at, "b")];
            let report = check(
                &program,
                &columns(&program, &events),
                end + 3 * DAY,
                Keep::Open,
                1,
            );
            let got: Vec<Outcome> = report.found.iter().map(|f| f.outcome()).collect();
            assert_eq!(got, expected, "{day} {bound} {at}");
        }
    }
}

#[test]
fn four_eyes_looks_at_every_event_and_not_at_the_last() {
    let rules = [four_eyes()];
    let a = Ev::at(0, MONDAY, "a").by(&[("x", "R1")]);
    let b = |pos, who: &str| Ev::at(pos, MONDAY + pos as i64 * HOUR, "b").by(&[(who, "R1")]);
    for (events, expected) in [
        (
            vec![a.clone(), b(1, "x"), b(2, "y")],
            vec![Outcome::Breached],
        ),
        (
            vec![a.clone(), b(1, "y"), b(2, "x")],
            vec![Outcome::Breached],
        ),
        (vec![a.clone(), b(1, "y"), b(2, "z")], vec![]),
        (vec![a.clone()], vec![]),
    ] {
        assert_eq!(outcomes(&rules, &events, MONDAY + DAY), expected);
    }
}

#[test]
fn nobody_recorded_is_not_nobody_at_fault() {
    let min = Template::MinPersons {
        roles: Vec::new(),
        min: 2,
    };
    let rank = RankIf {
        when: Guard::default(),
        rank: model::RoleId::new("R2").expect("an id"),
    };
    let mut rules = vec![
        four_eyes(),
        around("T-1", on("a"), min),
        around("T-2", on("a"), Template::Authority(vec![rank])),
    ];
    let inside = Distinct {
        roles: vec![model::RoleId::new("R1").expect("an id")],
        against: Vec::new(),
        against_roles: vec![model::RoleId::new("R2").expect("an id")],
        before: false,
    };
    rules.push(around("T-3", on("a"), Template::Distinct(inside)));
    let program = program(&rules);
    let events = |stripped: usize| {
        let mut events = Vec::new();
        for n in 0..10 {
            for (k, activity) in ["a", "b"].into_iter().enumerate() {
                let pos = 2 * n + k as u64;
                let case = format!("c{n}");
                let mut event = Ev::at(pos, MONDAY + pos as i64 * HOUR, activity)
                    .by(&[("x", "R1"), ("y", "R2")])
                    .of(&[("case", &case)]);
                if pos < stripped as u64 {
                    event.actors.clear();
                }
                events.push(event);
            }
        }
        events
    };
    for (stripped, not_checkable) in [(0, [0; 4]), (7, [4, 4, 4, 4]), (20, [10, 10, 10, 10])] {
        let (_, counts) = batch(&program, &events(stripped), MONDAY + 30 * DAY, 1);
        for (rule, counts) in counts.iter().enumerate() {
            let of = |o: Outcome| counts[Outcome::ALL.iter().position(|p| *p == o).expect("known")];
            assert_eq!(
                of(Outcome::NotCheckable),
                not_checkable[rule],
                "rule {rule}, {stripped} stripped"
            );
            assert_eq!(
                counts.iter().sum::<u64>(),
                10,
                "every activation is counted once"
            );
        }
    }
}

#[test]
fn every_activation_has_its_own_clock() {
    let rules = [within("1d")];
    let at = |pos, day: i64, activity| Ev::at(pos, MONDAY + day * DAY, activity);
    for (events, breached) in [
        // First `a` and last `b` would say: kept, or broken once.
        (
            vec![at(0, 0, "a"), at(1, 1, "b"), at(2, 5, "a"), at(3, 9, "b")],
            1,
        ),
        (vec![at(0, 0, "a"), at(1, 3, "a"), at(2, 4, "b")], 1),
        (
            vec![at(0, 0, "a"), at(1, 0, "a"), at(2, 1, "b"), at(3, 2, "a")],
            1,
        ),
        (
            vec![at(0, 0, "a"), at(1, 2, "a"), at(2, 4, "a"), at(3, 6, "b")],
            3,
        ),
        (vec![at(0, 0, "b"), at(1, 1, "a")], 1),
        (vec![at(0, 0, "a"), at(1, 0, "b"), at(2, 1, "b")], 0),
    ] {
        let got = outcomes(&rules, &events, MONDAY + 20 * DAY);
        assert_eq!(got, vec![Outcome::Breached; breached], "{events:#?}");
    }
}

#[test]
fn equal_times_shuffled_a_hundred_times_say_the_same() {
    let mut late = response("2d");
    late.pause = vec![State {
        from: vec![on("c")],
        to: vec![on("d")],
    }];
    late.changes = vec![
        Change {
            on: on("d"),
            from: From::Due,
            bound: limit("1d"),
            max: 1,
        },
        Change {
            on: on("e"),
            from: From::Activation,
            bound: limit("7d"),
            max: 1,
        },
    ];
    let state = |from, to| State {
        from: vec![on(from)],
        to: vec![on(to)],
    };
    let absence = Absence {
        from: vec![on("b")],
        to: vec![on("c")],
        gap: None,
        same: Vec::new(),
    };
    let need = Need {
        if_: Guard::default(),
        any: vec![on("b")],
        lead: None,
        within: Some(limit("1h")),
        revoked_by: vec![on("c")],
        since: vec![on("d")],
        same: Vec::new(),
    };
    let rules = [
        around("T-0", on("a"), Template::Response(late)),
        around("T-1", on("a"), Template::Absence(absence)),
        around("T-2", on("a"), Template::Precedence(vec![need])),
        around(
            "T-3",
            on("a"),
            Template::Exclusive {
                states: vec![state("a", "e"), state("b", "d")],
            },
        ),
        around(
            "T-4",
            on("a"),
            Template::Count {
                max: 2,
                window: None,
            },
        ),
    ];
    let program = program(&rules);
    let log: Vec<Ev> = (0..30)
        .map(|n| {
            let activity = ["a", "b", "a", "c", "d", "a", "a", "e", "b"][n * n % 31 % 9];
            Ev::at(n as u64, MONDAY + (n as i64 / 3) * DAY, activity)
        })
        .collect();
    // What is said, of whichever event: the moments and outcomes, rule by rule.
    let said = |events: &[Ev]| {
        let (told, _) = batch(&program, events, MONDAY + 40 * DAY, 1);
        let mut said: Vec<_> = told
            .into_iter()
            .map(|((rule, ..), (outcome, due))| (rule, outcome, due))
            .collect();
        said.sort();
        said
    };
    let expected = said(&log);
    let told = |rule: &str| expected.iter().any(|e| e.0 == rule);
    assert!(
        ["T-0", "T-1", "T-2", "T-3", "T-4"].into_iter().all(told),
        "{expected:?}"
    );
    let mut state = 7_u64;
    for _ in 0..100 {
        let mut shuffled = log.clone();
        for n in (1..shuffled.len()).rev() {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            let k = (state >> 33) as usize % (n + 1);
            if shuffled[n].lo == shuffled[k].lo {
                shuffled.swap(n, k);
            }
        }
        shuffled
            .iter_mut()
            .enumerate()
            .for_each(|(n, e)| e.pos = n as u64);
        assert_eq!(said(&shuffled), expected);
    }
}

/// Everything that an engine tells while only time passes, a tick each minute.
fn ticking(engine: &mut Engine, from: i64, to: i64) -> Vec<(i64, Outcome, Option<i64>)> {
    let (mut told, mut changes) = (Vec::new(), Vec::new());
    let mut now = from;
    while now <= to {
        engine.tick(now, &mut changes);
        told.extend(
            changes
                .drain(..)
                .map(|c: watch::Change| (now, c.outcome(), c.due())),
        );
        now += MINUTE;
    }
    told
}

fn apply(engine: &mut Engine, event: &Ev) -> Vec<(Outcome, Option<i64>)> {
    let mut changes = Vec::new();
    event.borrowed(|e| engine.apply(e, &mut changes));
    changes
        .into_iter()
        .map(|c| (c.outcome(), c.due()))
        .collect()
}

#[test]
fn a_silent_case_warns_and_breaks_within_two_ticks() {
    let mut engine = Engine::new(program(&[within("24h")]));
    engine.tick(MONDAY, &mut Vec::new());
    assert_eq!(
        apply(&mut engine, &Ev::at(0, MONDAY, "a")),
        [(Outcome::Pending, Some(MONDAY + DAY))]
    );
    let told = ticking(&mut engine, MONDAY + 30_000_000, MONDAY + 2 * DAY);
    let [
        (warned, Outcome::AtRisk, _),
        (broken, Outcome::Breached, due),
    ] = told[..]
    else {
        panic!("{told:?}")
    };
    let warning = MONDAY + DAY * 9 / 10;
    assert!((warning..=warning + 2 * MINUTE).contains(&warned));
    assert!((MONDAY + DAY + 1..=MONDAY + DAY + 2 * MINUTE).contains(&broken));
    assert_eq!(
        due,
        Some(MONDAY + DAY),
        "the finding holds the due time, not the moment of the tick"
    );
}

#[test]
fn only_the_newest_version_of_a_deadline_fires() {
    let mut r = response("24h");
    r.changes = vec![
        Change {
            on: on("c"),
            from: From::Due,
            bound: limit("12h"),
            max: 1,
        },
        Change {
            on: on("d"),
            from: From::Event,
            bound: limit("24h"),
            max: 1,
        },
    ];
    r.pause = vec![State {
        from: vec![on("e")],
        to: vec![on("lift")],
    }];
    let rules = [around("T-0", on("a"), Template::Response(r))];
    let h = |n: i64| MONDAY + n * HOUR;
    for (more, due) in [
        (vec![], h(24)),
        // Extended by 12 hours; a second extension is one too many.
        (vec![Ev::at(1, h(10), "c")], h(36)),
        (vec![Ev::at(1, h(10), "c"), Ev::at(2, h(11), "c")], h(36)),
        // Begun anew.
        (vec![Ev::at(1, h(10), "d")], h(34)),
        // Stood still for 5 hours, and then extended.
        (vec![Ev::at(1, h(10), "e"), Ev::at(2, h(15), "lift")], h(29)),
        (
            vec![
                Ev::at(1, h(10), "e"),
                Ev::at(2, h(15), "lift"),
                Ev::at(3, h(20), "c"),
            ],
            h(41),
        ),
        // Extended after expiry: changes nothing.
        (vec![Ev::at(1, h(25), "c")], h(24)),
    ] {
        let mut engine = Engine::new(program(&rules));
        apply(&mut engine, &Ev::at(0, MONDAY, "a"));
        let mut told = Vec::new();
        let mut now = MONDAY;
        for event in &more {
            told.extend(ticking(&mut engine, now, event.lo - 1));
            told.extend(
                apply(&mut engine, event)
                    .into_iter()
                    .map(|(o, d)| (event.lo, o, d)),
            );
            now = event.lo;
        }
        told.extend(ticking(&mut engine, now, h(72)));
        let broken: Vec<_> = told.iter().filter(|t| t.1 == Outcome::Breached).collect();
        assert_eq!(broken.len(), 1, "{told:?}");
        assert_eq!(broken[0].2, Some(due), "{told:?}");
        assert!(
            broken[0].0 > due && broken[0].0 <= due + 2 * MINUTE,
            "{told:?}"
        );
        assert_eq!(engine.open_clocks(), 0);
    }
    // Standing still, nothing fires.
    let mut engine = Engine::new(program(&rules));
    apply(&mut engine, &Ev::at(0, MONDAY, "a"));
    apply(&mut engine, &Ev::at(1, h(10), "e"));
    assert_eq!(ticking(&mut engine, h(10), h(72)), []);
}

#[test]
fn an_act_in_time_that_is_recorded_late_takes_the_breach_back() {
    let dated = around(
        "T-1",
        on("b"),
        Template::BackDated {
            within: limit("12h"),
        },
    );
    let mut engine = Engine::new(program(&[within("24h"), dated]));
    apply(&mut engine, &Ev::at(0, MONDAY, "a"));
    let told = ticking(&mut engine, MONDAY, MONDAY + 2 * DAY);
    assert_eq!(told.last().map(|t| t.1), Some(Outcome::Breached));
    let late = Ev::at(1, MONDAY + 20 * HOUR, "b").recorded(MONDAY + 2 * DAY);
    let told: Vec<Outcome> = apply(&mut engine, &late).into_iter().map(|t| t.0).collect();
    assert_eq!(
        told,
        [Outcome::Breached, Outcome::SatisfiedRecordedLate],
        "back-dated, and taken back"
    );
    // Done late, the breach stands.
    let mut engine = Engine::new(program(&[within("24h")]));
    apply(&mut engine, &Ev::at(0, MONDAY, "a"));
    engine.tick(MONDAY + 2 * DAY, &mut Vec::new());
    assert_eq!(apply(&mut engine, &Ev::at(1, MONDAY + 25 * HOUR, "b")), []);
    assert_eq!(
        engine.standing().next().map(|c| c.outcome()),
        Some(Outcome::Breached)
    );
}

#[test]
fn what_is_corrected_away_is_withdrawn_and_never_fires() {
    let rules = [within("24h")];
    let mut engine = Engine::new(program(&rules));
    let mut ids = BTreeMap::new();
    let mut changes = Vec::new();
    Ev::at(0, MONDAY, "a").borrowed(|e| engine.apply(e, &mut changes));
    ids.insert(engine.finding_id(&changes[0]), ());
    let told = apply(&mut engine, &Ev::at(1, MONDAY, "c").correcting(0));
    assert_eq!(
        told.iter().map(|t| t.0).collect::<Vec<_>>(),
        [Outcome::Withdrawn]
    );
    assert_eq!(ticking(&mut engine, MONDAY, MONDAY + 2 * DAY), []);
    assert_eq!(engine.standing().count(), 0);
    // Corrected again, it is the same obligation as at first, with another start.
    changes.clear();
    let again = Ev::at(2, MONDAY + HOUR, "a").correcting(1);
    again.borrowed(|e| engine.apply(e, &mut changes));
    assert_eq!(changes.len(), 1);
    assert!(
        ids.contains_key(&engine.finding_id(&changes[0])),
        "the id is that of the first of the chain"
    );
    assert_eq!(changes[0].due(), Some(MONDAY + 25 * HOUR));
}

/// Runs `work` and asserts that it took no longer than `most`: a bound that a quadratic way does not keep.
fn timed<T>(what: &str, most: Duration, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let done = work();
    let took = start.elapsed();
    eprintln!("{what}: {took:?}");
    assert!(took < most, "{what} took {took:?}");
    done
}

fn push(columns: &mut Columns, program: &Program, pos: u64, t: i64, activity: &str, case: &str) {
    columns.push(program, &plain(pos, t, activity, &[("case", case, None)]));
}

fn plain<'a>(
    position: u64,
    t: i64,
    activity: &'a str,
    objects: &'a [(&'a str, &'a str, Option<&'a str>)],
) -> Event<'a> {
    Event {
        position,
        claimed: (t, t),
        recorded: t,
        ended: None,
        activity,
        organ: "O1",
        actors: &[("p1", "R1")],
        objects,
        attrs: &[],
        corrects: None,
        erased: false,
    }
}

#[test]
fn a_hundred_thousand_events_and_ten_thousand_open_clocks_on_one_object() {
    let program = program(&[
        within("2y"),
        around(
            "T-1",
            on("a"),
            Template::Count {
                max: 20_000,
                window: Some(limit("1h")),
            },
        ),
    ]);
    let object = [("case", "c1", None)];
    let activity = |n: u64| if n.is_multiple_of(10) { "a" } else { "c" };
    let most = Duration::from_secs(60);
    let mut engine = Engine::new(program.clone());
    let mut changes = Vec::new();
    timed(
        "100,000 events one by one, 10,000 of them open",
        most,
        || {
            for n in 0..100_000 {
                let t = MONDAY + n as i64 * MINUTE;
                engine.apply(&plain(n, t, activity(n), &object), &mut changes);
                engine.tick(t, &mut changes);
            }
        },
    );
    assert_eq!(engine.open_clocks(), 10_000);
    let now = engine.now();
    let mut columns = Columns::new(&program);
    for n in 0..100_000 {
        push(
            &mut columns,
            &program,
            n,
            MONDAY + n as i64 * MINUTE,
            activity(n),
            "c1",
        );
    }
    let report = timed("the same in batch", most, || {
        check(&program, &columns, now, Keep::Open, 1)
    });
    assert_eq!(report.found.len(), 10_000);
    timed("one answer to all of them", most, || {
        engine.apply(&plain(100_000, now, "b", &object), &mut changes)
    });
    assert_eq!(engine.open_clocks(), 0);
}

#[test]
fn a_million_events_on_one_case() {
    let absence = Absence {
        from: vec![on("b")],
        to: vec![on("d")],
        gap: Some(limit("1h")),
        same: Vec::new(),
    };
    let need = Need {
        if_: Guard::default(),
        any: vec![on("b")],
        lead: None,
        within: None,
        revoked_by: vec![on("c")],
        since: Vec::new(),
        same: Vec::new(),
    };
    let program = program(&[
        within("1h"),
        around("T-1", on("a"), Template::Absence(absence)),
        around("T-2", on("a"), Template::Precedence(vec![need])),
    ]);
    let mut columns = Columns::new(&program);
    for n in 0..1_000_000_u64 {
        let activity = ["a", "e", "b", "e", "d", "e", "c", "e", "e", "e"][n as usize % 10];
        push(
            &mut columns,
            &program,
            n,
            MONDAY + n as i64 * MINUTE,
            activity,
            "c1",
        );
    }
    let report = timed(
        "1,000,000 events of one case in batch",
        Duration::from_secs(60),
        || check(&program, &columns, MONDAY + 1_000 * DAY, Keep::Findings, 1),
    );
    let of = |rule: usize, o: Outcome| report.counts[rule][o as usize];
    assert_eq!(of(0, Outcome::Satisfied), 100_000);
    assert_eq!(
        of(2, Outcome::Breached),
        100_000,
        "each approval was taken back"
    );
}

#[test]
fn a_hundred_thousand_objects_on_one_event() {
    let mut rule = within("24h");
    rule.object = model::ObjectType::new("item").expect("an id");
    let mut per = around("T-1", on("a"), Template::Response(response("24h")));
    per.per = Some(rule.object.clone());
    let program = program(&[rule, per]);
    let ids: Vec<String> = (0..100_000).map(|n| format!("i{n}")).collect();
    let mut objects: Vec<(&str, &str, Option<&str>)> =
        ids.iter().map(|id| ("item", id.as_str(), None)).collect();
    objects.push(("case", "c1", None));
    let mut engine = Engine::new(program.clone());
    let mut changes = Vec::new();
    timed(
        "an event of 100,000 objects",
        Duration::from_secs(60),
        || engine.apply(&plain(0, MONDAY, "a", &objects), &mut changes),
    );
    assert_eq!(changes.len(), 200_000);
    timed("its batch", Duration::from_secs(60), || {
        check(&program, engine.columns(), MONDAY + 2 * DAY, Keep::Open, 1)
    });
    changes.clear();
    timed("and its answer", Duration::from_secs(60), || {
        engine.apply(&plain(1, MONDAY + HOUR, "b", &objects), &mut changes)
    });
    assert_eq!(engine.open_clocks(), 0);
}

#[test]
fn texts_are_never_code() {
    for evil in [
        "a\" or \"1\"=\"1",
        "a'); drop table",
        "a\nb",
        "true",
        "\\",
        "{{a}}",
        "a | b",
        "x:a",
    ] {
        let event = Ev::at(0, MONDAY, evil)
            .by(&[(evil, evil)])
            .of(&[("case", evil)])
            .with(evil, Val::Text(evil.to_owned()));
        let answer = Ev::at(1, MONDAY + HOUR, "b").of(&[("case", evil)]);
        // `x:a` is `a` of a log that came from elsewhere.
        let expected = if evil == "x:a" {
            vec![Outcome::Breached]
        } else {
            vec![]
        };
        assert_eq!(
            outcomes(
                &[within("24h")],
                std::slice::from_ref(&event),
                MONDAY + 9 * DAY
            ),
            expected,
            "{evil}"
        );
        assert_eq!(
            outcomes(&[within("24h")], &[event, answer], MONDAY + 9 * DAY),
            [],
            "{evil}"
        );
    }
}

#[test]
fn a_restart_says_what_was_said_before() {
    let program = program(&[within("24h")]);
    let events = [Ev::at(0, MONDAY, "a"), Ev::at(1, MONDAY + 5 * HOUR, "a")];
    let mut engine = Engine::new(program.clone());
    for event in &events {
        apply(&mut engine, event);
    }
    engine.tick(MONDAY + 23 * HOUR, &mut Vec::new());
    let again = Engine::of(
        program.clone(),
        columns(&program, &events),
        MONDAY + 23 * HOUR,
    );
    assert_eq!(standing(&again, &events), standing(&engine, &events));
    assert_eq!(
        again.next(),
        engine.next(),
        "the wheel is made again from what is open"
    );
    assert_eq!(again.open_clocks(), engine.open_clocks());
    let mut again = again;
    // Down for a day: it writes what it would have written.
    assert_eq!(
        ticking(&mut again, MONDAY + 3 * DAY, MONDAY + 3 * DAY),
        ticking(&mut engine, MONDAY + 3 * DAY, MONDAY + 3 * DAY)
    );
}

/// What came before is recorded minutes after what it had to precede: amber until then, and never red. Where it does not come,
/// red at the minute after the last in which it could be recorded, without any further event.
#[test]
fn what_is_recorded_in_another_order_than_it_happened_is_not_told_as_broken() {
    let need = Need {
        if_: Guard::default(),
        any: vec![on("b")],
        lead: None,
        within: None,
        revoked_by: Vec::new(),
        since: Vec::new(),
        same: Vec::new(),
    };
    let mut rules = [
        around("T-0", on("a"), Template::Precedence(vec![need])),
        within("24h"),
    ];
    rules[1].id = model::RuleId::new("T-1").expect("an id");
    for rule in &mut rules {
        rule.recording = Recording {
            act: Some(limit("24h")),
            clock: Some(limit("1h")),
        }
        .of(&rule.template);
    }
    let start = crate::random::base();
    let at = |pos, activity: &str, hour: i64, recorded: i64| Ev {
        recorded: start + recorded * MINUTE,
        ..Ev::at(pos, start + hour * HOUR, activity)
    };
    let program = program(&rules);
    let mut engine = Engine::new(program);
    let mut told = Vec::new();
    let mut step = |engine: &mut Engine, event: Option<Ev>, minute: i64| {
        let mut changes = Vec::new();
        engine.tick(start + minute * MINUTE, &mut changes);
        if let Some(event) = event {
            event.borrowed(|e| engine.apply(e, &mut changes));
        }
        for change in &changes {
            let finding = engine.finding(change);
            let until = finding.recordable.map(|t| (t - start) / MINUTE);
            told.push((finding.rule.clone(), minute, finding.outcome, until));
        }
        changes
    };
    // Interrogated at 10 and recorded at 10:05; told of his rights at 9, recorded at 10:30.
    step(&mut engine, Some(at(0, "a", 10, 605)), 605);
    step(&mut engine, Some(at(1, "b", 9, 630)), 630);
    // Once more, and nothing came before: `b` at 9 was taken back by a correction.
    let taken_back = Ev {
        corrects: Some(1),
        ..at(2, "c", 9, 700)
    };
    step(&mut engine, Some(taken_back), 700);
    // Due at 10 of the next day; until 11 it may be recorded. The rest by time alone.
    for minute in 1_440..=2_200 {
        step(&mut engine, None, minute);
    }
    let told: Vec<_> = told
        .iter()
        .map(|(rule, minute, outcome, until)| (rule.as_str(), *minute, *outcome, *until))
        .collect();
    assert_eq!(
        told,
        [
            ("T-0", 605, "at_risk", Some(2_045)),
            ("T-1", 605, "pending", None),
            ("T-0", 630, "satisfied", None),
            ("T-0", 700, "at_risk", Some(2_045)),
            ("T-1", 1_896, "at_risk", None),
            ("T-0", 2_046, "breached", None),
            ("T-1", 2_101, "breached", None),
        ]
    );
}
