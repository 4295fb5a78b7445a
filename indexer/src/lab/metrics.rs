//! Metrics of lists made anywhere: accuracy, diversity, novelty, calibration, exposure.
//!
//! `florilege-indexer metrics` and the lab's sweeps call [`evaluate`]. Every definition stands at its function, with the
//! library it was checked against. Invariant: a value is finite; a metric whose input is missing is absent.
//!
//! # Conventions
//! - The mean goes over the users of the qrels. A user without a list counts as one with an empty list.
//! - A list is cut at K first. A place that repeats an earlier item of the list is never a hit; it still takes its
//!   place. A list shorter than K is judged as it is: places that are not there gain nothing, and means over places
//!   or pairs (`ild`, `miuf`, `entropy`…) are over those that are there; an empty list has 0.
//! - An item is relevant if its value is above 0. `ndcg` alone uses how much.
//! - A user without a relevant item has 0 in accuracy (ranx does the same; trec_eval leaves the user out).
//! - An item that the catalogue does not know has no genres and is not covered by it.
//! - `calibration_*` leaves out users whose history names no genre: there is nothing to be calibrated to.
//! - Natural logarithms, but for `miuf` and `efd`, which are in bits, and the discounts 1/log₂(place + 1).

use std::cell::OnceCell;
use std::collections::BTreeMap;

use rayon::prelude::*;

mod accuracy;
mod calibration;
mod diversity;
mod exposure;
mod facets;
pub mod input;
mod intent;
pub mod judge;
mod novelty;

use diversity::Shares;
use input::{Data, Item, User};

/// The part of novelty that a repeated genre keeps in α-nDCG and its relatives.
const ALPHA: f64 = 0.5;

/// One user's list, cut, with what each place gains.
struct List<'a> {
    /// The data it is judged by.
    data: &'a Data,
    /// Its user.
    user: &'a User,
    /// The cut.
    k: usize,
    /// What is shown.
    items: &'a [Item],
    /// How relevant each place is; 0 for a repetition.
    gains: &'a [f64],
    shares: OnceCell<Shares>,
    history: OnceCell<Shares>,
}

impl List<'_> {
    /// Places (from 1) that hit.
    fn hits(&self) -> impl Iterator<Item = usize> {
        (1..)
            .zip(self.gains)
            .filter(|(_, gain)| **gain > 0.0)
            .map(|(place, _)| place)
    }

    /// The genres of an item; none where it is unknown.
    fn genres(&self, item: Item) -> &[u32] {
        self.data.genres(item)
    }

    /// The genres of what is shown, reckoned once.
    fn shares(&self) -> &Shares {
        self.shares.get_or_init(|| diversity::shares(self.data, self.items))
    }

    /// The genres of what the user had before, reckoned once.
    fn history_shares(&self) -> &Shares {
        self.history
            .get_or_init(|| diversity::shares(self.data, &self.user.history))
    }
}

/// The discount of a place from 1.
fn discount(place: usize) -> f64 {
    1.0 / (place as f64 + 1.0).log2()
}

/// The mean; 0 of nothing.
fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0_usize), |(sum, count), value| (sum + value, count + 1));
    if count == 0 { 0.0 } else { sum / count as f64 }
}

/// What a metric needs beside lists and qrels.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Needs {
    Nothing,
    Items,
    History,
    Both,
    Facets,
}

type Metric = fn(&List<'_>) -> Option<f64>;

/// Every metric of one list by its name.
const PER_USER: [(&str, Needs, Metric); 30] = [
    ("ndcg", Needs::Nothing, accuracy::ndcg),
    ("precision", Needs::Nothing, accuracy::precision),
    ("recall", Needs::Nothing, accuracy::recall),
    ("recall_liang", Needs::Nothing, accuracy::recall_liang),
    ("hit_rate", Needs::Nothing, accuracy::hit_rate),
    ("map", Needs::Nothing, accuracy::average_precision),
    ("mrr", Needs::Nothing, accuracy::reciprocal_rank),
    ("alpha_dcg", Needs::Items, intent::alpha_dcg),
    ("alpha_ndcg", Needs::Items, intent::alpha_ndcg),
    ("err_ia", Needs::Items, intent::err_ia),
    ("nerr_ia", Needs::Items, intent::nerr_ia),
    ("p_ia", Needs::Items, intent::precision_ia),
    ("srecall", Needs::Items, intent::subtopic_recall),
    ("ild", Needs::Items, diversity::ild),
    ("ild_rank", Needs::Items, diversity::ild_rank),
    ("entropy", Needs::Items, diversity::entropy),
    ("hhi", Needs::Items, diversity::hhi),
    ("effective_genres", Needs::Items, diversity::effective_genres),
    ("clash_rate", Needs::Items, diversity::clash_rate),
    ("adjacency_breaks", Needs::Items, diversity::adjacency_breaks),
    ("longest_run", Needs::Items, diversity::longest_run),
    ("miuf", Needs::History, novelty::miuf),
    ("epc", Needs::History, novelty::epc),
    ("efd", Needs::History, novelty::efd),
    ("serendipity", Needs::Both, novelty::serendipity),
    ("calibration_kl", Needs::Both, calibration::kl),
    ("calibration_js", Needs::Both, calibration::js),
    ("calibration_hellinger", Needs::Both, calibration::hellinger),
    ("radio_calibration", Needs::Both, calibration::radio),
    ("diversity_score", Needs::Facets, facets::diversity_score),
];

/// Every metric at every cut, by a key such as `ndcg@5`.
///
/// Values are means over the users of the qrels; `coverage@K` and `gini@K` are of all their lists together.
pub fn evaluate(data: &Data, cuts: &[usize]) -> BTreeMap<String, f64> {
    let wanted: Vec<_> = PER_USER.iter().filter(|(_, needs, _)| data.has(*needs)).collect();
    let rows: Vec<Vec<Option<f64>>> = data
        .users
        .par_iter()
        .map(|user| {
            let gains = gains(user);
            let of_list = |list: List<'_>| wanted.iter().map(|(_, _, metric)| metric(&list)).collect::<Vec<_>>();
            cuts.iter()
                .flat_map(|k| of_list(list(data, user, &gains, *k)))
                .collect()
        })
        .collect();
    let mut values = BTreeMap::new();
    for (at, k) in cuts.iter().enumerate() {
        for (number, (name, _, _)) in wanted.iter().enumerate() {
            let column = at * wanted.len() + number;
            let value = mean(rows.iter().filter_map(|row| row[column]));
            values.insert(format!("{name}@{k}"), value);
        }
        if data.has(Needs::Items) {
            let exposed = exposure::counts(data, *k);
            values.insert(format!("coverage@{k}"), exposure::coverage(&exposed));
            values.insert(format!("gini@{k}"), exposure::gini(exposed));
        }
        if let Some((gini, kl)) = facets::of_venues(data, *k) {
            values.insert(format!("provider_gini@{k}"), gini);
            values.insert(format!("provider_kl@{k}"), kl);
        }
    }
    values
}

impl Data {
    fn has(&self, needs: Needs) -> bool {
        match needs {
            Needs::Nothing => true,
            Needs::Items => self.catalogue.is_some(),
            Needs::History => self.seen.is_some(),
            Needs::Both => self.catalogue.is_some() && self.seen.is_some(),
            Needs::Facets => self.facets.is_some(),
        }
    }
}

/// What each place of a user's whole list gains.
fn gains(user: &User) -> Vec<f64> {
    let mut shown = std::collections::HashSet::with_capacity(user.list.len());
    user.list
        .iter()
        .map(|item| {
            if shown.insert(*item) {
                user.relevance(*item)
            } else {
                0.0
            }
        })
        .collect()
}

fn list<'a>(data: &'a Data, user: &'a User, gains: &'a [f64], k: usize) -> List<'a> {
    let length = user.list.len().min(k);
    List {
        data,
        user,
        k,
        items: &user.list[..length],
        gains: &gains[..length],
        shares: OnceCell::new(),
        history: OnceCell::new(),
    }
}

#[cfg(test)]
mod tests;
