//! One change to one document: read under the lock, changed, noted in the audit, committed.
//!
//! Every editing call is a few steps of an [`Edit`]. Invariant: dropped before its end, it leaves no trace.

use florilege_engine::change::{Change, Sequence};
use florilege_engine::document::Publication;
use serde_json::{Map, Value as Json};

use super::super::batch::json;
use super::super::error::StoreError;
use super::super::load::{self, Counter};
use super::super::sql::{Tx, Value};
use super::super::{Store, clock, save};
use super::{Action, CURRENT, Document, DocumentKey, Draft, Published, Status, Version};
use super::{conflict, document, named, unknown, version};

/// A document being changed, alone under the counter's lock.
pub(super) struct Edit<'a> {
    store: &'a Store,
    tx: Tx,
    counter: Counter,
    key: DocumentKey,
    author: &'a str,
    at: i64,
    /// As it stands, changes of this edit included.
    pub(super) document: Option<Document>,
}

impl<'a> Edit<'a> {
    pub(super) async fn begin(store: &'a Store, key: DocumentKey, author: &'a str) -> Result<Self, StoreError> {
        let mut tx = store.shared.database.write().await?;
        let counter = load::counter(&mut tx).await?;
        let sql = format!("{CURRENT} WHERE d.kind = $1 AND d.id = $2");
        let document = tx.row(&sql, named(&key)).await?.as_ref().map(document).transpose()?;
        Ok(Self {
            at: store.shared.next_time(counter.at),
            store,
            tx,
            counter,
            key,
            author,
            document,
        })
    }

    /// The document, at the version that the caller has seen.
    pub(super) fn must_match(&self, if_match: Option<u64>) -> Result<&Document, StoreError> {
        let there = self.document.as_ref().ok_or_else(|| unknown(&self.key))?;
        match if_match {
            Some(given) if given != there.newest.version => Err(conflict(given, there)),
            Some(_) | None => Ok(there),
        }
    }

    pub(super) async fn version(&mut self, number: u64) -> Result<Draft, StoreError> {
        let sql = "SELECT version, territory, author, at, body FROM document_versions \
                   WHERE kind = $1 AND id = $2 AND version = $3";
        let mut values = named(&self.key);
        values.push(i64::try_from(number).unwrap_or(i64::MAX).into());
        let row = self.tx.row(sql, values).await?;
        let row = row.ok_or_else(|| StoreError::NotFound {
            what: "version",
            id: format!("{} {number}", self.key),
        })?;
        Ok(version(&row, 0)?.draft)
    }

    pub(super) async fn save(&mut self, draft: Draft) -> Result<(), StoreError> {
        let published = self.document.as_ref().and_then(|document| document.published);
        let before = self.document.as_ref().map_or(0, |document| document.newest.version);
        let newest = Version {
            version: before + 1,
            draft,
            author: self.author.to_owned(),
            at: clock::from_ms(self.at),
        };
        let mut values = named(&self.key);
        values.push((newest.version as i64).into());
        self.set("version = $3, archived = 0", values.clone()).await?;
        values.extend([newest.draft.territory.clone().into(), newest.author.as_str().into()]);
        values.extend([self.at.into(), json(&newest.draft.body)?.into()]);
        let head = "INSERT INTO document_versions (kind, id, version, territory, author, at, body)";
        self.tx.insert(head, vec![values], "").await?;
        self.document = Some(Document {
            key: self.key.clone(),
            status: published.map_or(Status::Draft, |_| Status::Published),
            published,
            newest,
        });
        Ok(())
    }

    /// Changes the current line, or makes it.
    async fn set(&mut self, what: &str, values: Vec<Value>) -> Result<(), StoreError> {
        if self.document.is_none() {
            let head = "INSERT INTO documents (kind, id, version, archived) VALUES ($1, $2, $3, 0)";
            return self.tx.run(head, values).await.map(|_| ());
        }
        let sql = format!("UPDATE documents SET {what} WHERE kind = $1 AND id = $2");
        self.tx.run(sql, values).await.map(|_| ())
    }

    pub(super) async fn publish(&mut self) -> Result<(), StoreError> {
        let Some(mut document) = self.document.take() else {
            return Err(unknown(&self.key));
        };
        let newest = &document.newest;
        let publication = self.publication(newest, Some(newest.draft.body.clone()));
        document.published = Some(newest.version);
        document.status = Status::Published;
        self.document = Some(document);
        self.set("published = version, archived = 0", named(&self.key)).await?;
        self.append(publication).await
    }

    pub(super) async fn archive(&mut self) -> Result<(), StoreError> {
        let Some(mut document) = self.document.take() else {
            return Err(unknown(&self.key));
        };
        let was_seen = document.published.take().is_some();
        let publication = self.publication(&document.newest, None);
        document.status = Status::Archived;
        self.document = Some(document);
        self.set("published = NULL, archived = 1", named(&self.key)).await?;
        if was_seen {
            self.append(publication).await?;
        }
        Ok(())
    }

    fn publication(&self, newest: &Version, body: Option<Map<String, Json>>) -> Publication {
        Publication {
            kind: self.key.kind,
            id: self.key.id.clone(),
            version: newest.version,
            territory: newest.draft.territory.clone(),
            body,
        }
    }

    async fn append(&mut self, publication: Publication) -> Result<(), StoreError> {
        self.counter.sequence += 1;
        let line = Change::Document(Box::new(publication)).to_line();
        save::append(&mut self.tx, &self.counter, "document", line, self.at).await
    }

    /// Notes it in the audit and commits.
    pub(super) async fn end(mut self, action: Action) -> Result<Published, StoreError> {
        let document = self.document.take().ok_or_else(|| unknown(&self.key))?;
        let sql = "INSERT INTO audit (number, at, author, action, kind, id, version) \
                   SELECT coalesce(max(number), 0) + 1, $1, $2, $3, $4, $5, $6 FROM audit";
        let mut values = vec![self.at.into(), self.author.into(), action.as_str().into()];
        values.extend(named(&self.key));
        values.push((document.newest.version as i64).into());
        self.tx.run(sql, values).await?;
        self.tx.commit().await?;
        let sequence = Sequence(self.counter.sequence.unsigned_abs());
        self.store.shared.grown(sequence);
        Ok(Published { document, sequence })
    }

    /// Leaves everything as it is.
    pub(super) fn unchanged(mut self) -> Result<Published, StoreError> {
        let document = self.document.take().ok_or_else(|| unknown(&self.key))?;
        let sequence = Sequence(self.counter.sequence.unsigned_abs());
        Ok(Published { document, sequence })
    }
}
