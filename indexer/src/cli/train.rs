//! `florilege-indexer train`.
//!
//! Invariant: what is written is whole, named by what is in it, and never written twice.

use std::path::PathBuf;

use clap::Args;

mod learnt;

use super::common::Output;
use super::{Fault, say};
use crate::lab::dataset::read::read as read_data;
use crate::lab::models::Settings;
use crate::lab::models::folder::{FORMAT, Manifest, write};
use crate::lab::sparse::Binary;

/// A model of all of some data, saved as plain arrays.
#[derive(Debug, Args)]
#[command(
    after_help = "The form of the folder: indexer/src/lab/models/folder.rs. Content takes change lines of offers, weights take
impressions, a line of JSON each: {\"reader\":7,\"features\":{\"near\":0.8},\"taken\":true,\"score\":0.4}; all others take acts.

Examples:
  florilege-indexer train --model ease --data ml-latest-small --out models
  florilege-indexer train --model content --data lines/generated.ndjson --out models
  florilege-indexer train --model personas --data acts.csv --mapping acts.toml --out models
  florilege-indexer train --model weights --data impressions.ndjson --out models --json"
)]
pub(super) struct Train {
    /// One of popularity, item-knn, rp3-beta, ease, ials, slim; content, personas, weights.
    #[arg(long, env = "FLORILEGE_MODEL", value_name = "NAME")]
    model: String,
    /// Parameters in place of the defaults, as JSON: `{"model":"ease","lambda":500}`.
    #[arg(long, env = "FLORILEGE_SETTINGS", value_name = "JSON")]
    settings: Option<String>,
    /// A folder or a file of acts.
    #[arg(long, env = "FLORILEGE_DATA", value_name = "PATH")]
    data: PathBuf,
    /// How to read it, where it is not MovieLens.
    #[arg(long, env = "FLORILEGE_MAPPING", value_name = "FILE")]
    mapping: Option<PathBuf>,
    /// The folder that models stand in.
    #[arg(long, env = "FLORILEGE_OUT", value_name = "DIR")]
    out: PathBuf,
    /// Another seed, another start.
    #[arg(long, env = "FLORILEGE_SEED", value_name = "S", default_value_t = 1)]
    seed: u64,
    /// Numbers of a vector of content.
    #[arg(long, env = "FLORILEGE_DIMENSIONS", value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=512))]
    dimensions: u16,
    #[command(flatten)]
    output: Output,
}

impl Train {
    pub(super) fn run(self) -> Result<(), Fault> {
        if learnt::NAMES.contains(&self.model.as_str()) {
            return self.learn();
        }
        let settings = self.chosen()?;
        let data = read_data(&self.data, self.mapping.as_deref())?;
        let positives = data.positives();
        let mut items: Vec<u32> = positives.iter().flatten().map(|(item, _)| *item).collect();
        items.sort_unstable();
        items.dedup();
        let place = |item: &u32| items.binary_search(item).ok().map(|place| place as u32);
        let rows = positives.iter().filter(|yes| !yes.is_empty());
        let rows = rows.map(|yes| yes.iter().filter_map(|(item, _)| place(item)).collect());
        let readers = Binary::new(rows, items.len());
        let model = settings.train(&readers, self.seed)?;
        let manifest = Manifest {
            format: FORMAT,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            settings: serde_json::json!(settings),
            seed: self.seed,
            data: data.hash(),
            readers: readers.height(),
            items: items.len(),
            acts: readers.ones(),
            files: Default::default(),
        };
        let names: Vec<&str> = items.iter().map(|item| data.items[*item as usize].as_str()).collect();
        let folder = write(&self.out, manifest, &names, &model.arrays())?;
        if self.output.json {
            let manifest = crate::lab::models::folder::check(&folder)?;
            return say(serde_json::json!({"folder": folder, "manifest": manifest}));
        }
        say(format_args!(
            "{} of {} readers, {} items, {} yeses in {}",
            settings.name(),
            readers.height(),
            items.len(),
            readers.ones(),
            folder.display()
        ))
    }

    fn learn(&self) -> Result<(), Fault> {
        let made = match self.model.as_str() {
            "content" => learnt::content(&self.data, usize::from(self.dimensions), self.seed)?,
            "personas" => learnt::personas(&read_data(&self.data, self.mapping.as_deref())?, self.seed)?,
            _ => learnt::weights(&self.data, self.seed)?,
        };
        let text = format!("{} in {}: {:#}", self.model, self.out.display(), made.found);
        let told = made.save(&self.out, self.seed)?;
        if self.output.json {
            say(serde_json::to_string_pretty(&told)?)
        } else {
            say(text)
        }
    }

    fn chosen(&self) -> Result<Settings, Fault> {
        let others = learnt::NAMES.join(", ");
        let known = || {
            format!(
                "{}, {others}",
                Settings::all().map(|settings| settings.name()).join(", ")
            )
        };
        let named = Settings::named(&self.model);
        let named =
            named.ok_or_else(|| Fault::Usage(anyhow::anyhow!("no model {:?}; there are {}", self.model, known())))?;
        let Some(text) = &self.settings else {
            return Ok(named);
        };
        let given: Settings = serde_json::from_str(text).map_err(|fault| Fault::Usage(fault.into()))?;
        if given.name() == named.name() {
            Ok(given)
        } else {
            Err(Fault::Usage(anyhow::anyhow!(
                "the settings are of {}, not of {}",
                given.name(),
                named.name()
            )))
        }
    }
}
