//! From a draft to the answer: value, proof, breaks, and what is short and why.
//!
//! Stands after the solver on the main path.
//! Invariant: the value is summed here from the places themselves, in order of rank.

use rustc_hash::FxHashMap;

use super::contradiction;
use super::instance::Place;
use super::prepare::Prepared;
use super::problem::{Checked, Policy, Problem, Values, place_weight};
use super::search::Workspace;
use super::slate::{Cause, Relaxation, Shortfall, Slate, Solver, Violation};
use super::solve::Draft;

/// Labels that the search for the smallest relaxation may make.
const RELAX_BUDGET: usize = 1_000;

/// The answer for a draft.
pub(super) fn slate(checked: &Checked, prepared: &Prepared, draft: Draft, solver: Solver, ws: &mut Workspace) -> Slate {
    let problem = checked.problem();
    let value = value(problem, &draft.places);
    let exact = draft.exact;
    let bound = if exact {
        value
    } else {
        draft.bound.min(free_bound(problem, prepared)).max(value)
    };
    let broken = breaks(problem, &draft.places);
    let strict = broken.iter().any(|v| problem.rules[v.rule].strict);
    let shortfall = shortfall(checked, prepared, &draft.places, ws);
    Slate {
        satisfied: draft.places.len() == problem.k
            && !strict
            && shortfall.is_none()
            && !over_quota(problem, &draft.places),
        relaxed: relaxed(problem, &broken),
        value,
        bound,
        gap: if exact || bound == 0.0 {
            0.0
        } else {
            (1.0 - value / bound).max(0.0)
        },
        violations: broken,
        shortfall,
        contradictions: contradiction::find(problem, prepared),
        solver,
        exact,
        labels: draft.labels,
        places: draft.places,
    }
}

/// Discounted relevance.
pub(super) fn value(problem: &Problem, places: &[u32]) -> f64 {
    places
        .iter()
        .enumerate()
        .map(|(rank, c)| place_weight(rank) * (problem.scores[*c as usize] + 0.0))
        .fold(0.0, |sum, worth| sum + worth)
}

/// The value of the best candidates in order, rules aside: above every list.
pub(super) fn free_bound(problem: &Problem, prepared: &Prepared) -> f64 {
    let score = |c: &u32| problem.scores[*c as usize] + 0.0;
    let mut scores: Vec<f64> = prepared.sorted.iter().take(problem.k).map(score).collect();
    scores.extend(prepared.pins.iter().filter_map(|p| match p {
        Place::Pinned(_, c) => Some(score(c)),
        Place::Free | Place::Blocked => None,
    }));
    scores.sort_unstable_by(|a, b| b.total_cmp(a));
    scores
        .iter()
        .take(problem.k)
        .enumerate()
        .map(|(rank, s)| place_weight(rank) * s)
        .fold(0.0, |sum, worth| sum + worth)
}

/// Every break of every rule: the offer at the rank has a value that stands too often in the window ending there.
pub(super) fn breaks(problem: &Problem, places: &[u32]) -> Vec<Violation> {
    let mut broken = Vec::new();
    for rank in 0..places.len() {
        for (rule, _) in problem.rules.iter().enumerate() {
            if crowded(problem, places, rule, rank, places[rank]).is_some() {
                broken.push(Violation { rule, rank });
            }
        }
    }
    broken
}

/// The value by which a candidate at `rank`, after `places[..rank]`, would break a rule.
pub(super) fn crowded(problem: &Problem, places: &[u32], rule: usize, rank: usize, candidate: u32) -> Option<u32> {
    let of = problem.rules[rule];
    if of.max >= of.window {
        return None;
    }
    let values = &problem.attributes[of.attribute].values;
    let own: &Values = &values[candidate as usize];
    let reach = of.window - 1;
    let count = |value: u32| {
        let here = places[rank.saturating_sub(reach)..rank].iter();
        let in_slate = here.filter(|c| values[**c as usize].contains(&value)).count();
        let before = problem.history.iter().rev().take(reach.saturating_sub(rank));
        in_slate + before.filter(|h| h.values[of.attribute].contains(&value)).count()
    };
    own.iter().copied().find(|v| count(*v) >= of.max)
}

fn relaxed(problem: &Problem, broken: &[Violation]) -> Vec<(usize, usize)> {
    let count = |rule: usize| broken.iter().filter(|v| v.rule == rule).count();
    let strict = (0..problem.rules.len()).filter(|r| problem.rules[*r].strict);
    strict.map(|rule| (rule, count(rule))).filter(|(_, n)| *n > 0).collect()
}

fn counted(problem: &Problem, quota: usize, places: &[u32]) -> usize {
    let q = &problem.quotas[quota];
    let values = &problem.attributes[q.attribute].values;
    let first = q.first.unwrap_or(problem.k).min(places.len());
    places[..first]
        .iter()
        .filter(|c| values[**c as usize].contains(&q.value))
        .count()
}

fn over_quota(problem: &Problem, places: &[u32]) -> bool {
    let over = |q: usize| {
        problem.quotas[q]
            .max
            .is_some_and(|max| counted(problem, q, places) > max)
    };
    (0..problem.quotas.len()).any(over)
}

fn shortfall(checked: &Checked, prepared: &Prepared, places: &[u32], ws: &mut Workspace) -> Option<Shortfall> {
    let problem = checked.problem();
    let unmet = |pin: &usize| places.get(problem.pins[*pin].rank) != Some(&problem.pins[*pin].candidate);
    let pins: Vec<usize> = (0..problem.pins.len()).filter(unmet).collect();
    let missing_of = |q: usize| problem.quotas[q].wanted().saturating_sub(counted(problem, q, places));
    let quota_missing = (0..problem.quotas.len()).map(missing_of).sum();
    let missing = problem.k - places.len();
    if missing == 0 && pins.is_empty() && quota_missing == 0 {
        return None;
    }
    let short = (0..problem.quotas.len()).find(|q| missing_of(*q) > 0);
    let blank = Shortfall {
        missing,
        rank: places.len(),
        cause: Cause::Candidates,
        rule: None,
        quota: None,
        value: None,
        pins,
        quota_missing,
        relaxation: None,
    };
    if missing == 0 {
        let cause = if short.is_some() { Cause::Quota } else { Cause::Pin };
        let value = short.map(|q| problem.quotas[q].value);
        return Some(Shortfall {
            cause,
            quota: short,
            value,
            ..blank
        });
    }
    let mut found = stopped(problem, prepared, places, blank, short);
    if found.cause != Cause::Candidates && problem.policy == Policy::Cut {
        found.relaxation = relaxation(checked, places.len(), ws);
    }
    Some(found)
}

/// Which demand bars most of what is left at the first empty place.
fn stopped(
    problem: &Problem,
    prepared: &Prepared,
    places: &[u32],
    blank: Shortfall,
    short: Option<usize>,
) -> Shortfall {
    let rank = places.len();
    let (left, pinned) = match prepared.pins[rank] {
        Place::Blocked => {
            return Shortfall {
                cause: Cause::Pin,
                ..blank
            };
        }
        Place::Pinned(_, candidate) => (vec![candidate], true),
        Place::Free => (left_over(problem, places), false),
    };
    if left.is_empty() {
        return blank;
    }
    let mut bars: FxHashMap<(bool, usize, u32), usize> = FxHashMap::default();
    for candidate in left {
        let strict = (0..problem.rules.len()).filter(|r| problem.rules[*r].strict);
        for rule in strict {
            if let Some(value) = crowded(problem, places, rule, rank, candidate) {
                *bars.entry((false, rule, value)).or_default() += 1;
            }
        }
        for quota in full_quotas(problem, places, rank, candidate) {
            *bars.entry((true, quota, problem.quotas[quota].value)).or_default() += 1;
        }
    }
    let most = bars.into_iter().max_by_key(|(key, n)| (*n, std::cmp::Reverse(*key)));
    match most {
        Some(((true, quota, value), _)) => Shortfall {
            cause: Cause::Quota,
            quota: Some(quota),
            value: Some(value),
            ..blank
        },
        Some(((false, rule, value), _)) => Shortfall {
            cause: Cause::Rule,
            rule: Some(rule),
            value: Some(value),
            ..blank
        },
        None if pinned => Shortfall {
            cause: Cause::Pin,
            ..blank
        },
        None if short.is_some() => Shortfall {
            cause: Cause::Quota,
            quota: short,
            value: short.map(|q| problem.quotas[q].value),
            ..blank
        },
        None => blank,
    }
}

/// Candidates that are neither placed, pinned nor excluded.
fn left_over(problem: &Problem, places: &[u32]) -> Vec<u32> {
    let mut left = vec![true; problem.scores.len()];
    let pinned = problem.pins.iter().map(|p| &p.candidate);
    for out in places.iter().chain(&problem.exclude).chain(pinned) {
        left[*out as usize] = false;
    }
    (0..left.len() as u32).filter(|c| left[*c as usize]).collect()
}

fn full_quotas(problem: &Problem, places: &[u32], rank: usize, candidate: u32) -> Vec<usize> {
    let full = |q: &usize| {
        let quota = &problem.quotas[*q];
        let has = problem.attributes[quota.attribute].values[candidate as usize].contains(&quota.value);
        let inside = rank < quota.first.unwrap_or(problem.k);
        has && inside && quota.max.is_some_and(|max| counted(problem, *q, places) >= max)
    };
    (0..problem.quotas.len()).filter(full).collect()
}

/// The longest list with fewest breaks, when it is longer.
fn relaxation(checked: &Checked, have: usize, ws: &mut Workspace) -> Option<Relaxation> {
    let relaxed = checked.with_policy(Policy::Relax, RELAX_BUDGET);
    let found = super::solve::solve_with(&relaxed, ws);
    let breaks = found
        .violations
        .into_iter()
        .filter(|v| checked.problem().rules[v.rule].strict)
        .collect();
    let places = found.places.len();
    (places > have).then_some(Relaxation {
        breaks,
        places,
        value: found.value,
        proven: found.exact,
    })
}
