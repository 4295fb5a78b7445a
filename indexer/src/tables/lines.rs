//! Change lines as tables: a store's own catalogue and acts.
//!
//! Lines are read twice: first who and what there is in the end, then the acts. A reader has a number of this export alone,
//! and only those have one who agree to be learnt from. Invariant: no act of anybody else is written, nor any name.

use std::collections::BTreeMap;
use std::io::BufRead;

use florilege_engine::change::Change;
use florilege_engine::event::Event;
use florilege_engine::ids::{OfferId, UserId, VenueId};
use florilege_engine::invalid::Invalid;
use florilege_engine::offer::Offer;
use florilege_engine::taxonomy::Taxonomy;
use florilege_engine::user::User;
use florilege_engine::venue::Venue;
use rustc_hash::FxHashMap;

use super::generated::{offer_row, venue_row};
use super::{BETWEEN, EventRow, ReaderRow, Tables, TablesError};

/// Rows of a part of the catalogue.
const PART: usize = 100_000;
/// Events held before those of all days are written.
const HELD: usize = 2_000_000;
const DAY_MS: i64 = 86_400_000;

/// Why there are no tables.
#[derive(Debug, thiserror::Error)]
pub enum LinesError {
    /// They cannot be written.
    #[error(transparent)]
    Tables(#[from] TablesError),
    /// The lines cannot be read.
    #[error("cannot read the lines: {0}")]
    Io(#[from] std::io::Error),
}

/// What was written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Exported {
    /// Offers.
    pub offers: u64,
    /// Venues.
    pub venues: u64,
    /// Readers who agree to be learnt from.
    pub readers: u64,
    /// Their events.
    pub events: u64,
    /// Events of others, left out.
    pub left_out: u64,
    /// Lines that are none.
    pub rejected: u64,
}

/// What there is in the end.
#[derive(Debug, Default)]
struct State {
    offers: BTreeMap<OfferId, Box<Offer>>,
    venues: BTreeMap<VenueId, Venue>,
    users: BTreeMap<UserId, User>,
    rejected: u64,
}

impl State {
    fn take(&mut self, change: Change) {
        match change {
            Change::OfferUpsert(offer) => {
                self.offers.insert(offer.id.clone(), offer);
            }
            Change::OfferDelete(id) => {
                self.offers.remove(&id);
            }
            Change::OfferStock(id, patch) => {
                if let Some(offer) = self.offers.get_mut(&id) {
                    offer.patch(&patch);
                }
            }
            Change::VenueUpsert(venue) => {
                self.venues.insert(venue.id.clone(), *venue);
            }
            Change::VenueDelete(id) => {
                self.venues.remove(&id);
            }
            Change::UserUpsert(user) => {
                self.users.insert(user.id.clone(), *user);
            }
            Change::UserErase(id) => {
                self.users.remove(&id);
            }
            Change::Event(_) | Change::Document(_) => {}
        }
    }
}

/// Writes what lines say; `open` gives the same lines each time it is asked.
///
/// # Errors
/// See [`LinesError`].
pub fn export(
    open: impl Fn() -> std::io::Result<Box<dyn BufRead>>,
    taxonomy: &Taxonomy,
    tables: &Tables,
) -> Result<Exported, LinesError> {
    let mut state = State::default();
    let mut rejected = 0;
    each(open()?, taxonomy, |change| match change {
        Ok(change) => {
            state.take(change);
            Ok(())
        }
        Err(_) => {
            rejected += 1;
            Ok(())
        }
    })?;
    state.rejected = rejected;
    let numbers = catalogue(&state, taxonomy, tables)?;
    let mut days = Days::new(tables);
    let mut left_out = 0;
    each(open()?, taxonomy, |change| {
        let Ok(Change::Event(event)) = change else {
            return Ok(());
        };
        match numbers.get(&event.user_id) {
            Some(reader) => days.add(*reader, &event),
            None => {
                left_out += 1;
                Ok(())
            }
        }
    })?;
    days.flush()?;
    Ok(Exported {
        offers: state.offers.len() as u64,
        venues: state.venues.len() as u64,
        readers: numbers.len() as u64,
        events: days.written,
        left_out,
        rejected: state.rejected,
    })
}

fn each(
    lines: Box<dyn BufRead>,
    taxonomy: &Taxonomy,
    mut take: impl FnMut(Result<Change, Invalid>) -> Result<(), LinesError>,
) -> Result<(), LinesError> {
    for line in lines.split(b'\n') {
        let line = line?;
        if !line.trim_ascii().is_empty() {
            take(Change::parse(line.trim_ascii(), taxonomy))?;
        }
    }
    Ok(())
}

/// Writes all but the events; the numbers of the readers who agree.
fn catalogue(state: &State, taxonomy: &Taxonomy, tables: &Tables) -> Result<FxHashMap<UserId, u32>, LinesError> {
    let venues: Vec<_> = state.venues.values().map(venue_row).collect();
    for (part, rows) in venues.chunks(PART).enumerate() {
        tables.venues(part, rows)?;
    }
    let department = |offer: &Offer| {
        let venue = offer.venue_id.as_ref().and_then(|id| state.venues.get(id));
        venue.and_then(|venue| venue.department.clone())
    };
    let mut offers = state.offers.values().peekable();
    let mut part = 0;
    while offers.peek().is_some() {
        let row = |offer: &Offer| offer_row(taxonomy, offer, department(offer));
        let rows: Vec<_> = offers.by_ref().take(PART).map(|offer| row(offer)).collect();
        tables.offers(part, &rows)?;
        part += 1;
    }
    let agree = state.users.values().filter(|user| user.consents.personalisation);
    let readers: Vec<(&User, ReaderRow)> = (0..)
        .zip(agree)
        .map(|(number, user)| (user, reader_row(number, user)))
        .collect();
    let rows: Vec<ReaderRow> = readers.iter().map(|(_, row)| row.clone()).collect();
    for (part, rows) in rows.chunks(PART).enumerate() {
        tables.readers(part, rows)?;
    }
    Ok(readers
        .iter()
        .map(|(user, row)| (user.id.clone(), row.reader))
        .collect())
}

fn reader_row(reader: u32, user: &User) -> ReaderRow {
    ReaderRow {
        reader,
        birth_year: user.birth_year.map(i32::from),
        department: user.department.clone(),
        territories: user.territories.join(BETWEEN),
        persona: user
            .persona
            .as_ref()
            .and_then(|persona| Some(persona.as_str()?.to_owned())),
        credit_cents: user.credit_cents.map(|cents| i64::from(cents.get())),
        signed_up: None,
    }
}

/// Events by day, written when many are held.
struct Days<'a> {
    tables: &'a Tables,
    held: BTreeMap<i32, Vec<EventRow>>,
    parts: BTreeMap<i32, usize>,
    count: usize,
    written: u64,
}

impl<'a> Days<'a> {
    fn new(tables: &'a Tables) -> Self {
        Self {
            tables,
            held: BTreeMap::new(),
            parts: BTreeMap::new(),
            count: 0,
            written: 0,
        }
    }

    fn add(&mut self, reader: u32, event: &Event) -> Result<(), LinesError> {
        let at = event.at.millis();
        let day = i32::try_from(at.div_euclid(DAY_MS)).unwrap_or(i32::MAX);
        self.held.entry(day).or_default().push(EventRow {
            id: event.id.as_str().to_owned(),
            kind: event.kind.as_str(),
            reader,
            offer_id: event.offer_id.as_ref().map(|id| id.as_str().to_owned()),
            request_id: event.request_id.clone(),
            rank: event.rank,
            at,
            value: event.value,
        });
        self.count += 1;
        if self.count >= HELD { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), LinesError> {
        for (day, rows) in std::mem::take(&mut self.held) {
            let part = self.parts.entry(day).or_default();
            self.tables.events(day, *part, &rows)?;
            *part += 1;
            self.written += rows.len() as u64;
        }
        self.count = 0;
        Ok(())
    }
}
