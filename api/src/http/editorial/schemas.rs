//! `GET /v1/editorial/schemas/{kind}`: what a body of a kind may hold, as JSON Schema.
//!
//! Invariant: it is made of the types that read the bodies.

use axum::extract::State;
use florilege_engine::document::DocumentKind;
use serde::Serialize;
use serde_json::Value;

use super::super::answer::{Answer, Answered};
use super::super::route::{Note, Shape};
use super::{KindPath, TAG};
use crate::app::App;

/// The schema of a kind.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct SchemaAnswer {
    /// Of which kind.
    kind: DocumentKind,
    /// JSON Schema 2020-12; what it refers to is in its `$defs`.
    #[schema(value_type = Object)]
    schema: Value,
}

pub(crate) fn note() -> Note {
    Note {
        tag: TAG,
        summary: "The JSON Schema of a kind",
        detail: "What a body may hold. Contradictions inside a document are found by `/v1/editorial/lint`.",
        query: &[],
        bodies: vec![],
        answer: Shape::json::<SchemaAnswer>(""),
        problems: &[404],
    }
}

pub(crate) async fn get(State(app): State<App>, KindPath(kind): KindPath) -> Answered {
    let schema = florilege_engine::editorial::schema(kind);
    Answer::new(&SchemaAnswer { kind, schema }, app.applied())
}
