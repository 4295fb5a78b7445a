//! Sliding spectrum decomposition: each pick adds volume to the window of the last picks, for long feeds.
//!
//! `argmax (1 - s) r_i + s vol(window with i)`, the volume being the product of the lengths left after modified
//! Gram-Schmidt over a circular queue of `window` picks; the part taken out along a pick is put back when it leaves the
//! window (Huang et al., "Sliding Spectrum Decomposition for Diversified Recommendation", KDD 2021).
//! Invariant: the cost of a pick does not grow with the picks before it. Metric: ILD (cosine).

use std::collections::VecDeque;

use super::{Picked, SoftError, Strength, Vectors, best_left, dot, relative, same_length};

/// A pick in the window: its direction (length 1) once the window before it is taken out, the length it had left, and
/// the part of each candidate along it. Directions of one window are at right angles, so parts of the whole vectors do.
struct Held {
    direction: Vec<f32>,
    length: f64,
    part: Vec<f32>,
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
    let mut square: Vec<f64> = (0..n).map(|i| f64::from(vectors.similarity(i, i))).collect();
    let mut held: VecDeque<Held> = VecDeque::new();
    let mut taken = vec![false; n];
    let mut order = Vec::with_capacity(k.min(n));
    while order.len() < k.min(n) {
        if held.len() >= window.max(1) {
            put_back(&mut square, held.pop_front());
        }
        let volume: f64 = held.iter().map(|h| h.length).product();
        let gain = |i: usize| (1.0 - s) * relevance[i] + s * volume * square[i].max(0.0).sqrt();
        let Some(pick) = best_left(&taken, scores, gain) else {
            break;
        };
        taken[pick] = true;
        order.push(pick as u32);
        if s > 0.0 {
            let next = take_out(&mut square, vectors, &held, pick);
            held.push_back(next);
        }
    }
    let metric = vectors.intra_list_distance(&order);
    Ok(Picked { order, metric })
}

fn take_out(square: &mut [f64], vectors: &Vectors, held: &VecDeque<Held>, pick: usize) -> Held {
    let mut direction = vectors.row(pick).to_vec();
    for before in held {
        let part = before.part[pick];
        direction
            .iter_mut()
            .zip(&before.direction)
            .for_each(|(x, y)| *x -= part * y);
    }
    let length = f64::from(dot(&direction, &direction)).sqrt();
    let scale = if length > 1e-6 { 1.0 / length as f32 } else { 0.0 };
    direction.iter_mut().for_each(|x| *x *= scale);
    let part: Vec<f32> = (0..square.len()).map(|i| dot(&direction, vectors.row(i))).collect();
    square
        .iter_mut()
        .zip(&part)
        .for_each(|(left, out)| *left -= f64::from(*out) * f64::from(*out));
    Held {
        direction,
        length,
        part,
    }
}

fn put_back(square: &mut [f64], gone: Option<Held>) {
    let Some(gone) = gone else { return };
    square
        .iter_mut()
        .zip(&gone.part)
        .for_each(|(left, out)| *left += f64::from(*out) * f64::from(*out));
}
