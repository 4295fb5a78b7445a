//! Reload: the settings read again at SIGHUP, while the server serves on.
//!
//! Started by `serve`. Invariants: no call and no connection is dropped; settings that cannot be used are refused
//! whole, with the reason in the log, and what stands goes on; what only a restart can change is named.

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::app::App;
use crate::config::{RELOADED, Settings};
use crate::server::Tls;
use crate::telemetry;

/// SIGHUP from now on; asked for before anything slow, so that one that comes early ends nothing.
///
/// # Errors
/// When the system gives no signals.
pub fn hangups() -> std::io::Result<Signal> {
    signal(SignalKind::hangup())
}

/// What a reload changes.
pub struct Reload {
    app: App,
    /// As they are in force.
    settings: Settings,
    tls: Option<Tls>,
}

impl Reload {
    /// Of a server with these settings.
    #[must_use]
    pub fn new(app: App, settings: Settings, tls: Option<Tls>) -> Self {
        telemetry::settings_taken(true);
        Self { app, settings, tls }
    }

    /// Takes what `read` gives, each time that the signal comes; never ends by itself.
    pub async fn at_each(mut self, mut signal: Signal, read: impl Fn() -> anyhow::Result<Settings>) {
        while signal.recv().await.is_some() {
            let taken = read().and_then(|settings| self.take(settings));
            telemetry::settings_taken(taken.is_ok());
            if let Err(error) = taken {
                tracing::error!(
                    error = format!("{error:#}"),
                    "the settings are refused; what stands goes on"
                );
            }
        }
    }

    /// Takes settings, or nothing of them.
    fn take(&mut self, new: Settings) -> anyhow::Result<()> {
        let differing = self.settings.differing(&new);
        let (taken, left): (Vec<&str>, Vec<&str>) = differing.into_iter().partition(|name| self.can_take(name, &new));
        // What may fail comes first, and the last of it changes something.
        let filter = telemetry::filter(&new.log)?;
        if let (Some(tls), Some((certificates, key))) = (&self.tls, new.tls_files()) {
            tls.reopen(certificates, key)?;
        }
        telemetry::set_filter(filter);
        self.app.set_policy(new.policy());
        self.settings = Settings {
            rate: new.rate,
            origins: new.origins,
            ready_lag_s: new.ready_lag_s,
            drain_s: new.drain_s,
            log: new.log,
            tls_certificates: new.tls_certificates,
            tls_key: new.tls_key,
            ..self.settings.clone()
        };
        tracing::info!(taken = taken.join(" "), "settings read again");
        if !left.is_empty() {
            tracing::warn!(settings = left.join(" "), "these take a restart");
        }
        Ok(())
    }

    /// Whether a setting that differs is taken now. A server that speaks plain HTTP does not begin with TLS, nor end.
    fn can_take(&self, name: &str, new: &Settings) -> bool {
        let is_tls = name.starts_with("tls_");
        RELOADED.contains(&name) && (!is_tls || self.tls.is_some() == new.tls_files().is_some())
    }
}
