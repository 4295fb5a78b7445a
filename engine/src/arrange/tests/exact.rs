//! Equal to exhaustive search, family by family: a short form by default, 20,000 each with `FLORILEGE_LONG=1`.

use rand::SeedableRng;

use super::oracle::{Best, Family, PLAIN, draw, exhaustive, judge};
use crate::arrange::verify::verify;
use crate::arrange::{Workspace, solve_with};

fn cases(short: usize) -> usize {
    if std::env::var("FLORILEGE_LONG").is_ok_and(|v| v == "1") {
        20_000
    } else {
        short
    }
}

/// Solves random problems of a family and compares length, breaks and value with every list there is.
fn check(family: &Family, seed: u64, short: usize) {
    let mut rng = rand_pcg::Pcg64Mcg::seed_from_u64(seed);
    let mut ws = Workspace::default();
    for case in 0..cases(short) {
        let problem = draw(&mut rng, family);
        let checked = problem.clone().check().unwrap();
        let slate = solve_with(&checked, &mut ws);
        let best = exhaustive(&problem);
        let found = judge(&problem, &slate.places);
        let told = format!("case {case} of seed {seed}: {problem:#?}\nfound {found:?} {slate:#?}\nbest {best:?}");
        let Best {
            missing,
            len,
            strict,
            soft,
            value,
        } = best;
        assert_eq!(
            (found.missing, found.len, found.strict, found.soft),
            (missing, len, strict, soft),
            "{told}"
        );
        assert!((found.value - value).abs() <= 1e-9 * value, "{told}");
        assert!(slate.exact && slate.gap == 0.0 && slate.bound == slate.value, "{told}");
        assert_eq!(verify(&problem, &slate), vec![], "{told}");
        assert_eq!(
            slate.shortfall.as_ref().map_or(0, |s| s.missing),
            problem.k - len,
            "{told}"
        );
    }
}

#[test]
fn one_adjacency_rule() {
    check(&PLAIN, 1, 3_000);
}

#[test]
fn adjacency_after_history() {
    check(&Family { history: true, ..PLAIN }, 2, 3_000);
}

#[test]
fn thin_pools() {
    check(
        &Family {
            thin: true,
            history: true,
            ..PLAIN
        },
        3,
        3_000,
    );
}

#[test]
fn window_three_one() {
    check(
        &Family {
            rules: &[(0, 3, 1, true)],
            history: true,
            ..PLAIN
        },
        4,
        2_000,
    );
}

#[test]
fn window_three_two() {
    check(
        &Family {
            rules: &[(0, 3, 2, true)],
            history: true,
            ..PLAIN
        },
        5,
        2_000,
    );
}

#[test]
fn window_four_one() {
    check(
        &Family {
            rules: &[(0, 4, 1, true)],
            history: true,
            ..PLAIN
        },
        6,
        2_000,
    );
}

#[test]
fn window_five_two() {
    check(
        &Family {
            rules: &[(0, 5, 2, true)],
            history: true,
            ..PLAIN
        },
        7,
        2_000,
    );
}

#[test]
fn window_without_history() {
    check(
        &Family {
            rules: &[(0, 3, 2, true)],
            thin: true,
            ..PLAIN
        },
        8,
        2_000,
    );
}

#[test]
fn two_attributes() {
    let rules = &[(0, 2, 1, true), (1, 3, 1, true)];
    check(
        &Family {
            rules,
            attributes: 2,
            history: true,
            ..PLAIN
        },
        9,
        2_000,
    );
}

#[test]
fn two_rules_of_one_attribute() {
    let rules = &[(0, 2, 1, true), (0, 200, 2, true)];
    check(
        &Family {
            rules,
            history: true,
            ..PLAIN
        },
        10,
        2_000,
    );
}

#[test]
fn pins() {
    check(
        &Family {
            pins: true,
            history: true,
            ..PLAIN
        },
        11,
        2_000,
    );
}

#[test]
fn pins_under_a_wider_window() {
    check(
        &Family {
            rules: &[(0, 4, 2, true)],
            pins: true,
            ..PLAIN
        },
        12,
        2_000,
    );
}

#[test]
fn quotas() {
    check(&Family { quotas: true, ..PLAIN }, 13, 2_000);
}

#[test]
fn quotas_without_rules() {
    check(
        &Family {
            rules: &[],
            quotas: true,
            pins: true,
            ..PLAIN
        },
        14,
        2_000,
    );
}

#[test]
fn several_values() {
    let rules = &[(0, 2, 1, true), (0, 6, 3, true)];
    check(
        &Family {
            rules,
            several: true,
            history: true,
            ..PLAIN
        },
        15,
        2_000,
    );
}

#[test]
fn soft_rules() {
    let rules = &[(0, 2, 1, false)];
    check(
        &Family {
            rules,
            history: true,
            ..PLAIN
        },
        16,
        2_000,
    );
}

#[test]
fn strict_and_soft_rules() {
    let rules = &[(0, 2, 1, true), (1, 4, 1, false)];
    check(
        &Family {
            rules,
            attributes: 2,
            history: true,
            pins: true,
            ..PLAIN
        },
        17,
        1_500,
    );
}

#[test]
fn relaxed() {
    check(
        &Family {
            relax: true,
            thin: true,
            history: true,
            ..PLAIN
        },
        18,
        1_500,
    );
}

#[test]
fn relaxed_with_everything() {
    let rules = &[(0, 3, 1, true), (1, 2, 1, false), (1, 9, 0, true)];
    let family = Family {
        rules,
        attributes: 2,
        several: true,
        pins: true,
        quotas: true,
        relax: true,
        ..PLAIN
    };
    check(&family, 19, 1_000);
}

#[test]
fn everything_at_once() {
    let rules = &[(0, 3, 1, true), (1, 2, 1, true), (1, 4, 1, false), (0, 2, 0, false)];
    let family = Family {
        rules,
        attributes: 2,
        several: true,
        pins: true,
        quotas: true,
        history: true,
        ..PLAIN
    };
    check(&family, 20, 1_000);
}

#[test]
fn max_zero() {
    check(
        &Family {
            rules: &[(0, 2, 0, true)],
            history: true,
            pins: true,
            ..PLAIN
        },
        21,
        1_000,
    );
}
