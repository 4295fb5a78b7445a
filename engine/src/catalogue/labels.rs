//! Labels that published documents give: to what they pick, and to what their rule finds, on their own ground.
//!
//! Under every change of an offer, of its venue and of a label. Invariant: the labels of a row are those that its
//! offer says and those that a standing document gives it, so a function of the state alone.

use super::Catalogue;
use super::row::{OfferRow, Row};
use crate::document::Publication;
use crate::editorial::visitor::stands_in;
use crate::editorial::{Label, Published};
use crate::filter::{Ground, Requested};
use crate::query::Filters;

/// A label document against a catalogue.
struct Gift<'a> {
    catalogue: &'a Catalogue,
    label: &'a Published<Label>,
    rule: Option<Requested<'a>>,
    bit: u64,
}

impl<'a> Gift<'a> {
    /// `filters` are those of [`Label::filters`].
    fn new(catalogue: &'a Catalogue, label: &'a Published<Label>, filters: Option<&'a Filters>) -> Self {
        let requested = |filters| Requested::new(catalogue, filters, Ground::new(filters, None), 0);
        Self {
            catalogue,
            label,
            rule: filters.map(requested),
            bit: catalogue.label_bits([label.body.label()].into_iter()),
        }
    }

    fn to(&self, offer: &OfferRow) -> u64 {
        let territory = self.label.territory.as_deref();
        let given = territory.is_none_or(|territory| stands_in(self.catalogue, offer, territory))
            && (self.picks(offer) || self.rule.as_ref().is_some_and(|rule| rule.misses(offer) == 0));
        if given { self.bit } else { 0 }
    }

    fn picks(&self, offer: &OfferRow) -> bool {
        let picks = &self.label.body.picks;
        let item = || self.catalogue.item(offer.item).map(|item| &item.id);
        !picks.is_empty()
            && picks.iter().any(|pick| {
                pick.offer_id.as_ref() == Some(&offer.id) || pick.item_id.is_some() && pick.item_id.as_ref() == item()
            })
    }
}

impl Catalogue {
    /// Labels as bits, numbered as in the taxonomy.
    pub(super) fn label_bits<'t>(&self, labels: impl Iterator<Item = &'t str>) -> u64 {
        let number = |label: &str| self.taxonomy().labels().iter().position(|known| known == label);
        labels.filter_map(number).fold(0, |bits, n| bits | 1 << n)
    }

    /// What every standing document gives to an offer.
    pub(super) fn given_labels(&self, offer: &OfferRow) -> u64 {
        let givers = self.editorial().labels().iter().filter(|label| label.body.gives());
        givers.fold(0, |bits, label| bits | self.given_by(label, offer))
    }

    fn given_by(&self, label: &Published<Label>, offer: &OfferRow) -> u64 {
        Gift::new(self, label, label.body.filters().as_ref()).to(offer)
    }

    /// A label is published, or leaves: offers that it gives another label than before are derived again.
    pub(super) fn relabel(&mut self, publication: &Publication) {
        let id = publication.id.as_str();
        let before = self.editorial.labels().get(id).cloned();
        self.editorial.apply(publication);
        let after = self.editorial.labels().get(id).cloned();
        let standing = [&before, &after].map(|label| label.as_ref().filter(|label| label.body.gives()));
        let filters = standing.map(|label| label.and_then(|label| label.body.filters()));
        let gifts = [0, 1].map(|n| standing[n].map(|label| Gift::new(self, label, filters[n].as_ref())));
        if gifts.iter().all(Option::is_none) {
            return;
        }
        let given = |n: usize, offer| gifts[n].as_ref().map_or(0, |gift| gift.to(offer));
        let other = self.offers().filter(|(_, offer)| given(0, offer) != given(1, offer));
        let rows: Vec<Row> = other.map(|(row, _)| row).collect();
        drop(gifts);
        self.refresh(&rows);
    }
}

#[cfg(test)]
mod tests;
