//! The order of hits, and pages by it.
//!
//! Invariant: keys are totally ordered; a missing key sorts last, equal keys go by identifier, so an order never
//! depends on how a hit was found.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use super::{Match, SearchPage};
use crate::filter::Candidate;
use crate::live::Generation;
use crate::query::Sort;
use crate::text::TextRank;

/// What a hit is sorted by; the lower, the earlier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Key {
    missing: bool,
    value: i64,
}

/// Upper ends of the distance bands, in metres.
const BANDS_M: [f64; 8] = [
    1_000.0, 2_000.0, 5_000.0, 10_000.0, 20_000.0, 50_000.0, 100_000.0, 200_000.0,
];
/// The band of an offer that is nowhere, such as a digital one.
const BAND_NOWHERE: usize = 4;

impl Key {
    /// The key of an offer under a sort.
    pub fn new(sort: Sort, candidate: &Candidate<'_>, rank: TextRank, now: i64) -> Self {
        let offer = candidate.offer;
        match sort {
            Sort::Relevance => Self::given(-relevance(candidate, rank, now)),
            // Tenths of a micrometre: distances on the globe stay below 2^58.
            Sort::Distance => Self::of(candidate.distance.map(|metres| (metres.0 * 1e7) as i64)),
            Sort::Date => Self::of(offer.next_date(now)),
            Sort::Price => Self::of(offer.price.map(|price| i64::from(price.get()))),
            Sort::Popularity => Self::given(-i64::from(offer.popularity())),
            Sort::Newest => Self::of(offer.published_at.map(|at| -at)),
        }
    }

    /// The key of an offer that editors put first, at its place among them.
    pub(super) fn boosted(place: usize) -> Self {
        Self::given(i64::MIN + place as i64)
    }

    /// Whether editors put it first.
    pub(super) const fn is_boosted(self) -> bool {
        !self.missing && self.value < i64::MIN / 2
    }

    const fn given(value: i64) -> Self {
        Self { missing: false, value }
    }

    fn of(value: Option<i64>) -> Self {
        value.map_or(
            Self {
                missing: true,
                value: 0,
            },
            Self::given,
        )
    }

    /// What is shown as the score: relevance in [0, 1], else the sort's own number.
    pub fn score(self, sort: Sort) -> f64 {
        match sort {
            Sort::Relevance if self.is_boosted() => 1.0,
            Sort::Relevance => -self.value as f64 / (1u64 << 57) as f64,
            Sort::Distance | Sort::Date | Sort::Price | Sort::Popularity | Sort::Newest => 0.0,
        }
    }
}

/// What ranks besides the words.
#[derive(Debug, Clone, Copy)]
pub(super) struct Own {
    /// The place of its distance among the bands, the nearest first.
    pub(super) distance_band: u64,
    /// Bookings of 28 days.
    pub(super) popularity: u64,
    /// 15 for what was published just now, less by each doubling of its age in days.
    pub(super) freshness: u64,
}

impl Key {
    /// What ranks an offer besides the words.
    pub(super) fn criteria(candidate: &Candidate<'_>, now: i64) -> Own {
        let band = candidate
            .distance
            .map_or(BAND_NOWHERE, |metres| BANDS_M.partition_point(|end| metres.0 > *end));
        let published = candidate
            .offer
            .published_at
            .map(|at| now.saturating_sub(at).max(0) / 86_400_000);
        Own {
            distance_band: band as u64,
            popularity: u64::from(candidate.offer.popularity().min(0xffff)),
            freshness: published.map_or(0, |days| 15u64.saturating_sub(u64::from((days + 1).ilog2()))),
        }
    }
}

/// Relevance: words, typos, proximity and attribute of the match; then the distance band; then whole names, exact
/// forms and accents; then popularity; then freshness.
fn relevance(candidate: &Candidate<'_>, rank: TextRank, now: i64) -> i64 {
    let own = Key::criteria(candidate, now);
    let fine = i64::from(rank.value() & 0xfff);
    let placed = (i64::from(rank.coarse()) << 4 | (15 - own.distance_band as i64)) << 12 | fine;
    (placed << 16 | own.popularity as i64) << 4 | own.freshness as i64
}

/// Two offers in the order of their keys, then of their identifiers.
pub(super) fn order(generation: &Generation, a: &Match, b: &Match) -> Ordering {
    let id = |found: &Match| generation.catalogue().offer(found.row).map(|offer| &offer.id);
    a.key.cmp(&b.key).then_with(|| id(a).cmp(&id(b)))
}

/// The earlier of two.
pub(super) fn first(generation: &Generation, a: Match, b: Match) -> Match {
    if order(generation, &a, &b).is_le() { a } else { b }
}

/// The page after another, and whether something follows it.
pub(super) fn page(
    generation: &Generation,
    mut found: Vec<Match>,
    after: Option<&SearchPage>,
    limit: usize,
) -> (Vec<Match>, bool) {
    if let Some(after) = after {
        let id = |found: &Match| {
            generation
                .catalogue()
                .offer(found.row)
                .map_or("", |offer| offer.id.as_str())
        };
        found.retain(|one| one.key.cmp(&after.key).then_with(|| id(one).cmp(&after.id)).is_gt());
    }
    let more = found.len() > limit;
    if more {
        found.select_nth_unstable_by(limit, |a, b| order(generation, a, b));
        found.truncate(limit);
    }
    found.sort_unstable_by(|a, b| order(generation, a, b));
    (found, more)
}
