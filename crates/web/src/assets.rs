//! Style, scripts and the mark: built into the program, served under a name that changes with their content.

use std::{fmt::Write as _, sync::LazyLock};

use axum::{
    extract::Path,
    http::header,
    response::{IntoResponse, Response},
};
use sha2::{Digest, Sha256};

use crate::fail::Fail;

struct Asset {
    name: &'static str,
    content_type: &'static str,
    bytes: &'static [u8],
}

macro_rules! assets {
    ($($name:literal: $content_type:literal,)*) => {
        const ASSETS: &[Asset] = &[$(Asset {
            name: $name,
            content_type: $content_type,
            bytes: include_bytes!(concat!("../assets/", $name)),
        },)*];
    };
}

assets! {
    "liuhen.css": "text/css; charset=utf-8",
    "mark.svg": "image/svg+xml",
    "page.js": "text/javascript; charset=utf-8",
    "verify.js": "text/javascript; charset=utf-8",
    "verify-page.js": "text/javascript; charset=utf-8",
}

/// One version for all assets together: modules import each other by plain names, so they must change together.
static VERSION: LazyLock<String> = LazyLock::new(|| {
    let mut hash = Sha256::new();
    for asset in ASSETS {
        hash.update(asset.bytes);
    }
    hash.finalize()[..6]
        .iter()
        .fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
});

/// Address of an asset: `/assets/<version>/<name>`, which may be kept for ever.
pub(crate) fn address(name: &str) -> String {
    format!("/assets/{}/{name}", *VERSION)
}

/// Serves an asset. An old version gets today's content, but must not be kept.
pub(crate) async fn serve(Path((version, name)): Path<(String, String)>) -> Result<Response, Fail> {
    let asset = ASSETS
        .iter()
        .find(|a| a.name == name)
        .ok_or(Fail::NotFound)?;
    let keep = if version == *VERSION {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    Ok((
        [
            (header::CONTENT_TYPE, asset.content_type),
            (header::CACHE_CONTROL, keep),
        ],
        asset.bytes,
    )
        .into_response())
}
