//! The watcher: notices what other processes wrote, log entries and keys, and keeps the snapshots of this one.
//!
//! It asks every [`Limits::poll`](super::Limits::poll); PostgreSQL wakes it earlier. Invariant: while the database
//! answers, a revoked key and a new entry are known here within a second.

use std::sync::Weak;
use std::sync::atomic::Ordering;
use std::time::Duration;

use florilege_engine::change::Sequence;
use sqlx::postgres::PgListener;
use tokio::time;

use super::error::StoreError;
use super::save::CHANNEL;
use super::{Shared, keys};

/// Runs until the store is dropped.
pub(super) async fn run(shared: Weak<Shared>, poll: Duration) {
    let mut listener = None;
    let mut is_away = false;
    loop {
        wait(&mut listener, poll).await;
        let Some(shared) = shared.upgrade() else { return };
        if listener.is_none() {
            listener = shared.database.listen(CHANNEL).await.unwrap_or_default();
        }
        let looked = look(&shared).await;
        if is_away != looked.is_err() {
            tell(&looked);
        }
        is_away = looked.is_err();
        shared.away.store(is_away, Ordering::Release);
    }
}

async fn wait(listener: &mut Option<PgListener>, poll: Duration) {
    let Some(ear) = listener else {
        return time::sleep(poll).await;
    };
    if let Ok(Err(error)) = time::timeout(poll, ear.recv()).await {
        tracing::debug!(%error, "the log is polled, listening will be tried again");
        *listener = None;
        time::sleep(poll).await;
    }
}

/// Looks once; also at the opening.
pub(super) async fn look(shared: &Shared) -> Result<(), StoreError> {
    let rows = shared.database.rows("SELECT sequence FROM counter", Vec::new()).await?;
    if let Some(row) = rows.first() {
        shared.grown(Sequence(row.int(0)?.unsigned_abs()));
    }
    let keys = keys::read(&shared.database).await?;
    shared.keys.store(std::sync::Arc::new(keys));
    shared.names.purge();
    Ok(())
}

fn tell(looked: &Result<(), StoreError>) {
    match looked {
        Ok(()) => tracing::info!("the database answers again"),
        Err(error) => tracing::error!(%error, "the database does not answer, trying again until it does"),
    }
}
