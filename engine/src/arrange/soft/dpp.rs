//! Fast greedy MAP of a determinantal point process: offers that are good and unlike each other.
//!
//! `log det L_S` with `L = diag(q) S diag(q)`, `q_i = exp(a r_i)`, `a = t / (2 (1 - t))` and `t = 1 - strength`: that is
//! `t * sum r + (1 - t) * log det S_S` up to a factor (Chen, Zhang and Zhou, "Fast Greedy MAP Inference for Determinantal
//! Point Process to Improve Recommendation Diversity", NeurIPS 2018). S is the cosine matrix plus 1e-6 on the diagonal.
//! After j is picked: `e_i = (S_ji - <c_j, c_i>) / d_j`, `c_i` gains `e_i`, `d_i^2` loses `e_i^2`. As `d_i^2` only falls,
//! an old one is a bound, and only candidates that lead are brought up to date (Hemmi et al., "Lazy and Fast Greedy MAP
//! Inference for Determinantal Point Process", NeurIPS 2022): same picks, less work.
//! Invariant: no pick with `d^2 < 1e-10`; when variety is used up, the rest follows by relevance. Metric: ILD (cosine).

use super::{Picked, SoftError, Strength, Vectors, best_left, dot, relative, same_length};

const JITTER: f64 = 1e-6;
const EXHAUSTED: f64 = 1e-10;

/// Memory of the model, kept between calls.
#[derive(Debug, Default)]
pub struct DppWorkspace {
    /// `rows[i * k + t]`: the t-th entry of `c_i`.
    rows: Vec<f64>,
    residual: Vec<f64>,
    /// Entries of `c_i` that are known.
    known: Vec<usize>,
    quality: Vec<f64>,
    /// `q_i^2 d_i^2` with the `d_i^2` known: a bound on the true one.
    gain: Vec<f64>,
    taken: Vec<bool>,
    /// The picks made by the process itself, with `d` as it was then.
    picks: Vec<(usize, f64)>,
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
    let k = k.min(scores.len());
    ws.reset(&relevance, strength, k);
    let mut order = Vec::with_capacity(k);
    while order.len() < k && strength.get() > 0.0 {
        let Some(pick) = ws.next(scores, vectors, k) else { break };
        order.push(pick as u32);
    }
    while order.len() < k {
        let Some(pick) = best_left(&ws.taken, scores, |i| scores[i]) else {
            break;
        };
        ws.taken[pick] = true;
        order.push(pick as u32);
    }
    let metric = vectors.intra_list_distance(&order);
    Ok(Picked { order, metric })
}

impl DppWorkspace {
    fn reset(&mut self, relevance: &[f64], strength: Strength, k: usize) {
        let n = relevance.len();
        let s = strength.get();
        let twice_alpha = if s > 0.0 { (1.0 - s) / s } else { 0.0 };
        self.rows.resize((n * k).max(self.rows.len()), 0.0);
        self.residual.clear();
        self.residual.resize(n, 1.0 + JITTER);
        self.known.clear();
        self.known.resize(n, 0);
        self.taken.clear();
        self.taken.resize(n, false);
        self.picks.clear();
        self.quality.clear();
        self.quality
            .extend(relevance.iter().map(|r| (twice_alpha * (r - 1.0)).exp()));
        self.gain.clear();
        self.gain.extend(self.quality.iter().map(|q| q * (1.0 + JITTER)));
    }

    /// The candidate of largest `q_i^2 d_i^2`, ties by score, then index; `None` once variety is used up.
    fn next(&mut self, scores: &[f64], vectors: &Vectors, k: usize) -> Option<usize> {
        let likely = best_left(&self.taken, scores, |i| self.gain[i])?;
        self.update(vectors, likely, k, 0.0);
        let mut best = likely;
        for i in 0..scores.len() {
            if self.taken[i] || i == likely || self.gain[i] < self.gain[best] {
                continue;
            }
            self.update(vectors, i, k, self.gain[best]);
            let ahead = self.gain[i]
                .total_cmp(&self.gain[best])
                .then(scores[i].total_cmp(&scores[best]));
            if ahead.then(best.cmp(&i)).is_gt() {
                best = i;
            }
        }
        if self.residual[best] < EXHAUSTED {
            return None;
        }
        self.taken[best] = true;
        self.picks.push((best, self.residual[best].sqrt()));
        Some(best)
    }

    /// Brings `c_i` and `d_i^2` up to date with the picks, one by one, until the gain falls below `floor`.
    fn update(&mut self, vectors: &Vectors, i: usize, k: usize, floor: f64) {
        for t in self.known[i]..self.picks.len() {
            let (j, d) = self.picks[t];
            let similar = f64::from(dot(vectors.row(j), vectors.row(i)));
            let (own, other) = (&self.rows[i * k..i * k + t], &self.rows[j * k..j * k + t]);
            let e = (similar - long_dot(own, other)) / d;
            self.rows[i * k + t] = e;
            self.residual[i] = (self.residual[i] - e * e).max(0.0);
            self.known[i] = t + 1;
            self.gain[i] = self.quality[i] * self.residual[i];
            if self.gain[i] < floor {
                return;
            }
        }
    }
}

/// Four sums side by side, like `dot`.
fn long_dot(a: &[f64], b: &[f64]) -> f64 {
    let (left, right) = (a.chunks_exact(4), b.chunks_exact(4));
    let tail: f64 = left.remainder().iter().zip(right.remainder()).map(|(x, y)| x * y).sum();
    let mut sums = [0.0_f64; 4];
    for (x, y) in left.zip(right) {
        for lane in 0..4 {
            sums[lane] += x[lane] * y[lane];
        }
    }
    sums.iter().sum::<f64>() + tail
}
