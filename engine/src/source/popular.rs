//! Popular: the most booked of each category in 28 days.
//!
//! A source of the main path. Invariant: asked without bound, it gives every offer that is offered.

use super::Source;
use crate::catalogue::row::Row;
use crate::pipeline::Query;

pub(super) struct Popular;

impl Source for Popular {
    fn name(&self) -> &'static str {
        "popular"
    }

    fn gather(&self, query: &Query<'_>, depth: usize, rows: &mut Vec<Row>) -> bool {
        let orders = query.catalogue.popular();
        orders
            .iter()
            .for_each(|order| rows.extend(order.iter().take(depth).map(|ranked| ranked.row())));
        orders.iter().all(|order| order.len() <= depth)
    }
}
