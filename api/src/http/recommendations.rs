//! `POST /v1/recommendations`: one ranked list.
//!
//! Parses, checks, opens the cursor, asks the engine, seals the next cursor. Invariant: one generation answers the
//! whole request.

use axum::extract::{Request, State};
use florilege_engine::invalid::Invalid;
use florilege_engine::query::RecommendationRequest;
use serde::Serialize;

use super::answer::{Answer, Answered};
use super::body;
use super::call::Call;
use super::cursor::{Binding, Signer};
use super::problem::Problem;
use super::route::{Note, Shape};
use crate::app::{App, clock};
use crate::live::{Generation, Recommended};

const EXAMPLE: &str = r#"{"context":{"position":{"lat":48.1085,"lng":-1.6794},"age":18},"limit":10,"explain":true}"#;

/// One page of a list.
#[derive(Serialize)]
pub(crate) struct Page<T> {
    #[serde(flatten)]
    content: T,
    /// Asks for the next page; absent at the end.
    next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// A page and where it goes on.
    pub(crate) fn new(content: T, next_cursor: Option<String>) -> Self {
        Self { content, next_cursor }
    }
}

pub(crate) fn note() -> Note {
    Note {
        tag: "Serving",
        summary: "One ranked list",
        detail: "No two offers of one category in a row unless `diversity.rules` says otherwise; `diversity` tells \
                 whether the rules were met, the list's value and a proven bound. `explain` adds to each offer the \
                 features that its score is the sum of.",
        query: &[],
        bodies: vec![Shape::json::<RecommendationRequest>(EXAMPLE)],
        answer: Shape::pages::<Recommended>(),
        problems: &[],
    }
}

pub(crate) async fn post(State(app): State<App>, call: Call, request: Request) -> Answered {
    let request: RecommendationRequest = body::json(request).await?;
    request.check()?;
    let signer = app.signer.clone();
    app.ask(call.deadline(), move |generation| list(generation, &signer, &request)).await?
}

fn list(generation: &Generation, signer: &Signer, request: &RecommendationRequest) -> Answered {
    let binding = binding("recommendations", request)?;
    let page = opened(signer, &binding, request.cursor.as_deref())?;
    let mut listed = generation.recommend(request, page.as_ref(), clock())?;
    let next = listed.next.take();
    let next = next.map(|state| signer.seal(&binding, &state)).transpose().map_err(Problem::internal)?;
    Answer::new(&Page::new(listed, next), generation.sequence())
}

/// What a request's cursors are bound to.
pub(crate) fn binding(kind: &str, request: &impl Serialize) -> Result<Binding, Problem> {
    let request = serde_json::to_value(request).map_err(Problem::internal)?;
    Ok(Binding::new(kind, &request))
}

/// The page that a cursor asks for.
pub(crate) fn opened<T: serde::de::DeserializeOwned>(
    signer: &Signer,
    binding: &Binding,
    cursor: Option<&str>,
) -> Result<Option<T>, Invalid> {
    cursor.map(|cursor| signer.open(binding, cursor)).transpose()
}
