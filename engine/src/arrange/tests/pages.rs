//! Pages: the reserve keeps what a joint plan could fill, and rules hold across the cut.

use rand::{RngExt, SeedableRng};

use super::oracle::{Family, PLAIN, draw};
use crate::arrange::verify::{verify, violations};
use crate::arrange::{Problem, solve};

/// Over every plan of `k + reserve` places: the longest, then the most valuable first `k`.
fn joint(problem: &Problem, places: &mut Vec<u32>, best: &mut (usize, f64)) {
    let worth = |(rank, c): (usize, &u32)| problem.scores[*c as usize] / ((rank + 2) as f64).log2();
    let value: f64 = places.iter().take(problem.k).enumerate().map(worth).sum();
    if places.len() > best.0 || (places.len() == best.0 && value > best.1) {
        *best = (places.len(), value);
    }
    if places.len() == problem.k + problem.reserve {
        return;
    }
    for c in 0..problem.scores.len() as u32 {
        if places.contains(&c) {
            continue;
        }
        places.push(c);
        if violations(problem, places).is_empty() {
            joint(problem, places, best);
        }
        places.pop();
    }
}

fn check(family: &Family, seed: u64, cases: usize) {
    let mut rng = rand_pcg::Pcg64Mcg::seed_from_u64(seed);
    for case in 0..cases {
        let mut problem = draw(&mut rng, family);
        problem.k = rng.random_range(1..=3);
        problem.reserve = rng.random_range(1..=4);
        let slate = solve(&problem.clone().check().unwrap());
        let mut best = (0, 0.0);
        joint(&problem, &mut Vec::new(), &mut best);
        let told = format!("case {case}: {problem:#?} {slate:#?} {best:?}");
        assert_eq!(slate.places.len(), best.0.min(problem.k), "{told}");
        assert!((slate.value - best.1).abs() <= 1e-9 * best.1 && slate.exact, "{told}");
        assert_eq!(verify(&problem, &slate), vec![], "{told}");
    }
}

#[test]
fn the_first_page_of_the_best_joint_plan() {
    check(&PLAIN, 61, 600);
    check(
        &Family {
            thin: true,
            history: true,
            ..PLAIN
        },
        62,
        600,
    );
}

#[test]
fn under_other_rules() {
    check(
        &Family {
            rules: &[(0, 3, 1, true)],
            history: true,
            ..PLAIN
        },
        63,
        300,
    );
    check(
        &Family {
            rules: &[(0, 2, 1, true), (1, 2, 1, true)],
            attributes: 2,
            ..PLAIN
        },
        64,
        300,
    );
}

#[test]
fn pages_never_reach_a_dead_end_that_a_joint_plan_avoids() {
    let mut rng = rand_pcg::Pcg64Mcg::seed_from_u64(65);
    for _ in 0..500 {
        let whole = draw(&mut rng, &Family { thin: true, ..PLAIN });
        let mut best = (0, 0.0);
        joint(
            &Problem {
                reserve: 6,
                k: 1,
                ..whole.clone()
            },
            &mut Vec::new(),
            &mut best,
        );
        let (mut shown, mut page) = (
            Vec::new(),
            Problem {
                k: 2,
                reserve: 5,
                ..whole.clone()
            },
        );
        loop {
            let slate = solve(&page.clone().check().unwrap());
            if slate.places.is_empty() {
                break;
            }
            shown.extend_from_slice(&slate.places);
            page.history = slate.carry(&page);
            page.exclude.extend_from_slice(&slate.places);
        }
        assert_eq!(shown.len(), best.0, "{whole:#?} {shown:?}");
        assert!(violations(&whole, &shown).is_empty(), "{whole:#?} {shown:?}");
    }
}
