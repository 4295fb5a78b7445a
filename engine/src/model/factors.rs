//! Factors: a vector for each item, and for a history the vector that its reader would have (iALS).
//!
//! One law of a model: (Σ wᵢ hᵢhᵢᵀ + α₀HᵀH + ridge I) x = Σ wᵢ hᵢ over the history, with a ridge λ (Σ wᵢ + α₀n)^ν; with
//! weights of 1, what training solves. Items are looked at from the longest vector on, until no other can be among the
//! best or enough was multiplied. Invariant: what is found within that bound is exactly the best.

use super::folder::Folder;
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
        let length = |vector: &[f32]| dot(vector, vector).sqrt();
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
        if !solve(&mut square, &mut sum) {
            sum.fill(0.0);
        }
        sum.iter().map(|number| *number as f32).collect()
    }

    /// The score of one item.
    pub(super) fn score(&self, reader: &[f32], item: u32) -> f64 {
        dot(reader, self.vector(item))
    }

    /// How many items it looks at, at most.
    pub(super) fn looked_at(&self) -> usize {
        self.order.len().min(PRODUCTS / self.size)
    }

    /// Offers the items of which one may be among the best.
    pub(super) fn search(&self, reader: &[f32], best: &mut Best) {
        let own = dot(reader, reader).sqrt();
        for (item, length) in &self.order[..self.looked_at()] {
            if own * length * ROUNDING < best.floor {
                break;
            }
            best.offer(*item, self.score(reader, *item));
        }
    }
}

/// The product of two vectors.
pub(super) fn dot(a: &[f32], b: &[f32]) -> f64 {
    // Eight sums side by side: one would have to wait for itself.
    let (mut sums, (a8, a_rest), (b8, b_rest)) = ([0.0f32; 8], a.as_chunks::<8>(), b.as_chunks::<8>());
    for (a, b) in a8.iter().zip(b8) {
        for (sum, (x, y)) in sums.iter_mut().zip(a.iter().zip(b)) {
            *sum += x * y;
        }
    }
    let rest: f32 = a_rest.iter().zip(b_rest).map(|(x, y)| x * y).sum();
    f64::from(sums.iter().sum::<f32>() + rest)
}

/// Solves a x = b in place by LLᵀ, reading the lower half of a; whether it could be done.
fn solve(a: &mut [f64], b: &mut [f64]) -> bool {
    let size = b.len();
    for row in 0..size {
        let (above, rest) = a.split_at_mut(row * size);
        let line = &mut rest[..=row];
        for column in 0..row {
            let other = &above[column * size..=column * size + column];
            let sum: f64 = line[..column].iter().zip(other).map(|(x, y)| x * y).sum();
            line[column] = (line[column] - sum) / other[column];
        }
        let square = line[row] - line[..row].iter().map(|x| x * x).sum::<f64>();
        if square.is_nan() || square <= 0.0 {
            return false;
        }
        line[row] = square.sqrt();
    }
    for row in 0..size {
        let line = &a[row * size..=row * size + row];
        let sum: f64 = line[..row].iter().zip(&b[..row]).map(|(x, y)| x * y).sum();
        b[row] = (b[row] - sum) / line[row];
    }
    for row in (0..size).rev() {
        b[row] /= a[row * size + row];
        let solved = b[row];
        let line = &a[row * size..row * size + row];
        b[..row].iter_mut().zip(line).for_each(|(b, x)| *b -= x * solved);
    }
    b.iter().all(|x| x.is_finite())
}
