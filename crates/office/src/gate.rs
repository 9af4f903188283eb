//! Write-time gates: what a rule can prevent is refused before it is written, with its article and the way out.
//!
//! The rules are those that `watch` runs afterwards, so a gate can refuse nothing that would not be a finding. When a gate
//! applies to what another system sends is `docs/adr/0012-gates.md`: never to history, because a fact that happened must
//! be recorded (invariant 8). Two events that are written at the same moment may each pass and break a rule together: the
//! watch finds that.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use law::rule::{Guard, Key, Rule, Select, Template};
use law::{Catalogue, Text};
use model::{EventId, Header, Pseudonym};

use crate::append::Draft;
use crate::node::Inner;
use crate::watcher::Taken;

/// Why an event is refused, or would be.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Barrier {
    /// Rule that it would break.
    pub rule: String,
    /// Version of the rule.
    pub version: u32,
    /// Where it stands, with marks of confidence.
    pub source: Vec<String>,
    /// What a breach is: `red`, `amber`, `blue`.
    pub grade: &'static str,
    /// What is wrong, in both languages.
    pub sentence: Both,
    /// What can be done about it: which prerequisite, who may do it, which exception the law knows.
    pub way_out: Vec<Both>,
}

/// A text in both languages, as it goes into answers.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Both {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

/// When an event meets the gates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Gates {
    /// When it is said to happen now: within the last ten minutes. The past is taken, and found.
    #[default]
    Now,
    /// Always, whatever time it claims: for a system that asks before it acts.
    Refuse,
}

/// An act said to have happened within that time is happening now, µs.
pub(crate) const NOW: i64 = 10 * 60 * 1_000_000;
/// How long the rules may be behind the log before one does not wait for them.
const PATIENCE: Duration = Duration::from_secs(10);

/// The rules are behind the log: nothing can be said yet.
#[derive(Debug)]
pub(crate) struct Behind;

impl From<Behind> for crate::Error {
    fn from(_: Behind) -> Self {
        Self::Busy {
            reason: "the rules have not seen the whole log yet".into(),
        }
    }
}

impl Inner {
    /// What would be refused, if these events came before it: nothing of them is kept.
    pub(crate) async fn barriers(
        &self,
        assumed: &[&Draft],
        draft: &Draft,
    ) -> Result<Vec<Barrier>, Behind> {
        let size = self.ledger.size();
        let reached = tokio::time::timeout(PATIENCE, self.watcher.reach(size)).await;
        reached.map_err(|_| Behind)?;
        let taken = |draft: &&Draft| {
            let header = draft.header(EventId::v7(draft.occurred, [0; 10]), self.now());
            Taken::of(&header, draft.body.as_ref())
        };
        let assumed: Vec<Taken> = assumed.iter().map(taken).collect();
        let lent: Vec<_> = assumed.iter().map(Taken::lend).collect();
        let events: Vec<_> = (lent.iter().zip(size..))
            .map(|(lent, position)| lent.event(position, None))
            .collect();
        let last = taken(&draft);
        let last = last.lend();
        let last = last.event(size + events.len() as u64, None);
        let mut state = self.watcher.lock();
        let stops = state.engine.gate_after(&events, &last);
        let mut seen = HashSet::new();
        let catalogue = &state.catalogue;
        let barriers = stops.into_iter().filter_map(|stop| {
            let rule = catalogue.rule(&stop.finding.rule)?;
            // One rule says it once, however many of the objects it concerns.
            let first = seen.insert((rule.id.clone(), stop.need));
            first.then(|| Barrier::of(catalogue, rule, stop))
        });
        Ok(barriers.collect())
    }

    /// The packs in force.
    pub(crate) fn catalogue(&self) -> Arc<Catalogue> {
        Arc::clone(&self.watcher.lock().catalogue)
    }

    /// Whether some gate looks at this activity at all.
    pub(crate) fn is_gated(&self, activity: &str) -> bool {
        let state = self.watcher.lock();
        let mut rules = state.catalogue.rules_on(activity);
        rules.any(|rule| rule.gate)
    }
}

impl Draft {
    /// The header that it will have.
    pub(crate) fn header(&self, id: EventId, recorded: model::Micros) -> Header {
        Header {
            id,
            activity: self.activity.clone(),
            occurred: self.occurred,
            recorded,
            organ: self.organ.clone(),
            actor: self.actor.clone(),
            objects: self.objects.clone(),
            basis: self.basis.clone(),
            correction_of: self.correction_of,
            body: None,
            to: self.to.clone(),
        }
    }

    /// Whether it names one of these objects.
    pub(crate) fn touches(&self, objects: &HashSet<Pseudonym>) -> bool {
        self.objects.iter().any(|o| objects.contains(&o.id))
    }
}

impl Barrier {
    fn of(catalogue: &Catalogue, rule: &Rule, stop: ::watch::Stop) -> Self {
        Self {
            rule: stop.finding.rule,
            version: stop.finding.version,
            source: (stop.finding.source.iter())
                .map(|s| s.trim_start().to_owned())
                .collect(),
            grade: stop.finding.grade,
            sentence: Both {
                zh: stop.finding.sentence.zh,
                en: stop.finding.sentence.en,
            },
            way_out: way_out(catalogue, rule, stop.need),
        }
    }

    /// In one line of English, for a machine's log.
    pub(crate) fn told(&self) -> String {
        let ways: Vec<&str> = self.way_out.iter().map(|w| w.en.as_str()).collect();
        let source = self.source.join("; ");
        format!(
            "{} ({source}): {}. {}",
            self.rule,
            self.sentence.en,
            ways.join(". ")
        )
    }

    /// A rule that stands against it although the log does not show it yet: one's own proposal.
    pub(crate) fn by_rule(catalogue: &Catalogue, rule: &Rule) -> Self {
        let source = |c: &law::rule::Citation| {
            let article = if c.article.is_empty() { "" } else { " " };
            let said = format!("{}{article}{} {}", c.code, c.article, c.confidence);
            said.trim_start().to_owned()
        };
        Self {
            rule: rule.id.to_string(),
            version: rule.version,
            source: rule.source.iter().map(source).collect(),
            grade: rule.grade.name(),
            sentence: Both::from(&rule.broken),
            way_out: way_out(catalogue, rule, None),
        }
    }
}

impl Both {
    pub(crate) fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            zh: zh.into(),
            en: en.into(),
        }
    }
}

impl From<&Text> for Both {
    fn from(text: &Text) -> Self {
        Self::new(text.zh.clone(), text.en.clone())
    }
}

/// What can be done, from the rule itself.
fn way_out(catalogue: &Catalogue, rule: &Rule, need: Option<usize>) -> Vec<Both> {
    let words = Words(catalogue);
    let mut ways = Vec::new();
    match &rule.template {
        Template::Precedence(needs) => {
            let unmet = needs.iter().enumerate();
            let unmet = unmet.filter(|(no, _)| need.is_none_or(|n| n == *no));
            for (_, need) in unmet {
                ways.push(words.acts(&need.any, "先办理", "First: "));
            }
        }
        Template::Distinct(distinct) => {
            let who = match distinct.roles.len() {
                // A list of all ranks says less than the word for them.
                MANY.. => Both::new("有批准权的负责人", "a leader with the power to approve"),
                _ => words.roles(distinct.roles.iter().map(|r| r.as_str())),
            };
            ways.push(Both::new(
                format!("换由没有承办本案的{}办理", who.zh),
                format!(
                    "Somebody else does it: {}, who has not handled the case",
                    who.en
                ),
            ));
        }
        Template::Authority(ranks) => {
            let who = words.roles(ranks.iter().map(|r| r.rank.as_str()));
            ways.push(Both::new(
                format!("报{}批准", who.zh),
                format!("Approval of: {}", who.en),
            ));
        }
        Template::MinPersons { roles, min } => {
            let who = words.roles(roles.iter().map(|r| r.as_str()));
            ways.push(Both::new(
                format!("至少{min}名{}参加，并写明", who.zh),
                format!("At least {min} take part and are named: {}", who.en),
            ));
        }
        Template::Record { require } => {
            let what = words.attributes(require);
            ways.push(Both::new(
                format!("如实补全：{}", what.zh),
                format!("Add what is so: {}", what.en),
            ));
        }
        Template::Absence(absence) if !absence.to.is_empty() => {
            ways.push(words.acts(&absence.to, "须在此之后：", "Only after: "));
        }
        _ => {}
    }
    if has_urgent(&rule.activation.when) {
        ways.push(Both::new(
            "情况紧急依法可以先行的，写明“紧急”并依规补办手续",
            "Where the law allows it in an emergency: say that it is urgent, and make up the formalities",
        ));
    }
    if let Some((activity, attribute)) = catalogue.exemption() {
        let name = words.activity(activity.as_str());
        let def = catalogue.activity(activity.as_str());
        let approvers = def.map_or(&[][..], |d| &d.approver_roles);
        let who = words.roles(approvers.iter().map(|r| r.as_str()));
        let codes: Vec<&str> = (rule.excuse.iter())
            .flat_map(|select| literals(&select.when))
            .collect();
        let (zh, en) = match codes.is_empty() {
            true => (String::new(), String::new()),
            false => (
                format!("（{}）", codes.join("、")),
                format!(" ({})", codes.join(", ")),
            ),
        };
        let id = &rule.id;
        ways.push(Both::new(
            format!(
                "确有法定例外的{zh}，办理{}，{attribute}={id}，由{}批准",
                name.zh, who.zh
            ),
            format!(
                "If the law has an exception{en}: {}, {attribute}={id}, approved by {}",
                name.en, who.en
            ),
        ));
    }
    ways
}

fn has_urgent(guard: &Guard) -> bool {
    let mut atoms = guard.0.iter().flat_map(|clause| &clause.0);
    atoms.any(|a| matches!(&a.key, Key::Attr(id) if id == "urgent"))
}

fn literals(guard: &Guard) -> Vec<&str> {
    use law::rule::{Literal, Operand};
    let atoms = guard.0.iter().flat_map(|clause| &clause.0);
    let mut out = Vec::new();
    for atom in atoms {
        match &atom.with {
            Operand::One(Literal::Text(t)) => out.push(t.as_str()),
            Operand::Many(many) => out.extend(many.iter().filter_map(|l| match l {
                Literal::Text(t) => Some(t.as_str()),
                _ => None,
            })),
            _ => {}
        }
    }
    out
}

/// So many roles are better named together.
const MANY: usize = 4;

/// A name without what stands in brackets after it.
fn short(name: &str) -> String {
    let short = name.split([' ', '(', '（']).next().unwrap_or(name);
    short.to_owned()
}

/// Names of things of the packs, in both languages.
struct Words<'c>(&'c Catalogue);

impl Words<'_> {
    fn activity(&self, id: &str) -> Both {
        match self.0.activity(id) {
            Some(a) => Both::new(format!("“{}”", a.zh), a.en.clone()),
            None => Both::new(id, id),
        }
    }

    fn roles<'r>(&self, ids: impl Iterator<Item = &'r str>) -> Both {
        let (mut zh, mut en) = (Vec::new(), Vec::new());
        for id in ids {
            let (z, e) = match self.0.role(id) {
                Some(role) => (short(&role.zh), role.en.clone()),
                None => (id.to_owned(), id.to_owned()),
            };
            if !zh.contains(&z) {
                zh.push(z);
                en.push(e);
            }
        }
        match zh.is_empty() {
            true => Both::new("其他人员", "other people"),
            false => Both::new(zh.join("或者"), en.join(" or ")),
        }
    }

    /// Acts of which one is wanted, each with who does it.
    fn acts(&self, selects: &[Select], zh: &str, en: &str) -> Both {
        let (mut all_zh, mut all_en) = (Vec::new(), Vec::new());
        for activity in selects.iter().flat_map(|s| &s.any) {
            let name = self.activity(activity.as_str());
            if all_zh.iter().any(|z: &String| z.starts_with(&name.zh)) {
                continue;
            }
            let def = self.0.activity(activity.as_str());
            let who = def.map(|d| match d.actor_roles.is_empty() {
                true => &d.approver_roles,
                false => &d.actor_roles,
            });
            let who = who.filter(|w| !w.is_empty());
            let who = who.map(|w| self.roles(w.iter().map(|r| r.as_str())));
            all_zh.push(match &who {
                Some(who) => format!("{}（{}）", name.zh, who.zh),
                None => name.zh,
            });
            all_en.push(match &who {
                Some(who) => format!("{} ({})", name.en, who.en),
                None => name.en,
            });
        }
        Both::new(
            format!("{zh}{}", all_zh.join("或者")),
            format!("{en}{}", all_en.join(" or ")),
        )
    }

    /// The attributes that a guard looks at.
    fn attributes(&self, guard: &Guard) -> Both {
        let (mut zh, mut en) = (Vec::new(), Vec::new());
        for atom in guard.0.iter().flat_map(|clause| &clause.0) {
            if let Key::Attr(id) | Key::Trace(id) = &atom.key {
                let name = self.0.attribute(id).map(|a| &a.name);
                let (z, e) = name.map_or((id, id), |n| (&n.zh, &n.en));
                if !zh.contains(z) {
                    zh.push(z.clone());
                    en.push(e.clone());
                }
            }
        }
        Both::new(zh.join("、"), en.join(", "))
    }
}
