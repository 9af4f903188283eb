//! REST API of a node: `/api/v1`, and the log under its C2SP paths.
//!
//! Each handler's comment is its documentation in the OpenAPI file, which a test compares with a committed snapshot.
//! Errors are problem documents (RFC 9457): what is wrong, where, and what to do next.

use axum::{Json, Router, routing::get};
use serde::Serialize;
use utoipa::{
    Modify, OpenApi, ToSchema,
    openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{app::App, fail::Fail};

mod cases;
mod events;
mod findings;
mod hooks;
mod log;

/// Address of the description.
pub(crate) const OPENAPI: &str = "/api/v1/openapi.json";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Liuhen",
        description = "Events in, events out, receipts, and the log itself. Times are RFC 3339; indexes count from 0. \
                       Every error is a problem document (RFC 9457).",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    modifiers(&Keys),
    security(("token" = []), ("session" = [])),
    tags(
        (name = "events", description = "What happened: sent by case systems, read by whoever may."),
        (name = "cases", description = "What a case wants before it opens."),
        (name = "findings", description = "What the rules say of what happened, and of what did not."),
        (name = "hooks", description = "Webhooks: other systems are told of findings and clocks."),
        (name = "receipts", description = "Proofs to take along."),
        (name = "log", description = "The log as C2SP tlog-tiles v0.1.0; other verifiers read it."),
    )
)]
struct Document;

struct Keys;

impl Modify for Keys {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_with(Default::default);
        components.add_security_scheme(
            "token",
            SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)),
        );
        components.add_security_scheme(
            "session",
            SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new("liuhen"))),
        );
    }
}

/// The description of the API.
pub fn openapi() -> utoipa::openapi::OpenApi {
    router().1
}

/// The routes, and their description.
pub(crate) fn router() -> (Router<App>, utoipa::openapi::OpenApi) {
    let (router, document) = OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(events::post, events::list))
        .routes(routes!(events::one))
        .routes(routes!(cases::reason))
        .routes(routes!(findings::list))
        .routes(routes!(findings::stream))
        .routes(routes!(hooks::list, hooks::make))
        .routes(routes!(hooks::end))
        .routes(routes!(hooks::dead))
        .routes(routes!(hooks::again))
        .routes(routes!(log::receipt))
        .routes(routes!(log::checkpoint))
        .routes(routes!(log::tile))
        .split_for_parts();
    let served = document.clone();
    let router = router.route(OPENAPI, get(async move || Json(served.clone())));
    (router, document)
}

/// Why a request got no answer (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// Kind of the problem: `urn:liuhen:problem:` and a word.
    #[serde(rename = "type")]
    kind: String,
    /// What is wrong, in general.
    title: String,
    /// HTTP status.
    status: u16,
    /// What is wrong here.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// What to do next.
    next: String,
    /// Fields that have to be corrected.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldProblem>,
    /// Under which this fault stands in the server's log.
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<String>,
}

/// One field that has to be corrected.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FieldProblem {
    /// Name of the field.
    field: String,
    /// What was expected.
    expected: String,
}

impl Problem {
    /// The document for a failure. In English: it is for programs and those who write them.
    pub(crate) fn of(fail: &Fail, number: Option<String>) -> Self {
        let (status, stem) = fail.kind();
        let text = |part: &str| crate::texts::Lang::English.text(&format!("error-{stem}-{part}"));
        let next = match fail {
            Fail::Unknown => {
                "Send the same again with the same key: whether it was taken in is not known."
                    .to_owned()
            }
            Fail::ReasonWanted(wanted) => format!(
                "POST a reason to /api/v1/cases/{}/reason, then ask again: it opens for {} minutes, and the reason is reviewed.",
                wanted.case,
                law::Explanations::shipped().window_minutes
            ),
            Fail::SignIn => "Send Authorization: Bearer and a token.".to_owned(),
            _ => text("next"),
        };
        Self {
            kind: format!("urn:liuhen:problem:{stem}"),
            title: text("title"),
            status: status.as_u16(),
            detail: match fail {
                Fail::Bad(what) => Some(what.clone()),
                Fail::ReasonWanted(wanted) => Some(format!(
                    "nothing on record explains it; nearest: {}",
                    wanted.missing.en
                )),
                Fail::Conflict(index) => Some(format!(
                    "the key stands for entry {index}, which says something else"
                )),
                _ => None,
            },
            next,
            errors: match fail {
                Fail::Fields(fields) => fields
                    .iter()
                    .map(|f| FieldProblem {
                        field: f.field.to_owned(),
                        expected: f.expected.clone(),
                    })
                    .collect(),
                _ => Vec::new(),
            },
            number,
        }
    }
}
