//! Why a request got no answer, and the one place where that becomes a status.
//!
//! A handler returns [`Fail`]; `edge.rs` turns it into a page or, for the API, into a problem document (RFC 9457). What the
//! caller can mend is said to him; our own faults become an empty 500 with a number that stands in the server's log.

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use office::{Barrier, FieldError};

/// Why a request got no answer.
#[derive(Clone, Debug)]
pub(crate) enum Fail {
    /// Nobody is signed in.
    SignIn,
    /// No role of the viewer allows it.
    Forbidden,
    /// Sent from a page of another site.
    CrossSite,
    /// Not there, or not to be known by this viewer.
    NotFound,
    /// Another method is meant.
    Method,
    /// Cannot be read; in words, English, without content.
    Bad(String),
    /// Fields that have to be corrected.
    Fields(Vec<FieldError>),
    /// Rules stand against it: what each says, where, and the way out.
    Gated(Vec<Barrier>),
    /// Nothing explains that the viewer opens this case: first he says why.
    ReasonWanted(Box<office::Wanted>),
    /// The key stands for something else already.
    Conflict(u64),
    /// More than is taken.
    TooLarge,
    /// The sender was too slow.
    Timeout,
    /// Not now; nothing was taken in.
    Busy,
    /// Not known whether it was taken in.
    Unknown,
    /// Our own fault; the text is for the log only.
    Internal(String),
}

impl Fail {
    /// What every answer of this kind says: status, and the stem of its texts (`error-<stem>-title`, `-next`).
    pub(crate) fn kind(&self) -> (StatusCode, &'static str) {
        match self {
            Self::SignIn => (StatusCode::UNAUTHORIZED, "sign-in"),
            Self::Forbidden => (StatusCode::FORBIDDEN, "forbidden"),
            Self::CrossSite => (StatusCode::FORBIDDEN, "cross-site"),
            Self::NotFound => (StatusCode::NOT_FOUND, "not-found"),
            Self::Method => (StatusCode::METHOD_NOT_ALLOWED, "method"),
            Self::Bad(_) => (StatusCode::BAD_REQUEST, "bad"),
            Self::Fields(_) => (StatusCode::UNPROCESSABLE_ENTITY, "bad"),
            Self::Gated(_) => (StatusCode::UNPROCESSABLE_ENTITY, "gated"),
            Self::ReasonWanted(_) => (StatusCode::PRECONDITION_REQUIRED, "reason"),
            Self::Conflict(_) => (StatusCode::CONFLICT, "conflict"),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "too-large"),
            Self::Timeout => (StatusCode::REQUEST_TIMEOUT, "timeout"),
            Self::Busy | Self::Unknown => (StatusCode::SERVICE_UNAVAILABLE, "busy"),
            Self::Internal(_) => (StatusCode::INTERNAL_SERVER_ERROR, "internal"),
        }
    }

    /// What a status means that did not come from a handler of ours.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::UNAUTHORIZED => Self::SignIn,
            StatusCode::FORBIDDEN => Self::Forbidden,
            StatusCode::NOT_FOUND => Self::NotFound,
            StatusCode::METHOD_NOT_ALLOWED => Self::Method,
            StatusCode::PAYLOAD_TOO_LARGE => Self::TooLarge,
            StatusCode::REQUEST_TIMEOUT => Self::Timeout,
            StatusCode::SERVICE_UNAVAILABLE => Self::Busy,
            s if s.is_server_error() => Self::Internal(format!("status {s}")),
            s => Self::Bad(s.canonical_reason().unwrap_or("bad request").to_lowercase()),
        }
    }

    /// What is wrong, in words, where there is more to say than the title does.
    pub(crate) fn what(&self) -> Option<String> {
        match self {
            Self::Bad(what) => Some(what.clone()),
            Self::Fields(fields) => Some(
                fields
                    .iter()
                    .map(|f| format!("{}: {}", f.field, f.expected))
                    .collect::<Vec<_>>()
                    .join("; "),
            ),
            Self::Gated(barriers) => Some(
                (barriers.iter())
                    .map(|b| format!("{} {}: {}", b.rule, b.source.join("; "), b.sentence.zh))
                    .collect::<Vec<_>>()
                    .join("; "),
            ),
            Self::Conflict(index) => Some(format!("#{index}")),
            _ => None,
        }
    }
}

impl From<office::Error> for Fail {
    fn from(e: office::Error) -> Self {
        use office::Error as E;
        match e {
            E::Refused(_) => Self::Forbidden,
            E::NotFound => Self::NotFound,
            E::Invalid(fields) => Self::Fields(fields),
            E::Gated(barriers) => Self::Gated(barriers),
            E::ReasonWanted(wanted) => Self::ReasonWanted(wanted),
            E::Conflict { index } => Self::Conflict(index),
            E::TooLarge { .. } => Self::TooLarge,
            E::Busy { .. } => Self::Busy,
            E::Unknown => Self::Unknown,
            E::Internal(text) => Self::Internal(text),
        }
    }
}

impl From<office::Refused> for Fail {
    fn from(_: office::Refused) -> Self {
        Self::Forbidden
    }
}

impl From<askama::Error> for Fail {
    fn from(e: askama::Error) -> Self {
        Self::Internal(format!("template: {e}"))
    }
}

/// The status and the failure itself; `edge.rs` writes the body.
impl IntoResponse for Fail {
    fn into_response(self) -> Response {
        let mut response = self.kind().0.into_response();
        response.extensions_mut().insert(self);
        response
    }
}
