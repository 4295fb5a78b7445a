//! Filters of the contract: what a list or a search is chosen from.
//!
//! Checked here, compiled against a catalogue by [`crate::filter`]. Invariant: a list of values means any of them,
//! `accessibility` all of them; an absent filter keeps everything.

use serde::{Deserialize, Serialize};

use crate::geo::Position;
use crate::ids::{ItemId, VenueId};
use crate::invalid::{Code, Faults};
use crate::money::Cents;
use crate::taxonomy::Kind;
use crate::time::Moment;

/// The most values of one list.
pub const MAX_VALUES: usize = 1_000;
/// The most points of a polygon.
pub const MAX_POLYGON: usize = 10_000;
/// Past half the globe a radius says nothing.
pub const MAX_RADIUS_M: f64 = 20_100_000.0;

/// A range of prices in cents, both ends included.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct PriceRange {
    /// The lowest.
    pub min: Option<Cents>,
    /// The highest.
    pub max: Option<Cents>,
}

/// Some date in `[from, to)`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct DateRange {
    /// The first moment.
    pub from: Option<Moment>,
    /// The first moment after.
    pub to: Option<Moment>,
}

/// Some date whose local time is in `[from, to)`, as `HH:MM`; past midnight where `to` is not after `from`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct TimeOfDay {
    /// The first minute.
    pub from: String,
    /// The first minute after.
    pub to: String,
}

impl TimeOfDay {
    /// Both ends in minutes after midnight, where they are times.
    pub fn minutes(&self) -> Option<(u16, u16)> {
        Some((minutes(&self.from)?, minutes(&self.to)?))
    }
}

/// `HH:MM` (or `HH:MM:SS`) in minutes after midnight; 24:00 is the end of the day.
fn minutes(text: &str) -> Option<u16> {
    let mut parts = text
        .split(':')
        .map(|part| part.parse::<u16>().ok().filter(|_| part.len() == 2));
    let (hour, minute) = (parts.next()??, parts.next()??);
    let rest = parts.next().is_none_or(|second| second.is_some_and(|s| s < 60));
    (rest && parts.next().is_none() && (hour < 24 && minute < 60 || hour == 24 && minute == 0))
        .then_some(hour * 60 + minute)
}

/// An accessibility need.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Need {
    /// For deaf and hard of hearing people.
    Audio,
    /// For people with a mental disability.
    Mental,
    /// For people with a motor disability.
    Motor,
    /// For blind and partially sighted people.
    Visual,
}

/// A box in degrees; it crosses the antimeridian where `west` is east of `east`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct BoundingBox {
    /// The lowest latitude.
    pub south: f64,
    /// The westernmost longitude.
    pub west: f64,
    /// The highest latitude.
    pub north: f64,
    /// The easternmost longitude.
    pub east: f64,
}

/// A polygon of `[lat, lng]` corners. What lies in an even number of its rings is outside.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(untagged)]
pub enum Polygon {
    /// One ring, closed or not; a hole may be reached by a bridge.
    Ring(Vec<[f64; 2]>),
    /// The rim and the holes.
    Rings(Vec<Vec<[f64; 2]>>),
}

impl Polygon {
    /// Its rings.
    pub fn rings(&self) -> impl Iterator<Item = &[[f64; 2]]> {
        let (one, many) = match self {
            Self::Ring(ring) => (Some(ring.as_slice()), &[][..]),
            Self::Rings(rings) => (None, rings.as_slice()),
        };
        one.into_iter().chain(many.iter().map(Vec::as_slice))
    }
}

/// What to choose from; see the contract for each field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "four independent switches, named by the contract"
)]
pub struct Filters {
    /// Any of these categories.
    pub categories: Vec<String>,
    /// Any of these subcategories.
    pub subcategories: Vec<String>,
    /// Any of these search groups.
    pub search_groups: Vec<String>,
    /// Any of these kinds.
    pub kinds: Vec<Kind>,
    /// Any of these genres.
    pub genres: Vec<String>,
    /// Any of these tags.
    pub tags: Vec<String>,
    /// Any of these labels.
    pub labels: Vec<String>,
    /// Any of these venues.
    pub venue_ids: Vec<VenueId>,
    /// Any of these creators.
    pub creators: Vec<String>,
    /// Any of these works.
    pub item_ids: Vec<ItemId>,
    /// A venue in any of these territories.
    pub territories: Vec<String>,
    /// A venue in any of these departments, by their codes; by its postal code where it names none.
    pub departments: Vec<String>,
    /// Any of these languages.
    pub languages: Vec<String>,
    /// A price in this range; an unknown price passes.
    pub price_cents: PriceRange,
    /// Free offers only; an unknown price fails.
    pub free: bool,
    /// Some date in this range; an offer without dates fails.
    pub dates: DateRange,
    /// Some date at this time of day, in the venue's time zone.
    pub time_of_day: Option<TimeOfDay>,
    /// Two seats can be booked at once.
    pub duo: bool,
    /// All of these needs.
    pub accessibility: Vec<Need>,
    /// Open to this age.
    pub age: Option<u8>,
    /// Bookable offers alone.
    pub bookable_only: bool,
    /// Whether digital offers, and those without a place, may stand.
    pub include_digital: bool,
    /// The centre, and the origin of distances.
    pub position: Option<Position>,
    /// Within this many metres of it.
    pub radius_m: Option<f64>,
    /// Within this box.
    pub bounding_box: Option<BoundingBox>,
    /// Within this polygon of `[lat, lng]` corners; a list of rings is a rim and its holes.
    pub polygon: Option<Polygon>,
}

impl Default for Filters {
    fn default() -> Self {
        Self {
            categories: Vec::new(),
            subcategories: Vec::new(),
            search_groups: Vec::new(),
            kinds: Vec::new(),
            genres: Vec::new(),
            tags: Vec::new(),
            labels: Vec::new(),
            venue_ids: Vec::new(),
            creators: Vec::new(),
            item_ids: Vec::new(),
            territories: Vec::new(),
            departments: Vec::new(),
            languages: Vec::new(),
            price_cents: PriceRange::default(),
            free: false,
            dates: DateRange::default(),
            time_of_day: None,
            duo: false,
            accessibility: Vec::new(),
            age: None,
            bookable_only: true,
            include_digital: true,
            position: None,
            radius_m: None,
            bounding_box: None,
            polygon: None,
        }
    }
}

impl Filters {
    /// Whether a place on the ground bounds the result.
    pub fn is_geo_bounded(&self) -> bool {
        self.radius_m.is_some() || self.bounding_box.is_some() || self.polygon.is_some()
    }

    /// Every limit; a value that the catalogue does not know is no fault, it matches nothing.
    pub(crate) fn check(&self, faults: &mut Faults) {
        self.check_lists(faults);
        self.check_ranges(faults);
        self.check_ground(faults);
    }

    fn check_lists(&self, faults: &mut Faults) {
        for (list, pointer) in [
            (&self.categories, "/filters/categories"),
            (&self.subcategories, "/filters/subcategories"),
            (&self.search_groups, "/filters/search_groups"),
            (&self.genres, "/filters/genres"),
            (&self.tags, "/filters/tags"),
            (&self.labels, "/filters/labels"),
            (&self.creators, "/filters/creators"),
            (&self.territories, "/filters/territories"),
            (&self.departments, "/filters/departments"),
            (&self.languages, "/filters/languages"),
        ] {
            faults.limit_words(list, MAX_VALUES, pointer);
        }
        for (count, pointer) in [
            (self.venue_ids.len(), "/filters/venue_ids"),
            (self.item_ids.len(), "/filters/item_ids"),
            (self.kinds.len(), "/filters/kinds"),
            (self.accessibility.len(), "/filters/accessibility"),
        ] {
            faults.require(count <= MAX_VALUES, pointer, Code::TooLarge, || {
                format!("at most {MAX_VALUES} values")
            });
        }
    }

    fn check_ranges(&self, faults: &mut Faults) {
        let price = !matches!((self.price_cents.min, self.price_cents.max), (Some(min), Some(max)) if min > max);
        faults.require(price, "/filters/price_cents/min", Code::InvalidValue, || {
            "min must not be above max".into()
        });
        let dates = !matches!((self.dates.from, self.dates.to), (Some(from), Some(to)) if from > to);
        faults.require(dates, "/filters/dates/from", Code::InvalidValue, || {
            "from must not be after to".into()
        });
        let time = self.time_of_day.as_ref().is_none_or(|time| time.minutes().is_some());
        faults.require(time, "/filters/time_of_day", Code::InvalidValue, || {
            "from and to are times as HH:MM".into()
        });
    }

    fn check_ground(&self, faults: &mut Faults) {
        let radius = self.radius_m.is_none_or(|r| (0.0..=MAX_RADIUS_M).contains(&r));
        faults.require(radius, "/filters/radius_m", Code::InvalidValue, || {
            "between 0 and 20,100,000 metres".into()
        });
        let latitude = |lat: f64| (-90.0..=90.0).contains(&lat);
        let longitude = |lng: f64| (-180.0..=180.0).contains(&lng);
        let boxed = self.bounding_box.is_none_or(|b| {
            latitude(b.south) && latitude(b.north) && longitude(b.west) && longitude(b.east) && b.south <= b.north
        });
        faults.require(boxed, "/filters/bounding_box", Code::InvalidValue, || {
            "south ≤ north in [-90, 90], west and east in [-180, 180]".into()
        });
        let Some(polygon) = &self.polygon else { return };
        let mut all = polygon.rings().flatten();
        let count = polygon.rings().map(<[_]>::len).sum::<usize>() <= MAX_POLYGON;
        let drawn = polygon.rings().next().is_some() && polygon.rings().all(|ring| ring.len() >= 3);
        faults.require(count && drawn, "/filters/polygon", Code::InvalidValue, || {
            format!("3 to {MAX_POLYGON} corners, each ring at least 3")
        });
        let placed = all.all(|[lat, lng]| latitude(*lat) && longitude(*lng));
        faults.require(placed, "/filters/polygon", Code::InvalidValue, || {
            "corners are [lat, lng] in degrees".into()
        });
    }
}
