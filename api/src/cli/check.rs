//! `florilege check`: whether a server could start here and serve: settings, store, artefact, clock, disk.
//!
//! Run before a start or beside a running server. Invariant: nothing is changed; exit 0 when nothing failed, 1 when
//! something did, and a warning never fails.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use clap::Args;
use florilege_engine::artefact;
use florilege_engine::model::Shelf;
use florilege_engine::taxonomy::Taxonomy;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::{Output, ServerArgs};
use crate::app::clock;
use crate::boot;
use crate::config::Settings;
use crate::snapshots::artefacts;
use crate::store::{Condition, StoreUrl, check};

/// Below so many free bytes a server should not start.
const LEAST_FREE: u64 = 256 << 20;
/// How far the clock may stand before the last entry of the log.
const CLOCK_BEFORE: SignedDuration = SignedDuration::from_secs(60);
/// A clock before this is unset; it is when the first version was written.
const NOT_BEFORE: Timestamp = Timestamp::constant(1_767_225_600, 0);

const EXAMPLES: &str = "\
Examples:
  florilege check --data ./data
  florilege check --data ./data --config florilege.toml --json
  florilege check --data ./data --database-url postgres://florilege@localhost/florilege

Exit codes: 0 nothing failed (warnings may be there), 1 something failed, 2 wrong usage.";

/// Check settings, store, artefact, clock and disk without changing anything.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Check {
    /// The data folder.
    #[arg(long, value_name = "DIR", env = "FLORILEGE_DATA")]
    data: PathBuf,
    /// A PostgreSQL store, postgres://user:password@host:port/name, instead of the embedded one.
    #[arg(long, value_name = "URL", env = "FLORILEGE_DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
    #[command(flatten)]
    output: Output,
    #[command(flatten)]
    server: ServerArgs,
}

/// How one thing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    Ok,
    Warning,
    Failed,
}

/// One thing that was looked at.
#[derive(Debug, Serialize)]
struct Line {
    name: &'static str,
    state: State,
    detail: String,
}

/// Everything that was looked at.
#[derive(Debug, Serialize)]
struct Report {
    ok: bool,
    checks: Vec<Line>,
}

impl Check {
    /// Looks at everything; an error when something failed.
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let report = self.report().await;
        self.output.print(&report, || lines(&report))?;
        anyhow::ensure!(report.ok, "something failed");
        Ok(())
    }

    async fn report(&self) -> Report {
        let mut checks = Vec::new();
        if let Some((settings, taxonomy)) = checked(&mut checks, "settings", self.settings().await) {
            let url = self.database_url.clone().or(settings.database_url);
            let url = url.map_or_else(|| StoreUrl::in_folder(&self.data), StoreUrl::Postgres);
            let condition = check(&url).await.map_err(anyhow::Error::from);
            let condition = checked(&mut checks, "store", condition.and_then(|found| store(&url, found)));
            checks.push(artefact(&self.data, &taxonomy, condition.as_ref()));
            checks.push(clock_line(condition.as_ref()));
            checks.extend(settings.models.as_deref().map(models));
        }
        checks.push(disk(&self.data));
        Report {
            ok: checks.iter().all(|line| line.state != State::Failed),
            checks,
        }
    }

    /// The settings as `serve` would take them, and their taxonomy.
    async fn settings(&self) -> anyhow::Result<(String, (Settings, Arc<Taxonomy>))> {
        let settings = Settings::read(self.server.config.as_deref(), &self.server)?;
        let taxonomy = boot::taxonomy(settings.taxonomy.as_deref())?;
        settings.tls()?;
        boot::addresses(&settings.listen).await?;
        let told = format!("listens on {}, {} threads", settings.listen, settings.threads());
        Ok((told, (settings, taxonomy)))
    }
}

/// Adds the line of a check that gives something on success.
fn checked<T>(checks: &mut Vec<Line>, name: &'static str, found: anyhow::Result<(String, T)>) -> Option<T> {
    let (state, detail, value) = match found {
        Ok((detail, value)) => (State::Ok, detail, Some(value)),
        Err(error) => (State::Failed, format!("{error:#}"), None),
    };
    checks.push(Line { name, state, detail });
    value
}

fn store(url: &StoreUrl, found: Condition) -> anyhow::Result<(String, Condition)> {
    anyhow::ensure!(found.faults.is_empty(), "{url:?}: {}", found.faults.join("; "));
    let told = match found.schema {
        0 => format!("{url:?} is empty"),
        schema if schema < found.known => format!("{url:?} has schema {schema}: the next start migrates it"),
        _ => format!("{url:?} is whole, its log goes to {}", found.sequence),
    };
    Ok((told, found))
}

/// The newest artefact, verified as the indexer does it; what is wrong with it costs a rebuild, not data.
fn artefact(data: &Path, taxonomy: &Arc<Taxonomy>, store: Option<&Condition>) -> Line {
    let (state, detail) = match newest(data) {
        Ok(None) => (State::Ok, "none: the next start builds from the store".to_owned()),
        Ok(Some(folder)) => verified(&folder, taxonomy, store),
        Err(error) => (State::Warning, format!("{error:#}")),
    };
    Line {
        name: "artefact",
        state,
        detail,
    }
}

fn verified(folder: &Path, taxonomy: &Arc<Taxonomy>, store: Option<&Condition>) -> (State, String) {
    let name = folder.display();
    let scratch = std::env::temp_dir().join(format!("florilege-check-{}", uuid::Uuid::now_v7()));
    let report = std::fs::create_dir_all(&scratch).map_err(anyhow::Error::from);
    let report = report.and_then(|()| Ok(artefact::verify(folder, &scratch, taxonomy)?));
    // What cannot be removed from a temporary folder is the system's to remove.
    let _ = std::fs::remove_dir_all(&scratch);
    let report = match report {
        Ok(report) => report,
        Err(error) => {
            return (
                State::Warning,
                format!("{name} is refused and will be passed over: {error:#}"),
            );
        }
    };
    let is_ahead = store.is_some_and(|store| report.sequence > store.sequence.unsigned_abs());
    if is_ahead {
        return (
            State::Warning,
            format!("{name} is ahead of the store and will be set aside"),
        );
    }
    if let Some(fault) = report.faults.first() {
        return (State::Warning, format!("{name}: {fault}"));
    }
    (
        State::Ok,
        format!("{name} is whole: {} offers at {}", report.offers, report.sequence),
    )
}

/// The learnt models of a folder, each opened as a server would.
fn models(folder: &Path) -> Line {
    let (state, detail) = match Shelf::open(folder) {
        Err(error) => (State::Failed, format!("{} cannot be read: {error}", folder.display())),
        Ok(opened) => match opened.refused.first() {
            Some(refused) => (State::Warning, format!("refused: {refused}")),
            None => (State::Ok, format!("{} can be served", opened.shelf.names().count())),
        },
    };
    Line {
        name: "models",
        state,
        detail,
    }
}

fn newest(data: &Path) -> anyhow::Result<Option<PathBuf>> {
    let folder = artefacts(data);
    if !folder.exists() {
        return Ok(None);
    }
    let entries = std::fs::read_dir(&folder).with_context(|| format!("{} cannot be read", folder.display()))?;
    let mut found: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    found.retain(|path| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        name.starts_with("artefact-") && !name.ends_with(".tmp")
    });
    found.sort_unstable();
    Ok(found.pop())
}

fn clock_line(store: Option<&Condition>) -> Line {
    let now = Timestamp::from_millisecond(clock().millis()).unwrap_or(Timestamp::UNIX_EPOCH);
    let last = store.map_or(Timestamp::UNIX_EPOCH, |store| store.last_at);
    let (state, detail) = clock_state(now, last);
    Line {
        name: "clock",
        state,
        detail,
    }
}

fn clock_state(now: Timestamp, last: Timestamp) -> (State, String) {
    if now < NOT_BEFORE {
        return (State::Failed, format!("it says {now}: set it, dates are judged by it"));
    }
    if last.duration_since(now) > CLOCK_BEFORE {
        let detail = format!("it says {now}, but the last entry was written at {last}: it went back");
        return (State::Warning, detail);
    }
    (State::Ok, format!("it says {now}"))
}

/// Whether the data folder, or the folder where it will be made, takes files and has room.
fn disk(data: &Path) -> Line {
    let mut folder = data;
    while let (false, Some(parent)) = (folder.exists(), folder.parent()) {
        folder = parent;
    }
    let folder = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    let (state, detail) = match room(folder) {
        Ok(free) if free < LEAST_FREE => (State::Failed, format!("{} MiB are free", free >> 20)),
        Ok(free) => (
            State::Ok,
            format!("{} can be written, {} MiB are free", folder.display(), free >> 20),
        ),
        Err(error) => (State::Failed, format!("{}: {error}", folder.display())),
    };
    Line {
        name: "disk",
        state,
        detail,
    }
}

fn room(folder: &Path) -> std::io::Result<u64> {
    let probe = folder.join(format!(".florilege-check-{}", uuid::Uuid::now_v7()));
    std::fs::write(&probe, b"probe")?;
    std::fs::remove_file(&probe)?;
    fs4::available_space(folder)
}

fn lines(report: &Report) -> String {
    let line = |line: &Line| {
        let state = match line.state {
            State::Ok => "ok",
            State::Warning => "warning",
            State::Failed => "failed",
        };
        format!("{state:<8} {:<9} {}", line.name, line.detail)
    };
    report.checks.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_went_back_is_a_warning_and_an_unset_one_fails() {
        let now: Timestamp = "2026-11-23T00:00:00Z".parse().expect("a time");
        let state = |now: Timestamp, last: &str| clock_state(now, last.parse().expect("a time")).0;
        assert_eq!(state(now, "2026-11-22T23:00:00Z"), State::Ok);
        assert_eq!(
            state(now, "2026-11-23T00:00:30Z"),
            State::Ok,
            "clocks of two machines differ a little"
        );
        assert_eq!(state(now, "2026-11-23T00:02:00Z"), State::Warning);
        assert_eq!(state(Timestamp::UNIX_EPOCH, "1970-01-01T00:00:00Z"), State::Failed);
    }
}
