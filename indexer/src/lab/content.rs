//! Vectors of items out of their words: TF-IDF, then a truncated singular value decomposition (latent semantic analysis,
//! Deerwester et al. 1990).
//!
//! `florilege-indexer train --model content`. Weights are (1 + ln tf) (ln((1 + n)/(1 + df)) + 1) with rows of length 1; the
//! decomposition is the randomised one of Halko, Martinsson and Tropp (SIAM Review 53, 2011). A new item has a vector before
//! anybody has seen it: its words times the components. Invariant: the same texts and seed give the same vectors.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::random::Random;

/// Directions drawn beyond those wanted, and how often the range is sharpened.
const SPARE: usize = 10;
const ROUNDS: usize = 8;
/// Turns of the small eigenproblem, at most.
const TURNS: usize = 60;

/// What is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Numbers of a vector.
    pub dimensions: usize,
    /// A word of fewer items says nothing.
    pub least: usize,
}

/// What was learnt.
#[derive(Debug, Clone, PartialEq)]
pub struct Content {
    /// Words, in the order of their names.
    pub words: Vec<String>,
    /// How rare each is.
    pub idf: Vec<f64>,
    /// For each word its place along each dimension, row by row.
    pub components: Vec<f64>,
    /// How much of the texts each dimension holds, falling.
    pub values: Vec<f64>,
    /// Numbers of a vector: fewer than asked for where the texts have no more.
    pub dimensions: usize,
    of_word: FxHashMap<String, u32>,
}

type Sparse = Vec<Vec<(u32, f64)>>;

/// The words of a text: letters and digits, two at least, in small letters.
pub fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    let parts = text.split(|sign: char| !sign.is_alphanumeric());
    parts
        .filter(|part| part.chars().nth(1).is_some())
        .map(str::to_lowercase)
}

impl Content {
    /// Learns from one text an item.
    #[must_use]
    pub fn train(texts: &[String], settings: Settings, seed: u64) -> Self {
        let mut found: BTreeMap<String, usize> = BTreeMap::new();
        for text in texts {
            let mut own: Vec<String> = words(text).collect();
            own.sort_unstable();
            own.dedup();
            own.into_iter().for_each(|word| *found.entry(word).or_default() += 1);
        }
        // A word of most items tells none from another.
        let telling = |(_, count): &(String, usize)| *count >= settings.least && *count * 2 <= texts.len();
        let kept: Vec<(String, usize)> = found.into_iter().filter(telling).collect();
        let rarity = |count: usize| ((1 + texts.len()) as f64 / (1 + count) as f64).ln() + 1.0;
        let mut made = Self {
            idf: kept.iter().map(|(_, count)| rarity(*count)).collect(),
            of_word: (0..).zip(&kept).map(|(at, (word, _))| (word.clone(), at)).collect(),
            words: kept.into_iter().map(|(word, _)| word).collect(),
            components: Vec::new(),
            values: Vec::new(),
            dimensions: 0,
        };
        let rows: Sparse = texts.iter().map(|text| made.weights(text)).collect();
        made.decompose(&rows, settings.dimensions, seed);
        made
    }

    /// The weights of a text's words, of length 1.
    fn weights(&self, text: &str) -> Vec<(u32, f64)> {
        let mut counts: BTreeMap<u32, usize> = BTreeMap::new();
        for word in words(text) {
            if let Some(at) = self.of_word.get(&word) {
                *counts.entry(*at).or_default() += 1;
            }
        }
        let weight = |(at, count): (u32, usize)| (at, (1.0 + (count as f64).ln()) * self.idf[at as usize]);
        let mut row: Vec<(u32, f64)> = counts.into_iter().map(weight).collect();
        let norm = row.iter().map(|(_, weight)| weight * weight).sum::<f64>().sqrt();
        row.iter_mut().for_each(|(_, weight)| *weight /= norm);
        row
    }

    /// The vector of any text, of length 1; zeros where no word is known.
    #[must_use]
    pub fn vector(&self, text: &str) -> Vec<f64> {
        let mut vector = vec![0.0; self.dimensions];
        for (word, weight) in self.weights(text) {
            let line = &self.components[word as usize * self.dimensions..][..self.dimensions];
            vector
                .iter_mut()
                .zip(line)
                .for_each(|(sum, part)| *sum += weight * part);
        }
        let norm = vector.iter().map(|x| x * x).sum::<f64>().sqrt();
        if norm > 0.0 {
            vector.iter_mut().for_each(|x| *x /= norm);
        }
        vector
    }

    fn decompose(&mut self, rows: &Sparse, dimensions: usize, seed: u64) {
        let (items, words) = (rows.len(), self.words.len());
        let width = (dimensions + SPARE).min(items).min(words);
        let mut range: Vec<Vec<f64>> = (0..width as u64)
            .map(|column| {
                let mut random = Random::new(seed ^ 0x7465_7874, column);
                (0..words).map(|_| random.normal()).collect()
            })
            .collect();
        for _ in 0..ROUNDS {
            orthogonal(&mut range);
            range = range
                .iter()
                .map(|column| back(rows, &times(rows, column), words))
                .collect();
        }
        orthogonal(&mut range);
        // AᵀA in the small space that holds what is largest of it.
        let images: Vec<Vec<f64>> = range.iter().map(|column| times(rows, column)).collect();
        let small: Vec<Vec<f64>> = images
            .iter()
            .map(|one| images.iter().map(|other| dot(one, other)).collect())
            .collect();
        let (values, turns) = eigen(small);
        self.dimensions = dimensions.min(width);
        self.values = values[..self.dimensions]
            .iter()
            .map(|value| value.max(0.0).sqrt())
            .collect();
        self.components = vec![0.0; words * self.dimensions];
        for word in 0..words {
            for at in 0..self.dimensions {
                let along = range.iter().zip(&turns).map(|(column, turn)| column[word] * turn[at]);
                self.components[word * self.dimensions + at] = along.sum();
            }
        }
    }
}

fn dot(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(a, b)| a * b).sum()
}

/// A x.
fn times(rows: &Sparse, x: &[f64]) -> Vec<f64> {
    let row = |row: &Vec<(u32, f64)>| row.iter().map(|(at, weight)| weight * x[*at as usize]).sum();
    rows.iter().map(row).collect()
}

/// Aᵀ y.
fn back(rows: &Sparse, y: &[f64], words: usize) -> Vec<f64> {
    let mut sum = vec![0.0; words];
    for (row, y) in rows.iter().zip(y) {
        row.iter().for_each(|(at, weight)| sum[*at as usize] += weight * y);
    }
    sum
}

/// Gram and Schmidt, twice for the sake of rounding; what is left of nothing is nothing.
fn orthogonal(columns: &mut [Vec<f64>]) {
    for at in 0..columns.len() {
        let (before, rest) = columns.split_at_mut(at);
        let own = &mut rest[0];
        let whole = dot(own, own).sqrt();
        for _ in 0..2 {
            for other in before.iter() {
                let part = dot(own, other);
                own.iter_mut().zip(other).for_each(|(x, y)| *x -= part * y);
            }
        }
        let norm = dot(own, own).sqrt();
        let scale = if norm > 1e-12 * whole { 1.0 / norm } else { 0.0 };
        own.iter_mut().for_each(|x| *x *= scale);
    }
}

/// Eigenvalues of a symmetric matrix, falling, and its eigenvectors by columns (Jacobi's turns).
fn eigen(mut a: Vec<Vec<f64>>) -> (Vec<f64>, Vec<Vec<f64>>) {
    let n = a.len();
    let mut v: Vec<Vec<f64>> = (0..n)
        .map(|i| (0..n).map(|j| f64::from(u8::from(i == j))).collect())
        .collect();
    for _ in 0..TURNS {
        let off: f64 = (0..n).map(|i| a[i][..i].iter().map(|x| x * x).sum::<f64>()).sum();
        let all: f64 = (0..n).map(|i| a[i][i] * a[i][i]).sum();
        if off <= 1e-28 * all {
            break;
        }
        for p in 0..n {
            for q in p + 1..n {
                turn(&mut a, &mut v, p, q);
            }
        }
    }
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|x, y| a[*y][*y].total_cmp(&a[*x][*x]));
    let vectors = v.iter().map(|row| order.iter().map(|at| row[*at]).collect()).collect();
    (order.iter().map(|at| a[*at][*at]).collect(), vectors)
}

fn turn(a: &mut [Vec<f64>], v: &mut [Vec<f64>], p: usize, q: usize) {
    if a[p][q] == 0.0 {
        return;
    }
    let theta = (a[q][q] - a[p][p]) / (2.0 * a[p][q]);
    let t = theta.signum() / (theta.abs() + (theta * theta + 1.0).sqrt());
    let c = 1.0 / (t * t + 1.0).sqrt();
    let s = t * c;
    for row in a.iter_mut() {
        (row[p], row[q]) = (c * row[p] - s * row[q], s * row[p] + c * row[q]);
    }
    let (upper, lower) = a.split_at_mut(q);
    for (x, y) in upper[p].iter_mut().zip(&mut lower[0]) {
        (*x, *y) = (c * *x - s * *y, s * *x + c * *y);
    }
    for row in v.iter_mut() {
        (row[p], row[q]) = (c * row[p] - s * row[q], s * row[p] + c * row[q]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Texts of three subjects with words of their own and some that all have.
    fn texts() -> Vec<String> {
        let subjects = [
            "mer bateau port voile phare",
            "loi juge procès avocat crime",
            "pain four farine levain croûte",
        ];
        let text = |number: u64| {
            let mut random = Random::new(4, number);
            let own: Vec<&str> = subjects[number as usize % 3].split(' ').collect();
            let mut said: Vec<String> = (0..6).map(|_| own[random.below(5)].to_owned()).collect();
            said.extend((0..3).map(|_| format!("mot{}", random.below(30))));
            said.push("le".into());
            said.join(" ")
        };
        (0..90).map(text).collect()
    }

    const WANTED: Settings = Settings {
        dimensions: 8,
        least: 2,
    };

    #[test]
    fn its_values_are_those_of_the_whole_decomposition() {
        let made = Content::train(&texts(), WANTED, 1);
        let rows: Sparse = texts().iter().map(|text| made.weights(text)).collect();
        let words = made.words.len();
        let full: Vec<Vec<f64>> = (0..words)
            .map(|at| {
                let mut one = vec![0.0; words];
                one[at] = 1.0;
                back(&rows, &times(&rows, &one), words)
            })
            .collect();
        let (values, vectors) = eigen(full.clone());
        // The slow decomposition is one: A v = λ v.
        for at in 0..3 {
            let v: Vec<f64> = vectors.iter().map(|row| row[at]).collect();
            for (row, own) in full.iter().zip(&v) {
                assert!((dot(row, &v) - values[at] * own).abs() < 1e-9);
            }
        }
        for (found, value) in made.values.iter().zip(&values) {
            assert!(
                (found - value.sqrt()).abs() < 2e-3 * value.sqrt(),
                "{found} {}",
                value.sqrt()
            );
        }
        assert_eq!(made, Content::train(&texts(), WANTED, 1));
    }

    #[test]
    fn texts_of_a_subject_are_near_and_new_ones_have_a_place() {
        let made = Content::train(&texts(), WANTED, 1);
        assert!(made.of_word.contains_key("bateau") && !made.of_word.contains_key("le"));
        let vectors: Vec<Vec<f64>> = texts().iter().map(|text| made.vector(text)).collect();
        let mut right = 0;
        for (one, own) in vectors.iter().enumerate() {
            let others = (0..vectors.len()).filter(|other| *other != one);
            let nearest = others.max_by(|a, b| dot(own, &vectors[*a]).total_cmp(&dot(own, &vectors[*b])));
            right += usize::from(nearest.is_some_and(|other| other % 3 == one % 3));
        }
        assert!(right >= 88, "{right} of 90");
        let new = made.vector("Un PROCÈS : l'avocat et le juge");
        assert!(dot(&new, &vectors[1]) > dot(&new, &vectors[0]) + 0.3);
        assert!(made.vector("rien que l'on connaisse").iter().all(|x| *x == 0.0));
    }

    #[test]
    fn little_text_is_no_fault() {
        let none = Content::train(&[], WANTED, 1);
        assert_eq!((none.dimensions, none.vector("mer").len()), (0, 0));
        let same = Content::train(&vec!["mer port".to_owned(); 3], WANTED, 1);
        assert!(same.words.is_empty());
    }
}
