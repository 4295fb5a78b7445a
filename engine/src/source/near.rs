//! Near: what takes place around the reader, nearest places first, by travel band.
//!
//! A source of the main path. How far near goes follows how dense the places stand: three times as far as the
//! [`DENSITY`]th nearest one, so that it is a walk in Paris and a drive in the Creuse. Invariant: nothing without a
//! position, nothing beyond that reach or the request's own radius; from one place only a share, so that a large
//! venue does not hide its neighbours, and from the nearer bands only a part, so that the outer ones are heard.

use std::sync::OnceLock;

use super::{Out, Source, venue};
use crate::catalogue::places::{Place, PlaceIx};
use crate::geo::{Metres, Position};
use crate::pipeline::Query;

/// How far "near" goes at most and, however dense the places, at least.
const REACH: (f64, f64) = (2_000.0, 100_000.0);
/// The place whose distance says how dense they stand.
const DENSITY: usize = 30;
/// How many times as far as that place near goes.
const SPREAD: f64 = 3.0;
/// The most places looked at for one answer: at first, and when more is asked for.
const PLACES: (usize, usize) = (200, 1_000);
/// Asked for so much of a category, the first number of places is enough.
const SHALLOW: usize = 100;

pub(super) struct Near;

impl Source for Near {
    fn name(&self) -> &'static str {
        "near"
    }

    fn gather(&self, query: &Query<'_>, depth: usize, out: &mut Out) -> bool {
        let Some(origin) = origin(query) else { return true };
        let Reached { places, reach } = reached(query, origin, depth);
        let mut counts = vec![0; query.catalogue.taxonomy().categories().count()];
        for &(place, distance) in places {
            let Some(place) = query.catalogue.places().get(place) else {
                continue;
            };
            let most = band(distance, *reach).part(depth);
            if !take(query, place, most, &mut counts, out) || counts.iter().all(|count| *count >= depth) {
                return false;
            }
        }
        counts.iter().all(|count| *count < depth)
    }
}

/// Where near is: at the reader's, else where the works asked about are offered.
fn origin(query: &Query<'_>) -> Option<Position> {
    let asked = || venue::places(query).into_iter().next();
    let there = |place| query.catalogue.places().get(place).map(|place| place.position);
    query.position.or_else(|| asked().and_then(there))
}

/// The places that are near, nearest first, and how far near goes there.
#[derive(Debug)]
pub(crate) struct Reached {
    pub(super) places: Vec<(PlaceIx, Metres)>,
    reach: f64,
}

/// What one request has asked of its one origin: the first number of places, and the second.
pub(crate) type Around = [OnceLock<Reached>; 2];

/// What is near for an effort, looked for once a request.
pub(super) fn reached<'q>(query: &'q Query<'_>, origin: Position, depth: usize) -> &'q Reached {
    let (kept, most) = if depth <= SHALLOW {
        (&query.around[0], PLACES.0)
    } else {
        (&query.around[1], PLACES.1)
    };
    kept.get_or_init(|| {
        let asked = query.requested.ground().circle().map(|(_, radius)| radius.0);
        let within = asked.unwrap_or(REACH.1).min(REACH.1);
        let nearest = query.catalogue.places().nearest(origin).take(most);
        let mut places: Vec<(PlaceIx, Metres)> = nearest.take_while(|(_, distance)| distance.0 <= within).collect();
        let reach = asked.map_or_else(|| reach(&places), |asked| asked.min(REACH.1));
        places.truncate(places.partition_point(|(_, distance)| distance.0 <= reach));
        Reached { places, reach }
    })
}

/// How far near goes, by the density of the places around, nearest first.
fn reach(around: &[(PlaceIx, Metres)]) -> f64 {
    let far = around.get(DENSITY - 1).map(|(_, distance)| distance.0 * SPREAD);
    far.map_or(REACH.1, |far| far.clamp(REACH.0, REACH.1))
}

/// How one gets there, in what "far" means here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Band {
    /// On foot: a ninth of the reach.
    Walk,
    /// By bicycle or bus: a third of it.
    Ride,
    /// A trip.
    Trip,
}

/// The band of a distance within a reach.
pub(crate) fn band(distance: Metres, reach: f64) -> Band {
    if distance.0 * 9.0 <= reach {
        Band::Walk
    } else if distance.0 * 3.0 <= reach {
        Band::Ride
    } else {
        Band::Trip
    }
}

impl Band {
    /// How much of a category may be full before the next band is heard.
    const fn part(self, depth: usize) -> usize {
        match self {
            Self::Walk => depth.div_ceil(2),
            Self::Ride => depth - depth / 4,
            Self::Trip => depth,
        }
    }
}

/// The best of each category at a place, at most a quarter of what may be taken; whether effort is left.
pub(super) fn take(query: &Query<'_>, place: &Place, most: usize, counts: &mut [usize], out: &mut Out) -> bool {
    for (category, group) in place.rows.by_category() {
        let count = &mut counts[category];
        let share = most.div_ceil(4).min(most.saturating_sub(*count));
        if share > 0 {
            if !out.meter.spend(share.min(group.len())) {
                return false;
            }
            let offered = group.iter().filter(|row| query.stands(**row));
            let before = out.rows.len();
            out.rows.extend(offered.take(share));
            *count += out.rows.len() - before;
        }
    }
    true
}

#[cfg(test)]
mod tests;
