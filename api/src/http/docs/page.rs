//! The page of `/docs`, drawn from the OpenAPI document alone.
//!
//! Invariant: whatever is added to the route table appears here without a line of this file being touched.

use std::fmt::Write;

use serde_json::Value;

/// The methods, in the order in which a path's are shown.
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// The page: contents, calls by chapter, types, problems.
pub(super) fn render(document: &Value, style: &str, here: &str) -> String {
    let mut page = String::with_capacity(200_000);
    head(&mut page, document, style);
    contents(&mut page, document);
    start(&mut page, here);
    for tag in list(&document["tags"]) {
        chapter(&mut page, document, text(&tag["name"]), here);
    }
    types(&mut page, document);
    problems(&mut page, document);
    page.push_str("</main></body></html>\n");
    page
}

fn head(page: &mut String, document: &Value, style: &str) {
    let title = escape(text(&document["info"]["title"]));
    let version = escape(text(&document["info"]["version"]));
    let about = escape(text(&document["info"]["description"]));
    add(
        page,
        format_args!(
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width\"><title>{title}: the API</title><style>{style}</style></head><body><main>\
         <h1>{title}</h1><p>{about}</p><p>Version {version} · <a href=\"/openapi.json\">openapi.json</a> · \
         <a href=\"/health/ready\">health</a> · <a href=\"/metrics\">metrics</a></p>"
        ),
    );
}

fn contents(page: &mut String, document: &Value) {
    page.push_str("<nav aria-label=\"Contents\"><ul>");
    for (path, method, operation) in operations(document) {
        let (id, summary) = (text(&operation["operationId"]), escape(text(&operation["summary"])));
        let (method, path) = (method.to_uppercase(), escape(path));
        add(
            page,
            format_args!("<li><a href=\"#{id}\">{method} {path}</a>: {summary}</li>"),
        );
    }
    page.push_str("<li><a href=\"#types\">Types</a></li><li><a href=\"#problems\">Problems</a></li></ul></nav>");
}

fn start(page: &mut String, here: &str) {
    add(
        page,
        format_args!(
            "<h2 id=\"start\">Three lines to start</h2><pre>curl -s {here}/health/ready\n\
         curl -s '{here}/v1/search?q=concert&amp;limit=3'\n\
         curl -s {here}/v1/recommendations -H 'content-type: application/json' -d '{{\"limit\":5}}'</pre>\
         <p>Every answer carries <code>request_id</code>, <code>took_ms</code> and <code>generation</code>. With keys \
         configured, add <code>-H 'authorization: Bearer KEY'</code>.</p>"
        ),
    );
}

fn chapter(page: &mut String, document: &Value, tag: &str, here: &str) {
    add(page, format_args!("<h2>{}</h2>", escape(tag)));
    for (path, method, operation) in operations(document) {
        if text(&operation["tags"][0]) == tag {
            call(page, path, method, operation, here);
        }
    }
}

fn call(page: &mut String, path: &str, method: &str, operation: &Value, here: &str) {
    let (id, summary) = (text(&operation["operationId"]), escape(text(&operation["summary"])));
    let verb = method.to_uppercase();
    add(
        page,
        format_args!(
            "<section id=\"{id}\"><h3><span class=\"verb\">{verb}</span><code>{}</code></h3><p><strong>{summary}.</strong></p>",
            escape(path)
        ),
    );
    for paragraph in text(&operation["description"]).split("\n\n") {
        add(page, format_args!("<p>{}</p>", prose(paragraph)));
    }
    parameters(page, &operation["parameters"]);
    let mut bodies = operation["requestBody"]["content"].as_object().into_iter().flatten();
    let body = bodies.find(|(_, content)| content.get("example").is_some());
    curl(page, path, method, body, here);
    shapes(page, operation, body);
    page.push_str("</section>");
}

fn parameters(page: &mut String, parameters: &Value) {
    page.push_str("<table><thead><tr><th>Parameter</th><th>Where</th><th>Meaning</th></tr></thead><tbody>");
    for parameter in list(parameters) {
        let (name, place) = (escape(text(&parameter["name"])), escape(text(&parameter["in"])));
        let (kind, what) = (
            escape(text(&parameter["schema"]["type"])),
            prose(text(&parameter["description"])),
        );
        add(
            page,
            format_args!("<tr><td><code>{name}</code></td><td>{place}, {kind}</td><td>{what}</td></tr>"),
        );
    }
    page.push_str("</tbody></table>");
}

/// A line to paste into a shell.
fn curl(page: &mut String, path: &str, method: &str, body: Option<(&String, &Value)>, here: &str) {
    let path = path.replace("{kind}", "playlists").replace("{id}", example_id(path));
    let mut line = match method {
        "get" => format!("curl -s '{here}{path}'"),
        _ => format!("curl -s -X {} '{here}{path}'", method.to_uppercase()),
    };
    if let Some((media, content)) = body {
        let example = &content["example"];
        let example = example.as_str().map_or_else(|| example.to_string(), str::to_owned);
        let _ = write!(
            line,
            " \\\n  -H 'content-type: {media}' \\\n  --data-binary '{}'",
            example.replace('\'', "'\\''")
        );
    }
    add(page, format_args!("<pre>{}</pre>", escape(&line)));
}

/// The identifier that the examples use.
fn example_id(path: &str) -> &'static str {
    if path.contains("editorial") {
        "mangas"
    } else if path.contains("venues") {
        "v-9"
    } else if path.contains("users") {
        "u1"
    } else {
        "offer-1"
    }
}

fn shapes(page: &mut String, operation: &Value, body: Option<(&String, &Value)>) {
    if let Some((_, content)) = body {
        add(page, format_args!("<p>Takes {}.</p>", reference(&content["schema"])));
    }
    let done = |status: &str| status.starts_with('2');
    let responses = || operation["responses"].as_object().into_iter().flatten();
    let answers = responses()
        .filter(|(status, _)| done(status))
        .filter_map(|(_, response)| response["content"].as_object())
        .flatten();
    for (media, content) in answers {
        add(
            page,
            format_args!(
                "<p>Answers <code>{}</code>: {}.</p>",
                escape(media),
                reference(&content["schema"])
            ),
        );
    }
    let statuses = responses().map(|(status, _)| status).filter(|status| !done(status));
    let links: Vec<String> = statuses
        .map(|status| format!("<a href=\"#status-{status}\">{status}</a>"))
        .collect();
    add(page, format_args!("<p>Problems: {}.</p>", links.join(", ")));
}

fn types(page: &mut String, document: &Value) {
    page.push_str("<h2 id=\"types\">Types</h2>");
    for (name, schema) in document["components"]["schemas"].as_object().into_iter().flatten() {
        let about = prose(text(&schema["description"]));
        add(
            page,
            format_args!(
                "<section id=\"type-{0}\"><h3><code>{0}</code></h3><p>{about}</p>",
                escape(name)
            ),
        );
        fields(page, schema);
        values(page, schema);
        page.push_str("</section>");
    }
}

fn fields(page: &mut String, schema: &Value) {
    let Some(fields) = schema["properties"].as_object() else {
        return;
    };
    let needed: Vec<&str> = list(&schema["required"]).map(text).collect();
    page.push_str("<table><thead><tr><th>Field</th><th>Type</th><th>Meaning</th></tr></thead><tbody>");
    for (name, field) in fields {
        let star = if needed.contains(&name.as_str()) {
            ", required"
        } else {
            ""
        };
        add(
            page,
            format_args!(
                "<tr><td><code>{}</code></td><td>{}{star}</td><td>{}</td></tr>",
                escape(name),
                reference(field),
                prose(text(&field["description"]))
            ),
        );
    }
    page.push_str("</tbody></table>");
}

fn values(page: &mut String, schema: &Value) {
    let words: Vec<String> = list(&schema["enum"])
        .map(|word| format!("<code>{}</code>", escape(text(word))))
        .collect();
    if !words.is_empty() {
        add(page, format_args!("<p>One of {}.</p>", words.join(", ")));
    }
}

fn problems(page: &mut String, document: &Value) {
    page.push_str(
        "<h2 id=\"problems\">Problems</h2><p>Errors are <code>application/problem+json</code> (RFC 9457): \
         <code>type</code>, <code>title</code>, <code>status</code>, <code>detail</code>, <code>code</code> and \
         <code>errors</code>, each with a JSON pointer.</p><table><thead><tr><th>Status</th><th>Codes</th></tr></thead><tbody>",
    );
    for (status, response) in document["components"]["responses"].as_object().into_iter().flatten() {
        let what = prose(text(&response["description"]));
        add(
            page,
            format_args!("<tr id=\"status-{status}\"><td>{status}</td><td>{what}</td></tr>"),
        );
    }
    page.push_str("</tbody></table>");
}

/// A schema in a few words, with links to the types that it names.
fn reference(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        return format!("<a href=\"#type-{0}\">{0}</a>", escape(name));
    }
    for (of, joint) in [("allOf", " with "), ("oneOf", " or "), ("anyOf", " or ")] {
        if let Some(parts) = schema[of].as_array() {
            return parts.iter().map(reference).collect::<Vec<_>>().join(joint);
        }
    }
    match &schema["type"] {
        Value::String(kind) if kind == "array" => format!("list of {}", reference(&schema["items"])),
        Value::String(kind) => escape(kind),
        Value::Array(kinds) => kinds
            .iter()
            .map(|kind| escape(text(kind)))
            .collect::<Vec<_>>()
            .join(" or "),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => "anything".to_owned(),
    }
}

/// Every operation with its path and method.
fn operations(document: &Value) -> impl Iterator<Item = (&str, &'static str, &Value)> {
    let paths = document["paths"].as_object().into_iter().flatten();
    paths.flat_map(|(path, item)| {
        let known = METHODS.into_iter().filter(|method| item.get(method).is_some());
        known.map(move |method| (path.as_str(), method, &item[method]))
    })
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn add(page: &mut String, piece: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = page.write_fmt(piece);
}

/// Escaped text in which what stands in backquotes is code.
fn prose(text: &str) -> String {
    let parts = escape(text);
    let parts = parts.split('`').enumerate();
    parts
        .map(|(ix, part)| {
            if ix % 2 == 1 {
                format!("<code>{part}</code>")
            } else {
                part.to_owned()
            }
        })
        .collect()
}

/// Text without markup.
fn escape(text: &str) -> String {
    html_escape::encode_double_quoted_attribute(text).into_owned()
}
