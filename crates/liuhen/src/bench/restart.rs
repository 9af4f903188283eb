//! A whole node that stops with five million clocks open and starts again: log, register, snapshot of the watch, rules.
//!
//! The node runs in this process; its first page is not part of it (`import` and `page` measure that). Cases are those of
//! `clocks`: the ones of the generator that owe most, under ever new names.

use std::sync::Arc;
use std::time::{Duration, Instant};

use calendar::Calendar;
use ledger::Clock;
use model::Micros;
use office::Office;
use testkit::casework::Generator;
use testkit::clock::FakeClock;
use watch::Program;

use super::clocks::{OPEN, owing_most};
use super::durable::{Maker, broken, node};
use super::ledger::pour;
use super::watch::{memory_mb, renamed};
use super::{Bench, Figure, Target, number};
use crate::commands::node::runtime;
use crate::failure::{Failure, io};

/// Entries that become durable together.
const GROUP: usize = 1_024;
/// The rules are waited for after so many events, so that what waits for them does not fill the memory.
const AHEAD: u64 = 100_000;

/// Fills a node until so many clocks are open, stops it, and measures how long it takes to be as before.
pub(super) fn restart(bench: &Bench<'_>) -> Result<Vec<Figure>, Failure> {
    runtime()?.block_on(measure(bench))
}

async fn measure(bench: &Bench<'_>) -> Result<Vec<Figure>, Failure> {
    let until: Micros = ("2026-11-23T01:30:00Z".parse()).map_err(broken)?;
    let generator = Generator::new(7, until).planting(0);
    let catalogue = law::Catalogue::shipped();
    let program = Arc::new(Program::new(catalogue, Calendar::china()));
    let cases = owing_most(&program, &generator);
    let begin = cases.iter().flat_map(|(_, acts)| acts).map(|a| a.occurred);
    // All of it lies ahead: nothing runs out because history comes at once.
    let clock: Arc<dyn Clock> = Arc::new(FakeClock::at(begin.min().unwrap_or_default()));
    let dir = bench.dir.join("restart");
    let office = node(&dir, Arc::clone(&clock), &generator).await?;
    office.heartbeat().await.map_err(broken)?;
    let started = Instant::now();
    let mut maker = Maker::new();
    let (mut copy, mut waited) = (0, office.ledger().size());
    while office.open_clocks() < OPEN {
        let mut ready = Vec::new();
        for (_, acts) in &cases {
            for act in &renamed(acts, copy) {
                ready.push(maker.submission(act)?);
            }
        }
        maker.forget();
        copy += 1;
        let log = office.ledger().clone();
        let poured = tokio::task::spawn_blocking(move || {
            let mut rest = ready.into_iter();
            let groups = std::iter::from_fn(|| {
                let group: Vec<_> = rest.by_ref().take(GROUP).collect();
                (!group.is_empty()).then_some(group)
            });
            pour(&log, groups)
        });
        poured.await.map_err(broken)??;
        if office.ledger().size() > waited + AHEAD {
            waited = office.ledger().size();
            office.watched(waited).await;
        }
    }
    office.watched(office.ledger().size()).await;
    office.caught_up_all().await.map_err(broken)?;
    let filled = started.elapsed();
    let (open, entries) = (office.open_clocks(), office.ledger().size());
    let stopping = Instant::now();
    office.close().await;
    drop(office);
    let stopped = stopping.elapsed();
    let before = memory_mb();
    let started = Instant::now();
    let office = Office::open(&dir, clock).await.map_err(broken)?;
    let opened = started.elapsed();
    office.watched(office.ledger().size()).await;
    let again = started.elapsed();
    let same = office.open_clocks();
    let (kept, memory) = (office.in_snapshot(), memory_mb() - before);
    office.close().await;
    drop(office);
    std::fs::remove_dir_all(&dir).map_err(|e| io(&dir, e))?;
    if same != open {
        return Err(broken(format!("{open} clocks were open, {same} are")));
    }
    let seconds = |time: Duration| time.as_secs_f64();
    Ok(vec![
        Figure::new(
            "restart",
            format!(
                "a node of {} entries, {} clocks open: start until its rules are where they were",
                number(entries as f64),
                number(open as f64)
            ),
            seconds(again),
            "s",
        )
        .target(Target::AtMost(10.0))
        .ratio(format!(
            "{} s until it is open; {} entries in the snapshot; {} MB more afterwards",
            number(seconds(opened)),
            number(kept as f64),
            number(memory)
        )),
        Figure::new("restart", "the same: stopping it", seconds(stopped), "s")
            .ratio(format!("filled in {} s", number(seconds(filled)))),
    ])
}
