//! Vector: works near this reader's recent ones by the vectors that came with the offers.
//!
//! A source of the main path. Invariant: vectors are used as they are, and compared only with those of the same
//! length.

use super::works::Works;
use super::{Out, Source};
use crate::pipeline::Query;

pub(super) struct Vector;

impl Source for Vector {
    fn name(&self) -> &'static str {
        "vector"
    }

    fn gather(&self, query: &Query<'_>, depth: usize, out: &mut Out) -> bool {
        let found = query.affinity.vectors(query, &out.meter);
        Works::new(query, depth, out).take_all(found.iter().map(|kin| kin.item));
        true
    }
}
