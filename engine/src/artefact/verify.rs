//! Verify: every invariant of an artefact, slowly, and what it weighs.
//!
//! Behind `florilege-indexer verify`. Invariant: it opens nothing for writing but a scratch copy of the text.

use std::path::Path;
use std::sync::Arc;

use serde::Serialize;

use super::{ArtefactError, Manifest, open};
use crate::catalogue::Catalogue;
use crate::taxonomy::Taxonomy;

/// What an artefact is and weighs.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// Its format.
    pub format: u32,
    /// The entry of the log that it stands at.
    pub sequence: u64,
    /// Live offers.
    pub offers: usize,
    /// Works.
    pub items: usize,
    /// Venues.
    pub venues: usize,
    /// Offers that wait for their venue.
    pub waiting: usize,
    /// Places on the globe.
    pub places: usize,
    /// Bytes of each part on disk.
    pub bytes: std::collections::BTreeMap<String, u64>,
    /// All bytes over the offers.
    pub bytes_an_offer: f64,
    /// What does not hold; empty when all is well.
    pub faults: Vec<String>,
}

/// Checks an artefact's files, rows and text; `scratch` is an empty folder to work in.
pub fn verify(folder: &Path, scratch: &Path, taxonomy: &Arc<Taxonomy>) -> Result<Report, ArtefactError> {
    let manifest = Manifest::read(folder, taxonomy)?;
    let (catalogue, _) = open::open(folder, &scratch.join("text"), taxonomy)?;
    let mut bytes = std::collections::BTreeMap::new();
    for file in &manifest.files {
        let part = file.path.split('/').next().unwrap_or(&file.path).to_owned();
        *bytes.entry(part).or_insert(0) += file.bytes;
    }
    let counts = catalogue.counts();
    Ok(Report {
        format: manifest.format,
        sequence: manifest.sequence.0,
        offers: counts.offers,
        items: counts.items,
        venues: counts.venues,
        waiting: counts.waiting,
        places: catalogue.places().len(),
        bytes_an_offer: bytes.values().sum::<u64>() as f64 / counts.offers.max(1) as f64,
        bytes,
        faults: faults(&catalogue),
    })
}

/// Every link of every offer, both ways.
pub(crate) fn faults(catalogue: &Catalogue) -> Vec<String> {
    let mut faults = Vec::new();
    for (row, offer) in catalogue.offers() {
        let mut check = |holds: bool, what: &str| {
            if !holds && faults.len() < 100 {
                faults.push(format!("offer {}: {what}", offer.id));
            }
        };
        check(
            catalogue.find(offer.id.as_str()) == Some(row),
            "its identifier leads elsewhere",
        );
        let document = catalogue.document(row);
        check(
            document.as_ref().is_some_and(|document| document.id == offer.id),
            "its document is another's",
        );
        let valid = document
            .as_ref()
            .is_some_and(|document| document.check(catalogue.taxonomy()).is_ok());
        check(valid, "its document breaks a limit");
        check(
            catalogue.item(offer.item).is_some_and(|item| item.rows.contains(&row)),
            "its work does not know it",
        );
        let at_venue = offer
            .venue
            .is_none_or(|ix| catalogue.venue(ix).is_some_and(|venue| venue.rows.contains(&row)));
        check(at_venue, "its venue does not know it");
        let placed = match offer.place {
            Some(place) => catalogue
                .places()
                .get(place)
                .is_some_and(|place| place.rows.contains(&row)),
            None => catalogue
                .unplaced()
                .nth(offer.category.index())
                .is_some_and(|rows| rows.contains(row.0)),
        };
        check(placed, "its place does not know it");
        check(offer.dates.is_sorted(), "its dates are not in order");
    }
    let listed: usize = catalogue.popular().iter().map(|order| order.len()).sum();
    let offered = catalogue.offers().filter(|(_, offer)| offer.is_offered()).count();
    if listed != offered {
        faults.push(format!(
            "{listed} offers in the orders of categories, {offered} offered"
        ));
    }
    faults
}
