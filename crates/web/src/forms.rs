//! Reading forms: ordinary ones into their fields, multipart ones piece by piece.
//!
//! Axum's own extractors answer a malformed form in words that are not ours; these fail as [`Fail::Bad`].

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Multipart, RawForm, Request, multipart::Field},
    http::request::Parts,
};
use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};
use tokio_util::io::StreamReader;

use crate::{app::App, fail::Fail};

/// An ordinary form that takes longer is not read to its end: anybody may post to `/sign-in`, so that must not hold a
/// connection for as long as an upload may.
const FORM_TIME: Duration = Duration::from_secs(20);

/// The fields of a query or of a form, as text, in their order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fields(Vec<(String, String)>);

impl Fields {
    fn parse(bytes: &[u8]) -> Self {
        Self(
            bytes
                .split(|b| *b == b'&')
                .filter(|pair| !pair.is_empty())
                .map(|pair| {
                    let mut halves = pair.splitn(2, |b| *b == b'=');
                    (
                        decode(halves.next().unwrap_or_default()),
                        decode(halves.next().unwrap_or_default()),
                    )
                })
                .collect(),
        )
    }

    /// A field without spaces around it; empty if it was not sent.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.raw(name).trim()
    }

    /// A field exactly as sent: passwords.
    pub(crate) fn raw(&self, name: &str) -> &str {
        self.0
            .iter()
            .find(|(key, _)| key == name)
            .map_or("", |(_, value)| value.as_str())
    }

    /// A field that was filled in.
    pub(crate) fn some(&self, name: &str) -> Option<String> {
        Some(self.get(name))
            .filter(|v| !v.is_empty())
            .map(str::to_owned)
    }

    /// Number of the page that was asked for, from 1.
    pub(crate) fn page(&self) -> u32 {
        self.get("page").parse().unwrap_or(1).clamp(1, 1_000_000)
    }

    pub(crate) fn push(&mut self, name: String, value: String) {
        self.0.push((name, value));
    }
}

/// `application/x-www-form-urlencoded`: plus is a space, `%XX` a byte; what is not UTF-8 becomes U+FFFD.
fn decode(bytes: &[u8]) -> String {
    let nibble = |b: Option<&u8>| b.and_then(|b| char::from(*b).to_digit(16));
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match (byte, nibble(bytes.get(at + 1)), nibble(bytes.get(at + 2))) {
            (b'%', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                at += 2;
            }
            (b'+', ..) => out.push(b' '),
            (byte, ..) => out.push(*byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// The query of an address.
pub(crate) struct Query(pub(crate) Fields);

impl FromRequestParts<App> for Query {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Infallible> {
        Ok(Self(Fields::parse(
            parts.uri.query().unwrap_or_default().as_bytes(),
        )))
    }
}

/// A form that was posted.
pub(crate) struct Form(pub(crate) Fields);

impl FromRequest<App> for Form {
    type Rejection = Fail;

    async fn from_request(request: Request, app: &App) -> Result<Self, Fail> {
        let read = tokio::time::timeout(FORM_TIME, RawForm::from_request(request, app));
        match read.await {
            Ok(Ok(RawForm(bytes))) => Ok(Self(Fields::parse(&bytes))),
            Ok(Err(e)) => {
                use axum::response::IntoResponse as _;
                Err(Fail::of_status(e.into_response().status()))
            }
            Err(_) => Err(Fail::Timeout),
        }
    }
}

/// A form with files.
pub(crate) struct Upload(pub(crate) Multipart);

impl FromRequest<App> for Upload {
    type Rejection = Fail;

    async fn from_request(request: Request, app: &App) -> Result<Self, Fail> {
        match Multipart::from_request(request, app).await {
            Ok(multipart) => Ok(Self(multipart)),
            Err(_) => Err(Fail::Bad(
                "the form must be sent as multipart/form-data".to_owned(),
            )),
        }
    }
}

/// What went wrong while a form with files was read.
pub(crate) fn multipart_fail(e: &axum::extract::multipart::MultipartError) -> Fail {
    Fail::of_status(e.status())
}

/// A text field of a form with files, at most `max` bytes of it.
pub(crate) async fn text(field: &mut Field<'_>, max: usize) -> Result<String, Fail> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(|e| multipart_fail(&e))? {
        if bytes.len() + chunk.len() > max {
            return Err(Fail::TooLarge);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// A whole small file of a form.
pub(crate) async fn bytes(field: &mut Field<'_>, max: usize) -> Result<Vec<u8>, Fail> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(|e| multipart_fail(&e))? {
        if bytes.len() + chunk.len() > max {
            return Err(Fail::TooLarge);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// A file of a form as something to read from, chunk by chunk: it is never whole in memory.
pub(crate) fn reader<'a>(field: Field<'a>) -> StreamReader<Chunks<'a>, Bytes> {
    StreamReader::new(Chunks(field))
}

/// The chunks of a file, with the errors that a reader has.
pub(crate) struct Chunks<'a>(Field<'a>);

impl futures_core::Stream for Chunks<'_> {
    type Item = std::io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut self.0)
            .poll_next(cx)
            .map(|next| next.map(|chunk| chunk.map_err(std::io::Error::other)))
    }
}
