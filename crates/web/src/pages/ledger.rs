//! The ledger (账本): look up an entry, its proof verified in the browser, receipts to take along.

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use office::{BodyKept, EntryView, Lookup, ReceiptState, may};

use super::{ReceiptView, receipt_file, show};
use crate::{
    app::App, edge::see_other, fail::Fail, format, forms::Query, frame::Frame, session::May,
};

/// Codes of the verifier (`CODES` in `assets/verify.js`, a test compares them): each has its words in the page.
pub(crate) const CODES: [&str; 25] = [
    "receipt-long",
    "receipt-first-line",
    "receipt-extra",
    "receipt-index",
    "receipt-hash",
    "receipt-short",
    "entry-none",
    "key-form",
    "key-type",
    "key-id",
    "key-point",
    "key-not-log",
    "key-not-witness",
    "no-ed25519",
    "note-form",
    "note-signature-form",
    "checkpoint-form",
    "origin-other",
    "signature-none",
    "signature-bad",
    "signature-length",
    "inclusion-index",
    "inclusion-long",
    "inclusion-short",
    "inclusion-root",
];

const CHECKS: [&str; 5] = ["entry", "origin", "signature", "inclusion", "witnesses"];

/// The form of the verifier, on both pages of the ledger.
struct Verify {
    receipt: String,
    key: String,
    /// Begin as soon as the page is there.
    now: bool,
    checks: [&'static str; 5],
    /// Words for the script: code there, key here.
    words: Vec<(String, String)>,
}

impl Verify {
    fn new(app: &App, receipt: String, now: bool) -> Self {
        let mut words: Vec<(String, String)> = CODES
            .iter()
            .map(|code| ((*code).to_owned(), format!("wrong-{code}")))
            .collect();
        for check in CHECKS {
            words.push((format!("said-{check}"), format!("check-said-{check}")));
        }
        for word in ["open", "skipped"] {
            words.push((format!("said-{word}"), format!("check-said-{word}")));
        }
        for word in ["ok", "bad", "open", "skipped"] {
            words.push((format!("state-{word}"), format!("verify-state-{word}")));
        }
        for word in [
            "working",
            "broken",
            "result-good",
            "result-open",
            "result-bad",
        ] {
            words.push((word.to_owned(), format!("verify-{word}")));
        }
        Self {
            receipt,
            key: app.office.info().key.to_string(),
            now,
            checks: CHECKS,
            words,
        }
    }
}

#[derive(Template)]
#[template(path = "ledger.html")]
struct HomePage {
    f: Frame,
    q: String,
    missing: Option<String>,
    key: String,
    checkpoint: Option<String>,
    verify: Verify,
}

/// Look up, the head of the log, and the verifier.
pub(crate) async fn home(
    May(permit): May<may::UseLedger>,
    State(app): State<App>,
    f: Frame,
    Query(query): Query,
) -> Result<Response, Fail> {
    let q = query.get("q").to_owned();
    let mut missing = None;
    if !q.is_empty() {
        let what = match (q.parse::<u64>(), q.parse()) {
            (Ok(index), _) => Some(Lookup::Index(index)),
            (_, Ok(event)) => Some(Lookup::Event(event)),
            _ => None,
        };
        let found = match what {
            Some(what) => match app.office.lookup(&permit, &what).await {
                Ok(entry) => Some(entry),
                Err(office::Error::NotFound) => None,
                Err(e) => return Err(e.into()),
            },
            None => None,
        };
        match found {
            Some(entry) => return Ok(see_other(&format!("/ledger/{}", entry.index))),
            None => {
                missing = Some(f.t2(
                    "ledger-not-found",
                    "q",
                    &q,
                    "last",
                    f.size.saturating_sub(1),
                ))
            }
        }
    }
    let status = if missing.is_some() {
        StatusCode::NOT_FOUND
    } else {
        StatusCode::OK
    };
    let page = show(&HomePage {
        q,
        missing,
        key: app.office.info().key.to_string(),
        checkpoint: app.office.checkpoint(),
        verify: Verify::new(&app, String::new(), false),
        f,
    })?;
    Ok((status, page).into_response())
}

#[derive(Template)]
#[template(path = "ledger_entry.html")]
struct EntryPage {
    f: Frame,
    index: u64,
    previous: Option<u64>,
    next: Option<u64>,
    act: String,
    activity: String,
    facts: Vec<(&'static str, String)>,
    body: String,
    commitment: Option<Vec<String>>,
    text: String,
    r: ReceiptView,
    verify: Option<Verify>,
}

/// One entry.
pub(crate) async fn entry(
    May(permit): May<may::UseLedger>,
    State(app): State<App>,
    f: Frame,
    Query(query): Query,
    Path(index): Path<String>,
) -> Result<Response, Fail> {
    let index = index.parse().map_err(|_| Fail::NotFound)?;
    let view = app.office.lookup(&permit, &Lookup::Index(index)).await?;
    let receipt = match view.state {
        ReceiptState::Durable => None,
        _ => Some(app.office.receipt(&permit, index).await?),
    };
    let r = ReceiptView::new(
        &f.origin,
        index,
        view.header.id,
        view.header.recorded,
        &view.leaf,
        view.state,
    );
    let verify = receipt.map(|receipt| Verify::new(&app, receipt.text, query.get("verify") == "1"));
    let h = &view.header;
    show(&EntryPage {
        index,
        previous: index.checked_sub(1),
        next: (index + 1 < f.size).then_some(index + 1),
        act: f.activity(&h.activity),
        activity: h.activity.to_string(),
        facts: facts(&f, &view),
        body: match (view.body, &h.body) {
            (BodyKept::Erased, _) => f.t("ledger-body-erased"),
            (_, Some(commitment)) => f.t1("ledger-body-committed", "size", commitment.size),
            (_, None) => f.t("ledger-body-none"),
        },
        commitment: h.body.as_ref().map(|c| format::groups(&c.hash)),
        text: view.text.clone(),
        r,
        verify,
        f,
    })
}

fn facts(f: &Frame, view: &EntryView) -> Vec<(&'static str, String)> {
    let h = &view.header;
    let list = |items: Vec<String>| items.join(f.lang.of("、", ", "));
    let mut facts = vec![
        ("ledger-organ", h.organ.to_string()),
        ("ledger-occurred", format::second(h.occurred)),
        ("ledger-recorded", format::second(h.recorded)),
    ];
    let actors = h
        .actor
        .iter()
        .map(|a| format!("{}（{}）", a.p, f.role(&a.role)))
        .collect();
    let objects = h
        .objects
        .iter()
        .map(|o| {
            let part = o
                .qualifier
                .as_ref()
                .map(|q| format!("（{q}）"))
                .unwrap_or_default();
            format!("{} {}{part}", f.object_type(o.object_type.as_str()), o.id)
        })
        .collect();
    for (key, items) in [
        ("ledger-actors", actors),
        ("ledger-objects", objects),
        (
            "ledger-basis",
            h.basis.iter().map(ToString::to_string).collect(),
        ),
        (
            "ledger-corrects",
            h.correction_of.iter().map(ToString::to_string).collect(),
        ),
        (
            "ledger-to",
            h.to.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ),
    ] {
        let items: Vec<String> = items;
        if !items.is_empty() {
            facts.push((key, list(items)));
        }
    }
    facts
}

/// The receipt as a file.
pub(crate) async fn receipt(
    May(permit): May<may::UseLedger>,
    State(app): State<App>,
    Path(index): Path<String>,
) -> Result<Response, Fail> {
    let index = index.parse().map_err(|_| Fail::NotFound)?;
    Ok(receipt_file(app.office.receipt(&permit, index).await?))
}
