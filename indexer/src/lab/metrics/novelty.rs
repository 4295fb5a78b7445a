//! How little known what is shown is, by the history of all readers.
//!
//! |U| is the number of readers with a history, |Uᵢ| of those who had item i. Invariant: an item that nobody had counts
//! as if one reader had, where a logarithm is taken.

use super::{List, discount, mean};

/// MIUF@K = the mean over places of −log₂(|Uᵢ|/|U|), in bits. Equal to RecTools.
pub(super) fn miuf(list: &List<'_>) -> Option<f64> {
    let seen = list.data.seen.as_ref()?;
    let bits = |readers: u32| -(f64::from(readers.max(1)) / seen.users.max(1) as f64).log2();
    Some(mean(list.items.iter().map(|item| bits(seen.readers(*item)))))
}

/// EPC@K = Σ disc(i) relᵢ (1 − |Uᵢ|/|U|) / Σ disc(i) (Vargas & Castells 2011).
pub(super) fn epc(list: &List<'_>) -> Option<f64> {
    let seen = list.data.seen.as_ref()?;
    Some(expected(list, |item| {
        1.0 - f64::from(seen.readers(item)) / seen.users.max(1) as f64
    }))
}

/// EFD@K = −Σ disc(i) relᵢ log₂(acts on i / all acts) / Σ disc(i) (Vargas & Castells 2011), in bits.
pub(super) fn efd(list: &List<'_>) -> Option<f64> {
    let seen = list.data.seen.as_ref()?;
    Some(expected(list, |item| {
        -(f64::from(seen.acts(item).max(1)) / seen.total.max(1) as f64).log2()
    }))
}

fn expected(list: &List<'_>, novelty: impl Fn(super::Item) -> f64) -> f64 {
    let discounts: f64 = (1..=list.items.len()).map(discount).sum();
    let sum: f64 = list
        .hits()
        .map(|place| discount(place) * novelty(list.items[place - 1]))
        .sum();
    if discounts > 0.0 { sum / discounts } else { 0.0 }
}

/// Serendipity@K = the mean over places of relᵢ · max(p(i) − pᵤ(i), 0), as in RecTools: p(i) = (n + 1 − place)/n, pᵤ(i)
/// = (n + 1 − popularity rank)/n, equal counts having one rank, 0 for an item without a history; n is the catalogue.
///
/// Not the measure of Ge et al. 2010, which counts hits outside a primitive list.
pub(super) fn serendipity(list: &List<'_>) -> Option<f64> {
    let seen = list.data.seen.as_ref()?;
    let n = list.data.catalogue? as f64;
    if n == 0.0 {
        return Some(0.0);
    }
    let of_all = |item| {
        seen.popularity_rank(item)
            .map_or(0.0, |rank| (n + 1.0 - f64::from(rank)) / n)
    };
    let at = |place: usize| ((n + 1.0 - place as f64) / n - of_all(list.items[place - 1])).max(0.0);
    let sum: f64 = list.hits().map(at).sum();
    Some(if list.items.is_empty() {
        0.0
    } else {
        sum / list.items.len() as f64
    })
}
