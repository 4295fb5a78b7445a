//! The order of hits, and pages by it.
//!
//! Invariant: keys are totally ordered; a missing key sorts last, equal keys go by identifier, so an order never
//! depends on how a hit was found.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use super::personal::Affinity;
use super::sieve::Sieve;
use super::{Match, SearchPage};
use crate::catalogue::glance::Glance;
use crate::catalogue::row::Row;
use crate::geo::Metres;
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

/// What an order looks at besides the offers.
pub(super) struct Ordered<'a> {
    pub(super) sieve: &'a Sieve<'a>,
    pub(super) affinity: Affinity,
    pub(super) sort: Sort,
    pub(super) now: i64,
}

impl Key {
    /// The key of an offer under a sort.
    pub(super) fn new(order: &Ordered<'_>, row: Row, glance: &Glance, rank: TextRank) -> Self {
        let (sieve, now) = (order.sieve, order.now);
        let offer = || sieve.catalogue.offer(row);
        match order.sort {
            Sort::Relevance => Self::given(-relevance(&Own::of(order, glance), rank)),
            // Tenths of a micrometre: distances on the globe stay below 2^58.
            Sort::Distance => Self::of(sieve.away(glance).0.map(|metres| (metres.0 * 1e7) as i64)),
            Sort::Date => Self::of(match glance.only_date() {
                Some(date) => Some(date).filter(|date| *date >= now),
                None => offer().and_then(|offer| offer.next_date(now)),
            }),
            Sort::Price => Self::of(glance.price().map(i64::from)),
            Sort::Popularity => Self::given(-i64::from(glance.popularity())),
            Sort::Newest => Self::of(offer().and_then(|offer| offer.published_at).map(|at| -at)),
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
            Sort::Relevance => -self.value as f64 / (1u64 << 59) as f64,
            Sort::Distance | Sort::Date | Sort::Price | Sort::Popularity | Sort::Newest => 0.0,
        }
    }
}

/// What ranks besides the words.
#[derive(Debug, Clone, Copy)]
pub(super) struct Own {
    /// The place of its distance among the bands, the nearest first.
    pub(super) distance_band: u64,
    /// How much the reader takes to it, 0 to 3; 0 for nobody.
    pub(super) affinity: u64,
    /// Bookings of 28 days, at most 65,535.
    pub(super) popularity: u64,
    /// 15 for what was published just now, less by each doubling of its age in days.
    pub(super) freshness: u64,
}

/// The place of a distance among the bands.
pub(super) fn band(distance: Option<Metres>) -> u8 {
    let band = distance.map_or(BAND_NOWHERE, |metres| BANDS_M.partition_point(|end| metres.0 > *end));
    u8::try_from(band).unwrap_or(u8::MAX)
}

impl Own {
    /// What ranks an offer besides the words.
    pub(super) fn of(order: &Ordered<'_>, glance: &Glance) -> Self {
        let fresh = |days: u32| 15u64.saturating_sub(u64::from((days + 1).ilog2()));
        Self {
            distance_band: u64::from(order.sieve.away(glance).1),
            affinity: u64::from(order.affinity.step(glance)),
            popularity: u64::from(glance.popularity().min(0xffff)),
            freshness: glance.age_days(order.now).map_or(0, fresh),
        }
    }
}

/// Relevance: words, typos, proximity and attribute of the match; then the distance band; then whole names, exact
/// forms and accents; then the reader's taste, where there is one; then popularity; then freshness.
fn relevance(own: &Own, rank: TextRank) -> i64 {
    let fine = i64::from(rank.value() & 0xfff);
    let placed = (i64::from(rank.coarse()) << 4 | (15 - own.distance_band as i64)) << 12 | fine;
    let placed = placed << 2 | own.affinity as i64;
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
        keep_first(&mut found, limit);
    }
    found.sort_unstable_by(|a, b| order(generation, a, b));
    found.truncate(limit);
    (found, more)
}

/// Keeps the first so many and those that are equal to the last of them but for their identifiers: comparing
/// identifiers costs far more than comparing keys.
fn keep_first(found: &mut Vec<Match>, limit: usize) {
    let mut keys: Vec<Key> = found.iter().map(|one| one.key).collect();
    let (_, last, _) = keys.select_nth_unstable(limit.saturating_sub(1).min(found.len() - 1));
    let last = *last;
    found.retain(|one| one.key <= last);
}
