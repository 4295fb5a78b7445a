//! From works to rows: the offers of a work that a reader may mean.
//!
//! Under every source that speaks of works. Invariant: at most `depth` works of a category, of each at most
//! [`OFFERS`] offered rows, the nearest where the reader's place is known, else the first by identifier.

use smallvec::SmallVec;

use super::Out;
use crate::catalogue::glance::Glance;
use crate::catalogue::row::{ItemIx, Row};
use crate::pipeline::Query;

/// The most offers of a work that a source gives; the best of the others is found when the work is resolved.
const OFFERS: usize = 2;

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
        let Some(work) = self.query.catalogue.item(item) else {
            return true;
        };
        if !work.rows.first().is_some_and(|row| self.has_room(*row)) {
            return true;
        }
        let nearest = work.nearest(self.query.origin);
        if !self.out.meter.spend(nearest.len()) {
            return false;
        }
        let standing = nearest.into_iter().filter(|row| self.query.stands(*row));
        let found: SmallVec<[Row; OFFERS]> = standing.take(OFFERS).collect();
        if let Some(category) = found.first().and_then(|row| self.category(*row)) {
            self.counts[category] += 1;
            self.out.rows.extend(found);
        }
        true
    }

    fn category(&self, row: Row) -> Option<usize> {
        self.query.catalogue.glance(row).map(Glance::category)
    }

    fn has_room(&self, row: Row) -> bool {
        self.category(row)
            .is_some_and(|category| self.counts[category] < self.depth)
    }

    /// Takes works until the effort is spent.
    pub(super) fn take_all(&mut self, items: impl IntoIterator<Item = ItemIx>) {
        for item in items {
            if !self.take(item) {
                break;
            }
        }
    }
}
