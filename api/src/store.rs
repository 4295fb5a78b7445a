//! The store: the truth of Florilège, in SQLite (embedded) or PostgreSQL (shared).
//!
//! On the main path it stands between the ways in and the engine: HTTP and the command line submit changes, the
//! engine's state is the log applied. Invariants: an answered submission is durable; the log is ordered and has no
//! gap, whoever writes; commit order is sequence order; a reader's erasure leaves numbers and no content.
//!
//! Without consent to personalisation no event of a reader is kept at all: it is accepted and ignored. A reader who
//! is not known has not agreed.

mod accounts;
mod answer;
mod batch;
mod check;
mod clock;
mod documents;
mod error;
mod keys;
mod load;
mod names;
mod numbers;
mod read;
mod requests;
mod save;
mod schema;
mod sql;
mod watcher;
mod writer;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use florilege_engine::change::{Change, Sequence};
use florilege_engine::invalid::{Code, Fault};
use florilege_engine::taxonomy::Taxonomy;
use tokio::sync::watch;
use tokio::time;

use names::Names;
use requests::Pending;
use sql::{Backend, Database};
use writer::Queue;

use crate::telemetry::stages::timed;

pub use accounts::{Account, Failures, MAX_LOGIN_BYTES, NewAccount, Role, UnknownRole};
pub use answer::{Appended, Entry, Ignored, Outcome, Reader};
pub use check::{Condition, check};
pub use documents::{
    Action, AuditListing, Audited, Document, DocumentKey, Draft, Find, Listing, Published, Status, Version,
};
pub use error::StoreError;
pub use keys::{Key, Keys, NewKey, Scope, UnknownScope};
pub use numbers::{Act, Acts, Journey, Profile};
pub use requests::Answered;

/// A database that takes longer to answer a simple question counts as away.
const PING: Duration = Duration::from_secs(2);

/// Clocks of two machines, and one that is kept in time, differ by as much; more is a step back.
const CLOCK_JITTER_MS: u64 = 1_000;

/// Where the store is.
#[derive(Clone, PartialEq, Eq)]
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

impl fmt::Debug for StoreUrl {
    /// Without the password, so that it can be told.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(file) => write!(out, "{}", file.display()),
            Self::Postgres(url) => {
                let place = url.rsplit_once('@').map_or(url.as_str(), |(_, place)| place);
                write!(out, "postgres://…@{}", place.trim_start_matches("postgres://"))
            }
        }
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
            timeout: Duration::from_secs(10),
            poll: Duration::from_millis(200),
            requests_for: Duration::from_secs(7 * 24 * 3600),
            requests_kept: 200_000,
        }
    }
}

/// The open store; clones share it.
#[derive(Debug, Clone)]
pub struct Store {
    queue: Arc<Queue>,
    shared: Arc<Shared>,
}

/// What the calls, the writer and the watcher share.
#[derive(Debug)]
struct Shared {
    database: Database,
    taxonomy: Arc<Taxonomy>,
    names: Names,
    keys: ArcSwap<Keys>,
    pending: Pending,
    last: watch::Sender<Sequence>,
    /// Whether the watcher has found the database away: then changes are refused at once instead of waiting for it.
    away: AtomicBool,
    /// The latest time that a written entry carries, in milliseconds since 1970.
    written_at: AtomicI64,
    /// Whether the clock was found before that time, and this was told.
    is_clock_back: AtomicBool,
}

impl Shared {
    /// The log goes to here, at least.
    fn grown(&self, last: Sequence) {
        self.last.send_if_modified(|known| {
            let is_new = last > *known;
            *known = last.max(*known);
            is_new
        });
    }

    /// The time of the next entry: now, or that of the last one where the clock has gone back since. Each step back
    /// is told once.
    fn next_time(&self, last: i64) -> i64 {
        let back = clock::back_ms(last);
        self.written_at.fetch_max(last, Ordering::AcqRel);
        let is_back = back > CLOCK_JITTER_MS;
        if is_back && !self.is_clock_back.swap(true, Ordering::AcqRel) {
            tracing::warn!(
                back_ms = back,
                "the clock stands before the last entry of the log: times in it wait for it"
            );
        } else if !is_back {
            self.is_clock_back.store(false, Ordering::Release);
        }
        clock::now_ms().max(last)
    }
}

impl Store {
    /// Opens the store, making or migrating its tables, and starts its writer and its watcher.
    pub async fn open(url: StoreUrl, taxonomy: Arc<Taxonomy>, limits: Limits) -> Result<Self, StoreError> {
        let database = Database::open(&url, limits.timeout).await?;
        schema::migrate(&database).await?;
        let shared = Arc::new(Shared {
            database: database.clone(),
            taxonomy,
            names: Names::default(),
            keys: ArcSwap::default(),
            pending: Pending::default(),
            last: watch::Sender::new(Sequence(0)),
            away: AtomicBool::new(false),
            written_at: AtomicI64::new(i64::MIN),
            is_clock_back: AtomicBool::new(false),
        });
        watcher::look(&shared).await?;
        let queue = Queue::start(database, url, &limits, shared.clone()).await?;
        tokio::spawn(watcher::run(Arc::downgrade(&shared), limits.poll));
        tokio::spawn(requests::run(Arc::downgrade(&shared), limits));
        Ok(Self {
            queue: Arc::new(queue),
            shared,
        })
    }

    /// Appends changes, in their order. Returns once they are durable; many callers share a transaction. The changes
    /// have passed [`Change::check`]. A caller who stops waiting does not stop the writing.
    pub async fn submit(&self, changes: Vec<Change>) -> Result<Appended, StoreError> {
        if self.shared.away.load(Ordering::Acquire) {
            let reason = "the database does not answer".to_owned();
            return Err(StoreError::Unavailable { reason });
        }
        timed("store", self.queue.submit(changes)).await
    }

    /// How many changes wait to be written, or are being written.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.queue.waiting()
    }

    /// The last entry of the log that this process knows of, without asking the database.
    #[must_use]
    pub fn last_sequence(&self) -> Sequence {
        *self.shared.last.borrow()
    }

    /// How far the machine's clock stands before the last entry that this process wrote over.
    #[must_use]
    pub fn clock_back(&self) -> Duration {
        Duration::from_millis(clock::back_ms(self.shared.written_at.load(Ordering::Acquire)))
    }

    /// Tells whenever the log has grown, by this process or (within [`Limits::poll`]) another.
    #[must_use]
    pub fn subscribe(&self) -> watch::Receiver<Sequence> {
        self.shared.last.subscribe()
    }

    /// Whether the database answers now; the reason when it does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        let look = time::timeout(PING, watcher::look(&self.shared)).await;
        look.unwrap_or_else(|late| {
            Err(StoreError::Unavailable {
                reason: late.to_string(),
            })
        })
    }

    /// Writes a copy of an embedded store as one new file, while it is in use. The file must not be there yet.
    pub async fn backup(&self, file: &Path) -> Result<(), StoreError> {
        if self.shared.database.backend() == Backend::Postgres {
            let message = "a PostgreSQL store is backed up by pg_dump";
            return Err(StoreError::Invalid(Fault::new("", Code::InvalidValue, message)));
        }
        let file = file
            .to_str()
            .ok_or_else(|| StoreError::Invalid(Fault::new("", Code::InvalidValue, "a backup's path is UTF-8")))?;
        self.shared.database.pragma("VACUUM INTO $1", vec![file.into()]).await?;
        Ok(())
    }

    /// Writes what waits and lets go of the database. Later calls fail.
    pub async fn close(&self) {
        self.queue.close().await;
        if let Err(error) = requests::flush(&self.shared).await {
            tracing::warn!(%error, "the last answered requests were not kept");
        }
        self.shared.database.close().await;
    }
}

#[cfg(test)]
mod tests;
