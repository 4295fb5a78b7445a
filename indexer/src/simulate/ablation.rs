//! Ablation: every source is taken away in turn, and what it is there for is measured with it and without it.
//!
//! Called by `florilege-indexer simulate --ablate`. Readers live some months under the engine as it serves, then get to
//! know each other (`society`); the same list is then asked for with every source and without one. Invariant: a
//! purpose (`purpose`) is measured from documents and from what readers did, never from a score or a source's own
//! tables; intervals are paired over readers.

mod purpose;
mod society;

use std::fmt;

use florilege_engine::invalid::Invalid;
use florilege_engine::live::Generation;
use florilege_engine::pipeline::{Asking, Recommended};
use florilege_engine::time::Moment;
use indicatif::ProgressBar;
use rayon::prelude::*;
use serde::Serialize;

use super::policy::Policy;
use super::report::{Interval, Said, Verdict, paired};
use super::year::{Plan, SimulateError, World};
pub use purpose::{PURPOSES, Purpose};
use purpose::{Sight, View};
use society::Society;

/// One source taken away.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// The source.
    pub source: &'static str,
    /// What it is there for, as it is measured.
    pub purpose: &'static str,
    /// The mean over readers with every source.
    pub with: f64,
    /// The mean without this one.
    pub without: f64,
    /// What the source adds: with it less without it.
    pub effect: Interval,
    /// Places a list whose offer no other source named.
    pub alone: f64,
    /// Places a list that are others without it.
    pub moved: f64,
    /// Whether it does what it is for.
    pub verdict: Verdict,
}

/// Every source taken away in turn.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Ablation {
    /// Readers, months, offers, seed.
    pub plan: Said,
    /// A row for each source, in the engine's order.
    pub rows: Vec<Row>,
}

/// Lets readers live, then takes every source away in turn.
///
/// # Errors
/// See [`SimulateError`].
pub fn ablate(plan: &Plan, bar: &ProgressBar) -> Result<Ablation, SimulateError> {
    let mut world = World::lived(plan, Policy::Florilege, bar)?;
    let society = Society::found(&mut world)?;
    let (generation, now) = (world.engine.generation(), world.morning(world.next_day()));
    let numbers: Vec<usize> = (0..world.lives.len()).collect();
    let views: Vec<View<'_>> = numbers
        .par_iter()
        .map(|number| View::new(&world, &generation, &society, *number))
        .collect();
    let rows = PURPOSES.iter().map(|purpose| row(purpose, &views, &generation, now));
    Ok(Ablation {
        rows: rows.collect::<Result<_, _>>()?,
        plan: Said::of(plan),
    })
}

/// What one reader saw with a source and without it.
#[derive(Debug, Clone, Copy)]
struct Pair {
    with: f64,
    without: f64,
    alone: f64,
    moved: f64,
}

fn row(purpose: &Purpose, views: &[View<'_>], generation: &Generation, now: Moment) -> Result<Row, Invalid> {
    let pairs: Vec<Pair> = views
        .par_iter()
        .map(|view| pair(purpose, view, generation, now))
        .collect::<Result<_, _>>()?;
    let mean = |value: fn(&Pair) -> f64| pairs.iter().map(value).sum::<f64>() / pairs.len().max(1) as f64;
    let readers: Vec<usize> = (0..pairs.len()).collect();
    let (effect, verdict) = paired(views.first().map_or(0, |view| view.seed), &readers, |sample| {
        let gains = sample.iter().map(|reader| pairs[*reader].with - pairs[*reader].without);
        gains.sum::<f64>() / sample.len().max(1) as f64
    });
    Ok(Row {
        source: purpose.source,
        purpose: purpose.measure,
        with: mean(|pair| pair.with),
        without: mean(|pair| pair.without),
        effect,
        alone: mean(|pair| pair.alone),
        moved: mean(|pair| pair.moved),
        verdict,
    })
}

fn pair(purpose: &Purpose, view: &View<'_>, generation: &Generation, now: Moment) -> Result<Pair, Invalid> {
    let ask = |without: &[&str]| -> Result<Vec<Recommended>, Invalid> {
        let asking = Asking {
            similar_to: view.asked(purpose),
            without: without.iter().map(ToString::to_string).collect(),
            effort: None,
        };
        let visit = |visit| generation.recommend_asked(&view.request(purpose, visit), &asking, None, now);
        (0..purpose.visits).map(visit).collect()
    };
    let (all, fewer) = (ask(&[])?, ask(&[purpose.source])?);
    let places: Vec<_> = all.iter().flat_map(|list| &list.offers).collect();
    let alone = places.iter().filter(|place| place.sources == [purpose.source]);
    let kept = |list: &Recommended, id| list.offers.iter().any(|place| place.id == id);
    let lists = all.iter().zip(&fewer);
    let moved = lists.map(|(list, fewer)| {
        let gone = list.offers.iter().filter(|place| !kept(fewer, place.id.clone()));
        gone.count() as f64
    });
    Ok(Pair {
        with: purpose.of(&Sight { view, lists: &all }),
        without: purpose.of(&Sight { view, lists: &fewer }),
        alone: alone.count() as f64 / all.len() as f64,
        moved: moved.sum::<f64>() / all.len() as f64,
    })
}

impl fmt::Display for Ablation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "{}; every source is taken away in turn\n", self.plan)?;
        writeln!(
            out,
            "{:<13}{:<58}{:>9}{:>9}{:>7}{:>7}   what it adds",
            "source", "is there for, a list", "with", "without", "alone", "moves"
        )?;
        for row in &self.rows {
            let Interval { value, low, high } = row.effect;
            writeln!(
                out,
                "{:<13}{:<58}{:>9.3}{:>9.3}{:>7.2}{:>7.2}   {value:+.3} [{low:+.3}, {high:+.3}]: {}",
                row.source,
                row.purpose,
                row.with,
                row.without,
                row.alone,
                row.moved,
                row.verdict.as_str()
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
