//! Whom, where and when a preview is looked at as.
//!
//! Every preview takes it from its form. Invariant: what cannot be read falls back to the first choice, so a preview
//! always has somebody to be for.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use florilege_engine::geo::Position;
use florilege_engine::live::Generation;
use florilege_engine::money::Cents;
use florilege_engine::persona;
use florilege_engine::query::Context;
use florilege_engine::reason::Language;
use florilege_engine::time::Moment;
use jiff::civil::DateTime;

use super::form::Form;
use super::map::{self, Frame};
use super::page::zone;
use super::words::Lang;

/// The typical readers of the study, in its order.
static PERSONAS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let known = persona::documents();
    known.iter().map(|one| one.id.to_string()).collect()
});
/// How many towns can be chosen.
const TOWNS: usize = 60;
/// The age where none is typed.
const AGE: u8 = 18;
/// The oldest age that can be typed.
const OLDEST: u8 = 120;
/// The credit of a preview, in cents.
const CREDIT: i64 = 15_000;
const DIGITAL_CREDIT: i64 = 10_000;
/// The seed of a preview where none is typed: the same list at each look.
const SEED: u64 = 1;

/// A town that has venues.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Town {
    pub(super) name: String,
    pub(super) lat: f64,
    pub(super) lng: f64,
    venues: usize,
}

impl Town {
    /// As it stands in a form.
    pub(super) fn value(&self) -> String {
        format!("{:.4},{:.4}", self.lat, self.lng)
    }
}

/// The towns with the most venues, by name.
pub(super) fn towns(generation: &Generation) -> Vec<Town> {
    let mut found: BTreeMap<&str, Town> = BTreeMap::new();
    for venue in generation
        .catalogue()
        .venues()
        .filter_map(|venue| venue.document.as_deref())
    {
        let (Some(city), Some(position)) = (&venue.city, venue.position) else {
            continue;
        };
        let town = found.entry(city).or_insert_with(|| Town {
            name: city.clone(),
            lat: position.lat(),
            lng: position.lng(),
            venues: 0,
        });
        town.venues += 1;
    }
    let mut towns: Vec<Town> = found.into_values().collect();
    towns.sort_by(|a, b| b.venues.cmp(&a.venues).then_with(|| a.name.cmp(&b.name)));
    towns.truncate(TOWNS);
    towns.sort_by(|a, b| a.name.cmp(&b.name));
    towns
}

/// Somebody, somewhere, at some moment.
#[derive(Debug, Clone)]
pub(super) struct View {
    /// A typical reader, or nobody in particular.
    pub(super) persona: String,
    /// Years.
    pub(super) age: u8,
    /// Which town, as it stands in the form.
    pub(super) place: String,
    /// A point instead of a town, as it stands in the form.
    pub(super) point: String,
    position: Option<Position>,
    /// When, as it stands in the form; empty is now.
    pub(super) day: String,
    /// When.
    pub(super) now: Moment,
    lang: Lang,
    /// The towns to choose from.
    pub(super) towns: Vec<Town>,
}

impl View {
    /// What a form says.
    pub(super) fn of(form: &Form, lang: Lang, towns: Vec<Town>, clock: Moment) -> Self {
        let first = || towns.iter().max_by_key(|town| town.venues).map(Town::value);
        let place = form
            .some("as_place")
            .map(str::to_owned)
            .or_else(first)
            .unwrap_or_default();
        let (day, point) = (form.get("as_day").to_owned(), form.get("as_point").to_owned());
        Self {
            persona: form.get("as_persona").to_owned(),
            age: form.number("as_age").filter(|age| *age <= OLDEST).unwrap_or(AGE),
            position: position(&point).or_else(|| position(&place)),
            now: moment(&day).unwrap_or(clock),
            place,
            point,
            day,
            lang,
            towns,
        }
    }

    /// Where.
    pub(super) const fn position(&self) -> Option<Position> {
        self.position
    }

    /// The context of a request.
    pub(super) fn context(&self) -> Context {
        Context {
            now: Some(self.now),
            position: self.position,
            age: Some(self.age),
            credit_cents: Cents::new(CREDIT).ok(),
            digital_credit_cents: Cents::new(DIGITAL_CREDIT).ok(),
            persona: self.mixture(),
            language: Some(match self.lang {
                Lang::Fr => Language::Fr,
                Lang::En => Language::En,
            }),
            ..Context::default()
        }
    }

    /// The same moment for another reader.
    pub(super) fn for_reader(&self, persona: &str, age: u8, place: &str) -> Self {
        Self {
            persona: persona.to_owned(),
            age,
            place: place.to_owned(),
            point: String::new(),
            position: position(place),
            day: self.day.clone(),
            now: self.now,
            lang: self.lang,
            towns: Vec::new(),
        }
    }

    fn mixture(&self) -> BTreeMap<String, f64> {
        let persona = Some(&self.persona).filter(|persona| !persona.is_empty());
        persona.map(|persona| (persona.clone(), 1.0)).into_iter().collect()
    }

    /// Typical readers to choose from.
    #[expect(clippy::unused_self, reason = "templates call methods of what they show")]
    pub(super) fn personas(&self) -> &'static [String] {
        &PERSONAS
    }

    /// Maps to choose a point on.
    #[expect(clippy::unused_self, reason = "templates call methods of what they show")]
    pub(super) fn frames(&self) -> &'static [Frame] {
        map::frames()
    }

    /// The seed of a request.
    pub(super) const fn seed(&self) -> u64 {
        SEED
    }

    /// The same view for a link.
    pub(super) fn query(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query
            .append_pair("as_persona", &self.persona)
            .append_pair("as_age", &self.age.to_string())
            .append_pair("as_place", &self.place)
            .append_pair("as_point", &self.point)
            .append_pair("as_day", &self.day);
        query.finish()
    }
}

/// A latitude and a longitude with points, or with commas and something else between them.
fn position(text: &str) -> Option<Position> {
    let parts = text.split(|letter: char| letter == ';' || letter.is_whitespace());
    let mut parts = parts.map(|part| part.trim_matches(',')).filter(|part| !part.is_empty());
    let (first, second, rest) = (parts.next()?, parts.next(), parts.next());
    let (lat, lng) = second.map_or_else(|| first.split_once(','), |second| Some((first, second)))?;
    let (lat, lng) = (lat.replace(',', "."), lng.replace(',', "."));
    rest.is_none().then_some(())?;
    Position::new(lat.trim().parse().ok()?, lng.trim().parse().ok()?).ok()
}

/// A day and a minute as a browser types them, in the studio's zone.
pub(super) fn moment(text: &str) -> Option<Moment> {
    let typed: DateTime = text.parse().ok()?;
    let zoned = typed.to_zoned(zone()).ok()?;
    Some(Moment::with_offset(zoned.timestamp(), zoned.offset()))
}

/// A moment as a browser types it.
pub(super) fn typed(text: &str) -> String {
    let moment: Option<jiff::Timestamp> = text.parse().ok();
    moment.map_or_else(String::new, |at| {
        at.to_zoned(zone()).strftime("%Y-%m-%dT%H:%M").to_string()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_is_read_as_people_type_it() {
        for text in [
            "48.11,-1.68",
            "48.11, -1.68",
            "48,11 -1,68",
            "48.11;-1.68",
            " 48.11 , -1.68 ",
        ] {
            let at = position(text.trim()).expect(text);
            assert!(
                (at.lat() - 48.11).abs() < 1e-9 && (at.lng() + 1.68).abs() < 1e-9,
                "{text}"
            );
        }
        for text in ["", "48.11", "north,west", "91,0", "48.11,-1.68,3"] {
            assert!(position(text).is_none(), "{text}");
        }
    }

    #[test]
    fn times_are_typed_in_the_studios_zone_and_come_back() {
        let summer = moment("2026-07-01T10:30").expect("a time");
        assert_eq!(serde_json::to_value(summer).expect("json"), "2026-07-01T10:30:00+02:00");
        assert_eq!(typed("2026-07-01T10:30:00+02:00"), "2026-07-01T10:30");
        assert_eq!(typed("2026-12-01T09:30:00Z"), "2026-12-01T10:30");
        assert!(moment("tomorrow").is_none() && typed("tomorrow").is_empty());
    }
}
