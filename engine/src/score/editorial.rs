//! The editorial levers: what a label is worth, bounded.
//!
//! A feature of the score. Invariant: the worth of any set of labels is in [0, 1], and one more label never lowers it.

use crate::taxonomy::Taxonomy;

/// What each lever of the first app's evaluation is worth, of 1. A meeting, a visit or a workshop around the work was
/// the first factor of success; what nobody saw before and what is offered to nobody else come next.
const LEVERS: [(&str, f64); 8] = [
    ("mediation", 0.8),
    ("unseen", 0.6),
    ("exclusive", 0.6),
    ("circulation", 0.6),
    ("labelled", 0.5),
    ("local", 0.5),
    ("community", 0.5),
    ("virtuous", 0.4),
];
/// A label that a programme has added.
const OTHER: f64 = 0.3;

/// What each label is worth, by its bit.
pub fn worths(taxonomy: &Taxonomy) -> Vec<f64> {
    let worth = |label: &String| {
        LEVERS
            .iter()
            .find(|(name, _)| name == label)
            .map_or(OTHER, |(_, worth)| *worth)
    };
    taxonomy.labels().iter().map(worth).collect()
}

/// What a set of labels is worth together: each takes its part of what is left to 1.
pub fn worth(worths: &[f64], labels: u64) -> f64 {
    if labels == 0 {
        return 0.0;
    }
    let carried = worths.iter().enumerate().filter(|(bit, _)| labels >> bit & 1 == 1);
    1.0 - carried.fold(1.0, |left, (_, worth)| left * (1.0 - worth))
}

/// The label of most worth among those carried.
pub fn strongest(worths: &[f64], labels: u64) -> Option<usize> {
    let carried = (0..worths.len()).filter(|bit| labels >> bit & 1 == 1);
    carried.max_by(|a, b| worths[*a].total_cmp(&worths[*b]).then(b.cmp(a)))
}
