//! What a run found: one page of HTML without network, and every number as JSON, CSV and Arrow.
//!
//! Invariant: all but the page's times is a function of [`Numbers`]; where our front is beaten, the page says so.

use std::path::{Path, PathBuf};

use super::run::{Duel, Numbers, PLANES, Times};

pub mod compare;
mod html;
mod svg;
mod tables;

/// Chance may give a difference as large this often.
const SURE: f64 = 0.05;

/// Why a report cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The disk.
    #[error("cannot use {path}: {source}")]
    Io {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A table that cannot be made or written.
    #[error("cannot write {path}: {source}")]
    Table {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: polars::error::PolarsError,
    },
    /// A file of numbers that is none.
    #[error("{path} holds no numbers of an evaluation: {source}")]
    Numbers {
        /// Which file.
        path: PathBuf,
        /// Where and why.
        source: serde_json::Error,
    },
}

/// Writes everything into a folder: `report.html`, `numbers.json`, `points.csv`, `points.arrow`, `duels.csv` and
/// `times.json`.
///
/// # Errors
/// See [`ReportError`].
pub fn write(folder: &Path, numbers: &Numbers, times: &Times, command: &str) -> Result<(), ReportError> {
    let put = |name: &str, text: String| {
        let path = folder.join(name);
        std::fs::write(&path, text).map_err(|source| ReportError::Io { path, source })
    };
    std::fs::create_dir_all(folder).map_err(|source| ReportError::Io {
        path: folder.to_owned(),
        source,
    })?;
    put("report.html", html::page(numbers, times, command))?;
    put("numbers.json", format!("{:#}\n", serde_json::json!(numbers)))?;
    put("times.json", format!("{:#}\n", serde_json::json!(times)))?;
    put("points.csv", tables::points(numbers))?;
    put("duels.csv", tables::duels(numbers))?;
    let path = folder.join("points.arrow");
    tables::arrow(numbers, &path).map_err(|source| ReportError::Table { path, source })
}

/// Reads the numbers of a run from its folder.
///
/// # Errors
/// See [`ReportError`].
pub fn read(folder: &Path) -> Result<Numbers, ReportError> {
    let path = folder.join("numbers.json");
    let text = std::fs::read_to_string(&path).map_err(|source| ReportError::Io {
        path: path.clone(),
        source,
    })?;
    serde_json::from_str(&text).map_err(|source| ReportError::Numbers { path, source })
}

/// The model whose lists are best by themselves.
#[must_use]
pub fn best_model(numbers: &Numbers) -> Option<&str> {
    let key = accuracy(numbers);
    let by_accuracy = |one: &&super::run::Alone| one.metrics.get(&key).map_or(0.0, |found| found.value);
    let best = numbers
        .models
        .iter()
        .max_by(|a, b| by_accuracy(a).total_cmp(&by_accuracy(b)));
    best.map(|one| one.model.as_str())
}

/// The key of nDCG at the list's length.
pub(crate) fn accuracy(numbers: &Numbers) -> String {
    format!(
        "ndcg@{}",
        numbers
            .options
            .get("k")
            .and_then(serde_json::Value::as_u64)
            .unwrap_or(10)
    )
}

/// What was found, in words, bad news included.
#[must_use]
pub fn verdicts(numbers: &Numbers) -> Vec<String> {
    let mut said = models(numbers);
    let Some(best) = best_model(numbers) else {
        return said;
    };
    for price in numbers.prices.iter().filter(|price| price.model == best) {
        said.push(format!(
            "{best}: the rule “no two neighbours of one main genre” costs {:.2} % of relevance and {:+.4} nDCG \
             [{:+.4}, {:+.4}]; without it {:.1} % of neighbours break it.",
            100.0 * price.relevance,
            -price.ndcg.value,
            -price.ndcg.high,
            -price.ndcg.low,
            100.0 * price.breaks_without
        ));
    }
    for (plane, _) in PLANES {
        let of = |rule: bool| {
            let is = |duel: &&Duel| duel.model == best && duel.plane == plane && duel.rival_rule == rule;
            numbers.duels.iter().filter(is).collect::<Vec<_>>()
        };
        for (rule, with) in [(true, "under the rule"), (false, "without the rule")] {
            said.extend(against(best, plane, with, &of(rule)));
        }
    }
    said
}

fn models(numbers: &Numbers) -> Vec<String> {
    let mut said = Vec::new();
    for one in &numbers.models {
        if let Some(over) = one.over_popularity {
            let word = word(over.value, over.p_holm, ["beats", "does not surely beat", "loses to"]);
            said.push(format!(
                "{} {word} popularity: {:+.4} nDCG [{:+.4}, {:+.4}], p = {:.4} after Holm.",
                one.model, over.value, over.low, over.high, over.p_holm
            ));
        }
    }
    let best = best_model(numbers).and_then(|best| numbers.models.iter().find(|one| one.model == best));
    if let Some((best, over)) = best.and_then(|best| Some((best, best.over_neighbours?))) {
        let word = word(over.value, over.p_holm, ["beats", "does not surely beat", "loses to"]);
        said.push(format!(
            "The best model, {}, {word} item-knn: {:+.4} nDCG [{:+.4}, {:+.4}], p = {:.4} after Holm.",
            best.model, over.value, over.low, over.high, over.p_holm
        ));
    }
    said
}

/// Better, not sure, worse.
fn word(value: f64, p: f64, words: [&'static str; 3]) -> &'static str {
    match (p < SURE, value > 0.0) {
        (true, true) => words[0],
        (false, _) => words[1],
        (true, false) => words[2],
    }
}

fn against(best: &str, plane: &str, with: &str, duels: &[&Duel]) -> Option<String> {
    let of = |sign: f64| {
        let sure = |duel: &&&Duel| duel.difference.p_holm < SURE && duel.difference.value * sign > 0.0;
        duels
            .iter()
            .filter(sure)
            .map(|duel| duel.rival.as_str())
            .collect::<Vec<_>>()
    };
    let (won, lost) = (of(1.0), of(-1.0));
    let open: Vec<&str> = duels
        .iter()
        .map(|duel| duel.rival.as_str())
        .filter(|rival| !won.contains(rival) && !lost.contains(rival))
        .collect();
    let list = |names: &[&str]| {
        if names.is_empty() {
            "none".to_owned()
        } else {
            names.join(", ")
        }
    };
    let points = duels.first()?.points;
    let beaten = duels.iter().filter(|duel| duel.surely_dominated > 0);
    let beaten: Vec<String> = beaten
        .map(|duel| format!("{} by {}", duel.surely_dominated, duel.rival))
        .collect();
    let dominated = if beaten.is_empty() {
        format!("none of its {points} points is surely dominated")
    } else {
        format!("of its {points} points are surely dominated: {}", beaten.join(", "))
    };
    Some(format!(
        "{best}, nDCG against {plane}, others {with}: ours (calibrated or served, + rule) has a larger front than {}; a smaller one than {}; \
         open: {}; {dominated}.",
        list(&won),
        list(&lost),
        list(&open)
    ))
}
