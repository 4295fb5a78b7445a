//! Preview: a draft as if it were published, for any reader, place and moment, beside what is live.
//!
//! Behind `POST /v1/editorial/preview`. The draft is put into a generation of its own, which is then asked like any
//! other. Invariant: nothing that is served changes; what a preview shows is what publishing would show.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::document::{DocumentKind, Publication};
use crate::home::{Feed, FeedRequest};
use crate::ids::{DocumentId, UserId};
use crate::invalid::{Code, Faults, Invalid};
use crate::live::Generation;
use crate::pipeline::Recommended;
use crate::pipeline::answer::{Diversity, Placed};
use crate::playlist::{Played, PlaylistRequest};
use crate::query::{self, Context, Include, RecommendationRequest};
use crate::time::Moment;

/// `POST /v1/editorial/preview`: a draft, as a reader would see it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PreviewRequest {
    /// Of which kind the document is.
    pub kind: DocumentKind,
    /// The draft itself; either this or `id`.
    #[serde(default)]
    pub body: Option<Map<String, Value>>,
    /// A document whose newest draft is shown.
    #[serde(default)]
    pub id: Option<DocumentId>,
    /// As this reader.
    #[serde(default)]
    pub user_id: Option<UserId>,
    /// As this persona.
    #[serde(default)]
    pub persona: Option<String>,
    /// Where, when and who.
    #[serde(default)]
    pub context: Context,
    /// When; over the context's, and may be to come.
    #[serde(default)]
    pub now: Option<Moment>,
    /// Makes the answer repeatable; 0 where absent.
    #[serde(default)]
    pub seed: Option<u64>,
    /// How many offers of a list, or of each module.
    #[serde(default)]
    pub limit: Option<usize>,
    /// Whether what is live is shown beside it, with the difference.
    #[serde(default)]
    pub compare: bool,
}

impl PreviewRequest {
    /// Every limit.
    pub fn check(&self) -> Result<(), Invalid> {
        let mut faults = Faults::default();
        let one = self.body.is_some() != self.id.is_some();
        faults.require(one, "/body", Code::InvalidValue, || {
            "give either the body of a draft or the id of a document".into()
        });
        query::check_limit(&mut faults, self.limit);
        self.context.check(&mut faults);
        faults.finish()
    }

    fn context(&self) -> Context {
        let mut context = self.context.clone();
        if let Some(persona) = &self.persona {
            context.persona = BTreeMap::from([(persona.clone(), 1.0)]);
        }
        context.now = self.now.or(context.now);
        context
    }
}

/// What a reader sees.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(untagged)]
pub enum Seen {
    /// A playlist.
    Playlist(Box<Played>),
    /// A page: of a home, and of calendars, closures, labels and personas, which show there.
    Feed(Box<Feed>),
    /// A list: of a scenario.
    List(Box<Recommended>),
}

impl Seen {
    fn offers(&self) -> Vec<&Placed> {
        match self {
            Self::Playlist(played) => played.list.offers.iter().collect(),
            Self::Feed(feed) => feed.modules.iter().flat_map(|module| &module.offers).collect(),
            Self::List(list) => list.offers.iter().collect(),
        }
    }

    fn diversity(&self) -> Vec<&Diversity> {
        match self {
            Self::Playlist(played) => vec![&played.list.diversity],
            Self::Feed(feed) => feed.modules.iter().map(|module| &module.diversity).collect(),
            Self::List(list) => vec![&list.diversity],
        }
    }
}

/// A draft beside what is live.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Preview {
    /// What the draft would show.
    pub draft: Seen,
    /// What is shown now; null where nothing is published under its identifier, or where it was not asked for.
    pub live: Option<Seen>,
    /// What would change; null where there is nothing to compare with.
    pub difference: Option<Difference>,
}

/// What would change.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Difference {
    /// Works that would come.
    pub added: Vec<String>,
    /// Works that would go.
    pub removed: Vec<String>,
    /// How many would stay.
    pub kept: usize,
    /// The draft in figures.
    pub draft: Figures,
    /// What is live in figures.
    pub live: Figures,
}

/// A list or a page in figures.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Figures {
    /// How many offers.
    pub offers: usize,
    /// How many categories.
    pub categories: usize,
    /// How many venues.
    pub venues: usize,
    /// Whether every list is full and keeps its rules.
    pub satisfied: bool,
    /// The discounted relevance, summed over the lists.
    pub value: f64,
    /// The mean price of those with one, in cents.
    pub mean_price_cents: Option<f64>,
    /// How many are free.
    pub free: usize,
    /// The mean distance of those with one, in metres.
    pub mean_distance_m: Option<f64>,
}

/// The preview of a checked request; `body` is its draft, and `now` the clock where the request names no moment.
pub fn preview(
    generation: &Generation,
    request: &PreviewRequest,
    body: &Map<String, Value>,
    now: Moment,
) -> Result<Preview, Invalid> {
    let at = |invalid: Invalid| invalid.under("/body");
    let summary = crate::editorial::check(request.kind, body, generation.catalogue().taxonomy()).map_err(at)?;
    let publication = Publication {
        kind: request.kind,
        id: summary.id.clone(),
        version: 0,
        territory: summary.territory,
        body: Some(body.clone()),
    };
    let draft = generation.with_document(publication);
    let id = &summary.id;
    let seen = see(&draft, request, id, now)?;
    let Some(shown) = seen else {
        return Err(Invalid::one(
            "/kind",
            Code::InvalidValue,
            "documents of this kind show nothing by themselves",
        ));
    };
    let live = if request.compare {
        see(generation, request, id, now)?
    } else {
        None
    };
    let difference = live.as_ref().map(|live| difference(generation, &shown, live));
    Ok(Preview {
        draft: shown,
        live,
        difference,
    })
}

/// What a reader sees of a document in a generation; none where it is not there.
fn see(
    generation: &Generation,
    request: &PreviewRequest,
    id: &DocumentId,
    now: Moment,
) -> Result<Option<Seen>, Invalid> {
    let context = request.context();
    let now = context.now.unwrap_or(now);
    let seed = Some(request.seed.unwrap_or(0));
    let editorial = generation.catalogue().editorial();
    match request.kind {
        DocumentKind::Playlists => {
            let asked = PlaylistRequest {
                user_id: request.user_id.clone(),
                context,
                limit: request.limit,
                seed,
                explain: true,
                include: vec![Include::Offer],
                ..PlaylistRequest::default()
            };
            let played = generation.playlist(id.as_str(), &asked, None, now)?;
            Ok(played.map(|played| Seen::Playlist(Box::new(played))))
        }
        DocumentKind::Scenarios => {
            let named = editorial.scenarios().get(id.as_str()).map(|_| id.to_string());
            let asked = RecommendationRequest {
                user_id: request.user_id.clone(),
                context,
                scenario: named,
                limit: request.limit,
                seed,
                explain: true,
                include: vec![Include::Offer],
                ..RecommendationRequest::default()
            };
            Ok(Some(Seen::List(Box::new(generation.recommend(&asked, None, now)?))))
        }
        DocumentKind::Homes if editorial.homes().get(id.as_str()).is_none() => Ok(None),
        DocumentKind::Homes
        | DocumentKind::Calendars
        | DocumentKind::Closures
        | DocumentKind::Labels
        | DocumentKind::Personas => {
            let asked = FeedRequest {
                user_id: request.user_id.clone(),
                context,
                home: (request.kind == DocumentKind::Homes).then(|| id.clone()),
                modules: Some(crate::editorial::home::MAX_MODULES),
                offers_per_module: request
                    .limit
                    .map(|limit| limit.min(crate::editorial::home::MAX_OFFERS_PER_MODULE)),
                seed,
                explain: true,
                include: vec![Include::Offer],
                ..FeedRequest::default()
            };
            Ok(Some(Seen::Feed(Box::new(generation.feed(&asked, now)?))))
        }
        DocumentKind::Synonyms | DocumentKind::Experiments => Ok(None),
    }
}

fn difference(generation: &Generation, draft: &Seen, live: &Seen) -> Difference {
    let works =
        |seen: &Seen| -> BTreeSet<String> { seen.offers().iter().map(|offer| offer.item_id.to_string()).collect() };
    let (new, old) = (works(draft), works(live));
    Difference {
        added: new.difference(&old).cloned().collect(),
        removed: old.difference(&new).cloned().collect(),
        kept: new.intersection(&old).count(),
        draft: figures(generation, draft),
        live: figures(generation, live),
    }
}

fn figures(generation: &Generation, seen: &Seen) -> Figures {
    let catalogue = generation.catalogue();
    let offers = seen.offers();
    let price = |offer: &&Placed| {
        Some(f64::from(
            catalogue.offer(catalogue.find(offer.id.as_str())?)?.price?.get(),
        ))
    };
    let prices: Vec<f64> = offers.iter().filter_map(price).collect();
    let distances: Vec<f64> = offers.iter().filter_map(|offer| offer.distance_m).collect();
    let mean = |all: &[f64]| (!all.is_empty()).then(|| all.iter().sum::<f64>() / all.len() as f64);
    Figures {
        offers: offers.len(),
        categories: offers
            .iter()
            .map(|offer| &offer.category)
            .collect::<BTreeSet<_>>()
            .len(),
        venues: offers
            .iter()
            .filter_map(|offer| offer.venue_id.as_ref())
            .collect::<BTreeSet<_>>()
            .len(),
        satisfied: seen.diversity().iter().all(|diversity| diversity.satisfied),
        value: seen.diversity().iter().map(|diversity| diversity.value).sum(),
        mean_price_cents: mean(&prices),
        free: prices.iter().filter(|price| **price == 0.0).count(),
        mean_distance_m: mean(&distances),
    }
}
