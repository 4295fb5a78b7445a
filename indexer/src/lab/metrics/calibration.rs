//! How far the genres of a list are from those of the reader's history (Steck 2018).
//!
//! p is the history's shares of genres, q the list's, q̃ = 0.99 q + 0.01 p. Invariant: 0 is perfect; a reader whose
//! history names no genre has no value.

use std::collections::{BTreeMap, BTreeSet};

use super::List;
use super::diversity::shares;

const SMOOTHING: f64 = 0.01;

type Shares = BTreeMap<u32, f64>;

fn both(list: &List<'_>) -> Option<(Shares, Shares)> {
    let p = shares(list, &list.user.history);
    (!p.is_empty()).then(|| (p, shares(list, list.items)))
}

fn of(shares: &Shares, genre: u32) -> f64 {
    shares.get(&genre).copied().unwrap_or(0.0)
}

fn all_genres(p: &Shares, q: &Shares) -> BTreeSet<u32> {
    p.keys().chain(q.keys()).copied().collect()
}

/// KL@K = Σ p ln(p/q̃), in nats.
pub(super) fn kl(list: &List<'_>) -> Option<f64> {
    let (p, q) = both(list)?;
    let term = |genre: &u32, p: &f64| p * (p / ((1.0 - SMOOTHING) * of(&q, *genre) + SMOOTHING * p)).ln();
    Some(p.iter().map(|(genre, share)| term(genre, share)).sum::<f64>().max(0.0))
}

/// Jensen–Shannon@K = ½ KL(p‖m) + ½ KL(q‖m) with m = ½(p + q), in nats, between 0 and ln 2; not smoothed.
pub(super) fn js(list: &List<'_>) -> Option<f64> {
    let (p, q) = both(list)?;
    let half = |a: f64, m: f64| if a > 0.0 { 0.5 * a * (a / m).ln() } else { 0.0 };
    let term = |genre: &u32| {
        let (a, b) = (of(&p, *genre), of(&q, *genre));
        let m = f64::midpoint(a, b);
        half(a, m) + half(b, m)
    };
    Some(all_genres(&p, &q).iter().map(term).sum::<f64>().max(0.0))
}

/// Hellinger@K = √(½ Σ (√p − √q)²), between 0 and 1; not smoothed.
pub(super) fn hellinger(list: &List<'_>) -> Option<f64> {
    let (p, q) = both(list)?;
    let term = |genre: &u32| (of(&p, *genre).sqrt() - of(&q, *genre).sqrt()).powi(2);
    let sum: f64 = all_genres(&p, &q).iter().map(term).sum();
    Some((sum / 2.0).sqrt())
}
