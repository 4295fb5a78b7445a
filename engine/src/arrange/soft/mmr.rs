//! Maximal marginal relevance: each pick is good and unlike the nearest of those before it.
//!
//! `argmax (1 - s) r_i - s max_{j picked} cos(i, j)` (Carbonell and Goldstein, SIGIR 1998, with lambda = 1 - s).
//! Invariant: greedy by definition, no guarantee against the best set. Metric: ILD (cosine).

use super::{Picked, SoftError, Strength, Vectors, dot, relative, same_length};

/// Picks `k` offers. What a candidate is worth only falls as picks are made (after the first), so one is compared with
/// the picks it has not met only while it leads.
///
/// # Errors
/// See [`SoftError`].
pub fn pick(scores: &[f64], vectors: &Vectors, k: usize, strength: Strength) -> Result<Picked, SoftError> {
    let relevance = relative(scores)?;
    same_length(vectors.len(), scores.len())?;
    let s = strength.get();
    let n = scores.len();
    let mut nearest = vec![-1.0_f64; n];
    let mut met = vec![0_usize; n];
    let mut taken = vec![false; n];
    let mut order: Vec<u32> = Vec::with_capacity(k.min(n));
    while order.len() < k.min(n) {
        let mut best: Option<(f64, usize)> = None;
        for i in (0..n).filter(|i| !taken[*i]) {
            let leads = |worth: f64| best.is_none_or(|(w, b)| worth > w || (worth == w && scores[i] > scores[b]));
            let base = (1.0 - s) * relevance[i];
            if order.is_empty() || s == 0.0 {
                best = if leads(base) { Some((base, i)) } else { best };
                continue;
            }
            while leads(base - s * nearest[i]) && met[i] < order.len() {
                nearest[i] = nearest[i].max(f64::from(dot(vectors.row(order[met[i]] as usize), vectors.row(i))));
                met[i] += 1;
            }
            if leads(base - s * nearest[i]) {
                best = Some((base - s * nearest[i], i));
            }
        }
        let Some((_, pick)) = best else { break };
        taken[pick] = true;
        order.push(pick as u32);
    }
    let metric = vectors.intra_list_distance(&order);
    Ok(Picked { order, metric })
}
