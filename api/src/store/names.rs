//! Readers by number: what keeps a reader's identifier out of the log, the profiles, the events and the requests.
//!
//! The writer seals a change (identifiers become numbers), the readers of the log open it again. Invariant: in the
//! database an identifier stands in the table `names` alone, so that emptying one row forgets it everywhere.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use florilege_engine::change::Change;
use florilege_engine::event::Event;
use florilege_engine::ids::UserId;
use florilege_engine::user::User;
use sha2::{Digest, Sha256};

use super::error::StoreError;
use super::sql::{Row, Value};

/// How long this process still knows whom an erasure meant, so that whoever follows the log can obey it.
const REMEMBER: Duration = Duration::from_secs(600);

/// The number that stands for a reader.
pub(super) type Number = i64;

/// The numbers that this process has met.
#[derive(Debug, Default)]
pub(super) struct Names(Mutex<Met>);

#[derive(Debug, Default)]
struct Met {
    live: HashMap<Number, UserId>,
    erased: HashMap<Number, (UserId, Instant)>,
}

impl Names {
    fn met(&self) -> MutexGuard<'_, Met> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn learn(&self, number: Number, id: UserId) {
        let mut met = self.met();
        if !met.erased.contains_key(&number) {
            met.live.insert(number, id);
        }
    }

    /// Those of the numbers that this process has not met.
    pub(super) fn unknown(&self, numbers: impl IntoIterator<Item = Number>) -> Vec<Number> {
        let met = self.met();
        let mut unknown: Vec<Number> = numbers
            .into_iter()
            .filter(|number| !met.live.contains_key(number) && !met.erased.contains_key(number))
            .collect();
        unknown.sort_unstable();
        unknown.dedup();
        unknown
    }

    pub(super) fn erase(&self, number: Number, id: UserId) {
        let mut met = self.met();
        met.live.remove(&number);
        met.erased.insert(number, (id, Instant::now()));
    }

    /// Forgets the erased readers whom every follower in this process has had time to drop.
    pub(super) fn purge(&self) {
        self.met().erased.retain(|_, (_, since)| since.elapsed() < REMEMBER);
    }

    fn find(&self, sealed: &UserId) -> Option<UserId> {
        self.met().live.get(&number(sealed)?).cloned()
    }

    /// Whom an erasure means; from now on the number is nobody's.
    fn erased(&self, sealed: &UserId) -> Option<UserId> {
        let number = number(sealed)?;
        let live = self.met().live.remove(&number);
        if let Some(id) = live {
            self.erase(number, id);
        }
        self.met().erased.get(&number).map(|(id, _)| id.clone())
    }

    /// The change with identifiers for numbers; nothing when its reader is no more.
    pub(super) fn open(&self, change: Change) -> Option<Change> {
        match change {
            Change::UserUpsert(user) => self.open_user(*user).map(|user| Change::UserUpsert(Box::new(user))),
            Change::Event(event) => self.open_event(*event).map(|event| Change::Event(Box::new(event))),
            Change::UserErase(sealed) => self.erased(&sealed).map(Change::UserErase),
            Change::OfferUpsert(_)
            | Change::OfferDelete(_)
            | Change::OfferStock(..)
            | Change::VenueUpsert(_)
            | Change::VenueDelete(_)
            | Change::Document(_) => Some(change),
        }
    }

    pub(super) fn open_user(&self, user: User) -> Option<User> {
        Some(User {
            id: self.find(&user.id)?,
            friends: user.friends.iter().filter_map(|friend| self.find(friend)).collect(),
            ..user
        })
    }

    pub(super) fn open_event(&self, event: Event) -> Option<Event> {
        Some(Event {
            user_id: self.find(&event.user_id)?,
            to_user_id: event.to_user_id.as_ref().and_then(|to| self.find(to)),
            ..event
        })
    }
}

/// Every number that a sealed change mentions.
pub(super) fn numbers(change: &Change) -> Vec<Number> {
    mentioned(change).filter_map(number).collect()
}

/// Every reader that a change mentions, its own first.
pub(super) fn mentioned(change: &Change) -> impl Iterator<Item = &UserId> {
    let (own, others): (Option<&UserId>, &[UserId]) = match change {
        Change::UserUpsert(user) => (Some(&user.id), &user.friends),
        Change::UserErase(id) => (Some(id), &[]),
        Change::Event(event) => (Some(&event.user_id), event.to_user_id.as_slice()),
        Change::OfferUpsert(_)
        | Change::OfferDelete(_)
        | Change::OfferStock(..)
        | Change::VenueUpsert(_)
        | Change::VenueDelete(_)
        | Change::Document(_) => (None, &[]),
    };
    own.into_iter().chain(others)
}

/// The number as it stands in place of an identifier.
pub(super) fn sealed(number: Number) -> Result<UserId, StoreError> {
    UserId::new(&number.to_string()).map_err(|error| StoreError::Damaged(error.to_string()))
}

pub(super) fn number(sealed: &UserId) -> Option<Number> {
    sealed.as_str().parse().ok()
}

/// What a name is looked up by; no way back to it.
pub(super) fn hash(id: &UserId) -> String {
    let digest = Sha256::new()
        .chain_update(b"florilege reader\0")
        .chain_update(id.as_str())
        .finalize();
    digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// The identifier in a row, as the core gave it.
pub(super) fn id_of(row: &Row, column: usize) -> Result<UserId, StoreError> {
    UserId::new(&row.text(column)?).map_err(|error| StoreError::Damaged(error.to_string()))
}

/// Parameters for a list of numbers.
pub(super) fn values(numbers: &[Number]) -> Vec<Value> {
    numbers.iter().copied().map(Value::from).collect()
}
