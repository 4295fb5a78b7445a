//! The answer: offers as they are shown, why they stand there, and what the rules made of the list.
//!
//! Last stage of the main path. Invariant: the contributions of an explanation add up to the score, a reason names a
//! feature that contributed, and every break or cut of the list is said.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::attributes::{self, looked_at, values};
use super::placement::Applied;
use super::pool::{Removed, Scored};
use super::soft::{Arranged, Soft};
use super::{PageState, Query};
use crate::arrange::explain::{Move, moves};
use crate::arrange::{Problem, Slate};
use crate::catalogue::row::Row;
use crate::ids::{ItemId, OfferId, UserId, VenueId};
use crate::query::Include;
use crate::reader::member::Member;
use crate::reason::{self, Reason};
use crate::score::Contribution;
use crate::source::{self, Harvest, learnt};
use crate::time::Moment;

/// One ranked list.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Recommended {
    /// The last entry of the log that the answer knows of.
    pub generation: u64,
    /// The seed; the same one gives the same answer.
    pub seed: u64,
    /// The moment of the answer.
    pub now: Moment,
    /// The list.
    pub offers: Vec<Placed>,
    /// What the rules made of it.
    pub diversity: Diversity,
    /// The scenario that it was made with, where a published one applies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scenario: Option<Applied>,
    /// What was missing while it was made.
    pub degraded: Vec<String>,
    /// Pins of this page that could not stand, with the reason.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unmet_pins: Vec<UnmetPin>,
    /// Where the next page starts; none when there is none.
    #[serde(skip)]
    pub next: Option<PageState>,
    /// How many faults the slow checker found, where this list was in its sample.
    #[serde(skip)]
    pub faults: Option<usize>,
    /// How many candidates each filter removed.
    #[serde(skip)]
    pub removed: Removed,
    /// What was drawn by chance, and how likely that was; for the record of the request.
    #[serde(skip)]
    pub explored: Vec<Explored>,
}

/// An offer that was drawn by chance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Explored {
    /// Which.
    pub offer_id: OfferId,
    /// How likely it was to be among those drawn, in (0, 1].
    pub propensity: f64,
}

/// A pin that could not stand.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct UnmetPin {
    /// Which offer.
    pub offer_id: OfferId,
    /// Where it was asked.
    pub rank: usize,
    /// `unknown`, `unfit`, or `rules` when they leave it no place.
    pub reason: &'static str,
}

/// One offer of a list.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Placed {
    /// The offer.
    pub id: OfferId,
    /// Its work.
    pub item_id: ItemId,
    /// Its place, from 0 over all pages.
    pub rank: usize,
    /// What it is called.
    pub title: String,
    /// Its category.
    pub category: String,
    /// Its subcategory.
    pub subcategory: String,
    /// Digital, event or physical.
    pub kind: &'static str,
    /// Its venue.
    pub venue_id: Option<VenueId>,
    /// Its relevance, the sum of the contributions.
    pub score: f64,
    /// How far it is, in metres.
    pub distance_m: Option<f64>,
    /// Who named it.
    pub sources: Vec<&'static str>,
    /// Why, in words.
    pub reasons: Vec<Reason>,
    /// Why, in numbers; on request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explanation: Option<Explanation>,
    /// The offer as it was written; on request.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(value_type = Option<crate::offer::Offer>))]
    pub offer: Option<Value>,
    /// Its venue as it was written; on request.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(value_type = Option<crate::venue::Venue>))]
    pub venue: Option<Value>,
}

/// A score, part by part, and the way to the place.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Explanation {
    /// The parts, which add up to the score.
    pub features: Vec<Contribution>,
    /// What moved the offer from its place by relevance.
    pub moved: Moved,
    /// For a group: how each member takes to it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<MemberFit>,
}

/// How a member of a group takes to an offer.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct MemberFit {
    /// Who; none for the one who asks without an identifier.
    pub user_id: Option<UserId>,
    /// How much the member takes to it, 0 to 1; none of who does not agree to be shown to others.
    pub taste: Option<f64>,
    /// Why, in words.
    pub reasons: Vec<Reason>,
}

/// What moved an offer.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Moved {
    /// The place that it would have by score alone, on this page.
    pub relevance_rank: usize,
    /// What moved it; empty when nothing did.
    pub by: Vec<String>,
}

/// What the rules made of a list.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Diversity {
    /// Whether the list is full and no strict rule, pin or quota is broken.
    pub satisfied: bool,
    /// Each break, by rank.
    pub violations: Vec<Break>,
    /// The discounted relevance of the list: score over log2(place + 2), places from 0 on this page.
    pub value: f64,
    /// No legal list of this page is worth more.
    pub bound: f64,
    /// 1 - value / bound; 0 when the bound is 0.
    pub gap: f64,
    /// Strict rules that gave way (policy `relax`).
    pub relaxed: Vec<Relaxed>,
    /// Why the list is short, where it is.
    pub shortfall: Option<Short>,
    /// Which solver answered.
    pub solver: &'static str,
    /// What the soft model did, where a strength above 0 was asked for.
    pub soft: Option<Soft>,
}

/// A rule broken at a rank.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Break {
    /// The rule's place in the request.
    pub rule: usize,
    /// What it counts.
    pub by: &'static str,
    /// The last place of the broken window, over all pages.
    pub rank: usize,
}

/// A strict rule that gave way.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Relaxed {
    /// The rule's place in the request.
    pub rule: usize,
    /// How often.
    pub breaks: usize,
}

/// Why a list is short.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Short {
    /// How many places are missing.
    pub missing: usize,
    /// The first that could not be filled, over all pages.
    pub rank: usize,
    /// `candidates`, `rule`, `pin` or `quota`.
    pub cause: &'static str,
    /// The rule's place in the request.
    pub rule: Option<usize>,
    /// What that rule counts.
    pub by: Option<&'static str>,
    /// The value that is used up.
    pub value: Option<String>,
    /// What would fill more places.
    pub relaxation: Option<Relief>,
}

/// The smallest relaxation that would fill the list.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Relief {
    /// How many places it would fill.
    pub places: usize,
    /// How many breaks it would need.
    pub breaks: usize,
    /// What the list would be worth.
    pub value: f64,
}

/// Shows what was chosen, and says why.
pub fn explain(
    query: &Query<'_>,
    pool: &[Scored<'_>],
    problem: &Problem,
    arranged: &Arranged,
    removed: Removed,
) -> Recommended {
    let slate = &arranged.slate;
    let chosen: Vec<&Scored<'_>> = slate
        .places
        .iter()
        .filter_map(|place| pool.get(*place as usize))
        .collect();
    let mut offers: Vec<Placed> = chosen
        .iter()
        .enumerate()
        .filter_map(|(place, scored)| placed(query, scored, place))
        .collect();
    if query.request.explain {
        let moves = moves(problem, slate);
        for ((offer, scored), moved) in offers.iter_mut().zip(&chosen).zip(&moves) {
            offer.explanation = Some(explanation(query, scored, moved, arranged.soft.as_ref()));
        }
    }
    Recommended {
        generation: query.catalogue.sequence().0,
        seed: query.seed,
        now: query.now,
        unmet_pins: unmet_pins(query, pool, &offers),
        next: next(query, problem, slate, &chosen),
        offers,
        diversity: Diversity {
            soft: arranged.soft.clone(),
            ..diversity(query, slate)
        },
        faults: arranged.faults,
        scenario: query.placement.applied(),
        degraded: degraded(query),
        removed,
        explored: Vec::new(),
    }
}

/// The answer with what the sources have to say of their work: which were cut short, what was drawn by chance.
pub fn traced(query: &Query<'_>, harvest: &Harvest, answer: Recommended) -> Recommended {
    let explored = |(row, propensity): &(Row, f64)| {
        Some(Explored {
            offer_id: query.catalogue.offer(*row)?.id.clone(),
            propensity: *propensity,
        })
    };
    let cut = harvest.degraded.iter().map(|name| (*name).to_owned());
    Recommended {
        degraded: answer.degraded.iter().cloned().chain(cut).collect(),
        explored: harvest.drawn.iter().filter_map(explored).collect(),
        ..answer
    }
}

/// A named scenario or model that is not there is missing; the list is made without.
fn degraded(query: &Query<'_>) -> Vec<String> {
    let scenario = query.placement.missing.then(|| "scenario".to_owned());
    scenario.into_iter().chain(learnt::missing(query)).collect()
}

fn placed(query: &Query<'_>, scored: &Scored<'_>, place: usize) -> Option<Placed> {
    let (catalogue, offer) = (query.catalogue, scored.candidate.offer);
    let taxonomy = catalogue.taxonomy();
    let document = catalogue.document(scored.candidate.row)?;
    let venue = offer.venue.and_then(|venue| catalogue.venue(venue));
    let include = |what| query.request.include.contains(&what);
    Some(Placed {
        id: offer.id.clone(),
        item_id: document.item(),
        rank: query.page.start + place,
        title: document.title.clone(),
        category: taxonomy.category(offer.category).key.clone(),
        subcategory: taxonomy.subcategory(offer.subcategory).named.key.clone(),
        kind: offer.kind.as_str(),
        venue_id: document.venue_id.clone(),
        score: scored.score,
        distance_m: scored.candidate.distance.map(|distance| distance.0),
        sources: source::names(scored.sources),
        reasons: reason::reasons(query, &scored.candidate, &scored.features),
        explanation: None,
        offer: include(Include::Offer).then(|| document.full()),
        venue: venue
            .filter(|_| include(Include::Venue))
            .and_then(|venue| Some(venue.document.as_ref()?.full())),
    })
}

fn explanation(query: &Query<'_>, scored: &Scored<'_>, moved: &Move, soft: Option<&Soft>) -> Explanation {
    let soft = soft.filter(|_| moved.rank != moved.relevance_rank);
    Explanation {
        features: query.placement.weights.contributions(&scored.features),
        moved: Moved {
            relevance_rank: moved.relevance_rank,
            by: moved
                .by
                .iter()
                .map(|by| reason::moved_by(query, by))
                .chain(soft.map(|soft| format!("soft:{}", soft.model)))
                .collect(),
        },
        members: members(query, scored),
    }
}

/// Each member of a group; nothing where there is none.
fn members(query: &Query<'_>, scored: &Scored<'_>) -> Vec<MemberFit> {
    if query.company.len() < 2 {
        return Vec::new();
    }
    let fit = |member: &Member<'_>| MemberFit {
        user_id: member.id.cloned(),
        taste: member
            .is_social()
            .then(|| member.portrait.taste(scored.candidate.offer)),
        reasons: reason::of_member(query, &scored.candidate, member),
    };
    query.company.iter().map(fit).collect()
}

fn unmet_pins(query: &Query<'_>, pool: &[Scored<'_>], offers: &[Placed]) -> Vec<UnmetPin> {
    let start = query.page.start;
    let here = query
        .request
        .pins
        .iter()
        .filter(|pin| (start..start + query.limit()).contains(&pin.rank));
    let unmet = here.filter(|pin| {
        !offers
            .iter()
            .any(|offer| offer.id == pin.offer_id && offer.rank == pin.rank)
    });
    let reason = |id: &OfferId| match query.catalogue.find(id.as_str()) {
        None => "unknown",
        Some(_) if pool.iter().any(|scored| scored.candidate.offer.id == *id) => "rules",
        Some(_) => "unfit",
    };
    unmet
        .map(|pin| UnmetPin {
            offer_id: pin.offer_id.clone(),
            rank: pin.rank,
            reason: reason(&pin.offer_id),
        })
        .collect()
}

/// The next page, where this one is full and something is left.
fn next(query: &Query<'_>, problem: &Problem, slate: &Slate, chosen: &[&Scored<'_>]) -> Option<PageState> {
    let full = chosen.len() == query.limit() && chosen.len() < problem.scores.len();
    let within = query.page.shown.len() + chosen.len() <= super::page::MAX_SHOWN;
    if !full || !within {
        return None;
    }
    let reach = query
        .placement
        .rules
        .iter()
        .map(|rule| rule.window - 1)
        .max()
        .unwrap_or(0);
    let by = looked_at(query);
    let here = chosen.iter().map(|s| {
        by.iter()
            .map(|by| values(query.catalogue, s.candidate.offer, *by))
            .collect()
    });
    let mut history: Vec<Vec<Vec<String>>> = query.page.history.iter().cloned().chain(here).collect();
    history.drain(..history.len().saturating_sub(reach));
    let items = chosen
        .iter()
        .filter_map(|s| query.catalogue.item(s.candidate.offer.item))
        .map(|item| item.id.as_str());
    debug_assert_eq!(slate.places.len(), chosen.len());
    let next = query.page.after(items.collect::<Vec<_>>().into_iter(), history);
    let asked = query
        .request
        .diversity
        .as_ref()
        .is_some_and(|diversity| diversity.rules.is_some());
    let rules = (!asked).then(|| query.placement.rules.clone());
    Some(PageState { rules, ..next })
}

fn diversity(query: &Query<'_>, slate: &Slate) -> Diversity {
    let start = query.page.start;
    let by = |rule: usize| {
        query
            .placement
            .rules
            .get(rule)
            .map_or("", |rule| attributes::name(rule.by))
    };
    let broken = |v: &crate::arrange::Violation| Break {
        rule: v.rule,
        by: by(v.rule),
        rank: start + v.rank,
    };
    Diversity {
        satisfied: slate.satisfied,
        violations: slate.violations.iter().map(broken).collect(),
        value: slate.value,
        bound: slate.bound,
        gap: slate.gap,
        relaxed: slate
            .relaxed
            .iter()
            .map(|(rule, breaks)| Relaxed {
                rule: *rule,
                breaks: *breaks,
            })
            .collect(),
        shortfall: slate.shortfall.as_ref().map(|short| Short {
            missing: short.missing,
            rank: start + short.rank,
            cause: short.cause.name(),
            rule: short.rule,
            by: short.rule.map(by),
            value: short
                .rule
                .zip(short.value)
                .and_then(|(rule, value)| attributes::text(query, rule, value)),
            relaxation: short.relaxation.as_ref().map(|relief| Relief {
                places: relief.places,
                breaks: relief.breaks.len(),
                value: relief.value,
            }),
        }),
        solver: slate.solver.name(),
        soft: None,
    }
}
