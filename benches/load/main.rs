//! The load driver: an open loop over HTTP against the real program, and the scenarios that the budgets ask for.
//!
//! `cargo build --release && cargo bench -p florilege-benches --bench load -- --help`. Invariant: latencies count
//! from when a call was due, see `driver`.

mod client;
mod driver;
mod report;
mod scenario;
mod server;
mod traffic;

use std::path::PathBuf;

use clap::{Parser, ValueEnum};

/// Open-loop load on a server of its own, over a generated catalogue.
#[derive(Debug, Parser)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// What to measure.
    #[arg(value_enum, default_value_t = Scenario::Mix)]
    scenario: Scenario,
    /// Offers in the catalogue.
    #[arg(long, default_value_t = 200_000)]
    offers: usize,
    /// Calls a second; 0 takes half of the measured peak (soak: seven tenths).
    #[arg(long, default_value_t = 200.0)]
    rate: f64,
    /// Stock changes a second, one call each.
    #[arg(long, default_value_t = 0.0)]
    writes: f64,
    /// Seconds of each part of the run.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Connections that may be under way at once.
    #[arg(long, default_value_t = 64)]
    connections: usize,
    /// Another seed, other calls.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Recommendations alone instead of the mix.
    #[arg(long)]
    only_lists: bool,
    /// The program; the release build beside this bench where absent.
    #[arg(long)]
    program: Option<PathBuf>,
    /// Given by `cargo bench`; means nothing.
    #[arg(long, hide = true)]
    bench: bool,
}

const EXAMPLES: &str = "\
Examples, after `--bench load --`:
  mix --rate 0                                     at half of the peak
  freshness --rate 200 --writes 1000 --seconds 60  acknowledged to served, and what writes cost reads
  overload --seconds 10                            three times the peak: goodput, refusals, recovery
  soak --rate 0 --writes 100 --seconds 600         seven tenths of the peak with writes: memory, p99 by tenths";

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Scenario {
    /// The mix of a day at a rate.
    Mix,
    /// Stock changes while lists are asked for.
    Freshness,
    /// Three times the peak.
    Overload,
    /// Long, at seven tenths of the peak.
    Soak,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments = Arguments::parse();
    let program = florilege_benches::served::program(arguments.program.as_deref())?;
    scenario::run(&arguments, &program)
}
