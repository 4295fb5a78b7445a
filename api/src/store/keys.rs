//! Access keys: who may call what, known by the hash of a token alone.
//!
//! The HTTP layer asks the snapshot at every call; the command line adds, lists and revokes. Invariant: the token
//! itself is never stored, and a revoked key is refused within a second in every process.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::batch::json;
use super::error::StoreError;
use super::load::checked;
use super::sql::{Database, Row};
use super::{Store, clock};

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

/// The keys at one moment, each with the hash of its token; cheap to ask, without the database.
#[derive(Debug, Clone, Default)]
pub struct Keys {
    entries: Vec<(Key, String)>,
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
        let hash = hash(token);
        let mut found = None;
        for (key, known) in &self.entries {
            if bool::from(known.as_bytes().ct_eq(hash.as_bytes())) {
                found = Some(key);
            }
        }
        found.filter(|key| key.is_valid(now))
    }
}

impl Key {
    /// Whether it opens anything at that moment.
    #[must_use]
    pub fn is_valid(&self, now: Timestamp) -> bool {
        self.revoked.is_none() && self.expires.is_none_or(|end| now < end)
    }
}

impl Store {
    /// Makes a key; the token is shown once and never again.
    pub async fn add_key(&self, new: NewKey) -> Result<(Key, String), StoreError> {
        let (id, token) = draw()?;
        let key = Key {
            id,
            scope: new.scope,
            territories: new.territories,
            note: new.note,
            created: clock::from_ms(clock::now_ms()),
            expires: new.expires.map(|end| clock::from_ms(end.as_millisecond())),
            revoked: None,
        };
        let values = vec![
            key.id.as_str().into(),
            hash(&token).into(),
            key.scope.as_str().into(),
            json(&key.territories)?.into(),
            key.note.as_str().into(),
            key.created.as_millisecond().into(),
            key.expires.map(Timestamp::as_millisecond).into(),
        ];
        let sql = "INSERT INTO keys (id, hash, scope, territories, note, created, expires) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7)";
        let mut tx = self.shared.database.write().await?;
        tx.run(sql, values).await?;
        tx.commit().await?;
        self.look_at_keys().await?;
        Ok((key, token))
    }

    /// Every key ever made, the oldest first.
    pub async fn list_keys(&self) -> Result<Vec<Key>, StoreError> {
        let keys = read(&self.shared.database).await?;
        Ok(keys.entries.into_iter().map(|(key, _)| key).collect())
    }

    /// Revokes a key, at once in this process and within a second in the others. A second time changes nothing.
    pub async fn revoke_key(&self, id: &str) -> Result<Key, StoreError> {
        let sql = "UPDATE keys SET revoked = $1 WHERE id = $2 AND revoked IS NULL";
        let mut tx = self.shared.database.write().await?;
        tx.run(sql, vec![clock::now_ms().into(), id.into()]).await?;
        tx.commit().await?;
        self.look_at_keys().await?;
        let found = self
            .keys()
            .entries
            .iter()
            .find(|(key, _)| key.id == id)
            .map(|(key, _)| key.clone());
        found.ok_or_else(|| StoreError::NotFound {
            what: "key",
            id: id.to_owned(),
        })
    }

    /// The access keys as they stand, without asking the database.
    #[must_use]
    pub fn keys(&self) -> Arc<Keys> {
        self.shared.keys.load_full()
    }

    async fn look_at_keys(&self) -> Result<(), StoreError> {
        let keys = read(&self.shared.database).await?;
        self.shared.keys.store(Arc::new(keys));
        Ok(())
    }
}

/// Reads every key.
pub(super) async fn read(database: &Database) -> Result<Keys, StoreError> {
    let sql = "SELECT id, hash, scope, territories, note, created, expires, revoked FROM keys ORDER BY created, id";
    let rows = database.rows(sql, Vec::new()).await?;
    let entries: Result<Vec<_>, StoreError> = rows.iter().map(entry).collect();
    Ok(Keys { entries: entries? })
}

fn entry(row: &Row) -> Result<(Key, String), StoreError> {
    let key = Key {
        id: row.text(0)?,
        scope: checked(row.text(2)?.parse())?,
        territories: checked(serde_json::from_str(&row.text(3)?))?,
        note: row.text(4)?,
        created: clock::from_ms(row.int(5)?),
        expires: row.maybe_int(6)?.map(clock::from_ms),
        revoked: row.maybe_int(7)?.map(clock::from_ms),
    };
    Ok((key, row.text(1)?))
}

/// A public identifier and a secret token, both from the system's randomness.
fn draw() -> Result<(String, String), StoreError> {
    let mut bytes = [0u8; 38];
    getrandom::fill(&mut bytes).map_err(|error| StoreError::Unavailable {
        reason: format!("the system gives no random numbers: {error}"),
    })?;
    let (id, token) = bytes.split_at(6);
    Ok((
        URL_SAFE_NO_PAD.encode(id),
        format!("flo_{}", URL_SAFE_NO_PAD.encode(token)),
    ))
}

/// SHA-256 in hexadecimal; a token has 256 random bits, so that no slow hash is called for.
fn hash(token: &str) -> String {
    Sha256::digest(token.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
