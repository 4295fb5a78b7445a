//! `florilege-indexer export`.
//!
//! A store's own data comes as change lines: of files, or of `florilege lines`, the server's program beside this one, which
//! alone knows databases. Invariant: the store is read, never changed.

use std::io::{BufRead, BufReader, Error, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use clap::Args;

use super::common::{Kinds, Output};
use super::{Fault, say};
use crate::tables::Tables;
use crate::tables::lines::export;

/// A store's catalogue, readers and events as Parquet, by day, for DuckDB, Spark and polars.
#[derive(Debug, Args)]
#[command(
    after_help = "Readers have numbers of the export alone, and only those who agreed to personalisation are in it. Columns:
notebooks-data/dictionary.md.

Examples:
  florilege-indexer export --data data --out tables
  florilege-indexer export --out tables lines/generated.ndjson events.ndjson
  duckdb: select date, type, count(*) from read_parquet('tables/events/*/*.parquet', hive_partitioning = true) group by all"
)]
pub(super) struct Export {
    /// The data folder of a store.
    #[arg(long, env = "FLORILEGE_DATA", value_name = "DIR", required_unless_present = "files")]
    data: Option<PathBuf>,
    /// The store's database, where it is PostgreSQL.
    #[arg(long, env = "FLORILEGE_DATABASE_URL", value_name = "URL", hide_env_values = true)]
    database_url: Option<String>,
    /// The server's program; the one beside this one where absent.
    #[arg(long, env = "FLORILEGE_PROGRAM", value_name = "FILE")]
    program: Option<PathBuf>,
    /// The folder of the tables, which holds none yet.
    #[arg(long, env = "FLORILEGE_OUT", value_name = "DIR")]
    out: PathBuf,
    #[command(flatten)]
    kinds: Kinds,
    #[command(flatten)]
    output: Output,
    /// Change lines in place of a store, in order.
    #[arg(value_name = "FILE", conflicts_with = "data")]
    files: Vec<PathBuf>,
}

impl Export {
    pub(super) fn run(self) -> Result<(), Fault> {
        let taxonomy = self.kinds.read()?;
        let tables = Tables::create(&self.out)?;
        let program = self.program.clone().map_or_else(beside, Ok)?;
        let open = || {
            if self.files.is_empty() {
                self.store(&program)
            } else {
                files(&self.files)
            }
        };
        let made = export(open, &taxonomy, &tables)?;
        if self.output.json {
            return say(serde_json::to_string_pretty(&made)?);
        }
        say(format_args!(
            "{} offers, {} venues, {} readers, {} events in {}; {} events of readers who do not agree left out, {} lines rejected",
            made.offers,
            made.venues,
            made.readers,
            made.events,
            self.out.display(),
            made.left_out,
            made.rejected
        ))
    }

    fn store(&self, program: &Path) -> std::io::Result<Box<dyn BufRead>> {
        let mut command = Command::new(program);
        command.arg("lines");
        if let Some(data) = &self.data {
            command.arg("--data").arg(data);
        }
        if let Some(url) = &self.database_url {
            // Not an argument, which others on the machine could read.
            command.env("FLORILEGE_DATABASE_URL", url);
        }
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|fault| {
                let text = format!("cannot run {}: {fault}", program.display());
                Error::new(fault.kind(), text)
            })?;
        let out = child
            .stdout
            .take()
            .ok_or_else(|| Error::other("no output of the server's program"))?;
        Ok(Box::new(BufReader::new(Spoken { child, out })))
    }
}

/// What the other program says; an end that is no success is an error, so that half a store is never taken for one.
struct Spoken {
    child: Child,
    out: ChildStdout,
}

impl Read for Spoken {
    fn read(&mut self, room: &mut [u8]) -> std::io::Result<usize> {
        let count = self.out.read(room)?;
        if count == 0 && !room.is_empty() {
            let status = self.child.wait()?;
            if !status.success() {
                return Err(Error::other(format!("the server's program ended with {status}")));
            }
        }
        Ok(count)
    }
}

impl Drop for Spoken {
    fn drop(&mut self) {
        // One that has ended already cannot be ended again: no fault.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn beside() -> anyhow::Result<PathBuf> {
    let own = std::env::current_exe()?;
    Ok(own.with_file_name(format!("florilege{}", std::env::consts::EXE_SUFFIX)))
}

fn files(paths: &[PathBuf]) -> std::io::Result<Box<dyn BufRead>> {
    let mut all: Box<dyn Read> = Box::new(std::io::empty());
    for path in paths {
        let file = std::fs::File::open(path).map_err(|fault| {
            let text = format!("{}: {fault}", path.display());
            Error::new(fault.kind(), text)
        })?;
        // A file may end without a line's end.
        all = Box::new(all.chain(file).chain(&b"\n"[..]));
    }
    Ok(Box::new(BufReader::new(all)))
}
