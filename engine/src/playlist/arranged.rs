//! A list of given candidates, arranged: the last stages of the main path, for playlists and for modules of a page.
//!
//! Invariant: the list is as long as its candidates and its bounds allow under the strict rules; value and bound speak
//! of relevance, whatever the list is ordered by.

use std::collections::BTreeSet;

use crate::arrange::{Checked, Pin, Problem, Quota, Slate, Workspace, place_weight, solve_with};
use crate::invalid::{Code, Invalid};
use crate::pipeline::answer::{self, Diversity};
use crate::pipeline::pool::{Removed, Scored};
use crate::pipeline::soft::{self, Arranged};
use crate::pipeline::{PageState, Query, Recommended, attributes};

/// Candidates, and how they are to stand.
#[derive(Debug, Clone)]
pub(crate) struct List<'l, 'a> {
    /// Each work once, by offer identifier.
    pub(crate) pool: &'l [Scored<'a>],
    /// What the list is ordered by, for each candidate; relevance where absent.
    pub(crate) order: Option<&'l [f64]>,
    /// Fixed places of this page, and candidates that wait for a later one.
    pub(crate) pins: &'l Pins,
    /// How many at most, here.
    pub(crate) most: usize,
    /// Where the list ends, over all pages.
    pub(crate) ends_at: usize,
    /// Rules that nobody asked for give way where they would leave fewer.
    pub(crate) at_least: usize,
    /// How many candidates each filter removed.
    pub(crate) removed: Removed,
}

/// Fixed places.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pins {
    /// Here.
    pub(crate) here: Vec<Pin>,
    /// On a later page.
    pub(crate) later: Vec<u32>,
}

/// Candidates that may not stand, and counts that must hold: what a page asks of one of its lists.
#[derive(Debug, Clone, Default)]
pub(crate) struct Bounds {
    /// Candidates that stand elsewhere.
    pub(crate) exclude: Vec<u32>,
    /// Counts over attributes of [`Bounds::marks`] or of the rules.
    pub(crate) quotas: Vec<Quota>,
    /// An attribute beside those of the rules, for quotas; it comes last.
    pub(crate) marks: Option<crate::arrange::Attribute>,
}

/// Arranges a list. The rules of the query give way where [`List::at_least`] says so.
pub(crate) fn arrange(query: &mut Query<'_>, list: &List<'_, '_>) -> Result<Recommended, Invalid> {
    let Some(mut problem) = problem(query, list, &Bounds::default())? else {
        return Ok(Recommended {
            removed: list.removed.clone(),
            ..nothing(query)
        });
    };
    let mut workspace = Workspace::default();
    soften(query, &mut problem, list.at_least, &mut workspace)?;
    let arranged = solve(query, list, problem.clone(), &mut workspace)?;
    Ok(show(query, list, &problem, &arranged))
}

/// Strict rules that nobody asked for give way where they would leave fewer than so many.
pub(crate) fn soften(
    query: &mut Query<'_>,
    problem: &mut Problem,
    at_least: usize,
    workspace: &mut Workspace,
) -> Result<(), Invalid> {
    if at_least > 0 && falls_short(problem, at_least, workspace)? {
        query.placement.rules.iter_mut().for_each(|rule| rule.strict = false);
        problem.rules.iter_mut().for_each(|rule| rule.strict = false);
    }
    Ok(())
}

/// The problem of a list in relevance; none where nothing can stand.
pub(crate) fn problem(query: &Query<'_>, list: &List<'_, '_>, bounds: &Bounds) -> Result<Option<Problem>, Invalid> {
    let exclude: BTreeSet<u32> = list.pins.later.iter().chain(&bounds.exclude).copied().collect();
    let k = list.most.min(list.pool.len() - exclude.len());
    if k == 0 {
        return Ok(None);
    }
    let mut problem = attributes::problem(query, list.pool)?.into_problem();
    let left = list.pool.len() - exclude.len() - k;
    problem.k = k;
    problem.reserve = problem
        .reserve
        .min(left)
        .min(list.ends_at.saturating_sub(query.page.start + k));
    problem.pins = list.pins.here.clone();
    problem
        .pins
        .retain(|pin| pin.rank < k && !exclude.contains(&pin.candidate));
    problem.exclude = exclude.into_iter().collect();
    problem.attributes.extend(bounds.marks.clone());
    problem.quotas.clone_from(&bounds.quotas);
    Ok(Some(problem))
}

/// Solves a problem in the order of the list, and says its worth in relevance.
pub(crate) fn solve(
    query: &Query<'_>,
    list: &List<'_, '_>,
    problem: Problem,
    workspace: &mut Workspace,
) -> Result<Arranged, Invalid> {
    let Some(order) = list.order else {
        return soft::arrange(query, list.pool, &checked(problem)?, workspace);
    };
    let scores = problem.scores.clone();
    let ordered = checked(Problem {
        scores: order.to_vec(),
        ..problem
    })?;
    let mut slate = solve_with(&ordered, workspace);
    in_relevance(&scores, ordered.problem(), &mut slate);
    Ok(Arranged {
        slate,
        soft: None,
        faults: None,
    })
}

/// The answer of a solved list.
pub(crate) fn show(query: &Query<'_>, list: &List<'_, '_>, problem: &Problem, arranged: &Arranged) -> Recommended {
    let mut answer = answer::explain(query, list.pool, problem, arranged, list.removed.clone());
    let full = answer.offers.len() == query.limit() && query.page.start + answer.offers.len() < list.ends_at;
    answer.next = answer.next.take().filter(|_| full).map(|next| PageState {
        rules: Some(query.placement.rules.clone()),
        ..next
    });
    answer
}

/// Whether the strict rules leave fewer than so many, where more could stand.
fn falls_short(problem: &Problem, at_least: usize, workspace: &mut Workspace) -> Result<bool, Invalid> {
    let wanted = at_least.min(problem.scores.len() - problem.exclude.len()).max(1);
    let mut probe = problem.clone();
    probe.k = wanted;
    probe.reserve = 0;
    probe.pins.retain(|pin| pin.rank < wanted);
    Ok(solve_with(&checked(probe)?, workspace).places.len() < wanted)
}

/// The worth of a list in other scores than it was made with; the bound is that of the best offers under no rule.
pub(crate) fn in_relevance(scores: &[f64], problem: &Problem, slate: &mut Slate) {
    let worth = |(rank, score): (usize, f64)| place_weight(rank) * score;
    let chosen = slate.places.iter().map(|place| scores[*place as usize]);
    slate.value = chosen.enumerate().map(worth).sum();
    let barred: BTreeSet<usize> = problem.exclude.iter().map(|place| *place as usize).collect();
    let mut best: Vec<f64> = (0..scores.len())
        .filter(|n| !barred.contains(n))
        .map(|n| scores[n])
        .collect();
    best.sort_by(|a, b| b.total_cmp(a));
    let bound: f64 = best.into_iter().take(problem.k).enumerate().map(worth).sum();
    slate.bound = bound.max(slate.value);
    slate.gap = if slate.bound > 0.0 {
        1.0 - slate.value / slate.bound
    } else {
        0.0
    };
}

fn checked(problem: Problem) -> Result<Checked, Invalid> {
    let failed =
        |error: crate::arrange::ProblemError| Invalid::one("/diversity", Code::InvalidValue, error.to_string());
    problem.check().map_err(failed)
}

/// A list of nothing: nothing was asked, or nothing may be shown.
pub(crate) fn nothing(query: &Query<'_>) -> Recommended {
    Recommended {
        generation: query.catalogue.sequence().0,
        seed: query.seed,
        now: query.now,
        offers: Vec::new(),
        diversity: Diversity {
            satisfied: true,
            violations: Vec::new(),
            value: 0.0,
            bound: 0.0,
            gap: 0.0,
            relaxed: Vec::new(),
            shortfall: None,
            solver: "none",
            soft: None,
        },
        scenario: query.placement.applied(),
        degraded: Vec::new(),
        unmet_pins: Vec::new(),
        next: None,
        faults: None,
        removed: Removed::new(),
        explored: Vec::new(),
    }
}
