//! Venue: what else there is where the works asked about are offered.
//!
//! A source of the main path, for `/v1/similar` alone. Invariant: every row that it gives stands at a place of one of
//! the works asked about.

use super::{Out, Source, near};
use crate::catalogue::places::PlaceIx;
use crate::pipeline::Query;

/// The most places that are looked at.
const PLACES: usize = 16;

pub(super) struct SameVenue;

impl Source for SameVenue {
    fn name(&self) -> &'static str {
        "venue"
    }

    fn gather(&self, query: &Query<'_>, depth: usize, out: &mut Out) -> bool {
        let mut counts = vec![0; query.catalogue.taxonomy().categories().count()];
        for place in places(query) {
            let Some(place) = query.catalogue.places().get(place) else {
                continue;
            };
            if !near::take(query, place, depth.div_ceil(2), &mut counts, out) {
                break;
            }
        }
        true
    }
}

/// Where the works asked about stand, each place once.
pub(super) fn places(query: &Query<'_>) -> Vec<PlaceIx> {
    let mut places = Vec::new();
    for item in query.seeds.asked() {
        let rows = query.catalogue.item(*item).map_or(&[][..], |item| &item.rows);
        let of_rows = rows.iter().filter_map(|row| query.catalogue.offer(*row)?.place);
        for place in of_rows.take(PLACES) {
            if places.len() < PLACES && !places.contains(&place) {
                places.push(place);
            }
        }
    }
    places
}
