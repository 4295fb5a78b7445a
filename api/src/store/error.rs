//! What can go wrong with the store, in the four kinds that the HTTP layer tells apart.
//!
//! Every call of the store returns it. Invariant: an error means that nothing of the call was kept, but for a
//! connection lost during the commit itself, where the caller may send again: changes are idempotent.

use std::time::Duration;

use florilege_engine::invalid::Fault;

/// Why the store did not do it.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// More changes wait than the queue may hold: 429 or 503 with `retry-after`.
    #[error("the store has too much waiting, send again in {} s", retry_after.as_secs().max(1))]
    Overloaded {
        /// When to try again.
        retry_after: Duration,
    },
    /// The database is away, locked by another, or its disk is full: 503; it recovers by itself.
    #[error("the store cannot be reached: {reason}")]
    Unavailable {
        /// What the database said.
        reason: String,
    },
    /// What was asked for is not there: 404.
    #[error("{what} {id:?} is unknown")]
    NotFound {
        /// The kind of thing: offer, key, document…
        what: &'static str,
        /// Its identifier.
        id: String,
    },
    /// A version that is no longer the current one: 409.
    #[error("the document stands at version {current}, not {given}")]
    Conflict {
        /// The version that the caller has seen.
        given: u64,
        /// The version that stands.
        current: u64,
    },
    /// A value that cannot be kept: 422.
    #[error("{0}")]
    Invalid(Fault),
    /// The database was written by a newer program, or is none of ours; refused at opening.
    #[error("the database has schema {found}, this program knows up to {known}: use a newer program")]
    Schema {
        /// The version in the database.
        found: i64,
        /// The newest version of this program.
        known: i64,
    },
    /// Something in the database cannot be read: it was changed by other hands.
    #[error("the store holds something unreadable: {0}")]
    Damaged(String),
}

impl StoreError {
    /// Whether the same call may well succeed a little later.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        match self {
            Self::Overloaded { .. } | Self::Unavailable { .. } => true,
            Self::NotFound { .. }
            | Self::Conflict { .. }
            | Self::Invalid(_)
            | Self::Schema { .. }
            | Self::Damaged(_) => false,
        }
    }
}

/// What SQLite says of a damaged file.
const SQLITE_CORRUPT: &str = "11";
/// What SQLite says of a file of another kind.
const SQLITE_NOTADB: &str = "26";

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let code = error.as_database_error().and_then(|error| error.code());
        match code.as_deref() {
            Some(SQLITE_CORRUPT | SQLITE_NOTADB) => Self::Damaged(error.to_string()),
            Some(_) | None => Self::Unavailable {
                reason: error.to_string(),
            },
        }
    }
}
