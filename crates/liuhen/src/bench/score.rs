//! Does the watch find what was broken, and nothing else? Generated cases with violations at known places, judged by the whole
//! pack: recall and precision of red, by kind of violation; and whether the warning came before the breach.
//!
//! The cases are made up: this shows that rules and evaluation agree with what was planted, *not* how often such things
//! happen or how much of real wrongdoing leaves a trace.

use std::sync::Arc;

use calendar::Calendar;
use law::Catalogue;
use law::rule::Outcome;
use model::Micros;
use testkit::casework::{Case, Generator, judge};
use watch::{Engine, Program};

use super::{Bench, Figure, Target, timed};
use crate::failure::Failure;

const CASES: usize = 20_000;
const SEED: u64 = 7;
/// Rules whose warnings are measured: hours (a day's limit warns at nine tenths) and days.
const CLOCKS: [&str; 4] = ["CR-041", "CR-042", "PR-001", "AD-031"];
const MINUTE: i64 = 60_000_000;

/// Recall, precision and lead time.
pub(super) fn score(bench: &Bench<'_>) -> Result<Vec<Figure>, Failure> {
    let until: Micros = ("2026-11-23T01:30:00Z".parse())
        .map_err(|_| Failure::broken("the end of the generated time"))?;
    let generator = Generator::new(SEED, until).planting(20);
    let cases: Vec<Case> = generator.cases(CASES).collect();
    let program = Arc::new(Program::new(Catalogue::shipped(), Calendar::china()));
    let (score, time) = timed(|| judge::score(&program, &cases, until, bench.machine.cores));
    let acts: usize = cases.iter().map(|c| c.acts.len()).sum();
    let mut figures = vec![
        Figure::new(
            "score",
            format!("recall of red, {CASES} cases"),
            score.recall(),
            "",
        )
        .target(Target::AtLeast(1.0)),
        Figure::new("score", "precision of red", score.precision(), "")
            .target(Target::AtLeast(1.0))
            .ratio(format!("{} red and not planted", score.unplanned.len())),
        Figure::new(
            "score",
            "acts judged",
            acts as f64 / time.as_secs_f64(),
            "acts/s",
        ),
    ];
    for (violation, tally) in &score.tallies {
        let what = format!("{violation}: planted {}, found", tally.planted);
        let found = Figure::new("score", what, f64::from(tally.found), "");
        let missed = tally.planted - tally.found;
        let unplanned =
            (score.unplanned.iter()).filter(|(_, plant, _)| plant.starts_with(violation));
        figures.push(
            found
                .target(Target::AtLeast(f64::from(tally.planted)))
                .ratio(format!("missed {missed}, unplanned {}", unplanned.count())),
        );
    }
    let (warned, silent) = lead(&program, &cases, until);
    figures.push(
        Figure::new(
            "score",
            "breaches of a clock without a warning before",
            silent as f64,
            "",
        )
        .target(Target::AtMost(0.0))
        .ratio(format!(
            "{warned} warned before the breach, ticks of a minute"
        )),
    );
    Ok(figures)
}

/// Cases with a broken clock told to the engine act by act, with a tick each minute while something waits: how many breaches
/// had a warning before them, and how many had none.
fn lead(program: &Arc<Program>, cases: &[Case], until: Micros) -> (usize, usize) {
    let (mut warned, mut silent) = (0, 0);
    let wanted =
        |c: &&Case| (c.planted.iter()).any(|p| p.plant.rules.iter().any(|r| CLOCKS.contains(r)));
    for case in cases.iter().filter(wanted).take(200) {
        let mut engine = Engine::new(Arc::clone(program));
        let mut changes = Vec::new();
        let mut acts: Vec<_> = case.acts.iter().collect();
        acts.sort_by_key(|a| a.recorded);
        let mut at_risk = std::collections::HashMap::new();
        let mut take = |engine: &Engine, changes: &mut Vec<watch::Change>| {
            for change in changes.drain(..) {
                let rule = program.rule(change.rule);
                if !CLOCKS.contains(&rule.id.as_str()) {
                    continue;
                }
                let key = engine.finding_id(&change);
                match change.outcome() {
                    Outcome::AtRisk => {
                        at_risk.insert(key, engine.now());
                    }
                    // An event tells of a breach at once; the warning has to be older than its due time.
                    Outcome::Breached => match (at_risk.get(&key), change.due()) {
                        (Some(warning), Some(due)) if *warning <= due => warned += 1,
                        _ => silent += 1,
                    },
                    _ => {}
                }
            }
        };
        for (n, act) in acts.iter().enumerate() {
            let now = act.recorded.get();
            while let Some(next) = engine.next().filter(|next| *next < now) {
                engine.tick(next.max(engine.now().saturating_add(MINUTE)), &mut changes);
                take(&engine, &mut changes);
            }
            engine.tick(now, &mut changes);
            take(&engine, &mut changes);
            judge::with_event(n as u64, act, |event| {
                engine.apply(event, &mut changes);
            });
            take(&engine, &mut changes);
        }
        while let Some(next) = engine.next().filter(|next| *next < until.get()) {
            engine.tick(next.max(engine.now().saturating_add(MINUTE)), &mut changes);
            take(&engine, &mut changes);
        }
    }
    (warned, silent)
}
