//! Demands that no list can meet together, found by name before solving.
//!
//! Stands beside the solver: the search finds the same limits by itself, this says why.
//! Invariant: everything reported is certain; what depends on the choice of offers is left to the search.

use super::instance::Place;
use super::prepare::Prepared;
use super::problem::Problem;
use super::slate::Contradiction;

/// All contradictions of pins, exclusions, rules, history and quotas.
pub(super) fn find(problem: &Problem, prepared: &Prepared) -> Vec<Contradiction> {
    let mut found = pins(problem);
    found.extend(pins_and_rules(problem));
    found.extend(quotas(problem, prepared));
    found
}

fn pins(problem: &Problem) -> Vec<Contradiction> {
    let mut found = Vec::new();
    for (pin, at) in problem.pins.iter().enumerate() {
        if problem.exclude.contains(&at.candidate) {
            found.push(Contradiction::PinExcluded { pin });
        }
        let clash =
            |other: &(usize, &super::problem::Pin)| (other.1.rank == at.rank) != (other.1.candidate == at.candidate);
        let earlier = problem.pins.iter().enumerate().take(pin);
        found.extend(
            earlier
                .filter(clash)
                .map(|(first, _)| Contradiction::Pins { first, second: pin }),
        );
    }
    found
}

/// Breaks that pins and history make with nothing between them.
fn pins_and_rules(problem: &Problem) -> Vec<Contradiction> {
    let mut found = Vec::new();
    for (rule, of) in problem
        .rules
        .iter()
        .enumerate()
        .filter(|(_, of)| of.strict && of.max < of.window)
    {
        let values = &problem.attributes[of.attribute].values;
        for pin in &problem.pins {
            let others = problem
                .pins
                .iter()
                .filter(|p| p.rank < pin.rank && pin.rank - p.rank < of.window);
            let before = problem
                .history
                .iter()
                .rev()
                .take((of.window - 1).saturating_sub(pin.rank));
            for value in &values[pin.candidate as usize] {
                let pinned = others
                    .clone()
                    .filter(|p| values[p.candidate as usize].contains(value))
                    .count();
                let shown = before
                    .clone()
                    .filter(|h| h.values[of.attribute].contains(value))
                    .count();
                if pinned + shown >= of.max {
                    found.push(Contradiction::PinsRule {
                        rule,
                        rank: pin.rank,
                        value: *value,
                    });
                    break;
                }
            }
        }
    }
    found
}

fn quotas(problem: &Problem, prepared: &Prepared) -> Vec<Contradiction> {
    let pinned = prepared.pins.iter().filter_map(|p| match p {
        Place::Pinned(_, candidate) => Some(*candidate),
        Place::Free | Place::Blocked => None,
    });
    let all: Vec<u32> = prepared.sorted.iter().copied().chain(pinned).collect();
    let impossible = |quota: &usize| {
        let q = &problem.quotas[*quota];
        let values = &problem.attributes[q.attribute].values;
        let first = q.first.unwrap_or(problem.k).min(problem.k);
        let has = |c: u32| values[c as usize].contains(&q.value);
        let forced = problem
            .pins
            .iter()
            .filter(|p| p.rank < first && has(p.candidate))
            .count();
        let most = q.max.unwrap_or(usize::MAX);
        let most = most.min(first).min(all.iter().filter(|c| has(**c)).count());
        q.min > most || q.max.is_some_and(|max| forced > max)
    };
    (0..problem.quotas.len())
        .filter(impossible)
        .map(|quota| Contradiction::Quota { quota })
        .collect()
}
