//! Style, script, icons and outline of the studio, compiled into the program.
//!
//! Invariant: pages name them with the hash of them all, so a browser may keep them for a year.

use std::sync::OnceLock;

use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use super::answer::Refusal;
use super::map::outlines;

/// Name, media type, content.
const ASSETS: [(&str, &str, &str); 4] = [
    (
        "studio.css",
        "text/css; charset=utf-8",
        include_str!("../../studio/assets/studio.css"),
    ),
    (
        "studio.js",
        "text/javascript; charset=utf-8",
        include_str!("../../studio/assets/studio.js"),
    ),
    (
        "icons.svg",
        "image/svg+xml",
        include_str!("../../studio/assets/icons.svg"),
    ),
    (
        "mark.svg",
        "image/svg+xml",
        include_str!("../../studio/assets/mark.svg"),
    ),
];

/// The outlines of the maps, drawn from their points.
const OUTLINES: &str = "outlines.svg";

/// The hash of them all.
pub(super) fn build() -> &'static str {
    static BUILD: OnceLock<String> = OnceLock::new();
    BUILD.get_or_init(|| {
        let hashed = ASSETS
            .iter()
            .fold(Sha256::new().chain_update(outlines()), |hash, (_, _, text)| {
                hash.chain_update(text)
            });
        URL_SAFE_NO_PAD.encode(&hashed.finalize()[..9])
    })
}

pub(super) async fn serve(Path(name): Path<String>) -> Response {
    let kept = ASSETS.iter().find(|(known, _, _)| *known == name);
    let found = kept.map(|(_, media, text)| (*media, *text));
    let Some((media, text)) = found.or_else(|| (name == OUTLINES).then(|| ("image/svg+xml", outlines()))) else {
        return Refusal::NotFound.into_response();
    };
    let headers = [
        (header::CONTENT_TYPE, media),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    (headers, text).into_response()
}
