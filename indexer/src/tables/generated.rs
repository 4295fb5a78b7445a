//! A generated catalogue with a generated public as tables.
//!
//! Invariant: memory holds a few bytes for each offer and each visit, and the events of as many days as there are threads.

use florilege_engine::change::Change;
use florilege_engine::offer::Offer;
use florilege_engine::taxonomy::Taxonomy;
use florilege_engine::venue::Venue;
use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::{BETWEEN, EventRow, OfferRow, ReaderRow, Tables, TablesError, VenueRow};
use crate::population::figures::Figures;
use crate::population::shelf::{EVERYWHERE, Facts, Shelf};
use crate::population::{Event, Plan, PlanError, Population, Reader};
use crate::progress::Progress;

/// Rows of a part.
const PART: usize = 100_000;
const DAY_MS: i64 = 86_400_000;
/// Credit of the ages 15 to 18, in euro cents.
const CREDIT: [i64; 4] = [0, 0, 5_000, 15_000];

/// Why there are no tables.
#[derive(Debug, thiserror::Error)]
pub enum GeneratedError {
    /// They cannot be written.
    #[error(transparent)]
    Tables(#[from] TablesError),
    /// The public cannot be made.
    #[error(transparent)]
    Plan(#[from] PlanError),
}

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Written {
    /// Readers.
    pub readers: u64,
    /// Events.
    pub events: u64,
    /// Bookings among them.
    pub bookings: u64,
    /// Days.
    pub days: usize,
}

/// What the public needs of an offer.
#[derive(Debug, Clone, Copy)]
struct Known {
    subcategory: u8,
    department: u16,
    bookings: u32,
}

/// Takes the changes of a catalogue and writes them as tables.
#[derive(Debug)]
pub struct Catalogue<'a> {
    taxonomy: &'a Taxonomy,
    tables: &'a Tables,
    offers: Vec<OfferRow>,
    venues: Vec<VenueRow>,
    parts: [usize; 2],
    known: Vec<Known>,
    departments: Vec<String>,
    homes: Vec<u16>,
    of_venue: FxHashMap<String, u16>,
}

impl<'a> Catalogue<'a> {
    /// Nothing yet.
    #[must_use]
    pub fn new(taxonomy: &'a Taxonomy, tables: &'a Tables) -> Self {
        Self {
            taxonomy,
            tables,
            offers: Vec::new(),
            venues: Vec::new(),
            parts: [0; 2],
            known: Vec::new(),
            departments: Vec::new(),
            homes: Vec::new(),
            of_venue: FxHashMap::default(),
        }
    }

    /// Takes a venue or an offer, venues first.
    ///
    /// # Errors
    /// See [`TablesError`].
    pub fn take(&mut self, change: &Change) -> Result<(), TablesError> {
        if let Change::VenueUpsert(venue) = change {
            let department = self.department(venue.department.as_deref());
            self.of_venue.insert(venue.id.as_str().to_owned(), department);
            self.homes.extend((department != EVERYWHERE).then_some(department));
            self.venues.push(venue_row(venue));
        }
        if let Change::OfferUpsert(offer) = change {
            self.offer(offer);
        }
        if self.offers.len() >= PART || self.venues.len() >= PART {
            self.flush()?;
        }
        Ok(())
    }

    fn offer(&mut self, offer: &Offer) {
        let venue = offer.venue_id.as_ref().and_then(|id| self.of_venue.get(id.as_str()));
        let department = venue.copied().unwrap_or(EVERYWHERE);
        let named = self.departments.get(usize::from(department)).cloned();
        let row = offer_row(self.taxonomy, offer, named);
        let found = self.taxonomy.find(&offer.subcategory);
        self.known.push(Known {
            subcategory: found.map_or(u8::MAX, |ix| ix.index() as u8),
            department: if row.kind == "digital" { EVERYWHERE } else { department },
            bookings: row.bookings_28d,
        });
        self.offers.push(row);
    }

    fn department(&mut self, code: Option<&str>) -> u16 {
        let Some(code) = code else { return EVERYWHERE };
        let known = self.departments.iter().position(|known| known == code);
        let place = known.unwrap_or_else(|| {
            self.departments.push(code.to_owned());
            self.departments.len() - 1
        });
        u16::try_from(place).unwrap_or(EVERYWHERE)
    }

    fn flush(&mut self) -> Result<(), TablesError> {
        if !self.venues.is_empty() {
            self.tables.venues(self.parts[0], &self.venues)?;
            self.parts[0] += 1;
            self.venues.clear();
        }
        if !self.offers.is_empty() {
            self.tables.offers(self.parts[1], &self.offers)?;
            self.parts[1] += 1;
            self.offers.clear();
        }
        Ok(())
    }

    /// Writes what is left, then a public that lives in this catalogue.
    ///
    /// # Errors
    /// See [`GeneratedError`].
    pub fn people(
        mut self,
        figures: &Figures,
        plan: Plan,
        year: i32,
        progress: &Progress,
    ) -> Result<Written, GeneratedError> {
        self.flush()?;
        let kinds: Vec<(&str, &str)> = self
            .taxonomy
            .subcategories()
            .map(|(_, one)| (one.kind.as_str(), self.taxonomy.category(one.category).key.as_str()))
            .collect();
        let facts = self.known.iter().map(|known| {
            let (kind, category) = kinds.get(usize::from(known.subcategory)).copied().unwrap_or_default();
            Facts {
                kind,
                category,
                department: known.department,
                bookings: known.bookings,
            }
        });
        let shelf = Shelf::new(figures, facts, std::mem::take(&mut self.homes));
        let public = Population::new(figures, &shelf, plan)?;
        let rows: Vec<ReaderRow> = public
            .readers()
            .map(|reader| self.reader_row(figures, plan, year, &reader))
            .collect();
        for (part, rows) in rows.chunks(PART).enumerate() {
            self.tables.readers(part, rows)?;
        }
        drop(rows);
        let bar = progress.bar("days", public.days() as u64);
        let counts = (0..public.days()).into_par_iter().map(|day| {
            let events = public.day(day);
            let rows: Vec<EventRow> = events
                .iter()
                .enumerate()
                .map(|(at, event)| row(day, at, event))
                .collect();
            if !rows.is_empty() {
                self.tables.events(public.date(day), 0, &rows)?;
            }
            bar.inc(1);
            let bookings = rows.iter().filter(|row| row.kind == "booking").count();
            Ok((rows.len() as u64, bookings as u64))
        });
        let counts: Vec<(u64, u64)> = counts.collect::<Result<_, TablesError>>()?;
        bar.finish();
        Ok(Written {
            readers: u64::from(plan.readers),
            events: counts.iter().map(|(events, _)| events).sum(),
            bookings: counts.iter().map(|(_, bookings)| bookings).sum(),
            days: public.days(),
        })
    }

    fn reader_row(&self, figures: &Figures, plan: Plan, year: i32, reader: &Reader) -> ReaderRow {
        let mut territories = Vec::new();
        if reader.urban_priority {
            territories.push("QPV");
        }
        if reader.rural {
            territories.push("rural");
        }
        let signed_up = i64::from(plan.first) + i64::from(reader.signed_up);
        ReaderRow {
            reader: reader.number,
            birth_year: Some(year - i32::from(reader.age)),
            department: self.departments.get(usize::from(reader.department)).cloned(),
            territories: territories.join(BETWEEN),
            persona: figures
                .persona
                .get(usize::from(reader.persona))
                .map(|one| one.id.clone()),
            credit_cents: CREDIT.get(usize::from(reader.age - 15)).copied(),
            signed_up: Some(signed_up * DAY_MS),
        }
    }
}

fn row(day: usize, at: usize, event: &Event) -> EventRow {
    EventRow {
        id: format!("e{day}-{at}"),
        kind: event.act.as_str(),
        reader: event.reader,
        offer_id: event.offer.map(|number| format!("offer-{number}")),
        request_id: Some(format!("v{}-{}", event.reader, event.visit)),
        rank: event.rank.map(u32::from),
        at: event.at,
        value: None,
    }
}

/// A venue as a row.
#[must_use]
pub fn venue_row(venue: &Venue) -> VenueRow {
    VenueRow {
        id: venue.id.as_str().to_owned(),
        name: venue.name.clone(),
        kind: venue.kind.clone(),
        city: venue.city.clone(),
        department: venue.department.clone(),
        lat: venue.position.map(|at| at.lat()),
        lng: venue.position.map(|at| at.lng()),
    }
}

/// An offer as a row; the department is its venue's.
#[must_use]
pub fn offer_row(taxonomy: &Taxonomy, offer: &Offer, department: Option<String>) -> OfferRow {
    let found = taxonomy.find(&offer.subcategory).map(|ix| taxonomy.subcategory(ix));
    OfferRow {
        id: offer.id.as_str().to_owned(),
        item_id: offer
            .item_id
            .as_ref()
            .map_or(offer.id.as_str(), |id| id.as_str())
            .to_owned(),
        venue_id: offer.venue_id.as_ref().map(|id| id.as_str().to_owned()),
        title: offer.title.clone(),
        subcategory: offer.subcategory.clone(),
        category: found.map_or_else(String::new, |one| taxonomy.category(one.category).key.clone()),
        kind: found.map_or("", |one| one.kind.as_str()),
        genres: offer.genres.join(BETWEEN),
        creators: offer.creators.join(BETWEEN),
        price_cents: offer.price_cents.map(|cents| i64::from(cents.get())),
        department,
        bookable: offer.bookable,
        published_at: offer.published_at.map(|at| at.millis()),
        bookings_28d: offer.popularity.bookings_28d,
    }
}
