//! A simulated year: readers visit, look, book; the engine learns what it is told, day by day.
//!
//! Invariant: all visits of a day see the state of its morning, whatever the number of threads; what they did is told
//! in the order of the readers' numbers.

use std::sync::Arc;

use florilege_engine::catalogue::row::Row;
use florilege_engine::change::{Change, Sequence};
use florilege_engine::document::Publication;
use florilege_engine::event::Event;
use florilege_engine::generate;
use florilege_engine::ids::OfferId;
use florilege_engine::invalid::Invalid;
use florilege_engine::live::{Engine, Generation};
use florilege_engine::offer::StockPatch;
use florilege_engine::taxonomy::Taxonomy;
use florilege_engine::text::TextError;
use florilege_engine::time::Moment;
use indicatif::ProgressBar;
use rand::RngExt;
use rayon::prelude::*;

use super::assumptions::Assumptions;
use super::choice::{Chooser, State, Visit};
use super::outcome::{Ledger, Outcome};
use super::policy::Policy;
use super::reader::{Commune, Reader, rng};

const DAY_MS: i64 = 86_400_000;
/// Days of a month.
pub const DAYS_A_MONTH: u64 = 30;
/// The year in which a reader's age is counted.
const YEAR: u16 = 2026;
/// Declared practices: so many of the categories liked most.
const DECLARED: usize = 2;

/// Why a simulation cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum SimulateError {
    /// The plan makes no catalogue.
    #[error(transparent)]
    Plan(#[from] generate::InvalidPlan),
    /// The engine refused a request of the simulator's.
    #[error(transparent)]
    Request(#[from] Invalid),
    /// The engine's text index failed.
    #[error(transparent)]
    Text(#[from] TextError),
    /// A made-up document that the engine cannot read.
    #[error("the simulator made what the engine cannot read: {0}")]
    Document(#[from] serde_json::Error),
    /// Nobody to simulate, or nowhere to live.
    #[error("a simulation needs at least one reader, one month and one commune")]
    Empty,
}

/// What is simulated.
#[derive(Debug, Clone)]
pub struct Plan {
    /// How many readers.
    pub readers: u64,
    /// How many months of 30 days.
    pub months: u64,
    /// How many offers.
    pub offers: usize,
    /// Another seed, another world.
    pub seed: u64,
    /// The first morning.
    pub now: Moment,
    /// Where readers live; the catalogue's own towns where empty.
    pub communes: Vec<Commune>,
    /// What readers are like.
    pub assumed: Assumptions,
    /// What the editors of our own policy have published.
    pub documents: Vec<Publication>,
}

/// One reader on the way through the year.
pub(super) struct Life {
    pub(super) reader: Reader,
    pub(super) state: State,
    /// The works booked, with the day.
    pub(super) taken: Vec<(u64, String)>,
    ledger: Ledger,
}

/// One policy's world.
pub(super) struct World<'a> {
    pub(super) plan: &'a Plan,
    policy: Policy,
    pub(super) engine: Engine,
    sequence: Sequence,
    pub(super) lives: Vec<Life>,
}

/// The outcomes of a policy, reader by reader, and how many venues there are.
pub fn run(plan: &Plan, policy: Policy, bar: &ProgressBar) -> Result<(Vec<Outcome>, usize), SimulateError> {
    let world = World::lived(plan, policy, bar)?;
    let venues = world.engine.generation().counts().venues;
    let close = |life: Life| life.ledger.close(life.reader.territory, life.reader.persona);
    Ok((world.lives.into_iter().map(close).collect(), venues))
}

impl<'a> World<'a> {
    /// A world at the end of its last day.
    pub(super) fn lived(plan: &'a Plan, policy: Policy, bar: &ProgressBar) -> Result<Self, SimulateError> {
        let mut world = Self::new(plan, policy)?;
        for day in 0..plan.months * DAYS_A_MONTH {
            if day > 0 && day % DAYS_A_MONTH == 0 {
                world.new_dates(day)?;
            }
            world.day(day)?;
            bar.inc(1);
        }
        Ok(world)
    }

    /// The day after the last one.
    pub(super) const fn next_day(&self) -> u64 {
        self.plan.months * DAYS_A_MONTH
    }

    fn new(plan: &'a Plan, policy: Policy) -> Result<Self, SimulateError> {
        let mut world = Self {
            plan,
            policy,
            engine: Engine::in_memory(Arc::new(Taxonomy::built_in()))?,
            sequence: Sequence::default(),
            lives: Vec::new(),
        };
        world.tell(world.generator(0)?.changes().collect())?;
        let generation = world.engine.generation();
        let communes = if plan.communes.is_empty() {
            towns(&generation)
        } else {
            plan.communes.clone()
        };
        if communes.is_empty() || plan.readers == 0 || plan.months == 0 {
            return Err(SimulateError::Empty);
        }
        let life = |number| {
            let reader = Reader::draw(plan.seed, number, &plan.assumed, &communes, generation.catalogue());
            Life {
                state: State::new(&reader, &plan.assumed),
                taken: Vec::new(),
                ledger: Ledger::default(),
                reader,
            }
        };
        world.lives = (0..plan.readers).into_par_iter().map(life).collect();
        let known: Result<Vec<Change>, _> = world
            .lives
            .iter()
            .map(|life| declared(&life.reader, &generation, &[]))
            .collect();
        world.tell(known?)?;
        if policy == Policy::Florilege {
            let published = plan.documents.iter().cloned().map(Box::new);
            world.tell(published.map(Change::Document).collect())?;
        }
        Ok(world)
    }

    pub(super) fn generator(&self, day: u64) -> Result<generate::Generator, SimulateError> {
        let plan = generate::Plan {
            offers: self.plan.offers,
            venues: None,
            seed: self.plan.seed,
            now: self.morning(day),
        };
        Ok(plan.check()?)
    }

    pub(super) fn morning(&self, day: u64) -> Moment {
        Moment::from_millis(self.plan.now.millis() + day as i64 * DAY_MS)
    }

    pub(super) fn tell(&mut self, changes: Vec<Change>) -> Result<(), SimulateError> {
        let mut sequence = self.sequence;
        let mut next = |change| {
            sequence = sequence.next();
            (sequence, Some(change))
        };
        let batch: Vec<_> = changes.into_iter().map(&mut next).collect();
        self.engine.apply(&batch)?;
        self.sequence = sequence;
        Ok(())
    }

    /// The programme of another month: what has dates gets new ones.
    fn new_dates(&mut self, day: u64) -> Result<(), SimulateError> {
        let generator = self.generator(day)?;
        let dated = (0..generator.offers())
            .filter_map(|number| generator.offer(number))
            .filter(|offer| !offer.dates.is_empty());
        let moved = dated.map(|offer| {
            let patch = StockPatch {
                bookable: None,
                stock: None,
                price_cents: None,
                dates: Some(offer.dates),
            };
            Change::OfferStock(offer.id, patch)
        });
        self.tell(moved.collect())
    }

    fn day(&mut self, day: u64) -> Result<(), SimulateError> {
        let (generation, now) = (self.engine.generation(), self.morning(day));
        let (plan, policy) = (self.plan, self.policy);
        let visits = self.lives.par_iter().enumerate().map(|(number, life)| {
            let visitor = Visitor {
                plan,
                policy,
                generation: &generation,
                life,
                number: number as u64,
                day,
                now,
            };
            visitor.visit()
        });
        let visits: Vec<Option<(Vec<Row>, Visit)>> = visits.collect::<Result<_, _>>()?;
        let mut told = Vec::new();
        for (number, visit) in visits.into_iter().enumerate() {
            let Some((list, visit)) = visit else { continue };
            let life = &mut self.lives[number];
            told.extend(events(&generation, &life.reader, &list, &visit, day, now)?);
            for place in visit.booked {
                book(&generation, plan, life, (list[place], day));
            }
        }
        match policy {
            Policy::Florilege => self.tell(told),
            Policy::Popularity | Policy::Nearest | Policy::RoundRobin => Ok(()),
        }
    }
}

fn book(generation: &Generation, plan: &Plan, life: &mut Life, (row, day): (Row, u64)) {
    let catalogue = generation.catalogue();
    let Some(offer) = catalogue.offer(row) else { return };
    let work = catalogue.item(offer.item).map_or("", |item| item.id.as_str());
    let digital = catalogue.taxonomy().subcategory(offer.subcategory).digital_cap;
    life.state.book(offer, work, digital, plan.assumed.learning);
    life.taken.push((day, work.to_owned()));
    life.ledger.book(catalogue, row);
}

struct Visitor<'a> {
    plan: &'a Plan,
    policy: Policy,
    generation: &'a Generation,
    life: &'a Life,
    number: u64,
    day: u64,
    now: Moment,
}

impl Visitor<'_> {
    /// The visit of this day, if there is one.
    fn visit(&self) -> Result<Option<(Vec<Row>, Visit)>, Invalid> {
        let mut mood = rng(self.plan.seed, self.number, 1 + self.day);
        let chance = self.plan.assumed.visits_per_month / DAYS_A_MONTH as f64;
        if mood.random_range(0.0..1.0) >= chance {
            return Ok(None);
        }
        let Life { reader, state, .. } = self.life;
        let list = self
            .policy
            .list(self.generation, reader, state, self.now, mood.random_range(0..1 << 53))?;
        let chooser = Chooser {
            assumed: &self.plan.assumed,
            catalogue: self.generation.catalogue(),
            reader,
            seed: self.plan.seed,
        };
        let visit = chooser.visit(&list, state, &mut mood);
        Ok(Some((list, visit)))
    }
}

/// What the engine is told of a visit.
fn events(
    generation: &Generation,
    reader: &Reader,
    list: &[Row],
    visit: &Visit,
    day: u64,
    now: Moment,
) -> Result<Vec<Change>, serde_json::Error> {
    let acts = (0..visit.seen).map(|place| ("impression", place));
    let acts = acts.chain(visit.opened.iter().map(|place| ("click", *place)));
    let acts = acts.chain(visit.booked.iter().map(|place| ("booking", *place)));
    let mut told = Vec::new();
    for (act, place) in acts {
        let Some(offer) = generation.catalogue().offer(list[place]) else {
            continue;
        };
        let id: &OfferId = &offer.id;
        let event: Event = serde_json::from_value(serde_json::json!({
            "id": format!("{}-{day}-{act}-{place}", reader.id), "type": act, "user_id": reader.id,
            "offer_id": id, "rank": place, "at": now,
        }))?;
        told.push(Change::Event(Box::new(event)));
    }
    Ok(told)
}

/// What the engine knows of a reader at the start: age, place, credit, and two practices; close ones where there are any.
pub(super) fn declared(
    reader: &Reader,
    generation: &Generation,
    friends: &[String],
) -> Result<Change, serde_json::Error> {
    let keys = generation
        .catalogue()
        .taxonomy()
        .categories()
        .map(|(_, category)| category.key.as_str());
    let mut liked: Vec<(f64, &str)> = reader.taste.iter().copied().zip(keys).collect();
    liked.sort_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(other.1)));
    let practices: Vec<&str> = liked.iter().take(DECLARED).map(|(_, key)| *key).collect();
    let user = serde_json::from_value(serde_json::json!({
        "id": reader.id, "birth_year": YEAR - u16::from(reader.age), "position": reader.home, "practices": practices,
        "credit_cents": reader.credit_cents, "friends": friends,
        "consents": {"personalisation": true, "social": !friends.is_empty()},
    }))?;
    Ok(Change::UserUpsert(Box::new(user)))
}

/// The towns of the catalogue, weighed by their venues.
fn towns(generation: &Generation) -> Vec<Commune> {
    let mut towns: std::collections::BTreeMap<String, Commune> = std::collections::BTreeMap::new();
    for venue in generation.catalogue().venues() {
        let Some(document) = venue.document.as_ref() else {
            continue;
        };
        let (Some(city), Some(position)) = (&document.city, document.position) else {
            continue;
        };
        let town = towns.entry(city.clone()).or_insert_with(|| Commune {
            name: city.clone(),
            position,
            weight: 0.0,
        });
        town.weight += 1.0;
    }
    towns.into_values().collect()
}
