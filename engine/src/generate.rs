//! The generator: a seeded catalogue of any size out of true facts, for the demo, tests, benches and
//! `florilege-indexer generate`.
//!
//! Real towns, real works of the dead, believable venues, nobody invented. It stands before the main path: what it
//! gives are changes like any others. Invariant: a thing is made of the plan and its number alone, so the stream
//! holds nothing, and the same plan gives the same bytes on every machine.

mod draw;
mod facts;
mod lines;
mod offers;
mod schedule;
mod towns;
mod venues;
mod words;
mod works;

use crate::change::Change;
use crate::offer::Offer;
use crate::time::Moment;
use crate::venue::Venue;
use facts::Facts;

/// The most offers or venues of a plan.
pub const MAX_COUNT: usize = 1_000_000_000;
/// Offers to a venue where a plan does not say: those of the budgets, 1,000,000 at 50,000.
const OFFERS_PER_VENUE: usize = 20;
const DEMO_OFFERS: usize = 20_000;
const DEMO_VENUES: usize = 2_000;
const DEMO_SEED: u64 = 7;
/// Years in which every date of a catalogue exists: 1900 to 2900, in milliseconds around 1970.
const NOW_MS: std::ops::RangeInclusive<i64> = -2_208_988_800_000..=29_348_006_400_000;

/// What to generate.
///
/// With the same seed, `now` and number of venues, a smaller plan is the beginning of a larger one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// How many offers.
    pub offers: usize,
    /// How many venues; one for 20 offers where absent, but at least one of every kind.
    pub venues: Option<usize>,
    /// Another seed, another catalogue.
    pub seed: u64,
    /// The moment that the dates lie around.
    pub now: Moment,
}

/// Why a plan cannot be generated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPlan {
    /// Past [`MAX_COUNT`].
    #[error("a plan has at most {MAX_COUNT} {what}, not {count}")]
    TooMany {
        /// Offers or venues.
        what: &'static str,
        /// How many were asked for.
        count: usize,
    },
    /// Offers, but nowhere to offer them.
    #[error("a plan with offers has at least one venue")]
    NoVenue,
    /// A moment so far away that dates around it do not exist.
    #[error("the plan's now lies between 1900 and 2900, not at {0}")]
    Now(Moment),
}

impl Plan {
    /// The generator of the plan, or why there is none.
    pub fn check(self) -> Result<Generator, InvalidPlan> {
        let facts = Facts::built_in();
        let least = facts.per_round() as usize;
        let venues = self.venues.unwrap_or((self.offers / OFFERS_PER_VENUE).max(least));
        for (what, count) in [("offers", self.offers), ("venues", venues)] {
            if count > MAX_COUNT {
                return Err(InvalidPlan::TooMany { what, count });
            }
        }
        if venues == 0 && self.offers > 0 {
            return Err(InvalidPlan::NoVenue);
        }
        if !NOW_MS.contains(&self.now.millis()) {
            return Err(InvalidPlan::Now(self.now));
        }
        Ok(Generator {
            facts,
            offers: self.offers as u64,
            venues: venues as u64,
            seed: self.seed,
            now: self.now,
        })
    }
}

/// A checked plan: any venue, any offer, or all of them as changes. Readers and their events, when they come, ask it
/// for the offers they act on by number.
#[derive(Debug, Clone, Copy)]
pub struct Generator {
    facts: &'static Facts,
    offers: u64,
    venues: u64,
    seed: u64,
    now: Moment,
}

impl Generator {
    /// How many offers there are.
    pub const fn offers(&self) -> u64 {
        self.offers
    }

    /// How many venues there are.
    pub const fn venues(&self) -> u64 {
        self.venues
    }

    /// The venue of a number; `None` past the last.
    pub fn venue(&self, number: u64) -> Option<Venue> {
        let exists = number < self.venues;
        exists.then(|| venues::venue(self.facts, self.seed, number)).flatten()
    }

    /// The offer of a number; `None` past the last.
    pub fn offer(&self, number: u64) -> Option<Offer> {
        let exists = number < self.offers;
        exists.then(|| offers::offer(self, number)).flatten()
    }

    /// Every venue, then every offer; nothing is held but two numbers.
    pub fn changes(&self) -> Changes {
        Changes {
            generator: *self,
            next: 0,
        }
    }
}

impl IntoIterator for Generator {
    type Item = Change;
    type IntoIter = Changes;

    fn into_iter(self) -> Changes {
        self.changes()
    }
}

/// The changes of a plan, one at a time.
#[derive(Debug, Clone)]
pub struct Changes {
    generator: Generator,
    next: u64,
}

impl Iterator for Changes {
    type Item = Change;

    fn next(&mut self) -> Option<Change> {
        let number = self.next;
        self.next += 1;
        match number.checked_sub(self.generator.venues) {
            None => self
                .generator
                .venue(number)
                .map(|venue| Change::VenueUpsert(Box::new(venue))),
            Some(offer) => self
                .generator
                .offer(offer)
                .map(|offer| Change::OfferUpsert(Box::new(offer))),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let all = self.generator.venues + self.generator.offers;
        let left = all.saturating_sub(self.next) as usize;
        (left, Some(left))
    }
}

impl ExactSizeIterator for Changes {}

/// The built-in sample: 20,000 offers at 2,000 venues around `now`. Empty for a `now` outside the years of
/// [`Plan::check`].
pub fn demo(now: Moment) -> impl Iterator<Item = Change> {
    let plan = Plan {
        offers: DEMO_OFFERS,
        venues: Some(DEMO_VENUES),
        seed: DEMO_SEED,
        now,
    };
    plan.check().into_iter().flatten()
}

#[cfg(test)]
mod tests;
