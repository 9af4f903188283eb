//! A finding: a rule, the events that satisfy, threaten or break it, and the reason in words.
//!
//! Made for what is to be told only, from the same trace and the same function as the outcome, so that anybody who has the
//! log can make it again and must get the same bytes. It says what was expected, what was found, where was searched and how
//! the time was reckoned. It is *not* a verdict about a person, and holds no name: objects and people are the ids of the log.

use hashbrown::HashMap;
use law::Text;
use law::rule::{Grade, Outcome, Severity, Template};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::batch::Found;
use crate::columns::{Columns, FOREIGN, Row};
use crate::engine::{Change, Engine};
use crate::guard::{Missing, Truth};
use crate::judge::{NEVER, NO_OBJECT, NO_ROW, Verdict, Why, response};
use crate::program::{Program, Ready, RuleNo, bound};
use crate::trace::{self, COARSE, Index, Item, LONG, Trace};

/// What a rule says of an activation, with its evidence.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    /// The same for the same rule version, object and activation, in any order of arrival: 32 hexadecimal digits.
    pub id: String,
    /// Id of the rule.
    pub rule: String,
    /// Its version.
    pub version: u32,
    /// Pack that defines it.
    pub pack: String,
    /// What it is now: a name of [`Outcome`].
    pub outcome: &'static str,
    /// `red`, `amber` or `blue`: for a breach the grade of the rule, before it amber.
    pub grade: &'static str,
    /// `A`, `B` or `C`.
    pub severity: char,
    /// Whether the law behind it still needs confirming, so that it is only advice.
    pub advisory: bool,
    /// Where it stands, with marks of confidence.
    pub source: Vec<String>,
    /// Object whose trace it is about: type and id.
    pub object: (String, String),
    /// The thing within that object that the obligation is about.
    pub per: Option<(String, String)>,
    /// The event that made the rule matter.
    pub activation: Evidence,
    /// The event that decided, where one did.
    pub witness: Option<Evidence>,
    /// Last instant that is in time, in microseconds since 1970 UTC.
    pub due: Option<i64>,
    /// The same with the first hour not counted, where that differs.
    pub due_statutory: Option<i64>,
    /// Last instant in which proof that nothing is broken can be recorded, where the rule waits for that.
    pub recordable: Option<i64>,
    /// How the time was reckoned, step by step.
    pub reckoning: Vec<Text2>,
    /// What is missing, where it is not checkable: an attribute, `actors`, `time`, `end`, `part`, `table`.
    pub missing: Option<String>,
    /// First and last position that was searched.
    pub searched: (u64, u64),
    /// What is so, for the person who handles the case.
    pub sentence: Text2,
}

/// A text in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Text2 {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

/// An event that a finding names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Evidence {
    /// Its position in the log.
    pub position: u64,
    /// What was done.
    pub activity: String,
    /// Claimed time, first possible instant.
    pub occurred: i64,
    /// When it was recorded.
    pub recorded: i64,
    /// Who acted: person and role.
    pub actors: Vec<String>,
}

impl From<&Text> for Text2 {
    fn from(text: &Text) -> Self {
        Self {
            zh: text.zh.clone(),
            en: text.en.clone(),
        }
    }
}

/// What a finding is about.
#[derive(Clone, Copy)]
struct About {
    rule: RuleNo,
    per: u32,
    row: Row,
    verdict: Verdict,
}

impl Engine {
    /// The finding of a change.
    pub fn finding(&self, change: &Change) -> Finding {
        let trace = self.trace(change.object);
        of(&trace, change.rule, change.per, change.row, change.verdict)
    }

    /// The id of the finding of a change, without the rest.
    pub fn finding_id(&self, change: &Change) -> String {
        id(
            &self.trace(change.object),
            change.rule,
            change.root,
            change.per,
        )
    }

    /// Object of a change: type and id.
    pub fn object(&self, change: &Change) -> (&str, &str) {
        let type_ = self.columns().type_of(change.object);
        let name = self.columns().object_name(change.object);
        (self.program().type_name(type_), name)
    }

    /// Position of the event that began the obligation of a change.
    pub fn activation(&self, change: &Change) -> u64 {
        self.columns().position(change.row)
    }
}

/// The findings of what a batch found, in the same order.
pub fn findings(program: &Program, columns: &Columns, found: &[Found]) -> Vec<Finding> {
    // A bit an object: what most events are asked in vain stays in the cache.
    let mut wanted = vec![0_u64; columns.object_count().div_ceil(64)];
    for f in found {
        wanted[f.object as usize / 64] |= 1 << (f.object % 64);
    }
    let is_wanted = |object: u32| wanted[object as usize / 64] >> (object % 64) & 1 != 0;
    let mut traces: HashMap<u32, Vec<Item>> = HashMap::new();
    for row in 0..columns.len() as Row {
        let mut named = columns.named(row).iter().filter(|n| is_wanted(n.object()));
        let Some(first) = named.next() else {
            continue;
        };
        let activity = columns.activity(row);
        if columns.is_dead(row) || activity == FOREIGN {
            continue;
        }
        let item = Item::new(columns, row);
        for one in std::iter::once(first).chain(named) {
            if program.keeps(one.type_(), activity) {
                traces.entry(one.object()).or_default().push(item);
            }
        }
    }
    let mut indexes: HashMap<u32, Index> = HashMap::new();
    for (object, items) in &mut traces {
        trace::sort(items, columns);
        if items.len() > LONG {
            indexes.insert(*object, Index::of(items));
        }
    }
    let one = |f: &Found| {
        let items = traces.get(&f.object).map_or(&[][..], |v| v);
        let trace = Trace {
            program,
            columns,
            object: f.object,
            items,
            index: indexes.get(&f.object),
            coarse: items.iter().any(|i| i.flags & COARSE != 0),
            here: None,
        };
        of(&trace, f.rule, f.per, f.row, f.verdict)
    };
    found.iter().map(one).collect()
}

/// The finding of a verdict.
pub(crate) fn of(trace: &Trace<'_>, rule: RuleNo, per: u32, row: Row, verdict: Verdict) -> Finding {
    let about = About {
        rule,
        per,
        row,
        verdict,
    };
    finding(trace, about)
}

fn finding(trace: &Trace<'_>, about: About) -> Finding {
    let (program, columns) = (trace.program, trace.columns);
    let compiled = &program.rules[about.rule as usize];
    let rule = &compiled.rule;
    let verdict = about.verdict;
    let mut reckoning = Vec::new();
    let mut due_statutory = None;
    if let Ready::Response(response) = &compiled.template
        && verdict.due != NEVER
        && verdict.why != Why::Overtaken
    {
        let item = Item::new(columns, about.row);
        if let Some(clock) = response::clock(compiled, response, trace, item, about.per) {
            let roll = if response.roll {
                calendar::Roll::Holiday
            } else {
                calendar::Roll::Never
            };
            let mut at = clock.start.1;
            let limits: Vec<_> = std::iter::once(clock.bound).chain(clock.added).collect();
            for (n, limit) in limits.iter().enumerate() {
                let last = n + 1 == limits.len();
                let roll = if last { roll } else { calendar::Roll::Never };
                let reckoned = program
                    .calendar
                    .reckon(at, bound(*limit), roll, &clock.pauses);
                reckoning.extend(reckoned.steps.iter().map(|s| Text2 {
                    zh: s.zh(),
                    en: s.en(),
                }));
                at = reckoned.due.exact;
                let statutory = reckoned.due.statutory;
                due_statutory = (last && statutory != at).then_some(statutory);
            }
        }
    }
    let object_of = |object: u32| {
        let type_ = program.type_name(columns.type_of(object)).to_owned();
        (type_, columns.object_name(object).to_owned())
    };
    let positions = |items: &[Item]| {
        let all = items.iter().map(|i| columns.position(i.row));
        (all.clone().min().unwrap_or(0), all.max().unwrap_or(0))
    };
    let missing = match verdict.why {
        Why::Missing(missing) => Some(missing_name(program, missing)),
        _ => None,
    };
    let advisory = !(rule.source.iter())
        .any(|s| matches!(s.confidence, law::Confidence::T | law::Confidence::S));
    Finding {
        id: id(trace, about.rule, columns.root_of(about.row), about.per),
        rule: rule.id.to_string(),
        version: rule.version,
        pack: rule.pack.clone(),
        outcome: verdict.outcome.name(),
        grade: grade(rule.grade, verdict.outcome),
        severity: match rule.severity {
            Severity::A => 'A',
            Severity::B => 'B',
            Severity::C => 'C',
        },
        advisory,
        source: rule
            .source
            .iter()
            .map(|s| {
                // A number of ours has neither code nor article.
                let mark = s.confidence.to_string();
                let parts = [&s.code, &s.article, &mark];
                let said: Vec<&str> = parts.map(String::as_str).into_iter().collect();
                said.into_iter()
                    .filter(|part| !part.is_empty())
                    .collect::<Vec<_>>()
                    .join(" ")
            })
            .collect(),
        object: object_of(trace.object),
        per: (about.per != NO_OBJECT).then(|| object_of(about.per)),
        activation: evidence(trace, about.row),
        witness: (verdict.witness != NO_ROW).then(|| evidence(trace, verdict.witness)),
        due: (verdict.due != NEVER).then_some(verdict.due),
        due_statutory,
        recordable: (verdict.why == Why::Unrecorded).then(|| verdict.next.saturating_sub(1)),
        reckoning,
        sentence: sentence(trace, about, missing.as_deref()),
        missing,
        searched: positions(trace.items),
    }
}

/// What the grade of an outcome is: a rule's own only once it is broken.
pub(crate) fn grade(grade: Grade, outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Breached => grade.name(),
        Outcome::AtRisk | Outcome::SatisfiedRecordedLate if grade != Grade::Blue => "amber",
        _ => "blue",
    }
}

fn id(trace: &Trace<'_>, rule: RuleNo, root: Row, per: u32) -> String {
    let (program, columns) = (trace.program, trace.columns);
    let rule = &program.rules[rule as usize].rule;
    let mut hash = Sha256::new();
    let mut part = |text: &str| {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text);
    };
    part(rule.id.as_str());
    part(&rule.version.to_string());
    part(program.type_name(columns.type_of(trace.object)));
    part(columns.object_name(trace.object));
    part(&columns.position(root).to_string());
    if per != NO_OBJECT {
        part(columns.object_name(per));
    }
    model::hex(&hash.finalize()[..16])
}

fn evidence(trace: &Trace<'_>, row: Row) -> Evidence {
    let (program, columns) = (trace.program, trace.columns);
    let activity = program.activity_name(columns.activity(row));
    let actors = columns.actors(row).iter();
    Evidence {
        position: columns.position(row),
        activity: activity
            .or_else(|| columns.foreign(row))
            .unwrap_or_default()
            .to_owned(),
        occurred: columns.lo(row),
        recorded: columns.recorded(row),
        actors: actors
            .map(|a| columns.symbols.get(a.person()).to_owned())
            .collect(),
    }
}

pub(crate) fn missing_name(program: &Program, missing: Missing) -> String {
    match missing {
        Missing::ACTORS => "actors",
        Missing::TIME => "time",
        Missing::TABLE => "table",
        Missing::END => "end",
        Missing::PART => "part",
        Missing::BODY => "body",
        Missing(key) => program.attribute_name(key),
    }
    .to_owned()
}

fn sentence(trace: &Trace<'_>, about: About, missing: Option<&str>) -> Text2 {
    let (program, columns) = (trace.program, trace.columns);
    let compiled = &program.rules[about.rule as usize];
    let rule = &compiled.rule;
    let verdict = about.verdict;
    let due = (verdict.due != NEVER).then(|| program.local(verdict.due));
    let want = rule.want.as_ref().unwrap_or(&rule.broken);
    match verdict.outcome {
        Outcome::Breached => {
            let (mut zh, mut en) = (rule.broken.zh.clone(), rule.broken.en.clone());
            if let (Some(due), Template::Response(_)) = (&due, &rule.template) {
                match late(trace, about) {
                    Some(row) => {
                        let at = program.local(columns.lo(row));
                        zh += &format!("：应于 {due} 前，实际 {at}");
                        en += &format!(": due by {due}, done {at}");
                    }
                    None => {
                        zh += &format!("：应于 {due} 前，没有记录");
                        en += &format!(": due by {due}, nothing is recorded");
                    }
                }
            }
            if let Why::Number(n) = verdict.why {
                zh += &format!("（{n}）");
                en += &format!(" ({n})");
            }
            Text2 { zh, en }
        }
        Outcome::NotCheckable => {
            let missing = missing.unwrap_or("time");
            let (zh, en) = match missing {
                "actors" => (
                    "没有记录办理人".to_owned(),
                    "nobody is recorded as acting".to_owned(),
                ),
                "time" => (
                    "时间不够精确".to_owned(),
                    "a time is not exact enough".to_owned(),
                ),
                "table" => (
                    "本地参数表尚未填写".to_owned(),
                    "a table of local values is empty".to_owned(),
                ),
                "end" => (
                    "没有记录结束时间".to_owned(),
                    "no end time is recorded".to_owned(),
                ),
                "part" => (
                    "没有记录人员身份（如嫌疑人、被害人）".to_owned(),
                    "the person's part in the case is not recorded".to_owned(),
                ),
                key => (
                    format!("没有记录“{}”", program.attribute_label(key).zh),
                    format!("“{}” is not recorded", program.attribute_label(key).en),
                ),
            };
            Text2 {
                zh: format!("无法核对“{}”：{zh}", rule.broken.zh),
                en: format!("Cannot be checked ({}): {en}", rule.broken.en),
            }
        }
        Outcome::SatisfiedRecordedLate => Text2 {
            zh: format!("{}：按所称时间未超期，但期限过后才录入", want.zh),
            en: format!(
                "{}: in time by the claimed time, but recorded after it was due",
                want.en
            ),
        },
        Outcome::Excused => Text2 {
            zh: format!("{}：已登记例外", want.zh),
            en: format!("{}: a lawful exception is registered", want.en),
        },
        Outcome::Suspended => Text2 {
            zh: format!("{}：期限中止计算", want.zh),
            en: format!("{}: the clock stands still", want.en),
        },
        Outcome::Withdrawn => Text2 {
            zh: format!("{}：依据的事件已更正，不再适用", want.zh),
            en: format!(
                "{}: the event was corrected, it does not apply any more",
                want.en
            ),
        },
        Outcome::AtRisk if verdict.why == Why::Unrecorded => {
            let until = program.local(verdict.next.saturating_sub(1));
            match &due {
                Some(due) if matches!(compiled.template, Ready::Response(_)) => Text2 {
                    zh: format!(
                        "{}：应于 {due} 前，尚无按期办理的记录；已办理的，请于 {until} 前补录",
                        want.zh
                    ),
                    en: format!(
                        "{}: was due by {due}, not on record yet; if it was done in time, to be recorded until {until}",
                        want.en
                    ),
                },
                _ => Text2 {
                    zh: format!(
                        "尚未录入在前的记录，请于 {until} 前补录；到时仍无记录：{}",
                        rule.broken.zh
                    ),
                    en: format!(
                        "What came before is not on record yet, to be recorded until {until}; after that: {}",
                        rule.broken.en
                    ),
                },
            }
        }
        Outcome::Pending | Outcome::AtRisk | Outcome::Satisfied => match due {
            Some(due) => Text2 {
                zh: format!("{}：应于 {due} 前", want.zh),
                en: format!("{}: due by {due}", want.en),
            },
            None => Text2::from(want),
        },
    }
}

/// The same, for questions to an engine.
pub(crate) fn late_row(trace: &Trace<'_>, rule: RuleNo, per: u32, verdict: Verdict) -> Option<Row> {
    // The search begins at the due time: which activation it was does not matter.
    let row = NO_ROW;
    late(
        trace,
        About {
            rule,
            per,
            row,
            verdict,
        },
    )
}

/// What was expected, where it came late.
fn late(trace: &Trace<'_>, about: About) -> Option<Row> {
    let compiled = &trace.program.rules[about.rule as usize];
    let Ready::Response(response) = &compiled.template else {
        return None;
    };
    if about.verdict.why == Why::Overtaken {
        return None;
    }
    let mut after = trace.forward(compiled, about.verdict.due);
    after
        .find(|e| {
            crate::judge::concerns(compiled, trace, e.row, about.per, false)
                && crate::judge::selected(&response.expect, trace, *e) == Truth::Yes
        })
        .map(|e| e.row)
}
