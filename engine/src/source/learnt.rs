//! Learnt: what the scenario's models make of the works that a list starts from, for two sources and for the taste.
//!
//! The sources "collaborative" and "content" give works that a model leads to: nothing where the scenario names none.
//! The taste of an item is τ/(τ+n) of the persona's and n/(τ+n) of the model's, where n is how much of the reader's recent
//! works the model knows: the more there is to go by, the more it says. What the collaborative model does not know, the one
//! of content speaks for; what neither knows keeps the persona's. Invariant: nothing comes of a reader who does not agree to
//! be learnt from; without a model, without works, or for a group, taste is the persona's to the last bit.

use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashSet;

use super::works::Works;
use super::{Out, Source};
use crate::catalogue::Catalogue;
use crate::catalogue::row::{ItemIx, OfferRow};
use crate::model::{Folded, Kind, Model};
use crate::pipeline::Query;
use crate::pipeline::asking::Meter;

/// So many recent works weigh as much as the persona (τ).
const TAU: f64 = 4.0;
/// The most items that a model gives for one list.
const FOUND: usize = 400;
/// Offers of a work whose names are looked for in a model that knows offers.
const OFFERS: usize = 8;

/// The source of one kind of model.
pub(super) struct FromModel(pub(super) Kind);

impl Source for FromModel {
    fn name(&self) -> &'static str {
        match self.0 {
            Kind::Collaborative => "collaborative",
            Kind::Content => "content",
        }
    }

    fn gather(&self, query: &Query<'_>, depth: usize, out: &mut Out) -> bool {
        let found = query.learnt.works(self.0, query, &out.meter);
        Works::new(query, depth, out).take_all(found.iter().copied());
        true
    }
}

/// What each model makes of it, found when it is first asked for.
#[derive(Debug, Default)]
pub struct Learnt {
    collaborative: OnceLock<Option<Opinion>>,
    content: OnceLock<Option<Opinion>>,
}

/// What one model makes of it.
#[derive(Debug)]
struct Opinion {
    model: Arc<Model>,
    folded: Folded,
    /// n.
    evidence: f64,
    /// The score that counts as 1.
    full: f64,
    /// Works, best first.
    found: Vec<ItemIx>,
    short: bool,
}

impl Learnt {
    /// Works that the model of a kind leads to, best first; where the effort was too little, whoever asks again is told
    /// so.
    pub fn works(&self, kind: Kind, query: &Query<'_>, meter: &Meter) -> &[ItemIx] {
        let held = match kind {
            Kind::Collaborative => &self.collaborative,
            Kind::Content => &self.content,
        };
        let Some(opinion) = held.get_or_init(|| Opinion::new(query, kind, meter)) else {
            return &[];
        };
        if opinion.short && !meter.ran_out() {
            meter.spend(usize::MAX);
        }
        &opinion.found
    }

    /// A taste with what the models that were asked say of the offer.
    pub fn with(&self, query: &Query<'_>, offer: &OfferRow, taste: f64) -> f64 {
        self.said(query, offer).map_or(taste, |(evidence, value)| {
            (TAU * taste + evidence * value) / (TAU + evidence)
        })
    }

    /// How much of the taste for an offer comes of a model, where some does.
    pub fn share(&self, query: &Query<'_>, offer: &OfferRow) -> f64 {
        let said = self.said(query, offer);
        said.map_or(0.0, |(evidence, value)| evidence * value / (TAU + evidence))
    }

    fn said(&self, query: &Query<'_>, offer: &OfferRow) -> Option<(f64, f64)> {
        let held = [&self.collaborative, &self.content].into_iter();
        let opinions = held.filter_map(|held| held.get()?.as_ref());
        let mut speaking = opinions.filter(|opinion| opinion.evidence > 0.0);
        speaking.find_map(|opinion| Some((opinion.evidence, opinion.of(query.catalogue, offer)?)))
    }
}

impl Opinion {
    fn new(query: &Query<'_>, kind: Kind, meter: &Meter) -> Option<Self> {
        let model = named(query, kind)?;
        let seeds = query.seeds.weighted().iter();
        let known = seeds.filter_map(|(item, weight)| Some((number_of(query.catalogue, model, *item)?, *weight)));
        let history: Vec<(u32, f64)> = known.collect();
        if history.is_empty() {
            return None;
        }
        // Works that were asked about say nothing of who asks, and one reader's works nothing of a group.
        let is_readers = query.seeds.asked().is_empty() && query.company.len() == 1;
        let evidence = history.iter().map(|(_, weight)| weight).sum::<f64>();
        let folded = model.fold(history);
        let short = !meter.spend(model.looked_at(&folded));
        let best = if short { Vec::new() } else { model.best(&folded, FOUND) };
        let full = match kind {
            Kind::Collaborative => best.first().map_or(f64::INFINITY, |(_, score)| *score),
            Kind::Content => 1.0,
        };
        Some(Self {
            evidence: if is_readers && !short { evidence } else { 0.0 },
            found: items(query, model, &best),
            model: Arc::clone(model),
            folded,
            full,
            short,
        })
    }

    /// What it says of an offer, in [0, 1]; nothing of one that it does not know.
    fn of(&self, catalogue: &Catalogue, offer: &OfferRow) -> Option<f64> {
        let item = catalogue.item(offer.item)?;
        let number = self.model.number(item.id.as_str());
        let number = number.or_else(|| self.model.number(offer.id.as_str()))?;
        Some((self.model.score(&self.folded, number) / self.full).clamp(0.0, 1.0))
    }
}

/// The works of a model's items that stand in the catalogue, each once, without those that the list starts from.
fn items(query: &Query<'_>, model: &Model, best: &[(u32, f64)]) -> Vec<ItemIx> {
    let mut seen: FxHashSet<ItemIx> = query.seeds.weighted().iter().map(|(item, _)| *item).collect();
    let ids = best.iter().filter_map(|(number, _)| model.id(*number));
    let items = ids.filter_map(|id| {
        let of_offer = || Some(query.catalogue.offer(query.catalogue.find(id)?)?.item);
        query.catalogue.find_item(id).or_else(of_offer)
    });
    items.filter(|item| seen.insert(*item)).collect()
}

/// The number of a work, by its own name or by that of one of its offers.
fn number_of(catalogue: &Catalogue, model: &Model, item: ItemIx) -> Option<u32> {
    let work = catalogue.item(item)?;
    let offers = work.rows.iter().take(OFFERS);
    let by_offer = || {
        let mut ids = offers.filter_map(|row| catalogue.offer(*row));
        ids.find_map(|offer| model.number(offer.id.as_str()))
    };
    model.number(work.id.as_str()).or_else(by_offer)
}

/// The model that the scenario names, where it is there.
fn named<'a>(query: &Query<'a>, kind: Kind) -> Option<&'a Arc<Model>> {
    let scenario = query.placement.scenario?;
    query.catalogue.models().get(scenario.body.models.of(kind)?)
}

/// The models that the scenario names and that are not there.
pub fn missing(query: &Query<'_>) -> Vec<String> {
    let kinds = [Kind::Collaborative, Kind::Content].into_iter();
    let scenario = query.placement.scenario;
    let named = kinds.filter_map(|kind| scenario?.body.models.of(kind));
    let absent = named.filter(|name| query.catalogue.models().get(name).is_none());
    absent.map(|name| format!("model:{name}")).collect()
}
