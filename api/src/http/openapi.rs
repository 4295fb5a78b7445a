//! `/openapi.json`: the OpenAPI 3.1 document, made of the route table and the types' schemas.
//!
//! Invariant: every route of the table is in it, with its body, its answer, its parameters and its problems.

use std::sync::OnceLock;

use axum::http::header;
use axum::response::{IntoResponse, Response};
use florilege_engine::document::DocumentKind;
use serde_json::{Map, Value, json};
use utoipa::{PartialSchema, ToSchema};

use super::access::Access;
use super::problem::{Kind, ProblemBody};
use super::route::{Note, Param, Route, Schemas, Shape};
use super::router::table;

/// The fields that the envelope adds to every answer.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "only its schema is used; the envelope writes the fields")]
struct Envelope {
    /// The call's identifier, a UUIDv7; also the header `x-request-id`.
    request_id: String,
    /// Milliseconds from arrival to answer.
    took_ms: u64,
    /// The last entry of the change log that the answering state has applied.
    generation: u64,
}

/// The field that a page adds.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "only its schema is used; the endpoints write the field")]
struct Continued {
    /// Asks for the next page; absent or null at the end. Only `limit` may change.
    next_cursor: Option<String>,
}

pub(crate) fn note() -> Note {
    Note {
        tag: "Operating",
        summary: "This description of the API",
        detail: "OpenAPI 3.1.",
        query: &[],
        bodies: vec![],
        answer: Shape::text("application/json", ""),
        problems: &[],
    }
}

pub(crate) async fn document() -> Response {
    static TEXT: OnceLock<String> = OnceLock::new();
    let text = TEXT.get_or_init(|| description().to_string());
    ([(header::CONTENT_TYPE, "application/json")], text.as_str()).into_response()
}

/// The whole document.
pub(crate) fn description() -> Value {
    let routes = table();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Florilège",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Search, recommendation and curated playlists for culture. Money is integer cents, \
                            distances are metres, times are RFC 3339 with an offset. `null` means absent; an unknown \
                            field is refused.",
            "license": {"name": "MPL-2.0", "identifier": "MPL-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": tags(&routes),
        "paths": paths(&routes),
        "components": {
            "schemas": schemas(&routes),
            "responses": problems(),
            "securitySchemes": {"key": {
                "type": "http", "scheme": "bearer",
                "description": "Needed once a key exists: `florilege keys add --scope serve`.",
            }},
        },
    })
}

fn tags(routes: &[Route]) -> Vec<Value> {
    let mut seen: Vec<&str> = routes.iter().map(|route| route.note.tag).collect();
    seen.dedup();
    seen.into_iter().map(|name| json!({"name": name})).collect()
}

fn paths(routes: &[Route]) -> Value {
    let mut paths = Map::new();
    for route in routes {
        let item = paths.entry(route.path).or_insert_with(|| json!({}));
        item[route.method.as_str().to_lowercase()] = operation(route);
    }
    Value::Object(paths)
}

fn operation(route: &Route) -> Value {
    let note = &route.note;
    let mut operation = json!({
        "tags": [note.tag],
        "operationId": operation_id(route),
        "summary": note.summary,
        "description": format!("{}\n\n{}", note.detail, rights(route.access)).trim(),
        "parameters": parameters(route),
        "responses": responses(route),
        "security": if route.access == Access::Open { json!([]) } else { json!([{}, {"key": []}]) },
    });
    if !note.bodies.is_empty() {
        let content: Map<String, Value> = note
            .bodies
            .iter()
            .map(|body| (body.media.into(), media(body)))
            .collect();
        operation["requestBody"] = json!({"required": true, "content": content});
    }
    operation
}

/// A name for generated clients: the method and the fixed words of the path.
fn operation_id(route: &Route) -> String {
    let words = route
        .path
        .split(['/', '.'])
        .filter(|word| !word.is_empty() && *word != "v1");
    let named = words.map(|word| word.trim_matches(['{', '}']).to_owned());
    let method = route.method.as_str().to_lowercase();
    std::iter::once(method).chain(named).collect::<Vec<_>>().join("_")
}

fn rights(access: Access) -> String {
    match access {
        Access::Open => "Open to everybody.".to_owned(),
        Access::AnyKey => "Any key, once keys exist.".to_owned(),
        Access::Key(scope) => format!("Scope `{scope}` (or `admin`), once keys exist."),
    }
}

fn media(shape: &Shape) -> Value {
    let mut content = Map::new();
    let schema = match &shape.schema {
        Some(name) => json!({"$ref": format!("#/components/schemas/{name}")}),
        None => json!({"type": "string"}),
    };
    content.insert("schema".into(), schema);
    if !shape.example.is_empty() {
        let example = serde_json::from_str(shape.example).unwrap_or_else(|_| json!(shape.example));
        content.insert("example".into(), example);
    }
    Value::Object(content)
}

fn parameters(route: &Route) -> Vec<Value> {
    let mut list = Vec::new();
    if route.path.contains("{kind}") {
        let kinds = DocumentKind::ALL.map(DocumentKind::as_str).join(", ");
        list.push(parameter("path", "kind", "string", &format!("One of {kinds}.")));
    }
    if route.path.contains("{id}") {
        list.push(parameter("path", "id", "string", "The identifier, percent-encoded."));
    }
    list.extend(
        route
            .note
            .query
            .iter()
            .map(|p: &Param| parameter("query", p.name, p.kind, p.what)),
    );
    if route.access != Access::Open {
        let waits = "Waits, within the deadline, until the answering state has applied this entry of the log.";
        list.push(parameter("query", "min_sequence", "integer", waits));
    }
    if route.note.problems.contains(&409) && route.path.contains("{id}") {
        let seen = "The version that the caller has seen, as `etag` gives it; 409 when another stands.";
        list.push(parameter("header", "if-match", "string", seen));
    }
    let bounds = "Bounds the call, in milliseconds; past it 503 `deadline_exceeded`. Waiting and serving end after \
                  5 s where it is absent.";
    list.push(parameter("header", "x-deadline-ms", "integer", bounds));
    list
}

fn parameter(place: &str, name: &str, kind: &str, what: &str) -> Value {
    json!({"in": place, "name": name, "required": place == "path", "description": what, "schema": {"type": kind}})
}

fn responses(route: &Route) -> Value {
    let mut all = Map::new();
    let id = json!({"x-request-id": {"description": "A UUIDv7", "schema": {"type": "string"}}});
    let answer = &route.note.answer;
    let content = json!({answer.media: sealed(answer)});
    all.insert(
        route.status.as_str().into(),
        json!({"description": "Done", "headers": id, "content": content}),
    );
    for status in statuses(route) {
        all.insert(
            status.to_string(),
            json!({"$ref": format!("#/components/responses/{status}")}),
        );
    }
    Value::Object(all)
}

/// An answer's own fields with those of the envelope.
fn sealed(answer: &Shape) -> Value {
    let mut content = media(answer);
    if answer.schema.is_some() {
        let mut all = vec![
            content["schema"].take(),
            json!({"$ref": "#/components/schemas/Envelope"}),
        ];
        if answer.paged {
            all.push(json!({"$ref": "#/components/schemas/Continued"}));
        }
        content["schema"] = json!({"allOf": all});
    }
    content
}

/// The statuses of problems that a route may give.
fn statuses(route: &Route) -> Vec<u16> {
    let mut all = route.note.problems.to_vec();
    all.extend([422, 500, 503]);
    if !route.note.bodies.is_empty() {
        all.extend([400, 408, 413, 415]);
    }
    if route.path.contains('{') || route.takes_query() {
        all.push(400);
    }
    if route.access != Access::Open {
        all.extend([401, 403]);
    }
    all.sort_unstable();
    all.dedup();
    all
}

fn schemas(routes: &[Route]) -> Value {
    let mut all = Map::new();
    let of_routes = routes
        .iter()
        .flat_map(|route| route.note.bodies.iter().chain([&route.note.answer]));
    for (name, schema) in of_routes.flat_map(|shape| shape.schemas.iter()) {
        all.insert(name.clone(), any_of(json!(schema)));
    }
    for (name, schema) in own_schemas() {
        all.insert(name, json!(schema));
    }
    Value::Object(all)
}

/// A choice between types without a tag: an empty list of one may also be read as another, so it is any of them, where
/// the derive says exactly one.
fn any_of(mut schema: Value) -> Value {
    let are_types = |list: &Value| {
        let mut all = list.as_array().into_iter().flatten();
        all.all(|one| one["$ref"].is_string())
    };
    if let Some(fields) = schema.as_object_mut()
        && fields.get("oneOf").is_some_and(are_types)
        && let Some(choice) = fields.remove("oneOf")
    {
        fields.insert("anyOf".to_owned(), choice);
    }
    schema
}

fn own_schemas() -> Schemas {
    let mut all: Schemas = vec![
        ("Envelope".into(), Envelope::schema()),
        ("Continued".into(), Continued::schema()),
        ("Problem".into(), ProblemBody::schema()),
    ];
    ProblemBody::schemas(&mut all);
    all
}

/// One response for each status of the list of problems.
fn problems() -> Value {
    let mut all = Map::new();
    for kind in Kind::ALL {
        let (status, code, title) = kind.facts();
        let told = all
            .entry(status.as_str())
            .or_insert_with(|| problem_response(status.as_u16()));
        let before = told["description"].as_str().unwrap_or_default();
        told["description"] = json!(format!(
            "{before}{}`{code}`: {title}",
            if before.is_empty() { "" } else { ". " }
        ));
    }
    Value::Object(all)
}

fn problem_response(status: u16) -> Value {
    let schema =
        json!({"allOf": [{"$ref": "#/components/schemas/Problem"}, {"$ref": "#/components/schemas/Envelope"}]});
    let mut response = json!({"description": "", "content": {"application/problem+json": {"schema": schema}}});
    let text = json!({"type": "string"});
    match status {
        503 => response["headers"] = json!({"retry-after": {"description": "Seconds", "schema": {"type": "integer"}}}),
        401 => response["headers"] = json!({"www-authenticate": {"description": "Bearer", "schema": text}}),
        _ => {}
    }
    response
}
