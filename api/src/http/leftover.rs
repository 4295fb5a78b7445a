//! What a handler has left unread of a body: read and thrown away before the answer goes out.
//!
//! Part of the envelope. A connection over unread bytes is closed after the answer, and a client that is still sending
//! may then see a broken connection instead of it. Invariant: at most [`MOST_BYTES`] and [`FOR`] are spent on it.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::http::header;
use axum::http::request::Request;
use http_body_util::BodyExt as _;
use hyper::body::{Frame, SizeHint};
use tokio::sync::oneshot;

/// The most bytes that are thrown away.
const MOST_BYTES: usize = 256 << 10;
/// For how long at most.
const FOR: Duration = Duration::from_millis(500);

/// The body of a request, given back when it is let go before its end.
struct Lent {
    body: Body,
    back: Option<oneshot::Sender<Body>>,
}

/// Takes back what is left of a body.
pub(crate) struct Leftover(Option<oneshot::Receiver<Body>>);

/// Lends the body of a request to whoever handles it.
pub(crate) fn lend(request: Request<Body>) -> (Request<Body>, Leftover) {
    // Who waits to be asked for a body has not sent it.
    if request.body().is_end_stream() || request.headers().contains_key(header::EXPECT) {
        return (request, Leftover(None));
    }
    let (back, left) = oneshot::channel();
    let lent = request.map(|body| Body::new(Lent { body, back: Some(back) }));
    (lent, Leftover(Some(left)))
}

impl Leftover {
    /// Throws away what is left, within bounds.
    pub(crate) async fn drain(self) {
        let Some(mut body) = self.0.and_then(|mut left| left.try_recv().ok()) else {
            return;
        };
        let rest = async {
            let mut left = MOST_BYTES;
            while let Some(Ok(frame)) = body.frame().await {
                left = left.saturating_sub(frame.data_ref().map_or(0, Bytes::len));
                if left == 0 {
                    return;
                }
            }
        };
        // Past this the connection is closed, as it would have been.
        let _ = tokio::time::timeout(FOR, rest).await;
    }
}

impl HttpBody for Lent {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if self.body.is_end_stream() {
            return;
        }
        let body = std::mem::replace(&mut self.body, Body::empty());
        // Nobody waits for it any more: the call was cut.
        let _ = self.back.take().map(|back| back.send(body));
    }
}
