//! Documents as answers show them.
//!
//! Shared by the editing calls. Invariant: an answer says the version that stands, the one that readers see, and
//! from which entry of the log on they see it.

use axum::http::{HeaderName, header};
use florilege_engine::change::Sequence;
use florilege_engine::document::DocumentKind;
use florilege_engine::editorial::{
    self, Calendar, Closure, Experiment, Home, Label, Persona, Playlist, Scenario, Standing, Synonyms,
};
use florilege_engine::ids::DocumentId;
use serde::Serialize;
use serde_json::{Map, Value};

use super::super::answer::{Answer, Answered};
use super::super::problem::Problem;
use crate::app::App;
use crate::editorial::standing;
use crate::store::{Document, DocumentKey, Draft, Version};

/// A body of any kind; the path says which.
#[derive(utoipa::ToSchema)]
#[schema(as = DocumentBody)]
#[serde(untagged)]
#[expect(
    dead_code,
    clippy::large_enum_variant,
    reason = "only its schema is used; the engine reads the bodies"
)]
pub(crate) enum AnyBody {
    Playlist(Playlist),
    Home(Home),
    Scenario(Scenario),
    Persona(Persona),
    Label(Label),
    Synonyms(Synonyms),
    Experiment(Experiment),
    Calendar(Calendar),
    Closure(Closure),
}

/// A document without its body.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub(crate) struct DocumentLine {
    /// Of which kind.
    pub(crate) kind: DocumentKind,
    /// Its identifier.
    pub(crate) id: String,
    /// What it is called.
    pub(crate) title: String,
    /// Whether readers see it.
    pub(crate) status: Standing,
    /// The version that stands: the draft.
    pub(crate) version: u64,
    /// The version that readers see, if any.
    pub(crate) published_version: Option<u64>,
    /// Whose it is; none means everywhere.
    pub(crate) territory: Option<String>,
    /// Who saved the version that stands: the public identifier of a key.
    pub(crate) author: String,
    /// When.
    pub(crate) updated_at: String,
}

impl DocumentLine {
    pub(crate) fn of(document: &Document) -> Self {
        let newest = &document.newest;
        let title = newest.draft.body.get("title").and_then(Value::as_str);
        Self {
            kind: document.key.kind,
            id: document.key.id.to_string(),
            title: title.unwrap_or(document.key.id.as_str()).to_owned(),
            status: standing(document.status),
            version: newest.version,
            published_version: document.published,
            territory: newest.draft.territory.clone(),
            author: newest.author.clone(),
            updated_at: newest.at.to_string(),
        }
    }
}

/// One version of a document.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub(crate) struct VersionShown {
    /// Its number, from 1.
    version: u64,
    /// Whose it was; none means everywhere.
    territory: Option<String>,
    /// Who saved it.
    author: String,
    /// When.
    at: String,
    /// What it says.
    #[schema(value_type = Object)]
    body: Map<String, Value>,
}

impl VersionShown {
    pub(crate) fn of(version: Version) -> Self {
        Self {
            version: version.version,
            territory: version.draft.territory,
            author: version.author,
            at: version.at.to_string(),
            body: version.draft.body,
        }
    }
}

/// A document as it stands.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub(crate) struct DocumentShown {
    /// Everything but the bodies.
    #[serde(flatten)]
    line: DocumentLine,
    /// What the version that stands says.
    #[schema(value_type = AnyBody)]
    body: Map<String, Value>,
    /// What readers see, if anything.
    published: Option<VersionShown>,
    /// Send it as `min_sequence` to a serving call, and that call has heard of this.
    sequence: u64,
}

/// A document with what readers see of it, as an answer that carries its version in `etag`.
pub(crate) async fn shown(app: &App, document: Document, sequence: Sequence) -> Answered {
    let published = match document.published {
        Some(version) if version == document.newest.version => Some(document.newest.clone()),
        Some(version) => Some(app.store.document_version(&document.key, version).await?),
        None => None,
    };
    let shown = DocumentShown {
        line: DocumentLine::of(&document),
        body: document.newest.draft.body,
        published: published.map(VersionShown::of),
        sequence: sequence.0,
    };
    let etag = format!("\"{}\"", shown.line.version);
    Ok(Answer::new(&shown, sequence)?.with_header(header::ETAG, &etag))
}

/// Where a document is found.
pub(crate) fn location(key: &DocumentKey) -> (HeaderName, String) {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let mut path = format!("/v1/editorial/{}/", key.kind);
    for byte in key.id.as_str().bytes() {
        if plain(byte) {
            path.push(char::from(byte));
        } else {
            path.push_str(&format!("%{byte:02X}"));
        }
    }
    (header::LOCATION, path)
}

/// A body that its kind's check has taken, as the store keeps it.
pub(crate) fn draft(
    app: &App,
    kind: DocumentKind,
    mut body: Map<String, Value>,
) -> Result<(DocumentId, Draft), Problem> {
    let summary = editorial::check(kind, &body, &app.taxonomy)?;
    // Where a document stands is the server's to say.
    body.remove("status");
    let draft = Draft {
        territory: summary.territory,
        body,
    };
    Ok((summary.id, draft))
}
