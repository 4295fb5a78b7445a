//! Rising: what is taken much more now than in its own past, whatever its volume.
//!
//! A source of the main path: works that readers here take, then offers whose bookings of the last week stand out of
//! the month that the booking core tells of. Invariant: a steady best-seller is never here for its volume.

use super::works::Works;
use super::{Out, Source};
use crate::catalogue::Ranked;
use crate::catalogue::row::{PAST_DAYS, Row};
use crate::pipeline::Query;

/// The most works that rose lately that are looked at.
const LOOKED_AT: usize = 512;
/// The most of them for each offer of a category that is asked for.
const EACH: usize = 8;
/// How many that stand out of their month are looked at for one that had all of it.
const LOOKED_AT_OF_ONE: usize = 4;

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
            let looked_at = order.len().min(share.saturating_mul(LOOKED_AT_OF_ONE));
            if !out.meter.spend(looked_at) {
                return true;
            }
            let rows = order.iter().take(looked_at).map(Ranked::row);
            let age = |row: &Row| query.catalogue.glance(*row)?.age_days(query.now.millis());
            let had_a_past = |row: &Row| age(row).is_none_or(|days| days >= PAST_DAYS);
            out.rows.extend(rows.filter(had_a_past).take(share));
        }
        true
    }
}
