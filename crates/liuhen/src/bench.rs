//! `liuhen bench`: measures what docs/benchmarks.md promises, on the machine where it runs.
//!
//! Each figure stands beside what bounds it, measured in the same run: a flush, a hash, a signature check. Not a test: a
//! target that is missed is said, and nothing fails.

mod clocks;
mod durable;
mod ledger;
mod machine;
mod node;
mod page;
mod restart;
mod score;
mod watch;
mod xes;

use std::{
    path::Path,
    time::{Duration, Instant},
};

use serde::Serialize;

use crate::{
    args,
    failure::{Exit, Failure, io},
    ui::Ui,
};

/// One measured figure.
#[derive(Debug, Serialize)]
pub(crate) struct Figure {
    /// Which measurement it belongs to.
    pub(crate) bench: &'static str,
    /// What was measured, with its conditions.
    pub(crate) what: String,
    /// The figure.
    pub(crate) value: f64,
    /// Its unit.
    pub(crate) unit: &'static str,
    /// What it should be.
    pub(crate) target: Option<Target>,
    /// The same as a multiple of something measured in the same run.
    pub(crate) ratio: Option<String>,
}

/// What a figure should be.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Target {
    /// As much, or more.
    AtLeast(f64),
    /// As much, or less.
    AtMost(f64),
}

impl Figure {
    pub(crate) fn new(
        bench: &'static str,
        what: impl Into<String>,
        value: f64,
        unit: &'static str,
    ) -> Self {
        Self {
            bench,
            what: what.into(),
            value,
            unit,
            target: None,
            ratio: None,
        }
    }

    pub(crate) fn target(mut self, target: Target) -> Self {
        self.target = Some(target);
        self
    }

    pub(crate) fn ratio(mut self, ratio: impl Into<String>) -> Self {
        self.ratio = Some(ratio.into());
        self
    }

    fn met(&self) -> Option<bool> {
        Some(match self.target? {
            Target::AtLeast(least) => self.value >= least,
            Target::AtMost(most) => self.value <= most,
        })
    }
}

/// What all measurements share.
pub(crate) struct Bench<'b> {
    /// An empty directory on the disk that is measured.
    pub(crate) dir: &'b Path,
    pub(crate) machine: machine::Machine,
    /// Generated cases of a seed, where the command line says.
    pub(crate) cases: Option<usize>,
    /// Seeds of generated cases; empty for the usual ones.
    pub(crate) seeds: Vec<u64>,
    /// An event log to be measured beside the generated one.
    pub(crate) log: Option<std::path::PathBuf>,
}

type Measure = fn(&Bench<'_>) -> Result<Vec<Figure>, Failure>;

/// Name and work of each measurement, in the order of `all`.
const MEASURES: &[(&str, Measure)] = &[
    ("ledger", ledger::unsigned),
    ("signed", ledger::signed),
    ("latency", ledger::latency),
    ("proof", ledger::proof_and_audit),
    ("import", node::import_and_start),
    ("import-large", node::import_large),
    ("http", node::http),
    ("xes", xes::parse),
    ("watch", watch::rules),
    ("clocks", clocks::clocks),
    ("restart", restart::restart),
    ("durable", durable::durable),
    ("silence", durable::silence),
    ("page", page::case),
    ("score", score::score),
];

/// What takes a quarter of an hour by itself: not part of `all`.
const BY_NAME: &[&str] = &["restart"];

/// Runs the named measurements and prints a table, or JSON.
pub(crate) fn run(ui: &Ui, arguments: &args::Bench) -> Result<Exit, Failure> {
    if let Some(file) = &arguments.parse {
        return xes::alone(ui, file);
    }
    let all = arguments.names.is_empty() || arguments.names.iter().any(|name| name == "all");
    if let Some(unknown) = arguments
        .names
        .iter()
        .find(|n| *n != "all" && MEASURES.iter().all(|(name, _)| name != n))
    {
        let names: Vec<&str> = MEASURES.iter().map(|(name, _)| *name).collect();
        return Err(Failure::usage(format!("{unknown}: no such measurement"))
            .hint(format!("all, or some of: {}", names.join(", "))));
    }
    let here = arguments.dir.clone().unwrap_or_else(|| ".".into());
    let dir = tempfile::Builder::new()
        .prefix("liuhen-bench-")
        .tempdir_in(&here)
        .map_err(|e| io(&here, e))?;
    ui.say("measuring the machine");
    let bench = Bench {
        dir: dir.path(),
        machine: machine::measure(dir.path())?,
        cases: arguments.cases,
        seeds: arguments.seeds.clone(),
        log: arguments.log.clone(),
    };
    let started = Instant::now();
    let mut figures = Vec::new();
    for (name, measure) in MEASURES {
        if all && !BY_NAME.contains(name) || arguments.names.iter().any(|wanted| wanted == name) {
            ui.say(format!("measuring {name}"));
            figures.extend(measure(&bench)?);
        }
    }
    let seconds = started.elapsed().as_secs_f64();
    #[derive(Serialize)]
    struct Result<'r> {
        machine: &'r machine::Machine,
        figures: &'r [Figure],
        seconds: f64,
    }
    let mut text = table(&bench.machine, &figures);
    text += &format!(
        "\nmeasured in {:.0} min {:.0} s\n",
        (seconds / 60.0).floor(),
        seconds % 60.0
    );
    ui.result(
        &Result {
            machine: &bench.machine,
            figures: &figures,
            seconds,
        },
        &text,
    );
    Ok(if figures.iter().all(|f| f.met() != Some(false)) {
        Exit::Good
    } else {
        Exit::NotGood
    })
}

/// Markdown, so that it can go into docs/benchmarks.md as it is.
fn table(machine: &machine::Machine, figures: &[Figure]) -> String {
    let mut out = machine.to_string();
    out.push_str("\n| what | target | measured | beside it |\n|---|---|---|---|\n");
    for figure in figures {
        let target = match figure.target {
            None => "–".to_owned(),
            Some(Target::AtLeast(n)) => format!("≥ {} {}", number(n), figure.unit),
            Some(Target::AtMost(n)) => format!("≤ {} {}", number(n), figure.unit),
        };
        let mark = match figure.met() {
            None => "",
            Some(true) => " ✔",
            Some(false) => " ✘",
        };
        let ratio = figure.ratio.as_deref().unwrap_or("");
        out += &format!(
            "| {}: {} | {target} | {} {}{mark} | {ratio} |\n",
            figure.bench,
            figure.what,
            number(figure.value),
            figure.unit
        );
    }
    out
}

/// Three digits that matter, thousands apart.
pub(crate) fn number(value: f64) -> String {
    if value < 10.0 {
        return format!("{value:.2}");
    }
    if value < 1000.0 {
        return format!("{value:.0}");
    }
    let digits = format!("{value:.0}");
    let mut out = String::new();
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// The value below which `share` of the sorted times lie.
pub(crate) fn percentile(sorted: &[Duration], share: f64) -> Duration {
    let at = ((sorted.len() as f64 * share).ceil() as usize).clamp(1, sorted.len());
    sorted[at - 1]
}

/// How long some work takes.
pub(crate) fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let done = work();
    (done, start.elapsed())
}
