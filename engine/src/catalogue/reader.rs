//! What is known of a reader: the profile, the acts that keep an offer out of the lists, and what acts have shown.
//!
//! Read when a request is hydrated. Invariant: without consent to personalisation no act is kept.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::practice::{Act, Practice, Step};
use crate::event::{Event, EventType};
use crate::ids::{ItemId, OfferId};
use crate::money::Cents;
use crate::query::Filters;
use crate::user::User;

/// Money for a set of offers alone, its filter read.
#[derive(Debug, Clone, PartialEq)]
pub struct Purse {
    /// What is left.
    pub left: Cents,
    /// What it pays.
    pub filters: Filters,
}

/// One reader.
#[derive(Debug, Clone, Default)]
pub struct Reader {
    /// The profile as it was written.
    pub profile: Option<Arc<User>>,
    /// The profile's wallets; one whose filter cannot be read pays nothing and is not here.
    pub purses: Arc<[Purse]>,
    /// Works booked and not cancelled. Not capped: a forgotten booking would come back.
    pub booked: FxHashSet<ItemId>,
    /// Offers not to be shown again.
    pub hidden: FxHashSet<OfferId>,
    /// Works not to be shown again.
    pub hidden_items: FxHashSet<ItemId>,
    /// What acts have shown.
    pub practice: Practice,
}

impl Reader {
    /// Whether anything may be learnt about the reader.
    pub fn is_personal(&self) -> bool {
        self.profile
            .as_ref()
            .is_some_and(|profile| profile.consents.personalisation)
    }

    /// Takes a profile, and forgets every act where it does not consent.
    pub(super) fn describe(&mut self, user: &User) {
        self.purses = user.wallets.iter().filter_map(purse).collect();
        self.profile = Some(Arc::new(user.clone()));
        if !user.consents.personalisation {
            self.booked.clear();
            self.hidden.clear();
            self.hidden_items.clear();
            self.practice = Practice::default();
        }
    }

    /// Takes an act into account; it says nothing but its offer's identifier where the offer is not known.
    ///
    /// A cancellation of what was not booked is nothing; going without having booked is a booking.
    pub(crate) fn note(&mut self, event: &Event, act: Option<Act<'_>>) -> Option<Step> {
        if event.kind == EventType::Hide {
            self.hidden.extend(event.offer_id.clone());
            self.hidden_items
                .extend(act.as_ref().map(|act| act.subject.item.clone()));
        }
        let mut act = act?;
        let booked = match event.kind {
            EventType::Booking | EventType::Attendance => self.booked.insert(act.subject.item.clone()),
            EventType::Cancellation => self.booked.remove(act.subject.item),
            EventType::Impression
            | EventType::View
            | EventType::Click
            | EventType::Favorite
            | EventType::Unfavorite
            | EventType::Like
            | EventType::Dislike
            | EventType::Hide
            | EventType::Share
            | EventType::Review
            | EventType::Search => true,
        };
        if !booked && matches!(event.kind, EventType::Cancellation | EventType::Booking) {
            return None;
        }
        if booked && event.kind == EventType::Attendance {
            act.kind = EventType::Booking;
        }
        self.practice.note(&act)
    }
}

fn purse(wallet: &crate::user::Wallet) -> Option<Purse> {
    Some(Purse {
        left: wallet.cents,
        filters: wallet.filters().ok()?,
    })
}
