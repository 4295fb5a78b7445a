//! Prints, as Markdown, how long arranging takes: percentiles over seeded problems, one core, memory warm.
//!
//! `cargo bench -p florilege-benches --bench arrange_speed`. The clock starts at a checked problem and stops at the slate.
//! Each problem is solved five times and its fastest run counts, so that the rest of a shared machine does not; the
//! percentiles are over problems.
//! Invariant: the budgets of the design are printed beside what was measured, met or not.

use std::time::Instant;

use florilege_benches::families::{self, DOMINATED, Family, HARD, LONG, PAGE, Scores};
use florilege_benches::movielens::{self, Genres};
use florilege_engine::arrange::soft::{Strength, Vectors, calibration, dpp, mmr, ssd};
use florilege_engine::arrange::{Attribute, LIVE_BUDGET, Pin, Problem, Rule, Values, Workspace, solve_with};
use rand::{RngExt, SeedableRng};

const CASES: usize = 1_000;

fn main() {
    println!("| problem | goal p99 | p50 | p99 | max | proven best | worst gap |\n|---|---|---|---|---|---|---|");
    let one = |_: &mut Problem, _: &mut rand_pcg::Pcg64Mcg| {};
    solver("one rule, N 500, k 20, 12 categories", "300 µs", &PAGE, one);
    solver(
        "the same, ties",
        "300 µs",
        &Family {
            scores: Scores::Tied,
            ..PAGE
        },
        one,
    );
    solver(
        "the same, one category dominates",
        "300 µs",
        &Family {
            n: (500, 500),
            ..DOMINATED
        },
        one,
    );
    solver("the same, 20 places in reserve", "", &PAGE, |p, _| p.reserve = 20);
    solver("one rule, N 1,000, k 50, 20 categories", "2 ms", &LONG, one);
    solver("the same, 8 uneven categories", "10 ms", &HARD, one);
    solver(
        "the same, ties",
        "10 ms",
        &Family {
            scores: Scores::Tied,
            ..HARD
        },
        one,
    );
    solver(
        "the same, one category dominates",
        "10 ms",
        &Family {
            scores: Scores::Steep,
            zipf: 2.0,
            ..LONG
        },
        one,
    );
    other_rules();
    println!("\n| soft model, N 1,000, k 50, d 64 | goal | p50 | p99 |\n|---|---|---|---|");
    soft_models();
}

/// Windows, several rules, soft rules, pins, and real genres: the search without the theorem.
fn other_rules() {
    for (window, max) in [(3, 1), (4, 1), (5, 2)] {
        let name = format!("window {window}, max {max}, N 500, k 20");
        solver(&name, "", &PAGE, move |p, _| {
            p.rules[0] = Rule {
                attribute: 0,
                window,
                max,
                strict: true,
            }
        });
    }
    solver(
        "category 2:1 and venue 5:1, N 500, k 20, budget 1,000",
        "",
        &PAGE,
        |p, rng| venues(p, rng, 5),
    );
    solver(
        "category 2:1 and venue 20:1, N 500, k 20, budget 1,000",
        "",
        &PAGE,
        |p, rng| venues(p, rng, 20),
    );
    solver("one soft rule, N 500, k 20", "", &PAGE, |p, _| {
        p.rules[0].strict = false
    });
    solver("one rule and a pin at rank 3, N 500, k 20", "", &PAGE, |p, _| {
        p.pins = vec![Pin { candidate: 77, rank: 3 }];
    });
    let live = |p: Problem| Problem {
        budget: LIVE_BUDGET,
        ..p
    };
    let films = movielens::problems(300, 300, 20, Genres::All);
    if !films.is_empty() {
        let films = films.into_iter().map(live).collect();
        measure(
            "MovieLens, no genre twice in a row, N 300, k 20, budget 1,000",
            "",
            films,
        );
    }
}

/// A second rule: one offer of a venue in `window` places; the search answers within a thousand labels.
fn venues(problem: &mut Problem, rng: &mut rand_pcg::Pcg64Mcg, window: usize) {
    let values = problem
        .scores
        .iter()
        .map(|_| Values::from_slice(&[rng.random_range(0..80)]))
        .collect();
    problem.attributes.push(Attribute {
        by: "venue".into(),
        values,
    });
    problem.rules.push(Rule {
        attribute: 1,
        window,
        max: 1,
        strict: true,
    });
    problem.budget = LIVE_BUDGET;
}

fn solver(name: &str, goal: &str, family: &Family, change: impl Fn(&mut Problem, &mut rand_pcg::Pcg64Mcg)) {
    let mut rng = rand_pcg::Pcg64Mcg::seed_from_u64(7);
    let one = |_| {
        let mut problem = families::draw(&mut rng, family);
        change(&mut problem, &mut rng);
        problem
    };
    measure(name, goal, (0..CASES).map(one).collect());
}

fn measure(name: &str, goal: &str, problems: Vec<Problem>) {
    let mut ws = Workspace::default();
    let (mut micros, mut exact, mut worst) = (Vec::new(), 0, 0.0_f64);
    let cases = problems.len() as f64;
    for problem in problems {
        let checked = problem.check().expect("a drawn problem is well formed");
        let mut slate = solve_with(&checked, &mut ws);
        micros.push(fastest(|| slate = solve_with(&checked, &mut ws)));
        exact += u32::from(slate.exact);
        worst = worst.max(slate.gap);
    }
    let (p50, p99, max) = percentiles(&mut micros);
    let share = 100.0 * f64::from(exact) / cases;
    println!(
        "| {name} | {goal} | {p50:.0} µs | {p99:.0} µs | {max:.0} µs | {share:.1} % | {:.3} % |",
        worst * 100.0
    );
}

/// Microseconds of the fastest of five runs.
fn fastest(mut run: impl FnMut()) -> f64 {
    let once = |_| {
        let start = Instant::now();
        run();
        start.elapsed().as_secs_f64() * 1e6
    };
    (0..5).map(once).fold(f64::INFINITY, f64::min)
}

fn percentiles(micros: &mut [f64]) -> (f64, f64, f64) {
    micros.sort_by(f64::total_cmp);
    let at = |share: f64| micros[((micros.len() - 1) as f64 * share) as usize];
    (at(0.5), at(0.99), at(1.0))
}

fn soft_models() {
    let (n, k, d) = (1_000, 50, 64);
    let mut rng = rand_pcg::Pcg64Mcg::seed_from_u64(8);
    let scores: Vec<f64> = (0..n).map(|_| rng.random_range(0.0..1.0)).collect();
    let rows = (0..n * d).map(|_| rng.random_range(-1.0..1.0)).collect();
    let vectors = Vectors::new(rows, d).expect("finite rows");
    let categories: Vec<u32> = (0..n).map(|_| rng.random_range(0..20)).collect();
    let strength = Strength::new(0.5).expect("within [0, 1]");
    let mut ws = dpp::DppWorkspace::default();
    time("greedy DPP", "500 µs", || {
        dpp::pick_with(&scores, &vectors, k, strength, &mut ws).map(|p| p.order.len())
    });
    time("MMR", "", || {
        mmr::pick(&scores, &vectors, k, strength).map(|p| p.order.len())
    });
    time("SSD, window 8", "", || {
        ssd::pick(&scores, &vectors, k, 8, strength).map(|p| p.order.len())
    });
    time("calibration, 20 categories", "", || {
        calibration::pick(&scores, &categories, &[1.0; 20], k, strength).map(|p| p.order.len())
    });
}

fn time<E: std::fmt::Debug>(name: &str, goal: &str, mut run: impl FnMut() -> Result<usize, E>) {
    let mut micros = Vec::new();
    for _ in 0..200 {
        micros.push(fastest(|| assert_eq!(run().expect("well formed"), 50)));
    }
    let (p50, p99, _) = percentiles(&mut micros);
    println!("| {name} | {goal} | {p50:.0} µs | {p99:.0} µs |");
}
