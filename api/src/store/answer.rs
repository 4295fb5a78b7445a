//! What the store answers: the fate of each change, and the entries of the log.
//!
//! Invariant: an [`Appended`] exists only once its transaction is durable.

use florilege_engine::change::{Change, Sequence};
use florilege_engine::event::Event;
use florilege_engine::invalid::Fault;
use florilege_engine::user::User;

/// Why an accepted change got no entry: it says nothing new, or nothing that may be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ignored {
    /// Its `updated_at` is older than that of the document in the store.
    Older,
    /// An event with this identifier is already there.
    Duplicate,
    /// The reader has not agreed to be learnt from, or is unknown: no event of theirs is kept at all.
    NoConsent,
}

/// The fate of one change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is in the log, at this place.
    Applied(Sequence),
    /// Accepted, with no effect: to a client it counts as accepted.
    Ignored(Ignored),
    /// It cannot be: a stock for an unknown offer, a deletion of something that is not there.
    Rejected(Fault),
}

/// A submission that is now durable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appended {
    /// A state that has applied up to here has seen the whole submission: the `sequence` of an answer.
    pub sequence: Sequence,
    /// The fate of each change, in the order given.
    pub outcomes: Vec<Outcome>,
}

impl Appended {
    /// How many changes were accepted, those without effect included.
    #[must_use]
    pub fn accepted(&self) -> usize {
        self.outcomes.len() - self.rejected().count()
    }

    /// The changes that could not be, each with its place in the submission (from 0).
    pub fn rejected(&self) -> impl Iterator<Item = (usize, &Fault)> {
        self.outcomes
            .iter()
            .enumerate()
            .filter_map(|(place, outcome)| match outcome {
                Outcome::Rejected(fault) => Some((place, fault)),
                Outcome::Applied(_) | Outcome::Ignored(_) => None,
            })
    }
}

/// One entry of the change log.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Its place; the next entry has the next number, always.
    pub sequence: Sequence,
    /// What changed; nothing where a reader's content was erased, or where this process never met the erased reader.
    pub change: Option<Change>,
}

/// All that is known of a reader.
#[derive(Debug, Clone, PartialEq)]
pub struct Reader {
    /// The profile, as the booking core gave it.
    pub profile: User,
    /// Every kept event, oldest first.
    pub events: Vec<Event>,
}
