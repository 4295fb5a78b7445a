//! The acts of one reader: what an event makes of them, and what they add to the tables of each work.
//!
//! The source of every table. Invariant: what is kept is a function of the reader's own events in their order, and
//! bounded.

use std::cmp::Reverse;
use std::sync::Arc;

use super::{KEPT, Work};
use crate::catalogue::row::ItemIx;
use crate::event::{Event, EventType};
use crate::ids::{OfferId, UserId};

/// The most shares that are kept of one reader.
const SENT: usize = 64;
/// A review of as many stars praises.
const PRAISE: f64 = 4.0;
/// A review of as few does not.
const BLAME: f64 = 2.0;

pub(super) const BOOKED: u8 = 1;
pub(super) const FAVOURITE: u8 = 1 << 1;
pub(super) const LIKED: u8 = 1 << 2;
pub(super) const SHARED: u8 = 1 << 3;
pub(super) const PRAISED: u8 = 1 << 4;
pub(super) const BLAMED: u8 = 1 << 5;
pub(super) const TAKEN: u8 = BOOKED | FAVOURITE | LIKED;

/// What a reader did with an offer.
#[derive(Debug, Clone)]
pub(super) struct Act {
    pub(super) offer: OfferId,
    /// The offer's work, while the offer is there.
    pub(super) work: Option<Work>,
    /// When the reader took it, in milliseconds since 1970: the latest booking, else what first made it taken. A word
    /// on what was taken long ago, or having been there, is no taking; none while it is not taken.
    pub(super) taken_at: Option<i64>,
    pub(super) marks: u8,
}

/// An offer sent to somebody.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Letter {
    pub(super) to: UserId,
    pub(super) offer: OfferId,
    pub(super) at: i64,
}

/// A letter as its receiver's box holds it: latest first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Received {
    pub(super) at: Reverse<i64>,
    pub(super) from: UserId,
    pub(super) offer: OfferId,
}

/// One reader's acts.
#[derive(Debug, Clone)]
pub(super) struct Acting {
    pub(super) id: UserId,
    pub(super) print: u64,
    /// In the order in which they were last touched.
    pub(super) acts: Vec<Act>,
    pub(super) letters: Vec<Letter>,
    /// The works taken, each once.
    pub(super) taken: Arc<[ItemIx]>,
}

/// What one reader adds to the tables of a work.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Share {
    pub(super) work: Work,
    /// When it was taken last; none when the work is not taken.
    pub(super) taken_at: Option<i64>,
    pub(super) marks: u8,
}

/// What an event sets and what it clears; none for one that says nothing here.
pub(super) fn marks(event: &Event) -> Option<(u8, u8)> {
    match event.kind {
        EventType::Booking | EventType::Attendance => Some((BOOKED, 0)),
        EventType::Cancellation => Some((0, BOOKED)),
        EventType::Favorite => Some((FAVOURITE, 0)),
        EventType::Unfavorite => Some((0, FAVOURITE)),
        EventType::Like => Some((LIKED, 0)),
        EventType::Dislike | EventType::Hide => Some((0, LIKED | FAVOURITE)),
        EventType::Share => Some((SHARED, 0)),
        EventType::Review => Some((review(event.value), PRAISED | BLAMED)),
        EventType::Impression | EventType::View | EventType::Click | EventType::Search => None,
    }
}

fn review(stars: Option<f64>) -> u8 {
    match stars {
        Some(stars) if stars >= PRAISE => PRAISED,
        Some(stars) if stars <= BLAME => BLAMED,
        Some(_) | None => 0,
    }
}

impl Letter {
    pub(super) fn received(&self, from: &UserId) -> Received {
        Received {
            at: Reverse(self.at),
            from: from.clone(),
            offer: self.offer.clone(),
        }
    }
}

impl Acting {
    pub(super) fn mark(&mut self, event: &Event, offer: &OfferId, work: Option<Work>, (set, cleared): (u8, u8)) {
        let at = event.at.millis();
        let known = self.acts.iter().position(|act| act.offer == *offer);
        let mut act = known.map_or_else(
            || Act {
                offer: offer.clone(),
                work,
                taken_at: None,
                marks: 0,
            },
            |place| self.acts.remove(place),
        );
        if event.kind == EventType::Booking || (set & TAKEN != 0 && act.taken_at.is_none()) {
            act.taken_at = act.taken_at.max(Some(at));
        }
        act.marks = (act.marks & !cleared) | set;
        act.taken_at = act.taken_at.filter(|_| act.marks & TAKEN != 0);
        if act.marks != 0 {
            self.acts.push(act);
            let over = self.acts.len().saturating_sub(KEPT);
            self.acts.drain(..over);
        }
        if let (EventType::Share, Some(to)) = (event.kind, &event.to_user_id) {
            self.letters.push(Letter {
                to: to.clone(),
                offer: offer.clone(),
                at,
            });
            let over = self.letters.len().saturating_sub(SENT);
            self.letters.drain(..over);
        }
    }

    pub(super) fn works_taken(&self) -> Arc<[ItemIx]> {
        let taken = self.acts.iter().filter(|act| act.taken_at.is_some());
        let mut works: Vec<ItemIx> = taken.filter_map(|act| Some(act.work?.item)).collect();
        works.sort_unstable();
        works.dedup();
        works.into()
    }

    /// What the reader adds to each work.
    pub(super) fn shares(&self) -> Vec<Share> {
        let mut shares: Vec<Share> = Vec::new();
        for act in &self.acts {
            let Some(work) = act.work else { continue };
            match shares.iter_mut().find(|share| share.work == work) {
                Some(share) => {
                    share.taken_at = share.taken_at.max(act.taken_at);
                    share.marks |= act.marks;
                }
                None => shares.push(Share {
                    work,
                    taken_at: act.taken_at,
                    marks: act.marks,
                }),
            }
        }
        shares
    }
}
