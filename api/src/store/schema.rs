//! Migrations: an ordered list of SQL files, each applied once, in its own transaction.
//!
//! Runs at every opening, before anything else. Invariant: a database of a newer program is refused, never touched.

use super::error::StoreError;
use super::sql::{Backend, Database, Tx};

/// In order; a file that has been released is never changed.
const MIGRATIONS: [&str; 3] = [
    include_str!("../../migrations/0001_start.sql"),
    include_str!("../../migrations/0002_documents.sql"),
    include_str!("../../migrations/0003_accounts.sql"),
];

/// The newest schema.
pub(super) const KNOWN: i64 = MIGRATIONS.len() as i64;

/// Any number, the same in every process: PostgreSQL lets one migrate at a time.
const LOCK: i64 = 0x666c_6f72_696c;

/// Brings the tables up to date.
pub(super) async fn migrate(database: &Database) -> Result<(), StoreError> {
    let known = KNOWN;
    let mut tx = database.write().await?;
    if tx.backend() == Backend::Postgres {
        tx.run(format!("SELECT pg_advisory_xact_lock({LOCK})"), Vec::new())
            .await?;
    }
    tx.run(
        "CREATE TABLE IF NOT EXISTS schema_version (version BIGINT PRIMARY KEY)",
        Vec::new(),
    )
    .await?;
    let found = version(&mut tx).await?;
    if found > known {
        return Err(StoreError::Schema { found, known });
    }
    for (version, sql) in (1i64..).zip(MIGRATIONS).filter(|(version, _)| *version > found) {
        tx.script(dialect(sql, tx.backend())).await?;
        tx.run("INSERT INTO schema_version (version) VALUES ($1)", vec![version.into()])
            .await?;
    }
    tx.commit().await
}

async fn version(tx: &mut Tx) -> Result<i64, StoreError> {
    let row = tx.row("SELECT max(version) FROM schema_version", Vec::new()).await?;
    Ok(row.map(|row| row.maybe_int(0)).transpose()?.flatten().unwrap_or(0))
}

/// The words of each database where they differ.
fn dialect(sql: &str, backend: Backend) -> String {
    match backend {
        Backend::Sqlite => sql.replace("BIGINT", "INTEGER"),
        Backend::Postgres => sql.replace(" TEXT", " TEXT COLLATE \"C\""),
    }
}
