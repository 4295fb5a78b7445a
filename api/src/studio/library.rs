//! Lists of documents, their versions, and the audit.
//!
//! Invariant: a page of a list costs the same whatever page it is, and shows what the store holds now.

use askama::Template;
use axum::extract::{Path, Query, State};
use florilege_engine::document::DocumentKind;
use florilege_engine::ids::DocumentId;
use florilege_engine::persona;
use serde::Deserialize;

use super::answer::{Answer, Refusal, html};
use super::desk::{self, edited, known, text};
use super::differences::{Difference, differences};
use super::page::Page;
use super::session::Signed;
use super::state::Studio;
use super::words::Lang;
use crate::store::{Audited, Document, DocumentKey, Find, Status, Version};

/// Documents on one page.
const PAGE: usize = 50;
/// Versions on one page, and audit lines.
const LINES: usize = 50;

/// What a list is asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    q: String,
    status: String,
    page: usize,
}

#[derive(Template)]
#[template(path = "documents.html")]
struct Documents {
    p: Page,
    kind: DocumentKind,
    asked: Asked,
    found: Vec<Document>,
    total: usize,
    pages: usize,
    /// Personas of the study that nobody has tuned: identifier and name.
    untuned: Vec<(String, String)>,
}

impl Documents {
    fn title(&self, document: &Document) -> String {
        text(document.newest.draft.body.get("title"))
    }

    fn path(&self, document: &Document) -> String {
        desk::path(self.kind, document.key.id.as_str())
    }

    /// The state, as the words call it.
    fn state(&self, document: &Document) -> &'static str {
        match document.published {
            Some(published) if document.status == Status::Published && published != document.newest.version => "ahead",
            Some(_) | None => document.status.as_str(),
        }
    }

    fn other_page(&self, page: usize) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query
            .append_pair("q", &self.asked.q)
            .append_pair("status", &self.asked.status);
        query.append_pair("page", &page.to_string());
        format!("/studio/{}?{}", self.kind, query.finish())
    }
}

pub(super) async fn list(
    State(studio): State<Studio>,
    Path(kind): Path<String>,
    Query(asked): Query<Asked>,
    signed: Signed,
) -> Answer {
    let kind = edited(&kind)?;
    let find = Find {
        status: Status::ALL.into_iter().find(|status| status.as_str() == asked.status),
        words: asked.q.trim().to_owned(),
        skip: asked.page.min(1_000_000) * PAGE,
        limit: PAGE,
    };
    let (found, total) = studio.store.find_documents(kind, &find).await?;
    html(&Documents {
        p: signed.page(kind.as_str()),
        kind,
        asked,
        found,
        total,
        pages: total.div_ceil(PAGE),
        untuned: if kind == DocumentKind::Personas {
            untuned(&studio, signed.lang).await?
        } else {
            Vec::new()
        },
    })
}

/// The personas of the study that no document stands for.
async fn untuned(studio: &Studio, lang: Lang) -> Result<Vec<(String, String)>, Refusal> {
    let find = Find {
        limit: PAGE,
        ..Find::default()
    };
    let (tuned, _) = studio.store.find_documents(DocumentKind::Personas, &find).await?;
    let name = |one: &persona::Persona| match (lang, &one.en) {
        (Lang::En, Some(en)) => en.clone(),
        (Lang::Fr | Lang::En, _) => one.title.clone(),
    };
    let mut known = persona::documents();
    known.retain(|one| !tuned.iter().any(|tuned| tuned.key.id == one.id));
    Ok(known.iter().map(|one| (one.id.to_string(), name(one))).collect())
}

/// One version beside the one before it.
struct Step {
    version: Version,
    differences: Vec<Difference>,
    is_live: bool,
    is_newest: bool,
}

#[derive(Template)]
#[template(path = "versions.html")]
struct Versions {
    p: Page,
    document: Document,
    steps: Vec<Step>,
    path: String,
    /// Whether the studio has a page to edit it.
    is_edited: bool,
}

impl Step {
    /// The body as it is written.
    fn written(&self) -> String {
        serde_json::to_string_pretty(&self.version.draft.body).unwrap_or_default()
    }
}

impl Versions {
    fn title(&self) -> String {
        text(self.document.newest.draft.body.get("title"))
    }
}

pub(super) async fn versions(
    State(studio): State<Studio>,
    Path((kind, id)): Path<(String, String)>,
    signed: Signed,
) -> Answer {
    let kind = known(&kind)?;
    let id = DocumentId::new(&id).map_err(|_| Refusal::NotFound)?;
    let key = DocumentKey { kind, id };
    let document = studio.store.document(&key).await?;
    let versions = studio.store.document_versions(&key, u64::MAX, LINES).await?;
    let olds = versions.iter().skip(1).map(Some).chain([None]);
    let step = |(version, old): (&Version, Option<&Version>)| Step {
        differences: old.map_or_else(Vec::new, |old| differences(&old.draft.body, &version.draft.body)),
        is_live: document.published == Some(version.version),
        is_newest: document.newest.version == version.version,
        version: version.clone(),
    };
    let steps = versions.iter().zip(olds).map(step).collect();
    html(&Versions {
        p: signed.page(kind.as_str()),
        path: desk::path(kind, key.id.as_str()),
        is_edited: edited(kind.as_str()).is_ok(),
        document,
        steps,
    })
}

/// Where the audit goes on.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Before {
    before: Option<u64>,
}

#[derive(Template)]
#[template(path = "audit.html")]
struct Audit {
    p: Page,
    lines: Vec<Audited>,
}

impl Audit {
    fn path(&self, line: &Audited) -> String {
        desk::path(line.key.kind, line.key.id.as_str())
    }

    fn next(&self) -> Option<u64> {
        let last = self.lines.last().map(|line| line.number)?;
        (self.lines.len() == LINES && last > 1).then_some(last)
    }
}

pub(super) async fn audit(State(studio): State<Studio>, Query(asked): Query<Before>, signed: Signed) -> Answer {
    let lines = studio
        .store
        .audit_before(asked.before.unwrap_or(u64::MAX), LINES)
        .await?;
    html(&Audit {
        p: signed.page("audit"),
        lines,
    })
}
