//! Families of arrangement problems, synthetic and seeded: what the diversification benches run on.
//!
//! Invariant: the same name and seed give the same problems on every machine.

use florilege_engine::arrange::{Attribute, Problem, Rule, Values};
use rand::{Rng, RngExt};

/// How candidates of a family are drawn.
#[derive(Debug, Clone, Copy)]
pub struct Family {
    /// Its name in the tables.
    pub name: &'static str,
    /// Candidates, fewest and most.
    pub n: (usize, usize),
    /// Places, fewest and most.
    pub k: (usize, usize),
    /// Categories, fewest and most.
    pub categories: (usize, usize),
    /// Exponent of the category sizes: 0 all alike, 2 one dominates.
    pub zipf: f64,
    /// How scores are drawn.
    pub scores: Scores,
}

/// How scores are drawn.
#[derive(Debug, Clone, Copy)]
pub enum Scores {
    /// A sigmoid of noise and of the category's own leaning, as rankers give.
    Sigmoid,
    /// A few levels, with many ties.
    Tied,
    /// Spread over orders of magnitude, categories far apart.
    Steep,
    /// One thin pool: a good category, a near one, and the rest worth nothing.
    Adversarial,
}

/// Small tight pools: the end of a catalogue, a strict filter.
pub const TIGHT: Family = Family {
    name: "tight pools (N 4 to 13, k to 9)",
    n: (4, 13),
    k: (2, 9),
    categories: (2, 4),
    zipf: 1.0,
    scores: Scores::Sigmoid,
};

/// Small pools made to mislead a greedy choice.
pub const ADVERSARIAL: Family = Family {
    name: "adversarial (N 4 to 13, k to 9)",
    scores: Scores::Adversarial,
    ..TIGHT
};

/// A page of twenty, categories of ordinary sizes.
pub const PAGE: Family = Family {
    name: "page (N 500, k 20, 12 categories)",
    n: (500, 500),
    k: (20, 20),
    categories: (12, 12),
    zipf: 1.0,
    scores: Scores::Sigmoid,
};

/// A page of twenty where one category dominates and leads.
pub const DOMINATED: Family = Family {
    name: "one category dominates (N 300, k 20)",
    n: (300, 300),
    zipf: 2.0,
    scores: Scores::Steep,
    ..PAGE
};

/// Fifty places on ordinary scores.
pub const LONG: Family = Family {
    name: "long (N 1,000, k 50, 20 categories)",
    n: (1000, 1000),
    k: (50, 50),
    categories: (20, 20),
    ..PAGE
};

/// Fifty places, hard: ties, few categories, uneven sizes.
pub const HARD: Family = Family {
    name: "long and hard (N 1,000, k 50, 8 categories)",
    categories: (8, 8),
    zipf: 1.5,
    scores: Scores::Sigmoid,
    ..LONG
};

/// One problem of a family, under one rule: no two of a category in a row.
pub fn draw(rng: &mut impl Rng, family: &Family) -> Problem {
    let n = rng.random_range(family.n.0..=family.n.1);
    let k = rng.random_range(family.k.0..=family.k.1).min(n);
    let count = rng.random_range(family.categories.0..=family.categories.1);
    let sizes: Vec<f64> = (0..count).map(|c| (c as f64 + 1.0).powf(-family.zipf)).collect();
    let leaning: Vec<f64> = (0..count).map(|_| rng.random_range(-1.0..1.0)).collect();
    let categories: Vec<usize> = (0..n).map(|_| weighted(rng, &sizes)).collect();
    let scores = categories
        .iter()
        .map(|c| score(rng, family.scores, *c, leaning[*c]))
        .collect();
    let values = categories.iter().map(|c| Values::from_slice(&[*c as u32])).collect();
    under_adjacency(scores, values, k)
}

/// A problem with one strict rule: no two of a value in a row.
#[must_use]
pub fn under_adjacency(scores: Vec<f64>, values: Vec<Values>, k: usize) -> Problem {
    Problem {
        scores,
        attributes: vec![Attribute {
            by: "category".into(),
            values,
        }],
        k,
        rules: vec![Rule {
            attribute: 0,
            window: 2,
            max: 1,
            strict: true,
        }],
        ..Problem::default()
    }
}

fn weighted(rng: &mut impl Rng, sizes: &[f64]) -> usize {
    let mut left = rng.random_range(0.0..sizes.iter().sum());
    for (i, size) in sizes.iter().enumerate() {
        left -= size;
        if left < 0.0 {
            return i;
        }
    }
    sizes.len() - 1
}

/// The sum of six uniforms: near enough to normal, deviation 1.4.
fn noise(rng: &mut impl Rng) -> f64 {
    (0..6).map(|_| rng.random_range(-1.0..1.0)).sum()
}

fn score(rng: &mut impl Rng, kind: Scores, category: usize, leaning: f64) -> f64 {
    match kind {
        Scores::Sigmoid => 1.0 / (1.0 + (-noise(rng) - leaning).exp()),
        Scores::Tied => (noise(rng) + 4.0).max(0.0).floor() / 8.0,
        Scores::Steep => (noise(rng) - category as f64 / 2.0).exp(),
        Scores::Adversarial if category < 2 => 1.0 - 0.01 * rng.random_range(0.0..1.0),
        Scores::Adversarial => 0.01 * rng.random_range(0.0..1.0),
    }
}
