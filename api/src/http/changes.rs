//! `POST /v1/changes`: many changes in one body, each accepted or refused by itself.
//!
//! The body is read whole before anything is written. Invariants: a body over the limits (413) changes nothing; any
//! other is answered 200, with every refused line by its number.

use axum::extract::{Request, State};
use florilege_engine::invalid::Invalid;

use super::answer::{Answer, Answered};
use super::body;
use super::call::Call;
use super::problem::{Kind, Problem};
use super::route::{Note, Shape};
use crate::app::App;
use crate::arrow::{self, StreamError};
use crate::bulk::{Bulk, Report, lines};

/// The most bytes of a body.
pub(crate) const MAX_BYTES: usize = 128 << 20;
/// The most lines of a body, blank ones not counted.
pub(crate) const MAX_LINES: usize = 200_000;

const EXAMPLE: &str = concat!(
    r#"{"op":"venue.upsert","venue":{"id":"v-9","name":"La Criée","position":{"lat":48.1085,"lng":-1.6794}}}"#,
    "\n",
    r#"{"op":"offer.upsert","offer":{"id":"offer-1","title":"Dune","subcategory":"LIVRE_PAPIER","venue_id":"v-9"}}"#,
    "\n",
    r#"{"op":"offer.stock","id":"offer-1","stock":3}"#,
);

pub(crate) fn note() -> Note {
    Note {
        tag: "Writing",
        summary: "Write many changes",
        detail: "One change a line: `offer.upsert`, `offer.delete`, `offer.stock`, `venue.upsert`, `venue.delete`, \
                 `user.upsert`, `user.erase`, `event`. At most 128 MiB and 200,000 lines. Always 200: a bad line is \
                 reported by its number, from 1, and the rest goes in. Offers may also come as an Arrow IPC stream \
                 (`application/vnd.apache.arrow.stream`), its columns named as the fields.",
        query: &[],
        bodies: vec![
            Shape::text("application/x-ndjson", EXAMPLE),
            Shape::text("application/vnd.apache.arrow.stream", ""),
        ],
        answer: Shape::json::<Report>(""),
        problems: &[413, 415],
    }
}

/// What a body holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Lines,
    Arrow,
}

pub(crate) async fn post(State(app): State<App>, call: Call, request: Request) -> Answered {
    let format = format(&request)?;
    let _room = room(&app, call).await?;
    let body = body::whole(request, MAX_BYTES).await?;
    let report = match format {
        Format::Lines => take_lines(&app, &body).await?,
        Format::Arrow => take_rows(&app, body).await?,
    };
    Answer::new(&report, report.sequence)
}

async fn take_lines(app: &App, text: &[u8]) -> Result<Report, Problem> {
    if lines(text).take(MAX_LINES + 1).count() > MAX_LINES {
        return Err(too_long());
    }
    let mut bulk = Bulk::of_changes(app.store.clone(), app.taxonomy.clone());
    for (number, line) in lines(text) {
        bulk.push(number, line).await?;
    }
    Ok(bulk.finish().await?)
}

async fn take_rows(app: &App, stream: Vec<u8>) -> Result<Report, Problem> {
    let read = tokio::task::spawn_blocking(move || arrow::rows(&stream, MAX_LINES)).await;
    let rows = match read {
        Ok(Ok(rows)) => rows,
        Ok(Err(StreamError::TooLong(_))) => return Err(too_long()),
        Ok(Err(error @ StreamError::TooLarge(_))) => return Err(Problem::new(Kind::TooLarge, error.to_string())),
        Ok(Err(error)) => return Err(Invalid::from(error).into()),
        Err(error) => return Err(Problem::internal(error)),
    };
    let mut bulk = Bulk::new(app.store.clone(), app.taxonomy.clone(), arrow::read);
    for (number, row) in (1..).zip(&rows) {
        bulk.push(number, row).await?;
    }
    Ok(bulk.finish().await?)
}

fn too_long() -> Problem {
    Problem::new(
        Kind::TooLarge,
        format!("a body has at most {MAX_LINES} lines or rows; nothing was written"),
    )
}

fn format(request: &Request) -> Result<Format, Problem> {
    match body::media_type(request.headers())?.as_deref() {
        None | Some("application/x-ndjson" | "application/ndjson" | "application/jsonl") => Ok(Format::Lines),
        Some("application/vnd.apache.arrow.stream") => Ok(Format::Arrow),
        Some(media) => Err(Problem::new(
            Kind::UnsupportedMediaType,
            format!("changes are application/x-ndjson or application/vnd.apache.arrow.stream, not {media}"),
        )),
    }
}

/// Waits for room for a large body.
async fn room(app: &App, call: Call) -> Result<tokio::sync::SemaphorePermit<'_>, Problem> {
    let busy = || {
        Problem::new(
            Kind::Overloaded,
            "other bulk bodies are being read; send again in a second",
        )
    };
    match tokio::time::timeout_at(call.deadline(), app.bulk.acquire()).await {
        Ok(Ok(permit)) => Ok(permit),
        Ok(Err(_)) | Err(_) => Err(busy()),
    }
}
