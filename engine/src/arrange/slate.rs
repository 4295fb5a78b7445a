//! What is answered: the places, their value with a proof, and what could not be met.
//!
//! Stands at the end of the main path; filled in by `solve` and `report`, read by the pipeline and the command line.
//! Invariant: `gap` is 0 when the answer is proven best, and never below the true gap otherwise.

use super::problem::{Problem, Shown};

/// Which solver gave the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Solver {
    /// No rule, pin or quota bound anything: the candidates in order of score.
    Sort,
    /// The search over threshold prefixes, for one strict rule of window 2 and max 1.
    Threshold,
    /// The unfiltered labelled search, for everything else.
    Labels,
}

impl Solver {
    /// Its name in an answer.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Sort => "sort",
            Self::Threshold => "threshold_dp",
            Self::Labels => "label_search",
        }
    }
}

/// A rule broken at a rank: the offer there has a value that stands more than `max` times in the window that ends there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Violation {
    /// Index of the rule.
    pub rule: usize,
    /// The last place of the window.
    pub rank: usize,
}

/// What stopped the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// Too few candidates.
    Candidates,
    /// A strict rule bars every candidate left.
    Rule,
    /// A pin cannot stand where it must.
    Pin,
    /// A quota's `max` bars every candidate left, or its `min` cannot be reached.
    Quota,
}

impl Cause {
    /// Its name in an answer.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Candidates => "candidates",
            Self::Rule => "rule",
            Self::Pin => "pin",
            Self::Quota => "quota",
        }
    }
}

/// The smallest relaxation that fills the list, and what it costs and brings.
#[derive(Debug, Clone, PartialEq)]
pub struct Relaxation {
    /// The breaks it needs.
    pub breaks: Vec<Violation>,
    /// Places it fills.
    pub places: usize,
    /// The value of the list with those breaks.
    pub value: f64,
    /// Whether no list as long has fewer breaks, proven.
    pub proven: bool,
}

/// What is missing, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Shortfall {
    /// Places missing to `k`.
    pub missing: usize,
    /// The first place that could not be filled as asked.
    pub rank: usize,
    /// What stopped it.
    pub cause: Cause,
    /// The rule that bars most of the candidates left there.
    pub rule: Option<usize>,
    /// The quota that bars them, or that is not reached.
    pub quota: Option<usize>,
    /// The value that is used up or missing.
    pub value: Option<u32>,
    /// Pins (by index) that are not met.
    pub pins: Vec<usize>,
    /// Offers still missing to the quotas' `min`, in all.
    pub quota_missing: usize,
    /// The smallest relaxation, when giving way on rules would help.
    pub relaxation: Option<Relaxation>,
}

/// Two demands that no list can meet together, found before solving.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Contradiction {
    /// Two pins ask for one rank, or one candidate for two.
    Pins {
        /// Index of the first pin.
        first: usize,
        /// Index of the second.
        second: usize,
    },
    /// A pinned candidate is excluded.
    PinExcluded {
        /// Index of the pin.
        pin: usize,
    },
    /// Pins (with the history) break a strict rule by themselves.
    PinsRule {
        /// Index of the rule.
        rule: usize,
        /// The rank where it breaks.
        rank: usize,
        /// The value that stands too often.
        value: u32,
    },
    /// A quota asks for more than its places, its `max`, or the candidates can give.
    Quota {
        /// Index of the quota.
        quota: usize,
    },
}

/// A list, and the proof of how good it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Slate {
    /// Candidate indices, in order of place.
    pub places: Vec<u32>,
    /// Discounted relevance: sum of score times place weight.
    pub value: f64,
    /// No list that the problem allows is worth more.
    pub bound: f64,
    /// `1 - value / bound`, 0 when the bound is 0.
    pub gap: f64,
    /// Whether the list is full and nothing strict, pinned or counted is broken.
    pub satisfied: bool,
    /// Each break of a soft rule, or of any rule under [`super::Policy::Relax`], by rank.
    pub violations: Vec<Violation>,
    /// What is missing when it is not satisfied.
    pub shortfall: Option<Shortfall>,
    /// Strict rules that gave way (policy relax), by index, with the number of breaks.
    pub relaxed: Vec<(usize, usize)>,
    /// What contradicts what, whatever the list.
    pub contradictions: Vec<Contradiction>,
    /// Which solver answered.
    pub solver: Solver,
    /// Whether length, breaks and value are all proven best.
    pub exact: bool,
    /// Labels the search made.
    pub labels: usize,
}

impl Slate {
    /// What the next page must know: the history, then this slate, as far back as some rule looks.
    #[must_use]
    pub fn carry(&self, problem: &Problem) -> Vec<Shown> {
        let seen = |c: &u32| Shown {
            values: problem
                .attributes
                .iter()
                .map(|a| a.values[*c as usize].clone())
                .collect(),
        };
        let reach = problem.rules.iter().map(|r| r.window - 1).max().unwrap_or(0);
        let mut shown: Vec<Shown> = problem
            .history
            .iter()
            .cloned()
            .chain(self.places.iter().map(seen))
            .collect();
        shown.split_off(shown.len().saturating_sub(reach))
    }
}
