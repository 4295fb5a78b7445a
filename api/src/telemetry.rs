//! Seeing: logs on standard error, traces to a collector, and every metric, with a sentence each.
//!
//! Invariant: no metric and no log line holds a personal datum; a metric's name stands here and nowhere else.

mod lines;
pub(crate) mod stages;
mod traces;

use std::io::IsTerminal as _;
use std::sync::OnceLock;
use std::time::Duration;

use anyhow::Context as _;
use lines::Lines;
use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::filter::EnvFilter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer as _, Registry, reload};

pub use traces::start_tracing;
pub(crate) use traces::{Parent, Span, ended, flush, is_traced};

const REQUESTS: &str = "florilege_http_requests_total";
const VERIFIED: &str = "florilege_lists_verified_total";
const FAULTY: &str = "florilege_lists_faulty_total";
const SECONDS: &str = "florilege_http_request_seconds";
const SPANS: &str = "florilege_spans_total";
const SETTINGS: &str = "florilege_settings_taken";

/// What the filter of the log is changed by.
static FILTER: OnceLock<reload::Handle<EnvFilter, Registry>> = OnceLock::new();

/// Bounds of the latency buckets, in seconds.
const BUCKETS: [f64; 14] = [
    0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0,
];

/// Starts logging; a second call in one process changes nothing.
pub fn start_logging(filter: &str, json: bool) -> anyhow::Result<()> {
    let (filter, handle) = reload::Layer::new(self::filter(filter)?);
    let lines = tracing_subscriber::fmt::layer()
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(Lines::start()?);
    let lines = if json { lines.json().boxed() } else { lines.boxed() };
    // Already started is as good as started.
    if tracing_subscriber::registry()
        .with(filter)
        .with(lines)
        .try_init()
        .is_ok()
    {
        let _ = FILTER.set(handle);
    }
    Ok(())
}

/// Reads a filter such as `info` or `florilege=debug`.
pub(crate) fn filter(text: &str) -> anyhow::Result<EnvFilter> {
    EnvFilter::try_new(text).with_context(|| format!("log: {text:?} is no filter"))
}

/// Logs by another filter from now on.
pub(crate) fn set_filter(filter: EnvFilter) {
    if let Some(Err(error)) = FILTER.get().map(|handle| handle.reload(filter)) {
        tracing::warn!(%error, "the log's filter stays as it was");
    }
}

/// The process's metrics; made once.
pub(crate) fn metrics() -> PrometheusHandle {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    HANDLE.get_or_init(install).clone()
}

fn install() -> PrometheusHandle {
    let builder = PrometheusBuilder::new();
    let builder = builder
        .set_buckets(&BUCKETS)
        .unwrap_or_else(|_| PrometheusBuilder::new());
    let recorder = builder.build_recorder();
    let handle = recorder.handle();
    if metrics::set_global_recorder(recorder).is_err() {
        tracing::warn!("another metrics recorder is installed; /metrics stays empty");
    }
    describe();
    handle
}

fn describe() {
    describe_counter!(
        REQUESTS,
        Unit::Count,
        "Calls answered, by method, route pattern and status."
    );
    describe_histogram!(
        SECONDS,
        Unit::Seconds,
        "Time from a call's arrival to its answer, by route pattern."
    );
    describe_counter!(VERIFIED, Unit::Count, "Lists held against the slow checker.");
    describe_counter!(
        FAULTY,
        Unit::Count,
        "Lists in which it found a fault: anything but 0 is a bug."
    );
    describe_counter!(SPANS, Unit::Count, "Traced calls, by whether the collector took them.");
    for result in ["sent", "lost"] {
        counter!(SPANS, "result" => result).increment(0);
    }
    describe_gauge!(
        SETTINGS,
        "1 when the settings were taken when last read, 0 when they were refused."
    );
    settings_taken(true);
    for (name, what) in GAUGES {
        describe_gauge!(name, what);
    }
}

/// What the catalogue and the server stand at, read when `/metrics` is asked.
const GAUGES: [(&str, &str); 14] = [
    ("florilege_offers", "Offers in the catalogue."),
    (
        "florilege_offers_waiting_for_venue",
        "Offers whose venue has not come yet.",
    ),
    ("florilege_venues", "Venues in the catalogue."),
    ("florilege_items", "Works with at least one offer."),
    ("florilege_users", "Readers that the engine knows."),
    ("florilege_documents", "Editorial documents that are published."),
    (
        "florilege_documents_unreadable",
        "Published documents that this version cannot read.",
    ),
    ("florilege_log_sequence", "The last entry of the change log."),
    (
        "florilege_applied_sequence",
        "The last entry that the serving state has applied.",
    ),
    (
        "florilege_lag_entries",
        "Entries of the log that the serving state has not applied yet.",
    ),
    (
        "florilege_lag_seconds",
        "Age of the oldest entry known and not applied yet.",
    ),
    (
        "florilege_clock_back_seconds",
        "How far the machine's clock stands before the last time of the log.",
    ),
    ("florilege_pool_jobs", "Engine calls waiting or running."),
    ("florilege_ready", "1 when the server can serve."),
];

/// Counts an answered call.
pub(crate) fn answered(method: &'static str, route: &str, status: u16, took: Duration) {
    let labels = [
        ("method", method.to_owned()),
        ("route", route.to_owned()),
        ("status", status.to_string()),
    ];
    counter!(REQUESTS, &labels).increment(1);
    histogram!(SECONDS, "route" => route.to_owned()).record(took.as_secs_f64());
}

/// Counts what the slow checker said of a list in its sample.
pub(crate) fn verified(faults: Option<usize>) {
    let Some(faults) = faults else { return };
    counter!(VERIFIED).increment(1);
    counter!(FAULTY).increment(u64::from(faults > 0));
}

/// Notes whether the settings were taken when they were last read.
pub(crate) fn settings_taken(taken: bool) {
    gauge!(SETTINGS).set(f64::from(u8::from(taken)));
}

/// Sets a gauge of the list above.
pub(crate) fn set(name: &'static str, value: f64) {
    debug_assert!(
        GAUGES.iter().any(|(known, _)| *known == name),
        "{name} is not described"
    );
    gauge!(name).set(value);
}
