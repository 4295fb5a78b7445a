//! Intent-aware metrics: each genre of a user's relevant items is an intent, and hits that repeat one gain less.
//!
//! As `ndeval` (and so pyndeval) computes them, with α = ½; its ERR-IA is this α-gain with the discount 1/i, not the
//! cascade of Chapelle et al. Invariant: gains never grow as a list grows, so the greedy ideal can be lazy.

use std::cmp::Ordering;
use std::collections::{BTreeSet, BinaryHeap, HashMap};

use super::input::Item;
use super::{ALPHA, List, discount};

/// α-DCG@K = Σᵢ 1/log₂(i+1) Σ_g J(i,g)(1−α)^(times g was hit before) ÷ the same for a list that hits every intent
/// at every place. Clarke et al. 2008; equal to pyndeval.
pub(super) fn alpha_dcg(list: &List<'_>) -> Option<f64> {
    Some(over_everything(list, discount))
}

/// α-nDCG@K: the gain over that of the greedy best list of the user's relevant items (the exact best is NP-hard).
/// Equal to pyndeval.
pub(super) fn alpha_ndcg(list: &List<'_>) -> Option<f64> {
    Some(over_greedy(list, discount))
}

/// ERR-IA@K as in `ndeval`: the α-gain with the discount 1/i ÷ that of a list that hits every intent at every place.
pub(super) fn err_ia(list: &List<'_>) -> Option<f64> {
    Some(over_everything(list, by_place))
}

/// nERR-IA@K: the same over the greedy best list. Equal to pyndeval.
pub(super) fn nerr_ia(list: &List<'_>) -> Option<f64> {
    Some(over_greedy(list, by_place))
}

/// P-IA@K: the mean over intents of the precision of hits that serve it. Equal to pyndeval.
pub(super) fn precision_ia(list: &List<'_>) -> Option<f64> {
    let served: usize = list.hits().map(|place| list.genres(list.items[place - 1]).len()).sum();
    let intents = intents(list).len();
    Some(if intents == 0 {
        0.0
    } else {
        served as f64 / (intents * list.k) as f64
    })
}

/// S-recall@K = intents that some hit serves ÷ intents (Zhai et al. 2003). Equal to pyndeval's `strec`.
pub(super) fn subtopic_recall(list: &List<'_>) -> Option<f64> {
    let served: BTreeSet<u32> = list
        .hits()
        .flat_map(|place| list.genres(list.items[place - 1]).iter().copied())
        .collect();
    let intents = intents(list).len();
    Some(if intents == 0 {
        0.0
    } else {
        served.len() as f64 / intents as f64
    })
}

fn by_place(place: usize) -> f64 {
    1.0 / place as f64
}

fn intents(list: &List<'_>) -> BTreeSet<u32> {
    list.user
        .relevant
        .iter()
        .flat_map(|(item, _)| list.genres(*item).iter().copied())
        .collect()
}

/// How often each intent was hit.
#[derive(Default)]
struct Hit(HashMap<u32, i32>);

impl Hit {
    fn gain(&self, genres: &[u32]) -> f64 {
        genres
            .iter()
            .map(|genre| (1.0 - ALPHA).powi(self.0.get(genre).copied().unwrap_or(0)))
            .sum()
    }

    fn take(&mut self, genres: &[u32]) -> f64 {
        let gain = self.gain(genres);
        for genre in genres {
            *self.0.entry(*genre).or_default() += 1;
        }
        gain
    }
}

fn gained(list: &List<'_>, discount: fn(usize) -> f64) -> f64 {
    let mut hit = Hit::default();
    list.hits()
        .map(|place| discount(place) * hit.take(list.genres(list.items[place - 1])))
        .sum()
}

fn over_everything(list: &List<'_>, discount: fn(usize) -> f64) -> f64 {
    let intents = intents(list).len();
    if intents == 0 {
        return 0.0;
    }
    let every: f64 = (0..list.k)
        .map(|before| discount(before + 1) * (1.0 - ALPHA).powf(before as f64))
        .sum();
    gained(list, discount) / (intents as f64 * every)
}

fn over_greedy(list: &List<'_>, discount: fn(usize) -> f64) -> f64 {
    let ideal: f64 = (1..)
        .zip(greedy(list))
        .map(|(place, gain)| discount(place) * gain)
        .sum();
    if ideal > 0.0 {
        gained(list, discount) / ideal
    } else {
        0.0
    }
}

/// An upper bound on what an item gains; the greatest first, then the smallest item.
struct Bound {
    gain: f64,
    item: Item,
}

impl PartialEq for Bound {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Bound {}

impl PartialOrd for Bound {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Bound {
    fn cmp(&self, other: &Self) -> Ordering {
        self.gain
            .total_cmp(&other.gain)
            .then_with(|| other.item.cmp(&self.item))
    }
}

/// The gains of the greedy best list, of K places at most. A gain only falls as intents are hit, so an item whose
/// fresh gain is its bound is the best of all.
fn greedy(list: &List<'_>) -> Vec<f64> {
    let mut hit = Hit::default();
    let bound = |item: Item, hit: &Hit| Bound {
        gain: hit.gain(list.genres(item)),
        item,
    };
    let mut heap: BinaryHeap<Bound> = list.user.relevant.iter().map(|(item, _)| bound(*item, &hit)).collect();
    let mut gains = Vec::with_capacity(list.k.min(heap.len()));
    while gains.len() < list.k {
        let Some(top) = heap.pop() else { break };
        let fresh = bound(top.item, &hit);
        if fresh.gain < top.gain {
            heap.push(fresh);
        } else {
            gains.push(hit.take(list.genres(top.item)));
        }
    }
    gains
}
