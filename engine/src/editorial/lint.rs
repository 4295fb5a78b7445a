//! Lint: what an editor should know of a draft before it is published.
//!
//! Behind `POST /v1/editorial/lint`. Invariant: a draft with an error is one that saving or publishing would refuse;
//! warnings and hints stop nothing.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::catalogue::Catalogue;
use crate::document::DocumentKind;
use crate::invalid::{Code, Fault, Invalid};
use crate::time::Moment;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// It cannot be saved.
    Error,
    /// It can, and readers will not see what the editor means.
    Warning,
    /// Worth knowing.
    Info,
}

/// One thing to know of a draft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Message {
    /// How bad.
    pub severity: Severity,
    /// Where in the body, as an RFC 6901 pointer.
    pub pointer: String,
    /// What kind, for programs.
    pub code: &'static str,
    /// What it is, in words.
    pub message: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mend: Option<String>,
}

/// Everything that there is to say of a draft, worst first. `now` is when it would be published.
pub fn lint(catalogue: &Catalogue, kind: DocumentKind, body: &Map<String, Value>, now: Moment) -> Vec<Message> {
    let mut messages = match super::check(kind, body, catalogue.taxonomy()) {
        Ok(_) => resolved(catalogue, kind, body, now),
        Err(Invalid(faults)) => faults.into_iter().map(refused).collect(),
    };
    messages.sort_by(|a, b| (a.severity, &a.pointer).cmp(&(b.severity, &b.pointer)));
    messages
}

/// What the catalogue says of a draft that passed its check: for those who resolve playlists and homes.
const fn resolved(_: &Catalogue, _: DocumentKind, _: &Map<String, Value>, _: Moment) -> Vec<Message> {
    Vec::new()
}

fn refused(fault: Fault) -> Message {
    let mend = match fault.code {
        Code::UnknownField => Some("remove the field, or mend its name".to_owned()),
        Code::MissingField => Some("add the field".to_owned()),
        Code::DuplicateField => Some("keep one of the two".to_owned()),
        Code::TooLarge => Some("shorten it".to_owned()),
        Code::MalformedJson
        | Code::InvalidType
        | Code::InvalidValue
        | Code::UnknownValue
        | Code::UnknownOp
        | Code::UnknownSubcategory
        | Code::NotFound
        | Code::CursorMismatch => None,
    };
    Message {
        severity: Severity::Error,
        pointer: fault.pointer,
        code: fault.code.as_str(),
        message: fault.message,
        mend,
    }
}
