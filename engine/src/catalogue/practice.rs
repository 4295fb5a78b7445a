//! Practice: what a reader's acts have shown, as bounded counters.
//!
//! Each event of the log moves it once, in order; a visit of an unknown reader is one that lives as long as the
//! request. Invariant: an act costs no more than the caps below, the same acts in the same order give the same state,
//! and a cancellation takes its booking back.

mod received;

use std::collections::VecDeque;

use self::received::Received;
use super::row::VenueIx;
use super::words::Word;
use crate::event::{EventType, GENRES_EACH};
use crate::ids::ItemId;
use crate::taxonomy::{CategoryIx, SubcategoryIx};

/// The most genres, venues, kinds of venue remembered; the weakest or the oldest goes first.
pub const MAX_GENRES: usize = 48;
/// The most venues that are remembered as known.
pub const MAX_VENUES: usize = 128;
/// The most works that are remembered as shown and passed over.
pub const MAX_UNSEEN: usize = 128;

/// What is left of a piece of evidence after another of full weight.
const DECAY: f64 = 0.97;
/// Half of a fatigue is gone after this, in milliseconds.
const REST_MS: f64 = 7.0 * 86_400_000.0;
/// What one more unseen showing adds to what is left of the rest.
const TIRING: f64 = 0.2;
/// Openness before anything was done, its bounds, and what an acceptance, a refusal and a skip move it by.
const OPENNESS: f64 = 0.5;
const OPENS: f64 = 0.15;
const CLOSES: f64 = 0.1;
const SKIPS: f64 = 0.001;
/// A review with fewer stars than this is no praise.
const PRAISE: f64 = 2.5;

/// What an offer is, as far as diversity of practice goes.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    /// Its category.
    pub category: CategoryIx,
    /// Its subcategory.
    pub subcategory: SubcategoryIx,
    /// Its venue.
    pub venue: Option<VenueIx>,
    /// The kind of that.
    pub venue_kind: Option<Word>,
    /// Its genres.
    pub genres: &'a [Word],
}

/// What an act was about, in the catalogue's numbers.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// Its work.
    pub item: &'a ItemId,
    /// What it is.
    pub about: About<'a>,
}

/// One act of a reader.
#[derive(Debug, Clone, Copy)]
pub struct Act<'a> {
    /// What it was.
    pub kind: EventType,
    /// A number such as stars.
    pub value: Option<f64>,
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// About what.
    pub subject: Subject<'a>,
}

impl Act<'_> {
    /// How much the act speaks for its subject; below 0 it speaks against it.
    ///
    /// A booking is the strongest word that a reader has, a click the weakest. A cancellation takes back what the
    /// booking said and no more; an impression says nothing by itself (it tires).
    pub fn weight(&self) -> f64 {
        match self.kind {
            EventType::Booking => 1.0,
            EventType::Cancellation => -1.0,
            EventType::Attendance => 0.3,
            EventType::Favorite | EventType::Like => 0.6,
            EventType::Unfavorite => -0.6,
            EventType::Share => 0.5,
            EventType::Review if self.value.is_some_and(|stars| stars < PRAISE) => -0.4,
            EventType::Review => 0.4,
            EventType::View => 0.15,
            EventType::Click => 0.1,
            EventType::Dislike => -0.7,
            EventType::Hide => -0.9,
            EventType::Impression | EventType::Search => 0.0,
        }
    }
}

/// A number that fades as evidence comes.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Fading<K> {
    key: K,
    value: f64,
    /// The reader's evidence clock when it was last touched.
    tick: f64,
}

/// A work shown and passed over.
#[derive(Debug, Clone, PartialEq)]
struct Unseen {
    item: ItemId,
    /// 1 is rested, towards 0 with every showing.
    rest: f64,
    at: i64,
}

/// A category was practised by a booking for the first time, or is practised no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The reader took it up.
    Taken(CategoryIx),
    /// The only booking in it was cancelled.
    Left(CategoryIx),
}

/// What a reader's acts have shown.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Practice {
    tick: f64,
    evidence: Vec<Fading<SubcategoryIx>>,
    genres: Vec<Fading<Word>>,
    booked: Vec<(SubcategoryIx, u32)>,
    categories: Vec<(CategoryIx, u32)>,
    booked_genres: Vec<(Word, u32)>,
    venues: Vec<(VenueIx, u32)>,
    venue_kinds: Vec<(Word, u32)>,
    unseen: VecDeque<Unseen>,
    received: Received,
    /// How far openness has moved from where it starts.
    moved: f64,
    bookings: u32,
}

impl Practice {
    /// Takes an act into account.
    pub fn note(&mut self, act: &Act<'_>) -> Option<Step> {
        let weight = act.weight();
        self.open_or_close(act, weight);
        self.received.note(act.kind, act.subject.about.category, weight);
        if weight != 0.0 {
            let taken_back = matches!(act.kind, EventType::Cancellation | EventType::Unfavorite);
            self.learn(&act.subject.about, weight, taken_back);
        }
        match act.kind {
            EventType::Impression => self.tire(act.subject.item, act.at),
            EventType::Search => {}
            EventType::View
            | EventType::Click
            | EventType::Favorite
            | EventType::Unfavorite
            | EventType::Booking
            | EventType::Cancellation
            | EventType::Attendance
            | EventType::Like
            | EventType::Dislike
            | EventType::Hide
            | EventType::Share
            | EventType::Review => self.unseen.retain(|seen| seen.item != *act.subject.item),
        }
        match act.kind {
            EventType::Booking => self.book(&act.subject.about),
            EventType::Cancellation => self.cancel(&act.subject.about),
            EventType::Impression
            | EventType::View
            | EventType::Click
            | EventType::Favorite
            | EventType::Unfavorite
            | EventType::Attendance
            | EventType::Like
            | EventType::Dislike
            | EventType::Hide
            | EventType::Share
            | EventType::Review
            | EventType::Search => None,
        }
    }

    /// What is taken back leaves nothing against its subject.
    fn learn(&mut self, about: &About<'_>, weight: f64, taken_back: bool) {
        self.tick += weight.abs();
        let said = Said {
            weight,
            taken_back,
            tick: self.tick,
        };
        bump(&mut self.evidence, about.subcategory, said, usize::MAX);
        for genre in about.genres.iter().take(GENRES_EACH) {
            bump(&mut self.genres, *genre, said, MAX_GENRES);
        }
    }

    /// A step into something new opens, a refusal closes, what is passed over closes a little.
    fn open_or_close(&mut self, act: &Act<'_>, weight: f64) {
        let new = !self
            .categories
            .iter()
            .any(|(known, _)| *known == act.subject.about.category);
        let moved = match act.kind {
            EventType::Impression if new && self.bookings > 0 => -SKIPS,
            EventType::Impression | EventType::Search | EventType::Cancellation | EventType::Unfavorite => 0.0,
            EventType::Dislike | EventType::Hide if new => -CLOSES,
            EventType::Dislike | EventType::Hide => -CLOSES / 2.0,
            EventType::View
            | EventType::Click
            | EventType::Favorite
            | EventType::Booking
            | EventType::Attendance
            | EventType::Like
            | EventType::Share
            | EventType::Review
                if new && self.bookings > 0 =>
            {
                OPENS * weight
            }
            EventType::View
            | EventType::Click
            | EventType::Favorite
            | EventType::Booking
            | EventType::Attendance
            | EventType::Like
            | EventType::Share
            | EventType::Review => 0.0,
        };
        self.moved = (self.moved + moved).clamp(-OPENNESS, 1.0 - OPENNESS);
    }

    fn tire(&mut self, item: &ItemId, at: i64) {
        let known = self.unseen.iter().position(|seen| seen.item == *item);
        let before = known.and_then(|place| self.unseen.remove(place));
        let rest = before.map_or(1.0, |seen| rested(&seen, at)) * (1.0 - TIRING);
        self.unseen.push_back(Unseen {
            item: item.clone(),
            rest,
            at,
        });
        if self.unseen.len() > MAX_UNSEEN {
            self.unseen.pop_front();
        }
    }

    fn book(&mut self, about: &About<'_>) -> Option<Step> {
        self.bookings += 1;
        self.received.book(about.category);
        count(&mut self.booked, about.subcategory, usize::MAX);
        for genre in about.genres.iter().take(GENRES_EACH) {
            count(&mut self.booked_genres, *genre, MAX_GENRES);
        }
        if let Some(venue) = about.venue {
            count(&mut self.venues, venue, MAX_VENUES);
        }
        if let Some(kind) = about.venue_kind {
            count(&mut self.venue_kinds, kind, MAX_VENUES);
        }
        let first = count(&mut self.categories, about.category, usize::MAX) == 1;
        first.then_some(Step::Taken(about.category))
    }

    fn cancel(&mut self, about: &About<'_>) -> Option<Step> {
        self.bookings = self.bookings.saturating_sub(1);
        self.received.cancel(about.category);
        discount(&mut self.booked, about.subcategory);
        for genre in about.genres.iter().take(GENRES_EACH) {
            discount(&mut self.booked_genres, *genre);
        }
        if let Some(venue) = about.venue {
            discount(&mut self.venues, venue);
        }
        if let Some(kind) = about.venue_kind {
            discount(&mut self.venue_kinds, kind);
        }
        discount(&mut self.categories, about.category).then_some(Step::Left(about.category))
    }

    /// The evidence for each subcategory, faded to now.
    pub fn evidence(&self) -> impl Iterator<Item = (SubcategoryIx, f64)> + '_ {
        self.evidence.iter().map(|one| (one.key, self.faded(one)))
    }

    /// The evidence for each genre, faded to now.
    pub fn genres(&self) -> impl Iterator<Item = (Word, f64)> + '_ {
        self.genres.iter().map(|one| (one.key, self.faded(one)))
    }

    fn faded<K>(&self, one: &Fading<K>) -> f64 {
        one.value * DECAY.powf(self.tick - one.tick)
    }

    /// How often a category was shown, and how often it was taken to; both fade as more of it is shown.
    pub fn received(&self, category: CategoryIx) -> (f64, f64) {
        self.received.of(category)
    }

    /// The share of a category in the last bookings, 0 to 1.
    pub fn sated(&self, category: CategoryIx) -> f64 {
        self.received.sated(category)
    }

    /// How rested each work is that was shown and passed over, 0 to 1.
    pub fn tired(&self, now: i64) -> impl Iterator<Item = (&ItemId, f64)> {
        self.unseen.iter().map(move |seen| (&seen.item, rested(seen, now)))
    }

    /// How much has been said in all, in bookings, for and against.
    pub const fn said(&self) -> f64 {
        self.tick
    }

    /// Categories practised by booking, in the order in which they were taken up.
    pub fn taken(&self) -> impl Iterator<Item = CategoryIx> + '_ {
        self.categories.iter().map(|(category, _)| *category)
    }

    /// How open the reader has shown to be, 0 to 1; one half before anything was done.
    pub fn openness(&self) -> f64 {
        OPENNESS + self.moved
    }

    /// Bookings that stand.
    pub const fn bookings(&self) -> u32 {
        self.bookings
    }

    /// Whether anything was done at all.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The diversity score that a booking would bring: points for what is new to this reader, of
    /// [`FULL_POINTS`]. (Category 25, kind of venue 20, subcategory 10, venue 5, genre 5; a first booking is all new.)
    pub fn points(&self, about: &About<'_>) -> f64 {
        if self.bookings == 0 {
            return FULL_POINTS;
        }
        let new = |points: f64, known: bool| if known { 0.0 } else { points };
        let venue_known = about.venue.is_none_or(|venue| holds(&self.venues, venue));
        let kind_known = about.venue_kind.is_none_or(|kind| holds(&self.venue_kinds, kind));
        let genre_known = about.genres.iter().all(|genre| holds(&self.booked_genres, *genre));
        new(25.0, holds(&self.categories, about.category))
            + new(20.0, kind_known)
            + new(10.0, holds(&self.booked, about.subcategory))
            + new(5.0, venue_known)
            + new(5.0, genre_known)
    }

    /// Whether a category was booked in.
    pub fn practises(&self, category: CategoryIx) -> bool {
        holds(&self.categories, category)
    }
}

/// What a booking brings at most.
pub const FULL_POINTS: f64 = 65.0;

fn rested(seen: &Unseen, now: i64) -> f64 {
    let since = now.saturating_sub(seen.at).max(0) as f64;
    1.0 - (1.0 - seen.rest) * 0.5f64.powf(since / REST_MS)
}

/// One piece of evidence.
#[derive(Clone, Copy)]
struct Said {
    weight: f64,
    taken_back: bool,
    tick: f64,
}

fn bump<K: Copy + PartialEq>(list: &mut Vec<Fading<K>>, key: K, said: Said, most: usize) {
    let Said { weight, tick, .. } = said;
    if let Some(one) = list.iter_mut().find(|one| one.key == key) {
        let before = one.value * DECAY.powf(tick - one.tick);
        let floor = if said.taken_back {
            before.min(0.0)
        } else {
            f64::NEG_INFINITY
        };
        one.value = (before + weight).max(floor);
        one.tick = tick;
        return;
    }
    if said.taken_back {
        return;
    }
    if list.len() >= most {
        let strength = |one: &Fading<K>| one.value.abs() * DECAY.powf(tick - one.tick);
        let weakest = (0..list.len()).min_by(|a, b| strength(&list[*a]).total_cmp(&strength(&list[*b])));
        if let Some(place) = weakest {
            list.remove(place);
        }
    }
    list.push(Fading {
        key,
        value: weight,
        tick,
    });
}

/// One more of a key, and how many there are now.
fn count<K: Copy + PartialEq>(list: &mut Vec<(K, u32)>, key: K, most: usize) -> u32 {
    if let Some((_, count)) = list.iter_mut().find(|(known, _)| *known == key) {
        *count += 1;
        return *count;
    }
    if list.len() >= most {
        list.remove(0);
    }
    list.push((key, 1));
    1
}

/// One less of a key; whether none is left.
fn discount<K: Copy + PartialEq>(list: &mut Vec<(K, u32)>, key: K) -> bool {
    let Some(place) = list.iter().position(|(known, _)| *known == key) else {
        return false;
    };
    list[place].1 -= 1;
    let gone = list[place].1 == 0;
    if gone {
        list.remove(place);
    }
    gone
}

fn holds<K: PartialEq>(list: &[(K, u32)], key: K) -> bool {
    list.iter().any(|(known, _)| *known == key)
}

#[cfg(test)]
mod tests;
