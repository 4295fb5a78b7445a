//! Soft models against slow twins: every set, the determinant itself, and strength 0 as pure relevance.

use rand::{RngExt, SeedableRng};

use crate::arrange::Values;
use crate::arrange::soft::blend::{Blend, blend};
use crate::arrange::soft::{self, Strength, Vectors, adjusted, calibration, dpp, mmr, ssd, xquad};

fn rng(seed: u64) -> rand_pcg::Pcg64Mcg {
    rand_pcg::Pcg64Mcg::seed_from_u64(seed)
}

fn strength(s: f64) -> Strength {
    Strength::new(s).unwrap()
}

fn random_scores(rng: &mut rand_pcg::Pcg64Mcg, n: usize) -> Vec<f64> {
    (0..n).map(|_| rng.random_range(0.0..1.0)).collect()
}

fn random_vectors(rng: &mut rand_pcg::Pcg64Mcg, n: usize, d: usize) -> Vectors {
    Vectors::new((0..n * d).map(|_| rng.random_range(-1.0..1.0)).collect(), d).unwrap()
}

fn calibrated_worth(scores: &[f64], category: &[u32], target: &[f64], k: usize, s: f64, set: &[usize]) -> f64 {
    let best = scores.iter().copied().fold(0.0, f64::max);
    let relevance: f64 = set.iter().map(|i| scores[*i] / best).sum();
    let count = |c: usize| set.iter().filter(|i| category[**i] as usize == c).count() as f64;
    let sum: f64 = target.iter().sum();
    let shares = target.iter().map(|p| p / sum).enumerate().filter(|(_, p)| *p > 0.0);
    let fit: f64 = shares
        .map(|(c, p)| p * (0.99 * count(c) / k as f64 + 0.01 * p).ln())
        .sum();
    (1.0 - s) * relevance + s * fit
}

#[test]
fn calibration_is_the_best_of_all_sets() {
    let mut rng = rng(31);
    for case in 0..300 {
        let n = rng.random_range(2..=10_usize);
        let k = rng.random_range(1..=n.min(5));
        let scores = random_scores(&mut rng, n);
        let category: Vec<u32> = (0..n).map(|_| rng.random_range(0..4)).collect();
        let target: Vec<f64> = (0..3)
            .map(|c| if c == 0 { 1.0 } else { rng.random_range(0.0..1.0) })
            .collect();
        let s = rng.random_range(0.0..=1.0);
        let picked = calibration::pick(&scores, &category, &target, k, strength(s)).unwrap();
        let worth = |set: &[usize]| calibrated_worth(&scores, &category, &target, k, s, set);
        let found = worth(&picked.order.iter().map(|i| *i as usize).collect::<Vec<_>>());
        let sets = (0_u32..1 << n).filter(|m| m.count_ones() as usize == k);
        let best = sets
            .map(|m| worth(&(0..n).filter(|i| m >> i & 1 == 1).collect::<Vec<_>>()))
            .fold(f64::MIN, f64::max);
        assert!((found - best).abs() < 1e-9, "case {case}: {found} {best}");
    }
}

/// Determinant by elimination with pivots.
fn determinant(mut m: Vec<Vec<f64>>) -> f64 {
    let n = m.len();
    let mut det = 1.0;
    for i in 0..n {
        let pivot = (i..n).max_by(|a, b| m[*a][i].abs().total_cmp(&m[*b][i].abs())).unwrap();
        m.swap(i, pivot);
        det *= if i == pivot { m[i][i] } else { -m[i][i] };
        for r in i + 1..n {
            let f = m[r][i] / m[i][i];
            let above = m[i].clone();
            m[r].iter_mut().zip(&above).skip(i).for_each(|(x, y)| *x -= f * y);
        }
    }
    det
}

#[test]
fn dpp_is_greedy_on_the_determinant() {
    let mut rng = rng(32);
    for _ in 0..40 {
        let (n, k) = (12, 6);
        let scores = random_scores(&mut rng, n);
        let vectors = random_vectors(&mut rng, n, 10);
        let s = rng.random_range(0.2..1.0);
        let picked = dpp::pick(&scores, &vectors, k, strength(s)).unwrap();
        let best = scores.iter().copied().fold(0.0, f64::max);
        let quality = |i: usize| (((1.0 - s) / s) * scores[i] / best / 2.0).exp();
        let entry = |a: usize, b: usize| {
            let jitter = if a == b { 1e-6 } else { 0.0 };
            quality(a) * quality(b) * (f64::from(vectors.similarity(a, b)) + jitter)
        };
        let det = |set: &[usize]| {
            determinant(
                set.iter()
                    .map(|a| set.iter().map(|b| entry(*a, *b)).collect())
                    .collect(),
            )
        };
        let mut set: Vec<usize> = Vec::new();
        for pick in &picked.order {
            let with = |i: usize| det(&set.iter().copied().chain([i]).collect::<Vec<_>>());
            let left: Vec<usize> = (0..n).filter(|i| !set.contains(i)).collect();
            let most = left.iter().map(|i| with(*i)).fold(f64::MIN, f64::max);
            assert!(with(*pick as usize) >= most * (1.0 - 1e-4));
            set.push(*pick as usize);
        }
    }
}

#[test]
fn mmr_follows_its_formula() {
    let mut rng = rng(33);
    let (n, s) = (20, 0.4);
    let scores = random_scores(&mut rng, n);
    let vectors = random_vectors(&mut rng, n, 8);
    let best = scores.iter().copied().fold(0.0, f64::max);
    let picked = mmr::pick(&scores, &vectors, 8, strength(s)).unwrap().order;
    for (t, pick) in picked.iter().enumerate() {
        let near = |i: usize| {
            picked[..t]
                .iter()
                .map(|j| f64::from(vectors.similarity(i, *j as usize)))
                .fold(f64::MIN, f64::max)
        };
        let worth = |i: usize| (1.0 - s) * scores[i] / best - if t == 0 { 0.0 } else { s * near(i) };
        let left = (0..n).filter(|i| !picked[..t].contains(&(*i as u32)));
        assert!(left.map(worth).all(|w| w <= worth(*pick as usize) + 1e-12));
    }
}

#[test]
fn ssd_measures_the_volume_of_the_window() {
    let mut rng = rng(34);
    let (n, s, window) = (15, 0.7, 3);
    let scores = random_scores(&mut rng, n);
    let vectors = random_vectors(&mut rng, n, 6);
    let best = scores.iter().copied().fold(0.0, f64::max);
    let picked = ssd::pick(&scores, &vectors, 3, window, strength(s)).unwrap().order;
    for (t, pick) in picked.iter().enumerate() {
        let gram = |i: usize| {
            let set: Vec<usize> = picked[..t].iter().map(|j| *j as usize).chain([i]).collect();
            let rows = set
                .iter()
                .map(|a| set.iter().map(|b| f64::from(vectors.similarity(*a, *b))).collect())
                .collect();
            determinant(rows).max(0.0).sqrt()
        };
        let worth = |i: usize| (1.0 - s) * scores[i] / best + s * gram(i);
        let left = (0..n).filter(|i| !picked[..t].contains(&(*i as u32)));
        assert!(left.map(worth).all(|w| w <= worth(*pick as usize) + 1e-5));
    }
}

#[test]
fn xquad_turns_to_what_is_unmet() {
    let genres: Vec<Values> = [0, 0, 1].iter().map(|g| Values::from_slice(&[*g])).collect();
    let picked = xquad::pick(&[1.0, 0.9, 0.5], &genres, &[0.6, 0.4], 2, strength(0.8)).unwrap();
    assert_eq!(picked.order, [0, 2]);
    assert!((picked.metric - 1.0).abs() < 1e-12);
    let one = xquad::pick(&[1.0, 0.9, 0.5], &genres, &[0.6, 0.4], 1, strength(0.8)).unwrap();
    assert!((one.metric - 0.6).abs() < 1e-12);
}

#[test]
fn strength_zero_is_pure_relevance() {
    let mut rng = rng(35);
    let scores = random_scores(&mut rng, 30);
    let vectors = random_vectors(&mut rng, 30, 8);
    let categories: Vec<u32> = (0..30).map(|i| i % 5).collect();
    let genres: Vec<Values> = categories.iter().map(|g| Values::from_slice(&[*g])).collect();
    let zero = strength(0.0);
    let ranked: Vec<u32> = soft::by_relevance(&scores)[..10].to_vec();
    assert_eq!(dpp::pick(&scores, &vectors, 10, zero).unwrap().order, ranked);
    assert_eq!(mmr::pick(&scores, &vectors, 10, zero).unwrap().order, ranked);
    assert_eq!(ssd::pick(&scores, &vectors, 10, 4, zero).unwrap().order, ranked);
    assert_eq!(
        xquad::pick(&scores, &genres, &[1.0; 5], 10, zero).unwrap().order,
        ranked
    );
    assert_eq!(
        calibration::pick(&scores, &categories, &[1.0; 5], 10, zero)
            .unwrap()
            .order,
        ranked
    );
    assert_eq!(adjusted(&scores, &ranked), scores);
}

#[test]
fn adjusted_scores_follow_the_order() {
    let made = adjusted(&[0.9, 0.8, 0.7, 0.6], &[2, 0]);
    assert_eq!(made, [0.8, 0.7, 0.9, 0.6]);
}

#[test]
fn what_is_served_is_calibrated_then_varied() {
    let mut rng = rng(36);
    let scores = random_scores(&mut rng, 40);
    let vectors = random_vectors(&mut rng, 40, 8);
    let categories: Vec<u32> = (0..40).map(|i| i % 4).collect();
    let aim = [0.7, 0.1, 0.1, 0.1];
    let model = |to_aim: f64, to_vary: Option<f64>| Blend {
        categories: &categories,
        aim: &aim,
        to_aim: strength(to_aim),
        variety: to_vary.map(|s| (&vectors, strength(s))),
    };
    let none = blend(&scores, &model(0.0, Some(0.0)), 10).unwrap();
    assert_eq!((none.scores, none.order, none.ild), (scores.clone(), Vec::new(), None));
    let aimed = blend(&scores, &model(0.6, None), 10).unwrap();
    let picked = calibration::pick(&scores, &categories, &aim, 10, strength(0.6)).unwrap();
    assert_eq!(aimed.order, picked.order);
    assert_eq!(aimed.scores, adjusted(&scores, &picked.order));
    let both = blend(&scores, &model(0.6, Some(0.4)), 10).unwrap();
    let varied = mmr::pick(&aimed.scores, &vectors, 20, strength(0.4)).unwrap();
    assert_eq!((both.order.len(), both.ild), (20, Some(varied.metric)));
    assert_eq!(both.scores, adjusted(&aimed.scores, &varied.order));
    assert!(blend(&scores, &model(0.6, None), 10).unwrap().order != soft::by_relevance(&scores)[..10]);
}

#[test]
fn bad_input_is_a_typed_error() {
    assert!(Strength::new(1.1).is_err() && Strength::new(f64::NAN).is_err());
    assert!(Vectors::new(vec![1.0; 5], 2).is_err() && Vectors::new(vec![f32::NAN, 1.0], 2).is_err());
    let vectors = Vectors::new(vec![1.0; 4], 2).unwrap();
    assert!(mmr::pick(&[f64::NAN, 1.0], &vectors, 2, strength(0.5)).is_err());
    assert!(dpp::pick(&[1.0], &vectors, 2, strength(0.5)).is_err());
    assert!(calibration::pick(&[1.0], &[0], &[0.0], 1, strength(0.5)).is_err());
}

#[test]
fn more_variety_with_more_strength() {
    let mut rng = rng(36);
    let scores = random_scores(&mut rng, 100);
    let vectors = Vectors::new((0..400).map(|_| rng.random_range(0.0..1.0)).collect(), 4).unwrap();
    let spread = |s: f64| dpp::pick(&scores, &vectors, 4, strength(s)).unwrap().metric;
    assert!(spread(1.0) > spread(0.0) + 0.2, "{} {}", spread(1.0), spread(0.0));
}
