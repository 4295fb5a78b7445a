//! What a policy did to its readers: bookings, the diversity score of each, categories, venues.
//!
//! Points as production counts them (DOMAIN.md): for what is new to that reader, category 25, kind of venue 20,
//! subcategory 10, venue 5, genre 5. Invariant: measured from bookings alone, by code that the engine does not share.

use florilege_engine::catalogue::Catalogue;
use florilege_engine::catalogue::row::Row;
use rustc_hash::{FxHashMap, FxHashSet};

use super::reader::Territory;

/// One reader's year.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// How much there is around home.
    pub territory: Territory,
    /// Index of the persona.
    pub persona: usize,
    /// Bookings.
    pub bookings: u32,
    /// Points of the diversity score.
    pub points: u32,
    /// Categories booked at least once.
    pub categories: usize,
    /// The venues of the bookings.
    pub venues: Vec<u32>,
}

/// Counts the points of one reader's bookings, in their order.
#[derive(Debug, Default, Clone)]
pub struct Ledger {
    seen: FxHashSet<(u8, String)>,
    categories: FxHashSet<usize>,
    venues: Vec<u32>,
    points: u32,
    bookings: u32,
}

impl Ledger {
    /// One booking.
    pub fn book(&mut self, catalogue: &Catalogue, row: Row) {
        let (Some(columns), Some(offer)) = (catalogue.offer(row), catalogue.document(row)) else {
            return;
        };
        let taxonomy = catalogue.taxonomy();
        let venue = columns.venue.and_then(|venue| catalogue.venue(venue));
        let kind = venue.and_then(|venue| venue.document.as_ref()?.kind.clone());
        let facts = [
            (25, taxonomy.category(columns.category).key.clone()),
            (20, kind.unwrap_or_else(|| "none".into())),
            (10, offer.subcategory.clone()),
            (5, venue.map_or_else(|| "none".into(), |venue| venue.id.to_string())),
            (5, offer.genres.first().cloned().unwrap_or_else(|| "none".into())),
        ];
        for (place, (points, value)) in (0_u8..).zip(facts) {
            self.points += if self.seen.insert((place, value)) { points } else { 0 };
        }
        self.categories.insert(columns.category.index());
        self.venues.extend(columns.venue.map(|venue| venue.0));
        self.bookings += 1;
    }

    /// The sum of it.
    pub fn close(self, territory: Territory, persona: usize) -> Outcome {
        Outcome {
            territory,
            persona,
            bookings: self.bookings,
            points: self.points,
            categories: self.categories.len(),
            venues: self.venues,
        }
    }
}

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Bookings a reader.
    Bookings,
    /// Points of the diversity score a booking.
    PointsPerBooking,
    /// Share of readers with three categories or more.
    ThreeCategories,
    /// Gini index of bookings over all venues; less is fairer.
    VenueGini,
}

impl Measure {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::Bookings,
        Self::PointsPerBooking,
        Self::ThreeCategories,
        Self::VenueGini,
    ];

    /// Its name in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bookings => "bookings a reader",
            Self::PointsPerBooking => "points a booking",
            Self::ThreeCategories => "readers with 3 categories",
            Self::VenueGini => "Gini over venues (less is better)",
        }
    }

    /// 1 where more is better, -1 where less is.
    pub const fn sense(self) -> f64 {
        match self {
            Self::Bookings | Self::PointsPerBooking | Self::ThreeCategories => 1.0,
            Self::VenueGini => -1.0,
        }
    }

    /// Over some readers of a world with so many venues; 0 where there is nothing to measure.
    pub fn of<'a>(self, readers: impl Iterator<Item = &'a Outcome> + Clone, venues: usize) -> f64 {
        let count = readers.clone().count() as f64;
        let bookings: f64 = readers.clone().map(|reader| f64::from(reader.bookings)).sum();
        let share = |sum: f64, of: f64| if of > 0.0 { sum / of } else { 0.0 };
        match self {
            Self::Bookings => share(bookings, count),
            Self::PointsPerBooking => share(readers.map(|reader| f64::from(reader.points)).sum(), bookings),
            Self::ThreeCategories => share(readers.filter(|reader| reader.categories >= 3).count() as f64, count),
            Self::VenueGini => gini(readers.flat_map(|reader| reader.venues.iter().copied()), venues),
        }
    }
}

/// Gini = Σ (2j − n − 1) x₍ⱼ₎ / (n Σ x) over ascending counts of all n venues, those with none included.
pub fn gini(bookings: impl Iterator<Item = u32>, venues: usize) -> f64 {
    let mut counts: FxHashMap<u32, u64> = FxHashMap::default();
    for venue in bookings {
        *counts.entry(venue).or_default() += 1;
    }
    let total: u64 = counts.values().sum();
    if total == 0 || venues == 0 {
        return 0.0;
    }
    let mut sorted: Vec<u64> = counts.into_values().collect();
    sorted.sort_unstable();
    let n = venues.max(sorted.len());
    let first = n - sorted.len() + 1;
    let weighted = (first..)
        .zip(&sorted)
        .map(|(rank, count)| (2.0 * rank as f64 - n as f64 - 1.0) * *count as f64);
    weighted.sum::<f64>() / (n as f64 * total as f64)
}
