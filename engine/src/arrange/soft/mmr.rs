//! Maximal marginal relevance: each pick is good and unlike the nearest of those before it.
//!
//! `argmax (1 - s) r_i - s max_{j picked} cos(i, j)` (Carbonell and Goldstein, SIGIR 1998, with lambda = 1 - s).
//! Invariant: greedy by definition, no guarantee against the best set. Metric: ILD (cosine).

use super::{Picked, SoftError, Strength, Vectors, best_left, dot, relative, same_length};

/// Picks `k` offers.
///
/// # Errors
/// See [`SoftError`].
pub fn pick(scores: &[f64], vectors: &Vectors, k: usize, strength: Strength) -> Result<Picked, SoftError> {
    let relevance = relative(scores)?;
    same_length(vectors.len(), scores.len())?;
    let s = strength.get();
    let mut nearest = vec![f64::NEG_INFINITY; scores.len()];
    let mut taken = vec![false; scores.len()];
    let mut order = Vec::with_capacity(k.min(scores.len()));
    while order.len() < k.min(scores.len()) {
        let like = |i: usize| {
            if order.is_empty() || s == 0.0 {
                0.0
            } else {
                s * nearest[i]
            }
        };
        let Some(pick) = best_left(&taken, scores, |i| (1.0 - s) * relevance[i] - like(i)) else {
            break;
        };
        taken[pick] = true;
        order.push(pick as u32);
        let row = vectors.row(pick);
        for (i, near) in nearest.iter_mut().enumerate() {
            *near = near.max(f64::from(dot(row, vectors.row(i))));
        }
    }
    let metric = vectors.intra_list_distance(&order);
    Ok(Picked { order, metric })
}
