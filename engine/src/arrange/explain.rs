//! Why each offer stands where it does: its place by relevance, what moved it, what it displaced, and what a rule costs.
//!
//! Stands beside the main path, on demand.
//! Invariant: it explains a slate that was already made; it never changes one.

use super::problem::{Checked, Policy, Problem};
use super::report;
use super::search::Workspace;
use super::slate::Slate;
use super::solve::solve_with;

/// What moved an offer from its place by relevance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// It is pinned.
    Pin,
    /// A rule (by index) bars it from the place it had, or barred an offer that it moved up for.
    Rule(usize),
    /// A quota (by index) called for it or barred it.
    Quota(usize),
    /// Others moved, and it made room or closed the gap.
    Others,
}

/// The move of one offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// The candidate.
    pub candidate: u32,
    /// Its place in the slate.
    pub rank: usize,
    /// Its place among all candidates by score, ties by index, exclusions left out.
    pub relevance_rank: usize,
    /// Why they differ; empty when they do not.
    pub by: Vec<Reason>,
    /// The candidate that relevance alone would have put at `rank`, when it is another.
    pub displaced: Option<u32>,
}

/// The move of each offer of a slate, in order of place.
#[must_use]
pub fn moves(problem: &Problem, slate: &Slate) -> Vec<Move> {
    let by_score = by_score(problem);
    let mut rank_of = vec![usize::MAX; problem.scores.len()];
    by_score
        .iter()
        .enumerate()
        .for_each(|(rank, c)| rank_of[*c as usize] = rank);
    let explain = |(rank, candidate): (usize, &u32)| {
        let relevance_rank = rank_of[*candidate as usize];
        let displaced = by_score.get(rank).copied().filter(|c| c != candidate);
        let by = if relevance_rank == rank {
            Vec::new()
        } else {
            reasons(problem, slate, &by_score, rank, relevance_rank)
        };
        Move {
            candidate: *candidate,
            rank,
            relevance_rank,
            by,
            displaced,
        }
    };
    slate.places.iter().enumerate().map(explain).collect()
}

/// The slate of the same problem without a rule.
#[must_use]
pub fn without_rule(checked: &Checked, rule: usize, ws: &mut Workspace) -> Slate {
    solve_with(&checked.without_rule(rule), ws)
}

fn by_score(problem: &Problem) -> Vec<u32> {
    let mut order: Vec<u32> = (0..problem.scores.len() as u32)
        .filter(|c| !problem.exclude.contains(c))
        .collect();
    order.sort_by(|a, b| {
        problem.scores[*b as usize]
            .total_cmp(&problem.scores[*a as usize])
            .then(a.cmp(b))
    });
    order
}

/// An offer that fell was barred where it stood by relevance; one that rose took the place of offers barred here.
fn reasons(problem: &Problem, slate: &Slate, by_score: &[u32], rank: usize, from: usize) -> Vec<Reason> {
    let candidate = slate.places[rank];
    if problem.pins.iter().any(|p| p.candidate == candidate) {
        return vec![Reason::Pin];
    }
    let mut by = Vec::new();
    if rank > from {
        by.extend((from..rank).flat_map(|at| bars(problem, &slate.places, at, candidate)));
    } else {
        let placed = &slate.places[..rank];
        let better = by_score[..from].iter().filter(|c| !placed.contains(c));
        by.extend(better.flat_map(|c| bars(problem, &slate.places, rank, *c)));
        by.extend(called_for(problem, candidate));
    }
    let mut once: Vec<Reason> = Vec::new();
    for reason in by {
        if !once.contains(&reason) {
            once.push(reason);
        }
    }
    if once.is_empty() { vec![Reason::Others] } else { once }
}

/// The rules that a candidate would break at a place of the slate, looking back and ahead, and the quotas it would pass.
fn bars(problem: &Problem, places: &[u32], at: usize, candidate: u32) -> Vec<Reason> {
    let mut tried: Vec<u32> = places.to_vec();
    tried[at] = candidate;
    let broken = |rule: usize| {
        let last = (at + problem.rules[rule].window.min(places.len())).min(places.len());
        (at..last).any(|rank| {
            let again = rank != at && tried[rank] == candidate;
            !again && report::crowded(problem, &tried[..rank], rule, rank, tried[rank]).is_some()
        })
    };
    let rules = (0..problem.rules.len()).filter(|r| broken(*r)).map(Reason::Rule);
    let quotas = (0..problem.quotas.len())
        .filter(|q| passes(problem, places, *q, at, candidate))
        .map(Reason::Quota);
    rules.chain(quotas).collect()
}

fn passes(problem: &Problem, places: &[u32], quota: usize, at: usize, candidate: u32) -> bool {
    let q = &problem.quotas[quota];
    let values = &problem.attributes[q.attribute].values;
    let first = q.first.unwrap_or(problem.k);
    let has = |c: u32| values[c as usize].contains(&q.value);
    let have = places.iter().take(first).filter(|c| has(**c)).count();
    problem.policy == Policy::Cut && at < first && has(candidate) && q.max.is_some_and(|max| have >= max)
}

fn called_for(problem: &Problem, candidate: u32) -> Vec<Reason> {
    let wanted = |q: &usize| {
        let quota = &problem.quotas[*q];
        quota.min > 0 && problem.attributes[quota.attribute].values[candidate as usize].contains(&quota.value)
    };
    (0..problem.quotas.len()).filter(wanted).map(Reason::Quota).collect()
}
