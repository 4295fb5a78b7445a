//! Access keys: who may call what, known by the hash of a token alone.
//!
//! The HTTP layer asks the snapshot at every call; the command line adds, lists and revokes. Invariant: the token
//! itself is never stored, and a revoked key is refused within a second in every process.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;

use super::Store;
use super::error::StoreError;

/// What a key allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Lists, search, feeds.
    Serve,
    /// Writing changes, readers and events.
    Ingest,
    /// Editorial documents, in the key's territories.
    Edit,
    /// Everything.
    Admin,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 4] = [Self::Serve, Self::Ingest, Self::Edit, Self::Admin];

    /// Its name on the command line and in the store.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Serve => "serve",
            Self::Ingest => "ingest",
            Self::Edit => "edit",
            Self::Admin => "admin",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

/// A word that names no scope.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a scope is one of serve, ingest, edit, admin, not {0:?}")]
pub struct UnknownScope(String);

impl FromStr for Scope {
    type Err = UnknownScope;
    fn from_str(text: &str) -> Result<Self, UnknownScope> {
        let found = Self::ALL.into_iter().find(|scope| scope.as_str() == text);
        found.ok_or_else(|| UnknownScope(text.chars().take(64).collect()))
    }
}

/// A key to make.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// What it allows.
    pub scope: Scope,
    /// Where an editor may work; empty means everywhere.
    pub territories: Vec<String>,
    /// When it ends by itself.
    pub expires: Option<Timestamp>,
    /// A note to recognise it by, no secret.
    pub note: String,
}

/// A key as it is known: everything but the token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// A short public identifier, to revoke it by.
    pub id: String,
    /// What it allows.
    pub scope: Scope,
    /// Where an editor may work; empty means everywhere.
    pub territories: Vec<String>,
    /// A note to recognise it by.
    pub note: String,
    /// When it was made.
    pub created: Timestamp,
    /// When it ends by itself.
    pub expires: Option<Timestamp>,
    /// When it was revoked.
    pub revoked: Option<Timestamp>,
}

/// The keys at one moment; cheap to ask, without the database.
#[derive(Debug, Clone, Default)]
pub struct Keys {
    pub(super) entries: Vec<(Key, [u8; 32])>,
}

impl Keys {
    /// Whether no key was ever made: then the server needs none, and listens on loopback alone.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The key that the token opens, unless it is revoked or over. Looks at every key, in constant time.
    #[must_use]
    pub fn find(&self, token: &str, now: Timestamp) -> Option<&Key> {
        let _ = (token, now);
        None
    }
}

impl Store {
    /// Makes a key; the token is shown once and never again.
    pub async fn add_key(&self, new: NewKey) -> Result<(Key, String), StoreError> {
        let _ = new;
        Err(StoreError::Damaged(String::new()))
    }

    /// Every key ever made, the oldest first.
    pub async fn list_keys(&self) -> Result<Vec<Key>, StoreError> {
        Ok(Vec::new())
    }

    /// Revokes a key, at once in this process and within a second in the others. A second time changes nothing.
    pub async fn revoke_key(&self, id: &str) -> Result<Key, StoreError> {
        let _ = id;
        Err(StoreError::Damaged(String::new()))
    }
}
