//! Full text: which rows of the catalogue have the words of a query, and how well.
//!
//! It knows dense row numbers and texts, nothing of offers, places or dates: the search filters, sorts and counts.
//!
//! - Write: [`TextIndex`]: `put` and `remove` rows, `commit`, take a `reader()`; `copy_to` is the artefact's part.
//! - Read: [`TextReader`], immutable: [`search`](TextReader::search) gives **every** accepted matching row with its
//!   [`TextRank`] and the [`Plan`] by which it was found (all words; with typos; some words), in no order;
//!   [`search_by`](TextReader::search_by) takes a plan as it is, for the pages after the first.
//! - Rank: [`rank`] lists the criteria; [`TextRank::coarse`] leaves room for distance before the finer ones.
//! - Meaning: [`analysis::words`] are the words of a text; [`matches()`] and [`explain`] say, slowly and obviously,
//!   what it means that an offer matches, and the index agrees with them.
//! - Show: [`highlight`] marks the words that matched; [`did_you_mean`](TextReader::did_you_mean) and
//!   [`completions`](TextReader::completions) speak the catalogue's own words.
//!
//! Invariant: every query gets an answer in bounded work, whatever its characters.

pub mod analysis;
mod dense;
mod directory;
mod document;
mod expand;
mod fold;
mod gate;
mod highlight;
mod index;
mod plan;
mod query;
pub mod rank;
mod reader;
mod schema;
mod search;
mod single;
mod stem;
mod stop;
mod suggest;
mod synonyms;
mod twin;
mod walk;

#[cfg(test)]
mod tests;

pub use document::{Analyser, DocTerms, TextDoc, Tier};
pub use fold::{fold, is_word_char};
pub use gate::{Accept, Among};
pub(crate) use highlight::escape;
pub use highlight::{highlight, snippet};
pub use index::TextIndex;
pub use plan::Plan;
pub use query::{MAX_CHARS, MAX_MISSPELT, MAX_UNITS, TextQuery};
pub use rank::{Criteria, TextRank};
pub use reader::TextReader;
pub use search::{Hit, Matches};
pub use stem::{Families, Stems};
pub use stop::is_stop;
pub use suggest::KnownWord;
pub use synonyms::Synonyms;
pub use twin::{explain, matches};

/// A dense row number of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Row(pub u32);

/// Why the index could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum TextError {
    /// The index library's own error.
    #[error("the text index failed: {0}")]
    Index(#[from] tantivy::TantivyError),
    /// A file could not be written or read.
    #[error("the text index cannot reach its files: {0}")]
    Files(#[from] std::io::Error),
    /// A list of files could not be written.
    #[error("the text index cannot write its list of files: {0}")]
    List(#[from] serde_json::Error),
    /// The directory's index has other fields than this program writes: build it again.
    #[error("the text index was written in another format, build it again")]
    OtherFormat,
    /// The directory to copy to holds an index.
    #[error("the directory already holds a text index")]
    Occupied,
}
