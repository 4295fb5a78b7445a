//! One list of a page, solved under what the page asks of it, and shown.
//!
//! Invariant: the module's own rules are those of its problem, untouched; the page only takes candidates away, counts,
//! and says what stood just above.

use rustc_hash::FxHashSet;

use super::listed::Listed;
use crate::arrange::{Problem, Quota, Shown, Workspace, solve_with};
use crate::catalogue::row::ItemIx;
use crate::invalid::{Code, Invalid};
use crate::pipeline::soft::Arranged;
use crate::pipeline::{Query, Recommended, answer};
use crate::playlist;

/// Labels that a search for a floor may make: several are made for a page, and each may be given up.
const FLOOR_BUDGET: usize = 200;

/// What a page asks of one of its lists.
#[derive(Debug, Clone, Default)]
pub(super) struct Asks {
    /// Counts of marks.
    pub(super) quotas: Vec<Quota>,
    /// What stands first in the module above.
    pub(super) above: Option<Shown>,
}

/// The best list without these works.
pub(super) fn solve(
    list: &Listed<'_>,
    taken: impl Fn(ItemIx) -> bool,
    asks: &Asks,
    workspace: &mut Workspace,
) -> Result<Option<Arranged>, Invalid> {
    let Some(problem) = &list.problem else { return Ok(None) };
    let mut exclude: Vec<u32> = problem.exclude.clone();
    let barred = list
        .pool
        .iter()
        .zip(0u32..)
        .filter(|(one, _)| taken(one.candidate.offer.item));
    exclude.extend(barred.map(|(_, place)| place));
    exclude.sort_unstable();
    exclude.dedup();
    let left = list.pool.len() - exclude.len();
    if left == 0 {
        return Ok(None);
    }
    let mut problem = Problem {
        scores: list.scores().to_vec(),
        k: list.most.min(left),
        exclude,
        ..problem.clone()
    };
    let (k, barred) = (problem.k, problem.exclude.clone());
    problem
        .pins
        .retain(|pin| pin.rank < k && barred.binary_search(&pin.candidate).is_err());
    problem.quotas.extend(asks.quotas.iter().copied());
    if !asks.quotas.is_empty() {
        problem.budget = problem.budget.min(FLOOR_BUDGET);
    }
    problem.history.extend(asks.above.clone());
    let failed = |error: crate::arrange::ProblemError| Invalid::one("/modules", Code::InvalidValue, error.to_string());
    let checked = problem.check().map_err(failed)?;
    let mut slate = solve_with(&checked, workspace);
    if let (Some(_), Some(plain)) = (&list.order, &list.problem) {
        playlist::in_relevance(&plain.scores, checked.problem(), &mut slate);
    }
    Ok(Some(Arranged {
        slate,
        soft: None,
        faults: None,
    }))
}

/// The works of an arranged list.
pub(super) fn works(list: &Listed<'_>, arranged: Option<&Arranged>) -> FxHashSet<ItemIx> {
    let places = arranged.map_or(&[][..], |arranged| &arranged.slate.places);
    let works = places.iter().filter_map(|place| list.pool.get(*place as usize));
    works.map(|one| one.candidate.offer.item).collect()
}

/// The list as it is answered.
pub(super) fn show<'a>(query: &mut Query<'a>, list: &mut Listed<'a>) -> Recommended {
    let (Some(arranged), Some(problem)) = (&list.arranged, &list.problem) else {
        return playlist::nothing(query);
    };
    let placement = std::mem::replace(&mut query.placement, list.placement.clone());
    let shown = answer::explain(query, &list.pool, problem, arranged, list.removed.clone());
    query.placement = placement;
    shown
}
