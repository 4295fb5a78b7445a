//! Models of neighbours: item-to-item cosine, and RP3β, a walk reader → item → reader → item.
//!
//! Both go over the readers of an item and what else those had, one item a task. Invariant: an item is no neighbour of
//! itself, and equal weights go to the lower item.

use rayon::prelude::*;

use super::{Binary, Weights};
use crate::lab::sparse::strongest;

/// For each item, the sum over its readers of `step(reader)` at every other item they had.
pub(super) fn meetings<T: Send>(
    readers: &Binary,
    step: impl Fn(usize) -> f64 + Sync,
    row: impl Fn(usize, &mut dyn Iterator<Item = (u32, f64)>) -> T + Sync,
) -> Vec<T> {
    let of_item = readers.transposed();
    let scratch = || (vec![0.0_f64; readers.width()], Vec::<u32>::new());
    (0..readers.width())
        .into_par_iter()
        .map_init(scratch, |(sums, met), item| {
            for reader in of_item.row(item).iter().map(|reader| *reader as usize) {
                let weight = step(reader);
                for other in readers.row(reader) {
                    if sums[*other as usize] == 0.0 {
                        met.push(*other);
                    }
                    sums[*other as usize] += weight;
                }
            }
            met.sort_unstable();
            let mut others = met.iter().filter(|other| **other as usize != item);
            let mut pairs = others.by_ref().map(|other| (*other, sums[*other as usize]));
            let made = row(item, &mut pairs);
            met.drain(..).for_each(|other| sums[other as usize] = 0.0);
            made
        })
        .collect()
}

/// How many readers each item has.
pub(super) fn popularity(readers: &Binary) -> Vec<f64> {
    let mut counts = vec![0.0; readers.width()];
    readers.rows().flatten().for_each(|item| counts[*item as usize] += 1.0);
    counts
}

/// w(i,j) = |Uᵢ ∩ Uⱼ| / (√(|Uᵢ| |Uⱼ|) + shrink), the strongest of each row kept.
pub(super) fn cosine(readers: &Binary, neighbours: usize, shrink: f64) -> Weights {
    let counts = popularity(readers);
    let row = |item: usize, pairs: &mut dyn Iterator<Item = (u32, f64)>| {
        let weight = |(other, both): (u32, f64)| {
            let norm = (counts[item] * counts[other as usize]).sqrt() + shrink;
            (other, (both / norm) as f32)
        };
        strongest(pairs.map(weight).collect(), neighbours)
    };
    Weights::new(meetings(readers, |_| 1.0, row))
}

/// w(i,j) = Σᵤ (1/|Uᵢ|)^α (1/|Iᵤ|)^α / |Uⱼ|^β: as Paudel et al. 2017 (TiiS 7), whose last step is that of the history.
pub(super) fn walk(readers: &Binary, neighbours: usize, alpha: f64, beta: f64) -> Weights {
    let counts = popularity(readers);
    let step = |reader: usize| (readers.row(reader).len() as f64).powf(-alpha);
    let row = |item: usize, pairs: &mut dyn Iterator<Item = (u32, f64)>| {
        let start = counts[item].powf(-alpha);
        let weight = |(other, sum): (u32, f64)| (other, (start * sum * counts[other as usize].powf(-beta)) as f32);
        strongest(pairs.map(weight).collect(), neighbours)
    };
    Weights::new(meetings(readers, step, row))
}
