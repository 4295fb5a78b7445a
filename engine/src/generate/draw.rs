//! Chance: whole-number draws that are the same on every machine, for ever.
//!
//! Every venue and every offer has a [`Draw`] of its own, made of the seed and its number alone; that is why the
//! stream needs no memory and any offer can be made without those before it. Invariant: no float and no hash map
//! stands between the seed and a drawn value.

use rand::Rng;
use rand_pcg::Pcg64Mcg;

/// What a draw is for, so that venue 7 and offer 7 have nothing in common.
#[derive(Debug, Clone, Copy)]
pub(super) enum Stream {
    Venue = 1,
    Offer = 2,
    /// What all offers of one work share, such as the price of a book.
    Work = 3,
}

/// A source of chance.
#[derive(Debug)]
pub(super) struct Draw(Pcg64Mcg);

impl Draw {
    /// The source of one numbered thing.
    pub(super) fn new(seed: u64, stream: Stream, number: u64) -> Self {
        let low = mix(seed ^ mix(number));
        let high = mix(low ^ stream as u64);
        Self(Pcg64Mcg::new(u128::from(high) << 64 | u128::from(low)))
    }

    /// A number under `bound`, all alike; 0 for a bound of 0.
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        let wide = u128::from(self.0.next_u64()) * u128::from(bound);
        (wide >> 64) as u64
    }

    /// A number from `low` to `high`, both possible.
    pub(super) fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.below((high - low + 1).max(1) as u64) as i64
    }

    /// True in so many cases of a thousand.
    pub(super) fn chance(&mut self, per_mille: u32) -> bool {
        self.below(1_000) < u64::from(per_mille)
    }

    /// One entry of a list that is not empty.
    pub(super) fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len() as u64) as usize]
    }

    /// A place in a list of weights, given as running totals.
    pub(super) fn weighted(&mut self, totals: &[u64]) -> usize {
        let at = self.below(totals.last().copied().unwrap_or(0));
        totals.partition_point(|total| *total <= at)
    }

    /// A rank under `support` with a heavy tail: the first `width` ranks are drawn as often as the next
    /// `2 · width`, as the next `4 · width`… (Zipf's law of exponent 1, in steps).
    pub(super) fn rank(&mut self, support: u64, width: u64) -> u64 {
        let octaves = u64::from((support.div_ceil(width) + 1).next_power_of_two().trailing_zeros()).max(1);
        let octave = self.below(octaves);
        let start = width * ((1 << octave) - 1);
        start + self.below((width << octave).min(support.saturating_sub(start)))
    }
}

/// The finaliser of SplitMix64: neighbouring numbers become unlike (Steele, Lea and Flood, 2014).
pub(super) const fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// A stride near the golden section that visits each of `count` places once before any twice.
pub(super) fn stride(count: u64) -> u64 {
    (count * 618 / 1_000..=count)
        .find(|step| gcd(*step, count) == 1)
        .unwrap_or(1)
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stride_visits_every_place() {
        for count in 1..400 {
            let step = stride(count);
            let mut seen: Vec<u64> = (0..count).map(|i| i * step % count).collect();
            seen.sort_unstable();
            assert!(seen.into_iter().eq(0..count), "{count} {step}");
        }
    }

    #[test]
    fn ranks_have_a_heavy_tail_and_stay_under_their_support() {
        let mut draw = Draw::new(1, Stream::Offer, 0);
        for support in [1, 2, 31, 32, 33, 95, 96, 97, 5_000] {
            let ranks: Vec<u64> = (0..20_000).map(|_| draw.rank(support, 32)).collect();
            assert!(ranks.iter().all(|rank| *rank < support), "{support}");
        }
        let head = (0..70_000).filter(|_| draw.rank(32 * 127, 32) < 32).count();
        assert!((9_500..10_500).contains(&head), "one octave of seven: {head}");
    }
}
