//! The integer program of a problem.
//!
//! Asked by the comparison for the best list of a length. Invariant: of candidates that no rule and no quota tells from one
//! another only the best can stand in a best list, as many as there are places, and pinned ones; the others are left out.

use std::collections::{BTreeMap, BTreeSet};

use florilege_engine::arrange::{Problem, place_weight};
use good_lp::solvers::{SolutionStatus, WithTimeLimit};
use good_lp::{Expression, ProblemVariables, ResolutionError, Solution, SolverModel, Variable, constraint, variable};

/// Whose solver it is.
#[cfg(feature = "highs")]
pub const NAME: &str = "HiGHS, through good_lp";
/// Whose solver it is.
#[cfg(not(feature = "highs"))]
pub const NAME: &str = "microlp, through good_lp";

/// The most seconds that one list may take.
const PATIENCE_S: f64 = 60.0;

/// What the program says.
pub enum Verdict {
    /// The best list.
    List(Vec<u32>),
    /// There is no legal list.
    None,
    /// It did not come to an end in its time.
    Open,
}

type Places = BTreeMap<(u32, usize), Variable>;

/// The best list of exactly so many places.
pub fn best(problem: &Problem, places: usize) -> Verdict {
    let candidates = candidates(problem, places);
    if places == 0 {
        return Verdict::List(Vec::new());
    }
    let mut variables = ProblemVariables::new();
    let mut at = Places::new();
    for candidate in &candidates {
        for place in 0..places {
            at.insert((*candidate, place), variables.add(variable().binary()));
        }
    }
    let worth = |((candidate, place), x): (&(u32, usize), &Variable)| {
        problem.scores[*candidate as usize] * place_weight(*place) * *x
    };
    let value: Expression = at.iter().map(worth).sum();
    let rows = rows(problem, &candidates, &at, places);
    let solved = solve(variables.maximise(value), rows);
    let (solution, whole) = match solved {
        Ok(found) => found,
        Err(ResolutionError::Infeasible) => return Verdict::None,
        Err(_) => return Verdict::Open,
    };
    if !whole {
        return Verdict::Open;
    }
    let stands = |place| candidates.iter().copied().find(|c| solution(at[&(*c, place)]) > 0.5);
    (0..places)
        .map(stands)
        .collect::<Option<_>>()
        .map_or(Verdict::Open, Verdict::List)
}

type Solved = (Box<dyn Fn(Variable) -> f64>, bool);

#[cfg(feature = "highs")]
fn solve(
    problem: good_lp::variable::UnsolvedProblem,
    rows: Vec<good_lp::Constraint>,
) -> Result<Solved, ResolutionError> {
    let program = good_lp::solvers::highs::highs(problem);
    // Equal within 1e-6 is to be shown: the usual gap of 1e-4 would not do.
    let program = program
        .set_mip_rel_gap(0.0)
        .and_then(|program| program.set_mip_abs_gap(0.0));
    let mut program = program
        .map_err(|_| ResolutionError::Other("gap"))?
        .with_time_limit(PATIENCE_S);
    rows.into_iter().for_each(|row| {
        program.add_constraint(row);
    });
    let solution = program.solve()?;
    let whole = matches!(solution.status(), SolutionStatus::Optimal);
    Ok((Box::new(move |x| solution.value(x)), whole))
}

#[cfg(not(feature = "highs"))]
fn solve(
    problem: good_lp::variable::UnsolvedProblem,
    rows: Vec<good_lp::Constraint>,
) -> Result<Solved, ResolutionError> {
    let mut program = good_lp::solvers::microlp::microlp(problem).with_time_limit(PATIENCE_S);
    rows.into_iter().for_each(|row| {
        program.add_constraint(row);
    });
    let solution = program.solve()?;
    let whole = matches!(solution.status(), SolutionStatus::Optimal);
    Ok((Box::new(move |x| solution.value(x)), whole))
}

/// Candidates that may stand in a best list.
fn candidates(problem: &Problem, places: usize) -> Vec<u32> {
    let pinned: BTreeSet<u32> = problem.pins.iter().map(|pin| pin.candidate).collect();
    let mut alike: BTreeMap<Vec<&[u32]>, Vec<u32>> = BTreeMap::new();
    for candidate in 0..problem.scores.len() as u32 {
        if !problem.exclude.contains(&candidate) {
            let values = problem.attributes.iter().map(|a| &a.values[candidate as usize][..]);
            alike.entry(values.collect()).or_default().push(candidate);
        }
    }
    let mut kept: Vec<u32> = Vec::new();
    for group in alike.values_mut() {
        group.sort_by(|a, b| problem.scores[*b as usize].total_cmp(&problem.scores[*a as usize]));
        let free = group
            .iter()
            .filter(|candidate| !pinned.contains(candidate))
            .take(places);
        kept.extend(free);
    }
    kept.extend(&pinned);
    kept.sort_unstable();
    kept
}

/// Every constraint.
fn rows(problem: &Problem, candidates: &[u32], at: &Places, places: usize) -> Vec<good_lp::Constraint> {
    let sum = |chosen: &[u32], from: usize, to: usize| -> Expression {
        let cells = chosen.iter().flat_map(|c| (from..to).map(move |place| (*c, place)));
        cells.map(|cell| Expression::from(at[&cell])).sum()
    };
    let mut rows = Vec::new();
    for place in 0..places {
        rows.push(constraint!(sum(candidates, place, place + 1) == 1));
    }
    for candidate in candidates {
        let whole = sum(&[*candidate], 0, places);
        match problem.pins.iter().find(|pin| pin.candidate == *candidate) {
            None => rows.push(constraint!(whole <= 1)),
            Some(pin) if pin.rank < places => {
                rows.push(constraint!(at[&(*candidate, pin.rank)] == 1));
                rows.push(constraint!(whole == 1));
            }
            // A pinned offer stands at its place or not at all.
            Some(_) => rows.push(constraint!(whole == 0)),
        }
    }
    let having = |attribute: usize, value: u32| -> Vec<u32> {
        let values = &problem.attributes[attribute].values;
        let has = |c: &&u32| values[**c as usize].contains(&value);
        candidates.iter().filter(has).copied().collect()
    };
    for rule in &problem.rules {
        let values = &problem.attributes[rule.attribute].values;
        let all: BTreeSet<u32> = candidates
            .iter()
            .flat_map(|c| values[*c as usize].iter().copied())
            .collect();
        for value in all {
            let chosen = having(rule.attribute, value);
            for from in 0..=places.saturating_sub(rule.window) {
                let to = (from + rule.window).min(places);
                rows.push(constraint!(sum(&chosen, from, to) <= rule.max as f64));
            }
        }
    }
    for quota in &problem.quotas {
        let first = quota.first.unwrap_or(problem.k).min(places);
        let counted = sum(&having(quota.attribute, quota.value), 0, first);
        rows.push(constraint!(counted.clone() >= quota.min as f64));
        rows.extend(quota.max.map(|most| constraint!(counted <= most as f64)));
    }
    rows
}
