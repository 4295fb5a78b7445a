//! One step of the search: the children of a label that the rules allow, with their costs and bounds.
//!
//! Invariant: a child that breaks a hard rule, a pin or a hard quota is never made.

use super::super::instance::{Instance, Place};
use super::{Found, Label, MISSING, Open, Search};

/// An offer tried at a place.
#[derive(Debug, Clone, Copy)]
struct Try {
    class: u16,
    score: f64,
}

impl Search<'_> {
    /// The row before the first place.
    pub(super) fn root_suffix(&self) -> Vec<u16> {
        let inst = self.inst;
        let canonical = |d: usize| {
            inst.shown
                .get(d)
                .map_or(u16::MAX, |c| inst.canon[inst.canon_of[d]][usize::from(*c)])
        };
        (0..inst.suffix).map(canonical).collect()
    }

    /// Makes the empty prefix; `None` when it is the whole list.
    pub(super) fn root(&mut self) -> Option<u32> {
        let suffix = self.root_suffix();
        let s = &mut self.ws.scratch;
        s.row.clear();
        s.row.resize(self.inst.classes.len(), 0);
        s.row.extend_from_slice(&suffix);
        s.suffix.clear();
        s.suffix.extend_from_slice(&suffix);
        s.start = 0;
        let cost = (self.inst.quotas.iter())
            .filter(|q| q.end == 0)
            .map(|q| q.min as u64 * MISSING)
            .sum();
        let root = Label {
            value: 0.0,
            cost,
            hash: 0,
            parent: 0,
            class: 0,
            depth: 0,
            closed: false,
        };
        self.ws.labels.push(root);
        let row = std::mem::take(&mut self.ws.scratch.row);
        self.ws.rows.extend_from_slice(&row);
        self.ws.scratch.row = row;
        if self.inst.horizon == 0 {
            self.best = Some(Found {
                label: 0,
                cost,
                value: 0.0,
            });
            return None;
        }
        self.bound(0).is_some().then_some(0)
    }

    /// Makes all children of a label; returns the most promising that was kept.
    pub(super) fn expand(&mut self, label: u32) -> Option<Open> {
        let parent = self.ws.labels[label as usize];
        self.ws.labels[label as usize].closed = true;
        let depth = usize::from(parent.depth);
        if depth >= self.inst.horizon {
            return None;
        }
        self.load(label, depth);
        let mut promising: Option<Open> = None;
        match self.inst.at[depth] {
            Place::Blocked => {}
            Place::Pinned(class, _) => {
                promising = self.attempt(
                    label,
                    &parent,
                    Try {
                        class,
                        score: self.inst.at_score[depth],
                    },
                );
            }
            Place::Free => {
                for at in self.ws.scratch.start..self.inst.pool.len() {
                    let item = self.inst.pool[at];
                    if item.index == self.ws.scratch.row[usize::from(item.class)] {
                        let made = self.attempt(
                            label,
                            &parent,
                            Try {
                                class: item.class,
                                score: item.score,
                            },
                        );
                        promising = promising.max(made);
                    }
                }
            }
        }
        promising
    }

    /// Copies a row into scratch and counts its windows.
    fn load(&mut self, label: u32, depth: usize) {
        let inst = self.inst;
        let (at, stride) = (label as usize * self.ws.stride, self.ws.stride);
        let ws = &mut *self.ws;
        let s = &mut ws.scratch;
        s.row.clear();
        s.row.extend_from_slice(&ws.rows[at..at + stride]);
        let used = |i: &super::super::instance::PoolItem| i.index < s.row[usize::from(i.class)];
        s.start = inst.pool.iter().position(|i| !used(i)).unwrap_or(inst.pool.len());
        for cell in s.touched.drain(..) {
            s.in_window[cell as usize] = 0;
        }
        for (back, class) in s.row[inst.classes.len()..].iter().enumerate() {
            let Some(class) = inst.classes.get(usize::from(*class)) else {
                continue;
            };
            for cell in &class.cells {
                let rule = inst.rules[inst.cell_rule[*cell as usize] as usize];
                if !rule.global && back + 1 < rule.window {
                    s.in_window[*cell as usize] += 1;
                    s.touched.push(*cell);
                }
            }
        }
        if inst.rules.iter().any(|r| r.global) || !inst.quotas.is_empty() {
            count_all(inst, s, depth);
        }
    }

    /// Makes one child, unless it is illegal, cannot be completed, or is no better than what is known.
    fn attempt(&mut self, parent_id: u32, parent: &Label, offer: Try) -> Option<Open> {
        let depth = usize::from(parent.depth);
        let broken = self.broken(depth, offer.class)?;
        let next = depth + 1;
        self.step(offer.class);
        self.ws.scratch.row[usize::from(offer.class)] += 1;
        let made = if self.structure && !self.well_formed() {
            None
        } else {
            let settled = parent.cost + broken + self.settle(next, offer.class);
            let value = parent.value + self.inst.weights[depth] * offer.score;
            let child = Label {
                value,
                cost: settled,
                parent: parent_id,
                class: offer.class,
                depth: next as u16,
                ..*parent
            };
            self.weigh(child, offer.class)
        };
        self.ws.scratch.row[usize::from(offer.class)] -= 1;
        made
    }

    /// The cost of the breaks that an offer of the class makes at a place; `None` when it may not stand there.
    fn broken(&self, depth: usize, class: u16) -> Option<u64> {
        let inst = self.inst;
        let class = &inst.classes[usize::from(class)];
        let mut cost = 0;
        let mut last = u32::MAX;
        for cell in &class.cells {
            let slot = inst.cell_rule[*cell as usize];
            let rule = inst.rules[slot as usize];
            if usize::from(self.ws.scratch.in_window[*cell as usize]) < rule.max {
                continue;
            }
            if rule.hard {
                return None;
            }
            if slot != last && depth < inst.places {
                cost += rule.weight;
                last = slot;
            }
        }
        for (q, quota) in inst.quotas.iter().enumerate() {
            let counts = class.quotas >> q & 1 == 1 && depth < quota.end;
            if counts && self.ws.scratch.quota[q] >= quota.max {
                cost += inst.quota_weight?;
            }
        }
        Some(cost)
    }

    /// The suffix once the class stands, each older place reduced to what the rules still see of it.
    fn step(&mut self, class: u16) {
        let inst = self.inst;
        let s = &mut self.ws.scratch;
        s.suffix.clear();
        for d in 0..inst.suffix {
            let class = if d == 0 {
                class
            } else {
                s.row[inst.classes.len() + d - 1]
            };
            let map = &inst.canon[inst.canon_of[d]];
            s.suffix.push(map.get(usize::from(class)).copied().unwrap_or(u16::MAX));
        }
    }

    /// Offers missing to the quotas whose places end here.
    fn settle(&self, next: usize, class: u16) -> u64 {
        let ending = self
            .inst
            .quotas
            .iter()
            .enumerate()
            .filter(|(_, quota)| quota.end == next);
        ending
            .map(|(q, quota)| quota.min.saturating_sub(self.counted(q, class)) as u64 * MISSING)
            .sum()
    }

    /// Offers that count for a quota, the one tried included.
    fn counted(&self, q: usize, class: u16) -> usize {
        self.ws.scratch.quota[q] + usize::from(self.inst.classes[usize::from(class)].quotas >> q & 1 == 1)
    }

    /// The structure theorem: at most one class behind the threshold and at most one ahead of it.
    fn well_formed(&self) -> bool {
        let row = &self.ws.scratch.row;
        let (mut behind, mut ahead, mut past) = (u16::MAX, u16::MAX, false);
        for item in &self.inst.pool[self.ws.scratch.start..] {
            let used = item.index < row[usize::from(item.class)];
            if !used && !past && item.class != behind {
                past = behind != u16::MAX;
                behind = if past { behind } else { item.class };
            } else if used && past && item.class != ahead {
                if ahead != u16::MAX {
                    return false;
                }
                ahead = item.class;
            }
        }
        true
    }

    /// Bounds a child and keeps it when it may lead to something better.
    fn weigh(&mut self, mut child: Label, class: u16) -> Option<Open> {
        let depth = usize::from(child.depth);
        let rest = self.bound(depth)?;
        let cost = child.cost + self.cost_to_come(depth, class);
        let bound = child.value + rest;
        if !self.improves(cost, bound) {
            return None;
        }
        let inst = self.inst;
        let ws = &mut *self.ws;
        let s = &mut ws.scratch;
        s.row.truncate(inst.classes.len());
        s.row.extend_from_slice(&s.suffix);
        child.hash = hash(&s.keys, &s.row);
        let kept = self.keep(child, depth);
        self.restore(child.parent);
        let label = kept?;
        if depth == inst.horizon {
            self.best = Some(Found {
                label,
                cost: child.cost,
                value: child.value,
            });
            return None;
        }
        let open = Open {
            cost,
            bound,
            depth: child.depth,
            label,
        };
        self.ws.heap.push(open);
        Some(open)
    }

    /// Puts the parent's suffix back behind the counts.
    fn restore(&mut self, parent: u32) {
        let classes = self.inst.classes.len();
        let ws = &mut *self.ws;
        let at = parent as usize * ws.stride + classes;
        ws.scratch.row.truncate(classes);
        ws.scratch.row.extend_from_slice(&ws.rows[at..at + self.inst.suffix]);
    }

    /// Stores a label unless one as good stands for it already.
    fn keep(&mut self, child: Label, depth: usize) -> Option<u32> {
        let ws = &mut *self.ws;
        let (rows, row, stride, labels) = (&ws.rows, &ws.scratch.row, ws.stride, &ws.labels);
        let same = |l: u32| {
            let at = l as usize * stride;
            usize::from(labels[l as usize].depth) == depth && rows[at..at + stride] == row[..]
        };
        let (slot, have) = ws.table.find(child.hash, same);
        if let Some(have) = have {
            let old = &mut ws.labels[have as usize];
            if old.cost < child.cost || (old.cost == child.cost && old.value >= child.value) {
                return None;
            }
            old.closed = true;
        }
        let id = ws.labels.len() as u32;
        ws.table.set(slot, child.hash, id);
        ws.labels.push(child);
        ws.rows.extend_from_slice(&ws.scratch.row);
        if child.depth > ws.labels[self.deepest as usize].depth {
            self.deepest = id;
        }
        Some(id)
    }
}

/// Counts over all places so far: for rules whose window nothing leaves, and for quotas.
fn count_all(inst: &Instance, s: &mut super::Scratch, depth: usize) {
    s.quota.fill(0);
    for (class, count) in inst.classes.iter().zip(&s.row).filter(|(_, count)| **count > 0) {
        for cell in &class.cells {
            if inst.rules[inst.cell_rule[*cell as usize] as usize].global {
                s.in_window[*cell as usize] += count;
                s.touched.push(*cell);
            }
        }
        for (q, total) in s.quota.iter_mut().enumerate() {
            *total += usize::from(class.quotas >> q & 1 == 1) * usize::from(*count);
        }
    }
    for (back, cell) in &inst.shown_global {
        if back + depth < inst.rules[inst.cell_rule[*cell as usize] as usize].window {
            s.in_window[*cell as usize] += 1;
            s.touched.push(*cell);
        }
    }
}

fn hash(keys: &[u64], row: &[u16]) -> u64 {
    let (counts, suffix) = row.split_at(keys.len());
    let sum = counts
        .iter()
        .zip(keys)
        .fold(0_u64, |h, (c, k)| h.wrapping_add(u64::from(*c).wrapping_mul(*k)));
    suffix
        .iter()
        .fold(sum, |h, c| super::table::mix(h ^ u64::from(*c).wrapping_add(1)))
}
