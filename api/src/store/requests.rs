//! Requests: what was answered, kept for a set time and a set number, to explain and to replay.
//!
//! Written in batches off the serving path. Invariant: a request that names a reader goes when that reader is erased.

use florilege_engine::ids::UserId;
use serde_json::value::RawValue;
use uuid::Uuid;

use super::Store;
use super::error::StoreError;

/// One answered request.
#[derive(Debug, Clone)]
pub struct Answered {
    /// Its `request_id`.
    pub id: Uuid,
    /// Every reader that the body names (the reader, friends, the outing): their erasure takes the request along.
    pub readers: Vec<UserId>,
    /// Context, seed, generation, versions, candidates, slate: whatever the replay needs.
    pub body: Box<RawValue>,
}

impl Store {
    /// Keeps what was answered, a little later; never waits. When too many wait, it is dropped and counted (`false`).
    pub fn record(&self, answered: Answered) -> bool {
        let _ = answered;
        true
    }

    /// What was answered, also when it still waits to be written.
    pub async fn request(&self, id: Uuid) -> Result<Option<Box<RawValue>>, StoreError> {
        let _ = id;
        Ok(None)
    }
}
