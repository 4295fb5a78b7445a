//! New: the last published of each category.
//!
//! A source of the main path. Invariant: an offer is reachable here the second that it arrives.

use super::{Out, Source};
use crate::pipeline::Query;

pub(super) struct Newest;

impl Source for Newest {
    fn name(&self) -> &'static str {
        "new"
    }

    fn gather(&self, query: &Query<'_>, depth: usize, out: &mut Out) -> bool {
        let orders = query.catalogue.newest();
        let share = depth.div_ceil(2);
        for order in orders {
            out.rows.extend(order.iter().take(share).map(|ranked| ranked.row()));
        }
        orders.iter().all(|order| order.len() <= share)
    }
}
