//! How dense the country is where somebody stands: 20 km is not the same in Paris and in the Creuse.
//!
//! Read when a request is hydrated. Invariant: the answer depends on the catalogue's places alone, 0 is the densest
//! town and 1 open country, and a place more nearby never makes it sparser.

use crate::catalogue::Catalogue;
use crate::geo::Position;

/// How far the nearest places are looked at.
const PLACES: usize = 20;
/// So near is a dense town, in metres.
const DENSE_M: f64 = 400.0;
/// So far is open country, in metres.
const SPARSE_M: f64 = 10_000.0;

/// How sparse it is: the distance of the twentieth nearest place, between the two bounds in equal steps of ratio.
/// Without a position, the middle.
pub fn sparsity(catalogue: &Catalogue, position: Option<Position>) -> f64 {
    let Some(position) = position else { return 0.5 };
    let distance = catalogue.places().nearest(position).nth(PLACES - 1);
    let metres = distance.map_or(SPARSE_M, |(_, distance)| distance.0);
    ((metres / DENSE_M).ln() / (SPARSE_M / DENSE_M).ln()).clamp(0.0, 1.0)
}
