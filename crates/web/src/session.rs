//! Who is asking, and whether he may: the session cookie, the bearer token, and [`May`] in handlers' signatures.

use std::sync::Arc;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderValue, header, request::Parts},
};
use office::{Permission, Permit, Viewer};

use crate::{app::App, fail::Fail};

/// Who is asking; put into each request by `edge.rs`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Caller(pub(crate) Option<Arc<Viewer>>);

/// A permit for `A`, as an argument of a handler: without it the use case cannot be called, and whoever may not never
/// reaches the handler's body.
pub(crate) struct May<A>(pub(crate) Permit<A>);

impl<A: Permission> FromRequestParts<App> for May<A> {
    type Rejection = Fail;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Fail> {
        let SignedIn(viewer) = SignedIn::from_request_parts(parts, app).await?;
        Ok(Self(app.office.permit(&viewer)?))
    }
}

/// Somebody who is signed in, whatever his roles.
pub(crate) struct SignedIn(pub(crate) Arc<Viewer>);

impl FromRequestParts<App> for SignedIn {
    type Rejection = Fail;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Fail> {
        let caller = parts.extensions.get::<Caller>().and_then(|c| c.0.clone());
        caller.map(Self).ok_or(Fail::SignIn)
    }
}

/// The value of a cookie.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

/// Name of the session cookie. Behind TLS the prefix makes the browser refuse it from anybody but this very host.
pub(crate) fn cookie_name(behind_tls: bool) -> &'static str {
    if behind_tls {
        "__Host-liuhen"
    } else {
        "liuhen"
    }
}

/// The `Set-Cookie` that begins (or, with an empty token, ends) a session.
pub(crate) fn session_cookie(behind_tls: bool, token: &str) -> Result<HeaderValue, Fail> {
    let name = cookie_name(behind_tls);
    let secure = if behind_tls { "; Secure" } else { "" };
    let end = if token.is_empty() { "; Max-Age=0" } else { "" };
    format!("{name}={token}; HttpOnly; SameSite=Strict; Path=/{secure}{end}")
        .parse()
        .map_err(|_| Fail::Internal("session token is no header value".to_owned()))
}

/// The bearer token of a request.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers
        .get(header::AUTHORIZATION)?
        .to_str()
        .ok()?
        .strip_prefix("Bearer ")
}

/// Where to go after signing in: a path of this site, nothing that a browser could read as another host.
pub(crate) fn local_path(path: &str) -> Option<&str> {
    let plain = path.starts_with('/')
        && !path.starts_with("//")
        && !path.contains('\\')
        && path.chars().all(|c| c.is_ascii_graphic());
    plain.then_some(path)
}
