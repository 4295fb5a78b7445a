//! Which solver, over which pool, for which length: from a checked problem to the slate.
//!
//! The longest list comes first: lengths are tried from the longest that counts allow, each either solved or proven
//! impossible. A pool smaller than the candidates is certified from outside, or grown.
//! Invariant: a slate that breaks a strict rule under policy cut, or a pin, is never returned.

use super::instance::{Instance, Plan};
use super::prepare::Prepared;
use super::problem::{Checked, Policy, Problem};
use super::report;
use super::search::{Found, MISSING, Search, Workspace};
use super::slate::{Slate, Solver};

/// Pools larger than this are not searched: the rest is only bounded.
const MAX_POOL: usize = 2_048;
/// Room for rounding when a bound is compared with a value.
const SAME: f64 = 1e-12;

/// A list before it is reported on.
#[derive(Debug, Clone, Default)]
pub(super) struct Draft {
    pub(super) places: Vec<u32>,
    pub(super) cost: u64,
    pub(super) bound: f64,
    pub(super) exact: bool,
    pub(super) labels: usize,
}

/// Solves a checked problem.
#[must_use]
pub fn solve(checked: &Checked) -> Slate {
    solve_with(checked, &mut Workspace::default())
}

/// Solves a checked problem in memory kept between calls.
#[must_use]
pub fn solve_with(checked: &Checked, ws: &mut Workspace) -> Slate {
    let problem = checked.problem();
    let prepared = Prepared::new(problem);
    let (draft, solver) = draft(problem, &prepared, ws);
    report::slate(checked, &prepared, draft, solver, ws)
}

fn draft(problem: &Problem, prepared: &Prepared, ws: &mut Workspace) -> (Draft, Solver) {
    let pinned = !problem.pins.is_empty();
    if prepared.rules.is_empty() && problem.quotas.is_empty() && !pinned {
        return (by_score(problem, prepared), Solver::Sort);
    }
    if let Some(horizon) = super::threshold::horizon(problem, prepared) {
        let draft = threshold(problem, prepared, horizon, ws);
        if draft.exact {
            return (draft, Solver::Threshold);
        }
        let labels = Labels::new(problem, prepared).run(ws);
        return if labels.exact {
            (labels, Solver::Labels)
        } else {
            (draft, Solver::Threshold)
        };
    }
    if let Some(unbroken) = unbroken(problem, ws) {
        return unbroken;
    }
    (Labels::new(problem, prepared).run(ws), Solver::Labels)
}

/// When something may give way, a full list where nothing does is the best there can be: it is tried first.
fn unbroken(problem: &Problem, ws: &mut Workspace) -> Option<(Draft, Solver)> {
    let relax = problem.policy == Policy::Relax;
    if !relax && problem.rules.iter().all(|r| r.strict) {
        return None;
    }
    let mut firm = Problem {
        policy: Policy::Cut,
        budget: problem.budget / 2,
        ..problem.clone()
    };
    firm.rules.iter_mut().for_each(|r| r.strict = true);
    firm.reserve = if relax { 0 } else { problem.reserve };
    let prepared = Prepared::new(&firm);
    if firm.reserve > 0 || prepared.fillable(firm.k) < firm.k {
        return None;
    }
    let (draft, solver) = draft(&firm, &prepared, ws);
    (draft.cost == 0 && draft.places.len() == firm.k).then_some((draft, solver))
}

fn by_score(problem: &Problem, prepared: &Prepared) -> Draft {
    let places: Vec<u32> = prepared.sorted.iter().take(problem.k).copied().collect();
    Draft {
        places,
        exact: true,
        ..Draft::default()
    }
}

/// The closed form gives the length, the structure theorem the pool and the filter.
fn threshold(problem: &Problem, prepared: &Prepared, horizon: usize, ws: &mut Workspace) -> Draft {
    let pool = horizon + horizon.div_ceil(2);
    let plan = Plan {
        horizon,
        places: problem.k.min(horizon),
        pool,
        lossless: true,
    };
    let inst = Instance::build(problem, prepared, plan);
    let mut search = Search::new(&inst, ws, true);
    let outcome = search.run(problem.budget);
    let labels = search.labels();
    match outcome.best {
        Some(best) => {
            let mut places = search.places(best.label);
            places.truncate(plan.places);
            Draft {
                places,
                cost: 0,
                bound: outcome.bound,
                exact: outcome.proven,
                labels,
            }
        }
        None => Draft {
            labels,
            ..Draft::default()
        },
    }
}

/// The unfiltered search, over lengths and pools.
struct Labels<'a> {
    problem: &'a Problem,
    prepared: &'a Prepared,
    budget: usize,
    labels: usize,
    /// Every longer length is proven impossible.
    longest: bool,
    best: Option<Offered>,
}

/// The best list so far.
struct Offered {
    missing: u64,
    /// No longer list exists, proven.
    longest: bool,
    draft: Draft,
}

enum Attempt {
    Solved(Draft),
    Impossible,
    /// The budget ended; the longest legal prefix met.
    Unknown(usize),
}

impl<'a> Labels<'a> {
    fn new(problem: &'a Problem, prepared: &'a Prepared) -> Self {
        Self {
            problem,
            prepared,
            budget: problem.budget.max(1),
            labels: 0,
            longest: true,
            best: None,
        }
    }

    fn run(mut self, ws: &mut Workspace) -> Draft {
        let reserve = if self.problem.policy == Policy::Cut {
            self.problem.reserve
        } else {
            0
        };
        let mut horizon = self.prepared.fillable(self.problem.k + reserve);
        let unavoidable = self.unavoidable();
        loop {
            match self.attempt(horizon, ws) {
                Attempt::Solved(draft) => {
                    let missing = draft.cost / MISSING;
                    self.offer(missing, draft);
                    if missing <= unavoidable {
                        break;
                    }
                }
                Attempt::Impossible => {}
                Attempt::Unknown(reached) => {
                    self.longest = false;
                    horizon = horizon.min(reached + 1);
                }
            }
            if horizon == 0 {
                break;
            }
            horizon -= 1;
        }
        self.finish(unavoidable)
    }

    /// Keeps the list with fewest missing offers; the longer of equals came first.
    fn offer(&mut self, missing: u64, mut draft: Draft) {
        let proven = draft.exact;
        draft.exact &= self.longest;
        if self.best.as_ref().is_none_or(|best| missing < best.missing) {
            self.best = Some(Offered {
                missing,
                longest: self.longest,
                draft,
            });
        }
        self.longest &= proven;
    }

    fn finish(self, unavoidable: u64) -> Draft {
        let Some(best) = self.best else {
            return Draft {
                labels: self.labels,
                ..Draft::default()
            };
        };
        let mut draft = Draft {
            labels: self.labels,
            ..best.draft
        };
        let fewest = best.missing <= unavoidable || self.longest;
        draft.exact &= fewest;
        if !best.longest || !fewest {
            draft.bound = draft.bound.max(report::free_bound(self.problem, self.prepared));
        }
        draft
    }

    /// Offers that no list can bring to the quotas.
    fn unavoidable(&self) -> u64 {
        let available = |q: &super::problem::Quota| {
            let values = &self.problem.attributes[q.attribute].values;
            let pinned = self.prepared.pins.iter().filter_map(|p| match p {
                super::instance::Place::Pinned(_, c) => Some(c),
                super::instance::Place::Free | super::instance::Place::Blocked => None,
            });
            let all = self.prepared.sorted.iter().chain(pinned);
            all.filter(|c| values[**c as usize].contains(&q.value)).count()
        };
        let short = |q: &super::problem::Quota| {
            let room = q.first.unwrap_or(self.problem.k).min(self.problem.k);
            q.wanted().saturating_sub(room.min(available(q))) as u64
        };
        self.problem.quotas.iter().map(short).sum()
    }

    /// One length: grows the pool until the answer is certified, impossible, or the budget ends.
    fn attempt(&mut self, horizon: usize, ws: &mut Workspace) -> Attempt {
        let places = self.problem.k.min(horizon);
        let mut pool = 2 * horizon + 16;
        let mut last: Option<Draft> = None;
        loop {
            let plan = Plan {
                horizon,
                places,
                pool,
                lossless: false,
            };
            let inst = Instance::build(self.problem, self.prepared, plan);
            let mut search = Search::new(&inst, ws, false);
            let outcome = search.run(self.budget.max(2 * horizon));
            let used = search.labels();
            self.labels += used;
            self.budget = self.budget.saturating_sub(used);
            let full = inst.complete || pool >= MAX_POOL || self.budget == 0;
            match outcome.best {
                Some(best) => {
                    let draft = certify(&inst, &mut search, best, outcome.proven, outcome.bound);
                    if draft.exact || full {
                        return Attempt::Solved(draft);
                    }
                    last = Some(draft);
                }
                None if outcome.proven && inst.complete => return Attempt::Impossible,
                None if full => {
                    let reached = search.depth(outcome.deepest);
                    return last.map_or(Attempt::Unknown(reached), Attempt::Solved);
                }
                None => {}
            }
            pool *= 2;
        }
    }
}

/// The list of a search, with the bound that covers what the pool left out.
fn certify(inst: &Instance, search: &mut Search<'_>, best: Found, proven: bool, bound: f64) -> Draft {
    let mut places = search.places(best.label);
    places.truncate(inst.places);
    let mut draft = Draft {
        places,
        cost: best.cost,
        bound,
        exact: proven,
        labels: 0,
    };
    if !inst.complete {
        let outside = search.bound_with_outsider(inst.outside);
        draft.exact = proven && best.cost == 0 && outside <= best.value * (1.0 + SAME);
        draft.bound = if draft.exact { bound } else { bound.max(outside) };
    }
    draft
}
