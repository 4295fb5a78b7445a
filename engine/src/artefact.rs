//! The artefact: a generation on disk, immutable, with proof that it is whole.
//!
//! `manifest.json` (format, sequence, counts, checksums), `offers.arrow`, `venues.arrow`, `documents.ndjson` (what
//! editors have published) and the text index. No reader
//! stands in it: an erasure must not have to look for copies. Derived from the store: it may be deleted at any time. Invariants: a folder whose name ends in `.tmp` is
//! never read; what a manifest does not vouch for byte by byte is refused, with the reason; rows keep their numbers.

mod columns;
mod documents;
mod manifest;
mod open;
mod verify;
mod write;

use std::path::PathBuf;

use crate::text::TextError;
pub use manifest::{FileEntry, Manifest};
pub use open::{Artefact, open_newest};
pub use verify::{Report, verify};
pub use write::write;

/// The format that this program writes.
pub const FORMAT: u32 = 2;
/// The oldest format that it still reads. Format 1 knew no published documents: what is opened from it would not be the
/// log's state, so it is refused, and the start builds from the store.
pub const OLDEST_READABLE: u32 = 2;

/// Why an artefact could not be written or opened.
#[derive(Debug, thiserror::Error)]
pub enum ArtefactError {
    /// The disk says no.
    #[error("{path}: {source}")]
    Io {
        /// Where.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The text index says no.
    #[error(transparent)]
    Text(#[from] TextError),
    /// A column file says no.
    #[error("{0} is no readable column file: {1}")]
    Columns(PathBuf, arrow_schema::ArrowError),
    /// The manifest cannot be read.
    #[error("{0} is no manifest of an artefact: {1}")]
    Manifest(PathBuf, serde_json::Error),
    /// Another program's, or another version's.
    #[error("{path} has format {found}; this program reads {OLDEST_READABLE} to {FORMAT}")]
    Format {
        /// Which artefact.
        path: PathBuf,
        /// Its format.
        found: u32,
    },
    /// Written for another taxonomy: its rows mean something else.
    #[error("{0} was written with another taxonomy")]
    Taxonomy(PathBuf),
    /// A file is missing, or not as it was written.
    #[error("{path} is damaged: {what}")]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What differs.
        what: String,
    },
}

/// Gives an input or output error its path.
fn at(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> ArtefactError {
    let path = path.into();
    move |source| ArtefactError::Io { path, source }
}

#[cfg(test)]
mod tests;
