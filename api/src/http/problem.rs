//! Problems: the one mapping from every error to `application/problem+json` (RFC 9457).
//!
//! Handlers return a [`Problem`]; the envelope writes it with the request's identifier. Invariants: every status of
//! 400 and above that leaves the server has this shape; a client's mistake is never a 5xx; no internal text leaks.

use std::borrow::Cow;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use florilege_engine::invalid::{Code, Fault, Invalid};
use serde::Serialize;

use crate::store::StoreError;

/// What kind of problem it is; fixes the status, the title and (but for 422) the code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    MalformedJson,
    MalformedRequest,
    Unauthorized,
    Forbidden,
    NotFound,
    MethodNotAllowed,
    Timeout,
    VersionConflict,
    TooLarge,
    UnsupportedMediaType,
    Invalid,
    Internal,
    TooMany,
    Overloaded,
    DeadlineExceeded,
    NotYetApplied,
    Unavailable,
}

impl Kind {
    /// Every kind, in the order of the documentation.
    pub(crate) const ALL: [Self; 17] = [
        Self::MalformedJson,
        Self::MalformedRequest,
        Self::Unauthorized,
        Self::Forbidden,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::Timeout,
        Self::VersionConflict,
        Self::TooLarge,
        Self::UnsupportedMediaType,
        Self::Invalid,
        Self::Internal,
        Self::TooMany,
        Self::Overloaded,
        Self::DeadlineExceeded,
        Self::NotYetApplied,
        Self::Unavailable,
    ];

    /// Status, code and title.
    pub(crate) const fn facts(self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::MalformedJson => (StatusCode::BAD_REQUEST, "malformed_json", "The body is not JSON"),
            Self::MalformedRequest => (
                StatusCode::BAD_REQUEST,
                "malformed_request",
                "The request cannot be read",
            ),
            Self::Unauthorized => (StatusCode::UNAUTHORIZED, "unauthorized", "A key is needed"),
            Self::Forbidden => (StatusCode::FORBIDDEN, "forbidden", "The key does not allow this"),
            Self::NotFound => (StatusCode::NOT_FOUND, "not_found", "There is no such thing"),
            Self::MethodNotAllowed => (
                StatusCode::METHOD_NOT_ALLOWED,
                "method_not_allowed",
                "The path does not take this method",
            ),
            Self::Timeout => (
                StatusCode::REQUEST_TIMEOUT,
                "request_timeout",
                "The body did not arrive in time",
            ),
            Self::VersionConflict => (StatusCode::CONFLICT, "version_conflict", "The document has moved on"),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "too_large", "The body is too large"),
            Self::UnsupportedMediaType => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported_media_type",
                "The body has another media type than expected",
            ),
            Self::Invalid => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "invalid_value",
                "The request holds values that cannot be",
            ),
            Self::Internal => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "internal",
                "The server made a mistake",
            ),
            Self::TooMany => (
                StatusCode::TOO_MANY_REQUESTS,
                "rate_limited",
                "The key has made too many calls",
            ),
            Self::Overloaded => (
                StatusCode::SERVICE_UNAVAILABLE,
                "overloaded",
                "The server has too much to do",
            ),
            Self::DeadlineExceeded => (
                StatusCode::SERVICE_UNAVAILABLE,
                "deadline_exceeded",
                "The deadline passed before the answer was ready",
            ),
            Self::NotYetApplied => (
                StatusCode::SERVICE_UNAVAILABLE,
                "not_yet_applied",
                "The state has not yet applied min_sequence",
            ),
            Self::Unavailable => (
                StatusCode::SERVICE_UNAVAILABLE,
                "unavailable",
                "The store cannot be reached",
            ),
        }
    }
}

/// One problem, before the envelope gives it the request's identifier.
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    kind: Kind,
    code: &'static str,
    detail: Cow<'static, str>,
    errors: Vec<Fault>,
    retry_after_s: Option<u64>,
}

/// The body of a problem, as it leaves; the envelope adds `request_id`, `took_ms` and `generation`.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct ProblemBody<'a> {
    /// Where this code is explained.
    #[serde(rename = "type")]
    kind: String,
    /// The kind in a few words.
    title: &'static str,
    /// The HTTP status again.
    status: u16,
    /// What happened here and what to do.
    detail: &'a str,
    /// A word of a fixed list, to switch on.
    code: &'static str,
    /// Each fault of the request; empty when no field is at fault.
    #[schema(value_type = Vec<Fault>)]
    errors: &'a [Fault],
}

impl Problem {
    /// A problem of a kind, with a sentence.
    pub(crate) fn new(kind: Kind, detail: impl Into<Cow<'static, str>>) -> Self {
        let (status, code, _) = kind.facts();
        Self {
            kind,
            code,
            detail: detail.into(),
            errors: Vec::new(),
            retry_after_s: (status == StatusCode::SERVICE_UNAVAILABLE).then_some(1),
        }
    }

    /// Something that a path names and that is not there.
    pub(crate) fn not_found(what: &str, id: &str) -> Self {
        let mut problem = Self::new(Kind::NotFound, format!("{what} {id:?} is unknown"));
        problem.errors = vec![Fault::new("/id", Code::NotFound, problem.detail.clone())];
        problem
    }

    /// A key that calls too often; `after` is when it may again.
    pub(crate) fn too_many(after: std::time::Duration) -> Self {
        let detail = "this key makes more calls a second than it may; come back after `retry-after`";
        Self::new(Kind::TooMany, detail).retry_after(after.as_secs() + 1)
    }

    /// A mistake of ours: the cause goes to the log, not to the client.
    pub(crate) fn internal(cause: impl std::fmt::Display) -> Self {
        tracing::error!(%cause, "internal error");
        Self::new(
            Kind::Internal,
            "the server made a mistake; its log says more under this request_id",
        )
    }

    /// A problem known by its status alone, for what the router refuses by itself.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        let kind = Kind::ALL.into_iter().find(|kind| kind.facts().0 == status);
        match kind {
            Some(Kind::NotFound) => Self::new(Kind::NotFound, "no route has this path; see /docs"),
            Some(Kind::MethodNotAllowed) => Self::new(Kind::MethodNotAllowed, "see the header allow, or /docs"),
            Some(kind) => Self::new(kind, kind.facts().2),
            None if status.is_server_error() => Self::new(Kind::Internal, Kind::Internal.facts().2),
            None => Self::new(Kind::MalformedRequest, Kind::MalformedRequest.facts().2),
        }
    }

    /// The status.
    pub(crate) fn status(&self) -> StatusCode {
        self.kind.facts().0
    }

    /// The code.
    pub(crate) fn code(&self) -> &'static str {
        self.code
    }

    /// What happened, in words.
    pub(crate) fn detail(&self) -> &str {
        &self.detail
    }

    /// The whole seconds after which to try again.
    pub(crate) fn retry_after_s(&self) -> Option<u64> {
        self.retry_after_s
    }

    /// The body without the envelope's fields.
    pub(crate) fn body(&self) -> ProblemBody<'_> {
        let (status, _, title) = self.kind.facts();
        ProblemBody {
            kind: format!("/docs#{}", self.code),
            title,
            status: status.as_u16(),
            detail: &self.detail,
            code: self.code,
            errors: &self.errors,
        }
    }

    fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after_s = Some(seconds.max(1));
        self
    }
}

impl From<Invalid> for Problem {
    fn from(Invalid(faults): Invalid) -> Self {
        let first = faults.first().map_or(Code::InvalidValue, |fault| fault.code);
        let kind = if faults.iter().any(|fault| fault.code == Code::MalformedJson) {
            Kind::MalformedJson
        } else {
            Kind::Invalid
        };
        let mut problem = Self::new(kind, detail(&faults));
        problem.code = first.as_str();
        problem.errors = faults;
        problem
    }
}

/// The faults as one sentence, the first few of them.
fn detail(faults: &[Fault]) -> String {
    let said = faults.iter().take(3).map(|fault| match fault.pointer.as_str() {
        "" => fault.message.clone(),
        pointer => format!("{pointer}: {}", fault.message),
    });
    let mut text = said.collect::<Vec<_>>().join("; ");
    if faults.len() > 3 {
        text.push_str(&format!("; and {} more", faults.len() - 3));
    }
    text
}

impl From<Fault> for Problem {
    /// A change refused by the store: a thing that is not there is a 404, anything else a 422.
    fn from(fault: Fault) -> Self {
        if fault.code != Code::NotFound {
            return Invalid(vec![fault]).into();
        }
        let mut problem = Self::new(Kind::NotFound, fault.message.clone());
        problem.errors = vec![fault];
        problem
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let text = error.to_string();
        match error {
            StoreError::Overloaded { retry_after } => {
                Self::new(Kind::Overloaded, text).retry_after(retry_after.as_secs())
            }
            StoreError::Unavailable { reason } => {
                tracing::error!(%reason, "the store cannot be reached");
                Self::new(
                    Kind::Unavailable,
                    "the store cannot be reached; nothing of this call was kept",
                )
            }
            StoreError::NotFound { what, id } => Self::not_found(what, &id),
            StoreError::Conflict { .. } => Self::new(Kind::VersionConflict, text),
            StoreError::Invalid(fault) => fault.into(),
            StoreError::Schema { .. } | StoreError::Damaged(_) => Self::internal(text),
        }
    }
}

impl IntoResponse for Problem {
    /// An empty response that carries the problem to the envelope.
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}
