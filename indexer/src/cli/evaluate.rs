//! `florilege-indexer evaluate`.
//!
//! Invariant: a run that was stopped goes on from what it had trained; a run over again gives the same numbers.

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use clap::builder::FalseyValueParser;

use super::common::{Output, Pace};
use super::{Fault, say};
use crate::lab::dataset::read::read as read_data;
use crate::lab::models::Settings;
use crate::lab::report::{self, compare::compare};
use crate::lab::run::{Numbers, Options, run};
use crate::lab::split::Way;

/// Readers above which one fold is enough.
const LARGE: usize = 5_000;

/// Fronts of accuracy and diversity: models × re-rankers × strengths.
#[derive(Debug, Args)]
#[command(
    after_help = "Data is a MovieLens folder (ratings.csv with movies.csv, or ratings.dat), or anything that a mapping describes
(indexer/src/lab/dataset/mapping.rs shows one). Writes report.html, numbers.json, points.csv, points.arrow, duels.csv,
times.json; trained scores are kept in a folder cache beside them.

Examples:
  florilege-indexer evaluate --data ml-latest-small --out fronts
  florilege-indexer evaluate --data loans --mapping loans.toml --out fronts --quick
  florilege-indexer evaluate --compare before after"
)]
pub(super) struct Evaluate {
    /// A folder or a file of acts.
    #[arg(
        long,
        env = "FLORILEGE_DATA",
        value_name = "PATH",
        required_unless_present = "compare"
    )]
    data: Option<PathBuf>,
    /// How to read it, where it is not MovieLens.
    #[arg(long, env = "FLORILEGE_MAPPING", value_name = "FILE")]
    mapping: Option<PathBuf>,
    /// Where everything is written.
    #[arg(long, env = "FLORILEGE_OUT", value_name = "DIR", default_value = "evaluation")]
    out: PathBuf,
    /// One fold, seven strengths, fewer draws: about a minute.
    #[arg(long, env = "FLORILEGE_QUICK", value_parser = FalseyValueParser::new())]
    quick: bool,
    /// Another seed, other splits and draws.
    #[arg(long, env = "FLORILEGE_SEED", value_name = "S", default_value_t = 1)]
    seed: u64,
    /// Places of a list.
    #[arg(long, env = "FLORILEGE_AT", value_name = "K", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=100))]
    at: u32,
    /// Items that re-rankers choose from.
    #[arg(long, env = "FLORILEGE_POOL", value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=2000))]
    pool: u32,
    /// How the data is divided.
    #[arg(long, env = "FLORILEGE_SPLIT", value_enum, default_value = "strong")]
    split: Way,
    /// Folds of the strong split; five below 5,000 readers, else one.
    #[arg(long, env = "FLORILEGE_FOLDS", value_name = "F")]
    folds: Option<usize>,
    /// Some of popularity, item-knn, rp3-beta, ease, ials, slim; all where absent.
    #[arg(long, env = "FLORILEGE_MODELS", value_name = "NAME", value_delimiter = ',')]
    models: Vec<String>,
    /// Models with parameters, as JSON: `[{"model":"ease","lambda":500}]`.
    #[arg(long, env = "FLORILEGE_SETTINGS", value_name = "FILE", conflicts_with = "models")]
    settings: Option<PathBuf>,
    /// Two folders of earlier runs, side by side.
    #[arg(long, value_name = "DIR", num_args = 2)]
    compare: Vec<PathBuf>,
    #[command(flatten)]
    output: Output,
    #[command(flatten)]
    pace: Pace,
}

impl Evaluate {
    pub(super) fn run(self) -> Result<(), Fault> {
        if let [before, after] = &self.compare[..] {
            let found = compare(&report::read(before)?, &report::read(after)?);
            return if self.output.json {
                say(serde_json::to_string_pretty(&found)?)
            } else {
                say(found.text())
            };
        }
        let path = self.data.clone().unwrap_or_default();
        let data = read_data(&path, self.mapping.as_deref())?;
        let options = self.options(data.users.len())?;
        let progress = self.pace.progress();
        let (numbers, times) = run(&data, &options, &progress)?;
        let command = std::env::args().collect::<Vec<_>>().join(" ");
        report::write(&self.out, &numbers, &times, &command)?;
        if self.output.json {
            return say(serde_json::to_string_pretty(&numbers)?);
        }
        say(text(&numbers, &self.out))
    }

    fn options(&self, users: usize) -> Result<Options, Fault> {
        let many = if users < LARGE && !self.quick && self.split == Way::Strong {
            5
        } else {
            1
        };
        Ok(Options {
            way: self.split,
            folds: self.folds.unwrap_or(many),
            seed: self.seed,
            k: self.at as usize,
            pool: self.pool.max(self.at) as usize,
            strengths: if self.quick { 7 } else { 21 },
            draws: if self.quick { 200 } else { 1_000 },
            models: self.chosen()?,
            cache: Some(self.out.join("cache")),
        })
    }

    fn chosen(&self) -> Result<Vec<Settings>, Fault> {
        if let Some(path) = &self.settings {
            let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
            let read = serde_json::from_str(&text).with_context(|| format!("{} is no list of models", path.display()));
            return read.map_err(Fault::Usage);
        }
        if self.models.is_empty() {
            return Ok(Settings::all().to_vec());
        }
        let known = || Settings::all().map(|settings| settings.name()).join(", ");
        let find = |name: &String| {
            let found = Settings::named(name);
            found.ok_or_else(|| Fault::Usage(anyhow::anyhow!("no model {name:?}; there are {}", known())))
        };
        self.models.iter().map(find).collect()
    }
}

/// The front of the best model, and what was found.
fn text(numbers: &Numbers, out: &std::path::Path) -> String {
    let mut lines = Vec::new();
    for one in &numbers.models {
        let cells = one.metrics.iter().map(|(name, e)| format!("{name} {:.4}", e.value));
        lines.push(format!("{:<11} {}", one.model, cells.collect::<Vec<_>>().join("  ")));
    }
    let best = report::best_model(numbers).unwrap_or_default();
    lines.push(format!("\nEvery setting of {best}:"));
    lines.push(format!(
        "{:<19} {:>5} {:>7} {:>7} {:>7} {:>7} {:>7} {:>7} {:>7}",
        "re-ranker", "s", "ndcg", "ild", "entropy", "alpha", "srecall", "kl", "breaks"
    ));
    for row in numbers.rows.iter().filter(|row| row.model == best) {
        let ruled = if row.rule { " + rule" } else { "" };
        let of = |name: &str| row.metrics.get(name).copied().unwrap_or(0.0);
        lines.push(format!(
            "{:<19} {:>5.2} {:>7.4} {:>7.4} {:>7.4} {:>7.4} {:>7.4} {:>7.4} {:>7.4}",
            format!("{}{ruled}", row.reranker),
            row.strength,
            of("ndcg"),
            of("ild"),
            of("main_entropy"),
            of("alpha_ndcg"),
            of("srecall"),
            of("main_calibration_kl"),
            of("main_clash_rate")
        ));
    }
    lines.push(String::new());
    lines.extend(numbers.verdicts.iter().cloned());
    lines.push(format!("\n{}", out.join("report.html").display()));
    lines.join("\n")
}
