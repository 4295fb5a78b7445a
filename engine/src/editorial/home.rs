//! Homes: the modules of a page, from top to bottom, and for whom each stands.
//!
//! The feed takes the home of highest priority whose audience, schedule and territory fit the reader; with none, a
//! built-in one. Invariant: the modules of a home have identifiers of their own, and each has what its kind needs.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::audience::{Ages, Audience, MAX_AUDIENCE, Schedule};
use super::playlist::Rule;
use super::{Body, Head, MAX_TEXT, Standing, check_weight_names};
use crate::document::DocumentKind;
use crate::ids::DocumentId;
use crate::invalid::{Code, Faults};
use crate::json::is_default;
use crate::money::Cents;
use crate::offer::MAX_ATTRIBUTES_BYTES;
use crate::query::{self, DiversityRequest};
use crate::taxonomy::Taxonomy;

/// The most modules of a page.
pub const MAX_MODULES: usize = 30;
/// The most offers of a module.
pub const MAX_OFFERS_PER_MODULE: usize = 50;

/// What a module shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ModuleKind {
    /// A published playlist.
    Playlist,
    /// The reader's own list.
    Recommendations,
    /// What is near.
    Nearby,
    /// What is rising.
    Trending,
    /// What has just come.
    New,
    /// Because of something that the reader took.
    Because,
    /// What friends like.
    Friends,
    /// What readers wrote about.
    Reviews,
    /// The next steps outwards.
    Journey,
    /// Venues and what they offer.
    Venues,
    /// Texts, pictures, videos.
    Content,
    /// One picture with a link.
    Banner,
}

impl ModuleKind {
    /// Whether it shows what an editor wrote, and no offers.
    #[must_use]
    pub const fn is_content(self) -> bool {
        matches!(self, Self::Content | Self::Banner)
    }
}

/// A range of money spent, both ends included.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Spent {
    /// At least this share of the credit, 0 to 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_percent: Option<u8>,
    /// At most this share of the credit, 0 to 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_percent: Option<u8>,
    /// No more than this is left, in cents.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left_at_most_cents: Option<Cents>,
}

/// When a module stands; all that is said must hold.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Conditions {
    /// Readers in whose mixture one of these personas leads.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub personas: Vec<DocumentId>,
    /// Readers of these ages.
    #[serde(skip_serializing_if = "is_default")]
    pub ages: Ages,
    /// Readers of any of these territories.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub territories: Vec<String>,
    /// Readers in any of these segments.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub segments: Vec<String>,
    /// Known readers alone, or unknown ones alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logged_in: Option<bool>,
    /// Readers who have booked, or those who never did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub has_booked: Option<bool>,
    /// Readers who have spent so much.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credit_spent: Option<Spent>,
    /// Within this time.
    #[serde(skip_serializing_if = "is_default")]
    pub schedule: Schedule,
    /// While any of these closures holds where the reader is.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub closures: Vec<DocumentId>,
}

impl Conditions {
    /// The part that an audience can say.
    #[must_use]
    pub fn audience(&self) -> Audience {
        Audience {
            personas: self.personas.clone(),
            ages: self.ages,
            territories: self.territories.clone(),
            segments: self.segments.clone(),
            logged_in: self.logged_in,
        }
    }

    fn check(&self, faults: &mut Faults) {
        self.audience().check(faults);
        self.schedule.check(faults);
        faults.require(self.closures.len() <= MAX_AUDIENCE, "/closures", Code::TooLarge, || {
            format!("at most {MAX_AUDIENCE} entries")
        });
        let known = self.logged_in != Some(false) || self.has_booked != Some(true);
        faults.require(known, "/has_booked", Code::InvalidValue, || {
            "of a reader who is not logged in no booking is known".into()
        });
        let Some(spent) = self.credit_spent else { return };
        let percent = |share: Option<u8>| share.is_none_or(|share| share <= 100);
        let fits = percent(spent.min_percent) && percent(spent.max_percent);
        let ordered = !matches!((spent.min_percent, spent.max_percent), (Some(min), Some(max)) if min > max);
        faults.require(fits && ordered, "/credit_spent", Code::InvalidValue, || {
            "shares are 0 to 100, min_percent not above max_percent".into()
        });
    }
}

/// One module of a page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Module {
    /// Its identifier, its own on the page.
    pub id: DocumentId,
    /// What it shows.
    pub kind: ModuleKind,
    /// What stands over it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What stands under the title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subtitle: Option<String>,
    /// How it looks; free text for the app.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layout: Option<String>,
    /// Which playlist, for `playlist`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub playlist: Option<DocumentId>,
    /// What an editor wrote, for `content` and `banner`; it passes through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<Map<String, Value>>,
    /// When it stands.
    #[serde(default, skip_serializing_if = "is_default")]
    pub conditions: Conditions,
    /// Whether its place may be changed for the reader.
    #[serde(default, skip_serializing_if = "is_default")]
    pub floating: bool,
    /// With fewer fit offers it is left out; 3 where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_offers: Option<usize>,
    /// It shows no more; what the request asks for where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_offers: Option<usize>,
    /// What its offers are chosen from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<Rule>,
    /// Weights of the score's features.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub weights: BTreeMap<String, f64>,
    /// Diversity of its list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diversity: Option<DiversityRequest>,
}

impl Module {
    fn check(&self, taxonomy: &Taxonomy, faults: &mut Faults) {
        for (text, pointer) in [
            (&self.title, "/title"),
            (&self.subtitle, "/subtitle"),
            (&self.layout, "/layout"),
        ] {
            faults.limit_text(text.as_deref().unwrap_or(""), MAX_TEXT, pointer);
        }
        self.check_kind(faults);
        self.check_size(faults);
        faults.within("/conditions", |faults| self.conditions.check(faults));
        if let Some(rule) = &self.rule {
            faults.within("/rule", |faults| rule.check(taxonomy, faults));
        }
        query::check_weights(faults, &self.weights);
        check_weight_names(&self.weights, faults);
        query::check_diversity(faults, self.diversity.as_ref());
    }

    fn check_kind(&self, faults: &mut Faults) {
        let playlist = self.kind == ModuleKind::Playlist;
        faults.require(
            self.playlist.is_some() || !playlist,
            "/playlist",
            Code::MissingField,
            || "a playlist module names its playlist".into(),
        );
        faults.require(
            self.playlist.is_none() || playlist,
            "/playlist",
            Code::InvalidValue,
            || "only a playlist module names a playlist".into(),
        );
        let content = self.kind.is_content();
        faults.require(
            self.content.is_some() || !content,
            "/content",
            Code::MissingField,
            || "content and banner modules carry their content".into(),
        );
        faults.require(
            self.rule.is_none() || !(content || playlist),
            "/rule",
            Code::InvalidValue,
            || "a playlist has its own rule, and content has no offers".into(),
        );
        let bytes = serde_json::to_string(&self.content).map_or(usize::MAX, |text| text.len());
        faults.require(bytes <= MAX_ATTRIBUTES_BYTES, "/content", Code::TooLarge, || {
            format!("at most {MAX_ATTRIBUTES_BYTES} bytes")
        });
    }

    fn check_size(&self, faults: &mut Faults) {
        let most = self.max_offers.unwrap_or(MAX_OFFERS_PER_MODULE);
        let max = (1..=MAX_OFFERS_PER_MODULE).contains(&most);
        faults.require(max, "/max_offers", Code::InvalidValue, || {
            format!("between 1 and {MAX_OFFERS_PER_MODULE}")
        });
        let min = self.min_offers.is_none_or(|min| min <= most);
        faults.require(min, "/min_offers", Code::InvalidValue, || {
            format!("must not be above {most}, the most that it shows")
        });
    }
}

/// A home page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Home {
    /// Its identifier.
    pub id: DocumentId,
    /// What it is called among editors.
    pub title: String,
    /// The server's to say: taken, and not looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Standing>,
    /// Whom it is for.
    #[serde(default, skip_serializing_if = "is_default")]
    pub audience: Audience,
    /// When it is shown.
    #[serde(default, skip_serializing_if = "is_default")]
    pub schedule: Schedule,
    /// Of several homes that fit, the highest wins; then by identifier.
    #[serde(default, skip_serializing_if = "is_default")]
    pub priority: i32,
    /// Whose it is, and where it holds; absent means everywhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub territory: Option<String>,
    /// From top to bottom.
    pub modules: Vec<Module>,
}

impl Body for Home {
    const KIND: DocumentKind = DocumentKind::Homes;

    fn head(&self) -> Head<'_> {
        Head::new(&self.id, &self.title, self.territory.as_deref())
    }

    fn check(&self, taxonomy: &Taxonomy, faults: &mut Faults) {
        faults.within("/audience", |faults| self.audience.check(faults));
        self.schedule.check(faults);
        let count = (1..=MAX_MODULES).contains(&self.modules.len());
        faults.require(count, "/modules", Code::InvalidValue, || {
            format!("1 to {MAX_MODULES} modules")
        });
        let mut seen = BTreeSet::new();
        for (place, module) in self.modules.iter().enumerate().take(MAX_MODULES) {
            let pointer = format!("/modules/{place}");
            let first = seen.insert(module.id.as_str());
            faults.require(first, &format!("{pointer}/id"), Code::InvalidValue, || {
                format!("two modules are called {}", module.id)
            });
            faults.within(&pointer, |faults| module.check(taxonomy, faults));
        }
    }
}
