//! How far the genres of a list are from those of the reader's history (Steck 2018).
//!
//! p is the history's shares of genres, q the list's, q̃ = 0.99 q + 0.01 p. Invariant: 0 is perfect; a reader whose
//! history names no genre has no value.

use super::List;
use super::diversity::Shares;

const SMOOTHING: f64 = 0.01;

/// The genres of p, q or both with their shares; none where p is empty.
fn both(list: &List<'_>) -> Option<Vec<(f64, f64)>> {
    let (p, q) = (list.history_shares(), list.shares());
    if p.is_empty() {
        return None;
    }
    let of = |shares: &Shares, genre: u32| {
        let place = shares.binary_search_by_key(&genre, |(genre, _)| *genre);
        place.map_or(0.0, |place| shares[place].1)
    };
    let mut pairs: Vec<(f64, f64)> = p.iter().map(|(genre, share)| (*share, of(q, *genre))).collect();
    let only_shown = q.iter().filter(|(genre, _)| of(p, *genre) == 0.0);
    pairs.extend(only_shown.map(|(_, share)| (0.0, *share)));
    Some(pairs)
}

/// KL@K = Σ p ln(p/q̃), in nats.
pub(super) fn kl(list: &List<'_>) -> Option<f64> {
    let term = |(p, q): &(f64, f64)| p * (p / ((1.0 - SMOOTHING) * q + SMOOTHING * p)).ln();
    let sum = |pairs: Vec<(f64, f64)>| pairs.iter().filter(|(p, _)| *p > 0.0).map(term).sum::<f64>().max(0.0);
    both(list).map(sum)
}

/// Jensen–Shannon@K = ½ KL(p‖m) + ½ KL(q‖m) with m = ½(p + q), in nats, between 0 and ln 2; not smoothed.
pub(super) fn js(list: &List<'_>) -> Option<f64> {
    let half = |a: f64, m: f64| if a > 0.0 { 0.5 * a * (a / m).ln() } else { 0.0 };
    let term = |(p, q): &(f64, f64)| half(*p, f64::midpoint(*p, *q)) + half(*q, f64::midpoint(*p, *q));
    both(list).map(|pairs| pairs.iter().map(term).sum::<f64>().max(0.0))
}

/// Hellinger@K = √(½ Σ (√p − √q)²), between 0 and 1; not smoothed.
pub(super) fn hellinger(list: &List<'_>) -> Option<f64> {
    let term = |(p, q): &(f64, f64)| (p.sqrt() - q.sqrt()).powi(2);
    both(list).map(|pairs| (pairs.iter().map(term).sum::<f64>() / 2.0).sqrt())
}

/// RADio calibration@K (Vrijenhoek et al., RecSys 2022) = Jensen–Shannon in bits, in [0, 1], between the history's genres and
/// the list's, a place weighing 1/log₂(place + 1): what stands first counts most.
pub(super) fn radio(list: &List<'_>) -> Option<f64> {
    let p = list.history_shares();
    if p.is_empty() {
        return None;
    }
    let mut q: Shares = Vec::new();
    for (place, item) in (1..).zip(list.items) {
        let genres = list.genres(*item);
        let part = super::discount(place) / genres.len().max(1) as f64;
        q.extend(genres.iter().map(|genre| (*genre, part)));
    }
    let all: f64 = q.iter().map(|(_, weight)| weight).sum();
    let of = |shares: &Shares, genre: u32| -> f64 {
        shares
            .iter()
            .filter(|(own, _)| *own == genre)
            .map(|(_, share)| share)
            .sum()
    };
    let mut genres: Vec<u32> = p.iter().chain(&q).map(|(genre, _)| *genre).collect();
    genres.sort_unstable();
    genres.dedup();
    let half = |a: f64, m: f64| if a > 0.0 { 0.5 * a * (a / m).log2() } else { 0.0 };
    let term = |genre: &u32| {
        let (p, q) = (of(p, *genre), if all > 0.0 { of(&q, *genre) / all } else { 0.0 });
        half(p, f64::midpoint(p, q)) + half(q, f64::midpoint(p, q))
    };
    Some(genres.iter().map(term).sum::<f64>().max(0.0))
}
