//! What is asked: candidates, rules, pins, quotas, history, and the checks that make a problem solvable.
//!
//! Stands before the solvers on the main path: a [`Problem`] is plain data that anyone may fill in; only the
//! [`Checked`] one that [`Problem::check`] returns can be solved.
//! Invariant: a `Checked` problem holds no number that is not finite and no index out of range.

use std::borrow::Cow;

use smallvec::SmallVec;

/// The values one offer has for one attribute, interned by the caller: none, one, or several (genres).
pub type Values = SmallVec<[u32; 2]>;

/// The most places a slate may have.
pub const MAX_PLACES: usize = 200;
/// The most places that may be kept feasible behind the slate.
pub const MAX_RESERVE: usize = 200;
/// The most quotas one problem may hold.
pub const MAX_QUOTAS: usize = 64;
/// The most rules one problem may hold.
pub const MAX_RULES: usize = 64;
/// The largest score, so that no sum overflows.
pub const MAX_SCORE: f64 = 1e300;
/// The labels a search may make before it answers with what it has and a certified gap.
pub const DEFAULT_BUDGET: usize = 100_000;

/// A budget for live lists: about 3 ms at `k = 50`, under 0.5 % of gap on two rules at `k = 20` (`benches/README.md`).
pub const LIVE_BUDGET: usize = 1_000;

/// One attribute of the candidates, such as the category: `values[i]` belongs to candidate `i`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Attribute {
    /// Its name, for reports.
    pub by: Cow<'static, str>,
    /// The values of each candidate, in the order of `Problem::scores`.
    pub values: Vec<Values>,
}

/// At most `max` offers of one value of an attribute in any `window` consecutive places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Index into `Problem::attributes`.
    pub attribute: usize,
    /// Consecutive places looked at together, at least 1.
    pub window: usize,
    /// How many offers of one value may stand in them; 0 bars every offer that has a value.
    pub max: usize,
    /// A strict rule is never broken (policy [`Policy::Cut`]); a soft one gives way, and each break is listed.
    pub strict: bool,
}

/// A candidate that must stand at a rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pin {
    /// Index into `Problem::scores`.
    pub candidate: u32,
    /// Its place, from 0.
    pub rank: usize,
}

/// At least `min` and at most `max` offers that have `value`, in the first `first` places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// Index into `Problem::attributes`.
    pub attribute: usize,
    /// The value counted.
    pub value: u32,
    /// The fewest offers with the value; 0 asks nothing.
    pub min: usize,
    /// The most offers with the value; `None` bars nothing.
    pub max: Option<usize>,
    /// The places counted; `None` is all `k`.
    pub first: Option<usize>,
}

impl Quota {
    /// `min`, or one more than any list could hold.
    pub(super) fn wanted(&self) -> usize {
        self.min.min(MAX_PLACES + 1)
    }
}

/// One offer shown before this slate: its values, one entry for each attribute of the problem.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shown {
    /// `values[a]` belongs to `Problem::attributes[a]`.
    pub values: Vec<Values>,
}

/// What happens when the rules cannot all be met over `k` places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Policy {
    /// The longest legal list, and the best of those.
    #[default]
    Cut,
    /// Full length: fewest breaks (of strict rules, then of soft ones), then value.
    Relax,
}

/// A problem as filled in by a caller. Equal scores are resolved by index, so give candidates in id order.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// Relevance of each candidate, finite and at least 0.
    pub scores: Vec<f64>,
    /// Attributes that rules and quotas speak of.
    pub attributes: Vec<Attribute>,
    /// Places wanted, 1 to [`MAX_PLACES`].
    pub k: usize,
    /// The rules, in any number up to [`MAX_RULES`].
    pub rules: Vec<Rule>,
    /// Offers with a fixed place.
    pub pins: Vec<Pin>,
    /// Candidates that may not stand.
    pub exclude: Vec<u32>,
    /// Counts over the first places, up to [`MAX_QUOTAS`].
    pub quotas: Vec<Quota>,
    /// What was shown just before, oldest first.
    pub history: Vec<Shown>,
    /// What gives when not everything can be met.
    pub policy: Policy,
    /// Places after the `k` that must stay fillable, as many as any joint plan could fill: pages to come.
    pub reserve: usize,
    /// Labels the search may make before it answers with a certified gap.
    pub budget: usize,
}

impl Default for Problem {
    fn default() -> Self {
        Self {
            scores: Vec::new(),
            attributes: Vec::new(),
            k: 20,
            rules: Vec::new(),
            pins: Vec::new(),
            exclude: Vec::new(),
            quotas: Vec::new(),
            history: Vec::new(),
            policy: Policy::Cut,
            reserve: 0,
            budget: DEFAULT_BUDGET,
        }
    }
}

/// Why a problem cannot be solved as it stands. Contradictions are not errors: they are a verdict of the slate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProblemError {
    /// `k` outside 1 to 200.
    #[error("k must be 1 to {MAX_PLACES}, got {0}")]
    Places(usize),
    /// More reserve than allowed.
    #[error("reserve must be at most {MAX_RESERVE}, got {0}")]
    Reserve(usize),
    /// A score that is negative, not a number, or past [`MAX_SCORE`].
    #[error("the score of candidate {0} must be finite, at least 0 and at most 1e300")]
    Score(usize),
    /// More candidates than an index can name.
    #[error("{0} candidates are too many")]
    Candidates(usize),
    /// An attribute without exactly one entry for each candidate.
    #[error("attribute {attribute} has values for {got} candidates of {expected}")]
    AttributeLength {
        /// The attribute's index.
        attribute: usize,
        /// Entries found.
        got: usize,
        /// Entries needed.
        expected: usize,
    },
    /// A rule of an attribute that is not there.
    #[error("rule {0} speaks of an attribute that is not there")]
    RuleAttribute(usize),
    /// A rule over no places.
    #[error("the window of rule {0} must be at least 1")]
    RuleWindow(usize),
    /// Too many rules.
    #[error("at most {MAX_RULES} rules, got {0}")]
    Rules(usize),
    /// A pin of a candidate that is not there.
    #[error("pin {0} names a candidate that is not there")]
    PinCandidate(usize),
    /// A pin beyond the last place.
    #[error("the rank of pin {0} must be below k")]
    PinRank(usize),
    /// An exclusion of a candidate that is not there.
    #[error("exclusion {0} names a candidate that is not there")]
    ExcludeCandidate(usize),
    /// A quota of an attribute that is not there.
    #[error("quota {0} speaks of an attribute that is not there")]
    QuotaAttribute(usize),
    /// Too many quotas.
    #[error("at most {MAX_QUOTAS} quotas, got {0}")]
    Quotas(usize),
    /// A history entry without exactly one entry for each attribute.
    #[error("history entry {0} must have one entry for each attribute")]
    History(usize),
}

impl ProblemError {
    /// A short stable name, for machines.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Places(_) => "k_out_of_range",
            Self::Reserve(_) => "reserve_out_of_range",
            Self::Score(_) => "invalid_score",
            Self::Candidates(_) => "too_many_candidates",
            Self::AttributeLength { .. } => "attribute_length",
            Self::RuleAttribute(_) | Self::QuotaAttribute(_) => "unknown_attribute",
            Self::RuleWindow(_) => "invalid_window",
            Self::Rules(_) => "too_many_rules",
            Self::PinCandidate(_) | Self::ExcludeCandidate(_) => "unknown_candidate",
            Self::PinRank(_) => "pin_out_of_range",
            Self::Quotas(_) => "too_many_quotas",
            Self::History(_) => "invalid_history",
        }
    }
}

/// A problem that passed [`Problem::check`]: the only kind that can be solved.
#[derive(Debug, Clone, PartialEq)]
pub struct Checked(Problem);

impl Checked {
    /// The problem, to read.
    #[must_use]
    pub fn problem(&self) -> &Problem {
        &self.0
    }

    /// The problem, to change and check again.
    #[must_use]
    pub fn into_problem(self) -> Problem {
        self.0
    }

    /// The same problem with another policy; nothing that was checked depends on it.
    pub(super) fn with_policy(&self, policy: Policy, budget: usize) -> Self {
        Self(Problem {
            policy,
            budget,
            reserve: 0,
            ..self.0.clone()
        })
    }

    /// The same problem without one rule; the counterfactual of an explanation.
    pub(super) fn without_rule(&self, rule: usize) -> Self {
        let mut problem = self.0.clone();
        if rule < problem.rules.len() {
            problem.rules.remove(rule);
        }
        Self(problem)
    }
}

impl Problem {
    /// Checks every number and index once.
    ///
    /// # Errors
    /// The first fault found, see [`ProblemError`].
    pub fn check(self) -> Result<Checked, ProblemError> {
        self.check_sizes()?;
        self.check_candidates()?;
        self.check_rules()?;
        self.check_pins()?;
        self.check_quotas_and_history()?;
        Ok(Checked(self))
    }

    fn check_sizes(&self) -> Result<(), ProblemError> {
        if self.k == 0 || self.k > MAX_PLACES {
            return Err(ProblemError::Places(self.k));
        }
        if self.reserve > MAX_RESERVE {
            return Err(ProblemError::Reserve(self.reserve));
        }
        if self.rules.len() > MAX_RULES {
            return Err(ProblemError::Rules(self.rules.len()));
        }
        if self.quotas.len() > MAX_QUOTAS {
            return Err(ProblemError::Quotas(self.quotas.len()));
        }
        if u32::try_from(self.scores.len()).is_err() {
            return Err(ProblemError::Candidates(self.scores.len()));
        }
        Ok(())
    }

    fn check_candidates(&self) -> Result<(), ProblemError> {
        if let Some(bad) = self.scores.iter().position(|s| !(0.0..=MAX_SCORE).contains(s)) {
            return Err(ProblemError::Score(bad));
        }
        let expected = self.scores.len();
        for (attribute, a) in self.attributes.iter().enumerate() {
            let got = a.values.len();
            if got != expected {
                return Err(ProblemError::AttributeLength {
                    attribute,
                    got,
                    expected,
                });
            }
        }
        Ok(())
    }

    fn check_rules(&self) -> Result<(), ProblemError> {
        for (i, rule) in self.rules.iter().enumerate() {
            if rule.attribute >= self.attributes.len() {
                return Err(ProblemError::RuleAttribute(i));
            }
            if rule.window == 0 {
                return Err(ProblemError::RuleWindow(i));
            }
        }
        Ok(())
    }

    fn check_pins(&self) -> Result<(), ProblemError> {
        for (i, pin) in self.pins.iter().enumerate() {
            if pin.candidate as usize >= self.scores.len() {
                return Err(ProblemError::PinCandidate(i));
            }
            if pin.rank >= self.k {
                return Err(ProblemError::PinRank(i));
            }
        }
        match self.exclude.iter().position(|c| *c as usize >= self.scores.len()) {
            Some(bad) => Err(ProblemError::ExcludeCandidate(bad)),
            None => Ok(()),
        }
    }

    fn check_quotas_and_history(&self) -> Result<(), ProblemError> {
        let attributes = self.attributes.len();
        if let Some(bad) = self.quotas.iter().position(|q| q.attribute >= attributes) {
            return Err(ProblemError::QuotaAttribute(bad));
        }
        match self.history.iter().position(|h| h.values.len() != attributes) {
            Some(bad) => Err(ProblemError::History(bad)),
            None => Ok(()),
        }
    }
}

/// The weight of a place: `1 / log2(rank + 2)`, rank from 0.
#[must_use]
pub fn place_weight(rank: usize) -> f64 {
    1.0 / ((rank + 2) as f64).log2()
}
