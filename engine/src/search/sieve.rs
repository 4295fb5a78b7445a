//! The filters of a search as it tries them on hundreds of thousands of rows: at a glance, each place once.
//!
//! Between the compiled filters and the text index. What a glance cannot tell is asked of the whole row. Invariant: a
//! row passes here exactly if [`Requested::misses`] finds nothing but what is left out.

use std::cell::{OnceCell, RefCell};

use super::key::band;
use super::scratch::Stamped;
use crate::catalogue::Catalogue;
use crate::catalogue::glance::Glance;
use crate::catalogue::places::PlaceIx;
use crate::catalogue::row::Row;
use crate::filter::{Field, Requested};
use crate::geo::Metres;

/// What is known of a place in one search.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Spot {
    /// Whether it is within every bound.
    holds: bool,
    /// Its distance band.
    pub(super) band: u8,
    /// Its distance in metres; less than none where it is not known.
    metres: f64,
}

impl Spot {
    pub(super) fn distance(self) -> Option<Metres> {
        (self.metres >= 0.0).then_some(Metres(self.metres))
    }
}

/// Rows are listed by their places while there are so many times more of them in all.
const SCAN: u64 = 16;

/// Some places.
struct Bits(Vec<u64>);

impl Bits {
    fn insert(&mut self, place: PlaceIx) {
        self.0[place.0 as usize / 64] |= 1 << (place.0 % 64);
    }

    fn contains(&self, place: PlaceIx) -> bool {
        self.0
            .get(place.0 as usize / 64)
            .is_some_and(|word| word >> (place.0 % 64) & 1 == 1)
    }
}

thread_local! {
    /// Kept between searches, so that a place costs no allocation; one for each sieve in use at once.
    static SPOTS: RefCell<Vec<Stamped<Spot>>> = RefCell::default();
}

/// Filters to be tried on many rows.
pub(super) struct Sieve<'a> {
    pub(super) catalogue: &'a Catalogue,
    pub(super) requested: &'a Requested<'a>,
    /// Fields that are left out, as bits.
    but: u16,
    asks_more: bool,
    spots: RefCell<Stamped<Spot>>,
    within: OnceCell<Vec<PlaceIx>>,
}

impl Drop for Sieve<'_> {
    fn drop(&mut self) {
        SPOTS.with_borrow_mut(|free| free.push(self.spots.take()));
    }
}

impl<'a> Sieve<'a> {
    /// The filters of a request, some fields left out.
    pub(super) fn new(catalogue: &'a Catalogue, requested: &'a Requested<'a>, but: u16) -> Self {
        let mut spots = SPOTS.with_borrow_mut(Vec::pop).unwrap_or_default();
        spots.begin(catalogue.places().len());
        Self {
            catalogue,
            requested,
            but,
            asks_more: requested.asks_more_than_a_glance(),
            spots: RefCell::new(spots),
            within: OnceCell::new(),
        }
    }

    /// Whether a row passes.
    pub(super) fn passes(&self, row: Row) -> bool {
        let Some(glance) = self.catalogue.glance(row) else {
            return false;
        };
        self.lets(row, glance)
    }

    fn lets(&self, row: Row, glance: &Glance) -> bool {
        if !self.requested.fits_at_a_glance(glance, self.but) || !self.is_on_the_ground(glance) {
            return false;
        }
        self.told(row, glance)
    }

    /// Whether a row whose glance passes does, too.
    fn told(&self, row: Row, glance: &Glance) -> bool {
        if !self.asks_more && !self.requested.is_doubtful(glance) {
            return true;
        }
        let offer = self.catalogue.offer(row);
        offer.is_some_and(|offer| self.requested.misses(offer) & !self.but == 0)
    }

    /// Every field that a row fails, as bits.
    pub(super) fn misses(&self, row: Row) -> Option<u16> {
        let glance = self.catalogue.glance(row)?;
        if self.asks_more || self.requested.is_doubtful(glance) {
            return self.catalogue.offer(row).map(|offer| self.requested.misses(offer));
        }
        let ground = if self.is_on_the_ground(glance) {
            0
        } else {
            Field::Other as u16
        };
        Some(self.requested.misses_at_a_glance(glance) | ground)
    }

    fn is_on_the_ground(&self, glance: &Glance) -> bool {
        if !self.requested.ground().is_bounded() {
            return true;
        }
        match glance.place() {
            Some(place) => self.spot(place).holds,
            None => self.requested.takes_digital(),
        }
    }

    /// What is known of a place.
    pub(super) fn spot(&self, place: PlaceIx) -> Spot {
        let mut spots = self.spots.borrow_mut();
        let index = place.0 as usize;
        if let Some(known) = spots.get(index) {
            return known;
        }
        let ground = self.requested.ground();
        let spot = self.catalogue.places().get(place).map_or_else(Spot::default, |place| {
            let distance = ground.distance(place.position);
            Spot {
                holds: ground.holds(place.position),
                band: band(distance),
                metres: distance.map_or(-1.0, |metres| metres.0),
            }
        });
        spots.set(index, spot);
        spot
    }

    /// The distance of a row and its band.
    pub(super) fn away(&self, glance: &Glance) -> (Option<Metres>, u8) {
        match glance.place() {
            Some(place) => {
                let spot = self.spot(place);
                (spot.distance(), spot.band)
            }
            None => (None, band(None)),
        }
    }

    /// Whether a circle narrows what can pass to a part that can be listed.
    pub(super) fn is_narrow(&self) -> bool {
        self.requested.ground().circle().is_some()
    }

    /// The places in the circle.
    fn within(&self) -> &[PlaceIx] {
        self.within.get_or_init(|| {
            let circle = self.requested.ground().circle();
            circle.map_or_else(Vec::new, |(centre, radius)| {
                self.catalogue.places().numbers_within(centre, radius)
            })
        })
    }

    /// The places in the circle as a set of bits.
    fn bits_within(&self) -> Bits {
        let mut bits = Bits(vec![0; self.catalogue.places().len().div_ceil(64)]);
        self.within().iter().for_each(|place| bits.insert(*place));
        bits
    }

    fn unplaced(&self) -> u64 {
        if self.requested.takes_digital() {
            self.catalogue.unplaced().len()
        } else {
            0
        }
    }

    /// About how many rows stand in the circle or nowhere.
    pub(super) fn about(&self) -> u64 {
        let places = self.catalogue.places().len().max(1) as u64;
        let rows = self.catalogue.row_bound() as u64;
        self.within().len() as u64 * rows.div_ceil(places) + self.unplaced()
    }

    /// The rows in the circle and those nowhere, each once; not all of them pass.
    pub(super) fn rows(&self) -> Vec<u32> {
        let places = self
            .within()
            .iter()
            .filter_map(|place| self.catalogue.places().get(*place));
        let mut rows: Vec<u32> = Vec::with_capacity(usize::try_from(self.about()).unwrap_or(0));
        places.for_each(|place| rows.extend(place.rows.iter().map(|row| row.0)));
        if self.requested.takes_digital() {
            rows.extend(self.catalogue.unplaced().iter());
        }
        rows
    }

    /// Every row that passes, without words.
    pub(super) fn all(&self) -> Vec<Row> {
        if self.is_narrow() && self.about() * SCAN < self.catalogue.row_bound() as u64 {
            let rows = self.rows().into_iter().map(Row);
            return rows.filter(|row| self.passes(*row)).collect();
        }
        if self.is_narrow() {
            let within = self.bits_within();
            let near = |glance: &Glance| match glance.place() {
                Some(place) => {
                    within.contains(place) && (self.requested.ground().is_circle() || self.spot(place).holds)
                }
                None => self.requested.takes_digital(),
            };
            let passing = self.catalogue.glances().filter(|(row, glance)| {
                self.requested.fits_at_a_glance(glance, self.but) && near(glance) && self.told(*row, glance)
            });
            return passing.map(|(row, _)| row).collect();
        }
        let passing = self.catalogue.glances().filter(|(row, glance)| self.lets(*row, glance));
        passing.map(|(row, _)| row).collect()
    }
}
