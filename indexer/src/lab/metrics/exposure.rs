//! What part of the catalogue is shown to anybody, and how evenly.
//!
//! Over the lists of all users of the qrels together. Invariant: items that the catalogue does not know do not count.

use super::input::{Data, Item};

/// How often each item of the catalogue is shown, never ones included.
pub(super) fn counts(data: &Data, k: usize) -> Vec<f64> {
    let cut = |list: &'_ [Item]| list.len().min(k);
    of_lists(data, data.users.iter().map(|user| &user.list[..cut(&user.list)]))
}

fn of_lists<'a>(data: &Data, lists: impl Iterator<Item = &'a [Item]>) -> Vec<f64> {
    let mut counts = vec![0.0; data.catalogue.unwrap_or(0)];
    for item in lists.flatten() {
        // The catalogue's items have the first numbers.
        if let Some(count) = counts.get_mut(item.index()) {
            *count += 1.0;
        }
    }
    counts
}

impl Data {
    /// Coverage and Gini of lists made elsewhere.
    pub fn exposure<'a>(&self, lists: impl Iterator<Item = &'a [Item]>) -> (f64, f64) {
        let counts = of_lists(self, lists);
        (coverage(&counts), gini(counts))
    }
}

/// Coverage@K = items shown at least once ÷ items.
pub(super) fn coverage(counts: &[f64]) -> f64 {
    let shown = counts.iter().filter(|count| **count > 0.0).count();
    if counts.is_empty() {
        0.0
    } else {
        shown as f64 / counts.len() as f64
    }
}

/// Gini@K = Σⱼ (2j − n − 1) xⱼ / (n Σ x) over the counts from least to most: 0 is even.
pub(super) fn gini(mut counts: Vec<f64>) -> f64 {
    counts.sort_by(f64::total_cmp);
    let n = counts.len() as f64;
    let sum: f64 = counts.iter().sum();
    let weighted: f64 = (1_u32..)
        .zip(&counts)
        .map(|(j, count)| (2.0 * f64::from(j) - n - 1.0) * count)
        .sum();
    if sum > 0.0 { weighted / (n * sum) } else { 0.0 }
}
