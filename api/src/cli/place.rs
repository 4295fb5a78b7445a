//! Which store a command works on: the folder's own, or a shared database.
//!
//! Part of the commands that read and write a store as a whole. Invariant: a flag means the same in all of them.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use florilege_engine::taxonomy::Taxonomy;

use crate::boot::{open_store, taxonomy};
use crate::store::Store;

/// Which store.
#[derive(Debug, Args)]
pub(super) struct Place {
    /// The data folder.
    #[arg(long, value_name = "DIR", env = "FLORILEGE_DATA")]
    data: PathBuf,
    /// A PostgreSQL store instead of the folder's own.
    #[arg(long, value_name = "URL", env = "FLORILEGE_DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
    /// A TOML taxonomy instead of the built-in one.
    #[arg(long, value_name = "FILE", env = "FLORILEGE_TAXONOMY")]
    taxonomy: Option<String>,
}

impl Place {
    /// Opens it; a folder without a store gets one.
    pub(super) async fn open(&self) -> anyhow::Result<Store> {
        open_store(&self.data, self.database_url.as_deref(), self.taxonomy()?).await
    }

    /// Opens what is there already.
    pub(super) async fn open_existing(&self) -> anyhow::Result<Store> {
        anyhow::ensure!(
            self.database_url.is_some() || self.data.join("store.sqlite").exists(),
            "{} holds no store",
            self.data.display()
        );
        self.open().await
    }

    /// The taxonomy that its documents follow.
    pub(super) fn taxonomy(&self) -> anyhow::Result<Arc<Taxonomy>> {
        taxonomy(self.taxonomy.as_deref())
    }
}
