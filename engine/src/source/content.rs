//! Content: works near this reader's recent ones by the words that a model has learnt from.
//!
//! A source of the main path; the scenario names the model. Invariant: it gives nothing where no model is named, nothing
//! from a reader who does not agree to be learnt from, and never the recent works themselves.

use super::works::Works;
use super::{Out, Source};
use crate::pipeline::Query;

pub(super) struct Content;

impl Source for Content {
    fn name(&self) -> &'static str {
        "content"
    }

    fn gather(&self, query: &Query<'_>, depth: usize, out: &mut Out) -> bool {
        let found = query.learnt.content(query, &out.meter);
        Works::new(query, depth, out).take_all(found.iter().copied());
        true
    }
}
