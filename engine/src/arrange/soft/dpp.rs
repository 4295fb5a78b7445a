//! Fast greedy MAP of a determinantal point process: offers that are good and unlike each other.
//!
//! `log det L_S` with `L = diag(q) S diag(q)`, `q_i = exp(a r_i)`, `a = t / (2 (1 - t))` and `t = 1 - strength`: that is
//! `t * sum r + (1 - t) * log det S_S` up to a factor (Chen, Zhang and Zhou, "Fast Greedy MAP Inference for Determinantal
//! Point Process to Improve Recommendation Diversity", NeurIPS 2018). S is the cosine matrix plus 1e-6 on the diagonal.
//! After j is picked: `e_i = (S_ji - <c_j, c_i>) / d_j`, `c_i` gains `e_i`, `d_i^2` loses `e_i^2`. As `d_i^2` only falls,
//! an old one is a bound, and only candidates that may lead are brought up to date (Hemmi et al., "Lazy and Fast Greedy MAP
//! Inference for Determinantal Point Process", NeurIPS 2022): same picks, less work. Candidates go in blocks of sixteen,
//! best first, so that the sums run side by side.
//! Invariant: no pick with `d^2 < 1e-10`; when variety is used up, the rest follows by relevance. Metric: ILD (cosine).

use super::{Picked, SoftError, Strength, Vectors, best_left, by_relevance, relative, same_length};

const JITTER: f64 = 1e-6;
const EXHAUSTED: f64 = 1e-10;
/// Candidates that are brought up to date together.
const LANES: usize = 16;

/// Memory of the model, kept between calls.
#[derive(Debug, Default)]
pub struct DppWorkspace {
    /// `columns[(block * d + x) * LANES + lane]`: the vectors, block by block.
    columns: Vec<f32>,
    /// `entries[(block * k + t) * LANES + lane]`: the t-th entry of `c_i`.
    entries: Vec<f64>,
    blocks: Vec<Block>,
    /// The entries of the last pick's own `c`.
    own: Vec<Vec<f64>>,
    /// The picks made by the process itself, with `d` as it was then.
    picks: Vec<(usize, f64)>,
}

/// Sixteen candidates, and what is known of them.
#[derive(Debug, Clone)]
struct Block {
    candidates: [usize; LANES],
    quality: [f64; LANES],
    residual: [f64; LANES],
    /// Picks accounted for.
    known: usize,
}

const NOBODY: usize = usize::MAX;

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
    let mut taken = vec![false; scores.len()];
    let mut order = Vec::with_capacity(k);
    if strength.get() > 0.0 {
        ws.reset(&relevance, vectors, strength, k);
        while order.len() < k {
            let Some(pick) = ws.next(vectors, k) else { break };
            taken[pick] = true;
            order.push(pick as u32);
        }
    }
    while order.len() < k {
        let Some(pick) = best_left(&taken, scores, |i| scores[i]) else {
            break;
        };
        taken[pick] = true;
        order.push(pick as u32);
    }
    let metric = vectors.intra_list_distance(&order);
    Ok(Picked { order, metric })
}

impl Block {
    /// The lane of largest gain, the better candidate of equals coming first.
    fn lead(&self) -> (f64, usize) {
        let mut best = (f64::NEG_INFINITY, 0);
        for lane in 0..LANES {
            let gain = self.quality[lane] * self.residual[lane];
            if gain > best.0 && self.candidates[lane] != NOBODY {
                best = (gain, lane);
            }
        }
        best
    }
}

impl DppWorkspace {
    fn reset(&mut self, relevance: &[f64], vectors: &Vectors, strength: Strength, k: usize) {
        let twice_alpha = (1.0 - strength.get()) / strength.get();
        let ranked = by_relevance(relevance);
        let d = vectors.dimension();
        self.picks.clear();
        self.own.clear();
        self.blocks.clear();
        self.columns.clear();
        self.columns.resize(ranked.len().div_ceil(LANES) * d * LANES, 0.0);
        self.entries
            .resize((ranked.len().div_ceil(LANES) * k * LANES).max(self.entries.len()), 0.0);
        for (at, sixteen) in ranked.chunks(LANES).enumerate() {
            let mut block = Block {
                candidates: [NOBODY; LANES],
                quality: [0.0; LANES],
                residual: [1.0 + JITTER; LANES],
                known: 0,
            };
            for (lane, candidate) in sixteen.iter().map(|c| *c as usize).enumerate() {
                block.candidates[lane] = candidate;
                block.quality[lane] = (twice_alpha * (relevance[candidate] - 1.0)).exp();
                for (x, value) in vectors.row(candidate).iter().enumerate() {
                    self.columns[(at * d + x) * LANES + lane] = *value;
                }
            }
            self.blocks.push(block);
        }
    }

    /// The candidate of largest `q_i^2 d_i^2`, ties by score, then index; `None` once variety is used up.
    fn next(&mut self, vectors: &Vectors, k: usize) -> Option<usize> {
        let mut best = (f64::NEG_INFINITY, 0, 0);
        for at in 0..self.blocks.len() {
            let mut lead = self.blocks[at].lead();
            while lead.0 > best.0 && self.blocks[at].known < self.picks.len() {
                self.update(vectors, at, k);
                lead = self.blocks[at].lead();
            }
            if lead.0 > best.0 {
                best = (lead.0, at, lead.1);
            }
        }
        let (_, at, lane) = best;
        let block = self.blocks.get_mut(at)?;
        let (pick, residual) = (block.candidates[lane], block.residual[lane]);
        if pick == NOBODY || residual < EXHAUSTED {
            return None;
        }
        block.candidates[lane] = NOBODY;
        let entries = (0..self.picks.len()).map(|t| self.entries[(at * k + t) * LANES + lane]);
        self.own.push(entries.collect());
        self.picks.push((pick, residual.sqrt()));
        Some(pick)
    }

    /// Accounts for one more pick in a block.
    fn update(&mut self, vectors: &Vectors, at: usize, k: usize) {
        let block = &mut self.blocks[at];
        let t = block.known;
        let (pick, length) = self.picks[t];
        let d = vectors.dimension();
        let similar = weighted(vectors.row(pick), &self.columns[at * d * LANES..(at + 1) * d * LANES]);
        let (before, here) = self.entries[at * k * LANES..(at + 1) * k * LANES].split_at_mut(t * LANES);
        let shared = weighted_long(&self.own[t], before);
        for lane in 0..LANES {
            let e = (f64::from(similar[lane]) - shared[lane]) / length;
            here[lane] = e;
            block.residual[lane] = (block.residual[lane] - e * e).max(0.0);
        }
        block.known = t + 1;
    }
}

/// For each lane, the sum of its column weighted.
fn weighted(weights: &[f32], columns: &[f32]) -> [f32; LANES] {
    let mut sums = [0.0; LANES];
    for (weight, column) in weights.iter().zip(columns.chunks_exact(LANES)) {
        for (sum, value) in sums.iter_mut().zip(column) {
            *sum += weight * value;
        }
    }
    sums
}

fn weighted_long(weights: &[f64], columns: &[f64]) -> [f64; LANES] {
    let mut sums = [0.0; LANES];
    for (weight, column) in weights.iter().zip(columns.chunks_exact(LANES)) {
        for (sum, value) in sums.iter_mut().zip(column) {
            *sum += weight * value;
        }
    }
    sums
}
