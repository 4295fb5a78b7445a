//! `/docs`: the OpenAPI document as a page to read, with lines to paste.
//!
//! Made on the server, without a script. Invariants: the page asks nothing of anybody (its policy forbids it), and
//! every text in it is escaped.

mod page;

use std::sync::OnceLock;

use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::openapi;
use super::route::{Note, Shape};

const STYLE: &str = include_str!("docs/style.css");
/// Stands in the kept page for the address that the reader used.
const HERE: &str = "http://florilege.invalid";

pub(crate) fn note() -> Note {
    Note {
        tag: "Operating",
        summary: "This description as a page",
        detail: "Readable without a script and without the network.",
        query: &[],
        bodies: vec![],
        answer: Shape::text("text/html", ""),
        problems: &[],
    }
}

pub(crate) async fn page(headers: HeaderMap) -> Response {
    static PAGE: OnceLock<String> = OnceLock::new();
    let page = PAGE.get_or_init(|| page::render(&openapi::description(), STYLE, HERE));
    let security = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8".to_owned()),
        (header::CONTENT_SECURITY_POLICY, policy()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (header::REFERRER_POLICY, "no-referrer".to_owned()),
    ];
    (security, page.replace(HERE, &here(&headers))).into_response()
}

/// Nothing but the page's own style, known by its hash.
fn policy() -> String {
    let hash = STANDARD.encode(Sha256::digest(STYLE));
    format!(
        "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
}

/// The address that the reader used, if it is one.
fn here(headers: &HeaderMap) -> String {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let plain =
        |host: &&str| !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || b".-:[]".contains(&b));
    format!("http://{}", host.filter(plain).unwrap_or("127.0.0.1:7700"))
}
