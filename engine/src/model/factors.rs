//! Factors: a vector for each item, and for a history the vector that its reader would have (iALS).
//!
//! One law of a model: (Σ wᵢ hᵢhᵢᵀ + α₀HᵀH + ridge I) x = Σ wᵢ hᵢ over the history, with a ridge λ (Σ wᵢ + α₀n)^ν; with
//! weights of 1, what training solves. Items are looked at from the longest vector on, until no other can be among the
//! best or enough was multiplied. Invariant: what is found within that bound is exactly the best.

use super::folder::Folder;
use super::linear::{Cholesky, dot};
use super::{Best, ModelError, PRODUCTS};

/// The most numbers of a vector.
const MOST: usize = 1_024;
/// How far the rounding of a product may lift it over the product of the lengths.
const ROUNDING: f64 = 1.0 + 1e-5;

/// Vectors of items, and what folding in needs.
#[derive(Debug)]
pub(super) struct Factors {
    vectors: Vec<f32>,
    /// α₀HᵀH, of which the lower half is read.
    gram: Vec<f32>,
    size: usize,
    alpha0: f64,
    lambda: f64,
    nu: f64,
    /// Items and the lengths of their vectors, falling.
    order: Vec<(u32, f64)>,
}

impl Factors {
    /// Reads `items` and `gram`.
    pub(super) fn read(folder: &Folder) -> Result<Self, ModelError> {
        let (shape, vectors) = folder.floats("items")?;
        let size = match shape[..] {
            [items, size] if items == folder.ids.len() && (1..=MOST).contains(&size) => size,
            _ => {
                let why = format!("{shape:?} is no vector for each of {} items", folder.ids.len());
                return Err(folder.fault("items.npy", why));
            }
        };
        let (shape, gram) = folder.floats("gram")?;
        if shape != [size, size] {
            return Err(folder.fault("gram.npy", format!("{shape:?} is not {size} by {size}")));
        }
        let length = |vector: &[f32]| f64::from(dot(vector, vector)).sqrt();
        let lengths = vectors.chunks_exact(size).map(length);
        let mut order: Vec<(u32, f64)> = (0..).zip(lengths).collect();
        super::sort(&mut order);
        Ok(Self {
            vectors,
            gram,
            size,
            alpha0: folder.setting("alpha0", 0.0)?,
            lambda: folder.setting("lambda", 0.0)?,
            nu: folder.setting("nu", -10.0)?,
            order,
        })
    }

    fn vector(&self, item: u32) -> &[f32] {
        let from = item as usize * self.size;
        self.vectors.get(from..from + self.size).unwrap_or(&[])
    }

    /// The vector of who had these; zeros where rounding leaves no solution.
    pub(super) fn fold(&self, history: &[(u32, f64)]) -> Vec<f32> {
        let size = self.size;
        let mut square: Vec<f64> = self.gram.iter().copied().map(f64::from).collect();
        let mut sum = vec![0.0; size];
        let mut weights = 0.0;
        for (item, weight) in history {
            let vector = self.vector(*item);
            for (row, x) in vector.iter().enumerate() {
                let scaled = weight * f64::from(*x);
                sum[row] += scaled;
                let line = &mut square[row * size..=row * size + row];
                line.iter_mut()
                    .zip(vector)
                    .for_each(|(at, y)| *at += scaled * f64::from(*y));
            }
            weights += weight;
        }
        let activity = weights + self.alpha0 * self.order.len() as f64;
        let ridge = self.lambda * activity.powf(self.nu);
        (0..size).for_each(|at| square[at * size + at] += ridge);
        match Cholesky::of(square, size) {
            Some(factor) => factor.solve(&mut sum),
            None => sum.fill(0.0),
        }
        if !sum.iter().all(|number| number.is_finite()) {
            sum.fill(0.0);
        }
        sum.iter().map(|number| *number as f32).collect()
    }

    /// The score of one item.
    pub(super) fn score(&self, reader: &[f32], item: u32) -> f64 {
        f64::from(dot(reader, self.vector(item)))
    }

    /// How many items it looks at, at most.
    pub(super) fn looked_at(&self) -> usize {
        self.order.len().min(PRODUCTS / self.size)
    }

    /// Offers the items of which one may be among the best.
    pub(super) fn search(&self, reader: &[f32], best: &mut Best) {
        let own = f64::from(dot(reader, reader)).sqrt();
        for (item, length) in &self.order[..self.looked_at()] {
            if own * length * ROUNDING < best.floor {
                break;
            }
            best.offer(*item, self.score(reader, *item));
        }
    }
}
