//! Neighbours: what the takers of this reader's recent works took besides.
//!
//! A source of the main path. Invariant: only acts of consenting readers count, and the reader's own recent works
//! are not given back.

use super::works::Works;
use super::{Out, Source};
use crate::pipeline::Query;

pub(super) struct Neighbours;

impl Source for Neighbours {
    fn name(&self) -> &'static str {
        "neighbours"
    }

    fn gather(&self, query: &Query<'_>, depth: usize, out: &mut Out) -> bool {
        let found = query.affinity.neighbours(query, &out.meter);
        Works::new(query, depth, out).take_all(found.iter().map(|kin| kin.item));
        true
    }
}
