//! A small fixed world: each source adds what it is there for.

use florilege_engine::source::SOURCES;
use florilege_engine::taxonomy::Taxonomy;
use indicatif::ProgressBar;

use super::{Interval, PURPOSES, ablate};
use crate::simulate::{Assumptions, Plan};

#[test]
fn every_source_has_a_purpose() {
    let named: Vec<&str> = PURPOSES.iter().map(|purpose| purpose.source).collect();
    let sources: Vec<&str> = SOURCES.iter().map(|source| source.name()).collect();
    assert_eq!(named, sources);
}

#[test]
fn taking_a_source_away_takes_what_it_is_there_for() {
    let plan = Plan {
        readers: 60,
        months: 1,
        offers: 3_000,
        seed: 5,
        now: "2026-12-01T08:00:00+01:00".parse().unwrap(),
        communes: Vec::new(),
        assumed: Assumptions::built_in(&Taxonomy::built_in()).unwrap(),
        documents: Vec::new(),
    };
    let table = ablate(&plan, &ProgressBar::hidden()).unwrap();
    for row in &table.rows {
        let Interval { value, low, .. } = row.effect;
        assert!(value > 0.0 && low >= 0.0, "{}: {value} from {low}\n{table}", row.source);
    }
}
