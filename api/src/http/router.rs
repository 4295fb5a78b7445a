//! The route table: every path that the server answers, one line each.
//!
//! [`crate::http::app`] makes the router of it, [`super::openapi`] the document. Invariant: what is not in this table
//! is a 404.

use super::editorial::{audit, documents, lint, preview, publish, schemas, transfer};
use super::route::Route;
use super::{
    changes, docs, events, feed, health, metrics, offers, openapi, playlists, recommendations, requests, search,
    similar, stock, suggest, users, venues,
};
use crate::store::Scope::{Edit, Ingest, Serve};

/// Every route.
pub(crate) fn table() -> Vec<Route> {
    let mut all = program();
    all.extend(editing());
    all
}

/// What editors call.
fn editing() -> Vec<Route> {
    let of_kind = "/v1/editorial/{kind}";
    let of_document = "/v1/editorial/{kind}/{id}";
    let routes = vec![
        Route::get("/v1/editorial/audit", audit::get, audit::note()),
        Route::get("/v1/editorial/schemas/{kind}", schemas::get, schemas::note()),
        Route::post("/v1/editorial/lint", lint::post, lint::note()),
        Route::post("/v1/editorial/preview", preview::post, preview::note()),
        Route::get("/v1/editorial/export", transfer::export, transfer::export_note()),
        Route::post("/v1/editorial/import", transfer::import, transfer::import_note()),
        Route::get(of_kind, documents::list, documents::list_note()),
        Route::post(of_kind, documents::create, documents::create_note()).creates(),
        Route::get(of_document, documents::get, documents::get_note()),
        Route::put(of_document, documents::put, documents::put_note()),
        Route::delete(of_document, documents::delete, documents::delete_note()),
        Route::post(
            "/v1/editorial/{kind}/{id}/publish",
            publish::publish,
            publish::publish_note(),
        ),
        Route::get(
            "/v1/editorial/{kind}/{id}/versions",
            publish::versions,
            publish::versions_note(),
        ),
        Route::post(
            "/v1/editorial/{kind}/{id}/rollback",
            publish::rollback,
            publish::rollback_note(),
        ),
    ];
    routes.into_iter().map(|route| route.scope(Edit)).collect()
}

/// What booking cores, apps and operators call.
fn program() -> Vec<Route> {
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
        Route::post("/v1/similar", similar::post, similar::note()).scope(Serve),
        Route::get("/v1/search", search::get, search::get_note()).scope(Serve),
        Route::post("/v1/search", search::post, search::post_note()).scope(Serve),
        Route::get(
            "/v1/search/statistics",
            search::statistics::get,
            search::statistics::note(),
        )
        .scope(Edit),
        Route::get("/v1/suggest", suggest::get, suggest::note()).scope(Serve),
        Route::post("/v1/feed", feed::post, feed::note()).scope(Serve),
        Route::get("/v1/playlists/{id}/offers", playlists::get, playlists::get_note()).scope(Serve),
        Route::post("/v1/playlists/{id}/offers", playlists::post, playlists::post_note()).scope(Serve),
        Route::get("/v1/requests/{id}", requests::get, requests::get_note()).scope(Serve),
        Route::post("/v1/requests/{id}/replay", requests::replay, requests::replay_note()).scope(Serve),
    ]
}
