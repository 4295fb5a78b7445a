//! Bulk ingestion: many changes, each accepted or refused by itself, in batches that the store makes durable.
//!
//! The one code behind `POST /v1/changes`, `POST /v1/events` and `florilege load`. Invariants: order is kept; a bad
//! line is reported with its number and stops nothing; the report's `sequence` covers every accepted change.

use std::sync::Arc;
use std::time::Duration;

use florilege_engine::change::{Change, Sequence};
use florilege_engine::invalid::{Code, Fault, Invalid};
use florilege_engine::taxonomy::Taxonomy;
use serde::Serialize;

use crate::store::{Store, StoreError};

/// How many lines are parsed and submitted together.
const BATCH: usize = 4_000;
/// How often a batch is offered to a store that has too much waiting.
const TRIES: u32 = 10;

/// A line that did not go in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Rejection {
    /// Its number, from 1, blank lines counted.
    pub line: u64,
    /// What kind of fault, of the fixed list.
    #[schema(value_type = String)]
    pub code: Code,
    /// Where in the line, as a JSON pointer.
    pub pointer: String,
    /// What is wrong and what would be right.
    pub message: String,
}

/// What became of a bulk.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Report {
    /// How many changes went in, those that say nothing new included.
    pub accepted: u64,
    /// The others, by line.
    pub rejected: Vec<Rejection>,
    /// A state that has applied up to here shows all that was accepted.
    #[schema(value_type = u64)]
    pub sequence: Sequence,
}

/// Reads one piece of a bulk into a change.
pub type Reader = fn(&[u8], &Taxonomy) -> Result<Change, Invalid>;

/// A numbered piece of a bulk: a line of NDJSON, or an element of an array.
pub type Line = (u64, Vec<u8>);

/// A bulk on its way in.
pub struct Bulk {
    store: Store,
    taxonomy: Arc<Taxonomy>,
    reader: Reader,
    waiting: Vec<Line>,
    report: Report,
}

impl Bulk {
    /// A bulk of change lines.
    #[must_use]
    pub fn of_changes(store: Store, taxonomy: Arc<Taxonomy>) -> Self {
        Self::new(store, taxonomy, Change::parse)
    }

    /// A bulk of pieces that `reader` understands.
    #[must_use]
    pub fn new(store: Store, taxonomy: Arc<Taxonomy>, reader: Reader) -> Self {
        let report = Report {
            sequence: store.last_sequence(),
            ..Report::default()
        };
        Self {
            store,
            taxonomy,
            reader,
            waiting: Vec::new(),
            report,
        }
    }

    /// Takes one piece; every few thousand it submits.
    ///
    /// # Errors
    /// When the store cannot take them: what was submitted before stays.
    pub async fn push(&mut self, line: u64, text: &[u8]) -> Result<(), StoreError> {
        self.waiting.push((line, text.to_vec()));
        if self.waiting.len() < BATCH {
            return Ok(());
        }
        self.flush().await
    }

    /// How many lines were taken and how many of them refused, so far.
    #[must_use]
    pub fn progress(&self) -> (u64, usize) {
        (self.report.accepted, self.report.rejected.len())
    }

    /// Submits the rest and says what became of everything.
    ///
    /// # Errors
    /// When the store cannot take it.
    pub async fn finish(mut self) -> Result<Report, StoreError> {
        self.flush().await?;
        Ok(self.report)
    }

    async fn flush(&mut self) -> Result<(), StoreError> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let lines = std::mem::take(&mut self.waiting);
        let (numbers, changes) = self.read(lines).await;
        if !changes.is_empty() {
            self.submit(&numbers, changes).await?;
        }
        // Lines that could not be read and changes that could not be applied come from two passes.
        self.report.rejected.sort_by_key(|rejection| rejection.line);
        Ok(())
    }

    /// Parses a batch off the async threads; refused lines go to the report.
    async fn read(&mut self, lines: Vec<Line>) -> (Vec<u64>, Vec<Change>) {
        let (taxonomy, reader) = (Arc::clone(&self.taxonomy), self.reader);
        let numbers: Vec<u64> = lines.iter().map(|(number, _)| *number).collect();
        let parse = move || {
            lines
                .iter()
                .map(|(_, text)| reader(text, &taxonomy))
                .collect::<Vec<_>>()
        };
        let parsed = tokio::task::spawn_blocking(parse).await.unwrap_or_default();
        let (mut kept, mut changes) = (Vec::new(), Vec::new());
        for (line, read) in numbers.into_iter().zip(parsed) {
            match read {
                Ok(change) => {
                    kept.push(line);
                    changes.push(change);
                }
                Err(Invalid(faults)) => self
                    .report
                    .rejected
                    .extend(faults.first().map(|fault| reject(line, fault))),
            }
        }
        (kept, changes)
    }

    async fn submit(&mut self, numbers: &[u64], changes: Vec<Change>) -> Result<(), StoreError> {
        let appended = offer(&self.store, changes).await?;
        self.report.accepted += appended.accepted() as u64;
        self.report.sequence = self.report.sequence.max(appended.sequence);
        let refused = appended.rejected().map(|(place, fault)| reject(numbers[place], fault));
        self.report.rejected.extend(refused);
        Ok(())
    }
}

/// Submits a batch, and again after a pause while the store has too much waiting.
async fn offer(store: &Store, changes: Vec<Change>) -> Result<crate::store::Appended, StoreError> {
    for _ in 1..TRIES {
        match store.submit(changes.clone()).await {
            Err(StoreError::Overloaded { retry_after }) => {
                tokio::time::sleep(retry_after.min(Duration::from_secs(2))).await;
            }
            answered => return answered,
        }
    }
    store.submit(changes).await
}

fn reject(line: u64, fault: &Fault) -> Rejection {
    Rejection {
        line,
        code: fault.code,
        pointer: fault.pointer.clone(),
        message: fault.to_string().trim_start_matches(": ").to_owned(),
    }
}

/// The lines of a text with their numbers, without blank ones, line ends and a byte order mark.
pub fn lines(text: &[u8]) -> impl Iterator<Item = (u64, &[u8])> {
    let text = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text);
    (1..)
        .zip(text.split(|byte| *byte == b'\n'))
        .map(|(number, line)| (number, line.trim_ascii()))
        .filter(|(_, line)| !line.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_lines_count_and_are_skipped() {
        let text = "\u{feff}a\r\n\n  \nb\n";
        let found: Vec<_> = lines(text.as_bytes()).collect();
        assert_eq!(found, [(1, &b"a"[..]), (4, &b"b"[..])]);
        assert_eq!(lines(b"").count(), 0);
    }
}
