//! Which rows may be hits, in the form that a test is fastest in.
//!
//! Between the filters of a search and the lists of the index. Invariant: whatever the form, the same rows pass.

use std::rc::Rc;

use roaring::RoaringBitmap;

use super::Row;
use crate::bits::Bits;

/// Laying a set out flat costs about one test in so many rows.
const FLAT: u64 = 4;

/// Which rows may be hits.
#[derive(Clone, Copy)]
pub enum Accept<'a> {
    /// All.
    All,
    /// These: the fastest form when they are few.
    Rows(&'a RoaringBitmap),
    /// Those that pass.
    Test(&'a dyn Fn(Row) -> bool),
    /// Those that pass, of a few.
    Among(Among<'a>),
}

/// Rows that can be listed; they are only where the words have more documents.
#[derive(Clone, Copy)]
pub struct Among<'a> {
    /// About how many there are, or more; asked only where it matters.
    pub about: &'a dyn Fn() -> u64,
    /// All that pass, each once, in order.
    pub rows: &'a dyn Fn() -> Rc<[u32]>,
    /// Whether a row is one of them.
    pub test: &'a dyn Fn(Row) -> bool,
}

/// The accepted rows in the form that a test is fastest in.
pub(super) struct Gate<'a> {
    accept: Accept<'a>,
    tested: std::cell::Cell<u64>,
    dense: std::cell::OnceCell<Bits>,
}

impl<'a> Gate<'a> {
    pub(super) fn of(accept: Accept<'a>) -> Self {
        Self {
            accept,
            tested: std::cell::Cell::new(0),
            dense: std::cell::OnceCell::new(),
        }
    }

    pub(super) fn passes(&self, row: u32) -> bool {
        match self.accept {
            Accept::All => true,
            Accept::Rows(rows) => self.holds(rows, row),
            Accept::Test(test) => test(Row(row)),
            Accept::Among(among) => (among.test)(Row(row)),
        }
    }

    /// How many rows there are to look up, where they can be listed.
    pub(super) fn about(&self) -> Option<u64> {
        match self.accept {
            Accept::All | Accept::Test(_) => None,
            Accept::Rows(rows) => Some(rows.len()),
            Accept::Among(among) => Some((among.about)()),
        }
    }

    /// The rows that pass, in order, where they can be listed.
    pub(super) fn rows(&self) -> Option<Rc<[u32]>> {
        match self.accept {
            Accept::All | Accept::Test(_) => None,
            Accept::Rows(rows) => Some(rows.iter().collect()),
            Accept::Among(among) => Some((among.rows)()),
        }
    }

    /// Few rows are looked up; when there are many to test, the set is first laid out flat.
    fn holds(&self, rows: &RoaringBitmap, row: u32) -> bool {
        self.tested.set(self.tested.get() + 1);
        if self.dense.get().is_none() && self.tested.get() * FLAT < rows.len() {
            return rows.contains(row);
        }
        self.dense.get_or_init(|| dense(rows)).contains(row)
    }
}

fn dense(rows: &RoaringBitmap) -> Bits {
    let mut bits = Bits::below(rows.max().map_or(0, |row| row as usize + 1));
    rows.iter().for_each(|row| bits.insert(row));
    bits
}
