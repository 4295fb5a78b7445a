//! Import: files of others into change lines, by a declarative mapping.
//!
//! `florilege-indexer import` runs it; its lines go to `florilege load`, `/v1/changes` or `florilege-indexer build`.
//! Invariant: every row of every file is in the report once, as kept or as dropped with its reason.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use florilege_engine::change::Change;
use florilege_engine::taxonomy::Taxonomy;
use florilege_engine::venue::Venue;
use rayon::prelude::*;

mod classify;
mod columns;
mod dates;
mod frame;
mod gather;
pub mod mapping;
mod number;
mod place;
mod price;
pub mod read;
pub mod report;
mod row;
pub mod text;
mod value;

use frame::Frame;
use gather::{Gathered, Joined};
use mapping::{Duplicates, Mapping, MappingError, Spread};
use read::{RawTable, ReadError, read};
use report::{Example, Mended, Reason, Report};
use row::{Taken, Taker};

use crate::progress::Progress;

pub use row::GEO;

/// Why an import comes to nothing.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The mapping is refused.
    #[error(transparent)]
    Mapping(#[from] MappingError),
    /// A file cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The file is another than the mapping speaks of.
    #[error("{file} has none of the columns {wanted} that the mapping makes {field} of; it has {has}")]
    Columns {
        /// Which file.
        file: String,
        /// The field.
        field: &'static str,
        /// Its columns.
        wanted: String,
        /// The file's columns.
        has: String,
    },
    /// A table is not where the mapping says.
    #[error("the table {name:?} is not at {path}; give it with --with {name}=FILE")]
    Table {
        /// Its name in the mapping.
        name: String,
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The frame of rows cannot be built.
    #[error("cannot join the tables: {0}")]
    Frame(#[from] polars::error::PolarsError),
    /// The lines cannot be written.
    #[error("cannot write {path}: {source}")]
    Write {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

/// What to import, and where to.
#[derive(Debug, Default)]
pub struct Options {
    /// The mapping file.
    pub mapping: PathBuf,
    /// The files of the source.
    pub files: Vec<PathBuf>,
    /// The folder of the change lines; none writes nothing.
    pub out: Option<PathBuf>,
    /// Tables that stand elsewhere than the mapping says, by name.
    pub tables: BTreeMap<String, PathBuf>,
}

/// Reads, maps, writes and reports.
pub fn import(options: &Options, taxonomy: &Taxonomy, progress: &Progress) -> Result<Report, ImportError> {
    let mapping = Mapping::open(&options.mapping, taxonomy)?;
    let mut report = Report {
        source: mapping.source.clone(),
        attribution: mapping.attribution.clone(),
        files: options.files.iter().map(|file| file.display().to_string()).collect(),
        ..Report::default()
    };
    let frame = framed(&mapping, options, progress, &mut report)?;
    let mut gathered = gathered(&mapping, &frame, taxonomy, progress, &mut report);
    for spread in &mapping.spread {
        for venue in spread_venues(spread, options, taxonomy, &mut report)? {
            gathered.add_venue(venue);
        }
    }
    let changes = gathered.changes(!mapping.spread.is_empty());
    let changes = checked(changes, taxonomy, &mut report);
    count(&changes, &mut report);
    if let Some(folder) = &options.out {
        let path = folder.join(format!("{}.ndjson", mapping.source));
        write(&path, &changes, progress)?;
        report.output = Some(path.display().to_string());
    }
    report.finish();
    Ok(report)
}

/// The files as one frame, with the tables of the mapping joined.
fn framed(
    mapping: &Mapping,
    options: &Options,
    progress: &Progress,
    report: &mut Report,
) -> Result<Frame, ImportError> {
    let mut tables = Vec::new();
    let bar = progress.bar("reading", options.files.len() as u64);
    for (file, path) in options.files.iter().enumerate() {
        let table = read(path, &mapping.input)?;
        mapping.require_columns(path, &table)?;
        note_unread(file, &table, report);
        tables.push(table);
        bar.inc(1);
    }
    bar.finish();
    let mut frame = Frame::of(tables, &mapping.variant)?;
    for lookup in &mapping.lookup {
        let path = located(&lookup.name, &lookup.file, options);
        let table = if path.is_file() {
            Some(Frame::of(vec![read(&path, &lookup.input)?], &[])?)
        } else if lookup.optional {
            report.notes.push(format!(
                "went on without the table {:?}: no file {}",
                lookup.name,
                path.display()
            ));
            None
        } else {
            return Err(ImportError::Table {
                name: lookup.name.clone(),
                path,
            });
        };
        frame.join(lookup, table)?;
    }
    note_missing(mapping, &frame, report);
    Ok(frame)
}

fn note_unread(file: usize, table: &RawTable, report: &mut Report) {
    report.rows_read += (table.rows.len() + table.unread.len()) as u64;
    for unread in &table.unread {
        let example = Example {
            file: report.files[file].clone(),
            line: unread.line,
            about: unread.about.clone(),
        };
        report.drop(&unread.reason, example);
    }
}

fn note_missing(mapping: &Mapping, frame: &Frame, report: &mut Report) {
    if frame.origins().is_empty() {
        return;
    }
    let has: BTreeSet<String> = frame.columns().into_iter().collect();
    let missing: Vec<String> = mapping.columns().difference(&has).cloned().collect();
    if !missing.is_empty() {
        report.notes.push(format!(
            "columns of the mapping that no file has: {}",
            missing.join(", ")
        ));
    }
}

/// The folder of a file that the mapping names is that of the first input file.
fn located(name: &str, file: &str, options: &Options) -> PathBuf {
    let beside = || {
        let folder = options.files.first().and_then(|first| first.parent());
        folder.unwrap_or(Path::new(".")).join(file)
    };
    options.tables.get(name).cloned().unwrap_or_else(beside)
}

/// Every row taken, in parallel, then put together in order.
fn gathered(
    mapping: &Mapping,
    frame: &Frame,
    taxonomy: &Taxonomy,
    progress: &Progress,
    report: &mut Report,
) -> Gathered {
    let taker = Taker::new(mapping, taxonomy);
    let rows = frame.rows();
    let bar = progress.bar("mapping", frame.origins().len() as u64);
    let taken: Vec<_> = (0..frame.origins().len())
        .into_par_iter()
        .map(|row| {
            bar.inc(1);
            taker.take(rows.row(row))
        })
        .collect();
    bar.finish();
    let duplicates = mapping
        .offer
        .as_ref()
        .map_or(Duplicates::Drop, |rules| rules.duplicates);
    let mut gathered = Gathered::default();
    for (origin, taken) in frame.origins().iter().zip(taken) {
        let file = report.files[origin.file].clone();
        let example = |about: &str| Example {
            file: file.clone(),
            line: origin.line,
            about: read::excerpt(about),
        };
        match taken {
            Err((reason, about)) => report.drop(&reason, example(&about)),
            Ok(taken) => put(taken, &origin.mended, duplicates, example, &mut gathered, report),
        }
    }
    gathered
}

/// One row's offer and venues to the others; whatever was mended is told only of rows that are kept.
fn put(
    mut taken: Taken,
    read_mended: &[Mended],
    duplicates: Duplicates,
    example: impl Fn(&str) -> Example,
    gathered: &mut Gathered,
    report: &mut Report,
) {
    let name = |taken: &Taken| {
        let title = taken.offer.as_ref().map(|offer| offer.title.clone());
        title
            .or_else(|| taken.venues.first().map(|venue| venue.name.clone()))
            .unwrap_or_default()
    };
    let about = name(&taken);
    let joined = match taken.offer.take() {
        Some(offer) => gathered.add_offer(offer, duplicates),
        None if taken.venues.iter().all(|venue| gathered.has_venue(venue)) => Joined::Refused,
        None => Joined::New,
    };
    if joined == Joined::Refused {
        return report.drop(&Reason::DuplicateId, example(&about));
    }
    for venue in taken.venues {
        gathered.add_venue(venue);
    }
    if joined == Joined::Merged {
        report.mend(Mended::Merged, example(&about));
    }
    for mended in read_mended {
        report.mend(*mended, example(&about));
    }
    for (mended, about) in taken.mended {
        report.mend(mended, example(&about));
    }
    report.keep(|| example(&about));
}

/// The venues that works are spread over: another source, imported without being reported.
fn spread_venues(
    spread: &Spread,
    options: &Options,
    taxonomy: &Taxonomy,
    report: &mut Report,
) -> Result<Vec<Venue>, ImportError> {
    let folder = options.mapping.parent().unwrap_or(Path::new("."));
    let mapping = Mapping::open(&folder.join(&spread.mapping), taxonomy)?;
    let file = located(&spread.name, &spread.file, options);
    if !file.is_file() {
        report.notes.push(format!(
            "went on without the venues {:?}: no file {}; give it with --with {}=FILE",
            spread.name,
            file.display(),
            spread.name
        ));
        return Ok(Vec::new());
    }
    let inner = Options {
        mapping: folder.join(&spread.mapping),
        files: vec![file.clone()],
        out: None,
        tables: options.tables.clone(),
    };
    let mut unreported = Report {
        files: vec![file.display().to_string()],
        ..Report::default()
    };
    let silent = Progress::silent();
    let frame = framed(&mapping, &inner, &silent, &mut unreported)?;
    let venues = gathered(&mapping, &frame, taxonomy, &silent, &mut unreported).venues;
    report.notes.append(&mut unreported.notes);
    let chosen: Vec<Venue> = venues.into_iter().filter(|venue| is_chosen(spread, venue)).collect();
    report
        .notes
        .push(format!("spread over {} venues of {:?}", chosen.len(), spread.name));
    Ok(chosen)
}

fn is_chosen(spread: &Spread, venue: &Venue) -> bool {
    let kind = venue.kind.as_deref().unwrap_or("");
    let attribute = |name: &String| {
        venue
            .attributes
            .get(name)
            .and_then(serde_json::Value::as_str)
            .unwrap_or("")
    };
    (spread.kinds.is_empty() || spread.kinds.iter().any(|wanted| wanted == kind))
        && spread
            .attributes
            .iter()
            .all(|(name, wanted)| wanted.iter().any(|value| value == attribute(name)))
}

/// The engine's check once more, after rows were put together.
fn checked(changes: Vec<Change>, taxonomy: &Taxonomy, report: &mut Report) -> Vec<Change> {
    let faults: Vec<Option<String>> = changes
        .par_iter()
        .map(|c| c.check(taxonomy).err().map(|e| e.to_string()))
        .collect();
    let mut kept = Vec::with_capacity(changes.len());
    for (change, fault) in changes.into_iter().zip(faults) {
        match fault {
            None => kept.push(change),
            Some(fault) => report.notes.push(format!("a line was left out: {fault}")),
        }
    }
    kept
}

fn count(changes: &[Change], report: &mut Report) {
    let mut items = HashSet::new();
    for change in changes {
        match change {
            Change::VenueUpsert(_) => report.venues += 1,
            Change::OfferUpsert(offer) => {
                report.offers += 1;
                *report.subcategories.entry(offer.subcategory.clone()).or_default() += 1;
                items.insert(offer.item());
            }
            Change::OfferDelete(_)
            | Change::OfferStock(..)
            | Change::VenueDelete(_)
            | Change::UserUpsert(_)
            | Change::UserErase(_)
            | Change::Event(_) => {}
        }
    }
    report.items = items.len() as u64;
    report.lines = changes.len() as u64;
}

/// All lines, then the name: a file that is there is whole.
fn write(path: &Path, changes: &[Change], progress: &Progress) -> Result<(), ImportError> {
    let part = path.with_extension("ndjson.part");
    let bar = progress.bar("writing", changes.len() as u64);
    let written = || -> std::io::Result<()> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let mut out = BufWriter::new(File::create(&part)?);
        for change in changes {
            out.write_all(change.to_line().as_bytes())?;
            out.write_all(b"\n")?;
            bar.inc(1);
        }
        out.flush()?;
        std::fs::rename(&part, path)
    };
    let outcome = written().map_err(|source| ImportError::Write {
        path: path.to_owned(),
        source,
    });
    bar.finish();
    outcome
}

#[cfg(test)]
mod tests;
