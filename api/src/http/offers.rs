//! `/v1/offers/{id}`: one offer, written whole, read back, taken out.
//!
//! Reads come from the store, so that a writer sees its own writing at once. Invariant: the identifier of the path is
//! that of the document.

use axum::extract::{Request, State};
use florilege_engine::change::Change;
use florilege_engine::ids::OfferId;
use florilege_engine::offer::Offer;
use serde::Serialize;
use serde_json::Value;

use super::answer::{Answer, Answered};
use super::body;
use super::id::{Id, require_same};
use super::problem::Problem;
use super::route::{Note, Shape};
use super::write::write;
use crate::app::App;

/// An offer as answers show it, every field said.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct OfferAnswer {
    /// The document.
    #[schema(value_type = Offer)]
    pub(crate) offer: Value,
}

/// What was taken out.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Deleted {
    /// Its identifier.
    pub(crate) id: String,
    /// Always true.
    pub(crate) deleted: bool,
}

const EXAMPLE: &str =
    r#"{"id":"offer-1","title":"Dune","subcategory":"LIVRE_PAPIER","venue_id":"v-9","price_cents":1290}"#;

pub(crate) fn put_note() -> Note {
    Note {
        tag: "Writing",
        summary: "Write an offer",
        detail: "New or replaced as a whole. The answer means durable; `generation` is what `min_sequence` takes. \
                 An older `updated_at` than the stored one changes nothing: the stored offer comes back.",
        query: &[],
        bodies: vec![Shape::json::<Offer>(EXAMPLE)],
        answer: Shape::json::<OfferAnswer>(""),
        problems: &[],
    }
}

pub(crate) async fn put(State(app): State<App>, Id(id): Id<OfferId>, request: Request) -> Answered {
    let offer: Offer = body::json(request).await?;
    require_same(&id, &offer.id)?;
    offer.check(&app.taxonomy)?;
    let full = offer.full();
    let written = write(&app, Change::OfferUpsert(Box::new(offer))).await?;
    let stands = if written.older { find(&app, &id).await? } else { full };
    Answer::new(&OfferAnswer { offer: stands }, written.sequence)
}

pub(crate) fn get_note() -> Note {
    Note {
        tag: "Writing",
        summary: "Read an offer",
        detail: "As the store holds it, with every default said.",
        query: &[],
        bodies: vec![],
        answer: Shape::json::<OfferAnswer>(""),
        problems: &[404],
    }
}

pub(crate) async fn get(State(app): State<App>, Id(id): Id<OfferId>) -> Answered {
    let stands = app.store.last_sequence();
    Answer::new(
        &OfferAnswer {
            offer: find(&app, &id).await?,
        },
        stands,
    )
}

pub(crate) fn delete_note() -> Note {
    Note {
        tag: "Writing",
        summary: "Take an offer out",
        detail: "It leaves every list within a second.",
        query: &[],
        bodies: vec![],
        answer: Shape::json::<Deleted>(""),
        problems: &[404],
    }
}

pub(crate) async fn delete(State(app): State<App>, Id(id): Id<OfferId>) -> Answered {
    let written = write(&app, Change::OfferDelete(id.clone())).await?;
    let gone = Deleted {
        id: id.to_string(),
        deleted: true,
    };
    Answer::new(&gone, written.sequence)
}

/// The offer as it stands, complete.
pub(crate) async fn find(app: &App, id: &OfferId) -> Result<Value, Problem> {
    let offer = app.store.offer(id).await?;
    Ok(offer.ok_or_else(|| Problem::not_found("offer", id.as_str()))?.full())
}
