//! What a run gave, as a table for people and as one line of JSON.
//!
//! Percentiles are of every call that was due, refused ones apart: a refusal is counted, not averaged in.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use crate::driver::Made;
use crate::traffic::Kind;

/// Percentiles that are told.
const TOLD: [(&str, f64); 4] = [("p50", 0.50), ("p95", 0.95), ("p99", 0.99), ("p99.9", 0.999)];

/// A value of sorted ones, by the nearest rank.
pub(crate) fn percentile(sorted: &[Duration], share: f64) -> Duration {
    let rank = (share * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or_default()
}

/// The latencies of the calls of a kind that were answered with 200, sorted.
pub(crate) fn latencies(made: &[Made], kind: Option<Kind>) -> Vec<Duration> {
    let wanted = made
        .iter()
        .filter(|made| made.status == 200 && kind.is_none_or(|kind| kind == made.kind));
    let mut all: Vec<Duration> = wanted.map(|made| made.took).collect();
    all.sort_unstable();
    all
}

/// How many calls ended with each status; 0 is no answer at all.
pub(crate) fn statuses(made: &[Made]) -> BTreeMap<u16, usize> {
    let mut counts = BTreeMap::new();
    made.iter()
        .for_each(|made| *counts.entry(made.status).or_insert(0) += 1);
    counts
}

pub(crate) fn ms(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e5).round() / 100.0
}

/// Prints the latencies by kind; gives them as JSON.
pub(crate) fn table(made: &[Made]) -> Value {
    println!("| calls | number | p50 | p95 | p99 | p99.9 | max |");
    println!("|---|---|---|---|---|---|---|");
    let mut told = json!({});
    for kind in Kind::ALL {
        let all = latencies(made, Some(kind));
        if all.is_empty() {
            continue;
        }
        let mut entry = json!({"calls": all.len(), "max_ms": ms(percentile(&all, 1.0))});
        let mut cells = Vec::new();
        for (name, share) in TOLD {
            let value = ms(percentile(&all, share));
            cells.push(format!("{value:.2} ms"));
            entry[format!("{name}_ms")] = json!(value);
        }
        let max = ms(percentile(&all, 1.0));
        println!(
            "| {} | {} | {} | {max:.2} ms |",
            kind.name(),
            all.len(),
            cells.join(" | ")
        );
        told[kind.name()] = entry;
    }
    told
}

/// Prints the 99th percentile of each tenth of a run, so that a creep shows.
pub(crate) fn tenths(made: &[Made], lasts: Duration) -> Vec<f64> {
    let tenth = |number: u32| {
        let (from, to) = (lasts * number / 10, lasts * (number + 1) / 10);
        let part: Vec<Made> = made
            .iter()
            .filter(|made| made.due >= from && made.due < to)
            .copied()
            .collect();
        ms(percentile(&latencies(&part, None), 0.99))
    };
    let all: Vec<f64> = (0..10).map(tenth).collect();
    println!("p99 of each tenth of the run, ms: {all:?}");
    all
}
