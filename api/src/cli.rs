//! The command line: what can be asked of the program, and its exit codes.
//!
//! `main` calls [`main`]; each command is a file. Invariants: results go to standard output, as JSON with `--json`;
//! logs and progress go to standard error; exit 0 done, 1 failed, 2 wrong usage; every flag has an environment twin.

mod accounts;
mod arrange;
mod backup;
mod check;
mod demo;
mod editorial;
mod keys;
mod lines;
mod load;
mod place;
mod serve;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::builder::BoolishValueParser;
use clap::{Args, Parser, Subcommand};
use serde::Serialize;

use crate::config::Settings;
use crate::telemetry;

/// Search, recommendation and curated playlists for culture, in one process.
#[derive(Debug, Parser)]
#[command(name = "florilege", version, after_help = EXAMPLES)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  florilege demo                                   a sample catalogue, on http://127.0.0.1:7700
  florilege serve --data ./data                    an empty catalogue, durable in ./data
  florilege load --data ./data changes.ndjson      change lines in bulk
  florilege arrange < problems.ndjson             diversified lists of your own candidates
  florilege check --data ./data                    whether a server could start here
  florilege keys add --scope ingest --data ./data  a key; from then on calls need one
  florilege accounts add --login admin --role admin --data ./data   who may sign in to /studio

Every flag can be given as an environment variable: --data is FLORILEGE_DATA.
Exit codes: 0 done, 1 failed, 2 wrong usage.";

/// The commands.
#[derive(Debug, Subcommand)]
enum Command {
    /// Serve a built-in sample catalogue that is forgotten at the stop.
    Demo(demo::Demo),
    /// Serve the catalogue of a data folder.
    Serve(serve::Serve),
    /// Load change lines in bulk into a data folder or a running server.
    Load(load::Load),
    /// Make, list and revoke access keys.
    Keys(keys::Keys),
    /// Export and import editorial documents.
    Editorial(editorial::Editorial),
    /// Make, list and remove accounts of the studio.
    Accounts(accounts::Accounts),
    /// Check settings, store, artefact, clock and disk without changing anything.
    Check(check::Check),
    /// Copy the store of a data folder into one new file.
    Backup(backup::Backup),
    /// Print all that a store holds as change lines.
    Lines(lines::Lines),
    /// Solve diversification problems, a line of JSON each.
    Arrange(arrange::Arrange),
}

/// Settings of a server, over those of the file.
#[derive(Debug, Clone, Default, Args, Serialize)]
struct ServerArgs {
    /// Where to listen; port 0 takes a free one and prints it [default: 127.0.0.1:7700].
    #[arg(long, value_name = "ADDRESS", env = "FLORILEGE_LISTEN")]
    #[serde(skip_serializing_if = "Option::is_none")]
    listen: Option<String>,
    /// A TOML file with these settings in snake_case; flags win over it.
    #[arg(long, value_name = "FILE", env = "FLORILEGE_CONFIG")]
    #[serde(skip)]
    config: Option<PathBuf>,
    /// A TOML taxonomy instead of the built-in one.
    #[arg(long, value_name = "FILE", env = "FLORILEGE_TAXONOMY")]
    #[serde(skip_serializing_if = "Option::is_none")]
    taxonomy: Option<String>,
    /// A folder of learnt models, as `florilege-indexer train` writes them; a scenario names those it is made with.
    #[arg(long, value_name = "DIR", env = "FLORILEGE_MODELS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    models: Option<PathBuf>,
    /// Threads that compute; 0 takes one for each core [default: 0].
    #[arg(long, value_name = "N", env = "FLORILEGE_THREADS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    threads: Option<usize>,
    /// Engine calls that may wait for a thread before 503 [default: 512].
    #[arg(long, value_name = "N", env = "FLORILEGE_QUEUE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    queue: Option<usize>,
    /// Connections at once [default: 2048].
    #[arg(long, value_name = "N", env = "FLORILEGE_CONNECTIONS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    connections: Option<usize>,
    /// Seconds that a client may take for its headers, stay idle, or take nothing of its answer [default: 60].
    #[arg(long, value_name = "SECONDS", env = "FLORILEGE_PATIENCE_S")]
    #[serde(skip_serializing_if = "Option::is_none")]
    patience_s: Option<u64>,
    /// A PEM file of certificates; with --tls-key the server speaks HTTPS.
    #[arg(long, value_name = "FILE", env = "FLORILEGE_TLS_CERTIFICATES")]
    #[serde(skip_serializing_if = "Option::is_none")]
    tls_certificates: Option<PathBuf>,
    /// A PEM file of the private key.
    #[arg(long, value_name = "FILE", env = "FLORILEGE_TLS_KEY")]
    #[serde(skip_serializing_if = "Option::is_none")]
    tls_key: Option<PathBuf>,
    /// Seconds between two artefacts written while serving; 0 writes one at the stop alone [default: 900].
    #[arg(long, value_name = "SECONDS", env = "FLORILEGE_SNAPSHOT_EVERY_S")]
    #[serde(skip_serializing_if = "Option::is_none")]
    snapshot_every_s: Option<u64>,
    /// Seconds that a server may be behind the log and still be ready [default: 10].
    #[arg(long, value_name = "SECONDS", env = "FLORILEGE_READY_LAG_S")]
    #[serde(skip_serializing_if = "Option::is_none")]
    ready_lag_s: Option<u64>,
    /// Seconds between a stop signal and the stop, in which it serves on and is not ready [default: 0].
    #[arg(long, value_name = "SECONDS", env = "FLORILEGE_DRAIN_S")]
    #[serde(skip_serializing_if = "Option::is_none")]
    drain_s: Option<u64>,
    /// Calls a second that each key may make; 0 is no limit [default: 0].
    #[arg(long, value_name = "N", env = "FLORILEGE_RATE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    rate: Option<u32>,
    /// Origins whose pages may call from a browser, or * [default: none].
    #[arg(long, value_name = "ORIGIN", env = "FLORILEGE_ORIGINS", value_delimiter = ',')]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    origins: Vec<String>,
    /// The secret of cursors, to share between replicas; else drawn and kept in the data folder.
    #[arg(long, value_name = "TEXT", env = "FLORILEGE_CURSOR_SECRET", hide_env_values = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    cursor_secret: Option<String>,
    /// What is logged on standard error: error, warn, info, debug, or a filter [default: info].
    #[arg(long, value_name = "FILTER", env = "FLORILEGE_LOG")]
    #[serde(skip_serializing_if = "Option::is_none")]
    log: Option<String>,
    /// Log as JSON.
    #[arg(long, env = "FLORILEGE_LOG_JSON", value_parser = BoolishValueParser::new())]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    log_json: bool,
    /// A collector of traces, OTLP over HTTP, such as http://127.0.0.1:4318 [default: none].
    #[arg(long, value_name = "URL", env = "FLORILEGE_TRACES_TO")]
    #[serde(skip_serializing_if = "Option::is_none")]
    traces_to: Option<String>,
    /// How many calls in a hundred are traced, where the caller does not say [default: 100].
    #[arg(long, value_name = "N", env = "FLORILEGE_TRACES_PERCENT")]
    #[serde(skip_serializing_if = "Option::is_none")]
    traces_percent: Option<u8>,
}

impl ServerArgs {
    /// Defaults, file, environment and flags, in this order.
    fn read(&self) -> anyhow::Result<Settings> {
        Ok(Settings::read(self.config.as_deref(), self)?)
    }

    /// The same at a start: logging and tracing begin.
    fn settings(&self) -> anyhow::Result<Settings> {
        let settings = self.read()?;
        telemetry::start_logging(&settings.log, settings.log_json)?;
        telemetry::start_tracing(settings.traces_to.as_deref(), settings.traces_percent)?;
        Ok(settings)
    }
}

/// Reads the command line and does what it says.
#[must_use]
pub fn main() -> ExitCode {
    // Wrong usage ends here with 2, `--help` and `--version` with 0.
    let cli = Cli::parse();
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("florilege: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Runtime::new()?;
    let result = runtime.block_on(async {
        match cli.command {
            Command::Demo(command) => command.run().await,
            Command::Serve(command) => command.run().await,
            Command::Load(command) => command.run().await,
            Command::Keys(command) => command.run().await,
            Command::Editorial(command) => command.run().await,
            Command::Accounts(command) => command.run().await,
            Command::Check(command) => command.run().await,
            Command::Backup(command) => command.run().await,
            Command::Lines(command) => command.run().await,
            Command::Arrange(command) => command.run(),
        }
    });
    // A computation that nobody waits for any more must not hold the exit.
    runtime.shutdown_timeout(std::time::Duration::from_secs(1));
    result
}

/// How results are printed.
#[derive(Debug, Clone, Copy, Args)]
struct Output {
    /// Print JSON.
    #[arg(long, env = "FLORILEGE_JSON", value_parser = BoolishValueParser::new())]
    json: bool,
}

impl Output {
    /// Prints a result: JSON, or lines for people.
    fn print(self, value: &impl Serialize, lines: impl FnOnce() -> String) -> anyhow::Result<()> {
        use std::io::Write as _;
        let text = if self.json {
            serde_json::to_string(value)?
        } else {
            lines()
        };
        let mut out = std::io::stdout().lock();
        writeln!(out, "{text}")?;
        Ok(out.flush()?)
    }
}

#[cfg(test)]
mod tests;
