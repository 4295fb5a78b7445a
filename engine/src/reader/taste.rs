//! Evidence and taste: what answers, declared practices and acts say together, and the appetite that follows.
//!
//! Invariant: tastes are in [0, 1]; evidence for a category is what is said of it and of its subcategories, so that
//! an answer and an act weigh in the same unit, one booking.

use crate::catalogue::Catalogue;
use crate::catalogue::practice::Practice;
use crate::catalogue::words::Word;
use crate::persona::Compiled;
use crate::questionnaire::{Answers, Named, named};

/// So many bookings weigh as much as the personas (τ).
pub(super) const TAU: f64 = 4.0;
/// How much less the absence of a practice says than a practice: nobody practises what was never shown.
const ABSENCE: f64 = 0.4;
/// So many showings of a category weigh as much as what was expected of it.
const SHOWINGS: f64 = 4.0;
/// Showings that are taken to where nothing is known of the reader and the taste is perfect.
const USUAL: f64 = 0.3;
/// What a declared practice counts, in bookings: said, not done.
const DECLARED: f64 = 0.7;

/// What is said of each subcategory, category and genre, in bookings; below 0 against it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Evidence {
    /// Said of a subcategory itself.
    subcategories: Vec<f64>,
    /// Said of a category as a whole.
    categories: Vec<f64>,
    /// Both, by category.
    totals: Vec<f64>,
    genres: Vec<(Word, f64)>,
}

impl Evidence {
    pub(super) fn gather(
        catalogue: &Catalogue,
        practices: &[String],
        answers: &Answers,
        practice: Option<&Practice>,
    ) -> Self {
        let taxonomy = catalogue.taxonomy();
        let mut evidence = Self {
            subcategories: vec![0.0; taxonomy.subcategories().count()],
            categories: vec![0.0; taxonomy.categories().count()],
            totals: Vec::new(),
            genres: Vec::new(),
        };
        for word in practices {
            named(catalogue, word, |named, share| evidence.say(named, DECLARED * share));
        }
        for (named, weight) in &answers.named {
            evidence.say(*named, *weight);
        }
        if let Some(practice) = practice {
            for (subcategory, weight) in practice.evidence() {
                evidence.subcategories[subcategory.index()] += weight;
            }
            practice
                .genres()
                .for_each(|(genre, weight)| evidence.say(Named::Genre(genre), weight));
        }
        evidence.genres.sort_unstable_by_key(|(word, _)| *word);
        evidence.totals = evidence.categories.clone();
        for (ix, sub) in taxonomy.subcategories() {
            evidence.totals[sub.category.index()] += evidence.subcategories[ix.index()];
        }
        evidence
    }

    fn say(&mut self, named: Named, weight: f64) {
        match named {
            Named::Category(category) => self.categories[category.index()] += weight,
            Named::Subcategory(subcategory) => self.subcategories[subcategory.index()] += weight,
            Named::Genre(genre) => match self.genres.iter_mut().find(|(known, _)| *known == genre) {
                Some((_, known)) => *known += weight,
                None => self.genres.push((genre, weight)),
            },
        }
    }

    /// Whether nothing is said.
    pub(super) fn is_empty(&self) -> bool {
        let none = |said: &[f64]| said.iter().all(|weight| *weight == 0.0);
        none(&self.subcategories) && none(&self.categories) && self.genres.is_empty()
    }

    /// By category.
    pub(super) fn by_category(&self) -> &[f64] {
        &self.totals
    }

    /// By genre, in the order of the words' numbers.
    pub(super) fn genres(&self) -> Vec<(Word, f64)> {
        self.genres.clone()
    }

    /// How much speaks for something, in bookings.
    pub(super) fn amount(&self) -> f64 {
        self.totals.iter().map(|weight| weight.max(0.0)).sum()
    }

    /// The log of how likely all this is for a persona.
    pub(super) fn log_likelihood(&self, persona: &Compiled) -> f64 {
        let own = self.subcategories.iter().zip(&persona.log_likelihood);
        let whole = self.categories.iter().zip(&persona.share);
        own.map(|(weight, log)| weight * log).sum::<f64>()
            + whole
                .filter(|(weight, _)| **weight != 0.0)
                .map(|(weight, share)| weight * share.ln())
                .sum::<f64>()
    }
}

/// The appetite for each subcategory: what words and acts let expect, then how what was shown of its category was
/// received (a Beta-Bernoulli rate against what was expected of this reader). What is disliked sinks at once.
pub(super) fn by_subcategory(
    catalogue: &Catalogue,
    mixture: &[f64],
    evidence: &Evidence,
    practice: &Practice,
) -> Vec<f64> {
    let taxonomy = catalogue.taxonomy();
    let mut tastes = expected(catalogue, mixture, evidence);
    let mut hoped = vec![0.0f64; evidence.totals.len()];
    for (ix, sub) in taxonomy.subcategories() {
        let best = &mut hoped[sub.category.index()];
        *best = best.max(tastes[ix.index()]);
    }
    let met = taxonomy.categories().map(|(ix, _)| practice.received(ix));
    let reception = reception(&hoped, &met.collect::<Vec<_>>());
    for (ix, sub) in taxonomy.subcategories() {
        let taste = &mut tastes[ix.index()];
        *taste = (*taste * reception[sub.category.index()]).clamp(0.0, 1.0);
    }
    tastes
}

/// For each category, its rate of acceptance over the one hoped for: 1 where it was never shown. What this reader
/// takes to of all that is shown sets the scale, so that who seldom clicks is not taken for one who likes nothing.
fn reception(hoped: &[f64], met: &[(f64, f64)]) -> Vec<f64> {
    let shown: f64 = met.iter().zip(hoped).map(|((shown, _), hope)| shown * hope).sum();
    let taken: f64 = met.iter().map(|(_, taken)| taken).sum();
    let usual = (taken + SHOWINGS * USUAL) / (shown + SHOWINGS);
    let rate = |(hope, (shown, taken)): (&f64, &(f64, f64))| {
        let hope = usual * hope;
        if hope > 0.0 {
            (taken + SHOWINGS * hope) / ((shown + SHOWINGS) * hope)
        } else {
            1.0
        }
    };
    hoped.iter().zip(met).map(rate).collect()
}

/// The appetite that words and acts let expect: the personas' until practice outweighs them.
fn expected(catalogue: &Catalogue, mixture: &[f64], evidence: &Evidence) -> Vec<f64> {
    let personas = catalogue.personas().all();
    let best = |said: &[f64]| said.iter().copied().fold(0.0, f64::max);
    let (best_category, best_sub) = (best(&evidence.totals), best(&evidence.subcategories));
    let relative = |weight: f64, best: f64| if best > 0.0 { weight.max(0.0) / best } else { 0.0 };
    let shown = evidence.amount() / (TAU + evidence.amount());
    let tastes = catalogue.taxonomy().subcategories().map(|(ix, sub)| {
        let prior: f64 = mixture
            .iter()
            .zip(personas)
            .map(|(share, persona)| share * persona.taste[ix.index()])
            .sum();
        let (own, whole) = (
            evidence.subcategories[ix.index()],
            evidence.totals[sub.category.index()],
        );
        let practice = 0.6 * relative(whole, best_category) + 0.4 * relative(own, best_sub.max(best_category));
        let against = own.min(0.0) + whole.min(0.0);
        let shown = if whole > 0.0 { shown } else { shown * ABSENCE };
        (((1.0 - shown) * prior + shown * practice) * against.exp()).clamp(0.0, 1.0)
    });
    tastes.collect()
}
