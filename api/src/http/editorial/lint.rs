//! `POST /v1/editorial/lint`: what an editor should know of a draft before it is published.
//!
//! Invariant: it stores nothing, and answers 200 whatever the draft is worth.

use axum::extract::{Request, State};
use florilege_engine::document::DocumentKind;
use florilege_engine::editorial::lint::Message;
use florilege_engine::lint::lint;
use florilege_engine::time::Moment;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::super::answer::{Answer, Answered};
use super::super::body;
use super::super::call::Call;
use super::super::route::{Note, Shape};
use super::TAG;
use super::shown::AnyBody;
use crate::app::{App, clock};

/// A draft to look at.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LintRequest {
    /// Of which kind.
    kind: DocumentKind,
    /// What it says.
    #[schema(value_type = AnyBody)]
    body: Map<String, Value>,
    /// When it would be published; the server's clock where absent.
    #[serde(default)]
    now: Option<Moment>,
}

/// What there is to say of it.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct LintAnswer {
    /// Worst first; empty when all is well.
    messages: Vec<Message>,
}

const EXAMPLE: &str = r#"{"kind":"playlists","body":{"id":"mangas","title":"Mangas du moment","min_offers":3,"rule":{"filters":{"genres":["Manga"]}}}}"#;

pub(crate) fn note() -> Note {
    Note {
        tag: TAG,
        summary: "Look over a draft",
        detail: "Says where a draft would be refused or would not do what its editor means, with a JSON pointer and a \
                 way to mend it. Stores nothing.",
        query: &[],
        bodies: vec![Shape::json::<LintRequest>(EXAMPLE)],
        answer: Shape::json::<LintAnswer>(""),
        problems: &[],
    }
}

pub(crate) async fn post(State(app): State<App>, call: Call, request: Request) -> Answered {
    let asked: LintRequest = body::json(request).await?;
    let now = asked.now.unwrap_or_else(clock);
    let (stands, messages) = app
        .ask(call.deadline(), move |generation| {
            let messages = lint(generation, asked.kind, &asked.body, now);
            (generation.sequence(), messages)
        })
        .await?;
    Answer::new(&LintAnswer { messages }, stands)
}
