//! From matching offers to works: each work once, as its best offer under the sort.
//!
//! After the filters. Invariant: the best is the first by key and then by identifier, whatever the order in which the
//! offers were found.

use std::cell::RefCell;

use super::key::Ordered;
use super::scratch::Stamped;
use super::{Key, Match, key};
use crate::catalogue::row::Row;
use crate::live::Generation;
use crate::query::Sort;
use crate::text::TextRank;

thread_local! {
    /// Where a work stands among those found; kept between searches.
    static PLACES: RefCell<Stamped<u32>> = RefCell::default();
}

/// The best offer of each work under the sort.
pub(super) fn one_a_work(
    generation: &Generation,
    order: &Ordered<'_>,
    hits: &[(Row, TextRank)],
    boosted: &[Row],
) -> Vec<Match> {
    let catalogue = generation.catalogue();
    let mut places = PLACES.take();
    places.begin(catalogue.item_bound());
    let mut works: Vec<Match> = Vec::with_capacity(hits.len());
    for (row, rank) in hits {
        let Some(glance) = catalogue.glance(*row) else { continue };
        let boost = boosted
            .iter()
            .position(|first| first == row)
            .filter(|_| order.sort == Sort::Relevance);
        let key = match boost {
            Some(place) => Key::boosted(place),
            None => Key::new(order, *row, glance, *rank),
        };
        let found = Match {
            row: *row,
            item: glance.item(),
            key,
            rank: *rank,
            others: 0,
        };
        if !glance.is_one_of_several() {
            works.push(found);
            continue;
        }
        let number = glance.item().0 as usize;
        match places.get(number).and_then(|place| works.get_mut(place as usize)) {
            Some(best) => {
                let others = best.others + 1;
                *best = key::first(generation, *best, found);
                best.others = others;
            }
            None => {
                places.set(number, u32::try_from(works.len()).unwrap_or(u32::MAX));
                works.push(found);
            }
        }
    }
    PLACES.set(places);
    works
}
