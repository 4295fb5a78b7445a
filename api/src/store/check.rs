//! A look at a store without changing it: is it ours, whole, and how far does its log go.
//!
//! Behind `florilege check`; a server may use the store meanwhile. Invariant: nothing is made, migrated or written.

use std::time::Duration;

use jiff::Timestamp;

use super::error::StoreError;
use super::schema::KNOWN;
use super::sql::{Backend, Database, Tx};
use super::{StoreUrl, clock};

/// How long a database may take to answer.
const WITHIN: Duration = Duration::from_secs(5);

/// What a look found.
#[derive(Debug, Clone)]
pub struct Condition {
    /// The schema of the tables; 0 in an empty database.
    pub schema: i64,
    /// The newest one that this program knows.
    pub known: i64,
    /// The last entry of the log.
    pub sequence: i64,
    /// When it was written.
    pub last_at: Timestamp,
    /// What does not hold; empty when all is well.
    pub faults: Vec<String>,
}

impl Condition {
    const fn empty() -> Self {
        Self {
            schema: 0,
            known: KNOWN,
            sequence: 0,
            last_at: Timestamp::UNIX_EPOCH,
            faults: Vec::new(),
        }
    }
}

/// Looks. A file that is not there is an empty store.
///
/// # Errors
/// When the database cannot be reached or read.
pub async fn check(url: &StoreUrl) -> Result<Condition, StoreError> {
    if matches!(url, StoreUrl::Sqlite(file) if !file.exists()) {
        return Ok(Condition::empty());
    }
    let database = Database::open(url, WITHIN).await?;
    let looked = look(&database).await;
    database.close().await;
    looked
}

async fn look(database: &Database) -> Result<Condition, StoreError> {
    let mut tx = database.snapshot().await?;
    if !has_tables(&mut tx).await? {
        return Ok(Condition::empty());
    }
    let row = tx.row("SELECT max(version) FROM schema_version", Vec::new()).await?;
    let schema = row.map(|row| row.maybe_int(0)).transpose()?.flatten().unwrap_or(0);
    let counter = tx.row("SELECT sequence, at FROM counter", Vec::new()).await?;
    let counter = counter.ok_or_else(|| StoreError::Damaged("the counter is gone".to_owned()))?;
    let (sequence, at) = (counter.int(0)?, counter.int(1)?);
    let mut faults = log_faults(&mut tx, sequence).await?;
    tx.commit().await?;
    if schema > KNOWN {
        faults.push(format!(
            "its schema is {schema}, this program knows up to {KNOWN}: use a newer program"
        ));
    }
    for row in database.pragma("PRAGMA quick_check(5)", Vec::new()).await? {
        let told = row.text(0)?;
        faults.extend((told != "ok").then_some(told));
    }
    Ok(Condition {
        schema,
        known: KNOWN,
        sequence,
        last_at: clock::from_ms(at),
        faults,
    })
}

async fn has_tables(tx: &mut Tx) -> Result<bool, StoreError> {
    let sql = match tx.backend() {
        Backend::Sqlite => "SELECT count(*) FROM sqlite_master WHERE name = 'schema_version'",
        Backend::Postgres => "SELECT count(*) FROM pg_tables WHERE tablename = 'schema_version'",
    };
    let row = tx.row(sql, Vec::new()).await?;
    Ok(row.map(|row| row.int(0)).transpose()?.unwrap_or(0) > 0)
}

/// The log has as many entries as its last number, which is the counter's.
async fn log_faults(tx: &mut Tx, sequence: i64) -> Result<Vec<String>, StoreError> {
    let row = tx.row("SELECT count(*), max(sequence) FROM log", Vec::new()).await?;
    let (entries, last) = match row {
        Some(row) => (row.int(0)?, row.maybe_int(1)?.unwrap_or(0)),
        None => (0, 0),
    };
    let is_whole = entries == sequence && last == sequence;
    let fault = format!("the log has {entries} entries up to {last}, the counter stands at {sequence}");
    Ok((!is_whole).then_some(fault).into_iter().collect())
}
