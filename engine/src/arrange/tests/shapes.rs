//! Inputs of any shape end in a typed error or in a slate that verifies; a search cut short never hides its gap.

use rand::{RngExt, SeedableRng};

use super::oracle::{Family, PLAIN, draw, draw_sized, exhaustive};
use crate::arrange::verify::verify;
use crate::arrange::{
    Attribute, Cause, Pin, Policy, Problem, ProblemError, Quota, Rule, Shown, Solver, Values, explain, solve,
};

/// Anything, in and out of range.
fn anything(rng: &mut rand_pcg::Pcg64Mcg) -> Problem {
    let odd = [
        f64::NAN,
        f64::INFINITY,
        -1.0,
        -0.0,
        0.0,
        1e-9,
        1e12,
        f64::MAX,
        f64::MIN_POSITIVE,
    ];
    let n = [0, 1, 2, 5, 30][rng.random_range(0..5_usize)];
    let tame = rng.random_range(0..4) > 0;
    let score = |rng: &mut rand_pcg::Pcg64Mcg| {
        if tame {
            rng.random_range(0..9) as f64
        } else {
            odd[rng.random_range(0..9_usize)]
        }
    };
    let values = |rng: &mut rand_pcg::Pcg64Mcg| -> Values {
        (0..rng.random_range(0..4)).map(|_| rng.random_range(0..3)).collect()
    };
    let attribute = |rng: &mut rand_pcg::Pcg64Mcg| Attribute {
        by: "x".into(),
        values: (0..n).map(|_| values(rng)).collect(),
    };
    let wide = [0, 1, 2, 3, 7, 1000, usize::MAX];
    let number = |rng: &mut rand_pcg::Pcg64Mcg| wide[rng.random_range(0..7_usize)];
    let rule = |rng: &mut rand_pcg::Pcg64Mcg| Rule {
        attribute: rng.random_range(0..3),
        window: number(rng),
        max: number(rng),
        strict: rng.random_range(0..2) == 0,
    };
    let pin = |rng: &mut rand_pcg::Pcg64Mcg| Pin {
        candidate: rng.random_range(0..6),
        rank: rng.random_range(0..6),
    };
    let quota = |rng: &mut rand_pcg::Pcg64Mcg| Quota {
        attribute: rng.random_range(0..2),
        value: rng.random_range(0..4),
        min: number(rng),
        max: (rng.random_range(0..2) == 0).then(|| number(rng)),
        first: (rng.random_range(0..2) == 0).then(|| number(rng)),
    };
    Problem {
        scores: (0..n).map(|_| score(rng)).collect(),
        attributes: (0..2).map(|_| attribute(rng)).collect(),
        k: [1, 2, 5, 10, 200, 0, 201][rng.random_range(0..7_usize)],
        rules: (0..rng.random_range(0..4)).map(|_| rule(rng)).collect(),
        pins: (0..rng.random_range(0..3)).map(|_| pin(rng)).collect(),
        exclude: (0..rng.random_range(0..3)).map(|_| rng.random_range(0..6)).collect(),
        quotas: (0..rng.random_range(0..3)).map(|_| quota(rng)).collect(),
        history: (0..rng.random_range(0..4))
            .map(|_| Shown {
                values: vec![values(rng), values(rng)],
            })
            .collect(),
        policy: if rng.random_range(0..2) == 0 {
            Policy::Cut
        } else {
            Policy::Relax
        },
        reserve: [0, 0, 3, 200, 201][rng.random_range(0..5_usize)],
        budget: [0, 1, 10, 300][rng.random_range(0..4_usize)],
    }
}

#[test]
fn any_shape_ends_in_an_error_or_a_slate() {
    let mut rng = rand_pcg::Pcg64Mcg::seed_from_u64(71);
    let mut solved = 0;
    for case in 0..10_000 {
        let problem = anything(&mut rng);
        let Ok(checked) = problem.clone().check() else { continue };
        let slate = solve(&checked);
        assert_eq!(verify(&problem, &slate), vec![], "case {case}: {problem:#?} {slate:#?}");
        assert_eq!(explain::moves(&problem, &slate).len(), slate.places.len());
        solved += 1;
    }
    assert!(solved > 500, "{solved}");
}

#[test]
fn a_search_cut_short_never_hides_its_gap() {
    let mut rng = rand_pcg::Pcg64Mcg::seed_from_u64(72);
    let rules = &[(0, 2, 1, true), (1, 3, 1, true)];
    let families = [
        Family {
            rules,
            attributes: 2,
            history: true,
            ..PLAIN
        },
        Family {
            rules: &[(0, 3, 2, true)],
            quotas: true,
            ..PLAIN
        },
        Family {
            relax: true,
            thin: true,
            ..PLAIN
        },
        PLAIN,
    ];
    let mut short = 0;
    for case in 0..2_000 {
        let mut problem = draw_sized(&mut rng, &families[case % 4], 7, 5);
        problem.budget = rng.random_range(0..12);
        let slate = solve(&problem.clone().check().unwrap());
        let best = exhaustive(&problem);
        assert_eq!(verify(&problem, &slate), vec![], "{problem:#?}");
        assert!(
            slate.bound >= best.value * (1.0 - 1e-12),
            "case {case}: {problem:#?} {slate:#?} {best:?}"
        );
        assert!(
            !slate.exact || (slate.value - best.value).abs() <= 1e-9 * best.value,
            "case {case}: {problem:#?} {slate:#?}"
        );
        short += usize::from(!slate.exact);
    }
    assert!(short > 100, "{short}");
}

#[test]
fn a_hundred_thousand_candidates() {
    let mut rng = rand_pcg::Pcg64Mcg::seed_from_u64(73);
    let n = 100_000;
    let values = |rng: &mut rand_pcg::Pcg64Mcg, end: u32| {
        (0..n)
            .map(|_| Values::from_slice(&[rng.random_range(0..end)]))
            .collect()
    };
    let problem = Problem {
        scores: (0..n).map(|_| rng.random_range(0.0..1.0)).collect(),
        attributes: vec![
            Attribute {
                by: "category".into(),
                values: values(&mut rng, 12),
            },
            Attribute {
                by: "venue".into(),
                values: values(&mut rng, 40_000),
            },
        ],
        rules: vec![
            Rule {
                attribute: 0,
                window: 2,
                max: 1,
                strict: true,
            },
            Rule {
                attribute: 1,
                window: 20,
                max: 1,
                strict: true,
            },
        ],
        ..Problem::default()
    };
    let slate = solve(&problem.clone().check().unwrap());
    assert_eq!(verify(&problem, &slate), vec![]);
    assert!(slate.satisfied && slate.gap < 0.001, "{slate:?}");
}

#[test]
fn two_hundred_places() {
    let values = (0..500_u32).map(|i| Values::from_slice(&[i * i % 7])).collect();
    let problem = Problem {
        scores: (0..500).map(|i| f64::from((i * 7919) % 1009) / 1009.0).collect(),
        attributes: vec![Attribute {
            by: "category".into(),
            values,
        }],
        k: 200,
        rules: vec![Rule {
            attribute: 0,
            window: 2,
            max: 1,
            strict: true,
        }],
        budget: 20_000,
        ..Problem::default()
    };
    let slate = solve(&problem.clone().check().unwrap());
    assert_eq!(verify(&problem, &slate), vec![]);
    assert!(slate.places.len() == 200 && slate.gap < 0.001, "{}", slate.gap);
}

#[test]
fn the_same_problem_gets_the_same_slate() {
    let mut rng = rand_pcg::Pcg64Mcg::seed_from_u64(74);
    for _ in 0..200 {
        let problem = draw(
            &mut rng,
            &Family {
                rules: &[(0, 3, 1, true)],
                quotas: true,
                ..PLAIN
            },
        );
        let checked = problem.check().unwrap();
        assert_eq!(solve(&checked), solve(&checked));
    }
}

#[test]
fn without_rules_the_order_is_that_of_the_scores() {
    let problem = Problem {
        scores: vec![0.1, 0.5, 0.5, 0.9],
        k: 3,
        ..Problem::default()
    };
    let slate = solve(&problem.check().unwrap());
    assert_eq!(
        (slate.places.as_slice(), slate.solver),
        ([3, 1, 2].as_slice(), Solver::Sort)
    );
}

/// Three candidates, best first, no two of a category in a row.
fn in_a_row(categories: [u32; 3], k: usize) -> Problem {
    Problem {
        scores: vec![3.0, 2.0, 1.0],
        attributes: vec![Attribute {
            by: "category".into(),
            values: categories.map(|category| Values::from_slice(&[category])).to_vec(),
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
}

#[test]
fn what_a_rule_costs_can_be_asked() {
    let checked = in_a_row([0, 0, 1], 3).check().unwrap();
    let free = explain::without_rule(&checked, 0, &mut crate::arrange::Workspace::default());
    assert_eq!((solve(&checked).places, free.places), (vec![0, 2, 1], vec![0, 1, 2]));
}

#[test]
fn the_binding_rule_is_named() {
    let short = solve(&in_a_row([0, 0, 0], 2).check().unwrap()).shortfall.unwrap();
    assert_eq!(
        (short.cause, short.rule, short.value, short.rank, short.missing),
        (Cause::Rule, Some(0), Some(0), 1, 1)
    );
    assert_eq!(short.relaxation.unwrap().breaks.len(), 1);
}

#[test]
fn errors_are_typed() {
    let problem = Problem {
        scores: vec![1.0, f64::NAN],
        ..Problem::default()
    };
    assert_eq!(problem.check().unwrap_err(), ProblemError::Score(1));
    let problem = Problem {
        k: 0,
        ..Problem::default()
    };
    assert_eq!(problem.check().unwrap_err().code(), "k_out_of_range");
}

#[test]
fn a_warm_search_takes_no_more_memory() {
    let mut rng = rand_pcg::Pcg64Mcg::seed_from_u64(75);
    let values = (0..300)
        .map(|_| Values::from_slice(&[rng.random_range(0..8)]))
        .collect();
    let problem = Problem {
        scores: (0..300).map(|_| rng.random_range(0.0..1.0)).collect(),
        attributes: vec![Attribute {
            by: "category".into(),
            values,
        }],
        k: 40,
        rules: vec![Rule {
            attribute: 0,
            window: 2,
            max: 1,
            strict: true,
        }],
        ..Problem::default()
    };
    let checked = problem.check().unwrap();
    let mut ws = crate::arrange::Workspace::default();
    let cold = crate::arrange::solve_with(&checked, &mut ws);
    let held = ws.held_bytes();
    assert!(held > 0 && cold.labels > 100);
    assert_eq!(crate::arrange::solve_with(&checked, &mut ws), cold);
    assert_eq!(ws.held_bytes(), held);
}

#[test]
fn a_soft_rule_that_can_be_kept_is_kept_fast() {
    let mut rng = rand_pcg::Pcg64Mcg::seed_from_u64(76);
    let values = (0..500)
        .map(|_| Values::from_slice(&[rng.random_range(0..12)]))
        .collect();
    let problem = Problem {
        scores: (0..500).map(|_| rng.random_range(0.0..1.0)).collect(),
        attributes: vec![Attribute {
            by: "category".into(),
            values,
        }],
        rules: vec![Rule {
            attribute: 0,
            window: 2,
            max: 1,
            strict: false,
        }],
        ..Problem::default()
    };
    let slate = solve(&problem.check().unwrap());
    assert!(
        slate.exact && slate.violations.is_empty() && slate.labels < 2_000,
        "{slate:?}"
    );
}
