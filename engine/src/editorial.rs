//! What editors have published, as the engine holds it: one type for each kind of document.
//!
//! Publications come by the log like every change; the pipeline, the search and the feed read them through
//! [`crate::catalogue::Catalogue::editorial`]. Invariants: what stands here is a function of the log; a document that
//! cannot be read is kept, passed over and counted, and never stops anything; what is new must pass [`check`].

pub mod audience;
pub mod calendar;
pub mod closure;
pub mod experiment;
pub mod home;
pub mod labels;
pub mod lint;
pub mod persona;
pub mod playlist;
mod read;
pub mod scenario;
#[cfg(feature = "schema")]
mod schema;
mod shelf;
pub mod synonyms;
pub mod visitor;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use calendar::Calendar;
pub use closure::Closure;
pub use experiment::Experiment;
pub use home::Home;
pub use labels::Label;
pub use lint::lint;
pub use persona::Persona;
pub use playlist::Playlist;
pub use scenario::Scenario;
#[cfg(feature = "schema")]
pub use schema::schema;
pub use shelf::{Published, Shelf};
pub use synonyms::Synonyms;

use crate::document::{DocumentKind, Publication};
use crate::ids::DocumentId;
use crate::invalid::{Code, Faults, Invalid};
use crate::score::FEATURES;
use crate::taxonomy::Taxonomy;

/// The longest text of an editor, in characters.
pub const MAX_TEXT: usize = 10_000;
/// The longest title, in characters.
pub const MAX_TITLE: usize = 1_000;

/// Where a document stands. In a body it is taken and not looked at: the server says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Saved, never published, or taken back since.
    Draft,
    /// Readers see a version of it.
    Published,
    /// Put away.
    Archived,
}

/// What every document has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head<'a> {
    /// Its identifier.
    pub id: &'a DocumentId,
    /// What it is called.
    pub title: &'a str,
    /// Whose it is; none means everywhere.
    pub territory: Option<&'a str>,
}

impl<'a> Head<'a> {
    /// The three of them.
    #[must_use]
    pub const fn new(id: &'a DocumentId, title: &'a str, territory: Option<&'a str>) -> Self {
        Self { id, title, territory }
    }

    fn check(self, faults: &mut Faults) {
        faults.require(!self.title.trim().is_empty(), "/title", Code::InvalidValue, || {
            "a title must not be blank".into()
        });
        faults.limit_text(self.title, MAX_TITLE, "/title");
        let Some(territory) = self.territory else { return };
        faults.limit_text(territory, 256, "/territory");
        faults.require(!territory.trim().is_empty(), "/territory", Code::InvalidValue, || {
            "a territory must not be blank; leave it out for everywhere".into()
        });
    }
}

/// A kind of document: its shape, and what its fields must hold together.
pub trait Body: DeserializeOwned + Serialize + Send + Sync + 'static {
    /// Which kind.
    const KIND: DocumentKind;

    /// Identifier, title, territory.
    fn head(&self) -> Head<'_>;

    /// Bounds, references to the taxonomy, contradictions inside the document. Only what is new is checked: what
    /// stands in the log stands.
    fn check(&self, taxonomy: &Taxonomy, faults: &mut Faults);
}

/// What a body that passed its check says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Its identifier.
    pub id: DocumentId,
    /// What it is called.
    pub title: String,
    /// Whose it is.
    pub territory: Option<String>,
}

/// Reads and checks a body of a kind; every fault has a pointer into it.
pub fn check(kind: DocumentKind, body: &Map<String, Value>, taxonomy: &Taxonomy) -> Result<Summary, Invalid> {
    match kind {
        DocumentKind::Playlists => checked::<Playlist>(body, taxonomy),
        DocumentKind::Homes => checked::<Home>(body, taxonomy),
        DocumentKind::Scenarios => checked::<Scenario>(body, taxonomy),
        DocumentKind::Personas => checked::<Persona>(body, taxonomy),
        DocumentKind::Labels => checked::<Label>(body, taxonomy),
        DocumentKind::Synonyms => checked::<Synonyms>(body, taxonomy),
        DocumentKind::Experiments => checked::<Experiment>(body, taxonomy),
        DocumentKind::Calendars => checked::<Calendar>(body, taxonomy),
        DocumentKind::Closures => checked::<Closure>(body, taxonomy),
    }
}

fn checked<B: Body>(body: &Map<String, Value>, taxonomy: &Taxonomy) -> Result<Summary, Invalid> {
    let body: B = crate::json::from_value(Value::Object(body.clone()))?;
    let mut faults = Faults::default();
    let head = body.head();
    head.check(&mut faults);
    body.check(taxonomy, &mut faults);
    faults.finish()?;
    Ok(Summary {
        id: head.id.clone(),
        title: head.title.to_owned(),
        territory: head.territory.map(str::to_owned),
    })
}

/// Weights name features of the score.
fn check_weight_names(weights: &BTreeMap<String, f64>, faults: &mut Faults) {
    for name in weights.keys() {
        let known = FEATURES.iter().any(|(feature, _)| feature == name);
        let pointer = format!("/weights/{}", crate::json::escape(name));
        faults.require(known, &pointer, Code::UnknownValue, || {
            let names: Vec<&str> = FEATURES.iter().map(|(name, _)| *name).collect();
            format!("the features are {}", names.join(", "))
        });
    }
}

type Key = (DocumentKind, DocumentId);

/// Every published document of a generation; cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Editorial {
    /// As published, for the artefact: nothing that cannot be read is lost.
    kept: imbl::OrdMap<Key, Arc<Publication>>,
    unreadable: imbl::OrdSet<Key>,
    playlists: Shelf<Playlist>,
    homes: Shelf<Home>,
    scenarios: Shelf<Scenario>,
    personas: Shelf<Persona>,
    labels: Shelf<Label>,
    synonyms: Shelf<Synonyms>,
    experiments: Shelf<Experiment>,
    calendars: Shelf<Calendar>,
    closures: Shelf<Closure>,
}

impl Editorial {
    /// Takes what an entry of the log says: a version stands, or nothing any more.
    pub(crate) fn apply(&mut self, publication: &Publication) {
        let key = (publication.kind, publication.id.clone());
        let readable = match publication.kind {
            DocumentKind::Playlists => self.playlists.take(publication),
            DocumentKind::Homes => self.homes.take(publication),
            DocumentKind::Scenarios => self.scenarios.take(publication),
            DocumentKind::Personas => self.personas.take(publication),
            DocumentKind::Labels => self.labels.take(publication),
            DocumentKind::Synonyms => self.synonyms.take(publication),
            DocumentKind::Experiments => self.experiments.take(publication),
            DocumentKind::Calendars => self.calendars.take(publication),
            DocumentKind::Closures => self.closures.take(publication),
        };
        self.unreadable.remove(&key);
        if !readable {
            self.unreadable.insert(key.clone());
        }
        if publication.body.is_some() {
            self.kept.insert(key, Arc::new(publication.clone()));
        } else {
            self.kept.remove(&key);
        }
    }

    /// Every publication that stands, readable or not, by kind and identifier.
    pub fn publications(&self) -> impl Iterator<Item = &Publication> {
        self.kept.values().map(|publication| &**publication)
    }

    /// How many documents stand, readable or not.
    pub fn len(&self) -> usize {
        self.kept.len()
    }

    /// Whether nothing is published.
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// Documents that stand and that this program cannot read.
    pub fn unreadable(&self) -> impl ExactSizeIterator<Item = &(DocumentKind, DocumentId)> {
        self.unreadable.iter()
    }

    /// Playlists.
    pub const fn playlists(&self) -> &Shelf<Playlist> {
        &self.playlists
    }

    /// Homes.
    pub const fn homes(&self) -> &Shelf<Home> {
        &self.homes
    }

    /// Scenarios.
    pub const fn scenarios(&self) -> &Shelf<Scenario> {
        &self.scenarios
    }

    /// Personas.
    pub const fn personas(&self) -> &Shelf<Persona> {
        &self.personas
    }

    /// Labels.
    pub const fn labels(&self) -> &Shelf<Label> {
        &self.labels
    }

    /// Synonyms.
    pub const fn synonyms(&self) -> &Shelf<Synonyms> {
        &self.synonyms
    }

    /// Experiments.
    pub const fn experiments(&self) -> &Shelf<Experiment> {
        &self.experiments
    }

    /// Calendars.
    pub const fn calendars(&self) -> &Shelf<Calendar> {
        &self.calendars
    }

    /// Closures.
    pub const fn closures(&self) -> &Shelf<Closure> {
        &self.closures
    }
}

#[cfg(test)]
mod tests;
