//! The route table: every path that the server answers, one line each.
//!
//! [`crate::http::app`] makes the router of it, [`super::openapi`] the document. Invariant: what is not in this table
//! is a 404.

use super::route::Route;
use super::{
    changes, docs, events, health, metrics, offers, openapi, recommendations, requests, search, stock, suggest, users, venues,
};
use crate::store::Scope::{Edit, Ingest, Serve};

/// Every route.
pub(crate) fn table() -> Vec<Route> {
    vec![
        Route::get("/health/live", health::live, health::live_note()),
        Route::get("/health/ready", health::ready, health::ready_note()),
        Route::get("/metrics", metrics::metrics, metrics::note()).any_key(),
        Route::get("/openapi.json", openapi::document, openapi::note()),
        Route::get("/docs", docs::page, docs::note()),
        Route::put("/v1/offers/{id}", offers::put, offers::put_note()).scope(Ingest),
        Route::get("/v1/offers/{id}", offers::get, offers::get_note()).scope(Ingest),
        Route::delete("/v1/offers/{id}", offers::delete, offers::delete_note()).scope(Ingest),
        Route::patch("/v1/offers/{id}/stock", stock::patch, stock::note()).scope(Ingest),
        Route::put("/v1/venues/{id}", venues::put, venues::put_note()).scope(Ingest),
        Route::get("/v1/venues/{id}", venues::get, venues::get_note()).scope(Ingest),
        Route::delete("/v1/venues/{id}", venues::delete, venues::delete_note()).scope(Ingest),
        Route::put("/v1/users/{id}", users::put, users::put_note()).scope(Ingest),
        Route::get("/v1/users/{id}", users::get, users::get_note()).scope(Ingest),
        Route::delete("/v1/users/{id}", users::delete, users::delete_note()).scope(Ingest),
        Route::post("/v1/changes", changes::post, changes::note()).scope(Ingest),
        Route::post("/v1/events", events::post, events::note()).scope(Ingest),
        Route::post("/v1/recommendations", recommendations::post, recommendations::note()).scope(Serve),
        Route::get("/v1/search", search::get, search::get_note()).scope(Serve),
        Route::post("/v1/search", search::post, search::post_note()).scope(Serve),
        Route::get("/v1/search/statistics", search::statistics::get, search::statistics::note()).scope(Edit),
        Route::get("/v1/suggest", suggest::get, suggest::note()).scope(Serve),
        Route::get("/v1/requests/{id}", requests::get, requests::get_note()).scope(Serve),
        Route::post("/v1/requests/{id}/replay", requests::replay, requests::replay_note()).scope(Serve),
    ]
}
