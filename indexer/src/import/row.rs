//! One row into one offer and its venues, by the rules of the mapping.
//!
//! Pure, so that rows are taken in parallel. Invariant: what comes out has passed the engine's own check.

use florilege_engine::ids::{ItemId, OfferId, VenueId};
use florilege_engine::offer::{Accessibility, MAX_DESCRIPTION, MAX_TITLE, MAX_WORDS, Offer, Popularity};
use florilege_engine::taxonomy::Taxonomy;
use florilege_engine::venue::Venue;
use serde_json::{Map, Value};

use super::classify::{Classifier, Verdict};
use super::dates::dates;
use super::frame::Row;
use super::mapping::{AgeRules, Mapping, OfferRules, OneOrMany, PopularityRule, Text, VenueRules};
use super::number::{count, decimal};
use super::place::{Place, place};
use super::price::{Said, price};
use super::report::{Mended, Reason};
use super::text::shorten;
use super::value::{add_word, all_hold, identifier, text, words};

/// The attribute that says how true a position is.
pub const GEO: &str = "geo";
/// The most venues that one row can stand for.
const MOST_REPEATED: f64 = 10_000.0;

/// What a row gives.
#[derive(Debug, Default)]
pub(super) struct Taken {
    /// Its offer, if the mapping makes any.
    pub(super) offer: Option<Offer>,
    /// Its venues: none, one, or as many as it stands for.
    pub(super) venues: Vec<Venue>,
    /// What had to be mended, with what it was about.
    pub(super) mended: Vec<(Mended, String)>,
}

/// A row that is kept out, and what it was about.
pub(super) type Refused = (Reason, String);

/// Everything that the rows of a source have in common.
pub(super) struct Taker<'a> {
    mapping: &'a Mapping,
    taxonomy: &'a Taxonomy,
    classifier: Option<Classifier<'a>>,
}

impl<'a> Taker<'a> {
    /// For a mapping.
    pub(super) fn new(mapping: &'a Mapping, taxonomy: &'a Taxonomy) -> Self {
        Self {
            mapping,
            taxonomy,
            classifier: mapping.classify.as_ref().map(Classifier::new),
        }
    }

    /// One row.
    pub(super) fn take(&self, row: Row<'_>) -> Result<Taken, Refused> {
        for exclude in &self.mapping.exclude {
            if all_hold(&exclude.when, row) {
                return Err((Reason::Excluded(exclude.reason.clone()), about(self.mapping, row)));
            }
        }
        let mut taken = Taken::default();
        if let Some(rules) = &self.mapping.venue {
            self.venues(rules, row, &mut taken)?;
        }
        if let Some(rules) = &self.mapping.offer {
            let offer = self.offer(rules, row, &mut taken)?;
            offer
                .check(self.taxonomy)
                .map_err(|fault| (Reason::Invalid, format!("{}: {fault}", offer.title)))?;
            taken.offer = Some(offer);
        }
        Ok(taken)
    }

    fn venues(&self, rules: &VenueRules, row: Row<'_>, taken: &mut Taken) -> Result<(), Refused> {
        let number = rules
            .repeat
            .as_deref()
            .map_or(Some(1.0), |column| count(row.cell(column).unwrap_or("1")));
        let number = number.unwrap_or_else(|| {
            taken.mended.push((Mended::BadCount, about(self.mapping, row)));
            1.0
        });
        for each in 1..=number.min(MOST_REPEATED) as u32 {
            let label = each.to_string();
            let row = if rules.repeat.is_some() {
                row.numbered(&label)
            } else {
                row
            };
            match self.venue(rules, row, taken) {
                Ok(venue) => taken.venues.push(venue),
                Err(refused) if self.mapping.offer.is_none() => return Err(refused),
                Err(_) => {}
            }
        }
        Ok(())
    }

    fn venue(&self, rules: &VenueRules, row: Row<'_>, taken: &mut Taken) -> Result<Venue, Refused> {
        let said = |rule: &Option<Text>| rule.as_ref().and_then(|rule| text(rule, row));
        let name = text(&rules.name, row).ok_or_else(|| (Reason::MissingName, about(self.mapping, row)))?;
        let id = identifier(&rules.id, row).ok_or_else(|| (Reason::MissingId, name.clone()))?;
        let place = place(&rules.position, row);
        note_place(&place, &name, self.mapping.offer.is_none(), taken);
        let venue = Venue {
            id: VenueId::new(&id).map_err(|fault| (Reason::MissingId, format!("{fault}: {id}")))?,
            kind: said(&rules.kind),
            position: place.position,
            address: said(&rules.address),
            city: said(&rules.city),
            postal_code: said(&rules.postal_code),
            department: said(&rules.department),
            territories: rules
                .territories
                .as_ref()
                .map_or_else(Vec::new, |rule| words(&OneOrMany(vec![rule.clone()]), row)),
            labels: rules
                .labels
                .as_ref()
                .map_or_else(Vec::new, |rule| words(&OneOrMany(vec![rule.clone()]), row)),
            accessibility: Accessibility::default(),
            time_zone: said(&rules.time_zone),
            opening_hours: None,
            attributes: attributes(&rules.attributes, place.precision, row),
            name,
        };
        venue
            .check(self.taxonomy)
            .map_err(|fault| (Reason::Invalid, format!("{}: {fault}", venue.name)))?;
        Ok(venue)
    }

    fn offer(&self, rules: &OfferRules, row: Row<'_>, taken: &mut Taken) -> Result<Offer, Refused> {
        let title = text(&rules.title, row).ok_or_else(|| (Reason::MissingTitle, about(self.mapping, row)))?;
        let id = identifier(&rules.id, row).ok_or_else(|| (Reason::MissingId, title.clone()))?;
        let id = OfferId::new(&id).map_err(|fault| (Reason::MissingId, format!("{fault}: {id}")))?;
        let verdict = self
            .classifier
            .as_ref()
            .map_or(Verdict::Unclassified, |classifier| classifier.verdict(row));
        let (subcategory, tags, genres) = match verdict {
            Verdict::Is(key, tags, genres) => (key, tags, genres),
            Verdict::Out(reason) => return Err((Reason::Excluded(reason.into()), title)),
            Verdict::Unclassified => return Err((Reason::Unclassified, title)),
        };
        let when = rules.dates.as_ref().map(|rules| dates(rules, row)).transpose();
        let when = when
            .map_err(|(reason, cell)| (reason, format!("{title}: {cell}")))?
            .unwrap_or_default();
        taken
            .mended
            .extend(when.mended.into_iter().map(|mended| (mended, title.clone())));
        let place = place(&rules.position, row);
        note_place(&place, &title, true, taken);
        let (min_age, max_age) = ages(rules.ages.as_ref(), row, taken);
        let offer = Offer {
            id,
            item_id: self.item(rules, row, &title)?,
            venue_id: taken.venues.first().map(|venue| venue.id.clone()),
            description: description(rules, row),
            subcategory: subcategory.into(),
            genres: united(words(&rules.genres, row), genres),
            creators: words(&rules.creators, row),
            tags: united(words(&rules.tags, row), tags),
            labels: words(&rules.labels, row),
            position: place.position,
            price_cents: cents(rules, row, taken),
            dates: when.dates,
            bookable: true,
            stock: None,
            duo: false,
            min_age,
            max_age,
            accessibility: Accessibility::default(),
            language: rules.language.as_ref().and_then(|rule| text(rule, row)),
            image_url: rules.image_url.as_ref().and_then(|rule| text(rule, row)),
            published_at: None,
            booking_opens_at: None,
            linked_offers: Vec::new(),
            popularity: popularity(rules.popularity.as_ref(), row, taken),
            vector: None,
            attributes: attributes(&rules.attributes, place.precision, row),
            updated_at: None,
            title,
        };
        Ok(fitted(offer, taken))
    }

    fn item(&self, rules: &OfferRules, row: Row<'_>, title: &str) -> Result<Option<ItemId>, Refused> {
        let Some(rule) = &rules.item_id else { return Ok(None) };
        let id = identifier(rule, row).ok_or_else(|| (Reason::MissingId, title.to_owned()))?;
        ItemId::new(&id)
            .map(Some)
            .map_err(|fault| (Reason::MissingId, format!("{fault}: {id}")))
    }
}

/// What a row is about, for an example: its title or name, where it has one.
fn about(mapping: &Mapping, row: Row<'_>) -> String {
    let row = row.numbered("1");
    let title = mapping.offer.as_ref().and_then(|rules| text(&rules.title, row));
    let name = || mapping.venue.as_ref().and_then(|rules| text(&rules.name, row));
    title.or_else(name).unwrap_or_default()
}

/// A missing point is told once: of the offer, or of the venue where there is no offer.
fn note_place(place: &Place, name: &str, tells: bool, taken: &mut Taken) {
    if let Some(mended) = place.mended.filter(|_| tells) {
        taken.mended.push((mended, name.into()));
    }
}

fn attributes(
    rules: &std::collections::BTreeMap<String, Text>,
    precision: Option<String>,
    row: Row<'_>,
) -> Map<String, Value> {
    let said = rules
        .iter()
        .filter_map(|(name, rule)| Some((name.clone(), Value::String(text(rule, row)?))));
    said.chain(precision.map(|precision| (GEO.into(), Value::String(precision))))
        .collect()
}

fn description(rules: &OfferRules, row: Row<'_>) -> Option<String> {
    let mut parts: Vec<String> = Vec::new();
    for part in rules.description.0.iter().filter_map(|rule| text(rule, row)) {
        // A long text often begins with the short one.
        match parts.last_mut() {
            Some(last) if part.starts_with(last.as_str()) => *last = part,
            Some(last) if *last == part => {}
            Some(_) | None => parts.push(part),
        }
    }
    (!parts.is_empty()).then(|| parts.join("\n\n"))
}

fn united(mut all: Vec<String>, more: &[String]) -> Vec<String> {
    for word in more {
        add_word(&mut all, word.clone());
    }
    all
}

fn cents(rules: &OfferRules, row: Row<'_>, taken: &mut Taken) -> Option<florilege_engine::money::Cents> {
    let rule = rules.price.as_ref()?;
    let cell = row.cell(&rule.column)?;
    match price(rule, &super::text::clean(cell)) {
        Said::Price(cents) => Some(cents),
        Said::Nothing => None,
        Said::Unread => {
            taken.mended.push((Mended::UnreadPrice, cell.into()));
            None
        }
    }
}

fn ages(rules: Option<&AgeRules>, row: Row<'_>, taken: &mut Taken) -> (Option<u8>, Option<u8>) {
    let Some(rules) = rules else { return (None, None) };
    let mut one = |column: &Option<String>| {
        let cell = row.cell(column.as_deref()?)?;
        let age = decimal(cell)
            .filter(|age| (0.0..=255.0).contains(age))
            .map(|age| age as u8);
        if age.is_none() {
            taken.mended.push((Mended::BadAge, cell.into()));
        }
        age
    };
    let (min, max) = (one(&rules.min), one(&rules.max));
    let (min, max) = (min.filter(|age| *age > 0), max.filter(|age| *age < rules.open_from));
    if min.zip(max).is_some_and(|(min, max)| min > max) {
        taken.mended.push((Mended::BadAge, format!("{min:?} to {max:?}")));
        return (None, None);
    }
    (min, max)
}

/// A count over a period as bookings of 7, 14 and 28 days at the same pace.
fn popularity(rule: Option<&PopularityRule>, row: Row<'_>, taken: &mut Taken) -> Popularity {
    let Some((rule, cell)) = rule.and_then(|rule| Some((rule, row.cell(&rule.column)?))) else {
        return Popularity::default();
    };
    let Some(total) = count(cell) else {
        taken.mended.push((Mended::BadCount, cell.into()));
        return Popularity::default();
    };
    let of_days = |days: f64| (total * days / rule.period_days).round() as u32;
    Popularity {
        bookings_7d: of_days(7.0),
        bookings_14d: of_days(14.0),
        bookings_28d: of_days(28.0),
        likes: 0,
    }
}

/// Texts and lists cut to the engine's limits.
fn fitted(mut offer: Offer, taken: &mut Taken) -> Offer {
    let mut cut = shorten(&mut offer.title, MAX_TITLE);
    if let Some(description) = &mut offer.description {
        cut |= shorten(description, MAX_DESCRIPTION);
    }
    for list in [&mut offer.genres, &mut offer.creators, &mut offer.tags] {
        cut |= list.len() > MAX_WORDS;
        list.truncate(MAX_WORDS);
        for word in list {
            cut |= shorten(word, 256);
        }
    }
    if cut {
        taken.mended.push((Mended::Shortened, offer.title.clone()));
    }
    offer
}
