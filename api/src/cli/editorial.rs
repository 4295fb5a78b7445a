//! `florilege editorial`: the editorial documents of a store as a file, out and in.
//!
//! The code of the export and import calls, over a data folder or a database. Invariant: an import with a bad line
//! writes nothing, and fails.

use std::io::Read as _;

use anyhow::{Context as _, bail};
use clap::builder::BoolishValueParser;
use clap::{Args, Subcommand};

use super::Output;
use super::place::Place;
use crate::editorial::{Imported, export, import};
use crate::http::editorial::rights::Editor;

/// How many refused lines are told on standard error.
const TOLD: usize = 20;

const EXAMPLES: &str = "\
Examples:
  florilege editorial export --data ./data > documents.ndjson
  florilege editorial import --data ./other documents.ndjson --dry-run
  florilege editorial import --data ./other - --json < documents.ndjson

A server that runs over the same folder follows what an import has published. Exit code 1 when a line was refused:
then nothing was written.";

/// Export and import editorial documents.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Editorial {
    #[command(subcommand)]
    action: Action,
}

/// Out or in.
#[derive(Debug, Subcommand)]
enum Action {
    /// Print every document, a line of JSON each.
    Export(Export),
    /// Take documents from a file, all or none.
    Import(Import),
}

/// What to export.
#[derive(Debug, Args)]
struct Export {
    #[command(flatten)]
    place: Place,
}

/// What to import.
#[derive(Debug, Args)]
struct Import {
    #[command(flatten)]
    place: Place,
    /// Check every line and write nothing.
    #[arg(long, env = "FLORILEGE_DRY_RUN", value_parser = BoolishValueParser::new())]
    dry_run: bool,
    #[command(flatten)]
    output: Output,
    /// The file; `-` is standard input.
    file: String,
}

impl Editorial {
    /// Does it.
    pub(super) async fn run(self) -> anyhow::Result<()> {
        match self.action {
            Action::Export(command) => command.run().await,
            Action::Import(command) => command.run().await,
        }
    }
}

impl Export {
    async fn run(self) -> anyhow::Result<()> {
        let store = self.place.open().await?;
        let text = export(&store).await;
        store.close().await;
        print!("{}", text?);
        Ok(())
    }
}

impl Import {
    async fn run(self) -> anyhow::Result<()> {
        let text = read(&self.file)?;
        let taxonomy = self.place.taxonomy()?;
        let store = self.place.open().await?;
        let editor = Editor::of_command_line();
        let report = import(&store, &taxonomy, &editor, &text, self.dry_run).await;
        store.close().await;
        let report = report.map_err(|problem| anyhow::anyhow!("{}", problem.detail().to_owned()))?;
        self.output.print(&report, || said(&report))?;
        for refused in report.rejected.iter().take(TOLD) {
            eprintln!("line {}: {}: {}", refused.line, refused.pointer, refused.message);
        }
        if report.rejected.is_empty() {
            return Ok(());
        }
        bail!("{} faults; nothing was written", report.rejected.len())
    }
}

fn said(report: &Imported) -> String {
    let wrote = if report.dry_run { "would be taken" } else { "taken" };
    format!(
        "{} documents {wrote}, {} of them there already",
        report.accepted, report.unchanged
    )
}

fn read(file: &str) -> anyhow::Result<Vec<u8>> {
    if file != "-" {
        return std::fs::read(file).with_context(|| format!("{file} cannot be read"));
    }
    let mut text = Vec::new();
    std::io::stdin().read_to_end(&mut text)?;
    Ok(text)
}
