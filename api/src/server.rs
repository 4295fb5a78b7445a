//! The listener: connections in, bounded in number, in time and in size, and a stop that finishes what was begun.
//!
//! Invariants: at most so many connections at once; a client that sends its headers too slowly, or does not take its
//! answer, is let go; after the stop signal no new connection is taken and every request under way is answered.

mod tls;

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_io_timeout::TimeoutStream;
use tower::ServiceExt;

pub use tls::Tls;

/// The largest head of a request.
const HEAD_BYTES: usize = 32 << 10;
/// The most headers of a request.
const HEADERS: usize = 64;
/// How long requests under way may take after the stop signal.
const FINISH_WITHIN: Duration = Duration::from_secs(20);
/// The pause after the system refused a connection, for want of file handles say.
const REFUSED: Duration = Duration::from_millis(50);

/// What a client may take.
#[derive(Debug, Clone)]
pub struct Bounds {
    /// Connections at once.
    pub connections: usize,
    /// How long a client may take for its handshake and its headers, stay idle between two requests, or take nothing
    /// of its answer.
    pub patience: Duration,
}

/// Serves until `stop` ends, then finishes what was begun.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    bounds: Bounds,
    tls: Option<Tls>,
    stop: impl Future<Output = ()>,
) {
    let graceful = GracefulShutdown::new();
    let room = Arc::new(Semaphore::new(bounds.connections.max(1)));
    let mut stop = std::pin::pin!(stop);
    loop {
        let (stream, place) = tokio::select! {
            () = &mut stop => break,
            accepted = accept(&listener, &room) => accepted,
        };
        let guest = Guest {
            router: router.clone(),
            patience: bounds.patience,
            watcher: graceful.watcher(),
            place,
        };
        match tls.clone() {
            None => drop(tokio::spawn(guest.served(stream))),
            Some(tls) => drop(tokio::spawn(guest.served_by(tls, stream))),
        }
    }
    drop(listener);
    if tokio::time::timeout(FINISH_WITHIN, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests did not end in time and were cut");
    }
}

/// The next connection, once there is room for it.
async fn accept(listener: &TcpListener, room: &Arc<Semaphore>) -> (TcpStream, Option<OwnedSemaphorePermit>) {
    // The semaphore is never closed: without a permit there is nothing to do but to go on.
    let place = Arc::clone(room).acquire_owned().await.ok();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                // Answers are written at once: small packets must not wait for each other.
                let _ = stream.set_nodelay(true);
                return (stream, place);
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be taken");
                tokio::time::sleep(REFUSED).await;
            }
        }
    }
}

type Service = tower::util::BoxCloneSyncService<Request<Incoming>, axum::response::Response, Infallible>;

/// One connection with its place among all.
struct Guest {
    router: Router,
    patience: Duration,
    watcher: Watcher,
    place: Option<OwnedSemaphorePermit>,
}

impl Guest {
    /// The handshake, then the requests; a client that does not shake hands in time is let go.
    async fn served_by(self, tls: Tls, stream: TcpStream) {
        match tokio::time::timeout(self.patience, tls.accept(stream)).await {
            Ok(Ok(stream)) => self.served(stream).await,
            Ok(Err(error)) => tracing::debug!(%error, "a handshake failed"),
            Err(_) => tracing::debug!("a handshake took too long"),
        }
    }

    /// Every request of a connection, until one side closes it.
    async fn served<S>(self, stream: S)
    where
        S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Send + 'static,
    {
        let service = self
            .router
            .map_request(|request: Request<Incoming>| request.map(Body::new));
        let service: Service = tower::util::BoxCloneSyncService::new(service);
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(self.patience));
        let stream: Pin<Box<_>> = Box::pin(stream);
        let mut builder = http1::Builder::new();
        builder
            .timer(TokioTimer::new())
            .header_read_timeout(self.patience)
            .max_header_size(HEAD_BYTES)
            .max_headers(HEADERS);
        let connection = builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
        // How a connection ends is the client's affair; each request was logged.
        let _ = self.watcher.watch(connection).await;
        drop(self.place);
    }
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
