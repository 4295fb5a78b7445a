//! `/v1/editorial/{kind}/{id}/publish`, `/versions` and `/rollback`: what readers see, and what they saw.
//!
//! Invariants: publishing is an entry of the log, visible like any other change; nobody edits the past: a rollback
//! saves an older version anew.

use axum::Extension;
use axum::extract::{Request, State};
use florilege_engine::document::DocumentKind;
use florilege_engine::editorial::Playlist;
use florilege_engine::invalid::{Code, Invalid};
use florilege_engine::playlist::freeze::freeze;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::super::answer::{Answer, Answered};
use super::super::body;
use super::super::call::Call;
use super::super::problem::Problem;
use super::super::query::Query;
use super::super::route::{Note, Param, Shape};
use super::page::{CURSOR, LIMIT, Page};
use super::rights::{Editor, IfMatch, editable};
use super::shown::{DocumentShown, VersionShown, shown};
use super::{KeyPath, TAG};
use crate::app::{App, clock};
use crate::store::{Document, Draft};

/// Where to go back to.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Rollback {
    /// Which version; absent means what readers saw before.
    version: Option<u64>,
}

/// Versions of a document.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct VersionList {
    /// The newest first.
    versions: Vec<VersionShown>,
    #[schema(ignore)]
    next_cursor: Option<String>,
}

const PAGED: &[Param] = &[LIMIT, CURSOR];

pub(crate) fn publish_note() -> Note {
    Note {
        tag: TAG,
        summary: "Publish a document",
        detail: "Readers see the version that stands; the one that `if-match` names, if it is given. Send `sequence` \
                 as `min_sequence` to see it at once. What is already published stays as it is. A playlist with `frozen` \
                 first gets a version that keeps what its rule finds now, in `frozen_picks`.",
        query: &[],
        bodies: vec![],
        answer: Shape::json::<DocumentShown>(""),
        problems: &[404, 409],
    }
}

pub(crate) async fn publish(
    State(app): State<App>,
    call: Call,
    KeyPath(key): KeyPath,
    if_match: IfMatch,
    editor: Editor,
) -> Answered {
    let (there, version) = editable(&app, &editor, &key, if_match).await?;
    // A draft was checked when it was saved; the taxonomy of the server may be another since.
    florilege_engine::editorial::check(key.kind, &there.newest.draft.body, &app.taxonomy)?;
    let version = frozen(&app, &call, &there, version, &editor).await?.unwrap_or(version);
    let done = app.store.publish_document(key, Some(version), &editor.author).await?;
    shown(&app, done.document, done.sequence).await
}

/// A playlist that is to be frozen gets a version that holds what its rule finds now; none where nothing is frozen, or
/// where it holds just that already.
async fn frozen(
    app: &App,
    call: &Call,
    there: &Document,
    version: u64,
    editor: &Editor,
) -> Result<Option<u64>, Problem> {
    let draft = &there.newest.draft;
    let asks = draft.body.get("frozen").and_then(Value::as_bool) == Some(true);
    // Another version than the newest is a conflict, which the store tells; one that readers see stays as it is.
    let settled = there.published == Some(version) || version != there.newest.version;
    if there.key.kind != DocumentKind::Playlists || !asks || settled {
        return Ok(None);
    }
    let playlist: Playlist = florilege_engine::json::from_value(Value::Object(draft.body.clone()))?;
    // What was acknowledged before is part of what is found.
    app.wait_for(app.store.last_sequence(), call.deadline()).await?;
    let found = app.ask(call.deadline(), move |generation| {
        freeze(generation, &playlist, clock())
    });
    let picks = serde_json::to_value(found.await??).map_err(Problem::internal)?;
    if draft.body.get("frozen_picks").unwrap_or(&Value::Array(Vec::new())) == &picks {
        return Ok(None);
    }
    let mut body = draft.body.clone();
    body.insert("frozen_picks".to_owned(), picks);
    let draft = Draft {
        body,
        territory: draft.territory.clone(),
    };
    let saved = app
        .store
        .save_document(there.key.clone(), draft, Some(version), &editor.author)
        .await?;
    Ok(Some(saved.newest.version))
}

pub(crate) fn versions_note() -> Note {
    Note {
        tag: TAG,
        summary: "Versions of a document",
        detail: "Every one that was saved, the newest first, with its body.",
        query: PAGED,
        bodies: vec![],
        answer: Shape::pages::<VersionList>(),
        problems: &[404],
    }
}

pub(crate) async fn versions(
    State(app): State<App>,
    KeyPath(key): KeyPath,
    Extension(query): Extension<Query>,
) -> Answered {
    let stands = app.store.last_sequence();
    let page = Page::read(query, &format!("versions {key}"), PAGED)?;
    // A document that is not there has no versions either, but is a 404.
    app.store.document(&key).await?;
    let before = page.after::<u64>(&app)?.unwrap_or(u64::MAX);
    let mut versions = app.store.document_versions(&key, before, page.limit + 1).await?;
    let next_cursor = page.cut(&app, &mut versions, |last| last.version)?;
    let versions = versions.into_iter().map(VersionShown::of).collect();
    Answer::new(&VersionList { versions, next_cursor }, stands)
}

pub(crate) fn rollback_note() -> Note {
    Note {
        tag: TAG,
        summary: "Go back to an older version",
        detail: "Saves the version anew and publishes it. Without `version`: a draft that is ahead goes back to what \
                 readers see; else they see again what they saw before.",
        query: &[],
        bodies: vec![Shape::json::<Rollback>(r#"{"version":1}"#)],
        answer: Shape::json::<DocumentShown>(""),
        problems: &[404, 409],
    }
}

pub(crate) async fn rollback(
    State(app): State<App>,
    KeyPath(key): KeyPath,
    if_match: IfMatch,
    editor: Editor,
    request: Request,
) -> Answered {
    let asked = read(request).await?;
    let (there, version) = editable(&app, &editor, &key, if_match).await?;
    let to = match asked.version {
        Some(to) => to,
        None => before(&app, &there).await?,
    };
    let target = app.store.document_version(&key, to).await;
    let target = target.map_err(|error| no_version(error, to))?;
    editor.require(target.draft.territory.as_deref())?;
    let done = app
        .store
        .rollback_document(key, to, Some(version), &editor.author)
        .await?;
    shown(&app, done.document, done.sequence).await
}

/// The body, which may be empty.
async fn read(request: Request) -> Result<Rollback, Problem> {
    let bytes = body::json_bytes(request).await?;
    if bytes.trim_ascii().is_empty() {
        return Ok(Rollback::default());
    }
    Ok(body::object(&bytes)?)
}

/// What readers saw before, or still see where a draft is ahead.
async fn before(app: &App, there: &Document) -> Result<u64, Problem> {
    let newest = there.newest.version;
    if let Some(published) = there.published.filter(|published| *published < newest) {
        return Ok(published);
    }
    let found = app.store.published_before(&there.key, newest).await?;
    found.ok_or_else(|| {
        let message = "nothing was published before: name a version";
        Invalid::one("/version", Code::InvalidValue, message).into()
    })
}

/// A version in the body that is not there is a wrong value, not a wrong path.
fn no_version(error: crate::store::StoreError, number: u64) -> Problem {
    match error {
        crate::store::StoreError::NotFound { .. } => {
            Invalid::one("/version", Code::InvalidValue, format!("there is no version {number}")).into()
        }
        other @ (crate::store::StoreError::Overloaded { .. }
        | crate::store::StoreError::Unavailable { .. }
        | crate::store::StoreError::Conflict { .. }
        | crate::store::StoreError::Invalid(_)
        | crate::store::StoreError::Schema { .. }
        | crate::store::StoreError::Damaged(_)) => other.into(),
    }
}
