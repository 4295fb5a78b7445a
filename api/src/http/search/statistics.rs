//! `GET /v1/search/statistics`: what is searched for most, and what finds nothing.
//!
//! For editors: a frequent search without an answer is a synonym, a playlist or an acquisition to come. Kept in memory
//! since the start, by counters of frequent words (Metwally et al. 2005) that need a bounded room. Invariant: nothing
//! of who asked is kept, and a text that was asked fewer than [`SHOWN_FROM`] times is not shown: it may say who asked.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use axum::extract::State;
use florilege_engine::search::names::normal;
use serde::Serialize;

use crate::app::App;
use crate::http::answer::{Answer, Answered};
use crate::http::route::{Note, Shape};

/// Texts that are counted at a time.
const COUNTED: usize = 2_000;
/// Asked so often, a text is shown.
const SHOWN_FROM: u64 = 3;
/// Texts of each list in an answer.
const SHOWN: usize = 100;
/// Longer texts are not counted, in characters.
const LONGEST: usize = 80;

/// Counters of what was searched for.
#[derive(Debug, Default)]
pub(crate) struct Statistics(Mutex<Counters>);

#[derive(Debug, Default)]
struct Counters {
    searches: u64,
    without_result: u64,
    popular: Frequent,
    fruitless: Frequent,
}

/// The most frequent texts, with counts that are at most too high by the least of them.
#[derive(Debug, Default)]
struct Frequent(HashMap<String, u64>);

impl Frequent {
    fn count(&mut self, text: &str) {
        if let Some(count) = self.0.get_mut(text) {
            *count += 1;
            return;
        }
        let mut inherited = 0;
        if self.0.len() >= COUNTED {
            let least = self
                .0
                .iter()
                .min_by(|one, two| one.1.cmp(two.1).then_with(|| one.0.cmp(two.0)));
            if let Some((text, count)) = least.map(|(text, count)| (text.clone(), *count)) {
                self.0.remove(&text);
                inherited = count;
            }
        }
        self.0.insert(text.to_owned(), inherited + 1);
    }

    fn shown(&self) -> Vec<Counted> {
        let often = self.0.iter().filter(|(_, count)| **count >= SHOWN_FROM);
        let mut shown: Vec<Counted> = often
            .map(|(q, count)| Counted {
                q: q.clone(),
                count: *count,
            })
            .collect();
        shown.sort_by(|one, two| two.count.cmp(&one.count).then_with(|| one.q.cmp(&two.q)));
        shown.truncate(SHOWN);
        shown
    }
}

impl Statistics {
    /// Counts the first page of a search.
    pub(crate) fn note(&self, q: &str, total: usize) {
        let text = normal(q);
        if text.is_empty() || text.chars().count() > LONGEST {
            return;
        }
        let mut counters = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counters.searches += 1;
        counters.popular.count(&text);
        if total == 0 {
            counters.without_result += 1;
            counters.fruitless.count(&text);
        }
    }

    fn shown(&self) -> SearchStatistics {
        let counters = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        SearchStatistics {
            searches: counters.searches,
            without_result: counters.without_result,
            popular: counters.popular.shown(),
            zero_results: counters.fruitless.shown(),
        }
    }
}

/// A text and how often it was searched for.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct Counted {
    /// The text, folded.
    q: String,
    /// How often; at most too high by the least count kept.
    count: u64,
}

/// What was searched for since the start.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct SearchStatistics {
    /// Searches with words, their first pages alone.
    searches: u64,
    /// Those that found nothing.
    without_result: u64,
    /// The most frequent.
    popular: Vec<Counted>,
    /// The most frequent of those that found nothing.
    zero_results: Vec<Counted>,
}

pub(crate) fn note() -> Note {
    Note {
        tag: "Editing",
        summary: "What is searched for",
        detail: "The most frequent searches and those that found nothing, since the server's start, without any reader. \
                 What was asked fewer than three times is not shown.",
        query: &[],
        bodies: vec![],
        answer: Shape::json::<SearchStatistics>(""),
        problems: &[],
    }
}

pub(crate) async fn get(State(app): State<App>) -> Answered {
    Answer::new(&app.searches.shown(), app.applied())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frequent_texts_are_counted_and_rare_ones_kept_silent() {
        let statistics = Statistics::default();
        for _ in 0..5 {
            statistics.note("Théâtre !", 3);
        }
        for _ in 0..4 {
            statistics.note("opéra rock martien", 0);
        }
        statistics.note("un nom de personne", 0);
        statistics.note("   ", 0);
        let shown = statistics.shown();
        assert_eq!((shown.searches, shown.without_result), (10, 5));
        let texts = |list: &[Counted]| list.iter().map(|one| (one.q.clone(), one.count)).collect::<Vec<_>>();
        assert_eq!(
            texts(&shown.popular),
            [("theatre".to_owned(), 5), ("opera rock martien".to_owned(), 4)]
        );
        assert_eq!(texts(&shown.zero_results), [("opera rock martien".to_owned(), 4)]);
    }

    #[test]
    fn the_room_is_bounded_and_the_frequent_stay() {
        let mut frequent = Frequent::default();
        for n in 0..30_000 {
            frequent.count(&format!("rare {n}"));
            if n % 5 == 0 {
                frequent.count("often");
            }
        }
        assert_eq!(frequent.0.len(), COUNTED);
        assert_eq!(frequent.shown()[0].q, "often");
        assert!(frequent.shown()[0].count >= 6_000);
    }
}
