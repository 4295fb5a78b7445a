//! `PATCH /v1/offers/{id}/stock`: what changes by the minute, the hot path of a catalogue.
//!
//! Invariant: an absent field stays as it is; an offer that is not there is a 404.

use axum::extract::{Request, State};
use florilege_engine::change::Change;
use florilege_engine::ids::OfferId;
use florilege_engine::offer::StockPatch;

use super::answer::{Answer, Answered};
use super::body;
use super::id::Id;
use super::offers::{OfferAnswer, find};
use super::route::{Note, Shape};
use super::write::write;
use crate::app::App;

pub(crate) fn note() -> Note {
    Note {
        tag: "Writing",
        summary: "Change what is left of an offer",
        detail: "Any of `bookable`, `stock`, `price_cents` and `dates`; `dates` replaces those before.",
        query: &[],
        bodies: vec![Shape::json::<StockPatch>(
            r#"{"bookable":true,"stock":3,"price_cents":900}"#,
        )],
        answer: Shape::json::<OfferAnswer>(""),
        problems: &[404],
    }
}

pub(crate) async fn patch(State(app): State<App>, Id(id): Id<OfferId>, request: Request) -> Answered {
    let patch: StockPatch = body::json(request).await?;
    patch.check()?;
    let written = write(&app, Change::OfferStock(id.clone(), patch)).await?;
    let offer = find(&app, &id).await?;
    Answer::new(&OfferAnswer { offer }, written.sequence)
}
