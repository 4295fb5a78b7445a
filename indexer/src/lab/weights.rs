//! Weights of the score learnt from what was shown: a logistic regression on logged impressions, with how sure each weight is.
//!
//! P(click) = 1/(1 + exp(−(b + w·x))), w by Newton's method with a small ridge; the covariance of weights is that of the
//! sandwich over readers (Huber 1967; White 1980), since what one reader does is not independent. Features are in [0, 1], as the
//! engine's are. Our own code: `linfa-logistic` gives no covariance, and fits by line search. Invariant: weights that do not beat
//! the default ones on readers not seen are told as such, never as better.

use std::collections::BTreeMap;

use florilege_engine::model::linear::Cholesky;
use serde::{Deserialize, Serialize};

use super::bootstrap::{Difference, Draws, difference, mean};

/// Newton steps, at most.
const STEPS: usize = 50;
/// Weight of ½|w|², on all but the base.
const RIDGE: f64 = 1e-3;
/// 97.5 % of a normal law.
const SURE: f64 = 1.959_964;
/// One reader in so many judges and does not teach.
const JUDGES: u64 = 5;

/// Something that was on the screen.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shown {
    /// To whom.
    pub reader: u64,
    /// Features of the score by name; an absent one is 0.
    pub features: BTreeMap<String, f64>,
    /// Whether it was taken.
    pub taken: bool,
    /// The score that it was shown with.
    #[serde(default)]
    pub score: f64,
}

/// A weight and how sure it is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Weight {
    /// The feature.
    pub name: String,
    /// Log-odds for a feature of 1 against 0.
    pub value: f64,
    /// 2.5 % are below.
    pub low: f64,
    /// 2.5 % are above.
    pub high: f64,
}

/// What was learnt.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Learnt {
    /// Log-odds with no feature.
    pub base: f64,
    /// By name.
    pub weights: Vec<Weight>,
    /// Impressions learnt from.
    pub shown: usize,
    /// Readers that judged, with something taken and something not.
    pub judged: usize,
    /// Of a judging reader's pairs of a taken offer and one that was not, the part in the right order.
    pub auc: f64,
    /// The same of the scores that were shown with.
    pub auc_before: f64,
    /// The gain.
    pub gain: Difference,
    /// Whether these weights surely do better than those in use.
    pub better: bool,
}

/// Why nothing can be learnt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WeightsError {
    /// Everything was taken, or nothing.
    #[error("impressions must be there, some taken and some not")]
    OneSided,
    /// A feature that is no number.
    #[error("features must be finite")]
    Feature,
    /// Features that say the same.
    #[error("the features cannot be told apart")]
    Singular,
}

/// Learns from four readers in five, judges by the fifth.
///
/// # Errors
/// See [`WeightsError`].
pub fn learn(shown: &[Shown], seed: u64) -> Result<Learnt, WeightsError> {
    if shown.iter().any(|one| one.features.values().any(|x| !x.is_finite())) {
        return Err(WeightsError::Feature);
    }
    let mut names: Vec<&str> = shown
        .iter()
        .flat_map(|one| one.features.keys().map(String::as_str))
        .collect();
    names.sort_unstable();
    names.dedup();
    let row = |one: &Shown| {
        let feature = |name: &&str| one.features.get(*name).copied().unwrap_or(0.0);
        std::iter::once(1.0)
            .chain(names.iter().map(feature))
            .collect::<Vec<f64>>()
    };
    let judges = |one: &&Shown| {
        super::random::Random::new(seed, one.reader)
            .bits()
            .is_multiple_of(JUDGES)
    };
    let taught: Vec<(Vec<f64>, bool, u64)> = shown
        .iter()
        .filter(|one| !judges(one))
        .map(|one| (row(one), one.taken, one.reader))
        .collect();
    if taught.iter().all(|one| one.1) || !taught.iter().any(|one| one.1) {
        return Err(WeightsError::OneSided);
    }
    let w = fit(&taught)?;
    let deviations = deviations(&taught, &w)?;
    let mut of_reader: BTreeMap<u64, Vec<(f64, f64, bool)>> = BTreeMap::new();
    for one in shown.iter().filter(judges) {
        let both = (dot(&row(one), &w), one.score, one.taken);
        of_reader.entry(one.reader).or_default().push(both);
    }
    let part = |pick: fn(&(f64, f64, bool)) -> f64| -> Vec<f64> {
        let of = |all: &Vec<(f64, f64, bool)>| ordered(&all.iter().map(|one| (pick(one), one.2)).collect::<Vec<_>>());
        of_reader.values().filter_map(of).collect()
    };
    let (after, before) = (part(|one| one.0), part(|one| one.1));
    let differences: Vec<f64> = after.iter().zip(&before).map(|(a, b)| a - b).collect();
    let gain = difference(
        mean(&differences),
        Draws::new(after.len(), 1_000, seed).means(&differences),
    );
    let weight = |(at, name): (usize, &&str)| Weight {
        name: (*name).to_owned(),
        value: w[at + 1],
        low: w[at + 1] - SURE * deviations[at + 1],
        high: w[at + 1] + SURE * deviations[at + 1],
    };
    Ok(Learnt {
        base: w[0],
        weights: names.iter().enumerate().map(weight).collect(),
        shown: taught.len(),
        judged: after.len(),
        auc: mean(&after),
        auc_before: mean(&before),
        gain,
        better: after.len() > 1 && gain.low > 0.0,
    })
}

/// The part of pairs, a taken one and one that was not, that scores put in the right order; ties are half right.
fn ordered(scored: &[(f64, bool)]) -> Option<f64> {
    let of = |taken: bool| scored.iter().filter(move |one| one.1 == taken).map(|one| one.0);
    let (mut right, mut pairs) = (0.0, 0.0);
    for yes in of(true) {
        for no in of(false) {
            pairs += 1.0;
            right += if yes > no {
                1.0
            } else {
                0.5 * f64::from(u8::from(yes >= no))
            };
        }
    }
    (pairs > 0.0).then(|| right / pairs)
}

fn dot(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(a, b)| a * b).sum()
}

fn chance(x: &[f64], w: &[f64]) -> f64 {
    1.0 / (1.0 + (-dot(x, w)).exp())
}

type Taught = [(Vec<f64>, bool, u64)];

/// Newton's method: steps are halved while they make things worse.
fn fit(taught: &Taught) -> Result<Vec<f64>, WeightsError> {
    let mut w = vec![0.0; taught[0].0.len()];
    let mut before = loss(taught, &w);
    for _ in 0..STEPS {
        let mut slope = vec![0.0; w.len()];
        for (x, taken, _) in taught {
            let miss = chance(x, &w) - f64::from(u8::from(*taken));
            slope.iter_mut().zip(x).for_each(|(sum, x)| *sum += miss * x);
        }
        (1..w.len()).for_each(|at| slope[at] += RIDGE * w[at]);
        let factor = curvature(taught, &w)?;
        let step = solved(&factor, &slope);
        let mut size = 1.0;
        let next = loop {
            let next: Vec<f64> = w.iter().zip(&step).map(|(w, step)| w - size * step).collect();
            if loss(taught, &next) <= before || size < 1e-6 {
                break next;
            }
            size /= 2.0;
        };
        let now = loss(taught, &next);
        w = next;
        if before - now < 1e-12 * before.abs() {
            break;
        }
        before = now;
    }
    Ok(w)
}

fn loss(taught: &Taught, w: &[f64]) -> f64 {
    let one = |(x, taken, _): &(Vec<f64>, bool, u64)| {
        let odds = dot(x, w);
        // ln(1 + e^z) without running over.
        odds.max(0.0) + (-odds.abs()).exp().ln_1p() - if *taken { odds } else { 0.0 }
    };
    taught.iter().map(one).sum::<f64>() + 0.5 * RIDGE * w[1..].iter().map(|w| w * w).sum::<f64>()
}

/// The factor of the loss's second derivative.
fn curvature(taught: &Taught, w: &[f64]) -> Result<Cholesky, WeightsError> {
    let size = w.len();
    let mut sum = vec![0.0; size * size];
    for (x, ..) in taught {
        let p = chance(x, w);
        for row in 0..size {
            (0..=row).for_each(|column| sum[row * size + column] += p * (1.0 - p) * x[row] * x[column]);
        }
    }
    (1..size).for_each(|at| sum[at * size + at] += RIDGE);
    Cholesky::of(sum, size).ok_or(WeightsError::Singular)
}

fn solved(factor: &Cholesky, b: &[f64]) -> Vec<f64> {
    let mut x = b.to_vec();
    factor.solve(&mut x);
    x
}

/// Standard errors of weights: roots of the diagonal of H⁻¹ (Σ over readers of gᵣgᵣᵀ) H⁻¹.
fn deviations(taught: &Taught, w: &[f64]) -> Result<Vec<f64>, WeightsError> {
    let mut of_reader: BTreeMap<u64, Vec<f64>> = BTreeMap::new();
    for (x, taken, reader) in taught {
        let miss = chance(x, w) - f64::from(u8::from(*taken));
        let sum = of_reader.entry(*reader).or_insert_with(|| vec![0.0; w.len()]);
        sum.iter_mut().zip(x).for_each(|(sum, x)| *sum += miss * x);
    }
    let factor = curvature(taught, w)?;
    let mut variance = vec![0.0; w.len()];
    for slope in of_reader.values() {
        let moved = solved(&factor, slope);
        variance.iter_mut().zip(moved).for_each(|(sum, x)| *sum += x * x);
    }
    let readers = of_reader.len() as f64;
    let few = readers / (readers - 1.0).max(1.0);
    Ok(variance.into_iter().map(|sum| (few * sum).sqrt()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::random::Random;

    const TRUE: [(&str, f64); 3] = [("near", 1.5), ("taste", 2.5), ("unsaid", 0.0)];

    /// Impressions of readers, taken by the law with these weights; shown with a score of noise.
    fn shown(readers: u64, seed: u64) -> Vec<Shown> {
        let one = |reader: u64, number: u64| {
            let mut random = Random::new(seed, reader << 8 | number);
            let features: BTreeMap<String, f64> =
                TRUE.iter().map(|(name, _)| ((*name).into(), random.unit())).collect();
            let odds: f64 = -2.5 + TRUE.iter().map(|(name, w)| w * features[*name]).sum::<f64>();
            Shown {
                reader,
                taken: random.unit() < 1.0 / (1.0 + (-odds).exp()),
                score: random.unit(),
                features,
            }
        };
        (0..readers)
            .flat_map(|reader| (0..12).map(move |number| (reader, number)))
            .map(|(r, n)| one(r, n))
            .collect()
    }

    #[test]
    fn the_weights_of_a_known_law_come_back_within_their_intervals() {
        let found = learn(&shown(900, 3), 1).expect("weights");
        for (weight, (name, value)) in found.weights.iter().zip(TRUE) {
            assert_eq!(weight.name, name);
            assert!(weight.low < value && value < weight.high, "{weight:?}");
            assert!(weight.high - weight.low < 0.6, "{weight:?}");
        }
        assert!(
            found.better && found.auc > 0.65 && (found.auc_before - 0.5).abs() < 0.06,
            "{found:?}"
        );
    }

    #[test]
    fn intervals_hold_about_as_often_as_they_say() {
        let holds = |seed: u64| {
            let found = learn(&shown(120, 100 + seed), seed).expect("weights");
            let within =
                |(weight, (_, value)): (&Weight, (&str, f64))| usize::from(weight.low < value && value < weight.high);
            found.weights.iter().zip(TRUE).map(within).sum::<usize>()
        };
        let held: usize = (0..60).map(holds).sum();
        // Binomial(180, 0.95): below 160 once in a thousand.
        assert!(held >= 160, "{held} of 180");
    }

    #[test]
    fn the_slope_at_the_optimum_is_nothing() {
        let all = shown(100, 9);
        let taught: Vec<(Vec<f64>, bool, u64)> = all
            .iter()
            .map(|one| {
                (
                    std::iter::once(1.0).chain(one.features.values().copied()).collect(),
                    one.taken,
                    one.reader,
                )
            })
            .collect();
        let w = fit(&taught).expect("weights");
        let at = |at: usize, by: f64| {
            let mut moved = w.clone();
            moved[at] += by;
            loss(&taught, &moved)
        };
        for place in 0..w.len() {
            let slope = (at(place, 1e-4) - at(place, -1e-4)) / 2e-4;
            assert!(slope.abs() < 1e-3, "{place}: {slope}");
        }
    }

    #[test]
    fn what_teaches_nothing_is_told() {
        let mut all = shown(50, 1);
        all.iter_mut().for_each(|one| one.taken = true);
        assert_eq!(learn(&all, 1), Err(WeightsError::OneSided));
        assert_eq!(learn(&[], 1), Err(WeightsError::OneSided));
        all[0].features.insert("near".into(), f64::NAN);
        assert_eq!(learn(&all, 1), Err(WeightsError::Feature));
        // Weights in use that are the law itself are not beaten.
        let mut good = shown(400, 5);
        for one in &mut good {
            one.score = TRUE.iter().map(|(name, w)| w * one.features[*name]).sum();
        }
        assert!(!learn(&good, 1).expect("weights").better);
    }
}
