//! `GET|POST /v1/search`: what matches words, place and moment.
//!
//! Both methods make the same request; [`params`] maps the query string. Invariant: the same question by either
//! method gets the same answer.

mod params;

use axum::Extension;
use axum::extract::{Request, State};
use florilege_engine::json;
use florilege_engine::query::SearchRequest;

use super::answer::{Answer, Answered};
use super::body;
use super::call::Call;
use super::cursor::Signer;
use super::problem::Problem;
use super::query::Query;
use super::recommendations::{Page, binding, opened};
use super::route::{Note, Shape};
use crate::app::{App, clock};
use crate::live::{Found, Generation};

const EXAMPLE: &str = r#"{"q":"concert","filters":{"position":{"lat":48.1085,"lng":-1.6794},"radius_m":20000},"sort":"distance","facets":["category"]}"#;

pub(crate) fn post_note() -> Note {
    Note {
        tag: "Serving",
        summary: "Search",
        detail: "Words with French plurals and typos, filters, distance, facets. Not diversified unless `diversity` is \
                 given. Sorting by `distance` needs a position.",
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
    let request = json::from_value(params::to_request(&query.pairs)?)?;
    search(app, call, request).await
}

async fn search(app: App, call: Call, request: SearchRequest) -> Answered {
    request.check()?;
    let signer = app.signer.clone();
    app.ask(call.deadline(), move |generation| find(generation, &signer, &request)).await?
}

fn find(generation: &Generation, signer: &Signer, request: &SearchRequest) -> Answered {
    let binding = binding("search", request)?;
    let page = opened(signer, &binding, request.cursor.as_deref())?;
    let mut found = generation.search(request, page.as_ref(), clock())?;
    let next = found.next.take();
    let next = next.map(|state| signer.seal(&binding, &state)).transpose().map_err(Problem::internal)?;
    Answer::new(&Page::new(found, next), generation.sequence())
}
