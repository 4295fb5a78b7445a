//! `/v1/editorial/{kind}` and `/v1/editorial/{kind}/{id}`: list, make, read, save, archive.
//!
//! Invariant: a draft is nobody's business but the editors': saving writes no entry of the log.

use axum::Extension;
use axum::extract::{Request, State};
use florilege_engine::ids::DocumentId;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::super::answer::{Answer, Answered};
use super::super::body;
use super::super::id::require_same;
use super::super::problem::Problem;
use super::super::query::Query;
use super::super::route::{Note, Param, Shape};
use super::page::{CURSOR, LIMIT, Page};
use super::rights::{Editor, IfMatch, editable, require_seen};
use super::shown::{AnyBody, DocumentLine, DocumentShown, draft, location, shown};
use super::{KeyPath, KindPath, TAG};
use crate::app::App;
use crate::store::{DocumentKey, Listing, Status};

/// Documents of a kind.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct DocumentList {
    /// By identifier.
    documents: Vec<DocumentLine>,
    #[schema(ignore)]
    next_cursor: Option<String>,
}

const LIST_PARAMS: &[Param] = &[
    Param {
        name: "status",
        kind: "string",
        what: "`draft`, `published` or `archived` alone; absent means all but the archived.",
    },
    Param {
        name: "territory",
        kind: "string",
        what: "Of this territory alone.",
    },
    LIMIT,
    CURSOR,
];

const EXAMPLE: &str = r#"{"id":"mangas","title":"Mangas du moment","subtitle":"À lire d’une traite","rule":{"q":"","filters":{"subcategories":["LIVRE_PAPIER"],"genres":["Manga"]}},"picks":[{"offer_id":"offer-1","rank":0}],"order":"relevance","min_offers":3,"max_offers":30}"#;

pub(crate) fn list_note() -> Note {
    Note {
        tag: TAG,
        summary: "List documents of a kind",
        detail: "By identifier, without their bodies.",
        query: LIST_PARAMS,
        bodies: vec![],
        answer: Shape::pages::<DocumentList>(),
        problems: &[404],
    }
}

pub(crate) async fn list(
    State(app): State<App>,
    KindPath(kind): KindPath,
    Extension(query): Extension<Query>,
) -> Answered {
    let stands = app.store.last_sequence();
    let page = Page::read(query, &format!("editorial {kind}"), LIST_PARAMS)?;
    let status: Option<Status> = page.value("status")?;
    let listing = Listing {
        status,
        standing: status.is_none(),
        territory: page.value("territory")?,
        after: page.after::<DocumentId>(&app)?,
        limit: page.limit + 1,
    };
    let mut documents = app.store.documents(kind, &listing).await?;
    let next_cursor = page.cut(&app, &mut documents, |last| last.key.id.clone())?;
    let documents = documents.iter().map(DocumentLine::of).collect();
    Answer::new(&DocumentList { documents, next_cursor }, stands)
}

pub(crate) fn create_note() -> Note {
    Note {
        tag: TAG,
        summary: "Make a document",
        detail: "As a draft, version 1; readers see it once it is published. Its body is checked by the kind's schema \
                 (`/v1/editorial/schemas/{kind}`). 409 when the identifier is taken, also by an archived document: \
                 save over that one instead.",
        query: &[],
        bodies: vec![Shape::json::<AnyBody>(EXAMPLE)],
        answer: Shape::json::<DocumentShown>(""),
        problems: &[404, 409],
    }
}

pub(crate) async fn create(
    State(app): State<App>,
    KindPath(kind): KindPath,
    editor: Editor,
    request: Request,
) -> Answered {
    let body: Map<String, Value> = body::json(request).await?;
    let (id, draft) = draft(&app, kind, body)?;
    editor.require(draft.territory.as_deref())?;
    let key = DocumentKey { kind, id };
    let (name, place) = location(&key);
    let made = app.store.create_document(key, draft, &editor.author).await?;
    let answer = shown(&app, made, app.store.last_sequence()).await?;
    Ok(answer.created().with_header(name, &place))
}

pub(crate) fn get_note() -> Note {
    Note {
        tag: TAG,
        summary: "Read a document",
        detail: "The draft in `body`, what readers see in `published`. `etag` is the version.",
        query: &[],
        bodies: vec![],
        answer: Shape::json::<DocumentShown>(""),
        problems: &[404],
    }
}

pub(crate) async fn get(State(app): State<App>, KeyPath(key): KeyPath) -> Answered {
    let stands = app.store.last_sequence();
    let document = app.store.document(&key).await?;
    shown(&app, document, stands).await
}

pub(crate) fn put_note() -> Note {
    Note {
        tag: TAG,
        summary: "Save a draft",
        detail: "As a new version, over the one that `if-match` names; 409 when another was saved meanwhile. Without \
                 `if-match`, only over a version of the same key's own; `*` overwrites whatever stands. Takes an \
                 archived document out again.",
        query: &[],
        bodies: vec![Shape::json::<AnyBody>(EXAMPLE)],
        answer: Shape::json::<DocumentShown>(""),
        problems: &[404, 409],
    }
}

pub(crate) async fn put(
    State(app): State<App>,
    KeyPath(key): KeyPath,
    if_match: IfMatch,
    editor: Editor,
    request: Request,
) -> Answered {
    let (there, version) = editable(&app, &editor, &key, if_match).await?;
    let mut body: Map<String, Value> = body::json(request).await?;
    body.entry("id").or_insert_with(|| json!(key.id));
    let (id, draft) = draft(&app, key.kind, body)?;
    require_same(&key.id, &id)?;
    editor.require(draft.territory.as_deref())?;
    require_seen(&editor, &there, if_match)?;
    let saved = app
        .store
        .save_document(key, draft, Some(version), &editor.author)
        .await?;
    shown(&app, saved, app.store.last_sequence()).await
}

pub(crate) fn delete_note() -> Note {
    Note {
        tag: TAG,
        summary: "Archive a document",
        detail: "Takes it back from the readers, as an entry of the log, and puts it away with all its versions. \
                 Saving a draft takes it out again.",
        query: &[],
        bodies: vec![],
        answer: Shape::json::<DocumentShown>(""),
        problems: &[404, 409],
    }
}

pub(crate) async fn delete(
    State(app): State<App>,
    KeyPath(key): KeyPath,
    if_match: IfMatch,
    editor: Editor,
) -> Result<Answer, Problem> {
    let (_, version) = editable(&app, &editor, &key, if_match).await?;
    let gone = app.store.archive_document(key, Some(version), &editor.author).await?;
    shown(&app, gone.document, gone.sequence).await
}
