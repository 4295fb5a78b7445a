//! Every parser of the engine under bent input: a typed refusal, or something that is applied, asked and answered.
//!
//! A fixed count of inputs in the ordinary run; `FLORILEGE_FUZZ_SECONDS=600` gives each target ten minutes. Those of
//! Arrow streams, cursors, query strings and headers stand in `api/src/http/tests/fuzz.rs`.

use florilege_tests::fuzz::targets::{Target, World};
use florilege_tests::fuzz::{self, Ran};

fn ran(name: &str, count: u64) -> Ran {
    let (target, mut world) = (Target::find(name), World::new());
    let seeds: Vec<Vec<u8>> = target.seeds.iter().map(|seed| seed.as_bytes().to_vec()).collect();
    let ran = fuzz::run(name, &seeds, count, |input| target.run(&mut world, input));
    assert!(ran.inputs >= count.min(100), "{ran:?}");
    ran
}

/// Much is refused, in so many ways at least, and something is taken.
fn both(ran: &Ran, taken: &str, ways: usize) {
    assert!(ran.outcomes.len() >= ways, "{ran:?}");
    assert!(ran.outcomes.iter().any(|outcome| outcome.contains(taken)), "{ran:?}");
}

#[test]
fn change_lines() {
    both(&ran("change", 60_000), "ok ", 60);
}

#[test]
fn recommendations() {
    both(&ran("recommendation", 30_000), "ok ", 60);
}

#[test]
fn pages() {
    both(&ran("feed", 10_000), "ok ", 10);
}

#[test]
fn searches() {
    both(&ran("search", 30_000), "ok ", 60);
}

#[test]
fn words_of_searches() {
    both(&ran("words", 1_200), "ok ", 10);
}

#[test]
fn documents() {
    both(&ran("document", 10_000), "Playlists 0", 30);
}

#[test]
fn questionnaires() {
    both(&ran("questionnaire", 6_000), "LIVRE", 3);
}

#[test]
fn taxonomies() {
    both(&ran("taxonomy", 30_000), "ok ", 30);
}

#[test]
fn problems_of_the_arranger() {
    both(&ran("arrange", 30_000), "ok ", 6);
}
