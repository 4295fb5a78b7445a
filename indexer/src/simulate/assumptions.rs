//! What the simulated readers are like: a document, read and checked here.
//!
//! Invariant: every number that shapes a simulated choice stands in `indexer/data/simulation.toml` or in a file of the
//! same form given in its place.

use std::collections::BTreeMap;

use florilege_engine::taxonomy::Taxonomy;
use serde::Deserialize;

/// The built-in document.
const BUILT_IN: &str = include_str!("../../data/simulation.toml");
/// The taste for a category that a persona does not name.
pub const LEFT_OVER: f64 = 0.02;

/// Why a document of assumptions is refused.
#[derive(Debug, thiserror::Error)]
pub enum AssumptionsError {
    /// Not the form.
    #[error("the assumptions cannot be read: {0}")]
    Form(#[from] toml::de::Error),
    /// A number out of its range, or a word that nothing knows.
    #[error("the assumptions do not hold together: {0}")]
    Value(String),
}

/// How far people go, by how much there is around them.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reach {
    /// Metres at which half of the appeal is lost where there is little.
    pub rural: f64,
    /// In between.
    pub town: f64,
    /// Where there is much.
    pub urban: f64,
}

/// How readers of a persona behave.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Persona {
    /// Its identifier.
    pub id: String,
    /// Its share of the public.
    pub share: f64,
    /// Times the distance that halves the appeal.
    pub reach: f64,
    /// Times the sensitivity to prices.
    pub thrift: f64,
    /// The pull of a category never booked; below 1 it repels.
    pub novelty: f64,
    /// The pull of what others book; below 0 it repels.
    pub popularity: f64,
    /// Taste over categories, by their keys.
    pub taste: BTreeMap<String, f64>,
}

/// The whole document.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assumptions {
    /// Visits of a reader in 30 days.
    pub visits_per_month: f64,
    /// Chance to look at the next place.
    pub patience: f64,
    /// Chance to book a perfect offer that is looked at.
    pub eagerness: f64,
    /// Bookings in one visit, at most.
    pub most_a_visit: usize,
    /// Standard deviation of log-taste among readers of a persona.
    pub taste_noise: f64,
    /// Standard deviation of a work's log-appeal for a reader.
    pub work_noise: f64,
    /// Log-appeal of the most popular work over the least.
    pub popularity_pull: f64,
    /// How far a booking moves the taste towards its category.
    pub learning: f64,
    /// Appeal lost when the last five bookings are all of a category.
    pub boredom: f64,
    /// Credit of readers of 16, 17, 18 and 19 years.
    pub credit_cents: [u32; 4],
    /// Of which on digital offers, at most.
    pub digital_cents: u32,
    /// How far people go.
    pub reach: Reach,
    /// The personas.
    pub persona: Vec<Persona>,
}

impl Assumptions {
    /// Those of the repository.
    pub fn built_in(taxonomy: &Taxonomy) -> Result<Self, AssumptionsError> {
        Self::parse(BUILT_IN, taxonomy)
    }

    /// Reads and checks a document.
    pub fn parse(text: &str, taxonomy: &Taxonomy) -> Result<Self, AssumptionsError> {
        let read: Self = toml::from_str(text)?;
        read.check(taxonomy)?;
        Ok(read)
    }

    fn check(&self, taxonomy: &Taxonomy) -> Result<(), AssumptionsError> {
        let shares = [self.patience, self.eagerness, self.learning, self.boredom];
        require(
            shares.iter().all(|share| (0.0..=1.0).contains(share)),
            "patience, eagerness, learning and boredom are between 0 and 1",
        )?;
        let spreads = [self.visits_per_month, self.taste_noise, self.work_noise];
        require(
            spreads.iter().all(|spread| spread.is_finite() && *spread >= 0.0),
            "visits and noises are at least 0",
        )?;
        let ways = [self.reach.rural, self.reach.town, self.reach.urban];
        require(
            ways.iter().all(|way| way.is_finite() && *way > 0.0),
            "reach is more than 0 metres",
        )?;
        require(!self.persona.is_empty(), "there is at least one persona")?;
        for persona in &self.persona {
            let numbers = [persona.share, persona.reach, persona.thrift, persona.novelty];
            let sound = numbers
                .iter()
                .chain(persona.taste.values())
                .all(|number| number.is_finite() && *number > 0.0);
            require(
                sound,
                &format!(
                    "share, reach, thrift, novelty and tastes of {} are more than 0",
                    persona.id
                ),
            )?;
            for category in persona.taste.keys() {
                let known = taxonomy.find_category(category).is_some();
                require(
                    known,
                    &format!(
                        "{} has a taste for {category}, which the taxonomy does not know",
                        persona.id
                    ),
                )?;
            }
        }
        Ok(())
    }
}

fn require(holds: bool, fault: &str) -> Result<(), AssumptionsError> {
    if holds {
        Ok(())
    } else {
        Err(AssumptionsError::Value(fault.into()))
    }
}
