//! What can be settled once, whatever the length tried: the order of candidates, the pins, and which rules can bind.
//!
//! Stands at the head of the main path; `instance` reads it for each target length.
//! Invariant: a value left out of `binding` cannot break its rule in any list of these candidates.

use rustc_hash::{FxHashMap, FxHashSet};

use super::instance::Place;
use super::problem::{Policy, Problem, Rule};

/// A rule that some list could break, and the values it could break by.
#[derive(Debug, Clone, Default)]
pub(super) struct Binding {
    /// Index into `Problem::rules`.
    pub(super) rule: usize,
    pub(super) attribute: usize,
    pub(super) binding: FxHashSet<u32>,
}

/// The problem, put in order.
#[derive(Debug, Clone, Default)]
pub(super) struct Prepared {
    /// Candidates that may stand at a free place, best first, ties by index.
    pub(super) sorted: Vec<u32>,
    /// By rank.
    pub(super) pins: Vec<Place>,
    pub(super) rules: Vec<Binding>,
}

impl Prepared {
    pub(super) fn new(problem: &Problem) -> Self {
        let mut usable = vec![true; problem.scores.len()];
        for out in &problem.exclude {
            usable[*out as usize] = false;
        }
        let rules = binding_rules(problem, &usable);
        let (pins, pinned) = pins(problem, &usable);
        for candidate in pinned {
            usable[candidate as usize] = false;
        }
        bar_max_zero(problem, &mut usable);
        Self {
            sorted: sorted(problem, &usable),
            pins,
            rules,
        }
    }

    /// Adding zero turns -0.0 into 0.0.
    pub(super) fn score(&self, problem: &Problem, candidate: u32) -> f64 {
        problem.scores[candidate as usize] + 0.0
    }

    /// The longest list that candidates and pins could fill, rules aside.
    pub(super) fn fillable(&self, places: usize) -> usize {
        let mut free = self.sorted.len();
        for rank in 0..places {
            match self.pins.get(rank).copied().unwrap_or(Place::Free) {
                Place::Blocked => return rank,
                Place::Pinned(..) => {}
                Place::Free if free == 0 => return rank,
                Place::Free => free -= 1,
            }
        }
        places
    }
}

/// Best first; a non-negative float orders as its bits do.
fn sorted(problem: &Problem, usable: &[bool]) -> Vec<u32> {
    let mut keys: Vec<(u64, u32)> = Vec::with_capacity(usable.len());
    for (i, score) in problem.scores.iter().enumerate() {
        if usable[i] {
            keys.push((!(score + 0.0).to_bits(), i as u32));
        }
    }
    keys.sort_unstable();
    keys.into_iter().map(|(_, i)| i).collect()
}

fn binding_rules(problem: &Problem, usable: &[bool]) -> Vec<Binding> {
    let mut rules = Vec::new();
    for (i, rule) in problem.rules.iter().enumerate() {
        if rule.max >= rule.window {
            continue;
        }
        let binding = binding_values(problem, rule, usable);
        if !binding.is_empty() {
            rules.push(Binding {
                rule: i,
                attribute: rule.attribute,
                binding,
            });
        }
    }
    rules
}

/// The values that stand often enough, in candidates and history together, to break the rule.
fn binding_values(problem: &Problem, rule: &Rule, usable: &[bool]) -> FxHashSet<u32> {
    let mut counts: FxHashMap<u32, usize> = FxHashMap::default();
    let values = &problem.attributes[rule.attribute].values;
    for (list, _) in values.iter().zip(usable).filter(|(_, usable)| **usable) {
        list.iter().for_each(|v| *counts.entry(*v).or_default() += 1);
    }
    for shown in problem.history.iter().rev().take(rule.window - 1) {
        shown.values[rule.attribute]
            .iter()
            .for_each(|v| *counts.entry(*v).or_default() += 1);
    }
    counts
        .into_iter()
        .filter(|(_, n)| *n > rule.max)
        .map(|(v, _)| v)
        .collect()
}

/// Under policy cut, a strict rule of max 0 bars every offer that has a value.
fn bar_max_zero(problem: &Problem, usable: &mut [bool]) {
    if problem.policy == Policy::Relax {
        return;
    }
    for rule in problem.rules.iter().filter(|r| r.strict && r.max == 0) {
        for (i, list) in problem.attributes[rule.attribute].values.iter().enumerate() {
            usable[i] &= list.is_empty();
        }
    }
}

/// What stands at each rank, and the candidates that may stand nowhere else.
fn pins(problem: &Problem, usable: &[bool]) -> (Vec<Place>, Vec<u32>) {
    let mut at = vec![Place::Free; problem.k];
    let mut rank_of: FxHashMap<u32, usize> = FxHashMap::default();
    for pin in &problem.pins {
        let place = &mut at[pin.rank];
        let same = *place == Place::Pinned(0, pin.candidate);
        let taken = (*place != Place::Free && !same) || !usable[pin.candidate as usize];
        *place = if taken {
            Place::Blocked
        } else {
            Place::Pinned(0, pin.candidate)
        };
        let earliest = rank_of.entry(pin.candidate).or_insert(pin.rank);
        if *earliest != pin.rank {
            let later = (*earliest).max(pin.rank);
            *earliest = (*earliest).min(pin.rank);
            at[later] = Place::Blocked;
        }
    }
    (at, rank_of.into_keys().collect())
}
