//! A document on the desk: what an editor has typed, what was saved, and what there is to say about it.
//!
//! Every kind of document comes through here: opened, tried, saved, published, put away, rolled back. Invariants: a
//! save names the version that the editor has seen; nobody touches a document of a territory that is not theirs, in the
//! version that stands, in the one that readers see, or in the one that is written.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use florilege_engine::document::DocumentKind;
use florilege_engine::editorial::{self, lint::Message};
use florilege_engine::ids::DocumentId;
use florilege_engine::lint::lint;
use florilege_engine::live::Generation;
use serde_json::{Map, Value, json};

use super::answer::{Answer, Refusal, go};
use super::differences::{Difference, differences};
use super::form::Form;
use super::session::{Posted, Signed};
use super::state::Studio;
use super::{home, persona, playlist};
use crate::app::clock;
use crate::http::problem::{Kind, Problem};
use crate::store::{Document, DocumentKey, Draft, Published, Role, StoreError, Version};

/// What stands in a path for a document that is not there yet.
pub(super) const NEW: &str = "new";
/// How long a publication may take to be served before the editor sees the page again.
const SERVED_WITHIN: std::time::Duration = std::time::Duration::from_secs(2);

/// A document being edited.
pub(super) struct Desk {
    pub(super) kind: DocumentKind,
    /// Its identifier in the path, or `new`.
    pub(super) id: String,
    /// As it stands in the store, if it does.
    pub(super) there: Option<Document>,
    /// The version that the editor has seen; 0 when there was none.
    pub(super) seen: u64,
    /// What is typed now.
    pub(super) body: Map<String, Value>,
    /// What there is to say of it.
    pub(super) messages: Vec<Message>,
    /// What somebody else saved meanwhile, beside what is typed.
    pub(super) conflict: Option<Conflict>,
    /// The rest of the form: whom it is looked at as.
    pub(super) form: Form,
    /// The answer's status.
    pub(super) status: StatusCode,
}

/// Another version was saved meanwhile.
pub(super) struct Conflict {
    pub(super) theirs: Version,
    pub(super) differences: Vec<Difference>,
}

impl Desk {
    /// Where it is edited.
    pub(super) fn path(&self) -> String {
        path(self.kind, &self.id)
    }

    /// Whether it was never saved.
    pub(super) fn is_new(&self) -> bool {
        self.there.is_none()
    }

    /// Text of a field of the body.
    pub(super) fn text(&self, pointer: &str) -> String {
        text(self.value(pointer))
    }

    /// A value of the body.
    pub(super) fn value(&self, pointer: &str) -> Option<&Value> {
        let (first, rest) = pointer
            .trim_start_matches('/')
            .split_once('/')
            .unwrap_or((pointer.trim_start_matches('/'), ""));
        let value = self.body.get(first)?;
        if rest.is_empty() {
            Some(value)
        } else {
            value.pointer(&format!("/{rest}"))
        }
    }

    /// Whether a list of the body holds a word.
    pub(super) fn holds(&self, pointer: &str, word: impl AsRef<str>) -> bool {
        let list = self.value(pointer).and_then(Value::as_array);
        list.is_some_and(|list| list.iter().any(|one| one == word.as_ref()))
    }

    /// A list of the body, to type in one field.
    pub(super) fn list(&self, pointer: &str) -> String {
        let list = self.value(pointer).and_then(Value::as_array);
        let words = list.into_iter().flatten().filter_map(Value::as_str);
        words.collect::<Vec<_>>().join(", ")
    }

    /// What there is to say about a part of the body.
    pub(super) fn about<'a>(&'a self, pointer: &'a str) -> impl Iterator<Item = &'a Message> {
        let within = move |message: &&Message| {
            message.pointer == pointer
                || message
                    .pointer
                    .strip_prefix(pointer)
                    .is_some_and(|rest| rest.starts_with('/'))
        };
        self.messages.iter().filter(within)
    }

    /// Whether readers see what was saved last.
    pub(super) fn is_served(&self) -> bool {
        self.there
            .as_ref()
            .is_some_and(|there| there.published == Some(there.newest.version))
    }

    /// Whether what was saved is ahead of what readers see.
    pub(super) fn is_ahead(&self) -> bool {
        let there = self.there.as_ref();
        there.is_some_and(|there| there.published.is_some_and(|seen| seen != there.newest.version))
    }

    /// Its status, as the words call it.
    pub(super) fn status_word(&self) -> &'static str {
        self.there.as_ref().map_or(NEW, |there| there.status.as_str())
    }
}

/// A value as text to type: nothing for none.
pub(super) fn text(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

/// Where a document is edited.
pub(super) fn path(kind: DocumentKind, id: &str) -> String {
    let id: String = form_urlencoded::byte_serialize(id.as_bytes()).collect();
    format!("/studio/{kind}/{}", id.replace('+', "%20"))
}

/// The kinds that the studio edits.
pub(super) fn edited(kind: &str) -> Result<DocumentKind, Refusal> {
    match kind.parse() {
        Ok(kind @ (DocumentKind::Playlists | DocumentKind::Homes | DocumentKind::Personas)) => Ok(kind),
        Ok(_) | Err(_) => Err(Refusal::NotFound),
    }
}

/// Any kind: of those that the studio does not edit it shows the versions.
pub(super) fn known(kind: &str) -> Result<DocumentKind, Refusal> {
    kind.parse().map_err(|_| Refusal::NotFound)
}

fn key(kind: DocumentKind, id: &str) -> Result<DocumentKey, Refusal> {
    let id = DocumentId::new(id).map_err(|_| Refusal::NotFound)?;
    Ok(DocumentKey { kind, id })
}

async fn there(studio: &Studio, key: &DocumentKey) -> Result<Option<Document>, Refusal> {
    match studio.store.document(key).await {
        Ok(document) => Ok(Some(document)),
        Err(StoreError::NotFound { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// What is published under a key.
pub(super) async fn live(studio: &Studio, there: Option<&Document>) -> Result<Option<Version>, Refusal> {
    let Some(there) = there else { return Ok(None) };
    let Some(published) = there.published else {
        return Ok(None);
    };
    if published == there.newest.version {
        return Ok(Some(there.newest.clone()));
    }
    Ok(Some(studio.store.document_version(&there.key, published).await?))
}

async fn render(studio: &Studio, signed: &Signed, mut desk: Desk) -> Answer {
    if !desk.body.is_empty() {
        let (kind, body) = (desk.kind, desk.body.clone());
        let said = move |generation: &Generation| Ok(lint(generation, kind, &body, clock()));
        desk.messages = studio.look(said).await?;
    }
    match desk.kind {
        DocumentKind::Playlists => playlist::render(studio, signed, desk).await,
        DocumentKind::Homes => home::render(studio, signed, desk).await,
        DocumentKind::Personas => persona::render(studio, signed, desk).await,
        DocumentKind::Scenarios
        | DocumentKind::Labels
        | DocumentKind::Synonyms
        | DocumentKind::Experiments
        | DocumentKind::Calendars
        | DocumentKind::Closures => Err(Refusal::NotFound),
    }
}

/// The body that a form says, over what it started from; with what the pressed button does to it.
fn typed(kind: DocumentKind, form: &Form, base: &Map<String, Value>) -> Map<String, Value> {
    match kind {
        DocumentKind::Homes => home::typed(form, base),
        DocumentKind::Personas => persona::typed(form, base),
        DocumentKind::Playlists
        | DocumentKind::Scenarios
        | DocumentKind::Labels
        | DocumentKind::Synonyms
        | DocumentKind::Experiments
        | DocumentKind::Calendars
        | DocumentKind::Closures => playlist::typed(form, base),
    }
}

/// The page of a document, or of a new one.
pub(super) async fn open(
    State(studio): State<Studio>,
    Path((kind, id)): Path<(String, String)>,
    axum::extract::RawQuery(query): axum::extract::RawQuery,
    signed: Signed,
) -> Answer {
    let known = known(&kind)?;
    let Ok(kind) = edited(&kind) else {
        return go(&format!("{}/versions", path(known, &id)));
    };
    let form = Form::parse(query.unwrap_or_default().as_bytes());
    let there = if id == NEW {
        None
    } else {
        Some(studio.store.document(&key(kind, &id)?).await?)
    };
    let fresh = || fresh(kind, &signed, &form);
    let desk = Desk {
        kind,
        seen: there.as_ref().map_or(0, |there| there.newest.version),
        body: there
            .as_ref()
            .map_or_else(fresh, |there| there.newest.draft.body.clone()),
        there,
        id,
        messages: Vec::new(),
        conflict: None,
        form,
        status: StatusCode::OK,
    };
    render(&studio, &signed, desk).await
}

/// What a new document starts as: for an editor of one territory, of that one.
fn fresh(kind: DocumentKind, signed: &Signed, form: &Form) -> Map<String, Value> {
    let mut body = match kind {
        DocumentKind::Homes => home::fresh(),
        DocumentKind::Personas => persona::fresh(form.get("copy")),
        DocumentKind::Playlists
        | DocumentKind::Scenarios
        | DocumentKind::Labels
        | DocumentKind::Synonyms
        | DocumentKind::Experiments
        | DocumentKind::Calendars
        | DocumentKind::Closures => Map::new(),
    };
    if let Some(own) = signed.account.territories.first() {
        body.insert("territory".to_owned(), json!(own));
    }
    body
}

/// What a form leaves on the desk.
async fn lay(studio: &Studio, kind: DocumentKind, id: String, form: Form) -> Result<Desk, Refusal> {
    let there = if id == NEW {
        None
    } else {
        there(studio, &key(kind, &id)?).await?
    };
    let base = there
        .as_ref()
        .map(|there| there.newest.draft.body.clone())
        .unwrap_or_default();
    let mut body = typed(kind, &form, &base);
    if id != NEW {
        body.insert("id".to_owned(), json!(id));
    }
    Ok(Desk {
        kind,
        seen: form.number("over").or(form.number("version")).unwrap_or(0),
        body,
        there,
        id,
        messages: Vec::new(),
        conflict: None,
        form,
        status: StatusCode::OK,
    })
}

/// The same page with what is typed, tried and not saved.
pub(super) async fn attempt(
    State(studio): State<Studio>,
    Path((kind, id)): Path<(String, String)>,
    posted: Posted,
) -> Answer {
    let desk = lay(&studio, edited(&kind)?, id, posted.form).await?;
    render(&studio, &posted.signed, desk).await
}

/// Saves what is typed; publishes it where the button says so.
pub(super) async fn save(
    State(studio): State<Studio>,
    Path((kind, id)): Path<(String, String)>,
    posted: Posted,
) -> Answer {
    let kind = edited(&kind)?;
    posted.signed.require(Role::Editor)?;
    let publishes = posted.form.get("then") == "publish";
    if publishes {
        posted.signed.require(Role::Publisher)?;
    }
    posted.once(&studio)?;
    let mut desk = lay(&studio, kind, id, posted.form).await?;
    let generation = studio.engine.generation();
    let summary = match editorial::check(kind, &desk.body, generation.catalogue().taxonomy()) {
        Ok(summary) => summary,
        Err(_) => {
            desk.status = StatusCode::UNPROCESSABLE_ENTITY;
            return render(&studio, &posted.signed, desk).await;
        }
    };
    if summary.id.as_str() == NEW {
        return Err(Problem::new(Kind::Invalid, "a document cannot be called new").into());
    }
    may_touch(&studio, &posted.signed, desk.there.as_ref()).await?;
    posted.signed.require_territory(summary.territory.as_deref())?;
    let key = DocumentKey { kind, id: summary.id };
    match write(&studio, &posted.signed, &key, &desk, summary.territory).await {
        Ok(saved) => finish(&studio, &posted.signed, saved, publishes).await,
        Err(StoreError::Conflict { .. }) => disagree(&studio, &posted.signed, &key, desk).await,
        Err(error) => Err(error.into()),
    }
}

/// Goes on only with a document that this account may edit, as it stands and as readers see it.
async fn may_touch(studio: &Studio, signed: &Signed, there: Option<&Document>) -> Result<(), Refusal> {
    let Some(there) = there else { return Ok(()) };
    signed.require_territory(there.newest.draft.territory.as_deref())?;
    let seen = live(studio, Some(there)).await?;
    seen.map_or(Ok(()), |seen| signed.require_territory(seen.draft.territory.as_deref()))
}

async fn write(
    studio: &Studio,
    signed: &Signed,
    key: &DocumentKey,
    desk: &Desk,
    territory: Option<String>,
) -> Result<Document, StoreError> {
    let draft = Draft {
        territory,
        body: desk.body.clone(),
    };
    let author = &signed.account.login;
    if desk.id == NEW {
        return studio.store.create_document(key.clone(), draft, author).await;
    }
    studio
        .store
        .save_document(key.clone(), draft, Some(desk.seen), author)
        .await
}

async fn finish(studio: &Studio, signed: &Signed, saved: Document, publishes: bool) -> Answer {
    let to = path(saved.key.kind, saved.key.id.as_str());
    if !publishes {
        return go(&format!("{to}?said=saved"));
    }
    let version = Some(saved.newest.version);
    let done = studio
        .store
        .publish_document(saved.key, version, &signed.account.login)
        .await?;
    served(studio, &done).await;
    go(&format!("{to}?said=published"))
}

/// Waits a little until readers see it, so that the page does too.
async fn served(studio: &Studio, done: &Published) {
    let deadline = tokio::time::Instant::now() + SERVED_WITHIN;
    if studio.wait_for(done.sequence, deadline).await.is_err() {
        tracing::debug!("a publication is served after its page");
    }
}

async fn disagree(studio: &Studio, signed: &Signed, key: &DocumentKey, mut desk: Desk) -> Answer {
    let theirs = studio.store.document(key).await?;
    desk.conflict = Some(Conflict {
        differences: differences(&theirs.newest.draft.body, &desk.body),
        theirs: theirs.newest.clone(),
    });
    desk.status = StatusCode::CONFLICT;
    // What was typed for a new document goes on under the identifier that is taken.
    desk.id = key.id.to_string();
    desk.there = Some(theirs);
    render(studio, signed, desk).await
}

/// What one button does to a saved document, of whatever kind.
pub(super) async fn change(
    State(studio): State<Studio>,
    Path((kind, id, act)): Path<(String, String, String)>,
    posted: Posted,
) -> Answer {
    let (act, key) = (Act::of(&act)?, key(known(&kind)?, &id)?);
    posted.signed.require(Role::Publisher)?;
    posted.once(&studio)?;
    let there = studio.store.document(&key).await?;
    may_touch(&studio, &posted.signed, Some(&there)).await?;
    let (seen, author) = (posted.form.number::<u64>("version"), &posted.signed.account.login);
    let to = path(key.kind, key.id.as_str());
    let done = match act {
        Act::Publish => studio.store.publish_document(key, seen, author).await?,
        Act::Archive => studio.store.archive_document(key, seen, author).await?,
        Act::Rollback => {
            let number: u64 = posted.form.number("to").ok_or(Refusal::NotFound)?;
            let old = studio.store.document_version(&key, number).await?;
            posted.signed.require_territory(old.draft.territory.as_deref())?;
            studio.store.rollback_document(key, number, seen, author).await?
        }
    };
    served(&studio, &done).await;
    go(&format!("{to}?said={}", act.said()))
}

#[derive(Clone, Copy)]
enum Act {
    Publish,
    Archive,
    Rollback,
}

impl Act {
    /// What a form's address names.
    fn of(name: &str) -> Result<Self, Refusal> {
        match name {
            "publish" => Ok(Self::Publish),
            "archive" => Ok(Self::Archive),
            "rollback" => Ok(Self::Rollback),
            _ => Err(Refusal::NotFound),
        }
    }

    const fn said(self) -> &'static str {
        match self {
            Self::Publish => "published",
            Self::Archive => "archived",
            Self::Rollback => "rolled-back",
        }
    }
}
