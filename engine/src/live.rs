//! The live engine: generations follow one another while readers read.
//!
//! A request takes one [`Generation`] and keeps it to its end; a batch of changes makes the next one. Invariant:
//! readers never wait for a writer and never see half a batch; catalogue and text of a generation stand at the same
//! entry of the log.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;

use crate::artefact::{self, ArtefactError, Manifest};
use crate::catalogue::row::Row;
use crate::catalogue::{Catalogue, Counts};
use crate::change::{Change, Sequence};
use crate::document::Publication;
use crate::home::{self, Feed, FeedRequest};
use crate::invalid::Invalid;
use crate::model::Shelf;
use crate::pipeline::{self, Asking, PageState, Recommended};
use crate::playlist::{self, Played, PlaylistRequest};
use crate::query::{RecommendationRequest, SearchRequest};
use crate::search::names::{Names, News};
use crate::search::suggest::{SuggestRequest, Suggestion};
use crate::search::wording::Wording;
use crate::search::{self, Found, SearchPage};
use crate::taxonomy::{Named, Taxonomy};
use crate::text::{self, TextDoc, TextError, TextIndex, TextReader};
use crate::time::Moment;

/// One immutable state of everything served.
#[derive(Clone)]
pub struct Generation {
    catalogue: Catalogue,
    text: TextReader,
    names: Names,
    wording: Arc<Wording>,
}

impl Generation {
    /// Where it stands in the log.
    pub const fn sequence(&self) -> Sequence {
        self.catalogue.sequence()
    }

    /// How much there is.
    pub const fn counts(&self) -> Counts {
        self.catalogue.counts()
    }

    /// Offers, venues, readers.
    pub const fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// The words of the offers.
    pub const fn text(&self) -> &TextReader {
        &self.text
    }

    /// The names of works, creators, venues and towns.
    pub const fn names(&self) -> &Names {
        &self.names
    }

    /// What editors say about words.
    pub fn wording(&self) -> &Wording {
        &self.wording
    }

    /// Completions of what somebody types.
    pub fn suggest(&self, asked: &SuggestRequest, now: Moment) -> Vec<Suggestion> {
        search::suggest::suggest(self, asked, now)
    }

    /// The same state, at the same entry of the log, with a document published that is not: what a draft would give.
    #[must_use]
    pub fn with_document(&self, publication: Publication) -> Self {
        let mut imagined = self.clone();
        let change = Change::Document(Box::new(publication));
        imagined.catalogue.apply(self.sequence(), &change);
        imagined
    }

    /// One ranked list; the request has passed its `check`, its seed and `now` are given by the caller.
    pub fn recommend(
        &self,
        request: &RecommendationRequest,
        page: Option<&PageState>,
        now: Moment,
    ) -> Result<Recommended, Invalid> {
        pipeline::execute(&self.catalogue, request, page, now)
    }

    /// The same, near to some works, without some sources, or with so much effort.
    pub fn recommend_asked(
        &self,
        request: &RecommendationRequest,
        asking: &Asking,
        page: Option<&PageState>,
        now: Moment,
    ) -> Result<Recommended, Invalid> {
        pipeline::execute_asked(&self.catalogue, request, asking, page, now)
    }

    /// A home page; the request has passed its `check`.
    pub fn feed(&self, request: &FeedRequest, now: Moment) -> Result<Feed, Invalid> {
        home::execute(self, request, now)
    }

    /// A published playlist for a reader; the request has passed its `check`. None where it is not published.
    pub fn playlist(
        &self,
        id: &str,
        request: &PlaylistRequest,
        page: Option<&PageState>,
        now: Moment,
    ) -> Result<Option<Played>, Invalid> {
        let found = self.catalogue.editorial().playlists().get(id);
        let played = found.map(|playlist| playlist::execute(self, playlist, request, page, now));
        played.transpose()
    }

    /// One page of a search; the request has passed its `check`.
    pub fn search(&self, request: &SearchRequest, page: Option<&SearchPage>, now: Moment) -> Result<Found, Invalid> {
        search::execute(self, request, page, now)
    }
}

/// What the engine is opened with, and what it has to say about it.
pub struct Opened {
    /// The engine, at the newest good artefact or empty.
    pub engine: Engine,
    /// What was refused on the way, and why.
    pub notes: Vec<String>,
}

/// The engine: one writer, any number of readers.
pub struct Engine {
    current: ArcSwap<Generation>,
    writer: Mutex<Writer>,
}

struct Writer {
    catalogue: Catalogue,
    text: TextIndex,
    names: Names,
    wording: Arc<Wording>,
}

impl Engine {
    /// An empty engine that lives in memory alone.
    pub fn in_memory(taxonomy: Arc<Taxonomy>) -> Result<Self, TextError> {
        Self::start(Catalogue::empty(taxonomy), TextIndex::in_memory()?)
    }

    /// Opens the newest good artefact under `dir`; with none, an empty engine. The log after its sequence is for the
    /// caller to apply.
    pub fn open(dir: &Path, taxonomy: &Arc<Taxonomy>) -> Result<Opened, ArtefactError> {
        let found = artefact::open_newest(dir, taxonomy)?;
        let engine = Self::start(found.catalogue, found.text)?;
        Ok(Opened {
            engine,
            notes: found.notes,
        })
    }

    fn start(catalogue: Catalogue, text: TextIndex) -> Result<Self, TextError> {
        let names = Names::of(&catalogue);
        let wording = Arc::new(Wording::of(&catalogue));
        let first = Generation {
            catalogue: catalogue.clone(),
            text: text.reader(),
            names: names.clone(),
            wording: Arc::clone(&wording),
        };
        Ok(Self {
            current: ArcSwap::from_pointee(first),
            writer: Mutex::new(Writer {
                catalogue,
                text,
                names,
                wording,
            }),
        })
    }

    /// Puts learnt models beside the catalogue; once, before anything is served.
    pub fn shelve(&self, models: Shelf) {
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        writer.catalogue.shelve(Arc::new(models));
        let mut next = Generation::clone(&self.generation());
        next.catalogue = writer.catalogue.clone();
        self.current.store(Arc::new(next));
    }

    /// The newest generation.
    pub fn generation(&self) -> Arc<Generation> {
        self.current.load_full()
    }

    /// Applies entries of the log in their order and makes the next generation. An entry without a change was
    /// erased. Where the text index fails, no generation is made: what is served stays whole.
    pub fn apply(&self, batch: &[(Sequence, Option<Change>)]) -> Result<Sequence, TextError> {
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        writer.apply(batch)?;
        let next = Generation {
            catalogue: writer.catalogue.clone(),
            text: writer.text.reader(),
            names: writer.names.clone(),
            wording: Arc::clone(&writer.wording),
        };
        let sequence = next.sequence();
        self.current.store(Arc::new(next));
        Ok(sequence)
    }

    /// Writes the newest generation as an artefact under `dir`, and forgets all but the one before it.
    pub fn snapshot(&self, dir: &Path) -> Result<Manifest, ArtefactError> {
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let Writer { catalogue, text, .. } = &mut *writer;
        text.finish()?;
        artefact::write(dir, catalogue, text)
    }
}

impl Writer {
    fn apply(&mut self, batch: &[(Sequence, Option<Change>)]) -> Result<(), TextError> {
        let (mut put, mut removed) = (BTreeSet::new(), BTreeSet::new());
        let mut news = News::default();
        for (sequence, change) in batch {
            let Some(change) = change else {
                self.catalogue.skip(*sequence);
                continue;
            };
            self.names.before(&self.catalogue, change);
            let touched = self.catalogue.apply(*sequence, change);
            self.names.after(&mut news, &self.catalogue, change);
            removed.extend(touched.removed);
            put.extend(touched.put);
        }
        self.catalogue.settle();
        self.names.add(&self.catalogue, news);
        if batch
            .iter()
            .any(|(_, change)| matches!(change, Some(Change::Document(_))))
        {
            self.wording = Arc::new(Wording::of(&self.catalogue));
        }
        if put.is_empty() && removed.is_empty() {
            return Ok(());
        }
        for row in removed.iter().filter(|row| self.catalogue.offer(**row).is_none()) {
            self.text.remove(text::Row(row.0))?;
        }
        for row in put {
            self.put(row)?;
        }
        self.text.commit()
    }

    fn put(&mut self, row: Row) -> Result<(), TextError> {
        put_text(&self.catalogue, &mut self.text, row)
    }
}

/// Writes the words of a live row to the text index.
pub(crate) fn put_text(catalogue: &Catalogue, text: &mut TextIndex, row: Row) -> Result<(), TextError> {
    let (Some(columns), Some(offer)) = (catalogue.offer(row), catalogue.document(row)) else {
        return Ok(());
    };
    let taxonomy = catalogue.taxonomy();
    let names = [
        taxonomy.category(columns.category),
        &taxonomy.subcategory(columns.subcategory).named,
    ];
    let venue = columns
        .venue
        .and_then(|venue| catalogue.venue(venue)?.document.as_deref());
    let english = names.iter().filter_map(|named: &&Named| named.en.as_deref());
    let words = offer.genres.iter().chain(&offer.tags).map(String::as_str);
    let themes: Vec<&str> = words
        .chain(names.iter().map(|named| named.fr.as_str()))
        .chain(english)
        .collect();
    let creators: Vec<&str> = offer.creators.iter().map(String::as_str).collect();
    let item = offer.item();
    let codes = ["ean", "isbn"].map(|name| offer.attributes.get(name).and_then(|code| code.as_str()));
    let identifiers: Vec<&str> = [item.as_str(), offer.id.as_str()]
        .into_iter()
        .chain(codes.into_iter().flatten())
        .collect();
    let document = TextDoc {
        title: &offer.title,
        creators: &creators,
        venue_name: venue.map_or("", |venue| &venue.name),
        city: venue.and_then(|venue| venue.city.as_deref()).unwrap_or(""),
        themes: &themes,
        description: offer.description.as_deref().unwrap_or(""),
        identifiers: &identifiers,
    };
    text.put(text::Row(row.0), &document)
}
