//! Experiments: two or more ways compared, each shown to a share of the readers.
//!
//! Invariant: the shares of the arms add up to at most 1; what is left over sees no experiment.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::audience::{Audience, Schedule};
use super::{Body, Head, MAX_TEXT, Standing, check_weight_names};
use crate::document::DocumentKind;
use crate::ids::DocumentId;
use crate::invalid::{Code, Faults};
use crate::json::is_default;
use crate::query;
use crate::taxonomy::Taxonomy;

/// The most arms.
pub const MAX_ARMS: usize = 10;

/// One way of several.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Arm {
    /// Its identifier in the experiment.
    pub id: DocumentId,
    /// The share of readers who get it, 0 to 1.
    pub share: f64,
    /// The scenario that it takes in the place of the one asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scenario: Option<DocumentId>,
    /// The home that it takes in the place of the one that fits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home: Option<DocumentId>,
    /// Weights over those of the scenario.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub weights: BTreeMap<String, f64>,
}

/// Two or more ways compared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Experiment {
    /// Its identifier; readers are drawn by it, so another identifier is another draw.
    pub id: DocumentId,
    /// What it is called.
    pub title: String,
    /// The server's to say: taken, and not looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Standing>,
    /// What is to be learnt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whose it is; absent means everywhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub territory: Option<String>,
    /// Who takes part.
    #[serde(default, skip_serializing_if = "is_default")]
    pub audience: Audience,
    /// When it runs.
    #[serde(default, skip_serializing_if = "is_default")]
    pub schedule: Schedule,
    /// Its ways.
    pub arms: Vec<Arm>,
}

impl Body for Experiment {
    const KIND: DocumentKind = DocumentKind::Experiments;

    fn head(&self) -> Head<'_> {
        Head::new(&self.id, &self.title, self.territory.as_deref())
    }

    fn check(&self, _taxonomy: &Taxonomy, faults: &mut Faults) {
        faults.limit_text(self.description.as_deref().unwrap_or(""), MAX_TEXT, "/description");
        faults.within("/audience", |faults| self.audience.check(faults));
        self.schedule.check(faults);
        let count = (2..=MAX_ARMS).contains(&self.arms.len());
        faults.require(count, "/arms", Code::InvalidValue, || format!("2 to {MAX_ARMS} arms"));
        let mut seen = BTreeSet::new();
        for (place, arm) in self.arms.iter().enumerate().take(MAX_ARMS) {
            faults.within(&format!("/arms/{place}"), |faults| {
                faults.require(seen.insert(arm.id.as_str()), "/id", Code::InvalidValue, || {
                    format!("two arms are called {}", arm.id)
                });
                faults.require((0.0..=1.0).contains(&arm.share), "/share", Code::InvalidValue, || {
                    "between 0 and 1".into()
                });
                query::check_weights(faults, &arm.weights);
                check_weight_names(&arm.weights, faults);
            });
        }
        let shares: f64 = self.arms.iter().map(|arm| arm.share).sum();
        faults.require(shares <= 1.0 + 1e-9, "/arms", Code::InvalidValue, || {
            format!("the shares add up to {shares}, more than 1")
        });
    }
}
