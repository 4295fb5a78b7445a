//! `GET /v1/editorial/export` and `POST /v1/editorial/import`: documents as a file, a line each.
//!
//! A way from one server to another, and into version control. Invariants: an import checks every line before it
//! writes the first; what an export wrote, an import takes, and a second time it changes nothing.

use axum::Extension;
use axum::extract::{Request, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use florilege_engine::invalid::{Code, Invalid};

use super::super::answer::{Answer, Answered};
use super::super::body;
use super::super::problem::{Kind, Problem};
use super::super::query::Query;
use super::super::route::{Note, Param, Shape};
use super::TAG;
use super::rights::Editor;
use crate::app::App;
use crate::editorial::{self, Imported};

/// The most bytes of an import.
const MAX_BYTES: usize = 32 << 20;

const EXAMPLE: &str =
    r#"{"kind":"synonyms","id":"cine","status":"published","body":{"id":"cine","groups":[["ciné","cinéma"]]}}"#;

pub(crate) fn export_note() -> Note {
    Note {
        tag: TAG,
        summary: "Every document as a file",
        detail: "Lines of JSON, by kind and identifier, archived documents included: `{kind, id, status, body}`, and \
                 `published` where readers see another body than the draft.",
        query: &[],
        bodies: vec![],
        answer: Shape::text("application/x-ndjson", ""),
        problems: &[],
    }
}

pub(crate) async fn export(State(app): State<App>) -> Result<Response, Problem> {
    let text = editorial::export(&app.store).await?;
    Ok(([(header::CONTENT_TYPE, "application/x-ndjson")], text).into_response())
}

const IMPORT_PARAMS: &[Param] = &[Param {
    name: "dry_run",
    kind: "boolean",
    what: "Check every line and write nothing.",
}];

pub(crate) fn import_note() -> Note {
    Note {
        tag: TAG,
        summary: "Take documents from a file",
        detail: "Lines as `/v1/editorial/export` writes them, at most 32 MiB. All or nothing: one bad line, and \
                 nothing is written; each is reported by its number, from 1. A document that is there gets a new \
                 version, unless it says the same already. `status` is `draft` where absent; `published` publishes, \
                 `archived` archives.",
        query: IMPORT_PARAMS,
        bodies: vec![Shape::text("application/x-ndjson", EXAMPLE)],
        answer: Shape::json::<Imported>(""),
        problems: &[],
    }
}

pub(crate) async fn import(
    State(app): State<App>,
    Extension(query): Extension<Query>,
    editor: Editor,
    request: Request,
) -> Answered {
    let dry_run = dry_run(&query)?;
    require_lines(&request)?;
    let text = body::whole(request, MAX_BYTES).await?;
    let report = editorial::import(&app.store, &app.taxonomy, &editor, &text, dry_run).await?;
    Answer::new(&report, app.store.last_sequence())
}

fn dry_run(query: &Query) -> Result<bool, Problem> {
    let mut dry_run = false;
    for (name, value) in &query.pairs {
        if name != "dry_run" {
            let message = format!("unknown parameter {name:?}");
            return Err(Invalid::one(format!("/{name}"), Code::UnknownField, message).into());
        }
        dry_run = match value.as_str() {
            "" | "true" | "1" => true,
            "false" | "0" => false,
            _ => return Err(Invalid::one("/dry_run", Code::InvalidType, "true or false").into()),
        };
    }
    Ok(dry_run)
}

fn require_lines(request: &Request) -> Result<(), Problem> {
    match body::media_type(request.headers())?.as_deref() {
        None | Some("application/x-ndjson" | "application/ndjson" | "application/jsonl") => Ok(()),
        Some(media) => Err(Problem::new(
            Kind::UnsupportedMediaType,
            format!("an import is application/x-ndjson, not {media}"),
        )),
    }
}
