//! A client's mistakes: each is told by status, code and pointer, and none is a 5xx.

use axum::body::Body;
use axum::http::Request;

use super::Bench;

const OFFER: &str = r#"{"id":"o","title":"t","subcategory":"CONCERT"}"#;

#[tokio::test]
async fn every_mistake_has_its_answer() {
    let bench = Bench::new().await;
    let long = "x".repeat(257);
    let words = format!(r#"{{"q":"{}"}}"#, "é".repeat(513));
    for (method, path, body, status, code, pointer) in [
        ("GET", "/nowhere", "", 404, "not_found", ""),
        ("GET", "/v1/nothing", "", 404, "not_found", ""),
        ("DELETE", "/v1/search", "", 405, "method_not_allowed", ""),
        ("GET", "/v1/offers/none", "", 404, "not_found", "/id"),
        ("GET", "/v1/venues/none", "", 404, "not_found", "/id"),
        ("GET", "/v1/users/none", "", 404, "not_found", "/id"),
        ("DELETE", "/v1/offers/none", "", 404, "not_found", "/id"),
        ("DELETE", "/v1/venues/none", "", 404, "not_found", "/id"),
        ("DELETE", "/v1/users/none", "", 404, "not_found", "/id"),
        (
            "PATCH",
            "/v1/offers/none/stock",
            r#"{"stock":1}"#,
            404,
            "not_found",
            "/id",
        ),
        ("GET", &format!("/v1/offers/{long}"), "", 422, "invalid_value", "/id"),
        ("GET", "/v1/offers/a%00b", "", 422, "invalid_value", "/id"),
        ("GET", "/v1/offers/%FF", "", 400, "malformed_request", ""),
        ("PUT", "/v1/offers/o", "{", 400, "malformed_json", ""),
        ("PUT", "/v1/offers/o", "NaN", 400, "malformed_json", ""),
        ("PUT", "/v1/offers/o", " ", 400, "malformed_json", ""),
        ("PUT", "/v1/offers/o", "[]", 422, "invalid_type", ""),
        ("PUT", "/v1/offers/o", "null", 422, "invalid_type", ""),
        ("PUT", "/v1/offers/other", OFFER, 422, "invalid_value", "/id"),
        (
            "PUT",
            "/v1/offers/o",
            r#"{"id":"o","title":"t"}"#,
            422,
            "missing_field",
            "/subcategory",
        ),
        (
            "PUT",
            "/v1/offers/o",
            r#"{"title":"t","subcategory":"CONCERT"}"#,
            422,
            "missing_field",
            "/id",
        ),
        (
            "PUT",
            "/v1/offers/o",
            r#"{"id":"o","title":"t","subcategory":"X"}"#,
            422,
            "unknown_subcategory",
            "/subcategory",
        ),
        (
            "PUT",
            "/v1/offers/o",
            r#"{"id":"o","title":"t","subcategory":"CONCERT","colour":1}"#,
            422,
            "unknown_field",
            "/colour",
        ),
        (
            "PUT",
            "/v1/venues/v",
            r#"{"id":"v","name":"n","position":{"lat":91,"lng":0}}"#,
            422,
            "invalid_value",
            "/position",
        ),
        (
            "PUT",
            "/v1/users/u",
            r#"{"id":"u","email":"a@b"}"#,
            422,
            "unknown_field",
            "/email",
        ),
        (
            "PATCH",
            "/v1/offers/o/stock",
            r#"{"stock":-1}"#,
            422,
            "invalid_value",
            "/stock",
        ),
        (
            "PATCH",
            "/v1/offers/o/stock",
            r#"{"title":"t"}"#,
            422,
            "unknown_field",
            "/title",
        ),
        ("POST", "/v1/events", "{}", 422, "invalid_type", ""),
        ("POST", "/v1/events", "[{]", 400, "malformed_json", ""),
        ("POST", "/v1/recommendations", "", 400, "malformed_json", ""),
        ("POST", "/v1/recommendations", "[]", 422, "invalid_type", ""),
        (
            "POST",
            "/v1/recommendations",
            r#"{"limit":0}"#,
            422,
            "invalid_value",
            "/limit",
        ),
        (
            "POST",
            "/v1/recommendations",
            r#"{"limit":201}"#,
            422,
            "invalid_value",
            "/limit",
        ),
        (
            "POST",
            "/v1/recommendations",
            r#"{"limit":1.5}"#,
            422,
            "invalid_type",
            "/limit",
        ),
        (
            "POST",
            "/v1/recommendations",
            r#"{"context":{"position":{"lat":0,"lng":181}}}"#,
            422,
            "invalid_value",
            "/context/position",
        ),
        (
            "POST",
            "/v1/recommendations",
            r#"{"filters":{"price_cents":{"min":5,"max":4}}}"#,
            422,
            "invalid_value",
            "/filters/price_cents/min",
        ),
        (
            "POST",
            "/v1/recommendations",
            r#"{"filters":{"price_cents":{"low":5}}}"#,
            422,
            "unknown_field",
            "/filters/price_cents/low",
        ),
        (
            "POST",
            "/v1/recommendations",
            r#"{"cursor":"AAAA"}"#,
            422,
            "cursor_mismatch",
            "/cursor",
        ),
        (
            "POST",
            "/v1/recommendations",
            r#"{"context":{"now":"2026-12-01T19:30:00"}}"#,
            422,
            "invalid_value",
            "/context/now",
        ),
        ("POST", "/v1/search", &words, 422, "too_large", "/q"),
        (
            "POST",
            "/v1/search",
            r#"{"sort":"distance"}"#,
            422,
            "invalid_value",
            "/sort",
        ),
        (
            "POST",
            "/v1/search",
            r#"{"sort":"colour"}"#,
            422,
            "unknown_value",
            "/sort",
        ),
        ("GET", "/v1/search?colour=red", "", 422, "unknown_field", "/colour"),
        ("GET", "/v1/search?limit=ten", "", 422, "invalid_type", "/limit"),
        (
            "GET",
            "/v1/search?lat=1",
            "",
            422,
            "missing_field",
            "/filters/position/lng",
        ),
        ("GET", "/v1/search?lat=NaN&lng=0", "", 422, "invalid_type", "/lat"),
        ("GET", "/v1/search?q=%FF", "", 400, "malformed_request", ""),
        ("GET", "/v1/search?cursor=x", "", 422, "cursor_mismatch", "/cursor"),
        ("GET", "/v1/offers/o?colour=red", "", 422, "unknown_field", "/colour"),
        (
            "GET",
            "/v1/search?min_sequence=soon",
            "",
            422,
            "invalid_type",
            "/min_sequence",
        ),
    ] {
        let reply = bench.call(method, path, body).await;
        let expected = (status, code.to_owned(), pointer.to_owned());
        assert_eq!(reply.problem(), expected, "{method} {path} {body}: {}", reply.text);
        assert!(reply.headers.contains_key("x-request-id"));
    }
}

#[tokio::test]
async fn other_media_types_are_415() {
    let bench = Bench::new().await;
    for (method, path, media) in [
        ("PUT", "/v1/offers/o", "text/plain"),
        ("PUT", "/v1/offers/o", "application/x-www-form-urlencoded"),
        ("POST", "/v1/search", "application/x-ndjson"),
        ("POST", "/v1/search", "application/json; charset=latin1"),
        ("POST", "/v1/changes", "application/json"),
        ("POST", "/v1/events", "application/x-ndjson"),
    ] {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("content-type", media);
        let reply = bench.send(request.body(Body::from(OFFER)).expect("a request")).await;
        assert_eq!(reply.problem().0, 415, "{method} {path} {media}");
    }
    let packed = Request::post("/v1/search").header("content-encoding", "gzip");
    assert_eq!(
        bench
            .send(packed.body(Body::from("{}")).expect("a request"))
            .await
            .status,
        415
    );
    let with_charset = Request::post("/v1/search").header("content-type", "application/json; charset=UTF-8");
    assert_eq!(
        bench
            .send(with_charset.body(Body::from("{}")).expect("a request"))
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn bad_utf_8_is_malformed_and_depth_is_bounded() {
    let bench = Bench::new().await;
    for body in [b"{\"q\":\"\xff\"}".to_vec(), "[".repeat(100_000).into_bytes()] {
        let request = Request::post("/v1/search").header("content-type", "application/json");
        let reply = bench.send(request.body(Body::from(body)).expect("a request")).await;
        assert_eq!((reply.problem().0, reply.problem().1.as_str()), (400, "malformed_json"));
    }
}

#[tokio::test]
async fn a_405_says_what_is_allowed() {
    let bench = Bench::new().await;
    let reply = bench.call("DELETE", "/v1/search", "").await;
    let allowed = reply.headers["allow"].to_str().expect("text");
    assert!(allowed.contains("GET") && allowed.contains("POST"), "{allowed}");
}

#[tokio::test]
async fn sizes_are_bounded() {
    let bench = Bench::new().await;
    let at_limit = format!("{}{{}}", " ".repeat((1 << 20) - 2));
    assert_eq!(bench.call("POST", "/v1/search", &at_limit).await.status, 200);
    let over = format!("{}{{}}", " ".repeat((1 << 20) - 1));
    assert_eq!(bench.call("POST", "/v1/search", &over).await.problem().0, 413);
    let declared = Request::post("/v1/changes").header("content-length", (128_u64 << 20) + 1);
    let reply = bench.send(declared.body(Body::empty()).expect("a request")).await;
    assert_eq!(reply.problem().0, 413);
}

#[tokio::test]
async fn deadlines_are_numbers() {
    let bench = Bench::new().await;
    for text in ["soon", "-1", "0", "1.5", ""] {
        let request = Request::get("/v1/search").header("x-deadline-ms", text);
        let reply = bench.send(request.body(Body::empty()).expect("a request")).await;
        assert_eq!(reply.problem().0, 422, "{text:?}");
    }
}

#[tokio::test]
async fn a_panic_is_a_500_that_tells_nothing() {
    let bench = Bench::new().await;
    let panics = axum::Router::new()
        .route(
            "/panic",
            axum::routing::get(|| async {
                if true {
                    panic!("a secret")
                }
            }),
        )
        .layer(tower_http::catch_panic::CatchPanicLayer::custom(
            crate::http::envelope::panicked,
        ))
        .layer(axum::middleware::from_fn_with_state(
            bench.app.clone(),
            crate::http::envelope::envelope,
        ));
    let bench = Bench {
        router: panics,
        ..bench
    };
    let reply = bench.call("GET", "/panic", "").await;
    assert_eq!(reply.problem().0, 500);
    assert!(!reply.text.contains("secret"));
}
