//! `/metrics`: what Prometheus scrapes.
//!
//! Gauges are read at the moment of the scrape. Invariant: nothing here names a reader, an offer or a path.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::route::{Note, Shape};
use crate::app::App;
use crate::telemetry;

pub(crate) fn note() -> Note {
    Note {
        tag: "Operating",
        summary: "Metrics for Prometheus",
        detail: "With keys configured, any key may read it.",
        query: &[],
        bodies: vec![],
        answer: Shape::text("text/plain; version=0.0.4", ""),
        problems: &[],
    }
}

pub(crate) async fn metrics(State(app): State<App>) -> Response {
    gauge(&app);
    let media = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    (media, app.metrics.render()).into_response()
}

fn gauge(app: &App) {
    let generation = app.engine.generation();
    let (counts, editorial) = (generation.counts(), generation.catalogue().editorial());
    let (log, applied) = (app.store.last_sequence().0, app.applied().0);
    let gauges = [
        ("florilege_offers", counts.offers as f64),
        ("florilege_offers_waiting_for_venue", counts.waiting as f64),
        ("florilege_venues", counts.venues as f64),
        ("florilege_items", counts.items as f64),
        ("florilege_users", counts.users as f64),
        ("florilege_documents", editorial.len() as f64),
        ("florilege_documents_unreadable", editorial.unreadable().len() as f64),
        ("florilege_log_sequence", log as f64),
        ("florilege_applied_sequence", applied as f64),
        ("florilege_lag_entries", log.saturating_sub(applied) as f64),
        ("florilege_lag_seconds", app.lag().map_or(0.0, |lag| lag.as_secs_f64())),
        ("florilege_clock_back_seconds", app.store.clock_back().as_secs_f64()),
        ("florilege_pool_jobs", app.pool.held() as f64),
        ("florilege_ready", f64::from(u8::from(app.is_caught_up()))),
    ];
    for (name, value) in gauges {
        telemetry::set(name, value);
    }
}
