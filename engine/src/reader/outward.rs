//! The way outwards: the present profile p, where it could go next g, and how much of a list leads there.
//!
//! The list aims at (1 - β) p + β g. g is the neighbouring categories that readers of the present ones took up
//! (the catalogue's steps, with the personas' table as so many readers), without what is practised or disliked already;
//! β is the personas' pace, halved at first, moved by the reader's own acceptance as acts make the reader ready. Invariant: p, g and
//! the aim sum to 1; β is between 0 and 0.6; nothing disliked is in g.

use super::taste::{Evidence, TAU};
use crate::catalogue::Catalogue;
use crate::catalogue::practice::Practice;
use crate::taxonomy::CategoryIx;

/// At most this share of a list leads outwards.
pub(super) const MOST: f64 = 0.6;
/// The personas' table of what lies next counts as so many steps of readers.
const PRIOR_STEPS: f64 = 20.0;
/// Once ready, the personas' pace is multiplied by this times the openness that was shown.
const STRIDE: f64 = 4.0;
/// Once ready, the present profile follows habits less than in proportion, so that what is done most does not crowd out
/// the rest: shares are raised to this power.
const HABIT: f64 = 0.6;
/// Comfort gives way with every act; all of it has once acts have said as much as so many bookings.
const COMFORT: f64 = 6.0;

/// Where a reader is and where the lists lead.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Way {
    /// The present profile, by category; empty for nobody.
    pub present: Vec<f64>,
    /// Where it could go next, by category.
    pub next: Vec<f64>,
    /// How much of a list leads there (β).
    pub pace: f64,
    /// How far comfort has given way to the second phase, 0 to 1.
    pub readiness: f64,
    /// For each category, the practised one from which a step most likely leads there.
    from: Vec<Option<CategoryIx>>,
    steps: Vec<f64>,
}

impl Way {
    /// What a list aims at, by category; empty for nobody.
    pub fn aim(&self) -> Vec<f64> {
        let mixed = self.present.iter().zip(&self.next);
        mixed.map(|(p, g)| (1.0 - self.pace) * p + self.pace * g).collect()
    }

    /// How much of a step outwards a category is, 0 to 1: its share of what comes next, at the reader's pace.
    pub fn step(&self, category: CategoryIx) -> f64 {
        self.steps.get(category.index()).copied().unwrap_or(0.0)
    }

    /// From where the step to a category leads.
    pub fn from(&self, category: CategoryIx) -> Option<CategoryIx> {
        self.from.get(category.index()).copied().flatten()
    }
}

pub(super) fn way(catalogue: &Catalogue, mixture: &[f64], evidence: &Evidence, practice: &Practice, pace: f64) -> Way {
    let readiness = (practice.said() / COMFORT).clamp(0.0, 1.0);
    let present = present(catalogue, mixture, evidence, between(1.0, HABIT, readiness));
    let (next, from) = next(catalogue, &present, evidence, practice);
    let total: f64 = next.iter().sum();
    let phase = between(0.5, STRIDE * practice.openness(), readiness);
    let pace = if total > 0.0 {
        (pace * phase).clamp(0.0, MOST)
    } else {
        0.0
    };
    let next: Vec<f64> = if total > 0.0 {
        next.iter().map(|share| share / total).collect()
    } else {
        present.clone()
    };
    let best = next.iter().copied().fold(0.0, f64::max);
    let scale = if best > 0.0 { pace / MOST / best } else { 0.0 };
    Way {
        steps: next.iter().map(|share| share * scale).collect(),
        present,
        next,
        pace,
        readiness,
        from,
    }
}

/// From one value to another, part of the way.
fn between(from: f64, to: f64, part: f64) -> f64 {
    (1.0 - part) * from + part * to
}

/// The present profile: the personas' shares until practice outweighs them, without what has no offers.
fn present(catalogue: &Catalogue, mixture: &[f64], evidence: &Evidence, habit: f64) -> Vec<f64> {
    let personas = catalogue.personas().all();
    let amount = evidence.amount();
    let share = |category: usize| {
        let prior: f64 = mixture
            .iter()
            .zip(personas)
            .map(|(share, persona)| share * persona.share[category])
            .sum();
        ((TAU * prior + evidence.by_category()[category].max(0.0)) / (TAU + amount)).powf(habit)
    };
    let shares: Vec<f64> = (0..evidence.by_category().len()).map(share).collect();
    let offered = |category: &usize| !catalogue.popular()[*category].is_empty();
    let total: f64 = (0..shares.len()).filter(offered).map(|c| shares[c]).sum();
    if total <= 0.0 {
        return shares;
    }
    let kept = (0..shares.len()).map(|c| if offered(&c) { shares[c] / total } else { 0.0 });
    kept.collect()
}

/// What comes next, not yet summing to 1, and from where.
fn next(
    catalogue: &Catalogue,
    present: &[f64],
    evidence: &Evidence,
    practice: &Practice,
) -> (Vec<f64>, Vec<Option<CategoryIx>>) {
    let said = evidence.by_category();
    let mean = 1.0 / present.iter().filter(|p| **p > 0.0).count().max(1) as f64;
    let known = |c: CategoryIx| {
        if evidence.amount() > 0.0 {
            practice.practises(c) || said[c.index()] > 0.0
        } else {
            present[c.index()] > mean
        }
    };
    let categories: Vec<CategoryIx> = catalogue.taxonomy().categories().map(|(ix, _)| ix).collect();
    let away: Vec<u32> = categories.iter().map(|from| catalogue.steps().away(*from)).collect();
    let mut shares = vec![0.0; categories.len()];
    let mut from = vec![None; categories.len()];
    for to in categories.iter().copied() {
        let open = !known(to) && said[to.index()] >= 0.0 && !catalogue.popular()[to.index()].is_empty();
        if !open {
            continue;
        }
        let mut best = 0.0;
        for origin in categories.iter().copied().filter(|origin| known(*origin)) {
            let share = present[origin.index()] * likelihood(catalogue, origin, to, away[origin.index()]);
            shares[to.index()] += share;
            if share > best {
                best = share;
                from[to.index()] = Some(origin);
            }
        }
    }
    (shares, from)
}

/// How likely a reader of one category takes up another next: counted steps, with the table as prior.
fn likelihood(catalogue: &Catalogue, from: CategoryIx, to: CategoryIx, away: u32) -> f64 {
    let prior = PRIOR_STEPS * catalogue.personas().next(from, to);
    (prior + f64::from(catalogue.steps().count(from, to))) / (PRIOR_STEPS + f64::from(away))
}
