//! The rules: a whole pack over millions of generated events, at once and one by one.
//!
//! In this process, without a ledger: what durability costs is measured in `ledger` and `http`. Intake (texts become numbers),
//! rules, and findings with their evidence are separate figures. Cases are those of the generator; beyond the first tens of
//! thousands they are the same cases under other names, so that making them does not take longer than judging them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use calendar::Calendar;
use law::Catalogue;
use model::Micros;
use testkit::casework::{Act, Generator, judge::with_event};
use watch::{Change, Columns, Engine, Program, batch, findings};

use super::{Bench, Figure, Target, number, percentile, timed};
use crate::failure::Failure;

/// Cases that the generator makes; about thirty acts each.
const CASES: usize = 8_000;
/// Events of the batch.
const BATCH: usize = 10_000_000;
/// Events one by one.
const SINGLY: usize = 2_000_000;
const MINUTE: i64 = 60_000_000;

/// The same acts under the names of another bureau.
pub(super) fn renamed(acts: &[Act], copy: usize) -> Vec<Act> {
    let mut acts = acts.to_vec();
    for act in &mut acts {
        for actor in &mut act.actors {
            actor.no.push_str(&format!("~{copy}"));
        }
        for object in &mut act.objects {
            object.id.push_str(&format!("~{copy}"));
        }
    }
    acts
}

pub(super) fn memory_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:"));
    let kb = line.and_then(|l| l.split_whitespace().next()?.parse::<f64>().ok());
    kb.unwrap_or(0.0) / 1024.0
}

fn acts(until: Micros) -> (Vec<Act>, f64) {
    let (acts, took) = timed(|| Generator::new(7, until).acts(CASES).collect::<Vec<_>>());
    let rate = acts.len() as f64 / took.as_secs_f64();
    (acts, rate)
}

/// The casework pack over ten million events at once, and over two million one by one.
pub(super) fn rules(_: &Bench<'_>) -> Result<Vec<Figure>, Failure> {
    let until: Micros = ("2026-11-23T01:30:00Z".parse()).map_err(|_| Failure::broken("a time"))?;
    let program = Arc::new(Program::new(Catalogue::shipped(), Calendar::china()));
    let (acts, made) = acts(until);
    let rules = program.rule_count();
    let mut figures = vec![Figure::new(
        "watch",
        "the generator makes acts",
        made,
        "acts/s",
    )];
    figures.extend(at_once(&program, &acts, until, rules));
    figures.extend(singly(&program, &acts, rules));
    Ok(figures)
}

fn at_once(program: &Program, acts: &[Act], until: Micros, rules: usize) -> Vec<Figure> {
    let before = memory_mb();
    let mut columns = Columns::new(program);
    let mut intake = Duration::ZERO;
    let mut position = 0;
    for copy in 0..BATCH.div_ceil(acts.len()) {
        let acts = renamed(acts, copy);
        let start = Instant::now();
        for act in &acts {
            with_event(position, act, |event| columns.push(program, event));
            position += 1;
        }
        intake += start.elapsed();
    }
    let events = position as f64;
    let (report, checked) =
        timed(|| batch::check(program, &columns, until.get(), batch::Keep::Findings, 1));
    let (found, explained) = timed(|| findings(program, &columns, &report.found));
    let judged: u64 = report.counts.iter().flatten().sum();
    let rate = |took: Duration| events / took.as_secs_f64();
    vec![
        Figure::new("watch", "intake, texts interned", rate(intake), "events/s"),
        Figure::new(
            "watch",
            format!(
                "batch of {} events, {rules} rules, one core",
                number(events)
            ),
            rate(checked),
            "events/s",
        )
        .target(Target::AtLeast(2e6))
        .ratio(format!(
            "{:.1} activations judged an event",
            judged as f64 / events
        )),
        Figure::new(
            "watch",
            format!(
                "the same with the evidence of {} findings",
                number(found.len() as f64)
            ),
            rate(checked + explained),
            "events/s",
        )
        .target(Target::AtLeast(2e6)),
        Figure::new("watch", "memory of that batch", memory_mb() - before, "MB")
            .target(Target::AtMost(2000.0)),
    ]
}

fn singly(program: &Arc<Program>, acts: &[Act], rules: usize) -> Vec<Figure> {
    let copies = SINGLY.div_ceil(acts.len());
    let all: Vec<Vec<Act>> = (0..copies).map(|copy| renamed(acts, copy)).collect();
    let mut engine = Engine::new(Arc::clone(program));
    let mut changes: Vec<Change> = Vec::new();
    let mut each = Vec::with_capacity(copies * acts.len());
    let (mut told, mut ticking, mut clock) = (0_usize, Duration::ZERO, i64::MIN);
    let mut position = 0;
    let start = Instant::now();
    for n in 0..acts.len() {
        let recorded = acts[n].recorded.get();
        if recorded / MINUTE > clock / MINUTE {
            clock = recorded;
            let (_, took) = timed(|| engine.tick(clock, &mut changes));
            ticking += took;
            told += changes.len();
            changes.clear();
        }
        for copy in &all {
            let (_, took) = timed(|| {
                with_event(position, &copy[n], |event| {
                    engine.apply(event, &mut changes)
                });
            });
            each.push(took);
            position += 1;
            told += changes.len();
            changes.clear();
        }
    }
    let whole = start.elapsed();
    each.sort_unstable();
    let now = engine.now();
    let columns = engine.columns().clone();
    let (again, restart) = timed(|| Engine::of(Arc::clone(program), columns, now));
    let micros = |d: Duration| d.as_secs_f64() * 1e6;
    vec![
        Figure::new(
            "watch",
            format!(
                "one by one, {} events, {rules} rules, ticks included",
                number(position as f64)
            ),
            position as f64 / whole.as_secs_f64(),
            "events/s",
        )
        .target(Target::AtLeast(1e6))
        .ratio(format!(
            "{} changes told; {:.0} % of it ticks",
            number(told as f64),
            100.0 * ticking.as_secs_f64() / whole.as_secs_f64()
        )),
        Figure::new(
            "watch",
            "an event, median",
            micros(percentile(&each, 0.5)),
            "µs",
        ),
        Figure::new(
            "watch",
            "an event to its findings, p99",
            micros(percentile(&each, 0.99)),
            "µs",
        )
        .target(Target::AtMost(1000.0)),
        Figure::new(
            "watch",
            format!(
                "restart with {} open clocks",
                number(again.open_clocks() as f64)
            ),
            restart.as_secs_f64(),
            "s",
        )
        .target(Target::AtMost(10.0)),
    ]
}
