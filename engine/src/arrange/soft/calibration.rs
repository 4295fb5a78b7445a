//! Calibration: a list whose categories follow a target distribution, traded against relevance, exactly.
//!
//! Maximises `(1 - s) * sum of scores + s * sum_c p_c log((1 - a) x_c / k + a p_c)`, with `x_c` the offers of category c,
//! `p` the target and `a = 0.01` (Steck, "Calibrated recommendations", RecSys 2018, with the fixed normaliser k). With one
//! category an offer the objective is separable and concave in the counts, so taking the best marginal gain each time is
//! optimal (Ibaraki and Katoh, "Resource Allocation Problems", 1988). Scores are divided by the best of them.
//! Invariant: the set returned is optimal; metric: KL(p || (1 - a) q + a p) in nats, 0 is perfect.

use super::{Picked, SoftError, Strength, by_relevance, relative, same_length};

/// How much of the target is mixed into what is shown, so that the logarithm is finite.
const SMOOTHING: f64 = 0.01;

/// Picks `k` offers; `category[i]` indexes `target`, which need not sum to 1. An index past its end has no share.
///
/// # Errors
/// See [`SoftError`].
pub fn pick(
    scores: &[f64],
    category: &[u32],
    target: &[f64],
    k: usize,
    strength: Strength,
) -> Result<Picked, SoftError> {
    let relevance = relative(scores)?;
    same_length(category.len(), scores.len())?;
    let target = share(target)?;
    let mut queues: Vec<Vec<u32>> = vec![Vec::new(); target.len() + 1];
    for candidate in by_relevance(scores) {
        let own = (category[candidate as usize] as usize).min(target.len());
        queues[own].push(candidate);
    }
    let mut counts = vec![0; queues.len()];
    let mut order = Vec::with_capacity(k.min(scores.len()));
    while order.len() < k {
        let gain = |c: usize| {
            let next = *queues[c].get(counts[c])?;
            let worth = (1.0 - strength.get()) * relevance[next as usize];
            Some((worth + strength.get() * step(&target, c, counts[c], k), next))
        };
        let open = (0..queues.len()).filter_map(|c| gain(c).map(|(worth, next)| (worth, next, c)));
        let best = open.max_by(|a, b| {
            let by_score = scores[a.1 as usize].total_cmp(&scores[b.1 as usize]);
            a.0.total_cmp(&b.0).then(by_score).then(b.1.cmp(&a.1))
        });
        let Some((_, next, c)) = best else { break };
        counts[c] += 1;
        order.push(next);
    }
    let metric = divergence(&target, &counts, order.len());
    Ok(Picked { order, metric })
}

/// What one more offer of a category brings to the target.
fn step(target: &[f64], category: usize, count: usize, k: usize) -> f64 {
    let p = target.get(category).copied().unwrap_or(0.0);
    if p == 0.0 {
        return 0.0;
    }
    let term = |x: usize| ((1.0 - SMOOTHING) * x as f64 / k as f64 + SMOOTHING * p).ln();
    p * (term(count + 1) - term(count))
}

/// KL(p || q~) of the counts shown.
pub fn divergence(target: &[f64], counts: &[usize], shown: usize) -> f64 {
    let of = |(p, x): (&f64, &usize)| {
        let q = if shown == 0 { 0.0 } else { *x as f64 / shown as f64 };
        if *p == 0.0 {
            0.0
        } else {
            p * (p / ((1.0 - SMOOTHING) * q + SMOOTHING * p)).ln()
        }
    };
    target.iter().zip(counts).map(of).sum()
}

fn share(target: &[f64]) -> Result<Vec<f64>, SoftError> {
    let sum: f64 = target.iter().sum();
    let good = sum.is_finite() && sum > 0.0 && target.iter().all(|p| *p >= 0.0);
    if good {
        Ok(target.iter().map(|p| p / sum).collect())
    } else {
        Err(SoftError::Target)
    }
}
