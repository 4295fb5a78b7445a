//! Personas: typical readers, as editors describe them.
//!
//! A reader is a mixture of them. Invariant: numbers by name are finite and not negative.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Body, Head, MAX_TEXT, Standing};
use crate::document::DocumentKind;
use crate::ids::DocumentId;
use crate::invalid::{Code, Faults};
use crate::offer::MAX_WORDS;
use crate::taxonomy::Taxonomy;

/// A typical reader.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Persona {
    /// Its identifier, such as `curieux`.
    pub id: DocumentId,
    /// What it is called.
    pub title: String,
    /// The server's to say: taken, and not looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Standing>,
    /// Who this is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whose it is; absent means everywhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub territory: Option<String>,
    /// How much each category is to its taste.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub affinities: BTreeMap<String, f64>,
    /// How much each feature of the score counts for it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub weights: BTreeMap<String, f64>,
}

impl Body for Persona {
    const KIND: DocumentKind = DocumentKind::Personas;

    fn head(&self) -> Head<'_> {
        Head::new(&self.id, &self.title, self.territory.as_deref())
    }

    fn check(&self, _taxonomy: &Taxonomy, faults: &mut Faults) {
        faults.limit_text(self.description.as_deref().unwrap_or(""), MAX_TEXT, "/description");
        for (numbers, field) in [(&self.affinities, "affinities"), (&self.weights, "weights")] {
            faults.require(numbers.len() <= MAX_WORDS, &format!("/{field}"), Code::TooLarge, || {
                format!("at most {MAX_WORDS} entries")
            });
            for (name, number) in numbers {
                let pointer = format!("/{field}/{}", crate::json::escape(name));
                faults.require((0.0..=1_000.0).contains(number), &pointer, Code::InvalidValue, || {
                    "between 0 and 1000".into()
                });
            }
        }
    }
}
