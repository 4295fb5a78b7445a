//! How a list is asked for beside the request itself: which works it is near to, which sources are off, and how much
//! work they may do.
//!
//! Effort is counted in rows looked at, not in time: the engine has no clock, and a counted budget gives the same
//! answer when a request is replayed. Invariant: the default asks every source, within its own bounds.

use std::cell::Cell;

use serde::{Deserialize, Serialize};

use crate::ids::ItemId;

/// Rows that the sources may look at for each millisecond of a deadline: about a third of what a core does in it.
pub const ROWS_A_MS: usize = 5_000;

/// What a list is asked for with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Asking {
    /// Works that the list is to be near to, for `/v1/similar`.
    pub similar_to: Vec<ItemId>,
    /// Names of sources that are not asked. Those that a list cannot do without are asked all the same.
    pub without: Vec<String>,
    /// Rows that the sources may look at together; their own bounds alone where absent.
    pub effort: Option<usize>,
}

impl Asking {
    /// What a deadline of so many milliseconds leaves for the sources; one of a second or more bounds nothing.
    #[must_use]
    pub fn within_ms(self, millis: u64) -> Self {
        let effort = usize::try_from(millis).ok().filter(|millis| *millis < 1_000);
        Self {
            effort: effort.map(|millis| millis * ROWS_A_MS),
            ..self
        }
    }
}

/// What one source may still look at.
#[derive(Debug)]
pub struct Meter {
    left: Cell<usize>,
    ran_out: Cell<bool>,
}

impl Meter {
    /// A meter of so many rows.
    pub const fn new(rows: usize) -> Self {
        Self {
            left: Cell::new(rows),
            ran_out: Cell::new(false),
        }
    }

    /// A meter that never runs out.
    pub const fn endless() -> Self {
        Self::new(usize::MAX)
    }

    /// Takes so many rows; whether they were there.
    pub fn spend(&self, rows: usize) -> bool {
        let left = self.left.get().checked_sub(rows);
        self.left.set(left.unwrap_or(0));
        if left.is_none() {
            self.ran_out.set(true);
        }
        left.is_some()
    }

    /// What has not been taken.
    pub const fn left(&self) -> usize {
        self.left.get()
    }

    /// Whether more was asked of it than it had.
    pub const fn ran_out(&self) -> bool {
        self.ran_out.get()
    }
}
