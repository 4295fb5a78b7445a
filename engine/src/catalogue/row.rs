//! One offer as the engine reads it on every request: small numbers, no text but its identifier.
//!
//! Filters, features and rules look at nothing else. Invariant: a live row agrees with its document; a row number
//! stays with its offer as long as the offer lives, and may be given to another afterwards.

use std::sync::Arc;

use super::places::PlaceIx;
use super::words::Word;
use crate::ids::OfferId;
use crate::money::Cents;
use crate::offer::Accessibility;
use crate::query::filters::Need;
use crate::taxonomy::{CategoryIx, Kind, SearchGroupIx, SubcategoryIx};

/// The dense number of an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Row(pub u32);

impl Row {
    /// The number as an index.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// The dense number of a work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ItemIx(pub u32);

/// The dense number of a venue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VenueIx(pub u32);

/// The columns of an offer.
#[derive(Debug, Clone)]
pub struct OfferRow {
    /// Its identifier, which breaks every tie.
    pub id: OfferId,
    /// The fingerprint of that: what chance is drawn from.
    pub print: u64,
    /// Its work.
    pub item: ItemIx,
    /// Its venue, known yet or not.
    pub venue: Option<VenueIx>,
    /// Where it takes place.
    pub place: Option<PlaceIx>,
    /// Its subcategory.
    pub subcategory: SubcategoryIx,
    /// The category of that.
    pub category: CategoryIx,
    /// The search group of that.
    pub search_group: Option<SearchGroupIx>,
    /// The kind of that.
    pub kind: Kind,
    /// What the booking core says, and something is left.
    pub bookable: bool,
    /// Whether it waits for its venue to come.
    pub waiting: bool,
    /// Two seats at once.
    pub duo: bool,
    /// Accessibility of the offer.
    pub accessibility: Accessibility,
    /// The price, where known.
    pub price: Option<Cents>,
    /// The youngest age.
    pub min_age: Option<u8>,
    /// The oldest age.
    pub max_age: Option<u8>,
    /// Dates in milliseconds since 1970, ascending; none means always.
    pub dates: Arc<[i64]>,
    /// The last of them; without any, the largest number.
    pub until: i64,
    /// Cannot be booked before, in milliseconds since 1970.
    pub opens_at: Option<i64>,
    /// First published, in milliseconds since 1970.
    pub published_at: Option<i64>,
    /// Bookings of 7, 14 and 28 days.
    pub bookings: [u32; 3],
    /// Likes, ever.
    pub likes: u32,
    /// Labels as bits, numbered as in the taxonomy.
    pub labels: u64,
    /// Genres, sorted.
    pub genres: Box<[Word]>,
    /// Creators, sorted.
    pub creators: Box<[Word]>,
    /// Tags, sorted.
    pub tags: Box<[Word]>,
    /// The language.
    pub language: Option<Word>,
    /// A content vector from outside.
    pub vector: Option<Arc<[f32]>>,
    /// The offer as compact JSON.
    pub document: Arc<str>,
}

/// The month that a week is compared with, in days: what is newer has no past.
pub const PAST_DAYS: u32 = 28;
const PAST_MS: i64 = PAST_DAYS as i64 * 86_400_000;

impl OfferRow {
    /// A number of all that is read on every request, of no meaning: reading it brings the rest near.
    pub(super) fn touch(&self) -> u64 {
        let word = |words: &[Word]| words.first().map_or(0, |word| u64::from(word.0));
        let small = u64::from(self.item.0 ^ self.likes) ^ self.venue.map_or(0, |venue| u64::from(venue.0));
        self.print ^ self.labels ^ small ^ word(&self.genres)
    }

    /// Whether it can be booked at this moment (milliseconds since 1970).
    pub fn is_bookable(&self, now: i64) -> bool {
        self.bookable && self.until >= now && self.opens_at.is_none_or(|opens| opens <= now)
    }

    /// The first date from this moment on.
    pub fn next_date(&self, now: i64) -> Option<i64> {
        match self.dates.len() {
            0 => None,
            1 => (self.until >= now).then_some(self.until),
            _ => self.dates.get(self.dates.partition_point(|date| *date < now)).copied(),
        }
    }

    /// Bookings of 28 days, the contract's popularity.
    pub const fn popularity(&self) -> u32 {
        self.bookings[2]
    }

    /// How many times as often as in the three weeks before it was booked in the last one, where that stands out and
    /// the numbers tell of a time before.
    pub fn surge(&self) -> Option<f64> {
        let ([week, _, month], prior) = (self.bookings, 3.0);
        let before = f64::from(month.saturating_sub(week)) / 3.0;
        let surge = (f64::from(week) + prior) / (before + prior);
        (before > 0.0 && week >= 3 && surge >= 1.5).then_some(surge)
    }

    /// The same, for an offer that had all of those weeks at this moment: what is new has no past to stand out of.
    pub fn surge_at(&self, now: i64) -> Option<f64> {
        let had = |published| now - published >= PAST_MS;
        self.surge().filter(|_| self.published_at.is_none_or(had))
    }

    /// Whether the offer is accessible for a need.
    pub const fn meets(&self, need: Need) -> bool {
        match need {
            Need::Audio => self.accessibility.audio,
            Need::Mental => self.accessibility.mental,
            Need::Motor => self.accessibility.motor,
            Need::Visual => self.accessibility.visual,
        }
    }

    /// Whether it may stand in a list of candidates at some moment: bookable, and its venue is known.
    pub const fn is_offered(&self) -> bool {
        self.bookable && !self.waiting
    }
}
