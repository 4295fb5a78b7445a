//! Lower bounds on the breaks still to come, so that fewest breaks can be proven and not only found.
//!
//! Invariant: no continuation of the row in scratch costs less than `cost_to_come`.

use super::super::instance::{ActiveRule, NONE};
use super::{MISSING, Search};

impl Search<'_> {
    /// Missing offers and breaks that the rest cannot avoid.
    pub(super) fn cost_to_come(&mut self, depth: usize, class: u16) -> u64 {
        let mut cost = 0;
        for (q, quota) in self
            .inst
            .quotas
            .iter()
            .enumerate()
            .filter(|(_, quota)| quota.end > depth)
        {
            let have =
                self.ws.scratch.quota[q] + usize::from(self.inst.classes[usize::from(class)].quotas >> q & 1 == 1);
            let can = (quota.end - depth).min(quota.available.saturating_sub(have));
            cost += quota.min.saturating_sub(have + can) as u64 * MISSING;
        }
        if self.inst.complete && depth < self.inst.places {
            for slot in 0..self.inst.rules.len() {
                let rule = self.inst.rules[slot];
                if !rule.hard && !rule.global {
                    cost += rule.weight * self.breaks_to_come(slot, rule, depth) as u64;
                }
            }
        }
        cost
    }

    /// Breaks of one soft rule that the counts alone force: each unbroken offer of a value (max 1) keeps
    /// `window - 1` others before it, and only so many others are left.
    fn breaks_to_come(&mut self, slot: usize, rule: ActiveRule, depth: usize) -> usize {
        if rule.max != 1 || !rule.single {
            return 0;
        }
        let inst = self.inst;
        let (mut total, mut free) = (0_usize, 0_usize);
        self.ws.scratch.remaining.fill(0);
        for item in &inst.pool {
            if item.index >= self.ws.scratch.row[usize::from(item.class)] {
                total += 1;
                if let Some(cell) = self.cell_of(item.class, slot) {
                    self.ws.scratch.remaining[cell as usize] += 1;
                }
            }
        }
        free += (depth..inst.places)
            .filter(|p| inst.at[*p] == super::super::instance::Place::Free)
            .count();
        let places = inst.places - depth;
        let forced = |cell: usize, have: u16| {
            let crowd = free.saturating_sub(total - usize::from(have));
            let others = places - crowd;
            let delay = self.delay_of(cell as u32, rule);
            let clean = if others < delay {
                0
            } else {
                1 + (others - delay) / (rule.window - 1)
            };
            crowd.saturating_sub(clean)
        };
        let remaining = self.ws.scratch.remaining.iter().enumerate();
        remaining
            .filter(|(_, have)| **have > 0)
            .map(|(cell, have)| forced(cell, *have))
            .max()
            .unwrap_or(0)
    }

    fn cell_of(&self, class: u16, slot: usize) -> Option<u32> {
        let cells = &self.inst.classes[usize::from(class)].cells;
        cells
            .iter()
            .copied()
            .find(|c| self.inst.cell_rule[*c as usize] == slot as u32)
    }

    /// Places before the next offer of a cell can stand unbroken, by the last places.
    fn delay_of(&self, cell: u32, rule: ActiveRule) -> usize {
        let holds = |class: &u16| {
            let class = self.inst.classes.get(usize::from(*class));
            class.is_some_and(|c| c.cells.contains(&cell) && cell != NONE)
        };
        let last = self.ws.scratch.suffix.iter().take(rule.window - 1).position(holds);
        last.map_or(0, |back| rule.window - 1 - back)
    }
}
