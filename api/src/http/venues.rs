//! `/v1/venues/{id}`: one venue, written whole, read back, taken out.
//!
//! Invariant: a venue that moves moves its offers; one that goes leaves them, without a place until it comes again.

use axum::extract::{Request, State};
use florilege_engine::change::Change;
use florilege_engine::ids::VenueId;
use florilege_engine::venue::Venue;
use serde::Serialize;
use serde_json::Value;

use super::answer::{Answer, Answered};
use super::body;
use super::id::{Id, require_same};
use super::offers::Deleted;
use super::problem::Problem;
use super::route::{Note, Shape};
use super::write::write;
use crate::app::App;

/// A venue as answers show it, every field said.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct VenueAnswer {
    /// The document.
    #[schema(value_type = Venue)]
    venue: Value,
}

const EXAMPLE: &str =
    r#"{"id":"v-9","name":"La Criée","position":{"lat":48.1085,"lng":-1.6794},"city":"Rennes","department":"35"}"#;

pub(crate) fn put_note() -> Note {
    Note {
        tag: "Writing",
        summary: "Write a venue",
        detail: "New or replaced as a whole. Offers may come before their venue: they are served when it comes.",
        query: &[],
        bodies: vec![Shape::json::<Venue>(EXAMPLE)],
        answer: Shape::json::<VenueAnswer>(""),
        problems: &[],
    }
}

pub(crate) async fn put(State(app): State<App>, Id(id): Id<VenueId>, request: Request) -> Answered {
    let venue: Venue = body::json(request).await?;
    require_same(&id, &venue.id)?;
    venue.check(&app.taxonomy)?;
    let answer = VenueAnswer { venue: venue.full() };
    let written = write(&app, Change::VenueUpsert(Box::new(venue))).await?;
    Answer::new(&answer, written.sequence)
}

pub(crate) fn get_note() -> Note {
    Note {
        tag: "Writing",
        summary: "Read a venue",
        detail: "As the store holds it, with every default said.",
        query: &[],
        bodies: vec![],
        answer: Shape::json::<VenueAnswer>(""),
        problems: &[404],
    }
}

pub(crate) async fn get(State(app): State<App>, Id(id): Id<VenueId>) -> Answered {
    let stands = app.store.last_sequence();
    let venue = app.store.venue(&id).await?;
    let venue = venue.ok_or_else(|| Problem::not_found("venue", id.as_str()))?;
    Answer::new(&VenueAnswer { venue: venue.full() }, stands)
}

pub(crate) fn delete_note() -> Note {
    Note {
        tag: "Writing",
        summary: "Take a venue out",
        detail: "Its offers stay, without a place, until it comes again.",
        query: &[],
        bodies: vec![],
        answer: Shape::json::<Deleted>(""),
        problems: &[404],
    }
}

pub(crate) async fn delete(State(app): State<App>, Id(id): Id<VenueId>) -> Answered {
    let written = write(&app, Change::VenueDelete(id.clone())).await?;
    let gone = Deleted {
        id: id.to_string(),
        deleted: true,
    };
    Answer::new(&gone, written.sequence)
}
