//! Every parser of the engine under bent input: a typed refusal, or something that is applied, asked and answered.
//!
//! A fixed count of inputs in the ordinary run; `FLORILEGE_FUZZ_SECONDS=600` gives each target ten minutes. Those of
//! Arrow streams, cursors and query strings stand in `api/src/http/tests/fuzz.rs`, that of mapping files in
//! `indexer/src/import/tests/fuzz.rs`.

use florilege_tests::fuzz::targets::{Target, World};
use florilege_tests::fuzz::{self, Ran};

fn ran(name: &str, count: u64) -> Ran {
    let (target, mut world) = (Target::find(name), World::new());
    let seeds: Vec<Vec<u8>> = target.seeds.iter().map(|seed| seed.as_bytes().to_vec()).collect();
    let ran = fuzz::run(name, &seeds, count, |input| target.run(&mut world, input));
    assert!(ran.inputs >= count.min(100), "{ran:?}");
    ran
}

/// Much is refused in many ways, and something is taken.
fn both(ran: &Ran, taken: &str) {
    assert!(ran.outcomes.len() > 8, "{ran:?}");
    assert!(ran.outcomes.iter().any(|outcome| outcome.contains(taken)), "{ran:?}");
}

#[test]
fn change_lines() {
    both(&ran("change", 12_000), "ok ");
}

#[test]
fn recommendations() {
    both(&ran("recommendation", 4_000), "ok ");
}

#[test]
fn pages() {
    both(&ran("feed", 1_500), "ok ");
}

#[test]
fn searches() {
    both(&ran("search", 4_000), "ok ");
}

#[test]
fn words_of_searches() {
    both(&ran("words", 1_500), "ok ");
}

#[test]
fn documents() {
    both(&ran("document", 1_500), "Playlists 0");
}

#[test]
fn questionnaires() {
    both(&ran("questionnaire", 2_000), "ok ");
}

#[test]
fn taxonomies() {
    both(&ran("taxonomy", 8_000), "ok ");
}

#[test]
fn problems_of_the_arranger() {
    both(&ran("arrange", 4_000), "ok ");
}
