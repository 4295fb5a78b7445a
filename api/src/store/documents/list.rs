//! Lists of documents, of versions, of audit lines: page by page, by key.
//!
//! Behind the reading half of the editing calls. Invariant: a page continues after a key, so that nothing is seen
//! twice or missed that stood there from the first page to the last.

use florilege_engine::document::DocumentKind;
use florilege_engine::ids::DocumentId;

use super::super::Store;
use super::super::error::StoreError;
use super::super::sql::Value;
use super::{Audited, CURRENT, Document, DocumentKey, Status, Version, audited, document, named, unknown, version};

const VERSIONS: &str = "SELECT version, territory, author, at, body FROM document_versions WHERE kind = $1 AND id = $2";

/// Which documents of a kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing {
    /// With this status alone.
    pub status: Option<Status>,
    /// Without those put away, whatever the status says.
    pub standing: bool,
    /// Of this territory alone.
    pub territory: Option<String>,
    /// After this identifier.
    pub after: Option<DocumentId>,
    /// So many at most.
    pub limit: usize,
}

impl Listing {
    /// Every document of a kind, archived ones included.
    #[must_use]
    pub fn all() -> Self {
        Self {
            limit: usize::MAX,
            ..Self::default()
        }
    }

    fn condition(&self) -> &'static str {
        match self.status {
            Some(Status::Draft) => " AND d.archived = 0 AND d.published IS NULL",
            Some(Status::Published) => " AND d.archived = 0 AND d.published IS NOT NULL",
            Some(Status::Archived) => " AND d.archived <> 0",
            None if self.standing => " AND d.archived = 0",
            None => "",
        }
    }
}

/// Which lines of the audit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditListing {
    /// About documents of this kind alone.
    pub kind: Option<DocumentKind>,
    /// About documents of this identifier alone.
    pub id: Option<DocumentId>,
    /// After this line.
    pub after: u64,
    /// So many at most.
    pub limit: usize,
}

impl Store {
    /// Documents of a kind, by identifier.
    pub async fn documents(&self, kind: DocumentKind, listing: &Listing) -> Result<Vec<Document>, StoreError> {
        let mut values: Vec<Value> = vec![kind.as_str().into()];
        let mut sql = format!("{CURRENT} WHERE d.kind = $1{}", listing.condition());
        if let Some(after) = &listing.after {
            values.push(after.as_str().into());
            sql.push_str(&format!(" AND d.id > ${}", values.len()));
        }
        if let Some(territory) = &listing.territory {
            values.push(territory.as_str().into());
            sql.push_str(&format!(" AND v.territory = ${}", values.len()));
        }
        values.push(bound(listing.limit as u64));
        sql.push_str(&format!(" ORDER BY d.id LIMIT ${}", values.len()));
        let rows = self.shared.database.rows(sql, values).await?;
        rows.iter().map(document).collect()
    }

    /// One document.
    pub async fn document(&self, key: &DocumentKey) -> Result<Document, StoreError> {
        let sql = format!("{CURRENT} WHERE d.kind = $1 AND d.id = $2");
        let rows = self.shared.database.rows(sql, named(key)).await?;
        rows.first().map_or_else(|| Err(unknown(key)), document)
    }

    /// Versions of a document before a number, the newest first; `u64::MAX` starts at the newest.
    pub async fn document_versions(
        &self,
        key: &DocumentKey,
        before: u64,
        limit: usize,
    ) -> Result<Vec<Version>, StoreError> {
        let sql = format!("{VERSIONS} AND version < $3 ORDER BY version DESC LIMIT $4");
        let mut values = named(key);
        values.extend([bound(before), bound(limit as u64)]);
        let rows = self.shared.database.rows(sql, values).await?;
        rows.iter().map(|row| version(row, 0)).collect()
    }

    /// One version of a document.
    pub async fn document_version(&self, key: &DocumentKey, number: u64) -> Result<Version, StoreError> {
        let mut values = named(key);
        values.push(bound(number));
        let rows = self
            .shared
            .database
            .rows(format!("{VERSIONS} AND version = $3"), values)
            .await?;
        let missing = || StoreError::NotFound {
            what: "version",
            id: format!("{key} {number}"),
        };
        rows.first().map_or_else(|| Err(missing()), |row| version(row, 0))
    }

    /// The version that readers saw last before a version, if there was one.
    pub async fn published_before(&self, key: &DocumentKey, number: u64) -> Result<Option<u64>, StoreError> {
        let sql = "SELECT max(version) FROM audit WHERE kind = $1 AND id = $2 AND version < $3 \
                   AND action IN ('publish', 'rollback')";
        let mut values = named(key);
        values.push(bound(number));
        let rows = self.shared.database.rows(sql, values).await?;
        let found = rows.first().map(|row| row.maybe_int(0)).transpose()?;
        Ok(found.flatten().map(i64::unsigned_abs))
    }

    /// The audit after a line, oldest first.
    pub async fn audit(&self, listing: &AuditListing) -> Result<Vec<Audited>, StoreError> {
        let mut values = vec![bound(listing.after)];
        let mut sql = "SELECT number, at, author, action, kind, id, version FROM audit WHERE number > $1".to_owned();
        if let Some(kind) = listing.kind {
            values.push(kind.as_str().into());
            sql.push_str(&format!(" AND kind = ${}", values.len()));
        }
        if let Some(id) = &listing.id {
            values.push(id.as_str().into());
            sql.push_str(&format!(" AND id = ${}", values.len()));
        }
        values.push(bound(listing.limit as u64));
        sql.push_str(&format!(" ORDER BY number LIMIT ${}", values.len()));
        let rows = self.shared.database.rows(sql, values).await?;
        rows.iter().map(audited).collect()
    }
}

fn bound(number: u64) -> Value {
    i64::try_from(number).unwrap_or(i64::MAX).into()
}
