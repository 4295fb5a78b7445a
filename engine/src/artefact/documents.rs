//! The published documents of an artefact: a publication a line, as the log says it.
//!
//! They are few, and anybody can read them. Invariant: what cannot be read as a typed document is written all the
//! same, so that a later program finds it.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;

use super::{ArtefactError, at};
use crate::document::Publication;
use crate::editorial::Editorial;

/// The file's name.
pub(super) const NAME: &str = "documents.ndjson";

/// Writes every publication that stands; its bytes are on the disk afterwards.
pub(super) fn write(path: &Path, editorial: &Editorial) -> Result<(), ArtefactError> {
    let mut out = BufWriter::new(File::create(path).map_err(at(path))?);
    for publication in editorial.publications() {
        // Text keys and JSON values always serialise.
        let line = serde_json::to_string(publication).unwrap_or_default();
        writeln!(out, "{line}").map_err(at(path))?;
    }
    let file = out.into_inner().map_err(|error| at(path)(error.into_error()))?;
    file.sync_all().map_err(at(path))
}

/// Hands on every publication.
pub(super) fn read(path: &Path, mut sink: impl FnMut(&Publication)) -> Result<(), ArtefactError> {
    let file = BufReader::new(File::open(path).map_err(at(path))?);
    for line in file.lines() {
        let line = line.map_err(at(path))?;
        let publication = serde_json::from_str(&line).map_err(|error| ArtefactError::Damaged {
            path: path.into(),
            what: error.to_string(),
        })?;
        sink(&publication);
    }
    Ok(())
}
