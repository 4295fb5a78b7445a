//! How the studio answers: pages with their policy, and refusals as pages too.
//!
//! The outermost layer of its routes. Invariants: every answer forbids scripts, styles, frames and requests that are
//! not the studio's own; every refusal is a page in the reader's language; no internal text leaks.

use std::any::Any;

use askama::Template;
use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Redirect, Response};

use super::page::Page;
use super::session::Whole;
use super::words::Lang;
use crate::http::problem::Problem;
use crate::store::StoreError;
use crate::telemetry;

const POLICY: &str =
    "default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'none'";

/// Why a page is not shown, or a form not taken.
#[derive(Debug, Clone)]
pub(super) enum Refusal {
    /// Nobody is signed in; back here afterwards.
    SignIn(String),
    /// The role or the territory does not allow it; the words say which.
    Forbidden(&'static str),
    /// There is no such thing.
    NotFound,
    /// The form was not made for this session, or came from another site.
    Forged,
    /// The form was sent before.
    Replayed,
    /// What is asked for is being made.
    Busy,
    /// The server's rules refused it.
    Problem(Problem),
    /// A mistake of ours, told to the log.
    Broken(String),
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound { .. } => Self::NotFound,
            StoreError::Overloaded { .. }
            | StoreError::Unavailable { .. }
            | StoreError::Conflict { .. }
            | StoreError::Invalid(_)
            | StoreError::Schema { .. }
            | StoreError::Damaged(_) => Self::Problem(error.into()),
        }
    }
}

impl From<askama::Error> for Refusal {
    fn from(error: askama::Error) -> Self {
        Self::Broken(error.to_string())
    }
}

impl Refusal {
    fn status(&self) -> StatusCode {
        match self {
            Self::SignIn(_) => StatusCode::SEE_OTHER,
            Self::Forbidden(_) | Self::Forged => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Replayed => StatusCode::CONFLICT,
            Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Self::Problem(problem) => problem.status(),
            Self::Broken(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The key of the words that say it.
    fn words(&self) -> &'static str {
        match self {
            Self::SignIn(_) => "refused-sign-in",
            Self::Forbidden(words) => words,
            Self::NotFound => "refused-not-found",
            Self::Forged => "refused-forged",
            Self::Replayed => "refused-replayed",
            Self::Busy => "refused-busy",
            Self::Problem(problem) => match problem.status() {
                StatusCode::PAYLOAD_TOO_LARGE => "refused-too-large",
                StatusCode::CONFLICT => "refused-conflict",
                StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => "refused-busy",
                _ => "refused-invalid",
            },
            Self::Broken(_) => "refused-broken",
        }
    }

    /// What the rules said, for an editor to read.
    fn detail(&self) -> String {
        match self {
            Self::Problem(problem) if problem.status() == StatusCode::UNPROCESSABLE_ENTITY => {
                problem.detail().to_owned()
            }
            Self::Problem(_)
            | Self::SignIn(_)
            | Self::Forbidden(_)
            | Self::NotFound
            | Self::Forged
            | Self::Replayed
            | Self::Busy
            | Self::Broken(_) => String::new(),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        if let Self::SignIn(path) = &self {
            let to: String = form_urlencoded::byte_serialize(path.as_bytes()).collect();
            return Redirect::to(&format!("/studio/sign-in?to={to}")).into_response();
        }
        if let Self::Broken(cause) = &self {
            tracing::error!(%cause, "the studio made a mistake");
        }
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// What a handler of a page gives.
pub(super) type Answer = Result<Response, Refusal>;

/// A page, as a response.
pub(super) fn html(template: &impl Template) -> Answer {
    Ok(Html(template.render()?).into_response())
}

/// The same with another status.
pub(super) fn html_with(status: StatusCode, template: &impl Template) -> Answer {
    Ok((status, Html(template.render()?)).into_response())
}

/// To another page, after a form was taken.
pub(super) fn go(path: &str) -> Answer {
    Ok(Redirect::to(path).into_response())
}

#[derive(Template)]
#[template(path = "refused.html")]
struct Refused {
    p: Page,
    title: String,
    detail: String,
}

/// What a panic becomes.
pub(super) fn panicked(_: Box<dyn Any + Send>) -> Response {
    Refusal::Broken("a handler panicked".to_owned()).into_response()
}

/// Keeps the address as it came, before routers take parts of it away.
pub(super) async fn keep_address(mut request: Request, next: Next) -> Response {
    let whole = Whole(request.uri().clone());
    request.extensions_mut().insert(whole);
    next.run(request).await
}

/// Makes refusals pages, adds the policy, notes the call.
pub(super) async fn frame(request: Request, next: Next) -> Response {
    let started = tokio::time::Instant::now();
    let lang = Lang::of_headers(request.headers());
    let method = request.method().clone();
    let matched = request.extensions().get::<MatchedPath>();
    let route = matched.map_or_else(|| "unmatched".to_owned(), |path| path.as_str().to_owned());
    let mut response = next.run(request).await;
    if let Some(refusal) = response.extensions_mut().remove::<Refusal>() {
        response = refused(lang, &refusal);
    }
    protect(&mut response);
    let (status, took) = (response.status().as_u16(), started.elapsed());
    telemetry::answered(if method == "POST" { "POST" } else { "GET" }, &route, status, took);
    tracing::info!(%method, route, status, took_ms = took.as_secs_f64() * 1_000.0, "answered");
    response
}

fn refused(lang: Lang, refusal: &Refusal) -> Response {
    let page = Refused {
        p: Page::new(lang, "", "/studio", None, ""),
        title: lang.t(refusal.words()),
        detail: refusal.detail(),
    };
    let text = page.render().unwrap_or_default();
    (refusal.status(), Html(text)).into_response()
}

fn protect(response: &mut Response) {
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
}
