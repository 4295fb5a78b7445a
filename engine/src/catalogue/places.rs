//! Places on the globe, and what is near: an R*-tree over the unit sphere.
//!
//! Offers hang on places (a venue's position, or their own). The tree is built in one go and shared by generations;
//! places that came since stand in a short list that every query scans too. Invariant: `within` and `nearest` agree
//! with a linear scan by great-circle distance, everywhere on the globe.

use std::sync::Arc;

use rstar::primitives::GeomWithData;
use rstar::{PointDistance, RTree};
use rustc_hash::FxBuildHasher;

use super::chunked::Chunked;
use super::standing::Standing;
use crate::geo::{Metres, Position, chord2};

/// The number of a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PlaceIx(pub u32);

/// One place with its offers, best first within each category.
#[derive(Debug, Clone)]
pub struct Place {
    /// Where.
    pub position: Position,
    /// The same on the unit sphere.
    pub unit: [f64; 3],
    /// The offers that take place there: by category, then most booked, then identifier.
    pub rows: Arc<Standing>,
}

type Leaf = GeomWithData<[f64; 3], PlaceIx>;

/// Every place.
#[derive(Debug, Clone, Default)]
pub struct Places {
    table: Chunked<Place>,
    by_position: imbl::GenericHashMap<[u64; 2], PlaceIx, FxBuildHasher, imbl::shared_ptr::DefaultSharedPtr>,
    tree: Arc<RTree<Leaf>>,
    recent: Arc<Vec<PlaceIx>>,
}

/// Rounding of the chord may not lose a place at the very rim; the exact distance decides.
const RIM: f64 = 1e-13;

impl Places {
    /// A place by number.
    pub fn get(&self, place: PlaceIx) -> Option<&Place> {
        self.table.get(place.0 as usize)
    }

    /// How many places there are, empty ones included.
    pub fn len(&self) -> usize {
        self.table.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    /// Every place that holds an offer, within a distance, with that distance; in no particular order.
    pub fn within(&self, centre: Position, radius: Metres) -> Vec<(PlaceIx, Metres)> {
        let chord = chord2(radius);
        let near = self
            .tree
            .locate_within_distance(centre.unit(), chord + chord * 1e-9 + RIM)
            .map(|leaf| leaf.data);
        near.chain(self.recent.iter().copied())
            .filter_map(|place| Some((place, self.distance(place, centre)?)))
            .filter(|(_, distance)| distance.0 <= radius.0)
            .collect()
    }

    /// The numbers of every place within a distance, empty ones too; in no particular order.
    pub fn numbers_within(&self, centre: Position, radius: Metres) -> Vec<PlaceIx> {
        let origin = centre.unit();
        let chord = chord2(radius);
        let (surely, at_most) = (chord - chord * 1e-9 - RIM, chord + chord * 1e-9 + RIM);
        let is_within = |place: PlaceIx| {
            let place = self.get(place);
            place.is_some_and(|place| place.position.distance(centre).0 <= radius.0)
        };
        let near = self.tree.locate_within_distance(origin, at_most);
        let near = near.filter(|leaf| leaf.distance_2(&origin) < surely || is_within(leaf.data));
        let recent = self.recent.iter().copied().filter(|place| is_within(*place));
        near.map(|leaf| leaf.data).chain(recent).collect()
    }

    /// Every place that holds an offer, nearest first (ties by number).
    pub fn nearest(&self, centre: Position) -> impl Iterator<Item = (PlaceIx, Metres)> + '_ {
        let origin = centre.unit();
        let measured = move |place| Some((place, self.distance(place, centre)?));
        let mut recent: Vec<_> = self.recent.iter().copied().filter_map(measured).collect();
        recent.sort_by(|a, b| a.1.0.total_cmp(&b.1.0).then(a.0.cmp(&b.0)));
        let tree = self
            .tree
            .nearest_neighbor_iter(origin)
            .map(|leaf| leaf.data)
            .filter_map(measured);
        merge(tree, recent.into_iter())
    }

    fn distance(&self, place: PlaceIx, centre: Position) -> Option<Metres> {
        let place = self.get(place).filter(|place| !place.rows.is_empty())?;
        Some(place.position.distance(centre))
    }

    /// The place at a position, made where there is none.
    pub(super) fn at(&mut self, position: Position) -> PlaceIx {
        let key = [position.lat().to_bits(), position.lng().to_bits()];
        if let Some(place) = self.by_position.get(&key) {
            return *place;
        }
        let number = self.table.push(Place {
            position,
            unit: position.unit(),
            rows: Arc::default(),
        });
        let place = PlaceIx(u32::try_from(number).unwrap_or(u32::MAX));
        self.by_position.insert(key, place);
        Arc::make_mut(&mut self.recent).push(place);
        place
    }

    pub(super) fn rows_mut(&mut self, place: PlaceIx) -> Option<&mut Standing> {
        self.table
            .get_mut(place.0 as usize)
            .map(|place| Arc::make_mut(&mut place.rows))
    }

    /// Moves the recent places into the tree when they are many: their scan stays short, and the work of
    /// building stays in proportion to what came.
    pub(super) fn settle(&mut self) {
        if self.recent.len() <= (self.tree.size() / 8).max(512) {
            return;
        }
        let leaves = self
            .table
            .iter()
            .zip(0u32..)
            .map(|(place, n)| Leaf::new(place.unit, PlaceIx(n)));
        self.tree = Arc::new(RTree::bulk_load(leaves.collect()));
        self.recent = Arc::default();
    }
}

/// Two ascending streams as one.
fn merge(
    left: impl Iterator<Item = (PlaceIx, Metres)>,
    right: impl Iterator<Item = (PlaceIx, Metres)>,
) -> impl Iterator<Item = (PlaceIx, Metres)> {
    let (mut left, mut right) = (left.peekable(), right.peekable());
    std::iter::from_fn(move || match (left.peek(), right.peek()) {
        (Some(l), Some(r)) if r.1.0 < l.1.0 => right.next(),
        (Some(_), Some(_) | None) => left.next(),
        (None, Some(_)) => right.next(),
        (None, None) => None,
    })
}

#[cfg(test)]
mod tests;
