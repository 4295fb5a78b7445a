//! `florilege-indexer import`.
//!
//! Invariant: a dry run reads and reports everything, and writes nothing.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;
use clap::builder::FalseyValueParser;

use super::common::{Kinds, Output, Pace};
use super::{Fault, say};
use crate::import::{ImportError, Options, import};

/// Real files into change lines, by a mapping.
#[derive(Debug, Args)]
#[command(
    after_help = "The format of mappings: indexer/mappings/README.md. A bad row never stops the others: the report
counts rows read, kept, dropped by reason and unclassified, with ten examples each.

Examples:
  florilege-indexer import --mapping indexer/mappings/museums.toml --out lines museums.csv
  florilege-indexer import --mapping indexer/mappings/books.toml --out lines --with libraries=libraries.jsonl books.csv
  florilege load --data data lines/museums.ndjson"
)]
pub(super) struct Import {
    /// The mapping of the source.
    #[arg(long, env = "FLORILEGE_MAPPING", value_name = "FILE")]
    mapping: PathBuf,
    /// The folder for the change lines (one file, named after the source).
    #[arg(long, env = "FLORILEGE_OUT", value_name = "DIR", required_unless_present = "dry_run")]
    out: Option<PathBuf>,
    /// Read and report, write nothing.
    #[arg(long, env = "FLORILEGE_DRY_RUN", value_parser = FalseyValueParser::new())]
    dry_run: bool,
    /// A table that the mapping names, where it stands elsewhere than the mapping says.
    #[arg(long = "with", env = "FLORILEGE_WITH", value_name = "NAME=FILE", value_parser = named_file, value_delimiter = ',')]
    with: Vec<(String, PathBuf)>,
    #[command(flatten)]
    kinds: Kinds,
    #[command(flatten)]
    output: Output,
    #[command(flatten)]
    pace: Pace,
    /// The files of the source.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

fn named_file(text: &str) -> Result<(String, PathBuf), String> {
    match text.split_once('=') {
        Some((name, file)) if !name.is_empty() && !file.is_empty() => Ok((name.into(), file.into())),
        Some(_) | None => Err("write NAME=FILE".into()),
    }
}

impl Import {
    pub(super) fn run(self) -> Result<(), Fault> {
        let taxonomy = self.kinds.read()?;
        let progress = self.pace.progress();
        let options = Options {
            mapping: self.mapping,
            files: self.files,
            out: self.out.filter(|_| !self.dry_run),
            tables: self.with.into_iter().collect::<BTreeMap<_, _>>(),
        };
        let report = match import(&options, &taxonomy, &progress) {
            Ok(report) => report,
            Err(fault @ ImportError::Mapping(_)) => return Err(Fault::Usage(fault.into())),
            Err(fault) => return Err(Fault::Failed(fault.into())),
        };
        if self.output.json {
            return say(serde_json::to_string_pretty(&report)?);
        }
        say(report.to_string().trim_end())
    }
}
