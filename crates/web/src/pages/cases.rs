//! Cases (案件): search, and one case by its sides: timeline, elements (人案物场卷), who looked, ledger.
//!
//! Names are not shown until somebody asks for them by a `POST`, because that leaves a trace.

use std::collections::HashMap;

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use law::rule::Outcome;
use model::{Micros, Value};
use office::{
    ActorView, AlertView, BodyKept, CaseFilter, CaseKey, CaseView, EventBody, NamedObject,
    ObjectView, Page, PageRequest, Standing, TimelineEvent, may,
};

use super::{
    Choice, Pager, TabLink,
    findings::{self, ClockView, FindingView, Names, Part, short},
    piece, show,
};
use crate::{
    app::App,
    edge::percent,
    fail::Fail,
    format,
    forms::{Fields, Query},
    frame::Frame,
    session::{May, SignedIn},
};

#[derive(Template)]
#[template(path = "cases.html")]
struct ListPage {
    f: Frame,
    total: u64,
    filtered: bool,
    q: String,
    organ: String,
    from: String,
    to: String,
    types: Vec<Choice>,
    rows: Vec<Row>,
    pager: Pager,
}

struct Row {
    key: String,
    number: String,
    organ: String,
    first: String,
    last: String,
    last_act: String,
    events: u64,
}

/// Search.
pub(crate) async fn list(
    May(permit): May<may::SearchCases>,
    State(app): State<App>,
    f: Frame,
    Query(query): Query,
) -> Result<Response, Fail> {
    let time = |name: &str| format::parse_local(query.get(name));
    let filter = CaseFilter {
        q: query.get("q").to_owned(),
        object_type: query.some("type").and_then(|t| t.parse().ok()),
        organ: query.some("organ").and_then(|o| o.parse().ok()),
        from: time("from"),
        // A day means the whole of it.
        to: time("to").and_then(|at| model::Micros::new(at.get() + 86_400_000_000).ok()),
    };
    let page = app.office.cases(&permit, &filter, piece(&query)).await?;
    let types = app
        .office
        .object_types(&permit)
        .await?
        .into_iter()
        .map(|(kind, n)| Choice {
            text: format!("{} · {n}", f.object_type(kind.as_str())),
            chosen: match &filter.object_type {
                Some(chosen) => *chosen == kind,
                None => kind.as_str() == "case",
            },
            id: kind.to_string(),
        })
        .collect();
    let mut base = "/cases?".to_owned();
    for name in ["q", "type", "organ", "from", "to"] {
        if let Some(value) = query.some(name) {
            base.push_str(&format!("{name}={}&", percent(&value)));
        }
    }
    let pager = Pager::new(&f, &page, &base);
    let rows = page
        .rows
        .into_iter()
        .map(|row| Row {
            number: row.number.unwrap_or_else(|| row.key.to_string()),
            key: row.key.to_string(),
            organ: row.organ_name,
            first: format::minute(row.first),
            last: format::minute(row.last),
            last_act: f.activity(&row.last_activity),
            events: row.events,
        })
        .collect();
    show(&ListPage {
        total: page.total,
        filtered: base.len() > "/cases?".len(),
        q: filter.q,
        organ: query.get("organ").to_owned(),
        from: query.get("from").to_owned(),
        to: query.get("to").to_owned(),
        types,
        rows,
        pager,
        f,
    })
}

/// Which side of a case is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tab {
    Timeline,
    Elements,
    Readers,
    Ledger,
}

impl Tab {
    const ALL: [(Self, &'static str, &'static str); 4] = [
        (Self::Timeline, "timeline", "case-tab-timeline"),
        (Self::Elements, "elements", "case-tab-elements"),
        (Self::Readers, "readers", "case-tab-readers"),
        (Self::Ledger, "ledger", "case-tab-ledger"),
    ];

    fn id(self) -> &'static str {
        let mut all = Self::ALL.iter();
        all.find(|(tab, ..)| *tab == self)
            .map_or("", |(_, id, _)| id)
    }

    fn of(query: &Fields) -> Self {
        let asked = query.get("tab");
        Self::ALL
            .iter()
            .find(|(_, id, _)| *id == asked)
            .map_or(Self::Timeline, |(tab, ..)| *tab)
    }
}

/// The tabs of a case; its reviews are a page of their own.
pub(crate) fn tab_links(key: &str, current: &str) -> Vec<TabLink> {
    let mut links: Vec<TabLink> = (Tab::ALL.iter())
        .map(|(_, id, text)| TabLink {
            href: format!("/cases/{key}?tab={id}"),
            text,
            current: *id == current,
        })
        .collect();
    links.insert(
        2,
        TabLink {
            href: format!("/cases/{key}/reviews"),
            text: "case-tab-reviews",
            current: current == "reviews",
        },
    );
    links
}

#[derive(Template)]
#[template(path = "case.html")]
struct CasePage {
    f: Frame,
    key: String,
    number: String,
    state: String,
    may_names: bool,
    tab: Tab,
    tabs: Vec<TabLink>,
    /// What is wanted next, with its clock and its article.
    want: String,
    short: String,
    clock: Option<ClockView>,
    found: Found,
    days: Vec<Day>,
    together: Option<String>,
    groups: Vec<Group>,
    officers: Vec<String>,
    looks: Vec<(String, String, u64)>,
    names_shown: bool,
    pager: Option<Pager>,
}

impl CasePage {
    /// Takes the clock that runs out next into the head; what is over, only where nothing runs any more.
    fn nearest(&mut self, standing: &[Standing]) {
        let wanted = |s: &&Standing| {
            s.wanted && s.rule.grade != law::rule::Grade::Blue && s.finding.due.is_some()
        };
        let now = self.f.now.get();
        let nearest = standing.iter().filter(wanted).min_by_key(|s| {
            let left = s.finding.due.unwrap_or(i64::MAX).saturating_sub(now);
            (left < 0, left.abs())
        });
        if let Some(s) = nearest
            && let Some(due) = s.finding.due.and_then(|t| Micros::new(t).ok())
            && let Some(outcome) = Outcome::named(s.finding.outcome)
        {
            self.clock = Some(ClockView::new(&self.f, s.since, s.warns, due, outcome));
            self.want = want(&self.f, &s.rule);
            self.short = findings::short_cites(&s.rule);
        }
    }

    fn on(&self, tab: &str) -> bool {
        Tab::ALL
            .iter()
            .any(|(t, id, _)| *t == self.tab && *id == tab)
    }
}

/// What stands about the case, as the list on top of the timeline.
#[derive(Default)]
struct Found {
    /// Broken, to be looked at, open, advice, not checkable.
    counts: [usize; 5],
    red: Vec<FindingView>,
    amber: Vec<FindingView>,
    folds: Vec<Fold>,
    unchecked: Vec<Unchecked>,
}

impl Found {
    fn is_empty(&self) -> bool {
        self.counts.iter().all(|n| *n == 0) && self.folds.is_empty()
    }
}

/// Findings that are shown when asked for.
struct Fold {
    id: &'static str,
    title: String,
    note: String,
    findings: Vec<FindingView>,
    more: usize,
}

/// A rule that could not be checked, and why.
struct Unchecked {
    id: String,
    rule: String,
    sentence: String,
    missing: String,
    n: usize,
    events: Vec<u64>,
}

struct Day {
    date: String,
    lines: Vec<Line>,
}

/// What happened, or what is due.
enum Line {
    Event(Event),
    Step(Step),
}

/// What is due: planned, or missing.
struct Step {
    time: String,
    want: String,
    missing: bool,
    clock: ClockView,
    finding: String,
    short: String,
    about: String,
}

/// A finding beside the event that it belongs to.
struct Mark {
    tone: &'static str,
    word: String,
    text: String,
    finding: String,
}

/// What the node wrote down about a finding.
struct Alert {
    tone: &'static str,
    word: String,
    sentence: String,
    rule: String,
    finding: String,
    stands: bool,
    activation: Option<u64>,
}

struct Event {
    index: u64,
    id: String,
    time: String,
    late: Option<String>,
    act: String,
    key_step: bool,
    actors: String,
    objects: Vec<String>,
    basis: String,
    corrects: bool,
    body: bool,
    erased: bool,
    alert: Option<Alert>,
    marks: Vec<Mark>,
}

struct Group {
    title: String,
    objects: Vec<Object>,
    more: u64,
}

struct Object {
    name: Option<String>,
    pseudonym: String,
    part: String,
}

/// One case.
pub(crate) async fn one(
    May(permit): May<may::ReadCase>,
    SignedIn(viewer): SignedIn,
    State(app): State<App>,
    f: Frame,
    Query(query): Query,
    Path(key): Path<String>,
) -> Result<Response, Fail> {
    let key: CaseKey = key.parse().map_err(|_| Fail::NotFound)?;
    let tab = Tab::of(&query);
    let case = app.office.case(&permit, key).await?;
    let standing = app.office.case_standing(&permit, key).await?;
    let names = findings::names_of(&case.officers);
    let (mut found, mut days, mut together, mut pager) = (Found::default(), Vec::new(), None, None);
    if matches!(tab, Tab::Timeline | Tab::Ledger) {
        let page = app.office.timeline(&permit, key, piece(&query)).await?;
        let base = match tab {
            Tab::Ledger => format!("/cases/{key}?tab=ledger&"),
            _ => format!("/cases/{key}?"),
        };
        pager = Some(Pager::new(&f, &page, &base));
        let mut around = Around::default();
        if tab == Tab::Timeline {
            let told = |e: &&TimelineEvent| e.activity.as_str() == "sup.alert";
            let told = page.rows.iter().filter(told).map(|e| e.index).collect();
            around.alerts = app.office.alerts(&permit, key, told).await?;
            around.from = (page.number > 1)
                .then(|| page.rows.first().map(|e| e.occurred))
                .flatten();
            around.to = first_of_next(&app, &permit, key, &page).await?;
            found = found_of(&f, &app.office.catalogue(), &standing, &names);
            around.standing = &standing;
        }
        (days, together) = by_day(&f, page.rows, &around);
    }
    let may_names = app.office.permit::<may::ReadNames>(&viewer).is_ok();
    let mut page = page_of(f, case, tab, may_names, pager, None);
    page.nearest(&standing);
    (page.found, page.days, page.together) = (found, days, together);
    show(&page)
}

/// When the page after this one begins; `None` where there is none.
async fn first_of_next(
    app: &App,
    permit: &office::Permit<may::ReadCase>,
    key: CaseKey,
    page: &Page<TimelineEvent>,
) -> Result<Option<Micros>, Fail> {
    let next = page.number.saturating_mul(page.size).saturating_add(1);
    if u64::from(next) > page.total {
        return Ok(None);
    }
    let first = PageRequest {
        number: next,
        size: 1,
    };
    let page = app.office.timeline(permit, key, first).await?;
    Ok(page.rows.first().map(|e| e.occurred))
}

/// One case with the names of its objects. Leaves a trace.
pub(crate) async fn names(
    May(permit): May<may::ReadCase>,
    May(names): May<may::ReadNames>,
    State(app): State<App>,
    f: Frame,
    Path(key): Path<String>,
) -> Result<Response, Fail> {
    let key: CaseKey = key.parse().map_err(|_| Fail::NotFound)?;
    let named = app.office.names(&names, key).await?;
    let case = app.office.case(&permit, key).await?;
    show(&page_of(f, case, Tab::Elements, true, None, Some(named)))
}

fn page_of(
    f: Frame,
    case: CaseView,
    tab: Tab,
    may_names: bool,
    pager: Option<Pager>,
    named: Option<Vec<NamedObject>>,
) -> CasePage {
    let key = case.head.key.to_string();
    let object = |object: &ObjectView| Object {
        name: named.as_ref().map(|all| {
            all.iter()
                .find(|n| n.object.id == object.id)
                .and_then(|n| n.name.clone())
                .unwrap_or_else(|| f.t("case-name-unknown"))
        }),
        pseudonym: object.id.to_string(),
        part: object
            .qualifier
            .as_ref()
            .map(|q| f.part(q.as_str()))
            .unwrap_or_default(),
    };
    // 人案物场卷, in that order; what else a source has comes after.
    let mut elements: Vec<_> = case.elements.iter().collect();
    elements.sort_by_key(|group| {
        ["person", "case", "item", "place", "file", "alert"]
            .iter()
            .position(|kind| *kind == group.object_type.as_str())
            .unwrap_or(usize::MAX)
    });
    let groups = elements
        .into_iter()
        .map(|group| Group {
            title: element(&f, group.object_type.as_str()),
            objects: group.objects.iter().map(object).collect(),
            more: group.total.saturating_sub(group.objects.len() as u64),
        })
        .collect();
    CasePage {
        number: case.head.number.clone().unwrap_or_else(|| key.clone()),
        state: f.t3(
            "case-state",
            [
                ("organ", &case.head.organ_name),
                ("n", &case.head.events.to_string()),
                ("last", &format::minute(case.head.last)),
            ],
        ),
        may_names,
        tab,
        tabs: tab_links(&key, tab.id()),
        want: String::new(),
        short: String::new(),
        clock: None,
        found: Found::default(),
        days: Vec::new(),
        together: None,
        groups,
        officers: case.officers.iter().map(|a| actor(&f, a)).collect(),
        looks: case
            .looks
            .iter()
            .map(|look| (format::minute(look.at), actor(&f, &look.who), look.index))
            .collect(),
        names_shown: named.is_some(),
        pager,
        key,
        f,
    }
}

/// The element of a case (人案物场卷) that a type of object is.
fn element(f: &Frame, object_type: &str) -> String {
    match object_type {
        "person" => f.t("case-person"),
        "item" => f.t("case-item"),
        "place" => f.t("case-place"),
        "file" => f.t("case-file"),
        "alert" => f.t("case-alert"),
        other => f.object_type(other),
    }
}

fn actor(f: &Frame, actor: &ActorView) -> String {
    let who = actor
        .name
        .clone()
        .unwrap_or_else(|| short(&actor.person.to_string()));
    format!("{who}（{}）", f.role(&actor.role))
}

/// Later than that after the fact is worth a line: rule K10 looks at the difference.
const LATE: i64 = 24 * 3_600_000_000;

/// What is wanted, in a few words.
pub(crate) fn want(f: &Frame, rule: &law::rule::Rule) -> String {
    let text = rule.want.as_ref().unwrap_or(&rule.broken);
    f.lang.of(&text.zh, &text.en).to_owned()
}

/// Findings of one part that are shown at once.
const SHOWN: usize = 60;
/// Events that are named for a rule that could not be checked.
const EVENTS: usize = 5;

/// What stands, in parts: broken, to be looked at, and what is folded.
fn found_of(f: &Frame, catalogue: &law::Catalogue, standing: &[Standing], names: &Names) -> Found {
    let part = |wanted: Part| {
        standing
            .iter()
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
    let counts = [&red, &amber, &open, &blue, &not_checkable].map(Vec::len);
    let mut folds: Vec<Fold> = Vec::new();
    // What does not fit is behind a fold too, so that the timeline is near.
    let (shown, rest) = amber.split_at(amber.len().min(10));
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
        red: views(&red),
        amber: views(shown),
        folds,
        unchecked,
    }
}

/// What stands around the events of one page.
#[derive(Default)]
struct Around<'s> {
    standing: &'s [Standing],
    alerts: Vec<AlertView>,
    /// Steps that are due before that stand on an earlier page.
    from: Option<Micros>,
    /// Steps that are due then or later stand on a later page.
    to: Option<Micros>,
}

/// Findings beside one event, at most.
const BESIDE: usize = 8;

impl Around<'_> {
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
                    finding: s.finding.id.clone(),
                    short: findings::short_cites(&s.rule),
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
                finding: s.finding.id.clone(),
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
        let rule = law::Catalogue::shipped().rule(&alert.rule);
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
            finding: alert.finding.clone(),
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
fn by_day(
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
    let mut lines: Vec<(Micros, Line)> = Vec::with_capacity(events.len());
    for event in events {
        let late = (is_late(&event) && batch.is_none_or(|(h, _)| hour(&event) != h))
            .then(|| f.t1("case-late", "time", format::minute(event.recorded)));
        let at = event.occurred;
        lines.push((at, Line::Event(line(f, event, late, around))));
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

fn line(f: &Frame, event: TimelineEvent, late: Option<String>, around: &Around<'_>) -> Event {
    let catalogue = law::Catalogue::shipped();
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
        body: event.body == BodyKept::Present && alert.is_none(),
        erased: event.body == BodyKept::Erased,
        marks: around.marks(f, event.index),
        alert,
    }
}

#[derive(Template)]
#[template(path = "event_body.html")]
struct BodyPage {
    f: Frame,
    key: String,
    event: String,
    occurred: Option<String>,
    words: Option<String>,
    attrs: Vec<(String, String)>,
    names: Vec<(String, String)>,
    files: Vec<String>,
}

/// What one event of a case says. Leaves a trace.
pub(crate) async fn body(
    May(permit): May<may::ReadNames>,
    State(app): State<App>,
    f: Frame,
    Path((key, event)): Path<(String, String)>,
) -> Result<Response, Fail> {
    let key: CaseKey = key.parse().map_err(|_| Fail::NotFound)?;
    let event = event.parse().map_err(|_| Fail::NotFound)?;
    let EventBody {
        attrs,
        words,
        files,
        occurred,
        names,
    } = app.office.event_body(&permit, key, event).await?;
    show(&BodyPage {
        key: key.to_string(),
        event: event.to_string(),
        occurred,
        words,
        attrs: attrs
            .iter()
            .map(|a| (a.key.clone(), value(&a.value)))
            .collect(),
        names: names
            .into_iter()
            .map(|n| {
                let part = n.object.qualifier.as_ref().map(|q| f.part(q.as_str()));
                let kind = part.unwrap_or_else(|| f.object_type(n.object.object_type.as_str()));
                (kind, n.name.unwrap_or_else(|| f.t("case-name-unknown")))
            })
            .collect(),
        files: files
            .iter()
            .map(|file| format!("{} · {}", file.name, format::size(file.size)))
            .collect(),
        f,
    })
}

fn value(value: &Value) -> String {
    match value {
        Value::String(text) | Value::Id(text) => text.clone(),
        Value::Int(n) => n.to_string(),
        Value::Float(n) => n.to_string(),
        Value::Bool(b) => b.to_string(),
        Value::Time(at) => at.text().to_owned(),
        Value::List(attrs) | Value::Container(attrs) => attrs
            .iter()
            .map(|a| format!("{}: {}", a.key, self::value(&a.value)))
            .collect::<Vec<_>>()
            .join("; "),
        Value::Null => String::new(),
    }
}
