//! Dense algebra: the inverse of a large positive definite matrix by blocks in parallel, small systems row by row.
//!
//! A library (faer) was tried: it changes the features of crates that polars shares, so that whoever builds the indexer builds
//! polars anew. Invariant: a matrix that is not positive definite is told, not used; sums are taken in one order, so that
//! results do not depend on threads.

use rayon::prelude::*;

use super::Binary;

/// Rows and columns of a block: three blocks of single precision fit a core's second cache.
const BLOCK: usize = 128;

/// A symmetric matrix, all of it stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Square {
    /// Row by row.
    pub numbers: Vec<f32>,
    /// Rows, and columns.
    pub size: usize,
}

impl Square {
    /// XᵀX with `ridge` on its diagonal.
    #[must_use]
    pub fn gram(readers: &Binary, ridge: f32) -> Self {
        let size = readers.width();
        let of_item = readers.transposed();
        let mut numbers = vec![0.0_f32; size * size];
        numbers.par_chunks_mut(size.max(1)).enumerate().for_each(|(item, row)| {
            for reader in of_item.row(item) {
                readers
                    .row(*reader as usize)
                    .iter()
                    .for_each(|other| row[*other as usize] += 1.0);
            }
            row[item] += ridge;
        });
        Self { numbers, size }
    }

    /// The inverse; none of a matrix that is not positive definite.
    ///
    /// A = LLᵀ by blocks of columns, then W = L⁻¹ in place, then A⁻¹ = WᵀW: n³ products and sums, n² of further memory.
    #[must_use]
    pub fn inverse(mut self) -> Option<Self> {
        let size = self.size;
        for from in (0..size).step_by(BLOCK) {
            let to = (from + BLOCK).min(size);
            if !self.factor_panel(from, to) {
                return None;
            }
        }
        // Columns of W are rows of its transpose, each solved by itself.
        let mut columns = vec![0.0_f32; size * size];
        let factor = &self.numbers;
        columns
            .par_chunks_mut(size.max(1) * BLOCK)
            .enumerate()
            .for_each(|(panel, rows)| {
                inverse_columns(factor, size, panel * BLOCK, rows);
            });
        drop(std::mem::take(&mut self.numbers));
        Some(squared(columns, size))
    }

    /// Brings the columns `from..to` of L up to date with those before, and factors them.
    fn factor_panel(&mut self, from: usize, to: usize) -> bool {
        let size = self.size;
        let (above, below) = self.numbers.split_at_mut(to * size);
        for row in from..to {
            let (before, own) = above.split_at_mut(row * size);
            for column in from..row {
                let other = &before[column * size..=column * size + column];
                own[column] = (own[column] - dot(&own[..column], other)) / other[column];
            }
            let square = own[row] - dot(&own[..row], &own[..row]);
            if square.is_nan() || square <= 0.0 {
                return false;
            }
            own[row] = square.sqrt();
        }
        let panel = &above[from * size..];
        below.par_chunks_mut(size * 4).for_each(|rows| {
            for row in rows.chunks_mut(size) {
                for column in from..to {
                    let other = &panel[(column - from) * size..=(column - from) * size + column];
                    row[column] = (row[column] - dot(&row[..column], other)) / other[column];
                }
            }
        });
        true
    }
}

/// Columns `first..` of L⁻¹, each written as a row: y of L y = e.
fn inverse_columns(factor: &[f32], size: usize, first: usize, rows: &mut [f32]) {
    let count = rows.len() / size.max(1);
    for (column, row) in rows.chunks_mut(size).enumerate() {
        row[first + column] = 1.0;
    }
    // A row of L is read once for all columns of the block.
    for at in first..size {
        let line = &factor[at * size..=at * size + at];
        for (column, row) in rows.chunks_mut(size).enumerate().take(count.min(at + 1 - first)) {
            let begin = first + column;
            row[at] = (row[at] - dot(&line[begin..at], &row[begin..at])) / line[at];
        }
    }
}

/// WᵀW of the columns of W, which are 0 above the diagonal.
fn squared(columns: Vec<f32>, size: usize) -> Square {
    let mut numbers = vec![0.0_f32; size * size];
    numbers
        .par_chunks_mut(size.max(1) * BLOCK)
        .enumerate()
        .for_each(|(panel, rows)| {
            let first = panel * BLOCK;
            for other in 0..size {
                let column = &columns[other * size..(other + 1) * size];
                for (at, row) in rows.chunks_mut(size).enumerate() {
                    let own = first + at;
                    // One half is enough: the other is the same sum.
                    if other <= own {
                        row[other] = dot(&columns[own * size + own..(own + 1) * size], &column[own..]);
                    }
                }
            }
        });
    for row in 0..size {
        for column in 0..row {
            numbers[column * size + row] = numbers[row * size + column];
        }
    }
    Square { numbers, size }
}

/// The factor L of a positive definite matrix A = LLᵀ, in double precision.
#[derive(Debug, Clone)]
pub struct Cholesky {
    rows: Vec<f64>,
    size: usize,
}

impl Cholesky {
    /// Of the Gram matrix of the columns of `of_item` (items × readers) with `ridge` on its diagonal.
    #[must_use]
    pub fn of_gram(of_item: &Binary, ridge: f64) -> Option<Self> {
        let size = of_item.width();
        let mut rows = vec![0.0; size * size];
        for readers in of_item.rows() {
            for (at, reader) in readers.iter().enumerate() {
                let row = &mut rows[*reader as usize * size..];
                readers[..=at].iter().for_each(|other| row[*other as usize] += 1.0);
            }
        }
        (0..size).for_each(|at| rows[at * size + at] += ridge);
        Self::of(rows, size)
    }

    /// Of a matrix by rows, of which the lower half is read.
    #[must_use]
    pub fn of(mut rows: Vec<f64>, size: usize) -> Option<Self> {
        factor(&mut rows, size).then_some(Self { rows, size })
    }

    /// Solves L y = b in place.
    pub fn solve_lower(&self, b: &mut [f64]) {
        for row in 0..self.size {
            let line = &self.rows[row * self.size..row * self.size + row];
            let sum: f64 = line.iter().zip(&b[..row]).map(|(l, y)| l * y).sum();
            b[row] = (b[row] - sum) / self.rows[row * self.size + row];
        }
    }
}

fn factor(rows: &mut [f64], size: usize) -> bool {
    for row in 0..size {
        let (above, rest) = rows.split_at_mut(row * size);
        let line = &mut rest[..=row];
        for column in 0..row {
            let other = &above[column * size..=column * size + column];
            let sum: f64 = line[..column].iter().zip(other).map(|(a, b)| a * b).sum();
            line[column] = (line[column] - sum) / other[column];
        }
        let square = line[row] - line[..row].iter().map(|l| l * l).sum::<f64>();
        if square.is_nan() || square <= 0.0 {
            return false;
        }
        line[row] = square.sqrt();
    }
    true
}

/// Solves A x = b in place, A positive definite by rows with its lower half given; A is overwritten. False if A is not.
pub fn solve(a: &mut [f32], b: &mut [f32]) -> bool {
    let size = b.len();
    for row in 0..size {
        let (above, rest) = a.split_at_mut(row * size);
        let line = &mut rest[..=row];
        for column in 0..row {
            let other = &above[column * size..=column * size + column];
            line[column] = (line[column] - dot(&line[..column], other)) / other[column];
        }
        let square = line[row] - dot(&line[..row], &line[..row]);
        if square.is_nan() || square <= 0.0 {
            return false;
        }
        line[row] = square.sqrt();
    }
    for row in 0..size {
        let line = &a[row * size..=row * size + row];
        b[row] = (b[row] - dot(line, &b[..row])) / line[row];
    }
    for row in (0..size).rev() {
        b[row] /= a[row * size + row];
        let solved = b[row];
        let line = &a[row * size..row * size + row];
        b[..row].iter_mut().zip(line).for_each(|(b, l)| *b -= l * solved);
    }
    true
}

/// Sixteen sums side by side, so that wide registers can be used and none waits for the one before; to the shorter of the two.
pub fn dot(a: &[f32], b: &[f32]) -> f32 {
    const LANES: usize = 16;
    let length = a.len().min(b.len());
    let (left, right) = (a[..length].as_chunks::<LANES>(), b[..length].as_chunks::<LANES>());
    let tail: f32 = left.1.iter().zip(right.1).map(|(x, y)| x * y).sum();
    let mut sums = [0.0_f32; LANES];
    for (x, y) in left.0.iter().zip(right.0) {
        for lane in 0..LANES {
            sums[lane] += x[lane] * y[lane];
        }
    }
    sums.iter().sum::<f32>() + tail
}
