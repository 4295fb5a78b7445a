//! SLIM (Ning and Karypis, ICDM 2011): each item's readers as a sparse sum of other items' readers.
//!
//! For item j, w ≥ 0 with wⱼ = 0 minimises ½ |xⱼ − X w|² + l₁ Σ w + ½ l₂ Σ w², by coordinate descent on the Gram matrix
//! (Friedman, Hastie and Tibshirani 2010): the gradient is kept up to date, never recomputed. Only items met together
//! with j can have a weight, as weights are not negative. Invariant: weights of one item do not depend on another's.

use rayon::prelude::*;

use super::neighbours::{meetings, popularity};
use super::{Binary, Weights};

/// Changes of all weights in a pass below which an item is done.
const STILL: f64 = 1e-5;

/// Trains every item.
pub(super) fn train(readers: &Binary, l1: f64, l2: f64, passes: usize) -> Weights {
    let own = popularity(readers);
    let collect = |_, pairs: &mut dyn Iterator<Item = (u32, f64)>| {
        Weights::new(vec![pairs.map(|(other, both)| (other, both as f32)).collect()])
    };
    // One row each, so that the Gram matrix is held once.
    let gram: Vec<Weights> = meetings(readers, |_| 1.0, collect);
    let scratch = || Descent::new(readers.width());
    let columns: Vec<Vec<(u32, f32)>> = (0..readers.width())
        .into_par_iter()
        .map_init(scratch, |descent, item| {
            descent.run(item, &gram, &own, [l1, l2], passes)
        })
        .collect();
    turned(&columns)
}

struct Descent {
    /// gᵢ = Gᵢⱼ − Σ_{k≠i} Gᵢₖ wₖ, for the items met with j.
    gradient: Vec<f64>,
    weight: Vec<f64>,
    met: Vec<bool>,
}

impl Descent {
    fn new(items: usize) -> Self {
        Self {
            gradient: vec![0.0; items],
            weight: vec![0.0; items],
            met: vec![false; items],
        }
    }

    fn run(&mut self, item: usize, gram: &[Weights], own: &[f64], ridge: [f64; 2], passes: usize) -> Vec<(u32, f32)> {
        let [l1, l2] = ridge;
        let candidates: Vec<u32> = gram[item].row(0).map(|(other, _)| other).collect();
        for (other, both) in gram[item].row(0) {
            self.gradient[other as usize] = f64::from(both);
            self.met[other as usize] = true;
        }
        for _ in 0..passes {
            let mut moved = 0.0_f64;
            for other in candidates.iter().map(|other| *other as usize) {
                let next = ((self.gradient[other] - l1) / (own[other] + l2)).max(0.0);
                let change = next - self.weight[other];
                if change != 0.0 {
                    self.weight[other] = next;
                    moved += change.abs();
                    self.spread(&gram[other], change);
                }
            }
            if moved < STILL {
                break;
            }
        }
        let weight = |other: &u32| (*other, self.weight[*other as usize] as f32);
        let row = candidates
            .iter()
            .map(weight)
            .filter(|(_, weight)| *weight > 0.0)
            .collect();
        for other in candidates.iter().map(|other| *other as usize) {
            (self.gradient[other], self.weight[other], self.met[other]) = (0.0, 0.0, false);
        }
        row
    }

    fn spread(&mut self, row: &Weights, change: f64) {
        for (third, both) in row.row(0) {
            if self.met[third as usize] {
                self.gradient[third as usize] -= f64::from(both) * change;
            }
        }
    }
}

/// From what explains an item to what an item explains.
fn turned(columns: &[Vec<(u32, f32)>]) -> Weights {
    let mut rows = vec![Vec::new(); columns.len()];
    for (item, column) in (0..).zip(columns) {
        for (other, weight) in column {
            rows[*other as usize].push((item, *weight));
        }
    }
    Weights::new(rows)
}
