//! Postings: the offered rows of each creator and each tag, most booked first.
//!
//! Read by the source `similar`. Few rows of a word stand in a short list, many in a tree, so that a rare word costs
//! little and a common one stays cheap to change. Invariant: a posting's order depends on the offers alone, never on
//! row numbers; ties are broken by the fingerprint of the offer's identifier.

use std::sync::Arc;

use imbl::OrdSet;

use super::Map;
use super::row::Row;
use super::words::Word;

/// From so many rows on, a tree.
const MANY: usize = 64;

/// A row in the order of a posting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Posted {
    /// Bookings taken from the largest number, so that many come first.
    rank: u32,
    print: u64,
    row: Row,
}

impl Posted {
    pub(super) const fn new(bookings: u32, print: u64, row: Row) -> Self {
        Self {
            rank: u32::MAX - bookings,
            print,
            row,
        }
    }
}

#[derive(Debug, Clone)]
enum Posting {
    Few(Arc<Vec<Posted>>),
    Many(OrdSet<Posted>),
}

impl Posting {
    fn insert(&mut self, posted: Posted) {
        match self {
            Self::Few(rows) => {
                let rows = Arc::make_mut(rows);
                if let Err(place) = rows.binary_search(&posted) {
                    rows.insert(place, posted);
                }
                if rows.len() > MANY {
                    *self = Self::Many(rows.iter().copied().collect());
                }
            }
            Self::Many(rows) => _ = rows.insert(posted),
        }
    }

    fn remove(&mut self, posted: Posted) {
        match self {
            Self::Few(rows) => Arc::make_mut(rows).retain(|other| *other != posted),
            Self::Many(rows) => _ = rows.remove(&posted),
        }
    }

    fn is_empty(&self) -> bool {
        match self {
            Self::Few(rows) => rows.is_empty(),
            Self::Many(rows) => rows.is_empty(),
        }
    }
}

/// The postings of every word that has one.
#[derive(Debug, Clone, Default)]
pub struct Postings(Map<Word, Posting>);

impl Postings {
    /// The offered rows of a word, most booked first.
    pub fn rows(&self, word: Word) -> impl Iterator<Item = Row> + '_ {
        let (few, many) = match self.0.get(&word) {
            Some(Posting::Few(rows)) => (Some(rows.iter()), None),
            Some(Posting::Many(rows)) => (None, Some(rows.iter())),
            None => (None, None),
        };
        let few = few.into_iter().flatten();
        few.chain(many.into_iter().flatten()).map(|posted| posted.row)
    }

    pub(super) fn insert(&mut self, words: &[Word], posted: Posted) {
        for word in words {
            let posting = self.0.entry(*word).or_insert_with(|| Posting::Few(Arc::default()));
            posting.insert(posted);
        }
    }

    pub(super) fn remove(&mut self, words: &[Word], posted: Posted) {
        for word in words {
            let Some(posting) = self.0.get_mut(word) else { continue };
            posting.remove(posted);
            if posting.is_empty() {
                self.0.remove(word);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng};
    use rand_pcg::Pcg64;

    use super::*;

    #[test]
    fn a_posting_agrees_with_a_sorted_list() {
        let mut rng = Pcg64::seed_from_u64(5);
        let (mut postings, mut plain) = (Postings::default(), Vec::new());
        let word = [Word(3)];
        for step in 0..4_000u32 {
            if rng.random_range(0..5) < 3 || plain.is_empty() {
                let posted = Posted::new(rng.random_range(0..9), u64::from(step % 7), Row(step));
                postings.insert(&word, posted);
                plain.push(posted);
            } else {
                let posted = plain.swap_remove(rng.random_range(0..plain.len()));
                postings.remove(&word, posted);
            }
            if step % 97 == 0 {
                let mut sorted = plain.clone();
                sorted.sort_unstable();
                assert!(postings.rows(word[0]).eq(sorted.iter().map(|posted| posted.row)));
            }
        }
        assert!(plain.len() > MANY);
        plain.iter().for_each(|posted| postings.remove(&word, *posted));
        assert!(postings.0.is_empty());
    }
}
