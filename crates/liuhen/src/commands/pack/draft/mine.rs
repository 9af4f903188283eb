//! Regularities of a log, object type by object type: what always came before, what followed and how soon, what never came
//! after, how often, by whom.
//!
//! Counted in the way in which `watch` judges, so that the figures of a draft are those that `liuhen check` gives on the same
//! log. The number of candidates is kept small on purpose: one of a kind for each activity, the strongest.

use calendar::Calendar;

use super::survey::{Event, NOBODY, Survey};

/// What the ids of drafted rules begin with.
pub(crate) const PREFIX: &str = "D-";

/// Activities of one type between which regularities are looked for: the most frequent.
const MOST: usize = 128;

/// Candidates of one type.
const RULES: usize = 60;

/// Share from which a regularity is proposed.
const BEFORE: f64 = 0.95;
const FOLLOWS: f64 = 0.80;
const NEVER: f64 = 0.97;
const APART: f64 = 0.90;

/// Fewest activations, and fewest traces.
const SUPPORT: u64 = 5;
const TRACES: u64 = 3;

const HOUR: i64 = 3_600_000_000;

/// A proposed rule.
pub(crate) struct Candidate {
    /// Its id.
    pub(crate) id: String,
    /// Type of object.
    pub(crate) object: String,
    /// What it says.
    pub(crate) what: What,
    /// Activations in the log.
    pub(crate) support: u64,
    /// How many of them were kept.
    pub(crate) kept: u64,
    /// More about it, in English.
    pub(crate) note: String,
}

/// What a candidate says; names of activities.
pub(crate) enum What {
    /// `on` needs `before`.
    Precedence { on: String, before: String },
    /// `on` is followed by `then` within the limit.
    Response {
        on: String,
        then: String,
        limit: Limit,
    },
    /// `on` does not come after `after`.
    NotAfter { on: String, after: String },
    /// `on` comes no sooner than that after `after`.
    Gap {
        on: String,
        after: String,
        limit: Limit,
    },
    /// `on` comes at most so often.
    Count { on: String, max: u32 },
    /// Who does `on` is not who did `against` before.
    Distinct { on: String, against: String },
}

/// A stretch of time of the draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Limit {
    Hours(i64),
    Days(i64),
}

impl std::fmt::Display for Limit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Hours(n) => write!(f, "{n}h"),
            Self::Days(n) => write!(f, "{n}d"),
        }
    }
}

/// All candidates, type by type.
pub(crate) fn candidates(survey: &Survey, calendar: &Calendar) -> Vec<Candidate> {
    let mut all = Vec::new();
    for (type_, links) in survey.links.iter().enumerate() {
        let name = survey.types.name(u32::try_from(type_).unwrap_or(u32::MAX));
        let traces = Traces::of(survey, links);
        let mut found = traces.candidates(survey, calendar, name);
        found.truncate(RULES);
        all.append(&mut found);
    }
    for (n, candidate) in all.iter_mut().enumerate() {
        candidate.id = format!("{PREFIX}{:03}", n + 1);
    }
    all
}

/// Events of the objects of one type.
struct Traces {
    /// The frequent activities by their number in the survey.
    frequent: Vec<u32>,
    /// Events, object by object, in order of time.
    events: Vec<Event>,
    /// Where each object's events end.
    ends: Vec<usize>,
    /// Events and traces of each activity.
    counts: Vec<(u64, u64)>,
}

/// Matrices over the frequent activities, row-major.
struct Pairs {
    n: usize,
    /// Events b that have an a before or at the same time: `[a][b]`.
    before: Vec<u64>,
    /// Events b that have an a strictly before.
    strictly: Vec<u64>,
    /// Events a that have a b after or at the same time: `[a][b]`.
    after: Vec<u64>,
    /// How often b comes directly after a.
    direct: Vec<u64>,
    /// Traces that have both.
    both: Vec<u64>,
    /// How many traces have an activity at most once, and the most in one trace.
    once: Vec<u64>,
    most: Vec<u32>,
}

impl Traces {
    fn of(survey: &Survey, links: &[(u32, u32)]) -> Self {
        let mut counts = vec![0_u64; survey.activities.len()];
        let mut links = links.to_vec();
        let event = |n: u32| survey.events[n as usize];
        links.sort_unstable_by_key(|(object, n)| (*object, event(*n).time, *n));
        links.dedup();
        for (_, n) in &links {
            counts[event(*n).activity as usize] += 1;
        }
        let mut frequent: Vec<u32> = (0..counts.len())
            .filter(|a| counts[*a] > 0)
            .map(|a| u32::try_from(a).unwrap_or(u32::MAX))
            .collect();
        frequent.sort_by_key(|a| std::cmp::Reverse(counts[*a as usize]));
        frequent.truncate(MOST);
        let mut local = vec![u32::MAX; counts.len()];
        for (at, activity) in frequent.iter().enumerate() {
            local[*activity as usize] = u32::try_from(at).unwrap_or(u32::MAX);
        }
        let mut traces = Self {
            counts: vec![(0, 0); frequent.len()],
            frequent,
            events: Vec::with_capacity(links.len()),
            ends: Vec::new(),
        };
        let mut last = None;
        for (object, n) in links {
            if last.is_some_and(|l| l != object) {
                traces.ends.push(traces.events.len());
            }
            last = Some(object);
            let mut event = event(n);
            event.activity = local[event.activity as usize];
            if event.activity != u32::MAX {
                traces.events.push(event);
            }
        }
        traces.ends.push(traces.events.len());
        traces
    }

    fn each(&self) -> impl Iterator<Item = &[Event]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        let pairs = starts.zip(&self.ends);
        pairs.map(|(start, end)| &self.events[start..*end])
    }

    fn candidates(mut self, survey: &Survey, calendar: &Calendar, object: &str) -> Vec<Candidate> {
        let pairs = self.pairs();
        let n = pairs.n;
        let name = |a: usize| survey.activities.name(self.frequent[a]).to_owned();
        let mut found = Vec::new();
        let mut add = |what: What, support: u64, kept: u64, note: String| {
            found.push(Candidate {
                id: String::new(),
                object: object.to_owned(),
                what,
                support,
                kept,
                note,
            });
        };
        let usual = |a: usize| self.counts[a].0 >= SUPPORT && self.counts[a].1 >= TRACES;
        for b in (0..n).filter(|b| usual(*b)) {
            let events = self.counts[b].0;
            let at = |a: usize| a * n + b;
            // The nearest of those that always came before.
            let before = (0..n)
                .filter(|a| *a != b && share(pairs.before[at(*a)], events) >= BEFORE)
                .max_by_key(|a| (pairs.direct[at(*a)], pairs.before[at(*a)]));
            if let Some(a) = before {
                let kept = pairs.before[at(a)];
                let on = name(b);
                let before = name(a);
                add(What::Precedence { on, before }, events, kept, String::new());
                if let Some((limit, kept, note)) = self.gap(calendar, a, b) {
                    let (on, after) = (name(b), name(a));
                    add(What::Gap { on, after, limit }, events, kept, note);
                }
                if let Some((support, kept)) = self.apart(a, b) {
                    let (on, against) = (name(b), name(a));
                    let note = match events - support {
                        0 => String::new(),
                        unknown => format!("{unknown} more without a recorded person"),
                    };
                    add(What::Distinct { on, against }, support, kept, note);
                }
            }
            // What never came after: looked for where both are often in one trace.
            let wanted = |a: usize| (self.counts[a].1.min(self.counts[b].1) / 10).max(SUPPORT);
            let never = (0..n)
                .filter(|a| *a != b && pairs.both[at(*a)] >= wanted(*a))
                .filter(|a| share(pairs.strictly[at(*a)], events) <= 1.0 - NEVER)
                .max_by_key(|a| pairs.both[at(*a)]);
            if let Some(a) = never {
                let kept = events - pairs.strictly[at(a)];
                let note = format!("{} traces have both", pairs.both[at(a)]);
                let (on, after) = (name(b), name(a));
                add(What::NotAfter { on, after }, events, kept, note);
            }
            let followed = (0..n)
                .filter(|t| *t != b && share(pairs.after[b * n + *t], events) >= FOLLOWS)
                .max_by_key(|t| (pairs.direct[b * n + *t], pairs.after[b * n + *t]));
            if let Some(t) = followed
                && let Some((limit, kept, note)) = self.within(calendar, b, t)
            {
                let (on, then) = (name(b), name(t));
                add(What::Response { on, then, limit }, events, kept, note);
            }
            if share(pairs.once[b], self.counts[b].1) >= BEFORE {
                // Each further one in a trace is a breach of its own.
                let note = format!("at most {} in one trace", pairs.most[b]);
                add(
                    What::Count {
                        on: name(b),
                        max: 1,
                    },
                    events,
                    self.counts[b].1,
                    note,
                );
            }
        }
        // What was never broken says least of what could go wrong: first the ones with most behind them.
        found.sort_by_key(|c| std::cmp::Reverse(c.support));
        found
    }

    fn pairs(&mut self) -> Pairs {
        let n = self.frequent.len();
        let zero = || vec![0_u64; n * n];
        let mut p = Pairs {
            n,
            before: zero(),
            strictly: zero(),
            after: zero(),
            direct: zero(),
            both: zero(),
            once: vec![0; n],
            most: vec![0; n],
        };
        let mut counts = std::mem::take(&mut self.counts);
        let mut times = vec![0_u32; n];
        for trace in self.each() {
            times.fill(0);
            for event in trace {
                times[event.activity as usize] += 1;
                counts[event.activity as usize].0 += 1;
            }
            let mut all = 0_u128;
            for (a, times) in times.iter().enumerate().filter(|(_, t)| **t > 0) {
                all |= 1 << a;
                counts[a].1 += 1;
                p.once[a] += u64::from(*times == 1);
                p.most[a] = p.most[a].max(*times);
            }
            for a in bits(all) {
                for b in bits(all) {
                    p.both[a * n + b] += 1;
                }
            }
            for two in trace.windows(2) {
                p.direct[two[0].activity as usize * n + two[1].activity as usize] += 1;
            }
            let mut seen = 0_u128;
            for group in trace.chunk_by(|x, y| x.time == y.time) {
                let mut here = 0_u128;
                group.iter().for_each(|e| here |= 1 << e.activity);
                for event in group {
                    let b = event.activity as usize;
                    bits(seen).for_each(|a| p.strictly[a * n + b] += 1);
                    bits(seen | here).for_each(|a| p.before[a * n + b] += 1);
                }
                seen |= here;
            }
            let mut seen = 0_u128;
            let mut end = trace.len();
            while end > 0 {
                let time = trace[end - 1].time;
                let start = trace[..end].partition_point(|e| e.time < time);
                let group = &trace[start..end];
                group.iter().for_each(|e| seen |= 1 << e.activity);
                for event in group {
                    let a = event.activity as usize;
                    bits(seen).for_each(|b| p.after[a * n + b] += 1);
                }
                end = start;
            }
        }
        self.counts = counts;
        p
    }

    /// The limit in which 95 % of what follows comes, and how many activations it keeps.
    fn within(&self, calendar: &Calendar, a: usize, b: usize) -> Option<(Limit, u64, String)> {
        let mut lengths = Vec::new();
        for trace in self.each() {
            // From the last on: the next b after or at the same time.
            let mut next: Option<i64> = None;
            let mut end = trace.len();
            while end > 0 {
                let time = trace[end - 1].time;
                let start = trace[..end].partition_point(|e| e.time < time);
                let group = &trace[start..end];
                if group.iter().any(|e| e.activity as usize == b) {
                    next = Some(time);
                }
                for _ in group.iter().filter(|e| e.activity as usize == a) {
                    lengths.extend(next.map(|next| (time, next)));
                }
                end = start;
            }
        }
        let (median, most) = percentiles(&lengths, 95)?;
        let days = |(from, to): &(i64, i64)| days_between(calendar, *from, *to);
        let limit = if most < 48 * HOUR {
            Limit::Hours((most + HOUR - 1).div_euclid(HOUR).max(1))
        } else {
            let mut all: Vec<i64> = lengths.iter().map(days).collect();
            all.sort_unstable();
            Limit::Days(all[(all.len() * 95 / 100).min(all.len() - 1)].max(2))
        };
        let in_time = lengths.iter().filter(|(from, to)| match limit {
            Limit::Hours(n) => to - from <= n * HOUR,
            Limit::Days(n) => days(&(*from, *to)) <= n,
        });
        let note = format!("median {}, 95 % within {limit}", length(median));
        Some((limit, in_time.count() as u64, note))
    }

    /// The time below which 5 % of what follows lies, where it is not nothing.
    fn gap(&self, calendar: &Calendar, a: usize, b: usize) -> Option<(Limit, u64, String)> {
        let mut lengths = Vec::new();
        let mut free = 0;
        for trace in self.each() {
            let mut last: Option<i64> = None;
            for group in trace.chunk_by(|x, y| x.time == y.time) {
                let time = group[0].time;
                for _ in group.iter().filter(|e| e.activity as usize == b) {
                    match last {
                        Some(last) => lengths.push((last, time)),
                        None => free += 1,
                    }
                }
                if group.iter().any(|e| e.activity as usize == a) {
                    last = Some(time);
                }
            }
        }
        let (median, least) = percentiles(&lengths, 5)?;
        let days = |(from, to): &(i64, i64)| days_between(calendar, *from, *to);
        let limit = if least < 48 * HOUR {
            Limit::Hours(least.div_euclid(HOUR))
        } else {
            let mut all: Vec<i64> = lengths.iter().map(days).collect();
            all.sort_unstable();
            // A day that is not over is not a day: the gap ends with the day before.
            Limit::Days(all[all.len() * 5 / 100] - 1)
        };
        if matches!(limit, Limit::Hours(n) | Limit::Days(n) if n < 1) {
            return None;
        }
        let kept = lengths.iter().filter(|(from, to)| match limit {
            Limit::Hours(n) => to - from >= n * HOUR,
            Limit::Days(n) => days(&(*from, *to)) > n,
        });
        let note = format!("median {}, 5 % sooner than {limit}", length(median));
        Some((limit, kept.count() as u64 + free, note))
    }

    /// Events b with a person, and how many of them have another than every a before.
    fn apart(&self, a: usize, b: usize) -> Option<(u64, u64)> {
        let (mut support, mut kept) = (0, 0);
        for trace in self.each() {
            let mut people: Vec<u32> = Vec::new();
            let mut unknown = false;
            for group in trace.chunk_by(|x, y| x.time == y.time) {
                for event in group.iter().filter(|e| e.activity as usize == a) {
                    unknown |= event.actor == NOBODY;
                    if event.actor != NOBODY && !people.contains(&event.actor) {
                        people.push(event.actor);
                    }
                }
                for event in group.iter().filter(|e| e.activity as usize == b) {
                    if event.actor == NOBODY || people.is_empty() || unknown {
                        continue;
                    }
                    support += 1;
                    kept += u64::from(!people.contains(&event.actor));
                }
            }
        }
        (support >= SUPPORT && share(kept, support) >= APART).then_some((support, kept))
    }
}

/// Activities of a set.
fn bits(mut set: u128) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let at = set.trailing_zeros() as usize;
        (set != 0).then(|| {
            set &= set - 1;
            at
        })
    })
}

#[expect(clippy::cast_precision_loss, reason = "a share")]
fn share(some: u64, all: u64) -> f64 {
    if all == 0 {
        0.0
    } else {
        some as f64 / all as f64
    }
}

/// Median and the wanted percentile of the lengths, in microseconds.
fn percentiles(lengths: &[(i64, i64)], percent: usize) -> Option<(i64, i64)> {
    let mut all: Vec<i64> = lengths.iter().map(|(from, to)| to - from).collect();
    all.sort_unstable();
    let at = |p: usize| all.get((all.len() * p / 100).min(all.len().saturating_sub(1)));
    Some((*at(50)?, *at(percent)?))
}

fn days_between(calendar: &Calendar, from: i64, to: i64) -> i64 {
    let (from, to) = (calendar.date(from), calendar.date(to));
    from.until(to).map_or(0, |span| i64::from(span.get_days()))
}

/// A length as people say it.
fn length(micros: i64) -> String {
    let minutes = micros / 60_000_000;
    match minutes {
        ..120 => format!("{minutes} min"),
        120..2880 => format!("{} h", minutes / 60),
        _ => format!("{} d", minutes / 1440),
    }
}
