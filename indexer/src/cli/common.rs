//! Arguments that several commands share, so that they are named, described and read alike.
//!
//! Invariant: progress goes to standard error and can be silenced; a taxonomy that is not given is the built-in one.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use clap::Args;
use clap::builder::FalseyValueParser;
use florilege_engine::taxonomy::Taxonomy;

use crate::progress::Progress;

/// Which taxonomy.
#[derive(Debug, Args)]
pub(super) struct Kinds {
    /// A taxonomy in place of the built-in one.
    #[arg(long, env = "FLORILEGE_TAXONOMY", value_name = "FILE")]
    taxonomy: Option<PathBuf>,
}

impl Kinds {
    pub(super) fn read(&self) -> anyhow::Result<Arc<Taxonomy>> {
        let Some(path) = &self.taxonomy else {
            return Ok(Arc::new(Taxonomy::built_in()));
        };
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        Ok(Arc::new(Taxonomy::from_toml(&text)?))
    }
}

/// How the outcome is told.
#[derive(Debug, Args)]
pub(super) struct Output {
    /// The outcome as JSON.
    #[arg(long, env = "FLORILEGE_JSON", value_parser = FalseyValueParser::new())]
    pub(super) json: bool,
}

/// How long work is shown.
#[derive(Debug, Args)]
pub(super) struct Pace {
    /// No progress bars.
    #[arg(long, env = "FLORILEGE_QUIET", value_parser = FalseyValueParser::new())]
    quiet: bool,
}

impl Pace {
    pub(super) fn progress(&self) -> Progress {
        if self.quiet {
            Progress::silent()
        } else {
            Progress::shown()
        }
    }
}
