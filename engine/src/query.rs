//! What callers ask for: the request types of the contract, checked.
//!
//! The API parses a body into one of these and hands it to the [`crate::pipeline`] or to [`crate::search`]. Invariant:
//! `check` has passed before a request is executed, so every limit of the contract holds further in.

pub mod context;
pub mod filters;
mod similar;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use context::Context;
pub use filters::Filters;
pub use similar::SimilarRequest;

use crate::ids::UserId;
use crate::invalid::{Code, Faults, Invalid};
use crate::offer::MAX_WORDS;
use crate::questionnaire::Outwards;

/// The most offers of one answer.
pub const MAX_LIMIT: usize = 200;
/// The longest search text, in characters.
pub const MAX_QUERY: usize = 512;
/// The most offers or items that a request may exclude.
pub const MAX_EXCLUDE: usize = 10_000;
/// The most pins of one list.
pub const MAX_PINS: usize = MAX_LIMIT;
/// The most diversity rules of one list.
pub const MAX_RULES: usize = 16;

/// What stands beside each offer in an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Include {
    /// The offer as it was written.
    Offer,
    /// Its venue as it was written.
    Venue,
}

/// What the diversity rules look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RuleBy {
    /// One of the taxonomy's categories.
    Category,
    /// One of its subcategories.
    Subcategory,
    /// One of its search groups.
    SearchGroup,
    /// Digital, event or physical.
    Kind,
    /// The venue.
    Venue,
    /// Each creator.
    Creator,
    /// Each genre.
    Genre,
    /// The work.
    Item,
}

/// At most `max` offers of one value of `by` in any `window` consecutive places.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RuleRequest {
    /// What is counted.
    pub by: RuleBy,
    /// Over how many consecutive places.
    #[serde(default = "two")]
    pub window: usize,
    /// How many may stand there.
    #[serde(default = "one")]
    pub max: usize,
    /// Whether it is never broken.
    #[serde(default = "yes")]
    pub strict: bool,
}

/// What to do when the strict rules leave too few.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum PolicyRequest {
    /// The longest legal list, and the best of those.
    #[default]
    Cut,
    /// The full length with the fewest breaks, then the best.
    Relax,
    /// More candidates first, then as `cut`.
    Widen,
}

/// Diversity of one list.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct DiversityRequest {
    /// The soft part: 0 is pure relevance, 1 pure variety.
    #[serde(default)]
    pub strength: Option<f64>,
    /// The rules; absent means the scenario's, else the default one.
    #[serde(default)]
    pub rules: Option<Vec<RuleRequest>>,
    /// When they cannot be met; `cut` where nobody says.
    #[serde(default)]
    pub policy: Option<PolicyRequest>,
    /// How fast the list leads out of the reader's habits, where the reader has not set it; the scenario's where absent.
    #[serde(default)]
    pub outwards: Option<Outwards>,
}

/// An offer that must stand at a rank, counted from 0.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PinRequest {
    /// Which.
    pub offer_id: crate::ids::OfferId,
    /// Where.
    pub rank: usize,
}

/// `POST /v1/recommendations`: one ranked list.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct RecommendationRequest {
    /// The reader; an unknown one gets the non-personal list.
    pub user_id: Option<UserId>,
    /// Where, when and who.
    pub context: Context,
    /// The placement whose weights and rules apply.
    pub scenario: Option<String>,
    /// What to choose from.
    pub filters: Filters,
    /// How many, 1 to 200; 20 where absent.
    pub limit: Option<usize>,
    /// Continues an earlier answer.
    pub cursor: Option<String>,
    /// Makes the answer repeatable; drawn where absent.
    pub seed: Option<u64>,
    /// Whether each offer carries its explanation.
    pub explain: bool,
    /// What stands beside each offer.
    pub include: Vec<Include>,
    /// Weights of the score's features, over those of the scenario.
    pub weights: BTreeMap<String, f64>,
    /// Rules, over those of the scenario.
    pub diversity: Option<DiversityRequest>,
    /// Fixed places.
    pub pins: Vec<PinRequest>,
    /// Offers or items that must not stand.
    pub exclude: Vec<String>,
}

/// The order of a search.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// Best match first.
    #[default]
    Relevance,
    /// Nearest first.
    Distance,
    /// Next date first.
    Date,
    /// Cheapest first.
    Price,
    /// Most booked in 28 days first.
    Popularity,
    /// Last published first.
    Newest,
}

/// What can be counted beside the hits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum FacetBy {
    /// Hits of each category.
    Category,
    /// Hits of each subcategory.
    Subcategory,
    /// Hits of each search group.
    SearchGroup,
    /// Hits of each kind.
    Kind,
    /// Hits of each genre.
    Genre,
    /// Hits of each tag.
    Tag,
    /// Hits of each label.
    Label,
    /// Hits of each venue.
    Venue,
    /// Hits of each language.
    Language,
    /// Hits of each category and of each subcategory under it: `LIVRE`, `LIVRE > LIVRE_PAPIER`.
    CategoryTree,
    /// Hits of each day to come, on the venue's clock, the first hundred.
    Date,
    /// Hits of each band of prices: free, unknown, and up to 5, 10, 20, 50, 100 euros and more.
    Price,
}

/// `POST /v1/search`: what matches words, place and moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct SearchRequest {
    /// The words; empty matches everything.
    pub q: String,
    /// What to search in.
    pub filters: Filters,
    /// Where, when and who.
    pub context: Context,
    /// The reader, for the personal touch.
    pub user_id: Option<UserId>,
    /// The order.
    pub sort: Sort,
    /// How many hits, 1 to 200; 20 where absent.
    pub limit: Option<usize>,
    /// Continues an earlier answer.
    pub cursor: Option<String>,
    /// What to count.
    pub facets: Vec<FacetBy>,
    /// Whether words such as "gratuit" become filters.
    pub understand: bool,
    /// Makes the answer repeatable.
    pub seed: Option<u64>,
    /// Whether each hit says why it stands there.
    pub explain: bool,
    /// What stands beside each hit.
    pub include: Vec<Include>,
    /// Diversifies the hits where given.
    pub diversity: Option<DiversityRequest>,
}

impl Default for SearchRequest {
    fn default() -> Self {
        Self {
            q: String::new(),
            filters: Filters::default(),
            context: Context::default(),
            user_id: None,
            sort: Sort::default(),
            limit: None,
            cursor: None,
            facets: Vec::new(),
            understand: true,
            seed: None,
            explain: false,
            include: Vec::new(),
            diversity: None,
        }
    }
}

const fn one() -> usize {
    1
}

const fn two() -> usize {
    2
}

const fn yes() -> bool {
    true
}

impl RecommendationRequest {
    /// How many offers are asked for.
    pub fn limit(&self) -> usize {
        self.limit.unwrap_or(20)
    }

    /// Every limit of the contract.
    pub fn check(&self) -> Result<(), Invalid> {
        let mut faults = Faults::default();
        check_limit(&mut faults, self.limit);
        self.context.check(&mut faults);
        self.filters.check(&mut faults);
        faults.limit_text(self.scenario.as_deref().unwrap_or(""), 256, "/scenario");
        check_diversity(&mut faults, self.diversity.as_ref());
        faults.require(self.pins.len() <= MAX_PINS, "/pins", Code::TooLarge, || {
            format!("at most {MAX_PINS} pins")
        });
        for (place, pin) in self.pins.iter().enumerate() {
            let fits = pin.rank < MAX_LIMIT;
            faults.require(fits, &format!("/pins/{place}/rank"), Code::InvalidValue, || {
                "between 0 and 199".into()
            });
        }
        faults.limit_words(&self.exclude, MAX_EXCLUDE, "/exclude");
        check_weights(&mut faults, &self.weights);
        faults.finish()
    }
}

impl SearchRequest {
    /// How many hits are asked for.
    pub fn limit(&self) -> usize {
        self.limit.unwrap_or(20)
    }

    /// Every limit of the contract.
    pub fn check(&self) -> Result<(), Invalid> {
        let mut faults = Faults::default();
        check_limit(&mut faults, self.limit);
        faults.limit_text(&self.q, MAX_QUERY, "/q");
        self.context.check(&mut faults);
        self.filters.check(&mut faults);
        check_diversity(&mut faults, self.diversity.as_ref());
        faults.require(self.facets.len() <= 20, "/facets", Code::TooLarge, || {
            "at most 20 facets".into()
        });
        let placed = self.filters.position.or(self.context.position).is_some();
        faults.require(
            self.sort != Sort::Distance || placed,
            "/sort",
            Code::InvalidValue,
            || "sorting by distance needs filters.position or context.position".into(),
        );
        faults.finish()
    }
}

/// A limit is 1 to [`MAX_LIMIT`].
pub(crate) fn check_limit(faults: &mut Faults, limit: Option<usize>) {
    let fits = limit.is_none_or(|limit| (1..=MAX_LIMIT).contains(&limit));
    faults.require(fits, "/limit", Code::InvalidValue, || {
        format!("between 1 and {MAX_LIMIT}")
    });
}

/// Weights are bounded, of a request and of a document alike.
pub(crate) fn check_weights(faults: &mut Faults, weights: &BTreeMap<String, f64>) {
    faults.require(weights.len() <= MAX_WORDS, "/weights", Code::TooLarge, || {
        format!("at most {MAX_WORDS} weights")
    });
    for (name, weight) in weights {
        let fits = (0.0..=1_000.0).contains(weight);
        faults.require(
            fits,
            &format!("/weights/{}", crate::json::escape(name)),
            Code::InvalidValue,
            || "between 0 and 1000".into(),
        );
    }
}

/// Diversity is bounded, of a request and of a document alike.
pub(crate) fn check_diversity(faults: &mut Faults, diversity: Option<&DiversityRequest>) {
    let Some(diversity) = diversity else { return };
    let soft = diversity.strength.is_none_or(|s| (0.0..=1.0).contains(&s));
    faults.require(soft, "/diversity/strength", Code::InvalidValue, || {
        "between 0 and 1".into()
    });
    let rules = diversity.rules.as_deref().unwrap_or(&[]);
    faults.require(rules.len() <= MAX_RULES, "/diversity/rules", Code::TooLarge, || {
        format!("at most {MAX_RULES} rules")
    });
    for (place, rule) in rules.iter().enumerate() {
        let window = (1..=MAX_LIMIT).contains(&rule.window);
        faults.require(
            window,
            &format!("/diversity/rules/{place}/window"),
            Code::InvalidValue,
            || format!("between 1 and {MAX_LIMIT}"),
        );
        faults.require(
            rule.max <= MAX_LIMIT,
            &format!("/diversity/rules/{place}/max"),
            Code::InvalidValue,
            || format!("at most {MAX_LIMIT}"),
        );
    }
}
