//! The first of many rows in an order, without scoring them all.
//!
//! Each category is walked in the order's key until it has as many fit works as a page can use: no list can use more.
//! Invariant: what stands first by key is looked at first; among rows of one key, by identifier.

use rustc_hash::FxHashSet;

use super::order::Order;
use crate::catalogue::row::{ItemIx, Row};
use crate::pipeline::Query;
use crate::pipeline::pool::{self, Removed, Scored};
use crate::source::Gathered;

/// The fit ones that come first in each category, at least so many works where there are.
pub(super) fn first<'a>(
    query: &Query<'a>,
    rows: &[Row],
    order: &Order,
    share: usize,
    removed: &mut Removed,
) -> Vec<Scored<'a>> {
    let mut categories: Vec<Vec<(f64, Row)>> = Vec::new();
    for row in rows {
        let Some(offer) = query.catalogue.offer(*row) else {
            continue;
        };
        let place = offer.category.index();
        if categories.len() <= place {
            categories.resize_with(place + 1, Vec::new);
        }
        categories[place].push((order.key(&query.requested.candidate(*row, offer)), *row));
    }
    let walked = categories.iter_mut().map(|keyed| walk(query, keyed, share, removed));
    walked.collect::<Vec<_>>().concat()
}

fn walk<'a>(query: &Query<'a>, keyed: &mut [(f64, Row)], share: usize, removed: &mut Removed) -> Vec<Scored<'a>> {
    let id = |row: Row| query.catalogue.offer(row).map(|offer| &offer.id);
    let earlier = |a: &(f64, Row), b: &(f64, Row)| a.0.total_cmp(&b.0).then_with(|| id(a.1).cmp(&id(b.1)));
    let (mut rest, mut found) = (keyed, Vec::new());
    let mut works: FxHashSet<ItemIx> = FxHashSet::default();
    while !rest.is_empty() && works.len() < share {
        let chunk = (2 * share).min(rest.len());
        rest.select_nth_unstable_by(chunk - 1, earlier);
        let (next, others) = rest.split_at_mut(chunk);
        let gathered: Vec<Gathered> = next.iter().map(|(_, row)| Gathered { row: *row, sources: 0 }).collect();
        let (kept, why) = pool::filter(query, &gathered);
        for (name, count) in why {
            *removed.entry(name).or_default() += count;
        }
        works.extend(kept.iter().map(|(candidate, _)| candidate.offer.item));
        found.extend(pool::score(query, kept));
        rest = others;
    }
    found
}
