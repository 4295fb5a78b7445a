//! xQuAD: each pick serves interests that the picks before it have not served yet.
//!
//! `argmax (1 - s) r_i + s sum_g p(g|u) p(i|g) prod_{j picked} (1 - p(j|g))` (Santos, Macdonald and Ounis, WWW 2010; over
//! genres Vargas and Castells, SIGIR 2011), with `p(i|g) = 1 / genres of i` where i has g.
//! Invariant: the second term is monotone and submodular. Metric: share of the interests met, in [0, 1].

use super::{Picked, SoftError, Strength, best_left, relative, same_length};
use crate::arrange::Values;

/// Picks `k` offers; `genres[i]` index `interest`, the reader's weight for each genre.
///
/// # Errors
/// See [`SoftError`].
pub fn pick(
    scores: &[f64],
    genres: &[Values],
    interest: &[f64],
    k: usize,
    strength: Strength,
) -> Result<Picked, SoftError> {
    let relevance = relative(scores)?;
    same_length(genres.len(), scores.len())?;
    let sum: f64 = interest.iter().sum();
    if !sum.is_finite() || sum <= 0.0 || interest.iter().any(|p| *p < 0.0) {
        return Err(SoftError::Target);
    }
    let s = strength.get();
    let mut unmet: Vec<f64> = interest.iter().map(|p| p / sum).collect();
    let mut met = vec![false; interest.len()];
    let mut taken = vec![false; scores.len()];
    let mut order = Vec::with_capacity(k.min(scores.len()));
    while order.len() < k.min(scores.len()) {
        let serves = |i: usize| {
            let open = genres[i].iter().map(|g| unmet.get(*g as usize).copied().unwrap_or(0.0));
            open.sum::<f64>() / genres[i].len().max(1) as f64
        };
        let Some(pick) = best_left(&taken, scores, |i| (1.0 - s) * relevance[i] + s * serves(i)) else {
            break;
        };
        taken[pick] = true;
        order.push(pick as u32);
        let covered = 1.0 / genres[pick].len().max(1) as f64;
        for genre in genres[pick].iter().map(|g| *g as usize).filter(|g| *g < interest.len()) {
            unmet[genre] *= 1.0 - covered;
            met[genre] = true;
        }
    }
    let metric = interest
        .iter()
        .zip(&met)
        .filter(|(_, met)| **met)
        .map(|(p, _)| p / sum)
        .sum();
    Ok(Picked { order, metric })
}
