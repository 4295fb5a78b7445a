//! `POST /v1/recommendations`: one ranked list.
//!
//! Parses, checks, opens the cursor, asks the engine, seals the next cursor. Invariant: one generation answers the
//! whole request.

use axum::extract::{Request, State};
use florilege_engine::query::RecommendationRequest;
use serde::Serialize;

use super::answer::{Answer, Answered};
use super::body;
use super::call::Call;
use super::cursor::Signer;
use super::place::Place;
use super::route::{Note, Shape};
use crate::app::App;
use florilege_engine::live::Generation;
use florilege_engine::pipeline::Recommended;

const EXAMPLE: &str = r#"{"context":{"position":{"lat":48.1085,"lng":-1.6794},"age":18},"limit":10,"explain":true}"#;

/// One page of a list.
#[derive(Serialize)]
struct Page {
    #[serde(flatten)]
    content: Recommended,
    /// Asks for the next page; null at the end.
    next_cursor: Option<String>,
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
    app.ask(call.deadline(), move |generation| list(generation, &signer, &request))
        .await?
}

fn list(generation: &Generation, signer: &Signer, request: &RecommendationRequest) -> Answered {
    let place = Place::of(
        "recommendations",
        request,
        signer,
        request.cursor.as_deref(),
        request.seed,
    )?;
    let mut seeded = request.clone();
    seeded.seed = Some(place.seed);
    let mut listed = generation.recommend(&seeded, place.page.as_ref(), place.now)?;
    let next = listed.next.take();
    let next_cursor = place.next(signer, next)?;
    Answer::of_engine(&Page {
        content: listed,
        next_cursor,
    })
}
