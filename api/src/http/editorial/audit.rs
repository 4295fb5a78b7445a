//! `GET /v1/editorial/audit`: who did what to which document, in order.
//!
//! Invariant: it only grows; it names keys, never persons.

use axum::Extension;
use axum::extract::State;
use florilege_engine::document::DocumentKind;
use florilege_engine::ids::DocumentId;
use florilege_engine::invalid::{Code, Invalid};
use serde::Serialize;

use super::super::answer::{Answer, Answered};
use super::super::problem::Problem;
use super::super::query::Query;
use super::super::route::{Note, Param, Shape};
use super::TAG;
use super::page::{CURSOR, LIMIT, Page};
use crate::app::App;
use crate::store::{AuditListing, Audited};

/// A line of the audit.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct AuditLine {
    /// Its place, from 1.
    number: u64,
    /// When.
    at: String,
    /// Who: the public identifier of a key.
    author: String,
    /// `create`, `save`, `publish`, `rollback` or `archive`.
    action: &'static str,
    /// Of which kind the document is.
    kind: DocumentKind,
    /// Which document.
    id: String,
    /// The version that stood afterwards.
    version: u64,
}

/// Lines of the audit.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct AuditList {
    /// The oldest first.
    audit: Vec<AuditLine>,
    #[schema(ignore)]
    next_cursor: Option<String>,
}

const PARAMS: &[Param] = &[
    Param {
        name: "kind",
        kind: "string",
        what: "About documents of this kind alone.",
    },
    Param {
        name: "id",
        kind: "string",
        what: "About documents of this identifier alone.",
    },
    LIMIT,
    CURSOR,
];

pub(crate) fn note() -> Note {
    Note {
        tag: TAG,
        summary: "Who did what",
        detail: "Every change to a document, the oldest first; it only grows. Authors are public identifiers of keys.",
        query: PARAMS,
        bodies: vec![],
        answer: Shape::pages::<AuditList>(),
        problems: &[],
    }
}

pub(crate) async fn get(State(app): State<App>, Extension(query): Extension<Query>) -> Answered {
    let stands = app.store.last_sequence();
    let page = Page::read(query, "audit", PARAMS)?;
    let listing = AuditListing {
        kind: page.value("kind")?,
        id: id(&page)?,
        after: page.after(&app)?.unwrap_or(0),
        limit: page.limit + 1,
    };
    let mut lines = app.store.audit(&listing).await?;
    let next_cursor = page.cut(&app, &mut lines, |last| last.number)?;
    let audit = lines.into_iter().map(line).collect();
    Answer::new(&AuditList { audit, next_cursor }, stands)
}

fn id(page: &Page) -> Result<Option<DocumentId>, Problem> {
    let text: Option<String> = page.value("id")?;
    let id = text.map(|text| DocumentId::new(&text)).transpose();
    Ok(id.map_err(|error| Invalid::one("/id", Code::InvalidValue, error.to_string()))?)
}

fn line(line: Audited) -> AuditLine {
    AuditLine {
        number: line.number,
        at: line.at.to_string(),
        author: line.author,
        action: line.action.as_str(),
        kind: line.key.kind,
        id: line.key.id.to_string(),
        version: line.version,
    }
}
