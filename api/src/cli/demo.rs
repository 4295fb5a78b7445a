//! `florilege demo`: the server over a sample catalogue, in a folder that goes at the stop.
//!
//! Invariant: the same server as `serve`, fed through the same store; only the folder is temporary.

use std::time::Duration;

use clap::Args;
use florilege_engine::generate;

use super::ServerArgs;
use super::serve::greet;
use crate::app::{App, clock};
use crate::boot::Server;
use crate::server::stop_signal;
use crate::store::{NewAccount, Role};
use crate::studio::password;

/// The account that may do everything in the demo's studio.
const LOGIN: &str = "demo";
/// How many changes are submitted together.
const BATCH: usize = 5_000;
/// How long the sample may take to be served.
const SERVED_WITHIN: Duration = Duration::from_secs(120);

const EXAMPLES: &str = "\
Examples:
  florilege demo
  florilege demo --listen 127.0.0.1:0";

/// Serve a built-in sample catalogue that is forgotten at the stop.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Demo {
    #[command(flatten)]
    server: ServerArgs,
}

impl Demo {
    /// Makes the catalogue and serves it until a stop signal.
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let mut settings = self.server.settings()?;
        settings.database_url = None;
        let tls = settings.tls()?;
        let folder = Folder::new()?;
        let server = Server::open(&folder.0, settings).await?;
        let listener = server.bind().await?;
        fill(&server.app).await?;
        let password = let_in(&server.app).await?;
        greet(listener.local_addr()?, &server);
        println!(
            "  studio: http://{}/studio   login {LOGIN}   password {password}",
            listener.local_addr()?
        );
        server.run(listener, tls, stop_signal()).await
    }
}

/// Makes the administrator of the demo; gives the password.
async fn let_in(app: &App) -> anyhow::Result<String> {
    let password = password::generate()?;
    let account = NewAccount {
        login: LOGIN.to_owned(),
        hash: password::hash(&password)?,
        role: Role::Admin,
        territories: Vec::new(),
    };
    app.store.add_account(account).await?;
    Ok(password)
}

/// A folder that goes with the value.
struct Folder(std::path::PathBuf);

impl Folder {
    fn new() -> std::io::Result<Self> {
        let name = format!("florilege-demo-{}", uuid::Uuid::now_v7());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed from a temporary folder is the system's to remove.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Loads the sample and waits until it is served.
async fn fill(app: &App) -> anyhow::Result<()> {
    let mut batch = Vec::with_capacity(BATCH);
    for change in generate::demo(clock()) {
        batch.push(change);
        if batch.len() == BATCH {
            app.store.submit(std::mem::take(&mut batch)).await?;
        }
    }
    let loaded = app.store.submit(batch).await?.sequence;
    let mut followed = app.followed.subscribe();
    tokio::time::timeout(SERVED_WITHIN, followed.wait_for(|at| *at >= loaded)).await??;
    let counts = app.engine.generation().counts();
    eprintln!(
        "{} offers of {} works at {} venues",
        counts.offers, counts.items, counts.venues
    );
    Ok(())
}
