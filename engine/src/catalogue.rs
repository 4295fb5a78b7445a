//! The catalogue in memory: one generation, immutable for its readers, cheap to copy for the next.
//!
//! Everything that serving reads comes from here. Changes go in by [`Catalogue::apply`] alone, in the order of the
//! log. Invariant: the state, and so every answer, is a function of the log up to [`Catalogue::sequence`], not of how
//! it was cut into batches.

pub mod acts;
mod ahead;
mod apply;
pub mod chunked;
pub mod glance;
mod item;
mod labels;
mod links;
pub mod places;
mod postings;
pub mod practice;
mod reader;
pub mod row;
pub mod standing;
pub mod steps;
mod then;
pub mod words;

use std::cmp::Reverse;
use std::sync::Arc;

use roaring::RoaringBitmap;
use rustc_hash::FxBuildHasher;

use crate::change::Sequence;
use crate::department::Department;
use crate::editorial::Editorial;
use crate::event::Event;
use crate::ids::{ItemId, OfferId, UserId, VenueId};
use crate::model::Shelf;
use crate::offer::Offer;
use crate::persona::Personas;
use crate::taxonomy::Taxonomy;
use crate::venue::Venue;
use acts::Acts;
use chunked::Chunked;
use glance::{Glance, Glances};
pub use item::ItemRow;
use places::{PlaceIx, Places};
pub use postings::Postings;
use practice::{About, Act, Subject};
pub use reader::{Purse, Reader};
use row::{ItemIx, OfferRow, Row, VenueIx};
use steps::Steps;
use words::{Word, Words};

type Map<K, V> = imbl::GenericHashMap<K, V, FxBuildHasher, imbl::shared_ptr::DefaultSharedPtr>;

/// A venue and its offers; it may be awaited.
#[derive(Debug, Clone)]
pub struct VenueRow {
    /// Its identifier.
    pub id: VenueId,
    /// The venue, once it has come.
    pub document: Option<Arc<Venue>>,
    /// Where it stands.
    pub place: Option<PlaceIx>,
    /// Its territories.
    pub territories: Box<[Word]>,
    /// Its department, by what it says of it, else by its postal code.
    pub department: Option<&'static Department>,
    /// What kind of venue it is.
    pub kind: Option<Word>,
    /// Its clock.
    pub zone: jiff::tz::TimeZone,
    /// Every offer that names it.
    pub rows: Arc<Vec<Row>>,
}

/// An offer in an order of its category: highest key first, then by identifier.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ranked {
    key: Reverse<i64>,
    id: OfferId,
    row: Row,
}

impl Ranked {
    /// The offer.
    pub const fn row(&self) -> Row {
        self.row
    }
}

type Order = imbl::OrdSet<Ranked>;

/// Offered rows of a category in an order that means nothing: by the fingerprint of their identifiers.
type Drawn = imbl::OrdSet<(u64, Row)>;

/// How much there is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    /// Offers.
    pub offers: usize,
    /// Works.
    pub items: usize,
    /// Venues that have come.
    pub venues: usize,
    /// Offers whose venue has not.
    pub waiting: usize,
    /// Readers.
    pub users: usize,
}

/// One generation of everything served.
#[derive(Debug, Clone)]
pub struct Catalogue {
    taxonomy: Arc<Taxonomy>,
    sequence: Sequence,
    offers: Chunked<Option<OfferRow>>,
    glances: Glances,
    free_rows: Vec<Row>,
    by_id: Map<OfferId, Row>,
    items: Chunked<Option<ItemRow>>,
    free_items: Vec<ItemIx>,
    item_ids: Map<ItemId, ItemIx>,
    venues: Chunked<VenueRow>,
    venue_ids: Map<VenueId, VenueIx>,
    places: Places,
    unplaced: Vec<Arc<RoaringBitmap>>,
    words: Words,
    popular: Vec<Order>,
    newest: Vec<Order>,
    labelled: Vec<Order>,
    surging: Vec<Order>,
    drawn: Vec<Drawn>,
    postings: Postings,
    vectors: Arc<RoaringBitmap>,
    acts: Acts,
    readers: Map<UserId, Arc<Reader>>,
    editorial: Editorial,
    steps: Steps,
    personas: Arc<Personas>,
    models: Arc<Shelf>,
    counts: Counts,
}

impl Catalogue {
    /// Nothing yet.
    pub fn empty(taxonomy: Arc<Taxonomy>) -> Self {
        let categories = taxonomy.categories().count();
        Self {
            personas: Arc::new(Personas::built_in(&taxonomy)),
            steps: Steps::new(categories),
            taxonomy,
            sequence: Sequence::default(),
            offers: Chunked::default(),
            glances: Glances::default(),
            free_rows: Vec::new(),
            by_id: Map::default(),
            items: Chunked::default(),
            free_items: Vec::new(),
            item_ids: Map::default(),
            venues: Chunked::default(),
            venue_ids: Map::default(),
            places: Places::default(),
            unplaced: vec![Arc::default(); categories],
            words: Words::default(),
            popular: vec![Order::new(); categories],
            newest: vec![Order::new(); categories],
            labelled: vec![Order::new(); categories],
            surging: vec![Order::new(); categories],
            drawn: vec![Drawn::new(); categories],
            postings: Postings::default(),
            vectors: Arc::default(),
            acts: Acts::default(),
            readers: Map::default(),
            editorial: Editorial::default(),
            models: Arc::default(),
            counts: Counts::default(),
        }
    }

    /// The last entry of the log that has been applied.
    pub const fn sequence(&self) -> Sequence {
        self.sequence
    }

    /// What the offers' subcategories mean.
    pub fn taxonomy(&self) -> &Taxonomy {
        &self.taxonomy
    }

    /// The same, to share.
    pub fn shared_taxonomy(&self) -> Arc<Taxonomy> {
        Arc::clone(&self.taxonomy)
    }

    /// How much there is.
    pub const fn counts(&self) -> Counts {
        self.counts
    }

    /// One more than the highest row number in use.
    pub fn row_bound(&self) -> usize {
        self.offers.len()
    }

    /// One more than the highest number of a work in use.
    pub fn item_bound(&self) -> usize {
        self.items.len()
    }

    /// The columns of a live offer.
    pub fn offer(&self, row: Row) -> Option<&OfferRow> {
        self.offers.get(row.index())?.as_ref()
    }

    /// An offer at a glance; rows that hold none do not stand.
    pub fn glance(&self, row: Row) -> Option<&Glance> {
        self.glances.get(row.index())
    }

    /// Every row at a glance, in their order.
    pub fn glances(&self) -> impl Iterator<Item = (Row, &Glance)> {
        self.glances.iter().zip(0u32..).map(|(glance, row)| (Row(row), glance))
    }

    /// Every live offer by row.
    pub fn offers(&self) -> impl Iterator<Item = (Row, &OfferRow)> {
        self.offers
            .iter()
            .zip(0u32..)
            .filter_map(|(offer, row)| Some((Row(row), offer.as_ref()?)))
    }

    /// The row of an offer.
    pub fn find(&self, id: &str) -> Option<Row> {
        self.by_id.get(id).copied()
    }

    /// The offer as it was written.
    pub fn document(&self, row: Row) -> Option<Offer> {
        serde_json::from_str(&self.offer(row)?.document).ok()
    }

    /// A work.
    pub fn item(&self, item: ItemIx) -> Option<&ItemRow> {
        self.items.get(item.0 as usize)?.as_ref()
    }

    /// The work of an identifier.
    pub fn find_item(&self, id: &str) -> Option<ItemIx> {
        self.item_ids.get(id).copied()
    }

    /// A venue, come or awaited.
    pub fn venue(&self, venue: VenueIx) -> Option<&VenueRow> {
        self.venues.get(venue.0 as usize)
    }

    /// The venue of an identifier.
    pub fn find_venue(&self, id: &str) -> Option<VenueIx> {
        self.venue_ids.get(id).copied()
    }

    /// Every venue that has come.
    pub fn venues(&self) -> impl Iterator<Item = &VenueRow> {
        self.venues.iter().filter(|venue| venue.document.is_some())
    }

    /// Places and what is near.
    pub const fn places(&self) -> &Places {
        &self.places
    }

    /// Offers without a place, of each category: digital ones, and those of which nobody said where.
    pub fn unplaced(&self) -> impl Iterator<Item = &RoaringBitmap> {
        self.unplaced.iter().map(Arc::as_ref)
    }

    /// Genres, creators, tags, territories, languages.
    pub const fn words(&self) -> &Words {
        &self.words
    }

    /// Offered rows of each category, most booked first.
    pub fn popular(&self) -> &[Order] {
        &self.popular
    }

    /// Offered rows of each category, last published first; those with no date of publication stand last.
    pub fn newest(&self) -> &[Order] {
        &self.newest
    }

    /// What editors have published.
    pub const fn editorial(&self) -> &Editorial {
        &self.editorial
    }

    /// Offered rows of each category that carry a label, most booked first.
    pub fn labelled(&self) -> &[Order] {
        &self.labelled
    }

    /// Offered rows of each category whose bookings of 7 days stand out of those of 28, by how much.
    pub fn surging(&self) -> &[Order] {
        &self.surging
    }

    /// Offered rows of each category by the fingerprint of their identifiers, to draw from.
    pub fn drawn(&self) -> &[Drawn] {
        &self.drawn
    }

    /// Offered rows by creator and by tag.
    pub const fn postings(&self) -> &Postings {
        &self.postings
    }

    /// Rows that came with a vector.
    pub fn vectors(&self) -> &RoaringBitmap {
        &self.vectors
    }

    /// What consenting readers did with works.
    pub const fn acts(&self) -> &Acts {
        &self.acts
    }

    /// What is known of a reader.
    pub fn reader(&self, id: &str) -> Option<&Arc<Reader>> {
        self.readers.get(id)
    }

    /// From which categories readers went on to which.
    pub const fn steps(&self) -> &Steps {
        &self.steps
    }

    /// The typical readers that stand.
    pub fn personas(&self) -> &Personas {
        &self.personas
    }

    /// The learnt models that stand beside the log: which of them makes a list, a published scenario says.
    pub fn models(&self) -> &Shelf {
        &self.models
    }

    /// Puts the learnt models there; once, before anything is served.
    pub fn shelve(&mut self, models: Arc<Shelf>) {
        self.models = models;
    }

    /// What an offer is, as far as diversity of practice goes.
    pub fn about<'a>(&self, offer: &'a OfferRow) -> About<'a> {
        About {
            category: offer.category,
            subcategory: offer.subcategory,
            venue: offer.venue,
            venue_kind: offer.venue.and_then(|venue| self.venue(venue)?.kind),
            genres: &offer.genres,
        }
    }

    /// An event in the numbers of the catalogue as it is; none where its offer is not known.
    pub fn act<'a>(&'a self, event: &Event) -> Option<Act<'a>> {
        let row = self.find(event.offer_id.as_ref()?.as_str())?;
        let offer = self.offer(row)?;
        Some(Act {
            kind: event.kind,
            value: event.value,
            at: event.at.millis(),
            subject: Subject {
                item: &self.item(offer.item)?.id,
                about: self.about(offer),
            },
        })
    }

    /// Every reader.
    pub fn readers(&self) -> impl Iterator<Item = (&UserId, &Arc<Reader>)> {
        self.readers.iter()
    }
}

#[cfg(test)]
mod tests;
