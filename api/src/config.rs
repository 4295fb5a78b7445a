//! Settings of `serve` and `demo`: defaults, then a TOML file, then environment and flags.
//!
//! Read once at start. Invariant: an unknown key is refused with its name, and so is a value that cannot be.

use std::path::{Path, PathBuf};
use std::time::Duration;

use figment::Figment;
use figment::providers::{Format, Serialized, Toml};
use serde::{Deserialize, Serialize};

use crate::app::Policy;
use crate::server::{Bounds, Tls};

/// The address where the server listens by default.
pub const DEFAULT_LISTEN: &str = "127.0.0.1:7700";

/// Everything that can be set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Where to listen.
    pub listen: String,
    /// A PostgreSQL store instead of the embedded one.
    pub database_url: Option<String>,
    /// A TOML taxonomy instead of the built-in one.
    pub taxonomy: Option<String>,
    /// Threads that compute; 0 takes one for each core.
    pub threads: usize,
    /// Engine calls that may wait for a thread.
    pub queue: usize,
    /// Connections at once.
    pub connections: usize,
    /// Seconds that a client may take for its headers, stay idle, or take nothing of its answer.
    pub patience_s: u64,
    /// A PEM file of certificates; with `tls_key`, the server speaks HTTPS.
    pub tls_certificates: Option<PathBuf>,
    /// A PEM file of the private key.
    pub tls_key: Option<PathBuf>,
    /// Seconds between two artefacts written while serving; 0 writes one at the stop alone.
    pub snapshot_every_s: u64,
    /// Seconds that the serving state may be behind the log and the server still be ready.
    pub ready_lag_s: u64,
    /// Seconds between a stop signal and the stop, in which the server serves on and says that it is not ready.
    pub drain_s: u64,
    /// Calls a second that each key may make; 0 is no limit.
    pub rate: u32,
    /// Origins whose pages may call from a browser; `*` is any, none by default.
    pub origins: Vec<String>,
    /// The secret of cursors, to share between replicas; drawn and kept in the data folder where absent.
    pub cursor_secret: Option<String>,
    /// What is logged: `error`, `warn`, `info`, `debug`, or a filter such as `florilege=debug`.
    pub log: String,
    /// Whether logs are JSON.
    pub log_json: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: DEFAULT_LISTEN.to_owned(),
            database_url: None,
            taxonomy: None,
            threads: 0,
            queue: 512,
            connections: 2_048,
            patience_s: 60,
            tls_certificates: None,
            tls_key: None,
            snapshot_every_s: 900,
            ready_lag_s: 10,
            drain_s: 0,
            rate: 0,
            origins: Vec::new(),
            cursor_secret: None,
            log: "info".to_owned(),
            log_json: false,
        }
    }
}

/// Settings that cannot be.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file is not there, is no TOML, or holds a key or a value that is none.
    #[error("the settings cannot be used: {0}")]
    Unusable(Box<figment::Error>),
    /// A number that is too small.
    #[error("{0} must be at least 1")]
    Zero(&'static str),
    /// One of the two files of TLS.
    #[error("tls_certificates and tls_key are given together")]
    HalfTls,
    /// A text that is no origin.
    #[error("{0:?} is no origin such as https://pass.example, nor *")]
    Origin(String),
}

impl Settings {
    /// The defaults with the file's values over them, and `given` (flags and environment) over both.
    ///
    /// # Errors
    /// When a key is unknown or a value cannot be.
    pub fn read(file: Option<&Path>, given: &impl Serialize) -> Result<Self, ConfigError> {
        let mut figment = Figment::from(Serialized::defaults(Self::default()));
        if let Some(file) = file {
            figment = figment.merge(Toml::file_exact(file));
        }
        let merged = figment.merge(Serialized::globals(given)).extract::<Self>();
        merged
            .map_err(|error| ConfigError::Unusable(Box::new(error)))?
            .checked()
    }

    fn checked(self) -> Result<Self, ConfigError> {
        if self.connections == 0 {
            return Err(ConfigError::Zero("connections"));
        }
        if self.patience_s == 0 {
            return Err(ConfigError::Zero("patience_s"));
        }
        if self.tls_certificates.is_some() != self.tls_key.is_some() {
            return Err(ConfigError::HalfTls);
        }
        if let Some(origin) = self.origins.iter().find(|origin| !is_origin(origin)) {
            return Err(ConfigError::Origin(origin.clone()));
        }
        Ok(self)
    }

    /// What the server allows and expects.
    #[must_use]
    pub fn policy(&self) -> Policy {
        Policy {
            ready_lag: Duration::from_secs(self.ready_lag_s),
            rate: self.rate,
            origins: self.origins.clone(),
        }
    }

    /// What a client may take.
    #[must_use]
    pub const fn bounds(&self) -> Bounds {
        Bounds {
            connections: self.connections,
            patience: Duration::from_secs(self.patience_s),
        }
    }

    /// HTTPS, where a certificate is given.
    ///
    /// # Errors
    /// When its files cannot be used.
    pub fn tls(&self) -> anyhow::Result<Option<Tls>> {
        let given = self.tls_certificates.as_deref().zip(self.tls_key.as_deref());
        given
            .map(|(certificates, key)| Tls::open(certificates, key))
            .transpose()
    }

    /// The number of threads that compute.
    #[must_use]
    pub fn threads(&self) -> usize {
        let cores = || std::thread::available_parallelism().map_or(1, usize::from);
        if self.threads == 0 { cores() } else { self.threads }
    }
}

/// Whether a text is `*` or a scheme and a host, as browsers send it.
fn is_origin(text: &str) -> bool {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let named = |host: &str| {
        !host.is_empty()
            && host
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte))
    };
    text == "*" || host.is_some_and(named)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Settings, ConfigError> {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("florilege.toml");
        std::fs::write(&file, text).expect("writes");
        Settings::read(Some(&file), &serde_json::json!({"queue": 7}))
    }

    #[test]
    fn flags_win_over_the_file_and_the_file_over_defaults() {
        let settings = read("queue = 3\nthreads = 2\n").expect("settings");
        assert_eq!(
            (settings.queue, settings.threads(), settings.connections),
            (7, 2, 2_048)
        );
    }

    #[test]
    fn unknown_keys_and_wrong_values_are_refused() {
        for text in [
            "colour = 1",
            "threads = \"many\"",
            "threads = -1",
            "connections = 0",
            "patience_s = 0",
            "tls_key = \"key.pem\"",
            "origins = [\"pass.example\"]",
            "origins = [\"https://pass.example/\"]",
            "listen",
        ] {
            let error = read(text).expect_err(text).to_string();
            assert!(!error.is_empty(), "{text}");
        }
        assert!(read("colour = 1").expect_err("unknown").to_string().contains("colour"));
        assert!(Settings::read(Some(Path::new("/nowhere.toml")), &serde_json::json!({})).is_err());
    }
}
