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

/// A prefix of a beam, and what is left beside it.
#[derive(Clone)]
struct Prefix {
    value: f64,
    list: Vec<u32>,
    used: Vec<bool>,
    /// Offers left of each main category; those without one come last.
    left: Vec<usize>,
}

/// The main category of each offer, as a dense number; offers without one share the last.
fn main_categories(problem: &Problem) -> (Vec<usize>, usize) {
    let mut seen: Vec<u32> = Vec::new();
    let mut number = |value: u32| {
        seen.iter().position(|v| *v == value).unwrap_or_else(|| {
            seen.push(value);
            seen.len() - 1
        })
    };
    let own: Vec<Option<usize>> = (0..problem.scores.len() as u32)
        .map(|c| main_value(problem, c).map(&mut number))
        .collect();
    let none = seen.len();
    (own.into_iter().map(|c| c.unwrap_or(none)).collect(), none)
}

impl Prefix {
    fn empty(own: &[usize], none: usize) -> Self {
        let mut left = vec![0; none + 1];
        own.iter().for_each(|c| left[*c] += 1);
        Self {
            value: 0.0,
            list: Vec::new(),
            used: vec![false; own.len()],
            left,
        }
    }

    /// Whether what is left can still fill the list, by main category.
    fn can_finish(&self, own: &[usize], places: usize) -> bool {
        let rest = places - self.list.len();
        let none = self.left.len() - 1;
        let last = self.list.last().map(|c| own[*c as usize]);
        let room = |c: usize| if Some(c) == last { rest / 2 } else { rest.div_ceil(2) };
        let held = self
            .left
            .iter()
            .enumerate()
            .map(|(c, n)| if c == none { *n } else { (*n).min(room(c)) });
        held.sum::<usize>() >= rest
    }

    fn with(&self, problem: &Problem, own: &[usize], candidate: u32) -> Self {
        let mut longer = self.clone();
        longer.value += place_weight(longer.list.len()) * problem.scores[candidate as usize];
        longer.list.push(candidate);
        longer.used[candidate as usize] = true;
        longer.left[own[candidate as usize]] -= 1;
        longer
    }
}

/// The best that does not clash and leaves a rest that can be finished.
fn look_ahead(problem: &Problem) -> Vec<u32> {
    beam(problem, 1)
}

/// The `width` best prefixes by value, each extended by the best offer of every category, with look-ahead.
fn beam(problem: &Problem, width: usize) -> Vec<u32> {
    let order = ranked(problem);
    let (own, none) = main_categories(problem);
    let empty = Prefix::empty(&own, none);
    let places = (0..=problem.k)
        .rev()
        .find(|places| empty.can_finish(&own, *places))
        .unwrap_or(0);
    let mut beams = vec![empty];
    for _ in 0..places {
        let mut next: Vec<Prefix> = Vec::new();
        for prefix in &beams {
            extend(problem, &order, &own, prefix, places, width, &mut next);
        }
        next.sort_by(|a, b| b.value.total_cmp(&a.value).then(a.list.cmp(&b.list)));
        next.truncate(width);
        if next.is_empty() {
            break;
        }
        beams = next;
    }
    beams.into_iter().next().map_or_else(Vec::new, |prefix| prefix.list)
}

fn extend(
    problem: &Problem,
    order: &[u32],
    own: &[usize],
    prefix: &Prefix,
    places: usize,
    width: usize,
    next: &mut Vec<Prefix>,
) {
    let mut tried = vec![false; prefix.left.len()];
    let mut open = prefix.left.iter().filter(|n| **n > 0).count();
    for candidate in order.iter().filter(|c| !prefix.used[**c as usize]) {
        let category = own[*candidate as usize];
        let legal = prefix.list.last().is_none_or(|last| !clash(problem, *last, *candidate));
        if tried[category] || !legal {
            continue;
        }
        tried[category] = true;
        open -= 1;
        let longer = prefix.with(problem, own, *candidate);
        if longer.can_finish(own, places) {
            next.push(longer);
            if width == 1 {
                return;
            }
        }
        if open == 0 {
            return;
        }
    }
}
