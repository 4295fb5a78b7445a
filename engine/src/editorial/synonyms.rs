//! Synonyms: words that mean the same in a search, and what certain words should find first.
//!
//! Read by the search of every later generation. Invariant: a group has two words or more, and each word once.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::playlist::{Pick, check_picks};
use super::{Body, Head, Standing};
use crate::document::DocumentKind;
use crate::ids::DocumentId;
use crate::invalid::{Code, Faults};
use crate::query::MAX_QUERY;
use crate::taxonomy::Taxonomy;

/// The most groups, and the most boosts, of one document.
pub const MAX_GROUPS: usize = 2_000;
/// The most words of a group.
pub const MAX_GROUP: usize = 50;

/// What certain words find first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SearchBoost {
    /// The words searched for, case and accents aside.
    pub q: String,
    /// Offers and works that come first, where they match the filters.
    pub picks: Vec<Pick>,
}

/// Words that mean the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Synonyms {
    /// Its identifier.
    pub id: DocumentId,
    /// What it is called among editors; its identifier where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The server's to say: taken, and not looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Standing>,
    /// Whose it is; absent means everywhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub territory: Option<String>,
    /// Each a list of words that mean the same, such as `["ciné", "cinéma"]`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<Vec<String>>,
    /// What certain words find first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub boosts: Vec<SearchBoost>,
}

impl Synonyms {
    fn check_group(group: &[String], pointer: &str, faults: &mut Faults) {
        faults.limit_words(group, MAX_GROUP, pointer);
        faults.require(group.len() >= 2, pointer, Code::InvalidValue, || {
            "a group has two words or more".into()
        });
        let mut seen = BTreeSet::new();
        for (place, word) in group.iter().enumerate() {
            let first = seen.insert(word.trim().to_lowercase());
            faults.require(first, &format!("{pointer}/{place}"), Code::InvalidValue, || {
                format!("{word:?} stands twice in the group")
            });
        }
    }
}

impl Body for Synonyms {
    const KIND: DocumentKind = DocumentKind::Synonyms;

    fn head(&self) -> Head<'_> {
        let title = self.title.as_deref().unwrap_or(self.id.as_str());
        Head::new(&self.id, title, self.territory.as_deref())
    }

    fn check(&self, _taxonomy: &Taxonomy, faults: &mut Faults) {
        for (count, pointer) in [(self.groups.len(), "/groups"), (self.boosts.len(), "/boosts")] {
            faults.require(count <= MAX_GROUPS, pointer, Code::TooLarge, || {
                format!("at most {MAX_GROUPS} entries")
            });
        }
        for (place, group) in self.groups.iter().enumerate().take(MAX_GROUPS) {
            Self::check_group(group, &format!("/groups/{place}"), faults);
        }
        for (place, boost) in self.boosts.iter().enumerate().take(MAX_GROUPS) {
            let pointer = format!("/boosts/{place}");
            faults.limit_text(&boost.q, MAX_QUERY, &format!("{pointer}/q"));
            faults.require(
                !boost.q.trim().is_empty(),
                &format!("{pointer}/q"),
                Code::InvalidValue,
                || "words must not be blank".into(),
            );
            faults.within(&format!("{pointer}/picks"), |faults| check_picks(&boost.picks, faults));
        }
    }
}
