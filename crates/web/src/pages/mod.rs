//! The pages, one file per noun. Each asks one use case and fills one template.

use askama::Template;
use axum::{
    http::header,
    response::{Html, IntoResponse, Response},
};
use office::{Page, PageRequest, ReceiptState};

use crate::{fail::Fail, format, forms::Fields, frame::Frame};

pub(crate) mod about;
pub(crate) mod cases;
pub(crate) mod elements;
pub(crate) mod findings;
pub(crate) mod hooks;
pub(crate) mod inquiries;
pub(crate) mod ledger;
pub(crate) mod looks;
pub(crate) mod my_records;
pub(crate) mod off_book;
pub(crate) mod packs;
pub(crate) mod people;
pub(crate) mod record;
pub(crate) mod reviews;
pub(crate) mod rules;
pub(crate) mod settings;
pub(crate) mod sign_in;
pub(crate) mod timeline;
pub(crate) mod today;
pub(crate) mod units;

/// A rendered page.
pub(crate) fn show(page: &impl Template) -> Result<Response, Fail> {
    Ok(Html(page.render()?).into_response())
}

/// Which piece of a list the address asks for.
pub(crate) fn piece(query: &Fields) -> PageRequest {
    PageRequest::number(query.page())
}

/// The line under a table: which rows, and the ways to the others.
pub(crate) struct Pager {
    pub(crate) text: String,
    pub(crate) previous: Option<String>,
    pub(crate) next: Option<String>,
}

impl Pager {
    /// For a piece of a list at `base`, an address that ends in `?` or `&`.
    pub(crate) fn new<T>(f: &Frame, page: &Page<T>, base: &str) -> Self {
        let number = u64::from(page.number);
        let first = (number - 1) * u64::from(page.size) + 1;
        let last = first + page.rows.len() as u64 - 1;
        let link = |n: u64| format!("{base}page={n}");
        let text = match page.rows.len() {
            0 => String::new(),
            _ => f.t3(
                "page-of",
                [
                    ("from", &first.to_string()),
                    ("to", &last.to_string()),
                    ("total", &page.total.to_string()),
                ],
            ),
        };
        Self {
            text,
            previous: (number > 1).then(|| link(number - 1)),
            next: (last < page.total && !page.rows.is_empty()).then(|| link(number + 1)),
        }
    }
}

/// A tab of a case.
pub(crate) struct TabLink {
    pub(crate) href: String,
    pub(crate) text: &'static str,
    pub(crate) current: bool,
}

/// The head of a column by which a list may be sorted.
pub(crate) struct Head {
    pub(crate) text: &'static str,
    /// Address that sorts by it, and how it is sorted now.
    pub(crate) href: Option<String>,
    pub(crate) sorted: Option<&'static str>,
    /// Numbers stand to the right.
    pub(crate) number: bool,
}

/// Rows of a list that is given out as a file: as many as a table of a spreadsheet is read with ease.
pub(crate) const EXPORT: u32 = 50_000;

/// A list as a file for spreadsheets: heads by the names of their texts, and rows.
pub(crate) fn csv_file<const N: usize>(
    f: &Frame,
    name: &str,
    heads: [&str; N],
    rows: impl Iterator<Item = [String; N]>,
) -> Result<Response, Fail> {
    let broken = |e: &dyn std::fmt::Display| Fail::Internal(format!("csv: {e}"));
    // The mark lets spreadsheets read UTF-8.
    let mut out = csv::Writer::from_writer("\u{feff}".as_bytes().to_vec());
    out.write_record(heads.map(|h| f.t(h)))
        .map_err(|e| broken(&e))?;
    for row in rows {
        out.write_record(row.map(plain)).map_err(|e| broken(&e))?;
    }
    let bytes = out.into_inner().map_err(|e| broken(&e))?;
    let name = format!(
        "attachment; filename=\"liuhen-{name}-{}.csv\"",
        format::day(f.now)
    );
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, name),
    ];
    Ok((headers, bytes).into_response())
}

/// A cell that no spreadsheet takes for a formula.
fn plain(cell: String) -> String {
    match cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => format!("'{cell}"),
        false => cell,
    }
}

/// An option of a form.
pub(crate) struct Choice {
    pub(crate) id: String,
    pub(crate) text: String,
    pub(crate) chosen: bool,
}

/// A receipt as shown.
pub(crate) struct ReceiptView {
    pub(crate) index: u64,
    pub(crate) event: String,
    pub(crate) time: String,
    pub(crate) groups: Vec<String>,
    pub(crate) line: String,
    pub(crate) qr: String,
    pub(crate) qr_size: usize,
    /// 0 durable, 1 published, 2 witnessed.
    pub(crate) stage: u8,
    /// Where it is downloaded; reading it there needs the same permission as this page.
    pub(crate) download: String,
    /// Downloading it is what the page is for.
    pub(crate) primary: bool,
}

impl ReceiptView {
    pub(crate) fn new(
        origin: &str,
        index: u64,
        event: model::EventId,
        recorded: model::Micros,
        leaf: &[u8; 32],
        state: ReceiptState,
    ) -> Self {
        let line = format::verify_line(origin, index, leaf);
        let (qr, qr_size) = format::qr(&line);
        Self {
            index,
            event: event.to_string(),
            time: format::second(recorded),
            groups: format::groups(leaf),
            line,
            qr,
            qr_size,
            stage: stage(state),
            download: format!("/ledger/{index}/receipt"),
            primary: false,
        }
    }

    /// What the state means, as a key.
    pub(crate) fn means(&self) -> &'static str {
        match self.stage {
            0 => "receipt-durable-means",
            1 => "receipt-published-means",
            _ => "receipt-witnessed-means",
        }
    }
}

fn stage(state: ReceiptState) -> u8 {
    match state {
        ReceiptState::Durable => 0,
        ReceiptState::Published => 1,
        ReceiptState::Witnessed => 2,
    }
}

/// The state of a receipt as a key.
pub(crate) fn stage_word(state: ReceiptState) -> &'static str {
    match state {
        ReceiptState::Durable => "receipt-durable",
        ReceiptState::Published => "receipt-published",
        ReceiptState::Witnessed => "receipt-witnessed",
    }
}

/// A receipt as a file.
pub(crate) fn receipt_file(receipt: office::Receipt) -> Response {
    use axum::http::header;
    (
        [
            (header::CONTENT_TYPE, "text/plain; charset=utf-8".to_owned()),
            (
                header::CONTENT_DISPOSITION,
                format!(
                    "attachment; filename=\"liuhen-{}.tlog-proof\"",
                    receipt.index
                ),
            ),
        ],
        receipt.text,
    )
        .into_response()
}
