//! From works to rows: the offers of a work that a reader may mean.
//!
//! Under every source that speaks of works. Invariant: at most `depth` works of a category, of each at most
//! [`OFFERS`] offered rows, the nearest where the reader's place is known, else the first by identifier.

use super::Out;
use crate::catalogue::row::{ItemIx, Row};
use crate::pipeline::Query;

/// The most offers of a work that a source gives; the best of the others is found when the work is resolved.
const OFFERS: usize = 3;
/// The most offers of a work that are looked at, spread over all of them.
const LOOKED_AT: usize = 24;

/// Takes works in the order of their merit.
pub(super) struct Works<'o, 'q, 'a> {
    query: &'q Query<'a>,
    depth: usize,
    counts: Vec<usize>,
    out: &'o mut Out,
}

impl<'o, 'q, 'a> Works<'o, 'q, 'a> {
    pub(super) fn new(query: &'q Query<'a>, depth: usize, out: &'o mut Out) -> Self {
        let counts = vec![0; query.catalogue.taxonomy().categories().count()];
        Self {
            query,
            depth,
            counts,
            out,
        }
    }

    /// Takes a work; whether there is effort left for another.
    pub(super) fn take(&mut self, item: ItemIx) -> bool {
        let rows = self.query.catalogue.item(item).map_or(&[][..], |item| &item.rows);
        let step = rows.len().div_ceil(LOOKED_AT).max(1);
        if !self.out.meter.spend(rows.len().div_ceil(step)) {
            return false;
        }
        let spread = rows.iter().step_by(step);
        let offered = |row: &&Row| {
            self.query
                .catalogue
                .offer(**row)
                .is_some_and(|offer| offer.is_offered())
        };
        let mut found: Vec<Row> = spread.filter(offered).copied().collect();
        if found.len() > OFFERS {
            self.nearest_first(&mut found);
            found.truncate(OFFERS);
        }
        let first = found.first().and_then(|row| self.query.catalogue.offer(*row));
        let Some(count) = first.map(|offer| &mut self.counts[offer.category.index()]) else {
            return true;
        };
        if *count < self.depth {
            *count += 1;
            self.out.rows.extend(found);
        }
        true
    }

    /// Takes works until the effort is spent.
    pub(super) fn take_all(&mut self, items: impl IntoIterator<Item = ItemIx>) {
        for item in items {
            if !self.take(item) {
                break;
            }
        }
    }

    /// A stable sort: equal distances stay in the order of identifiers.
    fn nearest_first(&self, rows: &mut [Row]) {
        let metres = |row: &Row| {
            let offer = self.query.catalogue.offer(*row);
            let distance = offer.and_then(|offer| self.query.requested.candidate(*row, offer).distance);
            distance.map_or(f64::INFINITY, |distance| distance.0)
        };
        rows.sort_by_cached_key(|row| metres(row).to_bits());
    }
}
