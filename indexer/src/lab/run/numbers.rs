//! The numbers of an evaluation, as they are written and read again.
//!
//! Invariant: everything here is the same in every run of the same data, options and program, but for [`Times`].

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::lab::bootstrap::Difference;
use crate::lab::sweep::Greedy;

/// A value with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// Over all users.
    pub value: f64,
    /// 2.5 % of draws are below.
    pub low: f64,
    /// 2.5 % of draws are above.
    pub high: f64,
}

/// One model by itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Alone {
    /// Its name.
    pub model: String,
    /// By metric, such as `ndcg@100`.
    pub metrics: BTreeMap<String, Estimate>,
    /// nDCG less that of popularity.
    pub over_popularity: Option<Difference>,
    /// nDCG less that of item-knn.
    pub over_neighbours: Option<Difference>,
}

/// One setting of one model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// The model.
    pub model: String,
    /// The re-ranker.
    pub reranker: String,
    /// Whether the rule held.
    pub rule: bool,
    /// The strength.
    pub strength: f64,
    /// By metric, means over users.
    pub metrics: BTreeMap<String, f64>,
    /// The same metrics' 95 % intervals.
    pub intervals: BTreeMap<String, (f64, f64)>,
    /// Greedy against exact, under the rule.
    pub greedy: Option<Greedy>,
    /// Planes on which no other setting of the model is as good at both.
    pub front_of: Vec<String>,
}

/// Our front against another's, on one plane.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Duel {
    /// The model.
    pub model: String,
    /// The measure of diversity beside nDCG.
    pub plane: String,
    /// The other re-ranker.
    pub rival: String,
    /// Whether the other keeps the rule, as ours does.
    pub rival_rule: bool,
    /// The part of the frame under our front.
    pub ours: f64,
    /// The part under the other's.
    pub theirs: f64,
    /// Ours less theirs.
    pub difference: Difference,
    /// Our settings, and how many of them some setting of the other dominates.
    pub points: usize,
    /// As measured.
    pub dominated: usize,
    /// In 95 % of draws and more.
    pub surely_dominated: usize,
    /// Settings of the other that one of ours dominates.
    pub dominating: usize,
    /// How many settings the other has.
    pub rival_points: usize,
}

/// What the rule costs a model's best lists.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Price {
    /// The model.
    pub model: String,
    /// The part of discounted relevance given up, by the model's own scores.
    pub relevance: f64,
    /// nDCG without less nDCG with.
    pub ndcg: Difference,
    /// Neighbours of one main genre without the rule, as a share of neighbours.
    pub breaks_without: f64,
    /// Places left empty with it, mean.
    pub missing: f64,
}

/// Every number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Numbers {
    /// The data's name.
    pub data: String,
    /// Its hash.
    pub data_hash: String,
    /// Users, items, acts, yeses, lines not read.
    pub counts: BTreeMap<String, u64>,
    /// Name and hash of each split.
    pub splits: Vec<(String, String)>,
    /// Judged readers.
    pub judged: usize,
    /// The options, as JSON.
    pub options: serde_json::Value,
    /// This program.
    pub version: String,
    /// Models by themselves.
    pub models: Vec<Alone>,
    /// Every setting.
    pub rows: Vec<Row>,
    /// What the rule costs.
    pub prices: Vec<Price>,
    /// Fronts against fronts.
    pub duels: Vec<Duel>,
    /// What was found, in words.
    pub verdicts: Vec<String>,
}

/// Microseconds a list took, by re-ranker and rule: not results.
pub type Times = BTreeMap<String, f64>;
