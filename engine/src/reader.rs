//! Who is reading: a portrait drawn for one request from the persona, the questionnaire and what acts have shown.
//!
//! Part of hydrating a query; features, arrangement and reasons look at nothing else of the reader. The mixture over
//! personas is π_z ∝ π⁰_z · Π_t P(x_t | z)^(γ^(T−t)): decayed Bayes, with T counting evidence and P from the persona
//! documents. What acts have shown outweighs it as they grow: by n/(τ+n). Invariant: without consent a portrait is
//! nobody's, and a portrait is drawn and forgotten with its request.

pub mod density;
pub mod member;
mod outward;
mod taste;

use rustc_hash::FxHashMap;
use serde_json::Value;

use crate::catalogue::practice::Practice;
use crate::catalogue::row::{ItemIx, OfferRow};
use crate::catalogue::words::Word;
use crate::catalogue::{Catalogue, Reader};
use crate::persona::{Appetites, Reach};
use crate::questionnaire::{Answers, Outwards};
use crate::taxonomy::CategoryIx;
pub use outward::Way;
use taste::Evidence;

/// How much of a prior is believed to be uniform: no mixture is certain.
const DOUBT: f64 = 0.02;
/// How much of the rest is lost where all of the last bookings were of one category.
const SATIETY: f64 = 0.5;
/// A persona with at least this share rules the others.
const DOMINANT: f64 = 0.4;

/// What a portrait is drawn from.
#[derive(Debug, Clone, Copy)]
pub struct Sitter<'a> {
    /// What is stored, where the reader agreed to it.
    pub stored: Option<&'a Reader>,
    /// Stored and this visit's acts together, where there are any.
    pub practice: Option<&'a Practice>,
    /// A mixture that the caller gives; it wins over the profile's.
    pub given: &'a std::collections::BTreeMap<String, f64>,
    /// What the request or its scenario multiplies the pace by; what the reader has set wins.
    pub pace: f64,
    /// How sparse the country around is, 0 to 1.
    pub sparsity: f64,
    /// The moment, in milliseconds since 1970.
    pub now: i64,
}

/// A reader, for one request.
#[derive(Debug, Clone)]
pub struct Portrait {
    /// Whether anything is known that makes the list personal.
    pub is_personal: bool,
    /// Whether no reason may speak of the reader.
    pub is_silent: bool,
    /// Shares of the personas, in their order.
    pub mixture: Vec<f64>,
    /// What the reader lets weigh.
    pub appetites: Appetites,
    /// Half of the proximity is lost at this distance, in metres.
    pub half_way_m: f64,
    /// What the acts have shown; empty for nobody.
    pub practice: Practice,
    /// The present profile and where it leads.
    pub way: Way,
    taste: Vec<f64>,
    genres: Vec<(Word, f64)>,
    liked: Vec<f64>,
    tired: FxHashMap<ItemIx, f64>,
}

impl Portrait {
    /// Nobody: what a reader gets of whom nothing is known, or who did not agree.
    pub fn nobody(sparsity: f64) -> Self {
        Self {
            is_personal: false,
            is_silent: false,
            mixture: Vec::new(),
            appetites: Appetites::NEUTRAL,
            half_way_m: Reach::default().at(sparsity),
            practice: Practice::default(),
            way: Way::default(),
            taste: Vec::new(),
            genres: Vec::new(),
            liked: Vec::new(),
            tired: FxHashMap::default(),
        }
    }

    /// Draws a reader.
    pub fn draw(catalogue: &Catalogue, sitter: &Sitter<'_>) -> Self {
        let profile = sitter.stored.and_then(|reader| reader.profile.as_deref());
        let answers = profile.map_or_else(
            || Answers::none(catalogue),
            |profile| Answers::read(catalogue, &profile.questionnaire),
        );
        let practices = profile.map_or(&[][..], |profile| &profile.practices);
        let evidence = Evidence::gather(catalogue, practices, &answers, sitter.practice);
        let prior = prior(catalogue, sitter, profile.and_then(|profile| profile.persona.as_ref()));
        let answered = answers.odds.iter().any(|odds| *odds != 0.0);
        if prior.is_none() && !answered && evidence.is_empty() {
            return Self {
                tired: tired(catalogue, sitter),
                ..Self::nobody(sitter.sparsity)
            };
        }
        let mixture = posterior(catalogue, prior, &answers.odds, &evidence);
        Self::painted(catalogue, sitter, mixture, &evidence, &answers)
    }

    fn painted(
        catalogue: &Catalogue,
        sitter: &Sitter<'_>,
        mixture: Vec<f64>,
        evidence: &Evidence,
        answers: &Answers,
    ) -> Self {
        let personas = catalogue.personas().all();
        let shares = || mixture.iter().copied().zip(personas);
        let practice = sitter.practice.cloned().unwrap_or_default();
        let reach: f64 = shares().map(|(share, one)| share * one.reach.at(sitter.sparsity)).sum();
        let pace: f64 = shares().map(|(share, one)| share * one.pace).sum();
        let pace = pace * answers.outwards.map_or(sitter.pace, Outwards::factor);
        let ruling = shares().max_by(|a, b| a.0.total_cmp(&b.0));
        let way = outward::way(catalogue, &mixture, evidence, &practice, pace);
        Self {
            is_personal: true,
            is_silent: ruling.is_some_and(|(share, one)| one.silent && share >= DOMINANT),
            appetites: Appetites::mean(shares().map(|(share, one)| (share, &one.appetites))),
            half_way_m: reach * answers.reach,
            taste: taste::by_subcategory(catalogue, &mixture, evidence, &practice),
            genres: evidence.genres(),
            liked: evidence.by_category().to_vec(),
            tired: tired(catalogue, sitter),
            practice,
            way,
            mixture,
        }
    }

    /// How much the reader takes to an offer, 0 to 1: its subcategory, then its genres.
    pub fn taste(&self, offer: &OfferRow) -> f64 {
        let base = self.taste.get(offer.subcategory.index()).copied().unwrap_or(0.0);
        let (best, worst) = self.genres_of(offer);
        let raised = base + (1.0 - base) * 0.6 * (1.0 - (-best).exp());
        raised * worst.exp()
    }

    /// The strongest word for and against the genres of an offer; at least and at most 0.
    fn genres_of(&self, offer: &OfferRow) -> (f64, f64) {
        if self.genres.is_empty() {
            return (0.0, 0.0);
        }
        let weights = offer.genres.iter().filter_map(|genre| self.genre(*genre));
        weights.fold((0.0, 0.0), |(best, worst), weight| {
            (f64::max(best, weight), f64::min(worst, weight))
        })
    }

    fn genre(&self, genre: Word) -> Option<f64> {
        let place = self.genres.binary_search_by_key(&genre, |(word, _)| *word).ok()?;
        Some(self.genres[place].1)
    }

    /// The genre of an offer that the reader has shown or said to like, where there is one.
    pub fn liked_genre(&self, offer: &OfferRow) -> Option<Word> {
        let liked = |genre: &Word| self.genre(*genre).filter(|weight| *weight > 0.0);
        let known = offer.genres.iter().filter_map(|genre| Some((*genre, liked(genre)?)));
        known.max_by(|a, b| a.1.total_cmp(&b.1)).map(|(genre, _)| genre)
    }

    /// Whether the reader has said or shown to like a category.
    pub fn likes(&self, category: CategoryIx) -> bool {
        self.liked.get(category.index()).is_some_and(|weight| *weight > 0.0)
    }

    /// The appetite for each subcategory by its index, without genres; empty for nobody.
    pub fn leanings(&self) -> &[f64] {
        &self.taste
    }

    /// How rested the reader is of an offer: 1 where its work was not shown in vain and its category was not booked of
    /// late.
    pub fn rested(&self, offer: &OfferRow) -> f64 {
        let work = self.tired.get(&offer.item).copied().unwrap_or(1.0);
        work * (1.0 - SATIETY * self.practice.sated(offer.category))
    }
}

/// How rested the reader is of what was shown in vain: known of who has done nothing else, too.
fn tired(catalogue: &Catalogue, sitter: &Sitter<'_>) -> FxHashMap<ItemIx, f64> {
    let shown = sitter
        .practice
        .into_iter()
        .flat_map(|practice| practice.tired(sitter.now));
    shown
        .filter_map(|(item, rest)| Some((catalogue.find_item(item.as_str())?, rest)))
        .collect()
}

/// The mixture before any evidence, where one is given.
fn prior(catalogue: &Catalogue, sitter: &Sitter<'_>, profile: Option<&Value>) -> Option<Vec<f64>> {
    let personas = catalogue.personas();
    let given = sitter.given.iter().map(|(id, share)| (id.as_str(), *share));
    personas.mixture(given).or_else(|| match profile? {
        Value::String(id) => personas.mixture([(id.as_str(), 1.0)].into_iter()),
        Value::Object(shares) => personas.mixture(
            shares
                .iter()
                .map(|(id, share)| (id.as_str(), share.as_f64().unwrap_or(0.0))),
        ),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => None,
    })
}

/// Decayed Bayes; the evidence comes faded.
fn posterior(catalogue: &Catalogue, prior: Option<Vec<f64>>, odds: &[f64], evidence: &Evidence) -> Vec<f64> {
    let personas = catalogue.personas().all();
    let uniform = 1.0 / personas.len() as f64;
    let prior = prior.unwrap_or_else(|| vec![uniform; personas.len()]);
    let logs: Vec<f64> = personas
        .iter()
        .zip(&prior)
        .zip(odds)
        .map(|((persona, prior), odds)| {
            (prior * (1.0 - DOUBT) + DOUBT * uniform).ln() + odds + evidence.log_likelihood(persona)
        })
        .collect();
    let best = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let shares: Vec<f64> = logs.iter().map(|log| (log - best).exp()).collect();
    let total: f64 = shares.iter().sum();
    shares.iter().map(|share| share / total).collect()
}

#[cfg(test)]
mod tests;
