//! `POST /v1/editorial/preview`: a draft as a reader would see it, beside what is live.
//!
//! Invariant: it stores nothing and changes nothing that is served; a moment to come is asked like any other.

use axum::extract::{Request, State};
use florilege_engine::document::DocumentKind;
use florilege_engine::ids::DocumentId;
use florilege_engine::invalid::{Code, Invalid};
use florilege_engine::preview::{Preview, PreviewRequest, preview};
use serde_json::{Map, Value};

use super::super::answer::{Answer, Answered};
use super::super::body;
use super::super::call::Call;
use super::super::problem::Problem;
use super::super::route::{Note, Shape};
use super::TAG;
use crate::app::{App, clock};
use crate::store::{DocumentKey, StoreError};

const EXAMPLE: &str = r#"{"kind":"playlists","body":{"id":"mangas","title":"Mangas du moment","rule":{"filters":{"genres":["Manga"]}}},"persona":"curieux","context":{"age":17,"position":{"lat":48.1085,"lng":-1.6794}},"now":"2027-06-21T18:00:00+02:00","compare":true}"#;

pub(crate) fn note() -> Note {
    Note {
        tag: TAG,
        summary: "Preview a draft",
        detail: "A draft (its `body`, or the newest of a document by `id`) as any reader, persona, place and moment would \
                 see it: a playlist's list, a home's page, the list of a scenario, the page with a calendar, a closure, a \
                 label or a persona. With `compare`, beside what is live, with the difference in works, categories, \
                 venues, value, price and reach. Stores nothing.",
        query: &[],
        bodies: vec![Shape::json::<PreviewRequest>(EXAMPLE)],
        answer: Shape::json::<Preview>(""),
        problems: &[],
    }
}

pub(crate) async fn post(State(app): State<App>, call: Call, request: Request) -> Answered {
    let request: PreviewRequest = body::json(request).await?;
    request.check()?;
    let draft = match (&request.body, &request.id) {
        (Some(body), _) => body.clone(),
        (None, Some(id)) => newest(&app, request.kind, id).await?,
        (None, None) => Map::new(),
    };
    let answered = app.ask(call.deadline(), move |generation| {
        let seen = preview(generation, &request, &draft, clock());
        seen.map(|seen| (generation.sequence(), seen))
    });
    let (stands, seen) = answered.await??;
    Answer::new(&seen, stands)
}

/// The newest draft of a document; one that is not there is a wrong value of the body.
async fn newest(app: &App, kind: DocumentKind, id: &DocumentId) -> Result<Map<String, Value>, Problem> {
    let key = DocumentKey { kind, id: id.clone() };
    match app.store.document(&key).await {
        Ok(document) => Ok(document.newest.draft.body),
        Err(StoreError::NotFound { .. }) => {
            let message = format!("there is no document {id} of this kind");
            Err(Invalid::one("/id", Code::NotFound, message).into())
        }
        Err(error) => Err(error.into()),
    }
}
