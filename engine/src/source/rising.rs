//! Rising: what is taken much more now than in its own past, whatever its volume.
//!
//! A source of the main path: works that readers here take, then offers whose bookings of the last week stand out of
//! the month that the booking core tells of. Invariant: a steady best-seller is never here for its volume.

use super::works::Works;
use super::{Out, Source};
use crate::pipeline::Query;

/// The most works that rose lately that are looked at.
const LOOKED_AT: usize = 512;
/// The most of them for each offer of a category that is asked for.
const EACH: usize = 8;

pub(super) struct Rising;

impl Source for Rising {
    fn name(&self) -> &'static str {
        "rising"
    }

    fn gather(&self, query: &Query<'_>, depth: usize, out: &mut Out) -> bool {
        let share = depth.div_ceil(4);
        let looked_at = LOOKED_AT.min(query.asking.effort.unwrap_or(LOOKED_AT));
        let looked_at = looked_at.min(depth.saturating_mul(EACH));
        let risers = query.catalogue.acts().rising(query.now.millis(), looked_at);
        Works::new(query, share, out).take_all(risers.into_iter().map(|(item, _)| item));
        for order in query.catalogue.surging() {
            let share = share.min(order.len());
            if !out.meter.spend(share) {
                return true;
            }
            out.rows.extend(order.iter().take(share).map(|ranked| ranked.row()));
        }
        true
    }
}
