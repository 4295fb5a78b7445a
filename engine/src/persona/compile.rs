//! A persona against a taxonomy: likelihoods, shares and appetites by dense number.
//!
//! Invariant: likelihoods over subcategories sum to 1 and none is 0, so that no act makes a persona impossible;
//! shares over categories are their sums.

use std::collections::BTreeMap;

use super::{Appetites, Persona, Reach};
use crate::taxonomy::{Kind, Subcategory, Taxonomy};

/// The least appetite that a persona is believed to have for anything.
const FLOOR: f64 = 0.02;
/// The appetite for every category of a persona that names none.
const INDIFFERENT: f64 = 0.5;

/// A persona by dense numbers.
#[derive(Debug, Clone)]
pub struct Compiled {
    /// Its identifier.
    pub id: String,
    /// The appetite for each subcategory, 0 to 1.
    pub taste: Vec<f64>,
    /// How likely an act of this persona is in each subcategory.
    pub likelihood: Vec<f64>,
    /// The natural logarithm of that.
    pub log_likelihood: Vec<f64>,
    /// The same by category.
    pub share: Vec<f64>,
    /// How far it goes.
    pub reach: Reach,
    /// What it lets weigh.
    pub appetites: Appetites,
    /// How fast it is led outwards.
    pub pace: f64,
    /// Whether it is told no reason that speaks of itself.
    pub silent: bool,
}

impl Compiled {
    /// Compiles a persona; a key that the taxonomy does not hold counts nothing.
    pub fn new(persona: &Persona, taxonomy: &Taxonomy) -> Self {
        let taste: Vec<f64> = taxonomy
            .subcategories()
            .map(|(_, sub)| appetite(persona, taxonomy, sub))
            .collect();
        let mut sizes = vec![0.0; taxonomy.categories().count()];
        taxonomy
            .subcategories()
            .for_each(|(_, sub)| sizes[sub.category.index()] += 1.0);
        let mass: Vec<f64> = taxonomy
            .subcategories()
            .map(|(ix, sub)| taste[ix.index()].max(FLOOR) / sizes[sub.category.index()])
            .collect();
        let total: f64 = mass.iter().sum();
        let likelihood: Vec<f64> = mass.iter().map(|mass| mass / total).collect();
        let mut share = vec![0.0; sizes.len()];
        taxonomy
            .subcategories()
            .for_each(|(ix, sub)| share[sub.category.index()] += likelihood[ix.index()]);
        Self {
            id: persona.id.to_string(),
            taste,
            log_likelihood: likelihood.iter().map(|likelihood| likelihood.ln()).collect(),
            likelihood,
            share,
            reach: persona.reach_m,
            appetites: persona.appetites(),
            pace: persona.pace,
            silent: persona.silent,
        }
    }
}

fn appetite(persona: &Persona, taxonomy: &Taxonomy, sub: &Subcategory) -> f64 {
    let key = &taxonomy.category(sub.category).key;
    let absent = if persona.categories.is_empty() {
        INDIFFERENT
    } else {
        0.0
    };
    let category = persona.categories.get(key).copied().unwrap_or(absent);
    let kind = match sub.kind {
        Kind::Digital => persona.kinds.digital,
        Kind::Event => persona.kinds.event,
        Kind::Physical => persona.kinds.physical,
    };
    category * persona.subcategories.get(&sub.named.key).copied().unwrap_or(kind)
}

/// The table of what lies next, row by row; a category without a row leads everywhere alike.
pub(super) fn next(raw: &BTreeMap<String, BTreeMap<String, f64>>, taxonomy: &Taxonomy) -> Vec<f64> {
    let mut table = Vec::new();
    for (from, named) in taxonomy.categories() {
        let row = raw.get(&named.key);
        let to = taxonomy.categories().map(|(to, other)| {
            let given = row.map_or(1.0, |row| row.get(&other.key).copied().unwrap_or(0.0));
            if to == from { 0.0 } else { given.max(0.0) }
        });
        let row: Vec<f64> = to.collect();
        let total: f64 = row.iter().sum();
        table.extend(row.iter().map(|share| if total > 0.0 { share / total } else { 0.0 }));
    }
    table
}
