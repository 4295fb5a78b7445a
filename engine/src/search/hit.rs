//! How a hit is shown: the offer, where it is, and why it matched.
//!
//! Last stage of search. Invariant: highlights are safe to put in a page: everything but `<em>` is escaped.

use serde_json::{Map, Value, json};

use super::Match;
use super::key::{Ordered, Own};
use crate::catalogue::glance::Glance;
use crate::live::Generation;
use crate::offer::Offer;
use crate::query::{Include, SearchRequest};
use crate::text::{Plan, TextQuery, highlight};

/// What is needed to show hits.
pub(super) struct Shown<'a> {
    pub(super) generation: &'a Generation,
    pub(super) order: &'a Ordered<'a>,
    pub(super) request: &'a SearchRequest,
    pub(super) query: &'a TextQuery,
    pub(super) plan: &'a Plan,
}

impl Shown<'_> {
    /// The hit as JSON.
    pub(super) fn hit(&self, found: &Match) -> Option<Map<String, Value>> {
        let catalogue = self.generation.catalogue();
        let (columns, document) = (catalogue.offer(found.row)?, catalogue.document(found.row)?);
        let Value::Object(mut hit) = document.full() else {
            return None;
        };
        let glance = catalogue.glance(found.row)?;
        let distance = self.order.sieve.away(glance).0;
        hit.insert(
            "category".into(),
            json!(catalogue.taxonomy().category(columns.category).key),
        );
        hit.insert("kind".into(), json!(columns.kind.as_str()));
        hit.insert("distance_m".into(), json!(distance.map(|metres| metres.0)));
        hit.insert("highlights".into(), Value::Object(self.highlights(&document)));
        hit.insert("score".into(), json!(found.key.score(self.request.sort)));
        hit.insert("other_offers".into(), json!(found.others));
        if self.request.explain {
            hit.insert("explanation".into(), self.explanation(found, glance));
        }
        if self.request.include.contains(&Include::Venue) {
            let venue = columns.venue.and_then(|venue| catalogue.venue(venue)?.document.clone());
            hit.insert("venue".into(), json!(venue.map(|venue| venue.full())));
        }
        Some(hit)
    }

    /// The criteria that ranked the hit, in the order in which they are compared.
    fn explanation(&self, found: &Match, glance: &Glance) -> Value {
        let text = found.rank.criteria();
        let own = Own::of(self.order, glance);
        let list = [
            ("boosted", u64::from(found.key.is_boosted())),
            ("words", u64::from(text.words)),
            ("typos", u64::from(text.typos)),
            ("proximity", u64::from(text.proximity)),
            ("attribute", u64::from(text.attribute)),
            ("distance_band", own.distance_band),
            ("whole_name", u64::from(text.whole)),
            ("exact", u64::from(text.exact)),
            ("accents", u64::from(text.accents)),
            ("title_share", u64::from(text.cover)),
            ("affinity", own.affinity),
            ("popularity", own.popularity),
            ("freshness", own.freshness),
        ];
        let criteria: Vec<Value> = list
            .iter()
            .map(|(name, value)| json!({"name": name, "value": value}))
            .collect();
        json!({"sort": self.request.sort, "criteria": criteria, "text": text})
    }

    fn highlights(&self, offer: &Offer) -> Map<String, Value> {
        let creators = offer.creators.join(", ");
        let fields = [
            ("title", offer.title.as_str()),
            ("description", offer.description.as_deref().unwrap_or("")),
            ("creators", &creators),
        ];
        let marked = fields.iter().filter(|_| !self.query.is_empty());
        marked
            .filter_map(|(name, text)| Some(((*name).to_owned(), json!(highlight(self.query, self.plan, text)?))))
            .collect()
    }
}
