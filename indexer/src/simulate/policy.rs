//! The policies that are compared: three that production or common sense would use, and the engine as it serves.
//!
//! All of them see the same generation, the same reader's context and the same fitness rules. Invariant: only
//! [`Policy::Florilege`] is told who the reader is.

use std::collections::BTreeMap;

use florilege_engine::catalogue::row::Row;
use florilege_engine::ids::UserId;
use florilege_engine::invalid::Invalid;
use florilege_engine::live::Generation;
use florilege_engine::money::Cents;
use florilege_engine::query::{Context, DiversityRequest, RecommendationRequest};
use florilege_engine::score::FEATURES;
use florilege_engine::time::Moment;

use super::choice::State;
use super::reader::Reader;

/// Places of a list.
pub const PLACES: usize = 20;
/// What production ranks before its round-robin (DOMAIN.md: "→ 60").
const RANKED: usize = 60;

/// A way to fill a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Policy {
    /// What is booked most.
    Popularity,
    /// What is nearest.
    Nearest,
    /// The best 60 by popularity and proximity, one category after the other: production's diversity.
    RoundRobin,
    /// The engine with its defaults.
    Florilege,
}

impl Policy {
    /// All of them, ours last.
    pub const ALL: [Self; 4] = [Self::Popularity, Self::Nearest, Self::RoundRobin, Self::Florilege];

    /// Its name in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Popularity => "popularity",
            Self::Nearest => "nearest",
            Self::RoundRobin => "round_robin",
            Self::Florilege => "florilege",
        }
    }

    /// The list of a reader at a moment.
    pub fn list(
        self,
        generation: &Generation,
        reader: &Reader,
        state: &State,
        now: Moment,
        seed: u64,
    ) -> Result<Vec<Row>, Invalid> {
        let request = anonymous(reader, state, seed);
        let plain = |weights: &[(&str, f64)], limit| {
            let mut exclude: Vec<String> = state.works.iter().cloned().collect();
            exclude.sort_unstable();
            RecommendationRequest {
                weights: alone(weights),
                diversity: Some(DiversityRequest {
                    strength: Some(0.0),
                    rules: Some(Vec::new()),
                    ..DiversityRequest::default()
                }),
                exclude,
                limit: Some(limit),
                ..request.clone()
            }
        };
        match self {
            Self::Popularity => rows(generation, &plain(&[("popularity", 1.0)], PLACES), now),
            Self::Nearest => rows(generation, &plain(&[("proximity", 1.0)], PLACES), now),
            Self::RoundRobin => {
                let ranked = rows(
                    generation,
                    &plain(&[("popularity", 0.5), ("proximity", 0.5)], RANKED),
                    now,
                )?;
                Ok(round_robin(generation, &ranked))
            }
            Self::Florilege => rows(generation, &personal(reader, state, seed), now),
        }
    }
}

/// What every policy is asked: the reader's place, age and money.
pub(super) fn anonymous(reader: &Reader, state: &State, seed: u64) -> RecommendationRequest {
    RecommendationRequest {
        context: Context {
            position: Some(reader.home),
            age: Some(reader.age),
            credit_cents: Cents::new(i64::from(state.credit_cents)).ok(),
            digital_credit_cents: Cents::new(i64::from(state.digital_cents)).ok(),
            ..Context::default()
        },
        seed: Some(seed),
        limit: Some(PLACES),
        ..RecommendationRequest::default()
    }
}

/// The same, and who asks.
pub(super) fn personal(reader: &Reader, state: &State, seed: u64) -> RecommendationRequest {
    RecommendationRequest {
        user_id: UserId::new(&reader.id).ok(),
        ..anonymous(reader, state, seed)
    }
}

/// These weights, and nothing else.
fn alone(weights: &[(&str, f64)]) -> BTreeMap<String, f64> {
    let given = |name: &str| {
        weights
            .iter()
            .find(|(feature, _)| *feature == name)
            .map_or(0.0, |(_, weight)| *weight)
    };
    FEATURES
        .iter()
        .map(|(name, _)| ((*name).to_owned(), given(name)))
        .collect()
}

fn rows(generation: &Generation, request: &RecommendationRequest, now: Moment) -> Result<Vec<Row>, Invalid> {
    let list = generation.recommend(request, None, now)?;
    let catalogue = generation.catalogue();
    Ok(list
        .offers
        .iter()
        .filter_map(|placed| catalogue.find(placed.id.as_str()))
        .collect())
}

/// The best of each category in turn, categories in the order of their best.
fn round_robin(generation: &Generation, ranked: &[Row]) -> Vec<Row> {
    let mut queues: Vec<(usize, Vec<Row>)> = Vec::new();
    for row in ranked {
        let Some(offer) = generation.catalogue().offer(*row) else {
            continue;
        };
        let category = offer.category.index();
        match queues.iter_mut().find(|(of, _)| *of == category) {
            Some((_, queue)) => queue.push(*row),
            None => queues.push((category, vec![*row])),
        }
    }
    let longest = queues.iter().map(|(_, queue)| queue.len()).max().unwrap_or(0);
    let turns = (0..longest).flat_map(|turn| queues.iter().filter_map(move |(_, queue)| queue.get(turn).copied()));
    turns.take(PLACES).collect()
}
