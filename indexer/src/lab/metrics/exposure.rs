//! What part of the catalogue is shown to anybody, and how evenly.
//!
//! Over the lists of all users of the qrels together. Invariant: items that the catalogue does not know do not count.

use super::input::Data;

/// How often each item of the catalogue is shown, never ones included.
pub(super) fn counts(data: &Data, k: usize) -> Vec<u64> {
    let mut counts = vec![0; data.catalogue.unwrap_or(0)];
    for user in &data.users {
        for item in user.list.iter().take(k) {
            // The catalogue's items have the first numbers.
            if let Some(count) = counts.get_mut(item.index()) {
                *count += 1;
            }
        }
    }
    counts
}

/// Coverage@K = items shown at least once ÷ items.
pub(super) fn coverage(counts: &[u64]) -> f64 {
    let shown = counts.iter().filter(|count| **count > 0).count();
    if counts.is_empty() {
        0.0
    } else {
        shown as f64 / counts.len() as f64
    }
}

/// Gini@K = Σⱼ (2j − n − 1) xⱼ / (n Σ x) over the counts from least to most: 0 is even.
pub(super) fn gini(mut counts: Vec<u64>) -> f64 {
    counts.sort_unstable();
    let n = counts.len() as f64;
    let sum: f64 = counts.iter().map(|count| *count as f64).sum();
    let weighted: f64 = (1_u32..)
        .zip(&counts)
        .map(|(j, count)| (2.0 * f64::from(j) - n - 1.0) * *count as f64)
        .sum();
    if sum > 0.0 { weighted / (n * sum) } else { 0.0 }
}
