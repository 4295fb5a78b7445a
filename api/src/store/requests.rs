//! Requests: what was answered, kept for a set time and a set number, to explain and to replay.
//!
//! Written in batches off the serving path. Invariants: a request that names a reader goes when that reader is
//! erased; the identifier of a reader whom the store does not know is not kept at all.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use florilege_engine::ids::UserId;
use serde_json::Value as Json;
use serde_json::value::RawValue;
use tokio::time;
use uuid::Uuid;

use super::batch::{Batch, json};
use super::error::StoreError;
use super::load::{self, checked};
use super::names::Number;
use super::sql::{Row, Tx, Value};
use super::{Limits, Shared, Store, clock};

/// How many may wait to be written.
const WAITING: usize = 10_000;
/// How many are written at once.
const GROUP: usize = 512;
/// How often they are written.
const EVERY: Duration = Duration::from_millis(250);
/// How often those too many or too old are removed.
const SWEEP: Duration = Duration::from_secs(60);
/// Stands before the number of a reader in a stored body.
const READER: &str = "@reader:";

/// One answered request.
#[derive(Debug, Clone)]
pub struct Answered {
    /// Its `request_id`.
    pub id: Uuid,
    /// Every reader whom the body names (the reader, friends, the outing): their erasure takes the request along.
    pub readers: Vec<UserId>,
    /// Context, seed, generation, versions, candidates, slate: whatever the replay needs.
    pub body: Box<RawValue>,
}

/// The requests that wait to be written, in the order of their identifiers, which is that of time.
#[derive(Debug, Default)]
pub(super) struct Pending(Mutex<BTreeMap<Uuid, Answered>>);

impl Pending {
    fn held(&self) -> MutexGuard<'_, BTreeMap<Uuid, Answered>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Drops what names an erased reader.
    pub(super) fn forget(&self, reader: &UserId) {
        self.held().retain(|_, answered| !answered.readers.contains(reader));
    }
}

impl Store {
    /// Keeps what was answered, a little later; never waits. `false` when too many wait: then it is dropped.
    pub fn record(&self, answered: Answered) -> bool {
        let mut pending = self.shared.pending.held();
        let has_room = pending.len() < WAITING;
        if has_room {
            pending.insert(answered.id, answered);
        }
        has_room
    }

    /// What was answered, also while it waits to be written. A reader unknown when it was written stands in it as
    /// `@reader:0`, one erased since takes the whole along.
    pub async fn request(&self, id: Uuid) -> Result<Option<Box<RawValue>>, StoreError> {
        let waiting = self
            .shared
            .pending
            .held()
            .get(&id)
            .map(|answered| answered.body.clone());
        if waiting.is_some() {
            return Ok(waiting);
        }
        let mut tx = self.shared.database.snapshot().await?;
        let sql = "SELECT body FROM requests WHERE id = $1";
        let Some(row) = tx.row(sql, vec![id.to_string().into()]).await? else {
            return Ok(None);
        };
        let names = "SELECT names.reader, names.id FROM request_readers \
                     JOIN names ON names.reader = request_readers.reader \
                     WHERE request_readers.request = $1 AND names.id IS NOT NULL";
        let mut known = HashMap::new();
        for row in tx.rows(names, vec![id.to_string().into()]).await? {
            known.insert(row.int(0)?, row.text(1)?);
        }
        tx.commit().await?;
        opened(row.text(0)?, &known).map(Some)
    }
}

/// Writes what waits, until the store is dropped.
pub(super) async fn run(shared: Weak<Shared>, limits: Limits) {
    let mut swept: Option<Instant> = None;
    loop {
        time::sleep(EVERY).await;
        let Some(shared) = shared.upgrade() else { return };
        // A database that is away is told by the watcher; what waits goes on waiting.
        let _ = flush(&shared).await;
        if swept.is_none_or(|at| at.elapsed() >= SWEEP) && sweep(&shared, &limits).await.is_ok() {
            swept = Some(Instant::now());
        }
    }
}

/// Writes all that waits.
pub(super) async fn flush(shared: &Shared) -> Result<(), StoreError> {
    loop {
        let group: Vec<Answered> = shared.pending.held().values().take(GROUP).cloned().collect();
        if group.is_empty() {
            return Ok(());
        }
        let ids: Vec<Uuid> = group.iter().map(|answered| answered.id).collect();
        write(shared, group).await?;
        let mut pending = shared.pending.held();
        ids.iter().for_each(|id| _ = pending.remove(id));
    }
}

async fn write(shared: &Shared, group: Vec<Answered>) -> Result<(), StoreError> {
    let mut tx = shared.database.write().await?;
    // The lock keeps an erasure out: a request either is there for it to remove, or finds the reader gone.
    load::counter(&mut tx).await?;
    let mut batch = Batch::default();
    let named = group.iter().flat_map(|answered| &answered.readers);
    let mut named: Vec<&UserId> = named.collect();
    named.sort_unstable();
    named.dedup();
    load::readers(&mut tx, &mut batch, named.into_iter()).await?;
    let (mut rows, mut links) = (Vec::new(), Vec::new());
    for answered in group {
        let id = answered.id.to_string();
        let numbers = numbers(&answered.readers, &batch);
        rows.push(vec![
            id.as_str().into(),
            clock::now_ms().into(),
            sealed(&answered.body, &numbers)?.into(),
        ]);
        let known = numbers.values().filter(|number| **number > 0);
        links.extend(known.map(|number| vec![Value::from(*number), id.as_str().into()]));
    }
    insert(&mut tx, rows, links).await?;
    tx.commit().await
}

async fn insert(tx: &mut Tx, rows: Vec<Vec<Value>>, links: Vec<Vec<Value>>) -> Result<(), StoreError> {
    let again = "ON CONFLICT DO NOTHING";
    tx.insert("INSERT INTO requests (id, at, body)", rows, again).await?;
    tx.insert("INSERT INTO request_readers (reader, request)", links, again)
        .await
}

/// The number of each reader; 0 for one whom the store does not know.
fn numbers(readers: &[UserId], batch: &Batch) -> HashMap<String, Number> {
    let number = |id: &UserId| batch.readers.get(id).and_then(|slot| slot.number).unwrap_or(0);
    readers.iter().map(|id| (id.as_str().to_owned(), number(id))).collect()
}

/// The body with numbers for identifiers, wherever a text is one. Fields that hold none, as most answers do, stay as
/// they are.
fn sealed(body: &RawValue, numbers: &HashMap<String, Number>) -> Result<String, StoreError> {
    let texts: Vec<String> = numbers.keys().map(json).collect::<Result<_, _>>()?;
    let names = |raw: &str| raw.contains(READER) || texts.iter().any(|text| raw.contains(text));
    if !names(body.get()) {
        return Ok(body.get().to_owned());
    }
    let mut fields: BTreeMap<String, Box<RawValue>> = checked(serde_json::from_str(body.get()))?;
    for field in fields.values_mut().filter(|field| names(field.get())) {
        let mut value: Json = checked(serde_json::from_str(field.get()))?;
        each_text(&mut value, &|text| match numbers.get(text.as_str()) {
            Some(number) => *text = format!("{READER}{number}"),
            // A text that looks like a number of ours is marked as none.
            None if text.starts_with(READER) => text.insert(READER.len(), '='),
            None => {}
        });
        *field = checked(serde_json::value::to_raw_value(&value))?;
    }
    json(&fields)
}

fn opened(body: String, known: &HashMap<Number, String>) -> Result<Box<RawValue>, StoreError> {
    if !body.contains(READER) {
        return checked(RawValue::from_string(body));
    }
    let mut value: Json = checked(serde_json::from_str(&body))?;
    each_text(&mut value, &|text| {
        let Some(rest) = text.strip_prefix(READER) else { return };
        *text = match (
            rest.strip_prefix('='),
            rest.parse().ok().and_then(|number| known.get(&number)),
        ) {
            (Some(own), _) => format!("{READER}{own}"),
            (None, Some(id)) => id.clone(),
            (None, None) => return,
        };
    });
    checked(serde_json::value::to_raw_value(&value))
}

fn each_text(value: &mut Json, change: &impl Fn(&mut String)) {
    match value {
        Json::String(text) => change(text),
        Json::Array(entries) => entries.iter_mut().for_each(|entry| each_text(entry, change)),
        Json::Object(fields) => fields.values_mut().for_each(|field| each_text(field, change)),
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}

/// So many are removed in one transaction: other writes wait for no more than that.
const SWEPT_AT_ONCE: i64 = if cfg!(test) { 2 } else { 500 };

/// Removes those too old and those too many, oldest first.
pub(super) async fn sweep(shared: &Shared, limits: &Limits) -> Result<(), StoreError> {
    let age = i64::try_from(limits.requests_for.as_millis()).unwrap_or(i64::MAX);
    let oldest = clock::now_ms().saturating_sub(age);
    let kept = i64::try_from(limits.requests_kept).unwrap_or(i64::MAX);
    let mut tx = shared.database.write().await?;
    let sql = "SELECT at FROM requests ORDER BY at DESC LIMIT 1 OFFSET $1";
    let too_many = at_of(tx.row(sql, vec![kept.into()]).await?)?;
    tx.commit().await?;
    let until = too_many.map_or(oldest, |at| at.max(oldest));
    loop {
        let mut tx = shared.database.write().await?;
        let sql = "SELECT at FROM requests WHERE at <= $1 ORDER BY at LIMIT 1 OFFSET $2";
        let slice = at_of(tx.row(sql, vec![until.into(), (SWEPT_AT_ONCE - 1).into()]).await?)?;
        for sql in [
            "DELETE FROM request_readers WHERE request IN (SELECT id FROM requests WHERE at <= $1)",
            "DELETE FROM requests WHERE at <= $1",
        ] {
            tx.run(sql, vec![slice.unwrap_or(until).into()]).await?;
        }
        tx.commit().await?;
        if slice.is_none() {
            return Ok(());
        }
    }
}

fn at_of(row: Option<Row>) -> Result<Option<i64>, StoreError> {
    row.map(|row| row.int(0)).transpose()
}
