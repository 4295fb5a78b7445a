//! `florilege-indexer generate`.
//!
//! Invariant: lines are streamed; memory does not grow with the number of offers.

use std::io::{BufWriter, Write};
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use florilege_engine::generate::Plan;
use florilege_engine::taxonomy::Taxonomy;
use florilege_engine::time::Moment;

use super::common::{Output, Pace};
use super::{Fault, say};
use crate::population::Plan as PublicPlan;
use crate::population::figures::Figures;
use crate::progress::Progress;
use crate::tables::generated::{Catalogue, GeneratedError, Written};
use crate::tables::{Tables, date};

const DAY_MS: i64 = 86_400_000;

/// A seeded catalogue of any size, as change lines; with readers, also what they do, as tables.
#[derive(Debug, Args)]
#[command(
    after_help = "The same numbers give the same bytes on every machine. With --readers the folder also has the Parquet tables
offers, venues, readers and events/date=… (notebooks-data/dictionary.md tells their columns).

Example:
  florilege-indexer generate --offers 1000000 --seed 7 --out lines
  florilege load --data data lines/generated.ndjson
  florilege-indexer generate --offers 200000 --readers 500000 --events 30000000 --out public"
)]
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
    /// How many readers act on it.
    #[arg(long, env = "FLORILEGE_READERS", value_name = "N", requires = "events")]
    readers: Option<u32>,
    /// How many events they leave, about.
    #[arg(long, env = "FLORILEGE_EVENTS", value_name = "N", requires = "readers")]
    events: Option<u64>,
    /// Over how many days before `--now`.
    #[arg(long, env = "FLORILEGE_DAYS", value_name = "N", default_value_t = 365, value_parser = clap::value_parser!(u16).range(1..=3650))]
    days: u16,
    /// Other figures of the public than the published ones.
    #[arg(long, env = "FLORILEGE_FIGURES", value_name = "FILE")]
    figures: Option<PathBuf>,
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
        let taxonomy = Taxonomy::built_in();
        let tables = self.readers.map(|_| Tables::create(&self.out)).transpose()?;
        let mut catalogue = tables.as_ref().map(|tables| Catalogue::new(&taxonomy, tables));
        let mut out = BufWriter::new(file);
        let mut lines = 0_u64;
        for change in generator.changes() {
            writeln!(out, "{}", change.to_line())?;
            if let Some(catalogue) = &mut catalogue {
                catalogue.take(&change)?;
            }
            lines += 1;
            bar.inc(1);
        }
        out.flush()?;
        bar.finish();
        let people = catalogue
            .map(|catalogue| self.people(catalogue, &progress))
            .transpose()?;
        let (venues, offers) = (generator.venues(), generator.offers());
        if self.output.json {
            let counts = serde_json::json!({
                "venues": venues, "offers": offers, "lines": lines, "output": path, "public": people
            });
            return say(counts);
        }
        let acts = people.map_or_else(String::new, |made| {
            let Written {
                readers,
                events,
                bookings,
                ..
            } = made;
            format!("; {readers} readers, {events} events, {bookings} of them bookings")
        });
        say(format_args!(
            "{venues} venues, {offers} offers, {lines} lines in {}{acts}",
            path.display()
        ))
    }

    fn people(&self, catalogue: Catalogue<'_>, progress: &Progress) -> Result<Written, Fault> {
        let figures = match &self.figures {
            None => Figures::built_in()?,
            Some(path) => {
                let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
                Figures::read(&text).map_err(|fault| Fault::Usage(fault.into()))?
            }
        };
        let today = self.now.millis().div_euclid(DAY_MS);
        let first = i32::try_from(today).unwrap_or(i32::MAX) - i32::from(self.days);
        let plan = PublicPlan {
            readers: self.readers.unwrap_or(0),
            events: self.events.unwrap_or(0),
            seed: self.seed,
            first,
            days: self.days,
        };
        let year = date(first)[..4].parse()?;
        catalogue
            .people(&figures, plan, year, progress)
            .map_err(|fault| match fault {
                GeneratedError::Plan(fault) => Fault::Usage(fault.into()),
                GeneratedError::Tables(fault) => Fault::Failed(fault.into()),
            })
    }
}
