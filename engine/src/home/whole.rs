//! The page as a whole: which modules stand, floors of exposure, and neighbours that differ.
//!
//! Invariants: a module with too few offers vanishes and what it held is free again; a floor never costs a module its
//! length or a rule; neighbours begin with different categories wherever the lower one can.

use serde::Serialize;

use super::joint::{self, Arrangement, Means};
use super::listed::{Listed, Mark};
use super::solved::{self, Asks};
use crate::arrange::{Quota, Shown, Values, Workspace, place_weight};
use crate::editorial::home::ModuleKind;
use crate::invalid::Invalid;
use crate::pipeline::soft::Arranged;
use crate::query::RuleBy;

/// Shares of a page's offers that are kept for what relevance alone would pass over, where there is any.
const FLOORS: [(Mark, &str, f64); 3] = [
    (Mark::SmallVenue, "small_venue", 0.10),
    (Mark::Labelled, "labelled", 0.10),
    (Mark::Outward, "outward", 0.20),
];

/// What a page is worth, and what it was held to.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Worth {
    /// The sum over its modules of 1/log2(place + 2) times the discounted relevance of the list, in units of the
    /// module's best candidate.
    pub value: f64,
    /// No page of these modules is worth more, even one that shows a work in several of them.
    pub bound: f64,
    /// `together`, or `in_turn` where that was as good.
    pub solver: &'static str,
    /// Shares of the page that are kept for what relevance would pass over.
    pub floors: Vec<Floor>,
}

/// A share of the page that is kept for a kind of offers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Floor {
    /// `small_venue`, `labelled` or `outward`.
    pub mark: &'static str,
    /// How many there should be.
    pub wanted: usize,
    /// How many there are.
    pub shown: usize,
}

/// A solved page.
pub(super) struct Page {
    /// The modules that stand, from top to bottom, by their place in the home.
    pub(super) shown: Vec<usize>,
    /// The others, with the reason.
    pub(super) left_out: Vec<(usize, String)>,
    pub(super) worth: Worth,
}

/// Solves a page of at most `limit` modules; each list gets what was arranged.
pub(super) fn solve(lists: &mut [Listed<'_>], limit: usize, means: Means, personal: bool) -> Result<Page, Invalid> {
    let mut workspace = Workspace::default();
    let mut left_out = Vec::new();
    let mut standing: Vec<usize> = Vec::new();
    for (place, list) in lists.iter().enumerate() {
        if list.pool.len() < list.least || !list.module.kind.is_content() && list.pool.is_empty() {
            left_out.push((list.place, "min_offers".to_owned()));
        } else {
            standing.push(place);
        }
    }
    let (chosen, mut arrangement, solver) = loop {
        let chosen: Vec<&Listed<'_>> = standing.iter().take(limit).map(|place| &lists[*place]).collect();
        let (arrangement, solver) = joint::solve(&chosen, means, &mut workspace)?;
        let short = (0..chosen.len())
            .rev()
            .find(|n| is_short(chosen[*n], arrangement[*n].as_ref()));
        match short {
            None => {
                break (
                    standing.iter().copied().take(limit).collect::<Vec<_>>(),
                    arrangement,
                    solver,
                );
            }
            Some(short) => left_out.push((lists[standing.remove(short)].place, "min_offers".to_owned())),
        }
    };
    left_out.extend(
        standing
            .iter()
            .skip(limit)
            .map(|place| (lists[*place].place, "no_room".to_owned())),
    );
    let views: Vec<&Listed<'_>> = chosen.iter().map(|place| &lists[*place]).collect();
    if means == Means::Together {
        refine(&views, &mut arrangement, personal, &mut workspace)?;
    }
    let worth = worth(&views, &arrangement, solver, personal, &mut workspace)?;
    for (place, arranged) in chosen.iter().zip(arrangement) {
        lists[*place].arranged = arranged;
    }
    Ok(Page {
        shown: chosen.iter().map(|place| lists[*place].place).collect(),
        left_out,
        worth,
    })
}

fn length(arranged: Option<&Arranged>) -> usize {
    arranged.map_or(0, |arranged| arranged.slate.places.len())
}

fn is_short(list: &Listed<'_>, arranged: Option<&Arranged>) -> bool {
    let least = if list.module.kind.is_content() {
        0
    } else {
        list.least.max(1)
    };
    length(arranged) < least
}

/// Floors first, then neighbours, each module at most once for each.
fn refine(
    lists: &[&Listed<'_>],
    arrangement: &mut Arrangement,
    personal: bool,
    workspace: &mut Workspace,
) -> Result<(), Invalid> {
    let mut asks: Vec<Asks> = vec![Asks::default(); lists.len()];
    for (mark, _, share) in FLOORS {
        if mark == Mark::Outward && !personal {
            continue;
        }
        raise(lists, arrangement, &mut asks, mark, share, workspace)?;
    }
    for place in 1..lists.len() {
        let Some(above) = first(lists, arrangement, place - 1) else {
            continue;
        };
        if first(lists, arrangement, place).is_none_or(|own| own != above) {
            continue;
        }
        let mut ask = asks[place].clone();
        ask.above = shown(lists[place], above);
        try_again(lists, arrangement, place, &ask, workspace)?;
    }
    Ok(())
}

/// Brings a kind of offers up to its share, module by module, a third of a module at most.
fn raise(
    lists: &[&Listed<'_>],
    arrangement: &mut Arrangement,
    asks: &mut [Asks],
    mark: Mark,
    share: f64,
    workspace: &mut Workspace,
) -> Result<(), Invalid> {
    for place in 0..lists.len() {
        let missing = wanted(arrangement, share).saturating_sub(counted(lists, arrangement, mark));
        let list = lists[place];
        if missing == 0 || !is_open(list) {
            continue;
        }
        let own = held(list, arrangement[place].as_ref(), mark);
        let more = missing.min(length(arrangement[place].as_ref()).div_ceil(3));
        let Some(attribute) = list.problem.as_ref().map(|problem| problem.attributes.len() - 1) else {
            continue;
        };
        let mut ask = asks[place].clone();
        ask.quotas.push(Quota {
            attribute,
            value: mark as u32,
            min: own + more,
            max: None,
            first: None,
        });
        try_again(lists, arrangement, place, &ask, workspace)?;
        // What was reached stays, whatever comes after.
        let reached = held(list, arrangement[place].as_ref(), mark);
        if let Some(quota) = ask.quotas.last_mut() {
            quota.min = reached;
        }
        asks[place] = ask;
    }
    Ok(())
}

/// Whether a module's list is the engine's to choose.
const fn is_open(list: &Listed<'_>) -> bool {
    !matches!(
        list.module.kind,
        ModuleKind::Playlist | ModuleKind::Content | ModuleKind::Banner
    )
}

/// Solves a module again as asked, and keeps that where it costs neither length nor a rule.
fn try_again(
    lists: &[&Listed<'_>],
    arrangement: &mut Arrangement,
    place: usize,
    asks: &Asks,
    workspace: &mut Workspace,
) -> Result<(), Invalid> {
    let others = joint::elsewhere(lists, arrangement, place);
    let again = solved::solve(lists[place], |item| others.contains(&item), asks, workspace)?;
    let sound = |arranged: &Arranged| {
        (
            arranged.slate.places.len(),
            std::cmp::Reverse(arranged.slate.violations.len()),
        )
    };
    let before = arrangement[place].as_ref().map(sound);
    if again.as_ref().map(sound) >= before {
        arrangement[place] = again;
    }
    Ok(())
}

/// The category of a module's first offer.
fn first(lists: &[&Listed<'_>], arrangement: &Arrangement, place: usize) -> Option<u32> {
    let first = arrangement[place].as_ref()?.slate.places.first()?;
    let offer = lists[place].pool.get(*first as usize)?.candidate.offer;
    u32::try_from(offer.category.index()).ok()
}

/// A category as something shown just above a list whose rules look at categories.
fn shown(list: &Listed<'_>, category: u32) -> Option<Shown> {
    let problem = list.problem.as_ref()?;
    let looked_at = list.placement.rules.iter().find(|rule| rule.by == RuleBy::Category)?;
    let place = problem
        .attributes
        .iter()
        .position(|attribute| attribute.by == crate::pipeline::attributes::name(looked_at.by))?;
    let mut values = vec![Values::new(); problem.attributes.len()];
    values[place] = Values::from_slice(&[category]);
    Some(Shown { values })
}

fn held(list: &Listed<'_>, arranged: Option<&Arranged>, mark: Mark) -> usize {
    let Some(marks) = list.problem.as_ref().and_then(|problem| problem.attributes.last()) else {
        return 0;
    };
    let places = arranged.map_or(&[][..], |arranged| &arranged.slate.places);
    places
        .iter()
        .filter(|place| marks.values[**place as usize].contains(&(mark as u32)))
        .count()
}

fn counted(lists: &[&Listed<'_>], arrangement: &Arrangement, mark: Mark) -> usize {
    lists
        .iter()
        .zip(arrangement)
        .map(|(list, arranged)| held(list, arranged.as_ref(), mark))
        .sum()
}

fn wanted(arrangement: &Arrangement, share: f64) -> usize {
    let offers: usize = arrangement.iter().map(|arranged| length(arranged.as_ref())).sum();
    (offers as f64 * share).ceil() as usize
}

/// What the page is worth, and what each module would be worth alone.
fn worth(
    lists: &[&Listed<'_>],
    arrangement: &Arrangement,
    solver: Means,
    personal: bool,
    workspace: &mut Workspace,
) -> Result<Worth, Invalid> {
    let mut bound = 0.0;
    for (place, list) in lists.iter().enumerate() {
        let alone = solved::solve(list, |_| false, &Asks::default(), workspace)?;
        let most = alone.map_or(0.0, |alone| in_order(list, &alone));
        bound += place_weight(place) * most / joint::top(list);
    }
    let (_, _, value) = joint::worth(lists, arrangement);
    let floors = FLOORS.iter().filter(|(mark, _, _)| personal || *mark != Mark::Outward);
    Ok(Worth {
        value,
        bound: f64::max(bound, value),
        solver: match solver {
            Means::Together => "together",
            Means::InTurn => "in_turn",
            Means::Alone => "alone",
        },
        floors: floors
            .map(|(mark, name, share)| Floor {
                mark: name,
                wanted: wanted(arrangement, *share),
                shown: counted(lists, arrangement, *mark),
            })
            .collect(),
    })
}

/// A proven bound of a list in what it is ordered by.
fn in_order(list: &Listed<'_>, alone: &Arranged) -> f64 {
    if list.order.is_none() {
        return alone.slate.bound;
    }
    let mut best = list.scores().to_vec();
    best.sort_by(|a, b| b.total_cmp(a));
    best.truncate(list.most);
    best.iter()
        .enumerate()
        .map(|(rank, score)| place_weight(rank) * score)
        .sum()
}
