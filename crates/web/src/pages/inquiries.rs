//! Records received (过问接收): for supervisors. Opening one is a `POST`, because it leaves a trace that its recorder sees.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use office::{Lookup, may};

use super::{Pager, ReceiptView, my_records::Content, piece, show};
use crate::{
    app::App,
    fail::Fail,
    format,
    forms::Query,
    frame::Frame,
    session::{May, SignedIn},
};

#[derive(Template)]
#[template(path = "inquiries.html")]
struct ListPage {
    f: Frame,
    unread: usize,
    rows: Vec<Row>,
    pager: Pager,
}

struct Row {
    event: String,
    recorded: String,
    organ: String,
    tile: String,
    mine: bool,
    opened: u64,
    erased: bool,
}

/// The list: no names, no words.
pub(crate) async fn list(
    May(permit): May<may::ReadInquiries>,
    State(app): State<App>,
    f: Frame,
    Query(query): Query,
) -> Result<Response, Fail> {
    let page = app.office.inquiries_for_me(&permit, piece(&query)).await?;
    let pager = Pager::new(&f, &page, "/inquiries?");
    let unread = page
        .rows
        .iter()
        .filter(|row| row.opened == 0 && !row.erased)
        .count();
    let rows = page
        .rows
        .into_iter()
        .map(|row| Row {
            event: row.event.to_string(),
            recorded: format::minute(row.recorded),
            organ: row.organ_name,
            tile: match &row.tile {
                Some(tile) => f.tile(tile),
                None => f.t("inquiries-erased"),
            },
            mine: row.opened_by_me.is_some(),
            opened: row.opened,
            erased: row.erased,
        })
        .collect();
    show(&ListPage {
        unread,
        rows,
        pager,
        f,
    })
}

#[derive(Template)]
#[template(path = "inquiry.html")]
struct OnePage {
    f: Frame,
    content: Content,
    r: ReceiptView,
}

/// Opens a record.
pub(crate) async fn open(
    May(permit): May<may::ReadInquiries>,
    SignedIn(viewer): SignedIn,
    State(app): State<App>,
    f: Frame,
    Path(event): Path<String>,
) -> Result<Response, Fail> {
    let event = event.parse().map_err(|_| Fail::NotFound)?;
    let view = app.office.read_inquiry(&permit, event).await?;
    let ledger = app.office.permit::<may::UseLedger>(&viewer)?;
    let entry = app
        .office
        .lookup(&ledger, &Lookup::Index(view.index))
        .await?;
    let r = ReceiptView::new(
        &f.origin,
        view.index,
        event,
        view.recorded,
        &entry.leaf,
        entry.state,
    );
    show(&OnePage {
        content: Content::new(&f, &view, true),
        r,
        f,
    })
}
