//! What guards a server: rates of keys, origins of browsers, readiness, and logs that tell no secret.

use axum::body::Body;
use axum::http::Request;
use serde_json::json;

use super::{Bench, Reply};
use crate::app::Policy;
use crate::store::{NewKey, Scope};

async fn token(bench: &Bench) -> String {
    let new = NewKey {
        scope: Scope::Admin,
        territories: Vec::new(),
        expires: None,
        note: String::new(),
    };
    bench.app.store.add_key(new).await.expect("a key").1
}

async fn ask(bench: &Bench, path: &str, token: &str) -> Reply {
    let request = Request::get(path).header("authorization", format!("Bearer {token}"));
    bench.send(request.body(Body::empty()).expect("a request")).await
}

#[tokio::test]
async fn a_key_that_calls_too_often_is_told_when_to_come_back() {
    let policy = Policy {
        rate: 5,
        ..Policy::default()
    };
    let bench = Bench::with(policy).await;
    let (busy, other) = (token(&bench).await, token(&bench).await);
    let mut refused = None;
    // However slow this machine is, the bucket holds five and refills by five a second.
    for _ in 0..10_000 {
        let reply = ask(&bench, "/v1/search", &busy).await;
        if reply.status == 429 {
            refused = Some(reply);
            break;
        }
        assert_eq!(reply.status, 200);
    }
    let refused = refused.expect("a limit");
    assert_eq!(
        (refused.problem().0, refused.problem().1.as_str()),
        (429, "rate_limited")
    );
    let after: u64 = refused.headers["retry-after"]
        .to_str()
        .expect("text")
        .parse()
        .expect("seconds");
    assert!((1..=2).contains(&after));
    assert_eq!(
        ask(&bench, "/v1/search", &other).await.status,
        200,
        "another key has its own"
    );
    assert_eq!(
        ask(&bench, "/health/live", "").await.status,
        200,
        "health is never limited"
    );
}

fn preflight(origin: &str) -> Request<Body> {
    Request::options("/v1/search")
        .header("origin", origin)
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "authorization,content-type")
        .body(Body::empty())
        .expect("a request")
}

#[tokio::test]
async fn pages_of_named_origins_alone_may_call() {
    let bench = Bench::new().await;
    let reply = bench.send(preflight("https://pass.example")).await;
    assert_eq!(
        (reply.status.as_u16(), reply.headers.get("access-control-allow-origin")),
        (405, None)
    );

    let policy = Policy {
        origins: vec!["https://pass.example".into(), "https://studio.example".into()],
        ..Policy::default()
    };
    let bench = Bench::with(policy).await;
    let reply = bench.send(preflight("https://studio.example")).await;
    assert_eq!(reply.headers["access-control-allow-origin"], "https://studio.example");
    let allowed = reply.headers["access-control-allow-headers"].to_str().expect("text");
    assert!(
        allowed.contains("authorization") && allowed.contains("content-type"),
        "{allowed}"
    );
    let reply = bench.send(preflight("https://elsewhere.example")).await;
    assert_eq!(reply.headers.get("access-control-allow-origin"), None);
    // A problem can be read by the page too.
    let request = Request::get("/v1/nowhere").header("origin", "https://pass.example");
    let reply = bench.send(request.body(Body::empty()).expect("a request")).await;
    assert_eq!(reply.problem().0, 404);
    assert_eq!(reply.headers["access-control-allow-origin"], "https://pass.example");
}

#[tokio::test]
async fn a_server_that_lags_or_stops_is_not_ready_and_serves_on() {
    let policy = Policy {
        ready_lag: std::time::Duration::ZERO,
        ..Policy::default()
    };
    let bench = Bench::with(policy).await;
    while bench.call("GET", "/health/ready", "").await.status != 200 {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    // Nobody follows the log any more.
    bench.follower.abort();
    let offer = json!({"id": "o1", "title": "Titre", "subcategory": "CONCERT"}).to_string();
    assert_eq!(bench.call("PUT", "/v1/offers/o1", &offer).await.status, 200);
    bench.app.note_lag();
    tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    let reply = bench.call("GET", "/health/ready", "").await;
    assert_eq!(
        (reply.problem().0, reply.problem().1.as_str()),
        (503, "not_yet_applied")
    );
    assert_eq!(bench.call("GET", "/health/live", "").await.status, 200);
    assert_eq!(bench.call("GET", "/v1/search", "").await.status, 200);
    let text = bench.call("GET", "/metrics", "").await.text;
    let lag = text
        .lines()
        .find_map(|line| line.strip_prefix("florilege_lag_seconds "));
    assert!(
        lag.is_some_and(|lag| lag.parse::<f64>().is_ok_and(|lag| lag > 0.0)),
        "{lag:?}"
    );

    let bench = Bench::new().await;
    bench.app.stopping.store(true, std::sync::atomic::Ordering::Release);
    assert_eq!(bench.call("GET", "/health/ready", "").await.problem().0, 503);
    assert_eq!(bench.call("GET", "/v1/search", "").await.status, 200);
}

#[tokio::test]
async fn compressed_bodies_are_refused_before_they_are_read() {
    let bench = Bench::new().await;
    for (coding, expected) in [("gzip", 415), ("deflate, br", 415), ("zstd", 415), ("identity", 200)] {
        for path in ["/v1/search", "/v1/recommendations"] {
            let request = Request::post(path)
                .header("content-type", "application/json")
                .header("content-encoding", coding);
            let reply = bench.send(request.body(Body::from("{}")).expect("a request")).await;
            assert_eq!(reply.status, expected, "{path} {coding}");
        }
    }
}

#[tokio::test]
async fn health_and_metrics_answer_when_the_pool_is_full() {
    let bench = Bench::new().await;
    let soon = tokio::time::Instant::now() + std::time::Duration::from_secs(60);
    let (release, gate) = std::sync::mpsc::channel::<()>();
    let pool = bench.app.pool.clone();
    let first = tokio::spawn(async move { pool.run(soon, move || gate.recv().is_ok()).await });
    let mut waiting = Vec::new();
    while bench.app.pool.held() < 17 {
        let pool = bench.app.pool.clone();
        waiting.push(tokio::spawn(async move { pool.run(soon, || true).await }));
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
    assert_eq!(bench.call("GET", "/v1/search", "").await.problem().1, "overloaded");
    for path in ["/health/live", "/health/ready", "/metrics", "/openapi.json", "/docs"] {
        assert_eq!(bench.call("GET", path, "").await.status, 200, "{path}");
    }
    let offer = json!({"id": "o1", "title": "Titre", "subcategory": "CONCERT"}).to_string();
    assert_eq!(
        bench.call("PUT", "/v1/offers/o1", &offer).await.status,
        200,
        "writes wait for no thread"
    );
    release.send(()).expect("a job waits");
    assert_eq!(first.await.expect("joins"), Ok(true));
    for job in waiting {
        assert_eq!(job.await.expect("joins"), Ok(true));
    }
}

/// Far more calls at once than the pool takes: each is answered or refused at once, none fails otherwise, and when
/// the flood is over the next call is served.
#[tokio::test(flavor = "multi_thread")]
async fn a_flood_is_answered_or_refused_and_then_over() {
    let bench = std::sync::Arc::new(Bench::new().await);
    assert_eq!(bench.call("GET", "/v1/search", "").await.status, 200);
    let soon = tokio::time::Instant::now() + std::time::Duration::from_secs(60);
    let (release, gate) = std::sync::mpsc::channel::<()>();
    // The one thread is busy while the flood comes, as it is when calls are slow.
    let pool = bench.app.pool.clone();
    let busy = tokio::spawn(async move { pool.run(soon, move || gate.recv().is_ok()).await });
    while bench.app.pool.held() == 0 {
        tokio::task::yield_now().await;
    }
    let flood: Vec<_> = (0..200)
        .map(|_| {
            let bench = std::sync::Arc::clone(&bench);
            let request = Request::get("/v1/search").header("x-deadline-ms", "60000");
            tokio::spawn(async move { bench.send(request.body(Body::empty()).expect("a request")).await })
        })
        .collect();
    // 16 may wait; the others do not.
    let refused = |flood: &[tokio::task::JoinHandle<Reply>]| flood.iter().filter(|call| call.is_finished()).count();
    while refused(&flood) < 184 {
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
    assert_eq!(refused(&flood), 184);
    release.send(()).expect("a job waits");
    assert_eq!(busy.await.expect("joins"), Ok(true));
    let mut answered = 0;
    for call in flood {
        let reply = call.await.expect("joins");
        if reply.status == 200 {
            answered += 1;
        } else {
            assert_eq!((reply.problem().0, reply.problem().1.as_str()), (503, "overloaded"));
            assert_eq!(reply.headers["retry-after"], "1");
        }
    }
    assert_eq!(answered, 16, "who waited is answered");
    assert_eq!(bench.call("GET", "/v1/search", "").await.status, 200);
    assert_eq!(bench.app.pool.held(), 0);
}
