//! Documents and audit lines as the studio lists them: the latest first, by status and words, page by page.
//!
//! Invariant: a page costs one pass over the current versions of one kind, however many versions there are.

use florilege_engine::document::DocumentKind;

use super::super::Store;
use super::super::error::StoreError;
use super::super::sql::Value;
use super::{Audited, CURRENT, Document, Status, audited, document};

/// Which documents, and which page of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Find {
    /// With this status alone; without one, those put away are left out.
    pub status: Option<Status>,
    /// With this somewhere in what was written.
    pub words: String,
    /// So many are skipped.
    pub skip: usize,
    /// So many at most.
    pub limit: usize,
}

impl Store {
    /// Documents of a kind, the latest saved first, and how many there are in all.
    pub async fn find_documents(&self, kind: DocumentKind, find: &Find) -> Result<(Vec<Document>, usize), StoreError> {
        let mut values: Vec<Value> = vec![kind.as_str().into()];
        let mut condition = "d.kind = $1 AND ".to_owned();
        condition.push_str(match find.status {
            None => "d.archived = 0",
            Some(Status::Draft) => "d.archived = 0 AND d.published IS NULL",
            Some(Status::Published) => "d.archived = 0 AND d.published IS NOT NULL",
            Some(Status::Archived) => "d.archived <> 0",
        });
        if !find.words.is_empty() {
            values.push(pattern(&find.words).into());
            condition.push_str(" AND (lower(v.body) LIKE $2 ESCAPE '!' OR lower(d.id) LIKE $2 ESCAPE '!')");
        }
        let joined = "FROM documents d JOIN document_versions v \
                      ON v.kind = d.kind AND v.id = d.id AND v.version = d.version";
        let count = format!("SELECT count(*) {joined} WHERE {condition}");
        let rows = self.shared.database.rows(count, values.clone()).await?;
        let total = rows.first().map(|row| row.int(0)).transpose()?.unwrap_or(0);
        let page = format!(
            "{CURRENT} WHERE {condition} ORDER BY v.at DESC, d.id LIMIT {} OFFSET {}",
            find.limit, find.skip
        );
        let rows = self.shared.database.rows(page, values).await?;
        let found: Result<Vec<Document>, StoreError> = rows.iter().map(document).collect();
        Ok((found?, usize::try_from(total).unwrap_or(0)))
    }

    /// The audit before a line, the latest first.
    pub async fn audit_before(&self, before: u64, limit: usize) -> Result<Vec<Audited>, StoreError> {
        let sql = "SELECT number, at, author, action, kind, id, version FROM audit \
                   WHERE number < $1 ORDER BY number DESC LIMIT $2";
        let values = vec![bound(before), bound(limit as u64)];
        let rows = self.shared.database.rows(sql, values).await?;
        rows.iter().map(audited).collect()
    }
}

fn bound(number: u64) -> Value {
    i64::try_from(number).unwrap_or(i64::MAX).into()
}

/// Words as a pattern that contains them, whatever characters they hold.
fn pattern(words: &str) -> String {
    let mut pattern = String::from("%");
    for letter in words.to_lowercase().chars() {
        if matches!(letter, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}
