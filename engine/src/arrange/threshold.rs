//! When the structure theorem holds, and how long its list is: one strict rule, one value an offer, no two in a row.
//!
//! With counts `n_c`, last shown value `l` and `R` places to fill, a list exists if and only if
//! `sum_c min(n_c, ceil(R/2), or floor(R/2) for c = l) >= R`; an offer without the value is a value of its own.
//! Invariant: `horizon` answers only for problems that the theorem covers.

use rustc_hash::FxHashMap;

use super::prepare::{Binding, Prepared};
use super::problem::{Policy, Problem};

/// The places to plan, slate and reserve, when the theorem covers the problem. Where the reserve is safe behind any
/// slate, the slate alone: its best list is the same, and shorter to find.
pub(super) fn horizon(problem: &Problem, prepared: &Prepared) -> Option<usize> {
    let [binding] = prepared.rules.as_slice() else {
        return None;
    };
    let rule = problem.rules[binding.rule];
    let plain = problem.pins.is_empty() && problem.quotas.is_empty();
    let firm = rule.strict && problem.policy == Policy::Cut;
    if !plain || !firm || (rule.window, rule.max) != (2, 1) {
        return None;
    }
    let counts = Counts::of(problem, prepared, binding)?;
    let slate = counts.longest(problem.k);
    if slate == problem.k && counts.outlast(slate, problem.reserve) {
        return Some(slate);
    }
    Some(counts.longest(problem.k + problem.reserve))
}

/// Candidates by value.
struct Counts {
    of: Vec<(u32, usize)>,
    free: usize,
    last: Option<u32>,
}

impl Counts {
    /// `None` when some offer has several values.
    fn of(problem: &Problem, prepared: &Prepared, binding: &Binding) -> Option<Self> {
        let mut counts: FxHashMap<u32, usize> = FxHashMap::default();
        let mut free = 0;
        let values = &problem.attributes[binding.attribute].values;
        for candidate in &prepared.sorted {
            match values[*candidate as usize].as_slice() {
                [] => free += 1,
                [one] if !binding.binding.contains(one) => free += 1,
                [one] => *counts.entry(*one).or_default() += 1,
                _ => return None,
            }
        }
        let last = match problem.history.last().map(|h| h.values[binding.attribute].as_slice()) {
            None | Some([]) => None,
            Some([one]) => Some(*one),
            Some(_) => return None,
        };
        Some(Self {
            of: counts.into_iter().collect(),
            free,
            last,
        })
    }

    fn longest(&self, places: usize) -> usize {
        (0..=places).rev().find(|r| self.feasible(*r)).unwrap_or(0)
    }

    /// Whether so many places can be filled after any slate of that length: each of its offers takes at most one from
    /// what its value could still give, and the value that it ends on has the smaller room.
    fn outlast(&self, slate: usize, reserve: usize) -> bool {
        let held: usize = self.of.iter().map(|(_, n)| (*n).min(reserve / 2)).sum();
        held + self.free >= slate + reserve
    }

    fn feasible(&self, places: usize) -> bool {
        let room = |value: u32| {
            if Some(value) == self.last {
                places / 2
            } else {
                places.div_ceil(2)
            }
        };
        let held: usize = self.of.iter().map(|(value, n)| (*n).min(room(*value))).sum();
        held + self.free >= places
    }
}
