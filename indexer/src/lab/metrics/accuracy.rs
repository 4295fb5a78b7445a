//! How many of the right items stand in a list, and how high.
//!
//! T is the user's relevant items, L the list cut at K. Invariant: every value is in [0, 1].

use super::{List, discount};

/// nDCG@K = Σ relᵢ/log₂(i+1) over L ÷ the same sum over the best K of T, most relevant first.
///
/// Linear gains. Equal to ranx and ir_measures; RecTools divides by the sum over K places even where |T| < K.
pub(super) fn ndcg(list: &List<'_>) -> Option<f64> {
    let gained: f64 = (1..).zip(list.gains).map(|(place, gain)| gain * discount(place)).sum();
    let mut best: Vec<f64> = list.user.relevant.iter().map(|(_, gain)| *gain).collect();
    best.sort_by(|a, b| b.total_cmp(a));
    let ideal: f64 = (1..=list.k).zip(best).map(|(place, gain)| gain * discount(place)).sum();
    Some(ratio(gained, ideal))
}

/// Precision@K = |L ∩ T| / K, also where the list is shorter than K.
pub(super) fn precision(list: &List<'_>) -> Option<f64> {
    Some(ratio(hits(list), list.k as f64))
}

/// Recall@K = |L ∩ T| / |T|.
pub(super) fn recall(list: &List<'_>) -> Option<f64> {
    Some(ratio(hits(list), relevant(list)))
}

/// Recall@K of Liang et al. 2018 = |L ∩ T| / min(K, |T|).
pub(super) fn recall_liang(list: &List<'_>) -> Option<f64> {
    Some(ratio(hits(list), relevant(list).min(list.k as f64)))
}

/// 1 if any place hits.
pub(super) fn hit_rate(list: &List<'_>) -> Option<f64> {
    Some(hits(list).min(1.0))
}

/// AP@K = Σ over hits of precision at their place ÷ |T|. Equal to ranx, ir_measures and RecTools; some divide by
/// min(K, |T|).
pub(super) fn average_precision(list: &List<'_>) -> Option<f64> {
    let sum: f64 = (1..)
        .zip(list.hits())
        .map(|(found, place)| f64::from(found) / place as f64)
        .sum();
    Some(ratio(sum, relevant(list)))
}

/// RR@K = 1 / the place of the first hit; 0 without one.
pub(super) fn reciprocal_rank(list: &List<'_>) -> Option<f64> {
    Some(list.hits().next().map_or(0.0, |place| 1.0 / place as f64))
}

fn hits(list: &List<'_>) -> f64 {
    list.hits().count() as f64
}

fn relevant(list: &List<'_>) -> f64 {
    list.user.relevant.len() as f64
}

/// 0 where there is nothing to divide by.
pub(super) fn ratio(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
}
