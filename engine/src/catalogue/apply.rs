//! Changes become the next state: the only code that writes to a catalogue.
//!
//! Invariant: after every change the row, its work, its venue, its place and the two orders of its category agree;
//! a change that touches none of an offer's places in those (a price, a date) touches none of them.

use std::sync::Arc;

use jiff::tz::TimeZone;

use super::acts::Work;
use super::row::{ItemIx, OfferRow, Row, VenueIx};
use super::{Catalogue, ItemRow, Reader, VenueRow};
use crate::change::{Change, Sequence};
use crate::document::{DocumentKind, Publication};
use crate::event::Event;
use crate::ids::{ItemId, OfferId, UserId, VenueId};
use crate::offer::{Offer, StockPatch};
use crate::persona::Personas;
use crate::taxonomy::Kind;
use crate::user::User;
use crate::venue::Venue;

/// The clock of a venue that names none.
const DEFAULT_ZONE: &str = "Europe/Paris";

/// What a change did to the texts that can be searched.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Touched {
    /// Rows whose text is new or other than before.
    pub put: Vec<Row>,
    /// Rows that are gone.
    pub removed: Vec<Row>,
}

impl Catalogue {
    /// Applies one entry of the log. What cannot be applied (a stock for an offer that is gone) changes nothing but
    /// the sequence: the writer has already answered for it.
    pub fn apply(&mut self, sequence: Sequence, change: &Change) -> Touched {
        let mut touched = Touched::default();
        match change {
            Change::OfferUpsert(offer) => touched.put.extend(self.upsert_offer(offer)),
            Change::OfferDelete(id) => touched.removed.extend(self.delete_offer(id)),
            Change::OfferStock(id, patch) => self.patch_stock(id, patch),
            Change::VenueUpsert(venue) => touched.put = self.upsert_venue(venue),
            Change::VenueDelete(id) => touched.put = self.delete_venue(id),
            Change::UserUpsert(user) => self.upsert_user(user),
            Change::UserErase(id) => self.erase_user(id),
            Change::Event(event) => self.note_event(event),
            Change::Document(publication) => self.publish(publication),
        }
        self.sequence = sequence;
        touched
    }

    /// Ends a batch: what is better done once than for every change.
    pub fn settle(&mut self) {
        self.places.settle();
    }

    /// Skips an entry whose content was erased.
    pub fn skip(&mut self, sequence: Sequence) {
        self.sequence = sequence;
    }

    /// The next row of an artefact: an offer, or the hole that one left.
    pub(crate) fn restore_offer(&mut self, offer: Option<&Offer>) {
        let row = self.push_row();
        let Some(offer) = offer else {
            self.free_rows.push(row);
            return;
        };
        self.by_id.insert(offer.id.clone(), row);
        self.counts.offers += 1;
        let columns = self.columns(offer);
        self.replace(row, columns);
    }

    /// A venue of an artefact.
    pub(crate) fn restore_venue(&mut self, venue: Option<&Venue>) {
        venue.into_iter().for_each(|venue| drop(self.upsert_venue(venue)));
    }

    /// A published document of an artefact.
    pub(crate) fn restore_document(&mut self, publication: &Publication) {
        self.publish(publication);
    }

    /// Ends a restoration: the state stands at an entry of the log.
    pub(crate) fn restored(&mut self, sequence: Sequence) {
        self.settle();
        self.sequence = sequence;
    }

    fn upsert_offer(&mut self, offer: &Offer) -> Option<Row> {
        let known = self.find(offer.id.as_str());
        let same_text = known
            .and_then(|row| self.document(row))
            .is_some_and(|old| says_the_same(&old, offer));
        let row = known.unwrap_or_else(|| self.new_row(&offer.id));
        let columns = self.columns(offer)?;
        self.replace(row, Some(columns));
        (!same_text).then_some(row)
    }

    fn new_row(&mut self, id: &OfferId) -> Row {
        let row = match self.free_rows.pop() {
            Some(row) => row,
            None => self.push_row(),
        };
        self.by_id.insert(id.clone(), row);
        self.counts.offers += 1;
        row
    }

    fn push_row(&mut self) -> Row {
        self.glances.push();
        Row(u32::try_from(self.offers.push(None)).unwrap_or(u32::MAX))
    }

    fn delete_offer(&mut self, id: &OfferId) -> Option<Row> {
        let row = self.by_id.remove(id)?;
        self.replace(row, None);
        self.free_rows.push(row);
        self.counts.offers -= 1;
        Some(row)
    }

    fn patch_stock(&mut self, id: &OfferId, patch: &StockPatch) {
        let Some(row) = self.find(id.as_str()) else { return };
        let Some(mut offer) = self.document(row) else { return };
        offer.patch(patch);
        if let Some(columns) = self.columns(&offer) {
            self.replace(row, Some(columns));
        }
    }

    /// The columns of an offer; none if its subcategory is not of this taxonomy, which the check has excluded.
    fn columns(&mut self, offer: &Offer) -> Option<OfferRow> {
        let subcategory = self.taxonomy.find(&offer.subcategory)?;
        let sub = self.taxonomy.subcategory(subcategory).clone();
        let venue = offer.venue_id.as_ref().map(|id| self.venue_ix(id));
        let mut dates: Vec<i64> = offer.dates.iter().map(|date| date.millis()).collect();
        dates.sort_unstable();
        let mut columns = OfferRow {
            id: offer.id.clone(),
            print: crate::pipeline::fingerprint(offer.id.as_str()),
            item: self.item_ix(offer.item()),
            venue,
            place: self.place_of(offer, venue, sub.kind),
            subcategory,
            category: sub.category,
            search_group: sub.search_group,
            kind: sub.kind,
            bookable: offer.bookable && offer.stock != Some(0),
            waiting: venue
                .and_then(|venue| self.venue(venue))
                .is_some_and(|venue| venue.document.is_none()),
            duo: offer.duo,
            accessibility: offer.accessibility,
            price: offer.price_cents,
            min_age: offer.min_age,
            max_age: offer.max_age,
            until: dates.last().copied().unwrap_or(i64::MAX),
            dates: dates.into(),
            opens_at: offer.booking_opens_at.map(|at| at.millis()),
            published_at: offer.published_at.map(|at| at.millis()),
            bookings: [
                offer.popularity.bookings_7d,
                offer.popularity.bookings_14d,
                offer.popularity.bookings_28d,
            ],
            likes: offer.popularity.likes,
            labels: self.label_bits(offer.labels.iter().map(String::as_str)),
            genres: self.words.numbers(&offer.genres),
            creators: self.words.lent(&offer.creators),
            tags: self.words.lent(&offer.tags),
            language: offer.language.as_deref().map(|language| self.words.number(language)),
            vector: offer
                .vector
                .as_deref()
                .filter(|vector| !vector.is_empty())
                .map(Arc::from),
            document: Arc::from(serde_json::to_string(offer).unwrap_or_default()),
        };
        columns.labels |= self.given_labels(&columns);
        Some(columns)
    }

    fn place_of(&mut self, offer: &Offer, venue: Option<VenueIx>, kind: Kind) -> Option<super::PlaceIx> {
        if kind == Kind::Digital {
            return None;
        }
        let own = offer.position.map(|position| self.places.at(position));
        own.or_else(|| venue.and_then(|venue| self.venue(venue)).and_then(|venue| venue.place))
    }

    fn item_ix(&mut self, id: ItemId) -> ItemIx {
        if let Some(item) = self.item_ids.get(&id) {
            return *item;
        }
        let row = Some(ItemRow::new(id.clone()));
        let item = match self.free_items.pop() {
            Some(item) => {
                self.items
                    .get_mut(item.0 as usize)
                    .into_iter()
                    .for_each(|slot| slot.clone_from(&row));
                item
            }
            None => ItemIx(u32::try_from(self.items.push(row)).unwrap_or(u32::MAX)),
        };
        self.item_ids.insert(id, item);
        self.counts.items += 1;
        item
    }

    pub(super) fn venue_ix(&mut self, id: &VenueId) -> VenueIx {
        if let Some(venue) = self.venue_ids.get(id) {
            return *venue;
        }
        let awaited = VenueRow {
            id: id.clone(),
            document: None,
            place: None,
            territories: Box::default(),
            department: None,
            kind: None,
            zone: zone(None),
            rows: Arc::default(),
        };
        let venue = VenueIx(u32::try_from(self.venues.push(awaited)).unwrap_or(u32::MAX));
        self.venue_ids.insert(id.clone(), venue);
        venue
    }

    fn upsert_venue(&mut self, venue: &Venue) -> Vec<Row> {
        let number = self.venue_ix(&venue.id);
        let place = venue.position.map(|position| self.places.at(position));
        let territories = self.words.numbers(&venue.territories);
        let kind = venue.kind.as_deref().map(|kind| self.words.number(kind));
        let Some(slot) = self.venues.get_mut(number.0 as usize) else {
            return Vec::new();
        };
        let same_text = slot
            .document
            .as_ref()
            .is_some_and(|old| old.name == venue.name && old.city == venue.city);
        self.counts.venues += usize::from(slot.document.is_none());
        slot.document = Some(Arc::new(venue.clone()));
        slot.place = place;
        slot.territories = territories;
        slot.department = venue.known_department();
        slot.kind = kind;
        slot.zone = zone(venue.time_zone.as_deref());
        let rows = Arc::clone(&slot.rows);
        self.refresh(&rows);
        if same_text { Vec::new() } else { rows.to_vec() }
    }

    fn delete_venue(&mut self, id: &VenueId) -> Vec<Row> {
        let Some(number) = self.find_venue(id.as_str()) else {
            return Vec::new();
        };
        let Some(slot) = self.venues.get_mut(number.0 as usize) else {
            return Vec::new();
        };
        self.counts.venues -= usize::from(slot.document.is_some());
        slot.document = None;
        slot.place = None;
        slot.territories = Box::default();
        slot.department = None;
        slot.kind = None;
        let rows = Arc::clone(&slot.rows);
        self.refresh(&rows);
        rows.to_vec()
    }

    /// Computes again what offers take from their venue and from labels.
    pub(super) fn refresh(&mut self, rows: &[Row]) {
        for row in rows {
            let Some(offer) = self.document(*row) else { continue };
            if let Some(columns) = self.columns(&offer) {
                self.replace(*row, Some(columns));
            }
        }
    }

    fn upsert_user(&mut self, user: &User) {
        self.counts.users += usize::from(!self.readers.contains_key(&user.id));
        let reader = Arc::make_mut(self.readers.entry(user.id.clone()).or_default());
        if !user.consents.personalisation {
            self.acts.forget(&user.id);
            self.steps.forget(&reader.practice);
        }
        reader.describe(user);
    }

    fn erase_user(&mut self, id: &UserId) {
        self.acts.erase(id);
        let Some(reader) = self.readers.remove(id) else { return };
        self.counts.users -= 1;
        self.steps.forget(&reader.practice);
    }

    fn note_event(&mut self, event: &Event) {
        let consents = |reader: &Arc<Reader>| reader.is_personal();
        if !self.readers.get(&event.user_id).is_some_and(consents) {
            return;
        }
        // Taken out while it changes: it is copied only where another generation holds it.
        let Some(mut reader) = self.readers.remove(&event.user_id) else {
            return;
        };
        let taken: Vec<_> = reader.practice.taken().collect();
        let step = self.learn(Arc::make_mut(&mut reader), event);
        self.readers.insert(event.user_id.clone(), reader);
        if let Some(step) = step {
            self.steps.note(&taken, step);
        }
        let work = self.act(event).and_then(|act| {
            let item = act.subject.item;
            Some(Work::new(self.find_item(item.as_str())?, item.as_str()))
        });
        self.acts.note(event, work);
    }

    /// What was published stands; a persona over the built-in one, until it is archived.
    fn publish(&mut self, publication: &Publication) {
        match publication.kind {
            DocumentKind::Labels => self.relabel(publication),
            DocumentKind::Personas => {
                self.editorial.apply(publication);
                let published = self.editorial.personas().iter().map(|persona| &persona.body);
                self.personas = Arc::new(Personas::with_published(published, &self.taxonomy));
            }
            DocumentKind::Playlists
            | DocumentKind::Homes
            | DocumentKind::Scenarios
            | DocumentKind::Synonyms
            | DocumentKind::Experiments
            | DocumentKind::Calendars
            | DocumentKind::Closures => self.editorial.apply(publication),
        }
    }
}

/// Whether two versions of an offer are found by the same words.
fn says_the_same(old: &Offer, new: &Offer) -> bool {
    let words = |offer: &Offer| {
        (
            offer.title.clone(),
            offer.description.clone(),
            offer.creators.clone(),
            offer.item(),
        )
    };
    let themes = |offer: &Offer| (offer.genres.clone(), offer.tags.clone(), offer.subcategory.clone());
    let codes = |offer: &Offer| (offer.venue_id.clone(), offer.attributes.clone());
    words(old) == words(new) && themes(old) == themes(new) && codes(old) == codes(new)
}

/// The named zone, or the default one.
fn zone(name: Option<&str>) -> TimeZone {
    let zones = jiff::tz::db();
    name.and_then(|name| zones.get(name).ok())
        .or_else(|| zones.get(DEFAULT_ZONE).ok())
        .unwrap_or(TimeZone::UTC)
}
