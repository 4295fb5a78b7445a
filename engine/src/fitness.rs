//! Fitness: what this reader can book, fail closed.
//!
//! The required filters of the main path, in the order in which a trace counts them. A group must pass for each of its
//! members. Two seats cost twice the price, but one can be booked, so one must be paid. Invariant: an unknown age fails
//! any minimum age; an unknown price fails a reader with no credit; unknown credit bounds nothing.

use crate::catalogue::row::OfferRow;
use crate::filter::{Candidate, Filter};
use crate::money::Cents;
use crate::pipeline::Query;
use crate::pipeline::query::Excluded;
use crate::query::filters::Need;
use crate::reader::member::Member;
use crate::taxonomy::Kind;

/// The age from which nobody is a minor.
const MAJORITY: u8 = 18;

/// Every filter of a query that could remove something.
pub fn filters<'q>(query: &'q Query<'_>) -> Vec<Box<dyn Filter + 'q>> {
    let needs = &query.request.context.accessibility;
    let mut filters: Vec<Box<dyn Filter + 'q>> = vec![Box::new(Bookable(query.now.millis()))];
    if !query.page.shown.is_empty() {
        filters.push(Box::new(Shown(query)));
    }
    if !query.excluded.is_empty() {
        filters.push(Box::new(Wanted(&query.excluded)));
    }
    filters.push(Box::new(Age(query)));
    filters.push(Box::new(Budget(query)));
    if !needs.is_empty() {
        filters.push(Box::new(Accessible(needs)));
    }
    if query.request.context.digital_only {
        filters.push(Box::new(DigitalOnly));
    }
    filters.push(Box::new(Asked(query)));
    filters
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
        let item = self.0.catalogue.item(candidate.offer.item);
        !item.is_some_and(|item| self.0.page.has_shown(item.id.as_str()))
    }
}

struct Wanted<'q>(&'q Excluded);

impl Filter for Wanted<'_> {
    fn name(&self) -> &'static str {
        "excluded"
    }

    fn keeps(&self, candidate: &Candidate<'_>) -> bool {
        !self.0.holds(candidate)
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

struct DigitalOnly;

impl Filter for DigitalOnly {
    fn name(&self) -> &'static str {
        "digital_only"
    }

    fn keeps(&self, candidate: &Candidate<'_>) -> bool {
        candidate.offer.kind == Kind::Digital
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
