//! The contract over the router, in process: the same app as the server's, without a socket.

mod arrow;
mod documents;
mod editorial;
mod fuzz;
mod guards;
mod pages;
mod readers;
mod refusals;
mod restart;
mod rights;
mod serving;
mod shape;
mod similar;
mod sockets;
mod writing;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use florilege_engine::taxonomy::Taxonomy;
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

use super::cursor::Signer;
use crate::app::{App, Parts};
use crate::pool::Pool;
use crate::store::{Limits, Store, StoreUrl};
use florilege_engine::live::Engine;

/// A server without a socket, over a store in a temporary folder.
pub(crate) struct Bench {
    pub(crate) app: App,
    pub(crate) router: Router,
    pub(super) follower: tokio::task::JoinHandle<()>,
    _folder: tempfile::TempDir,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).expect("an answer is JSON")
    }

    /// Status, code and first pointer of a problem whose shape is that of the contract.
    #[track_caller]
    pub(crate) fn problem(&self) -> (u16, String, String) {
        assert_eq!(
            self.headers["content-type"], "application/problem+json",
            "{}",
            self.text
        );
        let body = self.json();
        for field in [
            "type",
            "title",
            "status",
            "detail",
            "code",
            "errors",
            "request_id",
            "took_ms",
            "generation",
        ] {
            assert!(body.get(field).is_some(), "{field} is missing in {body}");
        }
        assert_eq!(body["status"], self.status.as_u16());
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        (
            self.status.as_u16(),
            text(&body["code"]),
            text(&body["errors"][0]["pointer"]),
        )
    }
}

impl Bench {
    pub(crate) async fn new() -> Self {
        Self::with(crate::app::Policy::default()).await
    }

    pub(super) async fn with(policy: crate::app::Policy) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let taxonomy = Arc::new(Taxonomy::built_in());
        let url = StoreUrl::in_folder(folder.path());
        let store = Store::open(url, Arc::clone(&taxonomy), Limits::default())
            .await
            .expect("a store");
        let opened = Engine::open(&folder.path().join("artefacts"), &taxonomy).expect("an engine");
        let app = App::new(Parts {
            store,
            engine: Arc::new(opened.engine),
            taxonomy,
            pool: Pool::new(1, 16).expect("a pool"),
            signer: Signer::new(b"test"),
            needs_key: false,
            policy,
        });
        let follower = crate::applier::start(app.clone());
        Self {
            router: super::app(app.clone()),
            app,
            follower,
            _folder: folder,
        }
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Reply {
        let response = self.router.clone().oneshot(request).await.expect("never fails");
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.expect("a body").to_bytes();
        let media = parts.headers.get("content-type").cloned();
        let media = media.as_ref().and_then(|media| media.to_str().ok()).unwrap_or("");
        Reply {
            status: parts.status,
            headers: parts.headers,
            text: String::from_utf8(bytes.to_vec()).unwrap_or_else(|_| {
                assert_eq!(media, "application/vnd.apache.arrow.stream", "all else is text");
                String::new()
            }),
        }
    }

    /// A call with a JSON body, or with none where it is empty.
    pub(crate) async fn call(&self, method: &str, path: &str, body: &str) -> Reply {
        let mut request = Request::builder().method(method).uri(path);
        if !body.is_empty() {
            request = request.header("content-type", "application/json");
        }
        self.send(request.body(Body::from(body.to_owned())).expect("a request"))
            .await
    }

    pub(crate) async fn changes(&self, lines: impl Into<Body>) -> Reply {
        let request = Request::post("/v1/changes").header("content-type", "application/x-ndjson");
        self.send(request.body(lines.into()).expect("a request")).await
    }
}
