//! Every re-ranker at every strength, with and without the rule, over every judged reader.
//!
//! Invariant: a point's numbers depend on the scores and the data alone; how long it took stands apart from them.

use std::time::Instant;

use florilege_engine::arrange::{Workspace, solve_with};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::bootstrap::mean;
use super::frozen::Best;
use super::metrics::input::{Data, Item, User};
use super::metrics::judge::Judge;
use super::rerank::{Genres, Pool, Reranker, greedy_share};

/// Metrics over all genres of an item.
const BY_GENRE: [&str; 11] = [
    "ndcg",
    "recall",
    "recall_liang",
    "map",
    "alpha_ndcg",
    "srecall",
    "ild",
    "entropy",
    "calibration_kl",
    "epc",
    "miuf",
];
/// Metrics over main genres, and what they are called here.
const BY_MAIN: [(&str, &str); 4] = [
    ("entropy", "main_entropy"),
    ("calibration_kl", "main_calibration_kl"),
    ("clash_rate", "main_clash_rate"),
    ("hhi", "main_hhi"),
];

/// The names of what is measured for each user, in the order of [`Measured::of_user`].
#[must_use]
pub fn names() -> Vec<&'static str> {
    BY_GENRE.iter().copied().chain(BY_MAIN.map(|(_, name)| name)).collect()
}

/// Who is judged and by what.
#[derive(Debug)]
pub struct Bench {
    by_genre: Data,
    by_main: Data,
    of_item: Vec<Vec<u32>>,
    main: Vec<u32>,
    genres: usize,
    shown: Vec<Vec<u32>>,
    /// Places of a list.
    pub k: usize,
}

/// One point of a front.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Setting {
    /// The re-ranker.
    pub reranker: String,
    /// Whether no two neighbours may have one main genre.
    pub rule: bool,
    /// How much relevance gives way, 0 to 1.
    pub strength: f64,
}

/// What the lists of one setting are worth.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// What made them.
    pub setting: Setting,
    /// For each metric of [`names`], the value of each user.
    pub of_user: Vec<Vec<f64>>,
    /// Items shown to anybody ÷ the catalogue.
    pub coverage: f64,
    /// How unevenly items are shown.
    pub gini: f64,
    /// Discounted relevance of the pool's scores, mean.
    pub value: f64,
    /// Places that could not be filled, mean.
    pub missing: f64,
    /// Of the lists under the rule: greedy against exact.
    pub greedy: Option<Greedy>,
    /// Nanoseconds a list took, mean: no result, and not the same twice.
    pub nanos: f64,
}

/// How a greedy list that looks ahead compares with the exact one, on the same problems.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Greedy {
    /// The share of lists where it is as good.
    pub as_good: f64,
    /// The part of the value lost, mean.
    pub mean_lost: f64,
    /// The part of the value lost, worst.
    pub worst_lost: f64,
    /// The share of lists that the engine proves best.
    pub proven: f64,
}

/// One judged reader, in the numbers of the data.
#[derive(Debug, Clone)]
pub struct Reader {
    /// What models looked at.
    pub shown: Vec<u32>,
    /// What they should find.
    pub hidden: Vec<u32>,
}

impl Bench {
    /// From the genres of each item, the judged readers, and everything that anybody said yes to.
    #[must_use]
    pub fn new(
        of_item: &[Vec<u32>],
        main: &[u32],
        genres: usize,
        readers: &[Reader],
        all: &[Vec<u32>],
        k: usize,
    ) -> Self {
        let items = |numbers: &[u32]| numbers.iter().map(|number| Item::new(*number)).collect::<Vec<_>>();
        let users = || -> Vec<User> {
            let user = |reader: &Reader| {
                let mut relevant: Vec<_> = items(&reader.hidden).into_iter().map(|item| (item, 1.0)).collect();
                relevant.sort_by_key(|(item, _)| *item);
                User {
                    list: Vec::new(),
                    relevant,
                    history: items(&reader.shown),
                }
            };
            readers.iter().map(user).collect()
        };
        let had: Vec<Vec<Item>> = all.iter().map(|numbers| items(numbers)).collect();
        let alone = |genre: &u32| {
            if (*genre as usize) < genres {
                vec![*genre]
            } else {
                Vec::new()
            }
        };
        Self {
            by_genre: Data::of_numbers(of_item.to_vec(), users(), &had),
            by_main: Data::of_numbers(main.iter().map(alone).collect(), users(), &had),
            of_item: of_item.to_vec(),
            main: main.to_vec(),
            genres,
            shown: readers.iter().map(|reader| reader.shown.clone()).collect(),
            k,
        }
    }

    /// The pools of all judged readers, from the `most` best items of each.
    #[must_use]
    pub fn pools(&self, best: &Best, most: usize) -> Vec<Option<Pool>> {
        let genres = Genres {
            of_item: &self.of_item,
            main: &self.main,
            count: self.genres,
        };
        let pool =
            |(best, shown): (&Vec<(u32, f64)>, &Vec<u32>)| genres.pool(&best[..best.len().min(most)], shown).ok();
        best.par_iter().zip(&self.shown).map(pool).collect()
    }

    /// Every user's value of some metrics over all genres, for the best items as they are, cut at `k`.
    #[must_use]
    pub fn as_they_are(&self, best: &Best, metrics: &[&str], k: usize) -> Vec<Vec<f64>> {
        let Some(judge) = Judge::new(&self.by_genre, metrics, k) else {
            return Vec::new();
        };
        let row = |(user, list): (usize, &Vec<(u32, f64)>)| {
            let items: Vec<Item> = list.iter().map(|(item, _)| Item::new(*item)).collect();
            judge.row(user, &items)
        };
        columns(&best.par_iter().enumerate().map(row).collect::<Vec<_>>())
    }

    /// What one setting is worth.
    #[must_use]
    pub fn measure(
        &self,
        best: &Best,
        pools: &[Option<Pool>],
        reranker: Reranker,
        rule: bool,
        strength: f64,
    ) -> Measured {
        let (by_genre, by_main) = (
            Judge::new(&self.by_genre, &BY_GENRE, self.k),
            Judge::new(&self.by_main, &BY_MAIN.map(|(metric, _)| metric), self.k),
        );
        let one = |room: &mut Workspace, user: usize| {
            let made = pools[user]
                .as_ref()
                .map(|pool| self.list(pool, reranker, rule, strength, room));
            let made = made.unwrap_or_default();
            let items: Vec<Item> = made
                .places
                .iter()
                .map(|at| Item::new(best[user][*at as usize].0))
                .collect();
            let judged = [&by_genre, &by_main]
                .into_iter()
                .flatten()
                .flat_map(|judge| judge.row(user, &items));
            (judged.collect::<Vec<f64>>(), items, made)
        };
        let all: Vec<_> = (0..best.len())
            .into_par_iter()
            .map_init(Workspace::default, one)
            .collect();
        let rows: Vec<Vec<f64>> = all.iter().map(|(row, _, _)| row.clone()).collect();
        let (coverage, gini) = self.by_genre.exposure(all.iter().map(|(_, items, _)| items.as_slice()));
        let of = |pick: &dyn Fn(&List) -> f64| mean(&all.iter().map(|(_, _, list)| pick(list)).collect::<Vec<_>>());
        Measured {
            setting: Setting {
                reranker: reranker.name().to_owned(),
                rule,
                strength,
            },
            of_user: columns(&rows),
            coverage,
            gini,
            value: of(&|list| list.value),
            missing: of(&|list| (self.k - list.places.len()) as f64),
            greedy: rule.then(|| Greedy {
                as_good: of(&|list| f64::from(u8::from(list.greedy >= 1.0 - 1e-9))),
                mean_lost: of(&|list| (1.0 - list.greedy).max(0.0)),
                worst_lost: all.iter().map(|(_, _, list)| 1.0 - list.greedy).fold(0.0, f64::max),
                proven: of(&|list| f64::from(u8::from(list.proven))),
            }),
            nanos: of(&|list| list.nanos),
        }
    }

    fn list(&self, pool: &Pool, reranker: Reranker, rule: bool, strength: f64, room: &mut Workspace) -> List {
        let begun = Instant::now();
        let soft = pool.pick(reranker, self.k, strength).unwrap_or_default();
        let problem = rule.then(|| pool.ruled(&soft, self.k).ok()).flatten();
        let Some(problem) = problem else {
            return List {
                value: pool.value(&soft.order),
                places: soft.order,
                greedy: 1.0,
                proven: true,
                nanos: begun.elapsed().as_nanos() as f64,
            };
        };
        let slate = solve_with(&problem, room);
        let nanos = begun.elapsed().as_nanos() as f64;
        List {
            value: pool.value(&slate.places),
            greedy: greedy_share(&problem, &slate),
            places: slate.places,
            proven: slate.exact,
            nanos,
        }
    }
}

#[derive(Debug, Default)]
struct List {
    places: Vec<u32>,
    value: f64,
    greedy: f64,
    proven: bool,
    nanos: f64,
}

fn columns(rows: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let width = rows.first().map_or(0, Vec::len);
    (0..width)
        .map(|column| rows.iter().map(|row| row[column]).collect())
        .collect()
}

/// Strengths from 0 to 1, evenly.
#[must_use]
pub fn strengths(count: usize) -> Vec<f64> {
    let last = count.saturating_sub(1).max(1) as f64;
    (0..count).map(|at| at as f64 / last).collect()
}

/// Every setting of a sweep: relevance once (a strength means nothing to it), the others at every strength.
#[must_use]
pub fn settings(strengths: &[f64]) -> Vec<(Reranker, bool, f64)> {
    let of = |reranker: Reranker, rule: bool| {
        let only = usize::from(reranker == Reranker::Relevance);
        let count = if only == 1 { 1 } else { strengths.len() };
        strengths[..count]
            .iter()
            .map(move |strength| (reranker, rule, *strength))
    };
    Reranker::ALL
        .into_iter()
        .flat_map(|reranker| [false, true].map(|rule| of(reranker, rule)))
        .flatten()
        .collect()
}
