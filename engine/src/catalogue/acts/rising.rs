//! Rising: how much more a work is taken now than in its own past.
//!
//! Takings are counted in slots of six hours, in whole numbers; two decayed sums over them, one that halves in a day
//! and one in 28, are compared. Before the first act that is known there is no past: the slow sum is made up to what it
//! would be had there always been one, so that a young log does not make everything rise. Invariant: a steady work has
//! a lift near 1 whatever its volume, once acts are known for 112 days; a lift depends on the counted slots, the first
//! of all and the moment alone.

use std::cmp::Reverse;
use std::sync::{Arc, LazyLock};

use imbl::OrdMap;

use super::{Acts, Work};
use crate::catalogue::row::ItemIx;

/// The length of a slot in milliseconds.
const SLOT_MS: i64 = 6 * 3_600_000;
/// Slots in which the recent sum halves: one day.
const FAST: f64 = 4.0;
/// Slots in which the sum of the past halves: 28 days.
const SLOW: f64 = 112.0;
/// So many takings of long ago are taken for granted, so that three of a newcomer are no storm.
const PRIOR: f64 = 28.0;
/// A work rises from this lift on.
pub const RISING: f64 = 2.0;
/// Fewer takings in the last two days are chance.
const FEWEST: u32 = 3;
/// The slow sum is made up to so many times what was counted: acts are taken to be known for `SLOW` days at least, else a
/// rush in a store of one day would be its own past.
const MOST_MADE_UP: f64 = 2.0;
/// Slots before this many add nothing that could be seen.
const HORIZON: i64 = 112 * 8;

/// What is left of a taking after so many slots, in the recent sum and in that of the past.
static FADING: LazyLock<Vec<(f64, f64)>> = LazyLock::new(|| {
    let left = |age: f64| ((-age / FAST).exp2(), (-age / SLOW).exp2());
    (0..=HORIZON).map(|age| left(age as f64)).collect()
});

/// Takings by slot, ascending; no slot is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Slots(Arc<Vec<(i64, u32)>>);

impl Slots {
    pub(super) fn add(&mut self, at: i64) {
        let (slot, slots) = (at.div_euclid(SLOT_MS), Arc::make_mut(&mut self.0));
        match slots.binary_search_by_key(&slot, |(slot, _)| *slot) {
            Ok(place) => slots[place].1 += 1,
            Err(place) => slots.insert(place, (slot, 1)),
        }
    }

    pub(super) fn subtract(&mut self, at: i64) {
        let (slot, slots) = (at.div_euclid(SLOT_MS), Arc::make_mut(&mut self.0));
        if let Ok(place) = slots.binary_search_by_key(&slot, |(slot, _)| *slot) {
            slots[place].1 -= 1;
            if slots[place].1 == 0 {
                slots.remove(place);
            }
        }
    }

    /// The lift at a slot, the past made up so many times; nothing later counts.
    fn lift(&self, now: i64, made_up: f64) -> f64 {
        let until = self.0.partition_point(|(slot, _)| *slot <= now);
        let (mut fast, mut slow) = (0.0, 0.0);
        for (slot, count) in self.0[..until]
            .iter()
            .rev()
            .take_while(|(slot, _)| now - slot <= HORIZON)
        {
            let (fades, lasts) = FADING[usize::try_from(now - slot).unwrap_or(0)];
            fast += f64::from(*count) * fades;
            slow += f64::from(*count) * lasts;
        }
        (SLOW / FAST * fast + PRIOR) / (made_up * slow + PRIOR)
    }

    /// The lift at a slot, where it is high enough to be called a rise, and no chance.
    fn rise(&self, now: i64, made_up: f64) -> Option<f64> {
        let enough = self.lately(now) >= FEWEST;
        enough.then(|| self.lift(now, made_up)).filter(|lift| *lift >= RISING)
    }

    /// Takings of the two days up to a slot.
    fn lately(&self, now: i64) -> u32 {
        let near = self.0.iter().rev().skip_while(|(slot, _)| *slot > now);
        near.take_while(|(slot, _)| now - slot < 8)
            .map(|(_, count)| count)
            .sum()
    }
}

/// A work that rose when it was last taken, as far as its own slots tell: the latest first, then the highest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Riser {
    slot: Reverse<i64>,
    /// In thousandths.
    lift: Reverse<u64>,
    work: Option<Work>,
}

impl Riser {
    pub(super) fn of(work: Work, slots: &Slots) -> Option<Self> {
        let slot = slots.0.last()?.0;
        let lift = slots.rise(slot, 1.0)?;
        Some(Self {
            slot: Reverse(slot),
            lift: Reverse((lift * 1e3) as u64),
            work: Some(work),
        })
    }
}

impl Acts {
    /// The works that rise at a moment, of the last `most` that rose, with their lift: highest first.
    pub fn rising(&self, now: i64, most: usize) -> Vec<(ItemIx, f64)> {
        let now = now.div_euclid(SLOT_MS);
        let first = Riser {
            slot: Reverse(now),
            lift: Reverse(u64::MAX),
            work: None,
        };
        let made_up = self.made_up(now);
        let lifted = |work: Work| Some((work, self.taken(work.item)?.slots.rise(now, made_up)?));
        let risers = self.risers.range::<_, Riser>(first..).take(most);
        let mut lifts: Vec<(Work, f64)> = risers.filter_map(|riser| lifted(riser.work?)).collect();
        lifts.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        lifts.into_iter().map(|(work, lift)| (work.item, lift)).collect()
    }

    /// The lift of a work that rises at a moment; none for one that does not.
    pub fn rise(&self, item: ItemIx, now: i64) -> Option<f64> {
        let now = now.div_euclid(SLOT_MS);
        self.taken(item)?.slots.rise(now, self.made_up(now))
    }

    /// How much more a work is taken now than in its own past; 1 for one that nobody took.
    pub fn lift(&self, item: ItemIx, now: i64) -> f64 {
        let (taken, now) = (self.taken(item), now.div_euclid(SLOT_MS));
        taken.map_or(1.0, |taken| taken.slots.lift(now, self.made_up(now)))
    }

    /// How many times the slow sum of something steady would be what was counted, had acts always been known.
    fn made_up(&self, now: i64) -> f64 {
        let known = self.takings.first().map_or(0, |first| (now - first + 1).max(0));
        let missing = FADING.get(usize::try_from(known).unwrap_or(0));
        let missing = missing.map_or(0.0, |(_, left)| *left);
        (1.0 - missing).recip().min(MOST_MADE_UP)
    }
}

/// How many takings there are in each slot, of whatever work.
#[derive(Debug, Clone, Default)]
pub(super) struct Takings(OrdMap<i64, u32>);

impl Takings {
    pub(super) fn add(&mut self, at: i64) {
        *self.0.entry(at.div_euclid(SLOT_MS)).or_default() += 1;
    }

    pub(super) fn subtract(&mut self, at: i64) {
        let slot = at.div_euclid(SLOT_MS);
        if let Some(count) = self.0.get_mut(&slot) {
            *count -= 1;
            if *count == 0 {
                self.0.remove(&slot);
            }
        }
    }

    /// The first slot in which anything was taken.
    fn first(&self) -> Option<i64> {
        self.0.get_min().map(|(slot, _)| *slot)
    }
}
