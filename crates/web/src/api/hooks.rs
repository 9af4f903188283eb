//! Webhooks for whoever sets systems up: make one, end one, see what could not be delivered and send it again.
//!
//! The sending itself is in [`crate::hooks`]. A secret is in the answer that makes a hook, and nowhere else.

use std::collections::BTreeSet;

use axum::{
    Json,
    body::Bytes,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use office::{HookMessage, HookRow, HookWants, NewHook, may};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Problem;
use crate::{app::App, fail::Fail, session::May};

/// A hook to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewHook)]
pub(super) struct NewHookDoc {
    /// Account for which it listens: it is told what that account may see.
    account: String,
    /// What it is called.
    label: String,
    /// Where to. Its host must stand under `[hooks]` in `node.toml`.
    #[schema(example = "https://cases.example/liuhen")]
    url: String,
    /// Only these rules; all if left out.
    #[serde(default)]
    rules: BTreeSet<String>,
    /// Only these severities, `A`, `B`, `C`; all if left out.
    #[serde(default)]
    severities: BTreeSet<String>,
    /// Clocks too: what is about to expire, due times that moved.
    #[serde(default)]
    clocks: bool,
}

/// A hook that was made.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MadeHook)]
struct MadeDoc {
    /// Its number.
    id: i64,
    /// What verifies its messages. Shown this once.
    #[schema(example = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    secret: String,
    /// Entry that says that it was made.
    index: u64,
}

/// A hook, without its secret.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Hook)]
struct HookDoc {
    /// Number.
    id: i64,
    /// Account for which it listens.
    account: String,
    /// What it is called.
    label: String,
    /// Where to.
    url: String,
    /// Only these rules; all where there are none.
    rules: BTreeSet<String>,
    /// Only these severities; all where there are none.
    severities: BTreeSet<String>,
    /// Clocks too.
    clocks: bool,
    /// When it was made.
    created: String,
    /// When it ended.
    ended: Option<String>,
    /// Messages still to be sent.
    waiting: u64,
    /// Messages that the other side took, of the last 90 days.
    delivered: u64,
    /// Dead letters.
    dead: u64,
    /// Nothing is told now: its account may see no events, or its host is not allowed any more.
    silent: bool,
}

/// All hooks.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Hooks)]
struct HooksDoc {
    /// Oldest first, those that ended too.
    hooks: Vec<HookDoc>,
}

/// A message that could not be delivered within a day.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DeadLetter)]
struct LetterDoc {
    /// `webhook-id` of the message.
    id: String,
    /// The hook.
    hook: i64,
    /// When it was queued.
    created: String,
    /// When it was tried last.
    tried: Option<String>,
    /// Tries.
    tries: u32,
    /// What the last try met: a status, `timeout`, `connection`, `tls`, `ended`.
    answer: String,
    /// Whether it can be sent again.
    can_go: bool,
    /// The message.
    payload: serde_json::Value,
}

/// Messages that could not be delivered.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DeadLetters)]
struct LettersDoc {
    /// Newest first, at most 200.
    letters: Vec<LetterDoc>,
}

/// What was done.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Ended)]
struct EndedDoc {
    /// Entry that says so.
    index: u64,
}

/// List hooks.
#[utoipa::path(
    get,
    path = "/api/v1/hooks",
    tag = "hooks",
    responses(
        (status = 200, description = "The hooks", body = HooksDoc),
        (status = 401, description = "No token", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "Your roles do not allow it", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list(
    May(permit): May<may::ManageAccounts>,
    State(app): State<App>,
) -> Result<Response, Fail> {
    let hook = |row: HookRow| HookDoc {
        id: row.id,
        account: row.account,
        label: row.label,
        url: row.url,
        rules: row.wants.rules,
        severities: row.wants.severities,
        clocks: row.wants.clocks,
        created: row.created.to_string(),
        ended: row.ended.map(|t| t.to_string()),
        waiting: row.waiting,
        delivered: row.delivered,
        dead: row.dead,
        silent: row.silent,
    };
    let hooks = app.office.hooks(&permit).await?;
    let hooks = hooks.into_iter().map(hook).collect();
    Ok(Json(HooksDoc { hooks }).into_response())
}

/// Make a hook.
///
/// From now on breaches of the law, and their being taken back, are posted to its address as they enter the log; with
/// `clocks` also what is about to expire. Messages follow the Standard Webhooks convention (`webhook-id`,
/// `webhook-timestamp`, `webhook-signature`), hold no names, come at least once and in no promised order, and are tried for a
/// day; after that they are dead letters.
#[utoipa::path(
    post,
    path = "/api/v1/hooks",
    tag = "hooks",
    request_body = NewHookDoc,
    responses(
        (status = 200, description = "The hook with its secret", body = MadeDoc),
        (status = 400, description = "Not JSON of this form", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "No token", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "Your roles do not allow it", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Fields to be corrected", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn make(
    May(permit): May<may::ManageAccounts>,
    State(app): State<App>,
    body: Bytes,
) -> Result<Response, Fail> {
    let new: NewHookDoc = serde_json::from_slice(&body)
        .map_err(|_| Fail::Bad("expected a JSON object with account, label and url".to_owned()))?;
    let new = NewHook {
        account: new.account,
        label: new.label,
        url: new.url,
        wants: HookWants {
            rules: new.rules,
            severities: new.severities,
            clocks: new.clocks,
        },
    };
    let made = app.office.new_hook(&permit, new).await?;
    let made = MadeDoc {
        id: made.id,
        secret: made.secret,
        index: made.index,
    };
    Ok(Json(made).into_response())
}

/// End a hook.
///
/// What it was still to be told becomes a dead letter and cannot be sent any more.
#[utoipa::path(
    post,
    path = "/api/v1/hooks/{id}/end",
    tag = "hooks",
    params(("id" = i64, Path, description = "Number of the hook")),
    responses(
        (status = 200, description = "It has ended", body = EndedDoc),
        (status = 401, description = "No token", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "Your roles do not allow it", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such hook", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn end(
    May(permit): May<may::ManageAccounts>,
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Response, Fail> {
    let id = id.parse().map_err(|_| Fail::NotFound)?;
    let index = app.office.end_hook(&permit, id).await?;
    Ok(Json(EndedDoc { index }).into_response())
}

/// List dead letters.
#[utoipa::path(
    get,
    path = "/api/v1/hooks/dead-letters",
    tag = "hooks",
    responses(
        (status = 200, description = "The messages", body = LettersDoc),
        (status = 401, description = "No token", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "Your roles do not allow it", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn dead(
    May(permit): May<may::ManageAccounts>,
    State(app): State<App>,
) -> Result<Response, Fail> {
    let letter = |m: HookMessage| LetterDoc {
        payload: serde_json::from_str(&m.payload).unwrap_or_default(),
        id: m.id,
        hook: m.hook,
        created: m.created.to_string(),
        tried: m.tried.map(|t| t.to_string()),
        tries: m.tries,
        answer: m.answer,
        can_go: m.can_go,
    };
    let letters = app.office.dead_letters(&permit).await?;
    let letters = letters.into_iter().map(letter).collect();
    Ok(Json(LettersDoc { letters }).into_response())
}

/// Send a dead letter again.
///
/// Under its own id, and for another day.
#[utoipa::path(
    post,
    path = "/api/v1/hooks/dead-letters/{id}/again",
    tag = "hooks",
    params(("id" = String, Path, description = "`webhook-id` of the message")),
    responses(
        (status = 200, description = "It waits to be sent"),
        (status = 401, description = "No token", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "Your roles do not allow it", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such dead letter, or its hook has ended", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn again(
    May(permit): May<may::ManageAccounts>,
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Response, Fail> {
    app.office.send_again(&permit, &id).await?;
    Ok(Json(serde_json::json!({})).into_response())
}
