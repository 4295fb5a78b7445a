//! What previews work out again and again and would find the same: kept for a moment.
//!
//! Stands between the editors and the engine. Invariants: what is kept is of the same entry of the log and of the same
//! question, at most [`LASTS`] old; the oldest of more than [`KEPT`] goes.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// How many answers are kept.
const KEPT: usize = 64;
/// For how long: the clock moves on too.
const LASTS: Duration = Duration::from_secs(60);

/// An answer, to which question, at which entry of the log, and since when.
struct Answer<T> {
    question: String,
    sequence: u64,
    since: Instant,
    answer: T,
}

/// Answers of a moment.
pub(super) struct Fresh<T>(Mutex<VecDeque<Answer<T>>>);

impl<T> Default for Fresh<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: Clone> Fresh<T> {
    /// The answer to a question, worked out where none is kept.
    pub(super) fn answer(&self, question: String, sequence: u64, work: impl FnOnce() -> T) -> T {
        self.answer_at(Instant::now(), question, sequence, work)
    }

    fn answer_at(&self, now: Instant, question: String, sequence: u64, work: impl FnOnce() -> T) -> T {
        let known = |one: &&Answer<T>| {
            one.question == question && one.sequence == sequence && now.duration_since(one.since) < LASTS
        };
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = kept.iter().find(known) {
            return found.answer.clone();
        }
        drop(kept);
        let answer = work();
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|one| one.question != question);
        kept.push_back(Answer {
            question,
            sequence,
            since: now,
            answer: answer.clone(),
        });
        if kept.len() > KEPT {
            kept.pop_front();
        }
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_lasts_a_moment_and_ends_with_its_entry() {
        let (fresh, start, mut worked) = (Fresh::default(), Instant::now(), 0);
        let mut ask = |now: Instant, question: &str, sequence: u64| {
            fresh.answer_at(now, question.to_owned(), sequence, || {
                worked += 1;
                worked
            })
        };
        let asked = [("a", 1), ("a", 1), ("b", 1), ("a", 2), ("a", 2)];
        let told = asked.map(|(question, sequence)| ask(start, question, sequence));
        assert_eq!(told, [1, 1, 2, 3, 3]);
        assert_eq!(ask(start + LASTS, "a", 2), 4);
        for other in 0..KEPT {
            ask(start + LASTS, &other.to_string(), 2);
        }
        assert_eq!(ask(start + LASTS, "a", 2), 5 + KEPT, "the oldest has gone");
    }
}
