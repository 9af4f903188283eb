//! The judge, in batch and as events come, against a literal reading of the rules, on random rules and logs.
//!
//! One property for each template, with its own fixed seed; `WATCH_CASES` multiplies the number of cases.

use std::collections::BTreeMap;

use law::rule::{LimitUnit, Outcome, Recording, Rule, Template};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use watch::{Columns, Engine};

use crate::naive::{Worlds, evaluate};
use crate::random::{Dice, Shape, TEMPLATES, base, log, rule};
use crate::world::{Ev, HOUR, MINUTE, Said, Told, batch, columns, fold, program, standing};

/// Rules, log and moments of one case, as bytes.
#[derive(Clone, Debug)]
struct Seeds {
    rules: Vec<Vec<u8>>,
    events: Vec<Vec<u8>>,
    rest: Vec<u8>,
}

fn seeds(most: usize) -> impl Strategy<Value = Seeds> {
    let bytes = |n| prop::collection::vec(any::<u8>(), n);
    let rules = prop::collection::vec(bytes(80), 1..=3);
    let events = prop::collection::vec(bytes(32), 1..=most);
    (rules, events, bytes(120)).prop_map(|(rules, events, rest)| Seeds {
        rules,
        events,
        rest,
    })
}

fn check(name: &str, cases: u32, most: usize, test: impl Fn(&Seeds) -> Result<(), TestCaseError>) {
    let times = std::env::var("WATCH_CASES")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(1);
    let config = Config {
        cases: cases * times,
        failure_persistence: None,
        max_shrink_iters: 20_000,
        ..Config::default()
    };
    let mut seed = [0; 32];
    seed[..name.len().min(32)].copy_from_slice(&name.as_bytes()[..name.len().min(32)]);
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    let result = TestRunner::new_with_rng(config, rng).run(&seeds(most), |s| test(&s));
    if let Err(failure) = result {
        panic!("{failure}");
    }
}

/// Rules of this template.
fn alike(seeds: &Seeds, name: &str, gaps: bool) -> Vec<Rule> {
    let each = seeds.rules.iter().enumerate();
    each.map(|(no, bytes)| rule(&mut Dice::new(bytes), no, name, gaps))
        .collect()
}

/// The first rule has this template, the others any.
fn rules(seeds: &Seeds, first: &str, gaps: bool) -> Vec<Rule> {
    let one = |(no, bytes): (usize, &Vec<u8>)| {
        let mut dice = Dice::new(bytes);
        let name = dice.pick(&TEMPLATES);
        rule(&mut dice, no, if no == 0 { first } else { name }, gaps)
    };
    seeds.rules.iter().enumerate().map(one).collect()
}

fn show(rules: &[Rule], events: &[Ev], now: i64) -> String {
    let mut text = String::new();
    for r in rules {
        text += &format!(
            "{} object {} per {:?} on {:?} warn {:?} {:?} excuse {:?}\n   {:?}\n",
            r.id, r.object, r.per, r.activation, r.warn, r.recording, r.excuse, r.template
        );
    }
    for e in events {
        let hours = |t: i64| (t - base()) as f64 / HOUR as f64;
        text += &format!(
            "#{} {} at {}..{} recorded {} ended {:?} {:?} {:?} {:?} {} corrects {:?}{}\n",
            e.pos,
            e.activity,
            hours(e.lo),
            hours(e.hi),
            hours(e.recorded),
            e.ended.map(hours),
            e.actors,
            e.objects,
            e.attrs,
            e.organ,
            e.corrects,
            if e.erased { " erased" } else { "" }
        );
    }
    text + &format!("now {}", (now - base()) as f64 / HOUR as f64)
}

/// Whether what the judge says is right, given what is so in the worlds that may be the true one.
///
/// - Nothing unknown: exactly the same.
/// - The same in all worlds: that, or *not checkable*: intervals and three-valued guards know less than all worlds do.
/// - Different: *not checkable*, but
///   - an open clock is told as open while it may be open: it warns from the first possible moment and is broken only after
///     the last possible due time, so *at risk* covers what may already be broken or kept;
///   - kept, kept-but-recorded-late and excused are all not broken: which of them it is may stay open, and what is excused
///     may be so whatever else is unknown.
fn right(worlds: &Worlds, told: Option<Said>) -> bool {
    let kept = |s: Option<Said>| s.filter(|s| s.0 != Outcome::Satisfied);
    let said: Vec<Option<Said>> = worlds.said.iter().copied().collect();
    if !worlds.times && !worlds.data {
        return kept(said[0]) == told;
    }
    let outcomes: Vec<Option<Outcome>> = {
        let mut all: Vec<_> = said.iter().map(|s| s.map(|s| s.0)).collect();
        all.dedup();
        all
    };
    let fine = |o: &Option<Outcome>| {
        matches!(
            o,
            None | Some(Outcome::Satisfied | Outcome::SatisfiedRecordedLate | Outcome::Excused)
        )
    };
    let Some((judged, _)) = told else {
        return outcomes.iter().all(fine)
            && outcomes
                .iter()
                .any(|o| *o != Some(Outcome::SatisfiedRecordedLate));
    };
    let open = |o: Outcome| matches!(o, Outcome::Pending | Outcome::AtRisk | Outcome::Suspended);
    let has = |o: Outcome| outcomes.contains(&Some(o));
    match judged {
        Outcome::NotCheckable => true,
        _ if outcomes == [Some(judged)] => true,
        Outcome::AtRisk => outcomes.iter().flatten().any(|o| open(*o)),
        Outcome::Pending => has(Outcome::Pending),
        Outcome::Suspended => has(Outcome::Suspended),
        Outcome::SatisfiedRecordedLate => has(judged) && outcomes.iter().all(fine),
        Outcome::Excused => {
            let broken = |o: &Outcome| matches!(o, Outcome::Breached | Outcome::NotCheckable);
            !outcomes.iter().flatten().any(broken)
        }
        _ => false,
    }
}

fn compare(
    rules: &[Rule],
    events: &[Ev],
    now: i64,
    points: usize,
    told: &Told,
) -> Result<Option<[usize; 2]>, TestCaseError> {
    let mut naive = BTreeMap::new();
    for rule in rules {
        let Some(one) = evaluate(rule, events, now, points) else {
            return Ok(None);
        };
        naive.extend(one);
    }
    let mut sure = [0, 0];
    for (key, worlds) in &naive {
        let said = told.get(key).copied();
        prop_assert!(
            right(worlds, said),
            "{key:?}\n  literally {worlds:?}\n  judged {said:?}\n{}",
            show(rules, events, now)
        );
        if worlds.said.len() == 1 {
            let not = said.is_some_and(|s| s.0 == Outcome::NotCheckable)
                && worlds
                    .said
                    .iter()
                    .all(|s| s.is_none_or(|s| s.0 != Outcome::NotCheckable));
            sure[usize::from(not)] += 1;
        }
    }
    for (key, said) in told {
        prop_assert!(
            naive.contains_key(key),
            "{key:?} is no activation, judged {said:?}\n{}",
            show(rules, events, now)
        );
    }
    Ok(Some(sure))
}

fn now_of(dice: &mut Dice<'_>) -> i64 {
    base()
        + 3 * HOUR * dice.pick(&[40, 0, 8, 16, 24, 32, 60, 400]) as i64
        + 20 * MINUTE * dice.below(3) as i64
}

/// Batch against the literal reading, everything known.
fn exact(name: &str) {
    let shape = Shape {
        gaps: false,
        coarse: 0,
    };
    check(name, 500, 14, |seeds| {
        let (rules, events) = (alike(seeds, name, false), log(&seeds.events, shape));
        let now = now_of(&mut Dice::new(&seeds.rest));
        let (told, _) = batch(&program(&rules), &events, now, 1);
        compare(&rules, &events, now, 2, &told)?;
        Ok(())
    });
}

/// The same with attributes and actors that are missing.
fn gaps(name: &str) {
    let shape = Shape {
        gaps: true,
        coarse: 0,
    };
    let sure = std::cell::Cell::new([0, 0]);
    check(name, 300, 8, |seeds| {
        let (rules, events) = (alike(seeds, name, true), log(&seeds.events, shape));
        let now = now_of(&mut Dice::new(&seeds.rest));
        let (told, _) = batch(&program(&rules), &events, now, 1);
        if let Some([yes, no]) = compare(&rules, &events, now, 2, &told)? {
            sure.set([sure.get()[0] + yes, sure.get()[1] + no]);
        }
        Ok(())
    });
    let [yes, no] = sure.get();
    eprintln!("{name}: certain and told {yes}, certain and not checkable {no}");
    assert!(
        no * 10 < yes,
        "too often not checkable: {no} of {}",
        yes + no
    );
}

/// The same with times of which only the day is known: both ends of each.
fn coarse(name: &str) {
    let shape = Shape {
        gaps: false,
        coarse: 3,
    };
    check(name, 300, 8, |seeds| {
        let (rules, events) = (alike(seeds, name, false), log(&seeds.events, shape));
        let now = now_of(&mut Dice::new(&seeds.rest));
        let (told, _) = batch(&program(&rules), &events, now, 1);
        compare(&rules, &events, now, 2, &told)?;
        Ok(())
    });
}

macro_rules! each {
    ($($name:ident),+) => {
        mod exact { $(#[test] fn $name() { super::exact(stringify!($name)); })+ }
        mod gaps { $(#[test] fn $name() { super::gaps(stringify!($name)); })+ }
        mod coarse { $(#[test] fn $name() { super::coarse(stringify!($name)); })+ }
        mod arrival { $(#[test] fn $name() { super::arrival(stringify!($name)); })+ }
    };
}
each!(
    response,
    precedence,
    absence,
    count,
    min_persons,
    distinct_persons,
    authority,
    record,
    covered,
    exclusive,
    overlap,
    back_dated,
    score
);

/// Events in a random order, each after what it corrects.
fn shuffled(events: &[Ev], dice: &mut Dice<'_>) -> Vec<Ev> {
    let mut left: Vec<Ev> = events.to_vec();
    let mut out: Vec<Ev> = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let ready: Vec<usize> = (0..left.len())
            .filter(|i| {
                left[*i]
                    .corrects
                    .is_none_or(|c| out.iter().any(|e| e.pos == c))
            })
            .collect();
        out.push(left.remove(dice.pick(&ready)));
    }
    out
}

/// As events come, in any order and with time passing in between, against batch.
fn arrival(name: &str) {
    check(name, 400, 14, |seeds| {
        let mut dice = Dice::new(&seeds.rest);
        // Where all times are exact, what comes last is told apart from what comes in between.
        let shape = Shape {
            gaps: true,
            coarse: dice.pick(&[0, 2, 0]),
        };
        let (rules, mut events) = (rules(seeds, name, true), log(&seeds.events, shape));
        if dice.below(3) == 1 {
            events.iter_mut().for_each(|e| e.corrects = None);
        }
        let now = now_of(&mut dice);
        let program = program(&rules);
        if dice.below(3) == 1 {
            let (whole, _) = batch(&program, &events, now, 1);
            for event in &mut events {
                event.erased = dice.below(4) == 1;
            }
            let (left, _) = batch(&program, &events, now, 1);
            for (key, said) in &left {
                let was = whole.get(key).map(|w| w.0);
                prop_assert!(
                    said.0 != Outcome::Breached || was == Some(Outcome::Breached),
                    "{key:?} was {was:?} and is broken since bodies were erased\n{}",
                    show(&rules, &events, now)
                );
            }
        }
        let (told, counts) = batch(&program, &events, now, 1);
        let mut arriving = shuffled(&events, &mut dice);
        if events.iter().all(|e| e.corrects.is_none()) {
            // As they happen, equal times in any order.
            arriving.sort_by_key(|e| e.lo);
        }
        let context = || {
            let order: Vec<u64> = arriving.iter().map(|e| e.pos).collect();
            format!("arrival {order:?}\n{}", show(&rules, &events, now))
        };

        let mut engine = Engine::new(program.clone());
        let (mut folded, mut changes) = (BTreeMap::new(), Vec::new());
        let mut clock = base() - HOUR;
        let mut to_erase = Vec::new();
        for event in &arriving {
            let mut first = event.clone();
            if event.erased && dice.below(2) == 1 {
                first.erased = false;
                to_erase.push(event.pos);
            }
            first.borrowed(|e| engine.apply(e, &mut changes));
            if dice.below(3) == 1
                && let Some(gone) = to_erase.pop()
            {
                engine.erase(gone, &mut changes);
            }
            fold(&engine, &mut folded, &mut changes);
            if dice.below(2) == 1 {
                clock = (clock + 5 * HOUR * dice.below(8) as i64).min(now);
                engine.tick(clock, &mut changes);
                fold(&engine, &mut folded, &mut changes);
            }
        }
        engine.tick(now, &mut changes);
        for gone in to_erase {
            engine.erase(gone, &mut changes);
        }
        fold(&engine, &mut folded, &mut changes);
        let stands = standing(&engine, &events);
        prop_assert_eq!(
            &stands,
            &told,
            "engine (left), batch (right)\n{}",
            context()
        );

        let left: BTreeMap<String, Said> = engine
            .standing()
            .map(|c| (engine.finding_id(&c), (c.outcome(), c.due())))
            .collect();
        prop_assert_eq!(
            &folded,
            &left,
            "changes put together (left), standing (right)\n{}",
            context()
        );

        let loaded = Engine::of(program.clone(), columns(&program, &arriving), now);
        prop_assert_eq!(
            &standing(&loaded, &events),
            &told,
            "loaded (left), batch (right)\n{}",
            context()
        );

        let mut frozen = Vec::new();
        if loaded.columns().freeze(&program, &mut frozen) {
            let thawed = Columns::thaw(&program, &frozen).expect("as it was written");
            let again = Engine::of(program.clone(), thawed, now);
            prop_assert_eq!(
                &standing(&again, &events),
                &told,
                "from its snapshot (left), batch (right)\n{}",
                context()
            );
            // Cut or changed: refused, or at least read to an end.
            let cut = dice.below(frozen.len());
            prop_assert!(Columns::thaw(&program, &frozen[..cut]).is_err());
            frozen[cut] ^= 1 << dice.below(8);
            let _read = Columns::thaw(&program, &frozen);
        } else {
            prop_assert!(events.iter().any(|e| e.erased && !e.attrs.is_empty()));
        }

        let (two, two_counts) = batch(&program, &arriving, now, 2);
        prop_assert_eq!(
            &two,
            &told,
            "two threads (left), one (right)\n{}",
            context()
        );
        prop_assert_eq!(
            two_counts,
            counts,
            "counts of two threads (left), of one (right)"
        );

        // The ids of findings are the same in any order of arrival.
        let ids = |engine: &Engine| {
            let mut ids: Vec<String> = engine.standing().map(|c| engine.finding_id(&c)).collect();
            ids.sort();
            ids
        };
        let in_order = Engine::of(program.clone(), columns(&program, &events), now);
        prop_assert_eq!(ids(&engine), ids(&in_order), "ids\n{}", context());

        // Without one rule, what the others say is the same.
        if rules.len() > 1 {
            let others = &rules[1..];
            let (without, _) = batch(&crate::world::program(others), &events, now, 1);
            let mut rest = told.clone();
            rest.retain(|key, _| key.0 != rules[0].id.as_str());
            prop_assert_eq!(
                without,
                rest,
                "without the first rule (left)\n{}",
                context()
            );
        }
        Ok(())
    });
}

/// Events of equal time in another order of knowing: nothing changes but which one of several equal ones is the one too many.
#[test]
fn the_order_of_equal_times_decides_nothing() {
    let shape = Shape {
        gaps: true,
        coarse: 2,
    };
    check("ties", 1_500, 14, |seeds| {
        let mut rules = rules(seeds, "response", true);
        rules.retain(|r| {
            let text = format!("{r:?}");
            !matches!(
                r.template,
                Template::Count { .. } | Template::Overlap { .. }
            ) && !text.contains("Trace(")
        });
        let mut events = log(&seeds.events, shape);
        events.iter_mut().for_each(|e| e.corrects = None);
        let mut dice = Dice::new(&seeds.rest);
        let now = now_of(&mut dice);
        let program = program(&rules);
        let (told, _) = batch(&program, &events, now, 1);
        // New positions for the same events.
        let mut positions: Vec<u64> = (0..events.len() as u64).collect();
        let mut renamed = BTreeMap::new();
        for event in &mut events {
            let new = positions.remove(dice.below(positions.len()));
            renamed.insert(event.pos, new);
            event.pos = new;
        }
        events.sort_by_key(|e| e.pos);
        let (again, _) = batch(&program, &events, now, 1);
        let mut wanted = Told::new();
        for ((rule, object, per, root), said) in told {
            wanted.insert((rule, object, per, renamed[&root]), said);
        }
        prop_assert_eq!(
            again,
            wanted,
            "renumbered (left)\n{}",
            show(&rules, &events, now)
        );
        Ok(())
    });
}

/// Several hundred events on one object, where walks go through the index.
#[test]
fn long_traces_are_judged_alike() {
    let shape = Shape {
        gaps: false,
        coarse: 0,
    };
    let runs = std::cell::Cell::new(0);
    check("long", 26, 20, |seeds| {
        let name = TEMPLATES[runs.get() % TEMPLATES.len()];
        runs.set(runs.get() + 1);
        let rules = vec![rules(seeds, name, false).remove(0)];
        let mut dice = Dice::new(&seeds.rest);
        let now = now_of(&mut dice) + 60 * 24 * HOUR;
        // The same twenty events again and again, some days apart.
        let short = log(&seeds.events, shape);
        let mut events = Vec::new();
        for turn in 0..600 / short.len() as u64 {
            for event in &short {
                let mut event = event.clone();
                let later = turn as i64 * 7 * HOUR;
                event.pos += turn * 1_000;
                event.corrects = event.corrects.map(|c| c + turn * 1_000);
                (event.lo, event.hi) = (event.lo + later, event.hi + later);
                event.recorded += later;
                event.ended = event.ended.map(|t| t + later);
                if !event.objects.iter().any(|o| o.1 == "c1") {
                    event
                        .objects
                        .push(("case".to_owned(), "c1".to_owned(), None));
                }
                events.push(event);
            }
        }
        let program = program(&rules);
        let (told, _) = batch(&program, &events, now, 1);
        compare(&rules, &events, now, 2, &told)?;
        let mut engine = Engine::new(program.clone());
        let mut changes = Vec::new();
        for (no, event) in shuffled(&events, &mut dice).iter().enumerate() {
            event.borrowed(|e| engine.apply(e, &mut changes));
            if no % 97 == 0 {
                engine.tick(base() + no as i64 * HOUR, &mut changes);
            }
        }
        engine.tick(now, &mut changes);
        prop_assert_eq!(
            standing(&engine, &events),
            told,
            "engine (left), batch (right)"
        );
        Ok(())
    });
}

/// The last instant before red: the due time, and the stretch in which proof may still be recorded.
fn red_from(rule: &Rule, engine: &Engine, change: &watch::Change, events: &[Ev]) -> i64 {
    let finding = engine.finding(change);
    let root = crate::world::roots(events)[&finding.activation.position];
    let root = events.iter().find(|e| e.pos == root);
    let recorded = root.expect("an event").recorded;
    let grace = rule.recording;
    let overtaken = finding.witness.as_ref().map(|w| w.occurred);
    let (from, grace) = match (&rule.template, overtaken, finding.due) {
        (Template::Response(_), Some(by), _) => (by, grace.act),
        (Template::Response(_), None, Some(due)) => (due, grace.clock),
        (_, _, due) if grace == Recording::default() => return due.expect("a due time"),
        _ => (recorded, grace.act),
    };
    match grace {
        None => from,
        Some(g) if g.unit == LimitUnit::Hour => from.max(recorded) + i64::from(g.amount) * HOUR,
        Some(g) => from.max(recorded) + i64::from(g.amount) * MINUTE,
    }
}

/// Only time passes: warning and breach come at most two minutes after their moment, and name it exactly.
#[test]
fn a_clock_fires_without_further_events() {
    let shape = Shape {
        gaps: false,
        coarse: 0,
    };
    check("ticks", 300, 6, |seeds| {
        let (rules, events) = (rules(seeds, "response", false), log(&seeds.events, shape));
        let program = program(&rules);
        let mut engine = Engine::of(program.clone(), Columns::new(&program), base() - HOUR);
        let (mut folded, mut changes) = (BTreeMap::new(), Vec::new());
        for event in &events {
            event.borrowed(|e| engine.apply(e, &mut changes));
        }
        fold(&engine, &mut folded, &mut changes);
        let mut now = base();
        for _ in 0..40 {
            let Some(next) = engine.next() else { break };
            // A heartbeat each minute; those in which nothing can be due are left out.
            now = now.max(next + MINUTE);
            engine.tick(now, &mut changes);
            for change in &changes {
                if change.outcome() == Outcome::Breached && change.previous == Some(Outcome::AtRisk)
                {
                    let due = red_from(&rules[change.rule as usize], &engine, change, &events);
                    prop_assert!(
                        now > due && now - due <= 2 * MINUTE,
                        "{} {}",
                        now - due,
                        show(&rules, &events, now)
                    );
                }
            }
            fold(&engine, &mut folded, &mut changes);
            prop_assert_eq!(
                standing(&engine, &events),
                batch(&program, &events, now, 1).0,
                "engine (left), batch (right) {}",
                show(&rules, &events, now)
            );
        }
        Ok(())
    });
}
