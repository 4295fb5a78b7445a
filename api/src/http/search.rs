//! `GET|POST /v1/search`: what matches words, place and moment.
//!
//! Both methods make the same request; [`params`] maps the query string. Invariant: the same question by either
//! method gets the same answer.

pub(super) mod params;
pub(crate) mod statistics;

use axum::Extension;
use axum::extract::{Request, State};
use florilege_engine::json;
use florilege_engine::query::SearchRequest;
use serde::Serialize;
use uuid::Uuid;

use super::answer::{Answer, Answered};
use super::body;
use super::call::Call;
use super::place::{Asked, Place};
use super::query::Query;
use super::record::{Kind, Record, readers};
use super::route::{Note, Shape};
use crate::app::App;
use florilege_engine::live::Generation;
use florilege_engine::search::Found;

const EXAMPLE: &str = r#"{"q":"concert","filters":{"position":{"lat":48.1085,"lng":-1.6794},"radius_m":20000},"sort":"distance","facets":["category"]}"#;

/// One page of hits.
#[derive(Serialize)]
struct Page {
    #[serde(flatten)]
    content: Found,
    /// The seed; the same one gives the same answer.
    seed: u64,
    /// Asks for the next page; null at the end.
    next_cursor: Option<String>,
}

pub(crate) fn post_note() -> Note {
    Note {
        tag: "Serving",
        summary: "Search",
        detail: "Words with French plurals and typos, filters, distance, facets. Words that say a place, a time, a price \
                 or a public become filters, shown in `interpreted`, unless `understand` is false. Not diversified unless \
                 `diversity` is given. Sorting by `distance` needs a position.",
        query: &[],
        bodies: vec![Shape::json::<SearchRequest>(EXAMPLE)],
        answer: Shape::pages::<Found>(),
        problems: &[],
    }
}

pub(crate) async fn post(State(app): State<App>, call: Call, request: Request) -> Answered {
    let request: SearchRequest = body::json(request).await?;
    search(app, call, request).await
}

pub(crate) fn get_note() -> Note {
    Note {
        tag: "Serving",
        summary: "Search by address",
        detail: "The same search with the same names; lists are separated by commas. `filters`, `context` and \
                 `diversity` may also be given whole, as JSON.",
        query: &params::PARAMS,
        bodies: vec![],
        answer: Shape::pages::<Found>(),
        problems: &[],
    }
}

pub(crate) async fn get(State(app): State<App>, call: Call, Extension(query): Extension<Query>) -> Answered {
    let request = json::from_value(super::params::to_request(&params::TABLE, &query.pairs)?)?;
    search(app, call, request).await
}

async fn search(app: App, call: Call, request: SearchRequest) -> Answered {
    request.check()?;
    let asked = app.clone();
    app.ask(call.deadline(), move |generation| {
        find(&asked, generation, call.id, request)
    })
    .await?
}

fn find(app: &App, generation: &Generation, id: Uuid, mut request: SearchRequest) -> Answered {
    let asked = Asked {
        cursor: request.cursor.as_deref(),
        seed: request.seed,
        now: request.context.now,
    };
    let place = Place::of("search", &request, &app.signer, asked)?;
    request.seed = Some(place.seed);
    request.context.now = Some(place.now);
    let mut found = generation.search(&request, place.page.as_ref(), place.now)?;
    if place.page.is_none() {
        app.searches.note(&request.q, found.total);
    }
    let next_cursor = place.next(&app.signer, found.next.take())?;
    let answer = Answer::of_engine(&Page {
        content: found,
        seed: place.seed,
        next_cursor,
    })?;
    request.cursor = None;
    let record = Record::new(Kind::Search, generation, &request, place.page.as_ref(), &answer)?;
    record.keep(&app.store, id, readers(request.user_id.as_ref(), &request.context))?;
    Ok(answer)
}
