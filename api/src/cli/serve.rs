//! `florilege serve`: the server over a data folder.
//!
//! Invariant: the first line on standard output is `listening on http://ADDRESS`, printed once connections are taken.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

use super::ServerArgs;
use crate::boot::Server;
use crate::config::Settings;
use crate::reload::{self, Reload};
use crate::server::stop_signal;

const EXAMPLES: &str = "\
Examples:
  florilege serve --data ./data
  florilege serve --data ./data --listen 127.0.0.1:0
  florilege serve --data ./data --database-url postgres://florilege@localhost/florilege
  florilege serve --config florilege.toml --data ./data

A missing or empty folder is a valid empty catalogue. Without a key the server listens on loopback alone;
`florilege keys add` makes keys. SIGTERM and SIGINT finish what was begun, write the artefact and exit 0. SIGHUP reads
the settings again: rate, origins, ready_lag_s, drain_s, log and the files of TLS are taken without a restart.";

/// Serve the catalogue of a data folder.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Serve {
    /// The data folder; a missing or empty one is a valid empty catalogue.
    #[arg(long, value_name = "DIR", env = "FLORILEGE_DATA")]
    data: PathBuf,
    /// A PostgreSQL store, postgres://user:password@host:port/name, instead of the embedded one.
    #[arg(long, value_name = "URL", env = "FLORILEGE_DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
    #[command(flatten)]
    server: ServerArgs,
}

impl Serve {
    /// Serves until a stop signal.
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let hangups = reload::hangups()?;
        let settings = self.over(self.server.settings()?);
        // What cannot be used stops the start, before anything is opened.
        let tls = settings.tls()?;
        let server = Server::open(&self.data, settings.clone()).await?;
        let listener = server.bind().await?;
        greet(listener.local_addr()?, &server);
        let reload = Reload::new(server.app.clone(), settings, tls.clone());
        let reload = tokio::spawn(reload.at_each(hangups, move || Ok(self.over(self.server.read()?))));
        let served = server.run(listener, tls, stop_signal()).await;
        reload.abort();
        served
    }

    /// The settings with the flags of this command over them.
    fn over(&self, mut settings: Settings) -> Settings {
        settings.database_url = self.database_url.clone().or(settings.database_url);
        settings
    }
}

/// Says where to look, and three lines that work.
pub(super) fn greet(address: SocketAddr, server: &Server) {
    let scheme = if server.speaks_tls() { "https" } else { "http" };
    let here = format!("{scheme}://{address}");
    let key = if server.app.store.keys().is_empty() {
        ""
    } else {
        " -H \"authorization: Bearer $FLORILEGE_KEY\""
    };
    println!("listening on {here}");
    println!("  what can be asked: {here}/docs   metrics: {here}/metrics   for editors: {here}/studio");
    println!("  curl -s {here}/health/ready");
    println!("  curl -s{key} '{here}/v1/search?q=concert&limit=3'");
    println!("  curl -s{key} {here}/v1/recommendations -H 'content-type: application/json' -d '{{\"limit\":5}}'");
}
