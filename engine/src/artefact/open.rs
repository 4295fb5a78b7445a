//! Opening: the newest artefact that is whole, or an empty catalogue, and a word about each one refused.
//!
//! Invariant: what is opened equals what was written, row numbers included; nothing of a refused artefact is used.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use super::columns::read;
use super::write::finished;
use super::{ArtefactError, Manifest, at, documents};
use crate::catalogue::Catalogue;
use crate::offer::Offer;
use crate::taxonomy::Taxonomy;
use crate::text::TextIndex;
use crate::venue::Venue;

/// What was opened.
pub struct Artefact {
    /// The catalogue.
    pub catalogue: Catalogue,
    /// Its words, open for writing in a working copy.
    pub text: TextIndex,
    /// Where it came from; none for an empty one.
    pub from: Option<PathBuf>,
    /// What was refused on the way.
    pub notes: Vec<String>,
}

/// Opens the newest good artefact under `dir`, or an empty catalogue. The text index works on a copy under
/// `dir/text-work`, which is made anew.
pub fn open_newest(dir: &Path, taxonomy: &Arc<Taxonomy>) -> Result<Artefact, ArtefactError> {
    let work = dir.join("text-work");
    let mut notes = Vec::new();
    for folder in finished(dir)? {
        match open(&folder, &work, taxonomy) {
            Ok((catalogue, text)) => {
                return Ok(Artefact {
                    catalogue,
                    text,
                    from: Some(folder),
                    notes,
                });
            }
            Err(error) => notes.push(format!("refused {}: {error}", folder.display())),
        }
    }
    renew(&work)?;
    let text = TextIndex::create(&work)?;
    Ok(Artefact {
        catalogue: Catalogue::empty(Arc::clone(taxonomy)),
        text,
        from: None,
        notes,
    })
}

/// An empty working folder.
fn renew(work: &Path) -> Result<(), ArtefactError> {
    if work.exists() {
        std::fs::remove_dir_all(work).map_err(at(work))?;
    }
    std::fs::create_dir_all(work).map_err(at(work))
}

/// Opens one artefact after holding it against its manifest.
pub(super) fn open(
    folder: &Path,
    work: &Path,
    taxonomy: &Arc<Taxonomy>,
) -> Result<(Catalogue, TextIndex), ArtefactError> {
    let manifest = Manifest::read(folder, taxonomy)?;
    manifest.check_files(folder)?;
    let catalogue = catalogue(folder, &manifest, taxonomy)?;
    renew(work)?;
    let text = TextIndex::open_copy(&folder.join("text"), work)?;
    let words = text.reader().rows();
    if words != manifest.offers as u64 {
        let what = format!("{words} rows of text for {} offers", manifest.offers);
        return Err(ArtefactError::Damaged {
            path: folder.join("text"),
            what,
        });
    }
    Ok((catalogue, text))
}

/// The catalogue of an artefact, without its text.
pub(super) fn catalogue(
    folder: &Path,
    manifest: &Manifest,
    taxonomy: &Arc<Taxonomy>,
) -> Result<Catalogue, ArtefactError> {
    let mut catalogue = Catalogue::empty(Arc::clone(taxonomy));
    each::<Venue>(&folder.join("venues.arrow"), |venue| {
        catalogue.restore_venue(venue.as_ref())
    })?;
    each::<Offer>(&folder.join("offers.arrow"), |offer| {
        catalogue.restore_offer(offer.as_ref())
    })?;
    documents::read(&folder.join(documents::NAME), |publication| {
        catalogue.restore_document(publication);
    })?;
    catalogue.restored(manifest.sequence);
    let found = (
        catalogue.row_bound(),
        catalogue.counts().offers,
        catalogue.counts().venues,
    );
    if found != (manifest.rows, manifest.offers, manifest.venues) {
        let what = format!("{found:?} rows, offers and venues, other than its manifest says");
        return Err(ArtefactError::Damaged {
            path: folder.into(),
            what,
        });
    }
    Ok(catalogue)
}

/// Parses a table's documents on all cores and hands them on in order.
fn each<T: serde::de::DeserializeOwned + Send>(
    path: &Path,
    mut sink: impl FnMut(Option<T>),
) -> Result<(), ArtefactError> {
    read(path, |documents| {
        let parse = |document: &Option<&str>| document.map(serde_json::from_str::<T>).transpose();
        let parsed: Result<Vec<Option<T>>, _> = documents.par_iter().map(parse).collect();
        let damaged = |error: serde_json::Error| ArtefactError::Damaged {
            path: path.into(),
            what: error.to_string(),
        };
        parsed.map_err(damaged)?.into_iter().for_each(&mut sink);
        Ok(())
    })
}
