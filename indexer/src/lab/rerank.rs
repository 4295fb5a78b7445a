//! The re-rankers that are compared: those of the engine, the same code that serves, and production's round-robin.
//!
//! A soft model picks and orders k of a reader's N best; with the rule, [`adjusted`] scores go to the engine's exact solver,
//! which has the last word. Invariant: under the rule no two neighbours have one main genre, whatever the model; a list
//! that cannot be filled so is cut, never filled up.

use florilege_engine::arrange::soft::blend::{Blend, blend};
use florilege_engine::arrange::soft::{
    Picked, SoftError, Strength, Vectors, adjusted, calibration, dpp, mmr, ssd, xquad,
};
use florilege_engine::arrange::{Attribute, Checked, Problem, ProblemError, Rule, Slate, Values, place_weight};

/// How much a category and a genre weigh in what an offer is about, as in `engine/src/pipeline/soft.rs`.
const CATEGORY: f32 = 1.0;
const GENRE: f32 = 0.5;
/// Picks that sliding spectrum decomposition looks at together.
const SSD_WINDOW: usize = 8;

/// A way to trade relevance for diversity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reranker {
    /// None: the best k.
    Relevance,
    /// One of each main genre in turn, as in production; the strength is how deep it looks, from k to all.
    RoundRobin,
    /// Maximal marginal relevance over genres.
    Mmr,
    /// A determinantal point process over genres.
    Dpp,
    /// Sliding spectrum decomposition over genres.
    Ssd,
    /// Genres that the reader likes and the list has not served.
    Xquad,
    /// Main genres in the shares of the reader's history.
    Calibrated,
    /// What the engine serves at that strength: calibrated, then varied over main genre and genres, by its own code.
    Served,
}

impl Reranker {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Relevance,
        Self::RoundRobin,
        Self::Mmr,
        Self::Dpp,
        Self::Ssd,
        Self::Xquad,
        Self::Calibrated,
        Self::Served,
    ];

    /// Whether it is ours: what the engine does with a reader's list, calibration alone or what a strength asks for.
    #[must_use]
    pub const fn is_ours(self) -> bool {
        matches!(self, Self::Calibrated | Self::Served)
    }

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Relevance => "relevance",
            Self::RoundRobin => "round-robin",
            Self::Mmr => "mmr",
            Self::Dpp => "dpp",
            Self::Ssd => "ssd",
            Self::Xquad => "xquad",
            Self::Calibrated => "calibrated",
            Self::Served => "served",
        }
    }
}

/// A reader's N best items and what re-rankers need to know of them.
#[derive(Debug)]
pub struct Pool {
    /// Relevance in [0, 1], best first.
    pub scores: Vec<f64>,
    /// The main genre of each.
    pub main: Vec<u32>,
    genres: Vec<Values>,
    vectors: Vectors,
    /// As the engine has them: the main genre twice as heavy as each genre.
    contents: Vectors,
    /// The shares of main genres in the reader's history.
    target: Vec<f64>,
    /// The shares of all genres in it.
    interest: Vec<f64>,
}

/// What a model made of a pool.
#[derive(Debug, Clone, Default)]
pub struct Softened {
    /// The k that it picks, first to last, as places in the pool.
    pub order: Vec<u32>,
    /// The scores that rules are kept by, where the model says more than an order.
    scores: Option<Vec<f64>>,
}

/// What is known of the items of a catalogue.
#[derive(Debug, Clone, Copy)]
pub struct Genres<'a> {
    /// All genres of each item.
    pub of_item: &'a [Vec<u32>],
    /// The main one of each; items without any share a number past the last.
    pub main: &'a [u32],
    /// How many genres there are.
    pub count: usize,
}

impl Genres<'_> {
    /// The pool of a reader: items with their scores, best first, and the history.
    ///
    /// # Errors
    /// Scores that are not finite.
    pub fn pool(&self, best: &[(u32, f64)], history: &[u32]) -> Result<Pool, SoftError> {
        let of = |item: &u32| &self.of_item[*item as usize];
        let mut rows = vec![0.0_f32; best.len() * (self.count + 1)];
        for ((item, _), row) in best.iter().zip(rows.chunks_exact_mut(self.count + 1)) {
            of(item).iter().for_each(|genre| row[*genre as usize] = 1.0);
            if of(item).is_empty() {
                row[self.count] = 1.0;
            }
        }
        let width = 2 * self.count + 1;
        let mut contents = vec![0.0_f32; best.len() * width];
        for ((item, _), row) in best.iter().zip(contents.chunks_exact_mut(width)) {
            row[self.main[*item as usize] as usize] = CATEGORY;
            of(item)
                .iter()
                .for_each(|genre| row[self.count + 1 + *genre as usize] = GENRE);
        }
        let (mut target, mut interest) = (vec![0.0; self.count + 1], vec![0.0; self.count]);
        for item in history {
            target[self.main[*item as usize] as usize] += 1.0;
            let genres = of(item);
            genres
                .iter()
                .for_each(|genre| interest[*genre as usize] += 1.0 / genres.len() as f64);
        }
        Ok(Pool {
            scores: unit(best),
            main: best.iter().map(|(item, _)| self.main[*item as usize]).collect(),
            genres: best
                .iter()
                .map(|(item, _)| of(item).iter().copied().collect())
                .collect(),
            vectors: Vectors::new(rows, self.count + 1)?,
            contents: Vectors::new(contents, width)?,
            target: or_even(target),
            interest: or_even(interest),
        })
    }
}

/// Scores between those of the worst (0) and the best (1) of the pool; all 1 where they are equal.
fn unit(best: &[(u32, f64)]) -> Vec<f64> {
    let worst = best.iter().map(|(_, score)| *score).fold(f64::INFINITY, f64::min);
    let top = best.iter().map(|(_, score)| *score).fold(f64::NEG_INFINITY, f64::max);
    let scale = |score: f64| {
        if top > worst {
            (score - worst) / (top - worst)
        } else {
            1.0
        }
    };
    best.iter().map(|(_, score)| scale(*score)).collect()
}

/// A reader of whom nothing is known aims at everything alike.
fn or_even(shares: Vec<f64>) -> Vec<f64> {
    if shares.iter().any(|share| *share > 0.0) {
        shares
    } else {
        vec![1.0; shares.len()]
    }
}

impl Pool {
    /// What a model picks.
    ///
    /// # Errors
    /// See [`SoftError`].
    pub fn pick(&self, reranker: Reranker, k: usize, strength: f64) -> Result<Softened, SoftError> {
        let s = Strength::new(strength)?;
        let order = |picked: Picked| picked.order;
        let order = match reranker {
            Reranker::Relevance => (0..self.scores.len().min(k) as u32).collect(),
            Reranker::RoundRobin => self.round_robin(k, strength),
            Reranker::Mmr => order(mmr::pick(&self.scores, &self.vectors, k, s)?),
            Reranker::Dpp => order(dpp::pick(&self.scores, &self.vectors, k, s)?),
            Reranker::Ssd => order(ssd::pick(&self.scores, &self.vectors, k, SSD_WINDOW, s)?),
            Reranker::Xquad => order(xquad::pick(&self.scores, &self.genres, &self.interest, k, s)?),
            Reranker::Calibrated => order(calibration::pick(&self.scores, &self.main, &self.target, k, s)?),
            Reranker::Served => return self.served(k, s),
        };
        Ok(Softened { order, scores: None })
    }

    fn served(&self, k: usize, strength: Strength) -> Result<Softened, SoftError> {
        let model = Blend {
            categories: &self.main,
            aim: &self.target,
            to_aim: strength,
            variety: Some((&self.contents, strength)),
        };
        let mut made = blend(&self.scores, &model, k)?;
        if made.order.is_empty() {
            made.order = (0..self.scores.len() as u32).collect();
        }
        made.order.truncate(k);
        Ok(Softened {
            order: made.order,
            scores: Some(made.scores),
        })
    }

    /// The best of each main genre in turn, genres in the order of their best, among as many as the strength says.
    fn round_robin(&self, k: usize, strength: f64) -> Vec<u32> {
        let all = self.scores.len();
        let deep = k.min(all) + (strength * all.saturating_sub(k) as f64).round() as usize;
        let mut queues: Vec<(u32, std::collections::VecDeque<u32>)> = Vec::new();
        for place in 0..deep as u32 {
            let genre = self.main[place as usize];
            match queues.iter_mut().find(|(own, _)| *own == genre) {
                Some((_, queue)) => queue.push_back(place),
                None => queues.push((genre, [place].into())),
            }
        }
        let mut order = Vec::with_capacity(deep);
        while order.len() < deep {
            order.extend(queues.iter_mut().filter_map(|(_, queue)| queue.pop_front()));
        }
        order.truncate(k);
        order
    }

    /// The problem of placing k under the rule, a model's picks worth most.
    ///
    /// # Errors
    /// See [`ProblemError`].
    pub fn ruled(&self, soft: &Softened, k: usize) -> Result<Checked, ProblemError> {
        let scores = soft.scores.clone();
        let values = self.main.iter().map(|genre| Values::from_slice(&[*genre])).collect();
        Problem {
            scores: scores.unwrap_or_else(|| adjusted(&self.scores, &soft.order)),
            attributes: vec![Attribute {
                by: "category".into(),
                values,
            }],
            k,
            rules: vec![Rule {
                attribute: 0,
                window: 2,
                max: 1,
                strict: true,
            }],
            ..Problem::default()
        }
        .check()
    }

    /// Discounted relevance of a list, the pool's own scores.
    #[must_use]
    pub fn value(&self, places: &[u32]) -> f64 {
        value(&self.scores, places)
    }
}

fn value(scores: &[f64], places: &[u32]) -> f64 {
    let worth = |(rank, place): (usize, &u32)| place_weight(rank) * scores[*place as usize];
    places.iter().enumerate().map(worth).sum()
}

/// How much of a slate's value a greedy list has that looks ahead for dead ends (1 is all).
#[must_use]
pub fn greedy_share(problem: &Checked, slate: &Slate) -> f64 {
    let given = problem.problem();
    let main: Vec<u32> = given.attributes[0].values.iter().map(|values| values[0]).collect();
    let greedy = look_ahead(&given.scores, &main, slate.places.len());
    if slate.value > 0.0 {
        value(&given.scores, &greedy) / slate.value
    } else {
        1.0
    }
}

/// The best that may stand next and leaves the rest of the places fillable: Σ min(n_c, ⌈R/2⌉, or ⌊R/2⌋ for the last
/// shown) ≥ R.
fn look_ahead(scores: &[f64], main: &[u32], k: usize) -> Vec<u32> {
    let mut ranked: Vec<u32> = (0..scores.len() as u32).collect();
    ranked.sort_by(|a, b| scores[*b as usize].total_cmp(&scores[*a as usize]).then(a.cmp(b)));
    let width = main.iter().max().map_or(0, |most| *most as usize + 1);
    let mut left = vec![0_usize; width];
    main.iter().for_each(|genre| left[*genre as usize] += 1);
    let mut taken = vec![false; scores.len()];
    let mut list: Vec<u32> = Vec::with_capacity(k);
    while list.len() < k {
        let last = list.last().map(|place| main[*place as usize]);
        let rest = k - list.len() - 1;
        let fillable = |genre: u32| {
            let room = |(own, count): (usize, &usize)| {
                let count = count - usize::from(own as u32 == genre);
                count.min(if own as u32 == genre {
                    rest / 2
                } else {
                    rest.div_ceil(2)
                })
            };
            left.iter().enumerate().map(room).sum::<usize>() >= rest
        };
        let fits = |place: &&u32| {
            let genre = main[**place as usize];
            !taken[**place as usize] && Some(genre) != last && fillable(genre)
        };
        let Some(next) = ranked.iter().find(fits).copied() else {
            break;
        };
        taken[next as usize] = true;
        left[main[next as usize] as usize] -= 1;
        list.push(next);
    }
    list
}

#[cfg(test)]
mod tests;
