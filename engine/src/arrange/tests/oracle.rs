//! Exhaustive search over every ordered list, the judge of the solvers. Shares only `verify` with them.

use rand::{Rng, RngExt};

use crate::arrange::verify::violations;
use crate::arrange::{Attribute, Pin, Policy, Problem, Quota, Rule, Shown, Values};

/// The best list there is: fewest missing to quotas, longest, fewest strict then soft breaks, most value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Best {
    pub(super) missing: usize,
    pub(super) len: usize,
    pub(super) strict: usize,
    pub(super) soft: usize,
    pub(super) value: f64,
}

impl Best {
    fn beats(&self, other: &Self) -> bool {
        let key = |b: &Self| (b.missing, usize::MAX - b.len, b.strict, b.soft);
        key(self)
            .cmp(&key(other))
            .then(other.value.total_cmp(&self.value))
            .is_lt()
    }
}

/// Scores one list, legal or not.
pub(super) fn judge(problem: &Problem, places: &[u32]) -> Best {
    let broken = violations(problem, places);
    let strict = broken.iter().filter(|v| problem.rules[v.rule].strict).count();
    let over: usize = (0..problem.quotas.len()).map(|q| over(problem, q, places)).sum();
    let missing = (0..problem.quotas.len()).map(|q| problem.quotas[q].min.saturating_sub(count(problem, q, places)));
    let worth = |(rank, c): (usize, &u32)| problem.scores[*c as usize] / ((rank + 2) as f64).log2();
    Best {
        missing: missing.sum(),
        len: places.len(),
        strict: strict + over,
        soft: broken.len() - strict,
        value: places.iter().enumerate().map(worth).sum(),
    }
}

fn count(problem: &Problem, quota: usize, places: &[u32]) -> usize {
    let q = &problem.quotas[quota];
    let values = &problem.attributes[q.attribute].values;
    places
        .iter()
        .take(q.first.unwrap_or(problem.k))
        .filter(|c| values[**c as usize].contains(&q.value))
        .count()
}

fn over(problem: &Problem, quota: usize, places: &[u32]) -> usize {
    problem.quotas[quota]
        .max
        .map_or(0, |max| count(problem, quota, places).saturating_sub(max))
}

/// Tries every list.
pub(super) fn exhaustive(problem: &Problem) -> Best {
    let mut best = judge(problem, &[]);
    grow(problem, &mut Vec::new(), &mut best);
    best
}

fn grow(problem: &Problem, places: &mut Vec<u32>, best: &mut Best) {
    if places.len() == problem.k {
        return;
    }
    let rank = places.len();
    for candidate in 0..problem.scores.len() as u32 {
        let pins = &problem.pins;
        let other = pins.iter().any(|p| p.rank == rank && p.candidate != candidate);
        let pinned = pins.iter().any(|p| p.candidate == candidate);
        let strayed = pinned && !pins.iter().any(|p| p.candidate == candidate && p.rank == rank);
        if other || strayed || places.contains(&candidate) || problem.exclude.contains(&candidate) {
            continue;
        }
        places.push(candidate);
        let found = judge(problem, places);
        if problem.policy == Policy::Relax || found.strict == 0 {
            if found.beats(best) {
                *best = found;
            }
            grow(problem, places, best);
        }
        places.pop();
    }
}

/// How random problems of a family are drawn.
#[derive(Debug, Clone, Copy)]
pub(super) struct Family {
    pub(super) rules: &'static [(usize, usize, usize, bool)],
    pub(super) attributes: usize,
    pub(super) several: bool,
    pub(super) pins: bool,
    pub(super) history: bool,
    pub(super) quotas: bool,
    pub(super) thin: bool,
    pub(super) relax: bool,
}

/// One strict rule of two in a row, and nothing else.
pub(super) const PLAIN: Family = Family {
    rules: &[(0, 2, 1, true)],
    attributes: 1,
    several: false,
    pins: false,
    history: false,
    quotas: false,
    thin: false,
    relax: false,
};

/// Draws one problem.
pub(super) fn draw(rng: &mut impl Rng, family: &Family) -> Problem {
    let n = rng.random_range(1..=7_usize);
    let k = rng.random_range(1..=6_usize);
    draw_sized(rng, family, n, k)
}

/// Draws one problem of a size.
pub(super) fn draw_sized(rng: &mut impl Rng, family: &Family, n: usize, k: usize) -> Problem {
    let categories = if family.thin {
        rng.random_range(1..=2_u32)
    } else {
        rng.random_range(1..=4_u32)
    };
    let mut problem = Problem {
        k,
        scores: scores(rng, n),
        ..Problem::default()
    };
    for _ in 0..family.attributes {
        let values = (0..n).map(|_| values(rng, categories, family.several)).collect();
        problem.attributes.push(Attribute {
            by: "category".into(),
            values,
        });
    }
    let rule = |r: &(usize, usize, usize, bool)| Rule {
        attribute: r.0,
        window: r.1,
        max: r.2,
        strict: r.3,
    };
    problem.rules = family.rules.iter().map(rule).collect();
    if family.history {
        let shown = |rng: &mut _| {
            (0..family.attributes)
                .map(|_| values(rng, categories, family.several))
                .collect()
        };
        problem.history = (0..rng.random_range(1..=5))
            .map(|_| Shown { values: shown(rng) })
            .collect();
    }
    if family.pins {
        let pin = |rng: &mut _| Pin {
            candidate: below(rng, n) as u32,
            rank: below(rng, k),
        };
        problem.pins = (0..rng.random_range(1..=3)).map(|_| pin(rng)).collect();
        problem.exclude = (0..rng.random_range(0..=1)).map(|_| below(rng, n) as u32).collect();
    }
    if family.quotas {
        problem.quotas = (0..rng.random_range(1..=2))
            .map(|_| quota(rng, &problem, categories))
            .collect();
    }
    if family.relax {
        problem.policy = Policy::Relax;
    }
    problem
}

fn below(rng: &mut impl Rng, end: usize) -> usize {
    rng.random_range(0..end)
}

fn quota(rng: &mut impl Rng, problem: &Problem, categories: u32) -> Quota {
    Quota {
        attribute: below(rng, problem.attributes.len()),
        value: below(rng, categories as usize) as u32,
        min: below(rng, 3),
        max: (below(rng, 2) == 0).then(|| below(rng, 4)),
        first: (below(rng, 2) == 0).then(|| below(rng, problem.k + 1)),
    }
}

fn values(rng: &mut impl Rng, categories: u32, several: bool) -> Values {
    let one = |rng: &mut _| below(rng, categories as usize) as u32;
    match below(rng, 10) {
        0 => Values::new(),
        1..5 if several => (0..3).map(|_| one(rng)).collect(),
        _ => std::iter::once(one(rng)).collect(),
    }
}

/// Smooth, tied, zero, or spread from 1e-9 to 1e12.
fn scores(rng: &mut impl Rng, n: usize) -> Vec<f64> {
    let kind = below(rng, 4);
    let one = |rng: &mut _| match kind {
        0 => below(rng, 1_000_000) as f64 / 1e6,
        1 => below(rng, 3) as f64,
        2 => 10_f64.powi(below(rng, 22) as i32 - 9) * (1.0 + below(rng, 9) as f64),
        _ => 1.0 - 0.001 * below(rng, 4) as f64,
    };
    (0..n).map(|_| one(rng)).collect()
}
