//! Two runs side by side: what a change of models, rules or program does to every number.
//!
//! Invariant: only runs over the same splits are paired; of others it is said that their readers differ.

use serde::Serialize;

use crate::lab::run::{Numbers, Row};

/// One metric of one setting, in both runs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    /// The model.
    pub model: String,
    /// The re-ranker, with `+ rule` where it held.
    pub reranker: String,
    /// The strength.
    pub strength: f64,
    /// The metric.
    pub metric: String,
    /// In the first run, with its 95 % interval.
    pub before: (f64, f64, f64),
    /// In the second.
    pub after: (f64, f64, f64),
    /// Whether the intervals do not touch.
    pub apart: bool,
}

/// Two runs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// Whether the data is the same.
    pub same_data: bool,
    /// Whether the splits are, so that the same readers are judged by the same items.
    pub same_splits: bool,
    /// Settings that only the first has.
    pub only_before: usize,
    /// Settings that only the second has.
    pub only_after: usize,
    /// What differs.
    pub changes: Vec<Change>,
}

/// Compares two runs, setting by setting.
#[must_use]
pub fn compare(before: &Numbers, after: &Numbers) -> Comparison {
    let same = |one: &Row, other: &Row| {
        one.model == other.model
            && one.reranker == other.reranker
            && one.rule == other.rule
            && one.strength.total_cmp(&other.strength).is_eq()
    };
    let find = |row: &Row, among: &Numbers| among.rows.iter().position(|other| same(row, other));
    let mut changes = Vec::new();
    let mut only_before = 0;
    for row in &before.rows {
        match find(row, after) {
            Some(at) => changes.extend(of_row(row, &after.rows[at])),
            None => only_before += 1,
        }
    }
    Comparison {
        same_data: before.data_hash == after.data_hash,
        same_splits: before.splits == after.splits,
        only_before,
        only_after: after.rows.iter().filter(|row| find(row, before).is_none()).count(),
        changes,
    }
}

fn of_row(before: &Row, after: &Row) -> Vec<Change> {
    let around = |row: &Row, metric: &str, value: f64| {
        let (low, high) = row.intervals.get(metric).copied().unwrap_or((value, value));
        (value, low, high)
    };
    let change = |(metric, value): (&String, &f64)| {
        let other = after.metrics.get(metric).copied()?;
        let (a, b) = (around(before, metric, *value), around(after, metric, other));
        (value.total_cmp(&other).is_ne()).then(|| Change {
            model: before.model.clone(),
            reranker: format!("{}{}", before.reranker, if before.rule { " + rule" } else { "" }),
            strength: before.strength,
            metric: metric.clone(),
            apart: a.1 > b.2 || b.1 > a.2,
            before: a,
            after: b,
        })
    };
    before.metrics.iter().filter_map(change).collect()
}

impl Comparison {
    /// As text: the settings that differ most first.
    #[must_use]
    pub fn text(&self) -> String {
        let mut lines = Vec::new();
        if !self.same_data {
            lines.push("the data differ".to_owned());
        }
        if !self.same_splits {
            lines.push("the splits differ: other readers are judged, or by other items".to_owned());
        }
        lines.push(format!(
            "{} numbers differ, {} of them with intervals apart; settings only before {}, only after {}",
            self.changes.len(),
            self.changes.iter().filter(|change| change.apart).count(),
            self.only_before,
            self.only_after
        ));
        let mut sorted: Vec<&Change> = self.changes.iter().collect();
        let size = |change: &Change| (change.after.0 - change.before.0).abs() / change.before.0.abs().max(1e-9);
        sorted.sort_by(|a, b| b.apart.cmp(&a.apart).then(size(b).total_cmp(&size(a))));
        for change in sorted.iter().take(40) {
            lines.push(format!(
                "{} {} {:.2} {}: {:.4} [{:.4}, {:.4}] → {:.4} [{:.4}, {:.4}]{}",
                change.model,
                change.reranker,
                change.strength,
                change.metric,
                change.before.0,
                change.before.1,
                change.before.2,
                change.after.0,
                change.after.1,
                change.after.2,
                if change.apart { "  apart" } else { "" }
            ));
        }
        lines.join("\n")
    }
}
