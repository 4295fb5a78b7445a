//! Links: where an offer stands in the structures that are shared by all, and how it moves between them.
//!
//! Under every change of an offer. Invariant: after a change the orders, the postings, the place, the venue and the
//! work hold exactly what the offer's new columns say, and what did not change was not touched.

use std::cmp::Reverse;
use std::sync::Arc;

use super::acts::Work;
use super::glance::Glance;
use super::places::PlaceIx;
use super::postings::Posted;
use super::row::{ItemIx, OfferRow, Row, VenueIx};
use super::words::Word;
use super::{Catalogue, Ranked, item};
use crate::ids::OfferId;
use crate::pipeline::fingerprint;

/// Where an offer stands in the shared structures.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Links {
    order: Option<(usize, i64, i64)>,
    /// Its place among the labelled and among the surging, where it is offered.
    lists: (Option<i64>, Option<i64>),
    /// Bookings and words under which it is posted, where it is offered.
    posted: Option<(u32, Vec<Word>)>,
    has_vector: bool,
    sorted: (usize, u32),
    place: Option<PlaceIx>,
    venue: Option<VenueIx>,
    item: ItemIx,
}

impl Catalogue {
    /// Puts new columns in a row, or takes the row out, and moves only the links that differ.
    pub(super) fn replace(&mut self, row: Row, columns: Option<OfferRow>) {
        let old = self.offer(row).map(|old| (old.waiting, links(old), old.id.clone()));
        let new = columns.as_ref().map(|new| (new.waiting, links(new), new.id.clone()));
        self.counts.waiting -= usize::from(old.as_ref().is_some_and(|(waiting, ..)| *waiting));
        self.counts.waiting += usize::from(new.as_ref().is_some_and(|(waiting, ..)| *waiting));
        if let Some((_, links, id)) = &old {
            self.unlink(row, id, links, new.as_ref().map(|(_, links, _)| links));
        }
        if let Some(slot) = self.offers.get_mut(row.index()) {
            self.words.take(columns.iter().flat_map(named));
            let old = std::mem::replace(slot, columns);
            self.words.release(old.iter().flat_map(named));
        }
        if let Some((_, links, id)) = &new {
            self.link(row, id, links, old.as_ref().map(|(_, links, _)| links));
        }
        self.glance_at(row);
    }

    /// Derives the glance of a row from its columns.
    fn glance_at(&mut self, row: Row) {
        let offer = self.offers.get(row.index()).and_then(Option::as_ref);
        let glance = offer.map_or(Glance::EMPTY, |offer| {
            let several = self.item(offer.item).is_some_and(|item| item.rows.len() > 1);
            Glance::of(offer, several)
        });
        if let Some(slot) = self.glances.get_mut(row.index()) {
            *slot = glance;
        }
    }

    /// Says of the first offer of a work whether it has others: of the offers that come and go it is known.
    fn note_several(&mut self, first: Option<Row>, several: bool) {
        if let Some(glance) = first.and_then(|row| self.glances.get_mut(row.index())) {
            glance.set_several(several);
        }
    }

    fn unlink(&mut self, row: Row, id: &OfferId, old: &Links, new: Option<&Links>) {
        if new.map(|new| (new.order, new.lists)) != Some((old.order, old.lists))
            && let Some((category, popularity, published)) = old.order
        {
            self.popular[category].remove(&ranked(popularity, id, row));
            self.newest[category].remove(&ranked(published, id, row));
            self.drawn[category].remove(&(point(id), row));
            let (labelled, surging) = old.lists;
            labelled.map(|key| self.labelled[category].remove(&ranked(key, id, row)));
            surging.map(|key| self.surging[category].remove(&ranked(key, id, row)));
        }
        if new.map(|new| &new.posted) != Some(&old.posted)
            && let Some((bookings, words)) = &old.posted
        {
            let posted = Posted::new(*bookings, fingerprint(id.as_str()), row);
            self.postings.remove(words, posted);
        }
        if old.has_vector && !new.is_some_and(|new| new.has_vector) {
            Arc::make_mut(&mut self.vectors).remove(row.0);
        }
        if new.map(|new| (new.place, new.sorted)) != Some((old.place, old.sorted)) {
            self.leave_place(row, old);
        }
        if new.map(|new| new.venue) != Some(old.venue)
            && let Some(venue) = old.venue.and_then(|venue| self.venues.get_mut(venue.0 as usize))
        {
            Arc::make_mut(&mut venue.rows).retain(|other| *other != row);
        }
        if new.map(|new| new.item) != Some(old.item) {
            self.acts.moved(id, None);
            self.leave_item(row, old.item);
        }
    }

    fn link(&mut self, row: Row, id: &OfferId, new: &Links, old: Option<&Links>) {
        if old.map(|old| (old.order, old.lists)) != Some((new.order, new.lists))
            && let Some((category, popularity, published)) = new.order
        {
            self.popular[category].insert(ranked(popularity, id, row));
            self.newest[category].insert(ranked(published, id, row));
            self.drawn[category].insert((point(id), row));
            let (labelled, surging) = new.lists;
            labelled.map(|key| self.labelled[category].insert(ranked(key, id, row)));
            surging.map(|key| self.surging[category].insert(ranked(key, id, row)));
        }
        if old.map(|old| &old.posted) != Some(&new.posted)
            && let Some((bookings, words)) = &new.posted
        {
            let posted = Posted::new(*bookings, fingerprint(id.as_str()), row);
            self.postings.insert(words, posted);
        }
        if new.has_vector {
            Arc::make_mut(&mut self.vectors).insert(row.0);
        }
        if old.map(|old| (old.place, old.sorted)) != Some((new.place, new.sorted)) {
            self.enter_place(row, new);
        }
        if old.map(|old| old.venue) != Some(new.venue)
            && let Some(venue) = new.venue.and_then(|venue| self.venues.get_mut(venue.0 as usize))
        {
            Arc::make_mut(&mut venue.rows).push(row);
        }
        if old.map(|old| old.item) != Some(new.item) {
            self.enter_item(row, id, new);
        } else if old.map(|old| old.place) != Some(new.place) {
            let point = self.point_of(new.place);
            if let Some(Some(work)) = self.items.get_mut(new.item.0 as usize) {
                work.move_to(row, point);
            }
        }
    }

    fn point_of(&self, place: Option<PlaceIx>) -> item::Point {
        let place = place.and_then(|place| self.places.get(place));
        place.map_or(item::NOWHERE, |place| place.unit.map(|axis| axis as f32))
    }

    fn enter_item(&mut self, row: Row, id: &OfferId, new: &Links) {
        let (item, point, offers) = (new.item, self.point_of(new.place), &self.offers);
        let before = |other: &Row| matches!(offers.get(other.index()), Some(Some(offer)) if offer.id < *id);
        if let Some(Some(work)) = self.items.get_mut(item.0 as usize) {
            work.insert(work.rows.partition_point(before), row, point);
            self.acts.moved(id, Some(Work::new(item, work.id.as_str())));
            let rows = &work.rows;
            let other = rows.iter().copied().find(|other| *other != row);
            let met = other.filter(|_| rows.len() == 2);
            self.note_several(met, true);
        }
    }

    fn leave_item(&mut self, row: Row, item: ItemIx) {
        let Some(slot) = self.items.get_mut(item.0 as usize) else {
            return;
        };
        let Some(work) = slot else { return };
        work.remove(row);
        let left = work.rows.first().copied().filter(|_| work.rows.len() == 1);
        if work.rows.is_empty() {
            self.item_ids.remove(&work.id);
            *slot = None;
            self.free_items.push(item);
            self.counts.items -= 1;
        }
        self.note_several(left, false);
    }

    fn leave_place(&mut self, row: Row, old: &Links) {
        let Some(place) = old.place else {
            Arc::make_mut(&mut self.unplaced[old.sorted.0]).remove(row.0);
            return;
        };
        if let Some(rows) = self.places.rows_mut(place) {
            rows.remove(old.sorted.0, row);
        }
    }

    fn enter_place(&mut self, row: Row, new: &Links) {
        let Some(place) = new.place else {
            Arc::make_mut(&mut self.unplaced[new.sorted.0]).insert(row.0);
            return;
        };
        let key = |row: &Row| {
            let offer = self.offers.get(row.index()).and_then(Option::as_ref);
            offer.map(|offer| (Reverse(offer.popularity()), &offer.id))
        };
        if let Some(rows) = self.places.rows_mut(place) {
            rows.insert(new.sorted.0, row, |other| key(other) < key(&row));
        }
    }
}

/// The words that an offer names and that are forgotten with it.
fn named(offer: &OfferRow) -> impl Iterator<Item = Word> {
    offer.creators.iter().chain(&offer.tags).copied()
}

fn links(offer: &OfferRow) -> Links {
    let published = offer.published_at.unwrap_or(i64::MIN + 1);
    let order = (offer.category.index(), i64::from(offer.popularity()), published);
    let offered = offer.is_offered();
    let surge = offer.surge().map(|surge| (surge * 1e6) as i64);
    let words = || named(offer).collect();
    Links {
        order: offered.then_some(order),
        lists: (
            (offered && offer.labels != 0).then_some(order.1),
            surge.filter(|_| offered),
        ),
        posted: offered.then(|| (offer.popularity(), words())),
        has_vector: offered && offer.vector.is_some(),
        sorted: (offer.category.index(), offer.popularity()),
        place: offer.place,
        venue: offer.venue,
        item: offer.item,
    }
}

fn ranked(key: i64, id: &OfferId, row: Row) -> Ranked {
    Ranked {
        key: Reverse(key),
        id: id.clone(),
        row,
    }
}

/// Where an offer stands on the circle that is drawn from: its fingerprint mixed (splitmix64), since those of like
/// identifiers stand close together.
fn point(id: &OfferId) -> u64 {
    let mut mixed = fingerprint(id.as_str());
    mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ mixed >> 31
}
