//! Rows put together: one venue of many rows, one work of several years, works spread over the venues of a town.
//!
//! The last step before writing. Invariant: every identifier stands once, in the order of first appearance.

use std::collections::HashMap;

use florilege_engine::change::Change;
use florilege_engine::ids::{OfferId, VenueId};
use florilege_engine::offer::{Offer, Popularity};
use florilege_engine::venue::Venue;
use serde_json::Value;

use super::mapping::Duplicates;
use super::row::GEO;
use super::value::{add_word, hash};

/// What became of one more offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Joined {
    /// It is new.
    New,
    /// It was united with the first of its identifier.
    Merged,
    /// There is one of its identifier already.
    Refused,
}

/// Venues and offers, each once.
#[derive(Default)]
pub(super) struct Gathered {
    pub(super) venues: Vec<Venue>,
    pub(super) offers: Vec<Offer>,
    venue_places: HashMap<VenueId, usize>,
    offer_places: HashMap<OfferId, usize>,
}

impl Gathered {
    /// Adds a venue; a second row of it completes the first. True if it is new.
    pub(super) fn add_venue(&mut self, venue: Venue) -> bool {
        match self.venue_places.get(&venue.id) {
            Some(place) => complete(&mut self.venues[*place], venue),
            None => {
                self.venue_places.insert(venue.id.clone(), self.venues.len());
                self.venues.push(venue);
                return true;
            }
        }
        false
    }

    /// Whether a venue of this identifier is here.
    pub(super) fn has_venue(&self, venue: &Venue) -> bool {
        self.venue_places.contains_key(&venue.id)
    }

    /// Adds an offer.
    pub(super) fn add_offer(&mut self, offer: Offer, duplicates: Duplicates) -> Joined {
        match (self.offer_places.get(&offer.id), duplicates) {
            (None, _) => {
                self.offer_places.insert(offer.id.clone(), self.offers.len());
                self.offers.push(offer);
                Joined::New
            }
            (Some(place), Duplicates::Merge) => {
                unite(&mut self.offers[*place], offer);
                Joined::Merged
            }
            (Some(_), Duplicates::Drop) => Joined::Refused,
        }
    }

    /// Every change line, venues first so that no offer waits for its own.
    pub(super) fn changes(self, spread: bool) -> Vec<Change> {
        let offers = if spread && !self.venues.is_empty() {
            self.offers
                .iter()
                .flat_map(|offer| at_every(offer, &self.venues))
                .collect()
        } else {
            self.offers
        };
        let venues = self
            .venues
            .into_iter()
            .map(|venue| Change::VenueUpsert(Box::new(venue)));
        venues
            .chain(offers.into_iter().map(|offer| Change::OfferUpsert(Box::new(offer))))
            .collect()
    }
}

/// A true point takes the place of a centroid, whatever the order of the rows; what was not known is filled in.
fn complete(known: &mut Venue, more: Venue) {
    let centroid = |venue: &Venue| venue.attributes.get(GEO).and_then(Value::as_str) == Some("commune");
    let better = more.position.is_some() && !centroid(&more);
    if known.position.is_none() || (centroid(known) && better) {
        known.position = more.position.or(known.position);
        if let Some(geo) = more.attributes.get(GEO) {
            known.attributes.insert(GEO.into(), geo.clone());
        }
    }
    let fields = [
        (&mut known.kind, more.kind),
        (&mut known.address, more.address),
        (&mut known.city, more.city),
        (&mut known.postal_code, more.postal_code),
        (&mut known.department, more.department),
        (&mut known.time_zone, more.time_zone),
    ];
    for (field, text) in fields {
        if field.is_none() {
            *field = text;
        }
    }
}

fn unite(known: &mut Offer, more: Offer) {
    for (list, words) in [
        (&mut known.genres, more.genres),
        (&mut known.creators, more.creators),
        (&mut known.tags, more.tags),
        (&mut known.labels, more.labels),
    ] {
        for word in words {
            add_word(list, word);
        }
    }
    known.dates.extend(more.dates);
    known.dates.sort_unstable();
    known.dates.dedup();
    known.description = known.description.take().or(more.description);
    known.price_cents = known.price_cents.or(more.price_cents);
    known.popularity = highest(known.popularity, more.popularity);
    for (name, value) in more.attributes {
        known.attributes.entry(name).or_insert(value);
    }
}

fn highest(one: Popularity, other: Popularity) -> Popularity {
    if one.bookings_28d >= other.bookings_28d {
        one
    } else {
        other
    }
}

/// The same work at every venue: one item, as many offers.
fn at_every(work: &Offer, venues: &[Venue]) -> Vec<Offer> {
    let item = work.item();
    venues
        .iter()
        .map(|venue| Offer {
            id: offer_at(&work.id, &venue.id),
            item_id: Some(item.clone()),
            venue_id: Some(venue.id.clone()),
            ..work.clone()
        })
        .collect()
}

/// `work@venue`; the work's own identifier in the impossible case that both are no identifier together.
fn offer_at(work: &OfferId, venue: &VenueId) -> OfferId {
    let whole = OfferId::new(&format!("{work}@{venue}"));
    let short = || OfferId::new(&hash(&[work.to_string(), venue.to_string()]));
    whole.or_else(|_| short()).unwrap_or_else(|_| work.clone())
}
