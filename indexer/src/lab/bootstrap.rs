//! How sure a difference is: the paired bootstrap over users, and Holm's correction where many are looked at.
//!
//! The same draws of users serve every comparison, so that what is compared is paired (Efron and Tibshirani 1993; Sakai,
//! SIGIR 2006). Invariant: draws depend on the seed alone.

use rayon::prelude::*;

use super::random::Random;

/// How often each user was drawn, for each draw of as many users.
#[derive(Debug, Clone)]
pub struct Draws {
    counts: Vec<Vec<u16>>,
    users: usize,
}

/// A difference, its interval, and how likely chance alone gives as much.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Difference {
    /// Its value over all users.
    pub value: f64,
    /// 2.5 % of draws are below.
    pub low: f64,
    /// 2.5 % of draws are above.
    pub high: f64,
    /// Two-sided.
    pub p: f64,
    /// The same, corrected for all comparisons made together.
    pub p_holm: f64,
}

impl Draws {
    /// So many draws of so many users.
    #[must_use]
    pub fn new(users: usize, draws: usize, seed: u64) -> Self {
        let one = |number: u64| {
            let mut random = Random::new(seed ^ 0xb007_57a9, number);
            let mut counts = vec![0_u16; users];
            (0..users).for_each(|_| counts[random.below(users)] += 1);
            counts
        };
        Self {
            counts: (0..draws as u64).into_par_iter().map(one).collect(),
            users,
        }
    }

    /// How many draws.
    #[must_use]
    pub fn len(&self) -> usize {
        self.counts.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// The mean of a value over the users of each draw, in their order; users without one (not a number) are left out.
    #[must_use]
    pub fn means(&self, values: &[f64]) -> Vec<f64> {
        let known: Vec<f64> = values
            .iter()
            .map(|value| if value.is_nan() { 0.0 } else { *value })
            .collect();
        let all = values.iter().all(|value| !value.is_nan());
        let mean = |counts: &Vec<u16>| {
            let sum: f64 = counts
                .iter()
                .zip(&known)
                .map(|(count, value)| f64::from(*count) * value)
                .sum();
            let drawn = if all {
                self.users as f64
            } else {
                let there = counts.iter().zip(values).filter(|(_, value)| !value.is_nan());
                there.map(|(count, _)| f64::from(*count)).sum()
            };
            if drawn > 0.0 { sum / drawn } else { 0.0 }
        };
        self.counts.iter().map(mean).collect()
    }
}

/// The mean of those who have a value; 0 of nobody.
#[must_use]
pub fn mean(values: &[f64]) -> f64 {
    let known = values.iter().filter(|value| !value.is_nan());
    let (sum, count) = known.fold((0.0, 0_usize), |(sum, count), value| (sum + value, count + 1));
    if count == 0 { 0.0 } else { sum / count as f64 }
}

/// From the value over all users and that of each draw; not yet corrected.
///
/// The p is that of the normal law with the draws' deviation (Efron and Tibshirani 1993, chapter 12): counting draws beyond
/// 0 could never say less than one in their number, which a correction for hundreds of comparisons would make nothing of.
#[must_use]
pub fn difference(value: f64, mut drawn: Vec<f64>) -> Difference {
    let count = drawn.len().max(2) as f64;
    let middle = drawn.iter().sum::<f64>() / count;
    let deviation = (drawn.iter().map(|d| (d - middle) * (d - middle)).sum::<f64>() / (count - 1.0)).sqrt();
    let p = match (deviation > 0.0, value == 0.0) {
        (true, _) => two_sided(value / deviation),
        (false, same) => f64::from(u8::from(same || drawn.is_empty())),
    };
    let (low, high) = interval(&mut drawn);
    Difference {
        value,
        low,
        high,
        p,
        p_holm: p,
    }
}

/// How likely a standard normal number is at least that far from 0: erfc(|z|/√2) by the Chebyshev fit of Press et al.,
/// "Numerical Recipes", section 6.2, wrong by a part in 10⁷ at most.
fn two_sided(z: f64) -> f64 {
    const FIT: [f64; 10] = [
        -1.265_512_23,
        1.000_023_68,
        0.374_091_96,
        0.096_784_18,
        -0.186_288_06,
        0.278_868_07,
        -1.135_203_98,
        1.488_515_87,
        -0.822_152_23,
        0.170_872_77,
    ];
    let x = z.abs() / std::f64::consts::SQRT_2;
    let t = 1.0 / (1.0 + 0.5 * x);
    let fit = FIT.iter().rev().fold(0.0, |sum, term| sum * t + term);
    (t * (fit - x * x).exp()).min(1.0)
}

/// The middle 95 % of draws.
pub fn interval(drawn: &mut [f64]) -> (f64, f64) {
    drawn.sort_by(f64::total_cmp);
    let at = |part: f64| {
        let place = part * drawn.len().saturating_sub(1) as f64;
        drawn.get(place.round() as usize).copied().unwrap_or(0.0)
    };
    (at(0.025), at(0.975))
}

/// Holm's correction (1979): the smallest p times their number, the next times one less, never falling.
pub fn correct(differences: &mut [&mut Difference]) {
    differences.sort_by(|a, b| a.p.total_cmp(&b.p));
    let count = differences.len();
    let mut worst = 0.0_f64;
    for (rank, one) in differences.iter_mut().enumerate() {
        worst = worst.max((one.p * (count - rank) as f64).min(1.0));
        one.p_holm = worst;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holm_is_as_published() {
        // The example of Holm's procedure: 0.01, 0.04, 0.03, 0.005 give 0.03, 0.06, 0.06, 0.02.
        let mut made = [0.01, 0.04, 0.03, 0.005].map(|p| Difference {
            value: 0.0,
            low: 0.0,
            high: 0.0,
            p,
            p_holm: p,
        });
        correct(&mut made.iter_mut().collect::<Vec<_>>());
        for (one, expected) in made.iter().zip([0.03, 0.06, 0.06, 0.02]) {
            assert!((one.p_holm - expected).abs() < 1e-12, "{one:?}");
        }
    }

    #[test]
    fn a_p_is_that_of_the_normal_tables() {
        for (z, p) in [
            (0.0, 1.0),
            (1.0, 0.317_310_5),
            (1.959_964, 0.05),
            (-2.575_829, 0.010_000_008_8),
            (5.0, 5.733_031e-7),
        ] {
            assert!((two_sided(z) - p).abs() < 3e-7 * p + 1e-12, "{z}: {}", two_sided(z));
        }
        assert_eq!(difference(0.0, vec![0.0; 9]).p, 1.0);
        assert_eq!(difference(0.5, vec![0.5; 9]).p, 0.0);
    }

    #[test]
    fn an_interval_is_that_of_the_normal_law() {
        let mut random = Random::new(1, 1);
        let values: Vec<f64> = (0..2_000).map(|_| 0.3 + random.normal()).collect();
        let draws = Draws::new(values.len(), 1_000, 7);
        let found = difference(mean(&values), draws.means(&values));
        let half = 1.96 / 2_000_f64.sqrt();
        assert!((found.high - found.low - 2.0 * half).abs() < 0.2 * half, "{found:?}");
        assert!(found.p < 0.01 && found.low > 0.0, "{found:?}");
    }

    #[test]
    fn no_difference_is_not_found_more_often_than_chance() {
        let found = |seed: u64| {
            let mut random = Random::new(seed, 0);
            let values: Vec<f64> = (0..100).map(|_| random.normal()).collect();
            difference(mean(&values), Draws::new(100, 400, seed).means(&values)).p < 0.05
        };
        let times = (0..200).filter(|seed| found(*seed)).count();
        // Binomial(200, 0.05): above 22 once in ten thousand.
        assert!((1..=22).contains(&times), "{times}");
    }

    #[test]
    fn who_has_no_value_is_left_out() {
        let draws = Draws::new(3, 50, 1);
        let means = draws.means(&[1.0, f64::NAN, 1.0]);
        assert!(means.iter().all(|mean| *mean == 1.0 || *mean == 0.0));
        assert_eq!(mean(&[1.0, f64::NAN, 3.0]), 2.0);
    }
}
