//! Five million open clocks: what the engine needs for them, how fast they come, and what a tick costs.
//!
//! Cases of the generator, each told as far as the moment at which it owes most, under ever new names. In this process, without
//! a ledger. A restart here reads the events again; one from a snapshot is a figure of its own.

use std::sync::Arc;
use std::time::Instant;

use calendar::Calendar;
use law::Catalogue;
use model::Micros;
use testkit::casework::{Act, Generator, judge::with_event};
use watch::{Change, Engine, Program};

use super::watch::{memory_mb, renamed};
use super::{Bench, Figure, Target, number, percentile, timed};
use crate::failure::Failure;

/// Clocks to be open.
pub(super) const OPEN: usize = 5_000_000;
/// Cases that the generator makes, of which the ones that owe most are taken.
const CASES: usize = 2_000;
const MINUTE: i64 = 60_000_000;
/// Minutes for which the time is told afterwards.
const TICKS: usize = 1_440;

/// The acts of a case up to the moment at which it owes most, and how many clocks are then open.
fn owing(program: &Arc<Program>, acts: Vec<Act>) -> Option<(usize, Vec<Act>)> {
    let mut engine = Engine::new(Arc::clone(program));
    let mut changes = Vec::new();
    engine.tick(acts.first()?.recorded.get() - MINUTE, &mut changes);
    let mut most = (0, 0);
    for (n, act) in acts.iter().enumerate() {
        with_event(n as u64, act, |event| engine.apply(event, &mut changes));
        // A little is lost where a longer prefix owes hardly more: events take memory too.
        if engine.open_clocks() * (most.1 + 8) > most.0 * (n + 8) {
            most = (engine.open_clocks(), n + 1);
        }
    }
    let mut acts = acts;
    acts.truncate(most.1);
    (most.0 > 0).then_some((most.0, acts))
}

/// Those cases of a generator that owe most an event, each told up to the moment at which it does.
pub(super) fn owing_most(program: &Arc<Program>, generator: &Generator) -> Vec<(usize, Vec<Act>)> {
    let mut cases: Vec<(usize, Vec<Act>)> = generator
        .cases(CASES)
        .filter_map(|case| owing(program, case.acts))
        .collect();
    cases.sort_by_key(|(open, acts)| std::cmp::Reverse((1_000 * open / acts.len(), *open)));
    cases.truncate(CASES / 4);
    cases
}

/// Memory, intake and ticks of an engine with five million open clocks.
pub(super) fn clocks(_: &Bench<'_>) -> Result<Vec<Figure>, Failure> {
    let until: Micros = ("2026-11-23T01:30:00Z".parse()).map_err(|_| Failure::broken("a time"))?;
    let program = Arc::new(Program::new(Catalogue::shipped(), Calendar::china()));
    let generator = Generator::new(7, until).planting(0);
    let cases = owing_most(&program, &generator);
    let before = memory_mb();
    let mut engine = Engine::new(Arc::clone(&program));
    let mut changes: Vec<Change> = Vec::new();
    // All of it lies ahead, as it does for a node at any moment: nothing has run out.
    let start = cases.iter().flat_map(|(_, acts)| acts).map(|a| a.recorded);
    let mut now = start.min().map_or(0, Micros::get) - MINUTE;
    engine.tick(now, &mut changes);
    let (mut position, mut seconds, mut told) = (0, 0.0, 0);
    'all: for copy in 0.. {
        for (_, acts) in &cases {
            if engine.open_clocks() >= OPEN {
                break 'all;
            }
            let acts = renamed(acts, copy);
            let started = Instant::now();
            for act in &acts {
                with_event(position, act, |event| engine.apply(event, &mut changes));
                position += 1;
                told += changes.len();
                changes.clear();
            }
            seconds += started.elapsed().as_secs_f64();
        }
    }
    let open = engine.open_clocks();
    let memory = memory_mb() - before;
    let mut figures = vec![
        Figure::new(
            "clocks",
            format!(
                "events until {} clocks are open, one by one",
                number(open as f64)
            ),
            position as f64 / seconds,
            "events/s",
        )
        .target(Target::AtLeast(1e6))
        .ratio(format!(
            "{} events, {} changes told",
            number(position as f64),
            number(told as f64)
        )),
        Figure::new(
            "clocks",
            "memory of that engine, events included",
            memory,
            "MB",
        )
        .ratio(format!(
            "{} bytes a clock, {} an event",
            number(memory * 1_048_576.0 / open as f64),
            number(memory * 1_048_576.0 / position as f64)
        )),
    ];
    // Time passes a minute at a time, over the days on which most of them run out.
    let (mut ticks, mut fired) = (Vec::with_capacity(TICKS), 0);
    let first = engine.next().unwrap_or(now);
    now = now.max(first - MINUTE);
    let started = Instant::now();
    while ticks.len() < TICKS {
        // A minute in which nothing waits costs nothing worth measuring.
        now = engine.next().map_or(now, |next| next.max(now)) + MINUTE;
        let (_, took) = timed(|| engine.tick(now, &mut changes));
        fired += changes.len();
        changes.clear();
        ticks.push(took);
    }
    let whole = started.elapsed().as_secs_f64();
    ticks.sort_unstable();
    figures.push(
        Figure::new(
            "clocks",
            format!("ticks of a minute in which something fires, {TICKS} of them, p99"),
            percentile(&ticks, 0.99).as_secs_f64() * 1e3,
            "ms",
        )
        .ratio(format!(
            "longest {} ms; {} changes fired, {} a second",
            number(percentile(&ticks, 1.0).as_secs_f64() * 1e3),
            number(fired as f64),
            number(fired as f64 / whole)
        )),
    );
    let (open, now) = (engine.open_clocks(), engine.now());
    let columns = engine.columns().clone();
    drop(engine);
    let (again, restart) = timed(|| Engine::of(Arc::clone(&program), columns, now));
    let same = again.open_clocks() == open;
    figures.push(
        Figure::new(
            "clocks",
            format!(
                "from the events in memory to {} open clocks again",
                number(open as f64)
            ),
            restart.as_secs_f64(),
            "s",
        )
        .ratio(if same {
            "the same clocks"
        } else {
            "other clocks than before"
        }),
    );
    if !same {
        let (was, is) = (open, again.open_clocks());
        return Err(Failure::broken(format!(
            "{was} clocks were open, then {is}"
        )));
    }
    Ok(figures)
}
