//! What is known of a reader: the profile, and the acts that keep an offer out of the lists.
//!
//! Read when a request is hydrated. Invariant: without consent to personalisation no act is kept.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use crate::event::{Event, EventType};
use crate::ids::{ItemId, OfferId};
use crate::user::User;

/// One reader.
#[derive(Debug, Clone, Default)]
pub struct Reader {
    /// The profile as it was written.
    pub profile: Option<Arc<User>>,
    /// Works booked and not cancelled.
    pub booked: FxHashSet<ItemId>,
    /// Offers not to be shown again.
    pub hidden: FxHashSet<OfferId>,
    /// Works not to be shown again.
    pub hidden_items: FxHashSet<ItemId>,
}

impl Reader {
    /// Whether anything may be learnt about the reader.
    pub fn is_personal(&self) -> bool {
        self.profile
            .as_ref()
            .is_some_and(|profile| profile.consents.personalisation)
    }

    /// Takes an act into account; the work is that of the offer, where it is known.
    pub(super) fn note(&mut self, event: &Event, item: Option<&ItemId>) {
        match (event.kind, item) {
            (EventType::Booking | EventType::Attendance, Some(item)) => {
                self.booked.insert(item.clone());
            }
            (EventType::Cancellation, Some(item)) => {
                self.booked.remove(item);
            }
            (EventType::Hide, item) => {
                self.hidden.extend(event.offer_id.clone());
                self.hidden_items.extend(item.cloned());
            }
            (
                EventType::Booking
                | EventType::Attendance
                | EventType::Cancellation
                | EventType::Impression
                | EventType::View
                | EventType::Click
                | EventType::Favorite
                | EventType::Unfavorite
                | EventType::Like
                | EventType::Dislike
                | EventType::Share
                | EventType::Review
                | EventType::Search,
                _,
            ) => {}
        }
    }
}
