//! How different the items of a list are from each other, whoever reads it.
//!
//! Invariant: a list of one item, or of none, is not diverse: 0, and 1 where concentration is measured.

use std::collections::{BTreeMap, BTreeSet};

use super::input::Item;
use super::{List, discount, mean};

/// 1 − Jaccard of the genres; 0 between an item and itself, and between items that both have none.
fn distance(list: &List<'_>, one: Item, other: Item) -> f64 {
    let (a, b) = (list.genres(one), list.genres(other));
    if one == other || (a.is_empty() && b.is_empty()) {
        return 0.0;
    }
    // Both are sorted and without repetition.
    let common = a.iter().filter(|genre| b.binary_search(genre).is_ok()).count();
    1.0 - common as f64 / (a.len() + b.len() - common) as f64
}

/// ILD@K = the mean distance of two places, Σ_{i≠j} d / (n(n−1)). RecTools' Hamming distance is twice this for items
/// of one genre.
pub(super) fn ild(list: &List<'_>) -> Option<f64> {
    let pairs = list
        .items
        .iter()
        .enumerate()
        .flat_map(|(at, one)| list.items[at + 1..].iter().map(move |other| (*one, *other)));
    Some(mean(pairs.map(|(one, other)| distance(list, one, other))))
}

/// Rank-aware ILD@K (Vargas & Castells 2011) = Σᵢ disc(i) Σ_{j≠i} disc(j|i) d / their sum, with disc(j|i) =
/// disc(max(1, j−i)): the head of the list counts more, and what follows soon.
pub(super) fn ild_rank(list: &List<'_>) -> Option<f64> {
    let (mut sum, mut weights) = (0.0, 0.0);
    for (i, one) in (1_usize..).zip(list.items) {
        for (j, other) in (1_usize..).zip(list.items).filter(|(j, _)| *j != i) {
            let weight = discount(i) * discount(j.saturating_sub(i).max(1));
            sum += weight * distance(list, *one, *other);
            weights += weight;
        }
    }
    Some(if weights > 0.0 { sum / weights } else { 0.0 })
}

/// The share of each genre in some items, an item of several genres split evenly; empty where none has any.
pub(super) fn shares(list: &List<'_>, items: &[Item]) -> BTreeMap<u32, f64> {
    let mut shares = BTreeMap::new();
    let mut known = 0.0;
    for genres in items
        .iter()
        .map(|item| list.genres(*item))
        .filter(|genres| !genres.is_empty())
    {
        known += 1.0;
        for genre in genres {
            *shares.entry(*genre).or_insert(0.0) += 1.0 / genres.len() as f64;
        }
    }
    shares.values_mut().for_each(|share| *share /= known);
    shares
}

/// H@K = −Σ q ln q over the shares of genres, in nats.
pub(super) fn entropy(list: &List<'_>) -> Option<f64> {
    let nats: f64 = shares(list, list.items).values().map(|q| -q * q.ln()).sum();
    Some(nats.max(0.0))
}

/// Herfindahl–Hirschman@K = Σ q²; 1 where nothing can be told.
pub(super) fn hhi(list: &List<'_>) -> Option<f64> {
    let shares = shares(list, list.items);
    Some(if shares.is_empty() {
        1.0
    } else {
        shares.values().map(|q| q * q).sum()
    })
}

/// The Hill number exp(H)@K: how many equally shown genres would be as diverse; 0 of nothing.
pub(super) fn effective_genres(list: &List<'_>) -> Option<f64> {
    let any = list.items.iter().any(|item| !list.genres(*item).is_empty());
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

/// The longest run of places that all have a genre in common; 0 where no item has any.
pub(super) fn longest_run(list: &List<'_>) -> Option<f64> {
    let mut runs: BTreeMap<u32, u32> = BTreeMap::new();
    let mut longest = 0;
    for item in list.items {
        let here: BTreeSet<u32> = list.genres(*item).iter().copied().collect();
        runs = here
            .into_iter()
            .map(|genre| (genre, runs.get(&genre).copied().unwrap_or(0) + 1))
            .collect();
        longest = longest.max(runs.values().copied().max().unwrap_or(0));
    }
    Some(f64::from(longest))
}
