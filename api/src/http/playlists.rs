//! `GET|POST /v1/playlists/{id}/offers`: a published playlist, resolved for a context.
//!
//! Both methods make the same request; [`params`] maps the query string. Invariant: a cursor continues its playlist
//! alone; one generation answers the whole request.

pub(super) mod params;

use axum::Extension;
use axum::extract::{Request, State};
use florilege_engine::ids::DocumentId;
use florilege_engine::json;
use florilege_engine::live::Generation;
use florilege_engine::playlist::{Played, PlaylistRequest};
use serde::Serialize;
use uuid::Uuid;

use super::answer::{Answer, Answered};
use super::body;
use super::call::Call;
use super::id::{Id, require_same};
use super::place::{Asked, Place};
use super::problem::Problem;
use super::query::Query;
use super::record::{Kind, Record, readers};
use super::route::{Note, Shape};
use crate::app::App;

const EXAMPLE: &str = r#"{"context":{"position":{"lat":48.1085,"lng":-1.6794},"age":18},"limit":10}"#;
const DETAIL: &str = "Its picks and what its rule finds, in its order, under its rules; fitness always holds, and a pick that \
                      cannot be booked gives its place up. `closed` says why the list is empty where the playlist is not \
                      for this reader now: `not_begun`, `over`, `calendar`, `audience`. 404 when it is not published.";

/// One page of a playlist.
#[derive(Serialize)]
struct Page {
    #[serde(flatten)]
    content: Played,
    /// Asks for the next page; null at the end.
    next_cursor: Option<String>,
}

pub(crate) fn post_note() -> Note {
    Note {
        tag: "Serving",
        summary: "The offers of a playlist",
        detail: DETAIL,
        query: &[],
        bodies: vec![Shape::json::<PlaylistRequest>(EXAMPLE)],
        answer: Shape::pages::<Played>(),
        problems: &[404],
    }
}

pub(crate) async fn post(State(app): State<App>, call: Call, Id(id): Id<DocumentId>, request: Request) -> Answered {
    let request: PlaylistRequest = body::json(request).await?;
    answer(app, call, id, request).await
}

pub(crate) fn get_note() -> Note {
    Note {
        tag: "Serving",
        summary: "The offers of a playlist, by address",
        detail: "The same list with the same names; `context` and `diversity` may also be given whole, as JSON.",
        query: &params::PARAMS,
        bodies: vec![],
        answer: Shape::pages::<Played>(),
        problems: &[404],
    }
}

pub(crate) async fn get(
    State(app): State<App>,
    call: Call,
    Id(id): Id<DocumentId>,
    Extension(query): Extension<Query>,
) -> Answered {
    let request = json::from_value(super::params::to_request(&params::TABLE, &query.pairs)?)?;
    answer(app, call, id, request).await
}

async fn answer(app: App, call: Call, id: DocumentId, mut request: PlaylistRequest) -> Answered {
    if let Some(named) = &request.id {
        require_same(&id, named)?;
    }
    request.id = Some(id.clone());
    request.check()?;
    let asked = app.clone();
    app.ask(call.deadline(), move |generation| {
        play(&asked, generation, call.id, &id, request)
    })
    .await?
}

fn play(app: &App, generation: &Generation, call: Uuid, id: &DocumentId, mut request: PlaylistRequest) -> Answered {
    let asked = Asked {
        cursor: request.cursor.as_deref(),
        seed: request.seed,
        now: request.context.now,
    };
    let place = Place::of("playlist", &request, &app.signer, asked)?;
    request.seed = Some(place.seed);
    request.context.now = Some(place.now);
    let played = generation.playlist(id.as_str(), &request, place.page.as_ref(), place.now)?;
    let mut played = played.ok_or_else(|| Problem::not_found("published playlist", id.as_str()))?;
    crate::telemetry::verified(played.list.faults);
    let next_cursor = place.next(&app.signer, played.list.next.take())?;
    let answer = Answer::of_engine(&Page {
        content: played,
        next_cursor,
    })?;
    request.cursor = None;
    let record = Record::new(Kind::Playlist, generation, &request, place.page.as_ref(), &answer)?;
    record.keep(&app.store, call, readers(request.user_id.as_ref(), &request.context))?;
    Ok(answer)
}
