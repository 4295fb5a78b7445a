//! The tables of a store, as `florilege-indexer export` and `generate --readers` write them: who took which work when.
//!
//! A yes is a booking, a visit, a favourite, a like, a share; the latest act of a reader on a work stands, so that one
//! that was taken back is none. Works are named, not their offers. Invariant: a day's folder is read file by file, so
//! that text is held of one file alone.

use std::path::{Path, PathBuf};

use rustc_hash::FxHashMap;

use super::mapping::seconds;
use super::read::{DataError, plain};
use super::{Dataset, Gatherer, Line};
use crate::import::read::{RawTable, read as table};

/// The least value of a yes; acts that take it back are 0.
const YES: f32 = 1.0;
/// Between the words of a cell.
const WORDS: char = '|';

/// Whether a folder holds such tables.
pub(super) fn is_there(folder: &Path) -> bool {
    folder.join("offers").is_dir() && folder.join("events").is_dir()
}

/// Reads a folder.
pub(super) fn read(folder: &Path) -> Result<Dataset, DataError> {
    let mut gatherer = Gatherer::default();
    let mut work_of: FxHashMap<String, String> = FxHashMap::default();
    for path in files(&folder.join("offers"))? {
        offers(&path, &mut gatherer, &mut work_of)?;
    }
    for day in files(&folder.join("events"))? {
        for path in files(&day)? {
            events(&path, &work_of, &mut gatherer)?;
        }
    }
    let name = folder.file_name().map(|name| name.to_string_lossy().into_owned());
    Ok(gatherer.finish(&name.unwrap_or_else(|| "store".into()), Some(YES)))
}

fn offers(path: &Path, gatherer: &mut Gatherer, work_of: &mut FxHashMap<String, String>) -> Result<(), DataError> {
    let (found, at) = opened(path, ["id", "item_id", "title", "category", "genres"])?;
    for row in &found.rows {
        let cell = |column: usize| row.cells.get(at[column]).and_then(Option::as_deref).unwrap_or("");
        let genres = cell(4).split(WORDS);
        gatherer.item(cell(1), cell(2), std::iter::once(cell(3)).chain(genres));
        work_of.insert(cell(0).to_owned(), cell(1).to_owned());
    }
    Ok(())
}

fn events(path: &Path, work_of: &FxHashMap<String, String>, gatherer: &mut Gatherer) -> Result<(), DataError> {
    let (found, at) = opened(path, ["type", "reader", "offer_id", "at"])?;
    for row in &found.rows {
        let cell = |column: usize| row.cells.get(at[column]).and_then(Option::as_deref);
        let Some(value) = cell(0).and_then(value) else { continue };
        let offer = cell(2).unwrap_or("");
        match (cell(1), cell(3).and_then(seconds)) {
            (Some(user), Some(time)) => gatherer.act(&Line {
                user,
                item: work_of.get(offer).map_or(offer, String::as_str),
                value,
                time,
            }),
            _ => gatherer.unread += 1,
        }
    }
    Ok(())
}

/// What an act says of a work; none of what only shows or looks.
fn value(kind: &str) -> Option<f32> {
    match kind {
        "booking" | "attendance" | "favorite" | "like" | "share" => Some(YES),
        "cancellation" | "unfavorite" | "dislike" | "hide" => Some(0.0),
        _ => None,
    }
}

fn opened<const N: usize>(path: &Path, names: [&str; N]) -> Result<(RawTable, [usize; N]), DataError> {
    let Some(input) = plain("parquet") else {
        return Err(DataError::Unknown(path.to_owned()));
    };
    let found = table(path, &input)?;
    let mut at = [0; N];
    for (place, name) in at.iter_mut().zip(names) {
        let column = found.columns.iter().position(|column| column == name);
        *place = column.ok_or_else(|| DataError::Column {
            path: path.to_owned(),
            column: name.to_owned(),
            found: found.columns.join(", "),
        })?;
    }
    Ok((found, at))
}

/// What stands in a folder, by name.
fn files(folder: &Path) -> Result<Vec<PathBuf>, DataError> {
    let fault = |source| DataError::Io {
        path: folder.to_owned(),
        source,
    };
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(fault)? {
        found.push(entry.map_err(fault)?.path());
    }
    found.sort();
    Ok(found)
}
