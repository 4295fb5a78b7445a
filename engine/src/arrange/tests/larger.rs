//! Equal to a plain dynamic programme over sets of offers, where trying every list would take too long (N to 12, k to 9).

use rand::{RngExt, SeedableRng};
use rustc_hash::FxHashMap;

use super::oracle::{Family, PLAIN, draw_sized, judge};
use crate::arrange::verify::{verify, violations};
use crate::arrange::{Problem, Workspace, solve_with};

type State = (u32, Vec<u32>);

/// The longest length and its best value: a state is the set used and the last offers that a rule can still see.
fn reference(problem: &Problem) -> (usize, f64) {
    let memory = problem.rules.iter().map(|r| r.window - 1).max().unwrap_or(0);
    let mut layer: FxHashMap<State, (f64, Vec<u32>)> = FxHashMap::default();
    layer.insert((0, Vec::new()), (0.0, Vec::new()));
    let mut best = (0, 0.0);
    for rank in 0..problem.k {
        let mut next: FxHashMap<State, (f64, Vec<u32>)> = FxHashMap::default();
        for ((used, _), (value, places)) in &layer {
            for c in (0..problem.scores.len() as u32).filter(|c| used >> c & 1 == 0) {
                let mut with = places.clone();
                with.push(c);
                if violations(problem, &with).iter().any(|v| v.rank == rank) {
                    continue;
                }
                let worth = value + problem.scores[c as usize] / ((rank + 2) as f64).log2();
                let tail = with[with.len().saturating_sub(memory)..].to_vec();
                let entry = next.entry((used | 1 << c, tail)).or_insert((-1.0, Vec::new()));
                if worth > entry.0 {
                    *entry = (worth, with);
                }
            }
        }
        if next.is_empty() {
            break;
        }
        best = (rank + 1, next.values().map(|(v, _)| *v).fold(0.0, f64::max));
        layer = next;
    }
    best
}

fn check(family: &Family, seed: u64, cases: usize) {
    let mut rng = rand_pcg::Pcg64Mcg::seed_from_u64(seed);
    let mut ws = Workspace::default();
    for case in 0..cases {
        let (n, k) = (rng.random_range(6..=11), rng.random_range(5..=9));
        let problem = draw_sized(&mut rng, family, n, k);
        let slate = solve_with(&problem.clone().check().unwrap(), &mut ws);
        let (len, value) = reference(&problem);
        let found = judge(&problem, &slate.places);
        let told = format!("case {case} of seed {seed}: {problem:#?} {slate:#?} {len} {value}");
        assert_eq!(found.len, len, "{told}");
        assert!((found.value - value).abs() <= 1e-9 * value && slate.exact, "{told}");
        assert_eq!(verify(&problem, &slate), vec![], "{told}");
    }
}

fn cases(short: usize) -> usize {
    if std::env::var("FLORILEGE_LONG").is_ok_and(|v| v == "1") {
        40 * short
    } else {
        short
    }
}

#[test]
fn adjacency() {
    check(&PLAIN, 51, cases(25));
}

#[test]
fn adjacency_in_thin_pools() {
    check(
        &Family {
            thin: true,
            history: true,
            ..PLAIN
        },
        52,
        cases(25),
    );
}

#[test]
fn wider_windows() {
    check(
        &Family {
            rules: &[(0, 3, 1, true)],
            history: true,
            ..PLAIN
        },
        53,
        cases(10),
    );
    check(
        &Family {
            rules: &[(0, 3, 2, true)],
            thin: true,
            ..PLAIN
        },
        54,
        cases(10),
    );
}

#[test]
fn two_attributes() {
    let rules = &[(0, 2, 1, true), (1, 3, 1, true)];
    check(
        &Family {
            rules,
            attributes: 2,
            ..PLAIN
        },
        55,
        cases(10),
    );
}
