//! Reading ahead: what will be read one after the other is asked of memory all at once, so that the misses overlap.
//!
//! Beside the tables that a list or a search walks in no order of theirs. Invariant: nothing here changes an answer.

use super::Catalogue;
use super::places::PlaceIx;
use super::row::{ItemIx, OfferRow, Row};

impl Catalogue {
    /// The columns of offers, then their venues and places.
    pub fn offers_ahead(&self, rows: impl Iterator<Item = Row>) {
        let offers: Vec<&OfferRow> = rows.filter_map(|row| self.offer(row)).collect();
        let venues = || offers.iter().filter_map(|offer| self.venue(offer.venue?));
        let places = offers.iter().filter_map(|offer| self.places().get(offer.place?));
        read(offers.iter().map(|offer| offer.touch()));
        read(venues().map(|venue| venue.kind.map_or(0, |kind| u64::from(kind.0))));
        read(venues().map(|venue| venue.rows.len() as u64));
        read(places.map(|place| place.unit[0].to_bits()));
    }

    /// Rows at a glance.
    pub fn glances_ahead(&self, rows: impl Iterator<Item = Row>) {
        let glances = rows.filter_map(|row| self.glance(row));
        read(glances.map(|glance| u64::from(glance.popularity())));
    }

    /// Works and where their offers stand.
    pub fn works_ahead(&self, items: impl Iterator<Item = ItemIx>) {
        read(items.filter_map(|item| self.item(item)).map(super::ItemRow::touch));
    }

    /// Places and the offers that stand there.
    pub fn places_ahead(&self, places: &[PlaceIx]) {
        let known = || places.iter().filter_map(|place| self.places().get(*place));
        read(known().map(|place| place.rows.len() as u64));
        read(known().filter_map(|place| Some(u64::from(place.rows.first()?.0))));
    }
}

/// Each reading is of no meaning and waits for no other.
fn read(readings: impl Iterator<Item = u64>) {
    std::hint::black_box(readings.fold(0, |all, one| all ^ one));
}
