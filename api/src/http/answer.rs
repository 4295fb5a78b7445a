//! Answers: a JSON object made by a handler, to which the envelope adds `request_id`, `took_ms` and `generation`.
//!
//! Invariant: the body is one JSON object, made once; the three fields of the contract are written in one place, so
//! no endpoint can forget them.

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use florilege_engine::change::Sequence;
use serde::Serialize;

use super::problem::Problem;

/// What a handler answers when all went well.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
    generation: Option<Sequence>,
    trace: Trace,
}

/// What an answer tells the log of itself: counts and names of stages, never a datum of a reader.
#[derive(Debug, Clone, Default)]
pub(crate) struct Trace {
    /// How many offers or hits it holds.
    pub(crate) shown: usize,
    /// How many candidates each filter removed.
    pub(crate) removed: String,
    /// What was missing.
    pub(crate) degraded: String,
}

/// What every handler returns.
pub(crate) type Answered = Result<Answer, Problem>;

impl Answer {
    /// The object, and the sequence at which the answering state stands.
    pub(crate) fn new(body: &impl Serialize, generation: Sequence) -> Answered {
        let body = serde_json::to_vec(body).map_err(Problem::internal)?;
        Ok(Self::with(body, Some(generation)))
    }

    /// An object of the engine that already says at which `generation` it was made.
    pub(crate) fn of_engine(body: &impl Serialize) -> Answered {
        let body = serde_json::to_vec(body).map_err(Problem::internal)?;
        Ok(Self::with(body, None))
    }

    fn with(body: Vec<u8>, generation: Option<Sequence>) -> Self {
        Self {
            status: StatusCode::OK,
            headers: HeaderMap::new(),
            body,
            generation,
            trace: Trace::default(),
        }
    }

    /// The same with what the log is told.
    pub(crate) fn traced(self, trace: Trace) -> Self {
        Self { trace, ..self }
    }

    /// What the log is told.
    pub(crate) const fn trace(&self) -> &Trace {
        &self.trace
    }

    /// The same answer with 201: something was made.
    #[must_use]
    pub(crate) fn created(mut self) -> Self {
        self.status = StatusCode::CREATED;
        self
    }

    /// The same answer with a header; a text that no header can hold is left out.
    #[must_use]
    pub(crate) fn with_header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(name, value);
        }
        self
    }

    /// Where the answering state stood, unless the body says it.
    pub(crate) fn generation(&self) -> Option<Sequence> {
        self.generation
    }

    /// The body so far.
    pub(crate) fn body(&self) -> &[u8] {
        &self.body
    }

    /// The body without the envelope's fields.
    pub(crate) fn into_body(self) -> Vec<u8> {
        self.body
    }
}

impl IntoResponse for Answer {
    /// An empty response that carries the answer to the envelope.
    fn into_response(mut self) -> Response {
        let mut response = self.status.into_response();
        *response.headers_mut() = std::mem::take(&mut self.headers);
        response.extensions_mut().insert(self);
        response
    }
}
