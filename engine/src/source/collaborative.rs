//! Collaborative: what a model of who took what makes of this reader's recent works.
//!
//! A source of the main path; the scenario names the model. Invariant: it gives nothing where no model is named, nothing
//! from a reader who does not agree to be learnt from, and never the recent works themselves.

use super::works::Works;
use super::{Out, Source};
use crate::pipeline::Query;

pub(super) struct Collaborative;

impl Source for Collaborative {
    fn name(&self) -> &'static str {
        "collaborative"
    }

    fn gather(&self, query: &Query<'_>, depth: usize, out: &mut Out) -> bool {
        let found = query.learnt.collaborative(query, &out.meter);
        Works::new(query, depth, out).take_all(found.iter().copied());
        true
    }
}
