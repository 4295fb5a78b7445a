//! `florilege-indexer generate`.
//!
//! Invariant: lines are streamed; memory does not grow with the number of offers.

use std::io::{BufWriter, Write};
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use florilege_engine::generate::Plan;
use florilege_engine::time::Moment;

use super::common::{Output, Pace};
use super::{Fault, say};

/// A seeded catalogue of any size, as change lines.
#[derive(Debug, Args)]
#[command(after_help = "The same numbers give the same bytes on every machine.

Example:
  florilege-indexer generate --offers 1000000 --seed 7 --out lines
  florilege load --data data lines/generated.ndjson")]
pub(super) struct Generate {
    /// How many offers.
    #[arg(long, env = "FLORILEGE_OFFERS", value_name = "N")]
    offers: usize,
    /// How many venues; one for twenty offers where absent.
    #[arg(long, env = "FLORILEGE_VENUES", value_name = "N")]
    venues: Option<usize>,
    /// Another seed, another catalogue.
    #[arg(long, env = "FLORILEGE_SEED", value_name = "S", default_value_t = 1)]
    seed: u64,
    /// The moment that the dates lie around.
    #[arg(
        long,
        env = "FLORILEGE_NOW",
        value_name = "TIME",
        default_value = "2026-12-01T12:00:00+01:00"
    )]
    now: Moment,
    /// The folder of `generated.ndjson`.
    #[arg(long, env = "FLORILEGE_OUT", value_name = "DIR")]
    out: PathBuf,
    #[command(flatten)]
    output: Output,
    #[command(flatten)]
    pace: Pace,
}

impl Generate {
    pub(super) fn run(self) -> Result<(), Fault> {
        let plan = Plan {
            offers: self.offers,
            venues: self.venues,
            seed: self.seed,
            now: self.now,
        };
        let generator = plan.check().map_err(|fault| Fault::Usage(fault.into()))?;
        let path = self.out.join("generated.ndjson");
        std::fs::create_dir_all(&self.out).with_context(|| format!("cannot make {}", self.out.display()))?;
        let file = std::fs::File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
        let progress = self.pace.progress();
        let bar = progress.bar("generating", generator.offers() + generator.venues());
        let mut out = BufWriter::new(file);
        let mut lines = 0_u64;
        for change in generator.changes() {
            writeln!(out, "{}", change.to_line())?;
            lines += 1;
            bar.inc(1);
        }
        out.flush()?;
        bar.finish();
        let (venues, offers) = (generator.venues(), generator.offers());
        if self.output.json {
            let counts = serde_json::json!({"venues": venues, "offers": offers, "lines": lines, "output": path});
            return say(counts);
        }
        say(format_args!(
            "{venues} venues, {offers} offers, {lines} lines in {}",
            path.display()
        ))
    }
}
