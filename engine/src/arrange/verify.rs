//! A slow, obvious checker of slates, written apart from the solvers.
//!
//! Used by every test, and on a sample of live answers, where a metric counts what it finds.
//! Invariant: it shares no code with the search: it reads the problem and the places, window by window.

use super::problem::{Policy, Problem};
use super::slate::{Slate, Violation};

/// Values further apart than this, relatively, are different.
const SAME: f64 = 1e-9;

/// Something a slate should not be.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Fault {
    /// More places than asked.
    #[error("{0} places were filled, more than asked")]
    TooLong(usize),
    /// A candidate index out of range.
    #[error("rank {0} holds no candidate")]
    Unknown(usize),
    /// An offer stands twice.
    #[error("the offer at rank {0} stands twice")]
    Twice(usize),
    /// An excluded offer stands.
    #[error("the offer at rank {0} is excluded")]
    Excluded(usize),
    /// A rank holds another offer than the one pinned there.
    #[error("rank {0} does not hold its pin")]
    Pin(usize),
    /// A pinned offer stands elsewhere.
    #[error("the offer at rank {0} is pinned elsewhere")]
    Strayed(usize),
    /// A strict rule is broken under policy cut.
    #[error("rule {} is broken at rank {}", .0.rule, .0.rank)]
    Rule(Violation),
    /// A quota's max is passed under policy cut.
    #[error("quota {0} holds too many")]
    Quota(usize),
    /// The breaks listed are not those found.
    #[error("the violations listed are not those of the list")]
    Violations,
    /// The value is not that of the list.
    #[error("the value is {said}, not {found}")]
    Value {
        /// As answered.
        said: f64,
        /// As summed here.
        found: f64,
    },
    /// The bound is below the value, or the gap does not follow from them.
    #[error("the bound or the gap does not hold")]
    Bound,
    /// Said to be satisfied and is not, or the other way round.
    #[error("the verdict is wrong")]
    Verdict,
}

/// Everything wrong with a slate, empty when nothing is.
#[must_use]
pub fn verify(problem: &Problem, slate: &Slate) -> Vec<Fault> {
    let mut faults = offers(problem, &slate.places);
    if !faults.is_empty() {
        return faults;
    }
    let broken = violations(problem, &slate.places);
    let strict = broken.iter().filter(|v| problem.rules[v.rule].strict);
    if problem.policy == Policy::Cut {
        faults.extend(strict.clone().map(|v| Fault::Rule(*v)));
    }
    let over = (0..problem.quotas.len()).filter(|q| !within_max(problem, *q, &slate.places));
    if problem.policy == Policy::Cut {
        faults.extend(over.clone().map(Fault::Quota));
    }
    if broken != slate.violations {
        faults.push(Fault::Violations);
    }
    faults.extend(numbers(problem, slate));
    let pins_met = problem
        .pins
        .iter()
        .all(|p| slate.places.get(p.rank) == Some(&p.candidate));
    let reached = (0..problem.quotas.len()).all(|q| count(problem, q, &slate.places) >= problem.quotas[q].min);
    let full = slate.places.len() == problem.k;
    let good = full && pins_met && reached && strict.count() == 0 && over.count() == 0;
    if good != slate.satisfied || (slate.places.len() < problem.k && slate.shortfall.is_none()) {
        faults.push(Fault::Verdict);
    }
    faults
}

/// Every break, by rank then rule: the last offer of a window has a value that stands more than `max` times in it.
#[must_use]
pub fn violations(problem: &Problem, places: &[u32]) -> Vec<Violation> {
    let mut found = Vec::new();
    for rank in 0..places.len() {
        for (index, rule) in problem.rules.iter().enumerate() {
            let attribute = &problem.attributes[rule.attribute];
            let shown = problem.history.iter().map(|h| &h.values[rule.attribute]);
            let stood = places[..=rank].iter().map(|c| &attribute.values[*c as usize]);
            let sequence: Vec<_> = shown.chain(stood).collect();
            let window = &sequence[sequence.len().saturating_sub(rule.window)..];
            let last = sequence[sequence.len() - 1];
            if last
                .iter()
                .any(|v| window.iter().filter(|values| values.contains(v)).count() > rule.max)
            {
                found.push(Violation { rule: index, rank });
            }
        }
    }
    found
}

fn offers(problem: &Problem, places: &[u32]) -> Vec<Fault> {
    let mut faults = Vec::new();
    if places.len() > problem.k {
        faults.push(Fault::TooLong(places.len()));
    }
    for (rank, candidate) in places.iter().enumerate() {
        if *candidate as usize >= problem.scores.len() {
            faults.push(Fault::Unknown(rank));
        }
        if places[..rank].contains(candidate) {
            faults.push(Fault::Twice(rank));
        }
        if problem.exclude.contains(candidate) {
            faults.push(Fault::Excluded(rank));
        }
        if problem.pins.iter().any(|p| p.rank == rank && p.candidate != *candidate) {
            faults.push(Fault::Pin(rank));
        }
        let mut own = problem.pins.iter().filter(|p| p.candidate == *candidate).peekable();
        if own.peek().is_some() && own.all(|p| p.rank != rank) {
            faults.push(Fault::Strayed(rank));
        }
    }
    faults
}

fn numbers(problem: &Problem, slate: &Slate) -> Vec<Fault> {
    let mut faults = Vec::new();
    let worth = |(rank, c): (usize, &u32)| problem.scores[*c as usize] / ((rank + 2) as f64).log2();
    let found: f64 = slate.places.iter().enumerate().map(worth).sum();
    if (found - slate.value).abs() > SAME * found.max(slate.value) {
        faults.push(Fault::Value {
            said: slate.value,
            found,
        });
    }
    let gap = if slate.bound == 0.0 {
        0.0
    } else {
        1.0 - slate.value / slate.bound
    };
    let sane = slate.bound >= slate.value && slate.bound.is_finite() && (gap - slate.gap).abs() <= SAME;
    if !sane {
        faults.push(Fault::Bound);
    }
    faults
}

fn count(problem: &Problem, quota: usize, places: &[u32]) -> usize {
    let q = &problem.quotas[quota];
    let values = &problem.attributes[q.attribute].values;
    let first = q.first.unwrap_or(problem.k);
    places
        .iter()
        .take(first)
        .filter(|c| values[**c as usize].contains(&q.value))
        .count()
}

fn within_max(problem: &Problem, quota: usize, places: &[u32]) -> bool {
    problem.quotas[quota]
        .max
        .is_none_or(|max| count(problem, quota, places) <= max)
}
