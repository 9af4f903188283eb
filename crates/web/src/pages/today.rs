//! Today (待办): one list over everything, what expires first on top; and the full list of clocks (期限), with a filter, sorted
//! as one likes, and as CSV.
//!
//! Nothing here decides what is owed: clocks come from the rules, by way of `office`.

use askama::Template;
use axum::{extract::State, response::Response};

use office::{
    ClockQuery, ClockRow, ClockSort, DueGroup, Link, Page, PageRequest, Today, TodayItem,
    TodayKind, may,
};

use super::{
    Choice, EXPORT, Head, Pager, csv_file,
    findings::{ClockView, short, short_cites},
    show,
    timeline::want,
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
#[template(path = "today.html")]
struct TodayPage {
    f: Frame,
    state: String,
    nothing: bool,
    /// 我的 / 本单位, where there is a choice.
    switch: Vec<Switch>,
    groups: Vec<Group>,
    may_record: bool,
}

struct Switch {
    href: &'static str,
    text: &'static str,
    current: bool,
}

struct Group {
    title: &'static str,
    n: u64,
    items: Vec<Item>,
    /// How many clocks are not shown, and where they are.
    more: u64,
    href: String,
}

struct Item {
    title: String,
    detail: String,
    /// Where it stands in the law: on hover, and in the row.
    article: String,
    href: String,
    open: &'static str,
    since: String,
    clock: Option<ClockView>,
}

/// Group, its title, its name in addresses.
const GROUPS: [(DueGroup, &str, &str); 4] = [
    (DueGroup::Overdue, "today-overdue", "overdue"),
    (DueGroup::Today, "today-due-today", "today"),
    (DueGroup::Week, "today-due-week", "week"),
    (DueGroup::Later, "today-due-rest", "later"),
];

/// The list.
pub(crate) async fn list(
    May(permit): May<may::SeeToday>,
    State(app): State<App>,
    f: Frame,
    Query(query): Query,
) -> Result<Response, Fail> {
    let mine = match query.get("of") {
        "mine" => Some(true),
        "unit" => Some(false),
        _ => None,
    };
    let Today {
        items,
        clocks,
        counts,
        may_choose,
        mine,
    } = app.office.today_page(&permit, mine).await?;
    let of = if mine { "mine" } else { "unit" };
    let mut groups: Vec<Group> = GROUPS
        .into_iter()
        .map(|(group, title, name)| Group {
            title,
            n: counts[group as usize],
            items: Vec::new(),
            more: 0,
            href: format!("/clocks?when={name}&of={of}"),
        })
        .collect();
    for clock in &clocks {
        groups[clock.group as usize]
            .items
            .push(clock_item(&f, clock));
    }
    for group in &mut groups {
        group.more = group.n.saturating_sub(group.items.len() as u64);
    }
    for item in &items {
        let left = item.due.map(|due| due.get() - f.now.get());
        let at = match left {
            Some(..0) => 0,
            Some(0..DAY) => 1,
            Some(DAY..WEEK) => 2,
            _ => 3,
        };
        groups[at].n += 1;
        groups[at].items.push(row(&f, item));
    }
    let nothing = groups.iter().all(|g| g.n == 0);
    let state = match nothing {
        true => f.t("today-nothing"),
        false => groups
            .iter()
            .filter(|g| g.n > 0)
            .map(|g| format!("{} {}", f.t(g.title), g.n))
            .collect::<Vec<_>>()
            .join(" · "),
    };
    groups.retain(|g| g.n > 0);
    let switch = match may_choose {
        false => Vec::new(),
        true => vec![
            Switch {
                href: "/?of=unit",
                text: "of-unit",
                current: !mine,
            },
            Switch {
                href: "/?of=mine",
                text: "of-mine",
                current: mine,
            },
        ],
    };
    show(&TodayPage {
        state,
        nothing,
        switch,
        groups,
        may_record: f.may_record,
        f,
    })
}

const DAY: i64 = 86_400_000_000;
const WEEK: i64 = 7 * DAY;

/// What a clock is about: number of the case, its unit, and which person or thing of it.
fn about(f: &Frame, clock: &ClockRow) -> String {
    let mut about = vec![number(clock)];
    if clock.object.0 != "case" {
        let kind = f.object_type(&clock.object.0);
        about.push(format!("{kind} {}", short(&clock.object.1)));
    }
    about.push(clock.organ_name.clone());
    about.retain(|a| !a.is_empty());
    about.join(" · ")
}

fn number(clock: &ClockRow) -> String {
    match (&clock.number, clock.case) {
        (Some(number), _) => number.clone(),
        (None, Some(case)) => short(&case.to_string()),
        (None, None) => String::new(),
    }
}

/// The place of a clock: its finding on the page of its case.
fn place(clock: &ClockRow) -> String {
    match clock.case {
        Some(case) => format!("/cases/{case}#finding-{}", clock.id),
        None => format!("/ledger/{}", clock.activation),
    }
}

fn view(f: &Frame, clock: &ClockRow) -> ClockView {
    ClockView::new(f, clock.since, clock.warns, clock.due, clock.outcome)
}

fn clock_item(f: &Frame, clock: &ClockRow) -> Item {
    Item {
        title: want(f, &clock.rule),
        detail: about(f, clock),
        article: short_cites(f, &clock.rule),
        href: place(clock),
        open: "today-open-case",
        since: String::new(),
        clock: Some(view(f, clock)),
    }
}

fn row(f: &Frame, item: &TodayItem) -> Item {
    let title = match item.kind {
        TodayKind::Review => "today-review",
        TodayKind::OpenInquiry => "today-open-inquiry",
        TodayKind::RecordOpened => "today-record-opened",
        TodayKind::MyCase => "today-my-case",
        TodayKind::NoSupervisor => "today-no-supervisor",
    };
    let count = if item.count > 1 && item.kind != TodayKind::MyCase {
        format!(" × {}", item.count)
    } else {
        String::new()
    };
    let clock = item
        .due
        .map(|due| ClockView::new(f, item.since, None, due, law::rule::Outcome::Pending));
    Item {
        title: format!("{}{count}", f.t(title)),
        detail: match &item.activity {
            Some(act) => format!("{} · {}", f.activity(act), item.about),
            None => item.about.clone(),
        },
        article: String::new(),
        href: match &item.link {
            // Records are opened on purpose, from their list: a link must not leave a trace of reading.
            Link::Inquiry(_) => "/inquiries".to_owned(),
            Link::MyRecord(event) => format!("/my-records/{event}"),
            Link::Step(event) => format!("/reviews/{event}"),
            Link::Case(key) => format!("/cases/{key}"),
            Link::Roles => "/settings/roles".to_owned(),
        },
        open: "today-open",
        since: f.t1("today-since", "time", format::minute(item.since)),
        clock,
    }
}

#[derive(Template)]
#[template(path = "clocks.html")]
struct ClocksPage {
    f: Frame,
    total: u64,
    far: u64,
    q: String,
    organ: Option<(String, String)>,
    without_organ: String,
    when: Vec<Choice>,
    of: Vec<Choice>,
    at_risk: bool,
    heads: Vec<Head>,
    rows: Vec<Row>,
    pager: Pager,
    csv: String,
    filtered: bool,
}

struct Row {
    href: String,
    case_href: Option<String>,
    number: String,
    about: String,
    want: String,
    rule: String,
    article: String,
    organ: String,
    since: String,
    clock: ClockView,
}

/// Column, name in addresses, order.
const HEADS: [(&str, Option<(&str, ClockSort)>); 6] = [
    ("clocks-want", None),
    ("clocks-case", None),
    ("clocks-article", Some(("rule", ClockSort::Rule))),
    ("clocks-organ", Some(("organ", ClockSort::Organ))),
    ("clocks-since", Some(("since", ClockSort::Since))),
    ("clocks-due", Some(("due", ClockSort::Due))),
];

/// The names of the fields that choose clocks, for links that change one of them.
const FIELDS: [&str; 7] = ["q", "when", "of", "organ", "risk", "sort", "down"];

fn asked(query: &Fields, may_choose: bool) -> ClockQuery {
    let sort = HEADS
        .iter()
        .filter_map(|(_, sort)| *sort)
        .find(|(name, _)| *name == query.get("sort"));
    ClockQuery {
        organ: query.some("organ").and_then(|o| o.parse().ok()),
        mine: !may_choose || query.get("of") == "mine",
        group: GROUPS
            .iter()
            .find(|(.., name)| *name == query.get("when"))
            .map(|(group, ..)| *group),
        at_risk: query.get("risk") == "1",
        q: query.get("q").chars().take(100).collect(),
        sort: sort.map_or(ClockSort::Due, |(_, sort)| sort),
        descending: query.get("down") == "1",
        limit: 0,
        offset: 0,
    }
}

/// The address of the list with all that was asked for, but for these fields: ends in `?` or `&`.
fn address(query: &Fields, path: &str, but: &[&str]) -> String {
    let mut address = format!("{path}?");
    for name in FIELDS.iter().filter(|name| !but.contains(name)) {
        if let Some(value) = query.some(name) {
            address.push_str(&format!("{name}={}&", percent(&value)));
        }
    }
    address
}

/// All clocks, with a filter.
pub(crate) async fn clocks(
    May(permit): May<may::ReadCase>,
    SignedIn(viewer): SignedIn,
    State(app): State<App>,
    f: Frame,
    Query(query): Query,
) -> Result<Response, Fail> {
    let may_choose = app.office.permit::<may::SeeUnits>(&viewer).is_ok();
    let page = PageRequest::number(query.page());
    let asked = ClockQuery {
        limit: page.size as usize,
        offset: (page.number as usize - 1) * page.size as usize,
        ..asked(&query, may_choose)
    };
    let list = app.office.clock_list(&permit, &asked).await?;
    let heads = HEADS
        .into_iter()
        .map(|(text, sort)| {
            let current = sort.is_some_and(|(_, by)| by == asked.sort);
            let base = address(&query, "/clocks", &["sort", "down"]);
            let down = if current && !asked.descending {
                "&down=1"
            } else {
                ""
            };
            Head {
                text,
                href: sort.map(|(name, _)| format!("{base}sort={name}{down}")),
                sorted: current.then_some(match asked.descending {
                    true => "descending",
                    false => "ascending",
                }),
                number: false,
            }
        })
        .collect();
    let rows = list.rows.iter().map(|clock| Row {
        href: place(clock),
        case_href: clock.case.map(|case| format!("/cases/{case}")),
        number: number(clock),
        about: match clock.object.0.as_str() {
            "case" => String::new(),
            other => format!("{} {}", f.object_type(other), short(&clock.object.1)),
        },
        want: want(&f, &clock.rule),
        rule: clock.rule.id.to_string(),
        article: short_cites(&f, &clock.rule),
        organ: clock.organ_name.clone(),
        since: format::minute(clock.since),
        clock: view(&f, clock),
    });
    let rows: Vec<Row> = rows.collect();
    let when = GROUPS
        .iter()
        .map(|(group, text, name)| Choice {
            id: (*name).to_owned(),
            text: format!("{} {}", f.t(text), list.counts[*group as usize]),
            chosen: asked.group == Some(*group),
        })
        .collect();
    let of = match may_choose {
        false => Vec::new(),
        true => [("unit", "of-unit"), ("mine", "of-mine")]
            .into_iter()
            .map(|(id, text)| Choice {
                id: id.to_owned(),
                text: f.t(text),
                chosen: asked.mine == (id == "mine"),
            })
            .collect(),
    };
    let pager = Pager::new(
        &f,
        &Page {
            rows: list.rows.iter().map(|_| ()).collect(),
            total: list.total,
            number: page.number,
            size: page.size,
        },
        &address(&query, "/clocks", &[]),
    );
    show(&ClocksPage {
        total: list.total,
        far: list.far,
        q: asked.q.clone(),
        organ: asked.organ.as_ref().map(|code| {
            let name = list.rows.first().filter(|r| r.organ == *code);
            let name = name.map_or_else(|| code.to_string(), |r| r.organ_name.clone());
            (code.to_string(), name)
        }),
        without_organ: address(&query, "/clocks", &["organ"]),
        when,
        of,
        at_risk: asked.at_risk,
        heads,
        rows,
        pager,
        csv: address(&query, "/clocks.csv", &[]),
        filtered: !asked.q.is_empty() || asked.group.is_some() || asked.at_risk,
        f,
    })
}

/// The same list as CSV; an entry says that it was given out.
pub(crate) async fn clocks_csv(
    May(permit): May<may::ReadCase>,
    SignedIn(viewer): SignedIn,
    State(app): State<App>,
    f: Frame,
    Query(query): Query,
) -> Result<Response, Fail> {
    let may_choose = app.office.permit::<may::SeeUnits>(&viewer).is_ok();
    let asked = ClockQuery {
        limit: EXPORT as usize,
        ..asked(&query, may_choose)
    };
    let said = address(&query, "", &[]);
    let list = app
        .office
        .clocks_given_out(&permit, &asked, said.trim_matches(['?', '&']))
        .await?;
    let heads = [
        "clocks-due",
        "clocks-state",
        "clocks-want",
        "rules-rule",
        "clocks-article",
        "clocks-case",
        "clocks-organ",
        "clocks-since",
    ];
    let rows = list.rows.iter().map(|clock| {
        let state = view(&f, clock);
        [
            format::due(clock.due),
            format!("{} {}", state.word, state.text),
            want(&f, &clock.rule),
            clock.rule.id.to_string(),
            short_cites(&f, &clock.rule),
            number(clock),
            format!("{} {}", clock.organ, clock.organ_name),
            format::minute(clock.since),
        ]
    });
    csv_file(&f, "clocks", heads, rows)
}
