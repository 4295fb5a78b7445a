//! How strictly the words are taken, and the ladder down when nothing matches.
//!
//! All words as they are; all words with typos; some words. Invariant: a plan is plain data, so that a cursor can
//! keep the plan of its first page.

use super::query::TextQuery;

/// How strictly a query is taken.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Plan {
    /// Whether words may be misspelt.
    pub typos: bool,
    /// The words let go, by their place in the query. An offer that has them still ranks before one that has not.
    pub dropped: Vec<usize>,
}

impl Plan {
    /// All words, as they are.
    pub const STRICT: Self = Self {
        typos: false,
        dropped: Vec::new(),
    };

    /// The words let go, as typed.
    pub fn dropped_words<'a>(&'a self, query: &'a TextQuery) -> impl Iterator<Item = &'a str> {
        self.dropped
            .iter()
            .filter_map(|at| query.units.get(*at))
            .map(|unit| unit.typed.as_str())
    }
}
