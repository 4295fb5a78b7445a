//! Loading: what the store holds of the things that a batch touches, in a few statements.
//!
//! First half of the writer's transaction. Invariant: the counter is locked before anything is read, so that nothing
//! read here can change before the commit.

use std::collections::HashSet;

use florilege_engine::change::Change;
use florilege_engine::ids::{EventId, OfferId, UserId, VenueId};

use super::batch::{Batch, ReaderSlot, Slot};
use super::error::StoreError;
use super::names;
use super::sql::{Backend, Tx, Value};

/// Where the numbers stand.
pub(super) struct Counter {
    pub(super) sequence: i64,
    pub(super) reader: i64,
    /// When the last entry was written; times in the log never go back, whatever the clock does.
    pub(super) at: i64,
}

/// Locks and reads the counter: from here to the commit, this transaction writes alone.
pub(super) async fn counter(tx: &mut Tx) -> Result<Counter, StoreError> {
    let sql = match tx.backend() {
        Backend::Sqlite => "SELECT sequence, reader, at FROM counter",
        Backend::Postgres => "SELECT sequence, reader, at FROM counter FOR UPDATE",
    };
    let row = tx.row(sql, Vec::new()).await?;
    let row = row.ok_or_else(|| StoreError::Damaged("the counter is gone".to_owned()))?;
    Ok(Counter {
        sequence: row.int(0)?,
        reader: row.int(1)?,
        at: row.int(2)?,
    })
}

/// What a batch asks the store about.
#[derive(Default)]
struct Wanted<'a> {
    /// Offers whose body is needed.
    bodies: HashSet<&'a OfferId>,
    /// Offers of which it is enough to know that they are there, and since when.
    offers: HashSet<&'a OfferId>,
    venues: HashSet<&'a VenueId>,
    /// Offers that events name: their bodies are needed too, and those of their venues.
    acted_on: HashSet<&'a OfferId>,
    /// Where the offers take place that the batch brings.
    brought: Vec<(&'a OfferId, &'a VenueId)>,
    readers: HashSet<&'a UserId>,
    events: HashSet<&'a EventId>,
}

impl<'a> Wanted<'a> {
    fn note(&mut self, change: &'a Change) {
        self.readers.extend(names::mentioned(change));
        if let Change::OfferUpsert(offer) = change {
            self.brought
                .extend(offer.venue_id.as_ref().map(|venue| (&offer.id, venue)));
        }
        match change {
            Change::OfferStock(id, _) => _ = self.bodies.insert(id),
            Change::OfferDelete(id) => _ = self.offers.insert(id),
            Change::OfferUpsert(offer) if offer.updated_at.is_some() => _ = self.offers.insert(&offer.id),
            Change::VenueDelete(id) => _ = self.venues.insert(id),
            Change::Event(event) => {
                self.events.insert(&event.id);
                self.acted_on.extend(&event.offer_id);
                self.bodies.extend(&event.offer_id);
            }
            Change::OfferUpsert(_)
            | Change::VenueUpsert(_)
            | Change::UserUpsert(_)
            | Change::UserErase(_)
            | Change::Document(_) => {}
        }
    }
}

/// A batch that knows what the changes will touch.
pub(super) async fn batch<'a>(
    tx: &mut Tx,
    counter: &Counter,
    changes: impl Iterator<Item = &'a Change>,
) -> Result<Batch, StoreError> {
    let mut wanted = Wanted::default();
    changes.for_each(|change| wanted.note(change));
    let mut batch = Batch {
        sequence: counter.sequence,
        last_reader: counter.reader,
        ..Batch::default()
    };
    offers(tx, &mut batch, &wanted).await?;
    venues(tx, &mut batch, &wanted).await?;
    readers(tx, &mut batch, wanted.readers.iter().copied()).await?;
    events(tx, &mut batch, &wanted).await?;
    Ok(batch)
}

async fn offers(tx: &mut Tx, batch: &mut Batch, wanted: &Wanted<'_>) -> Result<(), StoreError> {
    let light = wanted
        .offers
        .difference(&wanted.bodies)
        .map(|id| Value::from(id.as_str()));
    let light = tx
        .among("SELECT id, updated_at, NULL FROM offers WHERE id", light.collect())
        .await?;
    let heavy = wanted.bodies.iter().map(|id| Value::from(id.as_str()));
    let heavy = tx
        .among("SELECT id, updated_at, body FROM offers WHERE id", heavy.collect())
        .await?;
    for row in light.iter().chain(&heavy) {
        let slot = Slot {
            exists: true,
            updated_at: row.maybe_int(1)?,
            body: row.maybe_text(2)?,
            dirty: false,
        };
        batch.offers.insert(checked(OfferId::new(&row.text(0)?))?, slot);
    }
    Ok(())
}

async fn venues(tx: &mut Tx, batch: &mut Batch, wanted: &Wanted<'_>) -> Result<(), StoreError> {
    let brought = wanted
        .brought
        .iter()
        .filter(|(offer, _)| wanted.acted_on.contains(offer));
    let mut ids: HashSet<VenueId> = brought.map(|(_, venue)| (*venue).clone()).collect();
    ids.extend(wanted.venues.iter().copied().cloned());
    let acted_on = wanted.acted_on.iter().filter_map(|id| batch.offers.get(*id));
    ids.extend(acted_on.filter_map(|slot| venue_of(slot.body.as_deref()?)));
    let ids = ids.iter().map(|id| Value::from(id.as_str())).collect();
    for row in tx.among("SELECT id, body FROM venues WHERE id", ids).await? {
        let slot = Slot {
            exists: true,
            body: row.maybe_text(1)?,
            ..Slot::default()
        };
        batch.venues.insert(checked(VenueId::new(&row.text(0)?))?, slot);
    }
    Ok(())
}

/// The venue of a stored offer.
fn venue_of(offer: &str) -> Option<VenueId> {
    #[derive(serde::Deserialize)]
    struct Placed {
        venue_id: Option<VenueId>,
    }
    serde_json::from_str::<Placed>(offer).ok()?.venue_id
}

/// Loads readers into a batch.
pub(super) async fn readers<'a>(
    tx: &mut Tx,
    batch: &mut Batch,
    ids: impl Iterator<Item = &'a UserId>,
) -> Result<(), StoreError> {
    let hashes = ids.map(|id| Value::from(names::hash(id))).collect();
    let head = "SELECT names.id, names.reader, profiles.personalisation \
                FROM names LEFT JOIN profiles ON profiles.reader = names.reader WHERE names.hash";
    for row in tx.among(head, hashes).await? {
        let personalisation = row.maybe_int(2)?;
        let slot = ReaderSlot {
            number: Some(row.int(1)?),
            has_profile: personalisation.is_some(),
            personalised: personalisation == Some(1),
            ..ReaderSlot::default()
        };
        batch.readers.insert(names::id_of(&row, 0)?, slot);
    }
    Ok(())
}

async fn events(tx: &mut Tx, batch: &mut Batch, wanted: &Wanted<'_>) -> Result<(), StoreError> {
    let ids = wanted.events.iter().map(|id| Value::from(id.as_str())).collect();
    for row in tx.among("SELECT id, reader FROM events WHERE id", ids).await? {
        let id = checked(EventId::new(&row.text(0)?))?;
        batch.known_events.insert(id, row.int(1)?);
    }
    Ok(())
}

pub(super) fn checked<T, E: std::fmt::Display>(id: Result<T, E>) -> Result<T, StoreError> {
    id.map_err(|error| StoreError::Damaged(error.to_string()))
}
