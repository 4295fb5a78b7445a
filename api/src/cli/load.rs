//! `florilege load`: change lines in bulk, into a data folder or through a running server.
//!
//! The folder takes them by the code of `POST /v1/changes`; a server by that call itself, in bodies within its
//! limits. Invariant: a bad line is told with its file and number, and the rest goes in.

mod remote;

use std::io::{BufRead, BufReader};
use std::path::Path;

use anyhow::Context as _;
use clap::Args;
use serde::Serialize;

use super::Output;
use crate::boot::{open_store, taxonomy};
use crate::bulk::{Bulk, Rejection, Report};

/// How many refused lines are told on standard error.
const TOLD: usize = 20;

const EXAMPLES: &str = "\
Examples:
  florilege load --data ./data venues.ndjson offers.ndjson
  zcat changes.ndjson.gz | florilege load --data ./data -
  florilege load --data http://127.0.0.1:7700 --key \"$FLORILEGE_KEY\" changes.ndjson --json

One change a line: {\"op\":\"offer.upsert\",\"offer\":{…}}, offer.delete, offer.stock, venue.upsert, venue.delete,
user.upsert, user.erase, event. Exit code 0 also when lines were refused: they are in the report.";

/// Load change lines in bulk.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Load {
    /// The data folder, or the address of a running server.
    #[arg(long, value_name = "DIR|URL", env = "FLORILEGE_DATA")]
    data: String,
    /// A PostgreSQL store instead of the folder's own.
    #[arg(long, value_name = "URL", env = "FLORILEGE_DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
    /// A key of scope ingest, for a running server.
    #[arg(long, env = "FLORILEGE_KEY", hide_env_values = true)]
    key: Option<String>,
    /// A TOML taxonomy instead of the built-in one.
    #[arg(long, value_name = "FILE", env = "FLORILEGE_TAXONOMY")]
    taxonomy: Option<String>,
    #[command(flatten)]
    output: Output,
    /// Files of change lines; `-` is standard input.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,
}

/// What became of one file's line.
#[derive(Debug, Serialize)]
struct Refused {
    file: String,
    #[serde(flatten)]
    rejection: Rejection,
}

/// What became of all files.
#[derive(Debug, Default, Serialize)]
struct Loaded {
    accepted: u64,
    rejected: Vec<Refused>,
    sequence: u64,
}

impl Loaded {
    fn add(&mut self, file: &str, report: Report) {
        self.accepted += report.accepted;
        self.sequence = self.sequence.max(report.sequence.0);
        self.rejected
            .extend(report.rejected.into_iter().map(|rejection| Refused {
                file: file.to_owned(),
                rejection,
            }));
    }
}

impl Load {
    /// Loads every file.
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let remote = self.data.starts_with("http://") || self.data.starts_with("https://");
        let loaded = if remote {
            self.to_server().await?
        } else {
            self.to_folder().await?
        };
        tell(&loaded);
        self.output.print(&loaded, || {
            let refused = loaded.rejected.len();
            format!(
                "{} accepted, {refused} refused, sequence {}",
                loaded.accepted, loaded.sequence
            )
        })
    }

    async fn to_folder(&self) -> anyhow::Result<Loaded> {
        let taxonomy = taxonomy(self.taxonomy.as_deref())?;
        let store = open_store(Path::new(&self.data), self.database_url.as_deref(), taxonomy.clone()).await?;
        let mut loaded = Loaded::default();
        for file in &self.files {
            let mut bulk = Bulk::of_changes(store.clone(), taxonomy.clone());
            feed(&mut bulk, file)
                .await
                .with_context(|| format!("{file} was not loaded to its end"))?;
            loaded.add(file, bulk.finish().await?);
        }
        store.close().await;
        Ok(loaded)
    }

    async fn to_server(&self) -> anyhow::Result<Loaded> {
        let server = remote::Server::new(&self.data, self.key.as_deref());
        let files = self.files.clone();
        let sent = tokio::task::spawn_blocking(move || -> anyhow::Result<Loaded> {
            let mut loaded = Loaded::default();
            for file in &files {
                let report = server
                    .send(open(file)?)
                    .with_context(|| format!("{file} was not loaded to its end"))?;
                loaded.add(file, report);
            }
            Ok(loaded)
        });
        sent.await?
    }
}

/// Hands every line of a file to a bulk, with progress.
async fn feed(bulk: &mut Bulk, file: &str) -> anyhow::Result<()> {
    let mut lines = open(file)?;
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        if lines.read_until(b'\n', &mut line)? == 0 {
            break;
        }
        let text = crate::bulk::lines(&line).next().map_or(&b""[..], |(_, text)| text);
        if !text.is_empty() {
            bulk.push(number, text).await?;
        }
        if number % 100_000 == 0 {
            let (accepted, refused) = bulk.progress();
            eprintln!("{file}: {number} lines read, {accepted} accepted, {refused} refused");
        }
    }
    Ok(())
}

fn open(file: &str) -> anyhow::Result<Box<dyn BufRead + Send>> {
    if file == "-" {
        return Ok(Box::new(BufReader::new(std::io::stdin())));
    }
    let opened = std::fs::File::open(file).with_context(|| format!("{file} cannot be opened"))?;
    Ok(Box::new(BufReader::with_capacity(1 << 20, opened)))
}

/// The first refused lines, on standard error.
fn tell(loaded: &Loaded) {
    for refused in loaded.rejected.iter().take(TOLD) {
        eprintln!(
            "{}:{}: {}",
            refused.file, refused.rejection.line, refused.rejection.message
        );
    }
    if loaded.rejected.len() > TOLD {
        eprintln!(
            "and {} more refused lines; --json prints them all",
            loaded.rejected.len() - TOLD
        );
    }
}
