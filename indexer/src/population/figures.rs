//! The figures of a public: a document, read and checked here.
//!
//! Invariant: every number that shapes a generated act stands in `indexer/data/population.toml`, but for what follows from them.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::running;

/// The built-in document.
const BUILT_IN: &str = include_str!("../../data/population.toml");
/// How much a reader who never books comes, against one who does.
pub(super) const IDLE: f64 = 0.1;

/// Why figures are refused.
#[derive(Debug, thiserror::Error)]
pub enum FiguresError {
    /// Not the form.
    #[error("the figures cannot be read: {0}")]
    Form(#[from] toml::de::Error),
    /// A number out of its range.
    #[error("the figures do not hold together: {0} is out of range")]
    Value(&'static str),
}

/// Parts of cinema's bookings made on its days.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CinemaDays {
    /// New films come.
    pub wednesday: f64,
    /// There is time.
    pub saturday: f64,
}

/// Bookings of a kind by category.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Share {
    /// `physical`, `event` or `digital`.
    pub kind: String,
    /// The part of all bookings of each category of that kind.
    pub category: BTreeMap<String, f64>,
}

/// A persona's part and lean.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Persona {
    /// Its identifier.
    pub id: String,
    /// Its part of the public.
    pub share: f64,
    /// How much likelier a category is the one kept to.
    pub main: BTreeMap<String, f64>,
}

/// The whole document.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figures {
    /// Readers who ever book.
    pub active: f64,
    /// Bookings of an account.
    pub bookings: f64,
    /// Readers in priority urban districts.
    pub urban_priority: f64,
    /// Readers in the country.
    pub rural: f64,
    /// How often a reader keeps to the main shelf.
    pub loyalty: f64,
    /// Of the rest, how often it is the second one.
    pub second: f64,
    /// Deviation of the logarithm of activity.
    pub activity: f64,
    /// How often what has a place is of the own department.
    pub near: f64,
    /// How steeply choices fall with rank.
    pub tail: f64,
    /// Offers seen in a visit.
    pub impressions: f64,
    /// Of what is seen.
    pub click: f64,
    /// Of what is opened.
    pub favorite: f64,
    /// Visits with a search.
    pub search: f64,
    /// Of what is opened.
    pub like: f64,
    /// Of what is opened.
    pub dislike: f64,
    /// Of bookings.
    pub cancellation: f64,
    /// Bookings of a visit, over everybody.
    pub books_per_visit: f64,
    /// Cinema's days.
    pub cinema_days: CinemaDays,
    /// Visits by day of the week, Monday first.
    pub week: [f64; 7],
    /// Visits by hour.
    pub day: [f64; 24],
    /// Bookings by kind and category.
    pub share: Vec<Share>,
    /// The personas.
    pub persona: Vec<Persona>,
}

impl Figures {
    /// The compiled-in document.
    ///
    /// # Errors
    /// None that the tests have not excluded.
    pub fn built_in() -> Result<Self, FiguresError> {
        Self::read(BUILT_IN)
    }

    /// A document of the same form.
    ///
    /// # Errors
    /// See [`FiguresError`].
    pub fn read(text: &str) -> Result<Self, FiguresError> {
        let made: Self = toml::from_str(text)?;
        made.check()?;
        Ok(made)
    }

    fn check(&self) -> Result<(), FiguresError> {
        let parts = [
            (self.active, "active"),
            (self.urban_priority, "urban_priority"),
            (self.rural, "rural"),
            (self.loyalty, "loyalty"),
            (self.second, "second"),
            (self.near, "near"),
            (self.click, "click"),
            (self.favorite, "favorite"),
            (self.search, "search"),
            (self.like, "like"),
            (self.dislike, "dislike"),
            (self.cancellation, "cancellation"),
            (self.books_per_visit, "books_per_visit"),
            (self.cinema_days.wednesday + self.cinema_days.saturday, "cinema_days"),
        ];
        if let Some((_, name)) = parts.into_iter().find(|(part, _)| !(0.0..=1.0).contains(part)) {
            return Err(FiguresError::Value(name));
        }
        let above = |number: f64, least: f64| number.is_finite() && number >= least;
        let weights = self.week.iter().chain(&self.day).all(|weight| above(*weight, 1e-6));
        let shares = self.share.iter().flat_map(|share| share.category.values());
        let personas = self.persona.iter().map(|persona| &persona.share);
        let leans = self.persona.iter().flat_map(|persona| persona.main.values());
        match () {
            () if self.active <= 0.0 || self.active_part() < self.books_per_visit => Err(FiguresError::Value("active")),
            () if !weights => Err(FiguresError::Value("week or day")),
            () if !(1.0..=100.0).contains(&self.impressions) => Err(FiguresError::Value("impressions")),
            () if !above(self.tail, 1.0) || !above(self.activity, 0.0) || self.activity > 3.0 => {
                Err(FiguresError::Value("tail or activity"))
            }
            () if self.persona.is_empty() || self.persona.len() > 255 => Err(FiguresError::Value("persona")),
            () if !shares.chain(personas).chain(leans).all(|part| above(*part, 0.0)) => {
                Err(FiguresError::Value("share or persona"))
            }
            () => Ok(()),
        }
    }

    /// The part of visits that are of readers who book.
    pub(super) fn active_part(&self) -> f64 {
        self.active / (self.active + (1.0 - self.active) * IDLE)
    }

    /// Events of a visit, in the mean.
    pub(super) fn events_a_visit(&self) -> f64 {
        let opened = self.books_per_visit + (self.impressions - self.books_per_visit) * self.click;
        let kept = opened * (self.favorite + self.like) + (opened - self.books_per_visit) * self.dislike;
        self.search + self.impressions + opened + kept + self.books_per_visit * (1.0 + self.cancellation)
    }

    /// Running totals of the personas.
    pub(super) fn personas(&self) -> Vec<f64> {
        running(self.persona.iter().map(|persona| persona.share))
    }

    /// Running totals of the hours.
    pub(super) fn hours(&self) -> Vec<f64> {
        running(self.day.iter().copied())
    }
}
