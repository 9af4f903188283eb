//! `/api/v1/events`: post one event or up to 10,000 as NDJSON; read events.

use axum::{
    Json,
    body::{Body, BodyDataStream},
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures_core::Stream;
use model::{EventId, Header, OrganCode};
use office::{CaseKey, EventQuery, Gates, LineResult, MAX_LINES, Permit, Told, may};
use serde::{Deserialize, Serialize};
use std::{collections::HashMap, pin::Pin, sync::Arc};
use utoipa::{IntoParams, ToSchema};

use super::Problem;
use crate::{app::App, fail::Fail, forms::Query, session::May};

/// Bytes of one line: an event whose body is larger names its parts by hash.
const MAX_LINE: usize = 256 * 1024;
/// Bytes of one request.
const MAX_BATCH: usize = 64 * 1024 * 1024;
/// Header of an idempotency key, for a request with one event.
const IDEMPOTENCY: &str = "idempotency-key";

/// An event as it is sent.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[schema(as = Event)]
struct EventDoc {
    /// Idempotency key: the same again gives the same entry, other content with it is a conflict.
    key: Option<String>,
    /// Id of an activity, or `x:` and a name of your own.
    #[schema(example = "cr.detain")]
    activity: String,
    /// When it happened, with a zone.
    #[schema(example = "2026-11-23T14:05:00+08:00")]
    occurred: String,
    /// Code of the organ; yours if left out.
    organ: Option<String>,
    /// Who acted; you if left out.
    #[serde(default)]
    actors: Vec<ActorDoc>,
    /// What it concerns.
    #[serde(default)]
    objects: Vec<ObjectDoc>,
    /// Rules claimed as its basis.
    #[serde(default)]
    basis: Vec<String>,
    /// Id of the event that it corrects.
    correction_of: Option<String>,
    /// Attributes: text, numbers, truth values.
    #[serde(default)]
    attrs: std::collections::BTreeMap<String, serde_json::Value>,
    /// In words.
    words: Option<String>,
    /// Codes of organs to which it is addressed.
    #[serde(default)]
    to: Vec<String>,
}

/// Somebody who acted.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[schema(as = Actor)]
struct ActorDoc {
    /// Number on the roster.
    number: String,
    /// Role.
    role: String,
}

/// Something that an event concerns.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[schema(as = Object)]
struct ObjectDoc {
    /// `case`, `person`, `item`, `place`, `file`, …
    #[serde(rename = "type")]
    kind: String,
    /// Id in your numbering.
    id: String,
    /// Its part in the event.
    qualifier: Option<String>,
    /// What it is called.
    name: Option<String>,
}

/// What became of one line: `index`, `event` and `duplicate` if it was taken in, else `field` and `expected`.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LineResult)]
struct LineResultDoc {
    /// Line, from 1.
    line: u64,
    /// Position in the log.
    index: Option<u64>,
    /// Id of the event.
    event: Option<String>,
    /// It had been sent before.
    duplicate: Option<bool>,
    /// Field at fault; empty where the whole line is.
    field: Option<String>,
    /// What was expected.
    expected: Option<String>,
    /// The key was used with other content.
    conflict: Option<bool>,
    /// Rules that stand against it, where that is why it was refused.
    gates: Option<Vec<BarrierDoc>>,
    /// What the event caused: findings that are new, changed or taken back, each with `case`, `organ`, `previous` and
    /// `finding`. Absent where it caused none.
    findings: Option<Vec<serde_json::Value>>,
}

/// A rule that stands against an event.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Barrier)]
struct BarrierDoc {
    /// Id of the rule.
    rule: String,
    /// Its version.
    version: u32,
    /// Where it stands, with marks of confidence.
    source: Vec<String>,
    /// What a breach is: `red`, `amber`, `blue`.
    grade: String,
    /// What is wrong.
    sentence: BothDoc,
    /// What can be done about it.
    way_out: Vec<BothDoc>,
}

/// A text in both languages.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Both)]
struct BothDoc {
    /// Chinese.
    zh: String,
    /// English.
    en: String,
}

/// Take events in.
///
/// One event as `application/json`, or up to 10,000 as `application/x-ndjson`, one a line. Each line is taken or refused
/// on its own, and the answer is NDJSON with one result a line, in their order. What is answered with an index is durable.
/// With a key the same can be sent again safely; for a single event the key may stand in the header `Idempotency-Key`.
#[utoipa::path(
    post,
    path = "/api/v1/events",
    tag = "events",
    request_body(content((EventDoc = "application/json"), (EventDoc = "application/x-ndjson"))),
    params(
        ("Idempotency-Key" = Option<String>, Header, description = "Key of a single event"),
        ("gate" = Option<String>, Query, description = "`refuse`: every event meets the gates, also those of the past. Without it only what is said to happen now (within ten minutes) does; the past is taken, and found by the watch."),
    ),
    responses(
        (status = 200, description = "One result a line", body = LineResultDoc, content_type = "application/x-ndjson"),
        (status = 400, description = "Not readable as lines of UTF-8", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "No token, or one that has ended", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "Your roles do not allow it", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "A single event: its key was used with other content", body = LineResultDoc),
        (status = 413, description = "More than 10,000 lines, 256 KiB a line, or 64 MiB", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "A single event: it was refused", body = LineResultDoc),
        (status = 503, description = "Not now, nothing was taken in; or not known, send the same again", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn post(
    May(permit): May<may::PostEvents>,
    State(app): State<App>,
    Query(query): Query,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Fail> {
    let gates = match query.get("gate") {
        "" => Gates::Now,
        "refuse" => Gates::Refuse,
        _ => return Err(Fail::Bad("gate: expected `refuse`, or nothing".to_owned())),
    };
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|t| t.to_str().ok())
        .unwrap_or_default();
    let content_type = content_type.split(';').next().unwrap_or_default().trim();
    match content_type {
        "application/json" => {
            let mut lines = lines(body, 1).await?;
            let mut line = lines.pop().unwrap_or_default();
            if let Some(key) = headers.get(IDEMPOTENCY) {
                let key = key
                    .to_str()
                    .map_err(|_| Fail::Bad("Idempotency-Key must be visible ASCII".to_owned()))?;
                line = with_key(&line, key)?;
            }
            let results = app
                .office
                .post_events_gated(&permit, &[line], gates)
                .await?;
            let answers = with_findings(&app, &permit, results).await;
            let result = (answers.into_iter().next())
                .ok_or_else(|| Fail::Internal("no result".to_owned()))?;
            let status = match &result.result {
                LineResult::Taken { .. } => StatusCode::OK,
                LineResult::Refused { conflict: true, .. } => StatusCode::CONFLICT,
                LineResult::Refused { .. } => StatusCode::UNPROCESSABLE_ENTITY,
            };
            Ok((status, Json(result)).into_response())
        }
        "application/x-ndjson" => {
            let lines = lines(body, MAX_LINES).await?;
            let results = app.office.post_events_gated(&permit, &lines, gates).await?;
            let answers = with_findings(&app, &permit, results).await;
            let mut text = String::with_capacity(answers.len() * 96);
            for result in &answers {
                text.push_str(
                    &serde_json::to_string(result).map_err(|e| Fail::Internal(e.to_string()))?,
                );
                text.push('\n');
            }
            Ok(([(header::CONTENT_TYPE, "application/x-ndjson")], text).into_response())
        }
        _ => Err(Fail::Bad(
            "Content-Type must be application/json or application/x-ndjson".to_owned(),
        )),
    }
}

/// What became of a line, and what the rules say of it.
#[derive(Serialize)]
struct Answer {
    #[serde(flatten)]
    result: LineResult,
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "each")]
    findings: Vec<Arc<Told>>,
}

fn each<S: serde::Serializer>(findings: &[Arc<Told>], s: S) -> Result<S::Ok, S::Error> {
    s.collect_seq(findings.iter().map(|told| &**told))
}

/// Adds to each line what its event caused.
async fn with_findings(
    app: &App,
    permit: &Permit<may::PostEvents>,
    results: Vec<LineResult>,
) -> Vec<Answer> {
    let index = |r: &LineResult| match r {
        LineResult::Taken {
            index,
            duplicate: false,
            ..
        } => Some(*index),
        _ => None,
    };
    let indexes: Vec<u64> = results.iter().filter_map(index).collect();
    let mut caused: HashMap<u64, Vec<Arc<Told>>> = HashMap::new();
    for (index, told) in app.office.caused(permit, &indexes).await {
        caused.entry(index).or_default().push(told);
    }
    let answer = |result: LineResult| Answer {
        findings: (index(&result).and_then(|i| caused.remove(&i))).unwrap_or_default(),
        result,
    };
    results.into_iter().map(answer).collect()
}

/// The lines of a body as they arrive; `max` = 1 takes the whole body as one line. Refuses as soon as a limit is passed.
async fn lines(body: Body, max: usize) -> Result<Vec<Vec<u8>>, Fail> {
    let mut stream = body.into_data_stream();
    let (mut lines, mut line, mut read) = (Vec::new(), Vec::new(), 0usize);
    while let Some(chunk) = next(&mut stream).await {
        let chunk = chunk.map_err(|_| Fail::Bad("the body broke off".to_owned()))?;
        read += chunk.len();
        if read > MAX_BATCH {
            return Err(Fail::TooLarge);
        }
        if max == 1 {
            line.extend_from_slice(&chunk);
        } else {
            let mut pieces = chunk.split(|b| *b == b'\n').peekable();
            while let Some(piece) = pieces.next() {
                line.extend_from_slice(piece);
                if line.len() > MAX_LINE {
                    return Err(Fail::TooLarge);
                }
                if pieces.peek().is_some() {
                    lines.push(std::mem::take(&mut line));
                    if lines.len() > max {
                        return Err(Fail::TooLarge);
                    }
                }
            }
        }
        if line.len() > MAX_LINE {
            return Err(Fail::TooLarge);
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    if lines.is_empty() {
        return Err(Fail::Bad("the body is empty".to_owned()));
    }
    if lines.len() > max {
        return Err(Fail::TooLarge);
    }
    Ok(lines)
}

async fn next(stream: &mut BodyDataStream) -> Option<Result<axum::body::Bytes, axum::Error>> {
    std::future::poll_fn(|cx| Pin::new(&mut *stream).poll_next(cx)).await
}

/// The event with the key of the header; a key of its own must be the same.
fn with_key(line: &[u8], key: &str) -> Result<Vec<u8>, Fail> {
    let mut event: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(line)
        .map_err(|_| Fail::Bad("the body is not a JSON object".to_owned()))?;
    match event.insert("key".to_owned(), key.into()) {
        Some(serde_json::Value::String(own)) if own != key => Err(Fail::Bad(
            "Idempotency-Key and `key` of the event differ".to_owned(),
        )),
        _ => serde_json::to_vec(&event).map_err(|e| Fail::Internal(e.to_string())),
    }
}

/// Which events. The query is read by hand, so that a mistake is answered in our words.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "for the description only")]
struct EventParams {
    /// Those after this position in the log.
    after: Option<u64>,
    /// One activity.
    activity: Option<String>,
    /// One organ.
    organ: Option<String>,
    /// One case or other object, by its pseudonym.
    object: Option<String>,
    /// Occurred at or after.
    from: Option<String>,
    /// Occurred before.
    to: Option<String>,
    /// At most so many: 1–1000, 100 if left out.
    limit: Option<u32>,
}

/// A piece of the events.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Events)]
struct EventsDoc {
    /// In the order of the log.
    events: Vec<EventOut>,
    /// `after` of the next piece; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<u64>,
}

/// An event: where it stands and its header. Names are not part of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EventView)]
pub(super) struct EventOut {
    /// Position in the log.
    index: u64,
    /// The header as it stands in the log.
    header: serde_json::Value,
}

impl EventOut {
    fn new(index: u64, header: &Header) -> Result<Self, Fail> {
        let header =
            serde_json::from_str(&header.line()).map_err(|e| Fail::Internal(e.to_string()))?;
        Ok(Self { index, header })
    }
}

/// Read events.
///
/// Those of your organs and the organs below, in the order of the log. Records of inquiries are never among them.
#[utoipa::path(
    get,
    path = "/api/v1/events",
    tag = "events",
    params(EventParams),
    responses(
        (status = 200, description = "A piece of the events", body = EventsDoc),
        (status = 400, description = "A parameter cannot be read", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "No token", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "Your roles do not allow it", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list(
    May(permit): May<may::ReadEvents>,
    State(app): State<App>,
    Query(query): Query,
) -> Result<Response, Fail> {
    fn read<T: std::str::FromStr>(
        query: &crate::forms::Fields,
        name: &str,
        expected: &str,
    ) -> Result<Option<T>, Fail> {
        match query.some(name) {
            None => Ok(None),
            Some(text) => text
                .parse()
                .map(Some)
                .map_err(|_| Fail::Bad(format!("{name}: expected {expected}"))),
        }
    }
    let time = "a date and time with a zone, such as 2026-11-23T14:05:00+08:00";
    let query = EventQuery {
        after: read(&query, "after", "a position in the log")?,
        activity: query.some("activity"),
        organ: read::<OrganCode>(&query, "organ", "the code of an organ")?,
        object: read::<CaseKey>(&query, "object", "a pseudonym such as c:91be…")?,
        from: read(&query, "from", time)?,
        to: read(&query, "to", time)?,
        limit: read(&query, "limit", "a number from 1 to 1000")?.unwrap_or(0),
    };
    let page = app.office.events(&permit, &query).await?;
    let events = page
        .events
        .iter()
        .map(|e| EventOut::new(e.index, &e.header))
        .collect::<Result<_, _>>()?;
    Ok(Json(EventsDoc {
        events,
        next: page.next,
    })
    .into_response())
}

/// Read one event.
#[utoipa::path(
    get,
    path = "/api/v1/events/{id}",
    tag = "events",
    params(("id" = String, Path, description = "Id of the event")),
    responses(
        (status = 200, description = "The event", body = EventOut),
        (status = 401, description = "No token", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "Your roles do not allow it", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "Not there, or not for you", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn one(
    May(permit): May<may::ReadEvents>,
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Response, Fail> {
    let id: EventId = id.parse().map_err(|_| Fail::NotFound)?;
    let event = app.office.event(&permit, id).await?;
    Ok(Json(EventOut::new(event.index, &event.header)?).into_response())
}
