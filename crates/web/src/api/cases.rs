//! What a case wants before it opens: a reason, where nothing on record explains the look.

use axum::{
    Json,
    extract::{Path, State, rejection::JsonRejection},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use office::{CaseKey, NewReason, may};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Problem;
use crate::{app::App, fail::Fail, session::May};

/// Why the case has to be opened.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Reason {
    /// One of the list: `urgent`, `told`, `party`, `written`, `check`, `other`.
    reason: String,
    /// In words, at most 500 characters.
    words: String,
    /// Number of the paper; wanted with `written`.
    paper: Option<String>,
}

/// That the case is open.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Opened {
    /// The entry of the reason; none where none was wanted.
    index: Option<u64>,
    /// For how many minutes it stays open.
    minutes: u32,
}

/// Say why.
///
/// Asked for with status 428. The reason is on record, stands beside the case, and is reviewed; it opens this case to you, and
/// to nobody else.
#[utoipa::path(
    post,
    path = "/api/v1/cases/{key}/reason",
    tag = "cases",
    params(("key" = String, Path, description = "The case, by its pseudonym")),
    request_body = Reason,
    responses(
        (status = 200, description = "No reason was wanted", body = Opened),
        (status = 201, description = "The reason is on record", body = Opened),
        (status = 400, description = "Cannot be read", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "No token", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "Your roles do not allow it", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such case, or not for you", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Fields have to be corrected", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn reason(
    May(permit): May<may::ReadCase>,
    State(app): State<App>,
    Path(key): Path<String>,
    body: Result<Json<Reason>, JsonRejection>,
) -> Result<Response, Fail> {
    let key: CaseKey = key.parse().map_err(|_| Fail::NotFound)?;
    let Json(said) = body.map_err(|_| {
        Fail::Bad(
            "expected a JSON object with reason, words and, where it is one, paper".to_owned(),
        )
    })?;
    let new = NewReason {
        reason: said.reason,
        words: said.words,
        paper: said.paper,
    };
    let index = app.office.give_reason(&permit, key, &new).await?;
    let status = match index {
        Some(_) => StatusCode::CREATED,
        None => StatusCode::OK,
    };
    let opened = Opened {
        index,
        minutes: law::Explanations::shipped().window_minutes,
    };
    Ok((status, Json(opened)).into_response())
}
