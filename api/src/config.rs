//! Settings of `serve` and `demo`: defaults, then a TOML file, then environment, then flags.
//!
//! Read at the start, and again at a reload (`reload`). Invariant: an unknown key is refused with its name, and so is
//! a value that cannot be.

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
    /// A folder of learnt models, as `florilege-indexer train` writes them; which one makes a list, a scenario says.
    pub models: Option<PathBuf>,
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
    /// A collector of traces, `http://host:port` for OTLP over HTTP; none without.
    pub traces_to: Option<String>,
    /// How many calls in a hundred are traced, where the caller does not say.
    pub traces_percent: u8,
}

/// Settings that a reload takes; the others are of the start.
pub const RELOADED: [&str; 7] = [
    "rate",
    "origins",
    "ready_lag_s",
    "drain_s",
    "log",
    "tls_certificates",
    "tls_key",
];

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: DEFAULT_LISTEN.to_owned(),
            database_url: None,
            taxonomy: None,
            models: None,
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
            traces_to: None,
            traces_percent: 100,
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
    /// A text that no trace can be sent to.
    #[error("{0:?} is no collector such as http://127.0.0.1:4318; HTTPS is for a collector beside the server to speak")]
    Collector(String),
    /// A share above the whole.
    #[error("traces_percent is at most 100, not {0}")]
    Percent(u8),
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
        if let Some(to) = self.traces_to.as_ref().filter(|to| !is_collector(to)) {
            return Err(ConfigError::Collector(to.clone()));
        }
        if self.traces_percent > 100 {
            return Err(ConfigError::Percent(self.traces_percent));
        }
        Ok(self)
    }

    /// The names of the settings that are not as in `other`.
    #[must_use]
    pub fn differing(&self, other: &Self) -> Vec<&'static str> {
        let now = [
            ("listen", self.listen != other.listen),
            ("database_url", self.database_url != other.database_url),
            ("taxonomy", self.taxonomy != other.taxonomy),
            ("models", self.models != other.models),
            ("threads", self.threads != other.threads),
            ("queue", self.queue != other.queue),
            ("connections", self.connections != other.connections),
            ("patience_s", self.patience_s != other.patience_s),
            ("tls_certificates", self.tls_certificates != other.tls_certificates),
            ("tls_key", self.tls_key != other.tls_key),
            ("snapshot_every_s", self.snapshot_every_s != other.snapshot_every_s),
            ("ready_lag_s", self.ready_lag_s != other.ready_lag_s),
            ("drain_s", self.drain_s != other.drain_s),
            ("rate", self.rate != other.rate),
            ("origins", self.origins != other.origins),
            ("cursor_secret", self.cursor_secret != other.cursor_secret),
            ("log", self.log != other.log),
            ("log_json", self.log_json != other.log_json),
            ("traces_to", self.traces_to != other.traces_to),
            ("traces_percent", self.traces_percent != other.traces_percent),
        ];
        now.into_iter()
            .filter_map(|(name, differs)| differs.then_some(name))
            .collect()
    }

    /// What the server allows and expects.
    #[must_use]
    pub fn policy(&self) -> Policy {
        Policy {
            ready_lag: Duration::from_secs(self.ready_lag_s),
            rate: self.rate,
            origins: self.origins.clone(),
            drain: Duration::from_secs(self.drain_s),
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

    /// The files of certificates and of the key, where HTTPS is spoken.
    #[must_use]
    pub fn tls_files(&self) -> Option<(&Path, &Path)> {
        self.tls_certificates.as_deref().zip(self.tls_key.as_deref())
    }

    /// HTTPS, where a certificate is given.
    ///
    /// # Errors
    /// When its files cannot be used.
    pub fn tls(&self) -> anyhow::Result<Option<Tls>> {
        self.tls_files()
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

/// Whether traces can be sent there: plain HTTP, a host, no path of its own.
fn is_collector(text: &str) -> bool {
    text.strip_prefix("http://")
        .is_some_and(|rest| !rest.is_empty() && is_origin(text))
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
            "traces_to = \"https://collector.example\"",
            "traces_to = \"http://\"",
            "traces_percent = 101",
            "listen",
        ] {
            let error = read(text).expect_err(text).to_string();
            assert!(!error.is_empty(), "{text}");
        }
        assert!(read("colour = 1").expect_err("unknown").to_string().contains("colour"));
        assert!(Settings::read(Some(Path::new("/nowhere.toml")), &serde_json::json!({})).is_err());
    }

    #[test]
    fn every_setting_that_differs_is_named() {
        let plain = Settings::default();
        assert_eq!(plain.differing(&plain.clone()), Vec::<&str>::new());
        let fields = serde_json::to_value(&plain).expect("fields");
        let fields = fields.as_object().expect("an object");
        let text = |name: &str| serde_json::json!(if name == "traces_to" { "http://a:1" } else { "x" });
        for (name, value) in fields {
            let other = match value {
                serde_json::Value::Null | serde_json::Value::String(_) => text(name),
                serde_json::Value::Bool(held) => serde_json::json!(!held),
                serde_json::Value::Number(held) => serde_json::json!(held.as_u64().expect("whole") ^ 1),
                serde_json::Value::Array(_) | serde_json::Value::Object(_) => serde_json::json!(["*"]),
            };
            let mut changed = fields.clone();
            changed.insert(name.clone(), other);
            let changed: Settings = serde_json::from_value(changed.into()).expect(name);
            assert_eq!(plain.differing(&changed), [name.as_str()]);
        }
        assert!(RELOADED.iter().all(|name| fields.contains_key(*name)));
    }
}
