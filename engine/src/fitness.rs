//! Fitness: what this reader can book, fail closed.
//!
//! The required filters of the main path, in the order in which a trace counts them. A group must pass for each of its
//! members. Two seats cost twice the price, but one can be booked, so one must be paid. Invariant: an unknown age fails
//! any minimum age; an unknown price fails a reader with no credit; unknown credit bounds nothing.

use crate::catalogue::Catalogue;
use crate::catalogue::row::OfferRow;
use crate::filter::{Candidate, Filter};
use crate::money::Cents;
use crate::pipeline::Query;
use crate::query::filters::Need;
use crate::reader::member::Member;
use crate::taxonomy::Kind;

/// The age from which nobody is a minor.
const MAJORITY: u8 = 18;

/// Every filter of a query.
pub fn filters<'q>(query: &'q Query<'_>) -> Vec<Box<dyn Filter + 'q>> {
    vec![
        Box::new(Bookable(query.now.millis())),
        Box::new(Shown(query)),
        Box::new(Wanted(query)),
        Box::new(Age(query)),
        Box::new(Budget(query)),
        Box::new(Accessible(&query.request.context.accessibility)),
        Box::new(DigitalOnly(query.request.context.digital_only)),
        Box::new(Asked(query)),
    ]
}

struct Bookable(i64);

impl Filter for Bookable {
    fn name(&self) -> &'static str {
        "not_bookable"
    }

    fn keeps(&self, candidate: &Candidate<'_>) -> bool {
        candidate.offer.is_bookable(self.0) && !candidate.offer.waiting
    }
}

struct Shown<'q, 'a>(&'q Query<'a>);

impl Filter for Shown<'_, '_> {
    fn name(&self) -> &'static str {
        "shown_before"
    }

    fn keeps(&self, candidate: &Candidate<'_>) -> bool {
        let page = &self.0.page;
        page.shown.is_empty() || !item(self.0.catalogue, candidate.offer).is_some_and(|item| page.has_shown(item))
    }
}

struct Wanted<'q, 'a>(&'q Query<'a>);

impl Filter for Wanted<'_, '_> {
    fn name(&self) -> &'static str {
        "excluded"
    }

    fn keeps(&self, candidate: &Candidate<'_>) -> bool {
        let excluded = &self.0.excluded;
        let (offer, item) = (
            candidate.offer.id.as_str(),
            item(self.0.catalogue, candidate.offer).unwrap_or_default(),
        );
        let named = [&excluded.asked, &excluded.visit]
            .iter()
            .any(|set| set.contains(offer) || set.contains(item));
        let stored = self.0.company.iter().filter_map(|member| member.stored);
        let mut acted = stored.filter(|reader| {
            reader.booked.contains(item) || reader.hidden_items.contains(item) || reader.hidden.contains(offer)
        });
        !named && acted.next().is_none()
    }
}

struct Age<'q, 'a>(&'q Query<'a>);

impl Filter for Age<'_, '_> {
    fn name(&self) -> &'static str {
        "age"
    }

    fn keeps(&self, candidate: &Candidate<'_>) -> bool {
        self.0.company.iter().all(|member| self.suits(candidate.offer, member))
    }
}

impl Age<'_, '_> {
    fn suits(&self, offer: &OfferRow, member: &Member<'_>) -> bool {
        let Some((youngest, oldest)) = member.age else {
            return offer.min_age.is_none();
        };
        crate::filter::is_open_to(offer, youngest, oldest) && (youngest >= MAJORITY || self.open_to_minors(offer))
    }

    /// Some subcategories are closed to minors, or open to them only when free.
    fn open_to_minors(&self, offer: &OfferRow) -> bool {
        let subcategory = self.0.catalogue.taxonomy().subcategory(offer.subcategory);
        if offer.price == Some(Cents::ZERO) {
            subcategory.minors_free
        } else {
            subcategory.minors_paid
        }
    }
}

struct Budget<'q, 'a>(&'q Query<'a>);

impl Filter for Budget<'_, '_> {
    fn name(&self) -> &'static str {
        "budget"
    }

    fn keeps(&self, candidate: &Candidate<'_>) -> bool {
        let offer = candidate.offer;
        let capped = self.0.catalogue.taxonomy().subcategory(offer.subcategory).digital_cap;
        self.0.company.iter().all(|member| pays(member, offer, capped))
    }
}

/// Whether a reader can pay one seat: from the credit, within its digital cap, or whole from one purse that the offer
/// is for. Purses are not added up: a booking is paid from one.
fn pays(member: &Member<'_>, offer: &OfferRow, capped: bool) -> bool {
    let credit = is_affordable(offer, member.credit) && (!capped || is_affordable(offer, member.digital_credit));
    credit
        || member
            .purses
            .iter()
            .any(|(left, filters)| is_affordable(offer, Some(*left)) && filters.misses(offer) == 0)
}

/// Whether what is left pays the price; an unknown price is no free offer.
fn is_affordable(offer: &OfferRow, left: Option<Cents>) -> bool {
    left.is_none_or(|left| offer.price.map_or(left > Cents::ZERO, |price| price <= left))
}

struct Accessible<'q>(&'q [Need]);

impl Filter for Accessible<'_> {
    fn name(&self) -> &'static str {
        "accessibility"
    }

    fn keeps(&self, candidate: &Candidate<'_>) -> bool {
        self.0.iter().all(|need| candidate.offer.meets(*need))
    }
}

struct DigitalOnly(bool);

impl Filter for DigitalOnly {
    fn name(&self) -> &'static str {
        "digital_only"
    }

    fn keeps(&self, candidate: &Candidate<'_>) -> bool {
        !self.0 || candidate.offer.kind == Kind::Digital
    }
}

/// The filters that the request itself names.
struct Asked<'q, 'a>(&'q Query<'a>);

impl Filter for Asked<'_, '_> {
    fn name(&self) -> &'static str {
        "filters"
    }

    fn keeps(&self, candidate: &Candidate<'_>) -> bool {
        self.0.requested.keeps(candidate)
    }
}

fn item<'a>(catalogue: &'a Catalogue, offer: &OfferRow) -> Option<&'a str> {
    catalogue.item(offer.item).map(|item| item.id.as_str())
}
