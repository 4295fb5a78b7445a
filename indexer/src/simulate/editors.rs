//! What editors would publish: the lines of `florilege editorial export`, read for a simulated year.
//!
//! Invariant: what is read has passed the check of its kind; drafts that readers would not see are left out.

use florilege_engine::document::{DocumentKind, Publication};
use florilege_engine::editorial;
use florilege_engine::ids::DocumentId;
use florilege_engine::invalid::Invalid;
use florilege_engine::json;
use florilege_engine::taxonomy::Taxonomy;
use serde::Deserialize;
use serde_json::{Map, Value};

/// Why a file of documents is refused.
#[derive(Debug, thiserror::Error)]
#[error("line {line}: {fault}")]
pub struct DocumentsError {
    line: usize,
    fault: Invalid,
}

/// A line of an export; of one written by hand, `kind`, `id` and `body` are enough.
#[derive(Deserialize)]
struct Line {
    kind: DocumentKind,
    id: DocumentId,
    #[serde(default)]
    status: Option<String>,
    body: Map<String, Value>,
    #[serde(default)]
    published: Option<Map<String, Value>>,
}

/// The documents that readers see.
///
/// # Errors
/// The first line that is no document, or breaks a rule of its kind.
pub fn read(text: &str, taxonomy: &Taxonomy) -> Result<Vec<Publication>, DocumentsError> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let read = lines.map(|(number, line)| {
        let read = publication(line, taxonomy);
        read.map_err(|fault| DocumentsError {
            line: number + 1,
            fault,
        })
    });
    Ok(read.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
}

fn publication(line: &str, taxonomy: &Taxonomy) -> Result<Option<Publication>, Invalid> {
    let line: Line = json::parse(line.as_bytes())?;
    let seen = match line.status.as_deref() {
        None | Some("published") => Some(line.published.unwrap_or(line.body)),
        Some(_) => line.published,
    };
    let Some(body) = seen else { return Ok(None) };
    let summary = editorial::check(line.kind, &body, taxonomy)?;
    Ok(Some(Publication {
        kind: line.kind,
        id: line.id,
        version: 1,
        territory: summary.territory,
        body: Some(body),
    }))
}
