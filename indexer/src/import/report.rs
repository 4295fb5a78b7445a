//! What an import did to every row: kept, dropped and why, mended and how, with ten examples each.
//!
//! Printed as a table or as JSON. Invariant: `rows_read` = `rows_kept` + the sum of `dropped`.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

/// The most examples of one kind.
pub const EXAMPLES: usize = 10;

/// Why a row was kept out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// Every cell is empty.
    BlankRow,
    /// More or fewer cells than columns, beyond mending.
    RaggedRow,
    /// A line that is no JSON object.
    MalformedJson,
    /// Bytes that are no text in the encoding that the mapping insists on.
    BadEncoding,
    /// Nothing to make the identifier of, or one that the engine refuses.
    MissingId,
    /// An offer without a title.
    MissingTitle,
    /// A venue without a name, of a source of venues.
    MissingName,
    /// No date, where one is required.
    MissingDate,
    /// A date that cannot be read: the row would wrongly be always available.
    BadDate,
    /// No rule of classification took it.
    Unclassified,
    /// A second row of one identifier.
    DuplicateId,
    /// Kept out by a rule of the mapping, which names the reason.
    Excluded(String),
    /// The engine refuses it.
    Invalid,
}

impl Reason {
    /// The key in the report.
    pub fn key(&self) -> &str {
        match self {
            Self::BlankRow => "blank_row",
            Self::RaggedRow => "ragged_row",
            Self::MalformedJson => "malformed_json",
            Self::BadEncoding => "bad_encoding",
            Self::MissingId => "missing_id",
            Self::MissingTitle => "missing_title",
            Self::MissingName => "missing_name",
            Self::MissingDate => "missing_date",
            Self::BadDate => "bad_date",
            Self::Unclassified => "unclassified",
            Self::DuplicateId => "duplicate_id",
            Self::Excluded(reason) => reason,
            Self::Invalid => "invalid",
        }
    }
}

/// What was mended in a row that was kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mended {
    /// Read as Windows-1252.
    Encoding,
    /// Cells at the end were missing, or were too many and empty.
    RowLength,
    /// A quote that was never closed, read as a character.
    StrayQuote,
    /// `NaN` or `Infinity` in JSON, read as null.
    JsonNan,
    /// Latitude and longitude changed places.
    SwappedPosition,
    /// A point that cannot be; the row goes on without it.
    ImpossiblePosition,
    /// No point where the mapping looks for one.
    NoPosition,
    /// The end stood before the begin and was left out.
    EndBeforeBegin,
    /// It lasts for ten years or more: dates a month apart, a hundred years at most.
    DecadesLong,
    /// A price that says nothing readable: unknown.
    UnreadPrice,
    /// An impossible or contradictory age: no limit.
    BadAge,
    /// A count that is no number: none.
    BadCount,
    /// A text or a list beyond the engine's limits was cut.
    Shortened,
    /// The same work again, united with the first.
    Merged,
}

impl Mended {
    /// The key in the report.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Encoding => "encoding",
            Self::RowLength => "row_length",
            Self::StrayQuote => "stray_quote",
            Self::JsonNan => "json_nan",
            Self::SwappedPosition => "swapped_position",
            Self::ImpossiblePosition => "impossible_position",
            Self::NoPosition => "no_position",
            Self::EndBeforeBegin => "end_before_begin",
            Self::DecadesLong => "decades_long",
            Self::UnreadPrice => "unread_price",
            Self::BadAge => "bad_age",
            Self::BadCount => "bad_count",
            Self::Shortened => "shortened",
            Self::Merged => "merged",
        }
    }
}

/// One row as an example.
#[derive(Debug, Clone, Serialize)]
pub struct Example {
    /// The file.
    pub file: String,
    /// Its line, from 1.
    pub line: u64,
    /// What it is about: a title, a cell, a fault.
    pub about: String,
}

/// A number of rows with examples of them.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Tally {
    /// How many.
    pub count: u64,
    /// The first ten.
    pub examples: Vec<Example>,
}

impl Tally {
    fn add(&mut self, example: Example) {
        self.count += 1;
        if self.examples.len() < EXAMPLES {
            self.examples.push(example);
        }
    }
}

/// What was done.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Report {
    /// The source, as the mapping names it.
    pub source: String,
    /// Whom to credit.
    pub attribution: Option<String>,
    /// The files read.
    pub files: Vec<String>,
    /// Where the change lines are; none of a dry run.
    pub output: Option<String>,
    /// Every row, readable or not.
    pub rows_read: u64,
    /// Rows that are in the written lines.
    pub rows_kept: u64,
    /// Rows that are not, by reason.
    pub rows_dropped: u64,
    /// Reason → rows.
    pub dropped: BTreeMap<String, Tally>,
    /// Share of the rows that came to classification and that no rule took, in [0, 1].
    pub unclassified_share: f64,
    /// What was mended → rows, all of them kept.
    pub mended: BTreeMap<String, Tally>,
    /// Subcategory → offers.
    pub subcategories: BTreeMap<String, u64>,
    /// Venues written.
    pub venues: u64,
    /// Offers written.
    pub offers: u64,
    /// Works among them.
    pub items: u64,
    /// Change lines written, or that would be.
    pub lines: u64,
    /// Some of the rows kept.
    pub kept_examples: Vec<Example>,
    /// What else there is to know.
    pub notes: Vec<String>,
}

impl Report {
    pub(super) fn drop(&mut self, reason: &Reason, example: Example) {
        self.rows_dropped += 1;
        self.dropped.entry(reason.key().into()).or_default().add(example);
    }

    pub(super) fn mend(&mut self, mended: Mended, example: Example) {
        self.mended.entry(mended.key().into()).or_default().add(example);
    }

    pub(super) fn keep(&mut self, example: impl FnOnce() -> Example) {
        self.rows_kept += 1;
        if self.kept_examples.len() < EXAMPLES {
            self.kept_examples.push(example());
        }
    }

    pub(super) fn finish(&mut self) {
        let unclassified = self.dropped.get(Reason::Unclassified.key()).map_or(0, |t| t.count);
        let classified = self.rows_kept + unclassified;
        self.unclassified_share = if classified == 0 {
            0.0
        } else {
            unclassified as f64 / classified as f64
        };
    }
}

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "{}: {}", self.source, self.files.join(", "))?;
        writeln!(out, "  {:>9}  rows read", self.rows_read)?;
        writeln!(out, "  {:>9}  rows kept", self.rows_kept)?;
        examples(out, &self.kept_examples)?;
        writeln!(out, "  {:>9}  rows dropped", self.rows_dropped)?;
        tallies(out, &self.dropped)?;
        writeln!(
            out,
            "  {:>8.1}%  unclassified, of rows kept or unclassified",
            100.0 * self.unclassified_share
        )?;
        writeln!(out, "  mended")?;
        tallies(out, &self.mended)?;
        writeln!(
            out,
            "  {} venues, {} offers of {} works, {} change lines",
            self.venues, self.offers, self.items, self.lines
        )?;
        for (key, count) in &self.subcategories {
            writeln!(out, "    {count:>9}  {key}")?;
        }
        for note in &self.notes {
            writeln!(out, "  note: {note}")?;
        }
        match &self.output {
            Some(path) => writeln!(out, "  written to {path}"),
            None => writeln!(out, "  nothing written"),
        }
    }
}

fn tallies(out: &mut fmt::Formatter<'_>, tallies: &BTreeMap<String, Tally>) -> fmt::Result {
    for (key, tally) in tallies {
        writeln!(out, "    {:>9}  {key}", tally.count)?;
        examples(out, &tally.examples)?;
    }
    Ok(())
}

fn examples(out: &mut fmt::Formatter<'_>, examples: &[Example]) -> fmt::Result {
    for example in examples {
        writeln!(out, "               line {}: {}", example.line, example.about)?;
    }
    Ok(())
}
