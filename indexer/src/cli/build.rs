//! `florilege-indexer build` and `verify`: an artefact out of change lines, and what one weighs.
//!
//! Invariant: the same engine writes it that serves it; a bad line is told and left out, as `/v1/changes` does.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use clap::Args;
use florilege_engine::artefact::{Report, verify};
use florilege_engine::change::{Change, Sequence};
use florilege_engine::live::Engine;
use florilege_engine::taxonomy::Taxonomy;

use super::common::{Kinds, Output, Pace};
use super::{Fault, say};

/// Lines applied at once.
const BATCH: usize = 50_000;
/// The most bad lines that are told one by one.
const MOST_TOLD: u64 = 10;

/// An artefact from change lines, for offline work.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  florilege-indexer build --out artefacts lines/events.ndjson lines/books.ndjson")]
pub(super) struct Build {
    /// The folder that artefacts stand in.
    #[arg(long, env = "FLORILEGE_OUT", value_name = "DIR")]
    out: PathBuf,
    #[command(flatten)]
    kinds: Kinds,
    #[command(flatten)]
    output: Output,
    #[command(flatten)]
    pace: Pace,
    /// Change lines, in order.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

impl Build {
    pub(super) fn run(self) -> Result<(), Fault> {
        let taxonomy = self.kinds.read()?;
        let engine = Engine::in_memory(Arc::clone(&taxonomy))?;
        let progress = self.pace.progress();
        let bar = progress.bar("building", self.files.len() as u64);
        let mut loader = Loader {
            engine: &engine,
            taxonomy: &taxonomy,
            batch: Vec::new(),
            sequence: Sequence(0),
            rejected: 0,
        };
        for path in &self.files {
            loader.file(path)?;
            bar.inc(1);
        }
        loader.flush()?;
        bar.finish();
        let rejected = loader.rejected;
        let manifest = engine.snapshot(&self.out)?;
        if self.output.json {
            return say(serde_json::json!({"manifest": manifest, "rejected": rejected}));
        }
        let (offers, venues) = (manifest.offers, manifest.venues);
        let place = self.out.display();
        say(format_args!(
            "{offers} offers, {venues} venues in {place}; {rejected} lines rejected"
        ))
    }
}

struct Loader<'a> {
    engine: &'a Engine,
    taxonomy: &'a Taxonomy,
    batch: Vec<(Sequence, Option<Change>)>,
    sequence: Sequence,
    rejected: u64,
}

impl Loader<'_> {
    fn file(&mut self, path: &PathBuf) -> anyhow::Result<()> {
        let file = std::fs::File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
        let lines = BufReader::new(file).split(b'\n');
        for (number, line) in (1_u64..).zip(lines) {
            let line = line.with_context(|| format!("cannot read {}", path.display()))?;
            if line.trim_ascii().is_empty() {
                continue;
            }
            match Change::parse(line.trim_ascii(), self.taxonomy) {
                Ok(change) => self.add(change)?,
                Err(fault) => {
                    self.rejected += 1;
                    if self.rejected <= MOST_TOLD {
                        eprintln!("{}:{number}: {fault}", path.display());
                    }
                }
            }
        }
        Ok(())
    }

    fn add(&mut self, change: Change) -> anyhow::Result<()> {
        self.sequence = self.sequence.next();
        self.batch.push((self.sequence, Some(change)));
        if self.batch.len() >= BATCH {
            self.flush()?;
        }
        Ok(())
    }

    fn flush(&mut self) -> anyhow::Result<()> {
        self.engine.apply(&self.batch)?;
        self.batch.clear();
        Ok(())
    }
}

/// Every invariant of an artefact, and its weight by the offer.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  florilege-indexer verify --json artefacts")]
pub(super) struct Verify {
    #[command(flatten)]
    kinds: Kinds,
    #[command(flatten)]
    output: Output,
    /// One artefact, or the folder that artefacts stand in: the newest is taken.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

impl Verify {
    pub(super) fn run(self) -> Result<(), Fault> {
        let taxonomy = self.kinds.read()?;
        let scratch = Scratch::beside(&self.folder)?;
        let report = verify(&newest(self.folder), &scratch.0, &taxonomy)?;
        if self.output.json {
            say(serde_json::to_string_pretty(&report)?)?;
        } else {
            say(table(&report))?;
        }
        if report.faults.is_empty() {
            return Ok(());
        }
        Err(Fault::Failed(anyhow::anyhow!("{} faults", report.faults.len())))
    }
}

fn table(report: &Report) -> String {
    let mut lines = vec![
        format!("format {}, at entry {} of the log", report.format, report.sequence),
        format!("{} offers of {} works", report.offers, report.items),
        format!("{} venues at {} places", report.venues, report.places),
        format!("{} offers wait for their venue", report.waiting),
    ];
    lines.extend(
        report
            .bytes
            .iter()
            .map(|(part, bytes)| format!("{bytes:>14} bytes  {part}")),
    );
    lines.push(format!("{:>14.1} bytes an offer", report.bytes_an_offer));
    lines.extend(report.faults.iter().map(|fault| format!("fault: {fault}")));
    lines.join("\n")
}

/// The folder itself where it holds a manifest, else the last one in it that does.
fn newest(folder: PathBuf) -> PathBuf {
    let whole = |path: &PathBuf| path.join("manifest.json").is_file();
    let inner = || {
        let entries = std::fs::read_dir(&folder).ok()?;
        entries.filter_map(|entry| Some(entry.ok()?.path())).filter(whole).max()
    };
    if whole(&folder) {
        folder
    } else {
        inner().unwrap_or(folder)
    }
}

/// A folder to work in that is gone afterwards.
struct Scratch(PathBuf);

impl Scratch {
    fn beside(folder: &std::path::Path) -> anyhow::Result<Self> {
        let name = format!("florilege-verify-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        // Left by a process of the same number that was killed.
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).with_context(|| format!("no room to verify {}", folder.display()))?;
        Ok(Self(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What stays behind is in the system's folder for what may be lost.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
