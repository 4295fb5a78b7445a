//! A small town with everything in it, and readers whose acts are change lines.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::catalogue::Catalogue;
use crate::change::{Change, Sequence};
use crate::pipeline::{self, Recommended};
use crate::query::RecommendationRequest;
use crate::taxonomy::Taxonomy;
use crate::time::Moment;

pub(super) const NOW: &str = "2026-01-10T12:00:00+01:00";
/// One subcategory of each of ten categories.
pub(super) const SUBCATEGORIES: [&str; 10] = [
    "LIVRE_PAPIER",
    "CONCERT",
    "SEANCE_CINE",
    "VISITE",
    "SUPPORT_PHYSIQUE_FILM",
    "SPECTACLE_REPRESENTATION",
    "CONFERENCE",
    "ATELIER_PRATIQUE_ART",
    "SUPPORT_PHYSIQUE_MUSIQUE_CD",
    "MATERIEL_ART_CREATIF",
];

pub(super) struct World {
    pub(super) catalogue: Catalogue,
    sequence: u64,
    events: usize,
}

impl World {
    /// `count` offers of each subcategory at venues around a town.
    pub(super) fn new(count: usize) -> Self {
        let mut world = Self {
            catalogue: Catalogue::empty(Arc::new(Taxonomy::built_in())),
            sequence: 0,
            events: 0,
        };
        for (kind, key) in SUBCATEGORIES.iter().enumerate() {
            let lat = 48.1 + kind as f64 * 0.003;
            world.apply(&json!({"op": "venue.upsert", "venue": {"id": format!("v-{key}"), "name": key, "kind": format!("kind {key}"),
                "position": {"lat": lat, "lng": -1.68}}}));
            for n in 0..count {
                world.offer(
                    &format!("{key}-{n:02}"),
                    key,
                    json!({"venue_id": format!("v-{key}"), "price_cents": 200 * n,
                    "popularity": {"bookings_28d": 5 * n}, "genres": [format!("genre {}", n % 3)]}),
                );
            }
        }
        world
    }

    pub(super) fn apply(&mut self, line: &Value) {
        self.sequence += 1;
        let change = Change::parse(line.to_string().as_bytes(), self.catalogue.taxonomy()).expect("a change");
        self.catalogue.apply(Sequence(self.sequence), &change);
    }

    pub(super) fn offer(&mut self, id: &str, subcategory: &str, more: Value) {
        let mut offer = json!({"id": id, "title": id, "subcategory": subcategory});
        let fields = more.as_object().expect("an object").clone();
        offer.as_object_mut().expect("an object").extend(fields);
        self.apply(&json!({"op": "offer.upsert", "offer": offer}));
    }

    /// A reader who agrees to personalisation, unless `more` says otherwise.
    pub(super) fn reader(&mut self, id: &str, more: Value) {
        let mut user = json!({"id": id, "birth_year": 2005, "consents": {"personalisation": true}});
        let fields = more.as_object().expect("an object").clone();
        user.as_object_mut().expect("an object").extend(fields);
        self.apply(&json!({"op": "user.upsert", "user": user}));
    }

    pub(super) fn event(&mut self, reader: &str, kind: &str, offer: &str) {
        self.events += 1;
        let event =
            json!({"id": format!("e{}", self.events), "type": kind, "user_id": reader, "offer_id": offer, "at": NOW});
        self.apply(&json!({"op": "event", "event": event}));
    }

    pub(super) fn list(&self, request: Value) -> Recommended {
        self.list_at(request, NOW.parse().expect("a time"))
    }

    pub(super) fn list_at(&self, request: Value, now: Moment) -> Recommended {
        let request: RecommendationRequest = crate::json::from_value(request).expect("a request");
        request.check().expect("within limits");
        pipeline::execute(&self.catalogue, &request, None, now).expect("an answer")
    }

    /// How many places of a list a category holds.
    pub(super) fn places(&self, list: &Recommended, category: &str) -> usize {
        list.offers.iter().filter(|offer| offer.category == category).count()
    }
}

/// Where the town is.
pub(super) fn town() -> Value {
    json!({"lat": 48.11, "lng": -1.68})
}

/// A list without its generation, which moves with every entry of the log.
pub(super) fn bare(list: &Recommended) -> Value {
    let mut value = serde_json::to_value(list).expect("JSON");
    value.as_object_mut().expect("an object").remove("generation");
    value
}
