//! `florilege backup`: a copy of an embedded store as one new file, also while a server uses it.
//!
//! To restore, put the file as `store.sqlite` into an empty data folder; the artefact is built again from it.
//! Invariant: the copy is one state of the store, whole.

use std::path::PathBuf;

use clap::Args;
use florilege_engine::taxonomy::Taxonomy;
use serde_json::json;

use super::Output;
use crate::boot::open_store;

const EXAMPLES: &str = "\
Examples:
  florilege backup --data ./data ./backup/store.sqlite
  mkdir restored && cp ./backup/store.sqlite restored/ && florilege serve --data ./restored

A PostgreSQL store is backed up by pg_dump.";

/// Copy the store of a data folder into one new file.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Backup {
    /// The data folder.
    #[arg(long, value_name = "DIR", env = "FLORILEGE_DATA")]
    data: PathBuf,
    #[command(flatten)]
    output: Output,
    /// The new file; it must not be there yet.
    file: PathBuf,
}

impl Backup {
    /// Copies.
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let there = self.data.join("store.sqlite").exists();
        anyhow::ensure!(there, "{} holds no store", self.data.display());
        let store = open_store(&self.data, None, Taxonomy::built_in().into()).await?;
        let sequence = store.last_sequence().0;
        let copied = store.backup(&self.file).await;
        store.close().await;
        copied?;
        let file = self.file.display().to_string();
        self.output.print(&json!({"file": file, "sequence": sequence}), || {
            format!("{file} stands at {sequence} or later")
        })
    }
}
