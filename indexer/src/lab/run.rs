//! A whole evaluation: from data to every number of the report.
//!
//! Invariant: [`Numbers`] are the same in every run of the same data, options and program; times stand in [`Times`].

use std::collections::BTreeMap;
use std::path::PathBuf;

use rayon::prelude::*;
use serde::Serialize;

use super::bootstrap::{Difference, Draws, correct, difference, interval, mean};
use super::dataset::Dataset;
use super::front::{Frame, Point, dominates, on_front};
use super::frozen::{Best, best};
use super::models::{Settings, TrainError};
use super::rerank::Reranker;
use super::split::{Split, SplitError, Way};
use super::sweep::{Bench, Measured, Reader, names, settings, strengths};
use crate::progress::Progress;

pub mod numbers;
pub use numbers::{Alone, Duel, Estimate, Numbers, Price, Row, Times};

/// What can be chosen.
#[derive(Debug, Clone, Serialize)]
pub struct Options {
    /// How the data is divided.
    pub way: Way,
    /// Folds of the strong way.
    pub folds: usize,
    /// Another seed, other draws.
    pub seed: u64,
    /// Places of a list.
    pub k: usize,
    /// Items that re-rankers choose from.
    pub pool: usize,
    /// Strengths of each re-ranker.
    pub strengths: usize,
    /// Draws of the bootstrap.
    pub draws: usize,
    /// The models.
    pub models: Vec<Settings>,
    /// Where scores are kept between runs.
    #[serde(skip)]
    pub cache: Option<PathBuf>,
}

/// Why an evaluation stops.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The data cannot be divided.
    #[error(transparent)]
    Split(#[from] SplitError),
    /// A model cannot be trained.
    #[error(transparent)]
    Train(#[from] TrainError),
}

/// The measures of diversity that fronts are drawn over, and whether less is better.
pub const PLANES: [(&str, bool); 7] = [
    ("ild", false),
    ("main_entropy", false),
    ("alpha_ndcg", false),
    ("srecall", false),
    ("main_calibration_kl", true),
    ("calibration_kl", true),
    ("epc", false),
];
/// Measured for each model by itself.
const ALONE: [(&str, usize); 6] = [
    ("ndcg", 10),
    ("recall_liang", 20),
    ("recall_liang", 50),
    ("ndcg", 100),
    ("map", 10),
    ("miuf", 10),
];

/// Runs everything.
///
/// # Errors
/// See [`RunError`].
pub fn run(data: &Dataset, options: &Options, progress: &Progress) -> Result<(Numbers, Times), RunError> {
    let splits = options.way.split(data, options.folds, options.seed)?;
    let bench = bench(data, &splits, options.k);
    let frozen = frozen(&splits, options, progress)?;
    let users = frozen.first().map_or(0, |best| best.1.len());
    let draws = Draws::new(users, options.draws, options.seed);
    let mut numbers = Numbers {
        data: data.name.clone(),
        data_hash: data.hash(),
        counts: counts(data),
        splits: splits
            .iter()
            .map(|split| (split.name.clone(), split.hash.clone()))
            .collect(),
        judged: users,
        options: serde_json::json!(options),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        models: alone(&bench, &frozen, options, &draws),
        rows: Vec::new(),
        prices: Vec::new(),
        duels: Vec::new(),
        verdicts: Vec::new(),
    };
    let mut times: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    let wanted = settings(&strengths(options.strengths));
    let bar = progress.bar("re-ranking", (wanted.len() * frozen.len()) as u64);
    for (model, best) in &frozen {
        let pools = bench.pools(best, options.pool);
        let mut measured = Vec::with_capacity(wanted.len());
        for (reranker, rule, strength) in &wanted {
            measured.push(bench.measure(best, &pools, *reranker, *rule, *strength));
            bar.inc(1);
        }
        for one in &measured {
            let ruled = if one.setting.rule { " + rule" } else { "" };
            let name = format!("{}{ruled}", one.setting.reranker);
            times.entry(name).or_default().push(one.nanos / 1e3);
        }
        numbers.prices.extend(price(model, &measured, &draws));
        numbers.duels.extend(duels(model, &measured, &draws));
        numbers.rows.extend(rows(model, &measured, &draws));
    }
    bar.finish();
    let mut all: Vec<&mut Difference> = numbers.duels.iter_mut().map(|duel| &mut duel.difference).collect();
    correct(&mut all);
    numbers.verdicts = super::report::verdicts(&numbers);
    Ok((
        numbers,
        times.into_iter().map(|(name, micros)| (name, mean(&micros))).collect(),
    ))
}

fn counts(data: &Dataset) -> BTreeMap<String, u64> {
    let yes: usize = data.positives().iter().map(Vec::len).sum();
    let counts = [
        ("users", data.users.len() as u64),
        ("items", data.items.len() as u64),
        ("items_had", data.items_had() as u64),
        ("genres", data.genres.len() as u64),
        ("acts", data.acts.len() as u64),
        ("yeses", yes as u64),
        ("lines_not_read", data.unread),
    ];
    counts
        .into_iter()
        .map(|(name, count)| (name.to_owned(), count))
        .collect()
}

fn bench(data: &Dataset, splits: &[Split], k: usize) -> Bench {
    let reader = |split: &Split, held: &super::split::Held| {
        let named = |items: &[u32]| items.iter().map(|item| split.items[*item as usize]).collect();
        Reader {
            shown: named(&held.shown),
            hidden: named(&held.hidden),
        }
    };
    let of_split = |split| -> Vec<Reader> {
        let split: &Split = split;
        split.held.iter().map(|held| reader(split, held)).collect()
    };
    let readers: Vec<Reader> = splits.iter().flat_map(of_split).collect();
    let all: Vec<Vec<u32>> = data
        .positives()
        .iter()
        .map(|yes| yes.iter().map(|(item, _)| *item).collect())
        .collect();
    Bench::new(&data.of_item, &data.main_genres(), data.genres.len(), &readers, &all, k)
}

/// The best items of every judged reader by every model, folds one after another.
fn frozen(splits: &[Split], options: &Options, progress: &Progress) -> Result<Vec<(String, Best)>, RunError> {
    let bar = progress.bar("training", (splits.len() * options.models.len()) as u64);
    let most = options.pool.max(100);
    let mut all = Vec::new();
    for settings in &options.models {
        let mut of_model = Best::new();
        for split in splits {
            of_model.extend(best(settings, split, most, options.seed, options.cache.as_deref())?);
            bar.inc(1);
        }
        all.push((settings.name().to_owned(), of_model));
    }
    bar.finish();
    Ok(all)
}

fn alone(bench: &Bench, frozen: &[(String, Best)], options: &Options, draws: &Draws) -> Vec<Alone> {
    let accuracy = |best: &Best| {
        let mut columns = bench.as_they_are(best, &["ndcg"], options.k);
        columns.pop().unwrap_or_default()
    };
    let of = |name: &str| {
        frozen
            .iter()
            .find(|(model, _)| model == name)
            .map(|(_, best)| accuracy(best))
    };
    let (popularity, neighbours) = (of("popularity"), of("item-knn"));
    let mut made: Vec<Alone> = frozen
        .iter()
        .map(|(model, best)| {
            let metric = |(metric, k): &(&str, usize)| {
                let mut columns = bench.as_they_are(best, &[metric], *k);
                let values = columns.pop().unwrap_or_default();
                (format!("{metric}@{k}"), estimate(&values, draws))
            };
            let mut metrics: BTreeMap<String, Estimate> = ALONE.iter().map(metric).collect();
            let own = accuracy(best);
            metrics.insert(format!("ndcg@{}", options.k), estimate(&own, draws));
            let over = |other: &Option<Vec<f64>>, named: &str| {
                let other = other.as_ref().filter(|_| model != named)?;
                Some(paired(&own, other, draws))
            };
            Alone {
                model: model.clone(),
                metrics,
                over_popularity: over(&popularity, "popularity"),
                over_neighbours: over(&neighbours, "item-knn"),
            }
        })
        .collect();
    let both = |one| -> Vec<&mut Difference> {
        let one: &mut Alone = one;
        [&mut one.over_popularity, &mut one.over_neighbours]
            .into_iter()
            .flatten()
            .collect()
    };
    correct(&mut made.iter_mut().flat_map(both).collect::<Vec<_>>());
    made
}

fn estimate(values: &[f64], draws: &Draws) -> Estimate {
    let (low, high) = interval(&mut draws.means(values));
    Estimate {
        value: mean(values),
        low,
        high,
    }
}

fn paired(one: &[f64], other: &[f64], draws: &Draws) -> Difference {
    let differences: Vec<f64> = one.iter().zip(other).map(|(a, b)| a - b).collect();
    difference(mean(&differences), draws.means(&differences))
}

fn column(name: &str) -> usize {
    names().iter().position(|known| *known == name).unwrap_or(0)
}

fn price(model: &str, measured: &[Measured], draws: &Draws) -> Option<Price> {
    let find = |rule: bool| {
        let is = |one: &&Measured| one.setting.reranker == Reranker::Relevance.name() && one.setting.rule == rule;
        measured.iter().find(is)
    };
    let (without, with) = (find(false)?, find(true)?);
    let accuracy = column("ndcg");
    Some(Price {
        model: model.to_owned(),
        relevance: if without.value > 0.0 {
            1.0 - with.value / without.value
        } else {
            0.0
        },
        ndcg: paired(&without.of_user[accuracy], &with.of_user[accuracy], draws),
        breaks_without: mean(&without.of_user[column("main_clash_rate")]),
        missing: with.missing,
    })
}

/// A plane's points of some settings, over all users and in each draw.
struct Cloud {
    all: Vec<Point>,
    drawn: Vec<Vec<Point>>,
}

impl Cloud {
    fn new(measured: &[&Measured], plane: (&str, bool), draws: &Draws) -> Self {
        let sign = if plane.1 { -1.0 } else { 1.0 };
        let (x, y) = (column("ndcg"), column(plane.0));
        let all = measured
            .iter()
            .map(|one| (mean(&one.of_user[x]), sign * mean(&one.of_user[y])));
        let means = |one: &&Measured| (draws.means(&one.of_user[x]), draws.means(&one.of_user[y]));
        let drawn: Vec<(Vec<f64>, Vec<f64>)> = measured.iter().map(means).collect();
        let points = |draw: usize| drawn.iter().map(|(x, y)| (x[draw], sign * y[draw])).collect();
        Self {
            all: all.collect(),
            drawn: (0..draws.len()).map(points).collect(),
        }
    }
}

/// Ours, calibrated or as served, under the rule, against every other, with the rule and without.
fn duels(model: &str, measured: &[Measured], draws: &Draws) -> Vec<Duel> {
    let family = |name: &str, rule: bool| -> Vec<&Measured> {
        let is = |one: &&Measured| one.setting.reranker == name && one.setting.rule == rule;
        measured.iter().filter(is).collect()
    };
    let own = Reranker::ALL.into_iter().filter(|reranker| reranker.is_ours());
    let ours: Vec<&Measured> = own.flat_map(|own| family(own.name(), true)).collect();
    let everything: Vec<&Measured> = measured.iter().collect();
    let of_plane = |plane: (&'static str, bool)| {
        let own = Cloud::new(&ours, plane, draws);
        let frame = Frame::around(&Cloud::new(&everything, plane, &Draws::new(0, 0, 0)).all);
        let rivals = Reranker::ALL.into_iter().filter(|rival| !rival.is_ours());
        let against = |(rival, rule): (Reranker, bool)| {
            let mut made = duel(&own, &Cloud::new(&family(rival.name(), rule), plane, draws), frame);
            (made.model, made.plane) = (model.to_owned(), plane.0.to_owned());
            (made.rival, made.rival_rule) = (rival.name().to_owned(), rule);
            made
        };
        rivals
            .flat_map(|rival| [(rival, true), (rival, false)])
            .map(against)
            .collect::<Vec<_>>()
    };
    PLANES.into_par_iter().flat_map_iter(of_plane).collect()
}

fn duel(own: &Cloud, other: &Cloud, frame: Frame) -> Duel {
    let beaten = |points: &[Point], by: &[Point], at: usize| by.iter().any(|rival| dominates(*rival, points[at]));
    let count = |points: &[Point], by: &[Point]| (0..points.len()).filter(|at| beaten(points, by, *at)).count();
    let surely = |at: usize| {
        let pairs = own.drawn.iter().zip(&other.drawn);
        let times = pairs.filter(|(points, by)| beaten(points, by, at)).count();
        times as f64 >= 0.95 * own.drawn.len() as f64
    };
    let (ours, theirs) = (frame.volume(&own.all), frame.volume(&other.all));
    let drawn = own.drawn.iter().zip(&other.drawn);
    let differences = drawn
        .map(|(own, other)| frame.volume(own) - frame.volume(other))
        .collect();
    Duel {
        model: String::new(),
        plane: String::new(),
        rival: String::new(),
        rival_rule: false,
        ours,
        theirs,
        difference: difference(ours - theirs, differences),
        points: own.all.len(),
        dominated: count(&own.all, &other.all),
        surely_dominated: (0..own.all.len()).filter(|at| surely(*at)).count(),
        dominating: count(&other.all, &own.all),
        rival_points: other.all.len(),
    }
}

fn rows(model: &str, measured: &[Measured], draws: &Draws) -> Vec<Row> {
    let everything: Vec<&Measured> = measured.iter().collect();
    let nobody = Draws::new(0, 0, 0);
    let fronts: Vec<(&str, Vec<bool>)> = PLANES
        .into_iter()
        .map(|plane| (plane.0, on_front(&Cloud::new(&everything, plane, &nobody).all)))
        .collect();
    let row = |(number, one): (usize, &Measured)| {
        let of_user = || names().into_iter().zip(&one.of_user);
        let mut metrics: BTreeMap<String, f64> = of_user()
            .map(|(name, values)| (name.to_owned(), mean(values)))
            .collect();
        let interval = |values: &Vec<f64>| interval(&mut draws.means(values));
        let intervals = of_user()
            .map(|(name, values)| (name.to_owned(), interval(values)))
            .collect();
        for (name, value) in [
            ("coverage", one.coverage),
            ("gini", one.gini),
            ("value", one.value),
            ("missing", one.missing),
        ] {
            metrics.insert(name.to_owned(), value);
        }
        Row {
            model: model.to_owned(),
            reranker: one.setting.reranker.clone(),
            rule: one.setting.rule,
            strength: one.setting.strength,
            metrics,
            intervals,
            greedy: one.greedy,
            front_of: fronts
                .iter()
                .filter(|(_, on)| on[number])
                .map(|(plane, _)| (*plane).to_owned())
                .collect(),
        }
    };
    measured.par_iter().enumerate().map(row).collect()
}

#[cfg(test)]
mod movielens;
#[cfg(test)]
mod tests;
