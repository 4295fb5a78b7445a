//! The comparison: every measure of every policy, in every territory, with intervals, and what hangs on what.
//!
//! Intervals are percentile bootstraps over readers, paired: a resample takes the same readers of both policies.
//! Invariant: a claim is said to hold only where its whole interval is on the right side; where it is not, the report
//! says by how much.

use std::fmt;

use indicatif::ProgressBar;
use rand::RngExt;
use serde::Serialize;

use super::assumptions::Assumptions;
use super::outcome::{Measure, Outcome};
use super::policy::Policy;
use super::reader::{Territory, rng};
use super::year::{Plan, SimulateError, run};

/// Resamples of the bootstrap.
const RESAMPLES: u64 = 400;
/// Readers fewer than this make no claim.
const LEAST_READERS: usize = 20;

/// A value and its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Interval {
    /// The value.
    pub value: f64,
    /// 2.5th percentile.
    pub low: f64,
    /// 97.5th percentile.
    pub high: f64,
}

/// How a claim came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The whole interval is on our side.
    Holds,
    /// The interval has 0 in it.
    Open,
    /// The whole interval is on the other side.
    Fails,
    /// Too few readers.
    TooFew,
}

impl Verdict {
    /// Its name in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Open => "open",
            Self::Fails => "FAILS",
            Self::TooFew => "too few readers",
        }
    }
}

/// One measure in one territory.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// What is measured.
    pub measure: Measure,
    /// Where; none is everywhere.
    pub territory: Option<Territory>,
    /// How many readers.
    pub readers: usize,
    /// The value of each policy, in the order of [`Policy::ALL`].
    pub values: Vec<f64>,
    /// The best of the others.
    pub best_other: Policy,
    /// Ours less the best other's, signed so that more is better.
    pub gain: Interval,
    /// Whether ours is better.
    pub verdict: Verdict,
}

/// One assumption changed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Sensitivity {
    /// What was changed.
    pub assumption: String,
    /// The rows of everywhere under it.
    pub rows: Vec<Row>,
}

/// What a simulation found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// Readers, months, offers, seed.
    pub plan: Said,
    /// Every measure everywhere and in each territory.
    pub rows: Vec<Row>,
    /// The same, everywhere, with assumptions changed.
    pub sensitivity: Vec<Sensitivity>,
}

/// The plan, as the report repeats it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Said {
    /// How many readers.
    pub readers: u64,
    /// How many months.
    pub months: u64,
    /// How many offers.
    pub offers: usize,
    /// The seed.
    pub seed: u64,
    /// How many places readers live in; 0 is the catalogue's own towns.
    pub communes: usize,
}

impl Said {
    pub(super) fn of(plan: &Plan) -> Self {
        Self {
            readers: plan.readers,
            months: plan.months,
            offers: plan.offers,
            seed: plan.seed,
            communes: plan.communes.len(),
        }
    }
}

impl fmt::Display for Said {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            readers,
            months,
            offers,
            seed,
            communes: _,
        } = self;
        write!(
            out,
            "{readers} readers, {months} months, {offers} offers, seed {seed}; 95 % intervals over readers"
        )
    }
}

/// Runs every policy, and again under changed assumptions where `sensitivity` asks for it.
pub fn compare(plan: &Plan, sensitivity: bool, bar: &ProgressBar) -> Result<Report, SimulateError> {
    let territories = std::iter::once(None).chain(Territory::ALL.map(Some));
    let rows = rows(plan, &territories.collect::<Vec<_>>(), bar)?;
    let changed = if sensitivity {
        changes(&plan.assumed)
    } else {
        Vec::new()
    };
    let sensitivity = changed.into_iter().map(|(assumption, assumed)| {
        let plan = Plan {
            assumed,
            ..plan.clone()
        };
        Ok(Sensitivity {
            assumption: assumption.into(),
            rows: self::rows(&plan, &[None], bar)?,
        })
    });
    let sensitivity = sensitivity.collect::<Result<_, SimulateError>>()?;
    Ok(Report {
        plan: Said::of(plan),
        rows,
        sensitivity,
    })
}

/// How many days of simulation [`compare`] walks through, for a progress bar.
pub fn days(plan: &Plan, sensitivity: bool) -> u64 {
    let worlds = 1 + if sensitivity {
        changes(&plan.assumed).len() as u64
    } else {
        0
    };
    worlds * Policy::ALL.len() as u64 * plan.months * 30
}

/// The assumptions that conclusions may hang on, each moved far.
fn changes(assumed: &Assumptions) -> Vec<(&'static str, Assumptions)> {
    let far = |times: f64| {
        let mut changed = assumed.clone();
        let reach = &mut changed.reach;
        for way in [&mut reach.rural, &mut reach.town, &mut reach.urban] {
            *way *= times;
        }
        changed
    };
    let novelty = |times: f64| {
        let mut changed = assumed.clone();
        changed.persona.iter_mut().for_each(|persona| persona.novelty *= times);
        changed
    };
    vec![
        ("people go half as far", far(0.5)),
        ("people go twice as far", far(2.0)),
        ("new categories pull half as much", novelty(0.5)),
        ("new categories pull half as much again", novelty(1.5)),
        (
            "nobody cares what others book",
            Assumptions {
                popularity_pull: 0.0,
                ..assumed.clone()
            },
        ),
        (
            "everybody cares twice as much",
            Assumptions {
                popularity_pull: assumed.popularity_pull * 2.0,
                ..assumed.clone()
            },
        ),
        (
            "tastes inside a persona are alike",
            Assumptions {
                taste_noise: 0.1,
                ..assumed.clone()
            },
        ),
        (
            "nothing bores",
            Assumptions {
                boredom: 0.0,
                ..assumed.clone()
            },
        ),
    ]
}

fn rows(plan: &Plan, territories: &[Option<Territory>], bar: &ProgressBar) -> Result<Vec<Row>, SimulateError> {
    let worlds: Vec<(Vec<Outcome>, usize)> = Policy::ALL
        .into_iter()
        .map(|policy| run(plan, policy, bar))
        .collect::<Result<_, _>>()?;
    let venues = worlds.iter().map(|(_, venues)| *venues).max().unwrap_or(0);
    let outcomes: Vec<Vec<Outcome>> = worlds.into_iter().map(|(outcomes, _)| outcomes).collect();
    let each = territories
        .iter()
        .flat_map(|territory| Measure::ALL.map(|measure| (*territory, measure)));
    Ok(each
        .map(|(territory, measure)| row(plan.seed, &outcomes, venues, territory, measure))
        .collect())
}

fn row(seed: u64, outcomes: &[Vec<Outcome>], venues: usize, territory: Option<Territory>, measure: Measure) -> Row {
    let (ours, others) = (Policy::ALL.len() - 1, 0..Policy::ALL.len() - 1);
    let inside = |number: &usize| territory.is_none_or(|territory| outcomes[ours][*number].territory == territory);
    let readers: Vec<usize> = (0..outcomes[ours].len()).filter(inside).collect();
    let value =
        |policy: usize, readers: &[usize]| measure.of(readers.iter().map(|reader| &outcomes[policy][*reader]), venues);
    let values: Vec<f64> = (0..Policy::ALL.len()).map(|policy| value(policy, &readers)).collect();
    let sense = measure.sense();
    let best = others
        .max_by(|one, other| (sense * values[*one]).total_cmp(&(sense * values[*other])))
        .unwrap_or(0);
    let (gain, verdict) = paired(seed ^ best as u64, &readers, |sample| {
        sense * (value(ours, sample) - value(best, sample))
    });
    Row {
        measure,
        territory,
        readers: readers.len(),
        values,
        best_other: Policy::ALL[best],
        gain,
        verdict,
    }
}

/// A difference between two policies over some readers: its interval, and what that says.
pub(super) fn paired(seed: u64, readers: &[usize], difference: impl Fn(&[usize]) -> f64) -> (Interval, Verdict) {
    let mut draws = rng(seed, 0, u64::MAX);
    let mut resample = || -> f64 {
        let one = |_: &usize| readers[draws.random_range(0..readers.len())];
        difference(&readers.iter().map(one).collect::<Vec<_>>())
    };
    let mut drawn: Vec<f64> = (0..RESAMPLES).map(|_| resample()).collect();
    drawn.sort_by(f64::total_cmp);
    let at = |share: f64| drawn[((drawn.len() - 1) as f64 * share).round() as usize];
    let interval = Interval {
        value: difference(readers),
        low: at(0.025),
        high: at(0.975),
    };
    let verdict = match interval {
        _ if readers.len() < LEAST_READERS => Verdict::TooFew,
        Interval { low, .. } if low > 0.0 => Verdict::Holds,
        Interval { high, .. } if high < 0.0 => Verdict::Fails,
        Interval { .. } => Verdict::Open,
    };
    (interval, verdict)
}

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "{}\n", self.plan)?;
        write!(out, "{:<10}{:<36}", "where", "measure")?;
        for policy in Policy::ALL {
            write!(out, "{:>12}", policy.as_str())?;
        }
        writeln!(out, "   gain over the best other")?;
        for row in &self.rows {
            line(out, row.territory.map_or("all", Territory::as_str), row)?;
        }
        for changed in &self.sensitivity {
            writeln!(out, "\n{}", changed.assumption)?;
            for row in &changed.rows {
                line(out, "all", row)?;
            }
        }
        Ok(())
    }
}

fn line(out: &mut fmt::Formatter<'_>, territory: &str, row: &Row) -> fmt::Result {
    write!(out, "{territory:<10}{:<36}", row.measure.as_str())?;
    for value in &row.values {
        write!(out, "{value:>12.3}")?;
    }
    let Interval { value, low, high } = row.gain;
    writeln!(
        out,
        "   {value:+.3} [{low:+.3}, {high:+.3}] over {}: {}",
        row.best_other.as_str(),
        row.verdict.as_str()
    )
}
