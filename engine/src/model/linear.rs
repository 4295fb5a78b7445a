//! What dense algebra models need, where they are served and where they are trained.
//!
//! Beside the main path. Invariant: the same numbers are added in the same order on every machine.

/// The factor L of a positive definite matrix A = LLᵀ, in double precision.
#[derive(Debug, Clone)]
pub struct Cholesky {
    rows: Vec<f64>,
    size: usize,
}

impl Cholesky {
    /// Of a matrix by rows, of which the lower half is read; none where it is not positive definite.
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

    /// Solves Lᵀ x = b in place.
    pub fn solve_upper(&self, b: &mut [f64]) {
        for row in (0..self.size).rev() {
            b[row] /= self.rows[row * self.size + row];
            let solved = b[row];
            let line = &self.rows[row * self.size..row * self.size + row];
            b[..row].iter_mut().zip(line).for_each(|(b, l)| *b -= l * solved);
        }
    }

    /// Solves A x = b in place.
    pub fn solve(&self, b: &mut [f64]) {
        self.solve_lower(b);
        self.solve_upper(b);
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

/// Sixteen sums side by side, so that wide registers can be used and none waits for the one before; to the shorter of the two.
#[must_use]
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
