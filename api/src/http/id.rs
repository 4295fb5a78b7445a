//! Identifiers in a path: percent-decoded and checked.
//!
//! Invariant: a handler only ever sees an identifier that the engine's types allow.

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use florilege_engine::ids::{DocumentId, InvalidId, OfferId, UserId, VenueId};
use florilege_engine::invalid::{Code, Invalid};

use super::problem::{Kind, Problem};

/// An identifier type that a path may name.
pub(crate) trait PathId: Sized {
    /// The checked identifier.
    fn read(text: &str) -> Result<Self, InvalidId>;
}

impl PathId for OfferId {
    fn read(text: &str) -> Result<Self, InvalidId> {
        Self::new(text)
    }
}

impl PathId for VenueId {
    fn read(text: &str) -> Result<Self, InvalidId> {
        Self::new(text)
    }
}

impl PathId for UserId {
    fn read(text: &str) -> Result<Self, InvalidId> {
        Self::new(text)
    }
}

impl PathId for DocumentId {
    fn read(text: &str) -> Result<Self, InvalidId> {
        Self::new(text)
    }
}

/// The `{id}` of the path.
pub(crate) struct Id<T>(pub(crate) T);

impl<T: PathId, S: Send + Sync> FromRequestParts<S> for Id<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let unreadable = |_| Problem::new(Kind::MalformedRequest, "the path is not percent-encoded UTF-8");
        let Path(text) = Path::<String>::from_request_parts(parts, state)
            .await
            .map_err(unreadable)?;
        let id = T::read(&text).map_err(|error| Invalid::one("/id", Code::InvalidValue, error.to_string()))?;
        Ok(Self(id))
    }
}

/// Refuses a document that names another identifier than its path.
pub(crate) fn require_same<T: PartialEq + std::fmt::Display>(path: &T, body: &T) -> Result<(), Problem> {
    if path == body {
        return Ok(());
    }
    let message = format!("the path names {path}, the document {body}");
    Err(Invalid::one("/id", Code::InvalidValue, message).into())
}
