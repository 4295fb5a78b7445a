//! A small fixed world: sources add what they are there for.
//!
//! The sources whose purpose shows in any generated world are held to it; what the others add there is told by the
//! command, and is often nothing, since the same offers are found by other sources.

use florilege_engine::source::SOURCES;
use florilege_engine::taxonomy::Taxonomy;
use indicatif::ProgressBar;

use super::{PURPOSES, ablate};
use crate::simulate::{Assumptions, Plan};

#[test]
fn every_source_has_a_purpose() {
    let named: Vec<&str> = PURPOSES.iter().map(|purpose| purpose.source).collect();
    let sources = SOURCES.iter().map(|source| source.name());
    let sources: Vec<&str> = sources.filter(|name| !LEARNT.contains(name)).collect();
    assert_eq!(named, sources);
}

/// Sources that give nothing without a learnt model, and the simulated world has none.
const LEARNT: [&str; 2] = ["collaborative", "content"];

/// Sources whose loss shows in a small world too: all at seeds 1, 2, 3 and 5.
const TELLING: [&str; 10] = [
    "new",
    "similar",
    "neighbours",
    "vector",
    "rising",
    "labels",
    "friends",
    "shares",
    "reviews",
    "exploration",
];

#[test]
fn taking_a_source_away_takes_what_it_is_there_for() {
    let plan = Plan {
        readers: 100,
        months: 1,
        offers: 6_000,
        seed: 1,
        now: "2026-12-01T08:00:00+01:00".parse().unwrap(),
        communes: Vec::new(),
        assumed: Assumptions::built_in(&Taxonomy::built_in()).unwrap(),
        documents: Vec::new(),
    };
    let table = ablate(&plan, &ProgressBar::hidden()).unwrap();
    for source in TELLING {
        let row = table.rows.iter().find(|row| row.source == source).unwrap();
        assert!(row.effect.low > 0.0, "{source} adds nothing\n{table}");
    }
}
