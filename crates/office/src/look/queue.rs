//! Looks that are asked about: reasons that were given, and looks that nothing explained. Ranked, budgeted, answered.
//!
//! Each of them is a question. The rank comes from what the log shows about the look itself, is worked out when the page is
//! made, and is kept nowhere: there is no figure about a person. The shortest explanation that is missing stands beside it,
//! and where that relation was recorded since, the look counts as explained late.

use std::collections::{BTreeMap, HashMap};

use ::watch::access::{Case, Class};
use law::{Explanations, Signals};
use model::{Attr, Micros, OrganCode, Pseudonym};
use register::{LookRow, ObjectRow, activity};

use super::{LookKind, LookView, guard, shown::Known};
use crate::{
    Action, ActorView, CaseKey, Error, FieldError, Office, Permit, Viewer,
    append::{self, Draft},
    may,
    text::optional,
};

const DAY: i64 = 86_400_000_000;
const HOUR: i64 = 3_600_000_000;
/// China has one zone and no summer time.
const ZONE: i64 = 8 * HOUR;
/// How far back looks are asked about, days: a question that old is asked of nobody.
const BACK: i64 = 180;
/// Questions that are ranked at once, newest first.
const RANKED: u32 = 300;
/// Answered ones that are shown.
const ANSWERED: u32 = 50;
/// Characters of a note.
const NOTE: usize = 500;

/// What orders the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Signal {
    /// Taken out of the system.
    Export,
    /// The case holds what is specially protected.
    Sensitive,
    /// A measure was ended or an outcome set in the case soon after.
    Soon,
    /// He himself acted in the case soon after.
    Acted,
    /// Names or words were read.
    Names,
    /// At night.
    Night,
}

impl Signal {
    /// All of them, the weightiest first.
    pub const ALL: [Self; 6] = [
        Self::Export,
        Self::Sensitive,
        Self::Soon,
        Self::Acted,
        Self::Names,
        Self::Night,
    ];

    /// Its name, as a key of the texts of a page.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Export => "export",
            Self::Sensitive => "sensitive",
            Self::Soon => "soon",
            Self::Acted => "acted",
            Self::Names => "names",
            Self::Night => "night",
        }
    }
}

/// What was found about a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It was right.
    Justified,
    /// It was not.
    NotJustified,
    /// Somebody has still to find out.
    FollowUp,
}

impl Verdict {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Justified, Self::NotJustified, Self::FollowUp];

    /// Its name in events.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Justified => "justified",
            Self::NotJustified => "not_justified",
            Self::FollowUp => "follow_up",
        }
    }

    /// The verdict of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|v| v.name() == name)
    }
}

/// A look that is asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The look: who, when, what is missing.
    pub look: LookView,
    /// The case; `None` for an export of more than one.
    pub case: Option<CaseKey>,
    /// Its number.
    pub number: Option<String>,
    /// What makes it come sooner, the weightiest first.
    pub signals: Vec<Signal>,
    /// Within what his unit is expected to answer this week.
    pub this_week: bool,
    /// It is a look of the viewer himself, on whom others decide.
    pub own: bool,
    /// The newest answer.
    pub verdict: Option<Verdict>,
}

/// What a unit is expected to answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitBudget {
    /// Unit of those who looked.
    pub organ: OrganCode,
    /// Its name.
    pub name: String,
    /// Answered in the last seven days.
    pub answered: u64,
    /// Expected in seven days.
    pub budget: u32,
    /// Open.
    pub open: u64,
}

/// What is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LookQueue {
    /// Open questions, the weightiest first.
    pub open: Vec<Asked>,
    /// Explained by what was recorded afterwards.
    pub late: Vec<Asked>,
    /// Answered, the newest look first.
    pub answered: Vec<Asked>,
    /// By unit.
    pub units: Vec<UnitBudget>,
    /// There are more than were ranked.
    pub more: bool,
}

/// One look with the words of its reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookDetail {
    /// The look.
    pub asked: Asked,
    /// What he said.
    pub words: Option<String>,
    /// Number of the paper.
    pub paper: Option<String>,
    /// What he read under this reason, oldest first.
    pub read: Vec<(Micros, LookKind, u64)>,
    /// Answers, oldest first.
    pub answers: Vec<Answer>,
}

/// What somebody found about a look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Who.
    pub who: ActorView,
    /// When.
    pub at: Micros,
    /// What.
    pub verdict: Verdict,
    /// In his words.
    pub note: Option<String>,
    /// The entry that says so.
    pub index: u64,
}

/// An answer to be given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewAnswer {
    /// Name of a [`Verdict`].
    pub verdict: String,
    /// What was found out.
    pub note: String,
}

impl Office {
    /// Looks at cases of the viewer's organs that are asked about.
    ///
    /// # Errors
    /// Those of the register and the log.
    pub async fn look_queue(&self, permit: &Permit<may::SeeLooks>) -> Result<LookQueue, Error> {
        let viewer = permit.viewer();
        let scope = self.inner.scope(viewer, Action::SeeLooks);
        let now = self.now().get();
        let after = |days: i64| Micros::new(now - days * DAY).unwrap_or_default();
        let register = &self.inner.register;
        let rows = register.asked(&scope, after(BACK), true, RANKED).await?;
        let mut queue = LookQueue {
            more: rows.len() as u64 >= u64::from(RANKED),
            ..LookQueue::default()
        };
        let mut known = Known::default();
        let mut names = HashMap::new();
        for row in rows {
            let asked = self.asked(viewer, row, &mut known, &mut names).await?;
            match asked.look.class {
                Some(Class::ExplainedLate) => queue.late.push(asked),
                _ => queue.open.push(asked),
            }
        }
        let answered = register.asked(&scope, after(BACK), false, ANSWERED).await?;
        for row in answered {
            let asked = self.asked(viewer, row, &mut known, &mut names).await?;
            queue.answered.push(asked);
        }
        queue.open.sort_by_key(rank);
        let done: HashMap<String, u64> = (register.answered_by_organ(after(7)).await?)
            .into_iter()
            .collect();
        budgets(&mut queue, &done);
        Ok(queue)
    }

    /// One look that is asked about, with the words of its reason. Leaves an entry like any other look at the case.
    ///
    /// # Errors
    /// [`Error::NotFound`] also for cases of other organs and looks that nobody asks about; [`Error::ReasonWanted`].
    pub async fn look_detail(
        &self,
        permit: &Permit<may::SeeLooks>,
        index: u64,
    ) -> Result<LookDetail, Error> {
        let viewer = permit.viewer();
        let (row, case) = self.asked_row(viewer, Action::SeeLooks, index).await?;
        if let Some(case) = &case {
            self.look(viewer, case, LookKind::Review, None).await?;
        }
        let mut read = Vec::new();
        if let Some(case) = row.case {
            let mut looks = (self.inner.register)
                .looks_of(case, row.person, just_before(row.at))
                .await?;
            looks.retain(|l| l.because == Some(row.index));
            read.extend(looks.into_iter().rev().filter_map(|l| {
                let kind = LookKind::named(&l.kind)?;
                Some((l.at, kind, l.index))
            }));
        }
        let mut names = HashMap::new();
        let answers = self.answers(row.index, &mut names).await?;
        let (_, body) = self.inner.open_body(row.index).await?;
        let paper = body.as_ref().and_then(|b| b.text("paper"));
        Ok(LookDetail {
            paper: paper.map(str::to_owned),
            words: body.and_then(|b| b.words),
            asked: self
                .asked(viewer, row, &mut Known::default(), &mut names)
                .await?,
            read,
            answers,
        })
    }

    /// Answers: asked, and what was found. A look that was not justified becomes an alert of the case. Returns the index of
    /// the entry.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Invalid`], on `look` for one's own; those of the log.
    pub async fn answer_look(
        &self,
        permit: &Permit<may::AnswerLooks>,
        index: u64,
        new: &NewAnswer,
    ) -> Result<u64, Error> {
        let viewer = permit.viewer();
        let (row, case) = self.asked_row(viewer, Action::AnswerLooks, index).await?;
        if row.person == viewer.person {
            let what = "the look of somebody else: on one's own others decide";
            return Err(Error::field("look", "not_yours", what));
        }
        let mut wrong = Vec::new();
        let verdict = Verdict::named(&new.verdict);
        if verdict.is_none() {
            let problem = if new.verdict.is_empty() {
                "required"
            } else {
                "unknown"
            };
            wrong.push(FieldError::new("verdict", problem, "one of the list"));
        }
        let note = optional("note", Some(&new.note), NOTE, true);
        let note = crate::text::note(note, &mut wrong).flatten();
        if note.is_none() && !wrong.iter().any(|w| w.field == "note") {
            wrong.push(FieldError::new("note", "required", "what was found out"));
        }
        let (Some(verdict), Some(note), true) = (verdict, note, wrong.is_empty()) else {
            return Err(Error::Invalid(wrong));
        };
        let mut body = append::body();
        body.attrs = append::texts([
            ("look", Some(index.to_string())),
            ("verdict", Some(verdict.name().to_owned())),
        ]);
        body.words = Some(note);
        let now = self.now();
        let mut draft = Draft::new(activity::LOOK_ANSWER, now, viewer.organ.clone())
            .by(viewer, Action::AnswerLooks)
            .body(body);
        draft.objects.extend(case.as_ref().map(guard::object));
        let mut drafts = vec![draft];
        // An alert is about a case; of other objects only the answer is kept.
        let alerted = case.as_ref().filter(|c| c.object_type.as_str() == "case");
        if let (Verdict::NotJustified, Some(case)) = (verdict, alerted) {
            drafts.push(alert(case, index, now));
        }
        let done = self.inner.append_all(drafts).await?;
        let first = done.first().map(|(_, d)| d.index());
        let last = done.last().map(|(_, d)| d.index());
        let (Some(first), Some(last)) = (first, last) else {
            return Err(Error::Internal("the log acknowledged nothing".into()));
        };
        self.inner.caught_up(last).await?;
        Ok(first)
    }

    /// A look that is asked about, at a case of the viewer's organs.
    async fn asked_row(
        &self,
        viewer: &Viewer,
        action: Action,
        index: u64,
    ) -> Result<(LookRow, Option<ObjectRow>), Error> {
        let row = self.inner.register.look(index).await?;
        let unexplained = Some(Class::Unexplained.name());
        let row = row
            .filter(|l| l.kind == guard::REASON || l.class.as_deref() == unexplained)
            .ok_or(Error::NotFound)?;
        let case = match row.case {
            Some(case) => Some(self.in_scope(viewer, action, CaseKey(case)).await?),
            None if self.inner.scope(viewer, action).holds(&row.organ) => None,
            None => return Err(Error::NotFound),
        };
        Ok((row, case))
    }

    async fn answers(
        &self,
        index: u64,
        names: &mut HashMap<Pseudonym, Option<String>>,
    ) -> Result<Vec<Answer>, Error> {
        let rows = self.inner.register.answers(index).await?;
        let opened = (self.inner)
            .open_bodies(rows.iter().map(|r| r.index).collect())
            .await?;
        let mut answers = Vec::with_capacity(rows.len());
        for (row, opened) in rows.into_iter().zip(opened) {
            let Some(verdict) = Verdict::named(&row.verdict) else {
                continue;
            };
            answers.push(Answer {
                who: self.actor(row.person, row.role, names).await?,
                at: row.at,
                verdict,
                note: opened.body.and_then(|b| b.words),
                index: row.index,
            });
        }
        Ok(answers)
    }

    async fn asked(
        &self,
        viewer: &Viewer,
        row: LookRow,
        known: &mut Known,
        names: &mut HashMap<Pseudonym, Option<String>>,
    ) -> Result<Asked, Error> {
        let number = match row.case {
            Some(case) => self.inner.register.name(case).await?,
            None => None,
        };
        let answers = self.inner.register.answers(row.index).await?;
        let signals = self.signals(&row, known).await?;
        Ok(Asked {
            case: row.case.map(CaseKey),
            number,
            signals,
            this_week: false,
            own: row.person == viewer.person,
            verdict: answers.last().and_then(|a| Verdict::named(&a.verdict)),
            look: self.look_view(row, known, names).await?,
        })
    }

    async fn signals(&self, row: &LookRow, known: &mut Known) -> Result<Vec<Signal>, Error> {
        let rules = &Explanations::shipped().signals;
        let mut signals = Vec::new();
        if row.kind == LookKind::Export.name() {
            signals.push(Signal::Export);
        }
        if let Some(case) = row.case {
            let looks = (self.inner.register)
                .looks_of(case, row.person, just_before(row.at))
                .await?;
            let named = |l: &LookRow| {
                let kind = LookKind::named(&l.kind);
                l.because == Some(row.index)
                    && matches!(kind, Some(LookKind::Names | LookKind::Body))
            };
            if looks.iter().any(named) || row.kind == LookKind::Names.name() {
                signals.push(Signal::Names);
            }
            let facts = known.case(&self.inner, case, row.person).await?;
            signals.extend(of_case(facts, row, rules));
        }
        if at_night(row.at, rules.night) {
            signals.push(Signal::Night);
        }
        signals.sort_unstable();
        Ok(signals)
    }
}

/// What the steps of the case say about a look.
fn of_case(facts: &Case<Pseudonym>, row: &LookRow, rules: &Signals) -> Vec<Signal> {
    let at = row.at.get();
    let end = at + i64::from(rules.soon_days) * DAY;
    let mut signals = Vec::new();
    let has = |list: &[String], activity: &str| list.iter().any(|a| a == activity);
    let mut steps = facts.steps.iter();
    if steps.any(|s| has(&rules.sensitive, &s.activity)) {
        signals.push(Signal::Sensitive);
    }
    let mut after = facts
        .steps
        .iter()
        .filter(|s| s.claimed > at && s.claimed <= end);
    if after.clone().any(|s| has(&rules.soon, &s.activity)) {
        signals.push(Signal::Soon);
    }
    if after.any(|s| s.actors.iter().any(|(p, _)| *p == row.person)) {
        signals.push(Signal::Acted);
    }
    signals
}

/// So that what was read in the same instant counts.
fn just_before(at: Micros) -> Micros {
    Micros::new(at.get() - 1).unwrap_or(at)
}

fn at_night(at: Micros, [from, to]: [u8; 2]) -> bool {
    let hour = ((at.get() + ZONE).rem_euclid(DAY) / HOUR) as u8;
    match from > to {
        true => hour >= from || hour < to,
        false => hour >= from && hour < to,
    }
}

/// More signals first, then the weightier ones, then the newest; an inquiry on record last.
fn rank(
    asked: &Asked,
) -> (
    bool,
    std::cmp::Reverse<usize>,
    Vec<Signal>,
    std::cmp::Reverse<u64>,
) {
    (
        asked.look.class == Some(Class::RegisteredInquiry),
        std::cmp::Reverse(asked.signals.len()),
        asked.signals.clone(),
        std::cmp::Reverse(asked.look.index),
    )
}

/// Marks what each unit is expected to answer this week: the first of its open ones, as far as the budget goes.
fn budgets(queue: &mut LookQueue, done: &HashMap<String, u64>) {
    let budget = Explanations::shipped().signals.budget_week;
    let mut units: BTreeMap<OrganCode, UnitBudget> = BTreeMap::new();
    for asked in &mut queue.open {
        let unit = units
            .entry(asked.look.organ.clone())
            .or_insert_with(|| UnitBudget {
                organ: asked.look.organ.clone(),
                name: asked.look.organ_name.clone(),
                answered: done.get(asked.look.organ.as_str()).copied().unwrap_or(0),
                budget,
                open: 0,
            });
        asked.this_week = unit.answered + unit.open < u64::from(budget);
        unit.open += 1;
    }
    queue.units = units.into_values().collect();
}

/// The alert that a look which was not justified becomes: the rules on alerts see it, and whoever supervises is called.
fn alert(case: &ObjectRow, look: u64, now: Micros) -> Draft {
    let mut body = append::body();
    body.attrs = vec![
        Attr::text("alert_grade", "amber"),
        Attr::text("kind", "look"),
        Attr::text("look", look.to_string()),
    ];
    body.words = Some("经核查，对本案的一次查阅没有正当理由。".to_owned());
    // Like any alert it is the system's: who found it stands in the answer.
    let mut draft = Draft::new(crate::watcher::ALERT, now, case.organ.clone()).body(body);
    draft.objects.push(guard::object(case));
    draft
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_night_is_local_and_goes_over_midnight() {
        let at = |text: &str| text.parse::<Micros>().expect("a time");
        for (time, night) in [
            ("2026-11-23T22:00:00+08:00", true),
            ("2026-11-23T21:59:59+08:00", false),
            ("2026-11-24T05:59:59+08:00", true),
            ("2026-11-24T06:00:00+08:00", false),
            ("2026-11-23T12:00:00+08:00", false),
        ] {
            assert_eq!(at_night(at(time), [22, 6]), night, "{time}");
        }
        assert!(at_night(at("2026-11-23T13:00:00+08:00"), [12, 14]));
        assert!(!at_night(at("2026-11-23T14:00:00+08:00"), [12, 14]));
    }
}
