//! A call: what the envelope knows of a request before any handler runs.
//!
//! Handlers take it as an argument. Invariants: the identifier is a UUIDv7 that the server drew; the deadline is
//! fixed at arrival and everything that the call waits for ends at it.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use florilege_engine::invalid::{Code, Invalid};
use tokio::time::Instant;
use uuid::Uuid;

use super::problem::Problem;

/// How long a call may take when it does not say.
const DEFAULT_DEADLINE: Duration = Duration::from_secs(5);
/// How long a call may take at most, whatever it says.
const LONGEST_DEADLINE: Duration = Duration::from_secs(600);

/// One request on its way.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Call {
    /// Its identifier, also in the header `x-request-id`.
    pub(crate) id: Uuid,
    /// When it came.
    pub(crate) started: Instant,
    /// What `x-deadline-ms` said.
    asked: Option<Duration>,
}

impl Call {
    /// A call that arrives now.
    pub(crate) fn begin() -> Self {
        Self {
            id: Uuid::now_v7(),
            started: Instant::now(),
            asked: None,
        }
    }

    /// The same call with the deadline that its headers ask for.
    pub(crate) fn with_deadline(mut self, headers: &HeaderMap) -> Result<Self, Problem> {
        let Some(value) = headers.get("x-deadline-ms") else {
            return Ok(self);
        };
        let millis = value.to_str().ok().and_then(|text| text.trim().parse::<u64>().ok());
        let millis = millis.filter(|millis| *millis > 0).ok_or_else(|| {
            Invalid::one(
                "",
                Code::InvalidValue,
                "x-deadline-ms is a whole number of milliseconds above 0",
            )
        })?;
        self.asked = Some(Duration::from_millis(millis).min(LONGEST_DEADLINE));
        Ok(self)
    }

    /// How long it may take.
    pub(crate) fn within(&self) -> Duration {
        self.asked.unwrap_or(DEFAULT_DEADLINE)
    }

    /// When the call must be answered, if it said so.
    pub(crate) fn asked_deadline(&self) -> Option<Instant> {
        self.asked.map(|within| self.started + within)
    }

    /// What is left of the deadline that was asked for, in milliseconds.
    pub(crate) fn asked_ms_left(&self) -> Option<u64> {
        let left = self.asked_deadline()?.saturating_duration_since(Instant::now());
        Some(u64::try_from(left.as_millis()).unwrap_or(u64::MAX))
    }

    /// When serving gives up: as asked, else 5 s after arrival.
    pub(crate) fn deadline(&self) -> Instant {
        self.started + self.within()
    }
}

impl<S: Sync> FromRequestParts<S> for Call {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        // The envelope always sets it; a router without one (a unit test) gets a fresh call.
        Ok(parts.extensions.get::<Self>().copied().unwrap_or_else(Self::begin))
    }
}
