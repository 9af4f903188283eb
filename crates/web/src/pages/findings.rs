//! Pieces that show clocks, findings and sources: used by the pages of cases, of what is to be done, and of rules.
//!
//! Words and shapes only. What is found, and how grave it is, comes from `office`; nothing here judges.

use std::collections::HashMap;

use law::{Confidence, rule::Outcome};
use model::{Activity, Micros};
use office::{ActorView, Evidence, Finding, Standing, Text2};

use crate::{format, frame::Frame};

/// A clock as shown: text, bar from start to limit with the mark of the warning, and the due moment.
pub(crate) struct ClockView {
    /// `还剩 5 小时 20 分`.
    pub(crate) text: String,
    /// The due moment.
    pub(crate) due: String,
    /// `ok`, `amber` or `red`.
    pub(crate) tone: &'static str,
    /// What the tone says, in a word.
    pub(crate) word: String,
    /// How much of the limit has passed, 0–100.
    pub(crate) done: i64,
    /// Where the warning stands, 0–100.
    pub(crate) lead: Option<i64>,
}

impl ClockView {
    pub(crate) fn new(
        f: &Frame,
        since: Micros,
        warns: Option<Micros>,
        due: Micros,
        outcome: Outcome,
    ) -> Self {
        let left = due.get() - f.now.get();
        let (key, tone, word) = match outcome {
            // Over, and what was done in time may still be recorded.
            Outcome::AtRisk if left < 0 => ("today-over", "amber", "finding-unrecorded"),
            _ if left < 0 => ("today-over", "red", "finding-overdue"),
            Outcome::Breached => ("today-over", "red", "finding-overdue"),
            Outcome::AtRisk => ("today-left", "amber", "finding-at-risk"),
            _ if warns.is_some_and(|w| w <= f.now) => ("today-left", "amber", "finding-at-risk"),
            _ => ("today-left", "ok", "finding-in-time"),
        };
        let whole = i128::from(due.get()) - i128::from(since.get());
        let share = |at: i64| match whole {
            ..=0 => 100,
            whole => {
                let part = (i128::from(at) - i128::from(since.get())).clamp(0, whole);
                i64::try_from(part * 100 / whole).unwrap_or(100)
            }
        };
        Self {
            text: f.t1(key, "span", format::span(f.lang, left.abs())),
            due: format::due(due),
            tone,
            word: f.t(word),
            done: share(f.now.get()),
            lead: warns.map(|w| share(w.get())),
        }
    }
}

/// Where something stands, as shown.
pub(crate) struct CiteView {
    /// `CPL 85`.
    pub(crate) short: String,
    /// `《刑事诉讼法》第 85 条`.
    pub(crate) long: String,
    /// `[T]`.
    pub(crate) mark: String,
    /// Whether a legal officer has to confirm it.
    pub(crate) unsure: bool,
}

/// The sources of a rule.
pub(crate) fn cites(
    f: &Frame,
    catalogue: &law::Catalogue,
    rule: &law::rule::Rule,
) -> Vec<CiteView> {
    let cite = |c: &law::rule::Citation| {
        if c.code.is_empty() {
            return CiteView {
                short: String::new(),
                long: f.t("cite-none"),
                mark: c.confidence.to_string(),
                unsure: matches!(c.confidence, Confidence::G | Confidence::D),
            };
        }
        let title = catalogue.source(&c.code).map_or_else(
            || c.code.clone(),
            |source| f.lang.of(&source.zh, &source.en).to_owned(),
        );
        let numbered = c.article.starts_with(|c: char| c.is_ascii_digit());
        let long = match (c.article.is_empty(), numbered) {
            (true, _) => title,
            (false, true) => f.t2("cite-article", "title", title, "article", &c.article),
            (false, false) => format!("{title} {}", c.article),
        };
        CiteView {
            short: format!("{} {}", c.code, c.article).trim().to_owned(),
            long,
            mark: c.confidence.to_string(),
            unsure: matches!(c.confidence, Confidence::G | Confidence::D),
        }
    };
    rule.source.iter().map(cite).collect()
}

/// The instruments and articles on one line: short names in Chinese, codes in English.
pub(crate) fn short_cites(f: &Frame, rule: &law::rule::Rule) -> String {
    short_cites_in(&f.catalogue, f.lang.of_packs(), rule)
}

/// The same in a language of one's choice.
pub(crate) fn short_cites_in(
    catalogue: &law::Catalogue,
    lang: law::Lang,
    rule: &law::rule::Rule,
) -> String {
    let mut all: Vec<String> = (rule.source.iter())
        .map(|c| catalogue.cited_short(c, lang))
        .collect();
    all.retain(|cite| !cite.is_empty());
    all.dedup();
    all.join(" · ")
}

/// Parts of a source as they are written, with their marks, on one line.
pub(crate) fn sources(f: &Frame, parts: &[String]) -> String {
    let said: Vec<String> = (parts.iter())
        .map(|part| f.catalogue.source_short(part, f.lang.of_packs()))
        .collect();
    said.join(" · ")
}

/// An event that a finding names.
pub(crate) struct EvidenceView {
    /// What it is to the finding.
    pub(crate) what: String,
    pub(crate) act: String,
    pub(crate) time: String,
    pub(crate) actors: String,
    pub(crate) index: u64,
}

/// A finding as shown.
pub(crate) struct FindingView {
    pub(crate) id: String,
    /// `red`, `amber`, `note`, `ok` or `open`: a shape and a colour.
    pub(crate) tone: &'static str,
    /// What it is, in a word.
    pub(crate) word: String,
    pub(crate) sentence: String,
    pub(crate) rule: String,
    pub(crate) cites: Vec<CiteView>,
    /// `CPL 85 · PSC 127`.
    pub(crate) short: String,
    pub(crate) advisory: bool,
    pub(crate) clock: Option<ClockView>,
    pub(crate) about: String,
    pub(crate) evidence: Vec<EvidenceView>,
    pub(crate) reckoning: Vec<String>,
    pub(crate) due: Option<String>,
    pub(crate) due_statutory: Option<String>,
    pub(crate) missing: Option<String>,
    pub(crate) searched: String,
    pub(crate) words: Vec<String>,
}

/// In which part of the list a finding stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Red,
    Amber,
    Open,
    Blue,
    Excused,
    NotCheckable,
}

impl Part {
    pub(crate) fn of(standing: &Standing) -> Self {
        let finding = &standing.finding;
        match (Outcome::named(finding.outcome), finding.grade) {
            (Some(Outcome::NotCheckable), _) => Self::NotCheckable,
            (Some(Outcome::Excused | Outcome::Withdrawn | Outcome::Satisfied), _) => Self::Excused,
            (Some(Outcome::Breached), "red") => Self::Red,
            (
                Some(Outcome::Breached | Outcome::AtRisk | Outcome::SatisfiedRecordedLate),
                "amber",
            ) => Self::Amber,
            (Some(Outcome::Pending | Outcome::Suspended), _)
                if standing.rule.grade != law::rule::Grade::Blue =>
            {
                Self::Open
            }
            _ => Self::Blue,
        }
    }
}

/// The shape of a finding and its word.
pub(crate) fn tone(standing: &Standing) -> (&'static str, &'static str) {
    let finding = &standing.finding;
    match (Outcome::named(finding.outcome), finding.grade) {
        (Some(Outcome::Breached), "red") if finding.due.is_some() => ("red", "finding-overdue"),
        (Some(Outcome::Breached), "red") => ("red", "finding-broken"),
        (Some(Outcome::Breached), "amber") => ("amber", "finding-attention"),
        (Some(Outcome::AtRisk), "amber") if finding.recordable.is_some() => {
            ("amber", "finding-unrecorded")
        }
        (Some(Outcome::AtRisk), "amber") => ("amber", "finding-at-risk"),
        (Some(Outcome::SatisfiedRecordedLate), "amber") => ("amber", "finding-recorded-late"),
        (Some(Outcome::Pending), _) if standing.rule.grade != law::rule::Grade::Blue => {
            ("ok", "finding-in-time")
        }
        (Some(Outcome::Suspended), _) => ("open", "finding-suspended"),
        (Some(Outcome::Excused), _) => ("open", "finding-excused"),
        (Some(Outcome::Withdrawn), _) => ("open", "finding-withdrawn"),
        (Some(Outcome::Satisfied), _) => ("ok", "finding-kept"),
        (Some(Outcome::NotCheckable), _) => ("open", "finding-not-checkable"),
        _ => ("note", "finding-advice"),
    }
}

/// Names of those who act, by pseudonym.
pub(crate) type Names = HashMap<String, String>;

/// The names that a case shows anyway: of officers.
pub(crate) fn names_of(officers: &[ActorView]) -> Names {
    (officers.iter())
        .filter_map(|a| a.name.clone().map(|name| (a.person.to_string(), name)))
        .collect()
}

impl FindingView {
    pub(crate) fn new(
        f: &Frame,
        catalogue: &law::Catalogue,
        standing: &Standing,
        names: &Names,
    ) -> Self {
        let finding = &standing.finding;
        let (tone, word) = tone(standing);
        let text = |t: &Text2| f.lang.of(&t.zh, &t.en).to_owned();
        let outcome = Outcome::named(finding.outcome).unwrap_or(Outcome::Pending);
        let due = finding.due.and_then(|t| Micros::new(t).ok());
        let clock = due
            .filter(|_| standing.wanted)
            .map(|due| ClockView::new(f, standing.since, standing.warns, due, outcome));
        let mut evidence = vec![evidence(f, "evidence-began", &finding.activation, names)];
        if let Some(witness) = &finding.witness {
            evidence.push(self::evidence(f, "evidence-decided", witness, names));
        }
        if let Some(index) = standing.late {
            evidence.push(EvidenceView {
                what: f.t("finding-late"),
                act: super::timeline::want(f, &standing.rule),
                time: String::new(),
                actors: String::new(),
                index,
            });
        }
        let lang = f.lang.of_packs();
        Self {
            id: finding.id.clone(),
            tone,
            word: f.t(word),
            sentence: text(&finding.sentence),
            rule: finding.rule.clone(),
            cites: cites(f, catalogue, &standing.rule),
            short: short_cites(f, &standing.rule),
            advisory: finding.advisory,
            clock,
            about: about(f, finding),
            evidence,
            reckoning: finding.reckoning.iter().map(text).collect(),
            due: due.map(format::due),
            due_statutory: (finding.due_statutory)
                .and_then(|t| Micros::new(t).ok())
                .map(format::due),
            missing: finding
                .missing
                .as_ref()
                .map(|key| missing(f, catalogue, key)),
            searched: f.t2(
                "finding-searched-range",
                "from",
                finding.searched.0,
                "to",
                finding.searched.1,
            ),
            words: (standing.rule.in_words(lang, catalogue).lines())
                .map(str::to_owned)
                .collect(),
        }
    }
}

/// What a finding is about, beside the case: `犯罪嫌疑人 1a2b3c4d`.
pub(crate) fn about(f: &Frame, finding: &Finding) -> String {
    let (object_type, id) = finding.per.as_ref().unwrap_or(&finding.object);
    match object_type.as_str() {
        "case" => String::new(),
        other => format!("{} {}", f.object_type(other), short(id)),
    }
}

/// The beginning of a pseudonym: enough to tell two apart on one page.
pub(crate) fn short(pseudonym: &str) -> String {
    pseudonym.chars().take(8).collect()
}

/// What is missing, in words.
pub(crate) fn missing(f: &Frame, catalogue: &law::Catalogue, key: &str) -> String {
    match key {
        "actors" => f.t("missing-actors"),
        "time" => f.t("missing-time"),
        "end" => f.t("missing-end"),
        "part" => f.t("missing-part"),
        "body" => f.t("missing-body"),
        "table" => f.t("missing-table"),
        key => match catalogue.attribute(key) {
            Some(a) => f.t1(
                "missing-attribute",
                "name",
                f.lang.of(&a.name.zh, &a.name.en),
            ),
            None => f.t1("missing-attribute", "name", key),
        },
    }
}

fn evidence(f: &Frame, what: &str, event: &Evidence, names: &Names) -> EvidenceView {
    let act = match event.activity.parse::<Activity>() {
        Ok(activity) => f.activity(&activity),
        Err(_) => event.activity.clone(),
    };
    let actors: Vec<String> = (event.actors.iter())
        .map(|p| names.get(p).cloned().unwrap_or_else(|| short(p)))
        .collect();
    EvidenceView {
        what: f.t(what),
        act,
        time: Micros::new(event.occurred).map_or_else(|_| String::new(), format::minute),
        actors: actors.join(f.lang.of("、", ", ")),
        index: event.position,
    }
}
