//! Upper bounds: the best that the remaining places could hold if only one rule counted, and only by its counts.
//!
//! With at most `max` of a value in a window, the j-th item of the value (from 0) cannot stand before place
//! `(j / max) * window + j % max`, later still when the last places hold the value. Items with release places and
//! decreasing weights are matched best by giving each item, best first, the earliest free place it may have.
//! Invariant: every legal continuation is such a matching, so its value is never above the bound.

use super::super::instance::{NONE, Partition, PoolItem};
use super::Search;

impl Search<'_> {
    /// The bound for the row in scratch at `depth`; `None` when the free places cannot be filled.
    pub(super) fn bound(&mut self, depth: usize) -> Option<f64> {
        let mut least = f64::INFINITY;
        for at in 0..self.inst.partitions.len() {
            self.prepare_partition(at, depth);
            least = least.min(self.matching(at, depth, None)?);
        }
        Some(least + self.ws.scratch.pinned[depth])
    }

    /// Best value of the whole plan with an item of score `outside` at one place, free of all rules.
    pub(in super::super) fn bound_with_outsider(&mut self, outside: f64) -> f64 {
        let inst = self.inst;
        self.ws.scratch.row.clear();
        self.ws.scratch.row.resize(self.ws.stride, 0);
        let suffix = self.root_suffix();
        self.ws.scratch.start = 0;
        self.ws.scratch.suffix.clear();
        self.ws.scratch.suffix.extend_from_slice(&suffix);
        let mut most = 0.0_f64;
        for place in 0..inst.horizon {
            if inst.at[place] != super::super::instance::Place::Free {
                continue;
            }
            let mut least = f64::INFINITY;
            for at in 0..inst.partitions.len() {
                self.prepare_partition(at, 0);
                least = least.min(self.matching(at, 0, Some(place)).unwrap_or(f64::INFINITY));
            }
            most = most.max(least + inst.weights[place] * outside);
        }
        most + self.ws.scratch.pinned[0]
    }

    /// Sets the delays that the last places impose, and the counts that a window over all places has used.
    fn prepare_partition(&mut self, at: usize, depth: usize) {
        let inst = self.inst;
        let s = &mut self.ws.scratch;
        s.seen.fill(0);
        s.delay.fill(0);
        s.used.fill(0);
        let partition = &inst.partitions[at];
        let Some(rule) = partition.rule.map(|r| inst.rules[r]) else {
            return;
        };
        if rule.global {
            count_used(partition, &s.row[..inst.classes.len()], &mut s.used);
            return;
        }
        debug_assert!(depth <= inst.horizon);
        for (back, class) in s.suffix.iter().enumerate().take(rule.window - 1) {
            let cell = partition.class_cell.get(usize::from(*class)).copied().unwrap_or(NONE);
            if cell != NONE {
                let seen = &mut s.seen[cell as usize];
                *seen += 1;
                if usize::from(*seen) == rule.max {
                    s.delay[cell as usize] = (rule.window - 1 - back) as u16;
                }
            }
        }
        s.seen.fill(0);
    }

    /// The greedy matching; `without` is a place to leave out (and then unfilled places are allowed).
    fn matching(&mut self, at: usize, depth: usize, without: Option<usize>) -> Option<f64> {
        let inst = self.inst;
        let partition = &inst.partitions[at];
        let words = self.ws.scratch.words;
        let s = &mut self.ws.scratch;
        let mut free = [0_u64; 7];
        free[..words].copy_from_slice(&s.free[depth * words..(depth + 1) * words]);
        if let Some(place) = without {
            free[place / 64] &= !(1 << (place % 64));
        }
        let mut open: u32 = free[..words].iter().map(|w| w.count_ones()).sum();
        let mut value = 0.0;
        for item in &inst.pool[s.start..] {
            if open == 0 {
                break;
            }
            if item.index < s.row[usize::from(item.class)] {
                continue;
            }
            let Some(place) = earliest(inst, partition, item, depth, &mut s.seen, &s.delay, &s.used) else {
                continue;
            };
            if let Some(place) = take(&mut free[..words], place) {
                value += inst.weights[place] * item.score;
                open -= 1;
            }
        }
        (open == 0 || without.is_some()).then_some(value)
    }
}

fn count_used(partition: &Partition, row: &[u16], used: &mut [u16]) {
    for (count, cell) in row.iter().zip(&partition.class_cell) {
        if *cell != NONE {
            used[*cell as usize] += count;
        }
    }
}

/// The first place that an item may have, by the count of its cell; `None` when it may have none.
#[inline]
fn earliest(
    inst: &super::super::instance::Instance,
    partition: &Partition,
    item: &PoolItem,
    depth: usize,
    seen: &mut [u16],
    delay: &[u16],
    used: &[u16],
) -> Option<usize> {
    let cell = partition.class_cell[usize::from(item.class)];
    if cell == NONE {
        return Some(depth);
    }
    let cell = cell as usize;
    let j = usize::from(seen[cell]);
    let rule = inst.rules[partition.rule?];
    if rule.global {
        if j + usize::from(used[cell]) >= rule.max {
            return None;
        }
        seen[cell] += 1;
        return Some(depth);
    }
    let at = depth + usize::from(delay[cell]) + usize::from(*partition.release.get(j)?);
    if at >= inst.horizon {
        return None;
    }
    seen[cell] += 1;
    Some(at)
}

/// Takes the first free place from `at` on.
#[inline]
fn take(free: &mut [u64], at: usize) -> Option<usize> {
    let mut word = at / 64;
    let mut bits = free.get(word)? & (u64::MAX << (at % 64));
    while bits == 0 {
        word += 1;
        bits = *free.get(word)?;
    }
    let bit = bits.trailing_zeros() as usize;
    free[word] &= !(1 << bit);
    Some(word * 64 + bit)
}
