//! Dense algebra: the inverse of a large positive definite matrix by blocks in parallel, small systems row by row.
//!
//! Products of blocks are those of `ndarray` (its kernels use the widest registers that the processor has). Another library,
//! faer, was tried: it changes the features of crates that polars shares, so that whoever builds the indexer builds polars
//! anew. Invariant: a matrix that is not positive definite is told, not used; sums are taken in one order, so that results
//! do not depend on threads.

use florilege_engine::model::linear::{Cholesky, dot};
use ndarray::linalg::general_mat_mul;
use ndarray::{Array2, ArrayView2, ArrayViewMut2, s};
use rayon::prelude::*;

use super::Binary;

/// Columns that are factored at once.
const BLOCK: usize = 192;
/// Rows of a task: many, so that the other side of a product is packed seldom.
const ROWS: usize = 2 * BLOCK;
/// Rows and columns that are mirrored at once.
const TILE: usize = 64;

/// Rows of so many numbers.
fn rows(numbers: &[f32], width: usize) -> ArrayView2<'_, f32> {
    ArrayView2::from_shape((numbers.len() / width, width), numbers).expect("whole rows")
}

/// Rows of so many numbers, to be written.
fn rows_mut(numbers: &mut [f32], width: usize) -> ArrayViewMut2<'_, f32> {
    ArrayViewMut2::from_shape((numbers.len() / width, width), numbers).expect("whole rows")
}

/// Adds XᵀX of the rows of X to a square matrix of their width.
pub fn add_gram(x: &[f32], width: usize, sum: &mut [f32]) {
    let x = rows(x, width);
    general_mat_mul(1.0, &x.t(), &x, 1.0, &mut rows_mut(sum, width));
}

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
    /// A = LLᵀ by blocks of columns, then V = L⁻ᵀ, then A⁻¹ = VVᵀ: n³/2 products and sums in blocks, n² of further memory.
    #[must_use]
    pub fn inverse(mut self) -> Option<Self> {
        let size = self.size;
        let mut corners = Vec::with_capacity(size.div_ceil(BLOCK));
        for from in (0..size).step_by(BLOCK) {
            corners.push(self.factor_panel(from)?);
        }
        let turned = inverse_turned(&self.numbers, size, &corners);
        drop(std::mem::take(&mut self.numbers));
        Some(squared(&turned, size))
    }

    /// Factors a block of columns and takes what they explain out of those after; the inverse of L's block on the diagonal.
    fn factor_panel(&mut self, from: usize) -> Option<Vec<f32>> {
        let size = self.size;
        let to = (from + BLOCK).min(size);
        let width = to - from;
        let (above, below) = self.numbers.split_at_mut(to * size);
        let corner = corner(&above[from * size..], size, from, width)?;
        let corner_rows = rows(&corner, width);
        let mut panel = vec![0.0_f32; (size - to) * width];
        let tasks = panel
            .par_chunks_mut(ROWS * width)
            .zip(below.par_chunks_mut(ROWS * size));
        tasks.for_each(|(panel, below)| {
            let (mut panel, mut below) = (rows_mut(panel, width), rows_mut(below, size));
            let mut own = below.slice_mut(s![.., from..to]);
            general_mat_mul(1.0, &own, &corner_rows.t(), 0.0, &mut panel);
            own.assign(&panel);
        });
        let panel = rows(&panel, width);
        below.par_chunks_mut(ROWS * size).enumerate().for_each(|(task, below)| {
            let mut below = rows_mut(below, size);
            let (first, last) = (task * ROWS, task * ROWS + below.nrows());
            let (own, others) = (panel.slice(s![first..last, ..]), panel.slice(s![..last, ..]));
            let mut after = below.slice_mut(s![.., to..to + last]);
            general_mat_mul(-1.0, &own, &others.t(), 1.0, &mut after);
        });
        Some(corner)
    }
}

/// L⁻¹ of a block on the diagonal, reckoned in double precision.
fn corner(lines: &[f32], size: usize, from: usize, width: usize) -> Option<Vec<f32>> {
    let mut block: Vec<f64> = Vec::with_capacity(width * width);
    for line in lines.chunks_exact(size) {
        block.extend(line[from..from + width].iter().map(|number| f64::from(*number)));
    }
    let factor = Cholesky::of(block, width)?;
    let mut inverse = vec![0.0_f32; width * width];
    for column in 0..width {
        let mut one = vec![0.0; width];
        one[column] = 1.0;
        factor.solve_lower(&mut one);
        (column..width).for_each(|row| inverse[row * width + column] = one[row] as f32);
    }
    Some(inverse)
}

/// V = L⁻ᵀ by rows, block of columns after block: VLᵀ = 1 gives `V_I = (1_I − V_{<I} L_{I,<I}ᵀ) L_II⁻ᵀ`.
fn inverse_turned(factor: &[f32], size: usize, corners: &[Vec<f32>]) -> Vec<f32> {
    let mut turned = vec![0.0_f32; size * size];
    let factor = rows(factor, size.max(1));
    let task = |(task, lines): (usize, &mut [f32])| {
        let (first, mut lines) = (task * ROWS, rows_mut(lines, size));
        for (block, corner) in corners.iter().enumerate().skip(first / BLOCK) {
            let (from, to) = (block * BLOCK, (block * BLOCK + BLOCK).min(size));
            let (done, mut own) = lines.multi_slice_mut((s![.., first..from], s![.., from..to]));
            let mut left = Array2::<f32>::zeros(own.raw_dim());
            for row in from.max(first)..to.min(first + left.nrows()) {
                left[[row - first, row - from]] = 1.0;
            }
            general_mat_mul(
                -1.0,
                &done,
                &factor.slice(s![from..to, first..from]).t(),
                1.0,
                &mut left,
            );
            general_mat_mul(1.0, &left, &rows(corner, to - from).t(), 0.0, &mut own);
        }
    };
    turned.par_chunks_mut((size * ROWS).max(1)).enumerate().for_each(task);
    turned
}

/// VVᵀ of rows that are 0 before the diagonal.
fn squared(turned: &[f32], size: usize) -> Square {
    let mut numbers = vec![0.0_f32; size * size];
    let turned = rows(turned, size.max(1));
    let task = |(task, lines): (usize, &mut [f32])| {
        let (first, mut lines) = (task * ROWS, rows_mut(lines, size));
        let last = first + lines.nrows();
        // One half is enough: the other is the same sum.
        let (own, others) = (
            turned.slice(s![first..last, first..]),
            turned.slice(s![..last, first..]),
        );
        general_mat_mul(1.0, &own, &others.t(), 0.0, &mut lines.slice_mut(s![.., ..last]));
    };
    numbers.par_chunks_mut((size * ROWS).max(1)).enumerate().for_each(task);
    mirror(&mut numbers, size);
    Square { numbers, size }
}

/// Copies what is below the diagonal to above it, tile by tile so that both stay near.
fn mirror(numbers: &mut [f32], size: usize) {
    for top in (0..size).step_by(TILE) {
        for left in (0..=top).step_by(TILE) {
            for row in top..(top + TILE).min(size) {
                for column in left..(left + TILE).min(row) {
                    numbers[column * size + row] = numbers[row * size + column];
                }
            }
        }
    }
}

/// The factor of the Gram matrix of the columns of `of_item` (items × readers) with `ridge` on its diagonal.
#[must_use]
pub fn factor_of_gram(of_item: &Binary, ridge: f64) -> Option<Cholesky> {
    let size = of_item.width();
    let mut rows = vec![0.0; size * size];
    for readers in of_item.rows() {
        for (at, reader) in readers.iter().enumerate() {
            let row = &mut rows[*reader as usize * size..];
            readers[..=at].iter().for_each(|other| row[*other as usize] += 1.0);
        }
    }
    (0..size).for_each(|at| rows[at * size + at] += ridge);
    Cholesky::of(rows, size)
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
