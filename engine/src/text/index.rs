//! The index that is written: rows go in, leave, and become visible by a commit.
//!
//! Beside the catalogue's columns; a generation holds the [`TextReader`] of its commit. One indexing thread of
//! tantivy's, started at the first write, so that opening an artefact for reading locks nothing. Invariant: a row
//! stands in the index at most once, and readers never see half a batch.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustc_hash::FxHashMap;
use tantivy::directory::{Directory, META_LOCK};
use tantivy::index::{SegmentComponent, SegmentId};
use tantivy::indexer::{LogMergePolicy, NoMergePolicy};
use tantivy::{Index, IndexReader, IndexSettings, IndexWriter, ReloadPolicy};

use super::directory::Unsynced;
use super::document::{Analyser, DocTerms, TextDoc};
use super::reader::{Columns, TextReader};
use super::schema::{Fields, schema, tokenizers};
use super::{Row, TextError};

/// Bytes the indexing thread collects before it writes a segment by itself.
const WRITER_MEMORY_BYTES: usize = 256 << 20;
/// The share of deleted rows past which a segment is rewritten.
const DELETED_SHARE: f32 = 0.3;
const META_FILE: &str = "meta.json";
const MANAGED_FILE: &str = ".managed.json";

/// The text index of a catalogue, for one writer.
pub struct TextIndex {
    index: Index,
    fields: Fields,
    /// Where the files are, when they are on disk.
    dir: Option<PathBuf>,
    writer: Option<IndexWriter>,
    tantivy_reader: IndexReader,
    analyser: Analyser,
    columns: FxHashMap<SegmentId, Arc<Columns>>,
    reader: TextReader,
}

impl TextIndex {
    /// An empty index in memory.
    pub fn in_memory() -> Result<Self, TextError> {
        let (schema, fields) = schema();
        Self::over(
            Index::builder()
                .schema(schema)
                .tokenizers(tokenizers())
                .create_in_ram()?,
            fields,
            None,
        )
    }

    /// An empty index in a directory, which is made when missing and must hold no index yet.
    pub fn create(dir: &Path) -> Result<Self, TextError> {
        std::fs::create_dir_all(dir)?;
        if dir.join(META_FILE).exists() {
            return Err(TextError::Occupied);
        }
        let (schema, fields) = schema();
        let mut index = Index::create(Unsynced::open(dir)?, schema, IndexSettings::default())?;
        index.set_tokenizers(tokenizers());
        Self::over(index, fields, Some(dir.to_owned()))
    }

    /// The index of a directory. Nothing is locked or written before the first change; changes go there.
    pub fn open(dir: &Path) -> Result<Self, TextError> {
        let mut index = Index::open(Unsynced::open(dir)?)?;
        let (schema, fields) = schema();
        if index.schema() != schema {
            return Err(TextError::OtherFormat);
        }
        index.set_tokenizers(tokenizers());
        Self::over(index, fields, Some(dir.to_owned()))
    }

    /// The index of `from`, opened in the directory `work`: the files are shared by hard links where the file system
    /// can, copied where not; changes stay in `work`.
    pub fn open_copy(from: &Path, work: &Path) -> Result<Self, TextError> {
        Self::open(from)?.copy_to(work)?;
        Self::open(work)
    }

    fn over(index: Index, fields: Fields, dir: Option<PathBuf>) -> Result<Self, TextError> {
        let tantivy_reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        let mut columns = FxHashMap::default();
        let reader = TextReader::over(&tantivy_reader.searcher(), fields, &mut columns)?;
        let analyser = Analyser::default();
        Ok(Self {
            index,
            fields,
            dir,
            writer: None,
            tantivy_reader,
            analyser,
            columns,
            reader,
        })
    }

    /// Writes the texts of a row, in place of any it had. Visible after [`commit`](Self::commit).
    pub fn put(&mut self, row: Row, doc: &TextDoc<'_>) -> Result<(), TextError> {
        let terms = self.analyser.terms(doc);
        self.put_terms(row, &terms)
    }

    /// The same with the terms of an [`Analyser`] of the caller's: to analyse on several threads when building.
    pub fn put_terms(&mut self, row: Row, terms: &DocTerms) -> Result<(), TextError> {
        let document = self.fields.document(row, terms);
        let term = self.fields.row_term(row);
        let writer = self.writer()?;
        writer.delete_term(term);
        writer.add_document(document)?;
        Ok(())
    }

    /// Takes a row out. Visible after [`commit`](Self::commit).
    pub fn remove(&mut self, row: Row) -> Result<(), TextError> {
        let term = self.fields.row_term(row);
        self.writer()?.delete_term(term);
        Ok(())
    }

    /// Makes all changes so far visible to the readers taken from now on.
    pub fn commit(&mut self) -> Result<(), TextError> {
        if let Some(writer) = &mut self.writer {
            writer.commit()?;
            self.reload()?;
        }
        Ok(())
    }

    /// Commits, waits for running merges, and leaves one segment: for a finished build.
    pub fn finish(&mut self) -> Result<(), TextError> {
        self.commit()?;
        if let Some(writer) = self.writer.take() {
            writer.wait_merging_threads()?;
            self.merge_all()?;
        }
        self.reload()
    }

    /// Merges what is committed into one segment, by a writer that starts no merge of its own: one that did could take
    /// a segment away from under this one.
    fn merge_all(&self) -> Result<(), TextError> {
        let mut writer: IndexWriter = self.index.writer_with_num_threads(1, WRITER_MEMORY_BYTES)?;
        writer.set_merge_policy(Box::new(NoMergePolicy));
        let segments = self.index.searchable_segment_ids()?;
        if segments.len() > 1 {
            writer.merge(&segments).wait()?;
        }
        writer.garbage_collect_files().wait()?;
        Ok(writer.wait_merging_threads()?)
    }

    /// The state of the last commit: immutable, cheap to clone, for any thread.
    pub fn reader(&self) -> TextReader {
        self.reader.clone()
    }

    /// Writes the last commit into a directory that holds no index, as copies that are on the disk when it returns.
    pub fn copy_to(&self, to: &Path) -> Result<(), TextError> {
        std::fs::create_dir_all(to)?;
        if to.join(META_FILE).exists() {
            return Err(TextError::Occupied);
        }
        let _no_collection = self
            .index
            .directory()
            .acquire_lock(&META_LOCK)
            .map_err(tantivy::TantivyError::from)?;
        let metas = self.index.load_metas()?;
        let mut managed = HashSet::from([PathBuf::from(META_FILE)]);
        for path in metas.segments.iter().flat_map(segment_files) {
            if self.copy_file(&path, to)? {
                managed.insert(path);
            }
        }
        write_synced(&to.join(MANAGED_FILE), &serde_json::to_vec(&managed)?)?;
        write_synced(&to.join(META_FILE), &serde_json::to_vec_pretty(&metas)?)?;
        Ok(std::fs::File::open(to)?.sync_all()?)
    }

    /// Copies one file of a segment, so that two artefacts share no byte that could go bad; false when the segment has none of that kind.
    fn copy_file(&self, path: &Path, to: &Path) -> Result<bool, TextError> {
        if !self
            .index
            .directory()
            .exists(path)
            .map_err(tantivy::TantivyError::from)?
        {
            return Ok(false);
        }
        let target = to.join(path);
        match &self.dir {
            Some(dir) => drop(std::fs::copy(dir.join(path), &target)?),
            None => std::fs::write(&target, self.whole_file(path)?)?,
        }
        std::fs::File::open(&target)?.sync_all()?;
        Ok(true)
    }

    /// A file of an index in memory, with the footer that the managed directory hides.
    fn whole_file(&self, path: &Path) -> Result<Vec<u8>, TextError> {
        let bytes = self
            .index
            .directory()
            .atomic_read(path)
            .map_err(tantivy::TantivyError::from)?;
        Ok(bytes)
    }

    fn writer(&mut self) -> Result<&mut IndexWriter, TextError> {
        if self.writer.is_none() {
            let writer = self.index.writer_with_num_threads(1, WRITER_MEMORY_BYTES)?;
            let mut policy = LogMergePolicy::default();
            policy.set_del_docs_ratio_before_merge(DELETED_SHARE);
            writer.set_merge_policy(Box::new(policy));
            self.writer = Some(writer);
        }
        self.writer.as_mut().ok_or(TextError::OtherFormat)
    }

    fn reload(&mut self) -> Result<(), TextError> {
        self.tantivy_reader.reload()?;
        let searcher = self.tantivy_reader.searcher();
        self.reader = TextReader::over(&searcher, self.fields, &mut self.columns)?;
        let live: HashSet<SegmentId> = searcher
            .segment_readers()
            .iter()
            .map(|segment| segment.segment_id())
            .collect();
        self.columns.retain(|segment, _| live.contains(segment));
        Ok(())
    }
}

fn segment_files(segment: &tantivy::index::SegmentMeta) -> Vec<PathBuf> {
    use SegmentComponent::{Delete, FastFields, FieldNorms, Positions, Postings, Store, Terms};
    let mut parts = vec![Postings, Positions, FastFields, FieldNorms, Terms, Store];
    if segment.has_deletes() {
        parts.push(Delete);
    }
    parts.into_iter().map(|part| segment.relative_path(part)).collect()
}

fn write_synced(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::io::Write;
    let mut file = std::fs::File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}
