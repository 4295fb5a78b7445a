//! Labels: what editors and institutions have marked, most booked first.
//!
//! A source of the main path. Invariant: every row that it gives carries a label of the taxonomy.

use super::{Out, Source};
use crate::pipeline::Query;

pub(super) struct Labels;

impl Source for Labels {
    fn name(&self) -> &'static str {
        "labels"
    }

    fn gather(&self, query: &Query<'_>, depth: usize, out: &mut Out) -> bool {
        for order in query.catalogue.labelled() {
            let share = depth.div_ceil(4).min(order.len());
            if !out.meter.spend(share) {
                return true;
            }
            out.rows.extend(order.iter().take(share).map(|ranked| ranked.row()));
        }
        true
    }
}
