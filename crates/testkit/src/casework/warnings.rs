//! Did amber come before red, and at the moment that the rule says? Generated cases told to the engine act by act in the
//! order of recording, with a heartbeat each minute and nothing else that drives it.
//!
//! The moment of a warning is reckoned here a second time, from the words of the rule and section 5 of the catalogue of
//! rules (nine tenths of a limit of hours, a day before a limit of up to a week, …): what the engine keeps on its wheel is
//! not asked. For tests and benchmarks; the cases are made up.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use calendar::{Bound, Calendar, Roll, Unit};
use law::rule::{From, Grade, Limit, LimitUnit, Outcome, Response, Rule, Template, Warn};
use model::Micros;
use watch::{Change, Engine, Program};

use super::act::{Act, Case};
use super::judge::{Broken, with_event};

const MINUTE: i64 = 60_000_000;
const DAY: i64 = 1_440 * MINUTE;
/// A clock may be so late: two ticks of a minute.
const LATE: i64 = 2 * MINUTE;

/// How warnings and breaches came.
#[derive(Clone, Debug, Default)]
pub struct Warnings {
    /// Of planted breaches that a warning can come before: by kind of violation, how long before the due time each was
    /// warned of, in µs.
    pub leads: BTreeMap<&'static str, Vec<i64>>,
    /// Warnings that were compared with their moment, of planted and of ordinary cases.
    pub warnings: u64,
    /// Breaches by a clock that ran out, compared with their moment.
    pub breaches: u64,
    /// The longest that a warning or breach came after its moment, in µs.
    pub latest: i64,
    /// Breaches of limits that were over before anybody knew of what began them.
    pub known_late: u64,
    /// What came otherwise than the rule says.
    pub not_kept: Vec<NotKept>,
    /// Ticks that were told.
    pub ticks: u64,
    /// By rule: red that was told and taken back, because what it missed was recorded after all.
    pub taken_back: BTreeMap<String, u64>,
}

/// A warning or a breach that came otherwise than the rule says.
#[derive(Clone, Debug)]
pub struct NotKept {
    /// Number of the case.
    pub case: String,
    /// The rule.
    pub rule: String,
    /// `no warning`, `warning early`, `warning late`, `breach early`, `breach late`.
    pub what: &'static str,
    /// When it came, in µs.
    pub at: i64,
    /// When it should have come, in µs.
    pub moment: i64,
}

impl Warnings {
    /// Adds another measurement.
    pub fn add(&mut self, other: Self) {
        for (kind, leads) in other.leads {
            self.leads.entry(kind).or_default().extend(leads);
        }
        self.warnings += other.warnings;
        self.breaches += other.breaches;
        self.latest = self.latest.max(other.latest);
        self.known_late += other.known_late;
        self.not_kept.extend(other.not_kept);
        self.ticks += other.ticks;
        for (rule, count) in other.taken_back {
            *self.taken_back.entry(rule).or_default() += count;
        }
    }
}

/// What is known of an obligation.
#[derive(Clone, Copy)]
struct Known {
    due: i64,
    /// Since when this due time is known.
    told: i64,
    /// When amber came.
    amber: Option<i64>,
}

/// Tells the cases to the engine; gives how warnings came, and what is broken at the end.
pub fn follow<'p>(
    program: &'p Arc<Program>,
    cases: &[Case],
    until: Micros,
) -> (Warnings, Broken<'p>) {
    let mut acts: Vec<(usize, &Act)> = (cases.iter().enumerate())
        .flat_map(|(n, case)| case.acts.iter().map(move |act| (n, act)))
        .collect();
    acts.sort_by_key(|(_, act)| act.recorded);
    let mut book = Book {
        program,
        cases,
        owner: acts.iter().map(|(case, _)| *case).collect(),
        known: HashMap::new(),
        out: Warnings::default(),
    };
    let mut engine = Engine::new(Arc::clone(program));
    let mut changes = Vec::new();
    let first = acts.first().map_or(until, |(_, act)| act.recorded);
    let mut minute = first.get().div_euclid(MINUTE) * MINUTE;
    engine.tick(minute, &mut changes);
    for (position, (_, act)) in acts.iter().enumerate() {
        while minute + MINUTE <= act.recorded.get() {
            minute += MINUTE;
            book.tick(&mut engine, minute, &mut changes);
        }
        with_event(position as u64, act, |event| {
            engine.apply(event, &mut changes)
        });
        book.take(&engine, &mut changes);
    }
    while minute + MINUTE <= until.get() {
        minute += MINUTE;
        book.tick(&mut engine, minute, &mut changes);
    }
    // What is due within the last minute.
    book.tick(&mut engine, until.get(), &mut changes);
    let mut broken = Broken::new();
    for change in engine.standing() {
        if change.outcome() == Outcome::Breached || change.is_unrecorded() {
            let rule = program.rule(change.rule);
            let case = book.owner[engine.activation(&change) as usize];
            let red = rule.grade == Grade::Red;
            broken
                .entry(case)
                .or_default()
                .insert((rule.id.as_str(), red));
        }
    }
    (book.out, broken)
}

struct Book<'b> {
    program: &'b Program,
    cases: &'b [Case],
    /// Case of each act, by position.
    owner: Vec<usize>,
    known: HashMap<String, Known>,
    out: Warnings,
}

impl Book<'_> {
    fn tick(&mut self, engine: &mut Engine, now: i64, changes: &mut Vec<Change>) {
        engine.tick(now, changes);
        self.out.ticks += 1;
        self.take(engine, changes);
    }

    fn take(&mut self, engine: &Engine, changes: &mut Vec<Change>) {
        for change in changes.drain(..) {
            self.one(engine, &change);
        }
    }

    fn one(&mut self, engine: &Engine, change: &Change) {
        let rule = self.program.rule(change.rule);
        let breached = change.outcome() == Outcome::Breached;
        if rule.grade == Grade::Red && change.previous == Some(Outcome::Breached) && !breached {
            let count = self.out.taken_back.entry(rule.id.to_string());
            *count.or_default() += 1;
        }
        let now = engine.now();
        let waited = breached && change.previous == Some(Outcome::AtRisk);
        let Template::Response(response) = &rule.template else {
            if waited {
                self.red(rule, change, engine);
            }
            return;
        };
        let Some(due) = change.due() else { return };
        let overtaken = breached && engine.finding(change).witness.is_some();
        if overtaken && waited {
            self.red(rule, change, engine);
        }
        if overtaken || response.bounds.is_empty() {
            return;
        }
        let key = engine.finding_id(change);
        match change.outcome() {
            Outcome::Pending => {
                let known = Known {
                    due,
                    told: now,
                    amber: None,
                };
                self.known.insert(key, known);
            }
            // Over already: no warning, it waits for records.
            Outcome::AtRisk if change.is_unrecorded() => {}
            Outcome::AtRisk => {
                let before = self.known.get(&key);
                let same = before
                    .filter(|k| k.due == due && change.previous == Some(Outcome::Pending))
                    .map(|k| k.told);
                let told = same.unwrap_or(now);
                let since = engine.since(change);
                let calendar = self.program.calendar();
                let moments = moments(calendar, rule, response, since, due);
                // Where several limits may be in force, the nearest one.
                let moment = moments.iter().min_by_key(|m| (now - **m).abs());
                let moment = moment.copied().unwrap_or(due);
                self.out.warnings += 1;
                self.compare(
                    change,
                    engine,
                    ("warning early", "warning late"),
                    moment,
                    told,
                );
                let amber = Some(now);
                self.known.insert(key, Known { due, told, amber });
            }
            Outcome::Breached => {
                let Some(known) = self.known.get(&key).copied().filter(|k| k.due == due) else {
                    self.out.known_late += 1;
                    return;
                };
                let open = [Some(Outcome::Pending), Some(Outcome::AtRisk)];
                if !open.contains(&change.previous) {
                    return;
                }
                self.red(rule, change, engine);
                match known.amber {
                    Some(amber) => self.lead(change, engine, due - amber),
                    None => self.not_kept(change, engine, "no warning", due),
                }
            }
            _ => {}
        }
    }

    /// Compares red with its moment: what clears it could be recorded until then.
    fn red(&mut self, rule: &Rule, change: &Change, engine: &Engine) {
        let finding = engine.finding(change);
        let recorded = finding.activation.recorded;
        let witness = finding.witness.as_ref();
        let (from, grace) = match (&rule.template, witness, change.due()) {
            (Template::Response(_), Some(by), _) => (by.occurred, rule.recording.act),
            (Template::Response(_), None, Some(due)) => (due, rule.recording.clock),
            _ => (recorded, rule.recording.act),
        };
        let moment = grace.map_or(from, |g| from.max(recorded) + plain(g));
        let known = self.known.get(&engine.finding_id(change)).map(|k| k.told);
        let told = known.max(witness.map(|w| w.recorded)).unwrap_or(moment);
        self.out.breaches += 1;
        self.compare(
            change,
            engine,
            ("breach early", "breach late"),
            moment,
            told,
        );
    }

    /// Whether something came at its moment, or as soon as it was known.
    fn compare(
        &mut self,
        change: &Change,
        engine: &Engine,
        (early, late): (&'static str, &'static str),
        moment: i64,
        told: i64,
    ) {
        let after = engine.now() - moment.max(told);
        if engine.now() < moment {
            self.not_kept(change, engine, early, moment);
        } else if after > LATE {
            self.not_kept(change, engine, late, moment.max(told));
        }
        self.out.latest = self.out.latest.max(after);
    }

    fn not_kept(&mut self, change: &Change, engine: &Engine, what: &'static str, moment: i64) {
        let case = self.owner[engine.activation(change) as usize];
        self.out.not_kept.push(NotKept {
            case: self.cases[case].no.clone(),
            rule: self.program.rule(change.rule).id.to_string(),
            what,
            at: engine.now(),
            moment,
        });
    }

    fn lead(&mut self, change: &Change, engine: &Engine, lead: i64) {
        let rule = self.program.rule(change.rule);
        let case = &self.cases[self.owner[engine.activation(change) as usize]];
        let mut planted = case.planted.iter();
        let of = planted.find(|p| p.plant.rules.contains(&rule.id.as_str()));
        if let Some(planted) = of {
            let leads = self.out.leads.entry(planted.plant.violation()).or_default();
            leads.push(lead);
        }
    }
}

/// When the warning should come: one moment, or several where the due time does not tell which limit is in force.
fn moments(
    calendar: &Calendar,
    rule: &Rule,
    response: &Response,
    since: i64,
    due: i64,
) -> BTreeSet<i64> {
    let ends = |start: i64, limit: Limit| {
        let roll = if response.roll {
            Roll::Holiday
        } else {
            Roll::Never
        };
        let end = calendar.due(start, bound(limit), roll, &[]);
        if response.statutory {
            end.statutory
        } else {
            end.exact
        }
    };
    let changed = response.changes.iter();
    let all: Vec<(i64, Limit)> = (response.bounds.iter().map(|b| b.bound))
        .chain(changed.clone().map(|c| c.bound))
        .map(|limit| (since, limit))
        .collect();
    let mut certain = all.clone();
    certain.retain(|(start, limit)| ends(*start, *limit) == due);
    if certain.is_empty() {
        // A limit that began anew with a later event: where that was, the due time tells.
        let anew = changed.filter(|c| c.from == From::Event);
        certain.extend(anew.map(|c| (due - plain(c.bound), c.bound)));
        certain.retain(|(start, limit)| ends(*start, *limit) == due);
    }
    let limits = if certain.is_empty() { all } else { certain };
    let moment = |(start, limit): (i64, Limit)| {
        let one = |warn: Warn| match warn {
            Warn::Percent(percent) => start + (due - start) / 100 * i64::from(percent),
            Warn::Before(lead) => (due - plain(lead)).max(start),
        };
        let own = rule.warn.iter().map(|w| one(*w)).min();
        own.unwrap_or_else(|| one(usual(limit)))
    };
    limits.into_iter().map(moment).collect()
}

/// Section 5: the first warning before a limit of that length.
fn usual(limit: Limit) -> Warn {
    let days = |amount| {
        Warn::Before(Limit {
            amount,
            unit: LimitUnit::Day,
        })
    };
    match (limit.unit, limit.amount) {
        (LimitUnit::Minute | LimitUnit::Hour, _) => Warn::Percent(90),
        (LimitUnit::Day | LimitUnit::WorkingDay, ..=7) => days(1),
        (LimitUnit::Day | LimitUnit::WorkingDay, ..=29) => days(3),
        _ => days(7),
    }
}

/// A stretch as plain time: a warning is no limit of law.
fn plain(limit: Limit) -> i64 {
    let unit = match limit.unit {
        LimitUnit::Minute => MINUTE,
        LimitUnit::Hour => 60 * MINUTE,
        LimitUnit::Day | LimitUnit::WorkingDay => DAY,
        LimitUnit::Month => 30 * DAY,
        LimitUnit::Year => 365 * DAY,
    };
    i64::from(limit.amount) * unit
}

fn bound(limit: Limit) -> Bound {
    Bound {
        amount: limit.amount,
        unit: match limit.unit {
            LimitUnit::Minute => Unit::Minute,
            LimitUnit::Hour => Unit::Hour,
            LimitUnit::Day => Unit::Day,
            LimitUnit::WorkingDay => Unit::WorkingDay,
            LimitUnit::Month => Unit::Month,
            LimitUnit::Year => Unit::Year,
        },
    }
}

#[cfg(test)]
mod tests {
    use law::Catalogue;

    use super::super::Generator;
    use super::super::judge::{broken, compare};
    use super::*;

    #[test]
    fn amber_comes_at_its_moment_and_the_engine_finds_what_the_batch_finds() {
        let until: Micros = "2026-11-23T01:30:00Z".parse().expect("a time");
        let program = Arc::new(Program::new(Catalogue::shipped(), Calendar::china()));
        let cases: Vec<Case> = Generator::new(5, until).planting(30).cases(600).collect();
        let (warnings, found) = follow(&program, &cases, until);
        assert!(warnings.not_kept.is_empty(), "{:#?}", warnings.not_kept);
        assert!(
            warnings.warnings > 100 && warnings.breaches > 20,
            "enough to say anything"
        );
        assert!(!warnings.leads.is_empty());
        assert_eq!(found, broken(&program, &cases, until, 1));
        let score = compare(&cases, &found);
        assert_eq!((score.recall(), score.precision()), (1.0, 1.0));
    }
}
