//! Editorial documents as files: every document a line, out and in again.
//!
//! The one code behind the export and import calls and `florilege editorial`. Invariants: an import checks every line
//! before it writes the first; what is there already gets no second version.

mod import;

use florilege_engine::document::DocumentKind;
use florilege_engine::editorial::Standing;
use florilege_engine::ids::DocumentId;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::store::{Listing, Status, Store, StoreError};
pub(crate) use import::import;
pub use import::{Imported, Refused};

/// One document of a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    /// Of which kind.
    kind: DocumentKind,
    /// Its identifier.
    id: DocumentId,
    /// Whether readers see it; a draft where absent.
    #[serde(default)]
    status: Option<Standing>,
    /// The version that it had; another store counts its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    version: Option<u64>,
    /// What readers see, where that is another body than the draft.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    published: Option<Map<String, Value>>,
    /// The draft.
    body: Map<String, Value>,
}

/// Every document as lines of JSON, by kind and identifier.
pub(crate) async fn export(store: &Store) -> Result<String, StoreError> {
    let mut text = String::new();
    for kind in DocumentKind::ALL {
        for document in store.documents(kind, &Listing::all()).await? {
            let ahead = document.published.filter(|seen| *seen != document.newest.version);
            let published = match ahead {
                Some(version) => Some(store.document_version(&document.key, version).await?.draft.body),
                None => None,
            };
            let line = Line {
                kind,
                id: document.key.id,
                status: Some(standing(document.status)),
                version: Some(document.newest.version),
                published,
                body: document.newest.draft.body,
            };
            // Text keys and JSON values always serialise.
            text.push_str(&serde_json::to_string(&line).unwrap_or_default());
            text.push('\n');
        }
    }
    Ok(text)
}

/// The status of a document, as answers and files say it.
pub(crate) const fn standing(status: Status) -> Standing {
    match status {
        Status::Draft => Standing::Draft,
        Status::Published => Standing::Published,
        Status::Archived => Standing::Archived,
    }
}
