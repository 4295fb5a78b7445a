//! Prints, as Markdown, how the values of our lists compare with those of an integer program, solved by another's solver.
//!
//! `cargo run --release --manifest-path benches/oracle/Cargo.toml [-- LISTS]`. x(c, p) says that candidate c stands at place
//! p; each place has one candidate, each candidate one place at most, and each window of each rule at most so many of a
//! value. That no longer list is legal is asked of the program too. Invariant: it ends with an error where a list that is
//! said to be exact is worth another value than the program's by more than 1e-6, or where one is worth more than its bound.

mod program;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use florilege_benches::families::{self, ADVERSARIAL, DOMINATED, Family, PAGE, TIGHT};
use florilege_benches::movielens::{self, Genres};
use florilege_engine::arrange::verify::violations;
use florilege_engine::arrange::{Attribute, Pin, Problem, Quota, Rule, Values, Workspace, place_weight, solve_with};
use program::{Verdict, best};
use rand::{RngExt, SeedableRng};

/// The largest difference of two equal values, relatively.
const SAME: f64 = 1e-6;
/// Lists of a family where nobody says how many.
const LISTS: usize = 40;

/// What came of one family.
#[derive(Default)]
struct Outcome {
    lists: usize,
    exact: usize,
    /// Lists that the program could not settle in its time.
    open: usize,
    short: usize,
    worst: f64,
    faults: Vec<String>,
    ours: Duration,
    theirs: Duration,
}

fn main() -> ExitCode {
    let lists = std::env::args()
        .nth(1)
        .and_then(|text| text.parse().ok())
        .unwrap_or(LISTS);
    println!("Solver of the program: {}.\n", program::NAME);
    println!(
        "| family | lists | exact | shorter than asked, and proven so | largest difference | not settled | time, ours | theirs |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    let mut sound = true;
    let mut tell = |name: &str, problems: Vec<Problem>| sound &= told(name, &problems);
    for (family, times) in [(TIGHT, 5), (ADVERSARIAL, 5), (PAGE, 1), (DOMINATED, 1)] {
        tell(family.name, drawn(&family, lists * times));
    }
    tell("two rules, a pin, a quota (N 60, k 12)", several(lists));
    tell(
        "MovieLens, first genre (N 300, k 20)",
        movielens::problems(lists, 300, 20, Genres::Main),
    );
    tell(
        "MovieLens, first genre, short pool (N 24, k 20)",
        movielens::problems(lists, 24, 20, Genres::Main),
    );
    tell(
        "MovieLens, all genres (N 100, k 10)",
        movielens::problems(lists, 100, 10, Genres::All),
    );
    if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn drawn(family: &Family, lists: usize) -> Vec<Problem> {
    let mut rng = rand_pcg::Pcg64Mcg::seed_from_u64(2_026);
    (0..lists).map(|_| families::draw(&mut rng, family)).collect()
}

/// Two in a row of a category, and two of a venue in five; a fixed place; at most and at least so many of a value.
fn several(lists: usize) -> Vec<Problem> {
    let mut rng = rand_pcg::Pcg64Mcg::seed_from_u64(9);
    let family = Family {
        n: (60, 60),
        k: (12, 12),
        categories: (5, 5),
        ..PAGE
    };
    let problem = |_| {
        let mut problem = families::draw(&mut rng, &family);
        let values = (0..problem.scores.len()).map(|_| Values::from_slice(&[rng.random_range(0..6)]));
        problem.attributes.push(Attribute {
            by: "venue".into(),
            values: values.collect(),
        });
        problem.rules.push(Rule {
            attribute: 1,
            window: 5,
            max: 2,
            strict: true,
        });
        problem.pins.push(Pin {
            candidate: rng.random_range(0..60),
            rank: rng.random_range(0..12),
        });
        problem.quotas.push(Quota {
            attribute: 1,
            value: 0,
            min: 2,
            max: Some(3),
            first: None,
        });
        problem
    };
    (0..lists).map(problem).collect()
}

/// Compares a family and prints its line; whether everything agrees.
fn told(name: &str, problems: &[Problem]) -> bool {
    let (mut outcome, mut ws) = (Outcome::default(), Workspace::default());
    problems.iter().for_each(|problem| outcome.add(problem, &mut ws));
    let mean = |time: Duration| time.as_secs_f64() * 1e3 / outcome.lists.max(1) as f64;
    println!(
        "| {name} | {} | {} | {} | {:.1e} | {} | {:.3} ms | {:.0} ms |",
        outcome.lists,
        outcome.exact,
        outcome.short,
        outcome.worst,
        outcome.open,
        mean(outcome.ours),
        mean(outcome.theirs)
    );
    outcome.faults.iter().for_each(|fault| eprintln!("{name}: {fault}"));
    outcome.faults.is_empty()
}

impl Outcome {
    fn add(&mut self, problem: &Problem, ws: &mut Workspace) {
        let checked = problem.clone().check().expect("a drawn problem is well formed");
        let started = Instant::now();
        let slate = solve_with(&checked, ws);
        self.ours += started.elapsed();
        self.lists += 1;
        self.exact += usize::from(slate.exact);
        let places = slate.places.len();
        let started = Instant::now();
        if places < problem.k {
            // The longest legal list is a verdict too.
            match best(problem, places + 1) {
                Verdict::None => self.short += 1,
                Verdict::Open => self.open += 1,
                Verdict::List(_) => self
                    .faults
                    .push(format!("a list of {} is legal, not only {places}", places + 1)),
            }
        }
        match best(problem, places) {
            Verdict::List(list) => self.hold(problem, &list, (slate.value, slate.bound, slate.exact)),
            Verdict::Open => self.open += 1,
            Verdict::None => self.faults.push(format!("no list of {places} is legal, they say")),
        }
        self.theirs += started.elapsed();
    }

    fn hold(&mut self, problem: &Problem, list: &[u32], (value, bound, exact): (f64, f64, bool)) {
        if !violations(problem, list).is_empty() {
            self.faults.push("the program breaks a rule".into());
        }
        let worth = |(rank, c): (usize, &u32)| problem.scores[*c as usize] * place_weight(rank);
        let theirs: f64 = list.iter().enumerate().map(worth).sum();
        let difference = (theirs - value).abs() / theirs.max(f64::MIN_POSITIVE);
        if exact {
            self.worst = self.worst.max(difference);
        }
        if exact && difference > SAME {
            self.faults
                .push(format!("exact, {value}, but the program finds {theirs}"));
        }
        if theirs > bound * (1.0 + SAME) {
            self.faults
                .push(format!("the bound is {bound}, but the program finds {theirs}"));
        }
    }
}
