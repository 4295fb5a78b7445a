//! Lists judged one by one as they are made, for sweeps over many more lists than a run file could hold.
//!
//! The same functions as [`super::evaluate`]. Invariant: what is judged here and there has the same value.

use super::input::{Data, Item};
use super::{List, Metric, PER_USER};

/// Some metrics of lists of one length.
pub struct Judge<'a> {
    data: &'a Data,
    wanted: Vec<Metric>,
    k: usize,
}

impl std::fmt::Debug for Judge<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Judge of {} metrics at {}", self.wanted.len(), self.k)
    }
}

impl<'a> Judge<'a> {
    /// For metrics by name, in that order; none where one is not known or its input is missing.
    #[must_use]
    pub fn new(data: &'a Data, names: &[&str], k: usize) -> Option<Self> {
        let find = |name: &&str| {
            let known = PER_USER
                .iter()
                .find(|(known, needs, _)| known == name && data.has(*needs));
            known.map(|(_, _, metric)| *metric)
        };
        let wanted = names.iter().map(find).collect::<Option<_>>()?;
        Some(Self { data, wanted, k })
    }

    /// The value of each metric for one user's list; not a number where a user has none.
    #[must_use]
    pub fn row(&self, user: usize, items: &[Item]) -> Vec<f64> {
        let user = &self.data.users[user];
        let items = &items[..items.len().min(self.k)];
        let gains: Vec<f64> = items.iter().map(|item| user.relevance(*item)).collect();
        let list = List {
            data: self.data,
            user,
            k: self.k,
            items,
            gains: &gains,
            shares: std::cell::OnceCell::new(),
            history: std::cell::OnceCell::new(),
        };
        self.wanted
            .iter()
            .map(|metric| metric(&list).unwrap_or(f64::NAN))
            .collect()
    }
}
