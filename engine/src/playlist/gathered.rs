//! The candidates of a playlist: its picks, what its rule finds, and the reader's own list behind them.
//!
//! Invariants: each work stands once, a pick as its pick; nothing that fitness, the rule or the territory removes is
//! here.

use rustc_hash::{FxHashMap, FxHashSet};

use super::arranged::Pins;
use super::order::Order;
use super::picks::{self, UnmetPick};
use super::rule::Compiled;
use super::walk;
use crate::catalogue::glance::Glance;
use crate::catalogue::row::{ItemIx, Row};
use crate::editorial::visitor::Visitor;
use crate::editorial::{Playlist, Published};
use crate::invalid::Invalid;
use crate::live::Generation;
use crate::pipeline::pool::{self, Removed, Scored};
use crate::pipeline::{ENOUGH, Query, depths};
use crate::source::{self, Gathered};

/// So many candidates for each place are enough to arrange from.
const CHOICE: usize = 4;

/// How many of the nearest, and of the most booked, of a category are looked at where a rule finds very much.
const LIKELY: usize = 80;

/// Candidates of one page of a playlist.
#[derive(Debug, Clone)]
pub(crate) struct Candidates<'a> {
    /// Each work once, by offer identifier.
    pub(crate) pool: Vec<Scored<'a>>,
    /// What the list is ordered by; relevance where absent.
    pub(crate) order: Option<Vec<f64>>,
    /// Fixed places.
    pub(crate) pins: Pins,
    /// Picks that cannot stand.
    pub(crate) unmet: Vec<UnmetPick>,
    /// How many candidates each filter removed.
    pub(crate) removed: Removed,
}

/// Everything that may stand on a page of `most` places.
pub(crate) fn gather<'a>(
    generation: &'a Generation,
    playlist: &Published<Playlist>,
    query: &Query<'a>,
    visitor: &Visitor,
    most: usize,
) -> Result<Candidates<'a>, Invalid> {
    let order = Order::new(playlist, query, visitor);
    let (picked, unmet) = picks::resolve(query, &playlist.body);
    let mut pool: Vec<Scored<'a>> = picked.iter().map(|one| one.scored).collect();
    let mut works: FxHashSet<ItemIx> = pool.iter().map(|one| one.candidate.offer.item).collect();
    let mut removed = Removed::new();
    for found in follows(generation, playlist, query, &order, most, &mut removed)? {
        if works.insert(found.candidate.offer.item) {
            pool.push(found);
        }
    }
    pool.sort_by(|a, b| a.candidate.offer.id.cmp(&b.candidate.offer.id));
    let order = order.scores(&pool);
    let pins = picks::pins(query, &playlist.body, &picked, &pool, most);
    Ok(Candidates {
        pool,
        order,
        pins,
        unmet,
        removed,
    })
}

/// What follows the picks: what the rule finds, then the reader's own list.
fn follows<'a>(
    generation: &'a Generation,
    playlist: &Published<Playlist>,
    query: &Query<'a>,
    order: &Order,
    most: usize,
    removed: &mut Removed,
) -> Result<Vec<Scored<'a>>, Invalid> {
    let body = &playlist.body;
    let mut found = Vec::new();
    if let Some(rule) = body.rule.as_ref().filter(|_| !body.frozen) {
        let compiled = Compiled::new(
            generation,
            rule,
            playlist.territory.as_deref(),
            query.position,
            query.now,
        );
        found = ordered(generation, &compiled, query, order, most, removed)?;
    }
    if body.tail.is_some() {
        let own = source::gather(query, ENOUGH).rows;
        found.extend(chosen(query, &own, order, most, None, removed));
    }
    Ok(found)
}

/// The best of what a rule finds, by relevance.
pub(crate) fn by_rule<'a>(
    generation: &'a Generation,
    rule: &Compiled<'_>,
    query: &Query<'a>,
    most: usize,
    removed: &mut Removed,
) -> Result<Vec<Scored<'a>>, Invalid> {
    let mut found = ordered(generation, rule, query, &Order::relevance(), most, removed)?;
    found.sort_by(|a, b| a.candidate.offer.id.cmp(&b.candidate.offer.id));
    Ok(found)
}

/// The best of what a rule finds. Of a wide rule by relevance the sources tell the best; where that is too little to
/// choose from, everything is looked at, or of very much the likeliest.
fn ordered<'a>(
    generation: &'a Generation,
    rule: &Compiled<'_>,
    query: &Query<'a>,
    order: &Order,
    most: usize,
    removed: &mut Removed,
) -> Result<Vec<Scored<'a>>, Invalid> {
    if order.is_relevance() && !rule.is_narrow() {
        for depth in depths(most).take_while(|depth| *depth <= ENOUGH) {
            let mut rows = source::gather(query, depth).rows;
            rows.retain(|found| rule.passes(generation, found.row));
            let best = chosen(query, &rows, order, most, Some((generation, rule)), removed);
            if best.len() >= CHOICE * most && (depth == ENOUGH || pool::is_plenty(query, &best)) {
                return Ok(best);
            }
            removed.clear();
        }
    }
    if order.is_popularity() && !rule.is_narrow() {
        let first = walk::most_booked(query, (generation, rule), 2 * most.max(ENOUGH), removed);
        return Ok(cut(one_a_work(first, order), order, most));
    }
    let rows = rule.rows(generation)?;
    if order.is_relevance() {
        let rows: Vec<Gathered> = likeliest(query, rows)
            .into_iter()
            .map(|row| Gathered { row, sources: 0 })
            .collect();
        return Ok(chosen(query, &rows, order, most, None, removed));
    }
    let first = walk::first(query, &rows, order, 2 * most.max(ENOUGH), removed);
    Ok(cut(one_a_work(first, order), order, most))
}

/// Of each category the nearest and the most booked, where there are many more than a list can use.
fn likeliest(query: &Query<'_>, rows: Vec<Row>) -> Vec<Row> {
    let mut categories: Vec<Vec<Row>> = vec![Vec::new(); query.catalogue.taxonomy().categories().count()];
    for row in rows {
        let category = query.catalogue.glance(row).map(Glance::category);
        if let Some(held) = category.and_then(|category| categories.get_mut(category)) {
            held.push(row);
        }
    }
    let booked = |row: Row| {
        query
            .catalogue
            .glance(row)
            .map_or(0, |glance| u64::from(glance.popularity()))
    };
    for held in categories.iter_mut().filter(|held| held.len() > 2 * LIKELY) {
        first_by(query, held, |row| query.farness(row).to_bits());
        first_by(query, &mut held[LIKELY..], |row| u64::MAX - booked(row));
        held.truncate(2 * LIKELY);
    }
    categories.concat()
}

/// Brings the [`LIKELY`] least by a key to the front, ties by identifier.
fn first_by(query: &Query<'_>, rows: &mut [Row], key: impl Fn(Row) -> u64) {
    let id = |row: Row| query.catalogue.offer(row).map(|offer| &offer.id);
    let mut keyed: Vec<(u64, Row)> = rows.iter().map(|row| (key(*row), *row)).collect();
    keyed.select_nth_unstable_by(LIKELY - 1, |a, b| a.0.cmp(&b.0).then_with(|| id(a.1).cmp(&id(b.1))));
    rows.iter_mut().zip(keyed).for_each(|(row, (_, first))| *row = first);
}

/// The fit ones, each work once as its first offer in the order, as many of each category as a page can use. With a
/// rule, other offers of the works that pass it are tried too.
fn chosen<'a>(
    query: &Query<'a>,
    rows: &[Gathered],
    order: &Order,
    most: usize,
    siblings: Option<(&Generation, &Compiled<'_>)>,
    removed: &mut Removed,
) -> Vec<Scored<'a>> {
    let (kept, why) = pool::filter(query, rows);
    for (name, count) in why {
        *removed.entry(name).or_default() += count;
    }
    let mut best = cut(one_a_work(pool::score(query, kept), order), order, most);
    if let Some((generation, rule)) = siblings {
        let rows = others(query, &best, |row| rule.passes(generation, row));
        let (kept, _) = pool::filter(query, &rows);
        best.extend(pool::score(query, kept));
        best = one_a_work(best, order);
    }
    best
}

fn one_a_work<'a>(scored: Vec<Scored<'a>>, order: &Order) -> Vec<Scored<'a>> {
    let mut places: FxHashMap<ItemIx, usize> = FxHashMap::default();
    let mut best: Vec<Scored<'a>> = Vec::with_capacity(scored.len());
    for next in scored {
        let place = *places.entry(next.candidate.offer.item).or_insert(best.len());
        match best.get_mut(place) {
            None => best.push(next),
            Some(first) => {
                let sources = first.sources | next.sources;
                if order.compare(&next, first).is_lt() {
                    *first = next;
                }
                first.sources = sources;
            }
        }
    }
    best
}

/// The first of each category, as many as this page and its reserve can use.
fn cut<'a>(mut scored: Vec<Scored<'a>>, order: &Order, most: usize) -> Vec<Scored<'a>> {
    let share = 2 * most.max(ENOUGH);
    if scored.len() <= share {
        return scored;
    }
    scored.sort_by(|a, b| order.compare(a, b));
    let mut counts = [0usize; 256];
    scored.retain(|one| {
        let count = &mut counts[one.candidate.offer.category.index()];
        *count += 1;
        *count <= share
    });
    scored
}

/// Other offers of the same works that pass, nearest first.
fn others(query: &Query<'_>, best: &[Scored<'_>], passes: impl Fn(Row) -> bool) -> Vec<Gathered> {
    let siblings = |one: &Scored<'_>| {
        let sources = one.sources;
        let rows: Vec<Row> = pool::siblings(query, one, &passes).collect();
        rows.into_iter().map(move |row| Gathered { row, sources })
    };
    best.iter().flat_map(siblings).collect()
}
