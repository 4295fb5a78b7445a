//! What the offer of an event was when the event came.
//!
//! The store writes it beside the event in the log, as the event is accepted; the catalogue reads it when the event is
//! applied. Invariant: what an act said of an offer does not change when the offer does, nor when it goes.

use serde::{Deserialize, Serialize};

use crate::ids::{ItemId, VenueId};
use crate::offer::Offer;

/// The genres of an offer that an act speaks for.
pub const GENRES_EACH: usize = 4;

/// What the offer was then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Then {
    /// There was no such offer: the act names no work, whatever comes later under that identifier.
    Unknown,
    /// It was there.
    Known(Box<Facts>),
}

/// As much of an offer as an act of a reader speaks of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// Its work.
    pub item: ItemId,
    /// A key of the taxonomy.
    pub subcategory: String,
    /// Who offered it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub venue: Option<VenueId>,
    /// What kind of venue that was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub venue_kind: Option<String>,
    /// Its first [`GENRES_EACH`] genres, each once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub genres: Vec<String>,
}

impl Facts {
    /// The facts of an offer at a venue of that kind.
    pub fn of(offer: &Offer, venue_kind: Option<String>) -> Self {
        let mut genres: Vec<String> = Vec::new();
        for genre in &offer.genres {
            if genres.len() < GENRES_EACH && !genres.contains(genre) {
                genres.push(genre.clone());
            }
        }
        Self {
            item: offer.item(),
            subcategory: offer.subcategory.clone(),
            venue: offer.venue_id.clone(),
            venue_kind,
            genres,
        }
    }
}
