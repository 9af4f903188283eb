//! The examples that packs carry, run: a pack whose rules do not say what its own examples say is not loaded.
//!
//! Each example is judged alone, at its own moment, by the same function that judges everything else.

use law::rule::{ACTOR, Literal, Outcome, Rule, Template, TraceEvent};

use crate::batch::each_per;
use crate::columns::{Columns, Event, Row, Value};
use crate::judge::strict;
use crate::program::{Program, RuleNo, bit};
use crate::trace::{COARSE, Item, Trace};

/// An example that comes out otherwise than it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// The rule.
    pub rule: String,
    /// Its version.
    pub version: u32,
    /// Which of its examples, from 1.
    pub example: usize,
    /// What it says.
    pub expected: Outcome,
    /// What comes out; `None` where no event of it is an activation to which the rule applies.
    pub got: Option<Outcome>,
    /// A time of it cannot be read.
    pub bad_time: Option<String>,
    /// What was missing, where it is not checkable.
    pub missing: Option<String>,
}

impl std::fmt::Display for Mismatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} version {}, example {}: ",
            self.rule, self.version, self.example
        )?;
        if let Some(time) = &self.bad_time {
            return write!(
                f,
                "`{time}` is not a local time such as 2026-04-30T15:00 or 2026-04-30"
            );
        }
        write!(f, "expected {}, ", self.expected.name())?;
        match self.got {
            Some(got) => write!(f, "got {}", got.name())?,
            None => f.write_str("but no event of it is an activation of the rule")?,
        }
        match &self.missing {
            Some(missing) => write!(f, " (missing: {missing})"),
            None => Ok(()),
        }
    }
}

/// Runs every example of every rule.
pub fn rehearse(program: &Program) -> Vec<Mismatch> {
    let mut mismatches = Vec::new();
    for no in 0..program.rule_count() as RuleNo {
        let rule = program.rule(no);
        if matches!(rule.template, Template::Manual { .. }) {
            continue;
        }
        for (example, trace) in rule.traces.iter().enumerate() {
            let (got, bad_time, missing) = match run(program, no, rule, trace) {
                Ok((got, missing)) => (got, None, missing),
                Err(time) => (None, Some(time), None),
            };
            if got != Some(trace.expect) {
                mismatches.push(Mismatch {
                    rule: rule.id.to_string(),
                    version: rule.version,
                    example: example + 1,
                    expected: trace.expect,
                    got,
                    bad_time,
                    missing,
                });
            }
        }
    }
    mismatches
}

type Run = (Option<Outcome>, Option<String>);

fn run(
    program: &Program,
    no: RuleNo,
    rule: &Rule,
    example: &law::rule::Trace,
) -> Result<Run, String> {
    let mut columns = Columns::new(program);
    let mut now = i64::MIN;
    let actor = rule.object.as_str() == ACTOR;
    for (n, event) in example.events.iter().enumerate() {
        now = now.max(push(program, &mut columns, rule, event, n as u64)?);
    }
    if let Some(moment) = &example.now {
        now = time(program, moment)?.1;
    }
    let compiled = &program.rules[no as usize];
    let mut items: Vec<Item> = (0..columns.len() as Row)
        .map(|row| Item::new(&columns, row))
        .collect();
    items.sort_by_key(|i| i.key(&columns));
    let first = (0..columns.len() as Row)
        .find(|row| compiled.bits(columns.activity(*row)) & bit::ACTIVATION != 0);
    let Some(first) = first else {
        return Ok((None, None));
    };
    let object = if actor {
        let of = |row: Row| {
            let mut named = columns.named(row).iter();
            named.find(|n| n.type_() == compiled.object)
        };
        let Some(actor) = of(first) else {
            return Ok((None, None));
        };
        items.retain(|i| {
            columns
                .named(i.row)
                .iter()
                .any(|n| n.object() == actor.object())
        });
        actor.object()
    } else {
        columns
            .find_object(compiled.object, TRACED)
            .unwrap_or_default()
    };
    let trace = Trace {
        program,
        columns: &columns,
        object,
        coarse: items.iter().any(|i| i.flags & COARSE != 0),
        items: &items,
        index: None,
        here: None,
    };
    let mut verdict = None;
    // In the order in which the example is written.
    let mut written = items.clone();
    written.sort_by_key(|i| i.row);
    for item in &written {
        if verdict.is_some() || compiled.bits(item.activity) & bit::ACTIVATION == 0 {
            continue;
        }
        each_per(compiled, &trace, item.row, |per| {
            if verdict.is_none() {
                verdict = strict(compiled, &trace, *item, per, now);
            }
        });
    }
    let missing = verdict.and_then(|v| match v.why {
        crate::judge::Why::Missing(missing) => Some(crate::finding::missing_name(program, missing)),
        _ => None,
    });
    Ok((verdict.map(|v| v.outcome), missing))
}

/// Id of the traced object in every example.
const TRACED: &str = "traced";

fn push(
    program: &Program,
    columns: &mut Columns,
    rule: &Rule,
    event: &TraceEvent,
    position: u64,
) -> Result<i64, String> {
    let claimed = time(program, &event.at)?;
    let recorded = event.recorded.as_deref().map(|t| time(program, t));
    let ended = event.ended.as_deref().map(|t| time(program, t));
    let actors: Vec<(&str, &str)> = (event.by.iter())
        .map(|(person, role)| (person.as_str(), role.as_str()))
        .collect();
    let mut objects: Vec<(&str, &str, Option<&str>)> = Vec::new();
    if rule.object.as_str() != ACTOR {
        let part = event.part.as_ref().map(|p| p.as_str());
        objects.push((rule.object.as_str(), TRACED, part));
    }
    for (type_, id, part) in &event.objects {
        objects.push((type_.as_str(), id, part.as_ref().map(|p| p.as_str())));
    }
    let attrs: Vec<(&str, Value<'_>)> = (event.attrs.iter())
        .map(|(key, value)| {
            let value = match value {
                Literal::Bool(b) => Value::Bool(*b),
                Literal::Number(n) => Value::Number(*n),
                Literal::Text(t) => Value::Text(t),
            };
            (key.as_str(), value)
        })
        .collect();
    columns.push(
        program,
        &Event {
            position,
            claimed,
            recorded: recorded.transpose()?.map_or(claimed.0, |t| t.0),
            ended: ended.transpose()?.map(|t| t.1),
            activity: event.activity.as_str(),
            organ: event.organ.as_ref().map_or("", |o| o.as_str()),
            actors: &actors,
            objects: &objects,
            attrs: &attrs,
            corrects: None,
            erased: false,
        },
    );
    Ok(claimed.1)
}

/// A local time: first and last possible instant.
fn time(program: &Program, text: &str) -> Result<(i64, i64), String> {
    let calendar = program.calendar();
    if let Ok(date) = text.parse::<jiff::civil::Date>()
        && text.len() == 10
    {
        return Ok((calendar.day_start(date), calendar.day_end(date)));
    }
    let at: jiff::civil::DateTime = text.parse().map_err(|_| text.to_owned())?;
    let start = calendar.day_start(at.date());
    let of_day = at.time().duration_since(jiff::civil::Time::midnight());
    let micros = i64::try_from(of_day.as_micros()).unwrap_or_default();
    Ok((start + micros, start + micros))
}
