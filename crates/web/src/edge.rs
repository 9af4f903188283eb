//! What holds for every request, whatever the handler: headers, language, session, the body of errors.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use askama::Template;
use axum::{
    Json,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    middleware::Next,
    response::{Html, IntoResponse, Response},
};

use crate::{
    api::Problem,
    app::App,
    fail::Fail,
    frame::{Frame, Prefs, Theme},
    session::{self, Caller},
    texts::Lang,
};

/// Scripts and styles of our own only; nothing from elsewhere, nothing inline, nobody may frame us.
const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                   form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

const HEADERS: [(header::HeaderName, &str); 8] = [
    (header::CONTENT_SECURITY_POLICY, CSP),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (
        header::HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        header::HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (
        header::HeaderName::from_static("cross-origin-embedder-policy"),
        "require-corp",
    ),
    (
        header::HeaderName::from_static("permissions-policy"),
        "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
    ),
];

/// A year, in seconds.
const YEAR: u32 = 31_536_000;

/// Around every request.
pub(crate) async fn edge(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let (method, uri) = (request.method().clone(), request.uri().clone());
    let prefs = prefs(request.headers(), &uri);
    let mut response = match switch(&method, &uri) {
        Some(response) => response,
        None => match caller(&app, request.headers(), &uri).await {
            Err(fail) => answer(&app, &prefs, None, &method, &uri, fail).await,
            Ok(caller) => {
                request.extensions_mut().insert(prefs.clone());
                request.extensions_mut().insert(caller.clone());
                let response = next.run(request).await;
                match failure(&response) {
                    None => response,
                    Some(fail) => {
                        answer(&app, &prefs, caller.0.as_ref(), &method, &uri, fail).await
                    }
                }
            }
        },
    };
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

fn failure(response: &Response) -> Option<Fail> {
    if let Some(fail) = response.extensions().get::<Fail>() {
        return Some(fail.clone());
    }
    // What the framework itself refuses: its words are not ours, so only the status is taken over.
    let status = response.status();
    let ours = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|t| t != "text/plain; charset=utf-8");
    (status.is_client_error() || status.is_server_error())
        .then(|| Fail::of_status(status))
        .filter(|_| !ours)
}

fn prefs(headers: &HeaderMap, uri: &Uri) -> Prefs {
    Prefs {
        lang: session::cookie(headers, "lang")
            .and_then(Lang::from_code)
            .unwrap_or_default(),
        theme: session::cookie(headers, "theme")
            .and_then(Theme::from_code)
            .unwrap_or_default(),
        here: uri.path_and_query().map_or("/", |p| p.as_str()).to_owned(),
    }
}

/// `?lang=` and `?theme=` on any page: kept in a cookie, and back to the page without them.
fn switch(method: &Method, uri: &Uri) -> Option<Response> {
    if method != Method::GET || is_api(uri) {
        return None;
    }
    let query = uri.query()?;
    let mut cookies = Vec::new();
    let mut rest = Vec::new();
    for pair in query.split('&') {
        match pair.split_once('=') {
            Some(("lang", code)) if Lang::from_code(code).is_some() => cookies.push(("lang", code)),
            Some(("theme", code)) if Theme::from_code(code).is_some() => {
                cookies.push(("theme", code))
            }
            _ => rest.push(pair),
        }
    }
    if cookies.is_empty() {
        return None;
    }
    let back = match rest.join("&") {
        rest if rest.is_empty() => uri.path().to_owned(),
        rest => format!("{}?{rest}", uri.path()),
    };
    // `//host/` would be another site to the browser.
    let mut response = see_other(session::local_path(&back).unwrap_or("/"));
    for (name, code) in cookies {
        let cookie = format!("{name}={code}; Path=/; SameSite=Strict; Max-Age={YEAR}");
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }
    Some(response)
}

/// Who is asking. Other systems send a token, and only the API takes one.
async fn caller(app: &App, headers: &HeaderMap, uri: &Uri) -> Result<Caller, Fail> {
    if uri.path().starts_with("/assets/") {
        return Ok(Caller::default());
    }
    if is_api(uri)
        && let Some(token) = session::bearer(headers)
    {
        return Ok(Caller(app.office.viewer_of_token(token).await?));
    }
    match session::cookie(headers, session::cookie_name(app.options.behind_tls)) {
        Some(token) if !token.is_empty() => Ok(Caller(app.office.viewer(token).await?)),
        _ => Ok(Caller::default()),
    }
}

fn is_api(uri: &Uri) -> bool {
    let path = uri.path();
    path.starts_with("/api/") || path.starts_with("/tile/") || path == "/checkpoint"
}

pub(crate) fn see_other(to: &str) -> Response {
    let to = HeaderValue::from_str(to).unwrap_or(HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response()
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    f: Frame,
    title: String,
    what: Option<String>,
    next: String,
    number: Option<String>,
}

/// The body of an error: a page, or a problem document for the API.
async fn answer(
    app: &App,
    prefs: &Prefs,
    viewer: Option<&Arc<office::Viewer>>,
    method: &Method,
    uri: &Uri,
    fail: Fail,
) -> Response {
    let (status, stem) = fail.kind();
    let number = match &fail {
        Fail::Internal(text) => {
            let number = fault_number(app);
            tracing::error!(number, path = uri.path(), "internal: {text}");
            Some(number)
        }
        _ => None,
    };
    if is_api(uri) {
        return (
            status,
            [(header::CONTENT_TYPE, "application/problem+json")],
            Json(Problem::of(&fail, number)),
        )
            .into_response();
    }
    if matches!(fail, Fail::SignIn) {
        // Only a page can be returned to; what was posted cannot be posted again.
        let next = if method == Method::GET {
            prefs.here.as_str()
        } else {
            "/"
        };
        return see_other(&format!("/sign-in?next={}", percent(next)));
    }
    if let Fail::ReasonWanted(wanted) = &fail {
        // What was posted (names to be shown) is asked for again, after the reason.
        let case = format!("/cases/{}", wanted.case);
        let next = if method == Method::GET {
            prefs.here.as_str()
        } else {
            case.as_str()
        };
        return see_other(&format!("{case}/reason?next={}", percent(next)));
    }
    let page = ErrorPage {
        f: Frame::new(app, prefs, viewer, false).await,
        title: format!("error-{stem}-title"),
        what: fail.what(),
        next: format!("error-{stem}-next"),
        number,
    };
    match page.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(_) => status.into_response(),
    }
}

/// A number under which the fault stands in the log: the clock and a counter, so that two never are one.
fn fault_number(app: &App) -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("{:x}-{count:x}", app.office.now().get() / 1_000_000)
}

/// Percent-encodes what may not stand in a query value.
pub(crate) fn percent(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                out.push(char::from(byte))
            }
            _ => {
                use std::fmt::Write as _;
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}
