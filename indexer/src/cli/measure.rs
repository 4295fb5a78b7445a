//! `florilege-indexer measure`.
//!
//! Invariant: what is measured is the code that trains and judges, on data that size and seed alone decide.

use clap::{Args, Subcommand};

use super::common::Output;
use super::{Fault, say};
use crate::lab::measure::{Measure, Size, metrics, training};
use crate::lab::models::Settings;

/// How fast this machine trains and judges, on generated readers.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  florilege-indexer measure metrics --users 100000 --places 100
  florilege-indexer measure training --model ease --users 100000 --items 20000 --acts 30")]
pub(super) struct Timing {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Every metric of generated lists.
    Metrics {
        /// Places of a list.
        #[arg(long, value_name = "K", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        places: u32,
        #[command(flatten)]
        given: Given,
    },
    /// A model of generated readers.
    Training {
        /// One of popularity, item-knn, rp3-beta, ease, ials, slim.
        #[arg(long, value_name = "NAME", default_value = "ease")]
        model: String,
        #[command(flatten)]
        given: Given,
    },
}

#[derive(Debug, Args)]
struct Given {
    /// Readers.
    #[arg(long, value_name = "N", default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    users: u32,
    /// Items.
    #[arg(long, value_name = "N", default_value_t = 20_000, value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    items: u32,
    /// Acts of a reader, in the mean.
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    acts: u32,
    /// Another seed, other readers.
    #[arg(long, env = "FLORILEGE_SEED", value_name = "S", default_value_t = 1)]
    seed: u64,
    #[command(flatten)]
    output: Output,
}

impl Given {
    fn size(&self) -> Size {
        Size {
            users: self.users as usize,
            items: self.items as usize,
            acts: self.acts as usize,
        }
    }
}

impl Timing {
    pub(super) fn run(self) -> Result<(), Fault> {
        let (found, output) = match self.what {
            What::Metrics { places, given } => (metrics(given.size(), places as usize, given.seed), given.output),
            What::Training { model, given } => {
                let settings = Settings::named(&model);
                let settings = settings.ok_or_else(|| Fault::Usage(anyhow::anyhow!("no model {model:?}")))?;
                (training(&settings, given.size(), given.seed)?, given.output)
            }
        };
        if output.json {
            return say(serde_json::to_string_pretty(&found)?);
        }
        say(text(&found))
    }
}

fn text(found: &Measure) -> String {
    let part = found.part.as_ref();
    let part = part.map_or_else(String::new, |(name, seconds)| format!(", {seconds:.2} s an {name}"));
    let peak = found.peak_bytes;
    let peak = peak.map_or_else(String::new, |bytes| format!(", {:.2} GB at most", bytes as f64 / 1e9));
    let processors = found.processor_seconds;
    let processors = processors.map_or_else(String::new, |seconds| format!(", {seconds:.2} s of processors"));
    format!(
        "{}: {} readers, {} items, {} acts: {:.2} s{processors}{part}{peak}",
        found.what, found.users, found.items, found.acts, found.seconds
    )
}
