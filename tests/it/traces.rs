//! Traces reach a collector as OTLP over HTTP, and a collector that is away costs no call.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use florilege_tests::{Server, metric, until};
use serde_json::{Value, json};

/// A collector: takes every export, after refusing some.
struct Collector {
    address: String,
    taken: Arc<Mutex<Vec<Value>>>,
}

impl Collector {
    fn start(refusals: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let taken = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&taken);
        std::thread::spawn(move || {
            for (stream, number) in listener.incoming().zip(0..) {
                let Ok(stream) = stream else { return };
                if let Some(body) = take(stream, number < refusals) {
                    kept.lock().expect("not poisoned").push(body);
                }
            }
        });
        Self { address, taken }
    }

    fn spans(&self) -> Vec<Value> {
        let taken = self.taken.lock().expect("not poisoned");
        let resources = taken.iter().flat_map(|body| list(&body["resourceSpans"]));
        let scopes = resources.flat_map(|resource| list(&resource["scopeSpans"]));
        scopes.flat_map(|scope| list(&scope["spans"])).collect()
    }
}

fn list(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}

/// One request of one connection.
fn take(stream: TcpStream, refused: bool) -> Option<Value> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let (mut first, mut length) = (String::new(), 0);
    reader.read_line(&mut first).ok()?;
    let mut is_json = false;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let line = line.trim().to_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        is_json |= line == "content-type: application/json";
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let good = first.starts_with("POST /v1/traces ") && is_json;
    let status = if refused {
        "503 Service Unavailable"
    } else if good {
        "200 OK"
    } else {
        "400 Bad Request"
    };
    let mut stream = stream;
    write!(
        stream,
        "HTTP/1.1 {status}\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{{}}"
    )
    .ok()?;
    serde_json::from_slice(&body).ok().filter(|_| good && !refused)
}

fn attributes(span: &Value) -> BTreeMap<String, String> {
    let pair = |one: &Value| {
        let value = &one["value"];
        let text = value["stringValue"].as_str().or(value["intValue"].as_str());
        Some((one["key"].as_str()?.to_owned(), text?.to_owned()))
    };
    list(&span["attributes"]).iter().filter_map(pair).collect()
}

fn nanos(value: &Value) -> u128 {
    value.as_str().expect("decimal text").parse().expect("a number")
}

fn serve(data: &std::path::Path, more: &[&str]) -> Server {
    let folder = data.to_string_lossy().into_owned();
    Server::start(&[&["serve", "--data", &folder][..], more].concat())
}

#[test]
fn each_call_is_a_span_with_its_stages() {
    let data = tempfile::tempdir().expect("a folder");
    // The first export is refused as one may be for a while, and sent again.
    let collector = Collector::start(1);
    let server = serve(data.path(), &["--traces-to", &collector.address]);
    let offer = json!({"id": "secret-offer", "title": "T", "subcategory": "CONCERT"});
    let (status, answer) = server.call("PUT", "/v1/offers/secret-offer", Some(&offer));
    assert_eq!(status, 200, "{answer}");
    server.wait_for(1);
    let listed = server.post("/v1/recommendations", &json!({"user_id": "secret-reader", "limit": 3}));
    let id = listed["request_id"].as_str().expect("an id").replace('-', "");
    let mine = |name: &str| {
        let spans = collector.spans().into_iter();
        spans.filter(|span| span["name"] == name).collect::<Vec<_>>()
    };
    until("the list is traced", || !mine("POST /v1/recommendations").is_empty());
    let span = &mine("POST /v1/recommendations")[0];
    assert_eq!(
        (span["traceId"].as_str(), &span["kind"]),
        (Some(id.as_str()), &json!(2))
    );
    assert_eq!(span["spanId"].as_str().map(str::len), Some(16));
    assert!(span["parentSpanId"].is_null() && span["status"] == json!({}), "{span}");
    let told = attributes(span);
    for (name, value) in [
        ("http.request.method", "POST"),
        ("http.route", "/v1/recommendations"),
        ("http.response.status_code", "200"),
        ("florilege.shown", "1"),
    ] {
        assert_eq!(told.get(name).map(String::as_str), Some(value), "{told:?}");
    }
    let (from, to) = (nanos(&span["startTimeUnixNano"]), nanos(&span["endTimeUnixNano"]));
    assert!(from < to, "{span}");
    let stages = |span: &Value| -> Vec<Value> {
        let below = |one: &Value| one["parentSpanId"] == span["spanId"] && one["traceId"] == span["traceId"];
        collector.spans().into_iter().filter(below).collect()
    };
    let names: Vec<Value> = stages(span).iter().map(|stage| stage["name"].clone()).collect();
    assert_eq!(names, ["body", "queue", "engine"]);
    for stage in stages(span) {
        let (begun, ended) = (nanos(&stage["startTimeUnixNano"]), nanos(&stage["endTimeUnixNano"]));
        // Two clocks are read for a start: they may differ by less than a millisecond.
        assert!(
            begun + 1_000_000 >= from && begun <= ended && ended <= to + 1_000_000,
            "{stage} {span}"
        );
    }
    let written = mine("PUT /v1/offers/{id}").remove(0);
    let names: Vec<Value> = stages(&written).iter().map(|stage| stage["name"].clone()).collect();
    assert_eq!(names, ["body", "store"]);
    let all = serde_json::to_string(&collector.spans()).expect("text");
    assert!(!all.contains("secret-"), "no identifier of anybody: {all}");
    assert_eq!(
        metric(&server.text("/metrics"), "florilege_spans_total{result=\"lost\"}"),
        Some(0.0)
    );
}

#[test]
fn a_caller_s_trace_is_continued_and_the_last_spans_go_out_at_the_stop() {
    let data = tempfile::tempdir().expect("a folder");
    let collector = Collector::start(0);
    let server = serve(
        data.path(),
        &["--traces-to", &collector.address, "--traces-percent", "0"],
    );
    let ask = |flags: &str| {
        let parent = format!("traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-{flags}");
        let done = std::process::Command::new("curl")
            .args(["-fsS", "-H", &parent, &format!("{}/v1/search?limit=1", server.base)])
            .output()
            .expect("curl runs");
        assert!(done.status.success());
    };
    ask("00");
    ask("01");
    let (status, _) = server.call("GET", "/health/live", None);
    assert_eq!(status, 200);
    assert_eq!(server.stop(), Some(0));
    let calls: Vec<Value> = collector.spans().into_iter().filter(|span| span["kind"] == 2).collect();
    assert_eq!(
        calls.len(),
        1,
        "what the caller samples, and at 0 percent nothing else: {calls:?}"
    );
    assert_eq!(
        (calls[0]["traceId"].as_str(), calls[0]["parentSpanId"].as_str()),
        (Some("0af7651916cd43dd8448eb211c80319c"), Some("b7ad6b7169203331"))
    );
}

#[test]
fn a_collector_that_is_away_costs_no_call() {
    let data = tempfile::tempdir().expect("a folder");
    // A port that nobody listens on.
    let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    let to = format!("http://{}", free.expect("a port"));
    let server = serve(data.path(), &["--traces-to", &to]);
    let begun = Instant::now();
    for _ in 0..200 {
        let (status, _) = server.call("GET", "/v1/search?limit=1", None);
        assert_eq!(status, 200);
    }
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    let lost = || metric(&server.text("/metrics"), "florilege_spans_total{result=\"lost\"}");
    until("what was lost is counted", || lost() > Some(199.0));
    assert_eq!(server.stop(), Some(0));
}
