//! `POST /v1/similar`: a list near to an offer or to some works.
//!
//! A recommendation that starts from what is named instead of from the reader's own works. Invariant: what it is near
//! to does not stand in it, and everything else holds as for recommendations: fitness, rules, pages, replay.

use axum::extract::{Request, State};
use florilege_engine::live::Generation;
use florilege_engine::pipeline::{Asking, Recommended};
use florilege_engine::query::SimilarRequest;
use florilege_engine::reason::Language;

use super::answer::{Answer, Answered};
use super::body;
use super::call::Call;
use super::place::{Asked, Place};
use super::recommendations::{Page, asking, language};
use super::record::{Kind, Record, readers};
use super::route::{Note, Shape};
use crate::app::App;

const EXAMPLE: &str = r#"{"offer_id":"offer-1","context":{"age":18},"limit":10}"#;

pub(crate) fn note() -> Note {
    Note {
        tag: "Serving",
        summary: "A list near to an offer or to some works",
        detail: "Takes `offer_id` or `item_ids`, and every field of recommendations. Near is what shares creators, \
                 genres, tags or kind, what the same readers took, what has a near `vector`, what stands at the same \
                 venue; where that is not enough, the list goes on outwards. What it is near to does not stand in it.",
        query: &[],
        bodies: vec![Shape::json::<SimilarRequest>(EXAMPLE)],
        answer: Shape::pages::<Recommended>(),
        problems: &[],
    }
}

pub(crate) async fn post(State(app): State<App>, call: Call, request: Request) -> Answered {
    let language = language(request.headers());
    let request = SimilarRequest::read(body::json(request).await?)?;
    request.check()?;
    let asked = app.clone();
    app.ask(call.deadline(), move |generation| {
        list(&asked, generation, call, request, language)
    })
    .await?
}

fn list(
    app: &App,
    generation: &Generation,
    call: Call,
    mut request: SimilarRequest,
    language: Option<Language>,
) -> Answered {
    let asked = Asked {
        cursor: request.list.cursor.as_deref(),
        seed: request.list.seed,
        now: request.list.context.now,
    };
    let place = Place::of("similar", &request, &app.signer, asked)?;
    let asking = Asking {
        similar_to: request.works(generation.catalogue(), place.page.is_some())?,
        ..asking(call)
    };
    request.list.seed = Some(place.seed);
    request.list.context.now = Some(place.now);
    request.list.context.language = request.list.context.language.or(language);
    let mut listed = generation.recommend_asked(&request.list, &asking, place.page.as_ref(), place.now)?;
    crate::telemetry::verified(listed.faults);
    let next_cursor = place.next(&app.signer, listed.next.take())?;
    let explored = std::mem::take(&mut listed.explored);
    let answer = Answer::of_engine(&Page {
        content: listed,
        next_cursor,
    })?;
    request.list.cursor = None;
    let record = Record::new(Kind::Similar, generation, &request, place.page.as_ref(), &answer)?;
    let named = readers(request.list.user_id.as_ref(), &request.list.context);
    record.traced(&asking, explored).keep(&app.store, call.id, named)?;
    Ok(answer)
}
