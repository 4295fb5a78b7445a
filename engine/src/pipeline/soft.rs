//! The soft part of diversity, and the check of what was arranged.
//!
//! Stands around the arranger on the main path: with a strength above 0, relevance first gives way to variety (MMR over
//! category, subcategory and genres); the hard rules stand on top. Invariant: value, bound and gap always speak of
//! relevance, so the gap of a softened list is what the variety costs.

use super::Query;
use super::attributes;
use super::pool::Scored;
use crate::arrange::soft::{Strength, Vectors, adjusted, mmr};
use crate::arrange::{Checked, Problem, Slate, Workspace, place_weight, solve_with, verify};
use crate::invalid::{Code, Invalid};
use crate::query::RuleBy;

/// Dimensions of an offer's content: two thirds for what the taxonomy says, one for genres.
const DIMENSIONS: usize = 96;
/// One list in so many is held against the slow checker.
const SAMPLE: u64 = 64;

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
#[derive(Debug, Clone, Copy, serde::Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Soft {
    /// The model.
    pub model: &'static str,
    /// How much relevance gave way, 0 to 1.
    pub strength: f64,
    /// Intra-list distance of its picks: the mean of 1 - cosine over pairs.
    pub ild: f64,
}

/// Arranges the pool: by relevance, or by relevance that gave way to variety.
pub fn arrange(
    query: &Query<'_>,
    pool: &[Scored<'_>],
    problem: &Checked,
    workspace: &mut Workspace,
) -> Result<Arranged, Invalid> {
    let strength = query.placement.strength;
    let slate = solve_with(problem, workspace);
    if strength == 0.0 || pool.is_empty() {
        let faults = checked(query, problem, &slate);
        return Ok(Arranged {
            slate,
            soft: None,
            faults,
        });
    }
    let failed = |error: String| Invalid::one("/diversity/strength", Code::InvalidValue, error);
    let checked_strength = Strength::new(strength).map_err(|error| failed(error.to_string()))?;
    let plain = problem.problem();
    let vectors = Vectors::new(contents(query, pool), DIMENSIONS).map_err(|error| failed(error.to_string()))?;
    let picks = 2 * query.limit();
    let picked =
        mmr::pick(&plain.scores, &vectors, picks, checked_strength).map_err(|error| failed(error.to_string()))?;
    let softened = Problem {
        scores: adjusted(&plain.scores, &picked.order),
        ..plain.clone()
    };
    let softened = softened.check().map_err(|error| failed(error.to_string()))?;
    let mut soft_slate = solve_with(&softened, workspace);
    let faults = checked(query, &softened, &soft_slate);
    in_relevance(plain, &mut soft_slate, slate.bound);
    Ok(Arranged {
        slate: soft_slate,
        soft: Some(Soft {
            model: "mmr",
            strength,
            ild: picked.metric,
        }),
        faults,
    })
}

/// Value, bound and gap of a list in the relevance of its offers.
fn in_relevance(plain: &Problem, slate: &mut Slate, bound: f64) {
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
fn contents(query: &Query<'_>, pool: &[Scored<'_>]) -> Vec<f32> {
    let mut rows = vec![0.0; pool.len() * DIMENSIONS];
    for (scored, row) in pool.iter().zip(rows.chunks_exact_mut(DIMENSIONS)) {
        for (by, weight) in [
            (RuleBy::Category, 1.0),
            (RuleBy::Subcategory, 0.7),
            (RuleBy::Genre, 0.5),
        ] {
            for value in attributes::values(query, scored.candidate.offer, by) {
                let place = super::fingerprint(&format!("{} {value}", attributes::name(by))) % DIMENSIONS as u64;
                row[usize::try_from(place).unwrap_or(0)] += weight;
            }
        }
    }
    rows
}
