//! JSON Schemas of the editorial documents, from the types that read them.
//!
//! Behind `GET /v1/editorial/schemas/{kind}`. Invariant: a schema stands alone: what it refers to is in its `$defs`.

use serde_json::{Map, Value, json};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::{Calendar, Closure, Experiment, Home, Label, Persona, Playlist, Scenario, Synonyms};
use crate::document::DocumentKind;

const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// The JSON Schema of a kind.
pub fn schema(kind: DocumentKind) -> Value {
    match kind {
        DocumentKind::Playlists => standalone::<Playlist>(),
        DocumentKind::Homes => standalone::<Home>(),
        DocumentKind::Scenarios => standalone::<Scenario>(),
        DocumentKind::Personas => standalone::<Persona>(),
        DocumentKind::Labels => standalone::<Label>(),
        DocumentKind::Synonyms => standalone::<Synonyms>(),
        DocumentKind::Experiments => standalone::<Experiment>(),
        DocumentKind::Calendars => standalone::<Calendar>(),
        DocumentKind::Closures => standalone::<Closure>(),
    }
}

fn standalone<B: PartialSchema + ToSchema>() -> Value {
    let mut named: Vec<(String, RefOr<Schema>)> = Vec::new();
    B::schemas(&mut named);
    let defs: Map<String, Value> = named
        .into_iter()
        .map(|(name, schema)| (name, written(&schema)))
        .collect();
    let mut schema = written(&B::schema());
    if let Value::Object(fields) = &mut schema {
        fields.insert("$schema".to_owned(), json!(DIALECT));
        fields.insert("$defs".to_owned(), Value::Object(defs));
    }
    schema
}

/// A schema whose references lead into `$defs`.
fn written(schema: &RefOr<Schema>) -> Value {
    let text = serde_json::to_string(schema).unwrap_or_default();
    serde_json::from_str(&text.replace("#/components/schemas/", "#/$defs/")).unwrap_or_default()
}
