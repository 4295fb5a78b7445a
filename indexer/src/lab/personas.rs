//! Personas found in data: groups of readers by what they take to, and how well they hold.
//!
//! Spherical k-means with k-means++ (Dhillon and Modha 2001; Arthur and Vassilvitskii 2007) starts a mixture of multinomials by
//! expectation and maximisation, whose likelihood on readers that it has not seen chooses their number; agreement of groups
//! found twice on halves of the readers (adjusted Rand index, Hubert and Arabie 1985) says whether they are there at all. Our
//! own code: `linfa` works on dense rows and has no mixture of counts, and would bring a second major of `ndarray`.
//! Invariant: the same readers and seed give the same personas, on any number of threads.

use rayon::prelude::*;
use serde::Serialize;

use super::random::Random;

/// Passes of both methods, at most.
const PASSES: usize = 100;
/// Starts, of which the likeliest is kept.
const STARTS: u64 = 4;
/// Added to every count, so that nothing is impossible.
const SMOOTHING: f64 = 0.5;

/// A mixture of personas over categories.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Personas {
    /// The part of readers of each.
    pub weights: Vec<f64>,
    /// For each persona the share of each category.
    pub shares: Vec<Vec<f64>>,
}

/// How well a number of personas holds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Held {
    /// How many.
    pub personas: usize,
    /// Mean log-likelihood of an act of readers not seen, in nats.
    pub likelihood: f64,
    /// Agreement of two findings from halves of the readers on everybody: 1 the same, 0 chance.
    pub stability: f64,
}

impl Personas {
    /// Finds `count` personas in counts by reader and category.
    #[must_use]
    pub fn find(readers: &[Vec<f64>], count: usize, seed: u64) -> Self {
        let starts: Vec<(f64, Self)> = (0..STARTS)
            .into_par_iter()
            .map(|start| {
                let made = Self::start(readers, count, seed.wrapping_add(start << 32)).maximised(readers);
                (made.likelihood(readers), made)
            })
            .collect();
        // The first of equals, so that threads decide nothing.
        let best = starts
            .into_iter()
            .reduce(|best, next| if next.0 > best.0 { next } else { best });
        best.map(|(_, made)| made.ordered()).unwrap_or(Self {
            weights: Vec::new(),
            shares: Vec::new(),
        })
    }

    /// Groups by k-means on directions.
    fn start(readers: &[Vec<f64>], count: usize, seed: u64) -> Self {
        let unit = |row: &Vec<f64>| {
            let norm = row.iter().map(|x| x * x).sum::<f64>().sqrt();
            row.iter()
                .map(|x| if norm > 0.0 { x / norm } else { 0.0 })
                .collect::<Vec<f64>>()
        };
        let rows: Vec<Vec<f64>> = readers.iter().map(unit).collect();
        let mut centres = spread(&rows, count, &mut Random::new(seed, 0x6b6d));
        let mut of = vec![usize::MAX; rows.len()];
        for _ in 0..PASSES {
            let next: Vec<usize> = rows.par_iter().map(|row| nearest(row, &centres)).collect();
            if next == of {
                break;
            }
            of = next;
            for (number, centre) in centres.iter_mut().enumerate() {
                let mut sum = vec![0.0; centre.len()];
                for row in rows
                    .iter()
                    .zip(&of)
                    .filter(|(_, own)| **own == number)
                    .map(|(row, _)| row)
                {
                    sum.iter_mut().zip(row).for_each(|(sum, x)| *sum += x);
                }
                if sum.iter().any(|x| *x > 0.0) {
                    *centre = unit(&sum);
                }
            }
        }
        let sure: Vec<Vec<f64>> = of
            .iter()
            .map(|own| {
                (0..centres.len())
                    .map(|number| f64::from(u8::from(number == *own)))
                    .collect()
            })
            .collect();
        Self::of(readers, &sure, centres.len())
    }

    /// The personas that readers belong to by so much.
    fn of(readers: &[Vec<f64>], parts: &[Vec<f64>], count: usize) -> Self {
        let width = readers.first().map_or(0, Vec::len);
        let mut weights = vec![SMOOTHING; count];
        let mut shares = vec![vec![SMOOTHING; width]; count];
        for (row, parts) in readers.iter().zip(parts) {
            for ((weight, share), part) in weights.iter_mut().zip(&mut shares).zip(parts) {
                *weight += part;
                share.iter_mut().zip(row).for_each(|(sum, x)| *sum += part * x);
            }
        }
        normalise(&mut weights);
        shares.iter_mut().for_each(|share| normalise(share));
        Self { weights, shares }
    }

    fn maximised(mut self, readers: &[Vec<f64>]) -> Self {
        let mut before = f64::NEG_INFINITY;
        for _ in 0..PASSES {
            let parts: Vec<Vec<f64>> = readers.par_iter().map(|row| self.parts(row)).collect();
            self = Self::of(readers, &parts, self.weights.len());
            let now = self.likelihood(readers);
            if now - before < 1e-9 * now.abs() {
                break;
            }
            before = now;
        }
        self
    }

    fn logs(&self, row: &[f64]) -> Vec<f64> {
        let of = |(weight, share): (&f64, &Vec<f64>)| {
            weight.ln() + row.iter().zip(share).map(|(x, p)| x * p.ln()).sum::<f64>()
        };
        self.weights.iter().zip(&self.shares).map(of).collect()
    }

    /// How much a reader belongs to each persona.
    #[must_use]
    pub fn parts(&self, row: &[f64]) -> Vec<f64> {
        let logs = self.logs(row);
        let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let mut parts: Vec<f64> = logs.iter().map(|log| (log - most).exp()).collect();
        normalise(&mut parts);
        parts
    }

    /// Mean log-likelihood of an act, in nats.
    #[must_use]
    pub fn likelihood(&self, readers: &[Vec<f64>]) -> f64 {
        let of = |row: &Vec<f64>| {
            let logs = self.logs(row);
            let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            most + logs.iter().map(|log| (log - most).exp()).sum::<f64>().ln()
        };
        let sum: f64 = readers.par_iter().map(of).collect::<Vec<f64>>().iter().sum();
        let acts: f64 = readers.iter().flatten().sum();
        if acts > 0.0 { sum / acts } else { 0.0 }
    }

    /// The persona that a reader belongs to most.
    #[must_use]
    pub fn most(&self, row: &[f64]) -> usize {
        let parts = self.parts(row);
        (0..parts.len())
            .reduce(|a, b| if parts[b] > parts[a] { b } else { a })
            .unwrap_or(0)
    }

    /// The largest first.
    fn ordered(self) -> Self {
        let mut both: Vec<(f64, Vec<f64>)> = self.weights.into_iter().zip(self.shares).collect();
        both.sort_by(|a, b| b.0.total_cmp(&a.0));
        let (weights, shares) = both.into_iter().unzip();
        Self { weights, shares }
    }
}

/// How well each number of personas holds: learnt on four fifths of the readers, judged by the rest; and on halves.
#[must_use]
pub fn held(readers: &[Vec<f64>], counts: &[usize], seed: u64) -> Vec<Held> {
    let mut order: Vec<usize> = (0..readers.len()).collect();
    Random::new(seed, 0x6865_6c64).shuffle(&mut order);
    let some = |from: usize, to: usize| {
        order[from..to]
            .iter()
            .map(|at| readers[*at].clone())
            .collect::<Vec<_>>()
    };
    let (fifth, half) = (readers.len() / 5, readers.len() / 2);
    let (unseen, seen) = (some(0, fifth), some(fifth, readers.len()));
    let (one, other) = (some(0, half), some(half, readers.len()));
    let judged = |personas: &usize| {
        let learnt = Personas::find(&seen, *personas, seed);
        let (a, b) = (
            Personas::find(&one, *personas, seed),
            Personas::find(&other, *personas, seed ^ 1),
        );
        let groups = |of: &Personas| readers.iter().map(|row| of.most(row)).collect::<Vec<_>>();
        Held {
            personas: *personas,
            likelihood: learnt.likelihood(&unseen),
            stability: agreement(&groups(&a), &groups(&b)),
        }
    };
    counts.iter().map(judged).collect()
}

/// The adjusted Rand index of two groupings.
#[must_use]
pub fn agreement(one: &[usize], other: &[usize]) -> f64 {
    let width = |groups: &[usize]| groups.iter().max().map_or(0, |most| most + 1);
    let mut table = vec![vec![0_u64; width(other)]; width(one)];
    one.iter().zip(other).for_each(|(a, b)| table[*a][*b] += 1);
    let pairs = |count: u64| (count * count.saturating_sub(1)) as f64 / 2.0;
    let both: f64 = table.iter().flatten().map(|count| pairs(*count)).sum();
    let rows: f64 = table.iter().map(|row| pairs(row.iter().sum())).sum();
    let columns: f64 = (0..width(other))
        .map(|b| pairs(table.iter().map(|row| row[b]).sum()))
        .sum();
    let by_chance = rows * columns / pairs(one.len() as u64).max(1.0);
    let most = f64::midpoint(rows, columns);
    if most > by_chance {
        (both - by_chance) / (most - by_chance)
    } else {
        1.0
    }
}

/// Centres far from each other, more likely the farther (k-means++ on 1 − cosine).
fn spread(rows: &[Vec<f64>], count: usize, random: &mut Random) -> Vec<Vec<f64>> {
    let mut centres: Vec<Vec<f64>> = Vec::new();
    while centres.len() < count.min(rows.len()) {
        let far = |row: &Vec<f64>| {
            let like = centres.iter().map(|centre| dot(row, centre)).fold(0.0, f64::max);
            (1.0 - like).max(0.0)
        };
        let totals: Vec<f64> = rows
            .iter()
            .scan(0.0, |total, row| {
                *total += far(row);
                Some(*total)
            })
            .collect();
        let at = random.unit() * totals.last().copied().unwrap_or(0.0);
        centres.push(rows[totals.partition_point(|total| *total <= at).min(rows.len() - 1)].clone());
    }
    centres
}

fn nearest(row: &[f64], centres: &[Vec<f64>]) -> usize {
    let likes: Vec<f64> = centres.iter().map(|centre| dot(row, centre)).collect();
    (0..likes.len())
        .reduce(|a, b| if likes[b] > likes[a] { b } else { a })
        .unwrap_or(0)
}

fn dot(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(a, b)| a * b).sum()
}

fn normalise(parts: &mut [f64]) {
    let sum: f64 = parts.iter().sum();
    if sum > 0.0 {
        parts.iter_mut().for_each(|part| *part /= sum);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRUE: [[f64; 6]; 3] = [
        [0.6, 0.3, 0.04, 0.02, 0.02, 0.02],
        [0.02, 0.08, 0.5, 0.3, 0.05, 0.05],
        [0.1, 0.02, 0.03, 0.05, 0.4, 0.4],
    ];

    /// Readers of three personas, twelve acts each.
    fn readers(count: u64) -> (Vec<Vec<f64>>, Vec<usize>) {
        let reader = |number: u64| {
            let mut random = Random::new(8, number);
            let own = [0, 0, 0, 1, 1, 2][random.below(6)];
            let mut row = vec![0.0; 6];
            for _ in 0..12 {
                let at = random.unit();
                let mut sum = 0.0;
                let drawn = TRUE[own].iter().position(|share| {
                    sum += share;
                    at < sum
                });
                row[drawn.unwrap_or(5)] += 1.0;
            }
            (row, own)
        };
        (0..count).map(reader).unzip()
    }

    #[test]
    fn personas_that_are_there_are_found() {
        let (rows, own) = readers(900);
        let found = Personas::find(&rows, 3, 1);
        for (persona, part) in [0.5, 1.0 / 3.0, 1.0 / 6.0].into_iter().enumerate() {
            assert!((found.weights[persona] - part).abs() < 0.05, "{:?}", found.weights);
            for (share, expected) in found.shares[persona].iter().zip(TRUE[persona]) {
                assert!((share - expected).abs() < 0.04, "{:?}", found.shares[persona]);
            }
        }
        let groups: Vec<usize> = rows.iter().map(|row| found.most(row)).collect();
        assert!(agreement(&groups, &own) > 0.95);
        assert_eq!(found, Personas::find(&rows, 3, 1));
    }

    #[test]
    fn their_number_shows_in_unseen_readers_and_in_halves() {
        let (rows, _) = readers(900);
        let judged = held(&rows, &[1, 2, 3, 6], 2);
        assert!(judged[2].likelihood > judged[1].likelihood && judged[1].likelihood > judged[0].likelihood);
        assert!(judged[3].likelihood < judged[2].likelihood + 0.005, "{judged:?}");
        assert!(judged[2].stability > 0.9 && judged[3].stability < 0.85, "{judged:?}");
    }

    #[test]
    fn each_pass_is_likelier_than_the_one_before() {
        let (rows, _) = readers(200);
        let mut made = Personas::start(&rows, 3, 5);
        for _ in 0..8 {
            let before = made.likelihood(&rows);
            let parts: Vec<Vec<f64>> = rows.iter().map(|row| made.parts(row)).collect();
            made = Personas::of(&rows, &parts, 3);
            // Smoothing may cost a little at the optimum.
            assert!(made.likelihood(&rows) >= before - 1e-4);
        }
    }

    #[test]
    fn agreement_is_that_of_the_textbook() {
        // Hubert and Arabie's index of [0,0,1,2] and [0,0,1,1] is 4/7.
        assert!((agreement(&[0, 0, 1, 2], &[0, 0, 1, 1]) - 4.0 / 7.0).abs() < 1e-12);
        assert_eq!(agreement(&[0, 0, 1, 1], &[1, 1, 0, 0]), 1.0);
        assert!(agreement(&[0, 1, 0, 1], &[0, 0, 1, 1]) < 0.0);
        assert!(Personas::find(&[], 3, 1).weights.iter().sum::<f64>() <= 1.0 + 1e-9);
    }
}
