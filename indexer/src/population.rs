//! Readers and what they do, beside a generated catalogue, on published figures.
//!
//! [`Population::new`] draws when every visit is, eight bytes a visit; [`Population::day`] then makes the acts of one day.
//! Everything assumed stands in `indexer/data/population.toml`. Invariant: a reader, a visit and all that happens in it follow
//! from the seed and their numbers alone, so days can be made in any order and on any number of threads.

use crate::lab::random::Random;

pub mod figures;
pub mod shelf;
#[cfg(test)]
mod tests;

use figures::Figures;
use shelf::Shelf;

/// Milliseconds of a day.
const DAY_MS: i64 = 86_400_000;
/// The most visits of one reader.
const MOST_VISITS: f64 = 4_000.0;
/// Streams of draws: of a reader, of the visits.
const READER: u64 = 0x7265_6164;
const VISIT: u64 = 0x7669_7369;

/// How much is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// Readers.
    pub readers: u32,
    /// Events, about.
    pub events: u64,
    /// Another seed, another public.
    pub seed: u64,
    /// The first day, in days since 1970.
    pub first: i32,
    /// How many days.
    pub days: u16,
}

/// Why a plan cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// No reader, or no day.
    #[error("a public needs at least one reader and one day")]
    Empty,
    /// More than a reader can do.
    #[error("{events} events are too many for {readers} readers")]
    Events {
        /// Events asked for.
        events: u64,
        /// Readers.
        readers: u32,
    },
    /// No offer of any kind and category that is booked.
    #[error("the catalogue has no offer that anybody books")]
    Shelf,
}

/// Who a reader is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reader {
    /// The number.
    pub number: u32,
    /// 15 to 18 at the first day.
    pub age: u8,
    /// Index of the department.
    pub department: u16,
    /// Whether the home is in a priority urban district.
    pub urban_priority: bool,
    /// Whether it is in the country.
    pub rural: bool,
    /// Index of the persona.
    pub persona: u8,
    /// Whether the reader ever books.
    pub active: bool,
    /// The day of the sign-up, from 0.
    pub signed_up: u16,
    /// The shelf that the reader keeps to.
    main: usize,
    /// The one that comes next.
    second: usize,
    /// How much the reader does, against others.
    weight: f64,
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Act {
    /// Was on the screen.
    Impression,
    /// Was tapped.
    Click,
    /// Was kept.
    Favorite,
    /// Was liked.
    Like,
    /// Was disliked.
    Dislike,
    /// Words were looked for.
    Search,
    /// Was booked.
    Booking,
    /// Was undone.
    Cancellation,
}

impl Act {
    /// As in the contract.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Impression => "impression",
            Self::Click => "click",
            Self::Favorite => "favorite",
            Self::Like => "like",
            Self::Dislike => "dislike",
            Self::Search => "search",
            Self::Booking => "booking",
            Self::Cancellation => "cancellation",
        }
    }
}

/// An event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event {
    /// What was done.
    pub act: Act,
    /// By whom.
    pub reader: u32,
    /// To which offer, by its number.
    pub offer: Option<u32>,
    /// In which visit of the reader.
    pub visit: u32,
    /// The place in the list shown, from 0.
    pub rank: Option<u8>,
    /// Milliseconds since 1970.
    pub at: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Visit {
    reader: u32,
    number: u32,
}

/// A public that is ready to act.
#[derive(Debug)]
pub struct Population<'a> {
    figures: &'a Figures,
    shelf: &'a Shelf,
    plan: Plan,
    days: Vec<Vec<Visit>>,
    /// Running totals of the shelves' shares of bookings.
    shares: Vec<f64>,
    books: f64,
}

impl<'a> Population<'a> {
    /// Draws when everybody comes.
    ///
    /// # Errors
    /// See [`PlanError`].
    pub fn new(figures: &'a Figures, shelf: &'a Shelf, plan: Plan) -> Result<Self, PlanError> {
        if plan.readers == 0 || plan.days == 0 {
            return Err(PlanError::Empty);
        }
        let shares = running(shelf.shares().iter().copied());
        if shares.last().is_none_or(|total| *total <= 0.0) {
            return Err(PlanError::Shelf);
        }
        let books = figures.books_per_visit / figures.active_part();
        let mut made = Self {
            figures,
            shelf,
            plan,
            days: vec![Vec::new(); usize::from(plan.days)],
            shares,
            books,
        };
        let visits = plan.events as f64 / figures.events_a_visit();
        if visits / f64::from(plan.readers) > MOST_VISITS / 8.0 {
            return Err(PlanError::Events {
                events: plan.events,
                readers: plan.readers,
            });
        }
        let total: f64 = made.readers().map(|reader| reader.weight).sum();
        for number in 0..plan.readers {
            let reader = made.reader(number);
            made.invite(&reader, visits * reader.weight / total);
        }
        Ok(made)
    }

    /// How many days there are.
    #[must_use]
    pub fn days(&self) -> usize {
        self.days.len()
    }

    /// The date of a day, in days since 1970.
    #[must_use]
    pub fn date(&self, day: usize) -> i32 {
        self.plan.first + i32::try_from(day).unwrap_or(i32::MAX)
    }

    /// Everybody.
    pub fn readers(&self) -> impl Iterator<Item = Reader> + '_ {
        (0..self.plan.readers).map(|number| self.reader(number))
    }

    /// The reader of a number.
    #[must_use]
    pub fn reader(&self, number: u32) -> Reader {
        let random = &mut Random::new(self.plan.seed ^ READER, u64::from(number));
        let figures = self.figures;
        let persona = drawn(random, &figures.personas());
        let active = random.unit() < figures.active;
        let weight = (figures.activity * random.normal()).exp().min(MOST_VISITS);
        // Sign-ups slow down through the time.
        let leaning = running(self.shelf.leaning(figures, persona).into_iter());
        let signed_up = (random.unit().powf(1.5) * f64::from(self.plan.days) * 0.85) as u16;
        Reader {
            number,
            age: 15 + random.below(4) as u8,
            department: self.shelf.home(random),
            urban_priority: random.unit() < figures.urban_priority,
            rural: random.unit() < figures.rural,
            persona: persona as u8,
            active,
            signed_up,
            main: drawn(random, &leaning),
            second: drawn(random, &leaning),
            weight: if active { weight } else { weight * figures::IDLE },
        }
    }

    /// Puts the visits of a reader on their days.
    fn invite(&mut self, reader: &Reader, visits: f64) {
        let mut random = Random::new(self.plan.seed ^ READER ^ VISIT, u64::from(reader.number));
        let count = (visits + random.unit()).floor().min(MOST_VISITS) as u32;
        for number in 0..count {
            let visit = Visit {
                reader: reader.number,
                number,
            };
            let day = self.day_of(reader, visit);
            self.days[day].push(visit);
        }
    }

    /// After the sign-up, more often soon than late, by the weights of the week; cinema is booked on its days.
    fn day_of(&self, reader: &Reader, visit: Visit) -> usize {
        let mut random = self.random(visit, 1);
        let (first, last) = (usize::from(reader.signed_up), usize::from(self.plan.days));
        let room = (last - first) as f64;
        let most = self.figures.week.iter().copied().fold(0.0, f64::max);
        let booked = self.booking(reader, visit);
        let mut day = first;
        for _ in 0..8 {
            day = first + (random.unit().powf(1.4) * room) as usize;
            if random.unit() * most < self.figures.week[self.weekday(day)] {
                break;
            }
        }
        if booked.is_some_and(|at| self.shelf.is_cinema(at)) {
            day = self.to_cinema(day, &mut random);
        }
        day.min(last - 1)
    }

    /// The same week's Wednesday or Saturday, as often as the figures say.
    fn to_cinema(&self, day: usize, random: &mut Random) -> usize {
        let days = &self.figures.cinema_days;
        let part = random.unit();
        let wanted = match part {
            _ if part < days.wednesday => 2,
            _ if part < days.wednesday + days.saturday => 5,
            _ => return day,
        };
        let monday = day as i64 - self.weekday(day) as i64;
        usize::try_from(monday + wanted).unwrap_or(day)
    }

    /// 0 is Monday.
    fn weekday(&self, day: usize) -> usize {
        // The first of January 1970 was a Thursday.
        (i64::from(self.date(day)) + 3).rem_euclid(7) as usize
    }

    fn random(&self, visit: Visit, purpose: u64) -> Random {
        let stream = u64::from(visit.reader) << 32 | u64::from(visit.number) << 4 | purpose;
        Random::new(self.plan.seed ^ VISIT, stream)
    }

    /// The shelf that a visit books from, if it books.
    fn booking(&self, reader: &Reader, visit: Visit) -> Option<usize> {
        let mut random = self.random(visit, 2);
        let books = reader.active && random.unit() < self.books;
        books.then(|| self.choose(reader, &mut random, self.figures.loyalty))
    }

    fn choose(&self, reader: &Reader, random: &mut Random, loyalty: f64) -> usize {
        match random.unit() {
            part if part < loyalty => reader.main,
            part if part < loyalty + (1.0 - loyalty) * self.figures.second => reader.second,
            _ => drawn(random, &self.shares),
        }
    }

    /// All acts of a day, in the order of time.
    #[must_use]
    pub fn day(&self, day: usize) -> Vec<Event> {
        let mut events = Vec::new();
        for visit in &self.days[day] {
            self.visit(*visit, day, &mut events);
        }
        events.sort_by_key(|event| (event.at, event.reader, event.visit));
        events
    }

    fn visit(&self, visit: Visit, day: usize, events: &mut Vec<Event>) {
        let reader = self.reader(visit.reader);
        let mut random = self.random(visit, 3);
        let figures = self.figures;
        let hour = drawn(&mut random, &figures.hours()) as i64;
        let at = i64::from(self.date(day)) * DAY_MS + hour * 3_600_000 + random.below(3_540_000) as i64;
        let mut clock = Clock { events, visit, at };
        if random.unit() < figures.search {
            clock.add(&mut random, Act::Search, None, None);
        }
        let booked = self.booking(&reader, visit);
        let seen = 1 + random.below((2.0 * figures.impressions) as usize - 1);
        let taken = booked.map(|shelf| (random.below(seen), shelf));
        for rank in 0..seen {
            let own = taken.filter(|(place, _)| *place == rank).map(|(_, shelf)| shelf);
            let shelf = own.unwrap_or_else(|| self.choose(&reader, &mut random, 0.5 * figures.loyalty));
            let offer = self.shelf.offer(shelf, reader.department, figures, &mut random);
            self.seen(&mut clock, &mut random, offer, rank as u8, own.is_some());
        }
    }

    fn seen(&self, clock: &mut Clock<'_>, random: &mut Random, offer: Option<u32>, rank: u8, booked: bool) {
        let figures = self.figures;
        let (offer, rank) = (offer, Some(rank));
        clock.add(random, Act::Impression, offer, rank);
        if !booked && random.unit() >= figures.click {
            return;
        }
        clock.add(random, Act::Click, offer, rank);
        for (act, chance) in [
            (Act::Favorite, figures.favorite),
            (Act::Like, figures.like),
            (Act::Dislike, if booked { 0.0 } else { figures.dislike }),
        ] {
            if random.unit() < chance {
                clock.add(random, act, offer, None);
            }
        }
        if booked {
            clock.add(random, Act::Booking, offer, rank);
            if random.unit() < figures.cancellation {
                clock.add(random, Act::Cancellation, offer, None);
            }
        }
    }
}

/// Writes the events of a visit, a few seconds from one to the next.
struct Clock<'a> {
    events: &'a mut Vec<Event>,
    visit: Visit,
    at: i64,
}

impl Clock<'_> {
    fn add(&mut self, random: &mut Random, act: Act, offer: Option<u32>, rank: Option<u8>) {
        self.events.push(Event {
            act,
            reader: self.visit.reader,
            offer,
            visit: self.visit.number,
            rank,
            at: self.at,
        });
        self.at += 500 + random.below(3_000) as i64;
    }
}

/// Running totals.
fn running(parts: impl Iterator<Item = f64>) -> Vec<f64> {
    parts
        .scan(0.0, |total, part| {
            *total += part;
            Some(*total)
        })
        .collect()
}

/// Which part a draw falls into, by running totals.
fn drawn(random: &mut Random, totals: &[f64]) -> usize {
    let at = random.unit() * totals.last().copied().unwrap_or(0.0);
    totals
        .partition_point(|total| *total <= at)
        .min(totals.len().saturating_sub(1))
}
