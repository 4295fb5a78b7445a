//! The soft part of diversity, and the check of what was arranged.
//!
//! Stands around the arranger on the main path. For a reader, relevance first gives way to calibration: the list's
//! categories follow where the reader is and where the way outwards leads, and some of its places are held for what the
//! reader likes. With a strength above 0 asked for, it then
//! gives way to variety (MMR over category, subcategory and genres). The hard rules stand on top. Invariant: value,
//! bound and gap always speak of relevance, so the gap of a softened list is what that costs.

use std::collections::BTreeMap;

use super::Query;
use super::attributes;
use super::pool::Scored;
use crate::arrange::soft::blend::{Blend, Blended, blend};
use crate::arrange::soft::{SoftError, Strength, Vectors, adjusted, calibration};
use crate::arrange::{Checked, Problem, Slate, Workspace, place_weight, solve_with, verify};
use crate::catalogue::Catalogue;
use crate::catalogue::row::OfferRow;
use crate::invalid::{Code, Invalid};
use crate::query::RuleBy;

/// Dimensions of an offer's content: two thirds for what the taxonomy says, one for genres.
const DIMENSIONS: usize = 96;
/// One list in so many is held against the slow checker.
const SAMPLE: u64 = 64;
/// How much relevance gives way to a reader's calibration where the request does not say: at first, while comfort
/// leads, and once the reader is ready for what is new; in between, in between.
const COMFORTING: f64 = 0.2;
const CALIBRATION: f64 = 0.1;
/// The part of the present profile's places that are held for what is liked, first and once the reader is ready for
/// what is new.
const HELD: (f64, f64) = (1.0, 0.4);
/// An aim of less than this many places is none: a list cannot hold less than half an offer.
const LEAST_PLACES: f64 = 0.5;
/// A share of the aim below this is not told.
const TOLD: f64 = 0.005;

/// What was arranged.
#[derive(Debug)]
pub struct Arranged {
    /// The list.
    pub slate: Slate,
    /// What the soft model did, where there was one.
    pub soft: Option<Soft>,
    /// How many faults the slow checker found, where this list was in the sample.
    pub faults: Option<usize>,
}

/// What a soft model did.
#[derive(Debug, Clone, serde::Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Soft {
    /// The model: `calibration`, `mmr` or `calibration+mmr`.
    pub model: &'static str,
    /// How much relevance gave way, 0 to 1.
    pub strength: f64,
    /// Intra-list distance of the picks of `mmr`: the mean of 1 - cosine over pairs.
    pub ild: Option<f64>,
    /// What a reader's list aimed at and how near it came.
    pub calibration: Option<Calibration>,
}

/// What a reader's list aimed at and how near it came.
#[derive(Debug, Clone, serde::Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Calibration {
    /// How much of the list leads outwards, 0 to 1 (β).
    pub pace: f64,
    /// The share of each category that was aimed at.
    pub aim: BTreeMap<String, f64>,
    /// How far the list's categories are from that: Kullback-Leibler divergence in nats, smoothed; 0 is perfect.
    pub divergence: f64,
    /// The same of the list by relevance alone.
    pub before: f64,
}

/// Arranges the pool: by relevance, or by relevance that gave way.
pub fn arrange(
    query: &Query<'_>,
    pool: &[Scored<'_>],
    problem: &Checked,
    workspace: &mut Workspace,
) -> Result<Arranged, Invalid> {
    let slate = solve_with(problem, workspace);
    let asked = query.placement.strength;
    let aim = aim(query);
    let to_aim = if aim.is_empty() {
        0.0
    } else {
        asked.unwrap_or_else(|| strength(query))
    };
    let to_vary = asked.unwrap_or(0.0);
    if pool.is_empty() || to_aim.max(to_vary) == 0.0 {
        let faults = checked(query, problem, &slate);
        return Ok(Arranged {
            slate,
            soft: None,
            faults,
        });
    }
    let plain = problem.problem();
    let Blended { scores, ild, order } = softened(query, pool, &plain.scores, &aim, (to_aim, to_vary))
        .map_err(|error| Invalid::one("/diversity/strength", Code::InvalidValue, error.to_string()))?;
    let scores = if asked.is_none() {
        adjusted(&plain.scores, &held(query, pool, &plain.scores, &order))
    } else {
        scores
    };
    let softened = Problem {
        scores,
        ..plain.clone()
    };
    let softened = softened
        .check()
        .map_err(|error| Invalid::one("/diversity/strength", Code::InvalidValue, error.to_string()))?;
    let mut soft_slate = solve_with(&softened, workspace);
    let faults = checked(query, &softened, &soft_slate);
    in_relevance(plain, &mut soft_slate, slate.bound);
    let told = Soft {
        model: model(to_aim > 0.0, to_vary > 0.0),
        strength: to_aim.max(to_vary),
        ild,
        calibration: (to_aim > 0.0).then(|| told(query, pool, &aim, &soft_slate, &slate)),
    };
    Ok(Arranged {
        slate: soft_slate,
        soft: Some(told),
        faults,
    })
}

/// How much a company's list is calibrated where nobody says.
fn strength(query: &Query<'_>) -> f64 {
    let ready = crate::score::readiness(&query.company);
    (1.0 - ready) * COMFORTING + ready * CALIBRATION
}

/// The picks with what is held for each category: where one is short of its places, its best offers stand in for the
/// last picks that no category needs.
fn held(query: &Query<'_>, pool: &[Scored<'_>], relevance: &[f64], order: &[u32]) -> Vec<u32> {
    let category = |place: u32| pool[place as usize].candidate.offer.category.index();
    let held = places_held(query);
    let mut counts = vec![0_usize; held.len()];
    order.iter().for_each(|place| counts[category(*place)] += 1);
    let mut short = left_out(relevance, order);
    short.retain(|place| {
        let own = category(*place);
        let lacks = counts[own] < held[own];
        counts[own] += usize::from(lacks);
        lacks
    });
    let (mut kept, mut needed) = (order.to_vec(), short.len());
    for at in (0..order.len()).rev() {
        let own = category(order[at]);
        if needed > 0 && counts[own] > held[own] {
            needed -= 1;
            counts[own] -= 1;
            kept.remove(at);
        }
    }
    kept.extend(short.iter().take(order.len() - kept.len()));
    kept
}

/// What was not picked, best first.
fn left_out(relevance: &[f64], order: &[u32]) -> Vec<u32> {
    let mut rest: Vec<u32> = (0..)
        .take(relevance.len())
        .filter(|place| !order.contains(place))
        .collect();
    let worth = |place: u32| relevance[place as usize];
    rest.sort_by(|a, b| worth(*b).total_cmp(&worth(*a)).then(a.cmp(b)));
    rest
}

/// How many places are held for each category: one that is begun is held whole.
fn places_held(query: &Query<'_>) -> Vec<usize> {
    let ready = crate::score::readiness(&query.company);
    let part = (1.0 - ready) * HELD.0 + ready * HELD.1;
    let personal = || query.company.iter().filter(|member| member.portrait.is_personal);
    let each = part * query.limit() as f64 / personal().count().max(1) as f64;
    let mut places = vec![0.0_f64; query.catalogue.taxonomy().categories().count()];
    for member in personal() {
        for (category, _) in query.catalogue.taxonomy().categories() {
            if member.portrait.likes(category) {
                let share = member.portrait.way.present.get(category.index());
                places[category.index()] += each * share.copied().unwrap_or(0.0);
            }
        }
    }
    places.iter().map(|places| places.ceil() as usize).collect()
}

const fn model(aims: bool, varies: bool) -> &'static str {
    match (aims, varies) {
        (true, true) => "calibration+mmr",
        (true, false) => "calibration",
        (false, true | false) => "mmr",
    }
}

/// What the list aims at: the mean of the company's aims, empty for nobody.
fn aim(query: &Query<'_>) -> Vec<f64> {
    let personal = query.company.iter().filter(|member| member.portrait.is_personal);
    let mut aim: Vec<f64> = Vec::new();
    for member in personal {
        let own = member.portrait.way.aim();
        aim.resize(own.len(), 0.0);
        aim.iter_mut().zip(own).for_each(|(sum, share)| *sum += share);
    }
    let least = LEAST_PLACES * aim.iter().sum::<f64>() / query.limit().max(1) as f64;
    aim.iter_mut()
        .filter(|share| **share < least)
        .for_each(|share| *share = 0.0);
    let total: f64 = aim.iter().sum();
    if total > 0.0 {
        aim.iter_mut().for_each(|share| *share /= total);
        aim
    } else {
        Vec::new()
    }
}

/// Scores after calibration to the aim, then after variety.
fn softened(
    query: &Query<'_>,
    pool: &[Scored<'_>],
    relevance: &[f64],
    aim: &[f64],
    (to_aim, to_vary): (f64, f64),
) -> Result<Blended, SoftError> {
    let strength = Strength::new(to_vary)?;
    let offers = pool.iter().map(|scored| scored.candidate.offer);
    let vectors = (to_vary > 0.0).then(|| contents(query.catalogue, offers));
    let vectors = vectors.transpose()?;
    let model = Blend {
        categories: &categories(pool),
        aim,
        to_aim: Strength::new(to_aim)?,
        variety: vectors.as_ref().map(|vectors| (vectors, strength)),
    };
    blend(relevance, &model, query.limit())
}

fn categories(pool: &[Scored<'_>]) -> Vec<u32> {
    let category = |scored: &Scored<'_>| u32::try_from(scored.candidate.offer.category.index()).unwrap_or(u32::MAX);
    pool.iter().map(category).collect()
}

fn told(query: &Query<'_>, pool: &[Scored<'_>], aim: &[f64], after: &Slate, before: &Slate) -> Calibration {
    let counts = |slate: &Slate| {
        let mut counts = vec![0; aim.len()];
        let chosen = slate.places.iter().filter_map(|place| pool.get(*place as usize));
        chosen.for_each(|scored| counts[scored.candidate.offer.category.index()] += 1);
        calibration::divergence(aim, &counts, slate.places.len())
    };
    let paces = query.company.iter().filter(|member| member.portrait.is_personal);
    let paces: Vec<f64> = paces.map(|member| member.portrait.way.pace).collect();
    let taxonomy = query.catalogue.taxonomy();
    let shares = taxonomy.categories().filter(|(ix, _)| aim[ix.index()] >= TOLD);
    Calibration {
        pace: paces.iter().sum::<f64>() / paces.len().max(1) as f64,
        aim: shares.map(|(ix, named)| (named.key.clone(), aim[ix.index()])).collect(),
        divergence: counts(after),
        before: counts(before),
    }
}

/// Value, bound and gap of a list in the relevance of its offers.
pub(crate) fn in_relevance(plain: &Problem, slate: &mut Slate, bound: f64) {
    let worth = |(rank, place): (usize, &u32)| place_weight(rank) * plain.scores[*place as usize];
    slate.value = slate
        .places
        .iter()
        .enumerate()
        .map(worth)
        .fold(0.0, |sum, worth| sum + worth);
    slate.bound = bound.max(slate.value);
    slate.gap = if slate.bound > 0.0 {
        1.0 - slate.value / slate.bound
    } else {
        0.0
    };
}

fn checked(query: &Query<'_>, problem: &Checked, slate: &Slate) -> Option<usize> {
    query
        .seed
        .is_multiple_of(SAMPLE)
        .then(|| verify::verify(problem.problem(), slate).len())
}

/// What each offer is about, as a row of numbers: its category, its subcategory and its genres, each in a place that
/// its name gives.
pub(crate) fn contents<'a>(
    catalogue: &Catalogue,
    offers: impl Iterator<Item = &'a OfferRow>,
) -> Result<Vectors, SoftError> {
    let mut rows = Vec::new();
    for offer in offers {
        let mut row = [0.0; DIMENSIONS];
        for (by, weight) in [
            (RuleBy::Category, 1.0),
            (RuleBy::Subcategory, 0.7),
            (RuleBy::Genre, 0.5),
        ] {
            for value in attributes::values(catalogue, offer, by) {
                let place = super::fingerprint(&format!("{} {value}", attributes::name(by))) % DIMENSIONS as u64;
                row[usize::try_from(place).unwrap_or(0)] += weight;
            }
        }
        rows.extend(row);
    }
    Vectors::new(rows, DIMENSIONS)
}
