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
use super::dense::Kept;
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
    /// Answers to common words.
    pub(super) kept: Kept,
    documents: Documents,
}

/// From a row to its documents.
enum Documents {
    /// The last document of every row up to the highest; [`u32::MAX`] where there is none.
    Flat(Vec<u32>),
    /// The rows with their documents, in their order, where the rows are far apart.
    Sorted(Vec<(u32, u32)>),
}

/// Rows may be so many times more than documents for a flat table.
const SPARSE: usize = 4;

impl Documents {
    fn of(rows: &[u32]) -> Self {
        let bound = rows.iter().max().map_or(0, |most| *most as usize + 1);
        if bound > rows.len() * SPARSE {
            let mut sorted: Vec<(u32, u32)> = rows.iter().copied().zip(0..).collect();
            sorted.sort_unstable();
            return Self::Sorted(sorted);
        }
        let mut flat = vec![u32::MAX; bound];
        for (row, doc) in rows.iter().zip(0..) {
            flat[*row as usize] = doc;
        }
        Self::Flat(flat)
    }
}

/// How many of the first of a list hold, where all that hold come first: cheap where they are few.
fn gallop<T>(list: &[T], holds: impl Fn(&T) -> bool) -> usize {
    let mut far = 1;
    while far <= list.len() && holds(&list[far - 1]) {
        far *= 2;
    }
    let near = far / 2;
    near + list[near..list.len().min(far)].partition_point(holds)
}

impl Columns {
    fn read(segment: &SegmentReader) -> Result<Self, TextError> {
        let info = segment.fast_fields().u64("info")?;
        let docs = 0..segment.max_doc();
        let (rows, title_words): (Vec<u32>, Vec<u8>) =
            docs.map(|doc| unpack_info(info.first(doc).unwrap_or(0))).unzip();
        Ok(Self {
            documents: Documents::of(&rows),
            rows,
            title_words,
            kept: Kept::default(),
        })
    }

    /// The last document of each of these rows, which stand in order: the one that lives, where one does.
    pub(super) fn docs_of(&self, rows: &[u32]) -> impl Iterator<Item = u32> {
        let mut behind = 0;
        rows.iter().filter_map(move |row| match &self.documents {
            Documents::Flat(flat) => flat.get(*row as usize).copied().filter(|doc| *doc != u32::MAX),
            Documents::Sorted(sorted) => {
                behind += gallop(&sorted[behind..], |(other, _)| other <= row);
                let (last, doc) = *sorted.get(behind.checked_sub(1)?)?;
                (last == *row).then_some(doc)
            }
        })
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
