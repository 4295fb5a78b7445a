//! Who gets which work: the allocation of a page's candidates to its modules.
//!
//! A work can stand once, and several modules may want it. A draft gives each work to the module where it is worth
//! most at the place that it would take there; each module is then arranged exactly over what is its own; what nobody
//! used is offered again until nothing gets better. The page in turn, from top to bottom, is solved beside it and the
//! better of both is taken. Invariants: the answer is never worse than in turn; rounds are bounded; ties go to the
//! upper module, then to the lower identifier.

use rustc_hash::{FxHashMap, FxHashSet};

use super::listed::Listed;
use super::solved::{self, Asks};
use crate::arrange::{Workspace, place_weight};
use crate::catalogue::row::ItemIx;
use crate::invalid::Invalid;
use crate::pipeline::soft::Arranged;

/// How often what nobody used is offered again.
const ROUNDS: usize = 2;

/// How a page is solved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Means {
    /// Every module knows of the others.
    Together,
    /// From top to bottom, each taking the best of what is left.
    InTurn,
    /// Each module as if it stood alone, as apps do that fetch them one by one: works repeat.
    Alone,
}

/// A page's lists, one for each module asked about.
pub(super) type Arrangement = Vec<Option<Arranged>>;

/// Solves these modules.
pub(super) fn solve(
    lists: &[&Listed<'_>],
    means: Means,
    workspace: &mut Workspace,
) -> Result<(Arrangement, Means), Invalid> {
    if means == Means::Alone {
        let alone = lists
            .iter()
            .map(|list| solved::solve(list, |_| false, &Asks::default(), workspace));
        return Ok((alone.collect::<Result<_, _>>()?, means));
    }
    let in_turn = in_turn(lists, &FxHashMap::default(), workspace)?;
    if means == Means::InTurn {
        return Ok((in_turn, means));
    }
    let mut together = self::in_turn(lists, &draft(lists), workspace)?;
    improve(lists, &mut together, workspace)?;
    if worth(lists, &together) >= worth(lists, &in_turn) {
        Ok((together, Means::Together))
    } else {
        Ok((in_turn, Means::InTurn))
    }
}

/// From top to bottom, each without what stands already and what is another's.
fn in_turn(
    lists: &[&Listed<'_>],
    owners: &FxHashMap<ItemIx, usize>,
    workspace: &mut Workspace,
) -> Result<Arrangement, Invalid> {
    let mut stands: FxHashSet<ItemIx> = FxHashSet::default();
    let mut arrangement = Vec::with_capacity(lists.len());
    for (place, list) in lists.iter().enumerate() {
        let taken = |item: ItemIx| stands.contains(&item) || owners.get(&item).is_some_and(|owner| *owner != place);
        let arranged = solved::solve(list, taken, &Asks::default(), workspace)?;
        stands.extend(solved::works(list, arranged.as_ref()));
        arrangement.push(arranged);
    }
    Ok(arrangement)
}

/// Every module again, over its own and what nobody uses, while that makes a list better.
fn improve(lists: &[&Listed<'_>], arrangement: &mut Arrangement, workspace: &mut Workspace) -> Result<(), Invalid> {
    for _ in 0..ROUNDS {
        let mut better = false;
        for place in 0..lists.len() {
            let others = elsewhere(lists, arrangement, place);
            let again = solved::solve(lists[place], |item| others.contains(&item), &Asks::default(), workspace)?;
            if merit(lists[place], again.as_ref()) > merit(lists[place], arrangement[place].as_ref()) {
                arrangement[place] = again;
                better = true;
            }
        }
        if !better {
            break;
        }
    }
    Ok(())
}

/// The works that stand in the other modules.
pub(super) fn elsewhere(lists: &[&Listed<'_>], arrangement: &Arrangement, place: usize) -> FxHashSet<ItemIx> {
    let others = lists
        .iter()
        .zip(arrangement)
        .enumerate()
        .filter(|(other, _)| *other != place);
    others
        .flat_map(|(_, (list, arranged))| solved::works(list, arranged.as_ref()))
        .collect()
}

/// How good a list is: its length, then its value in what it is ordered by.
fn merit(list: &Listed<'_>, arranged: Option<&Arranged>) -> (usize, f64) {
    let Some(arranged) = arranged else { return (0, 0.0) };
    let scores = list.scores();
    let worth = |(rank, place): (usize, &u32)| place_weight(rank) * scores[*place as usize];
    (
        arranged.slate.places.len(),
        arranged.slate.places.iter().enumerate().map(worth).sum(),
    )
}

/// How good a page is: modules with enough, offers, then value. A module's best offer is worth 1 at its top, and an
/// upper module weighs more than a lower one.
pub(super) fn worth(lists: &[&Listed<'_>], arrangement: &Arrangement) -> (usize, usize, f64) {
    let (mut enough, mut offers, mut value) = (0, 0, 0.0);
    for (place, (list, arranged)) in lists.iter().zip(arrangement).enumerate() {
        let (length, worth) = merit(list, arranged.as_ref());
        enough += usize::from(length >= list.least);
        offers += length;
        value += place_weight(place) * worth / top(list);
    }
    (enough, offers, value)
}

/// The score of a module's best candidate; 1 where there is nothing to divide by.
pub(super) fn top(list: &Listed<'_>) -> f64 {
    let most = list.scores().iter().copied().fold(0.0, f64::max);
    if most > 0.0 { most } else { 1.0 }
}

/// One module in the draft.
struct Drafting {
    /// Candidates, best first.
    order: Vec<u32>,
    next: usize,
    taken: usize,
    categories: [u16; 256],
    cap: u16,
    top: f64,
    weight: f64,
}

/// Gives works to modules, the most valuable gift first: fixed places, then each module as many as it shows, then as
/// many again to choose from.
fn draft(lists: &[&Listed<'_>]) -> FxHashMap<ItemIx, usize> {
    let mut owners: FxHashMap<ItemIx, usize> = FxHashMap::default();
    for (place, list) in lists.iter().enumerate() {
        let pinned = list
            .pins
            .here
            .iter()
            .filter_map(|pin| list.pool.get(pin.candidate as usize));
        pinned.for_each(|one| _ = owners.entry(one.candidate.offer.item).or_insert(place));
    }
    let mut drafting: Vec<Drafting> = lists
        .iter()
        .enumerate()
        .map(|(place, list)| begin(place, list))
        .collect();
    for round in 1..=2 {
        for one in &mut drafting {
            one.next = 0;
            one.cap = if round == 1 { one.cap } else { u16::MAX };
        }
        while let Some((place, item)) = dearest(lists, &mut drafting, &owners, round) {
            owners.insert(item, place);
        }
    }
    owners
}

fn begin(place: usize, list: &Listed<'_>) -> Drafting {
    let scores = list.scores();
    let mut order: Vec<u32> = (0u32..).take(scores.len()).collect();
    order.sort_by(|a, b| scores[*b as usize].total_cmp(&scores[*a as usize]).then(a.cmp(b)));
    let strict = list
        .placement
        .rules
        .iter()
        .any(|rule| rule.strict && rule.by == crate::query::RuleBy::Category);
    let half = u16::try_from(list.most.div_ceil(2)).unwrap_or(u16::MAX);
    Drafting {
        order,
        next: 0,
        taken: 0,
        categories: [0; 256],
        cap: if strict { half } else { u16::MAX },
        top: top(list),
        weight: place_weight(place),
    }
}

/// The gift of most value now, noted in its module.
fn dearest(
    lists: &[&Listed<'_>],
    drafting: &mut [Drafting],
    owners: &FxHashMap<ItemIx, usize>,
    round: usize,
) -> Option<(usize, ItemIx)> {
    let mut best: Option<(f64, usize)> = None;
    for (place, (list, one)) in lists.iter().zip(drafting.iter_mut()).enumerate() {
        if one.taken >= round * list.most {
            continue;
        }
        one.skip(list, owners);
        let Some(next) = one.order.get(one.next) else { continue };
        let value = one.weight * place_weight(one.taken) * list.scores()[*next as usize] / one.top;
        if best.is_none_or(|(most, _)| value > most) {
            best = Some((value, place));
        }
    }
    let (_, place) = best?;
    let one = &mut drafting[place];
    let candidate = &lists[place].pool.get(*one.order.get(one.next)? as usize)?.candidate;
    one.categories[candidate.offer.category.index()] += 1;
    one.taken += 1;
    Some((place, candidate.offer.item))
}

impl Drafting {
    /// Passes over what is given away already, and what the module has enough of in its category.
    fn skip(&mut self, list: &Listed<'_>, owners: &FxHashMap<ItemIx, usize>) {
        while let Some(one) = self
            .order
            .get(self.next)
            .and_then(|place| list.pool.get(*place as usize))
        {
            let offer = one.candidate.offer;
            let free = !owners.contains_key(&offer.item) && self.categories[offer.category.index()] < self.cap;
            if free {
                return;
            }
            self.next += 1;
        }
    }
}
