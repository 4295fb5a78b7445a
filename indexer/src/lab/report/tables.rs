//! Every number as a table: CSV for people, Arrow for programs.
//!
//! Invariant: rows stand in the order of the run; numbers are written so that reading them gives the same bits.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs::File;
use std::path::Path;

use polars::prelude::{Column, DataFrame, IpcWriter, PolarsError, SerWriter};

use crate::lab::run::{Numbers, Row};

/// The metrics that rows have.
pub(super) fn metrics(numbers: &Numbers) -> Vec<&str> {
    let names: BTreeSet<&str> = numbers
        .rows
        .iter()
        .flat_map(|row| row.metrics.keys().map(String::as_str))
        .collect();
    names.into_iter().collect()
}

/// One line a setting.
pub(super) fn points(numbers: &Numbers) -> String {
    let metrics = metrics(numbers);
    let mut text = String::from("model,reranker,rule,strength");
    for metric in &metrics {
        let _ = write!(text, ",{metric},{metric}_low,{metric}_high");
    }
    text.push_str(",greedy_as_good,greedy_mean_lost,greedy_worst_lost,proven,front_of\n");
    for row in &numbers.rows {
        let _ = write!(text, "{},{},{},{}", row.model, row.reranker, row.rule, row.strength);
        for metric in &metrics {
            let _ = write!(text, ",{}", cell(row.metrics.get(*metric).copied()));
            for bound in bounds(row, metric) {
                let _ = write!(text, ",{}", cell(bound));
            }
        }
        for value in greedy(row) {
            let _ = write!(text, ",{}", cell(value));
        }
        let _ = writeln!(text, ",{}", row.front_of.join(" "));
    }
    text
}

fn bounds(row: &Row, metric: &str) -> [Option<f64>; 2] {
    let found = row.intervals.get(metric);
    [found.map(|both| both.0), found.map(|both| both.1)]
}

fn greedy(row: &Row) -> [Option<f64>; 4] {
    let of = |pick: fn(&crate::lab::sweep::Greedy) -> f64| row.greedy.as_ref().map(pick);
    [
        of(|g| g.as_good),
        of(|g| g.mean_lost),
        of(|g| g.worst_lost),
        of(|g| g.proven),
    ]
}

fn cell(value: Option<f64>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}

/// One line a duel.
pub(super) fn duels(numbers: &Numbers) -> String {
    let mut text = String::from(
        "model,plane,rival,rival_rule,ours,theirs,difference,low,high,p,p_holm,points,dominated,surely_dominated,\
         dominating,rival_points\n",
    );
    for duel in &numbers.duels {
        let d = &duel.difference;
        let _ = writeln!(
            text,
            "{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}",
            duel.model,
            duel.plane,
            duel.rival,
            duel.rival_rule,
            duel.ours,
            duel.theirs,
            d.value,
            d.low,
            d.high,
            d.p,
            d.p_holm,
            duel.points,
            duel.dominated,
            duel.surely_dominated,
            duel.dominating,
            duel.rival_points
        );
    }
    text
}

/// The settings as an Arrow file.
pub(super) fn arrow(numbers: &Numbers, path: &Path) -> Result<(), PolarsError> {
    let rows = &numbers.rows;
    let texts = |pick: fn(&Row) -> &str| rows.iter().map(pick).collect::<Vec<_>>();
    let mut columns = vec![
        Column::new("model".into(), texts(|row| &row.model)),
        Column::new("reranker".into(), texts(|row| &row.reranker)),
        Column::new("rule".into(), rows.iter().map(|row| row.rule).collect::<Vec<_>>()),
        Column::new(
            "strength".into(),
            rows.iter().map(|row| row.strength).collect::<Vec<_>>(),
        ),
    ];
    for metric in metrics(numbers) {
        let of = |pick: &dyn Fn(&Row) -> Option<f64>| rows.iter().map(pick).collect::<Vec<_>>();
        columns.push(Column::new(metric.into(), of(&|row| row.metrics.get(metric).copied())));
        columns.push(Column::new(
            format!("{metric}_low").into(),
            of(&|row| bounds(row, metric)[0]),
        ));
        columns.push(Column::new(
            format!("{metric}_high").into(),
            of(&|row| bounds(row, metric)[1]),
        ));
    }
    for (at, name) in ["greedy_as_good", "greedy_mean_lost", "greedy_worst_lost", "proven"]
        .into_iter()
        .enumerate()
    {
        columns.push(Column::new(
            name.into(),
            rows.iter().map(|row| greedy(row)[at]).collect::<Vec<_>>(),
        ));
    }
    let mut frame = DataFrame::new(rows.len(), columns)?;
    IpcWriter::new(File::create(path)?).finish(&mut frame)
}
