//! The store: the truth of Florilège, in SQLite (embedded) or PostgreSQL (shared).
//!
//! On the main path it stands between the ways in and the engine: HTTP and the command line submit changes, the
//! engine's state is the log applied. Invariants: an answered submission is durable; the log is ordered and has no
//! gap, whoever writes; commit order is sequence order; a reader's erasure leaves numbers and no content.
//!
//! Without consent to personalisation no event of a reader is kept at all: it is accepted and ignored. A reader who
//! is not known has not agreed.

mod answer;
mod error;
mod keys;
mod requests;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use florilege_engine::change::{Change, Sequence};
use florilege_engine::ids::{OfferId, UserId, VenueId};
use florilege_engine::offer::Offer;
use florilege_engine::taxonomy::Taxonomy;
use florilege_engine::venue::Venue;
use tokio::sync::watch;

pub use answer::{Appended, Entry, Ignored, Outcome, Reader};
pub use error::StoreError;
pub use keys::{Key, Keys, NewKey, Scope, UnknownScope};
pub use requests::Answered;

/// Where the store is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreUrl {
    /// A file, made when it is not there.
    Sqlite(PathBuf),
    /// A PostgreSQL database, `postgres://user:password@host:port/name`.
    Postgres(String),
}

impl StoreUrl {
    /// The embedded store of a data folder.
    #[must_use]
    pub fn in_folder(folder: &Path) -> Self {
        Self::Sqlite(folder.join("store.sqlite"))
    }
}

/// Bounds of the store.
#[derive(Debug, Clone)]
pub struct Limits {
    /// How many changes may wait to be written; one submission alone may always enter an empty queue.
    pub queued_changes: usize,
    /// After which a change or a read gives up on the database.
    pub timeout: Duration,
    /// How often other processes' writing, keys included, is looked for.
    pub poll: Duration,
    /// How long an answered request is kept.
    pub requests_for: Duration,
    /// How many answered requests are kept.
    pub requests_kept: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            queued_changes: 400_000,
            timeout: Duration::from_secs(30),
            poll: Duration::from_millis(200),
            requests_for: Duration::from_secs(7 * 24 * 3600),
            requests_kept: 200_000,
        }
    }
}

/// The open store; clones share it.
#[derive(Debug, Clone)]
pub struct Store {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    last: watch::Sender<Sequence>,
}

impl Store {
    /// Opens the store, making or migrating its tables, and starts its writer and its watcher.
    pub async fn open(url: StoreUrl, taxonomy: Arc<Taxonomy>, limits: Limits) -> Result<Self, StoreError> {
        let _ = (url, taxonomy, limits);
        let last = watch::Sender::new(Sequence(0));
        Ok(Self {
            shared: Arc::new(Shared { last }),
        })
    }

    /// Appends changes, in their order. Returns once they are durable; many callers share a transaction.
    pub async fn submit(&self, changes: Vec<Change>) -> Result<Appended, StoreError> {
        let _ = changes;
        Err(StoreError::Unavailable { reason: String::new() })
    }

    /// The last entry of the log that this process knows of, without asking the database.
    #[must_use]
    pub fn last_sequence(&self) -> Sequence {
        *self.shared.last.borrow()
    }

    /// Tells whenever the log has grown, by this process or (within [`Limits::poll`]) another.
    #[must_use]
    pub fn subscribe(&self) -> watch::Receiver<Sequence> {
        self.shared.last.subscribe()
    }

    /// At most `limit` entries after a place, in order and without a gap.
    pub async fn log_after(&self, after: Sequence, limit: usize) -> Result<Vec<Entry>, StoreError> {
        let _ = (after, limit);
        Ok(Vec::new())
    }

    /// Hands everything current to `sink` as changes: venues, offers, readers, their events. Returns the place in
    /// the log at which this state stands, so that the log after it continues without a gap.
    pub async fn state(&self, sink: impl FnMut(Change) + Send) -> Result<Sequence, StoreError> {
        drop(sink);
        Ok(Sequence(0))
    }

    /// The current offer.
    pub async fn offer(&self, id: &OfferId) -> Result<Option<Offer>, StoreError> {
        let _ = id;
        Ok(None)
    }

    /// The current venue.
    pub async fn venue(&self, id: &VenueId) -> Result<Option<Venue>, StoreError> {
        let _ = id;
        Ok(None)
    }

    /// All that is known of a reader.
    pub async fn user(&self, id: &UserId) -> Result<Option<Reader>, StoreError> {
        let _ = id;
        Ok(None)
    }

    /// The access keys as they stand, without asking the database.
    #[must_use]
    pub fn keys(&self) -> Arc<Keys> {
        Arc::new(Keys::default())
    }

    /// Whether the database answers now; the reason when it does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        Ok(())
    }

    /// Writes a copy of an embedded store as one new file, while it is in use.
    pub async fn backup(&self, file: &Path) -> Result<(), StoreError> {
        let _ = file;
        Ok(())
    }

    /// Writes what waits and lets go of the database.
    pub async fn close(&self) {}
}
