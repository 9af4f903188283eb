//! Cases (案件): search, and one case by its sides: timeline, elements (人案物场卷), who looked, ledger.
//!
//! Names are not shown until somebody asks for them by a `POST`, because that leaves a trace.

use std::collections::HashMap;

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use model::Value;
use office::{
    ActorView, BodyKept, CaseFilter, CaseKey, CaseView, EventBody, NamedObject, ObjectView,
    TimelineEvent, may,
};

use super::{Choice, Pager, piece, show};
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

    fn of(query: &Fields) -> Self {
        let asked = query.get("tab");
        Self::ALL
            .iter()
            .find(|(_, id, _)| *id == asked)
            .map_or(Self::Timeline, |(tab, ..)| *tab)
    }
}

struct TabLink {
    href: String,
    text: &'static str,
    current: bool,
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
    days: Vec<Day>,
    together: Option<String>,
    groups: Vec<Group>,
    officers: Vec<String>,
    looks: Vec<(String, String, u64)>,
    names_shown: bool,
    pager: Option<Pager>,
}

impl CasePage {
    fn on(&self, tab: &str) -> bool {
        Tab::ALL
            .iter()
            .any(|(t, id, _)| *t == self.tab && *id == tab)
    }
}

struct Day {
    date: String,
    events: Vec<Event>,
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
    let (mut days, mut together, mut pager) = (Vec::new(), None, None);
    if matches!(tab, Tab::Timeline | Tab::Ledger) {
        let page = app.office.timeline(&permit, key, piece(&query)).await?;
        let base = match tab {
            Tab::Ledger => format!("/cases/{key}?tab=ledger&"),
            _ => format!("/cases/{key}?"),
        };
        pager = Some(Pager::new(&f, &page, &base));
        (days, together) = by_day(&f, page.rows);
    }
    let may_names = app.office.permit::<may::ReadNames>(&viewer).is_ok();
    let mut page = page_of(f, case, tab, may_names, pager, None);
    (page.days, page.together) = (days, together);
    show(&page)
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
        tabs: Tab::ALL
            .iter()
            .map(|(t, id, text)| TabLink {
                href: format!("/cases/{key}?tab={id}"),
                text,
                current: *t == tab,
            })
            .collect(),
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

/// The beginning of a pseudonym: enough to tell two apart on one page.
fn short(pseudonym: &str) -> String {
    pseudonym.chars().take(8).collect()
}

/// Later than that after the fact is worth a line: rule K10 looks at the difference.
const LATE: i64 = 24 * 3_600_000_000;

/// The events by the day on which they occurred. Where most of them were recorded afterwards in the same hour (an import),
/// one sentence says so for all, and only the others carry their own time.
fn by_day(f: &Frame, events: Vec<TimelineEvent>) -> (Vec<Day>, Option<String>) {
    let catalogue = law::Catalogue::shipped();
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
    let mut days: Vec<Day> = Vec::new();
    for event in events {
        let date = format::day(event.occurred);
        let late = (is_late(&event) && batch.is_none_or(|(h, _)| hour(&event) != h))
            .then(|| f.t1("case-late", "time", format::minute(event.recorded)));
        let row = Event {
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
            objects: event
                .objects
                .iter()
                .map(|o| {
                    let part = o.qualifier.as_ref().map(|q| f.part(q.as_str()));
                    let kind = f.object_type(o.object_type.as_str());
                    format!("{} {}", part.unwrap_or(kind), short(&o.id.to_string()))
                })
                .collect(),
            basis: event
                .basis
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(" "),
            corrects: event.correction_of.is_some(),
            body: event.body == BodyKept::Present,
            erased: event.body == BodyKept::Erased,
        };
        match days.last_mut().filter(|day| day.date == date) {
            Some(day) => day.events.push(row),
            None => days.push(Day {
                date,
                events: vec![row],
            }),
        }
    }
    (days, together)
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
