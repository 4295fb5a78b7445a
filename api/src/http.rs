//! HTTP: the contract's paths over the store and the engine.
//!
//! It translates and never ranks. Start at `router`, the table of routes. Invariant: every response goes out through
//! `envelope`, so every answer and every problem has the contract's shape.

pub(crate) mod access;
pub(crate) mod answer;
pub(crate) mod body;
pub(crate) mod call;
pub(crate) mod changes;
pub(crate) mod cursor;
pub(crate) mod docs;
pub(crate) mod editorial;
pub(crate) mod envelope;
pub(crate) mod events;
pub(crate) mod feed;
pub(crate) mod health;
pub(crate) mod id;
pub(crate) mod leftover;
pub(crate) mod metrics;
pub(crate) mod offers;
pub(crate) mod openapi;
pub(crate) mod params;
pub(crate) mod place;
pub(crate) mod playlists;
pub(crate) mod problem;
pub(crate) mod query;
pub(crate) mod recommendations;
pub(crate) mod record;
pub(crate) mod requests;
pub(crate) mod route;
pub(crate) mod router;
pub(crate) mod search;
pub(crate) mod similar;
pub(crate) mod stock;
mod suggest;
pub(crate) mod users;
pub(crate) mod venues;
pub(crate) mod write;

use axum::Router;
use axum::middleware::from_fn_with_state;
use tower_http::catch_panic::CatchPanicLayer;

pub use cursor::Signer;

use crate::app::App;
use access::{Gate, gate};

/// The router of a state: every route of the table behind its gate, all in the envelope; beside them the studio.
pub fn app(state: App) -> Router {
    let mut router = Router::new();
    for route in router::table() {
        let guard = Gate {
            app: state.clone(),
            access: route.access,
            takes_query: route.takes_query(),
        };
        let handler = route.handler.route_layer(from_fn_with_state(guard, gate));
        router = router.route(route.path, handler);
    }
    let router = router
        .fallback(|| async { problem::Problem::of_status(axum::http::StatusCode::NOT_FOUND) })
        .layer(CatchPanicLayer::custom(envelope::panicked))
        .layer(from_fn_with_state(state.clone(), envelope::envelope))
        .with_state(state.clone());
    // The studio is called by its own pages alone.
    let router = router.layer(from_fn_with_state(state.clone(), access::browsers));
    router.merge(crate::studio::router(state))
}

#[cfg(test)]
pub(crate) mod tests;
