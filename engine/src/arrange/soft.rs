//! Soft diversity: models that trade relevance for variety before the hard rules have their word.
//!
//! Stands before the solver on the main path: a model picks and orders; [`adjusted`] turns its order into scores that
//! the exact solver then arranges under the rules, pins and quotas.
//! Invariant: strength 0 is pure relevance in every model: the order is that of the scores, ties by index.

pub mod blend;
pub mod calibration;
pub mod dpp;
pub mod mmr;
pub mod ssd;
pub mod xquad;

/// How much relevance gives way: 0 not at all, 1 entirely.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Strength(f64);

/// Why a soft model cannot run.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum SoftError {
    /// A strength outside [0, 1].
    #[error("strength must be 0 to 1, got {0}")]
    Strength(f64),
    /// A score that is negative, infinite or not a number.
    #[error("the score of candidate {0} must be finite and at least 0")]
    Score(usize),
    /// Vectors, values or categories that do not match the candidates.
    #[error("{got} rows for {expected} candidates")]
    Length {
        /// Rows found.
        got: usize,
        /// Rows needed.
        expected: usize,
    },
    /// A vector that is not finite.
    #[error("the vector of candidate {0} must be finite")]
    Vector(usize),
    /// A target that is negative, not finite, or sums to nothing.
    #[error("the target must be finite, at least 0 and not all 0")]
    Target,
}

impl Strength {
    /// Checks a strength.
    ///
    /// # Errors
    /// Outside [0, 1] or not a number.
    pub fn new(strength: f64) -> Result<Self, SoftError> {
        if (0.0..=1.0).contains(&strength) {
            Ok(Self(strength))
        } else {
            Err(SoftError::Strength(strength))
        }
    }

    /// As a number.
    #[must_use]
    pub fn get(self) -> f64 {
        self.0
    }
}

/// What a model picked, first to last, and the measure of what it is for.
#[derive(Debug, Clone, PartialEq)]
pub struct Picked {
    /// Candidate indices.
    pub order: Vec<u32>,
    /// The model's own metric, named in its page.
    pub metric: f64,
}

/// One vector a candidate, each of length 1 (or all zero, like nothing).
#[derive(Debug, Clone, PartialEq)]
pub struct Vectors {
    rows: Vec<f32>,
    dimension: usize,
}

impl Vectors {
    /// Scales each row to length 1.
    ///
    /// # Errors
    /// When the rows do not divide by the dimension, or a number is not finite.
    pub fn new(mut rows: Vec<f32>, dimension: usize) -> Result<Self, SoftError> {
        if dimension == 0 || !rows.len().is_multiple_of(dimension) {
            return Err(SoftError::Length {
                got: rows.len(),
                expected: dimension,
            });
        }
        for (i, row) in rows.chunks_exact_mut(dimension).enumerate() {
            let norm = row.iter().map(|x| f64::from(*x) * f64::from(*x)).sum::<f64>().sqrt();
            if !norm.is_finite() {
                return Err(SoftError::Vector(i));
            }
            if norm > 0.0 {
                row.iter_mut().for_each(|x| *x = (f64::from(*x) / norm) as f32);
            }
        }
        Ok(Self { rows, dimension })
    }

    /// How many rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len() / self.dimension
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub(super) fn dimension(&self) -> usize {
        self.dimension
    }

    pub(super) fn row(&self, candidate: usize) -> &[f32] {
        &self.rows[candidate * self.dimension..(candidate + 1) * self.dimension]
    }

    /// Cosine of two candidates.
    #[must_use]
    pub fn similarity(&self, a: usize, b: usize) -> f32 {
        dot(self.row(a), self.row(b))
    }

    /// Mean cosine distance of all pairs: ILD. 0 for less than two.
    #[must_use]
    pub fn intra_list_distance(&self, order: &[u32]) -> f64 {
        let mut sum = 0.0;
        for (i, a) in order.iter().enumerate() {
            let distance = |b: &u32| 1.0 - f64::from(self.similarity(*a as usize, *b as usize));
            sum += order[..i].iter().map(distance).sum::<f64>();
        }
        let pairs = order.len() * order.len().saturating_sub(1) / 2;
        if pairs == 0 { 0.0 } else { sum / pairs as f64 }
    }
}

/// Four sums side by side, so that the compiler can use wide registers; more lanes were measured slower.
pub(super) fn dot(a: &[f32], b: &[f32]) -> f32 {
    let (left, right) = (a.chunks_exact(4), b.chunks_exact(4));
    let tail: f32 = left.remainder().iter().zip(right.remainder()).map(|(x, y)| x * y).sum();
    let mut sums = [0.0_f32; 4];
    for (x, y) in left.zip(right) {
        for lane in 0..4 {
            sums[lane] += x[lane] * y[lane];
        }
    }
    sums.iter().sum::<f32>() + tail
}

/// Scores for the solver that follow a model's order: the pick at place t gets the t-th best score there is, the rest
/// keep theirs in order of relevance below. With strength 0 they are the scores themselves.
#[must_use]
pub fn adjusted(scores: &[f64], order: &[u32]) -> Vec<f64> {
    let ranked = by_relevance(scores);
    let mut picked = vec![false; scores.len()];
    order.iter().for_each(|c| picked[*c as usize] = true);
    let rest = ranked.iter().copied().filter(|c| !picked[*c as usize]);
    let mut made = vec![0.0; scores.len()];
    for (candidate, worth) in order.iter().copied().chain(rest).zip(&ranked) {
        made[candidate as usize] = scores[*worth as usize];
    }
    made
}

/// Best first, ties by index.
pub(super) fn by_relevance(scores: &[f64]) -> Vec<u32> {
    let mut ranked: Vec<u32> = (0..scores.len() as u32).collect();
    ranked.sort_by(|a, b| scores[*b as usize].total_cmp(&scores[*a as usize]).then(a.cmp(b)));
    ranked
}

/// Scores divided by the best, so that a strength means the same whatever their scale.
pub(super) fn relative(scores: &[f64]) -> Result<Vec<f64>, SoftError> {
    if let Some(bad) = scores.iter().position(|s| !s.is_finite() || *s < 0.0) {
        return Err(SoftError::Score(bad));
    }
    let best = scores.iter().copied().fold(0.0, f64::max);
    Ok(scores.iter().map(|s| if best > 0.0 { s / best } else { 0.0 }).collect())
}

pub(super) fn same_length(got: usize, expected: usize) -> Result<(), SoftError> {
    if got == expected {
        Ok(())
    } else {
        Err(SoftError::Length { got, expected })
    }
}

/// The best candidate not yet taken, by a gain; ties by score, then index.
pub(super) fn best_left(taken: &[bool], scores: &[f64], gain: impl Fn(usize) -> f64) -> Option<usize> {
    let mut best: Option<(f64, usize)> = None;
    for candidate in (0..taken.len()).filter(|c| !taken[*c]) {
        let worth = gain(candidate);
        let better = best.is_none_or(|(w, b)| worth > w || (worth == w && scores[candidate] > scores[b]));
        if better {
            best = Some((worth, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}
