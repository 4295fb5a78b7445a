//! What each source is there for, as a number of the lists that a reader gets.
//!
//! Invariant: every source of the engine has one purpose here; more is better in all of them.

use florilege_engine::catalogue::row::{OfferRow, Row};
use florilege_engine::catalogue::words::Word;
use florilege_engine::ids::ItemId;
use florilege_engine::live::Generation;
use florilege_engine::pipeline::Recommended;
use florilege_engine::pipeline::answer::Placed;
use florilege_engine::query::RecommendationRequest;
use rustc_hash::FxHashSet;

use super::super::assumptions::Reach;
use super::super::choice::State;
use super::super::policy::{anonymous, personal};
use super::super::reader::Territory;
use super::super::year::{Life, World};
use super::society::{Society, mood};

/// As new as this counts as new, in days.
const NEW_DAYS: i64 = 28;
const DAY_MS: i64 = 86_400_000;

/// A week with this share of the month's bookings is half again one of the three before.
const SURGE: f64 = 1.0 / 3.0;

/// What a source is there for.
#[derive(Debug)]
pub struct Purpose {
    /// The source.
    pub source: &'static str,
    /// What is counted.
    pub measure: &'static str,
    /// In how many visits.
    pub(super) visits: u64,
    by: By,
    counted: Counted,
}

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    /// The reader, as they have lived.
    Reader,
    /// The same before their first day, of whom the persona is known.
    Newcomer,
    /// Somebody of whom nothing is known, not even where.
    Stranger,
}

/// How a purpose is counted.
#[derive(Debug)]
enum Counted {
    /// The sum over the places of a list.
    Places(fn(&View<'_>, &Placed, &OfferRow) -> f64),
    /// The same, in a list near to a work that the reader booked.
    Similar(fn(&View<'_>, &Placed, &OfferRow) -> f64),
    /// Different offers over all visits.
    Different,
}

const fn places(source: &'static str, measure: &'static str, of: fn(&View<'_>, &Placed, &OfferRow) -> f64) -> Purpose {
    Purpose {
        source,
        measure,
        visits: 1,
        by: By::Reader,
        counted: Counted::Places(of),
    }
}

/// What a source is there for when somebody else asks.
const fn asked_by(by: By, purpose: Purpose) -> Purpose {
    Purpose { by, ..purpose }
}

/// The purposes, in the order of the engine's sources.
pub const PURPOSES: [Purpose; 14] = [
    places("near", "places within half a reach of home", near),
    asked_by(
        By::Stranger,
        places("popular", "bookings in 28 days, for a stranger", popular),
    ),
    places("new", "places published in the last 28 days", new),
    places("similar", "places of a creator or genre booked before", similar),
    places("neighbours", "places taken by who booked the same", neighbours),
    places("vector", "places in the mood of a work booked before", vector),
    Purpose {
        source: "venue",
        measure: "places at the venue of the work asked about",
        visits: 1,
        by: By::Reader,
        counted: Counted::Similar(venue),
    },
    asked_by(
        By::Stranger,
        places(
            "rising",
            "places that are booked much more of late, for a stranger",
            rising,
        ),
    ),
    places("labels", "places that carry a label", labels),
    places("friends", "places that a friend booked", friends),
    places("shares", "places that were sent to the reader", shares),
    places("reviews", "places that readers praised", reviews),
    Purpose {
        source: "exploration",
        measure: "different offers in five visits, for a stranger",
        visits: 5,
        by: By::Stranger,
        counted: Counted::Different,
    },
    asked_by(
        By::Newcomer,
        places("persona", "taste for the places, for a newcomer", persona),
    ),
];

/// One reader and what the world knows of them.
pub(super) struct View<'a> {
    pub(super) life: &'a Life,
    pub(super) seed: u64,
    generation: &'a Generation,
    society: &'a Society,
    number: usize,
    now: i64,
    half_way_m: f64,
    said: FxHashSet<Word>,
    newcomer: State,
    persona: &'a str,
    moods: FxHashSet<u64>,
    near_in_taste: FxHashSet<&'a str>,
    work: Option<ItemId>,
}

/// What a reader saw.
pub(super) struct Sight<'a> {
    pub(super) view: &'a View<'a>,
    pub(super) lists: &'a [Recommended],
}

impl<'a> View<'a> {
    pub(super) fn new(world: &'a World<'_>, generation: &'a Generation, society: &'a Society, number: usize) -> Self {
        let life = &world.lives[number];
        let works = &life.state.works;
        let others = world.lives.iter().enumerate().filter(|(other, _)| *other != number);
        let alike = others.filter(|(_, other)| !other.state.works.is_disjoint(works));
        let taken = alike.flat_map(|(_, other)| other.state.works.difference(works));
        let Reach { rural, town, urban } = world.plan.assumed.reach;
        let half_way_m = match life.reader.territory {
            Territory::Rural => rural,
            Territory::Town => town,
            Territory::Urban => urban,
        };
        let rows = || works.iter().flat_map(|work| rows(generation, work));
        Self {
            life,
            seed: world.plan.seed,
            generation,
            society,
            number,
            now: world.morning(world.next_day()).millis(),
            half_way_m,
            newcomer: State::new(&life.reader, &world.plan.assumed),
            persona: &world.plan.assumed.persona[life.reader.persona].id,
            said: rows().flat_map(|row| said(generation, row)).collect(),
            moods: works.iter().map(|work| mood(work)).collect(),
            near_in_taste: taken.map(String::as_str).collect(),
            work: works.iter().min().and_then(|work| ItemId::new(work).ok()),
        }
    }

    /// What is asked in one visit.
    pub(super) fn request(&self, purpose: &Purpose, visit: u64) -> RecommendationRequest {
        let (reader, seed) = (&self.life.reader, self.seed + visit);
        let request = personal(reader, &self.life.state, seed);
        match purpose.by {
            By::Reader => request,
            By::Newcomer => {
                let mut request = anonymous(reader, &self.newcomer, seed);
                request.context.persona.insert(self.persona.to_owned(), 1.0);
                request
            }
            By::Stranger => RecommendationRequest {
                seed: Some(self.seed + (self.number as u64) * purpose.visits + visit),
                limit: request.limit,
                ..RecommendationRequest::default()
            },
        }
    }

    /// What the list is asked near to.
    pub(super) fn asked(&self, purpose: &Purpose) -> Vec<ItemId> {
        match purpose.counted {
            Counted::Similar(_) => self.work.clone().into_iter().collect(),
            Counted::Places(_) | Counted::Different => Vec::new(),
        }
    }
}

impl Purpose {
    pub(super) fn of(&self, sight: &Sight<'_>) -> f64 {
        let all = sight.lists.iter().flat_map(|list| &list.offers);
        match self.counted {
            Counted::Places(worth) | Counted::Similar(worth) => {
                let known = all.filter_map(|place| Some((place, offer(sight.view, place)?)));
                known.map(|(place, offer)| worth(sight.view, place, offer)).sum()
            }
            Counted::Different => all.map(|place| &place.id).collect::<FxHashSet<_>>().len() as f64,
        }
    }
}

fn offer<'a>(view: &View<'a>, place: &Placed) -> Option<&'a OfferRow> {
    let catalogue = view.generation.catalogue();
    catalogue.offer(catalogue.find(place.id.as_str())?)
}

fn rows<'a>(generation: &'a Generation, work: &str) -> &'a [Row] {
    let catalogue = generation.catalogue();
    let item = catalogue.find_item(work).and_then(|item| catalogue.item(item));
    item.map_or(&[], |item| &item.rows)
}

/// The creators and genres of an offer.
fn said(generation: &Generation, row: &Row) -> impl Iterator<Item = Word> {
    let offer = generation.catalogue().offer(*row);
    offer
        .into_iter()
        .flat_map(|offer| offer.creators.iter().chain(&offer.genres).copied())
}

fn share(holds: bool) -> f64 {
    f64::from(u8::from(holds))
}

fn near(view: &View<'_>, place: &Placed, _: &OfferRow) -> f64 {
    share(place.distance_m.is_some_and(|metres| metres <= view.half_way_m))
}

fn popular(_: &View<'_>, _: &Placed, offer: &OfferRow) -> f64 {
    f64::from(offer.bookings[2])
}

fn new(view: &View<'_>, _: &Placed, offer: &OfferRow) -> f64 {
    share(offer.published_at.is_some_and(|at| view.now - at <= NEW_DAYS * DAY_MS))
}

fn similar(view: &View<'_>, _: &Placed, offer: &OfferRow) -> f64 {
    let mut said = offer.creators.iter().chain(&offer.genres);
    share(said.any(|word| view.said.contains(word)))
}

fn neighbours(view: &View<'_>, place: &Placed, _: &OfferRow) -> f64 {
    share(view.near_in_taste.contains(place.item_id.as_str()))
}

fn vector(view: &View<'_>, place: &Placed, _: &OfferRow) -> f64 {
    share(view.moods.contains(&mood(place.item_id.as_str())))
}

fn venue(view: &View<'_>, _: &Placed, offer: &OfferRow) -> f64 {
    let asked = view
        .work
        .as_ref()
        .map_or(&[][..], |work| rows(view.generation, work.as_str()));
    let catalogue = view.generation.catalogue();
    let mut venues = asked.iter().filter_map(|row| catalogue.offer(*row)?.venue);
    share(offer.venue.is_some_and(|venue| venues.any(|asked| asked == venue)))
}

/// A work of which some offer that had four weeks has half again as many bookings in the last one as in each of the
/// three before, or a rush of late.
fn rising(view: &View<'_>, place: &Placed, _: &OfferRow) -> f64 {
    let work = place.item_id.as_str();
    let catalogue = view.generation.catalogue();
    let mut offers = rows(view.generation, work)
        .iter()
        .filter_map(|row| catalogue.offer(*row));
    share(view.society.rushed.contains(work) || offers.any(|offer| stands_out(offer, view.now)))
}

fn stands_out(offer: &OfferRow, now: i64) -> bool {
    let [week, _, month] = offer.bookings;
    let had_a_past = offer.published_at.is_none_or(|at| now - at >= NEW_DAYS * DAY_MS);
    had_a_past && week >= 3 && week < month && f64::from(week) >= SURGE * f64::from(month)
}

fn labels(_: &View<'_>, _: &Placed, offer: &OfferRow) -> f64 {
    share(offer.labels != 0)
}

fn friends(view: &View<'_>, place: &Placed, _: &OfferRow) -> f64 {
    share(view.society.took[view.number].contains(place.item_id.as_str()))
}

fn shares(view: &View<'_>, place: &Placed, _: &OfferRow) -> f64 {
    share(view.society.sent[view.number].contains(place.item_id.as_str()))
}

fn reviews(view: &View<'_>, place: &Placed, _: &OfferRow) -> f64 {
    share(view.society.praised.contains(place.item_id.as_str()))
}

/// By the readers' own model, which the engine does not know: how far the category is to their taste. Distance and
/// others' bookings, which make the rest of an appeal, are what `near` and `popular` are there for.
fn persona(view: &View<'_>, _: &Placed, offer: &OfferRow) -> f64 {
    view.newcomer.taste_for(offer.category.index())
}
