//! My records (我的记录): what I recorded, who opened it and when, and the receipt.

use askama::Template;
use axum::{
    body::Body,
    extract::{Path, State},
    http::header,
    response::{IntoResponse, Response},
};
use office::{InquiryView, may};
use tokio_util::io::ReaderStream;

use super::{Pager, ReceiptView, piece, receipt_file, show, stage_word};
use crate::{app::App, fail::Fail, format, forms::Query, frame::Frame, session::May};

#[derive(Template)]
#[template(path = "my_records.html")]
struct ListPage {
    f: Frame,
    total: u64,
    rows: Vec<Row>,
    pager: Pager,
    may_record: bool,
}

struct Row {
    event: String,
    index: u64,
    recorded: String,
    tile: String,
    case: String,
    opened: u64,
    stage: &'static str,
}

/// The list. Names stay out of it: somebody may be looking over one's shoulder.
pub(crate) async fn list(
    May(permit): May<may::ReadOwnRecords>,
    State(app): State<App>,
    f: Frame,
    Query(query): Query,
) -> Result<Response, Fail> {
    let page = app.office.my_records(&permit, piece(&query)).await?;
    let pager = Pager::new(&f, &page, "/my-records?");
    let rows = page
        .rows
        .into_iter()
        .map(|row| Row {
            event: row.event.to_string(),
            index: row.index,
            recorded: format::minute(row.recorded),
            tile: match &row.tile {
                Some(tile) => f.tile(tile),
                None => f.t("inquiries-erased"),
            },
            case: row.case.unwrap_or_else(|| f.t("unknown")),
            opened: row.opened,
            stage: stage_word(row.state),
        })
        .collect();
    show(&ListPage {
        total: page.total,
        rows,
        pager,
        may_record: f.may_record,
        f,
    })
}

/// The content of a record, for its recorder and for who received it.
pub(crate) struct Content {
    pub(crate) facts: Vec<(&'static str, String)>,
    pub(crate) files: Vec<File>,
}

pub(crate) struct File {
    pub(crate) name: String,
    pub(crate) size: String,
    pub(crate) href: String,
}

impl Content {
    /// Only what was said; what was left out takes no line.
    pub(crate) fn new(f: &Frame, view: &InquiryView, with_recorder: bool) -> Self {
        let mut facts = Vec::new();
        if with_recorder {
            let recorder = format!("{}（{}）", view.recorder_name, view.organ_name);
            facts.push(("inquiries-recorder", recorder));
        }
        let who = [
            Some(view.who.name.clone()),
            view.who.unit.clone(),
            view.who.post.clone(),
        ];
        facts.push((
            "my-who",
            who.into_iter().flatten().collect::<Vec<_>>().join(" · "),
        ));
        facts.push(("my-what", f.tile(&view.tile)));
        facts.push((
            "my-case",
            view.case.clone().unwrap_or_else(|| f.t("unknown")),
        ));
        facts.push(("my-when", format::minute(view.occurred)));
        let manner = view.manner.as_deref().map(|m| f.manner(m));
        for (key, value) in [
            ("my-manner", &manner),
            ("my-on-behalf", &view.on_behalf),
            ("my-place", &view.place),
            ("my-words", &view.words),
            ("my-answer", &view.answer),
        ] {
            if let Some(value) = value {
                facts.push((key, value.clone()));
            }
        }
        let files = view
            .files
            .iter()
            .map(|file| File {
                name: file.name.clone(),
                size: format::size(file.size),
                href: format!("/records/{}/files/{}", view.event, file.sha256),
            })
            .collect();
        Self { facts, files }
    }
}

#[derive(Template)]
#[template(path = "my_record.html")]
struct OnePage {
    f: Frame,
    new: bool,
    r: ReceiptView,
    content: Option<Content>,
    readers: Vec<Reader>,
    last_read: String,
}

struct Reader {
    when: String,
    name: String,
    organ: String,
}

/// One record with its receipt and its readers.
pub(crate) async fn one(
    May(permit): May<may::ReadOwnRecords>,
    State(app): State<App>,
    f: Frame,
    Query(query): Query,
    Path(event): Path<String>,
) -> Result<Response, Fail> {
    let event = event.parse().map_err(|_| Fail::NotFound)?;
    // First the receipt: it waits for the next checkpoint, so that a new record is shown with its proof.
    let receipt = app.office.my_receipt(&permit, event).await?;
    let record = app.office.my_record(&permit, event).await?;
    let mut r = ReceiptView::new(
        &f.origin,
        receipt.index,
        event,
        receipt.recorded,
        &receipt.leaf,
        receipt.state,
    );
    r.download = format!("/my-records/{event}/receipt");
    r.primary = true;
    let readers: Vec<Reader> = record
        .readers
        .into_iter()
        .map(|reader| Reader {
            when: format::minute(reader.at),
            name: reader.name,
            organ: reader.organ_name,
        })
        .collect();
    show(&OnePage {
        new: query.get("new") == "1",
        content: record
            .content
            .as_ref()
            .map(|view| Content::new(&f, view, false)),
        last_read: readers.last().map(|r| r.when.clone()).unwrap_or_default(),
        readers,
        r,
        f,
    })
}

/// The receipt as a file.
pub(crate) async fn receipt(
    May(permit): May<may::ReadOwnRecords>,
    State(app): State<App>,
    Path(event): Path<String>,
) -> Result<Response, Fail> {
    let event = event.parse().map_err(|_| Fail::NotFound)?;
    Ok(receipt_file(app.office.my_receipt(&permit, event).await?))
}

/// An attachment, streamed. Always as a download: nothing that somebody sent in is ever shown as a page of ours.
pub(crate) async fn file(
    May(permit): May<may::ReadOwnRecords>,
    State(app): State<App>,
    Path((event, sha256)): Path<(String, String)>,
) -> Result<Response, Fail> {
    let event = event.parse().map_err(|_| Fail::NotFound)?;
    let attachment = app.office.attachment(&permit, event, &sha256).await?;
    Ok(download(attachment))
}

/// An attachment as a file to be saved.
pub(crate) fn download(attachment: office::Attachment) -> Response {
    let name = crate::edge::percent(&attachment.file.name).replace('/', "%2F");
    (
        [
            (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
            (header::CONTENT_LENGTH, attachment.file.size.to_string()),
            (
                header::CONTENT_DISPOSITION,
                format!("attachment; filename*=UTF-8''{name}"),
            ),
        ],
        Body::from_stream(ReaderStream::with_capacity(attachment.content, 64 * 1024)),
    )
        .into_response()
}
