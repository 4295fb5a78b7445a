//! Fast greedy MAP of a determinantal point process: offers that are good and unlike each other.
//!
//! `log det L_S` with `L = diag(q) S diag(q)`, `q_i = exp(a r_i)`, `a = t / (2 (1 - t))` and `t = 1 - strength`: that is
//! `t * sum r + (1 - t) * log det S_S` up to a factor (Chen, Zhang and Zhou, "Fast Greedy MAP Inference for Determinantal
//! Point Process to Improve Recommendation Diversity", NeurIPS 2018). S is the cosine matrix plus 1e-6 on the diagonal.
//! After j is picked: `e_i = (S_ji - <c_j, c_i>) / d_j`, `c_i` gains `e_i`, `d_i^2` loses `e_i^2`.
//! Invariant: no pick with `d^2 < 1e-10`; when variety is used up, the rest follows by relevance. Metric: ILD (cosine).

use super::{Picked, SoftError, Strength, Vectors, best_left, dot, relative, same_length};

const JITTER: f64 = 1e-6;
const EXHAUSTED: f64 = 1e-10;

/// Memory of the model, kept between calls.
#[derive(Debug, Default)]
pub struct DppWorkspace {
    /// `rows[t * n + i]`: the t-th entry of `c_i`.
    rows: Vec<f64>,
    residual: Vec<f64>,
    quality: Vec<f64>,
    update: Vec<f64>,
    taken: Vec<bool>,
}

/// Picks `k` offers.
///
/// # Errors
/// See [`SoftError`].
pub fn pick(scores: &[f64], vectors: &Vectors, k: usize, strength: Strength) -> Result<Picked, SoftError> {
    pick_with(scores, vectors, k, strength, &mut DppWorkspace::default())
}

/// Picks `k` offers, in memory kept between calls.
///
/// # Errors
/// See [`SoftError`].
pub fn pick_with(
    scores: &[f64],
    vectors: &Vectors,
    k: usize,
    strength: Strength,
    ws: &mut DppWorkspace,
) -> Result<Picked, SoftError> {
    let relevance = relative(scores)?;
    same_length(vectors.len(), scores.len())?;
    let n = scores.len();
    ws.reset(&relevance, strength, k.min(n));
    let mut order = Vec::with_capacity(k.min(n));
    while order.len() < k.min(n) {
        let Some(pick) = ws.best(scores, strength) else { break };
        ws.taken[pick] = true;
        order.push(pick as u32);
        if order.len() < k.min(n) && strength.get() > 0.0 {
            ws.update(vectors, pick, order.len() - 1);
        }
    }
    let metric = vectors.intra_list_distance(&order);
    Ok(Picked { order, metric })
}

impl DppWorkspace {
    fn reset(&mut self, relevance: &[f64], strength: Strength, k: usize) {
        let n = relevance.len();
        let theta = 1.0 - strength.get();
        let twice_alpha = if strength.get() > 0.0 {
            theta / strength.get()
        } else {
            0.0
        };
        self.rows.clear();
        self.rows.resize(n * k, 0.0);
        self.residual.clear();
        self.residual.resize(n, 1.0 + JITTER);
        self.update.clear();
        self.update.resize(n, 0.0);
        self.taken.clear();
        self.taken.resize(n, false);
        self.quality.clear();
        self.quality
            .extend(relevance.iter().map(|r| (twice_alpha * (r - 1.0)).exp()));
    }

    /// The largest `q_i^2 d_i^2`; by relevance at strength 0 and once variety is used up.
    fn best(&self, scores: &[f64], strength: Strength) -> Option<usize> {
        if strength.get() == 0.0 {
            return best_left(&self.taken, scores, |i| scores[i]);
        }
        let gain = |i: usize| {
            if self.residual[i] < EXHAUSTED {
                0.0
            } else {
                self.quality[i] * self.residual[i]
            }
        };
        best_left(&self.taken, scores, gain)
    }

    fn update(&mut self, vectors: &Vectors, pick: usize, step: usize) {
        let n = self.residual.len();
        let residual = self.residual[pick];
        if residual < EXHAUSTED {
            return;
        }
        let row = vectors.row(pick);
        for (i, e) in self.update.iter_mut().enumerate() {
            *e = f64::from(dot(row, vectors.row(i)));
        }
        let (before, here) = self.rows.split_at_mut(step * n);
        for earlier in before.chunks_exact(n) {
            let weight = earlier[pick];
            self.update.iter_mut().zip(earlier).for_each(|(e, c)| *e -= weight * c);
        }
        let scale = residual.sqrt().recip();
        for ((c, e), d) in here[..n].iter_mut().zip(&self.update).zip(&mut self.residual) {
            *c = e * scale;
            *d = (*d - *c * *c).max(0.0);
        }
    }
}
