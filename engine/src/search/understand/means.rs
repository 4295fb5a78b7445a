//! What words can mean, and the filters that it makes.
//!
//! Invariant: a meaning touches only the filters of its own kind, and is open only where the caller left those alone.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::places::Where;
use super::prices::Price;
use crate::geo::Position;
use crate::ids::VenueId;
use crate::money::Cents;
use crate::query::Filters;
use crate::query::filters::{DateRange, Need, PriceRange, TimeOfDay};
use crate::taxonomy::Kind;

/// How much wider a radius gets at each step, and how often.
pub(super) const WIDER: [f64; 3] = [2.5, 6.0, 15.0];

/// One thing that words mean.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::search) enum Means {
    Around {
        position: Position,
        radius_m: f64,
    },
    Venues(Vec<VenueId>),
    Departments(Vec<String>),
    Dates(DateRange),
    TimeOfDay(TimeOfDay),
    Price(PriceRange),
    Free,
    Age(u8),
    Duo,
    Kinds(Vec<Kind>),
    Accessibility(Vec<Need>),
    /// The words stay, and are met by these names of the taxonomy too.
    Theme {
        words: Vec<String>,
        names: Vec<String>,
    },
    /// Words that ask for nothing.
    Nothing,
}

impl From<Price> for Means {
    fn from(price: Price) -> Self {
        let cents = |cents: Option<u32>| cents.and_then(|cents| Cents::new(i64::from(cents)).ok());
        match price {
            Price::Free => Self::Free,
            Price::Between(min, max) => Self::Price(PriceRange {
                min: cents(min),
                max: cents(max),
            }),
        }
    }
}

impl From<Where> for Means {
    fn from(place: Where) -> Self {
        match place {
            Where::Around { centre, radius } => Self::Around {
                position: centre,
                radius_m: radius.0,
            },
            Where::Venues(ids) => Self::Venues(ids),
            Where::Unknown => Self::Nothing,
        }
    }
}

impl Means {
    /// The offers of some departments.
    pub(super) fn departments(codes: &[&str]) -> Self {
        Self::Departments(codes.iter().map(|code| (*code).to_owned()).collect())
    }

    /// Which filters it touches: two of one number cannot both be read.
    pub(super) fn theme_of_filters(&self) -> u8 {
        match self {
            Self::Nothing => 0,
            Self::Theme { .. } => 1,
            Self::Around { .. } | Self::Venues(_) | Self::Departments(_) => 2,
            Self::Dates(_) => 3,
            Self::TimeOfDay(_) => 4,
            Self::Price(_) | Self::Free => 5,
            Self::Age(_) => 6,
            Self::Duo => 7,
            Self::Kinds(_) => 8,
            Self::Accessibility(_) => 9,
        }
    }

    /// Whether the caller left it to the words.
    pub(super) fn is_open(&self, asked: &Filters) -> bool {
        match self {
            Self::Nothing | Self::Theme { .. } => true,
            Self::Around { .. } | Self::Venues(_) | Self::Departments(_) => {
                let named = [&asked.territories, &asked.departments]
                    .iter()
                    .any(|list| !list.is_empty());
                !asked.is_geo_bounded()
                    && asked.venue_ids.is_empty()
                    && (!named || !matches!(self, Self::Departments(_)))
            }
            Self::Dates(_) => asked.dates == DateRange::default(),
            Self::TimeOfDay(_) => asked.time_of_day.is_none(),
            Self::Price(_) | Self::Free => !asked.free && asked.price_cents == PriceRange::default(),
            Self::Age(_) => asked.age.is_none(),
            Self::Duo => !asked.duo,
            Self::Kinds(_) => asked.kinds.is_empty(),
            Self::Accessibility(_) => asked.accessibility.is_empty(),
        }
    }

    /// Puts it in the filters, the radius so often widened.
    pub(super) fn apply(&self, filters: &mut Filters, widened: usize) {
        match self {
            Self::Nothing | Self::Theme { .. } => {}
            Self::Around { position, radius_m } => {
                let wider = widened
                    .checked_sub(1)
                    .map_or(1.0, |step| WIDER[step.min(WIDER.len() - 1)]);
                filters.position = Some(*position);
                filters.radius_m = Some(radius_m * wider);
                filters.include_digital = false;
            }
            Self::Venues(ids) => filters.venue_ids.clone_from(ids),
            Self::Departments(codes) => {
                filters.departments.clone_from(codes);
                filters.include_digital = false;
            }
            Self::Dates(range) => filters.dates = *range,
            Self::TimeOfDay(time) => filters.time_of_day = Some(time.clone()),
            Self::Price(range) => filters.price_cents = *range,
            Self::Free => filters.free = true,
            Self::Age(years) => filters.age = Some(*years),
            Self::Duo => filters.duo = true,
            Self::Kinds(kinds) => filters.kinds.clone_from(kinds),
            Self::Accessibility(needs) => filters.accessibility.clone_from(needs),
        }
    }

    /// The names of the taxonomy that meet its words.
    pub(super) fn names(&self) -> Option<&Vec<String>> {
        if let Self::Theme { names, .. } = self {
            Some(names)
        } else {
            None
        }
    }

    /// The filters that it makes, as JSON.
    pub(super) fn shown(&self, widened: usize) -> Map<String, Value> {
        let mut filters = Filters::default();
        self.apply(&mut filters, widened);
        let plain = serde_json::to_value(Filters::default()).unwrap_or_default();
        match serde_json::to_value(filters) {
            Ok(Value::Object(all)) => all
                .into_iter()
                .filter(|(name, value)| plain.get(name) != Some(value))
                .collect(),
            Ok(_) | Err(_) => Map::new(),
        }
    }
}
