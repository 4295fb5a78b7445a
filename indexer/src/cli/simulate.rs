//! `florilege-indexer simulate`: what policies do to readers, before any reader meets them.
//!
//! Invariant: the same arguments print the same numbers.

use std::fmt::Display;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use florilege_engine::geo::Position;
use florilege_engine::taxonomy::Taxonomy;
use florilege_engine::time::Moment;
use polars::prelude::{CsvReadOptions, DataType, SerReader};
use serde::Serialize;

use super::common::{Output, Pace};
use super::{Fault, say};
use crate::simulate::reader::Commune;
use crate::simulate::report::days;
use crate::simulate::year::DAYS_A_MONTH;
use crate::simulate::{Assumptions, Plan, ablate, compare, editors};

/// Popularity, nearest first, production's round-robin and the engine, compared on simulated readers.
#[derive(Debug, Args)]
#[command(
    after_help = "The readers' tastes are a document of their own (indexer/data/simulation.toml), not the engine's model.

Examples:
  florilege-indexer simulate --quick
  florilege-indexer simulate --readers 600 --months 12 --sensitivity
  florilege-indexer simulate --quick --ablate
  florilege-indexer simulate --communes communes.csv --json
  florilege editorial export --data ./data > documents.ndjson
  florilege-indexer simulate --documents documents.ndjson"
)]
pub(super) struct Simulate {
    /// How many readers.
    #[arg(long, env = "FLORILEGE_READERS", value_name = "N", default_value_t = 600)]
    readers: u64,
    /// How many months of 30 days.
    #[arg(long, env = "FLORILEGE_MONTHS", value_name = "N", default_value_t = 12)]
    months: u64,
    /// How many offers.
    #[arg(long, env = "FLORILEGE_OFFERS", value_name = "N", default_value_t = 20_000)]
    offers: usize,
    /// Another seed, another world.
    #[arg(long, env = "FLORILEGE_SEED", value_name = "S", default_value_t = 1)]
    seed: u64,
    /// The first morning.
    #[arg(
        long,
        env = "FLORILEGE_NOW",
        value_name = "TIME",
        default_value = "2026-12-01T08:00:00+01:00"
    )]
    now: Moment,
    /// Where readers live: a CSV with the columns `nom`, `population`, `lat`, `lon`; the catalogue's towns where absent.
    #[arg(long, env = "FLORILEGE_COMMUNES", value_name = "FILE")]
    communes: Option<PathBuf>,
    /// Other assumptions than the built-in ones.
    #[arg(long, env = "FLORILEGE_ASSUMPTIONS", value_name = "FILE")]
    assumptions: Option<PathBuf>,
    /// What our own policy's editors have published: lines of `florilege editorial export`, such as a scenario `home`.
    #[arg(long, env = "FLORILEGE_DOCUMENTS", value_name = "FILE")]
    documents: Option<PathBuf>,
    /// Everything again under eight changed assumptions.
    #[arg(long, env = "FLORILEGE_SENSITIVITY", value_parser = clap::builder::FalseyValueParser::new())]
    sensitivity: bool,
    /// Instead, let readers live under the engine, then take every source away in turn: what each one adds.
    #[arg(long, env = "FLORILEGE_ABLATE", conflicts_with = "sensitivity", value_parser = clap::builder::FalseyValueParser::new())]
    ablate: bool,
    /// 120 readers, 3 months, 4,000 offers.
    #[arg(long, env = "FLORILEGE_QUICK", value_parser = clap::builder::FalseyValueParser::new())]
    quick: bool,
    #[command(flatten)]
    output: Output,
    #[command(flatten)]
    pace: Pace,
}

impl Simulate {
    pub(super) fn run(self) -> Result<(), Fault> {
        let taxonomy = Taxonomy::built_in();
        let assumed = match &self.assumptions {
            Some(path) => Assumptions::parse(&text(path)?, &taxonomy),
            None => Assumptions::built_in(&taxonomy),
        };
        let documents = match &self.documents {
            Some(path) => editors::read(&text(path)?, &taxonomy),
            None => Ok(Vec::new()),
        };
        let (readers, months, offers) = if self.quick {
            (120, 3, 4_000)
        } else {
            (self.readers, self.months, self.offers)
        };
        let plan = Plan {
            readers,
            months,
            offers,
            seed: self.seed,
            now: self.now,
            communes: self.communes.as_deref().map(communes).transpose()?.unwrap_or_default(),
            assumed: assumed.map_err(|fault| Fault::Usage(fault.into()))?,
            documents: documents.map_err(|fault| Fault::Usage(fault.into()))?,
        };
        if self.ablate {
            let bar = self.pace.progress().bar("living", plan.months * DAYS_A_MONTH);
            let table = ablate(&plan, &bar)?;
            bar.finish();
            return told(&table, self.output.json);
        }
        let bar = self.pace.progress().bar("simulating", days(&plan, self.sensitivity));
        let report = compare(&plan, self.sensitivity, &bar)?;
        bar.finish();
        told(&report, self.output.json)
    }
}

fn told(report: &(impl Display + Serialize), json: bool) -> Result<(), Fault> {
    if json {
        return say(serde_json::to_string_pretty(report)?);
    }
    say(report.to_string().trim_end())
}

fn text(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

/// Communes of a file; those without a position or an inhabitant are left out.
fn communes(path: &Path) -> anyhow::Result<Vec<Commune>> {
    let frame = CsvReadOptions::default()
        .with_has_header(true)
        .with_infer_schema_length(None)
        .try_into_reader_with_file_path(Some(path.to_owned()))?
        .finish()
        .with_context(|| format!("cannot read {}", path.display()))?;
    let names = frame.column("nom")?.str()?.clone();
    let numbers =
        |name: &str| -> anyhow::Result<_> { Ok(frame.column(name)?.cast(&DataType::Float64)?.f64()?.clone()) };
    let (inhabitants, lats, lngs) = (numbers("population")?, numbers("lat")?, numbers("lon")?);
    let read = |row: usize| {
        let position = Position::new(lats.get(row)?, lngs.get(row)?).ok()?;
        let weight = inhabitants.get(row).filter(|count| *count > 0.0)?;
        Some(Commune {
            name: names.get(row)?.to_owned(),
            position,
            weight,
        })
    };
    Ok((0..frame.height()).filter_map(read).collect())
}
