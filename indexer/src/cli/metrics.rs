//! `florilege-indexer metrics`.
//!
//! Invariant: the JSON is one object of keys such as `ndcg@5`, and nothing else.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;

use super::common::Output;
use super::{Fault, say};
use crate::lab::metrics::evaluate;
use crate::lab::metrics::input::Texts;

/// Metrics of lists made elsewhere.
#[derive(Debug, Args)]
#[command(
    after_help = "Run and history: {\"user\":[\"item\"]}. Qrels: {\"user\":{\"item\":1}}. Items: {\"item\":[\"genre\"]}, also the
catalogue. Means over the users of the qrels. Without items or history, the metrics that need them are absent.
The definitions: indexer/src/lab/metrics.rs and its folder.

Example:
  florilege-indexer metrics --run run.json --qrels qrels.json --items items.json --history history.json --at 5 --json"
)]
pub(super) struct Metrics {
    /// What was shown.
    #[arg(long, env = "FLORILEGE_RUN", value_name = "FILE")]
    run: PathBuf,
    /// What is relevant.
    #[arg(long, env = "FLORILEGE_QRELS", value_name = "FILE")]
    qrels: PathBuf,
    /// The catalogue, with genres.
    #[arg(long, env = "FLORILEGE_ITEMS", value_name = "FILE")]
    items: Option<PathBuf>,
    /// What readers had before.
    #[arg(long, env = "FLORILEGE_HISTORY", value_name = "FILE")]
    history: Option<PathBuf>,
    /// What items are: {"item":{"category","venue_kind","subcategory","venue","genre"}}, all of them optional.
    #[arg(long, env = "FLORILEGE_FACETS", value_name = "FILE")]
    facets: Option<PathBuf>,
    /// Where lists are cut; may be given several times.
    #[arg(long, env = "FLORILEGE_AT", value_name = "K", default_value = "10", value_delimiter = ',', value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    at: Vec<u32>,
    #[command(flatten)]
    output: Output,
}

impl Metrics {
    pub(super) fn run(self) -> Result<(), Fault> {
        let run = text(&self.run)?;
        let qrels = text(&self.qrels)?;
        let items = self.items.as_deref().map(text).transpose()?;
        let history = self.history.as_deref().map(text).transpose()?;
        let facets = self.facets.as_deref().map(text).transpose()?;
        let texts = Texts {
            run: &run,
            qrels: &qrels,
            items: items.as_deref(),
            history: history.as_deref(),
            facets: facets.as_deref(),
        };
        let cuts: Vec<usize> = self.at.iter().map(|k| *k as usize).collect();
        let values = evaluate(&texts.read()?, &cuts);
        if self.output.json {
            return say(serde_json::to_string_pretty(&values)?);
        }
        let width = values.keys().map(String::len).max().unwrap_or(0);
        let lines = values.iter().map(|(key, value)| format!("{key:width$}  {value:.6}"));
        say(lines.collect::<Vec<_>>().join("\n"))
    }
}

fn text(path: &Path) -> anyhow::Result<String> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(text.trim_start_matches('\u{feff}').to_owned())
}
