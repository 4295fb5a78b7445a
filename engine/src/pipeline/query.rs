//! A request with all that the stages need: the reader hydrated, the filters compiled, weights and rules resolved.
//!
//! First stage of the main path. Invariant: what the context says wins over what is stored of the reader; without
//! consent nothing learnt is used.

use rustc_hash::FxHashSet;

use super::asking::Asking;
use super::page::PageState;
use super::placement::Placement;
use crate::catalogue::{Catalogue, Reader};
use crate::event::EventType;
use crate::filter::{Ground, Requested};
use crate::geo::{Metres, Position};
use crate::invalid::{Code, Invalid};
use crate::money::Cents;
use crate::query::RecommendationRequest;
use crate::source::affinity::{Affinity, Seeds};
use crate::time::Moment;

/// Everything that a list is made for.
#[derive(Debug)]
pub struct Query<'a> {
    /// The generation.
    pub catalogue: &'a Catalogue,
    /// The request as it came.
    pub request: &'a RecommendationRequest,
    /// What was shown on the pages before.
    pub page: PageState,
    /// The moment of the answer.
    pub now: Moment,
    /// Breaks ties and draws explorations.
    pub seed: u64,
    /// Where the reader is, where that is known.
    pub position: Option<Position>,
    /// The request's filters.
    pub requested: Requested<'a>,
    /// Ages the reader may have, lowest and highest.
    pub age: Option<(u8, u8)>,
    /// Credit left.
    pub credit: Option<Cents>,
    /// Credit left for digital offers.
    pub digital_credit: Option<Cents>,
    /// Offers and works that may not stand: asked for, booked, hidden.
    pub excluded: Excluded<'a>,
    /// The weights and rules of the list.
    pub placement: Placement<'a>,
    /// What is asked beside the request.
    pub asking: &'a Asking,
    /// The works that the list starts from.
    pub seeds: Seeds,
    /// What is near to those.
    pub affinity: Affinity,
}

/// What may not stand, and why.
#[derive(Debug, Default)]
pub struct Excluded<'a> {
    /// By the request: offers or works.
    pub asked: FxHashSet<&'a str>,
    /// Offers of this visit that were booked or hidden: they and their works are out.
    pub visit: FxHashSet<&'a str>,
    /// By what the reader did before.
    pub reader: Option<&'a Reader>,
}

impl<'a> Query<'a> {
    /// Resolves a checked request against a generation.
    pub fn hydrate(
        catalogue: &'a Catalogue,
        request: &'a RecommendationRequest,
        asking: &'a Asking,
        page: Option<&PageState>,
        now: Moment,
    ) -> Result<Self, Invalid> {
        let context = &request.context;
        let stored = request.user_id.as_ref().and_then(|id| catalogue.reader(id.as_str()));
        let profile = stored.and_then(|reader| reader.profile.as_deref());
        let position = context
            .position
            .or_else(|| profile.and_then(|profile| profile.position));
        let mut ground = Ground::new(&request.filters, position);
        if let Some(radius) = context.radius_m {
            ground.within(Metres(radius));
        }
        check_ground(request, position)?;
        let age = context.age.map(|age| (age, age));
        Ok(Self {
            catalogue,
            request,
            page: page.cloned().unwrap_or_default(),
            now,
            seed: request.seed.unwrap_or(0),
            position: ground.origin,
            requested: Requested::new(catalogue, &request.filters, ground, now.millis()),
            age: age.or_else(|| profile.and_then(|profile| ages(profile.birth_year?, now))),
            credit: context
                .credit_cents
                .or_else(|| profile.and_then(|profile| profile.credit_cents)),
            digital_credit: context
                .digital_credit_cents
                .or_else(|| profile.and_then(|p| p.digital_credit_cents)),
            excluded: Excluded {
                asked: request
                    .exclude
                    .iter()
                    .map(String::as_str)
                    .chain(asking.similar_to.iter().map(|item| item.as_str()))
                    .collect(),
                visit: visit(catalogue, request),
                reader: stored.filter(|reader| reader.is_personal()).map(|reader| &**reader),
            },
            placement: Placement::resolve(catalogue, request, page, profile)?,
            asking,
            seeds: Seeds::new(catalogue, request, asking),
            affinity: Affinity::default(),
        })
    }

    /// How many offers are asked for.
    pub fn limit(&self) -> usize {
        self.request.limit()
    }
}

/// A year of birth leaves two possible ages; each bound of an offer is held against the one that is stricter.
fn ages(birth_year: u16, now: Moment) -> Option<(u8, u8)> {
    let year = now.timestamp().to_zoned(jiff::tz::TimeZone::UTC).year();
    let oldest = u8::try_from(i32::from(year) - i32::from(birth_year)).ok()?;
    Some((oldest.saturating_sub(1), oldest))
}

fn visit<'a>(catalogue: &'a Catalogue, request: &'a RecommendationRequest) -> FxHashSet<&'a str> {
    let out = |kind| matches!(kind, EventType::Booking | EventType::Attendance | EventType::Hide);
    let events = request.context.events.iter().filter(|event| out(event.kind));
    let offers = events.filter_map(|event| event.offer_id.as_ref()).map(|id| id.as_str());
    let item = |id: &str| Some(catalogue.item(catalogue.offer(catalogue.find(id)?)?.item)?.id.as_str());
    offers.flat_map(|id| [Some(id), item(id)]).flatten().collect()
}

fn check_ground(request: &RecommendationRequest, position: Option<Position>) -> Result<(), Invalid> {
    let unplaced = position.is_none() && request.filters.position.is_none();
    for (radius, pointer) in [
        (request.filters.radius_m, "/filters/radius_m"),
        (request.context.radius_m, "/context/radius_m"),
    ] {
        if radius.is_some() && unplaced {
            return Err(Invalid::one(pointer, Code::InvalidValue, "a radius needs a position"));
        }
    }
    Ok(())
}
