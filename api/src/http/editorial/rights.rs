//! Who edits what: the key of a call, its territories, and the version that the caller has seen.
//!
//! Every editing call that changes something comes through here. Invariants: a key with territories touches only
//! documents of these, in the version that stands, in the one that readers see, and in the one that it writes; what
//! was checked is what is changed, since the change names the version that was looked at.

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header;
use axum::http::request::Parts;
use florilege_engine::invalid::{Code, Invalid};

use super::super::access::Caller;
use super::super::problem::{Kind, Problem};
use crate::app::App;
use crate::store::{Document, DocumentKey, Scope, Store};

/// The author where no key is configured.
const NO_KEY: &str = "local";

/// Who edits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Editor {
    /// The public identifier of the key: no person.
    pub(crate) author: String,
    /// Where they may; empty means everywhere.
    territories: Vec<String>,
}

impl Editor {
    /// The editor of a command line, who may do everything.
    pub(crate) fn of_command_line() -> Self {
        Self {
            author: "command-line".to_owned(),
            territories: Vec::new(),
        }
    }

    /// Refuses a document of another territory, or of none, to an editor of some.
    pub(crate) fn require(&self, territory: Option<&str>) -> Result<(), Problem> {
        let own = |territory: &str| self.territories.iter().any(|of| of == territory);
        if self.territories.is_empty() || territory.is_some_and(own) {
            return Ok(());
        }
        let of = territory.map_or_else(
            || "holds everywhere".to_owned(),
            |territory| format!("is of territory {territory}"),
        );
        Err(Problem::new(
            Kind::Forbidden,
            format!(
                "this key edits {} alone; the document {of}",
                self.territories.join(", ")
            ),
        ))
    }

    /// Refuses a document that this editor may not touch, as it stands or as readers see it.
    pub(crate) async fn require_document(&self, store: &Store, there: &Document) -> Result<(), Problem> {
        self.require(there.newest.draft.territory.as_deref())?;
        let seen = there.published.filter(|version| *version != there.newest.version);
        if let (Some(version), false) = (seen, self.territories.is_empty()) {
            let seen = store.document_version(&there.key, version).await?;
            self.require(seen.draft.territory.as_deref())?;
        }
        Ok(())
    }
}

impl<S: Sync> FromRequestParts<S> for Editor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let caller = parts.extensions.get::<Caller>().cloned().unwrap_or_default();
        Ok(caller.0.map_or_else(
            || Self {
                author: NO_KEY.to_owned(),
                territories: Vec::new(),
            },
            |key| Self {
                territories: if key.scope == Scope::Admin {
                    Vec::new()
                } else {
                    key.territories
                },
                author: key.id,
            },
        ))
    }
}

/// What `if-match` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IfMatch {
    /// Nothing.
    Absent,
    /// Any version.
    Any,
    /// This version.
    Version(u64),
}

impl<S: Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Self::read(&parts.headers)
    }
}

impl IfMatch {
    fn read(headers: &HeaderMap) -> Result<Self, Problem> {
        let Some(value) = headers.get(header::IF_MATCH) else {
            return Ok(Self::Absent);
        };
        let text = value.to_str().unwrap_or_default().trim();
        let number = text.trim_start_matches("W/").trim_matches('"').parse();
        match (text, number) {
            ("*", _) => Ok(Self::Any),
            (_, Ok(version)) => Ok(Self::Version(version)),
            (_, Err(_)) => Err(Problem::from(Invalid::one(
                "",
                Code::InvalidValue,
                "if-match is the version of the document, as `etag` gives it, or *",
            ))),
        }
    }
}

/// A document that this editor may change, and the version that the change must find.
pub(crate) async fn editable(
    app: &App,
    editor: &Editor,
    key: &DocumentKey,
    if_match: IfMatch,
) -> Result<(Document, u64), Problem> {
    let there = app.store.document(key).await?;
    editor.require_document(&app.store, &there).await?;
    let version = match if_match {
        IfMatch::Version(version) => version,
        IfMatch::Absent | IfMatch::Any => there.newest.version,
    };
    Ok((there, version))
}

/// Without `if-match`, an editor overwrites nobody's version but their own.
pub(crate) fn require_seen(editor: &Editor, there: &Document, if_match: IfMatch) -> Result<(), Problem> {
    if if_match != IfMatch::Absent || there.newest.author == editor.author {
        return Ok(());
    }
    Err(Problem::new(
        Kind::VersionConflict,
        format!(
            "version {} was saved by another key: read it, then send its version as if-match",
            there.newest.version
        ),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(value: &str, expected: Option<IfMatch>) {
        let mut headers = HeaderMap::new();
        headers.insert(header::IF_MATCH, value.parse().expect("a header"));
        assert_eq!(IfMatch::read(&headers).ok(), expected, "{value}");
    }

    #[test]
    fn a_version_is_read_with_and_without_quotes() {
        check("3", Some(IfMatch::Version(3)));
        check("\"3\"", Some(IfMatch::Version(3)));
        check("W/\"3\"", Some(IfMatch::Version(3)));
        check("*", Some(IfMatch::Any));
        check("\"3\", \"4\"", None);
        check("abc", None);
        check("-1", None);
        assert_eq!(IfMatch::read(&HeaderMap::new()).ok(), Some(IfMatch::Absent));
    }
}
