//! Facts: all tables of the generator, read once a process, and the round in which kinds of venue take turns.
//!
//! Invariant: the n-th venue has a kind that follows from n alone, and [`Facts::venue_of`] is the inverse: so an
//! offer finds a venue of its kind without a list of venues.

use std::sync::LazyLock;

use super::lines::{self, Line, VenueKind};
use super::towns::{Towns, running_totals};
use crate::taxonomy::Taxonomy;

/// The tables and what follows from them.
#[derive(Debug)]
pub(super) struct Facts {
    pub(super) towns: Towns,
    pub(super) kinds: Vec<VenueKind>,
    pub(super) lines: Vec<Line>,
    /// Running totals of the lines' shares.
    pub(super) shares: Vec<u64>,
    /// The kind of each slot of a round.
    round: Vec<usize>,
    /// The slots of each kind.
    slots: Vec<Vec<usize>>,
}

#[expect(
    clippy::expect_used,
    reason = "the tables are compiled in and every test of the generator reads them"
)]
static BUILT_IN: LazyLock<Facts> = LazyLock::new(|| Facts::read().expect("the generator's tables are well formed"));

impl Facts {
    /// The compiled-in tables.
    pub(super) fn built_in() -> &'static Self {
        &BUILT_IN
    }

    fn read() -> Option<Self> {
        let kinds = lines::kinds()?;
        let lines = lines::lines(&kinds, &Taxonomy::built_in())?;
        let round = round(&kinds);
        let slots_of = |kind| (0..round.len()).filter(|slot| round[*slot] == kind).collect();
        Some(Self {
            towns: Towns::built_in()?,
            shares: running_totals(lines.iter().map(|line| line.share)),
            slots: (0..kinds.len()).map(slots_of).collect(),
            kinds,
            lines,
            round,
        })
    }

    /// The kind of a venue, and how many of that kind come before it.
    pub(super) fn kind_of(&self, venue: u64) -> (usize, u64) {
        let (round, slot) = (venue / self.per_round(), (venue % self.per_round()) as usize);
        let kind = self.round[slot];
        let before = self.slots[kind].partition_point(|other| *other < slot);
        (kind, round * self.slots[kind].len() as u64 + before as u64)
    }

    /// The venue of a kind that has so many of that kind before it.
    pub(super) fn venue_of(&self, kind: usize, before: u64) -> u64 {
        let slots = &self.slots[kind];
        let count = slots.len() as u64;
        before / count * self.per_round() + slots[(before % count) as usize] as u64
    }

    /// How many of the first `venues` are of a kind.
    pub(super) fn count_of(&self, kind: usize, venues: u64) -> u64 {
        let (rounds, rest) = (venues / self.per_round(), (venues % self.per_round()) as usize);
        let begun = self.slots[kind].partition_point(|slot| *slot < rest);
        rounds * self.slots[kind].len() as u64 + begun as u64
    }

    /// How many venues it takes until every kind has had all its turns.
    pub(super) fn per_round(&self) -> u64 {
        self.round.len() as u64
    }
}

/// Every kind once, then those that have turns left, until none has.
fn round(kinds: &[VenueKind]) -> Vec<usize> {
    let turns = kinds.iter().map(|kind| kind.count).max().unwrap_or(0);
    (0..turns)
        .flat_map(|turn| (0..kinds.len()).filter(move |kind| kinds[*kind].count > turn))
        .collect()
}
