//! The envelope around every call: identifier, deadline, panics, the fields that every answer carries, one log line.
//!
//! The outermost layer of the router. Invariants: every response has `x-request-id`; every JSON answer has
//! `request_id`, `took_ms` and `generation`; a panic is a 500 without its text; no log line holds a personal datum
//! (the route's pattern is logged, never the path).

use std::any::Any;
use std::fmt::Write as _;

use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use florilege_engine::change::Sequence;

use super::answer::{Answer, Trace};
use super::call::Call;
use super::leftover;
use super::problem::{Kind, Problem};
use crate::app::{App, clock_ns};
use crate::telemetry::stages::{self, Stages};
use crate::telemetry::{self, Parent, Span};

/// How much longer than its deadline a call lives, so that what it waits for can say why it gave up.
const GRACE: std::time::Duration = std::time::Duration::from_millis(50);

/// Runs a call and seals its answer.
pub(crate) async fn envelope(State(app): State<App>, request: Request, next: Next) -> Response {
    let begun = Call::begin();
    let method = request.method().clone();
    let route = route(&request);
    let asked = begun.with_deadline(request.headers());
    let call = asked.as_ref().copied().unwrap_or(begun);
    let parent = parent(&request);
    let (request, leftover) = leftover::lend(request);
    let (response, stages) = match asked {
        Ok(call) => stages::noted(run(call, request, next)).await,
        Err(problem) => {
            drop(request);
            (problem.into_response(), Stages::default())
        }
    };
    leftover.drain().await;
    let response = seal(response, call, app.applied());
    note(&method, &route, &call, parent, &response, stages);
    response
}

/// The route's pattern, which names no identifier.
fn route(request: &Request) -> String {
    let matched = request.extensions().get::<MatchedPath>();
    matched.map_or_else(|| "unmatched".to_owned(), |path| path.as_str().to_owned())
}

/// The caller's own span, where it says one.
fn parent(request: &Request) -> Option<Parent> {
    let header = request.headers().get("traceparent")?;
    Parent::read(header.to_str().ok()?)
}

async fn run(call: Call, mut request: Request, next: Next) -> Response {
    request.extensions_mut().insert(call);
    let Some(deadline) = call.asked_deadline() else {
        return next.run(request).await;
    };
    let late = || {
        Problem::new(
            Kind::DeadlineExceeded,
            "x-deadline-ms passed; a write may still go in, and may be sent again",
        )
    };
    let answered = tokio::time::timeout_at(deadline + GRACE, next.run(request)).await;
    answered.unwrap_or_else(|_| late().into_response())
}

/// What a panic becomes.
pub(crate) fn panicked(_: Box<dyn Any + Send>) -> Response {
    Problem::internal("a handler panicked").into_response()
}

/// Turns what a handler left into the bytes that go out.
fn seal(mut response: Response, call: Call, applied: Sequence) -> Response {
    if let Some(answer) = response.extensions_mut().remove::<Answer>() {
        let generation = answer.generation();
        response.extensions_mut().insert(answer.trace().clone());
        write(&mut response, "application/json", answer.into_body(), &call, generation);
    } else if let Some(problem) = problem_of(&mut response) {
        *response.status_mut() = problem.status();
        add_headers(&mut response, &problem);
        let body = serde_json::to_vec(&problem.body()).unwrap_or_else(|_| b"{}".to_vec());
        write(&mut response, "application/problem+json", body, &call, Some(applied));
        response.extensions_mut().insert(problem);
    }
    if let Ok(id) = HeaderValue::from_str(&call.id.to_string()) {
        response.headers_mut().insert("x-request-id", id);
    }
    response
}

/// The problem that a handler left, or the one that stands for what the router refused by itself.
fn problem_of(response: &mut Response) -> Option<Problem> {
    let left = response.extensions_mut().remove::<Problem>();
    let status = response.status();
    left.or_else(|| (status.is_client_error() || status.is_server_error()).then(|| Problem::of_status(status)))
}

fn add_headers(response: &mut Response, problem: &Problem) {
    let headers = response.headers_mut();
    if let Some(seconds) = problem.retry_after_s() {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if problem.status() == StatusCode::UNAUTHORIZED {
        headers.insert(
            header::WWW_AUTHENTICATE,
            HeaderValue::from_static("Bearer realm=\"florilege\""),
        );
    }
}

/// Adds the fields of the envelope to an object and makes it the body.
fn write(response: &mut Response, media: &'static str, mut body: Vec<u8>, call: &Call, generation: Option<Sequence>) {
    if body.last() == Some(&b'}') {
        body.pop();
        let comma = if body.len() > 1 { "," } else { "" };
        let took_ms = call.started.elapsed().as_millis();
        let mut fields = format!(r#"{comma}"request_id":"{}","took_ms":{took_ms}"#, call.id);
        if let Some(generation) = generation {
            // Writing to a string cannot fail.
            let _ = write!(fields, r#","generation":{}"#, generation.0);
        }
        body.extend_from_slice(fields.as_bytes());
        body.push(b'}');
    }
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    *response.body_mut() = Body::from(body);
}

/// The method, or one word for all that no route takes: labels of metrics must be few.
fn known(method: &Method) -> &'static str {
    const TAKEN: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    TAKEN
        .into_iter()
        .find(|name| *name == method.as_str())
        .unwrap_or("other")
}

/// One line and two metrics for each call, and a span where it is traced.
fn note(method: &Method, route: &str, call: &Call, parent: Option<Parent>, response: &Response, stages: Stages) {
    let took = call.started.elapsed();
    let code = response.extensions().get::<Problem>().map_or("", Problem::code);
    let status = response.status().as_u16();
    telemetry::answered(known(method), route, status, took);
    let (took_ms, deadline_ms) = (took.as_secs_f64() * 1_000.0, call.within().as_secs_f64() * 1_000.0);
    let told = response.extensions().get::<Trace>().cloned().unwrap_or_default();
    let Trace {
        shown,
        removed,
        degraded,
    } = told;
    tracing::info!(%method, route, status, code, took_ms, deadline_ms, %stages, shown, removed, degraded, request_id = %call.id, "answered");
    if !telemetry::is_traced(call.id, parent.as_ref()) {
        return;
    }
    let told = vec![
        ("deadline_ms", deadline_ms.to_string()),
        ("shown", shown.to_string()),
        ("removed", removed),
        ("degraded", degraded),
    ];
    telemetry::ended(Span {
        call: call.id,
        parent,
        method: known(method),
        route: route.to_owned(),
        status,
        code,
        told,
        began_ns: clock_ns() - i128::try_from(took.as_nanos()).unwrap_or_default(),
        begun: call.started,
        took,
        stages,
    });
}
