//! What a simulated reader does with a list: looks from the top, books or goes on.
//!
//! The appeal of an offer is a product of parts, each between 0 and about 1: taste for its category, the work's own
//! pull, distance, price, and what was booked before. Invariant: nothing here looks at a score of the engine.

use florilege_engine::catalogue::Catalogue;
use florilege_engine::catalogue::row::{OfferRow, Row};
use rand::RngExt;
use rand_pcg::Pcg64Mcg;
use rustc_hash::FxHashSet;

use super::assumptions::Assumptions;
use super::reader::{Reader, Territory, normal, rng};

/// A price at which half of the appeal is lost for a reader of ordinary thrift.
const HALF_PRICE_CENTS: f64 = 2_500.0;
/// Bookings that boredom remembers.
const REMEMBERED: usize = 5;
/// As many bookings in 28 days are full popularity.
const FULL_POPULARITY: f64 = 1_000.0;
/// What a reader draws for works, apart from everything else.
const WORKS: u64 = 0x776f_726b;

/// What changes as a reader books.
#[derive(Debug, Clone)]
pub struct State {
    /// Taste as it has become.
    pub taste: Vec<f64>,
    /// Credit that is left.
    pub credit_cents: u32,
    /// Of which on digital offers, at most.
    pub digital_cents: u32,
    /// Categories of the bookings, oldest first.
    pub categories: Vec<usize>,
    /// Works booked.
    pub works: FxHashSet<String>,
}

impl State {
    /// Before the first visit.
    pub fn new(reader: &Reader, assumed: &Assumptions) -> Self {
        Self {
            taste: reader.taste.clone(),
            credit_cents: reader.credit_cents,
            digital_cents: assumed.digital_cents.min(reader.credit_cents),
            categories: Vec::new(),
            works: FxHashSet::default(),
        }
    }

    /// How far a category is to the reader's taste, in [0, 1]: all from a quarter of it on.
    pub fn taste_for(&self, category: usize) -> f64 {
        (self.taste[category] * 4.0).min(1.0)
    }

    fn bored(&self, category: usize) -> f64 {
        let last = self.categories.iter().rev().take(REMEMBERED);
        last.filter(|booked| **booked == category).count() as f64 / REMEMBERED as f64
    }

    /// Pays, learns, remembers.
    pub fn book(&mut self, offer: &OfferRow, work: &str, digital: bool, learning: f64) {
        let price = offer.price.map_or(0, florilege_engine::money::Cents::get);
        self.credit_cents = self.credit_cents.saturating_sub(price);
        self.digital_cents = self
            .digital_cents
            .saturating_sub(if digital { price } else { 0 })
            .min(self.credit_cents);
        let category = offer.category.index();
        for (other, taste) in self.taste.iter_mut().enumerate() {
            *taste = (1.0 - learning) * *taste + if other == category { learning } else { 0.0 };
        }
        self.categories.push(category);
        self.works.insert(work.to_owned());
    }
}

/// One reader before one catalogue.
#[derive(Debug, Clone, Copy)]
pub struct Chooser<'a> {
    /// What readers are like.
    pub assumed: &'a Assumptions,
    /// What there is.
    pub catalogue: &'a Catalogue,
    /// Who looks.
    pub reader: &'a Reader,
    /// The seed of the simulation.
    pub seed: u64,
}

/// How a visit ended.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Visit {
    /// How many places were looked at.
    pub seen: usize,
    /// Places whose offer was opened, booked or not.
    pub opened: Vec<usize>,
    /// Places booked.
    pub booked: Vec<usize>,
}

impl Chooser<'_> {
    /// Looks at a list from the top.
    pub fn visit(&self, list: &[Row], state: &State, mood: &mut Pcg64Mcg) -> Visit {
        let mut visit = Visit::default();
        for (place, row) in list.iter().enumerate() {
            // Three draws a place, used or not: the same mood under every policy.
            let (goes_on, opens, books): (f64, f64, f64) = (
                mood.random_range(0.0..1.0),
                mood.random_range(0.0..1.0),
                mood.random_range(0.0..1.0),
            );
            visit.seen = place + 1;
            let appeal = self
                .catalogue
                .offer(*row)
                .map_or(0.0, |offer| self.appeal(offer, state));
            if opens < (2.0 * appeal).min(1.0) {
                visit.opened.push(place);
            }
            if visit.booked.len() < self.assumed.most_a_visit && books < self.assumed.eagerness * appeal {
                visit.booked.push(place);
            }
            if goes_on > self.assumed.patience {
                break;
            }
        }
        visit
    }

    /// How much an offer appeals, in [0, 1]; nothing that cannot be paid or was booked does.
    pub fn appeal(&self, offer: &OfferRow, state: &State) -> f64 {
        let persona = &self.assumed.persona[self.reader.persona];
        let price = offer.price.map_or(0, florilege_engine::money::Cents::get);
        let work = self.catalogue.item(offer.item).map_or("", |item| item.id.as_str());
        if price > state.credit_cents || state.works.contains(work) {
            return 0.0;
        }
        let category = offer.category.index();
        let taste = state.taste_for(category);
        let fresh = if state.categories.is_empty() || state.categories.contains(&category) {
            1.0
        } else {
            persona.novelty
        };
        let bored = 1.0 - self.assumed.boredom * state.bored(category);
        let thrift = 1.0 / (1.0 + persona.thrift * f64::from(price) / HALF_PRICE_CENTS);
        (taste * fresh * bored * thrift * self.near(offer) * self.pull(offer, work)).clamp(0.0, 1.0)
    }

    fn near(&self, offer: &OfferRow) -> f64 {
        let place = offer.place.and_then(|place| self.catalogue.places().get(place));
        let Some(place) = place else { return 1.0 };
        let reach = &self.assumed.reach;
        let half = match self.reader.territory {
            Territory::Rural => reach.rural,
            Territory::Town => reach.town,
            Territory::Urban => reach.urban,
        };
        let half = half * self.assumed.persona[self.reader.persona].reach;
        1.0 / (1.0 + place.position.distance(self.reader.home).0 / half)
    }

    /// The work's own pull on this reader, around 1.
    fn pull(&self, offer: &OfferRow, work: &str) -> f64 {
        let number = work.bytes().fold(WORKS, |mixed, byte| {
            (mixed ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        let reader = self.reader.id.bytes().fold(0_u64, |mixed, byte| {
            mixed.wrapping_mul(31).wrapping_add(u64::from(byte))
        });
        let liked = self.assumed.work_noise * normal(&mut rng(self.seed, reader, number));
        let popular = f64::from(offer.popularity()).ln_1p() / FULL_POPULARITY.ln_1p();
        let persona = &self.assumed.persona[self.reader.persona];
        (liked + self.assumed.popularity_pull * persona.popularity * (popular.min(1.0) - 0.5)).exp()
    }
}
