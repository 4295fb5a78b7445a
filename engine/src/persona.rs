//! Personas: typical readers as editable documents, the prior of everything that is personal.
//!
//! Read when a request is hydrated, before any evidence. The eight of the 2020 study are built in
//! (`engine/data/personas.toml`); a published document of the same identifier stands over one, another adds to them.
//! Invariant: compiled personas agree with the taxonomy; every share sums to 1 and no likelihood is 0.

mod compile;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::editorial::{MAX_TEXT, MAX_TITLE, Standing};
use crate::ids::DocumentId;
use crate::invalid::{Code, Faults};
use crate::taxonomy::{CategoryIx, Taxonomy};
pub use compile::Compiled;

const BUILT_IN: &str = include_str!("../data/personas.toml");
/// The most personas that can stand at once; more are not taken in.
pub const MAX_PERSONAS: usize = 64;
/// A reach lies between these, in metres.
const REACH_M: std::ops::RangeInclusive<f64> = 100.0..=500_000.0;

/// How far a persona goes: half of an offer's proximity is lost at this distance.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Reach {
    /// In a dense town, in metres.
    pub dense: f64,
    /// In open country, in metres.
    pub sparse: f64,
}

impl Default for Reach {
    fn default() -> Self {
        Self {
            dense: 3_000.0,
            sparse: 20_000.0,
        }
    }
}

impl Reach {
    /// The half-distance at a place, 0 the densest and 1 open country: in equal steps of ratio.
    pub fn at(self, sparsity: f64) -> f64 {
        self.dense * (self.sparse / self.dense).powf(sparsity.clamp(0.0, 1.0))
    }
}

/// The appetite for each kind of offer, 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Kinds {
    /// Online.
    pub digital: f64,
    /// A thing, or an open door.
    pub physical: f64,
    /// At a place and a time.
    pub event: f64,
}

impl Default for Kinds {
    fn default() -> Self {
        Self {
            digital: 1.0,
            physical: 1.0,
            event: 1.0,
        }
    }
}

/// What a reader lets weigh, each 0 to 1; one half is indifference.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Appetites {
    /// How much a low price counts.
    pub price: f64,
    /// How much others' bookings count.
    pub popularity: f64,
    /// How much being new counts.
    pub novelty: f64,
    /// How much close ones count.
    pub peers: f64,
    /// How much editors' labels count.
    pub editors: f64,
    /// How much of the same is borne.
    pub repetition: f64,
}

impl Appetites {
    /// Indifferent to everything.
    pub const NEUTRAL: Self = Self::all(0.5);

    const fn all(value: f64) -> Self {
        Self {
            price: value,
            popularity: value,
            novelty: value,
            peers: value,
            editors: value,
            repetition: value,
        }
    }

    /// The mean of several, by share; neutral where there is none.
    pub fn mean<'a>(parts: impl Iterator<Item = (f64, &'a Self)>) -> Self {
        let (mut sum, mut total) = (Self::all(0.0), 0.0);
        for (share, part) in parts {
            total += share;
            sum.price += share * part.price;
            sum.popularity += share * part.popularity;
            sum.novelty += share * part.novelty;
            sum.peers += share * part.peers;
            sum.editors += share * part.editors;
            sum.repetition += share * part.repetition;
        }
        if total > 0.0 { sum.over(total) } else { Self::NEUTRAL }
    }

    fn over(self, total: f64) -> Self {
        Self {
            price: self.price / total,
            popularity: self.popularity / total,
            novelty: self.novelty / total,
            peers: self.peers / total,
            editors: self.editors / total,
            repetition: self.repetition / total,
        }
    }
}

/// One persona, as a document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Persona {
    /// Its identifier, such as `curieux`.
    pub id: DocumentId,
    /// What it is called.
    pub title: String,
    /// What it is called in English.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub en: Option<String>,
    /// The server's to say: taken, and not looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Standing>,
    /// Who this is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whose it is; absent means everywhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub territory: Option<String>,
    /// The appetite for each category, 0 to 1; one that is absent is none, none at all is indifference.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub categories: BTreeMap<String, f64>,
    /// The appetite for each kind.
    #[serde(default)]
    pub kinds: Kinds,
    /// The appetite for a subcategory, in place of that for its kind.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub subcategories: BTreeMap<String, f64>,
    /// How far it goes.
    #[serde(default)]
    pub reach_m: Reach,
    /// How much a low price counts.
    #[serde(default = "half")]
    pub price: f64,
    /// How much others' bookings count.
    #[serde(default = "half")]
    pub popularity: f64,
    /// How much being new counts.
    #[serde(default = "half")]
    pub novelty: f64,
    /// How much close ones count.
    #[serde(default = "half")]
    pub peers: f64,
    /// How much editors' labels count.
    #[serde(default = "half")]
    pub editors: f64,
    /// How much of the same is borne.
    #[serde(default = "half")]
    pub repetition: f64,
    /// How fast it is led outwards: the share of a list that leads, once it has practised.
    #[serde(default = "quarter")]
    pub pace: f64,
    /// Whether it is told no reason that speaks of itself.
    #[serde(default, skip_serializing_if = "crate::json::is_default")]
    pub silent: bool,
}

const fn half() -> f64 {
    0.5
}

const fn quarter() -> f64 {
    0.25
}

impl Persona {
    /// Every bound, and every key against the taxonomy.
    pub fn check(&self, taxonomy: &Taxonomy, faults: &mut Faults) {
        let texts = [
            (&self.description, MAX_TEXT, "/description"),
            (&self.en, MAX_TITLE, "/en"),
        ];
        for (text, most, pointer) in texts {
            faults.limit_text(text.as_deref().unwrap_or(""), most, pointer);
        }
        for (key, value) in &self.categories {
            let pointer = format!("/categories/{}", crate::json::escape(key));
            faults.require(
                taxonomy.find_category(key).is_some(),
                &pointer,
                Code::UnknownValue,
                || "no category of the taxonomy".into(),
            );
            unit(faults, *value, &pointer);
        }
        for (key, value) in &self.subcategories {
            let pointer = format!("/subcategories/{}", crate::json::escape(key));
            faults.require(taxonomy.find(key).is_some(), &pointer, Code::UnknownSubcategory, || {
                "no subcategory of the taxonomy".into()
            });
            unit(faults, *value, &pointer);
        }
        self.check_numbers(faults);
    }

    fn check_numbers(&self, faults: &mut Faults) {
        for (value, pointer) in [
            (self.kinds.digital, "/kinds/digital"),
            (self.kinds.physical, "/kinds/physical"),
            (self.kinds.event, "/kinds/event"),
            (self.price, "/price"),
            (self.popularity, "/popularity"),
            (self.novelty, "/novelty"),
            (self.peers, "/peers"),
            (self.editors, "/editors"),
            (self.repetition, "/repetition"),
            (self.pace, "/pace"),
        ] {
            unit(faults, value, pointer);
        }
        for (metres, pointer) in [
            (self.reach_m.dense, "/reach_m/dense"),
            (self.reach_m.sparse, "/reach_m/sparse"),
        ] {
            faults.require(REACH_M.contains(&metres), pointer, Code::InvalidValue, || {
                "between 100 and 500,000 metres".into()
            });
        }
    }

    /// What it lets weigh.
    pub const fn appetites(&self) -> Appetites {
        Appetites {
            price: self.price,
            popularity: self.popularity,
            novelty: self.novelty,
            peers: self.peers,
            editors: self.editors,
            repetition: self.repetition,
        }
    }
}

fn unit(faults: &mut Faults, value: f64, pointer: &str) {
    faults.require((0.0..=1.0).contains(&value), pointer, Code::InvalidValue, || {
        "between 0 and 1".into()
    });
}

/// For each question and answer, the log odds of personas.
type Questionnaire = BTreeMap<String, BTreeMap<String, BTreeMap<String, f64>>>;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    persona: Vec<Persona>,
    questionnaire: Questionnaire,
    next: BTreeMap<String, BTreeMap<String, f64>>,
}

/// Every persona that stands, compiled against a taxonomy, with the questionnaire and the prior of what lies next.
#[derive(Debug)]
pub struct Personas {
    all: Vec<Compiled>,
    questionnaire: Questionnaire,
    /// Row by row: where a reader of a category goes next; each row sums to 1.
    next: Vec<f64>,
    categories: usize,
}

/// The eight of the study as documents, for editors to tune.
pub fn documents() -> Vec<Persona> {
    toml::from_str(BUILT_IN).map_or_else(|_| Vec::new(), |raw: Raw| raw.persona)
}

impl Personas {
    /// The eight of the study.
    ///
    /// # Panics
    /// Never in a tested build: the text is part of the program, and a test reads it.
    #[expect(
        clippy::expect_used,
        reason = "the built-in text is compiled in and checked by a test"
    )]
    pub fn built_in(taxonomy: &Taxonomy) -> Self {
        let raw: Raw = toml::from_str(BUILT_IN).expect("the built-in personas are well formed");
        Self {
            all: raw.persona.iter().map(|one| Compiled::new(one, taxonomy)).collect(),
            questionnaire: raw.questionnaire,
            next: compile::next(&raw.next, taxonomy),
            categories: taxonomy.categories().count(),
        }
    }

    /// The same with the published documents over the built-in ones, in the order of their identifiers.
    #[must_use]
    pub fn with_published<'a>(published: impl Iterator<Item = &'a Persona>, taxonomy: &Taxonomy) -> Self {
        let mut personas = Self::built_in(taxonomy);
        for persona in published {
            let compiled = Compiled::new(persona, taxonomy);
            match personas.find(persona.id.as_str()) {
                Some(known) => personas.all[known] = compiled,
                None if personas.all.len() < MAX_PERSONAS => personas.all.push(compiled),
                None => {}
            }
        }
        personas
    }

    /// Every persona, in a fixed order.
    pub fn all(&self) -> &[Compiled] {
        &self.all
    }

    /// The place of an identifier in [`Personas::all`].
    pub fn find(&self, id: &str) -> Option<usize> {
        self.all.iter().position(|persona| persona.id == id)
    }

    /// A mixture as shares in the order of [`Personas::all`]; unknown identifiers count nothing. `None` where nothing
    /// is left.
    pub fn mixture<'a>(&self, given: impl Iterator<Item = (&'a str, f64)>) -> Option<Vec<f64>> {
        let mut shares = vec![0.0; self.all.len()];
        for (id, share) in given {
            if let Some(place) = self.find(id) {
                shares[place] += share.max(0.0);
            }
        }
        let total: f64 = shares.iter().sum();
        (total.is_finite() && total > 0.0).then(|| shares.iter().map(|share| share / total).collect())
    }

    /// The log odds that an answer of the questionnaire gives each persona, where it is one of the documented.
    pub fn answer(&self, question: &str, answer: &str) -> Option<impl Iterator<Item = (usize, f64)> + '_> {
        let odds = self.questionnaire.get(question)?.get(answer)?;
        Some(odds.iter().filter_map(|(id, odds)| Some((self.find(id)?, *odds))))
    }

    /// Whether the questionnaire asks this.
    pub fn asks(&self, question: &str) -> bool {
        self.questionnaire.contains_key(question)
    }

    /// How likely a step leads from one category to another, before any reader has shown it.
    pub fn next(&self, from: CategoryIx, to: CategoryIx) -> f64 {
        self.next[from.index() * self.categories + to.index()]
    }
}

#[cfg(test)]
mod tests;
