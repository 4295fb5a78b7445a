//! Playlists: a chosen list, a rule that makes one, or both.
//!
//! Published ones are resolved for a context by the playlist calls and by the modules of a home. Invariant: a
//! playlist that passed its check has something to show by picks or by rule, and asks for no more than it may hold.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::audience::{Audience, Schedule};
use super::{Body, Head, Standing, check_weight_names};
use crate::document::DocumentKind;
use crate::ids::{DocumentId, ItemId, OfferId};
use crate::invalid::{Code, Faults};
use crate::json::is_default;
use crate::query::{self, DiversityRequest, Filters, MAX_LIMIT, MAX_QUERY};
use crate::taxonomy::Taxonomy;

/// The most offers or works picked by hand.
pub const MAX_PICKS: usize = 1_000;
/// The fewest offers where nothing is said.
pub const MIN_OFFERS: usize = 3;
/// The most offers where nothing is said.
pub const MAX_OFFERS: usize = 30;

/// Words and filters that make a list.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Rule {
    /// Words, as in a search.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub q: String,
    /// Filters, as in a search.
    #[serde(skip_serializing_if = "is_default")]
    pub filters: Filters,
}

impl Rule {
    /// Bounds, and keys that the taxonomy must hold; pointers start at the rule.
    pub(super) fn check(&self, taxonomy: &Taxonomy, faults: &mut Faults) {
        faults.limit_text(&self.q, MAX_QUERY, "/q");
        self.filters.check(faults);
        let known = |list: &[String], pointer: &str, holds: &dyn Fn(&str) -> bool, faults: &mut Faults| {
            for (place, key) in list.iter().enumerate() {
                faults.require(holds(key), &format!("{pointer}/{place}"), Code::UnknownValue, || {
                    format!("the taxonomy does not hold {key:?}")
                });
            }
        };
        let Filters {
            categories,
            subcategories,
            search_groups,
            labels,
            ..
        } = &self.filters;
        known(
            categories,
            "/filters/categories",
            &|key| taxonomy.find_category(key).is_some(),
            faults,
        );
        known(
            subcategories,
            "/filters/subcategories",
            &|key| taxonomy.find(key).is_some(),
            faults,
        );
        known(
            search_groups,
            "/filters/search_groups",
            &|key| taxonomy.find_search_group(key).is_some(),
            faults,
        );
        known(
            labels,
            "/filters/labels",
            &|key| taxonomy.labels().iter().any(|label| label == key),
            faults,
        );
    }
}

/// One offer, or a work shown as its best offer for the reader, chosen by hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Pick {
    /// The offer; either this or a work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offer_id: Option<OfferId>,
    /// The work; either this or an offer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item_id: Option<ItemId>,
    /// Its fixed place, from 0; absent means wherever the order puts it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rank: Option<usize>,
}

impl Pick {
    /// The identifier of the offer or of the work.
    #[must_use]
    pub fn id(&self) -> &str {
        let offer = self.offer_id.as_ref().map(OfferId::as_str);
        offer
            .or_else(|| self.item_id.as_ref().map(ItemId::as_str))
            .unwrap_or("")
    }
}

/// Bounds and contradictions of picks; pointers start at the list.
pub(super) fn check_picks(picks: &[Pick], faults: &mut Faults) {
    faults.require(picks.len() <= MAX_PICKS, "", Code::TooLarge, || {
        format!("at most {MAX_PICKS} picks")
    });
    let (mut seen, mut ranks) = (BTreeMap::new(), BTreeMap::new());
    for (place, pick) in picks.iter().enumerate().take(MAX_PICKS) {
        let one = pick.offer_id.is_some() != pick.item_id.is_some();
        faults.require(one, &format!("/{place}"), Code::InvalidValue, || {
            "a pick names either offer_id or item_id".into()
        });
        let first = seen.insert((pick.offer_id.is_some(), pick.id()), place).is_none();
        faults.require(first || !one, &format!("/{place}"), Code::InvalidValue, || {
            format!("{} is picked twice", pick.id())
        });
        let Some(rank) = pick.rank else { continue };
        let pointer = format!("/{place}/rank");
        faults.require(rank < MAX_LIMIT, &pointer, Code::InvalidValue, || {
            format!("between 0 and {}", MAX_LIMIT - 1)
        });
        let free = ranks.insert(rank, place).is_none();
        faults.require(free, &pointer, Code::InvalidValue, || {
            format!("two picks want rank {rank}")
        });
    }
}

/// What follows the picks and the rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Tail {
    /// The reader's own list, without repeats.
    Personal,
}

/// How a playlist is ordered; picks with a rank keep it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum PlaylistOrder {
    /// As picked, then what the rule adds by relevance.
    Manual,
    /// Best for the reader first.
    Relevance,
    /// Nearest first.
    Distance,
    /// Next date first.
    Date,
    /// Most booked in 28 days first.
    Popularity,
    /// Another order every day, by the clock where the reader is; the same for a reader all day.
    DailyShuffle,
}

/// A playlist; see the contract for each field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Playlist {
    /// Its identifier.
    pub id: DocumentId,
    /// What it is called.
    pub title: String,
    /// What stands under the title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subtitle: Option<String>,
    /// The server's to say: taken, and not looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Standing>,
    /// Whom it is for.
    #[serde(default, skip_serializing_if = "is_default")]
    pub audience: Audience,
    /// When it is shown.
    #[serde(default, skip_serializing_if = "is_default")]
    pub schedule: Schedule,
    /// What fills it, beside the picks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<Rule>,
    /// What stands in it by hand.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub picks: Vec<Pick>,
    /// Offers or works that must not stand in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exclude: Vec<String>,
    /// Whether what the rule finds is kept as it was at publication; else the list follows the catalogue.
    #[serde(default, skip_serializing_if = "is_default")]
    pub frozen: bool,
    /// What the rule found at publication: the server's to write, and only read where `frozen`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub frozen_picks: Vec<Pick>,
    /// What follows: `personal` puts the reader's own list behind the picks and the rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tail: Option<Tail>,
    /// Its order; absent means `manual` without a rule, else `relevance`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<PlaylistOrder>,
    /// Weights of the score's features, over the scenario's.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub weights: BTreeMap<String, f64>,
    /// Diversity, over the scenario's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diversity: Option<DiversityRequest>,
    /// With fewer fit offers it is not shown.
    #[serde(default = "min_offers")]
    pub min_offers: usize,
    /// It shows no more.
    #[serde(default = "max_offers")]
    pub max_offers: usize,
    /// How it looks; free text for the app.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layout: Option<String>,
    /// Whose it is, and where it holds; absent means everywhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub territory: Option<String>,
}

const fn min_offers() -> usize {
    MIN_OFFERS
}

const fn max_offers() -> usize {
    MAX_OFFERS
}

impl Playlist {
    /// The order, said or not.
    #[must_use]
    pub fn order(&self) -> PlaylistOrder {
        let unsaid = if self.rule.is_some() {
            PlaylistOrder::Relevance
        } else {
            PlaylistOrder::Manual
        };
        self.order.unwrap_or(unsaid)
    }

    fn check_size(&self, faults: &mut Faults) {
        let max = (1..=MAX_LIMIT).contains(&self.max_offers);
        faults.require(max, "/max_offers", Code::InvalidValue, || {
            format!("between 1 and {MAX_LIMIT}")
        });
        faults.require(
            self.min_offers <= self.max_offers,
            "/min_offers",
            Code::InvalidValue,
            || "min_offers must not be above max_offers".into(),
        );
        for (place, pick) in self.picks.iter().enumerate() {
            let fits = pick.rank.is_none_or(|rank| rank < self.max_offers);
            faults.require(fits, &format!("/picks/{place}/rank"), Code::InvalidValue, || {
                format!("the list ends at rank {}", self.max_offers.saturating_sub(1))
            });
        }
    }

    fn check_exclude(&self, faults: &mut Faults) {
        faults.limit_words(&self.exclude, query::MAX_EXCLUDE, "/exclude");
        for (place, pick) in self.picks.iter().enumerate() {
            let stays = !self.exclude.iter().any(|id| id == pick.id());
            faults.require(stays, &format!("/picks/{place}"), Code::InvalidValue, || {
                format!("{} is picked and excluded", pick.id())
            });
        }
    }
}

impl Body for Playlist {
    const KIND: DocumentKind = DocumentKind::Playlists;

    fn head(&self) -> Head<'_> {
        Head::new(&self.id, &self.title, self.territory.as_deref())
    }

    fn check(&self, taxonomy: &Taxonomy, faults: &mut Faults) {
        faults.limit_text(self.subtitle.as_deref().unwrap_or(""), super::MAX_TEXT, "/subtitle");
        faults.limit_text(self.layout.as_deref().unwrap_or(""), 256, "/layout");
        faults.within("/audience", |faults| self.audience.check(faults));
        self.schedule.check(faults);
        if let Some(rule) = &self.rule {
            faults.within("/rule", |faults| rule.check(taxonomy, faults));
        }
        faults.within("/picks", |faults| check_picks(&self.picks, faults));
        faults.within("/frozen_picks", |faults| check_picks(&self.frozen_picks, faults));
        let frozen = !self.frozen || self.rule.is_some();
        faults.require(frozen, "/frozen", Code::InvalidValue, || {
            "there is no rule to freeze: picks stay as they are".into()
        });
        self.check_size(faults);
        self.check_exclude(faults);
        query::check_weights(faults, &self.weights);
        check_weight_names(&self.weights, faults);
        query::check_diversity(faults, self.diversity.as_ref());
    }
}
