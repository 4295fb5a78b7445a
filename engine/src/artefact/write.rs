//! Writing an artefact: beside the old ones, whole or not at all.
//!
//! Invariant: the final name appears by one rename, after every byte is on the disk.

use std::fs;
use std::path::{Path, PathBuf};

use super::columns::Table;
use super::manifest::NAME;
use super::{ArtefactError, Manifest, at, documents};
use crate::catalogue::Catalogue;
use crate::text::TextIndex;

/// How many artefacts are kept: the newest and the one to fall back to.
const KEPT: usize = 2;

/// Writes the catalogue and its committed text under `dir`, as `artefact-<sequence>`; the oldest make room.
pub fn write(dir: &Path, catalogue: &Catalogue, text: &TextIndex) -> Result<Manifest, ArtefactError> {
    fs::create_dir_all(dir).map_err(at(dir))?;
    let target = dir.join(format!("artefact-{:020}", catalogue.sequence().0));
    let draft = target.with_extension("tmp");
    remove(&draft)?;
    fs::create_dir(&draft).map_err(at(&draft))?;
    let manifest = fill(&draft, catalogue, text)?;
    remove(&target)?;
    fs::rename(&draft, &target).map_err(at(&target))?;
    sync(dir)?;
    forget(dir)?;
    Ok(manifest)
}

fn fill(draft: &Path, catalogue: &Catalogue, text: &TextIndex) -> Result<Manifest, ArtefactError> {
    write_offers(&draft.join("offers.arrow"), catalogue)?;
    let venues = catalogue
        .venues()
        .filter_map(|venue| Some((venue.id.as_str(), serde_json::to_string(venue.document.as_ref()?).ok()?)));
    write_table(&draft.join("venues.arrow"), venues)?;
    documents::write(&draft.join(documents::NAME), catalogue.editorial())?;
    text.copy_to(&draft.join("text"))?;
    let manifest = Manifest::of(catalogue, draft)?;
    let path = draft.join(NAME);
    let json = serde_json::to_vec_pretty(&manifest).map_err(|error| ArtefactError::Manifest(path.clone(), error))?;
    fs::write(&path, json).map_err(at(&path))?;
    sync(&path)?;
    sync(draft)?;
    Ok(manifest)
}

fn write_offers(path: &Path, catalogue: &Catalogue) -> Result<(), ArtefactError> {
    let mut table = Table::create(path, true)?;
    for row in 0..catalogue.row_bound() {
        let row = crate::catalogue::row::Row(u32::try_from(row).unwrap_or(u32::MAX));
        table
            .push_offer(catalogue.offer(row))
            .map_err(|error| ArtefactError::Columns(path.into(), error))?;
    }
    table.finish(path)
}

fn write_table<'a>(path: &Path, rows: impl Iterator<Item = (&'a str, String)>) -> Result<(), ArtefactError> {
    let mut table = Table::create(path, false)?;
    for (id, document) in rows {
        table
            .push(id, &document)
            .map_err(|error| ArtefactError::Columns(path.into(), error))?;
    }
    table.finish(path)
}

/// Every finished artefact under `dir`, newest first.
pub(super) fn finished(dir: &Path) -> Result<Vec<PathBuf>, ArtefactError> {
    let mut found = Vec::new();
    if !dir.exists() {
        return Ok(found);
    }
    for entry in fs::read_dir(dir).map_err(at(dir))? {
        let path = entry.map_err(at(dir))?.path();
        let named = path
            .file_name()
            .and_then(|name| name.to_str())
            .is_some_and(|name| name.starts_with("artefact-"));
        if named && path.extension().is_none() && path.is_dir() {
            found.push(path);
        }
    }
    found.sort();
    found.reverse();
    Ok(found)
}

fn forget(dir: &Path) -> Result<(), ArtefactError> {
    finished(dir)?.iter().skip(KEPT).try_for_each(|old| remove(old))
}

fn remove(folder: &Path) -> Result<(), ArtefactError> {
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(at(folder))
    } else {
        Ok(())
    }
}

fn sync(path: &Path) -> Result<(), ArtefactError> {
    fs::File::open(path).and_then(|file| file.sync_all()).map_err(at(path))
}
