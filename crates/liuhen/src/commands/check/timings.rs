//! What a check took: reading, judging at once, and judging the same events one by one in the order of their time, which must
//! come to the same. For comparing with other tools; not part of the report, which is the same from run to run.

use std::{sync::Arc, time::Instant};

use law::rule::Outcome;
use serde::Serialize;
use watch::{Engine, Event, Program, Value, batch};

use crate::{
    failure::Failure,
    lang::{count, tr},
    ui::Ui,
};

const MINUTE: i64 = 60_000_000;

/// An event with texts of its own, to be told a second time.
pub(crate) struct Kept {
    position: u64,
    claimed: (i64, i64),
    recorded: i64,
    activity: String,
    organ: String,
    actors: Vec<(String, String)>,
    objects: Vec<(String, String, Option<String>)>,
    attrs: Vec<(String, Own)>,
}

enum Own {
    Bool(bool),
    Number(f64),
    Text(String),
    Time(i64),
}

impl Own {
    fn lend(&self) -> Value<'_> {
        match self {
            Self::Bool(b) => Value::Bool(*b),
            Self::Number(n) => Value::Number(*n),
            Self::Time(t) => Value::Time(*t),
            Self::Text(t) => Value::Text(t),
        }
    }
}

impl Kept {
    /// A copy.
    pub(crate) fn of(event: &Event<'_>) -> Self {
        let own = |value: &Value<'_>| match value {
            Value::Bool(b) => Own::Bool(*b),
            Value::Number(n) => Own::Number(*n),
            Value::Text(t) => Own::Text((*t).to_owned()),
            Value::Time(t) => Own::Time(*t),
        };
        let pair = |(a, b): &(&str, &str)| ((*a).to_owned(), (*b).to_owned());
        let object = |(type_, id, part): &(&str, &str, Option<&str>)| {
            let part = part.map(ToOwned::to_owned);
            ((*type_).to_owned(), (*id).to_owned(), part)
        };
        Self {
            position: event.position,
            claimed: event.claimed,
            recorded: event.recorded,
            activity: event.activity.to_owned(),
            organ: event.organ.to_owned(),
            actors: event.actors.iter().map(pair).collect(),
            objects: event.objects.iter().map(object).collect(),
            attrs: (event.attrs.iter())
                .map(|(key, value)| ((*key).to_owned(), own(value)))
                .collect(),
        }
    }

    fn lend<T>(&self, take: impl FnOnce(&Event<'_>) -> T) -> T {
        let actors: Vec<_> = (self.actors.iter())
            .map(|(a, b)| (a.as_str(), b.as_str()))
            .collect();
        let objects: Vec<_> = (self.objects.iter())
            .map(|(a, b, c)| (a.as_str(), b.as_str(), c.as_deref()))
            .collect();
        let attrs: Vec<_> = (self.attrs.iter())
            .map(|(key, own)| (key.as_str(), own.lend()))
            .collect();
        take(&Event {
            position: self.position,
            claimed: self.claimed,
            recorded: self.recorded,
            ended: None,
            activity: &self.activity,
            organ: &self.organ,
            actors: &actors,
            objects: &objects,
            attrs: &attrs,
            corrects: None,
            erased: false,
        })
    }
}

/// What it took, in seconds.
#[derive(Debug, Serialize)]
pub(crate) struct Timings {
    events: u64,
    rules: usize,
    threads: usize,
    read_seconds: f64,
    /// Judging all of it at once.
    rules_seconds: f64,
    /// Judging it event by event with a tick for each new minute, on one thread; handing over the texts included.
    one_by_one_seconds: f64,
    /// Breaches one by one; the same number as at once, or this fails.
    broken: u64,
}

/// Judges once more, one by one, and compares.
pub(crate) fn one_by_one(
    program: &Arc<Program>,
    mut kept: Vec<Kept>,
    now: i64,
    at_once: &batch::Report,
    (read_seconds, rules_seconds, threads): (f64, f64, usize),
) -> Result<Timings, Failure> {
    kept.sort_by_key(|event| (event.claimed, event.position));
    let mut engine = Engine::new(Arc::clone(program));
    let (mut changes, mut minute) = (Vec::new(), i64::MIN);
    let started = Instant::now();
    for event in &kept {
        if event.claimed.0.div_euclid(MINUTE) > minute {
            minute = event.claimed.0.div_euclid(MINUTE);
            engine.tick(minute * MINUTE, &mut changes);
        }
        event.lend(|event| engine.apply(event, &mut changes));
        changes.clear();
    }
    engine.tick(now, &mut changes);
    let one_by_one_seconds = started.elapsed().as_secs_f64();
    let mut broken = vec![0_u64; program.rule_count()];
    for change in engine.standing() {
        broken[change.rule as usize] += u64::from(change.outcome() == Outcome::Breached);
    }
    for (no, counts) in at_once.counts.iter().enumerate() {
        let (there, here) = (counts[Outcome::Breached as usize], broken[no]);
        if there != here {
            let rule = &program.rule(no as watch::RuleNo).id;
            return Err(Failure::broken(format!(
                "{rule}: {there} breaches at once, {here} one by one"
            )));
        }
    }
    Ok(Timings {
        events: kept.len() as u64,
        rules: program.rule_count(),
        threads,
        read_seconds,
        rules_seconds,
        one_by_one_seconds,
        broken: broken.iter().sum(),
    })
}

impl Timings {
    /// Tells them: talk, not data.
    pub(crate) fn say(&self, ui: &Ui) {
        if ui.json {
            if let Ok(text) = serde_json::to_string(self) {
                ui.say(text);
            }
            return;
        }
        let rate = |seconds: f64| {
            #[expect(
                clippy::cast_precision_loss,
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a rate"
            )]
            let rate = (self.events as f64 / seconds.max(1e-9)) as u64;
            count(rate)
        };
        let (read, rules, single) = (
            rate(self.read_seconds),
            rate(self.rules_seconds),
            rate(self.one_by_one_seconds),
        );
        let threads = self.threads;
        ui.say(tr!(
            ui.lang,
            "每秒：读入 {read} 个，一次核查 {rules} 个（{threads} 线程），逐个核查 {single} 个；结果一致",
            "events/s: read {read}, judged at once {rules} (threads: {threads}), one by one {single}; the same breaches"
        ));
    }
}
