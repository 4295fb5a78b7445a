//! How the files of a source are written, and what is done to rows before they become offers.
//!
//! Invariant: these rules never look at more than one row.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{OneOrMany, Text};

/// What a file is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Separated values, quoted or not.
    Csv,
    /// The same, separated by tabs.
    Tsv,
    /// A JSON object a line.
    Jsonl,
    /// One JSON array of objects.
    Json,
    /// Apache Parquet.
    Parquet,
    /// Arrow IPC (Feather).
    Ipc,
}

/// How the bytes of a text file are read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Encoding {
    /// UTF-8; a row that is not is read as Windows-1252 and counted.
    #[default]
    Auto,
    /// UTF-8; a row that is not is dropped.
    #[serde(alias = "utf-8")]
    Utf8,
    /// Latin-1, read as Windows-1252, its superset in print.
    #[serde(alias = "latin-1", alias = "windows-1252")]
    Latin1,
}

/// How the files of a source are written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// What they are made of.
    pub format: Format,
    /// One character; guessed from the header where absent.
    #[serde(default)]
    pub separator: Option<String>,
    /// One character; empty for a file without quoting.
    #[serde(default)]
    pub quote: Option<String>,
    /// The encoding of text.
    #[serde(default)]
    pub encoding: Encoding,
    /// Names of the columns, for a file that has no header.
    #[serde(default)]
    pub columns: Option<Vec<String>>,
    /// Lines before the header.
    #[serde(default)]
    pub skip_lines: usize,
    /// Cells that say nothing, such as `-` or `NC`; an empty one always does.
    #[serde(default)]
    pub absent: Vec<String>,
}

/// A test of one column of a row. Every given key must hold.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct When {
    /// The column.
    pub column: String,
    /// The cell is one of these.
    #[serde(default)]
    pub is: Option<Vec<String>>,
    /// The cell is none of these.
    #[serde(default)]
    pub not: Option<Vec<String>>,
    /// The cell holds one of these words or phrases.
    #[serde(default)]
    pub contains: Option<Vec<String>>,
    /// The cell holds none of these words or phrases.
    #[serde(default)]
    pub lacks: Option<Vec<String>>,
    /// The cell begins with one of these.
    #[serde(default)]
    pub starts_with: Option<Vec<String>>,
    /// The cell ends with one of these.
    #[serde(default)]
    pub ends_with: Option<Vec<String>>,
    /// The cell is empty, or is not.
    #[serde(default)]
    pub empty: Option<bool>,
}

/// A repair of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Repair {
    /// Library records whose accents stand before their letter (`Sociâetâe`).
    Iso5426,
    /// UTF-8 that was once read as Latin-1 (`SociÃ©tÃ©`).
    Mojibake,
}

/// Rows laid out otherwise than the header says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variant {
    /// Which rows.
    pub when: When,
    /// What their cells are called, in order.
    #[serde(default)]
    pub columns: Option<Vec<String>>,
    /// How their text is mended.
    #[serde(default)]
    pub repair: Vec<Repair>,
}

/// Rows that are kept out, with the reason.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exclude {
    /// Which rows.
    pub when: OneOrMany<When>,
    /// The reason in the report.
    pub reason: String,
}

/// A table whose columns are joined to the rows.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lookup {
    /// Names it for `--with NAME=FILE`.
    pub name: String,
    /// Where it is, from the folder of the first input file.
    pub file: String,
    /// How it is written.
    pub input: Input,
    /// What of a row is looked up.
    pub key: Text,
    /// The column of the table that it must equal.
    pub table_key: String,
    /// Column of the table → name of the new column.
    pub columns: BTreeMap<String, String>,
    /// Whether the import goes on without the table.
    #[serde(default)]
    pub optional: bool,
}
