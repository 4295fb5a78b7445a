//! Exploration: a few eligible offers of each category by seeded chance, each with the chance that it had.
//!
//! A source of the main path. Points are drawn on a circle where offers stand by their mixed fingerprints; each takes the first eligible offer
//! after it, within [`STEPS`]. An offer's gap to those before it is therefore its chance, exactly, and stands in the
//! record of the request, so that what readers do with explored offers can be weighed back. Invariant: the draws depend
//! on the seed and on the offers' identifiers, not on row numbers; every given chance is above 0 and at most 1.

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

use super::{Out, Source};
use crate::catalogue::row::Row;
use crate::filter::Filter;
use crate::fitness;
use crate::pipeline::Query;

/// How far a draw goes on from an offer that does not fit.
pub const STEPS: usize = 16;
/// Draws for a depth: one for so many, within bounds.
const DRAWS: (usize, usize, usize) = (20, 2, 20);

pub(super) struct Exploration;

impl Source for Exploration {
    fn name(&self) -> &'static str {
        "exploration"
    }

    fn gather(&self, query: &Query<'_>, depth: usize, out: &mut Out) -> bool {
        let filters = fitness::filters(query);
        let mut rng = Pcg64::seed_from_u64(query.seed);
        let draws = (depth / DRAWS.0).clamp(DRAWS.1, DRAWS.2);
        for circle in query.catalogue.drawn().iter().filter(|circle| !circle.is_empty()) {
            let eligible = |row| is_eligible(query, &filters, row);
            let mut found: Vec<(u64, Row)> = Vec::new();
            for _ in 0..draws {
                if !out.meter.spend(2 * STEPS) {
                    return true;
                }
                let landed = land(circle, rng.random(), &eligible);
                found.extend(landed.filter(|one| !found.contains(one)));
            }
            for one in found {
                out.rows.push(one.1);
                out.drawn.push((one.1, propensity(circle, one, draws, &eligible)));
            }
        }
        true
    }
}

type Circle = imbl::OrdSet<(u64, Row)>;

fn is_eligible(query: &Query<'_>, filters: &[Box<dyn Filter + '_>], row: Row) -> bool {
    let Some(offer) = query.catalogue.offer(row) else {
        return false;
    };
    let candidate = query.requested.candidate(row, offer);
    filters.iter().all(|filter| filter.keeps(&candidate))
}

/// The first eligible offer at or after a point, round the circle.
fn land(circle: &Circle, point: u64, eligible: &impl Fn(Row) -> bool) -> Option<(u64, Row)> {
    let after = circle.range::<_, (u64, Row)>((point, Row(0))..).chain(circle.iter());
    let near = after.take(STEPS.min(circle.len()));
    near.copied().find(|(_, row)| eligible(*row))
}

/// The chance that at least one of the draws lands on an offer.
fn propensity(circle: &Circle, one: (u64, Row), draws: usize, eligible: &impl Fn(Row) -> bool) -> f64 {
    let before = circle.range::<_, (u64, Row)>(..one).rev().chain(circle.iter().rev());
    let mut reached = 0;
    let mut from = None;
    for other in before.take(STEPS.min(circle.len())) {
        reached += 1;
        from = Some(other.0);
        if eligible(other.1) || reached == STEPS {
            break;
        }
    }
    let whole = from.is_none_or(|from| reached == circle.len() && from == one.0);
    let gap = if whole {
        1.0
    } else {
        one.0.wrapping_sub(from.unwrap_or(one.0)) as f64 / 2f64.powi(64)
    };
    1.0 - (1.0 - gap).powi(i32::try_from(draws).unwrap_or(i32::MAX))
}

#[cfg(test)]
mod tests;
