//! The first of many rows in an order, without scoring them all.
//!
//! Each category is walked in the order's key until it has as many fit works as a page can use: no list can use more.
//! Invariant: what stands first by key is looked at first; among rows of one key, by identifier.

use rustc_hash::FxHashSet;

use super::order::Order;
use super::rule::Compiled;
use crate::catalogue::Ranked;
use crate::catalogue::row::{ItemIx, Row};
use crate::live::Generation;
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
    let each = |keyed: &mut Vec<(f64, Row)>| walk(query, earliest(query, keyed, 2 * share), share, removed);
    categories.iter_mut().map(each).collect::<Vec<_>>().concat()
}

/// The fit ones that pass a rule and are most booked in each category that it may take, at least so many works where
/// there are: the catalogue keeps that order.
pub(super) fn most_booked<'a>(
    query: &Query<'a>,
    (generation, rule): (&Generation, &Compiled<'_>),
    share: usize,
    removed: &mut Removed,
) -> Vec<Scored<'a>> {
    let takes = rule.categories();
    let orders = query.catalogue.popular().iter().zip(takes);
    let orders = orders.filter_map(|(order, takes)| takes.then_some(order));
    let passes = |row| rule.passes(generation, row);
    let each = |order| {
        let mut rows = Iterator::map(order, Ranked::row).filter(|row| passes(*row));
        let chunks = std::iter::from_fn(move || Some(rows.by_ref().take(2 * share).collect()));
        walk(
            query,
            chunks.take_while(|chunk: &Vec<Row>| !chunk.is_empty()),
            share,
            removed,
        )
    };
    orders.map(|order| order.iter()).map(each).collect::<Vec<_>>().concat()
}

/// Rows in the order of their keys, so many at a time.
fn earliest<'r>(
    query: &'r Query<'_>,
    keyed: &'r mut [(f64, Row)],
    chunk: usize,
) -> impl Iterator<Item = Vec<Row>> + 'r {
    let id = |row: Row| query.catalogue.offer(row).map(|offer| &offer.id);
    let earlier = move |a: &(f64, Row), b: &(f64, Row)| a.0.total_cmp(&b.0).then_with(|| id(a.1).cmp(&id(b.1)));
    let mut rest = keyed;
    std::iter::from_fn(move || {
        let chunk = chunk.min(rest.len());
        if chunk == 0 {
            return None;
        }
        rest.select_nth_unstable_by(chunk - 1, earlier);
        let (next, others) = std::mem::take(&mut rest).split_at_mut(chunk);
        rest = others;
        Some(next.iter().map(|(_, row)| *row).collect())
    })
}

fn walk<'a>(
    query: &Query<'a>,
    chunks: impl Iterator<Item = Vec<Row>>,
    share: usize,
    removed: &mut Removed,
) -> Vec<Scored<'a>> {
    let mut found = Vec::new();
    let mut works: FxHashSet<ItemIx> = FxHashSet::default();
    for chunk in chunks {
        let gathered: Vec<Gathered> = chunk.into_iter().map(|row| Gathered { row, sources: 0 }).collect();
        let (kept, why) = pool::filter(query, &gathered);
        for (name, count) in why {
            *removed.entry(name).or_default() += count;
        }
        works.extend(kept.iter().map(|(candidate, _)| candidate.offer.item));
        found.extend(pool::score(query, kept));
        if works.len() >= share {
            break;
        }
    }
    found
}
