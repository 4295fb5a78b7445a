//! The manifest: what an artefact is, and the checksum of each of its files.
//!
//! Invariant: it is written last, so a folder with a manifest was once whole.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{ArtefactError, FORMAT, OLDEST_READABLE, at};
use crate::catalogue::{Catalogue, Counts};
use crate::change::Sequence;
use crate::taxonomy::Taxonomy;

/// The manifest's file name.
pub(super) const NAME: &str = "manifest.json";

/// What an artefact is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The format of the folder.
    pub format: u32,
    /// The entry of the log that it stands at.
    pub sequence: Sequence,
    /// Fingerprint of the taxonomy it was written with.
    pub taxonomy: u32,
    /// Rows, holes included.
    pub rows: usize,
    /// Live offers.
    pub offers: usize,
    /// Venues that have come.
    pub venues: usize,
    /// Every other file.
    pub files: Vec<FileEntry>,
}

/// One file of an artefact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    /// Its path within the folder, with `/`.
    pub path: String,
    /// Its length.
    pub bytes: u64,
    /// CRC-32 (IEEE) of its bytes.
    pub crc32: u32,
}

impl Manifest {
    /// The manifest of a catalogue whose files stand in a folder.
    pub(super) fn of(catalogue: &Catalogue, folder: &Path) -> Result<Self, ArtefactError> {
        let Counts { offers, venues, .. } = catalogue.counts();
        Ok(Self {
            format: FORMAT,
            sequence: catalogue.sequence(),
            taxonomy: fingerprint(catalogue.taxonomy()),
            rows: catalogue.row_bound(),
            offers,
            venues,
            files: entries(folder, "")?,
        })
    }

    /// Reads a folder's manifest and holds it against this program.
    pub fn read(folder: &Path, taxonomy: &Taxonomy) -> Result<Self, ArtefactError> {
        let path = folder.join(NAME);
        let text = std::fs::read(&path).map_err(at(&path))?;
        let manifest: Self = serde_json::from_slice(&text).map_err(|error| ArtefactError::Manifest(path, error))?;
        if !(OLDEST_READABLE..=FORMAT).contains(&manifest.format) {
            return Err(ArtefactError::Format {
                path: folder.into(),
                found: manifest.format,
            });
        }
        if manifest.taxonomy != fingerprint(taxonomy) {
            return Err(ArtefactError::Taxonomy(folder.into()));
        }
        Ok(manifest)
    }

    /// Holds every file against its checksum.
    pub fn check_files(&self, folder: &Path) -> Result<(), ArtefactError> {
        for entry in &self.files {
            let path = folder.join(&entry.path);
            let damaged = |what: String| ArtefactError::Damaged {
                path: path.clone(),
                what,
            };
            let (bytes, crc32) = checksum(&path).map_err(|error| damaged(error.to_string()))?;
            if bytes != entry.bytes {
                return Err(damaged(format!("{bytes} bytes instead of {}", entry.bytes)));
            }
            if crc32 != entry.crc32 {
                return Err(damaged("its checksum differs".to_owned()));
            }
        }
        Ok(())
    }
}

/// A number that changes with whatever of a taxonomy gives meaning to rows.
fn fingerprint(taxonomy: &Taxonomy) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    for (_, sub) in taxonomy.subcategories() {
        let line = format!(
            "{} {} {:?} {:?}\n",
            sub.named.key,
            sub.category.index(),
            sub.search_group,
            sub.kind
        );
        hasher.update(line.as_bytes());
    }
    taxonomy
        .categories()
        .for_each(|(_, named)| hasher.update(named.key.as_bytes()));
    taxonomy
        .labels()
        .iter()
        .for_each(|label| hasher.update(label.as_bytes()));
    hasher.finalize()
}

fn entries(folder: &Path, under: &str) -> Result<Vec<FileEntry>, ArtefactError> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(at(folder))? {
        let entry = entry.map_err(at(folder))?;
        let (path, name) = (entry.path(), format!("{under}{}", entry.file_name().to_string_lossy()));
        if path.is_dir() {
            found.extend(entries(&path, &format!("{name}/"))?);
        } else {
            let (bytes, crc32) = checksum(&path).map_err(at(&path))?;
            found.push(FileEntry {
                path: name,
                bytes,
                crc32,
            });
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}

fn checksum(path: &Path) -> std::io::Result<(u64, u32)> {
    let mut reader = BufReader::new(File::open(path)?);
    let (mut hasher, mut bytes, mut buffer) = (crc32fast::Hasher::new(), 0, vec![0; 1 << 18]);
    loop {
        match reader.read(&mut buffer)? {
            0 => return Ok((bytes, hasher.finalize())),
            read => {
                hasher.update(&buffer[..read]);
                bytes += read as u64;
            }
        }
    }
}
