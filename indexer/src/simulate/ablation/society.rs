//! What readers do with each other, once they have lived: friends, what they send, what they write, what they all rush
//! to, and moods of works.
//!
//! The simulated year has none of it, and five sources live on it. Invariant: all of it is drawn from the seed and
//! from what readers booked.

use florilege_engine::change::Change;
use florilege_engine::event::Event;
use florilege_engine::live::Generation;
use florilege_engine::time::Moment;
use rand::RngExt;
use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::json;

use super::super::reader::{normal, rng};
use super::super::year::{Life, SimulateError, World, declared};

/// Each reader knows so many: those who live nearest.
const FRIENDS: usize = 3;
/// How many moods works come in; nothing but their vectors tells of it.
const MOODS: u64 = 40;
/// Numbers of a vector.
const DIMENSIONS: usize = 16;
/// Chance that a booked work is written of, and that it is praised then.
const WRITES: f64 = 0.5;
const PRAISES: f64 = 0.75;
/// So many works that few have booked are suddenly taken, by so many readers each.
const RUSHES: usize = 12;
const RUSHERS: usize = 5;
/// A work of at most so many bookings in 28 days is booked little.
const QUIET: u32 = 20;
/// Which works these are, apart from everything else.
const RUSH: u64 = 0x7275_7368;
/// What is drawn for this, apart from everything else.
const SOCIETY: u64 = 0x0073_6f63_6965_7479;

/// Who did what to whom, by the readers' numbers.
#[derive(Debug, Default)]
pub(super) struct Society {
    /// The works that friends booked.
    pub(super) took: Vec<FxHashSet<String>>,
    /// The works that were sent to a reader.
    pub(super) sent: Vec<FxHashSet<String>>,
    /// The works that more readers praise than blame.
    pub(super) praised: FxHashSet<String>,
    /// The works that readers rushed to of late.
    pub(super) rushed: FxHashSet<String>,
}

/// The mood of a work.
pub(super) fn mood(work: &str) -> u64 {
    let mixed = work.bytes().fold(SOCIETY, |mixed, byte| {
        (mixed ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    (mixed >> 20) % MOODS
}

impl Society {
    /// Lets the readers of a world know each other, and tells the engine of it.
    pub(super) fn found(world: &mut World<'_>) -> Result<Self, SimulateError> {
        let (generation, now) = (world.engine.generation(), world.morning(world.next_day()));
        let mut told = moods(world)?;
        let friends: Vec<Vec<usize>> = (0..world.lives.len()).map(|one| nearest(&world.lives, one)).collect();
        for (life, friends) in world.lives.iter().zip(&friends) {
            let names: Vec<String> = friends
                .iter()
                .map(|friend| world.lives[*friend].reader.id.clone())
                .collect();
            told.push(declared(&life.reader, &generation, &names)?);
        }
        let mut acts = Acts {
            generation: &generation,
            now,
            told,
        };
        let mut society = Self {
            took: friends.iter().map(|friends| taken(&world.lives, friends)).collect(),
            sent: vec![FxHashSet::default(); world.lives.len()],
            praised: FxHashSet::default(),
            rushed: storms(world),
        };
        society.send(&world.lives, &friends, &mut acts)?;
        society.write(world, &mut acts)?;
        society.rush(world, &mut acts)?;
        let told = acts.told;
        world.tell(told)?;
        Ok(society)
    }

    /// Everybody sends one work that they booked to each friend.
    fn send(&mut self, lives: &[Life], friends: &[Vec<usize>], acts: &mut Acts<'_>) -> Result<(), SimulateError> {
        for (life, friends) in lives.iter().zip(friends) {
            let Some(work) = life.state.works.iter().min() else {
                continue;
            };
            for friend in friends {
                let to = &lives[*friend].reader.id;
                acts.act(life, "share", work, &json!({"to_user_id": to}))?;
                self.sent[*friend].insert(work.clone());
            }
        }
        Ok(())
    }

    /// Some readers all take works that are booked little, whatever their own taste: talk of the town.
    fn rush(&mut self, world: &World<'_>, acts: &mut Acts<'_>) -> Result<(), SimulateError> {
        let catalogue = acts.generation.catalogue();
        let quiet = catalogue
            .offers()
            .filter(|(_, offer)| offer.is_bookable(acts.now.millis()));
        let quiet = quiet.filter(|(_, offer)| (1..=QUIET).contains(&offer.popularity()));
        let mut works: Vec<&str> = quiet
            .filter_map(|(_, offer)| Some(catalogue.item(offer.item)?.id.as_str()))
            .collect();
        works.sort_unstable();
        works.dedup();
        let mut draws = rng(world.plan.seed, 0, RUSH);
        for _ in 0..RUSHES.min(works.len()) {
            let work = works.swap_remove(draws.random_range(0..works.len()));
            for life in world.lives.iter().take(RUSHERS) {
                acts.act(life, "booking", work, &json!({}))?;
            }
            self.rushed.insert(work.to_owned());
        }
        Ok(())
    }

    /// Some write of what they booked, most of them well.
    fn write(&mut self, world: &World<'_>, acts: &mut Acts<'_>) -> Result<(), SimulateError> {
        let mut words: FxHashMap<&String, i64> = FxHashMap::default();
        for (number, life) in (0..).zip(&world.lives) {
            let mut draws = rng(world.plan.seed, number, SOCIETY);
            let mut works: Vec<&String> = life.state.works.iter().collect();
            works.sort_unstable();
            for work in works {
                let (writes, praises) = (draws.random_bool(WRITES), draws.random_bool(PRAISES));
                if writes {
                    let stars = if praises { 5.0 } else { 1.0 };
                    acts.act(life, "review", work, &json!({"value": stars}))?;
                    *words.entry(work).or_default() += if praises { 1 } else { -1 };
                }
            }
        }
        let praised = words.into_iter().filter(|(_, net)| *net > 0);
        self.praised = praised.map(|(work, _)| work.clone()).collect();
        Ok(())
    }
}

/// What was booked three times or more in the last two days, and more than twice as often a day as in the 28 before.
fn storms(world: &World<'_>) -> FxHashSet<String> {
    let mut taken: FxHashMap<&String, (u32, u32)> = FxHashMap::default();
    for (day, work) in world.lives.iter().flat_map(|life| &life.taken) {
        let ago = world.next_day() - day;
        let (late, before) = taken.entry(work).or_default();
        *late += u32::from(ago <= 2);
        *before += u32::from((3..=30).contains(&ago));
    }
    let storms = taken
        .into_iter()
        .filter(|(_, (late, before))| *late >= 3 && late * 28 > 2 * 2 * before);
    storms.map(|(work, _)| work.clone()).collect()
}

/// Acts on their way to the engine.
struct Acts<'a> {
    generation: &'a Generation,
    now: Moment,
    told: Vec<Change>,
}

impl Acts<'_> {
    fn act(&mut self, life: &Life, kind: &str, work: &str, more: &serde_json::Value) -> Result<(), SimulateError> {
        let catalogue = self.generation.catalogue();
        let item = catalogue.find_item(work).and_then(|item| catalogue.item(item));
        let row = item.and_then(|item| item.rows.first());
        let Some(offer) = row.and_then(|row| catalogue.offer(*row)) else {
            return Ok(());
        };
        let mut event = json!({"id": format!("{}-{kind}-{}", life.reader.id, self.told.len()), "type": kind,
            "user_id": life.reader.id, "offer_id": offer.id, "at": self.now});
        for (name, value) in more.as_object().into_iter().flatten() {
            event[name] = value.clone();
        }
        let event: Event = serde_json::from_value(event)?;
        self.told.push(Change::Event(Box::new(event)));
        Ok(())
    }
}

/// The readers who live nearest to one, in the order of their numbers where they live in one place.
fn nearest(lives: &[Life], one: usize) -> Vec<usize> {
    let home = lives[one].reader.home;
    let metres = |other: &usize| home.distance(lives[*other].reader.home).0.to_bits();
    let mut others: Vec<usize> = (0..lives.len()).filter(|other| *other != one).collect();
    others.sort_by_key(metres);
    others.truncate(FRIENDS);
    others
}

fn taken(lives: &[Life], friends: &[usize]) -> FxHashSet<String> {
    let works = friends.iter().flat_map(|friend| &lives[*friend].state.works);
    works.cloned().collect()
}

/// The programme of the morning, each work with the vector of its mood and a little of its own.
fn moods(world: &World<'_>) -> Result<Vec<Change>, SimulateError> {
    let generator = world.generator(world.next_day())?;
    let offers = (0..generator.offers()).filter_map(|number| generator.offer(number));
    let given = offers.map(|mut offer| {
        let work = offer.item_id.as_ref().map_or(offer.id.as_str(), |item| item.as_str());
        offer.vector = Some(vector(work));
        Change::OfferUpsert(Box::new(offer))
    });
    Ok(given.collect())
}

fn vector(work: &str) -> Vec<f32> {
    let own = work.bytes().fold(0_u64, |mixed, byte| {
        mixed.wrapping_mul(31).wrapping_add(u64::from(byte))
    });
    let (mut shared, mut own) = (rng(SOCIETY, mood(work), 0), rng(SOCIETY, own, 1));
    let number = |_| (normal(&mut shared) + 0.2 * normal(&mut own)) as f32;
    (0..DIMENSIONS).map(number).collect()
}
