//! The rule is kept exactly, greedy never beats it, and strength 0 is relevance.

use florilege_engine::arrange::{Workspace, solve, solve_with, verify::verify};

use super::*;
use crate::lab::random::Random;

struct Made {
    of_item: Vec<Vec<u32>>,
    main: Vec<u32>,
    best: Vec<(u32, f64)>,
    history: Vec<u32>,
}

fn made(seed: u64, n: usize, genres: u32) -> Made {
    let mut random = Random::new(seed, 5);
    let of_item: Vec<Vec<u32>> = (0..n + 20)
        .map(|_| {
            let main = random.below(genres as usize) as u32;
            let second = random.below(genres as usize) as u32;
            if main == second { vec![main] } else { vec![main, second] }
        })
        .collect();
    let main = of_item.iter().map(|genres| genres[0]).collect();
    let mut best: Vec<(u32, f64)> = (0..n as u32).map(|item| (item, random.normal())).collect();
    best.sort_by(|a, b| b.1.total_cmp(&a.1));
    let history = (n as u32..n as u32 + 20).collect();
    Made {
        of_item,
        main,
        best,
        history,
    }
}

fn pool(made: &Made, genres: u32) -> Pool {
    let known = Genres {
        of_item: &made.of_item,
        main: &made.main,
        count: genres as usize,
    };
    known.pool(&made.best, &made.history).expect("a pool")
}

#[test]
fn strength_nothing_is_relevance_and_lists_are_whole() {
    for seed in 0..10 {
        let made = made(seed, 40, 6);
        let pool = pool(&made, 6);
        for reranker in Reranker::ALL {
            for strength in [0.0, 0.3, 1.0] {
                let order = pool.pick(reranker, 10, strength).expect("an order").order;
                let mut once = order.clone();
                once.sort_unstable();
                once.dedup();
                assert_eq!(once.len(), 10, "{} {strength}", reranker.name());
                if strength == 0.0 && reranker != Reranker::RoundRobin {
                    assert_eq!(order, (0..10).collect::<Vec<u32>>(), "{}", reranker.name());
                }
            }
        }
    }
}

#[test]
fn the_rule_is_kept_and_greedy_is_never_better() {
    for seed in 0..60 {
        let genres = 2 + (seed % 5) as u32;
        let made = made(seed, 14, genres);
        let pool = pool(&made, genres);
        for reranker in Reranker::ALL {
            let order = pool.pick(reranker, 6, 0.4).expect("an order");
            let problem = pool.ruled(&order, 6).expect("a problem");
            let slate = solve_with(&problem, &mut Workspace::default());
            assert_eq!(verify(problem.problem(), &slate), [], "{}", reranker.name());
            let share = greedy_share(&problem, &slate);
            assert!((0.0..=1.0 + 1e-9).contains(&share), "{share}");
        }
    }
}

/// Every legal list of k, tried.
fn oracle(scores: &[f64], main: &[u32], k: usize, list: &mut Vec<u32>) -> f64 {
    if list.len() == k {
        return value(scores, list);
    }
    let mut best = f64::NEG_INFINITY;
    for next in 0..scores.len() as u32 {
        let clash = list
            .last()
            .is_some_and(|last| main[*last as usize] == main[next as usize]);
        if !clash && !list.contains(&next) {
            list.push(next);
            best = best.max(oracle(scores, main, k, list));
            list.pop();
        }
    }
    best
}

#[test]
fn the_exact_list_is_that_of_the_oracle() {
    for seed in 0..40 {
        let made = made(seed, 9, 3);
        let pool = pool(&made, 3);
        let order = pool.pick(Reranker::Calibrated, 5, 0.5).expect("an order");
        let problem = pool.ruled(&order, 5).expect("a problem");
        let slate = solve(&problem);
        if slate.satisfied {
            let scores = &problem.problem().scores;
            let best = oracle(scores, &pool.main, 5, &mut Vec::new());
            assert!((slate.value - best).abs() < 1e-9, "seed {seed}: {} {best}", slate.value);
        }
    }
}

#[test]
fn round_robin_takes_turns() {
    let made = Made {
        of_item: vec![vec![0], vec![0], vec![0], vec![1], vec![1], vec![2]],
        main: vec![0, 0, 0, 1, 1, 2],
        best: (0..6).map(|item| (item, 1.0 - f64::from(item) / 10.0)).collect(),
        history: vec![0],
    };
    let pool = pool(&made, 3);
    assert_eq!(
        pool.pick(Reranker::RoundRobin, 6, 1.0).expect("an order").order,
        [0, 3, 5, 1, 4, 2]
    );
    assert_eq!(pool.pick(Reranker::RoundRobin, 2, 0.0).expect("an order").order, [0, 1]);
    assert_eq!(pool.pick(Reranker::RoundRobin, 2, 0.5).expect("an order").order, [0, 3]);
}
