//! The threshold: past the pool's capacity a serving call is refused before anything else is done with it.
//!
//! Around the router. Under a flood most calls are refused, and what each costs is taken from those that are served; so
//! neither routing nor keys nor the body are looked at here. Invariants: a refusal is the same answer, log line and
//! count as the gate's; calls that need no thread of the pool pass; while a browser's origins are allowed the gate
//! refuses instead, which tells the browser so.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, LazyLock};
use std::task::{Context, Poll};

use axum::Router;
use axum::extract::Request;
use axum::http::Method;
use axum::response::{IntoResponse, Response};
use tower::Service;

use super::access::Access;
use super::problem::Problem;
use super::{envelope, leftover, router};
use crate::app::App;
use crate::store::Scope;
use crate::telemetry::stages::Stages;

/// A serving route: its method, its pattern, and the pattern's parts.
type Serving = (Method, &'static str, Vec<&'static str>);

/// Every route that needs a thread of the pool.
static SERVING: LazyLock<Vec<Serving>> = LazyLock::new(|| {
    let routes = router::table().into_iter();
    let serving = routes.filter(|route| route.access == Access::Key(Scope::Serve));
    serving
        .map(|route| (route.method, route.path, route.path.split('/').collect()))
        .collect()
});

/// The pattern of the serving route that a call is for.
fn serving(method: &Method, path: &str) -> Option<&'static str> {
    let is_part = |(asked, part): (&str, &&str)| part.starts_with('{') && !asked.is_empty() || *part == asked;
    let is_for = |parts: &[&str]| path.split('/').count() == parts.len() && path.split('/').zip(parts).all(is_part);
    let mut all = SERVING.iter();
    all.find(|(known, _, parts)| known == method && is_for(parts))
        .map(|(_, pattern, _)| *pattern)
}

/// A router with its threshold.
#[derive(Clone)]
pub(super) struct Threshold {
    app: App,
    router: Arc<Router>,
}

impl Threshold {
    pub(super) fn before(router: Router, app: App) -> Self {
        Self {
            app,
            router: Arc::new(router),
        }
    }

    /// Why a call goes no further, with the pattern of its route.
    fn refusal(&self, request: &Request) -> Option<(&'static str, Problem)> {
        let problem = self.app.refuse_when_full().err()?;
        let pattern = serving(request.method(), request.uri().path())?;
        self.app.browsers.load().is_none().then_some((pattern, problem))
    }
}

impl Service<Request> for Threshold {
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        // A router is always ready.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        match self.refusal(&request) {
            None => Box::pin(Router::clone(&self.router).call(request)),
            Some((pattern, problem)) => Box::pin(refuse(self.app.clone(), pattern, problem, request)),
        }
    }
}

async fn refuse(app: App, pattern: &'static str, problem: Problem, request: Request) -> Result<Response, Infallible> {
    let told = envelope::Told::of(&request, pattern.to_owned());
    leftover::unread(request).await;
    Ok(told.seal(problem.into_response(), app.applied(), Stages::default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serving_routes_are_known_by_method_and_path() {
        for (method, path, pattern) in [
            (Method::POST, "/v1/recommendations", Some("/v1/recommendations")),
            (Method::GET, "/v1/search", Some("/v1/search")),
            (
                Method::GET,
                "/v1/playlists/été/offers",
                Some("/v1/playlists/{id}/offers"),
            ),
            (Method::POST, "/v1/requests/a/replay", Some("/v1/requests/{id}/replay")),
            (Method::GET, "/v1/requests/a", Some("/v1/requests/{id}")),
            (Method::GET, "/v1/recommendations", None),
            (Method::GET, "/v1/playlists//offers", None),
            (Method::GET, "/v1/playlists/a/offers/", None),
            (Method::PUT, "/v1/offers/a", None),
            (Method::GET, "/v1/search/statistics", None),
            (Method::GET, "/health/ready", None),
            (Method::GET, "/v1/searchx", None),
            (Method::GET, "*", None),
        ] {
            assert_eq!(serving(&method, path), pattern, "{method} {path}");
        }
    }

    #[test]
    fn every_serving_route_is_one() {
        for (method, pattern, _) in SERVING.iter() {
            let path = pattern.replace("{id}", "x");
            assert_eq!(serving(method, &path), Some(*pattern));
        }
        assert!(SERVING.len() > 9);
    }
}
