//! An offer at a glance: what a search asks of every match, in half a line of the processor's cache.
//!
//! Beside [`OfferRow`], which has the rest. A search looks at hundreds of thousands of these and at few whole rows.
//! Invariant: derived from the row, written with it, and nothing that a filter reads here differs from it.

use std::sync::Arc;

use super::places::PlaceIx;
use super::row::{ItemIx, OfferRow};
use crate::money::Cents;
use crate::taxonomy::Kind;

/// No number.
const NONE: u32 = u32::MAX;
/// No search group.
const NO_GROUP: u8 = u8::MAX;
const KIND: u8 = 3;
const LIVE: u8 = 1 << 2;
const OPENS: u8 = 1 << 3;
const SEVERAL: u8 = 1 << 4;
const WAITING: u8 = 1 << 5;
const DATED: u8 = 1 << 6;
const ONCE: u8 = 1 << 7;

/// The columns that most filters, facets and criteria read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(align(32))]
pub struct Glance {
    /// The last moment at which it can be booked; the least number where it cannot be.
    until: i64,
    item: u32,
    place: u32,
    price: u32,
    popularity: u32,
    /// Minutes since 1970, plus one; 0 where it is not known.
    published: u32,
    category: u8,
    subcategory: u8,
    group: u8,
    flags: u8,
}

impl Glance {
    /// A row that holds no offer.
    pub(super) const EMPTY: Self = Self {
        until: i64::MIN,
        item: NONE,
        place: NONE,
        price: NONE,
        popularity: 0,
        published: 0,
        category: 0,
        subcategory: 0,
        group: NO_GROUP,
        flags: 0,
    };

    pub(super) fn of(offer: &OfferRow, several: bool) -> Self {
        let small = |index: usize| u8::try_from(index).unwrap_or(NO_GROUP);
        let flag = |holds: bool, flag: u8| if holds { flag } else { 0 };
        let last = offer.dates.last().copied();
        Self {
            until: if offer.bookable {
                last.unwrap_or(i64::MAX)
            } else {
                i64::MIN
            },
            item: offer.item.0,
            place: offer.place.map_or(NONE, |place| place.0),
            price: offer.price.map_or(NONE, Cents::get),
            popularity: offer.popularity(),
            published: offer.published_at.map_or(0, minutes),
            category: small(offer.category.index()),
            subcategory: small(offer.subcategory.index()),
            group: offer.search_group.map_or(NO_GROUP, |group| small(group.index())),
            flags: offer.kind as u8
                | LIVE
                | flag(offer.opens_at.is_some(), OPENS)
                | flag(several, SEVERAL)
                | flag(offer.waiting, WAITING)
                | flag(last.is_some(), DATED)
                | flag(offer.bookable && offer.dates.len() == 1, ONCE),
        }
    }

    pub(super) fn set_several(&mut self, several: bool) {
        self.flags = if several {
            self.flags | SEVERAL
        } else {
            self.flags & !SEVERAL
        };
    }

    /// Whether it holds an offer whose venue has come.
    pub const fn stands(&self) -> bool {
        self.flags & (LIVE | WAITING) == LIVE
    }

    /// Whether its work has other offers.
    pub const fn is_one_of_several(&self) -> bool {
        self.flags & SEVERAL != 0
    }

    /// Whether it could be booked at this moment, as far as its dates and its stock go; it may still open later.
    pub const fn lasts(&self, now: i64) -> bool {
        self.until >= now && self.until > i64::MIN
    }

    /// Whether it says when booking opens.
    pub const fn opens_later(&self) -> bool {
        self.flags & OPENS != 0
    }

    /// Whether it has dates.
    pub const fn is_dated(&self) -> bool {
        self.flags & DATED != 0
    }

    /// Its date, where it has exactly one and can be booked.
    pub fn only_date(&self) -> Option<i64> {
        (self.flags & ONCE != 0).then_some(self.until)
    }

    /// Its work.
    pub const fn item(&self) -> ItemIx {
        ItemIx(self.item)
    }

    /// Where it takes place.
    pub fn place(&self) -> Option<PlaceIx> {
        (self.place != NONE).then_some(PlaceIx(self.place))
    }

    /// Its price in cents.
    pub fn price(&self) -> Option<u32> {
        (self.price != NONE).then_some(self.price)
    }

    /// Bookings of 28 days.
    pub const fn popularity(&self) -> u32 {
        self.popularity
    }

    /// Whole days between its publication and a moment, by whole minutes.
    pub fn age_days(&self, now: i64) -> Option<u32> {
        let published = self.published.checked_sub(1)?;
        let now = minutes(now).saturating_sub(1);
        Some(now.saturating_sub(published) / (24 * 60))
    }

    /// The index of its category.
    pub const fn category(&self) -> usize {
        self.category as usize
    }

    /// The index of its subcategory.
    pub const fn subcategory(&self) -> usize {
        self.subcategory as usize
    }

    /// The index of its search group.
    pub fn search_group(&self) -> Option<usize> {
        (self.group != NO_GROUP).then_some(usize::from(self.group))
    }

    /// The index of its kind.
    pub const fn kind(&self) -> usize {
        (self.flags & KIND) as usize
    }

    /// Whether it is digital.
    pub const fn is_digital(&self) -> bool {
        self.flags & KIND == Kind::Digital as u8
    }
}

/// Minutes since 1970 plus one, within what a number holds.
fn minutes(millis: i64) -> u32 {
    let whole = millis.div_euclid(60_000).saturating_add(1);
    u32::try_from(whole.max(1)).unwrap_or(u32::MAX)
}

/// Rows of one chunk.
const CHUNK: usize = 256;

/// The glances of every row, in chunks that generations share; a row is two steps away.
#[derive(Debug, Clone, Default)]
pub(super) struct Glances {
    chunks: Vec<Arc<[Glance; CHUNK]>>,
    len: usize,
}

impl Glances {
    /// One row more, which holds no offer.
    pub(super) fn push(&mut self) {
        if self.len.is_multiple_of(CHUNK) {
            self.chunks.push(Arc::new([Glance::EMPTY; CHUNK]));
        }
        self.len += 1;
    }

    pub(super) fn get(&self, row: usize) -> Option<&Glance> {
        Some(&self.chunks.get(row / CHUNK)?[row % CHUNK])
    }

    /// A row to change; copies its chunk when another generation holds it.
    pub(super) fn get_mut(&mut self, row: usize) -> Option<&mut Glance> {
        Some(&mut Arc::make_mut(self.chunks.get_mut(row / CHUNK)?)[row % CHUNK])
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Glance> {
        self.chunks.iter().flat_map(|chunk| chunk.iter()).take(self.len)
    }
}
