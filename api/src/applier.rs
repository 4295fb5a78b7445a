//! The applier: one task that follows the store's log and makes the engine's next generation of each batch.
//!
//! It stands between the store and everything that serves. Invariants: entries are applied once, in order, by this
//! task alone; when the store is away it tries again and serving goes on over the last generation.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use florilege_engine::change::{Change, Sequence};
use tokio::task::JoinHandle;

use crate::app::App;
use crate::store::Entry;

/// The most entries of one batch.
const BATCH: usize = 5_000;
/// The pause between batches, in which more entries gather; a change is visible well within a second.
const GATHER: Duration = Duration::from_millis(10);
/// The pause after the store failed.
const AWAY: Duration = Duration::from_millis(500);

/// Starts following; ends when it is aborted.
pub fn start(app: App) -> JoinHandle<()> {
    tokio::spawn(async move { follow(&app).await })
}

async fn follow(app: &App) {
    let mut grown = app.store.subscribe();
    loop {
        match step(app).await {
            Ok(true) => tokio::time::sleep(GATHER).await,
            Ok(false) => {
                app.caught_up.store(true, Ordering::Release);
                app.note_lag();
                if grown.changed().await.is_err() {
                    return;
                }
            }
            Err(error) => {
                tracing::error!(%error, "the log cannot be followed; trying again");
                tokio::time::sleep(AWAY).await;
            }
        }
    }
}

/// Applies one batch; whether there was one.
async fn step(app: &App) -> anyhow::Result<bool> {
    app.note_lag();
    let entries = app.store.log_after(app.applied(), BATCH).await?;
    let Some(last) = entries.last().map(|entry| entry.sequence) else {
        return Ok(false);
    };
    let erased = entries
        .iter()
        .any(|entry| matches!(entry.change, Some(Change::UserErase(_))));
    apply(app, entries).await?;
    app.followed_to(last, erased);
    Ok(true)
}

async fn apply(app: &App, entries: Vec<Entry>) -> anyhow::Result<()> {
    let engine = Arc::clone(&app.engine);
    let batch: Vec<(Sequence, Option<Change>)> = entries
        .into_iter()
        .map(|entry| (entry.sequence, entry.change))
        .collect();
    tokio::task::spawn_blocking(move || engine.apply(&batch)).await??;
    Ok(())
}
