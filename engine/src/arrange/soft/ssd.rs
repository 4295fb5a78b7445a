//! Sliding spectrum decomposition: each pick adds volume to the window of the last picks, for long feeds.
//!
//! `argmax (1 - s) r_i + s vol(window with i)`, the volume being the product of the lengths left after modified
//! Gram-Schmidt over a circular queue of `window` picks; the part taken out along a pick is put back when it leaves the
//! window (Huang et al., "Sliding Spectrum Decomposition for Diversified Recommendation", KDD 2021).
//! Invariant: the cost of a pick does not grow with the picks before it. Metric: ILD (cosine).

use super::{Picked, SoftError, Strength, Vectors, best_left, relative, same_length};

/// A pick in the window: its direction, its length left, and what was taken from each candidate along it.
struct Held {
    direction: Vec<f64>,
    length: f64,
    taken_out: Vec<f64>,
}

/// Picks `k` offers, looking at `window` picks together (at least 1).
///
/// # Errors
/// See [`SoftError`].
pub fn pick(
    scores: &[f64],
    vectors: &Vectors,
    k: usize,
    window: usize,
    strength: Strength,
) -> Result<Picked, SoftError> {
    let relevance = relative(scores)?;
    same_length(vectors.len(), scores.len())?;
    let s = strength.get();
    let n = scores.len();
    let mut left: Vec<Vec<f64>> = (0..n)
        .map(|i| vectors.row(i).iter().map(|x| f64::from(*x)).collect())
        .collect();
    let mut held: std::collections::VecDeque<Held> = std::collections::VecDeque::new();
    let mut taken = vec![false; n];
    let mut order = Vec::with_capacity(k.min(n));
    while order.len() < k.min(n) {
        if held.len() >= window.max(1) {
            put_back(&mut left, held.pop_front());
        }
        let volume: f64 = held.iter().map(|h| h.length).product();
        let gain = |i: usize| {
            if s == 0.0 {
                relevance[i]
            } else {
                (1.0 - s) * relevance[i] + s * volume * length(&left[i])
            }
        };
        let Some(pick) = best_left(&taken, scores, gain) else {
            break;
        };
        taken[pick] = true;
        order.push(pick as u32);
        if s > 0.0 {
            held.push_back(take_out(&mut left, pick));
        }
    }
    let metric = vectors.intra_list_distance(&order);
    Ok(Picked { order, metric })
}

fn length(row: &[f64]) -> f64 {
    row.iter().map(|x| x * x).sum::<f64>().sqrt()
}

fn take_out(left: &mut [Vec<f64>], pick: usize) -> Held {
    let direction = left[pick].clone();
    let length = length(&direction);
    let square = length * length;
    let mut taken_out = vec![0.0; left.len()];
    for (row, out) in left.iter_mut().zip(&mut taken_out) {
        if square > 1e-12 {
            *out = row.iter().zip(&direction).map(|(x, y)| x * y).sum::<f64>() / square;
            row.iter_mut().zip(&direction).for_each(|(x, y)| *x -= *out * y);
        }
    }
    Held {
        direction,
        length,
        taken_out,
    }
}

fn put_back(left: &mut [Vec<f64>], gone: Option<Held>) {
    let Some(gone) = gone else { return };
    for (row, out) in left.iter_mut().zip(&gone.taken_out) {
        row.iter_mut().zip(&gone.direction).for_each(|(x, y)| *x += out * y);
    }
}
