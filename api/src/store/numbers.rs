//! What readers did and what they were answered, as the studio counts it.
//!
//! Read off the serving path. Invariant: nothing that comes from here names a reader.

use serde::Deserialize;

use super::Store;
use super::error::StoreError;
use super::load::checked;
use super::sql::Value;

/// An act, without who did it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Act {
    /// Its type, as the contract calls it.
    #[serde(rename = "type")]
    pub kind: String,
    /// About which offer.
    #[serde(default)]
    pub offer_id: Option<String>,
    /// After which answer.
    #[serde(default)]
    pub request_id: Option<String>,
    /// When, RFC 3339.
    pub at: String,
}

impl Store {
    /// The newest acts, the latest come first.
    pub async fn newest_acts(&self, limit: usize) -> Result<Vec<Act>, StoreError> {
        let sql = "SELECT body FROM events ORDER BY sequence DESC LIMIT $1";
        let limit = Value::from(i64::try_from(limit).unwrap_or(i64::MAX));
        let rows = self.shared.database.rows(sql, vec![limit]).await?;
        rows.iter()
            .map(|row| checked(serde_json::from_str(&row.text(0)?)))
            .collect()
    }

    /// Kept answers among some, each with its identifier.
    pub async fn requests_among(&self, ids: Vec<String>) -> Result<Vec<(String, String)>, StoreError> {
        let mut tx = self.shared.database.snapshot().await?;
        let keys = ids.into_iter().map(Value::from).collect();
        let rows = tx.among("SELECT id, body FROM requests WHERE id", keys).await?;
        tx.commit().await?;
        rows.iter().map(|row| Ok((row.text(0)?, row.text(1)?))).collect()
    }
}
