//! Similar: works like this reader's recent ones by creator, genre, tag, subcategory.
//!
//! A source of the main path. Invariant: nothing that shares none of these is given, nor the recent works themselves.

use super::works::Works;
use super::{Out, Source};
use crate::pipeline::Query;

pub(super) struct Similar;

impl Source for Similar {
    fn name(&self) -> &'static str {
        "similar"
    }

    fn gather(&self, query: &Query<'_>, depth: usize, out: &mut Out) -> bool {
        let found = query.affinity.content(query, &out.meter);
        Works::new(query, depth, out).take_all(found.iter().map(|kin| kin.item));
        true
    }
}
