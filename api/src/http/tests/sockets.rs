//! What needs a real socket: a body that is too large, and a stop in the middle of a request.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use super::Bench;
use crate::server::{Bounds, serve};

struct Running {
    address: std::net::SocketAddr,
    stop: oneshot::Sender<()>,
    served: tokio::task::JoinHandle<()>,
    _bench: Bench,
}

async fn run(connections: usize) -> Running {
    run_with(connections, Duration::from_secs(60)).await
}

async fn run_with(connections: usize, patience: Duration) -> Running {
    let bench = Bench::new().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let (stop, stopped) = oneshot::channel();
    let ends = async move { drop(stopped.await) };
    let bounds = Bounds { connections, patience };
    let served = tokio::spawn(serve(listener, bench.router.clone(), bounds, None, ends));
    Running {
        address,
        stop,
        served,
        _bench: bench,
    }
}

async fn read_all(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    let read = tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut text)).await;
    read.expect("in time").expect("reads");
    String::from_utf8(text).expect("UTF-8")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_sends_too_much_reads_its_413() {
    let running = run(8).await;
    let mut stream = TcpStream::connect(running.address).await.expect("connects");
    let head = "POST /v1/search HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes()).await.expect("writes");
    let piece = format!("10000\r\n{}\r\n", " ".repeat(0x10000));
    for _ in 0..64 {
        stream.write_all(piece.as_bytes()).await.expect("is drained");
    }
    stream.write_all(b"0\r\n\r\n").await.expect("is drained");
    let answer = read_all(&mut stream).await;
    assert!(
        answer.starts_with("HTTP/1.1 413") && answer.contains("\"code\":\"too_large\""),
        "{answer}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_stop_finishes_what_was_begun() {
    let running = run(8).await;
    let mut stream = TcpStream::connect(running.address).await.expect("connects");
    let head = "POST /v1/search HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{";
    stream.write_all(head.as_bytes()).await.expect("writes");
    tokio::time::sleep(Duration::from_millis(100)).await;
    running.stop.send(()).expect("serves");
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(TcpStream::connect(running.address).await.is_err(), "no new connection");
    stream.write_all(b"}").await.expect("writes");
    let answer = read_all(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    tokio::time::timeout(Duration::from_secs(5), running.served)
        .await
        .expect("ends")
        .expect("no panic");
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_are_bounded_and_given_back() {
    let running = run(1).await;
    let request = b"GET /health/live HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    let idle = TcpStream::connect(running.address).await.expect("connects");
    let mut waiting = TcpStream::connect(running.address).await.expect("waits in the backlog");
    waiting.write_all(request).await.expect("writes");
    let early = tokio::time::timeout(Duration::from_millis(300), waiting.readable()).await;
    assert!(early.is_err(), "answered beyond the limit");
    drop(idle);
    assert!(read_all(&mut waiting).await.starts_with("HTTP/1.1 200"));
}

/// How a client that asks in the ordinary way fares while others misbehave.
async fn asks_in_peace(address: std::net::SocketAddr) {
    let mut stream = TcpStream::connect(address).await.expect("connects");
    let request = b"GET /health/live HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    stream.write_all(request).await.expect("writes");
    assert!(read_all(&mut stream).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_and_silent_clients_are_let_go_and_their_places_given_back() {
    let running = run_with(4, Duration::from_secs(1)).await;
    let mut strangers = Vec::new();
    for number in 0..4 {
        let mut stream = TcpStream::connect(running.address).await.expect("connects");
        // Two say nothing at all, two send a head that never ends.
        if number % 2 == 0 {
            stream
                .write_all(b"GET /health/live HTTP/1.1\r\nhost: x\r\nx-a: ")
                .await
                .expect("writes");
        }
        strangers.push(stream);
    }
    // Every place is taken: this one is served when theirs are given back.
    asks_in_peace(running.address).await;
    for mut stream in strangers {
        let mut rest = Vec::new();
        let read = tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut rest)).await;
        assert!(read.is_ok(), "it is still connected");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_dripping_in_is_let_go() {
    let running = run_with(2, Duration::from_secs(1)).await;
    let mut stream = TcpStream::connect(running.address).await.expect("connects");
    stream
        .write_all(b"GET /health/live HTTP/1.1\r\nhost: x\r\n")
        .await
        .expect("writes");
    let mut sent = 0;
    // A byte now and then never ends the head; the whole head has a second.
    while stream.write_all(b"x").await.is_ok() {
        sent += 1;
        assert!(sent < 200, "it may drip for ever");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    asks_in_peace(running.address).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_never_takes_its_answer_is_let_go() {
    let running = run_with(1, Duration::from_secs(1)).await;
    let mut greedy = TcpStream::connect(running.address).await.expect("connects");
    // Far more answers than the buffers between the two hold.
    let asked = "GET /docs HTTP/1.1\r\nhost: x\r\n\r\n".repeat(2_000);
    let _ = tokio::time::timeout(Duration::from_secs(2), greedy.write_all(asked.as_bytes())).await;
    asks_in_peace(running.address).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_huge_head_is_refused() {
    let running = run(4).await;
    let long = format!(
        "GET /health/live HTTP/1.1\r\nhost: x\r\nx-a: {}\r\n\r\n",
        "a".repeat(100_000)
    );
    let headers: String = (0..200).map(|n| format!("x-{n}: 1\r\n")).collect();
    let many = format!("GET /health/live HTTP/1.1\r\nhost: x\r\n{headers}\r\n");
    for head in [long, many] {
        let mut stream = TcpStream::connect(running.address).await.expect("connects");
        // The server may close before it has read everything.
        let _ = stream.write_all(head.as_bytes()).await;
        let mut answer = vec![0; 12];
        let read = tokio::time::timeout(Duration::from_secs(20), stream.read_exact(&mut answer)).await;
        let answer = String::from_utf8(answer).expect("text");
        // Closed over unread bytes, the answer itself may be lost; a 200 it never is.
        assert!(read.expect("in time").is_err() || answer == "HTTP/1.1 431", "{answer}");
    }
    asks_in_peace(running.address).await;
}

/// A call whose body nobody reads keeps its connection: the next call on it is answered too.
#[tokio::test(flavor = "multi_thread")]
async fn an_unread_body_does_not_break_the_connection() {
    let running = run(2).await;
    let mut stream = TcpStream::connect(running.address).await.expect("connects");
    for round in 0..20 {
        let head = "POST /v1/nowhere HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n";
        stream.write_all(head.as_bytes()).await.expect("writes");
        // The body comes when the answer may well be ready.
        tokio::time::sleep(Duration::from_millis(round)).await;
        stream.write_all(b"4\r\n{  }\r\n0\r\n\r\n").await.expect("writes");
        let mut answer = vec![0; 12];
        stream.read_exact(&mut answer).await.expect("an answer");
        assert_eq!(answer, b"HTTP/1.1 404", "round {round}");
        let mut rest = vec![0; 65_536];
        while !rest.windows(2).any(|end| end == b"}\0") {
            let read = stream.read(&mut rest).await.expect("the rest of it");
            assert!(read > 0, "closed in round {round}");
            rest[read..].fill(0);
        }
    }
}
