//! Cases (案件): search, and one case by its sides: timeline, ledger. Its elements (人案物场卷) are `elements.rs`, who looked is
//! `looks.rs`.
//!
//! What an act says is not shown until somebody asks for it by a `POST`, because that leaves a trace.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use law::rule::Outcome;
use model::{Micros, Value};
use office::{
    ActorView, CaseFilter, CaseKey, CaseSort, CaseView, EventBody, Page, PageRequest, Standing,
    TimelineEvent, may,
};

use super::{
    Choice, EXPORT, Head, Pager, TabLink, csv_file,
    findings::{self, ClockView, short},
    piece, show,
    timeline::{Around, Day, Found, Line, by_day, counts_of, found_of, want},
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
    sort: String,
    down: bool,
    heads: Vec<Head>,
    csv: String,
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

/// Column, name in addresses, order.
const HEADS: [(&str, Option<(&str, CaseSort)>); 6] = [
    ("cases-number", Some(("number", CaseSort::Number))),
    ("cases-organ", Some(("organ", CaseSort::Organ))),
    ("cases-last-act", None),
    ("cases-last", Some(("last", CaseSort::Last))),
    ("cases-first", Some(("first", CaseSort::First))),
    ("cases-events", Some(("events", CaseSort::Events))),
];

/// What was asked for. Without a wish, what happened last comes first.
fn asked(query: &Fields) -> CaseFilter {
    let time = |name: &str| format::parse_local(query.get(name));
    let sort = (HEADS.iter().filter_map(|(_, sort)| *sort))
        .find(|(name, _)| *name == query.get("sort"))
        .map(|(_, sort)| sort);
    CaseFilter {
        q: query.get("q").to_owned(),
        object_type: query.some("type").and_then(|t| t.parse().ok()),
        organ: query.some("organ").and_then(|o| o.parse().ok()),
        from: time("from"),
        // A day means the whole of it.
        to: time("to").and_then(|at| model::Micros::new(at.get() + 86_400_000_000).ok()),
        ascending: sort.is_some() && query.get("down") != "1",
        sort: sort.unwrap_or_default(),
    }
}

/// The address of the list with what was asked for in these fields: ends in `?` or `&`.
fn address(query: &Fields, path: &str, fields: &[&str]) -> String {
    let mut address = format!("{path}?");
    for name in fields {
        if let Some(value) = query.some(name) {
            address.push_str(&format!("{name}={}&", percent(&value)));
        }
    }
    address
}

/// The fields that choose cases, and those that sort them.
const CHOICE: [&str; 5] = ["q", "type", "organ", "from", "to"];
const ALL: [&str; 7] = ["q", "type", "organ", "from", "to", "sort", "down"];

/// The list as a file; an entry says that it was given out.
pub(crate) async fn csv(
    May(permit): May<may::SearchCases>,
    State(app): State<App>,
    f: Frame,
    Query(query): Query,
) -> Result<Response, Fail> {
    let said = address(&query, "", &ALL);
    let said = said.trim_matches(['?', '&']);
    let rows = app
        .office
        .cases_given_out(&permit, &asked(&query), said, EXPORT)
        .await?;
    let rows = rows.into_iter().map(|row| {
        [
            row.number.unwrap_or_else(|| row.key.to_string()),
            format!("{} {}", row.organ, row.organ_name),
            f.activity(&row.last_activity),
            format::minute(row.last),
            format::minute(row.first),
            row.events.to_string(),
        ]
    });
    csv_file(&f, "cases", HEADS.map(|(text, _)| text), rows)
}

/// Search.
pub(crate) async fn list(
    May(permit): May<may::SearchCases>,
    State(app): State<App>,
    f: Frame,
    Query(query): Query,
) -> Result<Response, Fail> {
    let filter = asked(&query);
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
    let chosen = address(&query, "/cases", &CHOICE);
    let base = address(&query, "/cases", &ALL);
    let heads = HEADS
        .into_iter()
        .map(|(text, sort)| {
            let current = sort.is_some_and(|(_, by)| by == filter.sort);
            let down = if current && filter.ascending {
                "&down=1"
            } else {
                ""
            };
            Head {
                text,
                href: sort.map(|(name, _)| format!("{chosen}sort={name}{down}")),
                sorted: current.then_some(match filter.ascending {
                    true => "ascending",
                    false => "descending",
                }),
                number: text == "cases-events",
            }
        })
        .collect();
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
        filtered: chosen.len() > "/cases?".len(),
        sort: query.get("sort").to_owned(),
        down: query.get("down") == "1",
        heads,
        csv: address(&query, "/cases.csv", &ALL),
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
    Ledger,
}

impl Tab {
    const ALL: [(Self, &'static str, &'static str); 2] = [
        (Self::Timeline, "timeline", "case-tab-timeline"),
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

/// The tabs of a case; its elements, reviews and looks are pages of their own.
pub(crate) fn tab_links(key: &str, current: &str) -> Vec<TabLink> {
    let mut links: Vec<TabLink> = (Tab::ALL.iter())
        .map(|(_, id, text)| TabLink {
            href: format!("/cases/{key}?tab={id}"),
            text,
            current: *id == current,
        })
        .collect();
    let pages = [
        ("elements", "case-tab-elements"),
        ("reviews", "case-tab-reviews"),
        ("looks", "case-tab-readers"),
    ];
    for (at, (page, text)) in pages.into_iter().enumerate() {
        let link = TabLink {
            href: format!("/cases/{key}/{page}"),
            text,
            current: page == current,
        };
        links.insert(1 + at, link);
    }
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
            self.short = findings::short_cites(&self.f, &s.rule);
        }
    }

    fn on(&self, tab: &str) -> bool {
        Tab::ALL
            .iter()
            .any(|(t, id, _)| *t == self.tab && *id == tab)
    }
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
    let clocks_only = tab != Tab::Timeline;
    let standing = app.office.case_standing(&permit, key, clocks_only).await?;
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
            found = match page.number {
                1 => found_of(&f, &app.office.catalogue(), &standing, &names),
                _ => Found {
                    counts: counts_of(&standing),
                    first_page: Some(format!("/cases/{key}#findings")),
                    ..Found::default()
                },
            };
            around.standing = &standing.found;
            if page.number > 1 {
                around.first_page = format!("/cases/{key}");
            }
        }
        (days, together) = by_day(&f, page.rows, &around);
    }
    let may_names = app.office.permit::<may::ReadNames>(&viewer).is_ok();
    let mut page = page_of(f, case, tab, may_names, pager);
    page.nearest(&standing.found);
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

fn page_of(f: Frame, case: CaseView, tab: Tab, may_names: bool, pager: Option<Pager>) -> CasePage {
    let key = case.head.key.to_string();
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
        pager,
        key,
        f,
    }
}

pub(crate) fn actor(f: &Frame, actor: &ActorView) -> String {
    let who = actor
        .name
        .clone()
        .unwrap_or_else(|| short(&actor.person.to_string()));
    format!("{who}（{}）", f.role(&actor.role))
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
