//! One count of everything: acts as small facts, readers' ways, and what small venues offer.
//!
//! Made beside the serving path, of the store's log and of the answers that it keeps, within the bounds below; every
//! table of the studio is made of it. Invariants: a count stands at one entry of the log, and says how far back it
//! goes; no fact names a reader.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use florilege_engine::catalogue::Catalogue;
use florilege_engine::event::{EventType, Then};
use florilege_engine::live::Generation;
use florilege_engine::taxonomy::CategoryIx;
use florilege_engine::time::Moment;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use tokio::time::Instant;

use super::answers::{Answered, Place};
use super::journeys::Journeys;
use super::table::Table;
use super::tables::Tables;
use crate::app::clock;
use crate::store::Act;
use crate::studio::answer::Refusal;
use crate::studio::look;
use crate::studio::page::zone;
use crate::studio::state::Studio;
use crate::studio::words::Lang;

/// How many acts are counted, the newest.
pub(super) const ACTS: usize = 300_000;
/// How many answers are looked up for their lists, the newest that an act followed.
pub(super) const ANSWERS: usize = 10_000;
/// How many readers' ways are followed, the newest.
pub(super) const READERS: i64 = 200_000;
/// How many acts, answers and readers are read at once.
const PIECE: usize = 2_000;
const ANSWERS_AT_ONCE: usize = 200;

/// The types of acts that have columns, in their order.
pub(super) const KINDS: [EventType; 4] = [
    EventType::Impression,
    EventType::Click,
    EventType::Booking,
    EventType::Favorite,
];
/// How often each of [`KINDS`] happened.
pub(super) type Tally = [u64; KINDS.len()];

/// One act.
#[derive(Debug, Clone)]
pub(super) struct Fact {
    /// Which of [`KINDS`].
    pub(super) kind: usize,
    /// The day in the studio's zone.
    pub(super) day: Date,
    /// The venue, by its number in [`Counted::venues`].
    pub(super) venue: Option<u32>,
    /// The category, where the offer was known.
    pub(super) category: Option<CategoryIx>,
    /// The places where the offer stood, by number of [`Counted::places`]; often one, two for a playlist of a home.
    pub(super) places: Vec<u32>,
    /// What a booking brought to its reader's diversity, where that is known.
    pub(super) score: Option<f64>,
}

/// Names as numbers, in the order in which they came.
#[derive(Debug, Clone)]
pub(super) struct Names<T> {
    all: Vec<T>,
    numbers: HashMap<T, u32>,
}

impl<T> Default for Names<T> {
    fn default() -> Self {
        Self {
            all: Vec::new(),
            numbers: HashMap::new(),
        }
    }
}

impl<T: Clone + Eq + std::hash::Hash> Names<T> {
    fn number(&mut self, name: &T) -> u32 {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let number = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
        self.all.push(name.clone());
        self.numbers.insert(name.clone(), number);
        number
    }

    /// The number of a name, if it has come.
    pub(super) fn find(&self, name: &T) -> Option<u32> {
        self.numbers.get(name).copied()
    }

    /// Every name, by number.
    pub(super) fn all(&self) -> &[T] {
        &self.all
    }
}

/// A count.
#[derive(Debug)]
pub(super) struct Counted {
    /// The entry of the log that it stands at.
    pub(super) sequence: u64,
    /// When it was made.
    pub(super) at: Moment,
    /// By the clock that only goes on, to know its age.
    pub(super) made: Instant,
    /// How long it took.
    pub(super) took: Duration,
    /// Acts.
    pub(super) facts: Vec<Fact>,
    /// Where offers stood.
    pub(super) places: Names<Place>,
    /// Venues that an act was about, by identifier.
    pub(super) venues: Names<String>,
    /// Which of [`Counted::venues`] are small.
    pub(super) small: Vec<bool>,
    /// Offers of small venues, and of all venues.
    pub(super) offers: [u64; 2],
    /// Readers' ways.
    pub(super) journeys: Journeys,
    /// The tables of all readers in each language, with the names that stood when they were made.
    tables: [Vec<Table>; 2],
}

impl Counted {
    /// Nothing, at an entry of the log.
    pub(super) fn empty(sequence: u64) -> Self {
        Self {
            sequence,
            at: clock(),
            made: Instant::now(),
            took: Duration::ZERO,
            facts: Vec::new(),
            places: Names::default(),
            venues: Names::default(),
            small: Vec::new(),
            offers: [0; 2],
            journeys: Journeys::default(),
            tables: [Vec::new(), Vec::new()],
        }
    }

    /// The tables of all readers.
    pub(super) fn tables(&self, lang: Lang) -> &[Table] {
        match lang {
            Lang::Fr => &self.tables[0],
            Lang::En => &self.tables[1],
        }
    }

    /// The day on which it was made, by the studio's clock.
    pub(super) fn today(&self) -> Date {
        self.at.timestamp().to_zoned(zone()).date()
    }

    /// The first day that it holds.
    pub(super) fn since(&self) -> Option<Date> {
        self.facts.iter().map(|fact| fact.day).min()
    }

    /// How often each kind of act happened among some facts.
    pub(super) fn tally<'a>(facts: impl Iterator<Item = &'a Fact>) -> Tally {
        let mut tally = Tally::default();
        facts.for_each(|fact| tally[fact.kind] += 1);
        tally
    }
}

/// Counts everything there is, within the bounds.
pub(super) async fn count(studio: &Studio) -> Result<Counted, Refusal> {
    let started = Instant::now();
    let mut counted = Counted::empty(studio.engine.generation().sequence().0);
    counted.journeys = follow(studio).await?;
    let mut reading = Reading::new(counted);
    let (mut before, mut left) = (None, ACTS);
    while left > 0 {
        let piece = studio.store.acts_before(before, left.min(PIECE)).await?;
        left -= piece.acts.len().min(left);
        reading.learn(studio, &piece.acts).await?;
        reading = studio
            .look(move |generation| {
                piece
                    .acts
                    .iter()
                    .for_each(|act| reading.take(generation.catalogue(), act));
                Ok(reading)
            })
            .await?;
        before = piece.before;
        if before.is_none() {
            break;
        }
    }
    let mut counted = studio.look(move |generation| Ok(reading.end(generation))).await?;
    (counted.made, counted.took) = (Instant::now(), started.elapsed());
    Ok(counted)
}

/// Follows the newest readers, a piece at a time.
async fn follow(studio: &Studio) -> Result<Journeys, Refusal> {
    let (mut journeys, now) = (Journeys::default(), clock());
    let past = studio.store.readers_past().await?;
    let mut to = past;
    while to > 1 && past - to < READERS {
        let from = (to - PIECE as i64).max(1);
        let ways = studio.store.journeys(from, to).await?;
        journeys = studio
            .look(move |generation| {
                let catalogue = generation.catalogue();
                ways.iter().for_each(|way| journeys.add(catalogue, way, now));
                Ok(journeys)
            })
            .await?;
        to = from;
    }
    Ok(journeys)
}

/// A count being made.
struct Reading {
    counted: Counted,
    answers: HashMap<String, Arc<Answered>>,
    zone: TimeZone,
}

impl Reading {
    fn new(counted: Counted) -> Self {
        Self {
            counted,
            answers: HashMap::new(),
            zone: zone(),
        }
    }

    /// Reads the answers that some acts followed, while there is room.
    async fn learn(&mut self, studio: &Studio, acts: &[Act]) -> Result<(), Refusal> {
        let unknown = |id: &&String| !self.answers.contains_key(*id);
        let asked: BTreeSet<&String> = acts
            .iter()
            .filter_map(|act| act.request_id.as_ref())
            .filter(unknown)
            .collect();
        let room = ANSWERS.saturating_sub(self.answers.len());
        let asked: Vec<String> = asked.into_iter().take(room).cloned().collect();
        for ids in asked.chunks(ANSWERS_AT_ONCE) {
            let kept = studio.store.requests_among(ids.to_vec()).await?;
            let read = |(id, body): (String, String)| (id, Arc::new(Answered::read(&body)));
            let read = studio
                .look(move |_| Ok(kept.into_iter().map(read).collect::<Vec<_>>()))
                .await?;
            // One that is kept no more is not asked for again.
            let gone = || Arc::new(Answered::One(Place::Elsewhere));
            self.answers.extend(ids.iter().map(|id| (id.clone(), gone())));
            self.answers.extend(read);
        }
        Ok(())
    }

    fn take(&mut self, catalogue: &Catalogue, act: &Act) {
        let Some(kind) = KINDS.iter().position(|kind| *kind == act.kind) else {
            return;
        };
        let answered = act.request_id.as_ref().and_then(|id| self.answers.get(id)).cloned();
        let elsewhere = Answered::One(Place::Elsewhere);
        let answered = answered.as_deref().unwrap_or(&elsewhere);
        let places = answered.places(act.offer_id.as_deref()).iter();
        let places = places.map(|place| self.counted.places.number(place)).collect();
        let (venue, category) = about(catalogue, act);
        let asked = act.request_id.clone().zip(act.offer_id.clone());
        let scores = &self.counted.journeys.scores;
        self.counted.facts.push(Fact {
            kind,
            day: act.at.timestamp().to_zoned(self.zone.clone()).date(),
            venue: venue.map(|venue| self.counted.venues.number(&venue)),
            category,
            places,
            score: asked
                .filter(|_| act.kind == EventType::Booking)
                .and_then(|asked| scores.get(&asked).copied()),
        });
    }

    /// Adds what stands in the catalogue, and forgets what was only needed on the way.
    fn end(mut self, generation: &Generation) -> Counted {
        let catalogue = generation.catalogue();
        let venue = |id: &String| catalogue.find_venue(id).and_then(|venue| catalogue.venue(venue));
        let is_small = |id: &String| venue(id).is_some_and(look::is_small);
        self.counted.small = self.counted.venues.all().iter().map(is_small).collect();
        for venue in catalogue.venues().filter(|venue| venue.document.is_some()) {
            let offers = venue.rows.len() as u64;
            self.counted.offers[1] += offers;
            if look::is_small(venue) {
                self.counted.offers[0] += offers;
            }
        }
        self.counted.journeys.forget();
        let counted = &self.counted;
        let every = |lang| Tables {
            counted,
            catalogue,
            lang,
        };
        self.counted.tables = [Lang::Fr, Lang::En].map(|lang| every(lang).every());
        self.counted
    }
}

/// The venue and the category of what an act was about, as they were then; else as they are.
fn about(catalogue: &Catalogue, act: &Act) -> (Option<String>, Option<CategoryIx>) {
    let taxonomy = catalogue.taxonomy();
    if let Some(Then::Known(facts)) = &act.then {
        let category = taxonomy
            .find(&facts.subcategory)
            .map(|found| taxonomy.subcategory(found).category);
        return (facts.venue.as_ref().map(ToString::to_string), category);
    }
    let row = act.offer_id.as_deref().and_then(|id| catalogue.find(id));
    let Some(row) = row.and_then(|row| catalogue.offer(row)) else {
        return (None, None);
    };
    let venue = row.venue.and_then(|venue| catalogue.venue(venue));
    (venue.map(|venue| venue.id.to_string()), Some(row.category))
}
