//! What needs a real socket: a body that is too large, and a stop in the middle of a request.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use super::Bench;

struct Running {
    address: std::net::SocketAddr,
    stop: oneshot::Sender<()>,
    served: tokio::task::JoinHandle<()>,
    _bench: Bench,
}

async fn run(connections: usize) -> Running {
    let bench = Bench::new().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let (stop, stopped) = oneshot::channel();
    let ends = async move { drop(stopped.await) };
    let served = tokio::spawn(crate::server::serve(listener, bench.router.clone(), connections, ends));
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
