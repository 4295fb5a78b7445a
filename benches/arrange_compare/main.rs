//! Prints, as Markdown, how our arrangement compares with the usual ways: failures, value lost, time.
//!
//! `cargo bench -p florilege-benches --bench arrange_compare`. A list fails when it is shorter than the longest legal
//! one or breaks the rule; value lost is measured on lists that do not fail, against our best (its gap is printed).
//! Invariant: every list, ours included, is judged by `verify::violations`.

mod rivals;

use std::time::{Duration, Instant};

use florilege_benches::families::{self, ADVERSARIAL, DOMINATED, Family, LONG, PAGE, TIGHT};
use florilege_benches::movielens::{self, Genres};
use florilege_engine::arrange::verify::violations;
use florilege_engine::arrange::{Problem, Slate, Workspace, place_weight, solve_with};
use rand::SeedableRng;
use rivals::RIVALS;

/// What one way did over a family.
#[derive(Default)]
struct Score {
    cases: usize,
    failed: usize,
    best: usize,
    lost: Vec<f64>,
    time: Duration,
}

fn main() {
    for (family, cases) in [
        (TIGHT, 4_000),
        (ADVERSARIAL, 4_000),
        (PAGE, 500),
        (DOMINATED, 500),
        (LONG, 100),
    ] {
        table(family.name, &drawn(&family, cases));
    }
    let main = movielens::problems(300, 300, 20, Genres::Main);
    if main.is_empty() {
        eprintln!("no MovieLens data: only synthetic families are compared");
        return;
    }
    table("MovieLens, first genre (N 300, k 20)", &main);
    table(
        "MovieLens, first genre, short pool (N 24, k 20)",
        &movielens::problems(300, 24, 20, Genres::Main),
    );
    table(
        "MovieLens, all genres (N 300, k 20)",
        &movielens::problems(300, 300, 20, Genres::All),
    );
}

fn drawn(family: &Family, cases: usize) -> Vec<Problem> {
    let mut rng = rand_pcg::Pcg64Mcg::seed_from_u64(2_026);
    (0..cases).map(|_| families::draw(&mut rng, family)).collect()
}

fn table(name: &str, problems: &[Problem]) {
    let mut ws = Workspace::default();
    let mut ours = Score::default();
    let mut optima: Vec<Slate> = Vec::new();
    for problem in problems {
        let checked = problem.clone().check().expect("a drawn problem is well formed");
        let mut slate = solve_with(&checked, &mut ws);
        ours.time += fastest(|| slate = solve_with(&checked, &mut ws));
        ours.add(problem, &slate.places, &slate);
        optima.push(slate);
    }
    let proven = optima.iter().filter(|s| s.exact).count();
    let gap = optima.iter().map(|s| s.gap).fold(0.0, f64::max) * 100.0;
    println!(
        "\n**{name}**, {} lists, {proven} optima proven, worst certified gap {gap:.2} %\n",
        problems.len()
    );
    println!("| way | short or broken | optimal | mean lost | worst lost | time a list |\n|---|---|---|---|---|---|");
    for (rival, arrange) in RIVALS {
        let mut score = Score::default();
        for (problem, best) in problems.iter().zip(&optima) {
            let mut list = Vec::new();
            score.time += fastest(|| list = arrange(problem));
            score.add(problem, &list, best);
        }
        score.print(rival);
    }
    ours.print("**Florilège**");
}

/// The fastest of three runs, so that the rest of a shared machine does not count.
fn fastest(mut run: impl FnMut()) -> Duration {
    let once = |_| {
        let start = Instant::now();
        run();
        start.elapsed()
    };
    (0..3).map(once).min().unwrap_or_default()
}

impl Score {
    fn add(&mut self, problem: &Problem, list: &[u32], best: &Slate) {
        self.cases += 1;
        if list.len() < best.places.len() || !violations(problem, list).is_empty() {
            self.failed += 1;
            return;
        }
        let worth = |(rank, c): (usize, &u32)| problem.scores[*c as usize] * place_weight(rank);
        let value: f64 = list.iter().enumerate().map(worth).sum();
        let lost = if best.value > 0.0 {
            (1.0 - value / best.value).max(0.0)
        } else {
            0.0
        };
        self.best += usize::from(lost < 1e-9);
        self.lost.push(lost);
    }

    fn print(&self, name: &str) {
        let percent = |part: usize| 100.0 * part as f64 / self.cases.max(1) as f64;
        let mean = self.lost.iter().sum::<f64>() / self.lost.len().max(1) as f64;
        let worst = self.lost.iter().copied().fold(0.0, f64::max);
        let micros = self.time.as_secs_f64() * 1e6 / self.cases.max(1) as f64;
        let (failed, best) = (percent(self.failed), percent(self.best));
        println!(
            "| {name} | {failed:.1} % | {best:.1} % | {:.3} % | {:.2} % | {micros:.0} µs |",
            mean * 100.0,
            worst * 100.0
        );
    }
}
