//! A batch of changes, played in memory against what the store holds: the fate of each, and what to write.
//!
//! The writer loads what a batch touches, plays it here, saves the result in the same transaction. Invariant: after
//! each change the batch is as if all changes so far had been written one by one.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use florilege_engine::change::{Change, Sequence};
use florilege_engine::event::{Event, Facts, Then};
use florilege_engine::ids::{EventId, OfferId, UserId, VenueId};
use florilege_engine::invalid::{Code, Fault};
use florilege_engine::offer::{Offer, StockPatch};
use florilege_engine::user::User;
use florilege_engine::venue::Venue;

use super::answer::{Ignored, Outcome};
use super::error::StoreError;
use super::names::{Number, sealed};

/// A document by its identifier: what stands, and whether this batch has changed it.
#[derive(Debug, Default)]
pub(super) struct Slot {
    pub(super) exists: bool,
    /// Its body, where the batch needs it or has written it.
    pub(super) body: Option<String>,
    /// Microseconds since 1970.
    pub(super) updated_at: Option<i64>,
    pub(super) dirty: bool,
}

/// A reader: number, profile and consent.
#[derive(Debug, Default)]
pub(super) struct ReaderSlot {
    pub(super) number: Option<Number>,
    pub(super) has_profile: bool,
    pub(super) personalised: bool,
    /// The sealed profile, when this batch has written it.
    pub(super) body: Option<String>,
    /// Whether the number was given by this batch.
    pub(super) is_new: bool,
}

/// A line of the log to be.
#[derive(Debug)]
pub(super) struct LogLine {
    pub(super) sequence: i64,
    pub(super) op: &'static str,
    pub(super) reader: Option<Number>,
    pub(super) body: Option<String>,
}

/// An event to be kept.
#[derive(Debug)]
pub(super) struct EventLine {
    pub(super) id: EventId,
    pub(super) reader: Number,
    pub(super) sequence: i64,
    pub(super) body: String,
}

/// The batch in memory; loaded by `load`, written by `save`.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) sequence: i64,
    pub(super) last_reader: Number,
    pub(super) offers: HashMap<OfferId, Slot>,
    pub(super) venues: HashMap<VenueId, Slot>,
    pub(super) readers: HashMap<UserId, ReaderSlot>,
    /// Events that are there already, of this batch or before, and whose they are.
    pub(super) known_events: HashMap<EventId, Number>,
    pub(super) events: Vec<EventLine>,
    pub(super) log: Vec<LogLine>,
    /// Readers to erase from the tables.
    pub(super) erased: Vec<(Number, UserId)>,
    /// Readers who no longer agree to be learnt from: their events go.
    pub(super) forgotten: Vec<Number>,
}

impl Batch {
    /// Plays one change.
    pub(super) fn play(&mut self, change: Change) -> Result<Outcome, StoreError> {
        match change {
            Change::OfferUpsert(offer) => self.upsert_offer(&offer),
            Change::OfferDelete(id) => Ok(self.delete_offer(id)),
            Change::OfferStock(id, patch) => self.patch_offer(id, patch),
            Change::VenueUpsert(venue) => self.upsert_venue(*venue),
            Change::VenueDelete(id) => Ok(self.delete_venue(id)),
            Change::UserUpsert(user) => self.upsert_user(*user),
            Change::UserErase(id) => self.erase_user(&id),
            Change::Event(event) => self.keep_event(*event),
            Change::Document(_) => Ok(Outcome::Rejected(Fault::new(
                "/op",
                Code::UnknownOp,
                "documents are published by the editing calls",
            ))),
        }
    }

    fn append(&mut self, op: &'static str, reader: Option<Number>, body: String) -> Outcome {
        self.sequence += 1;
        self.log.push(LogLine {
            sequence: self.sequence,
            op,
            reader,
            body: Some(body),
        });
        Outcome::Applied(Sequence(self.sequence.unsigned_abs()))
    }

    fn upsert_offer(&mut self, offer: &Offer) -> Result<Outcome, StoreError> {
        let updated_at = offer.updated_at.map(|at| at.timestamp().as_microsecond());
        let slot = self.offers.entry(offer.id.clone()).or_default();
        let is_older = updated_at.zip(slot.updated_at).is_some_and(|(new, old)| new < old);
        if slot.exists && is_older {
            return Ok(Outcome::Ignored(Ignored::Older));
        }
        let body = json(offer)?;
        let line = format!(r#"{{"op":"offer.upsert","offer":{body}}}"#);
        slot.set(Some(body), updated_at);
        Ok(self.append("offer.upsert", None, line))
    }

    fn delete_offer(&mut self, id: OfferId) -> Outcome {
        let Some(slot) = self.offers.get_mut(&id).filter(|slot| slot.exists) else {
            return unknown("offer", id.as_str());
        };
        slot.set(None, None);
        self.append("offer.delete", None, Change::OfferDelete(id).to_line())
    }

    fn patch_offer(&mut self, id: OfferId, patch: StockPatch) -> Result<Outcome, StoreError> {
        let Some(slot) = self.offers.get_mut(&id).filter(|slot| slot.exists) else {
            return Ok(unknown("offer", id.as_str()));
        };
        let body = slot.body.as_deref().unwrap_or_default();
        let Ok(mut offer) = serde_json::from_str::<Offer>(body) else {
            let message = format!("the offer {id} cannot be read any more, send it anew");
            return Ok(Outcome::Rejected(Fault::new("/id", Code::InvalidValue, message)));
        };
        offer.patch(&patch);
        let updated_at = slot.updated_at;
        slot.set(Some(json(&offer)?), updated_at);
        Ok(self.append("offer.stock", None, Change::OfferStock(id, patch).to_line()))
    }

    fn upsert_venue(&mut self, venue: Venue) -> Result<Outcome, StoreError> {
        let body = json(&venue)?;
        self.venues.entry(venue.id.clone()).or_default().set(Some(body), None);
        Ok(self.append("venue.upsert", None, Change::VenueUpsert(Box::new(venue)).to_line()))
    }

    fn delete_venue(&mut self, id: VenueId) -> Outcome {
        let Some(slot) = self.venues.get_mut(&id).filter(|slot| slot.exists) else {
            return unknown("venue", id.as_str());
        };
        slot.set(None, None);
        self.append("venue.delete", None, Change::VenueDelete(id).to_line())
    }

    fn upsert_user(&mut self, user: User) -> Result<Outcome, StoreError> {
        let number = self.number(&user.id);
        let friends: Result<Vec<UserId>, StoreError> =
            user.friends.iter().map(|friend| sealed(self.number(friend))).collect();
        let personalised = user.consents.personalisation;
        let id = user.id.clone();
        let user = User {
            id: sealed(number)?,
            friends: friends?,
            ..user
        };
        let body = json(&user)?;
        let slot = self.readers.entry(id).or_default();
        let has_withdrawn = slot.personalised && !personalised;
        (slot.has_profile, slot.personalised, slot.body) = (true, personalised, Some(body));
        if has_withdrawn {
            self.forget(number, |line| line.op == "event");
            self.forgotten.push(number);
        }
        let line = Change::UserUpsert(Box::new(user)).to_line();
        Ok(self.append("user.upsert", Some(number), line))
    }

    fn erase_user(&mut self, id: &UserId) -> Result<Outcome, StoreError> {
        let found = self.readers.get_mut(id).and_then(|slot| std::mem::take(slot).number);
        let Some(number) = found else {
            return Ok(unknown("user", id.as_str()));
        };
        self.forget(number, |_| true);
        self.erased.push((number, id.clone()));
        let line = Change::UserErase(sealed(number)?).to_line();
        Ok(self.append("user.erase", None, line))
    }

    fn keep_event(&mut self, event: Event) -> Result<Outcome, StoreError> {
        let reader = self.readers.get(&event.user_id).filter(|slot| slot.personalised);
        let Some(number) = reader.and_then(|slot| slot.number) else {
            return Ok(Outcome::Ignored(Ignored::NoConsent));
        };
        match self.known_events.entry(event.id.clone()) {
            Entry::Occupied(_) => return Ok(Outcome::Ignored(Ignored::Duplicate)),
            Entry::Vacant(place) => _ = place.insert(number),
        }
        let to = event
            .to_user_id
            .as_ref()
            .map(|to| sealed(self.number(to)))
            .transpose()?;
        let event = Event {
            user_id: sealed(number)?,
            to_user_id: to,
            then: event.offer_id.as_ref().map(|offer| self.then(offer)),
            ..event
        };
        let (id, body) = (event.id.clone(), json(&event)?);
        let outcome = self.append("event", Some(number), Change::Event(Box::new(event)).to_line());
        self.events.push(EventLine {
            id,
            reader: number,
            sequence: self.sequence,
            body,
        });
        Ok(outcome)
    }

    /// What an offer is at this moment of the batch.
    fn then(&self, id: &OfferId) -> Then {
        let body = self.offers.get(id).and_then(|slot| slot.body.as_deref());
        let Some(offer) = body.and_then(|body| serde_json::from_str::<Offer>(body).ok()) else {
            return Then::Unknown;
        };
        let venue = offer.venue_id.as_ref().and_then(|venue| self.venues.get(venue));
        let venue = venue.and_then(|slot| serde_json::from_str::<Venue>(slot.body.as_deref()?).ok());
        Then::Known(Box::new(Facts::of(&offer, venue.and_then(|venue| venue.kind))))
    }

    /// Drops what this batch itself holds of a reader's events, and empties the log lines of that kind.
    fn forget(&mut self, reader: Number, kind: impl Fn(&LogLine) -> bool) {
        self.events.retain(|event| event.reader != reader);
        self.known_events.retain(|_, owner| *owner != reader);
        let lines = self
            .log
            .iter_mut()
            .filter(|line| line.reader == Some(reader) && kind(line));
        lines.for_each(|line| line.body = None);
    }

    /// The reader's number, a new one for somebody never met.
    pub(super) fn number(&mut self, id: &UserId) -> Number {
        let slot = self.readers.entry(id.clone()).or_default();
        *slot.number.get_or_insert_with(|| {
            self.last_reader += 1;
            slot.is_new = true;
            self.last_reader
        })
    }
}

impl Slot {
    fn set(&mut self, body: Option<String>, updated_at: Option<i64>) {
        *self = Self {
            exists: body.is_some(),
            body,
            updated_at,
            dirty: true,
        };
    }
}

fn unknown(what: &str, id: &str) -> Outcome {
    let message = format!("there is no {what} {id}");
    Outcome::Rejected(Fault::new("/id", Code::NotFound, message))
}

pub(super) fn json<T: serde::Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Damaged(error.to_string()))
}
