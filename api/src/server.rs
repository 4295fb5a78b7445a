//! The listener: connections in, bounded in number and in time, and a stop that finishes what was begun.
//!
//! Invariants: at most so many connections at once; a client that sends its headers too slowly is let go; after the
//! stop signal no new connection is taken and every request under way is answered.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tower::ServiceExt;

/// How long a client may take for its headers, or stay idle between two requests.
const HEADERS_WITHIN: Duration = Duration::from_secs(60);
/// How long requests under way may take after the stop signal.
const FINISH_WITHIN: Duration = Duration::from_secs(20);
/// The pause after the system refused a connection, for want of file handles say.
const REFUSED: Duration = Duration::from_millis(50);

/// Serves until `stop` ends, then finishes what was begun.
pub async fn serve(listener: TcpListener, router: Router, connections: usize, stop: impl Future<Output = ()>) {
    let graceful = GracefulShutdown::new();
    let room = Arc::new(Semaphore::new(connections.max(1)));
    let mut stop = std::pin::pin!(stop);
    loop {
        let (stream, place) = tokio::select! {
            () = &mut stop => break,
            accepted = accept(&listener, &room) => accepted,
        };
        let connection = connect(stream, router.clone());
        let watched = graceful.watch(connection);
        tokio::spawn(async move {
            // How a connection ends is the client's affair; each request was logged.
            let _ = watched.await;
            drop(place);
        });
    }
    drop(listener);
    if tokio::time::timeout(FINISH_WITHIN, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests did not end in time and were cut");
    }
}

/// The next connection, once there is room for it.
async fn accept(
    listener: &TcpListener,
    room: &Arc<Semaphore>,
) -> (TcpStream, Option<tokio::sync::OwnedSemaphorePermit>) {
    // The semaphore is never closed: without a permit there is nothing to do but to go on.
    let place = Arc::clone(room).acquire_owned().await.ok();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return (stream, place),
            Err(error) => {
                tracing::warn!(%error, "a connection could not be taken");
                tokio::time::sleep(REFUSED).await;
            }
        }
    }
}

type Connection = http1::Connection<TokioIo<TcpStream>, TowerToHyperService<Service>>;
type Service = tower::util::BoxCloneSyncService<Request<Incoming>, axum::response::Response, Infallible>;

fn connect(stream: TcpStream, router: Router) -> Connection {
    // Answers are written at once: small packets must not wait for each other.
    let _ = stream.set_nodelay(true);
    let service = router.map_request(|request: Request<Incoming>| request.map(Body::new));
    let service = TowerToHyperService::new(tower::util::BoxCloneSyncService::new(service));
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEADERS_WITHIN);
    builder.serve_connection(TokioIo::new(stream), service)
}

/// Ends at SIGTERM or SIGINT.
pub async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        // An error here means that no such signal can come.
        result = tokio::signal::ctrl_c() => if result.is_err() { std::future::pending::<()>().await },
    }
    tracing::info!("stopping: no new connection, finishing what was begun");
}
