//! Offers as an Arrow IPC stream, through the call.

use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, StringArray};
use arrow_ipc::writer::StreamWriter;
use axum::body::Body;
use axum::http::Request;
use serde_json::json;

use super::{Bench, Reply};

async fn send(bench: &Bench, body: Vec<u8>) -> Reply {
    let request = Request::post("/v1/changes").header("content-type", "application/vnd.apache.arrow.stream");
    bench.send(request.body(Body::from(body)).expect("a request")).await
}

#[tokio::test]
async fn rows_go_in_and_bad_ones_are_reported() {
    let bench = Bench::new().await;
    let column = |words: [&str; 3]| Arc::new(StringArray::from(words.to_vec())) as ArrayRef;
    let batch = RecordBatch::try_from_iter([
        ("id", column(["a", "b", "c"])),
        ("title", column(["A", " ", "C"])),
        ("subcategory", column(["CONCERT", "CONCERT", "NOPE"])),
    ])
    .expect("a batch");
    let mut stream = StreamWriter::try_new(Vec::new(), &batch.schema()).expect("a writer");
    stream.write(&batch).expect("writes");
    let report = send(&bench, stream.into_inner().expect("bytes")).await.json();
    assert_eq!(report["accepted"], 1, "{report}");
    let lines: Vec<_> = report["rejected"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|r| (r["line"].clone(), r["code"].clone()))
        .collect();
    assert_eq!(
        lines,
        [
            (json!(2), json!("invalid_value")),
            (json!(3), json!("unknown_subcategory"))
        ]
    );
    assert_eq!(bench.call("GET", "/v1/offers/a", "").await.status, 200);
}

#[tokio::test]
async fn what_is_no_stream_is_refused() {
    let bench = Bench::new().await;
    for body in [&b"{}"[..], b"", b"ARROW1\0\0"] {
        let reply = send(&bench, body.to_vec()).await;
        assert_eq!(reply.status.as_u16(), 422, "{}", reply.text);
    }
}
