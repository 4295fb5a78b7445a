//! The score: named features in [0, 1] times weights, so that an explanation is exact.
//!
//! Stage of the main path between the filters and the arranger. Invariant: every feature is finite and in [0, 1],
//! every weight is at least 0, and the score is the sum of the contributions in the order of [`FEATURES`].

use std::collections::BTreeMap;

use serde::Serialize;

use crate::filter::Candidate;
use crate::invalid::{Code, Invalid};
use crate::money::Cents;
use crate::pipeline::Query;

/// The features, by name, with their default weights.
pub const FEATURES: [(&str, f64); 6] = [
    ("proximity", 0.35),
    ("popularity", 0.30),
    ("freshness", 0.15),
    ("soon", 0.10),
    ("price", 0.05),
    ("exploration", 0.05),
];

/// How many features there are.
pub const COUNT: usize = FEATURES.len();

/// The values of one candidate, in the order of [`FEATURES`].
pub type Features = [f64; COUNT];

/// Half of the proximity is lost at this distance.
const HALF_WAY_M: f64 = 10_000.0;
/// As many bookings in 28 days are full popularity.
const FULL_POPULARITY: f64 = 1_000.0;
/// New for as long as this.
const FRESH_DAYS: f64 = 28.0;
/// Soon within this.
const SOON_DAYS: f64 = 14.0;
/// Half of the price's merit is lost at this price.
const HALF_PRICE_CENTS: f64 = 2_000.0;
const DAY_MS: f64 = 86_400_000.0;

/// One part of a score.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Contribution {
    /// The feature.
    pub name: &'static str,
    /// Its value in [0, 1].
    pub value: f64,
    /// Its weight.
    pub weight: f64,
    /// Value times weight: these add up to the score.
    pub contribution: f64,
}

/// The weights of one request.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weights([f64; COUNT]);

impl Weights {
    /// The defaults, with what the request gives over them; a name that is no feature is refused.
    pub fn resolve(asked: &BTreeMap<String, f64>) -> Result<Self, Invalid> {
        let mut weights = FEATURES.map(|(_, weight)| weight);
        for (name, weight) in asked {
            match FEATURES.iter().position(|(feature, _)| feature == name) {
                Some(place) => weights[place] = *weight,
                None => return Err(unknown(name)),
            }
        }
        Ok(Self(weights))
    }

    /// The weighted sum.
    pub fn score(&self, features: &Features) -> f64 {
        self.0.iter().zip(features).map(|(weight, value)| weight * value).sum()
    }

    /// The sum, part by part.
    pub fn contributions(&self, features: &Features) -> Vec<Contribution> {
        let part = |((name, _), (weight, value)): (&(&'static str, f64), (&f64, &f64))| Contribution {
            name,
            value: *value,
            weight: *weight,
            contribution: weight * value,
        };
        FEATURES.iter().zip(self.0.iter().zip(features)).map(part).collect()
    }
}

fn unknown(name: &str) -> Invalid {
    let known: Vec<&str> = FEATURES.iter().map(|(name, _)| *name).collect();
    Invalid::one(
        format!("/weights/{name}"),
        Code::UnknownValue,
        format!("the features are {}", known.join(", ")),
    )
}

/// The features of a candidate.
pub fn features(query: &Query<'_>, candidate: &Candidate<'_>) -> Features {
    let (offer, now) = (candidate.offer, query.now.millis());
    [
        candidate
            .distance
            .map_or(0.0, |distance| halved(distance.0, HALF_WAY_M)),
        (f64::from(offer.popularity()).ln_1p() / FULL_POPULARITY.ln_1p()).min(1.0),
        offer.published_at.map_or(0.0, |at| fading(now - at, FRESH_DAYS)),
        offer.next_date(now).map_or(0.0, |at| fading(at - now, SOON_DAYS)),
        offer
            .price
            .map_or(0.5, |price| halved(f64::from(price.get()), HALF_PRICE_CENTS)),
        exploration(query.seed, offer.id.as_str()),
    ]
}

/// 1 at nothing, one half at `half`, towards 0 far beyond.
fn halved(value: f64, half: f64) -> f64 {
    half / (half + value)
}

/// 1 now, 0 after so many days; a time on the wrong side of now is now.
fn fading(millis: i64, days: f64) -> f64 {
    (1.0 - millis.max(0) as f64 / (days * DAY_MS)).max(0.0)
}

/// A draw in [0, 1) from the seed and the offer (splitmix64 over its fingerprint).
fn exploration(seed: u64, id: &str) -> f64 {
    let mut mixed = crate::pipeline::fingerprint(id) ^ seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((mixed ^ mixed >> 31) >> 11) as f64 / (1u64 << 53) as f64
}

/// Whether an offer is known to cost nothing.
pub fn is_free(price: Option<Cents>) -> bool {
    price == Some(Cents::ZERO)
}
