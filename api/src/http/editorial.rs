//! `/v1/editorial`: documents of every kind, one mechanism: draft, publish, versions, rollback, archive, audit.
//!
//! Stands over the store's documents; the engine hears of a publication by the log. Invariants: nothing is stored that
//! its kind's check refuses; an editor of territories touches only what is theirs, before and after; no version is
//! overwritten unseen.

pub(crate) mod audit;
pub(crate) mod documents;
pub(crate) mod lint;
pub(crate) mod page;
pub(crate) mod preview;
pub(crate) mod publish;
pub(crate) mod rights;
pub(crate) mod schemas;
pub(crate) mod shown;
pub(crate) mod transfer;

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use florilege_engine::document::DocumentKind;
use florilege_engine::ids::DocumentId;
use florilege_engine::invalid::{Code, Invalid};

use super::problem::{Kind, Problem};
use crate::store::DocumentKey;

/// The chapter of the documentation.
const TAG: &str = "Editing";

/// The `{kind}` of a path.
pub(crate) struct KindPath(pub(crate) DocumentKind);

/// The `{kind}` and `{id}` of a path.
pub(crate) struct KeyPath(pub(crate) DocumentKey);

impl<S: Send + Sync> FromRequestParts<S> for KindPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Path(kind) = Path::<String>::from_request_parts(parts, state)
            .await
            .map_err(unreadable)?;
        Ok(Self(read_kind(&kind)?))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for KeyPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Path((kind, id)) = Path::<(String, String)>::from_request_parts(parts, state)
            .await
            .map_err(unreadable)?;
        let kind = read_kind(&kind)?;
        let id = DocumentId::new(&id).map_err(|error| Invalid::one("/id", Code::InvalidValue, error.to_string()))?;
        Ok(Self(DocumentKey { kind, id }))
    }
}

/// Whatever the path refused by itself.
fn unreadable(_: impl std::fmt::Debug) -> Problem {
    Problem::new(Kind::MalformedRequest, "the path is not percent-encoded UTF-8")
}

fn read_kind(text: &str) -> Result<DocumentKind, Problem> {
    text.parse()
        .map_err(|error: florilege_engine::document::UnknownKind| Problem::new(Kind::NotFound, error.to_string()))
}
