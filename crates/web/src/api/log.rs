//! Receipts, and the log itself under the paths of C2SP tlog-tiles v0.1.0: `checkpoint`, `tile/<L>/<N>[.p/<W>]`,
//! `tile/entries/<N>[.p/<W>]`.
//!
//! The checkpoint and hash tiles say nothing about anybody and are public. Entry bundles hold headers: without names, but
//! with who did what under pseudonyms, so they need permission unless the node's settings say otherwise.

use axum::{
    extract::{Path, State},
    http::header,
    response::{IntoResponse, Response},
};
use office::{TileError, may};
use tlog::tile::TileRef;

use super::Problem;
use crate::{
    app::App,
    fail::Fail,
    session::{Caller, May},
};

/// A receipt.
///
/// C2SP tlog-proof; its `extra` line carries the entry, which is not authenticated by it: hash it and see.
#[utoipa::path(
    get,
    path = "/api/v1/receipts/{index}",
    tag = "receipts",
    params(("index" = u64, Path, description = "Position in the log")),
    responses(
        (status = 200, description = "The receipt", body = String, content_type = "text/plain"),
        (status = 401, description = "No token", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "Not there, or not for you", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn receipt(
    May(permit): May<may::UseLedger>,
    State(app): State<App>,
    Path(index): Path<String>,
) -> Result<Response, Fail> {
    let index = index.parse().map_err(|_| Fail::NotFound)?;
    let receipt = app.office.receipt(&permit, index).await?;
    Ok((
        [(header::CONTENT_TYPE, "text/plain; charset=utf-8")],
        receipt.text,
    )
        .into_response())
}

/// The newest checkpoint.
///
/// A signed note (C2SP tlog-checkpoint). Public.
#[utoipa::path(
    get,
    path = "/checkpoint",
    tag = "log",
    security(()),
    responses(
        (status = 200, description = "The checkpoint", body = String, content_type = "text/plain"),
        (status = 404, description = "None published yet", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn checkpoint(State(app): State<App>) -> Result<Response, Fail> {
    let note = app.office.checkpoint().ok_or(Fail::NotFound)?;
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    Ok((headers, note).into_response())
}

/// A tile or an entry bundle.
///
/// `tile/<L>/<N>[.p/<W>]` or `tile/entries/<N>[.p/<W>]`, as C2SP tlog-tiles writes them. Hash tiles are public; bundles
/// hold headers and need permission unless the node says otherwise.
#[utoipa::path(
    get,
    path = "/tile/{*path}",
    tag = "log",
    security((), ("token" = []), ("session" = [])),
    params(("path" = String, Path, description = "Level or `entries`, number, and for a partial tile its width")),
    responses(
        (status = 200, description = "The tile", body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 401, description = "An entry bundle, and nobody is signed in", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "An entry bundle, and your roles do not allow it", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No checkpoint implies such a tile", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn tile(
    State(app): State<App>,
    axum::Extension(caller): axum::Extension<Caller>,
    Path(path): Path<String>,
) -> Result<Response, Fail> {
    let tile: TileRef = format!("tile/{path}").parse().map_err(|_| Fail::NotFound)?;
    let bytes = match app.office.tile(tile).await {
        Ok(bytes) => bytes,
        // The one address that is public or not by the node's settings, so its permission is asked here.
        Err(TileError::NotPublic) => {
            let viewer = caller.0.ok_or(Fail::SignIn)?;
            let permit = app.office.permit::<may::ReadBundles>(&viewer)?;
            app.office.bundle(&permit, tile).await?
        }
        Err(TileError::Internal(text)) => return Err(Fail::Internal(text)),
    };
    let keep = match (tile.level, tile.is_full()) {
        (Some(_), _) => "public, max-age=31536000, immutable",
        // Bundles may need permission: no shared cache keeps them.
        (None, _) => "private, max-age=31536000, immutable",
    };
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream"),
        (header::CACHE_CONTROL, keep),
    ];
    Ok((headers, bytes.ok_or(Fail::NotFound)?).into_response())
}
