//! How what was shown was received, category by category, and what the last bookings were.
//!
//! Part of a reader's practice. Invariant: no more is taken to than was shown, and both fade at one rate, so that
//! their ratio is an acceptance rate of late.

use std::collections::VecDeque;

use crate::event::EventType;
use crate::taxonomy::CategoryIx;

/// What is left of a showing after another of the same category: about fifty are remembered.
const MEMORY: f64 = 0.98;
/// Bookings that satiety remembers.
const LAST: usize = 5;

#[derive(Debug, Clone, Copy, PartialEq)]
struct Shown {
    category: CategoryIx,
    shown: f64,
    taken: f64,
}

/// Showings and what came of them.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Received {
    shown: Vec<Shown>,
    last: VecDeque<CategoryIx>,
}

impl Received {
    /// A showing, or an act that speaks for or against what was shown; acts on what was never shown say nothing here.
    pub(super) fn note(&mut self, kind: EventType, category: CategoryIx, weight: f64) {
        let known = self.shown.iter_mut().find(|one| one.category == category);
        match (kind, known) {
            (EventType::Impression, Some(one)) => {
                one.shown = one.shown * MEMORY + 1.0;
                one.taken *= MEMORY;
            }
            (EventType::Impression, None) => self.shown.push(Shown {
                category,
                shown: 1.0,
                taken: 0.0,
            }),
            (_, Some(one)) if weight != 0.0 => one.taken = (one.taken + weight.signum()).clamp(0.0, one.shown),
            (_, _) => {}
        }
    }

    pub(super) fn book(&mut self, category: CategoryIx) {
        self.last.push_back(category);
        if self.last.len() > LAST {
            self.last.pop_front();
        }
    }

    pub(super) fn cancel(&mut self, category: CategoryIx) {
        if let Some(place) = self.last.iter().rposition(|booked| *booked == category) {
            self.last.remove(place);
        }
    }

    /// How often a category was shown, and how often it was taken to.
    pub(super) fn of(&self, category: CategoryIx) -> (f64, f64) {
        let known = self.shown.iter().find(|one| one.category == category);
        known.map_or((0.0, 0.0), |one| (one.shown, one.taken))
    }

    /// The share of a category in the last bookings.
    pub(super) fn sated(&self, category: CategoryIx) -> f64 {
        self.last.iter().filter(|booked| **booked == category).count() as f64 / LAST as f64
    }
}
