//! Today (待办): one list, what expires first on top.

use askama::Template;
use axum::{extract::State, response::Response};
use office::{Link, TodayItem, TodayKind, may};

use super::show;
use crate::{app::App, fail::Fail, format, frame::Frame, session::May};

#[derive(Template)]
#[template(path = "today.html")]
struct TodayPage {
    f: Frame,
    total: usize,
    groups: Vec<Group>,
    may_record: bool,
}

struct Group {
    title: &'static str,
    items: Vec<Item>,
}

struct Item {
    title: String,
    detail: String,
    href: String,
    since: String,
    due: Option<String>,
    tone: &'static str,
}

/// A day in microseconds.
const DAY: i64 = 86_400_000_000;

/// The list.
pub(crate) async fn list(
    May(permit): May<may::SeeToday>,
    State(app): State<App>,
    f: Frame,
) -> Result<Response, Fail> {
    let items = app.office.today(&permit).await?;
    let total = items.len();
    let mut groups = vec![
        Group {
            title: "today-due-today",
            items: Vec::new(),
        },
        Group {
            title: "today-due-week",
            items: Vec::new(),
        },
        Group {
            title: "today-due-rest",
            items: Vec::new(),
        },
    ];
    for item in items {
        let left = item.due.map(|due| due.get() - f.now.get());
        let at = match left {
            Some(left) if left < DAY => 0,
            Some(left) if left < 7 * DAY => 1,
            _ => 2,
        };
        groups[at].items.push(row(&f, &item));
    }
    groups.retain(|g| !g.items.is_empty());
    show(&TodayPage {
        total,
        groups,
        may_record: f.may_record,
        f,
    })
}

fn row(f: &Frame, item: &TodayItem) -> Item {
    let title = match item.kind {
        TodayKind::OpenInquiry => "today-open-inquiry",
        TodayKind::RecordOpened => "today-record-opened",
        TodayKind::MyCase => "today-my-case",
        TodayKind::NoSupervisor => "today-no-supervisor",
    };
    let count = if item.count > 1 {
        format!(" × {}", item.count)
    } else {
        String::new()
    };
    let (due, tone) = match item.due {
        None => (None, "open"),
        Some(due) => {
            let left = due.get() - f.now.get();
            let key = if left < 0 { "today-over" } else { "today-left" };
            let tone = match left {
                ..0 => "red",
                0..DAY => "amber",
                _ => "ok",
            };
            (
                Some(f.t1(key, "span", format::span(f.lang, left.abs()))),
                tone,
            )
        }
    };
    Item {
        title: format!("{}{count}", f.t(title)),
        detail: item.about.clone(),
        href: match &item.link {
            // Records are opened on purpose, from their list: a link must not leave a trace of reading.
            Link::Inquiry(_) => "/inquiries".to_owned(),
            Link::MyRecord(event) => format!("/my-records/{event}"),
            Link::Case(key) => format!("/cases/{key}"),
            Link::Roles => "/settings/roles".to_owned(),
        },
        since: f.t1("today-since", "time", format::minute(item.since)),
        due,
        tone,
    }
}
