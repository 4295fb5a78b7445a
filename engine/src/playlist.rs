//! A playlist resolved for a reader: its picks, what its rule finds, and who may see it now.
//!
//! `open? → hydrate → picks → rule → one offer a work → order → arrange → explain`, over the stages of the main path.
//! Invariants: fitness always holds, a pick that cannot be booked gives its place up; a playlist of a territory shows
//! what stands there and nothing else; pages never repeat a work, and rules hold across the cut.

mod arranged;
pub mod freeze;
mod gathered;
mod order;
mod picks;
mod rule;
#[cfg(test)]
pub(crate) mod tests;
mod walk;

use serde::{Deserialize, Serialize};

use crate::editorial::playlist::PlaylistOrder;
use crate::editorial::visitor::{Closed, Visitor};
use crate::editorial::{Playlist, Published, calendar};
use crate::ids::{DocumentId, UserId};
use crate::invalid::{Faults, Invalid};
use crate::live::Generation;
use crate::pipeline::placement::Applied;
use crate::pipeline::{Asking, PageState, Query, Recommended};
use crate::query::{self, Context, DiversityRequest, Filters, Include, RecommendationRequest, RuleBy, RuleRequest};
use crate::score::FEATURES;
use crate::time::Moment;
pub(crate) use arranged::{Bounds, List, Pins, arrange, in_relevance, nothing, problem, soften};
pub(crate) use gathered::{by_rule, gather};
pub use picks::UnmetPick;
pub(crate) use rule::Compiled;

/// `POST /v1/playlists/{id}/offers`: a playlist for a context.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct PlaylistRequest {
    /// The playlist; the path says it.
    pub id: Option<DocumentId>,
    /// The reader; an unknown one gets the non-personal list.
    pub user_id: Option<UserId>,
    /// Where, when and who.
    pub context: Context,
    /// How many, 1 to 200; 20 where absent.
    pub limit: Option<usize>,
    /// Continues an earlier answer.
    pub cursor: Option<String>,
    /// Makes the answer repeatable; drawn where absent.
    pub seed: Option<u64>,
    /// Whether each offer carries its explanation, and the answer the picks that could not stand.
    pub explain: bool,
    /// What stands beside each offer.
    pub include: Vec<Include>,
    /// Rules, over those of the playlist.
    pub diversity: Option<DiversityRequest>,
    /// Offers or items that must not stand.
    pub exclude: Vec<String>,
}

impl PlaylistRequest {
    /// Every limit of the contract.
    pub fn check(&self) -> Result<(), Invalid> {
        let mut faults = Faults::default();
        query::check_limit(&mut faults, self.limit);
        self.context.check(&mut faults);
        query::check_diversity(&mut faults, self.diversity.as_ref());
        faults.limit_words(&self.exclude, query::MAX_EXCLUDE, "/exclude");
        faults.finish()
    }
}

/// A playlist for a reader.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Played {
    /// Which playlist, and which version of it.
    pub playlist: Applied,
    /// What it is called.
    pub title: String,
    /// What stands under the title.
    pub subtitle: Option<String>,
    /// How it looks.
    pub layout: Option<String>,
    /// Why it is not shown to this reader now; none where it is.
    pub closed: Option<Closed>,
    /// Picks that could not stand, with the reason; on request, on the first page.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unmet_picks: Vec<UnmetPick>,
    /// The list.
    #[serde(flatten)]
    pub list: Recommended,
}

/// The playlist for a checked request; its seed and its `now` are given by the caller.
pub fn execute(
    generation: &Generation,
    playlist: &Published<Playlist>,
    request: &PlaylistRequest,
    page: Option<&PageState>,
    now: Moment,
) -> Result<Played, Invalid> {
    let catalogue = generation.catalogue();
    let mut visitor = Visitor::new(catalogue, request.user_id.as_ref(), &request.context, now);
    let (asked, asking) = (asked(playlist, request, page, &visitor), Asking::default());
    let mut query = hydrate(generation, playlist, (&asked, &asking), page, now)?;
    visitor.know(&query);
    let closed = closed(generation, playlist, &visitor);
    let (list, unmet_picks) = match closed {
        Some(_) => (nothing(&query), Vec::new()),
        None => resolve(generation, playlist, &mut query, &visitor)?,
    };
    Ok(Played {
        playlist: Applied {
            id: playlist.id.clone(),
            version: playlist.version,
        },
        title: playlist.body.title.clone(),
        subtitle: playlist.body.subtitle.clone(),
        layout: playlist.body.layout.clone(),
        closed,
        unmet_picks: if request.explain { unmet_picks } else { Vec::new() },
        list,
    })
}

/// Why a playlist is not for a visitor now.
pub(crate) fn closed(generation: &Generation, playlist: &Published<Playlist>, visitor: &Visitor) -> Option<Closed> {
    let shelf = generation.catalogue().editorial().calendars();
    let open = calendar::opens(shelf, &playlist.id, playlist.territory.as_deref(), visitor);
    Closed::of(visitor, playlist.body.schedule, &playlist.body.audience).or((!open).then_some(Closed::Calendar))
}

/// The query of a playlist: the reader as on the main path, bound to the playlist's territory.
pub(crate) fn hydrate<'a>(
    generation: &'a Generation,
    playlist: &Published<Playlist>,
    (asked, asking): (&'a RecommendationRequest, &'a Asking),
    page: Option<&PageState>,
    now: Moment,
) -> Result<Query<'a>, Invalid> {
    let mut query = Query::hydrate(generation.catalogue(), asked, asking, page, now)?;
    query.requested = query.requested.bound_to(playlist.territory.as_deref());
    Ok(query)
}

fn resolve(
    generation: &Generation,
    playlist: &Published<Playlist>,
    query: &mut Query<'_>,
    visitor: &Visitor,
) -> Result<(Recommended, Vec<UnmetPick>), Invalid> {
    let most = playlist
        .body
        .max_offers
        .saturating_sub(query.page.start)
        .min(query.limit());
    let gathered = gather(generation, playlist, query, visitor, most)?;
    let unmet = gathered.unmet.clone();
    let lenient = query.request.diversity.as_ref().is_none_or(|said| said.rules.is_none());
    let list = List {
        pool: &gathered.pool,
        order: gathered.order.as_deref(),
        pins: &gathered.pins,
        most,
        ends_at: playlist.body.max_offers,
        at_least: if lenient { playlist.body.min_offers } else { 0 },
        removed: gathered.removed.clone(),
    };
    let mut list = arrange(query, &list)?;
    if query.page.start == 0 && list.offers.len() < playlist.body.min_offers {
        list.degraded.push("min_offers".to_owned());
    }
    Ok((list, unmet))
}

/// The request of the main path that a playlist is.
pub(crate) fn asked(
    playlist: &Published<Playlist>,
    request: &PlaylistRequest,
    page: Option<&PageState>,
    visitor: &Visitor,
) -> RecommendationRequest {
    let body = &playlist.body;
    let mut weights = body.weights.clone();
    weights.retain(|name, _| FEATURES.iter().any(|(feature, _)| feature == name));
    let placed = visitor.position.is_some();
    let origin = body.rule.as_ref().and_then(|rule| rule.filters.position);
    RecommendationRequest {
        user_id: request.user_id.clone(),
        context: request.context.clone(),
        filters: Filters {
            position: origin.filter(|_| !placed),
            ..Filters::default()
        },
        limit: Some(request.limit.unwrap_or(20)),
        seed: request.seed,
        explain: request.explain,
        include: request.include.clone(),
        weights,
        diversity: said(body, request.diversity.as_ref(), page),
        exclude: body.exclude.iter().chain(&request.exclude).cloned().collect(),
        ..RecommendationRequest::default()
    }
}

/// The diversity that the request, the page or the document says; none where nobody says any, so that the scenario or
/// what is built in holds. A list in an order of its own is in that order: there no rule holds that nobody asked for.
fn said(body: &Playlist, asked: Option<&DiversityRequest>, page: Option<&PageState>) -> Option<DiversityRequest> {
    let own = body.diversity.as_ref();
    let begun = page.and_then(|page| page.rules.as_ref());
    let rules = asked
        .and_then(|d| d.rules.as_ref())
        .or(begun)
        .or(own.and_then(|d| d.rules.as_ref()));
    let said = DiversityRequest {
        strength: asked.and_then(|d| d.strength).or(own.and_then(|d| d.strength)),
        rules: rules.cloned().or_else(|| unsaid(body)),
        policy: asked.and_then(|d| d.policy).or(own.and_then(|d| d.policy)),
        outwards: asked.and_then(|d| d.outwards).or(own.and_then(|d| d.outwards)),
    };
    (said != DiversityRequest::default()).then_some(said)
}

/// The rules of a playlist that says none: those of every list, unless its order is given.
fn unsaid(body: &Playlist) -> Option<Vec<RuleRequest>> {
    let soft = RuleRequest {
        by: RuleBy::Category,
        window: 2,
        max: 1,
        strict: false,
    };
    let follows = body.rule.is_some() && !body.frozen || body.tail.is_some();
    match body.order() {
        PlaylistOrder::Manual if follows => Some(vec![soft]),
        PlaylistOrder::Manual | PlaylistOrder::Distance | PlaylistOrder::Date | PlaylistOrder::Popularity => {
            Some(Vec::new())
        }
        PlaylistOrder::Relevance | PlaylistOrder::DailyShuffle => None,
    }
}
