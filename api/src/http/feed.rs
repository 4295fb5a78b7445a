//! `POST /v1/feed`: a page of modules, solved together.
//!
//! Invariant: one generation answers the whole page; it is kept and replayed like a list.

use axum::extract::{Request, State};
use florilege_engine::home::{Feed, FeedRequest};
use florilege_engine::live::Generation;
use uuid::Uuid;

use super::answer::{Answer, Answered};
use super::body;
use super::call::Call;
use super::place::{Asked, Place};
use super::record::{Kind, Record, readers};
use super::route::{Note, Shape};
use crate::app::App;

const EXAMPLE: &str =
    r#"{"context":{"position":{"lat":48.1085,"lng":-1.6794},"age":18},"modules":10,"offers_per_module":10}"#;

pub(crate) fn note() -> Note {
    Note {
        tag: "Serving",
        summary: "A home page",
        detail: "The published home that is for the reader, or the built-in one. No work stands twice on the page; each \
                 module keeps its own rules; a module with too few offers vanishes. `page` says what the whole is worth \
                 and which floors of exposure it was held to; `explain` adds a `trace` of every module.",
        query: &[],
        bodies: vec![Shape::json::<FeedRequest>(EXAMPLE)],
        answer: Shape::json::<Feed>(""),
        problems: &[],
    }
}

pub(crate) async fn post(State(app): State<App>, call: Call, request: Request) -> Answered {
    let request: FeedRequest = body::json(request).await?;
    request.check()?;
    let asked = app.clone();
    app.ask(call.deadline(), move |generation| {
        feed(&asked, generation, call.id, request)
    })
    .await?
}

fn feed(app: &App, generation: &Generation, id: Uuid, mut request: FeedRequest) -> Answered {
    let asked = Asked {
        cursor: None,
        seed: request.seed,
        now: request.context.now,
    };
    let place: Place<()> = Place::of("feed", &request, &app.signer, asked)?;
    request.seed = Some(place.seed);
    request.context.now = Some(place.now);
    let answer = Answer::of_engine(&generation.feed(&request, place.now)?)?;
    let record = Record::new(Kind::Feed, generation, &request, place.page.as_ref(), &answer)?;
    record.keep(&app.store, id, readers(request.user_id.as_ref(), &request.context))?;
    Ok(answer)
}
