//! Content: a vector for each item out of its words; near is a small angle to the middle of the history.
//!
//! One law of a model. Where the items are too many to look at all of them, they are looked at by cells: the signs of the
//! first numbers of a vector, which say most of it (they are ordered by how much of the texts they hold), nearest cells
//! first. Invariant: a score is the cosine, in [0, 1]; while all are looked at, the best are exactly the best.

use super::folder::Folder;
use super::linear::dot;
use super::{Best, ModelError, PRODUCTS};

/// The most numbers of a vector.
const MOST: usize = 1_024;
/// How many signs make a cell.
const SIGNS: usize = 8;

/// Vectors of length 1, and the cells that they lie in.
#[derive(Debug)]
pub(super) struct Content {
    vectors: Vec<f32>,
    size: usize,
    cells: Vec<Vec<u32>>,
}

impl Content {
    /// Reads `vectors`.
    pub(super) fn read(folder: &Folder) -> Result<Self, ModelError> {
        let (shape, mut vectors) = folder.floats("vectors")?;
        let size = match shape[..] {
            [items, size] if items == folder.ids.len() && (1..=MOST).contains(&size) => size,
            _ => {
                let why = format!("{shape:?} is no vector for each of {} items", folder.ids.len());
                return Err(folder.fault("vectors.npy", why));
            }
        };
        let mut cells = vec![Vec::new(); 1 << SIGNS.min(size)];
        for (item, vector) in (0..).zip(vectors.chunks_exact_mut(size)) {
            if unit(vector) {
                cells[cell(vector)].push(item);
            }
        }
        Ok(Self { vectors, size, cells })
    }

    fn vector(&self, item: u32) -> &[f32] {
        let from = item as usize * self.size;
        self.vectors.get(from..from + self.size).unwrap_or(&[])
    }

    /// The middle of a history, of length 1; zeros of one without words.
    pub(super) fn fold(&self, history: &[(u32, f64)]) -> Vec<f32> {
        let mut middle = vec![0.0f32; self.size];
        for (item, weight) in history {
            let numbers = middle.iter_mut().zip(self.vector(*item));
            numbers.for_each(|(sum, x)| *sum += *weight as f32 * x);
        }
        unit(&mut middle);
        middle
    }

    /// The cosine, 0 where it is negative.
    pub(super) fn score(&self, middle: &[f32], item: u32) -> f64 {
        f64::from(dot(middle, self.vector(item))).clamp(0.0, 1.0)
    }

    /// How many items it looks at, at most.
    pub(super) fn looked_at(&self) -> usize {
        let items = self.cells.iter().map(Vec::len).sum();
        (PRODUCTS / self.size).min(items)
    }

    /// Offers the items of the nearest cells.
    pub(super) fn search(&self, middle: &[f32], best: &mut Best) {
        let own = cell(middle);
        let across = |other: usize| -> f64 {
            let crossed = middle.iter().take(SIGNS).enumerate();
            crossed
                .filter(|(sign, _)| (own ^ other) >> sign & 1 == 1)
                .map(|(_, x)| f64::from(x.abs()))
                .sum()
        };
        let mut order: Vec<(f64, usize)> = (0..self.cells.len()).map(|other| (across(other), other)).collect();
        order.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let items = order.iter().flat_map(|(_, cell)| &self.cells[*cell]);
        for item in items.take(self.looked_at()) {
            best.offer(*item, self.score(middle, *item));
        }
    }
}

/// Makes a vector one of length 1; whether it could be.
fn unit(vector: &mut [f32]) -> bool {
    let length = dot(vector, vector).sqrt();
    if length > 0.0 {
        vector.iter_mut().for_each(|x| *x /= length);
    }
    length > 0.0
}

/// The signs of the first numbers, as bits.
fn cell(vector: &[f32]) -> usize {
    let signs = vector.iter().take(SIGNS).enumerate();
    signs.map(|(at, x)| usize::from(*x > 0.0) << at).sum()
}
