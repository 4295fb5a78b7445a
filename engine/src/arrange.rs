//! Arrange: choose and order `k` offers under rules that are never broken in silence, with a proof of how good the list is.
//!
//! The last choice of the main path: scores come in, a slate goes out. Usable alone: values in, slate out, no clock,
//! no names, no state but the reusable [`Workspace`].
//!
//! ```
//! use florilege_engine::arrange::{Attribute, Problem, Rule, Values, solve};
//!
//! let category = |v: u32| Values::from_slice(&[v]);
//! let problem = Problem {
//!     scores: vec![1.0, 0.999, 0.998, 0.0],
//!     attributes: vec![Attribute { by: "category".into(), values: [1, 0, 0, 2].map(category).to_vec() }],
//!     k: 3,
//!     rules: vec![Rule { attribute: 0, window: 2, max: 1, strict: true }],
//!     ..Problem::default()
//! };
//! let slate = solve(&problem.check()?);
//! assert_eq!(slate.places, [1, 0, 2]); // greedy would start with the best and lose a quarter of the value
//! assert!(slate.satisfied && slate.gap == 0.0);
//! # Ok::<(), florilege_engine::arrange::ProblemError>(())
//! ```
//!
//! # The way through
//! 1. Fill in a [`Problem`]: `scores[i]` and `attributes[a].values[i]` belong to candidate `i`; values are numbers the
//!    caller interned (a genre list has several). Give candidates in id order: equal scores go to the lower index.
//! 2. [`Problem::check`] returns a [`Checked`] problem or a [`ProblemError`] (with a [`ProblemError::code`]).
//! 3. [`solve`], or [`solve_with`] a kept [`Workspace`], returns a [`Slate`]: places, value, bound, gap, breaks, and
//!    what is short. It always returns: contradictions are a verdict.
//! 4. [`Slate::carry`] gives the history of the next page; `reserve` keeps that page fillable.
//! 5. [`explain::moves`] says why each offer stands where it does; [`explain::without_rule`] what a rule costs.
//! 6. [`verify::verify`] checks any slate, slowly. The soft models and the command line's form follow.
//!
//! # What is best
//! Among lists that keep every strict rule, pin, exclusion and quota: first fewest offers missing to a quota's `min`,
//! then the longest, then fewest breaks of soft rules, then the most value. A pinned offer stands at its rank or not at
//! all: a list cut before a pin leaves it out, and says so. Under [`Policy::Relax`] strict rules and a quota's `max`
//! give way too, after the length and before soft rules. A break belongs to the offer that completes it: it has a value
//! that stands more than `max` times in the window that ends with it; what the history broke by itself is no break.
//!
//! # Invariant
//! Values closer than 1e-12, relatively, are equal to the search; everything else is decided, or `gap` says by how
//! much it may be wrong. The same problem always gets the same slate.

mod contradiction;
pub mod explain;
mod instance;
pub mod line;
mod prepare;
mod problem;
mod report;
mod search;
mod slate;
pub mod soft;
mod solve;
#[cfg(test)]
mod tests;
mod threshold;
pub mod verify;

pub use problem::{
    Attribute, Checked, DEFAULT_BUDGET, LIVE_BUDGET, MAX_PLACES, MAX_QUOTAS, MAX_RESERVE, MAX_RULES, MAX_SCORE, Pin,
    Policy, Problem, ProblemError, Quota, Rule, Shown, Values, place_weight,
};
pub use search::Workspace;
pub use slate::{Cause, Contradiction, Relaxation, Shortfall, Slate, Solver, Violation};
pub use solve::{solve, solve_with};
