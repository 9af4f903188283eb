//! Generated cases before the rules: acts as the events that `watch` takes, and which case an event belongs to.
//!
//! For tests and benchmarks. Ids are those of the generator, not the pseudonyms of a node.

use std::collections::{BTreeMap, BTreeSet};

use law::rule::{Grade, Outcome};
use model::{Micros, Value};
use watch::{Columns, Event, Program, Row, batch};

use super::act::{Act, Case};

/// Events of cases, and whose they are.
pub struct Docket {
    /// The events.
    pub columns: Columns,
    /// By row: position of the case in what was taken in.
    owner: Vec<u32>,
}

impl Docket {
    /// All acts of these cases, case after case.
    pub fn of<'c>(program: &Program, cases: impl IntoIterator<Item = &'c Case>) -> Self {
        let mut columns = Columns::new(program);
        let mut owner = Vec::new();
        for (n, case) in cases.into_iter().enumerate() {
            for act in &case.acts {
                let position = owner.len() as u64;
                with_event(position, act, |event| columns.push(program, event));
                owner.push(u32::try_from(n).expect("fewer than 2^32 cases"));
            }
        }
        Self { columns, owner }
    }

    /// Position of the case to which the event of a row belongs.
    pub fn case(&self, row: Row) -> usize {
        self.owner[row as usize] as usize
    }
}

/// An act as an event, at a position of the order of knowing.
pub fn with_event<T>(position: u64, act: &Act, take: impl FnOnce(&Event<'_>) -> T) -> T {
    let occurred = act.occurred.get();
    let actors: Vec<_> = (act.actors.iter())
        .map(|a| (a.no.as_str(), a.role.as_str()))
        .collect();
    let objects: Vec<_> = (act.objects.iter())
        .map(|o| {
            let part = o.qualifier.as_ref().map(model::Qualifier::as_str);
            (o.object_type.as_str(), o.id.as_str(), part)
        })
        .collect();
    let attrs: Vec<_> = (act.attrs.iter())
        .filter_map(|a| Some((a.key.as_str(), value(&a.value)?)))
        .collect();
    take(&Event {
        position,
        claimed: (occurred, occurred),
        recorded: act.recorded.get(),
        ended: act.ended.map(model::Micros::get),
        activity: act.activity.as_str(),
        organ: act.organ.as_str(),
        actors: &actors,
        objects: &objects,
        attrs: &attrs,
        corrects: None,
        erased: false,
    })
}

fn value(value: &Value) -> Option<watch::Value<'_>> {
    Some(match value {
        Value::Bool(b) => watch::Value::Bool(*b),
        Value::Int(i) => watch::Value::Number(*i as f64),
        Value::Float(f) => watch::Value::Number(*f),
        Value::String(s) | Value::Id(s) => watch::Value::Text(s),
        Value::Time(t) => watch::Value::Time(t.instant().get()),
        Value::List(_) | Value::Container(_) | Value::Null => return None,
    })
}

/// How the rules did on one kind of violation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Pairs of case and rule that had to be found.
    pub planted: u32,
    /// Of these, found.
    pub found: u32,
}

/// Red findings against what was planted, by case and rule.
#[derive(Clone, Debug, Default)]
pub struct Score {
    /// By kind of violation (`V-11`).
    pub tallies: BTreeMap<&'static str, Tally>,
    /// By plant: how often it was planted.
    pub plants: BTreeMap<&'static str, u32>,
    /// Planted and not found: number of the case, plant, rule.
    pub missed: Vec<(String, &'static str, &'static str)>,
    /// Red and not planted: number of the case, what was planted in it, rule.
    pub unplanned: Vec<(String, &'static str, String)>,
    /// Red findings that were planted or follow from it.
    pub right: u32,
}

impl Score {
    /// Found of what was planted, 0 to 1.
    pub fn recall(&self) -> f64 {
        let planted: u32 = self.tallies.values().map(|t| t.planted).sum();
        let found: u32 = self.tallies.values().map(|t| t.found).sum();
        share(found, planted)
    }

    /// Adds another score.
    pub fn add(&mut self, other: Self) {
        for (kind, tally) in other.tallies {
            let sum = self.tallies.entry(kind).or_default();
            sum.planted += tally.planted;
            sum.found += tally.found;
        }
        for (plant, count) in other.plants {
            *self.plants.entry(plant).or_default() += count;
        }
        self.missed.extend(other.missed);
        self.unplanned.extend(other.unplanned);
        self.right += other.right;
    }

    /// Planted of what is red, 0 to 1.
    pub fn precision(&self) -> f64 {
        share(self.right, self.right + self.unplanned.len() as u32)
    }
}

fn share(part: u32, whole: u32) -> f64 {
    if whole == 0 {
        1.0
    } else {
        f64::from(part) / f64::from(whole)
    }
}

/// By position of the case: rules that are broken in it, and whether each is red.
pub type Broken<'p> = BTreeMap<usize, BTreeSet<(&'p str, bool)>>;

/// Judges cases with all rules at a moment, at once, and compares.
pub fn score(program: &Program, cases: &[Case], now: Micros, threads: usize) -> Score {
    compare(cases, &broken(program, cases, now, threads))
}

/// What is broken in these cases at a moment, by what is on record: that which red still waits for included.
pub fn broken<'p>(program: &'p Program, cases: &[Case], now: Micros, threads: usize) -> Broken<'p> {
    let docket = Docket::of(program, cases);
    let keep = batch::Keep::Findings;
    let report = batch::check(program, &docket.columns, now.get(), keep, threads);
    let mut broken = Broken::new();
    for found in &report.found {
        // What is planted in the last day is amber still: told, and red once it can no longer be recorded.
        if found.outcome() == Outcome::Breached || found.is_unrecorded() {
            let rule = program.rule(found.rule());
            let case = broken.entry(docket.case(found.row())).or_default();
            case.insert((rule.id.as_str(), rule.grade == Grade::Red));
        }
    }
    broken
}

/// Compares what is broken with what was planted.
pub fn compare(cases: &[Case], broken: &Broken<'_>) -> Score {
    let mut score = Score::default();
    let none = BTreeSet::new();
    for (n, case) in cases.iter().enumerate() {
        let broken = broken.get(&n).unwrap_or(&none);
        let mut expected = BTreeSet::new();
        let mut name = "";
        for planted in &case.planted {
            let plant = planted.plant;
            name = plant.id;
            *score.plants.entry(plant.id).or_default() += 1;
            let tally = score.tallies.entry(plant.violation()).or_default();
            for rule in plant.rules {
                tally.planted += 1;
                if broken.iter().any(|(id, _)| id == rule) {
                    tally.found += 1;
                } else {
                    score.missed.push((case.no.clone(), plant.id, rule));
                }
            }
            expected.extend(plant.rules.iter().chain(plant.also).copied());
        }
        for (rule, _) in broken.iter().filter(|(_, red)| *red) {
            if expected.contains(rule) {
                score.right += 1;
            } else {
                let what = (case.no.clone(), name, (*rule).to_owned());
                score.unplanned.push(what);
            }
        }
    }
    score
}
