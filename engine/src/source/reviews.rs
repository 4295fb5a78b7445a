//! Reviews: works that readers have written well of.
//!
//! A source of the main path. Invariant: more readers praise than blame every work that it gives.

use super::works::Works;
use super::{Out, Source};
use crate::pipeline::Query;

/// The most works that are looked at.
const LOOKED_AT: usize = 256;

pub(super) struct Reviews;

impl Source for Reviews {
    fn name(&self) -> &'static str {
        "reviews"
    }

    fn gather(&self, query: &Query<'_>, depth: usize, out: &mut Out) -> bool {
        let praised = query.catalogue.acts().praised().take(LOOKED_AT);
        Works::new(query, depth.div_ceil(4), out).take_all(praised);
        true
    }
}
