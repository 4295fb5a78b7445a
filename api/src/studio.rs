//! The studio: pages for editors at `/studio`, from the same process.
//!
//! Server-rendered, with one small script that swaps parts of a page. It stands beside `http`, over the same store and
//! the same engine. Invariants: nothing is fetched from anywhere else and no script or style stands in a page (its
//! policy forbids both); nothing changes without a session, a form's own token, and the right role and territory.

mod accounts;
mod answer;
mod assets;
mod calendar;
mod desk;
mod differences;
mod form;
mod fresh;
mod home;
mod keys;
mod library;
mod login;
mod look;
mod map;
mod month;
mod moves;
mod numbers;
mod overview;
mod page;
pub(crate) mod password;
mod persona;
mod playlist;
mod resolve;
mod schedule;
mod session;
mod state;
mod view;
mod why;
mod words;

use axum::Router;
use axum::middleware::from_fn;
use axum::routing::{get, post};
use tower_http::catch_panic::CatchPanicLayer;

use crate::app::App;
use answer::Refusal;
use state::Studio;

/// The studio's routes over a state.
pub(crate) fn router(app: App) -> Router {
    let inside = Router::new()
        .route("/", get(overview::show))
        .route("/sign-in", get(login::show).post(login::sign_in))
        .route("/sign-out", post(login::sign_out))
        .route("/language/{lang}", get(login::language))
        .route("/assets/{name}", get(assets::serve))
        .route("/keys", get(keys::show).post(keys::add))
        .route("/keys/{id}/revoke", post(keys::revoke))
        .route("/accounts", get(accounts::show).post(accounts::add))
        .route("/accounts/{login}/remove", post(accounts::remove))
        .route("/audit", get(library::audit))
        .route("/why", get(why::show))
        .route("/numbers", get(numbers::show))
        .route("/numbers/tables/{file}", get(numbers::download))
        .route("/numbers/venues", get(numbers::venues))
        .route("/numbers/venues/{id}", get(numbers::venue))
        .route("/numbers/venues/{id}/{file}", get(numbers::venue_download))
        .route("/map", get(map::show))
        .route("/calendar", get(calendar::show))
        .route("/{kind}", get(library::list))
        .route("/{kind}/{id}", get(desk::open).post(desk::save))
        .route("/{kind}/{id}/try", post(desk::attempt))
        .route("/{kind}/{id}/{act}", post(desk::change))
        .route("/{kind}/{id}/versions", get(library::versions))
        .fallback(|| async { Refusal::NotFound })
        .layer(CatchPanicLayer::custom(answer::panicked))
        .layer(from_fn(answer::frame))
        .with_state(Studio::new(app));
    Router::new()
        .nest("/studio", inside)
        .layer(from_fn(answer::keep_address))
}

#[cfg(test)]
mod tests;
