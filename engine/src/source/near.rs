//! Near: what takes place around the reader, nearest places first.
//!
//! A source of the main path. Invariant: it gives nothing without a position, nothing beyond [`REACH`] or the
//! request's own radius, and from one place only a share, so that a large venue does not hide its neighbours.

use super::Source;
use crate::catalogue::places::Place;
use crate::catalogue::row::Row;
use crate::geo::Metres;
use crate::pipeline::Query;

/// How far "near" goes at most.
const REACH: Metres = Metres(100_000.0);
/// The most places looked at for one answer.
const PLACES: usize = 1_000;

pub(super) struct Near;

impl Source for Near {
    fn name(&self) -> &'static str {
        "near"
    }

    fn gather(&self, query: &Query<'_>, depth: usize, rows: &mut Vec<Row>) -> bool {
        let Some(origin) = query.position else { return true };
        let reach = query
            .requested
            .ground()
            .circle()
            .map_or(REACH.0, |(_, radius)| radius.0.min(REACH.0));
        let mut counts = vec![0; query.catalogue.taxonomy().categories().count()];
        let places = query.catalogue.places();
        let near = places.nearest(origin).take_while(|(_, distance)| distance.0 <= reach);
        let bound = if depth == usize::MAX { usize::MAX } else { PLACES };
        for (place, _) in near
            .take(bound)
            .filter_map(|(place, distance)| Some((places.get(place)?, distance)))
        {
            take(query, place, depth, &mut counts, rows);
            if counts.iter().all(|count| *count >= depth) {
                return false;
            }
        }
        counts.iter().all(|count| *count < depth)
    }
}

/// The best of each category at a place, at most a quarter of the depth.
fn take(query: &Query<'_>, place: &Place, depth: usize, counts: &mut [usize], rows: &mut Vec<Row>) {
    let share = if depth == usize::MAX {
        usize::MAX
    } else {
        depth.div_ceil(4)
    };
    let mut here = &place.rows[..];
    while let Some(first) = here.first().and_then(|row| query.catalogue.offer(*row)) {
        let category = first.category;
        let same = |row: &Row| {
            query
                .catalogue
                .offer(*row)
                .is_some_and(|offer| offer.category == category)
        };
        let (group, rest) = here.split_at(here.partition_point(same).max(1));
        let count = &mut counts[category.index()];
        let most = share.min(depth.saturating_sub(*count));
        let offered = group
            .iter()
            .filter(|row| query.catalogue.offer(**row).is_some_and(|o| o.is_offered()));
        let before = rows.len();
        rows.extend(offered.take(most));
        *count += rows.len() - before;
        here = rest;
    }
}
