//! Scenarios: weights and rules of a placement, by name.
//!
//! The first stage of the main path takes them: what the request says wins over the scenario, the scenario over what
//! is built in. Invariant: no document can make a list fail; what a scenario names and this program does not know is
//! passed over.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Body, Head, Standing, check_weight_names};
use crate::document::DocumentKind;
use crate::ids::DocumentId;
use crate::invalid::{Code, Faults};
use crate::json::is_default;
use crate::model::Kind;
use crate::query::{self, DiversityRequest};
use crate::source::SOURCES;
use crate::taxonomy::Taxonomy;

/// The scenario of a request that names none; it needs no document.
pub const DEFAULT_SCENARIO: &str = "home";

/// Whether a source is asked, and how much it counts.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(untagged)]
pub enum SourceUse {
    /// Asked, or not.
    Asked(bool),
    /// Asked for so much of what it gives by default; 0 is not at all.
    Share(f64),
}

/// The reader's way outwards.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Outward {
    /// How fast, over the reader's own pace: 0 stays, 1 is the default, 2 the fastest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pace: Option<f64>,
}

/// Which learnt models a placement is made with, each by the name of its folder, which is one set of numbers for ever.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Models {
    /// One of who took what, such as `ease-842b653752e2cc23`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub collaborative: Option<String>,
    /// One of what is said of the offers, such as `content-842b653752e2cc23`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
}

impl Models {
    /// The model of a kind.
    #[must_use]
    pub fn of(&self, kind: Kind) -> Option<&str> {
        match kind {
            Kind::Collaborative => self.collaborative.as_deref(),
            Kind::Content => self.content.as_deref(),
        }
    }

    fn check(&self, faults: &mut Faults) {
        for (kind, pointer) in [
            (Kind::Collaborative, "/models/collaborative"),
            (Kind::Content, "/models/content"),
        ] {
            let fits = self.of(kind).is_none_or(|name| Kind::of(name) == Some(kind));
            faults.require(fits, pointer, Code::InvalidValue, || {
                let known = match kind {
                    Kind::Collaborative => "ease, item-knn, rp3-beta, slim or ials",
                    Kind::Content => "content",
                };
                format!("the name of a model's folder: {known}, a hyphen and 16 hexadecimal digits")
            });
        }
    }
}

/// Weights and rules of a placement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Its identifier: the name that requests give.
    pub id: DocumentId,
    /// What it is called among editors.
    pub title: String,
    /// The server's to say: taken, and not looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Standing>,
    /// Weights of the score's features; what is absent keeps its default.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub weights: BTreeMap<String, f64>,
    /// Strength, rules and policy; what is absent keeps its default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diversity: Option<DiversityRequest>,
    /// Whose it is; it then holds for the readers of this territory alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub territory: Option<String>,
    /// Which sources are asked, by name; what is absent is asked, and so are those that no list is made without.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub sources: BTreeMap<String, SourceUse>,
    /// The way outwards.
    #[serde(default, skip_serializing_if = "is_default")]
    pub outward: Outward,
    /// Learnt models; none where absent.
    #[serde(default, skip_serializing_if = "is_default")]
    pub models: Models,
}

impl Body for Scenario {
    const KIND: DocumentKind = DocumentKind::Scenarios;

    fn head(&self) -> Head<'_> {
        Head::new(&self.id, &self.title, self.territory.as_deref())
    }

    fn check(&self, _taxonomy: &Taxonomy, faults: &mut Faults) {
        query::check_weights(faults, &self.weights);
        check_weight_names(&self.weights, faults);
        query::check_diversity(faults, self.diversity.as_ref());
        for (name, usage) in &self.sources {
            let pointer = format!("/sources/{}", crate::json::escape(name));
            let source = SOURCES.iter().find(|source| source.name() == name);
            faults.require(source.is_some(), &pointer, Code::UnknownValue, || {
                let names: Vec<&str> = SOURCES.iter().map(|source| source.name()).collect();
                format!("the sources are {}", names.join(", "))
            });
            let fits = !matches!(usage, SourceUse::Share(share) if !(0.0..=10.0).contains(share));
            faults.require(fits, &pointer, Code::InvalidValue, || "between 0 and 10".into());
            let off = matches!(usage, SourceUse::Asked(false)) || *usage == SourceUse::Share(0.0);
            let required = source.is_some_and(|source| source.is_required());
            faults.require(!(off && required), &pointer, Code::InvalidValue, || {
                format!("no list is made without {name}")
            });
        }
        let pace = self.outward.pace.is_none_or(|pace| (0.0..=2.0).contains(&pace));
        faults.require(pace, "/outward/pace", Code::InvalidValue, || "between 0 and 2".into());
        self.models.check(faults);
    }
}
