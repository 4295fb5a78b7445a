//! Reading the files of a source into cells of text, whatever state they are in.
//!
//! The first step of an import. Invariant: every row of a file comes out once, as cells or as a fault; a bad one never
//! takes its neighbours with it.

use std::path::{Path, PathBuf};

use super::mapping::{Format, Input};
use super::report::{Mended, Reason};

mod columnar;
mod delimited;
mod json;

/// Between the words of a cell that was a list in the source.
pub const LIST: char = '\u{1f}';

/// One readable row.
#[derive(Debug, Clone, PartialEq)]
pub struct RawRow {
    /// Its line, from 1.
    pub line: u64,
    /// Its cells, by column; what says nothing is none.
    pub cells: Vec<Option<String>>,
    /// What had to be mended to read it.
    pub mended: Vec<Mended>,
}

/// One row that cannot be read.
#[derive(Debug, Clone, PartialEq)]
pub struct Unread {
    /// Its line, from 1.
    pub line: u64,
    /// Why.
    pub reason: Reason,
    /// The fault, or the beginning of the row.
    pub about: String,
}

/// A file as text.
#[derive(Debug, Default)]
pub struct RawTable {
    /// The names of its columns.
    pub columns: Vec<String>,
    /// What can be read.
    pub rows: Vec<RawRow>,
    /// What cannot.
    pub unread: Vec<Unread>,
}

/// Why a whole file cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file is not there, or not for us.
    #[error("cannot read {path}: {source}")]
    Io {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A Parquet or Arrow file that is none.
    #[error("cannot read {path}: {source}")]
    Columnar {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: polars::error::PolarsError,
    },
    /// JSON that is no array of objects.
    #[error("cannot read {path}: it is not an array of JSON objects: {message}")]
    Json {
        /// Which file.
        path: PathBuf,
        /// Why.
        message: String,
    },
}

/// Reads one file.
pub fn read(path: &Path, input: &Input) -> Result<RawTable, ReadError> {
    let mut table = match input.format {
        Format::Parquet | Format::Ipc => columnar::read(path, input.format)?,
        Format::Csv | Format::Tsv => delimited::read(&utf8_or_raw(bytes_of(path)?), input),
        Format::Jsonl => json::read_lines(&utf8_or_raw(bytes_of(path)?), input.encoding),
        Format::Json => json::read_array(&utf8_or_raw(bytes_of(path)?)).map_err(|message| ReadError::Json {
            path: path.to_owned(),
            message,
        })?,
    };
    table.forget_absent(&input.absent);
    Ok(table)
}

fn bytes_of(path: &Path) -> Result<Vec<u8>, ReadError> {
    std::fs::read(path).map_err(|source| ReadError::Io {
        path: path.to_owned(),
        source,
    })
}

/// UTF-16 by its mark turned into UTF-8; byte order marks (some files have two) taken off.
fn utf8_or_raw(bytes: Vec<u8>) -> Vec<u8> {
    let wide = |pair: fn([u8; 2]) -> u16| {
        let units = bytes[2..].as_chunks::<2>().0.iter().map(|two| pair(*two));
        char::decode_utf16(units)
            .map(|c| c.unwrap_or('\u{fffd}'))
            .collect::<String>()
            .into_bytes()
    };
    let mut bytes = match bytes.as_slice() {
        [0xff, 0xfe, ..] => wide(u16::from_le_bytes),
        [0xfe, 0xff, ..] => wide(u16::from_be_bytes),
        _ => bytes,
    };
    let marks = bytes.chunks(3).take_while(|three| *three == b"\xef\xbb\xbf").count();
    bytes.drain(..3 * marks);
    bytes
}

impl RawTable {
    fn forget_absent(&mut self, absent: &[String]) {
        for cell in self.rows.iter_mut().flat_map(|row| &mut row.cells) {
            let says = cell
                .as_deref()
                .map(str::trim)
                .is_some_and(|text| !text.is_empty() && !absent.iter().any(|a| a == text));
            if !says {
                *cell = None;
            }
        }
    }
}

/// The beginning of something, for an example.
pub fn excerpt(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(120) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests;
