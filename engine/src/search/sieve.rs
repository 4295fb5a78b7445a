//! The filters of a search as it tries them on hundreds of thousands of rows: at a glance, each place once.
//!
//! Between the compiled filters and the text index. What a glance cannot tell is asked of the whole row. Invariant: a
//! row passes here exactly if [`Requested::misses`] finds nothing but what is left out.

use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;

use roaring::RoaringBitmap;

use super::key::band;
use super::scratch::Stamped;
use crate::bits::Bits;
use crate::catalogue::Catalogue;
use crate::catalogue::glance::Glance;
use crate::catalogue::places::{Place, PlaceIx};
use crate::catalogue::row::Row;
use crate::filter::Requested;
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

/// After so many rows that were tried one by one, those that stand in the circle are laid out as a set.
const TRIED: u32 = if cfg!(test) { 4 } else { 6_000 };

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
    /// The categories whose offers may pass.
    takes: Vec<bool>,
    spots: RefCell<Stamped<Spot>>,
    within: OnceCell<Vec<PlaceIx>>,
    places: OnceCell<Bits>,
    standing: OnceCell<Bits>,
    accepted: OnceCell<Rc<[u32]>>,
    tried: Cell<u32>,
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
            takes: requested.categories(but),
            spots: RefCell::new(spots),
            within: OnceCell::new(),
            places: OnceCell::new(),
            standing: OnceCell::new(),
            accepted: OnceCell::new(),
            tried: Cell::new(0),
        }
    }

    /// Whether a row passes.
    pub(super) fn passes(&self, row: Row) -> bool {
        self.misses(row).is_some()
    }

    /// The field that a row fails of those left out, as a bit, if any; nothing if it fails another or two of them, since
    /// what fails two is no sibling of anything.
    pub(super) fn misses(&self, row: Row) -> Option<u16> {
        let here = self.laid_out().map(|standing| standing.contains(row.0));
        if here == Some(false) {
            return None;
        }
        self.misses_of(row, self.catalogue.glance(row)?, here == Some(true))
    }

    /// The same, of a row that is known to stand `here`, or else may.
    fn misses_of(&self, row: Row, glance: &Glance, here: bool) -> Option<u16> {
        if !self.requested.fits_at_a_glance(glance, self.but) || !(here || self.is_on_the_ground(glance)) {
            return None;
        }
        let misses = if self.asks_more || self.requested.is_doubtful(glance) {
            self.requested.misses(self.catalogue.offer(row)?)
        } else if self.but == 0 {
            0
        } else {
            self.requested.misses_at_a_glance(glance)
        };
        (misses & !self.but == 0 && misses.count_ones() <= 1).then_some(misses)
    }

    /// The rows that stand in a circle, once so many were tried that laying them out pays.
    fn laid_out(&self) -> Option<&Bits> {
        if !self.is_narrow() {
            return None;
        }
        if self.standing.get().is_none() && self.tried.get() < TRIED {
            self.tried.set(self.tried.get() + 1);
            return None;
        }
        Some(self.standing())
    }

    fn is_on_the_ground(&self, glance: &Glance) -> bool {
        if !self.requested.ground().is_bounded() {
            return true;
        }
        match glance.place() {
            Some(place) if self.is_narrow() => self.places_within().contains(place.0),
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

    /// Those that are within every other bound, too.
    fn holding_numbers(&self) -> impl Iterator<Item = PlaceIx> {
        let is_circle = self.requested.ground().is_circle();
        let within = self.within().iter().copied();
        within.filter(move |place| is_circle || self.spot(*place).holds)
    }

    fn holding(&self) -> impl Iterator<Item = &Place> {
        self.holding_numbers()
            .filter_map(|place| self.catalogue.places().get(place))
    }

    /// The same as a set of bits.
    fn places_within(&self) -> &Bits {
        self.places.get_or_init(|| {
            let mut places = Bits::below(self.catalogue.places().len());
            self.holding_numbers().for_each(|place| places.insert(place.0));
            places
        })
    }

    /// The rows within the bounds and those that may stand nowhere, of the categories that may pass.
    fn standing(&self) -> &Bits {
        self.standing.get_or_init(|| {
            let mut rows = Bits::below(self.catalogue.row_bound());
            self.catalogue.places_ahead(self.within());
            let placed = self.holding().flat_map(|place| self.taken(place)).flatten();
            placed.for_each(|row| rows.insert(row.0));
            self.unplaced()
                .flat_map(RoaringBitmap::iter)
                .for_each(|row| rows.insert(row));
            rows
        })
    }

    /// The rows in the circle that pass, in order.
    pub(super) fn accepted(&self) -> Rc<[u32]> {
        let passing = || self.all().iter().map(|(row, _)| row.0).collect();
        let accepted = self.accepted.get_or_init(passing);
        Rc::clone(accepted)
    }

    /// The rows of a place, of the categories that may pass.
    fn taken<'b>(&'b self, place: &'b Place) -> impl Iterator<Item = &'b [Row]> {
        let groups = place.rows.by_category();
        groups.filter_map(|(category, rows)| self.takes[category].then_some(rows))
    }

    /// The rows nowhere, of the categories that may pass.
    fn unplaced(&self) -> impl Iterator<Item = &RoaringBitmap> {
        let takes = self.takes.iter().map(|takes| *takes && self.requested.takes_digital());
        let groups = self.catalogue.unplaced().zip(takes);
        groups.filter_map(|(rows, takes)| takes.then_some(rows))
    }

    /// About how many rows stand in the circle or nowhere.
    pub(super) fn about(&self) -> u64 {
        let places = self.catalogue.places().len().max(1) as u64;
        let rows = self.catalogue.row_bound() as u64;
        self.within().len() as u64 * rows.div_ceil(places) + self.unplaced().map(RoaringBitmap::len).sum::<u64>()
    }

    /// Every row that passes, without words, with the field that it fails of those left out, if any.
    pub(super) fn all(&self) -> Vec<(Row, u16)> {
        let with = |row, glance, here| Some((row, self.misses_of(row, glance, here)?));
        if self.is_narrow() {
            let here = || self.standing().iter().map(Row);
            self.catalogue.glances_ahead(here());
            return here()
                .filter_map(|row| with(row, self.catalogue.glance(row)?, true))
                .collect();
        }
        let glances = self.catalogue.glances();
        glances.filter_map(|(row, glance)| with(row, glance, false)).collect()
    }
}
