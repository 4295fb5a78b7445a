//! The visitor: a reader as audiences, conditions and closures see one.
//!
//! Made once a request, before any document is looked at. Invariants: what the context says wins over what is stored;
//! without consent neither a stored persona nor a segment nor a booking is looked at; what is not known of a visitor is
//! in no audience that asks for it.

use std::collections::BTreeSet;

use jiff::tz::TimeZone;
use serde_json::Value;

use super::audience::{Audience, Schedule};
use super::home::{Conditions, Spent};
use crate::catalogue::row::{OfferRow, VenueIx};
use crate::catalogue::{Catalogue, VenueRow};
use crate::geo::Position;
use crate::ids::UserId;
use crate::pipeline::Query;
use crate::query::Context;
use crate::time::Moment;

/// A visitor without a territory of its own is of the territories of the nearest venue, if it is this near.
const AROUND_M: f64 = 30_000.0;
/// The most places looked at to find that venue.
const PLACES: usize = 64;

/// A reader as audiences see one.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// The personas that lead the mixture; several where they are even.
    pub personas: BTreeSet<String>,
    /// The ages that the visitor may have.
    pub age: Option<(u8, u8)>,
    /// Territories and department.
    pub territories: BTreeSet<String>,
    /// Segments of the booking core.
    pub segments: BTreeSet<String>,
    /// Whether the app knows who it is.
    pub logged_in: bool,
    /// Whether a booking is known.
    pub has_booked: bool,
    /// What is left of the credit, in cents.
    pub credit_cents: Option<u32>,
    /// Where.
    pub position: Option<Position>,
    /// When.
    pub now: Moment,
}

impl Visitor {
    /// The visitor of a request.
    pub fn new(catalogue: &Catalogue, user: Option<&UserId>, context: &Context, now: Moment) -> Self {
        let stored = user.and_then(|id| catalogue.reader(id.as_str()));
        let profile = stored.and_then(|reader| reader.profile.as_deref());
        let personal = stored.filter(|reader| reader.is_personal());
        let agreed = profile.filter(|_| personal.is_some());
        let position = context.position.or_else(|| profile?.position);
        let born = profile.and_then(|profile| profile.birth_year);
        let own = profile
            .iter()
            .flat_map(|profile| profile.territories.iter().chain(&profile.department));
        let mut territories: BTreeSet<String> = own.cloned().collect();
        if territories.is_empty() {
            territories = around(catalogue, position);
        }
        Self {
            personas: personas(context, agreed.and_then(|profile| profile.persona.as_ref())),
            age: context.age.map(|age| (age, age)).or_else(|| ages(born?, now)),
            territories,
            segments: agreed
                .iter()
                .flat_map(|profile| profile.segments.iter().cloned())
                .collect(),
            logged_in: user.is_some(),
            has_booked: personal.is_some_and(|reader| !reader.booked.is_empty()),
            credit_cents: context
                .credit_cents
                .or_else(|| profile?.credit_cents)
                .map(|cents| cents.get()),
            position,
            now,
        }
    }

    /// Takes the persona that the portrait of the reader shows, where nobody says one.
    pub fn know(&mut self, query: &Query<'_>) {
        let Some(portrait) = query.asker().map(|member| &member.portrait) else {
            return;
        };
        if self.personas.is_empty() && portrait.is_personal {
            let named = query
                .catalogue
                .personas()
                .all()
                .iter()
                .map(|persona| persona.id.as_str());
            self.personas = leading(named.zip(portrait.mixture.iter().copied()));
        }
    }

    /// Whether an audience includes the visitor.
    #[must_use]
    pub fn is_in(&self, audience: &Audience) -> bool {
        let any =
            |asked: &[String], own: &BTreeSet<String>| asked.is_empty() || asked.iter().any(|one| own.contains(one));
        let persona =
            audience.personas.is_empty() || audience.personas.iter().any(|id| self.personas.contains(id.as_str()));
        let age = match self.age {
            Some((youngest, oldest)) => audience.ages.includes(Some(youngest)) && audience.ages.includes(Some(oldest)),
            None => audience.ages.includes(None),
        };
        persona
            && age
            && any(&audience.territories, &self.territories)
            && any(&audience.segments, &self.segments)
            && audience.logged_in.is_none_or(|known| known == self.logged_in)
    }

    /// The first of a module's conditions that does not hold; none where all do.
    #[must_use]
    pub fn fails(&self, catalogue: &Catalogue, conditions: &Conditions) -> Option<&'static str> {
        let closed = || {
            conditions
                .closures
                .iter()
                .any(|id| self.is_closed_by(catalogue, id.as_str()))
        };
        let told = [
            (self.is_in(&conditions.audience()), "audience"),
            (conditions.schedule.holds(self.now), "schedule"),
            (
                conditions.has_booked.is_none_or(|booked| booked == self.has_booked),
                "has_booked",
            ),
            (
                conditions.credit_spent.is_none_or(|spent| self.has_spent(spent)),
                "credit_spent",
            ),
            (conditions.closures.is_empty() || closed(), "closures"),
        ];
        told.into_iter().find(|(holds, _)| !holds).map(|(_, name)| name)
    }

    /// Whether a published closure holds where the visitor is.
    fn is_closed_by(&self, catalogue: &Catalogue, id: &str) -> bool {
        let closure = catalogue.editorial().closures().get(id);
        closure.is_some_and(|closure| self.territories.iter().any(|there| closure.body.holds(self.now, there)))
    }

    /// Whether any published closure holds where the visitor is.
    #[must_use]
    pub fn is_closed_in(&self, catalogue: &Catalogue) -> bool {
        let mut closures = catalogue.editorial().closures().iter();
        closures.any(|closure| self.territories.iter().any(|there| closure.body.holds(self.now, there)))
    }

    /// Shares are of what the age is given; what is not known has not been spent.
    fn has_spent(&self, spent: Spent) -> bool {
        let Some(left) = self.credit_cents else { return false };
        let least = spent.left_at_most_cents.is_none_or(|most| left <= most.get());
        if spent.min_percent.is_none() && spent.max_percent.is_none() {
            return least;
        }
        let Some(given) = self.age.and_then(|(_, oldest)| given_cents(oldest)) else {
            return false;
        };
        let percent = 100.0 * (1.0 - f64::from(left.min(given)) / f64::from(given));
        least
            && spent.min_percent.is_none_or(|min| percent >= f64::from(min))
            && spent.max_percent.is_none_or(|max| percent <= f64::from(max))
    }

    /// The clock where the visitor is: that of the nearest venue, else of the territory, else of the catalogue.
    #[must_use]
    pub fn zone(&self, catalogue: &Catalogue, territory: Option<&str>) -> TimeZone {
        let near = self
            .position
            .and_then(|position| nearest(catalogue, position, f64::INFINITY));
        let of = |venue: &&VenueRow| territory.is_some_and(|territory| is_of(catalogue, venue, territory));
        let found = near
            .or_else(|| catalogue.venues().find(of))
            .or_else(|| catalogue.venues().next());
        found.map_or(TimeZone::UTC, |venue| venue.zone.clone())
    }
}

/// What the public credit gives at an age, in cents; nothing is given to others.
const fn given_cents(age: u8) -> Option<u32> {
    match age {
        17 => Some(5_000),
        18..=20 => Some(15_000),
        _ => None,
    }
}

/// Whether an offer stands in a territory: its venue does.
#[must_use]
pub fn stands_in(catalogue: &Catalogue, offer: &OfferRow, territory: &str) -> bool {
    let venue = offer.venue.and_then(|venue: VenueIx| catalogue.venue(venue));
    venue.is_some_and(|venue| is_of(catalogue, venue, territory))
}

/// Whether a venue is of a territory.
pub(crate) fn is_of(catalogue: &Catalogue, venue: &VenueRow, territory: &str) -> bool {
    let named = venue
        .territories
        .iter()
        .any(|word| catalogue.words().text(*word) == territory);
    let department = || venue.document.as_ref().and_then(|venue| venue.department.as_deref());
    named || department() == Some(territory)
}

fn nearest(catalogue: &Catalogue, position: Position, within_m: f64) -> Option<&VenueRow> {
    let places = catalogue.places();
    let near = places
        .nearest(position)
        .take(PLACES)
        .take_while(|(_, metres)| metres.0 <= within_m);
    let mut rows = near.filter_map(|(place, _)| places.get(place)?.rows.first().copied());
    rows.find_map(|row| catalogue.venue(catalogue.offer(row)?.venue?))
}

fn around(catalogue: &Catalogue, position: Option<Position>) -> BTreeSet<String> {
    let Some(venue) = position.and_then(|position| nearest(catalogue, position, AROUND_M)) else {
        return BTreeSet::new();
    };
    let named = venue
        .territories
        .iter()
        .map(|word| catalogue.words().text(*word).to_owned());
    let department = venue.document.as_ref().and_then(|venue| venue.department.clone());
    named.chain(department).collect()
}

/// The personas with the largest share: of the context, else of the profile (a name, or shares by name).
fn personas(context: &Context, stored: Option<&Value>) -> BTreeSet<String> {
    if !context.persona.is_empty() {
        return leading(context.persona.iter().map(|(name, share)| (name.as_str(), *share)));
    }
    match stored {
        Some(Value::String(name)) => BTreeSet::from([name.clone()]),
        Some(Value::Object(shares)) => leading(
            shares
                .iter()
                .filter_map(|(name, share)| Some((name.as_str(), share.as_f64()?))),
        ),
        Some(_) | None => BTreeSet::new(),
    }
}

fn leading<'p>(shares: impl Iterator<Item = (&'p str, f64)> + Clone) -> BTreeSet<String> {
    let most = shares.clone().map(|(_, share)| share).fold(0.0, f64::max);
    let lead = shares.filter(|(_, share)| *share > 0.0 && *share >= most);
    lead.map(|(name, _)| name.to_owned()).collect()
}

/// A year of birth leaves two possible ages.
fn ages(birth_year: u16, now: Moment) -> Option<(u8, u8)> {
    let year = now.timestamp().to_zoned(TimeZone::UTC).year();
    let oldest = u8::try_from(i32::from(year) - i32::from(birth_year)).ok()?;
    Some((oldest.saturating_sub(1), oldest))
}

/// Why a document is not for a visitor now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Closed {
    /// Its schedule has not begun.
    NotBegun,
    /// Its schedule is over.
    Over,
    /// A calendar names it, and none of its events holds now and here.
    Calendar,
    /// It is for others.
    Audience,
}

impl Closed {
    /// Its name in an answer.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotBegun => "not_begun",
            Self::Over => "over",
            Self::Calendar => "calendar",
            Self::Audience => "audience",
        }
    }

    /// Whether schedule and audience keep a document from a visitor, and which.
    pub fn of(visitor: &Visitor, schedule: Schedule, audience: &Audience) -> Option<Self> {
        if schedule.to.is_some_and(|to| to <= visitor.now) {
            return Some(Self::Over);
        }
        if !schedule.holds(visitor.now) {
            return Some(Self::NotBegun);
        }
        (!visitor.is_in(audience)).then_some(Self::Audience)
    }
}
