//! Kin: works that the same readers took, by cosine with shrinkage over the last takers of each.
//!
//! Read by the source `neighbours` and as a feature. Nothing is stored for it but who took what: the neighbours of a
//! work are counted when they are asked for, over its last [`SAMPLE`] takers. Invariant: for a work with no more takers
//! than that, the similarity is exact.

use rustc_hash::FxHashMap;

use super::Acts;
use crate::catalogue::row::ItemIx;
use crate::pipeline::asking::Meter;

/// How many takers of a work are asked what else they took.
pub(super) const SAMPLE: usize = 48;
/// Common readers that a pair must outweigh before its cosine counts in full.
pub(super) const SHRINK: f64 = 3.0;

impl Acts {
    /// Works near those given (each with a weight above 0), with a similarity in [0, 1]: the weighted mean over the
    /// given ones of `common / (√(takers × takers) + SHRINK)`. Those given are not among them; in no order.
    pub fn kin(&self, seeds: &[(ItemIx, f64)], meter: &Meter) -> Vec<(ItemIx, f64)> {
        let total: f64 = seeds.iter().map(|(_, weight)| weight).sum();
        let mut sums: FxHashMap<ItemIx, f64> = FxHashMap::default();
        for (seed, weight) in seeds {
            for (item, similarity) in self.near_one(*seed, meter) {
                *sums.entry(item).or_default() += weight * similarity;
            }
        }
        seeds.iter().for_each(|(seed, _)| _ = sums.remove(seed));
        let mean = |(item, sum): (ItemIx, f64)| (item, (sum / total).min(1.0));
        sums.into_iter().map(mean).collect()
    }

    fn near_one(&self, seed: ItemIx, meter: &Meter) -> Vec<(ItemIx, f64)> {
        let Some(taken) = self.taken(seed) else {
            return Vec::new();
        };
        let all = taken.takers.len();
        let mut common: FxHashMap<ItemIx, u32> = FxHashMap::default();
        for taker in taken.takers.iter().rev().take(SAMPLE) {
            let works = self.reader(taker.reader).map_or(&[][..], |acting| &acting.taken);
            if !meter.spend(works.len()) {
                break;
            }
            works.iter().for_each(|item| *common.entry(*item).or_default() += 1);
        }
        let scale = all as f64 / all.min(SAMPLE) as f64;
        let similarity = |(item, count): (ItemIx, u32)| {
            let others = self.taken(item)?.takers.len();
            let cosine = f64::from(count) * scale / ((all as f64 * others as f64).sqrt() + SHRINK);
            Some((item, cosine.min(1.0)))
        };
        common
            .into_iter()
            .filter(|(item, _)| *item != seed)
            .filter_map(similarity)
            .collect()
    }
}
