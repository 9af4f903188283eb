//! The timeline of a case: what happened, what is due or missing between it, the findings beside their events, and the list
//! of what stands on top.
//!
//! Puts in order what `office` gives; judges nothing. The page around it is `cases.rs`.

use std::collections::{HashMap, HashSet};

use law::rule::Outcome;
use model::{EventId, Micros};
use office::{AlertView, BodyKept, CaseStanding, Standing, TimelineEvent};

use super::{
    cases::actor,
    findings::{self, ClockView, FindingView, Names, Part, short},
};
use crate::{format, frame::Frame};

/// What stands about the case, as the list on top of the timeline.
#[derive(Default)]
pub(crate) struct Found {
    /// Broken, to be looked at, open, advice, not checkable.
    pub(crate) counts: [usize; 5],
    pub(crate) red: Vec<FindingView>,
    pub(crate) amber: Vec<FindingView>,
    pub(crate) folds: Vec<Fold>,
    pub(crate) unchecked: Vec<Unchecked>,
    /// Where all of it is listed: on later pages of a long timeline only the figures are.
    pub(crate) first_page: Option<String>,
}

impl Found {
    pub(crate) fn is_empty(&self) -> bool {
        self.counts.iter().all(|n| *n == 0) && self.folds.is_empty()
    }
}

/// Findings that are shown when asked for.
pub(crate) struct Fold {
    pub(crate) id: &'static str,
    pub(crate) title: String,
    pub(crate) note: String,
    pub(crate) findings: Vec<FindingView>,
    pub(crate) more: usize,
}

/// A rule that could not be checked, and why.
pub(crate) struct Unchecked {
    pub(crate) id: String,
    pub(crate) rule: String,
    pub(crate) sentence: String,
    pub(crate) missing: String,
    pub(crate) n: usize,
    pub(crate) events: Vec<u64>,
}

pub(crate) struct Day {
    pub(crate) date: String,
    pub(crate) lines: Vec<Line>,
}

/// What happened, or what is due.
pub(crate) enum Line {
    Event(Event),
    Step(Step),
}

/// What is due: planned, or missing.
pub(crate) struct Step {
    pub(crate) time: String,
    pub(crate) want: String,
    pub(crate) missing: bool,
    pub(crate) clock: ClockView,
    pub(crate) finding: String,
    pub(crate) short: String,
    pub(crate) about: String,
}

/// A finding beside the event that it belongs to.
pub(crate) struct Mark {
    pub(crate) tone: &'static str,
    pub(crate) word: String,
    pub(crate) text: String,
    pub(crate) finding: String,
}

/// What the node wrote down about a finding.
pub(crate) struct Alert {
    pub(crate) tone: &'static str,
    pub(crate) word: String,
    pub(crate) sentence: String,
    pub(crate) rule: String,
    pub(crate) finding: String,
    pub(crate) stands: bool,
    pub(crate) activation: Option<u64>,
}

pub(crate) struct Event {
    pub(crate) index: u64,
    pub(crate) id: String,
    pub(crate) time: String,
    pub(crate) late: Option<String>,
    pub(crate) act: String,
    pub(crate) key_step: bool,
    pub(crate) actors: String,
    pub(crate) objects: Vec<String>,
    pub(crate) basis: String,
    pub(crate) corrects: bool,
    /// Another event of this page says it anew.
    pub(crate) corrected: bool,
    pub(crate) body: bool,
    pub(crate) erased: bool,
    pub(crate) alert: Option<Alert>,
    pub(crate) marks: Vec<Mark>,
}

/// Later than that after the fact is worth a line: rule K10 looks at the difference.
const LATE: i64 = 24 * 3_600_000_000;

/// What is wanted, in a few words.
pub(crate) fn want(f: &Frame, rule: &law::rule::Rule) -> String {
    let text = rule.want.as_ref().unwrap_or(&rule.broken);
    f.lang.of(&text.zh, &text.en).to_owned()
}

/// Findings of one part that are shown at once.
const SHOWN: usize = 30;
/// The same of a part that is not behind a fold.
const ON_TOP: usize = 10;
/// Events that are named for a rule that could not be checked.
const EVENTS: usize = 5;

/// How many findings stand in each part that is counted.
pub(crate) fn counts_of(standing: &CaseStanding) -> [usize; 5] {
    use Part::{Amber, Blue, NotCheckable, Open, Red};
    let more: u64 = standing.unchecked.iter().map(|(_, n)| n).sum();
    let found = &standing.found;
    let mut counts = [Red, Amber, Open, Blue, NotCheckable]
        .map(|part| found.iter().filter(|s| Part::of(s) == part).count());
    counts[4] += usize::try_from(more).unwrap_or(usize::MAX);
    counts
}

/// What stands, in parts: broken, to be looked at, and what is folded.
pub(crate) fn found_of(
    f: &Frame,
    catalogue: &law::Catalogue,
    standing: &CaseStanding,
    names: &Names,
) -> Found {
    let part = |wanted: Part| {
        (standing.found.iter())
            .filter(move |s| Part::of(s) == wanted)
            .collect::<Vec<_>>()
    };
    let views = |part: &[&Standing]| -> Vec<FindingView> {
        let shown = part.iter().take(SHOWN);
        shown
            .map(|s| FindingView::new(f, catalogue, s, names))
            .collect()
    };
    let fold = |id, title, note, part: &[&Standing]| Fold {
        id,
        title: f.t1(title, "n", part.len()),
        note: f.t(note),
        findings: views(part),
        more: part.len().saturating_sub(SHOWN),
    };
    let (red, amber, open) = (part(Part::Red), part(Part::Amber), part(Part::Open));
    let (blue, excused) = (part(Part::Blue), part(Part::Excused));
    let mut unchecked: Vec<Unchecked> = Vec::new();
    let not_checkable = part(Part::NotCheckable);
    for s in &not_checkable {
        let missing = s.finding.missing.as_deref().unwrap_or("time");
        let missing = findings::missing(f, catalogue, missing);
        let same = |u: &&mut Unchecked| u.rule == s.finding.rule && u.missing == missing;
        let index = s.finding.activation.position;
        match unchecked.iter_mut().find(same) {
            Some(u) => {
                u.n += 1;
                if u.events.len() < EVENTS {
                    u.events.push(index);
                }
            }
            None => unchecked.push(Unchecked {
                id: s.finding.id.clone(),
                rule: s.finding.rule.clone(),
                sentence: f.lang.of(&s.rule.broken.zh, &s.rule.broken.en).to_owned(),
                missing,
                n: 1,
                events: vec![index],
            }),
        }
    }
    for (rule, n) in &standing.unchecked {
        unchecked.push(Unchecked {
            id: format!("more-{}", rule.id),
            rule: rule.id.to_string(),
            sentence: f.lang.of(&rule.broken.zh, &rule.broken.en).to_owned(),
            missing: f.t("missing-more"),
            n: usize::try_from(*n).unwrap_or(usize::MAX),
            events: Vec::new(),
        });
    }
    let counts = counts_of(standing);
    let mut folds: Vec<Fold> = Vec::new();
    // What does not fit is behind a fold too, so that the timeline is near.
    let (red, more) = red.split_at(red.len().min(ON_TOP));
    if !more.is_empty() {
        folds.push(fold(
            "more-red",
            "findings-more-red",
            "findings-red-note",
            more,
        ));
    }
    let (amber, rest) = amber.split_at(amber.len().min(ON_TOP));
    if !rest.is_empty() {
        folds.push(fold(
            "more-amber",
            "findings-more-amber",
            "findings-amber-note",
            rest,
        ));
    }
    for (id, title, note, part) in [
        ("open", "findings-open-title", "findings-open-note", &open),
        ("blue", "findings-blue-title", "findings-blue-note", &blue),
        (
            "excused",
            "findings-excused-title",
            "findings-excused-note",
            &excused,
        ),
    ] {
        if !part.is_empty() {
            folds.push(fold(id, title, note, part));
        }
    }
    Found {
        counts,
        red: views(red),
        amber: views(amber),
        folds,
        unchecked,
        first_page: None,
    }
}

/// What stands around the events of one page.
#[derive(Default)]
pub(crate) struct Around<'s> {
    pub(crate) standing: &'s [Standing],
    pub(crate) alerts: Vec<AlertView>,
    /// Address of the page with the list of findings; empty where that is this page.
    pub(crate) first_page: String,
    /// Steps that are due before that stand on an earlier page.
    pub(crate) from: Option<Micros>,
    /// Steps that are due then or later stand on a later page.
    pub(crate) to: Option<Micros>,
}

/// Findings beside one event, at most.
const BESIDE: usize = 8;

impl Around<'_> {
    /// Where a finding is told in full.
    fn place(&self, finding: &str) -> String {
        format!("{}#finding-{finding}", self.first_page)
    }

    /// What is due within this page: planned, or missing.
    fn steps(&self, f: &Frame) -> Vec<(Micros, Step)> {
        let wanted = |s: &&Standing| s.wanted && s.rule.grade != law::rule::Grade::Blue;
        let step = |s: &Standing| {
            let due = Micros::new(s.finding.due?).ok()?;
            let here =
                self.from.is_none_or(|from| due >= from) && self.to.is_none_or(|to| due < to);
            let outcome = Outcome::named(s.finding.outcome)?;
            here.then(|| {
                let step = Step {
                    time: format::due_clock(due),
                    want: want(f, &s.rule),
                    missing: outcome == Outcome::Breached,
                    clock: ClockView::new(f, s.since, s.warns, due, outcome),
                    finding: self.place(&s.finding.id),
                    short: findings::short_cites(f, &s.rule),
                    about: findings::about(f, &s.finding),
                };
                (due, step)
            })
        };
        let far = f.now.get().saturating_add(FAR);
        let mut steps: Vec<_> = (self.standing.iter())
            .filter(wanted)
            .filter_map(step)
            .filter(|(due, _)| due.get() < far)
            .collect();
        steps.sort_by_key(|(due, _)| *due);
        steps
    }

    /// The findings that an event belongs to: it began them, decided them, or came too late.
    fn marks(&self, f: &Frame, index: u64) -> Vec<Mark> {
        let shown = |s: &&Standing| {
            let open = s.wanted && s.finding.outcome != Outcome::Breached.name();
            !open && matches!(Part::of(s), Part::Red | Part::Amber | Part::Blue)
        };
        let here = |s: &&Standing| {
            s.late == Some(index)
                || (s.finding.witness.as_ref()).is_some_and(|w| w.position == index)
                || s.finding.activation.position == index
        };
        let mark = |s: &Standing| {
            let (tone, word) = findings::tone(s);
            let word = match s.late == Some(index) {
                true => "finding-late",
                false => word,
            };
            Mark {
                tone,
                word: f.t(word),
                text: f
                    .lang
                    .of(&s.finding.sentence.zh, &s.finding.sentence.en)
                    .to_owned(),
                finding: self.place(&s.finding.id),
            }
        };
        let marks = self.standing.iter().filter(shown).filter(here);
        marks.take(BESIDE).map(mark).collect()
    }

    /// What the node wrote down in this entry.
    fn alert(&self, f: &Frame, index: u64) -> Option<Alert> {
        let alert = self.alerts.iter().find(|a| a.index == index)?;
        let stands = (self.standing.iter()).find(|s| s.finding.id == alert.finding);
        let raised = alert.outcome == Outcome::Breached.name();
        let rule = f.catalogue.rule(&alert.rule);
        let red = rule.is_none_or(|r| r.grade == law::rule::Grade::Red);
        let plain = rule.map(|r| match raised {
            true => f.lang.of(&r.broken.zh, &r.broken.en).to_owned(),
            false => want(f, r),
        });
        let words = match f.lang.is_chinese() {
            true => alert.words.clone().or(plain),
            false => plain,
        };
        let sentence = words.unwrap_or_else(|| alert.rule.clone());
        let (tone, word) = match (raised, red) {
            (true, true) => ("red", "alert-raised"),
            (true, false) => ("amber", "alert-raised"),
            (false, _) => ("ok", "alert-cleared"),
        };
        let now = Outcome::named(&alert.outcome).map_or("finding-kept", outcome_word);
        Some(Alert {
            tone,
            word: match raised {
                true => f.t(word),
                false => f.t1(word, "outcome", f.t(now)),
            },
            sentence,
            rule: alert.rule.clone(),
            finding: self.place(&alert.finding),
            stands: stands.is_some(),
            activation: alert.activation,
        })
    }
}

/// Steps that are due later than that are place-holders.
const FAR: i64 = 731 * 86_400_000_000;

/// An outcome in a word.
pub(crate) fn outcome_word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Pending => "finding-in-time",
        Outcome::AtRisk => "finding-at-risk",
        Outcome::Satisfied => "finding-kept",
        Outcome::SatisfiedRecordedLate => "finding-recorded-late",
        Outcome::Breached => "finding-broken",
        Outcome::Suspended => "finding-suspended",
        Outcome::Excused => "finding-excused",
        Outcome::NotCheckable => "finding-not-checkable",
        Outcome::Withdrawn => "finding-withdrawn",
    }
}

/// The events, and what is due between them, by day. Where most of them were recorded afterwards in the same hour (an
/// import), one sentence says so for all, and only the others carry their own time.
pub(crate) fn by_day(
    f: &Frame,
    events: Vec<TimelineEvent>,
    around: &Around<'_>,
) -> (Vec<Day>, Option<String>) {
    let is_late = |e: &TimelineEvent| e.recorded.get() - e.occurred.get() > LATE;
    let hour = |e: &TimelineEvent| e.recorded.get() / 3_600_000_000;
    let mut hours: HashMap<i64, usize> = HashMap::new();
    for event in events.iter().filter(|e| is_late(e)) {
        *hours.entry(hour(event)).or_default() += 1;
    }
    let batch = hours
        .into_iter()
        .max_by_key(|(_, n)| *n)
        .filter(|(_, n)| *n >= 4);
    let first = events
        .iter()
        .find(|e| batch.is_some_and(|(h, _)| is_late(e) && hour(e) == h));
    let together = batch.zip(first).map(|((_, n), first)| {
        f.t2(
            "case-together",
            "n",
            n,
            "time",
            format::minute(first.recorded),
        )
    });
    let corrected: HashSet<EventId> = events.iter().filter_map(|e| e.correction_of).collect();
    let mut lines: Vec<(Micros, Line)> = Vec::with_capacity(events.len());
    for event in events {
        let late = (is_late(&event) && batch.is_none_or(|(h, _)| hour(&event) != h))
            .then(|| f.t1("case-late", "time", format::minute(event.recorded)));
        let at = event.occurred;
        let mut row = line(f, &event, late, around);
        row.corrected = corrected.contains(&event.event);
        lines.push((at, Line::Event(row)));
    }
    let steps = around.steps(f);
    lines.extend(steps.into_iter().map(|(due, step)| (due, Line::Step(step))));
    lines.sort_by_key(|(at, _)| *at);
    let mut days: Vec<Day> = Vec::new();
    for (at, line) in lines {
        let date = format::day(at);
        match days.last_mut().filter(|day| day.date == date) {
            Some(day) => day.lines.push(line),
            None => days.push(Day {
                date,
                lines: vec![line],
            }),
        }
    }
    (days, together)
}

fn line(f: &Frame, event: &TimelineEvent, late: Option<String>, around: &Around<'_>) -> Event {
    let catalogue = &f.catalogue;
    let alert = around.alert(f, event.index);
    let objects = match &alert {
        // The node names the pseudonym of what it is about: its sentence says more.
        Some(_) => Vec::new(),
        None => (event.objects.iter())
            .map(|o| {
                let part = o.qualifier.as_ref().map(|q| f.part(q.as_str()));
                let kind = f.object_type(o.object_type.as_str());
                format!("{} {}", part.unwrap_or(kind), short(&o.id.to_string()))
            })
            .collect(),
    };
    Event {
        index: event.index,
        id: event.event.to_string(),
        time: format::clock(event.occurred),
        late,
        act: f.activity(&event.activity),
        key_step: catalogue
            .activity(event.activity.as_str())
            .is_some_and(|a| !a.approver_roles.is_empty()),
        actors: event
            .actors
            .iter()
            .map(|a| actor(f, a))
            .collect::<Vec<_>>()
            .join("、"),
        objects,
        basis: event
            .basis
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(" "),
        corrects: event.correction_of.is_some(),
        corrected: false,
        body: event.body == BodyKept::Present && alert.is_none(),
        erased: event.body == BodyKept::Erased,
        marks: around.marks(f, event.index),
        alert,
    }
}
