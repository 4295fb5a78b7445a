//! Which reader a path needs.
//!
//! Invariant: data without a single act is a fault, never an empty report.

use std::path::{Path, PathBuf};

use super::mapping::{Mapping, MappingError};
use super::{Dataset, movielens, tables};
use crate::import::mapping::Input;
use crate::import::read::ReadError;

/// Why data cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// A file that is not there, or not for us.
    #[error("cannot read {path}: {source}")]
    Io {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A table that is none.
    #[error(transparent)]
    Table(#[from] ReadError),
    /// A mapping that is none.
    #[error(transparent)]
    Mapping(#[from] MappingError),
    /// A column that the header does not name.
    #[error("{path} has no column {column:?}; it has {found}")]
    Column {
        /// Which file.
        path: PathBuf,
        /// The column looked for.
        column: String,
        /// The columns there.
        found: String,
    },
    /// A folder that nobody knows.
    #[error(
        "{0} holds neither ratings.csv nor ratings.dat nor the tables of an export: say how to read it with --mapping"
    )]
    Unknown(PathBuf),
    /// Nobody did anything.
    #[error("{path} holds no act that can be read ({unread} lines were not)")]
    Empty {
        /// Where.
        path: PathBuf,
        /// How many lines are unreadable.
        unread: u64,
    },
}

/// Reads a MovieLens folder, a MovieLens ratings file, a store's tables, or what a mapping describes.
///
/// # Errors
/// See [`DataError`].
pub fn read(path: &Path, mapping: Option<&Path>) -> Result<Dataset, DataError> {
    let data = match mapping {
        Some(mapping) => Mapping::read(mapping)?.dataset(path)?,
        None if tables::is_there(path) => tables::read(path)?,
        None => movielens::read(path)?,
    };
    if data.acts.is_empty() {
        return Err(DataError::Empty {
            path: path.to_owned(),
            unread: data.unread,
        });
    }
    Ok(data)
}

/// How a file of a format is read where nothing else is said.
pub(super) fn plain(format: &str) -> Option<Input> {
    toml::from_str(&format!("format = {format:?}")).ok()
}

/// The same by the extension of its name.
pub(super) fn by_name(path: &Path) -> Option<Input> {
    let extension = path.extension()?.to_string_lossy().to_lowercase();
    plain(match extension.as_str() {
        "csv" | "txt" => "csv",
        "tsv" => "tsv",
        "jsonl" | "ndjson" => "jsonl",
        "json" => "json",
        "parquet" => "parquet",
        "arrow" | "ipc" | "feather" => "ipc",
        _ => return None,
    })
}
