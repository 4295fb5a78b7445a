//! The ways others arrange a list so that no two of a category stand in a row, each as it is usually written.
//!
//! Invariant: they get the same problem as our solver, and their lists are judged by `verify`, not by themselves.

use florilege_engine::arrange::{Problem, place_weight};

/// A way to arrange.
pub(crate) type Rival = fn(&Problem) -> Vec<u32>;

/// All of them, by name.
pub(crate) const RIVALS: [(&str, Rival); 6] = [
    ("naive greedy", naive),
    ("sort, then repair by swaps", repair),
    ("greedy with look-ahead", look_ahead),
    ("round-robin", round_robin),
    ("beam 4", |p| beam(p, 4)),
    ("beam 16", |p| beam(p, 16)),
];

/// Best first, ties by index.
fn ranked(problem: &Problem) -> Vec<u32> {
    let mut order: Vec<u32> = (0..problem.scores.len() as u32).collect();
    order.sort_by(|a, b| {
        problem.scores[*b as usize]
            .total_cmp(&problem.scores[*a as usize])
            .then(a.cmp(b))
    });
    order
}

fn clash(problem: &Problem, a: u32, b: u32) -> bool {
    let values = &problem.attributes[0].values;
    values[a as usize].iter().any(|v| values[b as usize].contains(v))
}

fn main_value(problem: &Problem, candidate: u32) -> Option<u32> {
    problem.attributes[0].values[candidate as usize].first().copied()
}

/// The best that does not clash with the last; stops when there is none.
fn naive(problem: &Problem) -> Vec<u32> {
    let mut left = ranked(problem);
    let mut list: Vec<u32> = Vec::new();
    while list.len() < problem.k {
        let fits = |c: &u32| list.last().is_none_or(|last| !clash(problem, *last, *c));
        let Some(at) = left.iter().position(fits) else { break };
        list.push(left.remove(at));
    }
    list
}

/// The k best in order; each clash is swapped with the next offer that does not clash, from the rest of all.
fn repair(problem: &Problem) -> Vec<u32> {
    let mut list = ranked(problem);
    for at in 1..problem.k.min(list.len()) {
        if clash(problem, list[at - 1], list[at]) {
            let other = (at + 1..list.len()).find(|o| !clash(problem, list[at - 1], list[*o]));
            if let Some(other) = other {
                let moved = list.remove(other);
                list.insert(at, moved);
            }
        }
    }
    list.truncate(problem.k);
    list
}

/// The categories in order of their best offer, one offer each in turn.
fn round_robin(problem: &Problem) -> Vec<u32> {
    let mut queues: Vec<(Option<u32>, Vec<u32>)> = Vec::new();
    for candidate in ranked(problem) {
        let value = main_value(problem, candidate);
        match queues.iter_mut().find(|(v, _)| *v == value) {
            Some((_, queue)) => queue.push(candidate),
            None => queues.push((value, vec![candidate])),
        }
    }
    let longest = queues.iter().map(|(_, q)| q.len()).max().unwrap_or(0);
    let turns = (0..longest).flat_map(|turn| queues.iter().filter_map(move |(_, q)| q.get(turn).copied()));
    turns.take(problem.k).collect()
}

/// Whether what is left can still fill the list, by main category.
fn can_finish(problem: &Problem, used: &[u32], places: usize) -> bool {
    let rest = places - used.len();
    let last = used.last().and_then(|c| main_value(problem, *c));
    let mut counts: Vec<(Option<u32>, usize)> = Vec::new();
    for candidate in (0..problem.scores.len() as u32).filter(|c| !used.contains(c)) {
        let value = main_value(problem, candidate);
        match counts.iter_mut().find(|(v, _)| *v == value) {
            Some((_, n)) => *n += 1,
            None => counts.push((value, 1)),
        }
    }
    let room = |value: Option<u32>| if value == last { rest / 2 } else { rest.div_ceil(2) };
    counts
        .iter()
        .map(|(v, n)| if v.is_none() { *n } else { (*n).min(room(*v)) })
        .sum::<usize>()
        >= rest
}

/// The longest list that look-ahead may aim at.
fn reach(problem: &Problem) -> usize {
    (0..=problem.k)
        .rev()
        .find(|places| can_finish(problem, &[], *places))
        .unwrap_or(0)
}

/// The best that does not clash and leaves a rest that can be finished.
fn look_ahead(problem: &Problem) -> Vec<u32> {
    beam(problem, 1)
}

/// The `width` best prefixes by value, each extended by the best offer of every category, with look-ahead.
fn beam(problem: &Problem, width: usize) -> Vec<u32> {
    let order = ranked(problem);
    let places = reach(problem);
    let mut beams: Vec<(f64, Vec<u32>)> = vec![(0.0, Vec::new())];
    for rank in 0..places {
        let mut next: Vec<(f64, Vec<u32>)> = Vec::new();
        for (value, list) in &beams {
            let mut tried: Vec<Option<u32>> = Vec::new();
            for candidate in order.iter().filter(|c| !list.contains(c)) {
                let own = main_value(problem, *candidate);
                let legal = list.last().is_none_or(|last| !clash(problem, *last, *candidate));
                if tried.contains(&own) || !legal {
                    continue;
                }
                tried.push(own);
                let mut longer = list.clone();
                longer.push(*candidate);
                if can_finish(problem, &longer, places) {
                    next.push((value + place_weight(rank) * problem.scores[*candidate as usize], longer));
                    if width == 1 {
                        break;
                    }
                }
            }
        }
        next.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        next.truncate(width);
        if next.is_empty() {
            break;
        }
        beams = next;
    }
    beams.into_iter().next().map_or_else(Vec::new, |(_, list)| list)
}
