//! Access: who may call a route, its query string, and the wait for `min_sequence`, before its handler runs.
//!
//! A layer of every route. Invariants: with keys configured nothing but the open routes answers without one; the
//! check looks at a snapshot in memory, never at the database; the body of a refused call is not read.

use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use tower::{Layer as _, ServiceExt as _};
use tower_http::cors::{Any, CorsLayer};

use super::call::Call;
use super::problem::{Kind, Problem};
use super::query::Query;
use crate::app::App;
use crate::store::{Key, Scope};

/// Who may call a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Everybody.
    Open,
    /// Whoever has a key, of any scope.
    AnyKey,
    /// Whoever has a key of this scope, or of `admin`.
    Key(Scope),
}

impl Access {
    /// Whether a key of this scope may call.
    pub(crate) fn admits(self, scope: Scope) -> bool {
        match self {
            Self::Open | Self::AnyKey => true,
            Self::Key(needed) => scope == needed || scope == Scope::Admin,
        }
    }
}

/// Whose key a call came with; none where no key is needed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Caller(pub(crate) Option<Key>);

/// What the layer of one route knows.
#[derive(Clone)]
pub(crate) struct Gate {
    /// The state of the server.
    pub(crate) app: App,
    /// Who may call.
    pub(crate) access: Access,
    /// Whether the route reads parameters of its own.
    pub(crate) takes_query: bool,
}

/// Lets a call through, or says why not.
pub(crate) async fn gate(State(gate): State<Gate>, call: Call, request: Request, next: Next) -> Response {
    match gate.admit(call, request).await {
        Ok(request) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

impl Gate {
    async fn admit(&self, call: Call, mut request: Request) -> Result<Request, Problem> {
        let caller = self.check_key(request.headers(), call)?;
        request.extensions_mut().insert(caller);
        if self.access == Access::Open {
            return Ok(request);
        }
        let query = Query::of(request.uri())?;
        if !self.takes_query {
            query.require_empty()?;
        }
        if self.access == Access::Key(Scope::Serve) {
            // Before its body is read: under a flood, what is refused must cost next to nothing.
            self.app.refuse_when_full()?;
            self.app.wait_caught_up(call.deadline()).await?;
        }
        if let Some(sequence) = query.min_sequence {
            self.app.wait_for(sequence, call.deadline()).await?;
        }
        request.extensions_mut().insert(query);
        Ok(request)
    }

    fn check_key(&self, headers: &HeaderMap, call: Call) -> Result<Caller, Problem> {
        let keys = self.app.store.keys();
        if self.access == Access::Open || (keys.is_empty() && !self.app.needs_key) {
            return Ok(Caller::default());
        }
        let token = bearer(headers).ok_or_else(|| {
            Problem::new(
                Kind::Unauthorized,
                "send the header `authorization: Bearer KEY`; `florilege keys add` makes one",
            )
        })?;
        let key = keys
            .find(token, now())
            .ok_or_else(|| Problem::new(Kind::Unauthorized, "the key is unknown, revoked or over"))?;
        if self.access.admits(key.scope) {
            let admitted = self.app.rates.take(&key.id, call.started);
            admitted.map_err(Problem::too_many)?;
            return Ok(Caller(Some(key.clone())));
        }
        Err(Problem::new(
            Kind::Forbidden,
            format!("a key of scope {} may not call this", key.scope),
        ))
    }
}

/// Tells browsers what the origins of the settings may do, as they stand now.
pub(crate) async fn browsers(State(app): State<App>, request: Request, next: Next) -> Response {
    match app.browsers.load_full() {
        None => next.run(request).await,
        Some(layer) => {
            let answered = layer.layer(next).oneshot(request).await;
            answered.unwrap_or_else(|never| match never {})
        }
    }
}

/// What pages of these origins may do from a browser; with none, browsers are told nothing and refuse them all.
pub(crate) fn from_browsers(origins: &[String]) -> Option<CorsLayer> {
    let named: Vec<HeaderValue> = origins.iter().filter_map(|origin| origin.parse().ok()).collect();
    let layer = match origins {
        [] => return None,
        [any] if any == "*" => CorsLayer::new().allow_origin(Any),
        _ => CorsLayer::new().allow_origin(named),
    };
    let headers = ["x-deadline-ms", "if-match"].map(HeaderName::from_static);
    let layer = layer
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
        .allow_headers(
            [header::AUTHORIZATION, header::CONTENT_TYPE]
                .into_iter()
                .chain(headers)
                .collect::<Vec<_>>(),
        )
        .expose_headers(["x-request-id", "retry-after", "etag"].map(HeaderName::from_static))
        .max_age(Duration::from_secs(3_600));
    Some(layer)
}

/// The token of the header, if it has the shape.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

#[expect(
    clippy::disallowed_methods,
    reason = "the edge of the system is where the clock is read"
)]
fn now() -> Timestamp {
    Timestamp::now()
}
