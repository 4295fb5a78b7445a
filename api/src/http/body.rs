//! Bodies: media type, size and time of what a client sends, then JSON.
//!
//! Every handler that reads a body comes through here. Invariants: at most the limit is held in memory; a body that
//! is too large is still drained for a while, so that the client reads the 413 instead of a broken connection.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Request, header};
use florilege_engine::invalid::{Code, Invalid};
use florilege_engine::json;
use http_body_util::BodyExt;
use serde::de::DeserializeOwned;

use super::problem::{Kind, Problem};
use crate::telemetry::stages;

/// The most bytes of an ordinary body.
pub(crate) const MAX_BODY_BYTES: usize = 1 << 20;
/// How long a client may send nothing.
const IDLE: Duration = Duration::from_secs(15);
/// How long a small body may take.
const SMALL_WITHIN: Duration = Duration::from_secs(30);
/// How much longer for each mebibyte of its limit.
const MEBIBYTE_WITHIN: Duration = Duration::from_secs(5);
/// How much of a body that is too large is read and thrown away.
const DRAINED_BYTES: usize = 64 << 20;
/// For how long at most.
const DRAINED_FOR: Duration = Duration::from_secs(10);

/// The whole of a body, at most `limit` bytes.
pub(crate) async fn whole(request: Request<Body>, limit: usize) -> Result<Vec<u8>, Problem> {
    refuse_encoding(request.headers())?;
    let waits = request.headers().contains_key(header::EXPECT);
    let declared = declared_bytes(request.headers());
    let mut body = request.into_body();
    if declared.is_some_and(|bytes| bytes > limit as u64) {
        if !waits {
            drain(&mut body).await;
        }
        return Err(too_large(limit));
    }
    let within = SMALL_WITHIN + MEBIBYTE_WITHIN * u32::try_from(limit >> 20).unwrap_or(u32::MAX);
    let read = tokio::time::timeout(within, collect(&mut body, limit));
    let read = stages::timed("body", read).await;
    match read.map_err(|_| Problem::new(Kind::Timeout, "the body came too slowly"))?? {
        Some(held) => Ok(held),
        None => {
            drain(&mut body).await;
            Err(too_large(limit))
        }
    }
}

/// All pieces together; nothing when they are more than the limit.
async fn collect(body: &mut Body, limit: usize) -> Result<Option<Vec<u8>>, Problem> {
    let mut held = Vec::new();
    while let Some(piece) = next(body).await? {
        if held.len() + piece.len() > limit {
            return Ok(None);
        }
        held.extend_from_slice(&piece);
    }
    Ok(Some(held))
}

/// The next piece of data, or the end.
async fn next(body: &mut Body) -> Result<Option<Bytes>, Problem> {
    loop {
        let frame = tokio::time::timeout(IDLE, body.frame()).await;
        let frame = frame.map_err(|_| Problem::new(Kind::Timeout, "no byte of the body came for 15 s"))?;
        let Some(frame) = frame else { return Ok(None) };
        let frame =
            frame.map_err(|error| Problem::new(Kind::MalformedRequest, format!("the body broke off: {error}")))?;
        if let Ok(data) = frame.into_data() {
            return Ok(Some(data));
        }
    }
}

async fn drain(body: &mut Body) {
    let rest = async {
        let mut left = DRAINED_BYTES;
        while let Ok(Some(piece)) = next(body).await {
            left = left.saturating_sub(piece.len());
            if left == 0 {
                break;
            }
        }
    };
    // Past this the client has had its chance to read the answer.
    let _ = tokio::time::timeout(DRAINED_FOR, rest).await;
}

fn declared_bytes(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn too_large(limit: usize) -> Problem {
    Problem::new(Kind::TooLarge, format!("a body has at most {limit} bytes here"))
}

fn refuse_encoding(headers: &HeaderMap) -> Result<(), Problem> {
    match headers.get(header::CONTENT_ENCODING) {
        Some(coding) if !coding.as_bytes().eq_ignore_ascii_case(b"identity") => Err(Problem::new(
            Kind::UnsupportedMediaType,
            "send the body without content-encoding",
        )),
        Some(_) | None => Ok(()),
    }
}

/// The media type in lower case without its parameters; nothing when the header is absent. Text in another charset
/// than UTF-8 is refused.
pub(crate) fn media_type(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(value) = headers.get(header::CONTENT_TYPE) else {
        return Ok(None);
    };
    let unreadable = |_| Problem::new(Kind::UnsupportedMediaType, "the content-type cannot be read");
    let text = value.to_str().map_err(unreadable)?.to_ascii_lowercase();
    let (essence, parameters) = text.split_once(';').unwrap_or((&text, ""));
    let charset = parameters
        .split(';')
        .find_map(|part| part.trim().strip_prefix("charset="));
    if charset.is_some_and(|charset| !matches!(charset.trim_matches('"'), "utf-8" | "utf8" | "us-ascii")) {
        return Err(Problem::new(Kind::UnsupportedMediaType, "text is UTF-8"));
    }
    Ok(Some(essence.trim().to_owned()))
}

/// Refuses anything but JSON; an absent header is taken for JSON.
fn require_json(headers: &HeaderMap) -> Result<(), Problem> {
    match media_type(headers)? {
        Some(media) if media != "application/json" && !media.ends_with("+json") => Err(Problem::new(
            Kind::UnsupportedMediaType,
            format!("the body is application/json here, not {media}"),
        )),
        Some(_) | None => Ok(()),
    }
}

/// The bytes of a JSON body.
pub(crate) async fn json_bytes(request: Request<Body>) -> Result<Vec<u8>, Problem> {
    require_json(request.headers())?;
    whole(request, MAX_BODY_BYTES).await
}

/// The typed form of a JSON body that is an object.
pub(crate) async fn json<T: DeserializeOwned>(request: Request<Body>) -> Result<T, Problem> {
    let bytes = json_bytes(request).await?;
    Ok(object(&bytes)?)
}

/// The typed form of JSON text that holds an object. The first byte is looked at because a struct would also read
/// itself from an array, field by field.
pub(crate) fn object<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Invalid> {
    match bytes.trim_ascii_start().first() {
        None => Err(Invalid::one(
            "",
            Code::MalformedJson,
            "the body is empty; send a JSON object",
        )),
        Some(b'{') => json::parse(bytes),
        Some(_) => {
            json::parse::<serde::de::IgnoredAny>(bytes)?;
            Err(Invalid::one("", Code::InvalidType, "the body is a JSON object"))
        }
    }
}
