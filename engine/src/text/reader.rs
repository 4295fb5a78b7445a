//! One commit of the index, as searches see it.
//!
//! A generation of the catalogue holds one. Invariant: immutable; later commits, merges and deletions of files do
//! not reach it.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use tantivy::index::SegmentId;
use tantivy::schema::Field;
use tantivy::{InvertedIndexReader, Searcher, SegmentReader};

use super::TextError;
use super::schema::{Fields, unpack_info};

/// An immutable view of the index. Cheap to clone.
#[derive(Clone)]
pub struct TextReader {
    pub(super) segments: Arc<Vec<Segment>>,
    pub(super) fields: Fields,
    pub(super) searcher: Searcher,
}

/// One segment and what is read of it at every search.
pub(super) struct Segment {
    pub(super) reader: SegmentReader,
    pub(super) columns: Arc<Columns>,
    pub(super) words: Arc<InvertedIndexReader>,
    pub(super) families: Arc<InvertedIndexReader>,
    pub(super) edges: Arc<InvertedIndexReader>,
    pub(super) wholes: Arc<InvertedIndexReader>,
    pub(super) pairs: Arc<InvertedIndexReader>,
    pub(super) accents: Arc<InvertedIndexReader>,
    pub(super) identifiers: Arc<InvertedIndexReader>,
}

/// What a segment's documents are, in plain arrays. Kept across commits while the segment lives.
pub(super) struct Columns {
    /// The row of each document.
    pub(super) rows: Vec<u32>,
    /// How many words of its title count.
    pub(super) title_words: Vec<u8>,
    /// The documents in order of their rows, unless the rows are in order already.
    by_row: Option<Vec<u32>>,
}

impl Columns {
    fn read(segment: &SegmentReader) -> Result<Self, TextError> {
        let info = segment.fast_fields().u64("info")?;
        let docs = 0..segment.max_doc();
        let (rows, title_words): (Vec<u32>, Vec<u8>) = docs
            .clone()
            .map(|doc| unpack_info(info.first(doc).unwrap_or(0)))
            .unzip();
        let by_row = (!rows.is_sorted()).then(|| {
            let mut by_row: Vec<u32> = docs.collect();
            by_row.sort_by_key(|doc| rows[*doc as usize]);
            by_row
        });
        Ok(Self {
            rows,
            title_words,
            by_row,
        })
    }

    fn doc_at(&self, place: usize) -> u32 {
        self.by_row.as_ref().map_or(place as u32, |by_row| by_row[place])
    }

    /// The documents of some rows, given in order.
    pub(super) fn docs_of(&self, rows: impl Iterator<Item = u32>) -> Vec<u32> {
        let mut docs = Vec::new();
        let mut place = 0;
        for row in rows {
            place = self.first_at_least(place, row);
            while place < self.rows.len() && self.rows[self.doc_at(place) as usize] == row {
                docs.push(self.doc_at(place));
                place += 1;
            }
            if place >= self.rows.len() {
                break;
            }
        }
        if self.by_row.is_some() {
            docs.sort_unstable();
        }
        docs
    }

    /// The first place from `from` on whose row is not below `row`, by doubling steps.
    fn first_at_least(&self, from: usize, row: u32) -> usize {
        let below = |place: usize| self.rows[self.doc_at(place) as usize] < row;
        let (mut low, mut step) = (from, 1);
        while low + step < self.rows.len() && below(low + step) {
            low += step;
            step *= 2;
        }
        let mut high = (low + step).min(self.rows.len());
        while low < high {
            let middle = low.midpoint(high);
            if below(middle) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }
}

impl TextReader {
    pub(super) fn over(
        searcher: &Searcher,
        fields: Fields,
        columns: &mut FxHashMap<SegmentId, Arc<Columns>>,
    ) -> Result<Self, TextError> {
        let segments = searcher
            .segment_readers()
            .iter()
            .map(|reader| Segment::over(reader, &fields, columns));
        let segments = Arc::new(segments.collect::<Result<Vec<_>, _>>()?);
        Ok(Self {
            segments,
            fields,
            searcher: searcher.clone(),
        })
    }

    /// How many rows it holds.
    pub fn rows(&self) -> u64 {
        self.searcher.num_docs()
    }
}

impl Segment {
    fn over(
        reader: &SegmentReader,
        fields: &Fields,
        columns: &mut FxHashMap<SegmentId, Arc<Columns>>,
    ) -> Result<Self, TextError> {
        let known = columns.get(&reader.segment_id()).cloned();
        let columns = match known {
            Some(known) => known,
            None => Arc::clone(
                columns
                    .entry(reader.segment_id())
                    .or_insert(Arc::new(Columns::read(reader)?)),
            ),
        };
        let open = |field: Field| reader.inverted_index(field);
        Ok(Self {
            reader: reader.clone(),
            columns,
            words: open(fields.words)?,
            families: open(fields.families)?,
            edges: open(fields.edges)?,
            wholes: open(fields.wholes)?,
            pairs: open(fields.pairs)?,
            accents: open(fields.accents)?,
            identifiers: open(fields.identifiers)?,
        })
    }

    /// Whether a document has not been deleted or replaced.
    pub(super) fn is_alive(&self, doc: u32) -> bool {
        self.reader.alive_bitset().is_none_or(|alive| alive.is_alive(doc))
    }
}
