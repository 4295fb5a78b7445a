//! Popular: the most booked of each category in 28 days.
//!
//! A source of the main path. Invariant: asked without bound, it gives every offer that is offered.

use super::{Out, Source};
use crate::pipeline::Query;

pub(super) struct Popular;

impl Source for Popular {
    fn name(&self) -> &'static str {
        "popular"
    }

    fn is_required(&self) -> bool {
        true
    }

    fn gather(&self, query: &Query<'_>, depth: usize, out: &mut Out) -> bool {
        let orders = query.catalogue.popular();
        for order in orders {
            out.rows.extend(order.iter().take(depth).map(|ranked| ranked.row()));
        }
        orders.iter().all(|order| order.len() <= depth)
    }
}
