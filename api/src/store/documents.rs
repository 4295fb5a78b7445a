//! Editorial documents: drafts, versions, publication, rollback, archive, audit; one mechanism for every kind.
//!
//! The editing calls stand above it; publishing puts an entry into the log, which the engine follows like any other.
//! Invariants: a version, once saved, never changes; the audit only grows; what is published is a saved version.

mod edit;
mod find;
mod list;

use std::fmt;
use std::str::FromStr;

use florilege_engine::change::{Change, Sequence};
use florilege_engine::document::{DocumentKind, Publication};
use florilege_engine::ids::DocumentId;
use jiff::Timestamp;
use serde_json::{Map, Value as Json};

use super::error::StoreError;
use super::load::checked;
use super::sql::{Row, Tx, Value};
use super::{Store, clock};
use edit::Edit;
pub use find::Find;
pub use list::{AuditListing, Listing};

/// Which document.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DocumentKey {
    /// Of which kind.
    pub kind: DocumentKind,
    /// Its identifier in that kind.
    pub id: DocumentId,
}

impl fmt::Display for DocumentKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", self.kind, self.id)
    }
}

/// Whether readers see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Saved, never published, or taken back since.
    Draft,
    /// A version is published; the newest draft may be ahead of it.
    Published,
    /// Put away; saving a draft takes it out again.
    Archived,
}

impl Status {
    /// Every status.
    pub const ALL: [Self; 3] = [Self::Draft, Self::Published, Self::Archived];

    /// Its name in answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Published => "published",
            Self::Archived => "archived",
        }
    }
}

/// A word that names no status.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a status is one of draft, published, archived, not {0:?}")]
pub struct UnknownStatus(String);

impl FromStr for Status {
    type Err = UnknownStatus;
    fn from_str(text: &str) -> Result<Self, UnknownStatus> {
        let found = Self::ALL.into_iter().find(|status| status.as_str() == text);
        found.ok_or_else(|| UnknownStatus(text.chars().take(64).collect()))
    }
}

/// What an editor saves. The body has passed its kind's schema.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// Where it holds; nothing means everywhere.
    pub territory: Option<String>,
    /// Its content.
    pub body: Map<String, Json>,
}

/// A saved version.
#[derive(Debug, Clone, PartialEq)]
pub struct Version {
    /// From 1, without gaps.
    pub version: u64,
    /// What was saved.
    pub draft: Draft,
    /// Who saved it: the public identifier of a key, no person.
    pub author: String,
    /// When.
    pub at: Timestamp,
}

/// A document as it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// Which.
    pub key: DocumentKey,
    /// Whether readers see it.
    pub status: Status,
    /// The published version, if any.
    pub published: Option<u64>,
    /// The newest version.
    pub newest: Version,
}

/// What was done to a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Made.
    Create,
    /// A draft was saved.
    Save,
    /// The newest version was published.
    Publish,
    /// An older version was saved anew and published.
    Rollback,
    /// Put away.
    Archive,
}

impl Action {
    const ALL: [Self; 5] = [Self::Create, Self::Save, Self::Publish, Self::Rollback, Self::Archive];

    /// Its name in answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Save => "save",
            Self::Publish => "publish",
            Self::Rollback => "rollback",
            Self::Archive => "archive",
        }
    }
}

/// A line of the audit.
#[derive(Debug, Clone, PartialEq)]
pub struct Audited {
    /// Its place, from 1.
    pub number: u64,
    /// When.
    pub at: Timestamp,
    /// Who: the public identifier of a key.
    pub author: String,
    /// What was done.
    pub action: Action,
    /// To which document.
    pub key: DocumentKey,
    /// The version that it was about.
    pub version: u64,
}

/// What a published document became, and where the log says so.
#[derive(Debug, Clone, PartialEq)]
pub struct Published {
    /// As it stands now.
    pub document: Document,
    /// A state that has applied up to here shows it.
    pub sequence: Sequence,
}

const CURRENT: &str = "SELECT d.kind, d.id, d.published, d.archived, v.version, v.territory, v.author, v.at, v.body \
     FROM documents d JOIN document_versions v ON v.kind = d.kind AND v.id = d.id AND v.version = d.version";

impl Store {
    /// Makes a document, as a draft. A conflict when it is already there, archived or not.
    pub async fn create_document(&self, key: DocumentKey, draft: Draft, author: &str) -> Result<Document, StoreError> {
        let mut edit = Edit::begin(self, key, author).await?;
        if let Some(there) = &edit.document {
            return Err(conflict(0, there));
        }
        edit.save(draft).await?;
        edit.end(Action::Create).await.map(|done| done.document)
    }

    /// Saves a draft as a new version. With `if_match`, only over that version.
    pub async fn save_document(
        &self,
        key: DocumentKey,
        draft: Draft,
        if_match: Option<u64>,
        author: &str,
    ) -> Result<Document, StoreError> {
        let mut edit = Edit::begin(self, key, author).await?;
        edit.must_match(if_match)?;
        edit.save(draft).await?;
        edit.end(Action::Save).await.map(|done| done.document)
    }

    /// Publishes the newest version, as an entry of the log. What is already published gets no second entry.
    pub async fn publish_document(
        &self,
        key: DocumentKey,
        if_match: Option<u64>,
        author: &str,
    ) -> Result<Published, StoreError> {
        self.once(key, if_match, author, Action::Publish).await
    }

    /// Saves an older version anew and publishes it; the past stays as it was.
    pub async fn rollback_document(
        &self,
        key: DocumentKey,
        to: u64,
        if_match: Option<u64>,
        author: &str,
    ) -> Result<Published, StoreError> {
        let mut edit = Edit::begin(self, key, author).await?;
        edit.must_match(if_match)?;
        let draft = edit.version(to).await?;
        edit.save(draft).await?;
        edit.publish().await?;
        edit.end(Action::Rollback).await
    }

    /// Takes a document back from the readers and puts it away, with all its versions.
    pub async fn archive_document(
        &self,
        key: DocumentKey,
        if_match: Option<u64>,
        author: &str,
    ) -> Result<Published, StoreError> {
        self.once(key, if_match, author, Action::Archive).await
    }

    /// Publishes or archives; what is so already stays as it is, without an entry or a line.
    async fn once(
        &self,
        key: DocumentKey,
        if_match: Option<u64>,
        author: &str,
        action: Action,
    ) -> Result<Published, StoreError> {
        let mut edit = Edit::begin(self, key, author).await?;
        let there = edit.must_match(if_match)?;
        let archives = action == Action::Archive;
        let is_so = if archives {
            there.status == Status::Archived
        } else {
            there.published == Some(there.newest.version)
        };
        if is_so {
            return edit.unchanged();
        }
        if archives {
            edit.archive().await?;
        } else {
            edit.publish().await?;
        }
        edit.end(action).await
    }
}

/// Every published document, as the log would say it.
pub(super) async fn published(tx: &mut Tx) -> Result<Vec<Change>, StoreError> {
    let sql = "SELECT d.kind, d.id, v.version, v.territory, v.author, v.at, v.body FROM documents d \
               JOIN document_versions v ON v.kind = d.kind AND v.id = d.id AND v.version = d.published \
               ORDER BY d.kind, d.id";
    let rows = tx.rows(sql, Vec::new()).await?;
    let change = |row: &Row| -> Result<Change, StoreError> {
        let (key, version) = (key(row, 0)?, version(row, 2)?);
        Ok(Change::Document(Box::new(Publication {
            kind: key.kind,
            id: key.id,
            version: version.version,
            territory: version.draft.territory,
            body: Some(version.draft.body),
        })))
    };
    rows.iter().filter(|row| is_of_known_kind(row)).map(change).collect()
}

/// Whether this program knows the kind of a document; one of a newer program's waits for it in the store.
fn is_of_known_kind(row: &Row) -> bool {
    let kind = row.text(0).unwrap_or_default();
    let known = kind.parse::<DocumentKind>().is_ok();
    if !known {
        tracing::warn!(kind, "a published document of an unknown kind is left out");
    }
    known
}

fn named(key: &DocumentKey) -> Vec<Value> {
    vec![key.kind.as_str().into(), key.id.as_str().into()]
}

fn unknown(key: &DocumentKey) -> StoreError {
    StoreError::NotFound {
        what: "document",
        id: key.to_string(),
    }
}

const fn conflict(given: u64, there: &Document) -> StoreError {
    StoreError::Conflict {
        given,
        current: there.newest.version,
    }
}

fn key(row: &Row, column: usize) -> Result<DocumentKey, StoreError> {
    Ok(DocumentKey {
        kind: checked(row.text(column)?.parse())?,
        id: checked(DocumentId::new(&row.text(column + 1)?))?,
    })
}

fn version(row: &Row, column: usize) -> Result<Version, StoreError> {
    Ok(Version {
        version: row.int(column)?.unsigned_abs(),
        draft: Draft {
            territory: row.maybe_text(column + 1)?,
            body: checked(serde_json::from_str(&row.text(column + 4)?))?,
        },
        author: row.text(column + 2)?,
        at: clock::from_ms(row.int(column + 3)?),
    })
}

fn document(row: &Row) -> Result<Document, StoreError> {
    let published = row.maybe_int(2)?.map(i64::unsigned_abs);
    let status = match (row.int(3)?, published) {
        (0, None) => Status::Draft,
        (0, Some(_)) => Status::Published,
        (_, _) => Status::Archived,
    };
    Ok(Document {
        key: key(row, 0)?,
        status,
        published,
        newest: version(row, 4)?,
    })
}

fn audited(row: &Row) -> Result<Audited, StoreError> {
    let action = row.text(3)?;
    let found = Action::ALL.into_iter().find(|known| known.as_str() == action);
    Ok(Audited {
        number: row.int(0)?.unsigned_abs(),
        at: clock::from_ms(row.int(1)?),
        author: row.text(2)?,
        action: found.ok_or_else(|| StoreError::Damaged(format!("an action {action} in the audit")))?,
        key: key(row, 4)?,
        version: row.int(6)?.unsigned_abs(),
    })
}
