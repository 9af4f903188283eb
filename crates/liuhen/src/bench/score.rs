//! Does the watch find what was broken, and nothing else? Generated cases with violations at known places, judged by the whole
//! pack: recall and precision of red by kind of violation, at once and one by one; whether each warning came at the moment
//! that its rule says; and looks at cases, explained or found.
//!
//! The cases are made up: this shows that rules and evaluation agree with what was planted, *not* how often such things
//! happen or how much of real wrongdoing leaves a trace.

use std::sync::Arc;

use calendar::Calendar;
use law::Catalogue;
use model::Micros;
use testkit::casework::judge::{Broken, Score, broken, compare};
use testkit::casework::warnings::{Warnings, follow};
use testkit::casework::{Case, Generator, explained};
use watch::Program;

use super::{Bench, Figure, Target, number, timed};
use crate::failure::Failure;

/// Cases of a seed, if the command line does not say.
const CASES: usize = 10_000;
/// Seeds, if the command line does not say.
const SEEDS: [u64; 3] = [7, 8, 9];
/// In so many of a hundred cases something is planted.
const PLANTED: i64 = 20;
/// Faults that are written out.
const SHOWN: usize = 5;

/// Recall, precision and lead time.
pub(super) fn score(bench: &Bench<'_>) -> Result<Vec<Figure>, Failure> {
    let until: Micros = ("2026-11-23T01:30:00Z".parse())
        .map_err(|_| Failure::broken("the end of the generated time"))?;
    let count = bench.cases.unwrap_or(CASES);
    let seeds = if bench.seeds.is_empty() {
        SEEDS.to_vec()
    } else {
        bench.seeds.clone()
    };
    let program = Arc::new(Program::new(Catalogue::shipped(), Calendar::china()));
    let (mut score, mut warnings) = (Score::default(), Warnings::default());
    let mut looks = explained::Looked::default();
    let (mut acts, mut seconds, mut differ) = (0, 0.0, 0);
    for seed in &seeds {
        let generator = Generator::new(*seed, until).planting(PLANTED);
        let cases: Vec<Case> = generator.cases(count).collect();
        acts += cases.iter().map(|c| c.acts.len()).sum::<usize>();
        let (at_once, time) = timed(|| broken(&program, &cases, until, bench.machine.cores));
        seconds += time.as_secs_f64();
        score.add(compare(&cases, &at_once));
        let (came, one_by_one) = follow(&program, &cases, until);
        warnings.add(came);
        differ += differences(&at_once, &one_by_one);
        looks.add(&explained::looked(&generator, &cases));
    }
    let seeds: Vec<String> = seeds.iter().map(u64::to_string).collect();
    let of = format!("{count} cases of each seed {}", seeds.join(", "));
    let mut figures = vec![
        Figure::new("score", format!("recall of red, {of}"), score.recall(), "")
            .target(Target::AtLeast(1.0))
            .ratio(missed(&score)),
        Figure::new("score", "precision of red", score.precision(), "")
            .target(Target::AtLeast(1.0))
            .ratio(unplanned(&score)),
        Figure::new(
            "score",
            "cases and rules broken at once and not one by one, or the other way",
            differ as f64,
            "",
        )
        .target(Target::AtMost(0.0)),
        Figure::new("score", "acts judged", acts as f64 / seconds, "acts/s"),
    ];
    figures.extend(kinds(&score, &warnings));
    figures.extend(clocks(&warnings));
    figures.extend(looked(&looks));
    Ok(figures)
}

fn differences(a: &Broken<'_>, b: &Broken<'_>) -> usize {
    let none = Default::default();
    let cases = a
        .keys()
        .chain(b.keys().filter(|case| !a.contains_key(case)));
    cases
        .map(|case| {
            let (a, b) = (a.get(case).unwrap_or(&none), b.get(case).unwrap_or(&none));
            a.symmetric_difference(b).count()
        })
        .sum()
}

fn missed(score: &Score) -> String {
    let first = score.missed.iter().take(SHOWN);
    let named: Vec<_> = first
        .map(|(no, plant, rule)| format!("{no} {plant} {rule}"))
        .collect();
    format!("{} missed; {}", score.missed.len(), named.join("; "))
        .trim_end_matches("; ")
        .to_owned()
}

fn unplanned(score: &Score) -> String {
    let first = score.unplanned.iter().take(SHOWN);
    let named: Vec<_> = first
        .map(|(no, plant, rule)| format!("{no} {plant} {rule}"))
        .collect();
    format!(
        "{} red and not planted; {}",
        score.unplanned.len(),
        named.join("; ")
    )
    .trim_end_matches("; ")
    .to_owned()
}

/// A row for each kind of violation.
fn kinds(score: &Score, warnings: &Warnings) -> Vec<Figure> {
    let mut figures = Vec::new();
    for (violation, tally) in &score.tallies {
        let what = format!("{violation}: planted {}, found", tally.planted);
        let missed = tally.planted - tally.found;
        let of = |plant: &str| plant.starts_with(violation);
        let unplanned = score.unplanned.iter().filter(|(_, plant, _)| of(plant));
        let mut beside = format!("missed {missed}, unplanned {}", unplanned.count());
        if let Some(leads) = warnings.leads.get(violation) {
            let mut leads = leads.clone();
            leads.sort_unstable();
            let at = |n: usize| hours(leads[n]);
            beside += &format!(
                ", amber before {} of red: {} / {} / {} (least, median, most)",
                leads.len(),
                at(0),
                at(leads.len() / 2),
                at(leads.len() - 1)
            );
        }
        let found = Figure::new("score", what, f64::from(tally.found), "");
        figures.push(
            found
                .target(Target::AtLeast(f64::from(tally.planted)))
                .ratio(beside),
        );
    }
    figures
}

fn clocks(warnings: &Warnings) -> Vec<Figure> {
    let mut leads: Vec<i64> = warnings.leads.values().flatten().copied().collect();
    leads.sort_unstable();
    let lead = |n: usize| leads.get(n).map_or_else(|| "–".to_owned(), |l| hours(*l));
    let first = warnings.not_kept.iter().take(SHOWN);
    let named: Vec<_> = first
        .map(|n| {
            let time = |t| Micros::new(t).map_or_else(|_| t.to_string(), |t| t.to_string());
            let (at, moment) = (time(n.at), time(n.moment));
            format!("{} {} {}: {at} for {moment}", n.case, n.rule, n.what)
        })
        .collect();
    let beside = format!(
        "{} warnings and {} breaches compared with their moment; {} over before they were known; {}",
        number(warnings.warnings as f64),
        number(warnings.breaches as f64),
        number(warnings.known_late as f64),
        named.join("; ")
    );
    vec![
        Figure::new(
            "score",
            "amber or red of a clock not at the moment that its rule says",
            warnings.not_kept.len() as f64,
            "",
        )
        .target(Target::AtMost(0.0))
        .ratio(beside.trim_end_matches("; ")),
        Figure::new(
            "score",
            "the longest after its moment, ticks of a minute",
            warnings.latest as f64 / 1e6,
            "s",
        )
        .target(Target::AtMost(120.0))
        .ratio(format!("{} ticks", number(warnings.ticks as f64))),
        Figure::new(
            "score",
            "red told and taken back when more was recorded",
            warnings.taken_back.values().sum::<u64>() as f64,
            "",
        )
        .ratio(most(&warnings.taken_back)),
        Figure::new(
            "score",
            "planted red with amber before it",
            leads.len() as f64,
            "",
        )
        .ratio(format!(
            "{} / {} / {} before (least, median, most)",
            lead(0),
            lead(leads.len() / 2),
            lead(leads.len().saturating_sub(1))
        )),
    ]
}

/// The rules with the most of it.
fn most(counts: &std::collections::BTreeMap<String, u64>) -> String {
    let mut rules: Vec<_> = counts.iter().collect();
    rules.sort_by_key(|(rule, count)| (std::cmp::Reverse(**count), rule.as_str()));
    let first = rules.iter().take(SHOWN);
    let named: Vec<_> = first
        .map(|(rule, count)| format!("{rule} {count}"))
        .collect();
    named.join(", ")
}

fn looked(looks: &explained::Looked) -> Vec<Figure> {
    let [explained, missed] = looks.legitimate;
    let [found, unfound] = looks.planted;
    vec![
        Figure::new(
            "score",
            format!("legitimate looks explained, of {}", explained + missed),
            100.0 * looks.explained(),
            "%",
        )
        .target(Target::AtLeast(99.0))
        .ratio(format!("{missed} not explained")),
        Figure::new(
            "score",
            format!("planted looks found, of {}", found + unfound),
            100.0 * looks.found(),
            "%",
        )
        .target(Target::AtLeast(95.0))
        .ratio(format!(
            "{unfound} not found; made-up looks: exactness, not how much misuse is found"
        )),
    ]
}

/// A stretch as a person says it.
fn hours(micros: i64) -> String {
    let hours = micros as f64 / 3_600e6;
    if hours < 1.0 {
        format!("{:.0} min", hours * 60.0)
    } else if hours < 48.0 {
        format!("{hours:.1} h")
    } else {
        format!("{:.1} d", hours / 24.0)
    }
}
