//! What is asked: the mix of a day, drawn from a seed, so that two runs send the same calls.
//!
//! 60 % recommendations, 15 % homes, 20 % searches, 5 % suggestions. What the server does not know yet (404 at the
//! probe) goes to recommendations, and the report says so.

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use serde_json::json;

use crate::client::{Call, Client};

/// Positions of the largest towns, which the sample's catalogue is built around.
const TOWNS: [(f64, f64); 8] = [
    (48.8566, 2.3522),
    (43.2965, 5.3698),
    (45.7640, 4.8357),
    (43.6047, 1.4442),
    (48.1173, -1.6778),
    (50.6292, 3.0573),
    (48.5734, 7.7521),
    (44.8378, -0.5792),
];
const WORDS: [&str; 10] = [
    "musique",
    "concert",
    "roman",
    "théâtre",
    "jazz",
    "cinéma",
    "histoire",
    "manga",
    "lumiere",
    "exposition",
];

/// The kinds of calls, in the order of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Recommendations,
    Feed,
    Search,
    Suggest,
    Write,
}

impl Kind {
    /// Every kind.
    pub(crate) const ALL: [Self; 5] = [
        Self::Recommendations,
        Self::Feed,
        Self::Search,
        Self::Suggest,
        Self::Write,
    ];

    /// Its name in the report.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Recommendations => "recommendations",
            Self::Feed => "homes",
            Self::Search => "searches",
            Self::Suggest => "suggestions",
            Self::Write => "stock changes",
        }
    }
}

/// Which calls are made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mix {
    seed: u64,
    has_feed: bool,
    has_suggest: bool,
    only_lists: bool,
    /// How many offers the catalogue has; they are named `offer-N`.
    pub(crate) offers: usize,
}

impl Mix {
    /// The mix that a server can answer.
    pub(crate) fn probe(client: &mut Client, seed: u64, offers: usize, only_lists: bool) -> Self {
        let mut is_there = |call: &Call| client.call(call).is_ok_and(|reply| reply.status == 200);
        Self {
            seed,
            has_feed: is_there(&call("POST /v1/feed", "{}".to_owned())),
            has_suggest: is_there(&call("GET /v1/suggest?q=mus", String::new())),
            only_lists,
            offers,
        }
    }

    /// A word on what is left out.
    pub(crate) fn told(&self) -> &'static str {
        match (self.only_lists, self.has_feed && self.has_suggest) {
            (true, _) => "recommendations alone",
            (false, true) => "60 % recommendations, 15 % homes, 20 % searches, 5 % suggestions",
            (false, false) => "the mix without what this server does not have; its share goes to recommendations",
        }
    }

    /// The call of a number.
    pub(crate) fn reading(&self, number: u64) -> (Kind, Call) {
        let mut rng = Pcg64::seed_from_u64(self.seed ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let share = if self.only_lists { 0 } else { rng.random_range(0..100) };
        match share {
            60..75 if self.has_feed => (Kind::Feed, feed(&mut rng)),
            75..95 => (Kind::Search, search(&mut rng)),
            95..100 if self.has_suggest => (Kind::Suggest, suggest(&mut rng)),
            _ => (Kind::Recommendations, list(&mut rng)),
        }
    }

    /// A change of stock and price of some offer.
    pub(crate) fn writing(&self, number: u64) -> (Kind, Call) {
        let mut rng = Pcg64::seed_from_u64(self.seed ^ 0x5707 ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let offer = rng.random_range(0..self.offers.max(1));
        let body = json!({"stock": rng.random_range(0..200), "price_cents": rng.random_range(0..6_000)});
        (
            Kind::Write,
            call(&format!("PATCH /v1/offers/offer-{offer}/stock"), body.to_string()),
        )
    }
}

/// A call that waits as long as an app would.
pub(crate) fn call(head: &str, body: String) -> Call {
    Call {
        head: head.to_owned(),
        body,
        deadline_ms: 10_000,
    }
}

fn position(rng: &mut Pcg64) -> (f64, f64) {
    let (lat, lng) = TOWNS[rng.random_range(0..TOWNS.len())];
    (lat + rng.random_range(-0.1..0.1), lng + rng.random_range(-0.1..0.1))
}

fn context(rng: &mut Pcg64) -> serde_json::Value {
    let (lat, lng) = position(rng);
    json!({"position": {"lat": lat, "lng": lng}, "age": rng.random_range(15..19), "credit_cents": rng.random_range(0..15_000)})
}

fn list(rng: &mut Pcg64) -> Call {
    let context = context(rng);
    call(
        "POST /v1/recommendations",
        json!({"limit": 20, "context": context}).to_string(),
    )
}

fn feed(rng: &mut Pcg64) -> Call {
    let context = context(rng);
    call(
        "POST /v1/feed",
        json!({"modules": 10, "offers_per_module": 10, "context": context}).to_string(),
    )
}

fn search(rng: &mut Pcg64) -> Call {
    let (lat, lng) = position(rng);
    let q = WORDS[rng.random_range(0..WORDS.len())];
    let filters = json!({"position": {"lat": lat, "lng": lng}, "radius_m": 30_000, "price_cents": {"max": 3_000}});
    call(
        "POST /v1/search",
        json!({"q": q, "filters": filters, "facets": ["category"], "limit": 20}).to_string(),
    )
}

fn suggest(rng: &mut Pcg64) -> Call {
    let word = WORDS[rng.random_range(0..WORDS.len())];
    let typed: String = word.chars().filter(char::is_ascii).take(3).collect();
    call(&format!("GET /v1/suggest?q={typed}"), String::new())
}
