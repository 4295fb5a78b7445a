//! `POST /v1/recommendations`: one ranked list.
//!
//! Parses, checks, opens the cursor, asks the engine, seals the next cursor. Invariant: one generation answers the
//! whole request.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use florilege_engine::query::RecommendationRequest;
use florilege_engine::reason::Language;
use serde::Serialize;

use super::answer::{Answer, Answered, Trace};
use super::body;
use super::call::Call;
use super::place::{Asked, Place};
use super::record::{Kind, Record, readers};
use super::route::{Note, Shape};
use crate::app::App;
use florilege_engine::live::Generation;
use florilege_engine::pipeline::{Asking, Recommended};

const EXAMPLE: &str = r#"{"context":{"position":{"lat":48.1085,"lng":-1.6794},"age":18},"limit":10,"explain":true}"#;

/// One page of a list.
#[derive(Serialize)]
pub(super) struct Page {
    #[serde(flatten)]
    pub(super) content: Recommended,
    /// Asks for the next page; null at the end.
    pub(super) next_cursor: Option<String>,
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
    let language = language(request.headers());
    let request: RecommendationRequest = body::json(request).await?;
    request.check()?;
    let asked = app.clone();
    app.ask(call.deadline(), move |generation| {
        list(&asked, generation, call, request, language)
    })
    .await?
}

/// The language that the reasons are asked in.
pub(super) fn language(headers: &HeaderMap) -> Option<Language> {
    Language::accepted(headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?)
}

fn list(
    app: &App,
    generation: &Generation,
    call: Call,
    mut request: RecommendationRequest,
    language: Option<Language>,
) -> Answered {
    let asked = Asked {
        cursor: request.cursor.as_deref(),
        seed: request.seed,
        now: request.context.now,
    };
    let place = Place::of("recommendations", &request, &app.signer, asked)?;
    request.seed = Some(place.seed);
    request.context.now = Some(place.now);
    // After the place: a cursor continues its list in any language.
    request.context.language = request.context.language.or(language);
    let asking = asking(call);
    let mut listed = generation.recommend_asked(&request, &asking, place.page.as_ref(), place.now)?;
    crate::telemetry::verified(listed.faults);
    let next_cursor = place.next(&app.signer, listed.next.take())?;
    let explored = std::mem::take(&mut listed.explored);
    let trace = trace(&listed);
    let answer = Answer::of_engine(&Page {
        content: listed,
        next_cursor,
    })?
    .traced(trace);
    request.cursor = None;
    let record = Record::new(
        Kind::Recommendations,
        generation,
        &request,
        place.page.as_ref(),
        &answer,
    )?;
    let record = record.traced(&asking, explored);
    record.keep(&app.store, call.id, readers(request.user_id.as_ref(), &request.context))?;
    Ok(answer)
}

/// What the deadline leaves for the sources: what of it is left becomes a number of rows, which is kept, so that a
/// replay does the same work.
pub(super) fn asking(call: Call) -> Asking {
    let asking = Asking::default();
    match call.asked_ms_left() {
        Some(left) => asking.within_ms(left),
        None => asking,
    }
}

/// What the log is told of a list.
fn trace(listed: &Recommended) -> Trace {
    let removed = listed.removed.iter().map(|(filter, count)| format!("{filter} {count}"));
    Trace {
        shown: listed.offers.len(),
        removed: removed.collect::<Vec<_>>().join(", "),
        degraded: listed.degraded.join(", "),
    }
}
