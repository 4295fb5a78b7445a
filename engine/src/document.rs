//! Editorial documents as the log carries them: what an editor has published, or taken back.
//!
//! The store keeps drafts, versions and the audit; the engine sees publications alone, as changes. Invariant: the
//! version only grows, and names one content for ever.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::ids::DocumentId;

/// The kinds of editorial document, one mechanism for all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum DocumentKind {
    /// A chosen list, or a rule that makes one.
    Playlists,
    /// The modules of a home page.
    Homes,
    /// Weights and rules of a placement.
    Scenarios,
    /// A typical reader.
    Personas,
    /// A mark that offers bear.
    Labels,
    /// Words that mean the same in a search.
    Synonyms,
    /// Two ways compared.
    Experiments,
    /// Cultural events that open and close playlists.
    Calendars,
    /// Venues closed for a while.
    Closures,
}

impl DocumentKind {
    /// Every kind.
    pub const ALL: [Self; 9] = [
        Self::Playlists,
        Self::Homes,
        Self::Scenarios,
        Self::Personas,
        Self::Labels,
        Self::Synonyms,
        Self::Experiments,
        Self::Calendars,
        Self::Closures,
    ];

    /// Its name in paths, in the log and in the store.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Playlists => "playlists",
            Self::Homes => "homes",
            Self::Scenarios => "scenarios",
            Self::Personas => "personas",
            Self::Labels => "labels",
            Self::Synonyms => "synonyms",
            Self::Experiments => "experiments",
            Self::Calendars => "calendars",
            Self::Closures => "closures",
        }
    }
}

impl fmt::Display for DocumentKind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

/// A word that names no kind of document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "a document is one of playlists, homes, scenarios, personas, labels, synonyms, experiments, calendars, closures, not {0:?}"
)]
pub struct UnknownKind(String);

impl FromStr for DocumentKind {
    type Err = UnknownKind;
    fn from_str(text: &str) -> Result<Self, UnknownKind> {
        let found = Self::ALL.into_iter().find(|kind| kind.as_str() == text);
        found.ok_or_else(|| UnknownKind(text.chars().take(64).collect()))
    }
}

/// What stands published under a kind and an identifier from this entry of the log on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Publication {
    /// Of which kind.
    pub kind: DocumentKind,
    /// Its identifier, unique in its kind.
    pub id: DocumentId,
    /// Which version.
    pub version: u64,
    /// Where it holds; nothing means everywhere.
    #[serde(default)]
    pub territory: Option<String>,
    /// Its content, checked by its kind's schema; nothing when it was archived.
    #[serde(default)]
    pub body: Option<Map<String, Value>>,
}
