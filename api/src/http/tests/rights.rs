//! Rights: every route of the table by every scope.

use axum::body::Body;
use axum::http::Request;

use super::{Bench, Reply};
use crate::http::access::Access;
use crate::http::router::table;
use crate::store::{NewKey, Scope};

async fn key(bench: &Bench, scope: Scope) -> (String, String) {
    let new = NewKey {
        scope,
        territories: Vec::new(),
        expires: None,
        note: String::new(),
    };
    let (key, token) = bench.app.store.add_key(new).await.expect("a key");
    (key.id, token)
}

async fn ask(bench: &Bench, method: &str, path: &str, authorization: Option<&str>) -> Reply {
    let mut request = Request::builder()
        .method(method)
        .uri(path.replace("{kind}", "playlists").replace("{id}", "x"));
    if let Some(value) = authorization {
        request = request.header("authorization", value);
    }
    bench.send(request.body(Body::empty()).expect("a request")).await
}

#[tokio::test]
async fn every_route_asks_for_its_scope() {
    let bench = Bench::new().await;
    for scope in Scope::ALL {
        let (_, token) = key(&bench, scope).await;
        for route in table() {
            let reply = ask(
                &bench,
                route.method.as_str(),
                route.path,
                Some(&format!("Bearer {token}")),
            )
            .await;
            let admitted = !matches!(reply.status.as_u16(), 401 | 403);
            assert_eq!(
                admitted,
                route.access.admits(scope),
                "{} {} by {scope}",
                route.method,
                route.path
            );
            if !admitted {
                assert_eq!(reply.problem().0, 403);
            }
        }
    }
}

#[tokio::test]
async fn without_a_key_only_the_open_routes_answer() {
    let bench = Bench::new().await;
    for route in table() {
        let reply = ask(&bench, route.method.as_str(), route.path, None).await;
        assert_ne!(reply.status, 401, "no key is configured: {}", route.path);
    }
    key(&bench, Scope::Serve).await;
    for route in table() {
        for given in [
            None,
            Some("Bearer wrong"),
            Some("Bearer "),
            Some("Basic dTpw"),
            Some("wrong"),
        ] {
            let reply = ask(&bench, route.method.as_str(), route.path, given).await;
            assert_eq!(
                reply.status == 401,
                route.access != Access::Open,
                "{} {given:?}",
                route.path
            );
            if reply.status == 401 {
                assert_eq!(reply.problem().1, "unauthorized");
                assert!(
                    reply.headers["www-authenticate"]
                        .to_str()
                        .expect("text")
                        .starts_with("Bearer")
                );
            }
        }
    }
}

#[tokio::test]
async fn the_expected_scopes_of_the_contract() {
    let expected = |path: &str| match path {
        "/health/live" | "/health/ready" | "/openapi.json" | "/docs" => Access::Open,
        "/metrics" => Access::AnyKey,
        "/v1/recommendations" | "/v1/similar" | "/v1/search" | "/v1/suggest" | "/v1/feed" => Access::Key(Scope::Serve),
        path if path.starts_with("/v1/playlists") => Access::Key(Scope::Serve),
        "/v1/search/statistics" => Access::Key(Scope::Edit),
        path if path.starts_with("/v1/requests") => Access::Key(Scope::Serve),
        path if path.starts_with("/v1/editorial") => Access::Key(Scope::Edit),
        _ => Access::Key(Scope::Ingest),
    };
    for route in table() {
        assert_eq!(route.access, expected(route.path), "{}", route.path);
    }
}

#[tokio::test]
async fn a_revoked_key_is_refused_and_the_server_stays_closed() {
    let bench = Bench::new().await;
    let (id, token) = key(&bench, Scope::Admin).await;
    let authorization = format!("bearer {token}");
    assert_eq!(ask(&bench, "GET", "/v1/search", Some(&authorization)).await.status, 200);
    bench.app.store.revoke_key(&id).await.expect("revokes");
    assert_eq!(ask(&bench, "GET", "/v1/search", Some(&authorization)).await.status, 401);
    assert_eq!(ask(&bench, "GET", "/v1/search", None).await.status, 401);
}
