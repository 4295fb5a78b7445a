//! Artefacts of the running server: written now and then, at the stop, and anew when a reader was erased.
//!
//! An artefact is derived and can always be built again from the store. Invariant: after an erasure no artefact
//! written before it stays on the disk.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use florilege_engine::change::Sequence;

use crate::app::App;

/// The pause after an erasure, in which others may come.
const GATHER: Duration = Duration::from_millis(500);

/// Where a data folder keeps its artefacts.
pub(crate) fn artefacts(folder: &Path) -> PathBuf {
    folder.join("artefacts")
}

/// Writes an artefact every so many seconds when something has changed, never for 0; and after every erasure.
pub(crate) async fn keep(app: App, folder: PathBuf, every_s: u64) {
    let mut last = app.applied();
    loop {
        let due = async {
            match every_s {
                0 => std::future::pending().await,
                seconds => tokio::time::sleep(Duration::from_secs(seconds)).await,
            }
        };
        let erased = tokio::select! {
            () = due => false,
            () = app.erased.notified() => true,
        };
        if erased || app.applied() != last {
            last = app.applied();
            renew(&app, &folder, erased).await;
        }
    }
}

async fn renew(app: &App, folder: &Path, erased: bool) {
    if erased {
        tokio::time::sleep(GATHER).await;
        if let Err(error) = forget(folder) {
            tracing::error!(%error, "artefacts from before an erasure could not be removed");
        }
    }
    if let Err(error) = write(app, folder, None).await {
        tracing::error!(%error, "no artefact was written; the store has everything");
    }
}

/// Writes an artefact, unless the newest one stands at the same place.
pub(crate) async fn write(app: &App, folder: &Path, newest: Option<Sequence>) -> anyhow::Result<()> {
    let stands = app.applied();
    if stands == Sequence(0) || newest == Some(stands) {
        return Ok(());
    }
    let (engine, folder) = (Arc::clone(&app.engine), artefacts(folder));
    let written = tokio::task::spawn_blocking(move || engine.snapshot(&folder)).await?;
    written.context("the artefact cannot be written")?;
    tracing::info!(sequence = stands.0, "artefact written");
    Ok(())
}

/// Removes every artefact; what the engine works on stays.
fn forget(folder: &Path) -> std::io::Result<()> {
    for entry in std::fs::read_dir(artefacts(folder))? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if name.starts_with("artefact-") {
            std::fs::remove_dir_all(&path)?;
        }
    }
    Ok(())
}
