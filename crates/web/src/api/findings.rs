//! Findings for other systems: those of a case, and a stream of what is found (server-sent events).
//!
//! Never the way to learn of a sealed record: rules do not see those. What a listener misses while it is away stands in the
//! list of the case, and breaches of the law stand in the log as `sup.alert`.

use std::convert::Infallible;
use std::time::Duration;

use axum::{
    Json,
    extract::State,
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use office::{CaseKey, may};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::Problem;
use crate::{app::App, fail::Fail, forms::Query, session::May};

/// A proxy that sees nothing for longer may cut a connection.
const KEEP_ALIVE: Duration = Duration::from_secs(20);

/// Which findings.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "for the description only")]
struct FindingParams {
    /// The case, by its pseudonym.
    case: String,
}

/// A finding: a rule, the events that satisfy, threaten or break it, and the reason in words.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Finding)]
#[allow(dead_code, reason = "for the description only")]
struct FindingDoc {
    /// The same for the same rule version, object and activation.
    id: String,
    /// Rule.
    rule: String,
    /// Its version.
    version: u32,
    /// `pending`, `at_risk`, `satisfied`, `satisfied_recorded_late`, `breached`, `suspended`, `excused`, `not_checkable`, `withdrawn`.
    outcome: String,
    /// `red`, `amber`, `blue`.
    grade: String,
    /// Only advice: the law behind it is not confirmed.
    advisory: bool,
    /// Where it stands, with marks of confidence.
    source: Vec<String>,
    /// Last instant that is in time, microseconds since 1970 UTC.
    due: Option<i64>,
    /// Last instant in which proof that nothing is broken can be recorded, where the rule waits for that; microseconds since 1970 UTC.
    recordable: Option<i64>,
    /// What is so, in both languages.
    sentence: serde_json::Value,
}

/// The findings of a case.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Findings)]
struct FindingsDoc {
    /// Broken first, then what comes due.
    #[schema(value_type = Vec<FindingDoc>)]
    findings: Vec<office::Finding>,
}

/// Read what stands about a case.
///
/// Broken, open with its clock, excused, not checkable: each with rule, source, evidence, the reckoning of its time, and a
/// sentence in both languages.
#[utoipa::path(
    get,
    path = "/api/v1/findings",
    tag = "findings",
    params(FindingParams),
    responses(
        (status = 200, description = "The findings", body = FindingsDoc),
        (status = 400, description = "`case` is missing or cannot be read", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "No token", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "Your roles do not allow it", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such case, or not for you", body = Problem, content_type = "application/problem+json"),
        (status = 428, description = "Nothing on record explains the look: a reason is wanted first", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list(
    May(permit): May<may::ReadCase>,
    State(app): State<App>,
    Query(query): Query,
) -> Result<Response, Fail> {
    let case: CaseKey = (query.get("case").parse())
        .map_err(|_| Fail::Bad("case: expected a pseudonym such as c:91be…".to_owned()))?;
    let findings = app.office.case_findings(&permit, case).await?;
    Ok(Json(FindingsDoc { findings }).into_response())
}

/// Follow what is found.
///
/// Server-sent events: `finding` for what is broken, excused or taken back, `clock` for an open time limit that turned amber
/// or whose due time moved. Each is a JSON object with `case`, `organ`, `previous` (what it was before) and `finding`.
/// Warnings and breaches come when their time comes, whether anything happens or not. Only about your organs and those
/// below.
#[utoipa::path(
    get,
    path = "/api/v1/findings/stream",
    tag = "findings",
    responses(
        (status = 200, description = "A stream that does not end", content_type = "text/event-stream"),
        (status = 401, description = "No token", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "Your roles do not allow it", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn stream(May(permit): May<may::ReadEvents>, State(app): State<App>) -> Response {
    let listener = app.office.listen(&permit);
    Sse::new(Stream {
        next: Box::pin(next(listener)),
    })
    .keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
    .into_response()
}

/// An open time limit, or something that is settled for now.
fn kind(told: &office::Told) -> &'static str {
    match told.finding.outcome {
        "pending" | "at_risk" | "suspended" => "clock",
        _ => "finding",
    }
}

type Next = (Option<Event>, office::Listener);

async fn next(mut listener: office::Listener) -> Next {
    let event = loop {
        let Some(told) = listener.next().await else {
            break None;
        };
        // A finding that cannot be written is our fault and the server's log says so; the stream goes on.
        match Event::default()
            .event(kind(&told))
            .id(&told.finding.id)
            .json_data(&*told)
        {
            Ok(event) => break Some(event),
            Err(e) => tracing::error!("a finding cannot be written as JSON: {e}"),
        }
    };
    (event, listener)
}

/// The findings as a stream of events.
struct Stream {
    next: std::pin::Pin<Box<dyn Future<Output = Next> + Send>>,
}

impl futures_core::Stream for Stream {
    type Item = Result<Event, Infallible>;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        let (event, listener) = std::task::ready!(self.next.as_mut().poll(cx));
        self.next = Box::pin(next(listener));
        std::task::Poll::Ready(event.map(Ok))
    }
}
