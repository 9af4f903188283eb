//! `/style` (every piece of the pages, for whoever builds one) and `/help`.

use askama::Template;
use axum::response::Response;

use super::{ReceiptView, show};
use crate::{fail::Fail, frame::Frame, session::SignedIn};

#[derive(Template)]
#[template(path = "style.html")]
struct StylePage {
    f: Frame,
    colours: [&'static str; 15],
    spaces: [u32; 7],
    tiles: Vec<(u8, String)>,
    r: ReceiptView,
}

/// Every piece.
pub(crate) async fn style(_: SignedIn, f: Frame) -> Result<Response, Fail> {
    let leaf = std::array::from_fn(|i| (i * 37 % 256) as u8);
    let event = model::EventId::from_bytes([7; 16]);
    let r = ReceiptView::new(
        &f.origin,
        73_894,
        event,
        f.now,
        &leaf,
        office::ReceiptState::Published,
    );
    let tiles = law::Catalogue::shipped()
        .tiles()
        .iter()
        .map(|t| (t.digit, f.lang.of(&t.zh, &t.en).to_owned()))
        .collect();
    show(&StylePage {
        f,
        tiles,
        colours: [
            "paper",
            "panel",
            "sunk",
            "ink",
            "ink-soft",
            "line",
            "line-strong",
            "accent",
            "accent-soft",
            "ok",
            "amber",
            "red",
            "note",
            "focus",
            "accent-ink",
        ],
        spaces: [4, 8, 12, 16, 20, 24, 32],
        r,
    })
}

#[derive(Template)]
#[template(path = "help.html")]
struct HelpPage {
    f: Frame,
    openapi: &'static str,
}

/// What a newcomer wants to know.
pub(crate) async fn help(_: SignedIn, f: Frame) -> Result<Response, Fail> {
    show(&HelpPage {
        f,
        openapi: crate::api::OPENAPI,
    })
}
