//! Placement: the weights and rules of a list, from the request, its scenario, and what is built in.
//!
//! Part of the first stage of the main path. Invariants: field by field the request wins over the scenario, the
//! scenario over what is built in; a scenario that is not there, or is another territory's, makes no list fail; the
//! rules of a list that was begun stay.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Serialize;

use super::asking::Asking;
use super::page::PageState;
use crate::catalogue::Catalogue;
use crate::editorial::scenario::{DEFAULT_SCENARIO, SourceUse};
use crate::editorial::{Published, Scenario};
use crate::ids::DocumentId;
use crate::invalid::Invalid;
use crate::query::{DiversityRequest, PolicyRequest, RecommendationRequest, RuleBy, RuleRequest};
use crate::questionnaire::Outwards;
use crate::reader::member::Member;
use crate::score::{FEATURES, Weights};
use crate::user::User;

/// A published document that an answer was made with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Applied {
    /// Which.
    pub id: DocumentId,
    /// Which version of it.
    pub version: u64,
}

/// Weights and rules of one list.
#[derive(Debug, Clone)]
pub struct Placement<'a> {
    /// The scenario that applies, if one does.
    pub scenario: Option<&'a Published<Scenario>>,
    /// Whether the request names a scenario that does not apply.
    pub missing: bool,
    /// The score's weights.
    pub weights: Weights,
    /// The diversity rules.
    pub rules: Vec<RuleRequest>,
    /// How much relevance gives way to variety and to the reader's calibration, where somebody says.
    pub strength: Option<f64>,
    /// What happens when the strict rules leave too few.
    pub policy: PolicyRequest,
}

impl<'a> Placement<'a> {
    /// What a checked request asks for, over what its scenario says.
    pub fn resolve(
        catalogue: &'a Catalogue,
        request: &RecommendationRequest,
        page: Option<&PageState>,
        profile: Option<&User>,
        (company, asking): (&[Member<'_>], &Asking),
    ) -> Result<Self, Invalid> {
        let scenario = scenario(catalogue, request, profile);
        let asked = request.diversity.as_ref();
        let said = scenario.and_then(|scenario| scenario.body.diversity.as_ref());
        let begun = page.and_then(|page| page.rules.as_ref());
        let rules = asked.and_then(|d| d.rules.as_ref()).or(begun);
        Ok(Self {
            scenario,
            missing: scenario.is_none() && named(request) != DEFAULT_SCENARIO,
            weights: Weights::resolve(&weights(request, scenario), company, !asking.similar_to.is_empty())?,
            rules: rules
                .or(said.and_then(|d| d.rules.as_ref()))
                .cloned()
                .unwrap_or_else(built_in),
            strength: first(asked, said, |d| d.strength),
            policy: first(asked, said, |d| d.policy).unwrap_or_default(),
        })
    }

    /// How much of its default a source is asked for; 0 is not at all.
    pub fn share(&self, source: &str) -> f64 {
        match self.scenario.and_then(|scenario| scenario.body.sources.get(source)) {
            None | Some(SourceUse::Asked(true)) => 1.0,
            Some(SourceUse::Asked(false)) => 0.0,
            Some(SourceUse::Share(share)) => *share,
        }
    }

    /// The scenario as an answer names it.
    pub fn applied(&self) -> Option<Applied> {
        self.scenario.map(|scenario| Applied {
            id: scenario.id.clone(),
            version: scenario.version,
        })
    }
}

/// What the reader's own pace outwards is multiplied by: the request's word, the scenario's, 1.
pub fn pace(catalogue: &Catalogue, request: &RecommendationRequest, profile: Option<&User>) -> f64 {
    let scenario = scenario(catalogue, request, profile);
    let said = scenario.and_then(|scenario| scenario.body.diversity.as_ref());
    let word = first(request.diversity.as_ref(), said, |diversity| diversity.outwards);
    let number = || scenario.and_then(|scenario| scenario.body.outward.pace);
    word.map(Outwards::factor).or_else(number).unwrap_or(1.0)
}

/// The rule where none is asked: no two offers of a category in a row.
fn built_in() -> Vec<RuleRequest> {
    vec![RuleRequest {
        by: RuleBy::Category,
        window: 2,
        max: 1,
        strict: true,
    }]
}

fn first<T>(
    asked: Option<&DiversityRequest>,
    said: Option<&DiversityRequest>,
    field: impl Fn(&DiversityRequest) -> Option<T>,
) -> Option<T> {
    asked.and_then(&field).or_else(|| said.and_then(&field))
}

fn named(request: &RecommendationRequest) -> &str {
    request.scenario.as_deref().unwrap_or(DEFAULT_SCENARIO)
}

fn scenario<'a>(
    catalogue: &'a Catalogue,
    request: &RecommendationRequest,
    profile: Option<&User>,
) -> Option<&'a Published<Scenario>> {
    let found = catalogue.editorial().scenarios().get(named(request))?;
    let holds = found
        .territory
        .as_deref()
        .is_none_or(|territory| is_of(request, profile, territory));
    holds.then_some(&**found)
}

/// Whether a list is made for a territory: the reader's, or the one that is filtered by.
fn is_of(request: &RecommendationRequest, profile: Option<&User>, territory: &str) -> bool {
    let stored = profile.is_some_and(|user| {
        user.department.as_deref() == Some(territory) || user.territories.iter().any(|of| of == territory)
    });
    stored || request.filters.territories.iter().any(|of| of == territory)
}

/// The request's weights over the scenario's; a weight of a scenario that names no feature of today is passed over.
fn weights<'r>(
    request: &'r RecommendationRequest,
    scenario: Option<&Published<Scenario>>,
) -> Cow<'r, BTreeMap<String, f64>> {
    let Some(scenario) = scenario.filter(|scenario| !scenario.body.weights.is_empty()) else {
        return Cow::Borrowed(&request.weights);
    };
    let known = |name: &str| FEATURES.iter().any(|(feature, _)| *feature == name);
    let mut weights = scenario.body.weights.clone();
    weights.retain(|name, _| known(name));
    weights.extend(request.weights.iter().map(|(name, weight)| (name.clone(), *weight)));
    Cow::Owned(weights)
}
