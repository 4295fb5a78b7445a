//! Steps: from which categories readers went on to which, counted over readers who agreed to it.
//!
//! Kept with the catalogue, moved by bookings in the order of the log. Invariant: the table is the sum over readers of
//! the ordered pairs of categories in the order in which each took them up; a reader who leaves takes theirs along.

use std::sync::Arc;

use super::practice::{Practice, Step};
use crate::taxonomy::CategoryIx;

/// How often readers of the row's category took up the column's later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Steps {
    counts: Arc<Vec<u32>>,
    categories: usize,
}

impl Steps {
    /// No step yet.
    pub fn new(categories: usize) -> Self {
        Self {
            counts: Arc::new(vec![0; categories * categories]),
            categories,
        }
    }

    /// How many readers went from one to the other.
    pub fn count(&self, from: CategoryIx, to: CategoryIx) -> u32 {
        self.counts[from.index() * self.categories + to.index()]
    }

    /// How many steps lead away from a category.
    pub fn away(&self, from: CategoryIx) -> u32 {
        let start = from.index() * self.categories;
        self.counts[start..start + self.categories].iter().sum()
    }

    /// A step of a reader; `taken` is what was taken up before it.
    pub(super) fn note(&mut self, taken: &[CategoryIx], step: Step) {
        match step {
            Step::Taken(to) => taken.iter().for_each(|from| self.add(*from, to, 1)),
            Step::Left(category) => {
                let place = taken.iter().position(|one| *one == category).unwrap_or(taken.len());
                taken[..place].iter().for_each(|from| self.add(*from, category, -1));
                taken.iter().skip(place + 1).for_each(|to| self.add(category, *to, -1));
            }
        }
    }

    /// Takes back all that a reader has added.
    pub(super) fn forget(&mut self, practice: &Practice) {
        let taken: Vec<CategoryIx> = practice.taken().collect();
        for (place, to) in taken.iter().enumerate() {
            taken[..place].iter().for_each(|from| self.add(*from, *to, -1));
        }
    }

    fn add(&mut self, from: CategoryIx, to: CategoryIx, change: i32) {
        let count = &mut Arc::make_mut(&mut self.counts)[from.index() * self.categories + to.index()];
        *count = count.saturating_add_signed(change);
    }
}
