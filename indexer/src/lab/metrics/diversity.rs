//! How different the items of a list are from each other, whoever reads it.
//!
//! Invariant: a list of one item, or of none, is not diverse: 0, and 1 where concentration is measured.

use super::input::{Data, Item};
use super::{List, discount, mean};

/// 1 − Jaccard of the genres; 0 between an item and itself, and between items that both have none.
fn distance(list: &List<'_>, one: Item, other: Item) -> f64 {
    let (common, all) = match list.data.masks(one, other) {
        Some((a, b)) => ((a & b).count_ones() as usize, (a | b).count_ones() as usize),
        None => {
            // Both are sorted and without repetition.
            let (a, b) = (list.genres(one), list.genres(other));
            let common = a.iter().filter(|genre| b.binary_search(genre).is_ok()).count();
            (common, a.len() + b.len() - common)
        }
    };
    if one == other || all == 0 {
        0.0
    } else {
        1.0 - common as f64 / all as f64
    }
}

/// ILD@K = the mean distance of two places, Σ_{i≠j} d / (n(n−1)). RecTools' Hamming distance is twice this for items
/// of one genre.
pub(super) fn ild(list: &List<'_>) -> Option<f64> {
    let mut sum = 0.0;
    for (at, one) in list.items.iter().enumerate() {
        sum += list.items[at + 1..]
            .iter()
            .map(|other| distance(list, *one, *other))
            .sum::<f64>();
    }
    let n = list.items.len() as f64;
    Some(if n > 1.0 { 2.0 * sum / (n * (n - 1.0)) } else { 0.0 })
}

/// Rank-aware ILD@K (Vargas & Castells 2011) = Σᵢ disc(i) Σ_{j≠i} disc(j|i) d / the sum of these weights, with
/// disc(j|i) = disc(max(1, j−i)): the head of the list counts more, and what follows soon.
pub(super) fn ild_rank(list: &List<'_>) -> Option<f64> {
    let discounts: Vec<f64> = (1..=list.items.len()).map(discount).collect();
    let (mut sum, mut weights) = (0.0, 0.0);
    for (i, one) in list.items.iter().enumerate() {
        for (after, other) in list.items[i + 1..].iter().enumerate() {
            // The pair once as (i, j) and once as (j, i), whose conditional discount is that of the first place.
            let weight = discounts[i] * discounts[after] + discounts[i + 1 + after] * discounts[0];
            sum += weight * distance(list, *one, *other);
            weights += weight;
        }
    }
    Some(if weights > 0.0 { sum / weights } else { 0.0 })
}

/// Shares of genres, by genre.
pub(super) type Shares = Vec<(u32, f64)>;

/// The share of each genre in some items, an item of several genres split evenly; empty where none has any.
pub(super) fn shares(data: &Data, items: &[Item]) -> Shares {
    let mut known = 0.0;
    let mut parts: Shares = Vec::with_capacity(items.len() * 2);
    for genres in items
        .iter()
        .map(|item| data.genres(*item))
        .filter(|genres| !genres.is_empty())
    {
        known += 1.0;
        parts.extend(genres.iter().map(|genre| (*genre, 1.0 / genres.len() as f64)));
    }
    parts.sort_by_key(|(genre, _)| *genre);
    parts.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        if same {
            kept.1 += next.1;
        }
        same
    });
    parts.iter_mut().for_each(|(_, share)| *share /= known);
    parts
}

/// H@K = −Σ q ln q over the shares of genres, in nats.
pub(super) fn entropy(list: &List<'_>) -> Option<f64> {
    let nats: f64 = list.shares().iter().map(|(_, q)| -q * q.ln()).sum();
    Some(nats.max(0.0))
}

/// Herfindahl–Hirschman@K = Σ q²; 1 where nothing can be told.
pub(super) fn hhi(list: &List<'_>) -> Option<f64> {
    let shares = list.shares();
    Some(if shares.is_empty() {
        1.0
    } else {
        shares.iter().map(|(_, q)| q * q).sum()
    })
}

/// The Hill number exp(H)@K: how many equally shown genres would be as diverse; 0 of nothing.
pub(super) fn effective_genres(list: &List<'_>) -> Option<f64> {
    let any = !list.shares().is_empty();
    entropy(list).map(|nats| if any { nats.exp() } else { 0.0 })
}

fn share_one(list: &List<'_>, one: Item, other: Item) -> bool {
    list.genres(one).iter().any(|genre| list.genres(other).contains(genre))
}

/// The share of neighbouring places that have a genre in common.
pub(super) fn clash_rate(list: &List<'_>) -> Option<f64> {
    Some(mean(
        list.items
            .windows(2)
            .map(|two| f64::from(u8::from(share_one(list, two[0], two[1])))),
    ))
}

/// How many neighbouring places have a genre in common: the breaks of "no two in a row".
pub(super) fn adjacency_breaks(list: &List<'_>) -> Option<f64> {
    let clash = |two: &&[Item]| share_one(list, two[0], two[1]);
    Some(list.items.windows(2).filter(clash).count() as f64)
}

/// The longest run of places that all have a genre in common; 0 where no item has any.
pub(super) fn longest_run(list: &List<'_>) -> Option<f64> {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    let mut next = Vec::new();
    let mut longest = 0;
    for item in list.items {
        let before = |genre: u32| {
            runs.iter()
                .find(|(known, _)| *known == genre)
                .map_or(0, |(_, run)| *run)
        };
        next.clear();
        next.extend(list.genres(*item).iter().map(|genre| (*genre, before(*genre) + 1)));
        std::mem::swap(&mut runs, &mut next);
        longest = longest.max(runs.iter().map(|(_, run)| *run).max().unwrap_or(0));
    }
    Some(f64::from(longest))
}
